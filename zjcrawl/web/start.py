"""The start page: what the archive holds, of where and when, and how it does. Whatever takes long is counted once a commit."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from zjcrawl import channels, coverage
from zjcrawl.archive import Archive
from zjcrawl.coverage import Day
from zjcrawl.health import last_run
from zjcrawl.web import charts
from zjcrawl.web.asking import Ask
from zjcrawl.web.words import Words

if TYPE_CHECKING:
    from zjcrawl.web.site import Memory

WEEKS = 53
# Where the prefecture cities lie, as rows and columns of tiles.
MAP = (
    (None, "湖州", "嘉兴", None, None),
    (None, "杭州", "绍兴", "宁波", "舟山"),
    ("衢州", "金华", None, "台州", None),
    (None, "丽水", "温州", None, None),
)


def page(held: Archive, ask: Ask, words: Words, counted: "Memory") -> dict[str, Any]:
    """What the start page shows."""
    by_channel = counted.of("by channel", lambda: _by_channel(held))
    months = counted.of("months", lambda: _months(held))
    today = coverage.today()
    days = counted.of(("days", today), lambda: _days(held, today))
    most = max((day.read for day in days), default=0)
    return {
        "numbers": counted.of("numbers", lambda: _numbers(held)),
        "tiles": _tiles(by_channel),
        "others": _others(by_channel),
        "months": _bars(months, words),
        "undated": months.get(None, 0),
        "calendar": charts.calendar(days, most, words("Articles read by day"), [told(day, words) for day in days])
        if days
        else None,
        "most": most,
        "newest": list(held.rows(_NEWEST)),
        **_last_crawl(held),
    }


_NEWEST = """
SELECT id, channel, published_at, coalesce(title, kicker, subtitle) AS title FROM articles
ORDER BY published_at DESC, id DESC LIMIT 6"""


def _numbers(held: Archive) -> dict[str, Any]:
    """Headline numbers, each from an index or a small table: no text is read."""
    first, last = next(
        held.rows("SELECT min(published_at), max(published_at) FROM articles WHERE published_at IS NOT NULL")
    )
    names = {
        "articles": "SELECT count(*) FROM articles",
        "channels": "SELECT count(*) FROM (SELECT channel FROM articles WHERE channel IS NOT NULL GROUP BY channel)",
        "reporters": "SELECT count(DISTINCT name) FROM credits WHERE role = 'reporter'",
        "tags": "SELECT count(*) FROM (SELECT tag FROM tags GROUP BY tag)",
        "captures": "SELECT count(*) FROM captures",
        "edits": "SELECT count(*) FROM revisions WHERE change_kind = 'edit'",
        "waiting": "SELECT count(*) FROM frontier WHERE kind = 'article' AND state = 'pending'",
    }
    return {name: held.value(sql) for name, sql in names.items()} | {
        "first": (first or "")[:10],
        "last": (last or "")[:10],
    }


def _by_channel(held: Archive) -> dict[str, int]:
    return {row[0]: row[1] for row in held.rows("SELECT channel, count(*) FROM articles GROUP BY channel")}


def _tiles(by_channel: dict[str, int]) -> list[list[dict[str, Any] | None]]:
    """The cities with their articles, where they lie, and their counties with theirs."""
    cities: dict[str, dict[str, Any]] = {}
    counties: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for slug, channel in channels.load().channels.items():
        entry = {"slug": slug, "name": channel.name, "articles": by_channel.get(slug, 0)}
        if channel.kind == "city":
            cities[channel.prefecture] = entry
        elif channel.kind == "county":
            counties[channel.prefecture].append(entry)
    wholes = {name: city["articles"] + sum(c["articles"] for c in counties[name]) for name, city in cities.items()}
    most = max(wholes.values(), default=0)
    for name, city in cities.items():
        city |= {"whole": wholes[name], "level": charts.level(wholes[name], most), "counties": counties[name]}
    return [[cities.get(name) if name else None for name in row] for row in MAP]


def _others(by_channel: dict[str, int]) -> list[dict[str, Any]]:
    """The channels that are no city or county and have articles, the fullest first."""
    known = channels.load().channels
    found = [
        {"slug": slug, "name": known[slug].name if slug in known else slug, "articles": number}
        for slug, number in by_channel.items()
        if slug and (slug not in known or known[slug].kind not in ("city", "county"))
    ]
    return sorted(found, key=lambda one: -int(one["articles"]))


def _months(held: Archive) -> dict[str | None, int]:
    return {row[0]: row[1] for row in held.rows("SELECT substr(published_at, 1, 7), count(*) FROM articles GROUP BY 1")}


def _bars(months: dict[str | None, int], words: Words) -> Any:
    """Articles by month, from the first month to the last; by year where there are too many months."""
    known = sorted(month for month in months if month)
    if not known:
        return None
    long = int(known[-1][:4]) - int(known[0][:4]) > 16
    counts: defaultdict[str, int] = defaultdict(int)
    for month in known:
        counts[month[: 4 if long else 7]] += months[month]
    names = _years(known) if long else _every_month(known[0], known[-1])
    bars = [
        charts.Bar(name, counts[name], counts[name], f"{name}: {words('{n} articles', n=f'{counts[name]:,}')}",
                   f"/search?from={name}&to={name}" if counts[name] else "")
        for name in names
    ]  # fmt: skip
    return charts.bars(bars, words("Articles by year") if long else words("Articles by month"))


def _years(known: Sequence[str]) -> list[str]:
    return [f"{year:04}" for year in range(int(known[0][:4]), int(known[-1][:4]) + 1)]


def _every_month(first: str, last: str) -> list[str]:
    begin, end = (int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (first, last))
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(begin, end + 1)]


# -- day by day ------------------------------------------------------------------------------------------------------


def _days(held: Archive, today: date) -> list[Day]:
    """The last 53 weeks: what was read of each day, and what is known to be missing. Whether a day's lists were seen whole
    takes a look at every entry of them: that is the page `coverage`."""
    first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    every = [first + timedelta(days=number) for number in range((today - first).days + 1)]
    days = {day.isoformat(): Day("", day, seen_whole=True) for day in every}
    for day, number in held.rows(_READ, (first.isoformat(),)):
        if found := days.get(day):
            found.read = found.listed = number
    for day, outcome, number in held.rows(_MISSING, (json.dumps(coverage.LEFT_OUT), first.isoformat())):
        if found := days.get(day):
            found.listed += number
            found.missing[outcome] += number
    return list(days.values())


_READ = "SELECT substr(published_at, 1, 10), count(*) FROM articles WHERE published_at >= ? GROUP BY 1"

_MISSING = """
SELECT substr(coalesce(listed_at, dated), 1, 10) AS day, coalesce(outcome, state), count(*) FROM frontier
WHERE kind = 'article' AND article_id IS NULL AND outcome IS NOT 'stub' AND day >= ?2
    AND coalesce(outcome, '') NOT IN (SELECT value FROM json_each(?1)) GROUP BY 1, 2"""


def told(day: Day, words: Words) -> str:
    """A day of the start page in words."""
    parts = [words("{n} articles", n=f"{day.read:,}")]
    parts += [f"{words('missing')}: {reason} {number:,}" for reason, number in sorted(day.missing.items())]
    return f"{day.day.isoformat()}: {' · '.join(parts)}"


# -- health ----------------------------------------------------------------------------------------------------------


def _last_crawl(held: Archive) -> dict[str, Any]:
    """The last crawl with how many hours ago it ended or began (`run`, None where there was none), and what it complained
    of at its end (`problems`)."""
    run, stats = last_run(held)
    if run is not None:
        since = datetime.now(UTC) - datetime.fromisoformat(run["ended_at"] or run["started_at"])
        run["hours"] = since.total_seconds() / 3600
    return {"run": run, "problems": stats.get("problems", [])}
