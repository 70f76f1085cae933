"""The frontier: every address that was found, where it stands, and which comes next. The only scheduler there is."""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, get_args
from urllib.parse import urlsplit

from zjcrawl.archive.scope import Scope
from zjcrawl.archive.values import moment, storable
from zjcrawl.models import ErrandKind, Lead, Listing, Reason
from zjcrawl.urls import url_date

KINDS = ("listing", "article", "part")
Days = tuple[str, str]  # first and last, inclusive, as ISO dates
ALL_DAYS: Days = ("", "9999")
NOT_TRIED = ("interrupted", *get_args(Reason))  # nobody asked: no try is counted


@dataclass(frozen=True, slots=True)
class Claim:
    """A piece of work taken from the frontier. `tries` is how often it was tried before.

    Of an article that is known already, `article_id` is its key, `since` when it was published or else found, and
    `etag` and `last_modified` are what the server said of the page that was last read as it is kept.
    """

    url: str
    kind: ErrandKind
    channel: str
    host: str
    tries: int = 0
    article_id: int | None = None
    since: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None

    @property
    def is_known(self) -> bool:
        return self.article_id is not None


def seed(scope: Scope, channel: str, urls: Sequence[str], not_before: str | None) -> None:
    """Puts list pages up for reading, again if they were read before."""
    rows = [
        {"url": storable(url), "channel": channel, "host": host_of(url), "now": scope.now, "not_before": not_before}
        for url in urls
    ]
    scope.connection.executemany(_SEED, rows)


def was_read(scope: Scope, url: str) -> bool:
    """Whether a list page was ever read."""
    return scope.connection.execute(_WAS_READ, (storable(url),)).fetchone() is not None


def note_older(scope: Scope, channel: str, page: str, older: str) -> None:
    """Notes which list page follows another: `too_deep`, until somebody reads it."""
    older, page = storable(older), storable(page)
    row = {"url": older, "page": page, "channel": channel, "host": host_of(older), "now": scope.now}
    scope.connection.execute(_OLDER, row)


def first_unread(scope: Scope, page: str) -> tuple[str | None, int]:
    """The first list page from `page` on that was never read, and how many read ones stand before it."""
    seen: set[str] = set()
    here: str | None = storable(page)
    while here is not None and here not in seen:
        if not was_read(scope, here):
            return here, len(seen)
        seen.add(here)
        row = scope.connection.execute(_FOLLOWING, (here,)).fetchone()
        here = row[0] if row else None
    return None, len(seen)


def widen(scope: Scope, channels: Collection[str], days: Days) -> None:
    """Puts up what earlier runs left out for its day, where that is wanted now."""
    scope.connection.execute(_WIDEN, (json.dumps(sorted(channels)), *days))


def leave_out(scope: Scope, url: str, day: date, capture_id: int) -> None:
    """Ends an article that was read and is of a day that is not wanted."""
    finish(scope, url, "out_of_range", "excluded", capture_id, None, None)
    scope.connection.execute("UPDATE frontier SET dated = ? WHERE url = ?", (day.isoformat(), storable(url)))


def discover(scope: Scope, url: str, kind: str, channel: str, found_in: str | None) -> bool:
    """Notes one address; True when it is new or waiting.

    Listings and parts are put up again when they ended in an earlier run; an article that ended stays ended.
    """
    url = storable(url)
    row = {
        "url": url,
        "kind": kind,
        "channel": channel,
        "host": host_of(url),
        "found_in": found_in,
        "now": scope.now,
        "dated": _dated(url),
        "run": scope.run_id,
    }
    scope.connection.execute(_DISCOVER, row)
    (state,) = scope.connection.execute("SELECT state FROM frontier WHERE url = ?", (url,)).fetchone()
    return bool(state == "pending")


def record_listing(
    scope: Scope,
    channel: str,
    found_in: str,
    listing: Listing,
    since: date | None,
    until: date | None,
    hosts: Collection[str] | None,
    now: str,
) -> list[str]:
    """Keeps every lead of a listing and puts the unknown ones up; returns of each whether it is new, waiting, known
    or excluded, in order."""
    urls = [storable(lead.url) for lead in listing.leads]
    leads = [_lead_row(lead, channel, found_in, now) for lead in listing.leads]
    scope.connection.executemany(_LEAD, leads)
    wanted = json.dumps(urls)
    states: dict[str, tuple[str, str | None]] = {
        url: (state, outcome) for url, state, outcome in scope.connection.execute(_STATES, (wanted,))
    }
    articles: dict[str, int] = dict(scope.connection.execute(_ARTICLES, (wanted,)).fetchall())
    found, rows, adopted = [], [], []
    for url, lead in zip(urls, listing.leads, strict=True):
        why = _excluded(url, lead, since, until, hosts)
        state, outcome = states.get(url, ("", None))
        if state and not (state == "excluded" and outcome == "out_of_range" and why is None):
            found.append({"pending": "waiting", "in_flight": "waiting", "excluded": "excluded"}.get(state, "known"))
            if state == "pending":
                adopted.append((channel, url))
            continue
        row = {
            "url": url,
            "channel": channel,
            "host": host_of(url),
            "found_in": storable(found_in),
            "now": now,
            "run": None,
            "listed_at": lead.listed_at.isoformat() if lead.listed_at else None,
            "dated": _dated(url, lead),
            "article_id": articles.get(url),
        }
        if url in articles:  # another address led there before
            row |= {"state": "done", "outcome": "duplicate", "run": scope.run_id}
        elif why:
            row |= {"state": "excluded", "outcome": why, "run": scope.run_id}
        else:
            row |= {"state": "pending", "outcome": None}
        rows.append(row)
        states[url] = (str(row["state"]), why)
        found.append("known" if url in articles else "excluded" if why else "new")
    scope.connection.executemany(_NEW_LEAD, rows)
    scope.connection.executemany(_ADOPT, adopted)
    return found


def claim(
    scope: Scope,
    channels: Collection[str],
    per_host: Mapping[str, int],
    kinds: Collection[str],
    limit: int,
    days: Days,
) -> list[Claim]:
    """Takes work in hand: listings first, then articles, then parts, each newest first.

    No host gets more than `per_host` says, hosts it does not name get none; no channels means all of them.
    """
    found: list[tuple[Any, ...]] = []
    for kind, channel, host in scope.connection.execute(_WAITING).fetchall():
        if kind in kinds and per_host.get(host, 0) > 0 and (not channels or channel in channels):
            room = min(per_host[host], limit)
            found += scope.connection.execute(_NEXT, (kind, channel, host, scope.now, *days, room)).fetchall()
    found.sort(key=lambda row: row[_ID])
    found.sort(key=lambda row: row[_DATED], reverse=True)
    found.sort(key=lambda row: KINDS.index(row[_KIND]))
    taken: list[tuple[Any, ...]] = []
    held: Counter[str] = Counter()
    for row in found:
        if len(taken) < limit and held[row[_HOST]] < per_host[row[_HOST]]:
            held[row[_HOST]] += 1
            taken.append(row)
    _take(scope, [row[_ID] for row in taken])
    return [_claim(*row[2:]) for row in taken]


def due(scope: Scope, channels: Collection[str], per_host: Mapping[str, int], before: str, limit: int) -> list[Claim]:
    """Takes known articles in hand whose next look is due, the longest overdue first; no channels means all of them.

    What the server said of a page goes along only where one page is all of the article: a 304 tells of one page.
    """
    wanted = json.dumps(sorted(channels))
    found: list[tuple[Any, ...]] = []
    for host, room in per_host.items():
        if room > 0:
            found += scope.connection.execute(_DUE, (host, before, wanted, wanted, min(room, limit))).fetchall()
    found.sort(key=lambda row: row[_DATED])
    taken = found[:limit]
    _take(scope, [row[_ID] for row in taken])
    return [_claim(*row[2:]) for row in taken]


def _take(scope: Scope, ids: list[int]) -> None:
    if ids:
        scope.connection.execute(_TAKE, (scope.run_id, json.dumps(ids)))


def finish(
    scope: Scope,
    url: str,
    outcome: str,
    state: str,
    capture_id: int | None,
    article_id: int | None,
    retry_at: str | None,
) -> None:
    """Says how an address ended. Raises LookupError for one that was never found."""
    row = {
        "url": storable(url),
        "outcome": outcome,
        "state": state,
        "capture_id": capture_id,
        "article_id": article_id,
        "retry_at": retry_at,
        "run": scope.run_id,
        "tried": outcome not in NOT_TRIED,
    }
    if scope.connection.execute(_FINISH, row).rowcount != 1:
        raise LookupError(f"not in the frontier: {url}")
    if capture_id is not None:
        scope.connection.execute("UPDATE captures SET outcome = ? WHERE id = ?", (outcome, capture_id))


def postpone(scope: Scope, host: str, channels: Collection[str], days: Days, outcome: str, due: str) -> int:
    """Names why what waits at a host was not taken in hand; returns of how many addresses. What has failed before keeps
    the name of how it did, and what was named in this run its own."""
    wanted = json.dumps(sorted(channels))
    row = (outcome, scope.run_id, host, due, *days, wanted, json.dumps(NOT_TRIED), scope.run_id)
    return scope.connection.execute(_POSTPONE, row).rowcount


def article_at(scope: Scope, url: str) -> int | None:
    """The key of the article that an address ended in, None where it ended in none."""
    row = scope.connection.execute("SELECT article_id FROM frontier WHERE url = ?", (storable(url),)).fetchone()
    return row[0] if row else None


def stub_of(scope: Scope, url: str, article_id: int) -> None:
    """The stub that an article's address was found through stands for the article: what lists it, lists the article."""
    scope.connection.execute(_STUB_OF, (article_id, storable(url)))


def free(connection: sqlite3.Connection) -> int:
    """Gives back what a run had in hand when it ended; returns how many."""
    return connection.execute(_FREE).rowcount


def host_of(url: str) -> str:
    """The host of an address in lower case, "" where it has none."""
    return (urlsplit(url).hostname or "").lower()


def _claim(
    url: str,
    kind: ErrandKind,
    channel: str,
    host: str,
    tries: int,
    article_id: int | None,
    since: str | None,
    *said: str | None,
) -> Claim:
    return Claim(url, kind, channel, host, tries, article_id, moment(since) if since else None, *said)


def _dated(url: str, lead: Lead | None = None) -> str:
    """When an address says it is from, by its listing or itself, as a string that sorts; "" where neither does."""
    if lead is not None and lead.listed_at is not None:
        return lead.listed_at.isoformat()
    stated = url_date(url)
    return "{:04}-{:02}-{:02}".format(*stated) if stated else ""


def _excluded(
    url: str, lead: Lead, since: date | None, until: date | None, hosts: Collection[str] | None
) -> str | None:
    if hosts is not None and host_of(url) not in hosts:
        return "offsite"
    day = _dated(url, lead)[:10]
    out = day and ((since is not None and day < since.isoformat()) or (until is not None and day > until.isoformat()))
    return "out_of_range" if out else None


def _lead_row(lead: Lead, channel: str, found_in: str, now: str) -> tuple[Any, ...]:
    listed_at = lead.listed_at.isoformat() if lead.listed_at else None
    printed = storable(lead.listed_printed) if lead.listed_printed is not None else None
    return storable(lead.url), channel, storable(found_in), listed_at, printed, storable(lead.text), now, now


_SEED = """
INSERT INTO frontier (url, kind, channel, host, state, discovered_at, next_check_at)
VALUES (:url, 'listing', :channel, :host, 'pending', :now, :not_before)
ON CONFLICT (url) DO UPDATE SET kind = 'listing', channel = excluded.channel, state = 'pending', outcome = NULL,
    tries = 0, next_check_at = excluded.next_check_at"""

_WAS_READ = "SELECT 1 FROM frontier WHERE url = ? AND kind = 'listing' AND capture_id IS NOT NULL"

_OLDER = """
INSERT INTO frontier (url, kind, channel, host, found_in, state, outcome, discovered_at)
VALUES (:url, 'listing', :channel, :host, :page, 'excluded', 'too_deep', :now)
ON CONFLICT (url) DO UPDATE SET found_in = excluded.found_in WHERE kind = 'listing' AND found_in IS NULL"""

_FOLLOWING = "SELECT url FROM frontier WHERE kind = 'listing' AND found_in = ? LIMIT 1"

# Whoever lists a waiting article last will ask for it: its first lister may not be crawled again.
_ADOPT = "UPDATE frontier SET channel = ? WHERE url = ? AND state = 'pending'"

_WIDEN = """
UPDATE frontier SET state = 'pending', outcome = NULL, next_check_at = NULL
WHERE state = 'excluded' AND outcome = 'out_of_range' AND channel IN (SELECT value FROM json_each(?))
    AND (dated = '' OR substr(dated, 1, 10) BETWEEN ? AND ?)"""

_DISCOVER = """
INSERT INTO frontier (url, kind, channel, host, found_in, state, discovered_at, dated)
VALUES (:url, :kind, :channel, :host, :found_in, 'pending', :now, :dated)
ON CONFLICT (url) DO UPDATE SET state = 'pending', outcome = NULL, tries = 0, next_check_at = NULL
WHERE kind <> 'article' AND state IN ('done', 'failed') AND run_id IS NOT :run"""

# Several pages may list an address in a channel, in no certain order: the earliest date and the fullest words are kept.
_LEAD = """
INSERT INTO leads (url, channel, found_in, listed_at, listed_printed, text, first_seen_at, last_seen_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (url, channel) DO UPDATE SET last_seen_at = excluded.last_seen_at,
    text = CASE WHEN length(excluded.text) > length(text) THEN excluded.text ELSE text END,
    listed_printed = CASE WHEN listed_at IS NULL OR excluded.listed_at < listed_at
        THEN coalesce(excluded.listed_printed, listed_printed) ELSE listed_printed END,
    listed_at = CASE WHEN listed_at IS NULL OR excluded.listed_at < listed_at
        THEN coalesce(excluded.listed_at, listed_at) ELSE listed_at END"""

_STATES = "SELECT url, state, outcome FROM frontier WHERE url IN (SELECT value FROM json_each(?))"

_ARTICLES = "SELECT url, id FROM articles WHERE url IN (SELECT value FROM json_each(?))"

_NEW_LEAD = """
INSERT INTO frontier (url, kind, channel, host, found_in, state, outcome, discovered_at, listed_at, dated, article_id,
    run_id)
VALUES (:url, 'article', :channel, :host, :found_in, :state, :outcome, :now, :listed_at, :dated, :article_id, :run)
ON CONFLICT (url) DO UPDATE SET state = excluded.state, outcome = excluded.outcome, run_id = excluded.run_id,
    listed_at = excluded.listed_at, dated = excluded.dated"""

# Walks the index of what is pending from one (kind, channel, host) to the next, however many rows each has: the next
# host of the channel, or else the next channel, or else the next kind.
_WAITING = """
WITH RECURSIVE step (id) AS (
    SELECT id FROM (SELECT id FROM frontier WHERE state = 'pending' ORDER BY kind, channel, host LIMIT 1)
    UNION ALL
    SELECT coalesce(
        (SELECT id FROM frontier WHERE state = 'pending' AND kind = here.kind AND channel = here.channel
             AND host > here.host ORDER BY host LIMIT 1),
        (SELECT id FROM frontier WHERE state = 'pending' AND kind = here.kind AND channel > here.channel
             ORDER BY channel, host LIMIT 1),
        (SELECT id FROM frontier WHERE state = 'pending' AND kind > here.kind ORDER BY kind, channel, host LIMIT 1))
    FROM step JOIN frontier here ON here.id = step.id
)
SELECT kind, channel, host FROM step JOIN frontier USING (id)"""

_NEXT = """
SELECT f.id, f.dated, f.url, f.kind, f.channel, f.host, f.tries, f.article_id, coalesce(a.published_at, f.discovered_at)
FROM frontier f LEFT JOIN articles a ON a.id = f.article_id
WHERE f.state = 'pending' AND f.kind = ? AND f.channel = ? AND f.host = ?
    AND (f.next_check_at IS NULL OR f.next_check_at <= ?) AND (f.dated = '' OR substr(f.dated, 1, 10) BETWEEN ? AND ?)
ORDER BY f.dated DESC LIMIT ?"""
_ID, _DATED, _KIND, _HOST = 0, 1, 3, 5

# The second column is what `due` sorts by. A capture that was read as the article tells what the server said of it.
_DUE = """
SELECT f.id, f.next_check_at, f.url, f.kind, f.channel, f.host, f.tries, f.article_id,
    coalesce(a.published_at, f.discovered_at), c.etag, c.last_modified
FROM frontier f JOIN articles a ON a.id = f.article_id
LEFT JOIN captures c ON c.id = (
    SELECT max(id) FROM captures
    WHERE url = f.url AND final_url = f.url AND status = 200 AND truncated IS NULL
        AND outcome IN ('new', 'same', 'edited', 'reread')
        AND NOT EXISTS (SELECT 1 FROM article_captures p
                        WHERE p.article_id = a.id AND p.revision = a.revision AND p.part > 1))
WHERE f.state = 'done' AND f.host = ? AND f.next_check_at <= ?
    AND (? = '[]' OR f.channel IN (SELECT value FROM json_each(?)))
ORDER BY f.next_check_at LIMIT ?"""

_TAKE = """
UPDATE frontier SET state = 'in_flight', outcome = NULL, run_id = ?
WHERE id IN (SELECT value FROM json_each(?))"""

_FINISH = """
UPDATE frontier SET state = :state, outcome = :outcome, tries = tries + :tried, next_check_at = :retry_at,
    run_id = :run, capture_id = coalesce(:capture_id, capture_id), article_id = coalesce(:article_id, article_id)
WHERE url = :url"""

_POSTPONE = """
UPDATE frontier SET outcome = ?, run_id = ?
WHERE state = 'pending' AND host = ? AND (next_check_at IS NULL OR next_check_at <= ?) AND article_id IS NULL
    AND (dated = '' OR substr(dated, 1, 10) BETWEEN ? AND ?) AND channel IN (SELECT value FROM json_each(?))
    AND (outcome IS NULL OR (outcome IN (SELECT value FROM json_each(?)) AND run_id IS NOT ?))"""

_STUB_OF = """
UPDATE frontier SET article_id = ?
WHERE outcome = 'stub' AND article_id IS NULL AND url = (SELECT found_in FROM frontier WHERE url = ?)"""

_FREE = "UPDATE frontier SET state = 'pending', outcome = 'interrupted' WHERE state = 'in_flight'"
