"""What a person sees of a run: one live line on a terminal, a log line now and then elsewhere, a table at the end."""

import logging
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import create_looping_call

from zjcrawl import logs
from zjcrawl.middlewares import run_of
from zjcrawl.run import FAILED, Run
from zjcrawl.screen import console

if TYPE_CHECKING:
    from zjcrawl.crawl import Summary

logger = logging.getLogger("zjcrawl")
EVERY = 10.0  # seconds between log lines where there is no terminal


class Progress:
    """Scrapy extension: shows how the run of the crawler goes."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.console = Console(stderr=True)
        self.live: Live | None = None
        self.log = create_looping_call(self._log)
        self.format = crawler.settings["ZJCRAWL_LOG_FORMAT"]
        crawler.signals.connect(self.opened, signals.spider_opened)
        crawler.signals.connect(self.closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def opened(self, spider: Spider) -> None:
        if not self.console.is_terminal or self.format == "json":
            self.log.start(EVERY, now=False)
            return
        run = run_of(self.crawler)
        self.live = Live(
            get_renderable=lambda: Text(line(run), no_wrap=True, overflow="ellipsis"),
            console=self.console,
            refresh_per_second=4,
            transient=True,
        )
        self.live.start()
        self._log_to_stderr()  # now rich's, so that log lines pass above the live one

    def closed(self, spider: Spider, reason: str) -> None:
        if self.log.running:
            self.log.stop()
        if self.live is not None:
            self.live.stop()
            self._log_to_stderr()

    def _log(self) -> None:
        logger.info("%s", line(run_of(self.crawler)))

    @staticmethod
    def _log_to_stderr() -> None:
        handler = logs.installed()
        if isinstance(handler, logging.StreamHandler) and not isinstance(handler, logging.FileHandler):
            handler.setStream(sys.stderr)


def line(run: Run) -> str:
    """How a run goes, in one line: channels, listings, articles by fate, rate, time left."""
    tally = run.tally
    articles = tally.outcomes["article"]
    failed = sum(n for outcome, n in articles.items() if outcome in FAILED)
    rate = articles.total() / max(tally.seconds, 0.001)
    parts = [
        f"channels {len(tally.channels)}/{len(run.order.slugs)}",
        f"listings {tally.outcomes['listing'].total()}",
        f"articles new {articles['new']} known {tally.known} failed {failed}",
        f"{rate:.1f}/s",
    ]
    left = run.left()
    if left and rate > 0:
        minutes, seconds = divmod(round(left / rate), 60)
        parts.append(f"{left} to go, {minutes}:{seconds:02}")
    return " · ".join(parts)


def show(summary: "Summary", *, aloud: bool = True) -> None:
    """The table of a run on standard output, and a sentence for each thing that is missing on standard error, unless
    (not `aloud`) the log has them."""
    out = console(elsewhere=160)
    stats = summary.stats
    out.print(f"Run {stats['run']}: {plural(stats['requests'], 'request')} in {stats['seconds']} s", highlight=False)
    out.print(table(stats))
    for note in summary.notes:
        out.print(note, highlight=False, markup=False)
    for problem in summary.problems if aloud else ():
        print(problem, file=sys.stderr)


def table(stats: dict[str, Any]) -> Table:
    """Every outcome counted: a row for each channel that has news, trouble or articles that wait, one for all others
    together."""
    shown = Table()
    outcomes = list(stats["articles"])
    waits = bool(stats["waiting"])
    for heading in ("channel", "list pages", *outcomes, *(["waiting"] if waits else [])):
        shown.add_column(heading, justify="left" if heading == "channel" else "right")

    def add(name: str, of: Mapping[str, Any]) -> None:
        lists = ", ".join(f"{n} {outcome}" for outcome, n in of["listings"].items())
        cells = [str(of["articles"].get(outcome, "")) for outcome in outcomes]
        shown.add_row(name, lists, *cells, *([str(of["waiting"] or "")] if waits else []))

    def is_quiet(of: Mapping[str, Any]) -> bool:
        return not of["articles"] and not of["waiting"] and set(of["listings"]) == {"listed"}

    quiet = [of["listings"]["listed"] for of in stats["channels"].values() if is_quiet(of)]
    for slug, of in stats["channels"].items():
        if not is_quiet(of):
            add(slug, of)
    if quiet:
        add(f"{len(quiet)} without news", {"listings": {"listed": sum(quiet)}, "articles": {}, "waiting": 0})
    if len(stats["channels"]) > 1:
        shown.add_section()
        add("all", stats)
    return shown


def plural(count: int, thing: str, things: str = "") -> str:
    """`1 article`, `2 articles`; `things` where that is not thing + s."""
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"
