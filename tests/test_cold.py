"""WARC files that were moved to cold storage are found by whatever reads captures."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.archiving import THEN, URL, article, capture, look, refuses, run
from zjcrawl import channels, verify
from zjcrawl.archive import Archive, cold
from zjcrawl.archive.values import stamp
from zjcrawl.backup import backup
from zjcrawl.cli import cli
from zjcrawl.errors import InputError, StorageError
from zjcrawl.files import is_of
from zjcrawl.health import astray
from zjcrawl.recheck import Schedule
from zjcrawl.reparse import reparse

OTHER = URL.replace("3389", "3390")


@pytest.fixture
def moved(tmp_path: Path) -> tuple[Path, Path]:
    """An archive of two files, the first of which lies elsewhere."""
    archive, store = tmp_path / "archive", tmp_path / "冷存 1"
    run(archive, lambda t: look(t, article()))
    run(archive, lambda t: look(t, article(OTHER), capture(OTHER, b"<p>another</p>")))
    store.mkdir()
    first, _ = sorted((archive / "warc").iterdir(), key=lambda path: path.name.split("-")[-2])
    shutil.move(first, store)
    (archive / cold.NAME).write_text(f"# by year\n\n{tmp_path / 'nowhere'}\n ../冷存 1 \n", "utf-8")
    return archive, store


def file_failures(archive: Path) -> list[str]:
    return [f.sentence for f in verify.verify(archive).failures if f.check in ("warc files", "captures")]


def test_captures_are_read_and_verified_wherever_they_lie(moved: tuple[Path, Path]) -> None:
    archive, _ = moved
    with Archive(archive) as opened:
        assert [opened.capture(number).body for number in (1, 2)] == [b"<p>invented</p>", b"<p>another</p>"]
    assert file_failures(archive) == []
    run(archive, lambda t: look(t, article(text="又一段"), capture(body=b"<p>third</p>")))  # and writing goes on
    assert file_failures(archive) == []


def test_damage_in_cold_storage_is_found(moved: tuple[Path, Path]) -> None:
    archive, store = moved
    (file,) = store.iterdir()
    data = bytearray(file.read_bytes())
    data[-30] ^= 1
    file.write_bytes(data)
    assert any("restore" in sentence for sentence in file_failures(archive))


def test_a_store_that_is_not_mounted_is_named(moved: tuple[Path, Path]) -> None:
    archive, store = moved
    store.rename(store.with_name("away"))
    (told,) = file_failures(archive)
    assert "capture 1" in told
    assert f"mount {archive.parent / 'nowhere'}" in told
    with Archive(archive) as opened, pytest.raises(StorageError, match=r"\.warc\.gz: the file is missing: .*cold\.txt"):
        opened.capture(1)


def astray_of(archive: Path) -> list[str]:
    with Archive(archive) as opened:
        return list(astray(opened))


def test_status_counts_what_lies_in_cold_storage_as_found_and_names_a_store_that_is_not_mounted(
    moved: tuple[Path, Path],
) -> None:
    archive, store = moved
    assert astray_of(archive) == []
    (file,) = store.iterdir()
    store.rename(store.with_name("away"))
    (told,) = astray_of(archive)
    names = f"mount {archive.parent / 'nowhere'}, which {archive / cold.NAME} names"
    assert told == f"warc/{file.name} is missing: {names}, or restore it from a backup"


def test_status_names_a_warc_file_that_is_missing_or_of_another_size(tmp_path: Path) -> None:
    run(tmp_path, lambda t: look(t, article()))
    run(tmp_path, lambda t: look(t, article(OTHER), capture(OTHER, b"<p>another</p>")))
    first, second = sorted((tmp_path / "warc").iterdir(), key=lambda path: path.name.split("-")[-2])
    size = first.stat().st_size
    with first.open("ab") as file:
        file.write(b"x")
    assert astray_of(tmp_path) == [
        f"warc/{first.name} has {size + 1:,} bytes, and had {size:,} when it was closed: restore it from a backup"
    ]
    first.unlink()
    done = CliRunner().invoke(cli, ["status", "--archive", str(tmp_path)])
    assert done.exit_code == 3
    assert f"! warc/{first.name} is missing: restore it from a backup\n" in done.output
    assert "all is well" not in done.output
    second.unlink()
    name = min(first.name, second.name)
    assert astray_of(tmp_path) == [f"2 WARC files are missing, warc/{name} first: restore them from a backup"]


def test_a_backup_waits_for_a_store_that_is_not_mounted(moved: tuple[Path, Path]) -> None:
    archive, store = moved
    out = archive.with_name("copy")
    store.rename(store.with_name("away"))
    with pytest.raises(InputError, match=r"nowhere, named in .*cold\.txt, is not there: mount it"):
        backup(archive, out, workers=1)
    assert not out.exists()
    backup(archive, out, workers=1, despite_damage=True)
    assert len(file_failures(out)) == 1
    store.with_name("away").rename(store)
    backup(archive, archive.with_name("whole"), workers=1, despite_damage=True)
    assert file_failures(archive.with_name("whole")) == []


def test_an_archive_is_made_anew_from_all_stores_or_not_at_all(moved: tuple[Path, Path]) -> None:
    archive, store = moved
    with Archive(archive) as opened:
        before = opened.value("SELECT count(*) FROM captures")
    for path in archive.glob("archive.db*"):
        path.unlink()
    with pytest.raises(InputError, match=r"nowhere.*mount it"):
        reparse(archive, channels.load(), Schedule(), workers=1)
    assert not (archive / "archive.db").exists()
    (archive / cold.NAME).write_text(f"{store}\n", "utf-8")
    assert reparse(archive, channels.load(), Schedule(), workers=1).adopted == before


def test_captures_that_come_back_point_at_the_original_they_name(tmp_path: Path) -> None:
    """An archive that was begun anew, and whose old files are found again: ids are no order of time any more."""
    old, new = tmp_path / "old", tmp_path / "new"
    run(old, lambda t: look(t, article()), lambda t: t.keep(capture(minutes=1)))
    run(new, lambda t: look(t, article(), capture(minutes=9)))
    (file,) = (old / "warc").iterdir()
    shutil.move(file, new / "warc" / f"found-{file.name}")
    assert reparse(new, channels.load(), Schedule(), workers=1).adopted == 2
    assert file_failures(new) == []
    with Archive(new) as archive:
        told = archive.rows("SELECT o.fetched_at FROM captures c JOIN captures o ON o.id = c.revisit_of")
        assert [row[0] for row in told] == [stamp(THEN)]


def test_no_export_writes_over_what_lies_there(moved: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    archive, store = moved
    (file,) = store.iterdir()
    before = file.read_bytes()
    assert "is a file of the archive" in refuses(capsys, archive, "export", "csv", str(file), "--force")
    assert file.read_bytes() == before
    assert is_of(archive, archive / cold.NAME)


def test_a_list_that_is_no_text_is_refused(moved: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    archive, _ = moved
    (archive / cold.NAME).write_bytes(b"\xff\xfe")
    assert "cold.txt is no UTF-8" in refuses(capsys, archive, "verify")
