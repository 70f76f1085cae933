"""What is due when: list pages with the next run, what waits in the frontier, looks at known articles by hour and day.

The frontier is the only scheduler, and a run takes what is due when it starts; when runs start is the timer's business.
"""

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from zjcrawl.archive import Archive
from zjcrawl.archive.values import stamp

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Due:
    """What there is to do in a channel. Moments as the archive writes them, None where there is none.

    `lists` are read by every run; `pages` are older list pages that wait; `articles` wait to be had, the first of them
    from `articles_from` on (None: now); of the known articles, `looks` are due now, and `next_look` is the next that is not.
    """

    channel: str
    lists: int
    last_listed: str | None
    pages: int
    articles: int
    articles_from: str | None
    looks: int
    next_look: str | None

    @property
    def is_idle(self) -> bool:
        """Whether nothing was ever done there, and nothing is to be done but what every run does."""
        return not (self.last_listed or self.pages or self.articles or self.looks or self.next_look)


@dataclass(frozen=True, slots=True)
class Span:
    """How many looks at known articles fall due in a span of time; `begins` None: they are due already."""

    begins: datetime | None
    ends: datetime | None
    looks: int


def by_channel(archive: Archive, now: datetime, slugs: Collection[str] = ()) -> list[Due]:
    """What is due in each channel that the archive's last run knew, or in those that are named."""
    moment = stamp(now)
    lists = {row[0]: len(json.loads(row[1])) for row in archive.rows("SELECT slug, lists FROM channels ORDER BY slug")}
    listed = dict(map(tuple, archive.rows(_LISTED)))
    pages = dict(map(tuple, archive.rows(_PAGES)))
    articles = {slug: (count, since) for slug, count, since in archive.rows(_ARTICLES)}
    looks = {slug: (count, after) for slug, count, after in archive.rows(_LOOKS, (moment, moment))}
    known = dict.fromkeys([*lists, *listed, *pages, *articles, *looks])
    return [
        Due(
            slug,
            lists.get(slug, 0),
            listed.get(slug),
            pages.get(slug, 0),
            *_waiting(*articles.get(slug, (0, None)), moment),
            *looks.get(slug, (0, None)),
        )
        for slug in known
        if not slugs or slug in slugs
    ]


def _waiting(count: int, since: str | None, moment: str) -> tuple[int, str | None]:
    return count, since if since and since > moment else None


def spans(archive: Archive, now: datetime, slugs: Collection[str] = (), hours: int = 24, days: int = 7) -> list[Span]:
    """The looks at known articles: due already, by hour from now, by day after those hours, and later."""
    found: Counter[int] = Counter()
    chosen = (json.dumps(sorted(slugs)),) if slugs else ()
    for hour, count in archive.rows(_HOURS.format(_OF if slugs else ""), (stamp(now), now.timestamp(), *chosen)):
        found[hour] += count
    edges = [0, *range(1, hours + 1), *(hours + 24 * day for day in range(1, days + 1))]
    told = [Span(None, now, found[-1])]
    for first, last in pairwise(edges):
        looks = sum(count for hour, count in found.items() if first <= hour < last)
        told.append(Span(now + first * HOUR, now + last * HOUR, looks))
    later = sum(count for hour, count in found.items() if hour >= edges[-1])
    return [*told, Span(now + edges[-1] * HOUR, None, later)]


def as_json(due: Collection[Due], looks: Collection[Span], now: datetime) -> dict[str, Any]:
    """Both as one value: `now`, `channels`, `looks`; moments in UTC."""
    return {
        "now": stamp(now),
        "channels": [asdict(of) for of in due],
        "looks": [
            {"from": stamp(s.begins) if s.begins else None, "to": stamp(s.ends) if s.ends else None, "looks": s.looks}
            for s in looks
        ],
    }


_LISTED = """
SELECT channel, max(fetched_at) FROM captures
WHERE kind = 'listing' AND status = 200 AND channel IS NOT NULL GROUP BY channel"""

_PAGES = """
SELECT channel, count(*) FROM frontier WHERE state = 'pending' AND kind <> 'article' GROUP BY channel"""

_ARTICLES = """
SELECT channel, count(*), min(coalesce(next_check_at, '')) FROM frontier
WHERE state = 'pending' AND kind = 'article' GROUP BY channel"""

_KNOWN = "state = 'done' AND article_id IS NOT NULL AND next_check_at IS NOT NULL"

_LOOKS = f"""
SELECT channel, sum(next_check_at <= ?), min(CASE WHEN next_check_at > ? THEN next_check_at END) FROM frontier
WHERE {_KNOWN} GROUP BY channel"""

_OF = " AND channel IN (SELECT value FROM json_each(?))"

# Whole hours from now, -1 for what is due. A double holds a Julian day to some hundredths of a millisecond.
_HOURS = f"""
SELECT CASE WHEN next_check_at <= ? THEN -1
            ELSE CAST(((julianday(next_check_at) - 2440587.5) * 86400 - ?) / 3600 AS INTEGER) END, count(*)
FROM frontier WHERE {_KNOWN}{{}} GROUP BY 1"""
