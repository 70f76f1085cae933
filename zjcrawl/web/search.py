"""Searching and looking through: every article that a query and filters choose, its matches, and what they share."""

from datetime import date
from functools import cache
from typing import Any, cast

from zjcrawl import channels, search, stats
from zjcrawl.archive import Archive
from zjcrawl.errors import InputError
from zjcrawl.search import Found, Query, Sort
from zjcrawl.stats import By, Cell, Step, Timeline
from zjcrawl.web import charts, typeset
from zjcrawl.web.asking import Ask, Asked
from zjcrawl.web.words import Words

PAGE = 20  # articles on a page
SHOWN = 4  # matches of each
FACET = 12  # values of a facet
FACETS: tuple[By, ...] = ("channel", "month", "source", "reporter", "editor", "tag")
SORTS: tuple[Sort, ...] = ("newest", "oldest", "rank")


def page(held: Archive, ask: Ask, words: Words) -> dict[str, Any]:
    """What the search page shows. Without a query it is a list of what the filters choose."""
    chosen, sort, number = ask.asked(held), cast(Sort, ask.among("sort", SORTS)), ask.number("page")
    what = cast(By, ask.among("facet", FACETS))
    offset = (number - 1) * PAGE
    if chosen.query is None:
        if sort == "rank":
            raise InputError("nothing to rank by: type a word, or sort by date")
        total = count(held, chosen)
        found = _listed(held, chosen, sort, offset)
    else:
        total = search.count(held, chosen.query, ask.filters(held))
        found = _found(held, chosen.query, ask, sort, offset)
    line = stats.timeline(held, chosen.query, step(held, chosen), ask.filters(held)) if chosen.query else None
    return {
        "total": total,
        "found": found,
        "first": offset + 1,
        "last": offset + len(found),
        "number": number,
        "pages": -(-total // PAGE),
        "line": line,
        "bars": drawn(line, ask, words) if line else None,
        "facet": facet(held, chosen, what, ask),
        "facet_by": what,
    }


def count(held: Archive, chosen: Asked) -> int:
    where, parameters = chosen.sql()
    return int(held.value(f"SELECT count(*) FROM articles WHERE {where}", parameters))


def _listed(held: Archive, chosen: Asked, sort: Sort, offset: int) -> list[dict[str, Any]]:
    where, parameters = chosen.sql()
    order = "DESC" if sort == "newest" else "ASC NULLS LAST"
    sql = f"""
        SELECT id, channel, published_at, source, kicker, title, subtitle, state, kind, substr(body, 1, 120) AS beginning
        FROM articles WHERE {where} ORDER BY published_at {order}, id {order.split()[0]} LIMIT ? OFFSET ?"""
    return [dict(row) for row in held.rows(sql, [*parameters, PAGE, offset])]


def _found(held: Archive, query: Query, ask: Ask, sort: Sort, offset: int) -> list[dict[str, Any]]:
    found = search.find(held, query, ask.filters(held), sort=sort, limit=PAGE, offset=offset, shown=SHOWN)
    return [_row(held, one) for one in found]


def _row(held: Archive, one: Found) -> dict[str, Any]:
    """An article that was found. What stands in its title is marked there, every other match is a line."""
    names = ("id", "channel", "published_at", "source", "title", "matches")
    spans = [(hit.start, hit.end) for hit in one.hits if hit.column == "title"]
    return {name: getattr(one, name) for name in names} | {
        "state": held.value("SELECT state FROM articles WHERE id = ?", (one.id,)),
        "headline": typeset.marked(one.title or "", spans) if spans else None,
        "hits": [hit for hit in one.hits if hit.column != "title"],
    }


# -- over time -------------------------------------------------------------------------------------------------------


def step(held: Archive, chosen: Asked) -> Step:
    """Days, months or years: whatever a picture can hold of the time that is asked about."""
    first, last = held_between(held)
    first, last = chosen.first or first, chosen.last or last
    if first is None or last is None:
        return "month"
    length = (last - first).days
    return "day" if length <= 92 else "month" if length <= 16 * 366 else "year"


def held_between(held: Archive) -> tuple[date | None, date | None]:
    """The days of the first and the last article."""
    edges = (
        held.value(f"SELECT substr({edge}(published_at), 1, 10) FROM articles WHERE published_at IS NOT NULL")
        for edge in ("min", "max")
    )
    first, last = (date.fromisoformat(edge) if edge else None for edge in edges)
    return first, last


def drawn(line: Timeline, ask: Ask, words: Words, path: str = "/search") -> Any:
    """Mentions over time as bars before those of their denominator."""
    bars = [
        charts.Bar(
            cell.cell,
            cell.articles,
            cell.mentioning,
            told_of(cell, words),
            ask.link(path, **{"from": cell.cell, "to": cell.cell}) if cell.mentioning else "",
        )
        for cell in line.cells
    ]
    return charts.bars(bars, words("Mentions over time, before all archived articles of the same time"))


def told_of(cell: Cell, words: Words) -> str:
    """A cell in words, its share with its denominator."""
    if not cell.articles:
        return f"{cell.cell}: {words('nothing archived')}"
    share = f"{cell.per_1000 or 0:,.1f}"
    told = words(
        "{n} of {of} articles, {share} per 1,000", n=f"{cell.mentioning:,}", of=f"{cell.articles:,}", share=share
    )
    return f"{cell.cell}: {told}"


# -- facets ----------------------------------------------------------------------------------------------------------


def facet(held: Archive, chosen: Asked, what: By, ask: Ask) -> dict[str, Any]:
    """The most frequent values of a column among the articles chosen, each with the address that narrows to it."""
    counts = stats.by(held, what, chosen)
    if what == "month":
        counts = sorted(counts, key=lambda one: one.key or "", reverse=True)
    rows = [
        {
            "key": one.key,
            "articles": one.articles,
            "href": narrowed(ask, what, one.key),
            "is_set": is_set(ask, what, one.key),
        }
        for one in counts[:FACET]
    ]
    return {"rows": rows, "more": len(counts) - len(rows), "most": max((one.articles for one in counts), default=0)}


def narrowed(ask: Ask, what: str, key: str | None, path: str = "/search") -> str | None:
    """The address of the same with one more filter, or without it where it is set; None where there is no such filter."""
    if key is None or what in ("kind", "hour", "weekday"):
        return None
    if what in ("month", "year"):
        both = dict.fromkeys(("from", "to"), None if is_set(ask, what, key) else key)
        return ask.link(path, **both)
    return ask.link(path, **{what: None if is_set(ask, what, key) else key})


def is_set(ask: Ask, what: str, key: str | None) -> bool:
    if what in ("month", "year"):
        return ask.one("from") == ask.one("to") == key
    return key in ask.many(what)


@cache
def channel_names() -> dict[str, str]:
    """The names of the channels of the packaged registry."""
    return {slug: channel.name for slug, channel in channels.load().channels.items()}


def channels_held(held: Archive) -> list[str]:
    """The channels that articles belong to or are placed in."""
    rows = held.rows("SELECT channel FROM articles GROUP BY channel UNION SELECT channel FROM leads GROUP BY channel")
    return [row[0] for row in rows if row[0]]
