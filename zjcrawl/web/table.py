"""Counting, in the browser: by a column, over time, together, and what is held of each day."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, cast, get_args

from markupsafe import Markup

from zjcrawl import coverage, stats
from zjcrawl.archive import Archive
from zjcrawl.coverage import STATUSES, Day
from zjcrawl.errors import InputError
from zjcrawl.filters import span
from zjcrawl.search import Query
from zjcrawl.stats import By, Step
from zjcrawl.web import charts, queries, search, start, typeset
from zjcrawl.web.asking import Ask
from zjcrawl.web.words import Words

if TYPE_CHECKING:
    from zjcrawl.web.site import Memory

LINES = 100  # of what is most frequent
PARAGRAPHS = 20
CALENDARS = 8  # of a year that a page holds; where there would be more, a channel is a line
BYS: tuple[By, ...] = get_args(By)
STEPS: tuple[Step, ...] = ("month", "year", "day")


def stats_page(held: Archive, ask: Ask, words: Words) -> dict[str, Any]:
    """How many articles by a column, of those that query and filters choose."""
    chosen, what = ask.asked(held), cast(By, ask.among("by", BYS))
    counts = stats.by(held, what, chosen)
    shown = counts if what in stats.IN_TIME else counts[:LINES]
    rows = [
        {
            "key": one.key,
            "articles": one.articles,
            "first": (one.first or "–")[:10],
            "last": (one.last or "–")[:10],
            "href": search.narrowed(Ask([pair for pair in ask.pairs if pair[0] != "by"]), what, one.key),
        }
        for one in shown
    ]
    return {
        "by": what,
        "BYS": BYS,
        "rows": rows,
        "values": len(counts),
        "total": search.count(held, chosen),
        "most": max((one.articles for one in counts), default=0),
    }


def timeline_page(held: Archive, ask: Ask, words: Words) -> dict[str, Any]:
    """Mentions over time with their denominator."""
    if ask.query is None:
        return {"STEPS": STEPS}
    step = cast(Step, (ask.one("by") and ask.among("by", STEPS)) or search.step(held, ask.asked(held)))
    line = stats.timeline(held, ask.query, step, ask.filters(held))
    shares = [
        charts.Bar(
            cell.cell,
            (cell.per_1000 or 0),
            (cell.per_1000 or 0),
            search.told_of(cell, words),
            Ask([pair for pair in ask.pairs if pair[0] != "by"]).link("/search", **{"from": cell.cell, "to": cell.cell})
            if cell.mentioning
            else "",
        )
        for cell in line.cells
    ]
    return {
        "STEPS": STEPS,
        "step": step,
        "line": line,
        "shares": charts.bars(shares, words("Mentions per 1,000 archived articles")),
        "numbers": search.drawn(line, Ask([pair for pair in ask.pairs if pair[0] != "by"]), words),
    }


def cooccur_page(held: Archive, ask: Ask, words: Words) -> dict[str, Any]:
    """Whether two queries are true of the same articles more often than by chance, and the paragraphs with both."""
    if not (ask.one("a") and ask.one("b")):
        if ask.one("a") or ask.one("b"):
            raise InputError(words("Two words are needed: fill in both fields."))
        return {}
    a, b, filters = Query.of(ask.one("a")), Query.of(ask.one("b")), ask.filters(held)
    told = stats.together(held, a, b, filters)
    found = {"told": told, "a": a.text, "b": b.text}
    try:
        paragraphs = stats.paragraphs(held, a, b, filters)
        return found | {"paragraphs": [_pieces(one) for one in islice(paragraphs, PARAGRAPHS)]}
    except InputError as error:
        return found | {"no_paragraphs": str(error)}


def _pieces(one: stats.Paragraph) -> dict[str, Any]:
    """A paragraph with both matches marked, however they overlap."""
    text = one.a.before + one.a.text + one.a.after
    base = one.a.start - len(one.a.before)
    marked = typeset.marked(text, [(one.a.start - base, one.a.end - base), (one.b[0] - base, one.b[1] - base)])
    return {"id": one.id, "channel": one.channel, "published_at": one.published_at, "text": marked}


# -- coverage --------------------------------------------------------------------------------------------------------


def coverage_page(held: Archive, ask: Ask, words: Words, counted: "Memory") -> dict[str, Any]:
    """What is held of each day, and whether anybody looked."""
    first, last = days_asked(ask)
    slugs = ask.filters(held).channels
    by_channel, undated = counted.of(("coverage", slugs, first, last), lambda: _held(held, slugs, first, last))
    most = max((day.read for days in by_channel.values() for day in days), default=0)
    few = len(by_channel) * (last - first).days <= CALENDARS * 366
    return {
        "first_day": first,
        "last_day": last,
        "few": few,
        "most": most,
        "STATUSES": STATUSES,
        "channels": [_channel(slug, days, most, few, undated.get(slug, 0), words) for slug, days in by_channel.items()],
    }


def _held(held: Archive, slugs: Sequence[str], first: date, last: date) -> tuple[dict[str, list[Day]], dict[str, int]]:
    """Every day of each channel, and how many articles have none."""
    days = coverage.coverage(held, slugs, first, last)
    return days, coverage.undated(held, list(days)) if days else {}


def _channel(slug: str, days: list[Day], most: int, few: bool, undated: int, words: Words) -> dict[str, Any]:
    statuses = Counter(day.status for day in days)
    return {
        "slug": slug,
        "whole": coverage.total(days),
        "undated": undated,
        "statuses": [(status, statuses[status]) for status in STATUSES if statuses[status]],
        "calendars": list(_calendars(slug, days, most, words)) if few else None,
        "strip": None if few else charts.strip(days, most, slug),
    }


def _calendars(slug: str, days: list[Day], most: int, words: Words) -> Iterator[Markup]:
    """A calendar of about a year, or one for each year."""
    years = [days] if len(days) <= 54 * 7 else [list(of) for _, of in groupby(days, key=lambda day: day.day.year)]
    for of in years:
        yield charts.calendar(of, most, slug, [told(day, words) for day in of])


def told(day: Day, words: Words) -> str:
    """A day of coverage in words."""
    parts = [words(coverage.STATUSES[day.status])]
    if day.listed:
        parts.append(words("{read} of {listed} read", read=f"{day.read:,}", listed=f"{day.listed:,}"))
    parts += [f"{reason} {number:,}" for reason, number in sorted(day.missing.items())]
    return f"{day.day.isoformat()}: {' · '.join(parts)}"


def days_asked(ask: Ask) -> tuple[date, date]:
    """The days of `from` and `to`; without them the 53 weeks up to today. Raises InputError."""
    last = span(ask.one("to"), "to")[1] if ask.one("to") else coverage.today()
    usual = last - timedelta(days=last.weekday(), weeks=start.WEEKS - 1)
    first = span(ask.one("from"), "from")[0] if ask.one("from") else usual
    if first > last:
        raise InputError(f"from {first} is after to {last}: exchange them")
    if (last - first).days > 20 * 366:
        raise InputError(f"from {first} to {last} is more than can be drawn: ask for at most 20 years")
    return first, last


def questions_page(held: Archive, ask: Ask, words: Words) -> dict[str, Any]:
    """Every question that is kept ready, in plain words."""
    return {"queries": queries.QUERIES}
