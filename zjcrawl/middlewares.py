"""Downloader middlewares, in the order a request meets them: may it be asked, do robots allow it, keep what came."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from zjcrawl.errors import StorageError
from zjcrawl.models import Capture, Errand
from zjcrawl.page import payload
from zjcrawl.run import Run

logger = logging.getLogger(__name__)


class Offsite(IgnoreRequest):
    """The address, often a redirect's, is on no host of the registry: it is not asked for."""


class Stopping(IgnoreRequest):
    """The run is ending: what has not left yet stays in the frontier."""


class RobotsRefused(IgnoreRequest):
    """The host's robots.txt forbids the address."""


class RobotsUnreachable(IgnoreRequest):
    """The host's robots.txt cannot be had now, which RFC 9309 §2.3.1.4 reads as "nothing allowed"."""


def run_of(crawler: Crawler) -> Run:
    """The run that a crawler works for."""
    run: Run = crawler.spider.run  # type: ignore[union-attr]
    return run


class RegistryHosts:
    """Lets only requests to the hosts of the registry pass, and none once the run is ending."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        run = run_of(self.crawler)
        if run.stopping or not self.crawler.engine.running:
            raise Stopping(request.url)
        if urlparse_cached(request).hostname not in run.registry.hosts:
            raise Offsite(request.url)


class Robots(RobotsTxtMiddleware):
    """robots.txt by RFC 9309: 4xx allows everything, 5xx or no answer (after retries) nothing, for this run."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._rules: dict[str, asyncio.Task[RobotParser | None]] = {}
        self._retries: int = crawler.settings.getint("RETRY_TIMES")
        self._pause: float = crawler.settings.getfloat("RETRY_DELAY")

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's host, asked for once in a run. Raises RobotsUnreachable."""
        parts = urlparse_cached(request)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._rules:
            self._rules[site] = asyncio.ensure_future(self._ask(f"{site}/robots.txt"))
        return await asyncio.shield(self._rules[site])

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        agent = self._robotstxt_useragent or self._default_useragent
        if rp is not None and not rp.allowed(request.url, agent):
            raise RobotsRefused(request.url)

    async def _ask(self, url: str) -> RobotParser | None:
        why = ""
        for attempt in range(self._retries + 1):
            if attempt:
                await asyncio.sleep(self._pause * 2 ** (attempt - 1))
            try:
                meta = {"dont_obey_robotstxt": True, "errand": Errand("robots", "", url)}
                request = Request(url, meta=meta, priority=1000, callback=NO_CALLBACK)
                response = await self.crawler.engine.download_async(request)
            except (Stopping, StorageError):
                raise
            except Exception as error:  # refused, timed out, redirected off the registry: no rules, whatever the way
                why = str(error) or type(error).__name__
                continue
            if response.status < 400:
                return self._parserimpl.from_crawler(self.crawler, payload(request.meta["capture"]))
            if response.status < 500 and response.status != 429:
                return None
            why = f"status {response.status}"
        logger.warning("%s cannot be had (%s): its host is left alone for this run", url, why)
        raise RobotsUnreachable(url)


class CaptureFirst:
    """Keeps every response exactly as it came, committed before anyone reads it; its id goes along in `meta`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        capture = capture_of(request, response)
        request.meta["capture_id"] = await run_of(self.crawler).keep(capture)
        request.meta["capture"] = capture
        return response


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
