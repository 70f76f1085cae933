"""A: the oldest pages, to about 2012, addresses `/<folder>/system/2006/06/01/006655604.shtml`.

Known: `.contentTitle`, `#oZoom` and the noise in it. Unknown: how time, source and editor are marked; labels tell.
"""

from zjcrawl.models import Extraction
from zjcrawl.page import Page
from zjcrawl.templates.reading import Marks, by_marks

NAME, VERSION = "system2006", 3
MARKS = Marks(title=(".contentTitle",), body=("#oZoom", "#ozoom"))


def claims(page: Page) -> bool:
    return (page.has("#oZoom") or page.has("#ozoom")) and page.has(".contentTitle")


def extract(page: Page) -> Extraction:
    return by_marks(page, NAME, VERSION, MARKS)
