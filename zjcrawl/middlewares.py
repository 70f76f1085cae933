"""Downloader middlewares, in the order a request meets them: may it be asked, do robots allow it, keep what came."""

import asyncio
import logging
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import CannotResolveHostError, DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure

from zjcrawl import connect
from zjcrawl.connect import PublicResolver
from zjcrawl.errors import InputError, StorageError
from zjcrawl.hosts import retry_after
from zjcrawl.models import Capture, Errand, Reason
from zjcrawl.page import payload
from zjcrawl.run import Run

logger = logging.getLogger(__name__)

LONGEST_ADDRESS = 8000  # characters, as RFC 9110 §4.1 recommends to support at least; servers refuse longer ones
MOST_ROBOTS = 500 * 1024  # bytes of a robots.txt that are read, as RFC 9309 §2.5 asks at least


class Offsite(IgnoreRequest):
    """The address, often a redirect's, is on no server of the registry, or would log in there: it is not asked for."""


class Stopping(IgnoreRequest):
    """The run is ending: what has not left yet stays in the frontier."""


class PrivateAddress(IgnoreRequest):
    """The host is on no public address, and was not named as one that may be: it is not connected to."""


class StaysHere(IgnoreRequest):
    """The request would leave this machine, and nobody is named whom its host could write to, or no robots.txt is obeyed."""


class Postponed(IgnoreRequest):
    """The host may not be asked any more in this run: `why` is the outcome."""

    def __init__(self, why: Reason) -> None:
        super().__init__(why)
        self.why = why


class RobotsRefused(IgnoreRequest):
    """The host's robots.txt forbids the address."""


class RobotsUnreachable(IgnoreRequest):
    """The host's robots.txt cannot be had now, which RFC 9309 §2.3.1.4 reads as "nothing allowed"."""


def _host(request: Request) -> str:
    return urlparse_cached(request).hostname or ""


def run_of(crawler: Crawler) -> Run:
    """The run that a crawler works for."""
    run: Run = crawler.spider.run  # type: ignore[union-attr]
    return run


class RegistryHosts:
    """Lets only requests to the servers of the registry pass, and none once the run is ending."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        run = run_of(self.crawler)
        if run.stopping or not self.crawler.engine.running:
            raise Stopping(request.url)
        if not run.registry.has(urlparse_cached(request)):
            raise Offsite(request.url)
        if len(request.url) > LONGEST_ADDRESS:
            raise DownloadCancelledError(f"the address has {len(request.url):,} characters")


class Redirects(RedirectMiddleware):
    """Follows redirects; one to what is no address, such as a port that cannot be, leads to no server of the registry."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        try:
            return super().process_response(request, response)
        except ValueError as error:
            raise Offsite((response.headers["Location"] or b"").decode("utf-8", "replace")) from error


class Guest:
    """Asks a host only where it may be asked, and lets all of it rest as soon as it says that it is too busy."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.named = connect.named(crawler.settings.getlist("PRIVATE_HOSTS"))
        self.may_leave = connect.NO_CONTACT not in crawler.settings["USER_AGENT"]
        self.obeys = crawler.settings.getbool("ROBOTSTXT_OBEY")
        crawler.signals.connect(self.answered, signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        host, run = _host(request), run_of(self.crawler)
        if host not in self.named and (why := connect.private(host)):
            raise PrivateAddress(why)
        if not (self.may_leave and self.obeys) and not connect.is_here(request.meta.get("proxy")):
            lacks = "no contact is given: set ZJCRAWL_CONTACT" if self.obeys else "robots.txt is not obeyed"
            raise StaysHere(f"{request.url} is not on this machine, and {lacks}")
        if (reason := run.may_ask(host)) is not None:
            raise Postponed(reason)
        run.hosts.known[host].asked += 1

    def process_exception(self, request: Request, exception: Exception) -> None:
        if isinstance(exception, CannotResolveHostError) and (led := PublicResolver.refused.get(_host(request))):
            raise PrivateAddress(f"{_host(request)} is {led}, which is no public address") from exception

    def answered(self, response: Response, request: Request) -> None:
        """Before the next request of the host leaves: it waits as long as the host wants, or goes back where that is too
        long for this run."""
        host, run = _host(request), run_of(self.crawler)
        wanted = max(map(retry_after, response.headers.getlist("Retry-After")), default=0.0)
        if response.status not in (429, 503) and (response.status < 300 or not wanted):
            run.hosts.answered(host)
            return
        pause = run.refused(host, wanted)
        slot = self.crawler.engine.downloader.slots[request.meta["download_slot"]]
        slot.delay = max(slot.delay, 0.001)  # without a delay, Scrapy would not look when the last request was
        slot.lastseen = monotonic() + pause - slot.delay
        if (why := run.may_ask(host)) is not None:
            while slot.queue:
                _, answer = slot.queue.popleft()
                answer.errback(Failure(Postponed(why)))  # type: ignore[no-untyped-call]


class Robots(RobotsTxtMiddleware):
    """robots.txt by RFC 9309: 4xx allows everything, 5xx or no answer (after retries) nothing, for this run."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: dict[str, tuple[asyncio.Task[RobotParser | None], float]] = {}  # by site, and since when
        self._last: float = crawler.settings.getfloat("ROBOTS_LAST")
        self._retries: int = crawler.settings.getint("RETRY_TIMES")
        self._pause: float = crawler.settings.getfloat("RETRY_DELAY")

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's host, asked for once in a run, or once a day. Raises RobotsUnreachable."""
        parts = urlparse_cached(request)
        site = f"{parts.scheme}://{parts.netloc}"
        task, since = self._rules.get(site, (None, 0.0))
        if task is None or monotonic() - since > self._last:
            task = asyncio.ensure_future(self._ask(f"{site}/robots.txt"))
            self._rules[site] = task, monotonic()
        return await asyncio.shield(task)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        agent = self._robotstxt_useragent or self._default_useragent
        if rp is not None and not rp.allowed(request.url, agent):
            raise RobotsRefused(request.url)

    async def _ask(self, url: str) -> RobotParser | None:
        if (kept := await run_of(self.crawler).robots(url)) is not None:
            return self._decide(url, kept)
        why = ""
        for attempt in range(self._retries + 1):
            if attempt:
                await asyncio.sleep(self._pause * 2 ** (attempt - 1))
            try:
                meta = {"dont_obey_robotstxt": True, "errand": Errand("robots", "", url)}
                request = Request(url, meta=meta, priority=1000, callback=NO_CALLBACK)
                response = await self.crawler.engine.download_async(request)
            except (Stopping, StorageError, Postponed, PrivateAddress, StaysHere):
                raise
            except Exception as error:  # refused, timed out, redirected off the registry: no rules, whatever the way
                why = connect.plainly(error)
                continue
            if response.status < 500 and response.status != 429:
                return self._decide(url, response.meta["capture"])
            why = f"status {response.status}"
        logger.warning("%s cannot be had (%s): its host is left alone for this run", url, why)
        self._note(url, f"unreachable: {why}")
        raise RobotsUnreachable(url)

    def _decide(self, url: str, answer: Capture) -> RobotParser | None:
        """What an answer amounts to: rules, with the pause they ask for between requests, or none."""
        if answer.status >= 400:
            self._note(url, f"no rules: status {answer.status}")
            return None
        try:
            rules = self._parserimpl.from_crawler(self.crawler, beginning(payload(answer)))
        except InputError as error:
            self._note(url, f"unreadable: {error}")
            raise RobotsUnreachable(url) from error
        self._note(url, "rules")
        self._slow_down(url, rules.crawl_delay(self._robotstxt_useragent or self._default_useragent))
        return rules

    def _slow_down(self, url: str, wanted: float | None) -> None:
        settings, host = self.crawler.settings, urlsplit(url).hostname or ""
        ours = settings.getfloat("DOWNLOAD_DELAY")
        if wanted is None or not ours < wanted < math.inf:
            return
        known = run_of(self.crawler).hosts.known[host]
        delay = max(known.delay or ours, min(wanted, settings.getfloat("CRAWL_DELAY_MAX")))  # of its sites the longest
        downloader = self.crawler.engine.downloader
        downloader.per_slot_settings[host] = {
            "delay": delay,
            "concurrency": 1,
        }  # of slots to come, and of the one there
        if slot := downloader.slots.get(host):
            slot.delay, slot.concurrency = delay, 1
        known.delay = delay

    def _note(self, url: str, decision: str) -> None:
        known = run_of(self.crawler).hosts.known[urlsplit(url).hostname or ""]
        known.robots[url.removesuffix("/robots.txt")] = decision


def beginning(robots: bytes) -> bytes:
    """The lines of a robots.txt that are read: a line that is cut would be another rule."""
    return robots if len(robots) <= MOST_ROBOTS else robots[:MOST_ROBOTS].rpartition(b"\n")[0]


class CaptureFirst:
    """Keeps every response exactly as it came, committed before anyone reads it; its id goes along in `meta`. A large page
    then waits until there is room for it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        run, capture = run_of(self.crawler), capture_of(request, response)
        request.meta["capture_id"] = await run.keep(capture)
        request.meta["capture"] = capture
        if (claim := request.meta.get("claim")) is not None:
            await run.desk.take(claim.url, _unpacked(capture))
        return response


def _unpacked(capture: Capture) -> int:
    """How many bytes a capture is without its coding; 0 where it cannot be read."""
    try:
        return len(payload(capture))
    except InputError:
        return 0


def capture_of(request: Request, response: Response) -> Capture:
    """A response of Scrapy as a Capture. Reason phrase, header case and transfer coding are already lost by then."""
    return Capture(
        url=next(iter(request.meta.get("redirect_urls", [])), request.url),
        final_url=response.url,
        fetched_at=datetime.now(UTC),
        status=response.status,
        headers=tuple(_pairs(response.headers)),
        body=response.body,
        method=request.method,
        request_headers=tuple(_pairs(request.headers)),
        protocol=response.protocol or "HTTP/1.1",
        truncated="disconnect" if "dataloss" in response.flags else None,
        errand=request.meta.get("errand"),
    )


def _pairs(headers: Any) -> Iterator[tuple[bytes, bytes]]:
    for name, values in headers.items():
        if name.lower() != b"proxy-authorization":  # the reader's secret, and never sent to the host
            for value in values:
                yield name, value
