"""The database as a file and as a set of tables."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from zjcrawl.archive import schema
from zjcrawl.verify.findings import ANEW, Finding
from zjcrawl.verify.subject import Subject, channel_of


def integrity(subject: Subject, quick: bool) -> Iterator[Finding]:
    """SQLite's own check of its pages, of the order of its indexes, of NOT NULL, UNIQUE and CHECK."""
    for (problem,) in subject.rows("PRAGMA quick_check" if quick else "PRAGMA integrity_check"):
        if problem != "ok":
            yield Finding("integrity", "", "", "", f"SQLite says: {problem}: {ANEW}")


def foreign_keys(subject: Subject) -> Iterator[Finding]:
    """Every row that another one names is there."""
    for table, rowid, parent, number in subject.rows("PRAGMA foreign_key_check"):
        column = subject.value('SELECT "from" FROM pragma_foreign_key_list(?) WHERE id = ?', table, number)
        key = "" if rowid is None else rowid
        yield Finding("foreign keys", table, key, "", f"{column} names a row of {parent} that is not there: {ANEW}")


def tables(subject: Subject) -> Iterator[Finding]:
    """Every table and view that this version of the program makes is there, with its columns."""
    found = _shape(subject.connection, _TABLES)
    for name, columns in _made(_TABLES).items():
        if name not in found:
            yield Finding("tables", name, "", "", f"it is missing: {ANEW}")
        elif missing := [column for column in columns if column not in found[name]]:
            yield Finding("tables", name, "", "", f"it lacks, or has otherwise, {', '.join(missing)}: {ANEW}")


def indexes(subject: Subject) -> Iterator[Finding]:
    """Every index that this version of the program makes is there."""
    found = _shape(subject.connection, _INDEXES)
    for name, columns in _made(_INDEXES).items():
        if found.get(name) != columns:
            yield Finding("tables", name, "", "", f"it is missing, or is another: {ANEW}")


def channels(subject: Subject) -> Iterator[Finding]:
    """Every row of `channels` is a channel."""
    for row in subject.rows("SELECT * FROM channels"):
        if channel_of(row) is None:
            yield Finding(
                "tables", "channels", row["slug"], "", "lists is no list of addresses: the next run writes it anew"
            )


def _made(sql: str) -> dict[str, list[str]]:
    """What the program makes of an empty file."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        schema.migrate(fresh)
        return _shape(fresh, sql)


def _shape(connection: sqlite3.Connection, sql: str) -> dict[str, list[str]]:
    """The columns of every table or index by its name."""
    found: dict[str, list[str]] = {}
    for name, column in connection.execute(sql):
        found.setdefault(name, []).append(column)
    return found


_TABLES = """
SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
UNION ALL SELECT name, sql FROM sqlite_master WHERE type = 'view'"""

_INDEXES = """
SELECT m.name, c.name FROM sqlite_master m, pragma_index_info(m.name) c
WHERE m.type = 'index' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.seqno"""
