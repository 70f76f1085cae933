"""B: the `/system/` CMS, 2012–2017 and at counties to this day, GBK declared as gb2312.

Time `#pubtime_baidu` as `YYYY年MM月DD日 HH:MM:SS`; `span#source_baidu` prints `来源：X`, `span#author_baidu` `作者：X`.
"""

from zjcrawl.models import Extraction
from zjcrawl.page import Page
from zjcrawl.templates.reading import Marks, by_marks

NAME, VERSION = "system2012", 3
MARKS = Marks(
    title=("div.contTit", "div.artTitle"),
    body=("div.contTxt", "div.artCon"),
    time=("#pubtime_baidu",),
    source=("#source_baidu",),
    author=("#author_baidu",),
)


def claims(page: Page) -> bool:
    """`div.artTitle` or `#author_baidu`, which `mlf2016` lacks; a page that shows neither tells by its address."""
    title = page.first(*MARKS.title) if page.has("div.contTxt") else None
    if title is None:
        return False
    return title[1] == "div.artTitle" or is_address(page) or page.has("#author_baidu") or not page.has("div.time")


def is_address(page: Page) -> bool:
    """Whether the page's address is one of the `/system/` CMS."""
    return "/system/" in page.url


def extract(page: Page) -> Extraction:
    return by_marks(page, NAME, VERSION, MARKS)
