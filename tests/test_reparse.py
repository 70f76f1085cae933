"""What can go wrong with a rebuilding: the old archive is then as it was, and one sentence says why."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.crawling import ZJCRAWL, crawl, registry, rows
from zjcrawl.archive import ArchiveWriter
from zjcrawl.cli import cli
from zjcrawl.model import Portal, serve

SLUGS = ("jx", "nhnews")


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = tmp_path_factory.mktemp("held")
    with serve(Portal(seed=7, articles=40, registry=registry(*SLUGS))) as proxy:
        assert crawl(proxy, archive, *SLUGS).code == 0
    return archive


@pytest.fixture
def copy(held: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(held, tmp_path / "archive"))


def run(archive: Path, *options: str, **how: object) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", ZJCRAWL, "reparse", "--archive", str(archive), *options]
    path = os.pathsep.join(filter(None, ["", *sys.path]))
    return subprocess.run(words, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, **how)  # type: ignore[call-overload,no-any-return]


def test_it_says_what_it_did(copy: Path) -> None:
    done = run(copy)
    assert (done.returncode, done.stderr) == (0, "")
    assert "; what each was to its run: " in done.stdout
    assert "40 new" in done.stdout
    assert "articles that the archive did not have before: 0; that it lost: 0\n" in done.stdout
    assert "the archive is made anew" in done.stdout
    told = json.loads(run(copy, "--dry-run", "--json").stdout)
    assert (told["dry_run"], told["difference"]["columns"], told["outcomes"]["new"]) == (True, {}, 40)


def test_no_archive(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("zjcrawl: there is no archive in")
    assert not (tmp_path / "nowhere").exists()


def test_while_a_run_writes(copy: Path) -> None:
    with ArchiveWriter(copy, command="test"):
        done = run(copy)
    assert done.returncode == 75
    assert "is being written by process" in done.stderr


def test_a_damaged_file_loses_no_article_and_changes_nothing(copy: Path) -> None:
    (path,) = (copy / "warc").iterdir()
    before = (copy / "archive.db").read_bytes()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    done = run(copy)
    assert done.returncode == 74
    assert "nothing was changed" in done.stderr
    assert (copy / "archive.db").read_bytes() == before
    assert not list(copy.glob("archive.db.new*"))
    anyway = run(copy, "--despite-damage", "--json")
    assert anyway.returncode == 3
    assert len(json.loads(anyway.stdout)["unreadable"]) == 1
    assert rows(copy, "SELECT count(*) >= 39 FROM articles") == [(1,)]


def test_a_missing_file_is_said_once(copy: Path) -> None:
    (path,) = (copy / "warc").iterdir()
    path.unlink()
    told = CliRunner().invoke(cli, ["reparse", "--dry-run", "--workers", "1", "--archive", str(copy)])
    assert told.exit_code == 3
    (sentence,) = told.stderr.splitlines()
    assert sentence.startswith(f"zjcrawl: cannot read the capture in {path}: the file is missing: restore it")
    captures = rows(copy, "SELECT count(*) FROM captures WHERE kind IN ('article', 'listing')")[0][0]
    assert sentence.endswith(f" ({captures} captures)")
    assert told.stdout.splitlines()[-1] == "nothing was changed"
    assert "articles that the archive does not have yet: 0; that it would lose: 40\n" in told.stdout


def test_a_damaged_database_is_said_how_to_mend(copy: Path) -> None:
    (copy / "archive.db").write_bytes(b"no database at all, " * 300)
    done = run(copy)
    assert done.returncode == 2
    assert "is no database" in done.stderr
    (copy / "archive.db").unlink()
    assert run(copy).returncode == 0
    assert rows(copy, "SELECT count(*) FROM articles") == [(40,)]


def test_a_full_disk_leaves_the_old_one(copy: Path) -> None:
    before = rows(copy, "SELECT url, text_sha256 FROM articles ORDER BY url")

    def little() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    done = run(copy, "--workers", "1", preexec_fn=little)
    assert done.returncode == 74
    assert done.stderr.count("\n") == 1
    assert rows(copy, "SELECT url, text_sha256 FROM articles ORDER BY url") == before
    assert run(copy).returncode == 0


def test_killed_at_any_moment_it_leaves_the_old_one_or_the_new(copy: Path) -> None:
    before = rows(copy, "SELECT url, text_sha256 FROM articles ORDER BY url")
    words = [sys.executable, "-c", ZJCRAWL, "reparse", "--archive", str(copy), "--workers", "1"]
    path = os.pathsep.join(filter(None, ["", *sys.path]))
    for pause in (0.3, 0.5, 0.7, 0.9, 1.1):
        process = subprocess.Popen(words, env=os.environ | {"PYTHONPATH": path}, stdout=subprocess.DEVNULL)
        time.sleep(pause)
        process.kill()
        process.wait()
        assert rows(copy, "SELECT url, text_sha256 FROM articles ORDER BY url") == before
        assert rows(copy, "PRAGMA integrity_check") == [("ok",)]
    assert run(copy).returncode == 0
    assert not list(copy.glob("archive.db.new*"))


def test_a_reader_that_is_killed_changes_nothing_and_is_told(copy: Path) -> None:
    before = (copy / "archive.db").read_bytes()
    words = [sys.executable, "-c", KILLED_READER, "reparse", "--workers", "2", "--archive", str(copy)]
    path = os.pathsep.join(filter(None, ["", *sys.path]))
    done = subprocess.run(words, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert (
        "a process that reads was killed, perhaps for its memory; nothing was changed: try --workers 1" in done.stderr
    )
    assert (copy / "archive.db").read_bytes() == before
    assert not list(copy.glob("archive.db.new*"))


# As `zjcrawl`, but the first chunk of visits that is handed out finds its readers dead.
KILLED_READER = """
import os, signal
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from zjcrawl import cli

submit = ProcessPoolExecutor.submit

def killing(pool, *work):
    future = submit(pool, *work)
    for number in list(pool._processes):
        with suppress(ProcessLookupError):  # dead of an earlier chunk's turn
            os.kill(number, signal.SIGKILL)
    return future

ProcessPoolExecutor.submit = killing
cli.main()
"""


def test_many_readers_make_the_archive_that_one_makes(copy: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(copy, tmp_path / "other"))
    assert run(copy, "--workers", "1").returncode == run(other, "--workers", "2").returncode == 0
    tables = [row[0] for row in rows(copy, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'runs'")]
    assert {"articles", "credits", "frontier", "observations"} <= set(tables)
    for table in tables:
        assert rows(copy, f"SELECT * FROM {table}") == rows(other, f"SELECT * FROM {table}"), table
