"""D: the pages of 2026, seen on zjnews/zjxc: `h1.artTitle`, `div.info`, `div.artCon`, notice in `div.cprtip`.

The spans of `div.info` print time, `来源：X` and `责任编辑：Y`, each its own or all in one; paragraphs may hold
`span[leaf]`, and `section` blocks occur (both from the WeChat editor).
"""

from zjcrawl.models import Extraction
from zjcrawl.page import Page
from zjcrawl.templates.reading import Marks, by_marks

NAME, VERSION = "mlf2026", 3
MARKS = Marks(
    title=("h1.artTitle",),
    body=("div.content div.artCon", "div.artCon"),
    time=("div.info span", "div.info"),
    info=("div.info",),
    notice=("div.cprtip",),
)


def claims(page: Page) -> bool:
    return page.has("h1.artTitle") and page.has("div.artCon")


def extract(page: Page) -> Extraction:
    return by_marks(page, NAME, VERSION, MARKS)
