"""Opening `archive.db`, and what its refusals mean in words."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from zjcrawl.archive import lock, schema
from zjcrawl.errors import InputError, NoArchiveError, StorageError, why

NAME = "archive.db"
BUSY_SECONDS = 60.0  # readers never block in WAL mode; this is for a person writing with other tools

_REFUSALS = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}


def make_folder(folder: Path) -> None:
    """Makes an archive's folder. Raises InputError where something else stands, OSError where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(f"cannot keep an archive in {folder}: it is no folder, name another with --archive") from error


def refuse_foreign(folder: Path) -> None:
    """Raises InputError for a folder that holds a database of something else, or captures whose database is gone, before
    a file of ours stands beside it."""
    path = folder / NAME
    if not _stands(path):
        _refuse_orphans(folder)
    elif path.stat().st_size and not (folder / lock.NAME).exists():
        with closing(open_for_reading(path)) as connection:
            schema.check(connection)


def _refuse_orphans(folder: Path) -> None:
    if any((folder / "warc").glob("*.warc.gz*")):
        raise InputError(
            f"{folder / NAME} is missing, and {folder / 'warc'} holds captures: bring it back from a backup, or let "
            f"'zjcrawl reparse' make it anew from them"
        )


def existing(folder: Path) -> Path:
    """The database of an archive. Raises InputError where there is none or something else, OSError where that cannot
    be known."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is no folder, so no archive either: name another with --archive")
    path = folder / NAME
    if not _stands(path):
        _refuse_orphans(folder)
        raise NoArchiveError(f"there is no archive in {folder}: 'zjcrawl crawl' makes one, --archive names another")
    return path


def _stands(path: Path) -> bool:
    """Whether there is a file. Raises InputError for a folder or whatever else is no file."""
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is no file, so no database either: name another folder with --archive")
    return path.exists()


def open_for_writing(path: Path) -> sqlite3.Connection:
    """A connection to a database that is made where there is none; what is committed survives a power cut."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        schema.check(connection)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -16384")  # 16 MiB; more of a large archive the system's own cache keeps
        connection.execute("PRAGMA journal_size_limit = 67108864")
    except BaseException:
        connection.close()
        raise
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that can only read and neither blocks the writer nor is blocked by it."""
    uri = path.absolute().as_uri()
    connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        if path.with_name(path.name + "-wal").exists():
            raise
        # A folder that cannot be written (a CD, a backup) has no place for WAL's index, and needs none.
        connection = sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turns what the disk or the database refuses into a sentence about that archive."""
    try:
        yield
    except InputError as error:
        if not str(error).startswith("it "):  # `schema.check` does not know whose database it looks at
            raise
        mend = "" if ": " in str(error) else ": name another folder with --archive"
        raise InputError(f"cannot use {folder / NAME}: {error}{mend}") from error
    except (sqlite3.Error, OSError) as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise InputError(f"{folder / NAME} is no database: name another folder with --archive") from error
        if isinstance(error, sqlite3.Error) and not is_refusal(error):
            raise  # a mistake in a query is nobody's disk
        raise StorageError(sentence(folder, error)) from error


def is_refusal(error: BaseException) -> bool:
    """Whether an error is the disk's or the database's doing rather than the program's."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.Error) and code is not None and (code & 0xFF) in _REFUSALS


def sentence(folder: Path, error: BaseException) -> str:
    """One sentence on why an archive cannot be written or read."""
    if isinstance(error, StorageError):
        return str(error)
    if isinstance(error, OSError):
        return f"cannot use the archive {folder}: {why(error)}"
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    mend = {
        sqlite3.SQLITE_FULL: "the disk is full: free some space",
        sqlite3.SQLITE_BUSY: "another program keeps the database locked: end it",
        sqlite3.SQLITE_READONLY: "it cannot be written: check the permissions of the folder",
        sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that the folder exists and its permissions",
        sqlite3.SQLITE_CORRUPT: "it is damaged: restore it from a backup",
        sqlite3.SQLITE_IOERR: "the disk refuses: check its space and health",
    }
    return f"cannot use the database {folder / NAME}: {mend.get(code, str(error))}"
