"""One run: what was asked, which work is in hand, how each address ended, and what that amounts to. Knows no Scrapy.

The frontier in the archive is the only scheduler. A run claims from it, host by host and few at a time, and every
claim ends in exactly one named outcome, committed before the run forgets it.
"""

import asyncio
import contextlib
import heapq
import json
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import TypeVar
from urllib.parse import urlsplit

from zjcrawl.archive import ArchiveWriter, Claim, Transaction
from zjcrawl.channels import Registry
from zjcrawl.errors import StorageError, ZjcrawlError
from zjcrawl.listing import SHANGHAI
from zjcrawl.models import Article, Capture, Channel, Lead, Listing
from zjcrawl.page import Page
from zjcrawl.urls import canonical, url_date

T = TypeVar("T")

FAILED = ("incomplete", "http_error", "unreachable", "redirect_loop", "too_large", "not_html", "unreadable")
_STATES = {
    "offsite": "excluded",
    "out_of_range": "excluded",
    "robots": "excluded",
    "http_error": "failed",
    "unreachable": "failed",
    "redirect_loop": "failed",
    "too_large": "failed",
    "not_html": "failed",
    "unreadable": "failed",
}
_LATER = timedelta(minutes=15)  # an address that failed for now is left to a run that starts at least so much later
_ENOUGH = 12  # tries over all runs, after which an address has failed for good


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is asked to do: which channels, which days (of Shanghai, inclusive), how many articles and pages."""

    channels: tuple[Channel, ...]
    since: date | None = None
    until: date | None = None
    limit: int | None = None
    listing_pages: int = 3

    @property
    def slugs(self) -> list[str]:
        return [channel.slug for channel in self.channels]

    def wants(self, day: date) -> bool:
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Manners:
    """How often and how patiently a failing request is made again, and how much work of one host is in hand."""

    retries: int = 2
    delay: float = 2.0
    patience: float = 60.0
    per_host: int = 4


@dataclass(frozen=True, slots=True)
class Ended:
    """How many addresses of a kind, channel and host ended this run in an outcome, and in which state they are left."""

    kind: str
    channel: str
    host: str
    outcome: str
    state: str
    count: int


class Tally:
    """How far a run has come, for whoever watches. What it came to is asked of the archive when it has ended."""

    def __init__(self) -> None:
        self.started = monotonic()
        self.outcomes: dict[str, Counter[str]] = {"listing": Counter(), "article": Counter()}
        self.channels: set[str] = set()  # those of which a listing was read
        self.waiting = 0  # articles in the frontier that may still be asked for
        self.known = self.retries = self.requests = self.bytes = 0

    def count(self, claim: Claim, outcome: str) -> None:
        self.outcomes[claim.kind][outcome] += 1
        if outcome == "listed":
            self.channels.add(claim.channel)

    @property
    def seconds(self) -> float:
        return monotonic() - self.started


class Run:
    """The work of one run: `claims()` hands it out; `listed`, `store`, `end` and `again` take it back."""

    def __init__(self, order: Order, registry: Registry, archive: ArchiveWriter, manners: Manners) -> None:
        self.order, self.registry, self.archive, self.manners = order, registry, archive, manners
        self.tally = Tally()
        self.fault: ZjcrawlError | None = None  # what ended the run before its time
        self.stopping = self.stopped = self.crashed = False  # no more claims; by a signal; by a fault of ours
        self._in_hand: dict[str, Claim] = {}
        self._held: Counter[str] = Counter()  # claims in hand by host
        self._dry: set[str] = set()  # hosts for which the frontier had nothing more
        self._finds = 0  # how often something new came into the frontier
        self._resting: dict[str, float] = {}  # hosts that asked for a pause, until when
        self._alarms: list[tuple[float, str]] = []  # when a host has work again
        self._tries: Counter[str] = Counter()
        self._depth: dict[str, int] = {}  # listing pages of this run, by their place in their list
        self._begun = 0  # articles asked for, against the limit
        self._changed = asyncio.Event()

    # -- handing out -------------------------------------------------------------------------------------------------

    async def claims(self) -> AsyncIterator[Claim]:
        """All work there is, as it becomes possible. Ends when nothing is left, or the run is stopping."""
        await self._do(self._seed)
        while not self.stopping:
            self._changed.clear()
            claims = await self._claim()
            for claim in claims:
                yield claim
            if claims or self._changed.is_set():
                continue
            if not self._in_hand and not self._alarms:
                return
            await self._wait()

    def left(self) -> int:
        """How many articles this run may still ask for, as far as is known."""
        in_hand = sum(claim.kind == "article" for claim in self._in_hand.values())
        allowed = self.tally.waiting if self.order.limit is None else self.order.limit - self._begun + in_hand
        return max(0, min(self.tally.waiting, allowed))

    def stop(self) -> None:
        """No more claims; what is in hand may end."""
        self.stopping = True
        self._changed.set()

    def _seed(self, t: Transaction) -> None:
        t.register(self.registry.channels.values())
        for channel in self.order.channels:
            pages = [canonical(address) for address in channel.lists]
            t.seed(channel.slug, pages)
            self._depth.update(dict.fromkeys(pages, 1))
        self._count_waiting(t)

    def _count_waiting(self, t: Transaction) -> None:
        (self.tally.waiting,) = t.connection.execute(_WAITING, (json.dumps(self.order.slugs),)).fetchone()

    async def _claim(self) -> list[Claim]:
        now = monotonic()
        while self._alarms and self._alarms[0][0] <= now:
            self._dry.discard(heapq.heappop(self._alarms)[1])
        room = {
            host: self.manners.per_host - self._held[host]
            for host in self.registry.hosts - self._dry
            if self._held[host] <= self.manners.per_host // 2 and self._resting.get(host, 0) <= now
        }
        if not room:
            return []
        articles = math.inf if self.order.limit is None else self.order.limit - self._begun

        def take(t: Transaction) -> list[Claim]:
            everything = sum(room.values())
            claims = t.claim(self.order.slugs, per_host=room, kinds=["listing"], limit=everything)
            taken = Counter(claim.host for claim in claims)
            left = {host: places - taken[host] for host, places in room.items() if places > taken[host]}
            if left and articles > 0:
                claims += t.claim(
                    self.order.slugs, per_host=left, kinds=["article"], limit=int(min(everything, articles))
                )
            self._in_hand.update({claim.url: claim for claim in claims})  # here: an await may be cancelled, this not
            return claims

        before = self._finds
        claims = await self._do(take)
        for claim in claims:
            self._held[claim.host] += 1
            self._begun += claim.kind == "article"
        if self._finds == before:  # else there may be more by now than this claim could see
            got = Counter(claim.host for claim in claims)
            self._dry |= {host for host, places in room.items() if got[host] < places}
        return claims

    async def _wait(self) -> None:
        timeout = max(0.0, self._alarms[0][0] - monotonic()) if self._alarms else None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), timeout)

    # -- taking back -------------------------------------------------------------------------------------------------

    async def keep(self, capture: Capture) -> int:
        """Keeps a capture; returns its id once it is committed."""
        self.tally.requests += 1
        self.tally.bytes += len(capture.body)
        return await self._do(lambda t: t.keep(capture))

    async def listed(self, claim: Claim, page: Page, listing: Listing, capture_id: int) -> None:
        """A list page was read: its leads enter the frontier, and its older page if something there may be new."""
        if not listing.leads:
            await self.end(claim, "no_leads", capture_id=capture_id)
            return
        depth = self._depth.get(claim.url, 2)

        def work(t: Transaction) -> list[str]:
            found = t.record_listing(
                claim.channel,
                claim.url,
                listing,
                since=self.order.since,
                until=self.order.until,
                hosts=self.registry.hosts,
            )
            older = listing.older
            if (
                older
                and older not in self._depth
                and depth < self.order.listing_pages
                and self._goes_on(listing, found)
            ):
                t.seed(claim.channel, [older])
                self._depth[older] = depth + 1
            _note_charset(t, capture_id, page)
            t.finish(claim.url, "listed", capture_id=capture_id)
            return found

        found = await self._do(work)
        self.tally.known += found.count("known")
        self.tally.waiting += found.count("new")
        self._found_more()
        self._ended(claim, "listed")

    async def store(
        self, claim: Claim, page: Page, article: Article, capture_ids: Sequence[int], *, complete: bool
    ) -> None:
        """An article was read: it and the end of its claim are one transaction."""
        day = article.published_at.astimezone(SHANGHAI).date() if article.published_at else None
        if day is not None and not self.order.wants(day):
            await self.end(claim, "out_of_range", capture_id=capture_ids[0])
            return

        def work(t: Transaction) -> str:
            stored = t.store(article, capture_ids, claim.url, complete=complete)
            outcome: str = stored.outcome
            _note_charset(t, capture_ids[0], page)
            if not complete:
                t.finish(
                    claim.url,
                    "incomplete",
                    state="pending",
                    capture_id=capture_ids[0],
                    article_id=stored.article_id,
                    retry_at=datetime.now(UTC) + _LATER,
                )
                outcome = "incomplete"
            elif article.url != claim.url and outcome != "new":
                t.finish(claim.url, "duplicate", capture_id=capture_ids[0], article_id=stored.article_id)
                outcome = "duplicate"
            return outcome

        self._ended(claim, await self._do(work))

    async def follow(self, claim: Claim, target: str, capture_id: int) -> None:
        """A stub was read: where it leads is an address of its own."""
        target = canonical(target)
        outcome = "stub" if urlsplit(target).hostname in self.registry.hosts else "offsite"

        def work(t: Transaction) -> None:
            if outcome == "stub":
                self.tally.waiting += t.discover(target, "article", claim.channel, claim.url)
            t.finish(claim.url, outcome, state=_STATES.get(outcome, "done"), capture_id=capture_id)

        await self._do(work)
        self._found_more()
        self._ended(claim, outcome)

    async def end(self, claim: Claim, outcome: str, *, capture_id: int | None = None) -> None:
        """A claim ended in an outcome that stays."""
        state = _STATES.get(outcome, "done")
        await self._do(lambda t: t.finish(claim.url, outcome, state=state, capture_id=capture_id))
        self._ended(claim, outcome)

    async def again(
        self, claim: Claim, outcome: str, *, pause: float = 0, host_rests: bool = False, capture_id: int | None = None
    ) -> None:
        """A claim failed for now: once more in this run after a pause, or, its tries used up, in a later run."""
        self._tries[claim.url] += 1
        tries = self._tries[claim.url]
        pause = max(pause, self.manners.delay * 2 ** (tries - 1))
        here = tries <= self.manners.retries and pause <= self.manners.patience and not self.stopping
        when = datetime.now(UTC) + (timedelta(seconds=pause) if here else max(_LATER, timedelta(seconds=pause)))
        given_up = not here and claim.tries >= _ENOUGH
        state = "failed" if given_up else "pending"
        await self._do(
            lambda t: t.finish(
                claim.url, outcome, state=state, capture_id=capture_id, retry_at=None if given_up else when
            )
        )
        wakes = monotonic() + pause if pause <= self.manners.patience else math.inf
        if host_rests:
            self._resting[claim.host] = wakes
        if (here or host_rests) and wakes < math.inf:
            heapq.heappush(self._alarms, (wakes + 0.05, claim.host))
        if here:
            self.tally.retries += 1
            self._begun -= claim.kind == "article"
            self._release(claim)
        else:
            self._ended(claim, outcome)

    async def later(self, claim: Claim, outcome: str, *, capture_id: int | None = None) -> None:
        """A claim failed in a way that a moment does not mend: left to later runs, ever longer apart, then given up."""
        given_up = claim.tries >= _ENOUGH
        when = None if given_up else datetime.now(UTC) + _LATER * 2 ** min(claim.tries, 8)
        state = "failed" if given_up else "pending"
        await self._do(lambda t: t.finish(claim.url, outcome, state=state, capture_id=capture_id, retry_at=when))
        self._ended(claim, outcome)

    async def barred(self, claim: Claim) -> None:
        """The host's robots.txt cannot be had: nothing is allowed now, and a later run may ask again."""
        when = datetime.now(UTC) + _LATER
        await self._do(lambda t: t.finish(claim.url, "robots", state="pending", retry_at=when))
        self._ended(claim, "robots")

    def may_try_again(self, claim: Claim) -> bool:
        """Whether `again` would still try in this run."""
        return self._tries[claim.url] < self.manners.retries and not self.stopping

    def reconcile(self) -> list[Ended]:
        """Puts back what is still in hand when everything has stopped, and returns how every address ended."""

        def work(t: Transaction) -> list[Ended]:
            for url in self._in_hand:
                t.finish(url, "interrupted", state="pending")
            self._count_waiting(t)
            return [Ended(*row) for row in t.connection.execute(_ENDED, (t.run_id,))]

        try:
            return self.archive.submit(work).result()
        except StorageError as error:
            self.fault = self.fault or error
            return []

    def _goes_on(self, listing: Listing, found: Sequence[str]) -> bool:
        """Whether older pages can hold something new: not where all is known, too old or elsewhere."""
        return any(
            status in ("new", "waiting") or (status == "excluded" and self._too_young(lead))
            for lead, status in zip(listing.leads, found, strict=True)
        )

    def _too_young(self, lead: Lead) -> bool:
        """Whether a lead is left out because it is younger than what is wanted."""
        stated = url_date(lead.url)
        day = lead.listed_at.date() if lead.listed_at else date(*stated) if stated else None
        return day is not None and self.order.until is not None and day > self.order.until

    def _found_more(self) -> None:
        self._finds += 1
        self._dry.clear()

    def _ended(self, claim: Claim, outcome: str) -> None:
        self.tally.count(claim, outcome)
        self.tally.waiting -= claim.kind == "article"
        self._release(claim)

    def _release(self, claim: Claim) -> None:
        if self._in_hand.pop(claim.url, None) is not None:
            self._held[claim.host] -= 1
        self._changed.set()

    async def _do(self, work: Callable[[Transaction], T]) -> T:
        try:
            return await self.archive.do(work)
        except StorageError as error:
            self.fault = self.fault or error
            self.stop()
            raise


def _note_charset(t: Transaction, capture_id: int, page: Page) -> None:
    t.decoded(capture_id, page.decoded.header or page.decoded.meta, page.decoded.used)


_WAITING = """
SELECT count(*) FROM frontier
WHERE state = 'pending' AND kind = 'article' AND channel IN (SELECT value FROM json_each(?))"""

_ENDED = """
SELECT kind, channel, host, outcome, state, count(*) FROM frontier
WHERE run_id = ? AND outcome IS NOT NULL GROUP BY kind, channel, host, outcome, state"""
