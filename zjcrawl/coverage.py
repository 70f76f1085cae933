"""What the archive holds of each channel's news of each day, and what it cannot know: "no news" is not "we were down".

Two things are told of a day. Of its news: how many articles were listed, fetched and read, and why the others are missing.
Of ourselves: how often the channel's list pages were read on it, and how often they could not be. News is dated by the
article where it was read, else by its listing or its address. All days are Shanghai's.
"""

import heapq
import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal
from zoneinfo import ZoneInfo

from zjcrawl.archive import Archive, Moment
from zjcrawl.models import SHANGHAI

Status = Literal["complete", "partial", "missing", "quiet", "failed", "down", "before"]
COLUMNS = ("channel", "day", "status", "listed", "fetched", "read", "left_out", "missing", "looks", "failed_looks", "rechecks")  # fmt: skip
STATUSES: dict[Status, str] = {
    "complete": "all that was listed is read, and the list was seen whole",
    "partial": "nothing is known to be missing, but no list is known to have shown the whole day",
    "missing": "some of what was listed is not read",
    "quiet": "no news: lists were seen that would have shown some",
    "failed": "the list pages were asked for and could not be read",
    "down": "nobody looked, and no later list reached back so far",
    "before": "before the first look at the channel",
}
# A list is newest first, so one that still shows older entries shows all of a day. One entry may be pinned to the top, and
# another be a slip of its date; three are a list.
WITNESSES = 3
_READ = ("listed",)  # outcomes of a list page that was read
LEFT_OUT = ("out_of_range", "offsite")  # outcomes of what was not wanted


@dataclass(slots=True)
class Day:
    """A channel's day. `listed` = `read` + what was left out + what is missing, each by its outcome in the frontier."""

    channel: str
    day: date
    listed: int = 0
    fetched: int = 0
    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    looks: int = 0
    failed_looks: Counter[str] = field(default_factory=Counter)
    rechecks: int = 0
    seen_whole: bool = False
    begun: bool = False

    @property
    def status(self) -> Status:
        """What can be said of the day (see STATUSES)."""
        if self.missing:
            return "missing"
        if self.seen_whole:
            return "complete" if self.listed else "quiet"
        if self.listed or self.looks:
            return "partial"
        if self.failed_looks:
            return "failed"
        return "down" if self.begun else "before"

    def as_json(self) -> dict[str, Any]:
        return {
            "channel": self.channel,
            "day": self.day.isoformat(),
            "status": self.status,
            "listed": self.listed,
            "fetched": self.fetched,
            "read": self.read,
            "left_out": dict(self.left_out),
            "missing": dict(self.missing),
            "looks": self.looks,
            "failed_looks": dict(self.failed_looks),
            "rechecks": self.rechecks,
        }


def cells(day: Day) -> tuple[Any, ...]:
    """A day as a row of `COLUMNS`: reasons as `outcome number`, joined by `;`."""
    told = day.as_json()
    return tuple(words(cell) if isinstance(cell := told[name], dict) else cell for name in COLUMNS)


def words(reasons: Mapping[str, int], glue: str = ";") -> str:
    """Reasons with their numbers, the most frequent first."""
    return glue.join(
        f"{reason} {number}" for reason, number in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    )


@dataclass(slots=True)
class Witnesses:
    """When lists of a channel were seen that reached back behind a day: the times of the `WITNESSES`-th latest of the
    entries dated before it. Built once from all entries, asked by day."""

    days: list[date] = field(default_factory=list)  # rising: the entries' days
    until: list[str] = field(
        default_factory=list
    )  # up to and with each, the latest moment that enough were still listed

    @classmethod
    def of(cls, entries: Iterable[tuple[date, str]]) -> "Witnesses":
        """Witnesses from the day of each entry, rising, and when it was last seen in a list (UTC, as the archive writes
        it)."""
        found = cls()
        latest: list[str] = []
        for day, same_day in groupby(entries, key=itemgetter(0)):
            for _, seen in same_day:
                heapq.heappush(latest, seen)
                if len(latest) > WITNESSES:
                    heapq.heappop(latest)
            found.days.append(day)
            found.until.append(latest[0] if len(latest) == WITNESSES else "")
        return found

    def saw_all_of(self, day: date) -> bool:
        """Whether, when the day was over, enough entries from before it were still seen in the lists."""
        before = bisect_left(self.days, day)
        return before > 0 and self.until[before - 1] >= _end(day)


def coverage(archive: Archive | Moment, channels: Sequence[str], first: date, last: date) -> dict[str, list[Day]]:
    """Every day of each channel from `first` to `last`, or to today: what is to come nobody could look at.

    Channels are those named, or all that were ever looked at.
    """
    last = min(last, today())
    slugs = list(channels) or looked_at(archive)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = {slug: {day: Day(slug, day) for day in days} for slug in slugs}
    _news(archive, found)
    _looks(archive, found)
    _failures(archive, found)
    _rechecks(archive, found)
    begun = _begun(archive)
    for slug, witnesses in _witnesses(archive, slugs):
        for day in found.get(slug, {}).values():
            day.seen_whole = witnesses.saw_all_of(day.day)
    for slug, by_day in found.items():
        for day in by_day.values():
            day.begun = slug in begun and day.day >= begun[slug]
    return {slug: list(by_day.values()) for slug, by_day in found.items()}


def undated(archive: Archive | Moment, channels: Sequence[str] = ()) -> dict[str, int]:
    """How many listed articles of each channel have no day and are in no cell, without what was left out."""
    wanted = list(channels) or [
        row[0] for row in archive.rows("SELECT channel FROM leads UNION SELECT channel FROM frontier")
    ]
    left_out = ", ".join(f"'{outcome}'" for outcome in LEFT_OUT)
    undated = f"day IS NULL AND coalesce(outcome, '') NOT IN ({left_out})"
    rows = archive.rows(f"SELECT channel, sum(number) FROM ({_NEWS}) WHERE {undated} GROUP BY channel", _slugs(wanted))
    return {row[0]: row[1] for row in rows}


def total(days: Iterable[Day]) -> Day:
    """All numbers of some days together, under the channel and the day of the first."""
    days = list(days)
    together = Day(days[0].channel, days[0].day)
    for day in days:
        together.listed += day.listed
        together.fetched += day.fetched
        together.read += day.read
        together.left_out += day.left_out
        together.missing += day.missing
        together.looks += day.looks
        together.failed_looks += day.failed_looks
        together.rechecks += day.rechecks
    return together


def today() -> date:
    return datetime.now(SHANGHAI).date()


def _end(day: date) -> str:
    """When a day of Shanghai is over, as the archive writes moments."""
    over = datetime.combine(day + timedelta(days=1), datetime.min.time(), SHANGHAI)
    return over.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%S")


Cells = dict[str, dict[date, Day]]


def _cell(found: Cells, slug: str | None, day: str | None) -> Day | None:
    if slug is None or not day or slug not in found:
        return None
    try:
        return found[slug].get(date.fromisoformat(day))
    except ValueError:  # an address or a list may print a day that is none
        return None


def looked_at(archive: Archive | Moment) -> list[str]:
    """The channels whose lists were ever read, or that news was ever found in."""
    rows = archive.rows(
        "SELECT channel FROM captures WHERE kind = 'listing' UNION SELECT channel FROM leads ORDER BY 1"
    )
    return [row[0] for row in rows if row[0]]


def _news(archive: Archive | Moment, found: Cells) -> None:
    for slug, day, outcome, fetched, number in archive.rows(_NEWS, _slugs(found)):
        cell = _cell(found, slug, day)
        if cell is None:
            continue
        cell.listed += number
        cell.fetched += number if fetched else 0
        if outcome is None:
            cell.read += number
        elif outcome in LEFT_OUT:
            cell.left_out[outcome] += number
        else:
            cell.missing[outcome] += number


def _looks(archive: Archive | Moment, found: Cells) -> None:
    for slug, day, number in archive.rows(_LOOKS, {"read": json.dumps(_READ)}):
        if (cell := _cell(found, slug, day)) is not None:
            cell.looks += number


def _failures(archive: Archive | Moment, found: Cells) -> None:
    """List pages that could not be read: what ended runs say of them, for a page without an answer has no capture; of a
    run that was killed, what its captures say."""
    told: dict[int, str] = {}
    for run_id, day, stats in archive.rows(_RUNS):
        told[run_id] = day
        for slug, of in json.loads(stats).get("channels", {}).items():
            if (cell := _cell(found, slug, day)) is not None:
                cell.failed_looks.update({o: n for o, n in of.get("listings", {}).items() if o not in _READ})
    for run_id, slug, day, outcome in archive.rows(_FAILED, {"read": json.dumps(_READ)}):
        if run_id not in told and (cell := _cell(found, slug, day)) is not None:
            cell.failed_looks[outcome] += 1


def _rechecks(archive: Archive | Moment, found: Cells) -> None:
    for slug, day, number in archive.rows(_RECHECKS):
        if (cell := _cell(found, slug, day)) is not None:
            cell.rechecks += number


def _begun(archive: Archive | Moment) -> dict[str, date]:
    """The day of the first look at each channel, read or not."""
    begun = {row[0]: row[1] for row in archive.rows(_FIRST_LOOK) if row[0] and row[1]}
    for _, day, stats in archive.rows(_RUNS):
        for slug in json.loads(stats).get("channels", {}):
            begun[slug] = min(begun.get(slug, day), day)
    return {slug: date.fromisoformat(day) for slug, day in begun.items()}


def _witnesses(archive: Archive | Moment, slugs: Iterable[str]) -> Iterator[tuple[str, Witnesses]]:
    """The witnesses of each channel, one after the other."""
    for slug, rows in groupby(archive.rows(_ENTRIES, _slugs(slugs)), key=itemgetter(0)):
        yield slug, Witnesses.of((known, seen) for _, day, seen in rows for known in _valid(day))


def _slugs(slugs: Iterable[str]) -> dict[str, str]:
    return {"slugs": json.dumps(list(slugs))}


def _valid(day: str) -> Iterator[date]:
    try:
        yield date.fromisoformat(day)
    except ValueError:
        return


_DAY = "coalesce(substr(a.published_at, 1, 10), substr({listed}, 1, 10), nullif(substr(f.dated, 1, 10), ''))"

_WANTED = "channel IN (SELECT value FROM json_each(:slugs))"

# What was found in a channel: its lists' entries, and what no list of it showed but an entry led to. A stub is where it
# leads; two addresses of one article are one. The outcome of what was read is NULL.
_NEWS = f"""
WITH addresses AS (
    SELECT channel, url, listed_at FROM leads WHERE {_WANTED}
    UNION ALL
    SELECT channel, url, listed_at FROM frontier f
    WHERE kind = 'article' AND {_WANTED} AND NOT EXISTS (SELECT 1 FROM leads l WHERE l.url = f.url)
), items AS (
    SELECT l.channel, coalesce(f.article_id, f.url) AS item, min({_DAY.format(listed="l.listed_at")}) AS day,
        CASE WHEN f.article_id IS NULL THEN coalesce(f.outcome, f.state) END AS outcome,
        max(f.capture_id IS NOT NULL OR f.article_id IS NOT NULL) AS fetched
    FROM addresses l JOIN frontier f ON f.url = l.url LEFT JOIN articles a ON a.id = f.article_id
    WHERE f.kind = 'article' AND (f.outcome IS NOT 'stub' OR f.article_id IS NOT NULL)
    GROUP BY 1, 2
)
SELECT channel, day, outcome, fetched, count(*) AS number FROM items GROUP BY 1, 2, 3, 4"""

_LOOKS = """
SELECT channel, date(fetched_at, '+8 hours'), count(*) FROM captures
WHERE kind = 'listing' AND outcome IN (SELECT value FROM json_each(:read)) GROUP BY 1, 2"""

_FAILED = """
SELECT run_id, channel, date(fetched_at, '+8 hours'), outcome FROM captures
WHERE kind = 'listing' AND outcome IS NOT NULL AND outcome NOT IN (SELECT value FROM json_each(:read))"""

_RUNS = "SELECT id, date(started_at, '+8 hours'), stats FROM runs WHERE stats IS NOT NULL AND command LIKE '%crawl%'"

_RECHECKS = """
SELECT a.channel, date(o.seen_at, '+8 hours'), count(*) FROM observations o JOIN articles a ON a.id = o.article_id
GROUP BY 1, 2"""

_FIRST_LOOK = "SELECT channel, date(min(fetched_at), '+8 hours') FROM captures WHERE kind = 'listing' GROUP BY channel"

_ENTRIES = f"""
SELECT l.channel, {_DAY.format(listed="l.listed_at")} AS day, l.last_seen_at
FROM leads l JOIN frontier f ON f.url = l.url LEFT JOIN articles a ON a.id = f.article_id
WHERE l.{_WANTED} AND day IS NOT NULL
ORDER BY l.channel, day"""
