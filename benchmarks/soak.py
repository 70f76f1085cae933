"""Many runs in a row over one growing archive: `python -m benchmarks.soak [--articles N] [--runs N]`, or `make soak`.

The scale model holds all articles from the start, and each run fetches its share of them, so that the backlog is as long
as it will ever be in the first run, and the archive in the last. After each run: what it needed at its peak (memory, open
files but sockets), how large the archive's files are against what the runs before let expect, and how long `zjcrawl status` takes.
What grows from run to run, where it should not, ends the benchmark with exit code 1, in words.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tables import ROOT, markdown, measured, put
from zjcrawl.archive import Archive

SEED = 11
LISTING_PAGES = 1000  # all of them: what is left out by a limit waits in the frontier
STATUS_ROUNDS = 3
SETTINGS = ("DOWNLOAD_DELAY=0", "CONCURRENT_REQUESTS_PER_DOMAIN=4", "ZJCRAWL_CONTACT=soak@example.org")
# How much the last quarter of the runs may need beyond the first: noise of a machine, never a trend.
MORE_MEMORY, MORE_FILES, MORE_TIME = 1.25, 4, 1.5
SIZE_WITHIN = 0.1  # of what the runs before let expect


@dataclass(frozen=True, slots=True)
class Ran:
    """One run and what it left: peaks of the process, bytes of the archive afterwards, seconds of `zjcrawl status`."""

    code: int
    articles: int
    seconds: float
    megabytes: float
    files: int
    database: int
    warc: int
    status: float


@contextmanager
def portal(articles: int) -> Iterator[str]:
    """The scale model in a process of its own; yields its proxy address."""
    command = [sys.executable, "-m", "zjcrawl.model", "--articles", str(articles), "--seed", str(SEED)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as model:
        try:
            assert model.stdout is not None
            yield next(word for word in model.stdout.readline().split() if word.startswith("http://"))
        finally:
            model.terminate()


def run(archive: Path, proxy: str, share: int, channels: Sequence[str] = ()) -> Ran:
    """A crawl of at most `share` articles as a timer starts it, of all channels where none is named, watched from outside."""
    pairs = [word for pair in SETTINGS for word in ("-s", pair)]
    command = ["crawl", *channels, "--limit", str(share), "--listing-pages", str(LISTING_PAGES), "--json", *pairs]
    start, most = time.monotonic(), 0
    process = subprocess.Popen(
        [sys.executable, "-m", "zjcrawl", "--archive", str(archive), *command],
        env=environment(proxy),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    over = threading.Event()

    def watch() -> None:
        nonlocal most
        while not over.wait(0.2):
            most = max(most, _open_files(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    over.set()
    watcher.join()
    seconds = time.monotonic() - start
    with Archive(archive) as held:
        articles = held.counts()["articles"]
    return Ran(
        process.returncode,
        articles,
        seconds,
        used.ru_maxrss / 1024,
        most,
        sum(path.stat().st_size for path in archive.glob("archive.db*")),
        sum(path.stat().st_size for path in (archive / "warc").rglob("*") if path.is_file()),
        statistics.median(_status(archive) for _ in range(STATUS_ROUNDS)),
    )


def environment(proxy: str) -> dict[str, str]:
    """What a crawl is started with, so that it asks a proxy and nobody else."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return kept | {"http_proxy": proxy, "PYTHONPATH": str(ROOT)}


def _open_files(process: int) -> int:
    """Sockets left out: how many there are tells how many hosts were asked at once."""
    count = 0
    with suppress(OSError):  # it has just ended, or this system has no /proc
        for link in Path(f"/proc/{process}/fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                count += not str(link.readlink()).startswith("socket:")
    return count


def _status(archive: Path) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-m", "zjcrawl", "--archive", str(archive), "status", "--json"]
    json.loads(subprocess.run(command, capture_output=True, check=False, cwd=ROOT).stdout)
    return time.perf_counter() - start


def expected(ran: Sequence[Ran], articles: int, what: str) -> float | None:
    """The bytes that so many articles need if each needs as many as in the runs before; None before there are two."""
    if len(ran) < 2:
        return None
    first, last = ran[0], ran[-1]
    each = (getattr(last, what) - getattr(first, what)) / max(1, last.articles - first.articles)
    return float(getattr(last, what) + each * (articles - last.articles))


def complaints(ran: Sequence[Ran], articles: int) -> list[str]:
    """What was not flat, not as expected, or not done, a sentence each."""
    found = [f"run {n} ended with exit code {one.code}" for n, one in enumerate(ran, 1) if one.code not in (0, 3)]
    if ran[-1].articles < 0.99 * articles:
        found.append(f"{ran[-1].articles:,} of {articles:,} articles were archived")
    quarter = max(1, len(ran) // 4)
    early, late = ran[1 : 1 + quarter] or ran[:1], ran[-quarter:]
    for what, allowed in (("megabytes", MORE_MEMORY), ("status", MORE_TIME)):
        before, after = (statistics.median(getattr(one, what) for one in part) for part in (early, late))
        if after > allowed * before:
            found.append(f"{what}: {after:.2f} in the last runs, {before:.2f} in the first")
    if max(one.files for one in late) > max(one.files for one in early) + MORE_FILES:
        found.append(
            f"open files: {max(one.files for one in late)}, {max(one.files for one in early)} in the first runs"
        )
    for index in range(2, len(ran)):
        for what in ("database", "warc"):
            wanted, had = expected(ran[:index], ran[index].articles, what), getattr(ran[index], what)
            if wanted is not None and abs(had - wanted) > SIZE_WITHIN * wanted:
                found.append(f"{what} after run {index + 1}: {had:,} bytes, {wanted:,.0f} expected")
    return found


def rows(ran: Sequence[Ran]) -> list[list[str]]:
    """One row a run."""
    return [
        [
            str(index + 1),
            f"{one.articles:,}",
            f"{one.seconds:.0f}",
            f"{one.megabytes:.0f}",
            str(one.files or "–"),
            *(_size(one, ran[:index], what) for what in ("database", "warc")),
            f"{one.status:.2f}",
        ]
        for index, one in enumerate(ran)
    ]


def _size(one: Ran, before: Sequence[Ran], what: str) -> str:
    had, wanted = getattr(one, what), expected(before, one.articles, what)
    return f"{had / 1e6:.1f}" + (f" ({had / wanted:.3f})" if wanted else "")


def main(arguments: Sequence[str] | None = None, results: Path = ROOT / "benchmarks" / "RESULTS.md") -> int:
    """Prints the table, keeps it in RESULTS.md, and says what was not flat; 1 if anything was not."""
    parser = argparse.ArgumentParser("python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--articles", type=int, default=50_000, metavar="N", help="of the model (default: 50000)")
    parser.add_argument("--runs", type=int, default=20, metavar="N", help="(default: 20)")
    options = parser.parse_args(arguments)
    if options.runs < 3 or options.articles < options.runs:
        parser.error("name at least 3 runs, and an article for each")
    ran: list[Ran] = []
    with tempfile.TemporaryDirectory() as folder, portal(options.articles) as proxy:
        for number in range(1, options.runs + 1):
            # A limit counts stubs too, whose articles come by themselves: the last run takes what is left.
            share = -(-options.articles // options.runs) if number < options.runs else options.articles
            ran.append(run(Path(folder) / "archive", proxy, share))
            print(f"run {number}: {' | '.join(rows(ran)[-1])}", file=sys.stderr, flush=True)
    head = ["run", "articles", "seconds", "peak, MB", "open files", "database, MB", "WARC, MB", "status, s"]
    found = complaints(ran, options.articles)
    said = "Nothing grew that should not." if not found else "Not flat: " + "; ".join(found) + "."
    text = f"{markdown(head, rows(ran))}\n\n{said}\n\n`make soak`, {measured('scrapy', 'zjcrawl')}; in brackets, the size over what the runs before let expect."
    print(text)
    put(results, "soak", text)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
