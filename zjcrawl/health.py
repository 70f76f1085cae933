"""What is wrong with an archive that still runs: fields that pages no longer fill, hosts that fell silent, work left over.

A redesign shows as a fall of a field's fill rate. Where it began is the split of a channel's newest articles, by day of
publication, at which two rates explain what was filled better than one (a likelihood ratio, Wilks 1938).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
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


def drops(archive: Archive, channels: Iterable[str] | None = None) -> list[Drop]:
    """Every fall of a fill rate that lasts to the newest article, of all channels where none is named.

    Only those that a run met after an earlier one had seen enough of how it was before.
    """
    return [drop for channel in _channels(archive, channels) for drop in _of(channel, _newest(archive, channel))]


def rates(archive: Archive, by: str = "channel") -> dict[str, dict[str, Any]]:
    """The share of articles that fill each field, by `channel` or `template`, with their number as `articles`."""
    filled = ", ".join(f"avg({_filled(name)}) AS {name}" for name in FIELDS)
    found = archive.rows(
        f"SELECT {by} AS name, count(*) AS articles, {filled} FROM articles GROUP BY {by} ORDER BY {by}"
    )
    return {row["name"] or "–": {key: row[key] for key in row.keys() if key != "name"} for row in found}  # noqa: SIM118


def _channels(archive: Archive, wanted: Iterable[str] | None) -> list[str]:
    known = [
        row[0] for row in archive.rows("SELECT DISTINCT channel FROM articles WHERE channel IS NOT NULL ORDER BY 1")
    ]
    return known if wanted is None else sorted(set(known) & set(wanted))


def _filled(field: str) -> str:
    return "template <> 'labels'" if field == "template" else f"coalesce({field}, '') <> ''"


_FIRST_RUN = """(SELECT min(c.run_id) FROM article_captures e JOIN captures c ON c.id = e.capture_id
    WHERE e.article_id = articles.id)"""


def _newest(archive: Archive, channel: str) -> list[dict[str, Any]]:
    """The newest articles of a channel, oldest first: address, day, and which fields are filled."""
    columns = ", ".join(f"{_filled(name)} AS {name}" for name in FIELDS)
    query = (
        f"SELECT url, coalesce(published_at, first_seen_at) AS day, {_FIRST_RUN} AS run, {columns} FROM articles"
        f" WHERE channel = ? AND kind <> 'stub' ORDER BY day DESC, id DESC LIMIT {WINDOW}"
    )
    return [dict(row) for row in archive.rows(query, (channel,))][::-1]


def _of(channel: str, newest: Sequence[dict[str, Any]]) -> Iterator[Drop]:
    for field in FIELDS:
        filled = [bool(article[field]) for article in newest]
        split = change(filled)
        if split is None or not _is_news(newest, split):
            continue
        was, now = _rate(filled[:split]), _rate(filled[split:])
        if was - now >= FALL:
            sample = next(a["url"] for a, has in zip(newest[split:], filled[split:], strict=True) if not has)
            yield Drop(channel, field, was, now, newest[split]["day"][:10], len(newest) - split, sample)


def _is_news(newest: Sequence[dict[str, Any]], split: int) -> bool:
    """Whether a change was met by a run that already knew pages from before it: an old one, met when an archive is
    begun, is history."""
    first = min(article["run"] for article in newest[split:])
    return sum(bool(article["run"] < first) for article in newest[:split]) >= LEAST_BEFORE


def change(filled: Sequence[bool]) -> int | None:
    """Where a row of looks is best split in two of different rates; None where one rate explains it as well."""
    total, best, at, before = sum(filled), SURE, None, 0
    for split, has in enumerate(filled[:-1], start=1):
        before += has
        if split < LEAST_BEFORE or len(filled) - split < LEAST_SINCE:
            continue
        ratio = _log(before, split) + _log(total - before, len(filled) - split) - _log(total, len(filled))
        if ratio > best:
            best, at = ratio, split
    return at


def _log(hits: int, of: int) -> float:
    """The log likelihood of so many hits at the rate that explains them best."""
    return sum(n * math.log(n / of) for n in (hits, of - hits) if n)


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
        "SELECT channel, max(fetched_at) FROM captures WHERE kind = 'listing' AND status = 200 AND channel IS NOT NULL GROUP BY 1"
    ):
        found[row[0]]["last_listed"] = row[1]
    return dict(sorted(found.items()))
