"""Which articles tell one story: the tables `stories` and `reprints`, their signatures kept for the next grouping."""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import NamedTuple

# An article without a date stands at the day it was first seen.
_DAY = "substr(coalesce(a.published_at, a.first_seen_at), 1, 10)"


class Member(NamedTuple):
    """An article among others: its day (`2019-07-24`), and, where it was grouped with this text before, what of it is
    known: the digest of its letters and its signature."""

    article_id: int
    day: str
    text_sha256: str
    letters_sha256: str | None
    signature: bytes | None


class Pair(NamedTuple):
    """Two articles with one story, the smaller key first. `containment`: share of the shorter text in the longer."""

    article_id: int
    other_id: int
    containment: float


def ungrouped(connection: sqlite3.Connection) -> int:
    """How many articles came, or changed their text or day, since the last grouping."""
    return int(connection.execute(f"SELECT count(*) FROM articles a {_JOINED} WHERE {_STALE}").fetchone()[0])


def days_of_ungrouped(connection: sqlite3.Connection) -> list[str]:
    """The days of the articles that came or changed since."""
    return [row[0] for row in connection.execute(f"SELECT DISTINCT {_DAY} FROM articles a {_JOINED} WHERE {_STALE}")]


def count_by_day(connection: sqlite3.Connection) -> dict[str, int]:
    """How many articles with a body each day has."""
    return dict(
        map(tuple, connection.execute(f"SELECT {_DAY}, count(*) FROM articles a WHERE a.body <> '' GROUP BY 1"))
    )


def members(connection: sqlite3.Connection) -> Iterator[Member]:
    """Every article with a body, by day and key. What is known of one that came or changed is None."""
    for row in connection.execute(_MEMBERS):
        yield Member(*row)


def body(connection: sqlite3.Connection, article_id: int) -> str:
    return str(connection.execute("SELECT body FROM articles WHERE id = ?", (article_id,)).fetchone()[0])


def forget(connection: sqlite3.Connection) -> None:
    """Takes all groups away. In the caller's transaction, as all that writes here."""
    connection.execute("DELETE FROM reprints")
    connection.execute("DELETE FROM stories")


def sign(connection: sqlite3.Connection, one: Member) -> None:
    """Keeps what is known of an article's text, in the place of what was; the pairs it was in are gone."""
    connection.execute("DELETE FROM reprints WHERE article_id = ?1 OR other_id = ?1", (one.article_id,))
    row = (one.article_id, one.article_id, one.day, one.text_sha256, one.letters_sha256, one.signature)
    connection.execute("INSERT OR REPLACE INTO stories VALUES (?, ?, ?, ?, ?, ?)", row)


def pair(connection: sqlite3.Connection, found: Pair) -> None:
    """Keeps a pair."""
    connection.execute("INSERT OR REPLACE INTO reprints VALUES (?, ?, ?)", found)


def drop_empty(connection: sqlite3.Connection) -> None:
    """Takes out the articles that lost their body."""
    gone = "(SELECT s.article_id FROM stories s JOIN articles a ON a.id = s.article_id WHERE a.body = '')"
    connection.execute(f"DELETE FROM reprints WHERE article_id IN {gone} OR other_id IN {gone}")
    connection.execute(f"DELETE FROM stories WHERE article_id IN {gone}")


def pairs(connection: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    """All pairs of articles with one story."""
    yield from connection.execute("SELECT article_id, other_id FROM reprints")


def assign(connection: sqlite3.Connection, story: Mapping[int, int]) -> None:
    """Says of every article in a pair which story it tells, of the others that they tell their own."""
    connection.execute("UPDATE stories SET story_id = article_id WHERE story_id <> article_id")
    connection.executemany(
        "UPDATE stories SET story_id = ? WHERE article_id = ?", ((story[one], one) for one in sorted(story))
    )


def days(connection: sqlite3.Connection) -> dict[int, str]:
    """The day of every grouped article that is in a pair."""
    return dict(connection.execute(_DAYS))


_JOINED = "LEFT JOIN stories s ON s.article_id = a.id"
_STALE = f"(a.body <> '' AND (s.article_id IS NULL OR s.text_sha256 <> a.text_sha256 OR s.day <> {_DAY}))"
_MEMBERS = f"""
SELECT a.id, {_DAY}, a.text_sha256, CASE WHEN {_STALE} THEN NULL ELSE s.letters_sha256 END,
    CASE WHEN {_STALE} THEN NULL ELSE s.signature END
FROM articles a {_JOINED} WHERE a.body <> '' ORDER BY 2, 1"""
_DAYS = """
SELECT article_id, day FROM stories
WHERE article_id IN (SELECT article_id FROM reprints UNION SELECT other_id FROM reprints)"""
