"""Character n-grams of a text: what can be counted, compared and classified where the text itself cannot be shared."""

import json
from collections import Counter
from collections.abc import Iterable

from zjcrawl.archive.search_index import normalise
from zjcrawl.errors import InputError

# Rows of four characters overlap so much that most of a text can be laid again from their counts.
LONGEST = 3
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def sizes_of(text: str) -> tuple[int, ...]:
    """Sizes from `2` or `1,2,3`, rising. Raises InputError for what is none, or would give the text away."""
    sizes = {word.strip() for word in text.split(",")}
    allowed = {str(size) for size in range(1, LONGEST + 1)}
    if not sizes <= allowed:
        raise InputError(
            f"--features {text!r} is wrong: give sizes of 1 to {LONGEST} characters, as in 1,2 (longer ones are the text)"
        )
    return tuple(sorted(int(size) for size in sizes))


def ngrams(texts: Iterable[str], sizes: Iterable[int]) -> dict[str, int]:
    """How often each row of characters stands in the lines of some texts, normalised as search compares them.

    None crosses a line. Sizes stand together: a key says its own.
    """
    sizes = tuple(sizes)
    found: Counter[str] = Counter()
    for text in texts:
        for line in normalise(text).split("\n"):
            for size in sizes:
                found.update(map("".join, zip(*(line[start:] for start in range(size)), strict=False)))
    return dict(sorted(found.items()))


def cell(texts: Iterable[str | None], sizes: Iterable[int]) -> str:
    """The counts as a JSON object, in the order of code points."""
    return _encode(ngrams((text for text in texts if text), sizes))
