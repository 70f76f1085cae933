"""The archive: a folder with `archive.db` and `warc/`. One `ArchiveWriter` at a time, any number of readers.

with ArchiveWriter(folder, command="crawl jx") as writer:
    capture_id = writer.submit(lambda t: t.keep(capture)).result()
Archive(folder).rows("SELECT title FROM articles")
"""

from zjcrawl.archive.archived import ArchivedArticle, Revision
from zjcrawl.archive.articles import Stored
from zjcrawl.archive.frontier import Claim
from zjcrawl.archive.reader import Archive, Moment
from zjcrawl.archive.schema import ARTICLE_COLUMNS
from zjcrawl.archive.transaction import Transaction
from zjcrawl.archive.writer import ArchiveWriter

__all__ = [
    "ARTICLE_COLUMNS",
    "Archive",
    "ArchiveWriter",
    "ArchivedArticle",
    "Claim",
    "Moment",
    "Revision",
    "Stored",
    "Transaction",
]
