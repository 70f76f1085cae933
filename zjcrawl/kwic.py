"""Keywords in context: where terms stand in a text as it was printed, though it is compared in normalised form.

Normalising changes lengths (`㎡` is two characters, a run of blanks one, a zero-width character none), so every character
of the normalised text is led back to those it came from. Offsets count characters (code points).
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rich.cells import cell_len

from zjcrawl.archive.search_index import fold, normalise

COLUMNS = ("kicker", "title", "subtitle", "body")  # in the order they are read
_MOST_PAIRED = 100  # matches of a paragraph whose distances are compared: a page may be one character over and over


@dataclass(frozen=True, slots=True)
class Hit:
    """A term where it stands: the article's `column`, `start` and `end` in it, and its line in three pieces."""

    column: str
    start: int
    end: int
    before: str
    text: str
    after: str


def hits(row: Mapping[str, Any], wanted: Mapping[str, Sequence[str]], shown: int | None) -> tuple[int, tuple[Hit, ...]]:
    """How often terms stand in the columns of an article, and the first `shown` hits in the order of reading.

    `wanted` has the normalised terms for each column. Hits of one term do not overlap, those of different terms may.
    """
    matches = 0
    found: list[Hit] = []
    for column in COLUMNS:
        terms, text = wanted.get(column), row[column]
        if not terms or not text:
            continue
        for offset, line, normal in lines(text):
            places = sorted(place for term in terms for place in _places(normal, term))
            matches += len(places)
            found += [
                hit(column, offset, line, span)
                for span in spans(line, places if shown is None else places[: shown - len(found)])
            ]
    return matches, tuple(found)


def lines(text: str) -> Iterator[tuple[int, str, str]]:
    """The lines of a text: where each begins, as it is printed, and in normalised form."""
    offset = 0
    for line, normal in zip(text.split("\n"), normalise(text).split("\n"), strict=True):
        yield offset, line, normal
        offset += len(line) + 1


def hit(column: str, offset: int, line: str, span: tuple[int, int]) -> Hit:
    """The hit at a place in a line that begins at an offset of its column."""
    start, end = span
    return Hit(column, offset + start, offset + end, line[:start], line[start:end], line[end:])


def nearest(text: str, some: Sequence[str], others: Sequence[str]) -> list[tuple[int, int]]:
    """The two places in a normalised text, one of each kind of terms, that are nearest to each other; [] without both."""
    first, second = (sorted(place for term in terms for place in _places(text, term)) for terms in (some, others))
    pairs = ([one, other] for one in first[:_MOST_PAIRED] for other in second[:_MOST_PAIRED] if one != other)
    return min(pairs, key=lambda pair: max(pair)[0] - min(pair)[1], default=[])


def spans(line: str, places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where in a line stands what stands at these places of its normalised form."""
    if not places:
        return []
    origins = origin(line)
    return [(origins[start][0], origins[end - 1][1]) for start, end in places]


def origin(line: str) -> list[tuple[int, int]]:
    """For each character of a normalised line, where in the line begins and ends what it came from."""
    found: list[tuple[int, int]] = []
    blanks: tuple[int, int] | None = None
    for start, end in _clusters(line):
        for char in _folded(line[start]) if end - start == 1 else fold(line[start:end]):
            if char.isspace():
                blanks = (blanks[0] if blanks else start, end)
                continue
            if blanks and found:
                found.append(blanks)
            blanks = None
            found.append((start, end))
    return found


_folded = lru_cache(10_000)(fold)  # of a character: three thousand make a Chinese text


def tail(text: str, width: int) -> str:
    """As much of the end of a text as `width` columns of a terminal hold; a Chinese character takes two."""
    return head(text[::-1], width)[::-1]


def head(text: str, width: int) -> str:
    """As much of the beginning of a text as `width` columns of a terminal hold."""
    for at, char in enumerate(text):
        width -= cell_len(char)
        if width < 0:
            return text[:at]
    return text


def _places(text: str, term: str) -> Iterator[tuple[int, int]]:
    at = text.find(term)
    while at >= 0:
        yield at, at + len(term)
        at = text.find(term, at + len(term))


def _clusters(line: str) -> Iterator[tuple[int, int]]:
    """The pieces of a line that are normalised each for itself."""
    start = 0
    for at in range(1, len(line)):
        if _stands_alone(line[at]) or (_begins(line[at]) and not _grow_together(line[start:at], line[at])):
            yield start, at
            start = at
    if line:
        yield start, len(line)


def _stands_alone(char: str) -> bool:
    """Whether a character never joins the one before it: Latin, punctuation, Chinese, full-width ASCII. A short cut."""
    return char < "\u0300" or "\u3400" <= char <= "\u9fff" or "\u2000" <= char <= "\u206f" or "！" <= char <= "～"


def _begins(char: str) -> bool:
    """Whether a character is no mark on the one before it."""
    return not unicodedata.combining(unicodedata.normalize("NFKD", char)[0])


def _grow_together(before: str, char: str) -> bool:
    """Whether a character, as the syllables of Korean do, becomes one with what stands before it."""
    apart = unicodedata.normalize("NFKC", before) + unicodedata.normalize("NFKC", char)
    return unicodedata.normalize("NFKC", before + char) != apart
