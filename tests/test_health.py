"""Knowing when it is wrong: a field that pages no longer fill is named with its channel, its rates, its day, a sample."""

import io
import json
import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from tests.archiving import SHANGHAI, article, capture, instructions, run, writing
from tests.crawling import article as page
from tests.crawling import crawl, listing, staged
from tests.crawling import page as raw
from zjcrawl import channels, health
from zjcrawl.archive import Archive, ArchiveWriter
from zjcrawl.cli import cli
from zjcrawl.cli.status import _channels
from zjcrawl.health import LEAST_BEFORE, LEAST_SINCE, ails, change, drops, freshness, newest, silences
from zjcrawl.models import Credit
from zjcrawl.recheck import Schedule
from zjcrawl.reparse import reparse

EDITOR = [Credit("editor", "沈正玺", "责任编辑:沈正玺")]
LISTS = "http://nhnews.zjol.com.cn/"


def address(day: datetime, number: int, slug: str = "jx") -> str:
    return f"http://{slug}.zjol.com.cn/{day:%Y%m}/t{day:%Y%m%d}_{number:07}.shtml"


def filled(folder: Path, many: int, *, runs: int = 2, **of: Any) -> None:
    """So many articles, one a quarter of a day, the newest today; `of[field](days ago)` gives a field's value.

    The first run had those before the last 45, if there is more than one.
    """
    newest = datetime(2026, 11, 24, 12, tzinfo=SHANGHAI)
    middle = max(0, many - 45) if runs > 1 else many

    def work(t: Any, numbers: range) -> None:
        for number in numbers:
            ago = (many - number) / 4
            day = newest - timedelta(days=ago)
            values = {name: value(ago) for name, value in of.items()}
            url = address(day, number)
            seen = article(url, published_at=day, **{"credits": EDITOR, "template": "mlf2016"} | values)
            t.store(seen, [t.keep(capture(url, body=b"%d" % number))], url)

    run(folder, lambda t: work(t, range(middle)))
    run(folder, lambda t: work(t, range(middle, many)))


def test_a_redesign_that_hides_the_editor_is_named_with_its_day(tmp_path: Path) -> None:
    filled(tmp_path, 160, credits=lambda ago: [] if ago < 5 else EDITOR)  # within the second run
    with Archive(tmp_path) as archive:
        (drop,) = drops(archive, newest(archive))
    assert (drop.where, drop.field, drop.was, drop.now, drop.since) == ("jx", "editors", 1.0, 0.0, "2026-11-19")
    assert drop.articles == 19
    assert drop.sentence().startswith("jx: editors filled 0% (was 100%) since 2026-11-19: http://jx.zjol.com.cn/")


def test_pages_that_no_template_claims_any_more_are_counted_with_a_sample(tmp_path: Path) -> None:
    filled(tmp_path, 200, template=lambda ago: "labels" if ago <= 10.25 else "mlf2016")
    with Archive(tmp_path) as archive:
        (drop,) = drops(archive, newest(archive))
    assert drop.sentence().startswith("jx: 41 pages claimed by no template since 2026-11-14 (0% before): http://")


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_chance_is_no_drop(rate: float) -> None:
    dice = random.Random(7)
    for _ in range(200):
        assert change([dice.random() < rate for _ in range(300)]) is None


def test_a_few_articles_prove_nothing(tmp_path: Path) -> None:
    assert change([True] * 300 + [False] * 2) is None
    assert change([True] * (LEAST_BEFORE - 1) + [False] * 10) is None
    assert change([True] * 300 + [False] * LEAST_SINCE) == 300
    filled(tmp_path, 30, credits=lambda ago: [] if ago < 1 else EDITOR)
    with Archive(tmp_path) as archive:
        assert drops(archive, newest(archive)) == []


def test_an_old_change_that_an_archive_begins_with_is_history(tmp_path: Path) -> None:
    filled(tmp_path, 160, runs=1, credits=lambda ago: [] if ago < 5 else EDITOR)
    with Archive(tmp_path) as archive:
        assert drops(archive, newest(archive)) == []


def test_older_pages_that_fill_less_are_no_drop(tmp_path: Path) -> None:
    filled(tmp_path, 160, credits=lambda ago: EDITOR if ago < 20 else [])
    with Archive(tmp_path) as archive:
        assert drops(archive, newest(archive)) == []


def test_the_run_that_meets_a_redesign_says_so_and_ends_in_3(tmp_path: Path) -> None:
    newest = datetime(2026, 9, 20, 12, tzinfo=SHANGHAI)
    urls = [address(newest - timedelta(hours=6 * n), 3_000_000 + n, "nhnews") for n in range(60)]

    def known(number: int) -> Any:
        when = f"{newest - timedelta(hours=6 * number):%Y-%m-%d %H:%M:%S}"
        return page(f"第{number}篇文章", "虚构的正文，只为测试而写，什么也没有发生。" * 3, when=when)

    def redesigned(number: int) -> Any:
        when = f"{newest - timedelta(hours=6 * number):%Y-%m-%d %H:%M:%S}"
        text = "虚构的正文，只为测试而写，什么也没有发生。" * 3
        return raw(
            f"<title>第{number}篇文章</title><h1>第{number}篇文章</h1><div>{when}</div><div><p>{text}</p><p>{text}</p></div>"
        )

    pages: dict[str, Any] = {LISTS: listing(*urls[15:])} | {url: known(n) for n, url in enumerate(urls) if n >= 15}
    with staged(pages) as proxy:
        assert crawl(proxy, tmp_path, "nhnews").code == 0
        pages |= {LISTS: listing(*urls)} | {url: redesigned(n) for n, url in enumerate(urls) if n < 15}
        done = crawl(proxy, tmp_path, "nhnews")
    assert done.code == 3
    told = [problem for problem in done.summary["problems"] if problem.startswith("fill rate: nhnews")]
    assert any("pages claimed by no template since 2026-09-17" in problem for problem in told)
    assert any("source filled 0% (was 100%)" in problem for problem in told)
    status = CliRunner().invoke(cli, ["status", "--json", "--archive", str(tmp_path)])
    assert status.exit_code == 3
    told_by_status = json.loads(status.output)
    assert {drop["field"] for drop in told_by_status["drops"]} == {"source", "template"}
    assert told_by_status["fields"]["template"]["mlf2016"]["source"] == 1.0
    assert told_by_status["channels"]["nhnews"]["articles"] == 60


def test_status_of_a_sound_archive_is_0_and_of_an_old_run_3(tmp_path: Path) -> None:
    with staged({LISTS: listing(address(datetime(2026, 9, 14), 1, "nhnews")), address(datetime(2026, 9, 14), 1, "nhnews"): page("一篇")}) as proxy:  # fmt: skip
        assert crawl(proxy, tmp_path, "nhnews").code == 0
    said = CliRunner().invoke(cli, ["status", "--fields", "--archive", str(tmp_path)])
    assert said.exit_code == 0, said.output
    assert "all is well" in said.output
    assert "1 live" in said.output
    assert "times     of Shanghai" in said.output
    with sqlite3.connect(tmp_path / "archive.db") as database:
        database.execute("UPDATE runs SET ended_at = '2020-01-01T00:00:00.000Z'")
    old = CliRunner().invoke(cli, ["status", "--max-age", "3", "--archive", str(tmp_path)])
    assert old.exit_code == 3
    assert "more than 3" in old.output


def test_what_ails_a_run_and_which_data_are_silent_is_decided_by_what_is_known() -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    run = {"id": 7, "command": "crawl jx", "ended_at": None, "at_work": False, "from_warc": False, "age_hours": 5.0}
    stats = {
        "problems": ["fill rate: told by its drop", "channel jx: none"],
        "channels": {"jx": {"listings": {"listed": 1}}},
    }
    assert [*ails(None, {}, None)] == ["no crawl has written to this archive yet: 'zjcrawl crawl' begins"]
    assert [*ails(run | {"at_work": True}, {}, 4)] == []  # a first crawl takes longer than the hours between two
    assert [*ails(run | {"from_warc": True}, {}, None)] == []  # whose end nobody knows
    assert "killed, or the disk refused" in next(ails(run, {}, None))
    assert [told.split(":")[0] for told in ails(run, stats, 4)] == [
        "channel jx",
        "run 7 (crawl jx) has no end",
        "the last crawl was 5 hours ago, more than 4",
    ]
    seen = {"jx": {"last_new": "2026-11-25T06:00:00Z", "last_listed": "2026-11-25T02:00:00Z"}, "nb": {"last_new": None}}
    assert [*silences(seen, stats, 10, now)] == []
    assert [told.split(":")[0] for told in silences(seen, stats, 5, now)] == [
        "no new article came for 6 hours, more than 5",
        "jx",
    ]
    assert [told.split(":")[:2] for told in silences(seen, {}, 12, now)] == [["nb", " no list page came ever"]]


def test_a_run_that_only_its_warc_files_tell_of_was_not_killed(tmp_path: Path) -> None:
    url, now = address(datetime(2026, 11, 24), 1), datetime.now(UTC)
    listed = capture("http://jx.zjol.com.cn/", listing(url).body, fetched_at=now)
    told = capture(url, page("一篇", when="2026-11-24 10:00:00").body, fetched_at=now)
    with ArchiveWriter(tmp_path, command="crawl jx") as writer:
        writer.submit(lambda t: [t.keep(listed), t.keep(told)]).result()
    for path in tmp_path.glob("archive.db*"):
        path.unlink()
    reparse(tmp_path, channels.load(), Schedule(), workers=1)
    words = ["status", "--max-age", "3", "--max-silence", "24", "--archive", str(tmp_path)]
    said = CliRunner().invoke(cli, words)
    assert said.exit_code == 0, said.output
    assert "crawl jx: began 0.0 hours ago; its WARC files do not tell how it ended" in said.output
    with writing(tmp_path):
        assert "at work" not in CliRunner().invoke(cli, words).output
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database, database:
        database.execute("INSERT INTO runs (started_at, command, version) VALUES ('2026-01-01', 'crawl nb', '0.1.0')")
    assert CliRunner().invoke(cli, words).output == said.output  # an earlier run, whatever its number
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database, database:
        database.execute("UPDATE runs SET started_at = '9998-01-01T00:00:00.000Z' WHERE command = 'crawl nb'")
    assert "(crawl nb) has no end: it was killed, or the disk refused" in CliRunner().invoke(cli, words).output


@pytest.mark.parametrize(("width", "times"), [(40, "2026-11-24"), (100, "2026-11-24 12:00  2026-11-25 00:30")])
def test_times_are_those_of_shanghai_and_no_name_is_cut(width: int, times: str) -> None:
    of = {"articles": 12345, "backlog": 1234, "newest": "2026-11-24T12:00:00+08:00"}
    out = Console(width=width, file=io.StringIO())
    out.print(_channels(dict.fromkeys(["jx", "zgyhnews"], of | {"last_listed": "2026-11-24T16:30:00.000Z"}), width))
    lines = [line.rstrip() for line in out.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    assert f"zgyhnews    12,345    1,234  {times}" in lines
    assert "…" not in "".join(lines)


def test_what_status_asks_does_not_grow_with_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "WINDOW", 20)
    steps: dict[int, tuple[int, int]] = {}
    for many in (60, 600):
        filled(folder := tmp_path / str(many), many)
        with Archive(folder) as archive:
            steps[many] = tuple(  # type: ignore[assignment]
                instructions(archive._connection, partial(ask, archive)) for ask in (newest, freshness)
            )
    assert steps[600][0] < 1.1 * steps[60][0]
    assert steps[600][1] < 12 * steps[60][1]  # a look at each entry of an index
    with Archive(tmp_path / "600") as archive:
        plans = [
            row[3]
            for query in (
                "SELECT channel, count(*), max(published_at), max(first_seen_at) FROM articles GROUP BY channel",
                "SELECT state, count(*) FROM articles GROUP BY state",
            )
            for row in archive.rows(f"EXPLAIN QUERY PLAN {query}")
            if row[3].startswith("SCAN")
        ]
    assert plans == ["SCAN articles USING COVERING INDEX articles_channel"] * 2
