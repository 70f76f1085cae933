"""B: the `/system/` CMS, 2012–2017 and at counties to this day, GBK declared as gb2312.

Time `#pubtime_baidu` as `YYYY年MM月DD日 HH:MM:SS`; `span#source_baidu` prints `来源：X`, `span#author_baidu` `作者：X`.
"""

from zjcrawl.models import Extraction
from zjcrawl.page import Page
from zjcrawl.templates.reading import Marks, by_marks

NAME, VERSION = "system2012", 1
MARKS = Marks(
    title=("div.contTit", "div.artTitle"),
    body=("div.contTxt", "div.artCon"),
    time=("#pubtime_baidu",),
    source=("#source_baidu",),
    author=("#author_baidu",),
)


def claims(page: Page) -> bool:
    """`div.artTitle` or `#author_baidu` are its own; otherwise it is `mlf2016` that has a `div.time`."""
    if not page.many("div.contTxt"):
        return False
    own = page.many("div.artTitle") or page.many("#author_baidu")
    return bool(own or (page.many("div.contTit") and not page.many("div.time")))


def extract(page: Page) -> Extraction:
    return by_marks(page, NAME, VERSION, MARKS)
