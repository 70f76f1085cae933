"""Reads the pages of a crawl in processes of their own, so that the one that asks and stores need not.

a capture ─▶ Readers.read ─▶ a process: look, parse, normalise ─▶ Look and Article
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import active_children, connection
from typing import Any, TypeVar

from zjcrawl import look as looks
from zjcrawl import parse, processes
from zjcrawl.channels import Registry
from zjcrawl.look import Look, Parts
from zjcrawl.models import Article, Capture, Extraction

T = TypeVar("T")
logger = logging.getLogger(__name__)
FEW = 16  # pages; to start a process costs more than to read them. It is ready so many pages later
MOST_DEATHS = 3  # of readers in a run, after which there are no more: something on the machine is against them
_GONE = "a process that reads was killed or cannot be started, perhaps for its memory"
_TO_END = 1.0  # seconds that a reader has for the page it is at when the run is over


class Readers:
    """Reads the pages of a crawl in `count` processes, or (0, or few pages) in its own. What they log is logged here.

    A process that is killed loses nothing: the pages it had are read here, and another one takes its place.
    """

    def __init__(self, registry: Registry, count: int) -> None:
        self._registry, self._count = registry, count
        self._asked = self._deaths = 0
        self._others = {*active_children()}
        self._executor: ProcessPoolExecutor | None = None

    async def read(
        self, capture: Capture, kind: str, channel: str | None, missing: str | None
    ) -> tuple[Look, Article | None]:
        """What an answer is, as `look.at` says it, and the article where this page is all of it."""
        return await self._do(_read, capture, kind, channel, missing)

    async def part(self, capture: Capture, address: str) -> Extraction | None:
        """What a further page of an article prints, as `look.part` says it."""
        return await self._do(_part, capture, address)

    def close(self) -> None:
        """Ends the processes, whatever they are at."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
        for process in {*active_children()} - self._others:
            if not connection.wait([process.sentinel], _TO_END):
                process.kill()

    async def _do(self, work: Callable[..., T], *what: Any) -> T:
        self._asked += 1
        if self._asked == FEW:
            self._executor = self._start()
        executor = self._executor
        if executor is None or self._asked < 2 * FEW:
            return work(self._registry, *what)
        try:
            result, records = await asyncio.wrap_future(executor.submit(_told, work, what))
        except (BrokenProcessPool, OSError):  # the latter while it breaks, too
            self._lost(executor)
            return work(self._registry, *what)
        for record in records:
            if (its := logging.getLogger(record.name)).isEnabledFor(record.levelno):
                its.handle(record)
        return result

    def _lost(self, executor: ProcessPoolExecutor) -> None:
        """A process is no more, or none can be started: said once for all pages that were on their way there."""
        if executor is not self._executor:
            return
        executor.shutdown(wait=False)
        self._deaths += 1
        self._executor = self._start() if self._deaths < MOST_DEATHS else None
        rest = "" if self._executor else ", and all that come (--workers 0 does so from the start)"
        logger.warning("%s: the pages that it had are read by the crawl itself%s", _GONE, rest)

    def _start(self) -> ProcessPoolExecutor | None:
        if not self._count:
            return None
        try:
            return processes.executor(self._count, _know, self._registry)
        except (OSError, ImportError) as error:
            logger.warning("no process that reads can be had (%s): the crawl reads by itself", error)
            return None


# ── in a process that reads ──────────────────────────────────────────────────────────────────────────────────────────

_registry: Registry | None = None
_records: list[logging.LogRecord] = []


class _Kept(logging.Handler):
    """Keeps what is logged, in a form that can be handed on."""

    def emit(self, record: logging.LogRecord) -> None:
        record.msg, record.args = record.getMessage(), None
        if record.exc_info:
            record.exc_text, record.exc_info = logging.Formatter().formatException(record.exc_info), None
        _records.append(record)


def _know(registry: Registry) -> None:
    global _registry
    _registry = registry
    logging.root.addHandler(_Kept())
    logging.root.setLevel(logging.NOTSET)


def _told(work: Callable[..., T], what: tuple[Any, ...]) -> tuple[T, list[logging.LogRecord]]:
    """What some work comes to, and what was logged meanwhile."""
    _records.clear()
    return work(_registry, *what), _records


def _read(
    registry: Registry, capture: Capture, kind: str, channel: str | None, missing: str | None
) -> tuple[Look, Article | None]:
    look = looks.at(capture, kind, registry.hosts, missing)
    if look.outcome == "read" and look.extraction is not None:
        parts = Parts(look.extraction, look.address)
        if parts.wanted is None and (whole := parts.whole()) is not None:
            with suppress(Exception):  # a fault of ours: the pipeline meets it again, and names it
                return look.bare(), parse.article_of(whole, capture, registry, channel)
    return look, None


def _part(registry: Registry, capture: Capture, address: str) -> Extraction | None:
    return looks.part(capture, address)
