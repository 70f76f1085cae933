"""A tree as the lines a reader sees: one walk, in reading order, over what is displayed.

Body blocks and label lines are both read from these lines, so a page is walked once, whatever asks.
"""

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, cast

from lxml import etree

from zjcrawl.page import BLANKS, Element, collapse, xpath

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
# How the walk goes through an element: one look-up, because it is asked for every element of a page. From _BLOCK on,
# what stands in lines of its own.
_BREAK, _IMAGE, _PASSED, _INLINE, _SPAN, _BLOCK, _LIST, _TABLE = range(8)
_WAYS = (
    dict.fromkeys(BLOCK, _BLOCK)
    | dict.fromkeys(HIDDEN, _PASSED)
    | dict.fromkeys(("ul", "ol", "dl"), _LIST)
    | {"span": _SPAN, "table": _TABLE, "br": _BREAK, "img": _IMAGE}
)
_WIDEST = 50  # columns or rows that a cell is believed to reach over
_HIDING, _NAMING = frozenset(["style", "hidden", "aria-hidden"]), frozenset(["class", "id"])
_MANY = 6  # items; a list of fewer is walked sooner than asked what it is
_STYLE = 500  # characters of a style that is worth remembering
_LINKED = 0.6  # share of the characters of a list of links that are links; the rest are dates
_link_texts = xpath("descendant::a/descendant::text()")
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
    _seamed: str | None = None

    @property
    def seamed(self) -> str:
        """The text with a SEAM where inline elements meet: `<b>来源</b>X` is `来源␟X`."""
        if self._seamed is None:
            pieces = self.pieces
            self._seamed = self.text if len(pieces) == 1 else SEAM.join(filter(None, map(collapse, pieces)))
        return self._seamed


def lines(root: Element, *, tables: bool = False, without: Set[str] = frozenset()) -> list[Line]:
    """The displayed lines of `root` in order, leaving out the elements that bear a class or id of `without`.

    With `tables`, a table of data is one line instead of one a cell.
    """
    if not len(root):
        text = collapse(root.text or "")
        line = _marked(root, text, True, False) if root.tag in _STRONG else Line(root, text, (text,))
        return [line] if text else []
    walk = _Walk(tables, without)
    walk.over(root)
    return walk.found


class Span(NamedTuple):
    """The lines `first` to `end` (without it) of a page, all that an element displays."""

    element: Element
    first: int
    end: int


def lines_and_spans(root: Element, is_aside: Callable[[str], bool]) -> tuple[list[Line], list[Span]]:
    """The lines of a whole page, and which of them every element with children holds; outer spans before inner ones.

    A list of links is one line, and so is an element whose class `is_aside` where it holds little but links.
    """
    walk = _Walk(is_aside=is_aside)
    walk.over(root)
    spans = [Span(root, 0, len(walk.found)), *reversed(walk.spans)]
    return walk.found, sorted(spans, key=lambda span: (span.first, -span.end))


class _Walk:
    def __init__(
        self,
        tables: bool = False,
        without: Set[str] = frozenset(),
        is_aside: Callable[[str], bool] | None = None,
    ) -> None:
        self.tables = tables
        self.without = without
        self.is_aside = is_aside
        self.found: list[Line] = []
        self.spans: list[Span] = []
        # The line that is being printed: its text, its block, how much of it is bold and linked, pictures in its midst.
        self.pieces: list[str] = []
        self.block: Element = None
        self.strong = self.linked = 0
        self.after: list[Element] = []

    def over(self, root: Element) -> None:
        """Every displayed element once, without recursion: hostile pages nest deeply.

        `outside` keeps of every open element where it stood among its siblings, the line it began at, and what was
        open around it: the block, and whether it is bold or a link.
        """
        ways, passed, found = _WAYS, _PASSED, self.found
        whole = _BLOCK if self.is_aside else _TABLE  # from here on, what may be taken as one line
        telling = _HIDING | _NAMING if self.without else _HIDING  # attributes that may say: leave this out
        outside: list[tuple[Iterator[Element], Element, int, Element, bool, bool]] = []
        inside, block, strong, linked = iter(root), root, root.tag in _STRONG, False
        if root.text:
            self.text(root.text, block, strong, linked)
        while True:
            element = next(inside, None)
            if element is None:  # the innermost open element ends here
                if not outside:
                    break
                closed = block
                inside, element, first, block, strong, linked = outside.pop()
                if closed is element and self.pieces:
                    self.close()
                if len(found) > first and not self.pieces:
                    self.spans.append(Span(element, first, len(found)))
            else:
                tag = element.tag
                way = ways.get(tag, _INLINE)
                if way is _BREAK:
                    if self.pieces:
                        self.close()
                elif way is _IMAGE:
                    self.picture(element, block)
                elif (
                    way is not passed
                    and (telling.isdisjoint(names := element.keys()) or not self.leaves_out(element, names))
                    and not (way >= whole and (names or way > _BLOCK) and self.takes_whole(element, way, names))
                ):
                    is_strong = strong or tag in _STRONG
                    is_linked = linked or (tag == "a" and "href" in names)
                    is_block = way >= _BLOCK or (way is _SPAN and "class" in names and _is_caption(element))
                    if is_block and self.pieces:
                        self.close()
                    text = element.text
                    if len(element):
                        outside.append((inside, element, len(found), block, strong, linked))
                        inside, strong, linked = iter(element), is_strong, is_linked
                        block = element if is_block else block
                        if text and (self.pieces or not text.isspace()):
                            self.text(text, block, strong, linked)
                        continue
                    if is_block:
                        if text and (text := collapse(text)):  # nothing but text, as most paragraphs
                            plain = not (is_strong or is_linked)
                            found.append(
                                Line(element, text, (text,)) if plain else _marked(element, text, is_strong, is_linked)
                            )
                    elif text and (self.pieces or not text.isspace()):
                        self.text(text, block, is_strong, is_linked)
            if (text := element.tail) and (self.pieces or not text.isspace()):
                self.text(text, block, strong, linked)
        if self.pieces:
            self.close()
        self.spans += [Span(element, first, len(found)) for _, element, first, *_ in reversed(outside)]

    def leaves_out(self, element: Element, names: list[str]) -> bool:
        """Whether an element with attributes of these names is not displayed, or one of those to leave out."""
        if "style" in names and _hides(element.get("style")):
            return True
        if "hidden" in names or ("aria-hidden" in names and element.get("aria-hidden") == "true"):
            return True
        if self.without and ("class" in names or "id" in names):
            return not self.without.isdisjoint(f"{element.get('class') or ''} {element.get('id') or ''}".split())
        return False

    def takes_whole(self, element: Element, way: int, names: list[str]) -> bool:
        """Takes a table of data, or what is nothing but links, as one line, where that is asked for; whether it did."""
        line = None
        if way is _TABLE:
            line = _data(element) if self.tables else None
        elif self.is_aside is not None and (way is _LIST or ("class" in names and self.is_aside(element.get("class")))):
            line = _links(element, is_list=way is _LIST)
        if line is None:
            return False
        if self.pieces:
            self.close()
        if way is _TABLE and line.table is not None and (caption := element.find("caption")) is not None:
            self.found += lines(caption)
        self.found.append(line)
        return True

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

    def picture(self, image: Element, block: Element) -> None:
        if self.pieces:
            self.after.append(image)
        else:
            self.found.append(Line(block, image=image))

    def close(self) -> None:
        """Ends the line that is open; the pictures in its midst stand behind it."""
        pieces, strong, linked = self.pieces, self.strong, self.linked
        self.pieces = []
        text = collapse(pieces[0] if len(pieces) == 1 else "".join(pieces))
        if not strong and not linked:
            if text:
                self.found.append(Line(self.block, text, pieces))
        else:
            size = _visible(text)
            is_strong, is_linked = 0 < size <= strong, 0.8 * size <= linked > 0
            self.found.append(Line(self.block, text, pieces, strong, linked, is_strong, is_linked))
            self.strong = self.linked = 0
        if self.after:
            self.found += [Line(self.block, image=image) for image in self.after]
            self.after = []


def _marked(element: Element, text: str, is_strong: bool, is_linked: bool) -> Line:
    """The line of an element that holds nothing but text, all of it bold or a link."""
    size = _visible(text)
    return Line(element, text, (text,), size if is_strong else 0, size if is_linked else 0, is_strong, is_linked)


def _data(table: Element) -> Line | None:
    rows = data_rows(table)
    return Line(table, table=rows, text="\n".join("\t".join(row) for row in rows)) if rows is not None else None


def _links(element: Element, *, is_list: bool) -> Line | None:
    """A menu, or a list of headlines or tags: links with no more than a date beside each, as one line; else None.

    What is no list may show pictures with its links.
    """
    if is_list and len(element) < _MANY:
        return None
    pieces = _listed(element) if is_list else _link_texts(element)
    linked = sum(map(len, pieces))
    if not linked or len(pieces) < _MANY:
        return None
    text = " ".join(etree.tostring(element, method="text", encoding="unicode", with_tail=False).split())
    return Line(element[0], text, pieces, linked=linked, is_linked=True) if linked >= _LINKED * len(text) else None


def _listed(element: Element) -> list[str]:
    """The texts of the links of a list; none where it shows pictures or paragraphs. Most links are nothing but text."""
    pieces: list[str] = []
    for inner in element.iter("a", "img", "p"):
        if inner.tag != "a":
            return []
        if len(inner):
            return cast(list[str], _link_texts(element)) if next(element.iter("img", "p"), None) is None else []
        if text := inner.text:
            pieces.append(text)
    return pieces


def data_rows(table: Element) -> list[list[str]] | None:
    """The cells of a table of data by row, or None for one that only lays out: nested, single column, with prose, or
    wider than any that is read."""
    if table.find(".//table") is not None or table.find(".//img") is not None:
        return None
    rows: list[list[str]] = []
    below: dict[int, int] = {}  # columns that a cell above still fills, and for how many rows
    for row in table.iter("tr"):
        cells: list[str] = []
        for cell in row:
            if cell.tag in ("td", "th"):
                _stand_in(cells, below)
                width, height = _span(cell, "colspan"), _span(cell, "rowspan")
                below |= {len(cells) + at: height - 1 for at in range(width) if height > 1}
                cells += [_cell(cell), *[""] * (width - 1)]
                if len(cells) > _WIDEST:
                    return None
        if cells:
            _stand_in(cells, below)
            rows.append(cells)
    wide = [row for row in rows if len(row) > 1]
    longest = max((len(cell) for row in rows for cell in row), default=0)
    filled = sum(bool(cell) for row in rows for cell in row)
    return rows if len(rows) > 1 and len(wide) * 2 > len(rows) and longest <= 120 and filled > 2 else None


def _stand_in(cells: list[str], below: dict[int, int]) -> None:
    """Adds empty cells where a cell of a row above reaches down, so that what stands in one column stays in it."""
    while below.get(at := len(cells), 0) > 0:
        below[at] -= 1
        cells.append("")


def _span(cell: Element, name: str) -> int:
    stated = cell.get(name) or ""
    return min(max(int(stated), 1), _WIDEST) if stated.isdecimal() and len(stated) < 4 else 1


def _cell(cell: Element) -> str:
    """The text of a cell, its lines parted by blanks: `镇<br>村` is `镇 村`."""
    if not len(cell):
        return collapse(cell.text or "")
    return " ".join(filter(None, (line.text for line in lines(cell))))


def _is_caption(span: Element) -> bool:
    """Whether a span is one that TRS editors set their captions in, which style sheets make a block."""
    return "img_descr" in (span.get("class") or "")


def _hides(style: str) -> bool:
    return _says_none(style) if len(style) <= _STYLE else _says_none.__wrapped__(style)


@lru_cache(1024)  # the styles of a site are few
def _says_none(style: str) -> bool:
    return "display:none" in style.replace(" ", "").lower()


def _visible(text: str) -> int:
    """Characters that are no blanks."""
    return len("".join(text.split()))
