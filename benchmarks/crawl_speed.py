"""How fast a crawl is: `python -m benchmarks.crawl_speed [--articles N] [--rounds N]`, or `make bench-crawl`.

Ours is all of it: robots.txt, lists, capture, WARC, reading, database and search index, into an archive of its own each
time. The ceiling is Scrapy alone, which is given the addresses that ours finds, asks for the same pages of the scale model
and does nothing with them; of its two values of `CONCURRENT_ITEMS`, the faster one. Beside it stand spiders that take ten
things from each page by XPath. Each crawl is a process of its own, all of them alternately, several times; the model is
served by another process, over loopback, and has made every page beforehand (one crawl of each kind before the clock).
Ours is measured as it is on this machine, and with other numbers of processes that read, whose time of the processor counts.
Starting, importing most of all, is not in the figures, and said apart. Every article of the model is compared with its
truth after each crawl of ours: speed must not cost a cell.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.peers.crawl import PEERS
from benchmarks.serving import SEED
from benchmarks.tables import ROOT, markdown, measured, put
from zjcrawl.archive import Archive
from zjcrawl.model import Portal
from zjcrawl.settings import ZJCRAWL_WORKERS

ARTICLES = 2000
ROUNDS = 5
OURS = "zjcrawl"
SCALED = [f"{OURS} --workers {number}" for number in (0, 1, 2) if number != ZJCRAWL_WORKERS]
# Not as a module: each process that reads would import it, and so Scrapy, which it does not for `zjcrawl crawl`.
CRAWL = "import sys; from benchmarks.peers.crawl import main; main(*sys.argv[1:])"
BARS = {"bare": 0.5, "ten XPaths, a commit per item": 3.0}  # times their pages a second


@contextmanager
def served(articles: int) -> Iterator[Mapping[str, str]]:
    """The environment of a crawl of the model, which another process serves meanwhile."""
    command = [sys.executable, "-m", "benchmarks.serving", str(articles)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = server.stdout.readline().strip()
            others = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
            yield others | {"http_proxy": url}
        finally:
            server.kill()


def crawled(name: str, environment: Mapping[str, str], pages: Path, folder: Path) -> dict[str, float]:
    """What one crawl into a new folder took. Raises RuntimeError where it failed."""
    folder.mkdir()
    command = [sys.executable, "-c", CRAWL, name, str(pages), str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr.strip()[-2000:]}")
    taken: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return taken


def wrong_cells(folder: Path, articles: int) -> int:
    """How many cells of an archive differ from the model's truth, an article that is missing counting as all of its."""
    wrong = 0
    with Archive(folder) as archive:
        for truth in Portal(SEED, articles).truths():
            row = next(archive.rows("SELECT * FROM articles WHERE url = ?", (truth["url"],)), None)
            wrong += len(truth) if row is None else sum(_cell(row, name) != truth[name] for name in truth)
    return wrong


def _cell(row: Any, name: str) -> Any:
    return json.loads(row[name]) if name in ("blocks", "images") else row[name]


def asked(folder: Path) -> list[str]:
    """The pages that a crawl of ours asked for, in its order, robots.txt left out."""
    with Archive(folder) as archive:
        rows = archive.rows("SELECT final_url FROM captures WHERE status = 200 AND kind <> 'robots' ORDER BY id")
        return [row[0] for row in rows]


def measure(articles: int, rounds: int) -> tuple[dict[str, list[dict[str, float]]], int]:
    """What each crawl took, by name, round by round, and how many cells ours read wrongly in all rounds."""
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in (OURS, *SCALED, *PEERS)}
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary, served(articles) as environment:
        folder, pages = Path(temporary) / "crawl", Path(temporary) / "pages.txt"
        for round in range(rounds + 1):
            for name, of in taken.items():
                found = crawled(name, environment, pages, folder)
                if name.startswith(OURS):
                    wrong += wrong_cells(folder, articles)
                if name == OURS:
                    pages.write_text("\n".join(asked(folder)), "utf-8")
                elif found["pages"] != len(pages.read_text("utf-8").splitlines()):
                    raise RuntimeError(f"{name} had {found['pages']} pages, and not those of {OURS}")
                if round:  # the first one lets the model make its pages
                    of.append(found)
                    print(f"{round}: {name}: {found['pages'] / found['wall']:.0f} pages/s", file=sys.stderr)
                shutil.rmtree(folder)
    return taken, wrong


def table(taken: Mapping[str, list[dict[str, float]]]) -> list[list[str]]:
    """One row a crawl: pages a second and milliseconds of the processor a page, and how ours compares."""
    rates = {name: [one["pages"] / one["wall"] for one in of] for name, of in taken.items()}
    costs = {name: [one["processor"] / one["pages"] * 1000 for one in of] for name, of in taken.items()}
    bare = max((name for name in taken if name.startswith("bare")), key=lambda name: statistics.median(rates[name]))
    rows = []
    for name in taken:
        bar = BARS.get("bare" if name == bare else name)
        rate, cost = statistics.median(rates[name]), statistics.median(costs[name])
        row = [f"{name} (the ceiling)" if name == bare else name, f"{rate:.0f}", f"{cost:.2f}"]
        if name != OURS:
            row.append(_ratio([ours / its for ours, its in zip(rates[OURS], rates[name], strict=True)]))
            row.append(_ratio([its / ours for ours, its in zip(costs[OURS], costs[name], strict=True)]))
        rows.append([*row, *["–"] * (5 - len(row)), f"{bar:g}" if bar else "–"])
    return rows


def _ratio(found: list[float]) -> str:
    return f"**{statistics.median(found):.2f}** ({min(found):.2f}–{max(found):.2f})"


def main(arguments: list[str] | None = None) -> int:
    """Prints the table and keeps it in `benchmarks/RESULTS.md`."""
    parser = argparse.ArgumentParser("python -m benchmarks.crawl_speed", description=__doc__)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args(arguments)
    try:
        taken, wrong = measure(options.articles, options.rounds)
    except RuntimeError as error:  # no table: a comparison with less than all of it would tell nothing
        print(f"nothing was measured: {error}", file=sys.stderr)
        return 3
    start, most, reader = (max(one[what] for one in taken[OURS]) for what in ("start", "megabytes", "reader"))
    head = ["", "pages/s", "processor, ms a page", "ours ÷ it, pages/s", "ours ÷ it, per processor second", "bar"]
    about = f"{taken[OURS][0]['pages']:,} pages, {options.articles:,} articles, {os.cpu_count()} processors, "
    about += f"zjcrawl with --workers {ZJCRAWL_WORKERS} if not said otherwise; "
    text = (
        f"{markdown(head, table(taken))}\n\n`make bench-crawl`: {about}{measured('zjcrawl', 'scrapy')}; "
        f"median of {options.rounds} rounds (min–max). Without the start, {start:.1f} s of the processor for ours, which took {most:.0f} MB at most, and a process that reads "
        f"{reader:.0f} MB. "
        f"Cells wrong: {wrong}."
    )
    print(text)
    put(ROOT / "benchmarks" / "RESULTS.md", "crawl-speed", text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
