"""A tree as the lines a reader sees: one walk, in reading order, over what is displayed.

Body blocks and label lines are both read from these lines, so a page is walked once, whatever asks.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from zjcrawl.page import BLANKS, Element, collapse

# HTML Standard §15.3 (rendering): what starts and ends a line. Table cells too, which stand beside each other.
BLOCK = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "founder-content",
    ]
)
HEADING = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
# Not displayed as text, or not text of the page.
HIDDEN = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "embed",
        "select",
        "textarea",
        "button",
        "head",
        "svg",
        "canvas",
        "math",
        "audio",
        "video",
        "map",
        "title",
        "link",
        "meta",
        "input",
        "datalist",
    ]
)
_STRONG = frozenset(["strong", "b", "h1", "h2", "h3", "h4", "h5", "h6", "th"])
# How the walk goes through an element: one look-up, because it is asked for every element of a page.
_INLINE, _BLOCK, _SPAN, _TABLE, _BREAK, _IMAGE, _PASSED = range(7)
_WAYS = (
    dict.fromkeys(BLOCK, _BLOCK)
    | dict.fromkeys(HIDDEN, _PASSED)
    | {"span": _SPAN, "table": _TABLE, "br": _BREAK, "img": _IMAGE}
)
MOST_ELEMENTS = 30_000  # a walk goes no further: ten times the largest page seen, and bounded time on a hostile one
SEAM = "\x1f"  # stands between the inline elements of a line where a label is looked for


@dataclass(slots=True)
class Line:
    """One displayed line, or one picture (`image` is its element), or one data table (`table`, rows of cells).

    `element` is the nearest block element. `strong` and `linked` count the characters of `text` that are printed so;
    `is_strong`: the whole line is printed bold or as a heading; `is_linked`: nearly all of it is links, no prose.
    """

    element: Element
    text: str = ""
    pieces: Sequence[str] = ()
    strong: int = 0
    linked: int = 0
    is_strong: bool = False
    is_linked: bool = False
    image: Element | None = None
    table: list[list[str]] | None = None

    @property
    def seamed(self) -> str:
        """The text with a SEAM where inline elements meet: `<b>来源</b>X` is `来源␟X`."""
        if len(self.pieces) == 1:
            return self.text
        return SEAM.join(piece for piece in (collapse(piece) for piece in self.pieces) if piece)


def is_too_long(root: Element) -> bool:
    """Whether a page has more elements than are read."""
    return next(islice(root.iter(), MOST_ELEMENTS, None), None) is not None


def lines(root: Element, *, tables: bool = False, without: Collection[Element] = ()) -> list[Line]:
    """The displayed lines of `root` in order, leaving out the elements of `without`.

    The first MOST_ELEMENTS elements are walked; `parse.extract` warns `page_too_long` where that is not all. With `tables`, a table of data is one line instead of one a cell.
    """
    walk = _Walk(tables, frozenset(without))
    walk.over(root)
    return walk.found


class _Walk:
    def __init__(self, tables: bool, without: frozenset[Element]) -> None:
        self.tables = tables
        self.without = without
        self.found: list[Line] = []
        # The line that is being printed: its text, its block, how much of it is bold and linked, pictures in its midst.
        self.pieces: list[str] = []
        self.block: Element = None
        self.strong = self.linked = 0
        self.after: list[Element] = []

    def over(self, root: Element) -> None:
        """Every element once as it opens and once as it closes, without recursion: hostile pages nest deeply."""
        blocks = [root]  # the open block elements, innermost last
        strong = linked = 0  # how many open elements print bold, or as a link
        skipped: Element | None = None
        ways = _WAYS
        events = etree.iterwalk(root, events=("start", "end"))
        for event, element in islice(events, 2 * MOST_ELEMENTS):
            tag = element.tag
            way = ways.get(tag, _INLINE)
            if event == "start":
                if way is _BREAK:
                    if self.pieces:
                        self.close()
                    continue
                if way is _IMAGE:
                    self.picture(element, blocks[-1])
                    continue
                if (
                    way is _PASSED
                    or _is_hidden(element)
                    or element in self.without
                    or (way is _TABLE and self.table(element))
                ):
                    skipped = element
                    events.skip_subtree()
                    continue
                if way is _BLOCK or way is _TABLE or (way is _SPAN and _is_caption(element)):
                    if self.pieces:
                        self.close()
                    if element is not root:
                        blocks.append(element)
                if tag in _STRONG:
                    strong += 1
                elif tag == "a" and element.get("href") is not None:
                    linked += 1
                text = element.text
            else:
                if element is root:
                    break
                if element is skipped:
                    skipped = None
                elif way is not _BREAK and way is not _IMAGE:
                    if element is blocks[-1]:
                        blocks.pop()
                        if self.pieces:
                            self.close()
                    if tag in _STRONG:
                        strong -= 1
                    elif tag == "a" and element.get("href") is not None:
                        linked -= 1
                text = element.tail
            if text and (self.pieces or not text.isspace()):
                self.text(text, blocks[-1], strong, linked)
        if self.pieces:
            self.close()

    def text(self, text: str, block: Element, strong: int, linked: int) -> None:
        if not self.pieces:
            if not text.strip(BLANKS):
                return
            self.block = block
        self.pieces.append(text)
        if strong or linked:
            count = _visible(text)
            self.strong += count if strong else 0
            self.linked += count if linked else 0

    def table(self, element: Element) -> bool:
        """Takes a table of data as one line; whether it was one."""
        rows = data_rows(element) if self.tables else None
        if rows is None:
            return False
        if self.pieces:
            self.close()
        self.found.append(Line(element, table=rows, text="\n".join("\t".join(row) for row in rows)))
        return True

    def picture(self, image: Element, block: Element) -> None:
        if self.pieces:
            self.after.append(image)
        else:
            self.found.append(Line(block, image=image))

    def close(self) -> None:
        """Ends the line that is open; the pictures in its midst stand behind it."""
        pieces, strong, linked = self.pieces, self.strong, self.linked
        text = collapse(pieces[0] if len(pieces) == 1 else "".join(pieces))
        if strong or linked:
            size = _visible(text)
            line = Line(self.block, text, pieces, strong, linked, 0 < size <= strong, 0.8 * size <= linked > 0)
        else:
            line = Line(self.block, text, pieces)
        if text:
            self.found.append(line)
        for image in self.after:
            self.found.append(Line(self.block, image=image))
        self.pieces, self.strong, self.linked = [], 0, 0
        if self.after:
            self.after = []


def data_rows(table: Element) -> list[list[str]] | None:
    """The cells of a table of data by row, or None for one that only lays out: nested, single column, or with prose."""
    if table.find(".//table") is not None or table.find(".//img") is not None:
        return None
    rows = []
    for row in table.iter("tr"):
        cells = [collapse("".join(cell.itertext())) for cell in row if cell.tag in ("td", "th")]
        if cells:
            rows.append(cells)
    wide = [row for row in rows if len(row) > 1]
    longest = max((len(cell) for row in rows for cell in row), default=0)
    filled = sum(bool(cell) for row in rows for cell in row)
    return rows if len(rows) > 1 and len(wide) * 2 > len(rows) and longest <= 120 and filled > 2 else None


def _is_caption(span: Element) -> bool:
    """Whether a span is one that TRS editors set their captions in, which style sheets make a block."""
    return "img_descr" in (span.get("class") or "")


def _is_hidden(element: Element) -> bool:
    if (style := element.get("style")) and "display:none" in style.replace(" ", "").lower():
        return True
    return element.get("hidden") is not None or element.get("aria-hidden") == "true"


def _visible(text: str) -> int:
    """Characters that are no blanks."""
    return len("".join(text.split()))
