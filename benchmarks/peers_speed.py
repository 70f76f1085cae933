"""How long others take for a page that we read: `python -m benchmarks.peers_speed`, or `make bench-peers`.

The peers are those of `make bench-reading`, each in its own environment and process, given the decoded text; ours is
all of it, from the bytes on. All read the same pages alternately, several rounds; times are of the processor, and what
is loaded for the first page is not counted. A ratio is that of a round, the median is printed with its range.
"""

import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from benchmarks.reading_peers import PEERS, theirs, version_of
from benchmarks.reading_speed import forget, model_pages, real_pages
from benchmarks.tables import ROOT, markdown, measured, put
from zjcrawl import channels, parse
from zjcrawl.models import Capture

ROUNDS = 3
MOST = 60  # pages of a group
BARS = {  # times our own time, at least
    ("templated", "trafilatura"): 25,
    ("templated", "gne"): 20,
    ("templated", "newspaper4k"): 35,
    ("by labels", "trafilatura"): 10,
    ("real pages, by labels", "trafilatura"): 10,
}
Groups = Mapping[str, Sequence[Capture]]
_REGISTRY = channels.load()


def groups(most: int = MOST) -> dict[str, list[Capture]]:
    """Pages by how we read them: of the scale model, templated and by labels, and real ones where they are at hand."""
    model = model_pages(4 * most)
    templated = [sample.capture for name, samples in model.items() if name != "labels" for sample in samples]
    found = {
        "templated": templated[:: max(1, len(templated) // most)],
        "by labels": [sample.capture for sample in model["labels"]],
        "real pages, by labels": [sample.capture for sample in real_pages()],
    }
    return {name: [*islice(captures, most)] for name, captures in found.items() if captures}


def ours(of: Groups) -> dict[str, float]:
    """Our seconds a page, by group."""
    forget()
    taken = {}
    for name, captures in of.items():
        parse.parse([captures[0]], _REGISTRY)
        started = time.process_time()
        for capture in captures:
            parse.parse([capture], _REGISTRY)
        taken[name] = (time.process_time() - started) / len(captures)
    return taken


def peers(name: str, of: Groups) -> dict[str, float] | None:
    """A peer's seconds a page, by group; None where it cannot be had."""
    warm = {"": next(iter(of.values()))[0]}
    pages = warm | {f"{group}/{at}": one for group, captures in of.items() for at, one in enumerate(captures)}
    read = theirs(name, pages)
    if read is None:
        return None
    seconds: dict[str, list[float]] = defaultdict(list)
    for key, page in read.items():
        if key:
            seconds[key.rpartition("/")[0]].append(page["seconds"])
    return {group: statistics.mean(some) for group, some in seconds.items()}


def main(rounds: int = ROUNDS, most: int = MOST, results: Path = ROOT / "benchmarks/RESULTS.md") -> int:
    """Prints the table and keeps it. What cannot be measured is said, and the rest is."""
    of = groups(most)
    if "real pages, by labels" not in of:
        print("no real pages are at hand: those of the scale model are read", file=sys.stderr)
    taken: dict[str, list[tuple[dict[str, float], dict[str, float]]]] = {}
    wanted = [*PEERS]
    for _ in range(rounds):
        for name in [*wanted]:
            if (found := peers(name, of)) is None:
                wanted.remove(name)
            else:
                taken.setdefault(name, []).append((ours(of), found))
    rows = [_row(name, group, some) for group in of for name, some in taken.items()]
    head = ["", "its ms a page", "ours", "its time ÷ ours", "bar"]
    number = ", ".join(f"{len(captures)} {group}" for group, captures in of.items())
    versions = ", ".join([measured("zjcrawl"), *map(version_of, taken)])
    text = f"{markdown(head, rows)}\n\n`make bench-peers` on {number}; {versions}; median of {rounds} rounds (min–max)."
    print(text)
    put(results, "peers-speed", text)
    return 0


def _row(name: str, group: str, rounds: Sequence[tuple[dict[str, float], dict[str, float]]]) -> list[str]:
    ratios = [its[group] / own[group] for own, its in rounds]
    its, own = (statistics.median(one[side][group] for one in rounds) for side in (1, 0))
    spread = f"**{statistics.median(ratios):.1f}** ({min(ratios):.1f}–{max(ratios):.1f})"
    return [f"{name}, {group}", f"{1000 * its:.1f}", f"{1000 * own:.2f}", spread, str(BARS.get((group, name), "–"))]


if __name__ == "__main__":
    sys.exit(main())
