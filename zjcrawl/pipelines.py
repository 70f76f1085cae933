"""Item pipelines: what a page prints becomes what it means, and is stored together with the end of its claim."""

from dataclasses import dataclass
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from zjcrawl import parse
from zjcrawl.archive import Claim
from zjcrawl.errors import StorageError
from zjcrawl.look import Look
from zjcrawl.middlewares import run_of
from zjcrawl.models import Article, Capture, Extraction


@dataclass(slots=True, repr=False)
class Reading:
    """An article on its way to the archive: what was read of which page, for which claim, by which evidence."""

    look: Look
    capture: Capture
    claim: Claim
    capture_ids: list[int]
    complete: bool = True
    extraction: Extraction | None = None
    article: Article | None = None

    def __repr__(self) -> str:  # Scrapy logs an item that broke, and nobody wants to read a page there
        return f"<Reading of {self.claim.url}>"


class NormalisePipeline:
    """Extraction → Article, of articles on many pages; one on a single page comes as what it means."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Reading) -> Reading:
        if item.extraction is not None:
            registry = run_of(self.crawler).registry
            item.article = parse.article_of(item.extraction, item.capture, registry, item.claim.channel)
        return item


class ArchivePipeline:
    """Article → archive."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: Reading) -> Reading:
        assert item.article is not None
        try:
            run = run_of(self.crawler)
            seen_at = item.capture.fetched_at
            await run.store(item.claim, item.look, item.article, item.capture_ids, seen_at, complete=item.complete)
        except StorageError as error:  # the run ends with its sentence; this article is still in the frontier
            raise DropItem(str(error), log_level="DEBUG") from error
        return item
