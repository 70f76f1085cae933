"""What is wrong with an archive that still runs: fields that pages no longer fill, hosts that fell silent, work left over.

A redesign shows as a fall of a field's fill rate. Where it began is the split of a channel's newest articles, by day of
publication, at which two rates explain what was filled better than one (a likelihood ratio, Wilks 1938).
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zjcrawl.archive import Archive

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


Newest = Mapping[str, Sequence[Mapping[str, Any]]]  # by channel ("–": none is known), oldest first


def newest(archive: Archive, channels: Iterable[str] | None = None) -> Newest:
    """The newest articles of each channel, WINDOW at most, of all channels where none is named: key, address, day,
    template, and whether each of FIELDS is filled. What that costs does not grow with the archive."""
    known = {row[0] for row in archive.rows(_CHANNELS)}
    wanted = known if channels is None else known & set(channels)
    found = {slug or "–": _newest(archive, slug) for slug in sorted(wanted, key=lambda slug: slug or "")}
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
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for channel, articles in of.items():
        for article in articles:
            groups[channel if by == "channel" else article["read_by"]].append(article)
    return {
        name: {"articles": len(some), **{field: _rate([bool(one[field]) for one in some]) for field in FIELDS}}
        for name, some in sorted(groups.items())
    }


def _filled(field: str) -> str:
    return "template <> 'labels'" if field == "template" else f"coalesce({field}, '') <> ''"


_FIRST_RUNS = """
SELECT e.article_id, min(c.run_id) FROM article_captures e JOIN captures c ON c.id = e.capture_id
WHERE e.article_id IN (SELECT value FROM json_each(?)) GROUP BY 1"""


def _newest(archive: Archive, channel: str | None) -> list[dict[str, Any]]:
    columns = ", ".join(f"{_filled(name)} AS {name}" for name in FIELDS)
    query = (
        f"SELECT id, url, coalesce(published_at, first_seen_at) AS day, template AS read_by, {columns} FROM articles"
        f" WHERE channel IS ? AND kind <> 'stub' ORDER BY day DESC, id DESC LIMIT {WINDOW}"
    )
    return [dict(row) for row in archive.rows(query, (channel,))][::-1]


def _of(archive: Archive, channel: str, newest: Sequence[Mapping[str, Any]]) -> Iterator[Drop]:
    for field in FIELDS:
        filled = [bool(article[field]) for article in newest]
        split = change(filled)
        if split is None:
            continue
        was, now = _rate(filled[:split]), _rate(filled[split:])
        if was - now >= FALL and _is_news(archive, newest, split):
            sample = next(a["url"] for a, has in zip(newest[split:], filled[split:], strict=True) if not has)
            yield Drop(channel, field, was, now, newest[split]["day"][:10], len(newest) - split, sample)


def _is_news(archive: Archive, newest: Sequence[Mapping[str, Any]], split: int) -> bool:
    """Whether a change was met by a run that already knew pages from before it: an old one, met when an archive is
    begun, is history."""
    ids = [article["id"] for article in newest]
    runs: dict[int, int] = {row[0]: row[1] for row in archive.rows(_FIRST_RUNS, (json.dumps(ids),))}
    first = min(runs[number] for number in ids[split:])
    return sum(runs[number] < first for number in ids[:split]) >= LEAST_BEFORE


def change(filled: Sequence[bool]) -> int | None:
    """Where a row of looks is best split in two of different rates; None where one rate explains it as well."""
    total, best, at, before = sum(filled), SURE, None, 0
    if total in (0, len(filled)):  # as most fields of most channels
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
