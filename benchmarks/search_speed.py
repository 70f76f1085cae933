"""How fast search answers, and that it answers what a LIKE scan answers.

    python -m benchmarks.search_speed [--articles 100000] [--text zipf|model] [--archive DIR]

Makes an archive of invented articles (or uses the one in DIR): of words that are as frequent as those of a language
(zipf), or of the scale model's sentences, which know only some six hundred characters (model), so that every character stands in nearly
every article: the hardest case. Asks it for terms of one to twelve characters drawn from
its texts and from outside, and compares some of the answers with a LIKE scan of the normalised texts. Times are wall-clock
and, behind them, of the processor, which other programs on the machine disturb less. Writes benchmarks/RESULTS.md.
"""

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.tables import ROOT, markdown, measured, put
from zjcrawl import search
from zjcrawl.archive import Archive, ArchiveWriter, Transaction
from zjcrawl.archive.search_index import normalise
from zjcrawl.model import words
from zjcrawl.models import Article, Block, Capture, Credit, Lead, Listing
from zjcrawl.search import Query

CHANNELS = {"jx": "嘉兴", "hangzhou": "杭州", "nb": "宁波", "wz": "温州", "sx": "绍兴", "tz": "台州", "huzhou": "湖州"}
FIRST, DAYS = datetime(2010, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")), 16 * 365
_BATCH = 2500
PARAGRAPHS = 20_000  # different ones; an article draws three to ten of them, about a thousand characters


class Articles:
    """Invented articles, as many as are wanted, in no order of time; the same for the same dice."""

    def __init__(self, rng: Random, text: str = "zipf", paragraphs: int = PARAGRAPHS) -> None:
        self._rng = rng
        write = {"zipf": _frequent(rng), "model": lambda: words.paragraph(rng, 3)}[text]
        self._pool = [write() for _ in range(paragraphs)]

    def batches(self, first: int, end: int) -> Iterator[list[Article]]:
        """The articles of these numbers, _BATCH at a time."""
        for start in range(first, end, _BATCH):
            yield [_article(self._rng, self._pool, number) for number in range(start, min(end, start + _BATCH))]

    def storing(self, batch: Sequence[Article]) -> Callable[[Transaction], None]:
        """The work of storing a batch, as if one page had printed it and the list pages had led to it."""

        def work(t: Transaction) -> None:
            url = batch[0].url
            capture_id = t.keep(Capture(url, url, datetime.now(UTC), 200, (), b"invented"))
            for slug in CHANNELS:
                leads = [Lead(one.url, one.title or "", None, one.published_at) for one in batch if one.channel == slug]
                t.record_listing(slug, f"http://{slug}.zjol.com.cn/", Listing(tuple(leads), None, "listUl"))
            for one in batch:
                t.store(one, [capture_id], one.url)

        return work


def make(folder: Path, articles: int, text: str = "zipf", seed: int = 1) -> None:
    """An archive of invented articles, written by the archive's own writer, in no order of time."""
    made = Articles(Random(seed), text, min(PARAGRAPHS, articles))
    with ArchiveWriter(folder, command="benchmark") as writer:
        for batch in made.batches(0, articles):
            writer.submit(made.storing(batch)).result()


def _frequent(rng: Random) -> Callable[[], str]:
    """Paragraphs of meaningless words with the frequencies of a language: of 3,500 characters the hundred most frequent
    are two fifths of the text, and the weight of the n-th of 40,000 words is 1 / (n + 20) (Zipf, Mandelbrot)."""
    characters = rng.sample([chr(code) for code in range(0x4E00, 0x9FA6)], 3500)
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(characters))))
    vocabulary = [
        "".join(rng.choices(characters, cum_weights=weights, k=rng.choice((1, 2, 2, 2, 3)))) for _ in range(40_000)
    ]
    vocabulary[::400] = [f"{rng.choice('ABGHPRS')}{rng.randrange(100)}" for _ in vocabulary[::400]]
    heavier = list(accumulate(1 / (rank + 20) for rank in range(len(vocabulary))))

    def sentence() -> str:
        return "".join(rng.choices(vocabulary, cum_weights=heavier, k=rng.randint(5, 12)))

    return lambda: "。".join(f"{sentence()}，{sentence()}" for _ in range(4)) + "。"


def _article(rng: Random, pool: Sequence[str], number: int) -> Article:
    slug = rng.choice([*CHANNELS])
    place = CHANNELS[slug]
    when = FIRST + timedelta(minutes=rng.randrange(DAYS * 24 * 60))
    return Article(
        url=f"http://{slug}.zjol.com.cn/{when:%Y%m}/t{when:%Y%m%d}_{number}.shtml",
        channel=slug,
        title=words.title(rng, place),
        published_at=when,
        published_precision="minute",
        source=words.outlet(rng, place),
        credits=[Credit("reporter", words.name(rng), "记者")],
        blocks=[Block("paragraph", rng.choice(pool)) for _ in range(rng.randint(3, 10))],
        tags=list(words.tags(rng, place)),
        template="mlf2016",
        template_version=1,
    )


def terms(archive: Archive, many: int, seed: int = 2) -> Iterator[str]:
    """Terms of one to twelve characters: nine in ten as they stand in a text, the others with a character exchanged."""
    rng = Random(seed)
    last = archive.value("SELECT max(id) FROM articles")
    while many:
        (text,) = next(archive.rows("SELECT body FROM articles WHERE id = ?", (rng.randint(1, last),)))
        start, length = rng.randrange(len(text)), rng.randint(1, 12)
        term = text[start : start + length]
        if rng.random() < 0.1:
            at = rng.randrange(len(term))
            term = term[:at] + rng.choice("浙杭沪龘Zz7") + term[at + 1 :]
        if "\n" not in term and normalise(term):
            many -= 1
            yield term


def quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def timed(what: str, work: Callable[[Query], Any], queries: Sequence[Query], most: float) -> list[str]:
    """How long work takes for each query in ms (in brackets: of the processor), beside what is promised of the 95th of
    a hundred."""
    wall, cpu = [], []
    for query in queries:
        begun, busy = time.perf_counter(), time.process_time()
        work(query)
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - busy)
    spread = [f"{_at(wall, share):.1f} ({_at(cpu, share):.1f})" for share in (0.5, 0.95)]
    return [what, *spread, f"{max(wall) * 1000:.1f}", f"{most:.0f}"]


def _at(times: Sequence[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))] * 1000


def compare(archive: Archive, texts: Sequence[str]) -> tuple[str, bool]:
    """How much longer a LIKE scan of the same normalised texts takes, term by term, in words; and whether it finds the
    same articles."""
    with closing(sqlite3.connect("")) as scan:  # a temporary file
        scan.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, published_at TEXT, headline TEXT, body TEXT)")
        scan.executemany("INSERT INTO plain VALUES (?, ?, ?, ?)", map(_plain, archive.rows(_ROWS)))
        equal, ratios = 0, []
        for text in texts:
            escaped = normalise(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            query, pattern = Query.of(quoted(text)), {"pattern": f"%{escaped}%"}
            begun = time.perf_counter()
            newest = list(search.ids(archive, query, limit=20))
            middle = time.perf_counter()
            expected = [row[0] for row in scan.execute(_LIKE, pattern)]
            ratios.append((time.perf_counter() - middle) / (middle - begun))
            equal += newest == expected[:20] and sorted(search.ids(archive, query)) == sorted(expected)
    told = f"{equal} of {len(texts)} answers are those of a `LIKE` scan, to which the newest 20 take 1 to "
    ratios.sort()
    told += f"**{median(ratios):,.0f}** ({ratios[0]:,.0f}–{ratios[-1]:,.0f})"
    return told, equal == len(texts)


def _plain(row: Sequence[Any]) -> tuple[Any, ...]:
    return row[0], row[1], normalise("\n".join(part for part in row[2:5] if part)), normalise(row[5])


_ROWS = "SELECT id, published_at, kicker, title, subtitle, body FROM articles"

_LIKE = """
SELECT id FROM plain WHERE headline LIKE :pattern ESCAPE '\\' OR body LIKE :pattern ESCAPE '\\'
ORDER BY published_at DESC, id DESC"""


def main() -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.search_speed", description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--text", choices=("zipf", "model"), default="zipf")
    parser.add_argument("--archive", type=Path, help="an archive to use; made there if there is none")
    parser.add_argument("--terms", type=int, default=300)
    parser.add_argument("--scans", type=int, default=40, help="how many terms are scanned for, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.archive or Path(temporary)
        if not (folder / "archive.db").exists():
            begun = time.perf_counter()
            make(folder, options.articles, options.text)
            print(f"made {options.articles:,} articles in {time.perf_counter() - begun:.0f} s", flush=True)
        with Archive(folder) as archive:
            return 0 if measure(archive, options.terms, options.scans) else 1


def measure(archive: Archive, many: int, scans: int) -> bool:
    """Prints the times, puts them into benchmarks/RESULTS.md, and returns whether every answer was right."""
    held, characters = next(archive.rows("SELECT count(*), sum(length(body)) FROM articles"))
    drawn = list(terms(archive, many))
    queries = [Query.of(quoted(term)) for term in drawn]
    rows = [
        timed("count", lambda query: search.count(archive, query), queries, 300),
        timed("the newest 20", lambda query: list(search.ids(archive, query, limit=20)), queries, 50),
        timed(
            "the newest 20 in their sentences", lambda query: list(search.find(archive, query, limit=20)), queries, 50
        ),
    ]
    told, is_right = compare(archive, drawn[:scans])
    table = markdown(("", "p50, ms", "p95, ms", "max, ms", "bar of p95"), rows)
    of = f"{len(queries)} terms, {held:,} articles of {characters / held:,.0f} characters, SQLite {sqlite3.sqlite_version}"
    text = f"{table}\n\n{told}.\n\n`make bench-search`: {of}; {measured('zjcrawl')}."
    print(text)
    put(ROOT / "benchmarks/RESULTS.md", "search-speed", text)
    return is_right


if __name__ == "__main__":
    sys.exit(main())
