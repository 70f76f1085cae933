"""How much of a text can be laid again from the counts of `export --features`: `python -m benchmarks.features_leak`, or `make bench-features`.

Whoever has the counts of rows of n characters knows, for every n - 1 characters, which may follow. Where only one can, the
text can be read on. So a stretch of the text is given away where each of its steps leaves no choice; counted are the
characters in stretches of at least `LONG`, with the longest of each article. This is the least that is given away: who
knows the language guesses more. The texts are real ones where they are at hand, else the scale model's.
"""

import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.tables import REAL_PAGES, ROOT, markdown, measured, put
from zjcrawl.archive.search_index import normalise
from zjcrawl.model import Portal

SIZES = (1, 2, 3, 4)
LONG = 12  # characters: a clause


def texts() -> tuple[str, list[str]]:
    """What texts they are, and their bodies."""
    truth = REAL_PAGES / "truth.jsonl"
    if truth.exists():
        return "real", [json.loads(line)["body"] for line in truth.read_text("utf-8").splitlines()]
    print(f"no real pages at {REAL_PAGES}: the scale model's are taken", file=sys.stderr)
    return "model", [one["body"] for one in Portal(seed=7, articles=100).truths()]


def stretches(line: str, size: int, following: Mapping[str, set[str]]) -> Iterator[range]:
    """Where in a line every step is told: `following` has, for each row of size - 1 characters, which may follow."""
    start = 0
    for at in range(size - 1, len(line) + 1):
        if at == len(line) or len(following[line[at - size + 1 : at]]) > 1:
            yield range(start, at)
            start = at - size + 2


def told(text: str, size: int) -> tuple[float, int]:
    """The share of a text in long stretches, and the length of the longest."""
    lines = normalise(text).split("\n")
    following: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        for at in range(size - 1, len(line)):
            following[line[at - size + 1 : at]].add(line[at])
    found = [list(stretches(line, size, following)) for line in lines]
    known = sum(len({at for one in of if len(one) >= LONG for at in one}) for of in found)
    return known / sum(map(len, lines)), max(len(one) for of in found for one in of)


def row(bodies: Sequence[str], size: int) -> list[str]:
    """What the counts of one size give away."""
    shares, longest = zip(*(told(body, size) for body in bodies), strict=True)
    return [str(size), f"{statistics.median(shares):.0%}", f"{max(shares):.0%}", f"{statistics.median(longest):.0f}"]


def main() -> None:
    """Prints the table and keeps it in `benchmarks/RESULTS.md` and the READMEs."""
    kind, found = texts()
    bodies = [body for body in found if body]
    head = ["characters in a row", "of an article laid again, median", "most", "longest stretch, median"]
    about = f"{len(bodies)} {kind} texts of {statistics.median(map(len, bodies)):.0f} characters in the median"
    text = f"{markdown(head, [row(bodies, size) for size in SIZES])}\n\n`make bench-features` on {about}; {measured('zjcrawl')}; stretches of at least {LONG} characters."
    print(text)
    for document in ("benchmarks/RESULTS.md", "README.md", "README.zh-CN.md"):
        put(ROOT / document, "features-leak", text)


if __name__ == "__main__":
    main()
