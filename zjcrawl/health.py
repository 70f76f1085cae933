"""What is wrong with an archive that still runs: fields that pages no longer fill, hosts that fell silent, runs that ended
badly or not at all, WARC files that are not where they were.

A redesign shows as a fall of a field's fill rate. Where it began is the split of a channel's newest articles, by day of
publication, at which two rates explain what was filled better than one (a likelihood ratio, Wilks 1938).
"""

import json
import math
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_, or_
from pathlib import Path
from typing import Any

from zjcrawl.archive import Archive, cold, lock
from zjcrawl.archive.values import moment

FIELDS = ("title", "published_at", "source", "reporters", "editors", "tags", "breadcrumb", "body", "template")
WINDOW = 400  # of a channel's newest articles
LEAST_BEFORE, LEAST_SINCE = 20, 10  # articles on either side of a split; fewer prove nothing
FALL = 0.3  # of a rate, at least
SURE = 10.0  # the log likelihood ratio: chance makes so much of a field once in about 100,000 looks


@dataclass(frozen=True, slots=True)
class Drop:
    """A field that was filled at rate `was` and is at rate `now` since an article's day, in one channel or template.

    For the field `template`, filled means that a template claimed the page. `sample` is an article it is missing in.
    """

    where: str
    field: str
    was: float
    now: float
    since: str
    articles: int
    sample: str

    def sentence(self) -> str:
        if self.field == "template":
            missing = round(self.articles * (1 - self.now))
            return (
                f"{self.where}: {missing} pages claimed by no template since {self.since} "
                f"({1 - self.was:.0%} before): {self.sample}"
            )
        return (
            f"{self.where}: {self.field} filled {self.now:.0%} (was {self.was:.0%}) since {self.since}: {self.sample}"
        )


# Of an article: a bit for each of FIELDS that is filled, the template that read it, its key.
Filled = tuple[int, str, int]
Newest = Mapping[str, Sequence[Filled]]  # by channel ("–": none is known), oldest first


def newest(archive: Archive, channels: Iterable[str] | None = None) -> Newest:
    """What the newest articles of each channel fill, WINDOW at most, of all channels where none is named. What that costs
    does not grow with the archive."""
    known = {row[0] for row in archive.rows(_CHANNELS)}
    wanted = known if channels is None else known & set(channels)
    found = {
        slug or "–": [(row[0], row[1], row[2]) for row in archive.rows(_FILLED, (slug, WINDOW))][::-1]
        for slug in sorted(wanted, key=lambda slug: slug or "")
    }
    return {slug: articles for slug, articles in found.items() if articles}


# From one to the next by the index: DISTINCT would look at every article.
_CHANNELS = """
WITH RECURSIVE known (slug) AS (
    SELECT min(channel) FROM articles
    UNION ALL SELECT (SELECT min(channel) FROM articles WHERE channel > slug) FROM known WHERE slug IS NOT NULL)
SELECT slug FROM known"""


def drops(archive: Archive, of: Newest) -> list[Drop]:
    """Every fall of a fill rate that lasts to the newest article.

    Only those that a run met after an earlier one had seen enough of how it was before.
    """
    return [drop for channel, articles in of.items() if channel != "–" for drop in _of(archive, channel, articles)]


def rates(of: Newest, by: str = "channel") -> dict[str, dict[str, Any]]:
    """The share of the newest articles that fill each field, by `channel` or `template`, with their number as `articles`."""
    groups: dict[str, Counter[int]] = defaultdict(Counter)
    for channel, articles in of.items():
        for (bits, template), count in Counter(article[:2] for article in articles).items():
            groups[channel if by == "channel" else template][bits] += count
    return {
        name: {"articles": some.total(), **{field: _share(some, bit) for field, bit in _BITS.items()}}
        for name, some in sorted(groups.items())
    }


def _share(of: Counter[int], bit: int) -> float:
    return sum(count for bits, count in of.items() if bits & bit) / of.total()


def _is_filled(field: str) -> str:
    return "template <> 'labels'" if field == "template" else f"coalesce({field}, '') <> ''"


_BITS = {field: 1 << place for place, field in enumerate(FIELDS)}
_FILLED = f"""
SELECT {" + ".join(f"({_is_filled(field)}) * {bit}" for field, bit in _BITS.items())}, template, id
FROM articles WHERE channel IS ? AND kind <> 'stub'
ORDER BY coalesce(published_at, first_seen_at) DESC, id DESC LIMIT ?"""
_FIRST_RUNS = """
SELECT e.article_id, min(c.run_id) FROM article_captures e JOIN captures c ON c.id = e.capture_id
WHERE e.article_id IN (SELECT value FROM json_each(?)) GROUP BY 1"""


def _of(archive: Archive, channel: str, newest: Sequence[Filled]) -> Iterator[Drop]:
    always, ever = (reduce(join, (article[0] for article in newest)) for join in (and_, or_))
    for field, bit in _BITS.items():
        if always & bit or not ever & bit:  # as most fields of most channels
            continue
        filled = [bool(article[0] & bit) for article in newest]
        split = change(filled)
        if split is None:
            continue
        was, now = _rate(filled[:split]), _rate(filled[split:])
        ids = [article[2] for article in newest]
        if was - now >= FALL and _is_news(archive, ids, split):
            since = archive.value(
                "SELECT coalesce(published_at, first_seen_at) FROM articles WHERE id = ?", [ids[split]]
            )
            lacking = next(one for one, has in zip(ids[split:], filled[split:], strict=True) if not has)
            sample = archive.value("SELECT url FROM articles WHERE id = ?", [lacking])
            yield Drop(channel, field, was, now, since[:10], len(newest) - split, sample)


def _is_news(archive: Archive, ids: Sequence[int], split: int) -> bool:
    """Whether a change was met by a run that already knew pages from before it: an old one, met when an archive is
    begun, is history."""
    runs: dict[int, int] = {row[0]: row[1] for row in archive.rows(_FIRST_RUNS, (json.dumps(ids),))}
    first = min(runs[number] for number in ids[split:])
    return sum(runs[number] < first for number in ids[:split]) >= LEAST_BEFORE


def change(filled: Sequence[bool]) -> int | None:
    """Where a row of looks is best split in two of different rates; None where one rate explains it as well."""
    total, best, at, before = sum(filled), SURE, None, 0
    if total in (0, len(filled)):
        return None
    for split, has in enumerate(filled[:-1], start=1):
        before += has
        if split < LEAST_BEFORE or len(filled) - split < LEAST_SINCE:
            continue
        ratio = _log(before, split) + _log(total - before, len(filled) - split) - _log(total, len(filled))
        if ratio > best:
            best, at = ratio, split
    return at


def _log(hits: int, of: int) -> float:
    """The log likelihood of so many hits, of WINDOW at most, at the rate that explains them best."""
    return _N_LOG_N[hits] + _N_LOG_N[of - hits] - _N_LOG_N[of]


_N_LOG_N = [0.0, *(n * math.log(n) for n in range(1, WINDOW + 1))]  # asked a thousand times for each channel


def _rate(filled: Sequence[bool]) -> float:
    return sum(filled) / len(filled)


def freshness(archive: Archive) -> dict[str, dict[str, Any]]:
    """By channel: articles, the newest by publication and by first sight, and how many wait (`backlog`)."""
    found: dict[str, dict[str, Any]] = defaultdict(
        lambda: {"articles": 0, "newest": None, "last_new": None, "last_listed": None, "backlog": 0}
    )
    for row in archive.rows(
        "SELECT channel, count(*), max(published_at), max(first_seen_at) FROM articles GROUP BY channel"
    ):
        found[row[0] or "–"] |= {"articles": row[1], "newest": row[2], "last_new": row[3]}
    for row in archive.rows(
        "SELECT channel, count(*) FROM frontier WHERE state = 'pending' AND kind = 'article' GROUP BY 1"
    ):
        found[row[0] or "–"]["backlog"] = row[1]
    for row in archive.rows(
        "SELECT slug, (SELECT max(fetched_at) FROM captures WHERE kind = 'listing' AND status = 200 AND channel = slug)"
        " FROM channels"
    ):
        if row[1]:
            found[row[0]]["last_listed"] = row[1]
    return dict(sorted(found.items()))


def status(
    held: Archive, of: Newest, now: datetime, max_age: int | None = None, max_silence: int | None = None
) -> dict[str, Any]:
    """How an archive does: `run`, `succeeded_at`, `articles` by state, `channels`, `drops`, `bytes` by part of the archive,
    `disk_free` in bytes, `problems` in words. `max_age` and `max_silence` are hours."""
    channels, fallen = freshness(held), drops(held, of)
    run, stats = last_run(held)
    if run is not None:
        run |= _fared(held, run, stats, now)
    problems = [*ails(run, stats, max_age), *astray(held)]
    if run is not None and max_silence is not None:
        problems += silences(channels, json.loads(held.value(_LAST_STATS) or "{}"), max_silence, now)
    return {
        "archive": str(held.folder),
        "run": run,
        "succeeded_at": held.value(_SUCCEEDED),
        "articles": {row[0]: row[1] for row in held.rows("SELECT state, count(*) FROM articles GROUP BY state")},
        "channels": channels,
        "drops": [{"where": d.where, "field": d.field, "was": round(d.was, 3), "now": round(d.now, 3), "since": d.since,
                   "articles": d.articles, "sample": d.sample} for d in fallen],
        "bytes": sizes(held.folder),
        "disk_free": shutil.disk_usage(held.folder).free,
        "problems": [*problems, *(drop.sentence() for drop in fallen)],
    }  # fmt: skip


def last_run(held: Archive) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The crawl that began last, None where there was none, and what it told at its end.

    One that is known `from_warc` alone, as of a rebuilt archive, has no end that anybody knows.
    """
    run = next((dict(row) for row in held.rows(_RUN)), None)
    if run is None:
        return None, {}
    stats = json.loads(run.pop("stats") or "{}")
    run["from_warc"] = run["ended_at"] is None and held.value(_FROM_WARC, (run["id"],)) is not None
    return run, stats


def _fared(held: Archive, run: Mapping[str, Any], stats: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    is_open = run["ended_at"] is None and not run["from_warc"]
    return {
        "age_hours": round(_hours(run["ended_at"] or run["started_at"], now), 2),
        "outcomes": {kind: stats.get(kind + "s", {}) for kind in ("listing", "article")},
        "requests": stats.get("requests"),
        "bytes": stats.get("bytes"),
        "at_work": is_open and lock.holder(held.folder) is not None,
    }


def ails(run: Mapping[str, Any] | None, stats: Mapping[str, Any], max_age: int | None) -> Iterator[str]:
    """What is wrong with the last crawl: what it said itself, that it has no end, that it was too long ago."""
    if run is None:
        yield "no crawl has written to this archive yet: 'zjcrawl crawl' begins"
        return
    yield from (problem for problem in stats.get("problems", []) if not problem.startswith("fill rate"))
    if run["at_work"]:  # however long: whether data come is told by `silences`
        return
    if run["ended_at"] is None and not run["from_warc"]:
        what = f"run {run['id']} ({run['command']}) has no end"
        yield f"{what}: it was killed, or the disk refused to note it; the next one goes on from there"
    if max_age is not None and run["age_hours"] > max_age:
        yield f"the last crawl was {run['age_hours']:.0f} hours ago, more than {max_age}: see why the timer does not run"


def silences(channels: Mapping[str, Any], stats: Mapping[str, Any], hours: int, now: datetime) -> Iterator[str]:
    """What nothing new came of for longer than so many hours: of all channels together, and of each one's list pages."""
    if long := _silent([of["last_new"] for of in channels.values() if of["last_new"]], hours, now):
        yield f"no new article came {long}: see whether the portal has news, and what its list pages show"
    asked = [slug for slug, of in stats.get("channels", {}).items() if of.get("listings")] or list(channels)
    for slug in asked:
        last = channels.get(slug, {}).get("last_listed")
        if long := _silent([last] if last else [], hours, now):
            yield f"{slug}: no list page came {long}: see what the last crawl says of it"


def _silent(stamps: Sequence[str], hours: int, now: datetime) -> str | None:
    """How long ago the last of some moments was, in words, where that is too long."""
    if not stamps:
        return "ever"
    age = _hours(max(stamps), now)
    return f"for {age:.0f} hours, more than {hours}" if age > hours else None


def astray(held: Archive) -> Iterator[str]:
    """The closed WARC files that lie nowhere, and those of another size than they were closed with. What is in them, only
    `verify` reads."""
    known: dict[str, int] = {row[0]: row[1] for row in held.rows("SELECT name, bytes FROM warc_files ORDER BY name")}
    there = dict(_sized(cold.closed(held.folder)))
    if known.keys() - there.keys():  # one may have been moved just then
        there |= _sized(cold.closed(held.folder))
    for name, size in known.items():
        if (found := there.get(name, size)) != size:
            yield f"warc/{name} has {found:,} bytes, and had {size:,} when it was closed: restore it from a backup"
    lost = [name for name in known if name not in there]
    if not lost:
        return
    away = cold.missing(held.folder)
    mend = f"mount {away[0]}, which {held.folder / cold.NAME} names, or restore" if away else "restore"
    if len(lost) == 1:
        yield f"warc/{lost[0]} is missing: {mend} it from a backup"
    else:
        yield f"{len(lost):,} WARC files are missing, warc/{lost[0]} first: {mend} them from a backup"


def _sized(paths: Iterable[Path]) -> Iterator[tuple[str, int]]:
    """The names and sizes of files, but for one that is closed or moved, and so renamed, meanwhile."""
    for path in paths:
        with suppress(FileNotFoundError):
            yield path.name, path.stat().st_size


def _hours(stamp: str, now: datetime) -> float:
    return (now - moment(stamp)).total_seconds() / 3600


def sizes(folder: Path) -> dict[str, int]:
    """How many bytes an archive's files have: `database`, `warc`, and `cold` storage as far as it is there."""
    paths = {
        "database": [*folder.glob("archive.db*")],
        "warc": [*(folder / "warc").glob("*.warc.gz*")],
        "cold": [path for store in cold.folders(folder) for path in store.glob("*.warc.gz")],
    }
    return {part: sum(size for _, size in _sized(some)) for part, some in paths.items()}


# By their start: a run whose number no WARC file tells gets one when the archive is made anew.
_RUN = """
SELECT id, command, started_at, ended_at, exit_code, stats FROM runs WHERE command LIKE 'crawl%'
ORDER BY started_at DESC, id DESC LIMIT 1"""
_FROM_WARC = """
SELECT 1 FROM runs, json_each(stats, '$.adopted_runs') adopted WHERE command = 'reparse' AND adopted.value = ? LIMIT 1"""
_LAST_STATS = """
SELECT stats FROM runs WHERE command LIKE 'crawl%' AND ended_at IS NOT NULL ORDER BY started_at DESC, id DESC LIMIT 1"""
_SUCCEEDED = "SELECT max(ended_at) FROM runs WHERE command LIKE 'crawl%' AND exit_code = 0"
