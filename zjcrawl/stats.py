"""Counting: articles by any column, mentions over time with their denominator, and what occurs together.

Every count is of articles, after the filters. A share is never given without the number that it is a share of.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from zjcrawl import kwic, search
from zjcrawl.archive import Archive
from zjcrawl.archive.search_index import normalise
from zjcrawl.errors import InputError
from zjcrawl.filters import Filters
from zjcrawl.kwic import Hit
from zjcrawl.search import And, Query

By = Literal[
    "channel", "month", "year", "template", "reporter", "editor", "source", "tag", "kind", "state", "hour", "weekday"
]
Step = Literal["day", "month", "year"]
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LENGTHS = {"day": 10, "month": 7, "year": 4}  # of the beginning of `published_at` that names the cell
IN_TIME = ("month", "year", "hour", "weekday")  # in their own order, the others by number

# `published_at` is local time as text: cut, never converted. An hour is known where more than the day was printed.
_KEYS = {
    "channel": "articles.channel",
    "month": "substr(articles.published_at, 1, 7)",
    "year": "substr(articles.published_at, 1, 4)",
    "template": "articles.template",
    "reporter": "credited.name",
    "editor": "credited.name",
    "source": "articles.source",
    "tag": "tags.tag",
    "kind": "articles.kind",
    "state": "articles.state",
    "hour": "CASE WHEN articles.published_precision <> 'day' THEN substr(articles.published_at, 12, 2) END",
    "weekday": "(strftime('%w', substr(articles.published_at, 1, 10)) + 6) % 7",
}


@dataclass(frozen=True, slots=True)
class Count:
    """How many articles share a value, None where the page has none; and when the first and the last is from."""

    key: str | None
    articles: int
    first: str | None
    last: str | None


def by(archive: Archive, what: By, filters: Filters | None = None) -> list[Count]:
    """Articles by a value: times in their order, everything else the most frequent first.

    An article counts once under each of its reporters, editors or tags, so those counts may add up to more than there are.
    """
    where, parameters = (filters or Filters()).sql()
    joined = ""
    if what in ("reporter", "editor"):
        joined = f"LEFT JOIN credits credited ON credited.article_id = articles.id AND credited.role = '{what}'"
    elif what == "tag":
        joined = "LEFT JOIN tags ON tags.article_id = articles.id"
    order = "value IS NULL, value" if what in IN_TIME else "number DESC, value"
    sql = f"""
        SELECT {_KEYS[what]} AS value, count(*) AS number, min(articles.published_at), max(articles.published_at)
        FROM articles {joined} WHERE {where} GROUP BY value ORDER BY {order}"""
    rows = archive.rows(sql, parameters)
    return [Count(_key(what, row[0]), row[1], row[2], row[3]) for row in rows]


def overview(archive: Archive, filters: Filters | None = None) -> dict[str, Any]:
    """What there is at all: articles with their first and last day, and how many different values there are."""
    where, parameters = (filters or Filters()).sql()
    row = next(archive.rows(_OVERVIEW.format(where=where), parameters))
    chosen = f"article_id IN (SELECT articles.id FROM articles WHERE {where})"
    people = {
        f"{role}s": archive.value(
            f"SELECT count(DISTINCT name) FROM credits WHERE role = '{role}' AND {chosen}", parameters
        )
        for role in ("reporter", "correspondent", "photographer", "editor")
    }
    tags = archive.value(f"SELECT count(DISTINCT tag) FROM tags WHERE {chosen}", parameters)
    edits = archive.value(f"SELECT count(*) FROM revisions WHERE change_kind = 'edit' AND {chosen}", parameters)
    return {**dict(row), **people, "tags": tags, "edits": edits}


_OVERVIEW = """
SELECT count(*) AS articles, substr(min(published_at), 1, 10) AS first, substr(max(published_at), 1, 10) AS last,
    count(*) - count(published_at) AS undated, coalesce(sum(length(body)), 0) AS characters,
    count(DISTINCT channel) AS channels, count(DISTINCT source) AS sources,
    coalesce(sum(state = 'gone'), 0) AS gone, coalesce(sum(state = 'suspect'), 0) AS suspect
FROM articles WHERE {where}"""


def _key(what: By, value: Any) -> str | None:
    if value is None:
        return None
    return WEEKDAYS[int(value)] if what == "weekday" else str(value)


# -- over time -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """A day, month or year: how many articles mention what was asked for, of how many that are archived."""

    cell: str
    mentioning: int
    articles: int

    @property
    def per_1000(self) -> float | None:
        """Of a thousand archived articles, how many mention it; None where none is archived."""
        return 1000 * self.mentioning / self.articles if self.articles else None

    def as_json(self) -> dict[str, Any]:
        share = self.per_1000
        told = None if share is None else round(share, 3)
        return {"cell": self.cell, "mentioning": self.mentioning, "articles": self.articles, "per_1000": told}


@dataclass(frozen=True, slots=True)
class Timeline:
    """Mentions over time: every cell from the first to the last, empty ones too; articles without a date apart."""

    cells: tuple[Cell, ...]
    undated: Cell
    total: Cell


def timeline(archive: Archive, query: Query, step: Step, filters: Filters | None = None) -> Timeline:
    """Mentions by day, month or year of publication, between the dates of the filters, else of the articles."""
    filters = filters or Filters()
    where, parameters = filters.sql()
    every = _cells(archive, step, where, parameters)
    mentioning = _cells(archive, step, *filters.sql(*query.sql()))
    undated = Cell("undated", mentioning.pop(None, 0), every.pop(None, 0))
    known = sorted(cell for cell in every if cell is not None)
    first = filters.first.isoformat() if filters.first else known[0] if known else None
    last = filters.last.isoformat() if filters.last else known[-1] if known else None
    names = _between(first, last, step) if first and last and known else []
    cells = tuple(Cell(name, mentioning.get(name, 0), every.get(name, 0)) for name in names)
    total = Cell("all", sum(mentioning.values()) + undated.mentioning, sum(every.values()) + undated.articles)
    return Timeline(cells, undated, total)


def _cells(archive: Archive, step: Step, where: str, parameters: list[str]) -> dict[str | None, int]:
    cell = f"substr(articles.published_at, 1, {_LENGTHS[step]})"
    return {
        row[0]: row[1]
        for row in archive.rows(f"SELECT {cell}, count(*) FROM articles WHERE {where} GROUP BY 1", parameters)
    }


def _between(first: str, last: str, step: Step) -> list[str]:
    """The names of all cells from one to another."""
    day, end = _day(first), _day(last)
    names = []
    while day <= end:
        names.append(day.isoformat()[: _LENGTHS[step]])
        if day.year == date.max.year:
            break
        day = {
            "day": day + timedelta(days=1),
            "month": date(day.year + day.month // 12, day.month % 12 + 1, 1),
            "year": date(day.year + 1, 1, 1),
        }[step]
    return names


def _day(text: str) -> date:
    """The first day of a cell."""
    return date.fromisoformat((text + "-01-01")[:10])


# -- together --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Together:
    """Two queries and the articles of which both, one or none is true."""

    both: int
    only_a: int
    only_b: int
    neither: int

    @property
    def articles(self) -> int:
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def expected(self) -> float | None:
        """How many articles would have both if they had nothing to do with each other: n(a) n(b) / n."""
        a, b = self.both + self.only_a, self.both + self.only_b
        return a * b / self.articles if self.articles else None

    @property
    def pmi(self) -> float | None:
        """Pointwise mutual information in bits, log2(p(a, b) / (p(a) p(b))); None where nothing has both.

        K. W. Church, P. Hanks: Word association norms, mutual information, and lexicography. Computational Linguistics
        16 (1990) 22-29. It exaggerates what is rare.
        """
        return math.log2(self.both / self.expected) if self.both and self.expected else None

    @property
    def odds_ratio(self) -> float | None:
        """The odds of b among articles with a over those among articles without: both * neither / (only a * only b);
        None where a cell that divides is empty.

        J. Cornfield: A method of estimating comparative rates from clinical data. Journal of the National Cancer
        Institute 11 (1951) 1269-1275.
        """
        divisor = self.only_a * self.only_b
        return self.both * self.neither / divisor if divisor else None

    @property
    def odds_ratio_95(self) -> tuple[float, float] | None:
        """The 95 % interval of the odds ratio, exp(ln OR -+ 1.96 sqrt(1/a + 1/b + 1/c + 1/d)); None where a cell is empty.

        B. Woolf: On estimating the relation between blood group and disease. Annals of Human Genetics 19 (1955) 251-253.
        """
        cells = (self.both, self.only_a, self.only_b, self.neither)
        if not all(cells) or self.odds_ratio is None:
            return None
        spread = 1.96 * math.sqrt(sum(1 / cell for cell in cells))
        return self.odds_ratio * math.exp(-spread), self.odds_ratio * math.exp(spread)

    def as_json(self) -> dict[str, Any]:
        interval = self.odds_ratio_95
        return {
            "articles": self.articles,
            "both": self.both,
            "only_a": self.only_a,
            "only_b": self.only_b,
            "neither": self.neither,
            "expected_both": _rounded(self.expected),
            "pmi_bits": _rounded(self.pmi),
            "odds_ratio": _rounded(self.odds_ratio),
            "odds_ratio_95": [_rounded(bound) for bound in interval] if interval else None,
        }


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of which both queries are true: its article, the nearest two matches, `b` by its offsets in the body."""

    id: int
    url: str
    channel: str | None
    published_at: str | None
    a: Hit
    b: tuple[int, int]


def together(archive: Archive, a: Query, b: Query, filters: Filters | None = None) -> Together:
    """How two queries go together in the articles that the filters choose."""
    where, parameters = (filters or Filters()).sql()
    articles = int(archive.value(f"SELECT count(*) FROM articles WHERE {where}", parameters))
    with_a, with_b = (search.count(archive, query, filters) for query in (a, b))
    both = search.count(archive, _both(a, b), filters)
    return Together(both, with_a - both, with_b - both, articles - with_a - with_b + both)


def paragraphs(archive: Archive, a: Query, b: Query, filters: Filters | None = None) -> Generator[Paragraph]:
    """The paragraphs of which both queries are true, newest first. Raises InputError where one has no word in the text."""
    words = [[term.text for term in query.terms if term.field != "title"] for query in (a, b)]
    for query, found in zip((a, b), words, strict=True):
        if not found:
            raise InputError(f"{query.text!r} has no word that is to stand in the text: no paragraph can show it")
    return _paragraphs(archive, a, b, words, filters)


def _paragraphs(
    archive: Archive, a: Query, b: Query, words: list[list[str]], filters: Filters | None
) -> Generator[Paragraph]:
    for article_id in search.ids(archive, _both(a, b), filters):
        row = next(archive.rows(_ARTICLE, (article_id,)))
        headline = normalise("\n".join(part for part in (row["kicker"], row["title"], row["subtitle"]) if part))
        for offset, line, normal in kwic.lines(row["body"]):
            if not (a.holds_in(normal, headline) and b.holds_in(normal, headline)):
                continue
            if places := kwic.nearest(normal, *words):
                one, (start, end) = kwic.spans(line, places)
                which = (row["id"], row["url"], row["channel"], row["published_at"])
                yield Paragraph(*which, kwic.hit("body", offset, line, one), (offset + start, offset + end))


_ARTICLE = "SELECT id, url, channel, published_at, kicker, title, subtitle, body FROM articles WHERE id = ?"


def _both(a: Query, b: Query) -> Query:
    return Query(f"({a.text}) ({b.text})", And((a.tree, b.tree)))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
