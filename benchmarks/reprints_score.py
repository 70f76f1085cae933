"""How many of the scale model's reprints are found, and how many of those found are none; and how fast.

    python -m benchmarks.reprints_score [--articles 10000]

The model knows which article repeats another one's wording, half of them a paragraph shorter. Its articles are put into
an archive as they are, without a crawl. Writes its table into benchmarks/RESULTS.md.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from benchmarks.tables import ROOT, markdown, measured, put
from zjcrawl import reprints
from zjcrawl.archive import Archive, ArchiveWriter, Transaction
from zjcrawl.model import Portal
from zjcrawl.models import Article, Capture

_BATCH = 500


def make(folder: Path, portal: Portal) -> None:
    """An archive of the portal's articles."""

    def batch(start: int) -> Callable[[Transaction], None]:
        def work(t: Transaction) -> None:
            url = f"http://x/{start}"
            capture_id = t.keep(Capture(url, url, datetime.now(UTC), 200, (), b"invented"))
            for number in range(start, min(portal.articles, start + _BATCH)):
                t.store(article(portal, number), [capture_id], portal.url(number))

        return work

    with ArchiveWriter(folder, command="benchmark") as writer:
        for start in range(0, portal.articles, _BATCH):
            writer.submit(batch(start)).result()


def article(portal: Portal, number: int) -> Article:
    """An article of the model, as far as it matters here."""
    printed = portal.printed(number)
    return Article(
        url=printed.url,
        channel=portal.registry.of(printed.url),
        title=printed.story.title,
        published_at=printed.moment,
        published_precision=printed.precision,
        source=printed.source,
        blocks=list(printed.story.blocks),
        template="mlf2016",
        template_version=1,
    )


def known(portal: Portal) -> set[frozenset[str]]:
    """The pairs of addresses that the model gave one story."""
    originals = {number: portal.reprint_of(number) for number in range(portal.articles)}
    prints: dict[int, list[int]] = {}
    for number, original in originals.items():
        if original is not None:
            prints.setdefault(original, [original]).append(number)
    return {
        frozenset(map(portal.url, pair)) for numbers in prints.values() for pair in combinations(sorted(numbers), 2)
    }


def found(folder: Path) -> set[frozenset[str]]:
    """The pairs of addresses that were grouped."""
    with Archive(folder) as archive:
        return {frozenset(tuple(row)) for row in archive.rows(_PAIRS)}


_PAIRS = """
SELECT a.url, b.url FROM stories s JOIN stories t ON t.story_id = s.story_id AND t.article_id > s.article_id
JOIN articles a ON a.id = s.article_id JOIN articles b ON b.id = t.article_id"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000, metavar="N")
    chosen = parser.parse_args()
    portal = Portal(articles=chosen.articles)
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), portal)
        start = time.perf_counter()
        reprints.group(Path(folder))
        seconds = time.perf_counter() - start
        truth, told = known(portal), found(Path(folder))
    right = len(truth & told)
    row = [
        f"{chosen.articles:,} articles of the model",
        f"{len(truth):,}",
        f"{right / len(told):.4f}",
        f"{right / len(truth):.4f}",
        f"{chosen.articles / seconds:,.0f}",
    ]
    table = markdown(("", "pairs known", "precision", "recall", "articles/s"), [row])
    text = f"{table}\n\n`make bench-reprints`, {measured('zjcrawl', 'datasketch')}."
    put(ROOT / "benchmarks/RESULTS.md", "reprints", text)
    print(text)


if __name__ == "__main__":
    main()
