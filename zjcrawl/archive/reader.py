"""The archive as its readers see it: nothing here can write."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from zjcrawl.archive import archived, as_of, captures, database, schema, stories
from zjcrawl.archive.archived import ArchivedArticle
from zjcrawl.errors import InputError
from zjcrawl.models import Capture

Parameters = Sequence[Any] | Mapping[str, Any]

_TABLES = ("articles", "revisions", "credits", "tags", "captures", "observations", "leads", "frontier", "runs")


class Archive:
    """An archive opened for reading, also while a run writes it. Raises InputError for what is no archive.

    With a day (`known`, of Shanghai), `articles`, `revisions`, `credits`, `tags`, `placements`, `observations` and `frontier` are
    as they were known at its end (see `archive/as_of.py`).
    """

    def __init__(self, folder: Path | str, *, known: date | None = None) -> None:
        self.folder = Path(folder)
        self.known = known
        with suppress(OSError):  # of a folder that may not be looked into, SQLite tells below
            database.existing(self.folder)
        self._opened: sqlite3.Connection | None = self.connect()

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            raise InputError(f"the archive {self.folder} was closed: open it again")
        return self._opened

    def connect(self) -> sqlite3.Connection:
        """A new read-only connection with named columns; the caller closes it."""
        with database.told(self.folder):
            connection = database.open_for_reading(self.folder / database.NAME)
            try:
                if schema.check(connection) < schema.VERSION:
                    raise InputError("it is empty or of an older zjcrawl: 'zjcrawl crawl' brings it up to date")
                if self.known is not None:
                    as_of.look_back(connection, self.known)
            except BaseException:
                connection.close()
                raise
        return connection

    def rows(self, sql: str, parameters: Parameters = ()) -> Iterator[sqlite3.Row]:
        """The rows of a query, one by one as they are read. Raises StorageError where the database refuses."""
        with database.told(self.folder):
            yield from self._connection.execute(sql, parameters)

    def batches(self, sql: str, parameters: Parameters = (), size: int = 500) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a query as plain tuples, `size` at a time: one snapshot, flat memory.

        Texts come as `storable` leaves them, even from a database that other hands changed.
        """
        with self.at_one_moment() as moment:
            yield from moment.batches(sql, parameters, size)

    @contextmanager
    def at_one_moment(self) -> Iterator["Moment"]:
        """A connection of its own to which the archive stands still, whatever a run writes meanwhile."""
        with closing(self.connect()) as connection:
            connection.row_factory = None
            connection.text_factory = _text
            connection.execute("BEGIN")
            yield Moment(self.folder, connection)

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """The first column of a query's first row, or None."""
        return next((row[0] for row in self.rows(sql, parameters)), None)

    def counts(self) -> dict[str, int]:
        """How many rows each table has, and `frontier_STATE` for each state of an address."""
        counts = {table: int(self.value(f"SELECT count(*) FROM {table}")) for table in _TABLES}
        states = self.rows("SELECT state, count(*) FROM frontier GROUP BY state ORDER BY state")
        return counts | {f"frontier_{state}": number for state, number in states}

    def ungrouped(self) -> int:
        """How many articles came, or changed their text or day, since stories were grouped."""
        with database.told(self.folder):
            return stories.ungrouped(self._connection)

    def capture(self, capture_id: int) -> Capture:
        """A capture as it was kept, byte for byte. Raises InputError for an unknown id, StorageError if damaged."""
        with database.told(self.folder):
            return captures.read(self._connection, self.folder, capture_id)

    def find(self, named: int | str) -> int:
        """The id of an article by its id or any form of its address. Raises InputError where there is none."""
        with database.told(self.folder):
            return archived.find(self._connection, self.folder, named)

    def article(self, named: int | str) -> ArchivedArticle:
        """An article with its history, by its id or any form of its address, all of one moment.

        An address that ended in an article (it forwards there) stands for it. Raises InputError where there is none.
        """
        with closing(self.connect()) as connection, database.told(self.folder):
            connection.text_factory = _text
            connection.execute("BEGIN")
            return archived.read(connection, archived.find(connection, self.folder, named))

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
        self._opened = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()


class Moment:
    """The archive as it is at one moment: all that is asked belongs together."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self._folder, self._connection = folder, connection

    def batches(self, sql: str, parameters: Parameters = (), size: int = 500) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a query as plain tuples, `size` at a time."""
        with database.told(self._folder):
            cursor = self._connection.execute(sql, parameters)
            while batch := cursor.fetchmany(size):
                yield batch

    def rows(self, sql: str, parameters: Parameters = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query as plain tuples, one by one."""
        with database.told(self._folder):
            yield from self._connection.execute(sql, parameters)

    def value(self, sql: str, parameters: Parameters = ()) -> Any:
        """The first column of a query's first row, or None."""
        return next((row[0] for row in self.rows(sql, parameters)), None)


def _text(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace")
    return text.replace("\0", "\ufffd") if "\0" in text else text
