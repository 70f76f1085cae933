"""A backup is an archive, taken whole from one that is being written, or it is not there."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.archiving import capture, refuses, run
from tests.crawling import ZJCRAWL, command, crawl, environment, registry, rows
from tests.killing import SUICIDE, acknowledged, contents
from zjcrawl import backup as backups
from zjcrawl.archive import cold
from zjcrawl.backup import backup
from zjcrawl.cli import cli
from zjcrawl.errors import InputError, StorageError
from zjcrawl.model import Portal, Proxy, serve
from zjcrawl.verify import verify

SLUGS = ("jx", "nhnews")


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    with serve(Portal(3, 30, registry=registry(*SLUGS))) as served:
        yield served


@pytest.fixture(scope="module")
def original(proxy: Proxy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs, a file each."""
    folder = tmp_path_factory.mktemp("original") / "archive"
    for _ in range(2):
        assert crawl(proxy, folder, "nhnews", "--limit", "3").code in (0, 3)
    return folder


@pytest.fixture
def archive(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "archive"))


def program(archive: Path, out: Path, *arguments: str, before: str = "", **options: Any) -> Any:
    words = [sys.executable, "-c", before + ZJCRAWL, "backup", str(out), "--archive", str(archive), *arguments]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, **options)


def test_a_backup_during_a_crawl_restores_and_verifies(proxy: Proxy, tmp_path: Path) -> None:
    live, taken, restored = tmp_path / "live", tmp_path / "taken", tmp_path / "restored"
    pages = ("--listing-pages", "40")
    words = command(live, *SLUGS, *pages, settings=("DOWNLOAD_DELAY=0.1", "RETRY_DELAY=0.05", "SOFT_404_PROBE=0"))
    crawling = subprocess.Popen(words, env=environment(proxy), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not (live / "archive.db").exists() or len(acknowledged(live)) < 4:
            assert crawling.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert backup(live, taken, workers=1).report.failures == []
        assert sorted(path.name for path in taken.iterdir()) == ["archive.db", "warc"]
        assert crawling.wait(60) == 0
    finally:
        crawling.kill()
        crawling.communicate()
    (held,), (final,) = rows(taken, "SELECT count(*) FROM captures"), rows(live, "SELECT count(*) FROM captures")
    assert held < final, "the crawl was to write on behind the backup"
    (cut,), (whole,) = ([*(folder / "warc").iterdir()] for folder in (taken, live))
    assert cut.name == whole.name
    assert whole.read_bytes().startswith(cut.read_bytes())
    assert rows(taken, "SELECT count(*) FROM frontier WHERE state = 'in_flight'") == [(0,)]
    shutil.copytree(taken, restored)
    assert crawl(proxy, restored, *SLUGS, *pages).code == 0  # goes on where the backup was taken
    assert contents(restored) == contents(live)
    assert verify(restored, workers=1).failures == []


@pytest.mark.parametrize(
    "point", ["zjcrawl.backup:_Copier._copy", "zjcrawl.backup:verify", "zjcrawl.archive.warc:sync_folder"]
)
def test_a_killed_backup_leaves_none_under_its_name_and_the_next_clears_up(archive: Path, point: str) -> None:
    place = archive.parent / "backups"
    place.mkdir()
    told = {"KILL_AT": point, "KILL_WHEN": "before:1", "PYTHONPATH": os.pathsep.join(["", *sys.path])}
    done = program(archive, place / "one", "--workers", "1", before=SUICIDE, env=os.environ | told)
    assert done.returncode == -signal.SIGKILL
    assert [path.suffix for path in place.iterdir()] == [".part"], done.stderr
    backup(archive, place / "two", workers=1)
    assert [path.name for path in place.iterdir()] == ["two"]


def test_another_backup_at_work_is_left_alone(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = archive.parent

    def meanwhile(part: Path, **options: Any) -> Any:
        monkeypatch.setattr(backups, "verify", verify)
        backup(archive, place / "second", workers=1)
        return verify(part, **options)

    monkeypatch.setattr(backups, "verify", meanwhile)
    assert backup(archive, place / "first", workers=1).report.failures == []
    assert {"first", "second"} <= {path.name for path in place.iterdir()}


@pytest.mark.parametrize("limit", [40_000, 100_000, 170_000])
def test_a_full_disk_leaves_nothing_behind(archive: Path, limit: int) -> None:
    big = os.urandom(300_000)
    run(archive, lambda t: t.keep(capture(body=big)))
    place = archive.parent / "backups"
    place.mkdir()
    done = program(archive, place / "one", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert (done.returncode, done.stdout) == (74, "")
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert str(place / "one") in done.stderr
    assert list(place.iterdir()) == []


def test_what_does_not_fit_is_said_before_the_disk_is_full(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))  # type: ignore[attr-defined]
    with pytest.raises(StorageError, match=r"out: it takes 0\.00 GB more, .*: free some space"):
        backup(archive, archive.parent / "out")
    assert not (archive.parent / "out").exists()


def test_what_is_there_is_never_touched(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = archive.parent / "there"
    there.mkdir()
    assert "is there already: name a folder that is not there yet" in refuses(capsys, archive, "backup", str(there))
    there.rmdir()
    there.symlink_to(archive.parent / "nowhere")
    assert "is there already" in refuses(capsys, archive, "backup", str(there))
    assert "its folder does not exist" in refuses(capsys, archive, "backup", str(archive.parent / "a" / "b"))
    assert "is a file of the archive" in refuses(capsys, archive, "backup", str(archive / "warc" / "b"))
    assert "there is no archive" in refuses(capsys, archive.parent / "none", "backup", str(archive.parent / "b"))


def damage(archive: Path) -> None:
    first = min((archive / "warc").iterdir())
    data = bytearray(first.read_bytes())
    data[len(data) // 2] ^= 1
    first.write_bytes(data)


@pytest.mark.parametrize("quick", [[], ["--quick"]], ids=["full", "quick"])
def test_a_copy_that_does_not_hold_is_not_kept_unless_it_is_wanted(archive: Path, quick: list[str]) -> None:
    damage(archive)
    out = archive.parent / "out"
    done = program(archive, out, "--workers", "1", *quick)
    assert (done.returncode, done.stdout) == (3, "")
    assert "--despite-damage" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not out.exists()
    kept = program(archive, out, "--workers", "1", "--despite-damage", "--json", *quick)
    assert kept.returncode == 3
    assert json.loads(kept.stdout)["failures"]
    assert out.exists()


def test_a_missing_file_is_no_backup(archive: Path) -> None:
    min((archive / "warc").iterdir()).unlink()
    with pytest.raises(backups.UnsoundError, match="missing"):
        backup(archive, archive.parent / "out", workers=1)


def test_finished_files_can_be_linked_and_cold_ones_come_home(archive: Path) -> None:
    first, second = sorted((archive / "warc").iterdir())
    store = archive.parent / "store"
    store.mkdir()
    shutil.move(first, store)
    (archive / cold.NAME).write_text("../store\n")
    done = CliRunner().invoke(
        cli, ["backup", str(archive.parent / "out"), "--link", "--archive", str(archive)], catch_exceptions=False
    )
    assert done.exit_code == 0
    assert "all holds" in done.output
    copied = sorted((archive.parent / "out" / "warc").iterdir())
    assert [path.name for path in copied] == [first.name, second.name]
    assert copied[1].samefile(second)
    assert copied[0].samefile(store / first.name)


def test_an_existing_part_of_a_name_is_no_input_error(archive: Path) -> None:
    with pytest.raises(InputError, match="no archive"):
        backup(archive.parent / "none", archive.parent / "out")
