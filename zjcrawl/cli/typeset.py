"""Text of pages on a terminal: nothing in it can steer the terminal, and its lines are broken as Chinese is.

Everything becomes a `rich.text.Text`, whose content rich never takes for markup.
"""

from collections.abc import Iterator

import regex
from rich.cells import cell_len
from rich.text import Text

# What moves, hides or reorders text instead of being seen: controls (but tab and newline), soft hyphen, marks without a
# width, bidirectional controls, line and paragraph separators, annotations, lone surrogates. The joiners of emoji stay.
UNSEEN = regex.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_GRAPHEME = regex.compile(r"\X")
_NOT_FIRST = frozenset("。，、；：？！）》】」』”’…—·～％%,.;:?!)]}>+-")  # never begins a line (避头)
_NOT_LAST = frozenset("（《【「『“‘([{<+-")  # never ends one (避尾)


def visible(text: str) -> str:
    """The text with what cannot be seen written out: `\\x1b`, `\\u202e`. Tabs and newlines stay."""
    return str(UNSEEN.sub(lambda found: _escaped(found[0]), text))


def seen(text: str, style: str = "") -> Text:
    """The same for a terminal: what is written out stands out against a page that prints a backslash itself."""
    out, at = Text(style=style), 0
    for found in UNSEEN.finditer(text):
        out.append(text[at : found.start()]).append(_escaped(found[0]), "reverse")
        at = found.end()
    return out.append(text[at:])


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


def _escaped(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
