"""The tables, and what is told of files that are no archive of ours."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.archiving import article, look, run, sound
from zjcrawl.archive import ARTICLE_COLUMNS, Archive, ArchiveWriter
from zjcrawl.archive.schema import VERSION, migrations
from zjcrawl.errors import InputError, StorageError, ZjcrawlError
from zjcrawl.models import Channel

# design of the public tables: name → the columns that others may rely on
TABLES = {
    "articles": ARTICLE_COLUMNS,
    "revisions": (*ARTICLE_COLUMNS[1:], "article_id", "change_kind", "seen_at"),
    "credits": ("article_id", "role", "name", "printed", "position"),
    "tags": ("article_id", "tag"),
    "paragraphs": ("article_id", "position", "kind", "text", "src"),
    "captures": (
        "id",
        "run_id",
        "url",
        "final_url",
        "fetched_at",
        "status",
        "outcome",
        "charset_declared",
        "charset_used",
        "payload_sha256",
        "bytes",
        "warc_file",
        "warc_offset",
        "warc_length",
        "revisit_of",
        "etag",
        "last_modified",
        "truncated",
    ),
    "frontier": (
        "url",
        "kind",
        "channel",
        "host",
        "found_in",
        "state",
        "outcome",
        "tries",
        "next_check_at",
        "discovered_at",
        "listed_at",
        "article_id",
        "capture_id",
        "run_id",
    ),
    "leads": ("url", "channel", "found_in", "listed_at", "listed_printed", "text", "first_seen_at", "last_seen_at"),
    "placements": ("article_id", "channel", "listed_at", "first_seen_at", "last_seen_at"),
    "observations": ("article_id", "seen_at", "outcome", "run_id", "capture_id"),
    "article_captures": ("article_id", "revision", "part", "capture_id"),
    "runs": ("id", "started_at", "ended_at", "command", "version", "exit_code", "stats"),
    "channels": ("slug", "name", "kind", "prefecture", "host", "lists"),
    "articles_fts": ("title", "body"),
}


def edit(folder: Path, *statements: str) -> None:
    with sqlite3.connect(folder / "archive.db") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_its_columns(tmp_path: Path, table: str) -> None:
    run(tmp_path)
    with Archive(tmp_path) as archive:
        columns = {row["name"] for row in archive.rows(f"PRAGMA table_info({table})")}
    assert set(TABLES[table]) <= columns


def test_the_database_says_what_it_is_and_is_safe(tmp_path: Path) -> None:
    def pragmas(t: Any) -> list[Any]:
        names = ("journal_mode", "synchronous", "foreign_keys", "application_id", "user_version")
        return [t.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert run(tmp_path, pragmas) == [["wal", 2, 1, int.from_bytes(b"zjcr"), VERSION]]
    with Archive(tmp_path) as archive:
        assert archive.value("SELECT count(*) FROM _sqlite_migrations") == VERSION


def test_there_are_as_many_migrations_as_versions() -> None:
    assert len(migrations()._migrations) == VERSION


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    run(tmp_path)
    with Archive(tmp_path) as archive, pytest.raises(StorageError, match="cannot be written"):
        list(archive.rows("DELETE FROM runs"))


def test_channels_are_noted(tmp_path: Path) -> None:
    jx = Channel("jx", "嘉兴", "city", "嘉兴", "jx.zjol.com.cn", ("http://jx.zjol.com.cn/",))
    run(tmp_path, lambda t: t.register([jx]), lambda t: t.register([jx]))
    with Archive(tmp_path) as archive:
        assert [tuple(row) for row in archive.rows("SELECT * FROM channels")] == [
            ("jx", "嘉兴", "city", "嘉兴", "jx.zjol.com.cn", '["http://jx.zjol.com.cn/"]')
        ]


def test_a_charset_is_noted(tmp_path: Path) -> None:
    run(tmp_path, lambda t: look(t, article()), lambda t: t.decoded(1, "gb2312", "gb18030"))
    with Archive(tmp_path) as archive:
        assert archive.value("SELECT charset_declared || '>' || charset_used FROM captures") == "gb2312>gb18030"


# -- bad input -------------------------------------------------------------------------------------------------------


def _nothing(_: Path) -> None:
    pass


def _folder_is_a_file(folder: Path) -> None:
    folder.rmdir()
    folder.write_bytes(b"")


def _garbage(folder: Path) -> None:
    (folder / "archive.db").write_bytes(b"\x89PNG\r\n" * 1000)


def _other_database(folder: Path) -> None:
    edit(folder, "CREATE TABLE places (id)")


def _other_application(folder: Path) -> None:
    edit(folder, "PRAGMA application_id = 7")


def _newer(folder: Path) -> None:
    run(folder)
    edit(folder, f"PRAGMA user_version = {VERSION + 1}")


def _empty(folder: Path) -> None:
    (folder / "archive.db").touch()


def _database_is_a_folder(folder: Path) -> None:
    (folder / "archive.db").mkdir()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_nothing, "no archive"),
        (_folder_is_a_file, "no archive"),
        (_garbage, "no database"),
        (_other_database, "something else"),
        (_other_application, "something else"),
        (_newer, "newer zjcrawl"),
        (_empty, "empty"),
        (_database_is_a_folder, "is no file"),
    ],
)
def test_readers_refuse_what_is_no_archive(tmp_path: Path, make: Callable[[Path], None], says: str) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    make(folder)
    with pytest.raises(InputError, match=says) as told:
        Archive(folder)
    assert str(folder) in str(told.value)
    assert told.value.exit_code == 2


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (_folder_is_a_file, InputError, "no folder"),
        (_garbage, InputError, "no database"),
        (_other_database, InputError, "something else"),
        (_newer, InputError, "newer zjcrawl"),
        (_database_is_a_folder, InputError, "is no file"),
    ],
)
def test_writers_refuse_what_is_no_archive_and_leave_it_alone(
    tmp_path: Path, make: Callable[[Path], None], error: type[ZjcrawlError], says: str
) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    make(folder)
    database = folder / "archive.db"
    before = database.read_bytes() if database.is_file() else None
    for _ in range(2):  # the first refusal must let go of the lock
        with pytest.raises(error, match=says):
            ArchiveWriter(folder, command="test")
    assert (database.read_bytes() if database.is_file() else None) == before


def test_an_empty_database_becomes_an_archive(tmp_path: Path) -> None:
    _empty(tmp_path)
    run(tmp_path, lambda t: look(t, article()))
    sound(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="Permission denied"):
        ArchiveWriter(tmp_path, command="test")
    tmp_path.chmod(0o700)


def test_a_copy_without_its_folder_being_writable_can_be_read(tmp_path: Path) -> None:
    run(tmp_path, lambda t: look(t, article()))
    (tmp_path / "archive.db").chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        with Archive(tmp_path) as archive:
            assert archive.counts()["articles"] == 1
    finally:
        tmp_path.chmod(0o700)


def test_an_archive_begun_on_a_full_disk_is_begun_again(tmp_path: Path) -> None:
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from zjcrawl.archive import ArchiveWriter\n"
        "limit = int(sys.argv[2])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "ArchiveWriter(Path(sys.argv[1]), command='test')\n"
    )
    failed = 0
    for kilobytes in (8, 16, 24, 32, 48, 60, 80, 120, 200):
        folder = tmp_path / str(kilobytes)
        command = [sys.executable, "-c", program, str(folder), str(kilobytes * 1024)]
        failed += subprocess.run(command, capture_output=True, check=False).returncode != 0
        ArchiveWriter(folder, command="test").close(0, {})
        with Archive(folder) as archive:
            assert archive.value("PRAGMA user_version") == VERSION
    assert failed >= 5


def test_a_writer_does_not_hold_pandas_in_memory(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    told = (
        "import sys; from pathlib import Path; from zjcrawl.archive import ArchiveWriter\n"
        "ArchiveWriter(Path(sys.argv[1]), command='test').close(0)\n"
        "assert 'sqlite_utils' in sys.modules and not {'pandas', 'numpy'} & {*sys.modules}\n"
    )
    done = subprocess.run([sys.executable, "-c", told, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
