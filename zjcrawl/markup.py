"""Tags in the bytes of a page, before anything is parsed: what is quick to see there, and bounds on what parsing costs."""

import re
from collections.abc import Iterator
from functools import lru_cache

# What is text to its end tag, whatever it looks like (HTML Standard §13.1.2).
_RAW = (
    b"script",
    b"style",
    b"title",
    b"textarea",
    b"noscript",
    b"xmp",
    b"iframe",
    b"noembed",
    b"noframes",
    b"template",
)
_CLOSING = {name: re.compile(b"</" + name + rb"\b", re.IGNORECASE) for name in _RAW}
# A tag ends soon. One that does not has more attributes than a parser gets through (it compares each with all before),
# or a picture in its address. A script that does not end soon has no article in it.
_LONG = 65_536  # bytes
_WINDOW = _LONG // 2  # a stretch of _LONG without `<` and `>` holds one such window whole
_SHORTEST = 3  # bytes: `<p>`
_NAME = re.compile(rb"<[A-Za-z][A-Za-z0-9:-]{0,40}")


def openings(markup: bytes, names: bytes, end: int) -> Iterator[re.Match[bytes]]:
    """The tags before `end` whose names match the pattern `names`, and those that open raw text.

    A match's third group is the name, None for those of raw text. What stands in comments and raw text is no tag.
    """
    at, pattern = 0, _opening(names)
    while found := pattern.search(markup, at, end):
        at = found.end()
        if found[1]:
            at = markup.find(b"-->", at - 2, end) + 3  # `<!-->` is a whole comment
            if at < 3:
                return
            continue
        yield found
        if found[2]:
            closing = _CLOSING[found[2].lower()].search(markup, at, end)
            if closing is None:
                return
            at = closing.end()


@lru_cache(maxsize=8)
def _opening(names: bytes) -> re.Pattern[bytes]:
    raw = b"|".join(_RAW)
    return re.compile(rb"<(?=[A-Za-z]|!--)(?:(!--)|(" + raw + rb")\b|(" + names + rb"))", re.IGNORECASE)


def first_elements(markup: bytes, most: int) -> bytes:
    """The markup up to where more than `most` elements are opened."""
    if len(markup) <= _SHORTEST * most or markup.count(b"<") <= most:
        return markup
    for number, opening in enumerate(openings(markup, b"[a-z]", len(markup))):
        if number == most:
            return markup[: opening.start()]
    return markup


def without_long_tags(markup: bytes) -> bytes:
    """The markup with the name alone where a tag is longer than any is."""
    kept, at = [], 0
    opened = seen = 0  # the last `<` before where it was looked for
    for start in range(0, len(markup) - _WINDOW, _WINDOW):
        end = start + _WINDOW
        if start < at or markup.find(b"<", start, end) >= 0 or markup.find(b">", start, end) >= 0:
            continue
        opened, seen = max(opened, markup.rfind(b"<", seen, start)), start
        tag = _NAME.match(markup, max(at, opened))
        if tag and markup.find(b">", tag.end(), start) < 0:
            close = markup.find(b">", end)
            kept += [markup[at : tag.end()], b">"]
            at = close + 1 if close >= 0 else len(markup)
    return b"".join([*kept, markup[at:]]) if kept else markup


def first_bytes(markup: bytes, most: int) -> tuple[bytes, bool]:
    """The markup without its long tags and scripts if it is longer than `most` bytes, and if it still is, no more of it
    than that, to the end of a tag or a line; and whether that is not all of it."""
    if len(markup) <= most:
        return markup, False
    markup = _without_long_scripts(without_long_tags(markup))
    if len(markup) <= most:
        return markup, False
    end = max(markup.rfind(b">", most - _LONG, most), markup.rfind(b"\n", most - _LONG, most)) + 1
    return markup[: end or most], True


def _without_long_scripts(markup: bytes) -> bytes:
    kept, at, start = [], 0, markup.find(b"<script")
    while start >= 0:
        end = markup.find(b"</script", start)
        end = end if end >= 0 else len(markup)
        if end - start > _LONG:
            kept += [markup[at:start], b"<script>"]
            at = end
        start = markup.find(b"<script", end)
    return b"".join([*kept, markup[at:]])
