"""The one spider: asks for what the run hands out, and turns every answer or failure into an outcome."""

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from zjcrawl import connect
from zjcrawl import look as looks
from zjcrawl.archive import Claim
from zjcrawl.errors import StorageError
from zjcrawl.hosts import retry_after
from zjcrawl.ingest import Miss
from zjcrawl.look import Look, Parts
from zjcrawl.middlewares import (
    Offsite,
    Postponed,
    PrivateAddress,
    RobotsRefused,
    RobotsUnreachable,
    StaysHere,
    Stopping,
)
from zjcrawl.models import Capture, Errand, Extraction
from zjcrawl.pipelines import Reading
from zjcrawl.readers import Readers
from zjcrawl.run import Run

logger = logging.getLogger(__name__)


class News(Spider):
    """Crawls what `run` was asked for. Start it with `zjcrawl crawl` or `scrapy crawl news`."""

    name = "news"

    def __init__(self, run: Run, readers: Readers) -> None:
        super().__init__()
        self.run, self.readers = run, readers

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "News":
        spider: News = super().from_crawler(crawler, *args, **kwargs)
        spider.temporary = frozenset(map(int, crawler.settings.getlist("RETRY_HTTP_CODES")))
        spider.probes = crawler.settings.getbool("SOFT_404_PROBE")
        crawler.signals.connect(spider.item_failed, signals.item_error)
        crawler.signals.connect(spider.dropped, signals.request_dropped)
        return spider

    temporary: frozenset[int] = frozenset()  # the statuses that may be otherwise later
    probes: bool = True  # whether hosts are asked how they say that a page does not exist

    async def start(self) -> AsyncIterator[Request]:
        """One request per claim. The frontier has already seen to duplicates."""
        try:
            async for claim in self.run.claims():
                yield self._request(claim)
        except StorageError:
            return  # the run carries the sentence; what is in hand ends by itself

    def _request(self, claim: Claim) -> Request:
        """The request for a claim; of a known page, only if it is not as it was."""
        said = {"If-None-Match": claim.etag, "If-Modified-Since": claim.last_modified}
        return Request(
            claim.url,
            callback=self.read,
            errback=self.failed,
            dont_filter=True,
            headers={name: value for name, value in said.items() if value},
            meta={"claim": claim, "errand": Errand(claim.kind, claim.channel, claim.url)},
        )

    async def read(self, response: Response) -> AsyncIterator[Reading]:
        """A listing becomes leads, an article goes to the pipelines, everything else has a name of its own."""
        claim: Claim = response.meta["claim"]
        capture: Capture = response.meta["capture"]
        capture_id: int = response.meta["capture_id"]
        try:
            missing = await self._missing(claim) if claim.kind == "article" else None
            look, article = await self.readers.read(capture, claim.kind, claim.channel, missing)
            match look:
                case Look("read") if article is not None:
                    yield Reading(look, capture, claim, [capture_id], article=article)
                case Look("read", extraction=Extraction() as first):
                    if (reading := await self._article(claim, look, first, capture, capture_id)) is not None:
                        yield reading
                case Look("listed"):
                    await self.run.listed(claim, look, capture.fetched_at, capture_id)
                case Look("stub", extraction=Extraction(target=str(target))):
                    await self.run.follow(claim, target, capture.fetched_at, capture_id)
                case Look("not_modified"):
                    await self.run.confirmed(claim, capture.fetched_at, capture_id)
                case _:
                    await self._unread(claim, look, response)
        except (StorageError, Stopping):
            return  # still in hand: the run puts it back when it ends

    async def _missing(self, claim: Claim) -> str | None:
        """The <title> under which the claim's host serves what does not exist: asked for once a week, by a probe."""
        if self.probes and claim.host not in self.run.missing:
            self.run.missing[claim.host] = None  # nobody else asks, and a host that does not answer counts as honest
            front = f"http://{claim.host}/"
            meta = {"errand": Errand("probe", claim.channel, front)}
            request = Request(f"{front}{secrets.token_hex(8)}.shtml", dont_filter=True, meta=meta)
            try:
                response = await self.crawler.engine.download_async(request)
                self.run.missing[claim.host] = looks.title_of_missing(response.meta["capture"])
            except (StorageError, Stopping):
                raise
            except Exception as error:
                logger.info("%s: %s", request.url, connect.plainly(error))
        return self.run.missing.get(claim.host)

    async def failed(self, failure: Failure) -> None:
        """No answer: every exception of the way is an outcome."""
        claim: Claim = failure.request.meta["claim"]  # type: ignore[attr-defined]
        capture_id = failure.request.meta.get("capture_id")  # type: ignore[attr-defined]
        why = connect.plainly(failure.value)
        try:
            match failure.value:
                case StorageError() | Stopping():
                    pass  # still in hand: the run puts it back when it ends
                case Offsite():
                    await self.run.end(claim, Miss("offsite", f"it leads to {why}", capture_id))
                case RobotsRefused():
                    await self.run.end(claim, Miss("robots"))
                case RobotsUnreachable():
                    await self.run.barred(claim)
                case PrivateAddress():
                    await self.run.later(claim, Miss("private_address", why, capture_id))
                case StaysHere():
                    await self.run.later(claim, Miss("unreachable", why, capture_id))
                case Postponed(why=reason):
                    await self.run.postponed(claim, reason)
                case DownloadCancelledError():
                    await self.run.end(claim, Miss("too_large", why))
                case IgnoreRequest():  # what is left: RedirectMiddleware gave up
                    await self.run.end(claim, Miss("redirect_loop", why, capture_id))
                case _:
                    logger.info("%s: %s", claim.url, why)
                    await self.run.again(claim, Miss("unreachable", why))
        except StorageError:
            pass

    async def item_failed(self, item: Reading, failure: Failure) -> None:
        """A pipeline broke on an article: it is kept as a capture, and said so."""
        with suppress(StorageError):
            await self.run.end(item.claim, Miss("unreadable", "a fault of the pipeline", item.capture_ids[0]))

    def dropped(self, request: Request) -> None:
        """Scrapy's scheduler refused a request: nothing here makes it do so, and a run must not wait for it."""
        logger.error("%s was dropped before it was asked for", request.url)
        self.run.crashed = True
        self.run.stop()

    async def _unread(self, claim: Claim, look: Look, response: Response) -> None:
        """An answer that is no page to read: what may be otherwise in a moment, or another day, is asked for again."""
        status, capture = response.status, response.meta["capture"]
        miss = Miss(look.outcome, look.why, response.meta["capture_id"], capture.fetched_at)
        if look.outcome == "unreachable":
            await self.run.again(claim, miss)
        elif look.outcome == "http_error" and status in self.temporary:
            await self.run.again(claim, miss, pause=retry_after(response.headers.get("Retry-After")))
        elif look.outcome in ("http_error", "unreadable", "blocked"):
            await self.run.later(claim, miss)
        else:
            await self.run.end(claim, miss)

    async def _article(
        self, claim: Claim, look: Look, first: Extraction, capture: Capture, capture_id: int
    ) -> Reading | None:
        """The whole article, all its parts read in order; None where the claim has ended otherwise."""
        parts, captures = Parts(first, look.address), [capture_id]
        while address := parts.wanted:
            part, part_id = await self._part(claim, address)
            parts.add(part)
            if part is not None and part_id is not None:
                captures.append(part_id)
        if not parts.complete and self.run.may_try_again(claim):
            await self.run.again(claim, Miss("incomplete", "a further page is missing", capture_id, capture.fetched_at))
            return None
        whole = parts.whole()
        if whole is None:
            await self.run.later(claim, Miss("unreadable", "no headline or no text", capture_id, capture.fetched_at))
            return None
        return Reading(look, capture, claim, captures, parts.complete, whole)

    async def _part(self, claim: Claim, address: str) -> tuple[Extraction | None, int | None]:
        """A further page of an article, None where it cannot be had, and the id of its capture."""
        errand = Errand("part", claim.channel, claim.url)
        request = Request(address, dont_filter=True, meta={"errand": errand})
        try:
            response = await self.crawler.engine.download_async(request)
        except (StorageError, Stopping):
            raise
        except Exception as error:
            logger.info("%s: %s", address, connect.plainly(error))
            return None, None
        return await self.readers.part(response.meta["capture"], address), response.meta["capture_id"]
