"""What a monitor reads of an archive: Prometheus' own parser understands it, and silence is told from a dead process."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from tests.archiving import refuses, writing
from tests.crawling import article, crawl, listing, staged
from zjcrawl.archive import Archive
from zjcrawl.cli import cli
from zjcrawl.health import FIELDS, newest, rates, status
from zjcrawl.metrics import exposition

LIST = "http://nhnews.zjol.com.cn/"
GOOD = LIST + "202609/t20260914_0000001.shtml"
LOST = LIST + "202609/t20260914_0000002.shtml"
TOLD: dict[str, Any] = {
    "run": None, "succeeded_at": None, "articles": {}, "channels": {}, "drops": [], "bytes": {}, "disk_free": 1,
    "problems": [],
}  # fmt: skip

Values = dict[tuple[str, ...], float]


def parsed(text: str) -> dict[str, Values]:
    """By name of a metric, the value of each row of labels; every metric has its HELP and TYPE, each once."""
    found: dict[str, Values] = {}
    for family in text_string_to_metric_families(text):
        assert family.name not in found
        assert (family.type, bool(family.documentation)) == ("gauge", True), family
        rows = {tuple(sample.labels.values()): sample.value for sample in family.samples}
        assert len(rows) == len(family.samples) > 0
        found[family.name] = rows
    return found


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    with staged({LIST: listing(GOOD, LOST), GOOD: article("有一篇稿")}) as proxy:
        assert crawl(proxy, folder, "nhnews").code == 0
    return folder


def ask(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["status", *arguments, "--archive", str(folder)], catch_exceptions=False)


def test_the_text_says_what_status_says(archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "zjcrawl.prom"
    file.write_text("of yesterday")
    assert ask(archive, "--prometheus", str(file)).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["zjcrawl.prom"]
    found = parsed(file.read_text("utf-8"))
    with Archive(archive) as held:
        (ended,) = (held.value("SELECT ended_at FROM runs"),)
        (seen, published) = next(held.rows("SELECT first_seen_at, published_at FROM articles"))
        filled = rates(newest(held))["nhnews"]
    assert found["zjcrawl_last_success_timestamp_seconds"][()] == datetime.fromisoformat(ended).timestamp()
    assert found["zjcrawl_last_run_exit_code"] == {(): 0}
    assert found["zjcrawl_last_run_outcomes"] == {
        ("listing", "listed"): 1,
        ("article", "new"): 1,
        ("article", "gone"): 1,
    }
    assert found["zjcrawl_articles"] == {("live",): 1}
    assert found["zjcrawl_channel_waiting"] == {("nhnews",): 1}
    assert found["zjcrawl_channel_newest_timestamp_seconds"] == {
        ("nhnews",): datetime.fromisoformat(published).timestamp()
    }
    assert found["zjcrawl_channel_last_new_timestamp_seconds"] == {
        ("nhnews",): datetime.fromisoformat(seen).timestamp()
    }
    assert found["zjcrawl_fill_ratio"] == {("nhnews", field): filled[field] for field in FIELDS}
    assert found["zjcrawl_archive_bytes"][("warc",)] == sum(p.stat().st_size for p in (archive / "warc").iterdir())
    assert found["zjcrawl_archive_bytes"][("database",)] > 0
    assert found["zjcrawl_disk_free_bytes"][()] > 0
    assert found["zjcrawl_problems"] == {(): 0}


def test_a_hyphen_prints_nothing_else(archive: Path) -> None:
    assert "zjcrawl_articles" in parsed(ask(archive, "--prometheus", "-").stdout)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_label_comes_back_as_it_was(slug: str) -> None:
    text = exposition(TOLD | {"articles": {slug: 3}}, {}, datetime.now(UTC))
    assert [line for line in text.split("\n") if line.startswith("zjcrawl_articles{")] != []
    # The parser splits lines at a bare CR too, which the format does not: it is asked without.
    if not any(char in slug for char in "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"):
        assert parsed(text)["zjcrawl_articles"] == {(slug,): 3}


def test_what_is_not_known_is_left_out(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        writer.submit(lambda t: None).result()
    done = ask(tmp_path, "--prometheus", "-")
    assert done.exit_code == 3
    found = parsed(done.stdout)
    assert "zjcrawl_last_success_timestamp_seconds" not in found
    assert found["zjcrawl_problems"] == {(): 1}


def test_the_disk_that_refuses_is_told(archive: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "its folder does not exist" in refuses(
        capsys, archive, "status", "--prometheus", str(tmp_path / "a" / "b.prom")
    )
    assert "is a file of the archive" in refuses(capsys, archive, "status", "--prometheus", str(archive / "archive.db"))


@pytest.fixture
def old(archive: Path, tmp_path: Path) -> Path:
    """The archive, whose run ended now, but whose data are of long ago."""
    shutil.copytree(archive, tmp_path, dirs_exist_ok=True)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as there:
        long_ago = (datetime.now(UTC) - timedelta(hours=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
        there.execute("UPDATE captures SET fetched_at = ?", (long_ago,))
        there.execute("UPDATE articles SET first_seen_at = ?", (long_ago,))
        there.commit()
    return tmp_path


def test_silence_is_a_matter_of_the_data_and_not_of_the_process(old: Path) -> None:
    assert ask(old, "--max-age", "1").exit_code == 0
    assert ask(old, "--max-silence", "48").exit_code == 0
    with Archive(old) as held:
        assert status(held, newest(held), datetime.now(UTC), max_silence=24)["problems"] == [
            "no new article came for 30 hours, more than 24: see whether the portal has news, and what its list pages show",
            "nhnews: no list page came for 30 hours, more than 24: see what the last crawl says of it",
        ]
    assert ask(old, "--max-silence", "24").exit_code == 3


def test_a_run_that_is_at_work_needs_nobody_and_one_that_was_killed_does(archive: Path, tmp_path: Path) -> None:
    shutil.copytree(archive, tmp_path, dirs_exist_ok=True)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as there:
        there.execute("UPDATE runs SET ended_at = NULL, exit_code = NULL, stats = NULL")
        there.commit()
    with writing(tmp_path):
        assert "at work" in ask(tmp_path).output
        assert ask(tmp_path).exit_code == 0
    killed = ask(tmp_path)
    assert killed.exit_code == 3
    assert "was killed" in killed.output
