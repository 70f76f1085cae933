"""C: TRS MLF (媒立方), 2016 on, addresses `/<channel>/YYYYMM/tYYYYMMDD_DOCID.shtml`, UTF-8.

`span#pubtime_baidu` can stand twice, or be absent: then the time is the first span of `div.time`. The headline is text
of `div.contTit` or of a `font` in it; the paragraphs are children of `div.contTxt` or of its first `div`.
"""

from zjcrawl.models import Extraction
from zjcrawl.page import Page
from zjcrawl.templates import system2012
from zjcrawl.templates.reading import Marks, by_marks

NAME, VERSION = "mlf2016", 3
MARKS = Marks(
    title=("div.contTit",),
    body=("div.contTxt", "div.TRS_Editor", "div.TRS_UEDITOR", "div.artCon", "div.artical_real"),
    time=("#pubtime_baidu", "div.time span", "div.time"),
    source=("#source_baidu",),
    info=("div.time",),
)


def claims(page: Page) -> bool:
    """`div.time` under `div.contTit`, and none of the marks of the older CMS."""
    return (
        page.has("div.contTit")
        and page.has("div.time")
        and page.first(*MARKS.body) is not None
        and not system2012.claims(page)
    )


def extract(page: Page) -> Extraction:
    return by_marks(page, NAME, VERSION, MARKS)
