"""Whether an archive takes as much for its last article as for its first:

    python -m benchmarks.growth [--articles 200000], or `make bench-growth`

One archive grows in steps, by the archive's own writer, with invented articles that arrive in no order of time. At each
step: what storing an article took since the step before (of the processor, the making of articles left out), how many
bytes of the database it needed, how long it takes to find the newest twenty articles that hold a term, and to ask for
the archive's health. Cost and size of an article should stay flat; what they are is drawn in `benchmarks/growth.svg`.
"""

import argparse
import io
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.search_speed import PARAGRAPHS, Articles, quoted, terms
from benchmarks.tables import ROOT, markdown, measured, put
from zjcrawl import search
from zjcrawl.archive import Archive, ArchiveWriter
from zjcrawl.archive.database import NAME
from zjcrawl.search import Query

FIRST = 10_000  # articles
STEPS = (1, 2, 5)  # of each power of ten
TERMS = 100
MORE = 1.5  # times the first step's cost or size of an article; beyond, it is not flat
PICTURE = ROOT / "benchmarks" / "growth.svg"


@dataclass(frozen=True, slots=True)
class Step:
    """An archive of so many articles: ms and bytes of each since the step before, seconds of a search and of status."""

    articles: int
    milliseconds: float
    size: float
    found: tuple[float, float]  # seconds, median and 95th of a hundred
    status: float


def sizes(most: int) -> Iterator[int]:
    """10,000, 20,000, 50,000 and so on, up to `most`."""
    power = FIRST
    while power <= most:
        yield from (power * step for step in STEPS if power * step <= most)
        power *= 10


def grow(folder: Path, steps: Sequence[int], paragraphs: int = PARAGRAPHS) -> Iterator[Step]:
    """Measures an archive as it grows to each of these sizes."""
    made, held, stored = Articles(Random(1), paragraphs=paragraphs), 0, 0
    for size in steps:
        busy = 0.0
        with ArchiveWriter(folder, command="benchmark") as writer:
            for batch in made.batches(held, size):
                work = made.storing(batch)
                started = time.process_time()
                writer.submit(work).result()
                busy += time.process_time() - started
        now = (folder / NAME).stat().st_size
        yield Step(size, 1000 * busy / (size - held), (now - stored) / (size - held), _search(folder), _status(folder))
        held, stored = size, now


def _search(folder: Path) -> tuple[float, float]:
    with Archive(folder) as archive:
        took = []
        for term in terms(archive, TERMS):
            query, started = Query.of(quoted(term)), time.process_time()
            list(search.ids(archive, query, limit=20))
            took.append(time.process_time() - started)
    return statistics.median(took), sorted(took)[int(0.95 * len(took))]


def _status(folder: Path) -> float:
    command = [sys.executable, "-m", "zjcrawl", "--archive", str(folder), "status", "--json"]
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=False, cwd=ROOT)
    return time.perf_counter() - started


def drawn(steps: Sequence[Step]) -> bytes:
    """Cost and size of an article over the size of the archive, as an SVG."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "zjcrawl"}):
        figure = Figure(figsize=(8, 3), layout="constrained")
        for axes, values, label in zip(
            figure.subplots(1, 2),
            ([step.milliseconds for step in steps], [step.size / 1000 for step in steps]),
            ("ms of the processor, storing an article", "kB of the database, an article"),
            strict=True,
        ):
            axes.plot([step.articles for step in steps], values, marker="o", color="#2b6cb0")
            axes.set_xscale("log")
            axes.set_ylim(0, 1.25 * max(values))
            axes.set_xlabel("articles in the archive")
            axes.set_title(label, fontsize=10)
            axes.spines[["top", "right"]].set_visible(False)
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()


def complaints(steps: Sequence[Step]) -> list[str]:
    """What an article takes more of in the last step than in the first, in words."""
    first, last = steps[0], steps[-1]
    names = {"milliseconds": "ms of the processor", "size": "bytes"}
    return [
        f"{getattr(last, name):,.1f} {what} an article in the last step, {getattr(first, name):,.1f} in the first"
        for name, what in names.items()
        if getattr(last, name) > MORE * getattr(first, name)
    ]


def main(
    arguments: Sequence[str] | None = None, results: Path = ROOT / "benchmarks/RESULTS.md", picture: Path = PICTURE
) -> int:
    """Prints the table, keeps it and the picture; 1 if cost or size of an article grew."""
    parser = argparse.ArgumentParser("python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--articles", type=int, default=200_000, metavar="N", help="of the last step (default: 200000)")
    options = parser.parse_args(arguments)
    if options.articles < 2 * FIRST:
        parser.error(f"name at least {2 * FIRST} articles: one step shows no growth")
    steps = []
    with tempfile.TemporaryDirectory() as folder:
        for step in grow(Path(folder), [*sizes(options.articles)]):
            steps.append(step)
            print(" | ".join(_row(step)), file=sys.stderr, flush=True)
    head = ["articles", "storing one, ms", "database, kB each", "newest 20: p50, ms", "p95, ms", "status, s"]
    found = complaints(steps)
    said = (
        "An article takes as much in a large archive as in a small one."
        if not found
        else f"Not flat: {'; '.join(found)}."
    )
    text = (
        f"{markdown(head, map(_row, steps))}\n\n![Cost and size of an article over the size of the archive]({picture.name})\n\n"
        f"{said} What a search takes grows with the archive.\n\n`make bench-growth`, {measured('zjcrawl')}; of the processor, but for status."
    )
    print(text)
    put(results, "growth", text)
    picture.write_bytes(drawn(steps))
    return 1 if found else 0


def _row(step: Step) -> list[str]:
    p50, p95 = step.found
    return [
        f"{step.articles:,}",
        f"{step.milliseconds:.2f}",
        f"{step.size / 1000:.1f}",
        f"{1000 * p50:.1f}",
        f"{1000 * p95:.1f}",
        f"{step.status:.2f}",
    ]


if __name__ == "__main__":
    sys.exit(main())
