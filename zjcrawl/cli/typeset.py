"""Text of pages on a terminal: nothing in it can steer the terminal, and its lines are broken as Chinese is.

Everything becomes a `rich.text.Text`, whose content rich never takes for markup.
"""

from collections.abc import Iterator

import regex
from rich.cells import cell_len
from rich.text import Text

from zjcrawl.unseen import pieces

_GRAPHEME = regex.compile(r"\X")
_NOT_FIRST = frozenset("。，、；：？！）》】」』”’…—·～％%,.;:?!)]}>+-")  # never begins a line (避头)
_NOT_LAST = frozenset("（《【「『“‘([{<+-")  # never ends one (避尾)


def seen(text: str, style: str = "") -> Text:
    """A text with what cannot be seen written out, and standing out against a page that prints a backslash itself."""
    out = Text(style=style)
    for piece, written_out in pieces(text):
        out.append(piece, "reverse" if written_out else None)
    return out


def wrapped(text: Text, width: int | None, indent: int = 0, label: str = "") -> Iterator[Text]:
    """The lines of a text, none wider than `width` cells (None is any width, and tabs as they are), indented; `label` stands in the first
    line's indent."""
    for number, paragraph in enumerate(text.split("\n", allow_blank=True)):
        if width:
            paragraph.expand_tabs(4)
        offsets = _breaks(paragraph.plain, max(2, width - indent)) if width else []
        for place, line in enumerate(paragraph.divide(offsets)):
            hanging = len(line.plain) - len(line.plain.rstrip(" ")) if width else 0
            if hanging:  # blanks at the end of a line take no room of it
                line.right_crop(hanging)
            margin = "" if number or place else label
            yield Text().append(margin + " " * (indent - cell_len(margin)), "dim").append_text(line)


def _breaks(text: str, width: int) -> list[int]:
    """Where the lines of a paragraph end: between any two characters of Chinese, between words of Latin, nowhere else
    unless a line would have no end at all."""
    breaks: list[int] = []
    start = room = 0  # of the line: where it begins, and the cells it takes so far
    fit = at_fit = 0  # where it could end, and the cells up to there
    before = ""
    for found in _GRAPHEME.finditer(text):
        character, place = found[0], found.start()
        cells = cell_len(character)
        if place > start and _may_part(before, character):
            fit, at_fit = place, room
        if room + cells > width and place > start and character != " ":
            if fit > start:
                room -= at_fit
            else:
                fit, room = place, 0
            start = fit
            breaks.append(start)
        room, before = room + cells, character
    return breaks


def _may_part(before: str, behind: str) -> bool:
    if behind in _NOT_FIRST or before in _NOT_LAST or behind == " ":
        return False
    return not (before.isascii() and behind.isascii()) or before == " "
