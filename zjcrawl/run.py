"""One run: what was asked, which work is in hand, how each address ended, and what that amounts to. Knows no Scrapy.

The frontier in the archive is the only scheduler. A run claims from it, host by host and few at a time, and every
claim ends in exactly one named outcome, committed before the run forgets it.
"""

import asyncio
import contextlib
import heapq
import json
import logging
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from time import monotonic
from typing import TypeVar

from zjcrawl import ingest
from zjcrawl.archive import ArchiveWriter, Claim, Transaction
from zjcrawl.archive.frontier import ALL_DAYS, host_of
from zjcrawl.channels import Registry
from zjcrawl.desk import Desk
from zjcrawl.errors import StorageError, ZjcrawlError
from zjcrawl.hosts import Hosts, Hours
from zjcrawl.ingest import Miss
from zjcrawl.logs import FIELDS, OUTCOMES
from zjcrawl.look import Look, title_of_missing
from zjcrawl.models import Article, Capture, Channel, Lead, Listing, Reason
from zjcrawl.recheck import CONFIRM, Schedule
from zjcrawl.urls import canonical, url_date

T = TypeVar("T")
logger = logging.getLogger(OUTCOMES)

FAILED = (
    "incomplete",
    "http_error",
    "unreachable",
    "redirect_loop",
    "too_large",
    "not_html",
    "unreadable",
    "blocked",
    "private_address",
)
_LATER = timedelta(minutes=15)  # an address that failed for now is left to a run that starts at least so much later
_PROBED_EVERY = timedelta(days=7)  # a host is asked once a week how it says that a page does not exist
_ENOUGH = 12  # tries over all runs, after which an address has failed for good


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is asked to do: which channels, which days (of Shanghai, inclusive), how many articles and pages."""

    channels: tuple[Channel, ...]
    since: date | None = None
    until: date | None = None
    limit: int | None = None
    listing_pages: int = 3
    rechecks: int = 2000  # known articles looked at again, at most

    @property
    def slugs(self) -> list[str]:
        return [channel.slug for channel in self.channels]

    @property
    def days(self) -> tuple[str, str]:
        """First and last day as ISO dates that sort, whether bounded or not."""
        first, last = ALL_DAYS
        return self.since.isoformat() if self.since else first, self.until.isoformat() if self.until else last

    def wants(self, day: date) -> bool:
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Manners:
    """How often and how patiently a failing request is made again, how much work of one host is in hand, and when a
    known article is looked at again."""

    retries: int = 2
    delay: float = 2.0
    patience: float = 60.0
    per_host: int = 4
    budget: int = 0  # requests to each host in a run; 0 is none
    hours: Hours | None = None  # of Shanghai, in which hosts are asked; None is all day
    robots_last: float = 86_400.0  # seconds for which a robots.txt that was had is not asked for again
    schedule: Schedule = field(default_factory=Schedule)  # of known articles


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
        self.hosts = Hosts(manners.budget, manners.hours, manners.delay, manners.patience)
        self.desk = Desk()
        self._alarms: list[tuple[float, str]] = []  # when a host has work again
        self._tries: Counter[str] = Counter()
        self._retrying: dict[str, tuple[Claim, Miss]] = {}  # what failed and is to be tried again, with how it did
        self._told: Counter[tuple[str, str]] = Counter()  # lines of the log by host and outcome
        self._depth: dict[str, int] = {}  # listing pages of this run, by their place in their list
        self._known_lists: set[str] = set()  # those of which an earlier run read the first page
        self.forbidden: set[str] = set()  # list pages that a rule of robots.txt forbids
        self.cut_short: set[str] = set()  # channels whose lists had more news than this run read
        self._begun = 0  # articles asked for, against the limit
        self._rechecked = 0  # known articles looked at again, against theirs
        self._started = datetime.now(UTC)  # what falls due later is left to a later run, so that this one ends
        self._changed = asyncio.Event()
        self.missing: dict[str, str | None] = {}  # of hosts that were probed, the <title> of what does not exist there

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
        in_hand = sum(_is_new(claim) for claim in self._in_hand.values())
        allowed = self.tally.waiting if self.order.limit is None else self.order.limit - self._begun + in_hand
        return max(0, min(self.tally.waiting, allowed))

    def stop(self) -> None:
        """No more claims; what is in hand may end."""
        self.stopping = True
        self._changed.set()
        self.desk.close()

    def _seed(self, t: Transaction) -> None:
        t.register(self.registry.channels.values())
        for channel in self.order.channels:
            pages = [canonical(address) for address in channel.lists]
            self._known_lists.update(page for page in pages if t.was_read(page))
            t.seed(channel.slug, pages)
            self._depth.update(dict.fromkeys(pages, 1))
        t.widen(self.order.slugs, self.order.days)
        for capture in t.probes(self._started - _PROBED_EVERY):
            self.missing[host_of(capture.url)] = title_of_missing(capture)
        self._count_waiting(t)

    def _count_waiting(self, t: Transaction) -> None:
        (self.tally.waiting,) = t.connection.execute(
            _WAITING, (json.dumps(self.order.slugs), *self.order.days)
        ).fetchone()

    async def _claim(self) -> list[Claim]:
        now = monotonic()
        while self._alarms and self._alarms[0][0] <= now:
            self._dry.discard(heapq.heappop(self._alarms)[1])
        room = {
            host: self.hosts.room(host, self.manners.per_host - self._held[host])
            for host in self.registry.hosts - self._dry
            if self._held[host] <= self.manners.per_host // 2
            and not self.hosts.rest(host, now)
            and self.may_ask(host) is None
        }
        if not room:
            return []
        articles = math.inf if self.order.limit is None else self.order.limit - self._begun
        rechecks = self.order.rechecks - self._rechecked

        def take(t: Transaction) -> list[Claim]:
            claims: list[Claim] = []

            def left(part: int = 1) -> dict[str, int]:
                taken = Counter(claim.host for claim in claims)
                return {host: (places - taken[host]) // part for host, places in room.items()}

            def look_again(per_host: dict[str, int]) -> None:
                more = rechecks - sum(claim.is_known for claim in claims)
                if more > 0:
                    claims.extend(t.due(self.order.slugs, per_host=per_host, before=self._started, limit=more))

            claims += t.claim(self.order.slugs, per_host=left(), kinds=["listing"], limit=sum(room.values()))
            look_again(left(4))  # however many new articles a host has, a quarter of its places is for those we have
            if articles > 0:
                most = int(min(sum(room.values()), articles))
                claims += t.claim(
                    self.order.slugs, per_host=left(), kinds=["article"], limit=most, days=self.order.days
                )
            look_again(left())
            self._in_hand.update({claim.url: claim for claim in claims})  # here: an await may be cancelled, this not
            return claims

        before = self._finds
        claims = await self._do(take)
        for claim in claims:
            self._held[claim.host] += 1
            self._begun += _is_new(claim)
            self._rechecked += claim.is_known
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

    async def listed(self, claim: Claim, look: Look, seen_at: datetime, capture_id: int) -> None:
        """A list page was read: its leads enter the frontier, and its older page if something there may be new."""
        listing = look.listing
        assert listing is not None
        older = listing.older
        if claim.url not in self._depth:  # an earlier run left it, because there was more than it read
            self._known_lists.add(claim.url)

        def work(t: Transaction) -> list[str]:
            found = ingest.listed(
                t, claim, look, self.registry, seen_at, capture_id, since=self.order.since, until=self.order.until
            )
            t.decoded(capture_id, look.declared, look.used)
            if older:
                self._read_on(t, claim, listing, found, older)
            return found

        found = await self._do(work)
        self.tally.known += found.count("known")
        self.tally.waiting += found.count("new")
        self._found_more()
        self._ended(claim, look.outcome)

    async def store(
        self,
        claim: Claim,
        look: Look,
        article: Article,
        capture_ids: Sequence[int],
        seen_at: datetime,
        *,
        complete: bool,
    ) -> None:
        """An article was read: it and the end of its claim are one transaction."""

        def work(t: Transaction) -> str:
            t.decoded(capture_ids[0], look.declared, look.used)
            return ingest.store(
                t,
                claim,
                article,
                capture_ids,
                seen_at,
                self.registry,
                self.manners.schedule,
                complete=complete,
                wanted=self.order.wants,
            )

        self._ended(claim, await self._do(work))

    async def follow(self, claim: Claim, target: str, seen_at: datetime, capture_id: int) -> None:
        """A stub was read: where it leads is an address of its own."""
        outcome, waits = await self._do(
            lambda t: ingest.followed(t, claim, target, seen_at, self.registry, self.manners.schedule, capture_id)
        )
        self.tally.waiting += waits
        self._found_more()
        self._ended(claim, outcome)

    async def confirmed(self, claim: Claim, seen_at: datetime, capture_id: int) -> None:
        """The server said that a known article is as it was."""
        work = partial(ingest.confirmed, claim=claim, seen_at=seen_at, schedule=self.manners.schedule)
        self._ended(claim, await self._do(lambda t: work(t, capture_id=capture_id)))

    async def end(self, claim: Claim, miss: Miss) -> None:
        """A claim ended in an outcome that stays, or, of a known article, until it is looked at again.

        What is gone at the first look may only not have reached the server yet: it is asked for once more.
        """
        if miss.outcome == "robots" and claim.kind == "listing":
            self.forbidden.add(claim.url)
        if miss.outcome == "gone" and _is_new(claim) and claim.tries == 0:
            await self._close(claim, miss, "pending", datetime.now(UTC) + CONFIRM)
        else:
            await self._close(claim, miss, ingest.STATES.get(miss.outcome, "done"), None)

    async def again(self, claim: Claim, miss: Miss, *, pause: float = 0) -> None:
        """A claim failed for now: once more in this run after a pause, or, its tries used up, in a later run."""
        self._tries[claim.url] += 1
        tries = self._tries[claim.url]
        pause = max(pause, self.manners.delay * 2 ** (tries - 1), self.hosts.rest(claim.host, monotonic()))
        here = tries <= self.manners.retries and pause <= self.manners.patience and not self.stopping
        if here:
            heapq.heappush(self._alarms, (monotonic() + pause + 0.05, claim.host))
        if not here:
            await self._wait_for_another_run(claim, miss, max(_LATER, timedelta(seconds=pause)))
            return
        when = datetime.now(UTC) + timedelta(seconds=pause)
        await self._do(
            lambda t: t.finish(claim.url, miss.outcome, state="pending", capture_id=miss.capture_id, retry_at=when)
        )
        self._retrying[claim.url] = claim, miss
        self.tally.retries += 1
        self._begun -= _is_new(claim)
        self._rechecked -= claim.is_known
        self._release(claim)

    async def later(self, claim: Claim, miss: Miss) -> None:
        """A claim failed in a way that a moment does not mend: left to later runs, ever longer apart, then given up."""
        await self._wait_for_another_run(claim, miss, _LATER * 2 ** (0 if claim.is_known else min(claim.tries, 8)))

    async def _wait_for_another_run(self, claim: Claim, miss: Miss, pause: timedelta) -> None:
        if claim.tries >= _ENOUGH and not claim.is_known:
            await self._close(claim, miss, "failed", None)
        else:
            await self._close(claim, miss, "pending", datetime.now(UTC) + pause)

    async def _close(self, claim: Claim, miss: Miss, state: str, retry_at: datetime | None) -> None:
        """Ends a claim without a reading. A known article is not given up: it was missed, and is looked for again."""

        def work(t: Transaction) -> None:
            if claim.is_known:
                seen_at = miss.seen_at or datetime.now(UTC)
                ingest.missed(t, claim, miss, seen_at, self.manners.schedule, not_before=retry_at)
            else:
                t.finish(claim.url, miss.outcome, state=state, capture_id=miss.capture_id, retry_at=retry_at)

        await self._do(work)
        self._ended(claim, miss.outcome, miss.why)

    async def barred(self, claim: Claim) -> None:
        """The host's robots.txt cannot be had: nothing is allowed now, and a later run may ask again."""
        when = datetime.now(UTC) + _LATER
        state = "done" if claim.is_known else "pending"
        await self._do(lambda t: t.finish(claim.url, "robots", state=state, retry_at=when))
        self._ended(claim, "robots")

    def may_ask(self, host: str) -> Reason | None:
        """Why a host may not be asked any more in this run, or None."""
        return self.hosts.why_not(host, monotonic(), datetime.now(UTC))

    def refused(self, host: str, wanted: float) -> float:
        """A host answered that it is too busy, and wanted so many seconds of peace (0: did not say). All of it rests:
        returns for how many seconds."""
        pause = self.hosts.refused(host, wanted, monotonic())
        if pause <= self.manners.patience:
            heapq.heappush(self._alarms, (monotonic() + pause + 0.05, host))
            self._changed.set()
        return pause

    async def postponed(self, claim: Claim, why: Reason) -> None:
        """A claim was not asked for, and cannot be in this run: a later one does."""
        rest = self.hosts.rest(claim.host, monotonic())
        when = datetime.now(UTC) + timedelta(seconds=rest) if why == "resting" else None
        if claim.is_known:
            when, state = when or datetime.now(UTC), "done"
        else:
            state = "pending"
        await self._do(lambda t: t.finish(claim.url, why, state=state, retry_at=when))
        self._ended(claim, why)

    async def robots(self, url: str) -> Capture | None:
        """The last answer for a robots.txt that is not too old to go by, None where there is none."""
        since = datetime.now(UTC) - timedelta(seconds=self.manners.robots_last)
        return await self._do(lambda t: t.robots(url, since))

    def may_try_again(self, claim: Claim) -> bool:
        """Whether `again` would still try in this run."""
        return self._tries[claim.url] < self.manners.retries and not self.stopping

    def reconcile(self) -> list[Ended]:
        """Puts back what is still in hand when everything has stopped, and returns how every address ended."""

        def work(t: Transaction) -> list[Ended]:
            for url, claim in self._in_hand.items():
                t.finish(url, "interrupted", state="pending")
                self._retrying.pop(url, None)
                self._log(claim, "interrupted")
            for claim, miss in self._retrying.values():  # the run ended before it could: that is how they ended
                self._log(claim, miss.outcome, miss.why)
            self._name_what_is_left(t)
            self._count_waiting(t)
            ended = [Ended(*row) for row in t.connection.execute(_ENDED, (t.run_id,))]
            self._tell_what_nobody_touched(ended)
            return ended

        try:
            return self.archive.submit(work).result()
        except StorageError as error:
            self.fault = self.fault or error
            return []

    def _name_what_is_left(self, t: Transaction) -> None:
        """What was due, and was not taken in hand because its host may not be asked any more, is named by the reason."""
        for host in self.registry.hosts:
            if not self.stopped and (why := self.may_ask(host)) is not None:
                t.postpone(host, self.order.slugs, self.order.days, why, self._started)

    def _tell_what_nobody_touched(self, ended: Sequence[Ended]) -> None:
        """One line of the log for what was listed and never taken in hand: of 10,000 such addresses, one for all."""
        counts: Counter[tuple[str, str]] = Counter()
        for one in ended:
            counts[one.host, one.outcome] += one.count
        for (host, outcome), count in (counts - self._told).items():
            told = {"run": self.archive.run_id, "host": host, "outcome": outcome, "count": count}
            logger.info("%s: %s", host, outcome, extra={FIELDS: told})

    def _read_on(self, t: Transaction, claim: Claim, listing: Listing, found: Sequence[str], older: str) -> None:
        """Puts up the next older page where it can hold something new: not where all is known, too old or elsewhere.

        A page that was never read can. What a list had since the last run must not be lost because it was more than
        this run reads: the rest is left to the next one.
        """
        depth = self._depth.setdefault(claim.url, 1)  # one that an earlier run left is a beginning of its own
        t.note_older(claim.channel, claim.url, older)
        leads = [(lead, _day(lead), status) for lead, status in zip(listing.leads, found, strict=True)]
        wanted = [(lead, status) for lead, day, status in leads if day is None or self.order.wants(day)]
        news = [lead for lead, status in wanted if status in ("new", "waiting")]
        since, until = self.order.since, self.order.until
        page: str | None = older
        if not news and not (until and any(day and day > until for _, day, _ in leads)):
            if since and any(day and day < since for _, day, _ in leads):
                return
            page, steps = t.first_unread(older)
            depth += steps
        if page is None or page in self._depth:
            return
        if depth < self.order.listing_pages:
            t.seed(claim.channel, [page])
            self._depth[page] = depth + 1
            if claim.url in self._known_lists:
                self._known_lists.add(page)
        elif claim.url in self._known_lists and any(url_date(lead.url) for lead in news):
            t.seed(claim.channel, [page], not_before=datetime.now(UTC) + _LATER)
            self.cut_short.add(claim.channel)

    def _found_more(self) -> None:
        self._finds += 1
        self._dry.clear()

    def _ended(self, claim: Claim, outcome: str, why: str = "") -> None:
        self.tally.count(claim, outcome)
        self._retrying.pop(claim.url, None)
        self._log(claim, outcome, why)
        self.tally.waiting -= _is_new(claim)
        self._release(claim)

    def _log(self, claim: Claim, outcome: str, why: str = "") -> None:
        told = {"run": self.archive.run_id, "url": claim.url, "kind": claim.kind, "channel": claim.channel}
        told |= {"outcome": outcome} | ({"why": why} if why else {})
        self._told[claim.host, outcome] += 1
        logger.info("%s: %s", claim.url, outcome, extra={FIELDS: told})

    def _release(self, claim: Claim) -> None:
        if self._in_hand.pop(claim.url, None) is not None:
            self._held[claim.host] -= 1
        self.desk.leave(claim.url)
        self._changed.set()

    async def _do(self, work: Callable[[Transaction], T]) -> T:
        try:
            return await self.archive.do(work)
        except StorageError as error:
            self.fault = self.fault or error
            self.stop()
            raise


def _day(lead: Lead) -> date | None:
    """The day of a lead, by its listing or its address."""
    stated = url_date(lead.url)
    return lead.listed_at.date() if lead.listed_at else date(*stated) if stated else None


def _is_new(claim: Claim) -> bool:
    """Whether a claim is an article that the archive does not have."""
    return claim.kind == "article" and not claim.is_known


_WAITING = """
SELECT count(*) FROM frontier
WHERE state = 'pending' AND kind = 'article' AND article_id IS NULL AND outcome IS NOT 'gone'
    AND (dated = '' OR substr(dated, 1, 10) BETWEEN ?2 AND ?3) AND channel IN (SELECT value FROM json_each(?1))"""

_ENDED = """
SELECT kind, channel, host, outcome, state, count(*) FROM frontier
WHERE run_id = ? AND outcome IS NOT NULL GROUP BY kind, channel, host, outcome, state"""
