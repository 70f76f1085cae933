"""One measured crawl in a process of its own: `python -m benchmarks.peers.crawl NAME PAGES FOLDER`; a JSON object on stdout.

NAME is `zjcrawl`, `zjcrawl --workers N`, or a peer: a spider of Scrapy that asks for the addresses in PAGES, a line each, with nothing of ours.
All are made as fast as their settings allow. The clock runs from the moment the spider opens, so without imports, until
everything is written; what went before it is `start`, in seconds of the processor. The time of processes that read counts.
"""

import json
import os
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from multiprocessing import active_children
from pathlib import Path
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response

XPATHS = {
    "title": "//title/text()",
    "headline": "string(//h1)",
    "time": "string(//*[contains(@class, 'time') or contains(@id, 'time')])",
    "source": "string(//*[contains(@class, 'source') or contains(@id, 'source')])",
    "author": "string(//*[contains(@class, 'author') or contains(@id, 'author')])",
    "editor": "string(//*[contains(@class, 'editor') or contains(@id, 'editor')])",
    "breadcrumb": "//a[contains(@href, 'index')]/text()",
    "body": "//p//text()",
    "images": "//img/@src",
    "tags": "//meta[@name='keywords']/@content",
}


class Clock:
    """An extension of Scrapy that notes when the spider opened, and counts what was answered."""

    opened = processor = start = others = reader = 0.0
    pages = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Clock":
        clock = cls()
        crawler.signals.connect(clock.begin, signals.spider_opened)
        crawler.signals.connect(clock.count, signals.response_received)
        crawler.signals.connect(clock.end, signals.spider_closed)
        return clock

    def begin(self) -> None:
        Clock.start = Clock.processor = time.process_time()
        Clock.opened = time.perf_counter()

    def count(self, response: Response) -> None:
        Clock.pages += response.status == 200 and not response.url.endswith("/robots.txt")

    def end(self) -> None:
        pids = [child.pid for child in active_children() if child.pid]
        Clock.others = sum(map(_processor, pids))
        Clock.reader = max(map(_megabytes, pids), default=0.0)

    @classmethod
    def read(cls) -> dict[str, float]:
        processor, wall = time.process_time() + cls.others - cls.processor, time.perf_counter() - cls.opened
        return {"pages": cls.pages, "wall": wall, "processor": processor, "start": cls.start} | {
            "megabytes": _megabytes(os.getpid()),
            "reader": cls.reader,
        }


def _processor(pid: int) -> float:
    """Seconds of the processor that another process has had (proc(5): utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int) -> float:
    """The most memory that a process has had (proc(5): VmHWM)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


class Downloads(Spider):
    """Asks for pages and does nothing with them."""

    name = "downloads"
    addresses: list[str]

    async def start(self) -> AsyncIterator[Request]:
        for address in self.addresses:
            yield Request(address, dont_filter=True)

    def parse(self, response: Response) -> Iterator[dict[str, Any]]:
        yield from ()


class Reads(Downloads):
    """Takes ten things from every page."""

    name = "reads"

    def parse(self, response: Response) -> Iterator[dict[str, Any]]:
        yield {"url": response.url} | {name: "\n".join(response.xpath(path).getall()) for name, path in XPATHS.items()}


class Commits:
    """A pipeline that puts every item into SQLite at once, as tutorials do."""

    folder: Path

    def open_spider(self) -> None:
        self.connection = sqlite3.connect(self.folder / "items.db")
        self.connection.execute(f"CREATE TABLE items (url, {', '.join(XPATHS)})")

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        self.connection.execute(f"INSERT INTO items VALUES (?{', ?' * len(XPATHS)})", list(item.values()))
        self.connection.commit()
        return item

    def close_spider(self) -> None:
        self.connection.close()


QUIET = {
    "LOG_LEVEL": "WARNING",
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "EXTENSIONS": {Clock: 0},
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "ROBOTSTXT_OBEY": False,
}
PEERS: dict[str, Callable[[Path], tuple[type[Downloads], dict[str, Any]]]] = {
    "bare, CONCURRENT_ITEMS=1": lambda folder: (Downloads, {"CONCURRENT_ITEMS": 1}),
    "bare, CONCURRENT_ITEMS=100": lambda folder: (Downloads, {"CONCURRENT_ITEMS": 100}),
    "ten XPaths, JSONL": lambda folder: (Reads, {"FEEDS": {folder / "items.jsonl": {"format": "jsonlines"}}}),
    "ten XPaths, a commit per item": lambda folder: (Reads, {"ITEM_PIPELINES": {Commits: 1}}),
}


def peer(name: str, addresses: list[str], folder: Path) -> None:
    """Crawls as a peer does."""
    Commits.folder = folder
    spider, settings = PEERS[name](folder)
    process = AsyncCrawlerProcess(QUIET | settings)
    process.crawl(spider, addresses=addresses)
    process.start()


def ours(folder: Path, workers: int | None = None) -> None:
    """Crawls as `zjcrawl crawl` does: it finds the pages itself, obeys robots.txt, keeps, reads, stores and indexes."""
    from zjcrawl.crawl import crawl, settings_from

    pairs = ("DOWNLOAD_DELAY=0", "CONCURRENT_REQUESTS_PER_DOMAIN=8", "SOFT_404_PROBE=0", "LOG_LEVEL=ERROR")
    settings = settings_from(pairs, ZJCRAWL_ARCHIVE=folder, ZJCRAWL_WORKERS=workers)
    settings.set("EXTENSIONS", dict(settings["EXTENSIONS"]) | {Clock: 1}, priority="project")
    summary = crawl(settings, listing_pages=100_000, rechecks=0)
    if summary.exit_code:
        sys.exit(f"the crawl missed something: {'; '.join(summary.problems)}")


def main(name: str, pages: str, folder: str) -> None:
    kind, _, workers = name.partition(" --workers ")
    if kind == "zjcrawl":
        ours(Path(folder), int(workers) if workers else None)
    else:
        peer(name, Path(pages).read_text("utf-8").splitlines(), Path(folder))
    print(json.dumps(Clock.read()))


if __name__ == "__main__":
    main(*sys.argv[1:])
