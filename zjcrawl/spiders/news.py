"""The one spider: asks for what the run hands out, and turns every answer or failure into an outcome."""

import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from zjcrawl import listing, parse
from zjcrawl.archive import Claim
from zjcrawl.errors import BrokenCodingError, InputError, StorageError, TooLargeError
from zjcrawl.middlewares import Offsite, RobotsRefused, RobotsUnreachable, Stopping
from zjcrawl.models import Capture, Extraction
from zjcrawl.page import Page
from zjcrawl.pipelines import Reading
from zjcrawl.run import Run
from zjcrawl.urls import canonical, part_number

logger = logging.getLogger(__name__)
MAX_PAUSE = 86_400.0  # seconds; a host that asks for more than a day is asked again after one
MAX_PARTS = 50  # pages of one article; more is a trap, not an article


class News(Spider):
    """Crawls what `run` was asked for. Start it with `zjcrawl crawl` or `scrapy crawl news`."""

    name = "news"

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "News":
        spider: News = super().from_crawler(crawler, *args, **kwargs)
        spider.temporary = frozenset(map(int, crawler.settings.getlist("RETRY_HTTP_CODES")))
        crawler.signals.connect(spider.item_failed, signals.item_error)
        crawler.signals.connect(spider.dropped, signals.request_dropped)
        return spider

    temporary: frozenset[int] = frozenset()  # the statuses that may be otherwise later

    async def start(self) -> AsyncIterator[Request]:
        """One request per claim. The frontier has already seen to duplicates."""
        try:
            async for claim in self.run.claims():
                yield Request(
                    claim.url, callback=self.read, errback=self.failed, dont_filter=True, meta={"claim": claim}
                )
        except StorageError:
            return  # the run carries the sentence; what is in hand ends by itself

    async def read(self, response: Response) -> AsyncIterator[Reading]:
        """A listing becomes leads, an article goes to the pipelines, everything else has a name of its own."""
        claim: Claim = response.meta["claim"]
        try:
            if await self._refused(claim, response):
                return
            page = Page.of(response.meta["capture"])
            if claim.kind == "listing":
                found = listing.read(page, self.run.registry.hosts)
                await self.run.listed(claim, page, found, response.meta["capture_id"])
            elif (reading := await self._article(claim, page, response)) is not None:
                yield reading
        except (StorageError, Stopping):
            return  # still in hand: the run puts it back when it ends
        except Exception as error:
            if not isinstance(error, InputError):
                logger.exception("cannot read %s", response.url)
            with suppress(StorageError):
                await self._unread(claim, error, response)

    async def failed(self, failure: Failure) -> None:
        """No answer: every exception of the way is an outcome."""
        claim: Claim = failure.request.meta["claim"]  # type: ignore[attr-defined]
        capture_id = failure.request.meta.get("capture_id")  # type: ignore[attr-defined]
        try:
            match failure.value:
                case StorageError() | Stopping():
                    pass  # still in hand: the run puts it back when it ends
                case Offsite():
                    await self.run.end(claim, "offsite", capture_id=capture_id)
                case RobotsRefused():
                    await self.run.end(claim, "robots")
                case RobotsUnreachable():
                    await self.run.barred(claim)
                case DownloadCancelledError():
                    await self.run.end(claim, "too_large")
                case IgnoreRequest():  # what is left: RedirectMiddleware gave up
                    await self.run.end(claim, "redirect_loop", capture_id=capture_id)
                case error:
                    logger.info("%s: %s", claim.url, error)
                    await self.run.again(claim, "unreachable")
        except StorageError:
            pass

    async def item_failed(self, item: Reading, failure: Failure) -> None:
        """A pipeline broke on an article: it is kept as a capture, and said so."""
        with suppress(StorageError):
            await self.run.end(item.claim, "unreadable", capture_id=item.capture_ids[0])

    def dropped(self, request: Request) -> None:
        """Scrapy's scheduler refused a request: nothing here makes it do so, and a run must not wait for it."""
        logger.error("%s was dropped before it was asked for", request.url)
        self.run.crashed = True
        self.run.stop()

    async def _refused(self, claim: Claim, response: Response) -> bool:
        """Whether an answer is no page to read; its outcome is then already settled."""
        capture_id, status = response.meta["capture_id"], response.status
        if response.meta["capture"].truncated:
            await self.run.again(claim, "unreachable", capture_id=capture_id)
        elif status in (404, 410):
            await self.run.end(claim, "gone", capture_id=capture_id)
        elif status in self.temporary:
            pause = retry_after(response.headers.get("Retry-After"))
            rests = status in (429, 503)
            await self.run.again(claim, "http_error", pause=pause, host_rests=rests, capture_id=capture_id)
        elif not 200 <= status < 300:
            await self.run.later(claim, "http_error", capture_id=capture_id)
        elif not _says_html(response.meta["capture"]):
            await self.run.end(claim, "not_html", capture_id=capture_id)
        else:
            return False
        return True

    async def _unread(self, claim: Claim, error: Exception, response: Response) -> None:
        """A page that could not be read: cut on its way, unpacking without end, no page at all, empty or odd.

        What may be otherwise next time (a cut or empty body) is asked for again.
        """
        capture_id = response.meta["capture_id"]
        match error:
            case BrokenCodingError():
                await self.run.again(claim, "unreachable", capture_id=capture_id)
            case TooLargeError():
                await self.run.end(claim, "too_large", capture_id=capture_id)
            case InputError() if response.body.strip():
                await self.run.end(claim, "not_html", capture_id=capture_id)
            case _:
                await self.run.later(claim, "unreadable", capture_id=capture_id)

    async def _article(self, claim: Claim, page: Page, response: Response) -> Reading | None:
        """The whole article, all its parts read in order; None where the claim has ended otherwise."""
        if response.url != claim.url and _is_front(response.url):
            await self.run.end(claim, "gone", capture_id=response.meta["capture_id"])
            return None
        first = parse.extract(page)
        captures = [response.meta["capture_id"]]
        if first.kind == "stub" and first.target:
            await self.run.follow(claim, first.target, captures[0])
            return None
        parts, complete = [first], True
        addresses = {page.url}
        while complete and (address := parts[-1].next_part) and address not in addresses:
            addresses.add(address)
            part = await self._part(address) if len(parts) < MAX_PARTS else None
            if complete := part is not None:
                extraction, capture_id = part
                parts.append(extraction)
                captures.append(capture_id)
        if not complete and self.run.may_try_again(claim):
            await self.run.again(claim, "incomplete", capture_id=captures[0])
            return None
        whole = parse.join(parts)
        if whole.title is None or not (whole.blocks or whole.kind == "video"):
            await self.run.later(claim, "unreadable", capture_id=captures[0])
            return None
        return Reading(whole, page, response.meta["capture"], claim, captures, complete)

    async def _part(self, address: str) -> tuple[Extraction, int] | None:
        """A further page of an article and the id of its capture, or None where it cannot be had."""
        request = Request(address, dont_filter=True)
        try:
            response = await self.crawler.engine.download_async(request)
            capture: Capture = response.meta["capture"]
            if response.status != 200 or capture.truncated:
                return None
            if canonical(response.url) != canonical(address) or part_number(response.url) != part_number(address):
                return None  # sent elsewhere: what stands there is not this part
            return parse.extract(Page.of(capture)), response.meta["capture_id"]
        except (StorageError, Stopping):
            raise
        except Exception as error:
            logger.info("%s: %s", address, error or type(error).__name__)
            return None


def retry_after(header: bytes | None) -> float:
    """The seconds a Retry-After header asks for, given as seconds or as a date; 0 where there is none to obey. A day at most."""
    text = (header or b"").decode("latin-1").strip()
    if text.isdecimal() and text.isascii():
        return min(float(text), MAX_PAUSE)
    try:
        seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(0.0, seconds), MAX_PAUSE)


def _is_front(url: str) -> bool:
    """Whether an address is a site's front page, to which many redirect what is gone."""
    return urlsplit(canonical(url)).path in ("", "/")


def _says_html(capture: Capture) -> bool:
    """Whether the declared type may be a page. None declared, and plain text, may be: servers are careless."""
    declared = (capture.header("content-type") or "").partition(";")[0].strip().lower()
    return declared in ("", "text/html", "application/xhtml+xml", "text/plain", "application/octet-stream")
