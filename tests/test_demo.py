"""The whole way over HTTP: a crawl of a thousand model articles, every cell of the archive compared with the truth."""

import csv
import io
import re
import sqlite3
import subprocess
import sys
from pathlib import Path


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


def zjcrawl(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zjcrawl", *arguments]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=300, check=False, cwd=Path(__file__).parent.parent
    )
