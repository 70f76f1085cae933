"""How fast datasets are written: `python -m benchmarks.export_speed [--articles N] [--archive DIR]`, or `make bench-export`.

The floor is the shell of SQLite writing the same columns of the same rows in the same order (`sqlite3 -csv`). All run
alternately, several times, to files on the same disk; a ratio is of processor time, the shell's over ours, the median of the
rounds with its range. What the shell wrote is compared with ours, cell by cell: speed must not cost one.
"""

import argparse
import csv
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.search_speed import make
from benchmarks.tables import ROOT, markdown, measured, put
from zjcrawl.archive import ARTICLE_COLUMNS, Archive
from zjcrawl.export import Choice, export_csv, export_jsonl, export_package, export_parquet

ROUNDS = 7
BAR = 0.5  # of the shell's speed, for CSV
_SQL = f"SELECT {', '.join(ARTICLE_COLUMNS)} FROM articles ORDER BY published_at, id"
_SHELL = "sqlite3 -csv"


def writers(archive: Archive, out: Path) -> dict[str, Callable[[], Any]]:
    """What writes, by name, each to its own place; the shell first, if there is one."""

    def shell() -> None:
        with (out / "shell.csv").open("wb") as stream:
            command = ["sqlite3", "-csv", "-header", f"file:{archive.folder}/archive.db?mode=ro", _SQL]
            subprocess.run(command, stdout=stream, check=True)

    ours: dict[str, Callable[[], Any]] = {
        "csv": lambda: export_csv(archive, out / "ours.csv", force=True),
        "csv --profile excel": lambda: export_csv(archive, out / "excel.csv", None, "excel", force=True),
        "jsonl": lambda: export_jsonl(archive, out / "ours.jsonl", force=True),
        "parquet": lambda: export_parquet(archive, out / "ours.parquet", force=True),
        "package": lambda: export_package(archive, out / "package", force=True),
        "csv --metadata-only": lambda: export_csv(archive, out / "meta.csv", Choice(wording=False), force=True),
    }
    return ({_SHELL: shell} if shutil.which("sqlite3") else {}) | ours


def seconds(work: Callable[[], Any]) -> float:
    """The processor's time for some work, its children's too."""
    before = _used()
    work()
    return _used() - before


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def rows_of(path: Path) -> Iterator[list[str]]:
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.reader(stream)


def main() -> int:
    """Prints the table and keeps it in `benchmarks/RESULTS.md`."""
    parser = argparse.ArgumentParser("python -m benchmarks.export_speed", description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--archive", type=Path, help="an archive to use; made there if there is none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.archive or Path(temporary) / "archive"
        if not (folder / "archive.db").exists():
            make(folder, options.articles)
        with Archive(folder) as archive:
            return measure(archive, Path(temporary))


def measure(archive: Archive, out: Path, rounds: int = ROUNDS) -> int:
    works = writers(archive, out)
    if _SHELL not in works:
        print("there is no sqlite3 shell here: nothing to compare with, the rest is measured", file=sys.stderr)
    taken: dict[str, list[float]] = {name: [] for name in works}
    begun = time.perf_counter()
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(seconds(work))
    print(f"{rounds} rounds in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    articles = int(archive.value("SELECT count(*) FROM articles"))
    characters = archive.value("SELECT avg(length(body)) FROM articles")
    rows = [_row(name, times, articles, taken.get(_SHELL)) for name, times in taken.items()]
    equal = ""
    if _SHELL in works:
        same = all(a == b for a, b in zip(rows_of(out / "shell.csv"), rows_of(out / "ours.csv"), strict=True))
        equal = f" The CSV has {'the same cells as' if same else 'OTHER CELLS THAN'} the shell's."
    head = ["", "rows/s", "shell's time ÷ ours", "bar"]
    about = f"{articles:,} articles of {characters:.0f} characters; {measured('zjcrawl', 'pyarrow')}"
    text = f"{markdown(head, rows)}\n\n`make bench-export`: {about}; processor time, median of {rounds} rounds (min–max).{equal}"
    print(text)
    put(ROOT / "benchmarks" / "RESULTS.md", "export-speed", text)
    return 0 if "OTHER" not in equal else 1


def _row(name: str, times: list[float], articles: int, floor: list[float] | None) -> list[str]:
    speed = f"{articles / statistics.median(times):,.0f}"
    if floor is None or name == _SHELL:
        return [name, speed, "–", "–"]
    ratios = [shell / ours for shell, ours in zip(floor, times, strict=True)]
    spread = f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f}–{max(ratios):.2f})"
    return [name, speed, spread, f"{BAR}" if name == "csv" else "–"]


if __name__ == "__main__":
    sys.exit(main())
