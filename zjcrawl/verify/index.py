"""The search index against the texts: every character is indexed at its place, and nothing else.

The index keeps no texts. For every article a sum over its tokens is taken from the index and from its text: each token
counts as a random number of its character times a number of its place. Other tokens, or other places, make another sum
but for one case in 2^30. Memory grows with the number of articles, not with their length.
"""

import random
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from operator import mul

from zjcrawl.archive.search_index import texts
from zjcrawl.verify.findings import Finding
from zjcrawl.verify.subject import Subject

_BITS = 30
_REREAD = "'zjcrawl reparse' writes it anew"


def rows(subject: Subject) -> Iterator[Finding]:
    """Every article has its row in the index, and every row of the index its article."""
    for number, url in subject.rows(
        "SELECT id, url FROM articles WHERE id NOT IN (SELECT id FROM articles_fts_docsize)"
    ):
        yield Finding("index", "articles", number, url, f"the search index does not have it: {_REREAD}")
    for (number,) in subject.rows("SELECT id FROM articles_fts_docsize WHERE id NOT IN (SELECT id FROM articles)"):
        yield _wrong(number, "", "the search index has an article that there is not")


def tokens(subject: Subject, part: int, parts: int) -> Iterator[Finding]:
    """The index has of every article the characters of its text at their places: those of one part of all characters."""
    numbers = _Numbers(part, parts)
    found = _indexed(subject, numbers)
    places = _Places()
    for row in subject.rows("SELECT id, url, kicker, title, subtitle, body FROM articles ORDER BY id"):
        title, body = (text[::2] for text in texts(row))  # the characters without the blanks that part them
        expected = numbers.sum_of(title, places.of(0, len(title))) + numbers.sum_of(body, places.of(1, len(body)))
        if found.pop(row["id"], 0) != expected:
            yield _wrong(row["id"], row["url"], "what the search index has of it is not its text")
    for number in sorted(number for number, left in found.items() if left):
        yield _wrong(number, "", "the search index has a text of no article")


def sample(subject: Subject, ids: Sequence[int]) -> Iterator[Finding]:
    """Some articles are found by their whole headline and their whole text, and the index counts as many characters."""
    for number in ids:
        row = next(subject.rows("SELECT url, kicker, title, subtitle, body FROM articles WHERE id = ?", number), None)
        size = subject.value("SELECT sz FROM articles_fts_docsize WHERE id = ?", number)
        if row is None or size is None:
            continue  # `rows` tells
        both = dict(zip(("title", "body"), texts(row), strict=True))
        queries = [f'{column} : "{text.replace(chr(34), chr(34) * 2)}"' for column, text in both.items() if text]
        hit = subject.value(_MATCH, " AND ".join(queries), number) if queries else 1
        if not hit or _varints(size) != [len(text[::2]) for text in both.values()]:
            yield _wrong(number, row["url"], "what the search index has of it is not its text")


def _indexed(subject: Subject, numbers: "_Numbers") -> dict[int, int]:
    """The sum of every article's tokens, as the index has them."""
    connection = subject.connection
    for kind in ("row", "instance"):
        connection.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.by_{kind} USING fts5vocab(main, articles_fts, {kind})"
        )
    found: defaultdict[int, int] = defaultdict(int)
    for (term,) in subject.rows("SELECT term FROM temp.by_row").fetchall():
        if number := numbers[term]:
            for article, places in subject.rows(_PLACES, term):
                found[article] += number * places
    return found


class _Numbers(dict[str, int]):
    """A random number for each token; none for those of other parts."""

    def __init__(self, part: int, parts: int) -> None:
        super().__init__()
        self._part, self._parts, self._dice = part, parts, random.SystemRandom()

    def __missing__(self, token: str) -> int:
        mine = zlib.crc32(token.encode("utf-8", "surrogatepass")) % self._parts == self._part
        self[token] = self._dice.randrange(1, 1 << _BITS) if mine else 0
        return self[token]

    def sum_of(self, text: str, places: Sequence[int]) -> int:
        return sum(map(mul, map(self.__getitem__, text), places))


class _Places:
    """The number of each place of both columns, as `_PLACES` computes it."""

    def __init__(self) -> None:
        self._known: tuple[list[int], list[int]] = ([], [])

    def of(self, column: int, length: int) -> list[int]:
        """The numbers of the first `length` places of a column, and of some more."""
        known = self._known[column]
        for place in range(len(known) * 2 + column, length * 2 + column, 2):
            known.append(((place * 2654435761 & 0xFFFFFFFF) * (place + 12345) >> 16) & ((1 << _BITS) - 1))
        return known


def _varints(blob: bytes) -> list[int]:
    """The numbers of a blob of SQLite's variable-length integers."""
    found, number = [], 0
    for byte in blob:
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            found.append(number)
            number = 0
    return found


def _wrong(number: int, url: str, says: str) -> Finding:
    return Finding("index", "articles_fts", number, url, f"{says}: {_REREAD}")


_PLACES = f"""
SELECT doc, sum(((place * 2654435761 & 4294967295) * (place + 12345) >> 16) & {(1 << _BITS) - 1})
FROM (SELECT doc, offset * 2 + (col = 'body') AS place FROM temp.by_instance WHERE term = ?) GROUP BY doc"""

_MATCH = "SELECT 1 FROM articles_fts WHERE articles_fts MATCH ? AND rowid = ?"
