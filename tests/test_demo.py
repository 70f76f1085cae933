"""The whole way over HTTP: a crawl of a thousand model articles, every cell of the archive compared with the truth."""

import csv
import io
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from zjcrawl.archive.lock import Lock
from zjcrawl.model import Portal


def test_a_crawl_of_a_thousand_articles_is_true_cell_by_cell(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    done = zjcrawl("demo", "--articles", "1000", "--seed", "7", "--archive", str(folder))
    told = re.search(r"([\d,]+) articles compared, ([\d,]+) of ([\d,]+) cells equal", done.stdout)
    assert told
    assert told[1] == "1,000"
    assert told[3] == "22,000"
    assert told[2] == told[3]
    assert done.returncode == 0, done.stdout + done.stderr
    with sqlite3.connect(folder / "archive.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("SELECT count(DISTINCT channel) FROM articles").fetchone()[0] >= 8
        assert database.execute("SELECT count(*) FROM frontier WHERE outcome IS NULL").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM articles WHERE evidence = '{}'").fetchone() == (0,)

    exported = zjcrawl("export", "csv", "-", "--archive", str(folder), "--channel", "jx")
    rows = list(csv.DictReader(io.StringIO(exported.stdout)))
    assert len(rows) > 100
    assert [row["published_at"] for row in rows] == sorted(row["published_at"] for row in rows)


def test_the_demo_empties_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work", "utf-8")
    done = zjcrawl("demo", "--archive", str(tmp_path))
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr
    assert (tmp_path / "thesis.txt").read_text("utf-8") == "three years of work"


def test_two_demos_at_once_do_not_touch_each_other(tmp_path: Path) -> None:
    (tmp_path / ".demo").touch()
    kept = tmp_path / "archive.db"
    for name in (".demo", "archive.lock"):  # a demo, and a crawl into the demo's folder
        kept.write_text("being written")
        with Lock(tmp_path, "crawl jx", name):
            second = zjcrawl("demo", "--articles", "2", "--archive", str(tmp_path))
            assert (second.returncode, second.stdout) == (75, "")
            assert f"process {os.getpid()} (zjcrawl crawl jx" in second.stderr
            assert kept.read_text() == "being written"


def test_a_demo_begins_anew_in_its_own_folder_and_knows_its_days(tmp_path: Path) -> None:
    (tmp_path / ".demo").touch()
    (tmp_path / "warc").mkdir()
    (tmp_path / "warc" / "old.warc.gz").touch()
    done = zjcrawl("--archive", str(tmp_path), "demo", "--articles", "12")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / "warc" / "old.warc.gz").exists()
    with sqlite3.connect(tmp_path / "archive.db") as database:
        days = database.execute("SELECT channel, min(published_at), max(published_at) FROM articles GROUP BY channel")
        for channel, first, last in days:
            assert re.search(rf"^{channel} .* {first[:10]}  {last[:10]}$", done.stdout, re.MULTILINE)


def test_a_demo_in_a_file_or_where_nothing_can_be_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = zjcrawl("demo", "--archive", str(file))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"cannot keep an archive in {file}" in done.stderr
    done = zjcrawl("demo", "--archive", "/proc/demo")
    assert (done.returncode, done.stderr.count("\n")) == (74, 1)
    assert "/proc/demo" in done.stderr


def test_a_stopped_demo_ends_after_its_crawl(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "zjcrawl", "demo", "--articles", "5000", "--archive", str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("warc/*")):  # the first answer, robots.txt, is there, and no article yet
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.002)
        process.send_signal(signal.SIGTERM)
        out, told = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 3
    assert "Traceback" not in told
    assert "stopped by a signal: the next run goes on from here" in told
    assert "3. What the archive holds" not in out


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_shows_what_the_demo_holds(readme: str) -> None:
    shown = (
        (Path(__file__).parent.parent / readme).read_text("utf-8").split("<!-- demo -->")[1].split("<!-- /demo -->")[0]
    )
    days: dict[str, list[str]] = {}
    cells = 0
    for truth in Portal(seed=1, articles=400).truths():
        days.setdefault(truth["channel"], []).append(truth["published_at"][:10])
        cells += len(truth)
    rows = re.findall(r"^(\w+) +\S+ +(\d+)  █+ +(\S+)  (\S+)$", shown, re.MULTILINE)
    assert {row[0]: row[1:] for row in rows} == {
        slug: (str(len(found)), min(found), max(found)) for slug, found in days.items()
    }
    assert f"400 articles compared, {cells:,} of {cells:,} cells equal" in shown


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_shows_what_a_search_of_the_demo_finds(readme: str) -> None:
    shown = (Path(__file__).parent.parent / readme).read_text("utf-8").split("<!-- search -->")[1]
    word = re.search(r"search (\S+) --limit 5", shown)
    assert word
    parts = ("kicker", "title", "subtitle", "body")
    truths = list(Portal(seed=1, articles=400).truths())
    found = sum(any(word[1] in (truth[part] or "") for part in parts) for truth in truths)
    assert f"{found} articles, newest first" in shown
    assert len(re.findall(rf"^ *\d+ \d{{4}}-\d\d-\d\d \w+ .*\[{word[1]}\]", shown, re.MULTILINE)) == 5


def zjcrawl(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zjcrawl", *arguments]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=300, check=False, cwd=Path(__file__).parent.parent
    )
