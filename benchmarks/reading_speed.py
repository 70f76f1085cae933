"""What reading a page costs, against what parsing it costs: `python -m benchmarks.reading_speed`, or `make bench-speed`.

Ours is all of it: bytes to text to tree to an `Article` (`parse.parse`). The floor is `lxml.html` making a tree of the
same bytes, told their charset: left alone, libxml2 stops at the first character that GB 2312 lacks. Both run in one
process, alternately, over a few pages of a group and then the next; a round's ratio is of processor time, and the median of the rounds is
printed with its range. What our caches kept of a round is forgotten before the next: no page of a crawl is read twice.
Pages of the scale model are compared with its truth on the way: speed must not cost a field.

A second table says where the cost is: what each step adds, over the cost of parsing, and the calls that it takes.
"""

import gc
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import lxml.html

from benchmarks import reading_score
from benchmarks.tables import REAL_PAGES, ROOT, markdown, measured, put
from zjcrawl import channels, parse
from zjcrawl.model import Portal
from zjcrawl.models import Article, Capture
from zjcrawl.page import Page, payload
from zjcrawl.templates import claiming

ROUNDS = 9
_IN_TURN = 10  # pages
ARTICLES = 400  # of the model; about as many pages of each template as a list page has
BARS = {"templated": 1.54, "by labels": 4.0}  # times the cost of parsing; 0.65 and 0.25 of its rate
STEPS: dict[str, Callable[["Sample"], object]] = {  # each does what those before it do, and more
    "bytes to tree": lambda sample: Page.of(sample.capture),
    "which template": lambda sample: claiming(Page.of(sample.capture)),
    "what is printed": lambda sample: parse.extract(Page.of(sample.capture)),
    "what it means": lambda sample: parse.parse([sample.capture], _REGISTRY),
}
_REGISTRY = channels.load()


@dataclass(frozen=True, slots=True)
class Sample:
    """A page as received, its bytes without content coding and their charset, and what it must be read as, if known."""

    capture: Capture
    body: bytes
    charset: str
    truth: dict[str, Any] | None = None


def model_pages(articles: int = ARTICLES) -> dict[str, list[Sample]]:
    """Articles of one page of the scale model, by the template they are printed in."""
    portal = Portal(seed=7, articles=articles)
    groups: dict[str, list[Sample]] = defaultdict(list)
    for truth in portal.truths():
        answer = portal.respond(truth["url"])
        headers = tuple((name.encode(), value.encode()) for name, value in answer.headers)
        capture = Capture(
            truth["url"], truth["url"], datetime(2026, 11, 1, tzinfo=UTC), answer.status, headers, answer.body
        )
        page = Page.of(capture)
        if parse.extract(page).next_part is None:
            groups[truth["template"]].append(Sample(capture, payload(capture), page.decoded.used, truth))
    return groups


def real_pages() -> list[Sample]:
    """The real pages, where they are at hand."""
    if not (REAL_PAGES / "truth.jsonl").exists():
        return []
    samples = []
    for about in reading_score.truths(REAL_PAGES):
        body = (REAL_PAGES / "pages" / f"{about['id']}.html").read_bytes()
        url = about["url"] or "http://example.com/"
        capture = Capture(url, url, datetime(2026, 1, 1, tzinfo=UTC), 200, (), body)
        samples.append(Sample(capture, body, Page.of(capture).decoded.used))
    return samples


def ratios(
    samples: Sequence[Sample], step: Callable[[Sample], object] = STEPS["what it means"], rounds: int = ROUNDS
) -> tuple[list[float], float]:
    """Cost of reading over cost of parsing, round by round, and the median seconds that parsing a page took."""
    parsers = {name: lxml.html.HTMLParser(encoding=name, huge_tree=True) for name in {s.charset for s in samples}}

    def parsing(some: Sequence[Sample]) -> None:
        for sample in some:
            lxml.html.document_fromstring(sample.body, parser=parsers[sample.charset])

    def reading(some: Sequence[Sample]) -> None:
        for sample in some:
            step(sample)

    parsing(samples), reading(samples)
    found = [_round(samples, parsing, reading) for _ in range(rounds)]
    floor = statistics.median(floor for floor, _ in found) / len(samples)
    return [ours / floor for floor, ours in found], floor


def _round(samples: Sequence[Sample], *works: Callable[[Sequence[Sample]], None]) -> list[float]:
    """Seconds of the processor that each work takes for all pages, a few of them in turn: a machine whose speed changes
    is as fast for one as for the other."""
    forget()
    gc.collect()
    taken = [0.0 for _ in works]
    for start in range(0, len(samples), _IN_TURN):
        some = samples[start : start + _IN_TURN]
        for number, work in enumerate(works):
            started = time.process_time()
            work(some)
            taken[number] += time.process_time() - started
    return taken


def forget() -> None:
    """Empties what the reading keeps of lines and names that it has read."""
    for name, module in list(sys.modules.items()):
        if name.startswith("zjcrawl."):
            for function in vars(module).values():
                if hasattr(function, "cache_clear"):
                    function.cache_clear()


def calls(samples: Sequence[Sample], step: Callable[[Sample], object]) -> float:
    """How many functions a step calls for a page, on average: a measure of work that no machine's load changes."""
    counted = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    forget()
    sys.setprofile(count)
    try:
        for sample in samples:
            step(sample)
    finally:
        sys.setprofile(None)
    return counted / len(samples)


def wrong_cells(samples: Sequence[Sample]) -> int:
    """How many cells of the pages with a truth are read as something else."""
    return sum(_wrong(parse.parse([s.capture], _REGISTRY), s.truth) for s in samples if s.truth is not None)


def _wrong(article: Article, truth: dict[str, Any]) -> int:
    columns = article.columns()
    read = {name: json.loads(columns[name]) if name in ("blocks", "images") else columns[name] for name in truth}
    return sum(read[name] != value for name, value in truth.items())


def groups() -> dict[str, list[Sample]]:
    """The pages that are measured, by what they are."""
    model = model_pages()
    return {
        **{f"{name}, templated": pages for name, pages in sorted(model.items()) if name != "labels"},
        "model pages without a template, by labels": model["labels"],
        "real pages, by labels": real_pages(),
    }


def rows(groups: dict[str, list[Sample]]) -> list[list[str]]:
    """One row a group of pages."""
    table = []
    for name, samples in groups.items():
        found, floor = ratios(samples)
        bar = BARS[name.rpartition(", ")[2]]
        table.append(
            [
                name,
                str(len(samples)),
                f"{statistics.mean(len(s.body) for s in samples) / 1000:.0f}",
                f"{floor * 1000:.2f}",
                f"**{statistics.median(found):.2f}** ({min(found):.2f}–{max(found):.2f})",
                f"{bar:.2f}",
                str(wrong_cells(samples)) if samples[0].truth else "–",
            ]
        )
        print(f"{name}: {table[-1][4]}", file=sys.stderr)
    return table


def steps(groups: dict[str, list[Sample]]) -> list[list[str]]:
    """One row a group of pages: what each step adds to the cost of the one before it, and to its calls."""
    table = []
    for name, samples in groups.items():
        row, cost, called = [name], 0.0, 0.0
        for step in STEPS.values():
            upto, calls_upto = min(ratios(samples, step)[0]), calls(samples, step)
            row.append(f"{max(0.0, upto - cost):.2f} ({calls_upto - called:.0f})")
            cost, called = upto, calls_upto
        table.append(row)
    return table


def main() -> None:
    """Prints the tables and keeps them in `benchmarks/RESULTS.md`."""
    found = groups()
    for name in [name for name, samples in found.items() if not samples]:
        print(f"{name}: none at {REAL_PAGES}, left out", file=sys.stderr)
        del found[name]
    results = ROOT / "benchmarks" / "RESULTS.md"
    made = f"`make bench-speed`, {measured('lxml', 'zjcrawl')}; "
    head = ["pages", "number", "kB", "parsing, ms", "reading ÷ parsing", "bar", "cells wrong"]
    text = f"{markdown(head, rows(found))}\n\n{made}median of {ROUNDS} rounds (min–max)."
    print(text)
    put(results, "reading-speed", text)
    text = f"{markdown(['pages', *STEPS], steps(found))}\n\n{made}the least of {ROUNDS} rounds, and in brackets the calls a page takes."
    print(text)
    put(results, "reading-steps", text)


if __name__ == "__main__":
    main()
