"""Archives of every earlier version of the tables, kept as they were, are brought up to date and lose nothing."""

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.archiving import sound
from tests.crawling import rows
from zjcrawl import channels
from zjcrawl.archive import Archive, ArchiveWriter
from zjcrawl.archive.schema import VERSION
from zjcrawl.errors import InputError
from zjcrawl.recheck import USUAL, Schedule
from zjcrawl.reparse import reparse

EARLIER = sorted((Path(__file__).parent / "archives").iterdir())
KEPT = "SELECT url, title, body, blocks, published_at, source, reporters, editors, tags FROM articles ORDER BY url"


def unpacked(earlier: Path, folder: Path) -> Path:
    shutil.copytree(earlier / "warc", folder / "warc")
    (folder / "archive.db").write_bytes(gzip.decompress((earlier / "archive.db.gz").read_bytes()))
    return folder


def test_there_is_one_of_every_earlier_version() -> None:
    assert [path.name for path in EARLIER] == [f"v{number}" for number in range(1, VERSION)]


@pytest.mark.parametrize("earlier", EARLIER, ids=lambda path: path.name)
def test_an_earlier_archive_is_brought_up_to_date_by_the_next_run(earlier: Path, tmp_path: Path) -> None:
    archive = unpacked(earlier, tmp_path)
    before = rows(archive, KEPT)
    with pytest.raises(InputError, match="older zjcrawl"):
        Archive(archive)
    ArchiveWriter(archive, command="test").close(0)
    assert rows(archive, KEPT) == before
    assert rows(archive, "PRAGMA user_version") == [(VERSION,)]
    sound(archive)
    assert rows(archive, "SELECT count(*) FROM captures WHERE kind IS NULL OR frontier_url IS NULL") == [(0,)]
    assert rows(archive, "SELECT DISTINCT kind FROM captures WHERE kind <> 'probe' ORDER BY 1") == [
        ("article",), ("listing",), ("part",), ("robots",)
    ]  # fmt: skip
    due = "SELECT count(*) FROM frontier WHERE next_check_at IS NOT NULL AND state = 'done'"
    assert rows(archive, due) == rows(archive, "SELECT count(*) FROM articles")
    assert len(rows(archive, "SELECT sha256 FROM warc_files")) == len(list((archive / "warc").iterdir()))


@pytest.mark.parametrize("without_database", [False, True], ids=["with its database", "from its files alone"])
@pytest.mark.parametrize("earlier", EARLIER, ids=lambda path: path.name)
def test_an_earlier_archive_can_be_made_anew(earlier: Path, tmp_path: Path, without_database: bool) -> None:
    archive = unpacked(earlier, tmp_path)
    before = rows(archive, "SELECT url FROM articles ORDER BY url")
    if without_database:
        (archive / "archive.db").unlink()
    reparse(archive, channels.load(), Schedule.of(USUAL), workers=1)
    assert rows(archive, "SELECT url FROM articles ORDER BY url") == before
    assert rows(archive, "SELECT count(*) FROM revisions WHERE change_kind = 'edit'") == [(0,)]
    sound(archive)


def test_a_newer_archive_is_refused_by_one_sentence(tmp_path: Path) -> None:
    ArchiveWriter(tmp_path, command="test").close(0)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(InputError, match="newer zjcrawl"):
        ArchiveWriter(tmp_path, command="test")
    with pytest.raises(InputError, match="newer zjcrawl"):
        reparse(tmp_path, channels.load(), Schedule.of(USUAL))
