"""What making an archive anew costs: `python -m benchmarks.reparse_speed [--articles N]`, or `make bench-reparse`.

Article pages of the scale model are kept as a crawl keeps them. Then four things go over them alternately, several times:
the WARC is read and nothing else; the pages are read in memory (`parse.parse`); `reparse --dry-run` does all of it in one
process; and with one process a core. What the one and the many make is compared, row by row, before the clock runs.
Rates of one core are by processor time, those of several by the clock; a ratio is that of a round, the median with its range.
"""

import argparse
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

from benchmarks.reading_speed import forget
from benchmarks.tables import ROOT, markdown, measured, put
from zjcrawl import channels, parse
from zjcrawl.archive import ArchiveWriter, Transaction, warc
from zjcrawl.model import Portal
from zjcrawl.models import Capture, Errand
from zjcrawl.recheck import USUAL, Schedule
from zjcrawl.reparse import reparse

ROUNDS = 5
BARS = (0.8, 1.7)  # of reading's own rate on one core; times one process on two cores
_BATCH = 256
REGISTRY = channels.load()


def pages(articles: int) -> list[Capture]:
    """Pages of the scale model as a crawl captures them, each an article of one page."""
    portal = Portal(seed=7, articles=articles)
    first = datetime(2026, 11, 1, tzinfo=UTC)
    found = []
    for number, truth in enumerate(portal.truths()):
        answer = portal.respond(truth["url"])
        headers = tuple((name.encode(), value.encode()) for name, value in answer.headers)
        errand = Errand("article", truth["channel"] or "", truth["url"])
        at = first + timedelta(seconds=number)
        found.append(Capture(truth["url"], truth["url"], at, answer.status, headers, answer.body, errand=errand))
    return found


def make(folder: Path, captures: Sequence[Capture]) -> None:
    """An archive that holds captures and no reading of them."""

    def keep(some: Sequence[Capture]) -> Callable[[Transaction], list[int]]:
        return lambda t: [t.keep(capture) for capture in some]

    with ArchiveWriter(folder, command="crawl") as writer:
        for start in range(0, len(captures), _BATCH):
            writer.submit(keep(captures[start : start + _BATCH])).result()


def rereading(folder: Path, workers: int, dry_run: bool = True) -> None:
    reparse(folder, REGISTRY, Schedule.of(USUAL), dry_run=dry_run, workers=workers)


def differing(one: Path, other: Path) -> list[str]:
    """The tables in which two archives differ; of the runs, each has its own."""
    with closing(sqlite3.connect(one / "archive.db")) as a, closing(sqlite3.connect(other / "archive.db")) as b:
        names = [row[0] for row in a.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'runs'")]
        return [
            name
            for name in names
            if any(x != y for x, y in zip(a.execute(f"SELECT * FROM {name}"), b.execute(f"SELECT * FROM {name}"), strict=True))
        ]  # fmt: skip


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the clock and of the processor, this process's, that some work takes; nothing is remembered from before."""
    forget()
    wall, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - busy


def measure(captures: Sequence[Capture], temporary: Path, rounds: int = ROUNDS, workers: int | None = None) -> int:
    """Prints the table and keeps it in `benchmarks/RESULTS.md`; 1 where one process and many made different rows."""
    workers = workers or os.cpu_count() or 1
    folder, other = temporary / "archive", temporary / "other"
    make(folder, captures)
    copytree(folder, other)
    rereading(folder, 1, dry_run=False)
    rereading(other, workers, dry_run=False)
    different = differing(folder, other)
    (file,) = (folder / "warc").iterdir()
    works: dict[str, Callable[[], object]] = {
        "the WARC alone": lambda: [record.http() for _, record in warc.records(file)],
        "reading, in memory": lambda: [parse.parse([capture], REGISTRY) for capture in captures],
        "reparse, one process": lambda: rereading(folder, 1),
        f"reparse, {workers} processes that read": lambda: rereading(folder, workers),
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(timed(work))
    floor, reading, one, many = taken.values()
    of_reading = [a[1] / b[1] for a, b in zip(reading, one, strict=True)]
    of_floor = [a[1] / b[1] for a, b in zip(floor, one, strict=True)]
    scaling = [a[0] / b[0] for a, b in zip(one, many, strict=True)]
    rates = [
        f"{len(captures) / statistics.median(t[kind] for t in times):,.0f}"
        for times, kind in ((floor, 1), (reading, 1), (one, 1), (many, 0))
    ]
    told = {
        "the WARC alone": ["–", "–"],
        "reading, in memory": ["–", "–"],
        "reparse, one process": [
            f"**{_spread(of_reading)}** of reading's; {_spread(of_floor)} of the WARC's",
            f"{BARS[0]} of reading's",
        ],
        [*works][3]: [f"**{_spread(scaling)}** × one process", f"{BARS[1]} × on two cores"],
    }
    rows = [[name, rate, *told[name]] for name, rate in zip(works, rates, strict=True)]
    same = f"DIFFERENT ROWS in {', '.join(different)}" if different else "the same rows"
    size = statistics.mean(len(capture.body) for capture in captures) / 1000
    about = f"{len(captures):,} pages of {size:.0f} kB, {os.cpu_count()} cores; {measured('zjcrawl', 'lxml')}"
    text = f"{markdown(['', 'pages/s', 'rate', 'bar'], rows)}\n\n`make bench-reparse`: {about}; median of {rounds} rounds (min–max). One process and {workers} made {same}."
    print(text)
    put(ROOT / "benchmarks" / "RESULTS.md", "reparse-speed", text)
    return 1 if different else 0


def _spread(ratios: Sequence[float]) -> str:
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def main() -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.reparse_speed", description=__doc__)
    parser.add_argument("--articles", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        return measure(pages(options.articles), Path(temporary))


if __name__ == "__main__":
    sys.exit(main())
