"""What can be written into the archive. A `Transaction` is handed to each piece of work given to the writer."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime

from zjcrawl.archive import articles, captures, frontier
from zjcrawl.archive.articles import ReadAgain, Stored
from zjcrawl.archive.decide import State
from zjcrawl.archive.frontier import Claim, Days
from zjcrawl.archive.scope import Scope
from zjcrawl.archive.values import stamp
from zjcrawl.errors import StorageError
from zjcrawl.models import Article, Capture, Channel, Listing


class Transaction(Scope):
    """One piece of work inside the writer's current transaction: all of it is committed, or none."""

    __slots__ = ()

    def keep(self, capture: Capture) -> int:
        """Keeps a response in the WARC and its row; returns the capture's id."""
        return captures.keep(self, capture)

    def probes(self, since: datetime) -> list[Capture]:
        """The answers of hosts to probes made since a moment, the latest last; without those that cannot be read."""
        found = []
        for reference in captures.probes(self.connection, stamp(since)):
            with suppress(StorageError):
                found.append(captures.load(self.folder, reference))
        return found

    def robots(self, url: str, since: datetime) -> Capture | None:
        """The last whole answer for a robots.txt since a moment, None where there is none that can be read."""
        with suppress(StorageError):
            return captures.robots(self.connection, self.folder, url, stamp(since))
        return None

    def postpone(self, host: str, channels: Collection[str], days: frontier.Days, outcome: str, due: datetime) -> int:
        """Names why what was due at a host was not taken in hand; returns of how many addresses."""
        return frontier.postpone(self, host, channels, days, outcome, stamp(due))

    def decoded(self, capture_id: int, declared: str | None, used: str | None) -> None:
        """Notes which charset a capture declared and which one it was read in."""
        self.connection.execute(
            "UPDATE captures SET charset_declared = ?, charset_used = ? WHERE id = ?", (declared, used, capture_id)
        )

    def register(self, channels: Iterable[Channel]) -> None:
        """Notes the channels of a run's registry, so that the archive explains its slugs by itself."""
        rows = [(c.slug, c.name, c.kind, c.prefecture, c.host, json.dumps(c.lists)) for c in channels]
        self.connection.executemany("INSERT OR REPLACE INTO channels VALUES (?, ?, ?, ?, ?, ?)", rows)

    def seed(self, channel: str, urls: Sequence[str], *, not_before: datetime | None = None) -> None:
        """Puts list pages of a channel up for reading, again if they were read before."""
        frontier.seed(self, channel, urls, stamp(not_before) if not_before else None)

    def was_read(self, url: str) -> bool:
        """Whether a list page was ever read."""
        return frontier.was_read(self, url)

    def note_older(self, channel: str, page: str, older: str) -> None:
        """Notes which list page follows another, before anybody decides whether to read it."""
        frontier.note_older(self, channel, page, older)

    def first_unread(self, page: str) -> tuple[str | None, int]:
        """The first list page from `page` on that was never read, and how many read ones stand before it.

        None where all that are known were read.
        """
        return frontier.first_unread(self, page)

    def widen(self, channels: Collection[str], days: Days) -> None:
        """Puts up what earlier runs left out for its day, where that is wanted now."""
        frontier.widen(self, channels, days)

    def leave_out(self, url: str, day: date, capture_id: int) -> None:
        """Ends an article that was read and is of a day that is not wanted."""
        frontier.leave_out(self, url, day, capture_id)

    def record_listing(
        self,
        channel: str,
        found_in: str,
        listing: Listing,
        *,
        since: date | None = None,
        until: date | None = None,
        hosts: Collection[str] | None = None,
        seen_at: datetime | None = None,
    ) -> list[str]:
        """Keeps every lead of a listing, seen at a moment (now), and puts the unknown ones up.

        Returns `new`, `waiting`, `known` or `excluded` for each lead in order. Excluded is a lead dated outside
        `since`..`until` (inclusive), which a later run with other bounds puts up after all, or on none of `hosts`.
        """
        now = stamp(seen_at) if seen_at else self.now
        return frontier.record_listing(self, channel, found_in, listing, since, until, hosts, now)

    def discover(self, url: str, kind: str, channel: str, found_in: str | None) -> bool:
        """Notes one address (`listing`, `article` or `part`); True when it is new or waiting.

        Listings and parts that ended in an earlier run are put up again.
        """
        return frontier.discover(self, url, kind, channel, found_in)

    def claim(
        self,
        channels: Collection[str],
        *,
        per_host: Mapping[str, int],
        kinds: Collection[str] = frontier.KINDS,
        limit: int = 1000,
        days: Days = frontier.ALL_DAYS,
    ) -> list[Claim]:
        """Takes work in hand: listings first, then articles, then parts, each newest first.

        `per_host` says how many more each host may get; a host it does not name gets none. No channels means all.
        What is to be tried again later is left until then, what is dated outside `days` to a run that wants it.
        """
        return frontier.claim(self, channels, per_host, kinds, limit, days)

    def finish(
        self,
        url: str,
        outcome: str,
        *,
        state: str = "done",
        capture_id: int | None = None,
        article_id: int | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        """Says how an address ended in this run. Raises LookupError for one that is not in the frontier."""
        later = stamp(retry_at) if retry_at else None
        frontier.finish(self, url, outcome, state, capture_id, article_id, later)

    def article_at(self, url: str) -> int | None:
        """The key of the article that an address ended in, None where it ended in none."""
        return frontier.article_at(self, url)

    def stub_of(self, url: str, article_id: int) -> None:
        """Lets the stub that an article's address was found through stand for the article."""
        frontier.stub_of(self, url, article_id)

    def due(
        self, channels: Collection[str], *, per_host: Mapping[str, int], before: datetime, limit: int
    ) -> list[Claim]:
        """Takes known articles in hand whose next look was due `before` a moment, the longest overdue first."""
        return frontier.due(self, channels, per_host, stamp(before), limit)

    def store(
        self,
        article: Article,
        capture_ids: Sequence[int],
        frontier_url: str,
        *,
        complete: bool = True,
        read_again: ReadAgain | None = None,
        next_check_at: datetime | None = None,
    ) -> Stored:
        """Stores an article, read from captures in the order of its parts, and ends its frontier row.

        The same canonical address is the same article; a changed wording keeps the old one in `revisions`. One that is
        not `complete` gets the warning `incomplete` and never replaces one that is. `read_again` gives the
        `text_sha256` of captures as today's code reads them: an edit is a difference between old and new page under one
        reading. Without it, a change of template, of its version or of the digest's rule is a rereading, never an edit.
        """
        later = stamp(next_check_at) if next_check_at else None
        return articles.store(self, article, capture_ids, frontier_url, complete, read_again, later)

    def url_of(self, article_id: int | None) -> str | None:
        """The canonical address of a known article."""
        row = self.connection.execute("SELECT url FROM articles WHERE id = ?", (article_id,)).fetchone()
        return row[0] if row else None

    def confirm(self, article_id: int, capture_id: int | None, *, seen_at: datetime) -> None:
        """Notes a look that found a known article as it was, without reading it: the server said so (304)."""
        articles.observe(self, article_id, stamp(seen_at), "same", "not modified", capture_id, "live")

    def miss(
        self, article_id: int, outcome: str, why: str, *, seen_at: datetime, capture_id: int | None = None
    ) -> State:
        """Notes a look at a known article that brought no wording; returns the state the article is left in.

        `outcome` is the frontier's (`gone`, `unreadable`, `http_error`, …), `why` what was met, in words.
        """
        return articles.miss(self, article_id, stamp(seen_at), outcome, why, capture_id)
