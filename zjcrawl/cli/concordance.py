"""Lines of a concordance: every match begins in the same column of the terminal."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from zjcrawl import kwic
from zjcrawl.cli.common import legible
from zjcrawl.kwic import Hit

MATCH, OTHER = "bold red", "bold blue"
_CHANNEL = 9  # columns that most slugs fit in
_USUAL = 8  # columns of a match: where lines are divided
Piece = tuple[str, str]  # a text and its style


def which(article_id: int, digits: int, published_at: str | None, channel: str | None) -> str:
    """What a line begins with: the article's id, day and channel."""
    return f"{article_id:>{digits}} {(published_at or '–')[:10]:10} {channel or '–':{_CHANNEL}} "


def aligned(hit: Hit, width: int, marked: bool, other: tuple[int, int] | None = None) -> Text:
    """A match in as much of its line as `width` columns hold, beginning where every match begins.

    Coloured, or in brackets where a terminal does not mark it (`marked` is False). `other` is a second match in the line.
    """
    before, match, after = list(_pieces(hit, marked, other))
    left = (width - _USUAL) // 2
    text = _left(_near(before, 2, left), left)
    for piece, style in match:
        text.append(kwic.head(piece, width - left), style)
    right = width - cell_len(text.plain)
    return text.append_text(_right(_near(after, 0, right), right))


def _pieces(hit: Hit, marked: bool, other: tuple[int, int] | None) -> Iterator[list[Piece]]:
    """The line before the match, the match, and the line after it, each in pieces of one style."""
    start = 0
    for part, text in enumerate((hit.before, hit.text, hit.after)):
        end = start + len(text)
        if part == 1:
            yield [_marked(text, MATCH, marked)]
        elif other is not None and start <= other[0] < other[1] <= end:
            first, last = other[0] - start, other[1] - start
            yield [(legible(text[:first]), ""), _marked(text[first:last], OTHER, marked), (legible(text[last:]), "")]
        else:
            yield [(legible(text), "")]
        start = end


def _near(pieces: list[Piece], gap: int, width: int) -> list[Piece]:
    """The pieces beside a match; where a second match is one of them, the piece between both so short that it is seen."""
    if len(pieces) == 3:
        text, room = pieces[gap][0], width - cell_len(pieces[1][0]) - 6
        if cell_len(text) > room > 4:
            pieces[gap] = f"{kwic.head(text, room // 2)}…{kwic.tail(text, room - room // 2)}", pieces[gap][1]
    return pieces


def _marked(text: str, style: str, marked: bool) -> Piece:
    return legible(text) if marked else f"[{legible(text)}]", style


def _left(pieces: Sequence[Piece], width: int) -> Text:
    room, kept, mark = width - 1, Text(), " "
    for text, style in reversed(pieces):
        piece = kwic.tail(text, room)
        kept = Text(piece, style).append_text(kept)
        room -= cell_len(piece)
        if piece != text:
            mark = "…"
            break
    return Text(" " * room + mark).append_text(kept)


def _right(pieces: Sequence[Piece], width: int) -> Text:
    room, kept = width - 1, Text()
    for text, style in pieces:
        piece = kwic.head(text, room)
        kept.append(piece, style)
        room -= cell_len(piece)
        if piece != text:
            return kept.append("…" + " " * room)
    return kept.append(" " * (room + 1))
