"""What is due when, as the frontier has it."""

import io
import json
import random
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from tests.archiving import ask, refuses, writing
from tests.crawling import article, crawl, listing, page, staged
from zjcrawl import agenda
from zjcrawl.archive import Archive
from zjcrawl.archive.values import moment, stamp
from zjcrawl.cli.schedule import _channels, _looks

LIST = "http://nhnews.zjol.com.cn/"
NEWS = [f"{LIST}202609/t20260914_{number:07}.shtml" for number in range(4)]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three articles, one that waits for another run, and an older list page that is left to it."""
    folder = tmp_path_factory.mktemp("archive")
    pages = {LIST: listing(*NEWS), **{url: article(f"第{n}篇稿") for n, url in enumerate(NEWS[:3])}}
    with staged(pages | {NEWS[3]: page("", 503)}) as proxy:
        assert crawl(proxy, folder, "nhnews").code == 3
    return folder


def test_what_waits_and_what_is_due(archive: Path) -> None:
    with Archive(archive) as held:
        next_look, later = held.value("SELECT min(next_check_at) FROM frontier WHERE article_id IS NOT NULL"), None
        later = held.value("SELECT next_check_at FROM frontier WHERE state = 'pending'")
        (of,) = agenda.by_channel(held, datetime.now(UTC), ["nhnews"])
        assert (of.lists, of.articles, of.articles_from, of.looks, of.next_look) == (1, 1, later, 0, next_look)
        assert of.last_listed is not None
        (after,) = agenda.by_channel(held, datetime.now(UTC) + timedelta(days=60), ["nhnews"])
        assert (after.articles, after.articles_from, after.looks, after.next_look) == (1, None, 3, None)
        due = agenda.by_channel(held, datetime.now(UTC))
        assert [of.channel for of in due if not of.is_idle] == ["nhnews"]
        assert len(due) == 97


def test_a_run_takes_what_is_said_to_be_due(archive: Path, tmp_path: Path) -> None:
    """The same that `crawl` asks the frontier for."""
    with (
        closing(sqlite3.connect(archive / "archive.db")) as here,
        closing(sqlite3.connect(tmp_path / "archive.db")) as to,
    ):
        here.backup(to)
    then = datetime.now(UTC) + timedelta(days=60)
    with Archive(tmp_path) as held:
        (of,) = agenda.by_channel(held, then, ["nhnews"])
    with writing(tmp_path) as writer:
        host = {"nhnews.zjol.com.cn": 100}
        claims = writer.submit(lambda t: t.due(["nhnews"], per_host=host, before=then, limit=100)).result()
    assert len(claims) == of.looks == 3


def test_looks_are_counted_by_hour_and_day_and_none_is_lost(archive: Path, tmp_path: Path) -> None:
    now, dice = datetime(2026, 11, 25, 9, 30, tzinfo=UTC), random.Random(4)
    edges = [timedelta(0), timedelta(hours=1), timedelta(hours=24), timedelta(days=8), timedelta(days=400)]
    around = [edge + timedelta(milliseconds=step) for edge in edges for step in (-1, 1)]
    when = [now + span for span in [*around, *(timedelta(hours=dice.uniform(-9, 300)) for _ in range(300))]]
    with (
        closing(sqlite3.connect(archive / "archive.db")) as here,
        closing(sqlite3.connect(tmp_path / "archive.db")) as to,
    ):
        here.backup(to)
        to.execute("DELETE FROM frontier")
        for number, moment_ in enumerate(when):
            row = (f"http://x/{number}", (number % 2 and "jx") or "nb", stamp(moment_))
            to.execute(
                "INSERT INTO frontier (url, kind, channel, host, state, discovered_at, next_check_at, article_id)"
                " VALUES (?1, 'article', ?2, 'x', 'done', ?3, ?3, 1)",
                row,
            )
        to.commit()
    with Archive(tmp_path) as held:
        for slugs in ([], ["jx"]):
            spans = agenda.spans(held, now, slugs)
            chosen = [m for number, m in enumerate(when) if not slugs or number % 2]
            assert len(spans) == 1 + 24 + 7 + 1
            for span in spans:
                begins, ends = (
                    span.begins or datetime.min.replace(tzinfo=UTC),
                    span.ends or datetime.max.replace(tzinfo=UTC),
                )
                assert span.looks == sum(
                    begins < m <= ends if span.begins is None else begins <= m < ends for m in chosen
                )
            assert sum(span.looks for span in spans) == len(chosen)


def test_the_command_prints_both(archive: Path) -> None:
    told = json.loads(ask(archive, "schedule", "nhnews", "--hours", "2", "--days", "1", "--json"))
    assert [of["channel"] for of in told["channels"]] == ["nhnews"]
    assert len(told["looks"]) == 1 + 2 + 1 + 1
    assert sum(of["looks"] for of in told["looks"]) == 3
    begins = moment(told["looks"][1]["from"])
    assert abs(begins - moment(told["now"])) < timedelta(seconds=1)
    table = ask(archive, "schedule")
    assert "never read yet: 88 channels" in table
    line = next(line for line in table.splitlines() if line.startswith("nhnews"))
    assert line.split()[1] == "1"
    assert "and later" in table


def test_a_narrow_terminal_still_names_channels_and_counts(archive: Path) -> None:
    now = datetime.now(UTC)
    with Archive(archive) as held:
        due = agenda.by_channel(held, now, ["nhnews"])
        looks = agenda.spans(held, now, ["nhnews"], 1, 0)
    out = Console(width=40, file=io.StringIO())
    out.print(_channels(due), _looks(looks, 1, room=4))
    printed = out.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert any(line.startswith("nhnews ") for line in printed)
    assert any(re.search(r"and later +3 +█", line) for line in printed), printed


def test_bad_words_are_refused(archive: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "no channel 'nosuch'" in refuses(capsys, archive, "schedule", "nosuch")
    assert "--hours" in refuses(capsys, archive, "schedule", "--hours", "0")
    assert "there is no archive" in refuses(capsys, tmp_path, "schedule")
