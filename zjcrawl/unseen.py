"""What a page's text holds and nobody sees: controls, and marks that hide or reorder what stands beside them."""

from collections.abc import Iterator

import regex

# What moves, hides or reorders text instead of being seen: controls (but tab and newline), soft hyphen, marks without a
# width, bidirectional controls, line and paragraph separators, annotations, lone surrogates. The joiners of emoji stay.
UNSEEN = regex.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def visible(text: str) -> str:
    """The text with what cannot be seen written out: `\\x1b`, `\\u202e`. Tabs and newlines stay."""
    return str(UNSEEN.sub(lambda found: escaped(found[0]), text))


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The same in pieces, each with whether it was written out."""
    at = 0
    for found in UNSEEN.finditer(text):
        if at < found.start():
            yield text[at : found.start()], False
        yield escaped(found[0]), True
        at = found.end()
    if at < len(text):
        yield text[at:], False


def escaped(character: str) -> str:
    """A character by its number: `\\x1b`, `\\u202e`."""
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
