"""What keeping articles costs: `python -m benchmarks.storing_speed [--articles N]`, or `make bench-storing`.

Ours is the archive's own writer, given articles one by one as a crawl gives them: each is compared with what is known,
its columns are written, credits, tags, evidence, the end of its frontier row, and its text goes into the search index.
The floor is `executemany` of the very same rows, read back from what the writer made, into the same tables and the same
index, by a connection with the same settings, in transactions of as many articles. Both write a new archive each round,
alternately; a ratio is the floor's time over ours. The captures stand in both before the clock runs. What both wrote is
compared, table by table: speed must not cost a row.
"""

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from shutil import rmtree

from benchmarks.tables import ROOT, markdown, measured, put
from zjcrawl import channels, parse
from zjcrawl.archive import Archive, ArchiveWriter, Transaction
from zjcrawl.archive.database import NAME, open_for_writing
from zjcrawl.archive.search_index import texts
from zjcrawl.model import Portal
from zjcrawl.models import Article, Capture

ROUNDS = 7
BAR = 0.7
BATCH = 256  # articles in a transaction, the writer's own number
# By what an article's rows are known in each table, and in what order they can be written.
TABLES = {
    "articles": "id",
    "article_captures": "article_id",
    "credits": "article_id",
    "tags": "article_id",
    "frontier": "article_id",
}
Rows = dict[str, list[list[tuple[object, ...]]]]  # by table, transaction by transaction


def read(articles: int) -> list[Article]:
    """Articles of the scale model, read from their pages: with the evidence of every column."""
    registry = channels.load()
    portal = Portal(seed=7, articles=articles)
    fetched_at = datetime(2026, 11, 1, tzinfo=UTC)
    found = []
    for truth in portal.truths():
        answer = portal.respond(truth["url"])
        headers = tuple((name.encode(), value.encode()) for name, value in answer.headers)
        capture = Capture(truth["url"], truth["url"], fetched_at, answer.status, headers, answer.body)
        found.append(parse.parse([capture], registry))
    return found


def prepare(folder: Path, articles: Sequence[Article]) -> list[int]:
    """A new archive that holds the captures of articles and nothing else; the ids of those."""

    def keep(article: Article) -> Callable[[Transaction], int]:
        capture = Capture(article.url, article.url, datetime(2026, 11, 1, tzinfo=UTC), 200, (), article.url.encode())
        return lambda t: t.keep(capture)

    with ArchiveWriter(folder, command="benchmark") as writer:
        return [kept.result() for kept in [writer.submit(keep(article)) for article in articles]]


def ours(folder: Path, articles: Sequence[Article]) -> tuple[float, float]:
    """Seconds of the clock and of the processor that the writer takes for articles."""
    kept = prepare(folder, articles)

    def store(article: Article, capture_id: int) -> Callable[[Transaction], object]:
        return lambda t: t.store(article, [capture_id], article.url)

    with ArchiveWriter(folder, command="benchmark") as writer:

        def work() -> None:
            waiting = [writer.submit(store(*one)) for one in zip(articles, kept, strict=True)]
            for future in waiting:
                future.result()

        return timed(work)


def floor(folder: Path, articles: Sequence[Article], rows: Rows) -> tuple[float, float]:
    """The same for the rows that the writer made of them."""
    prepare(folder, articles)
    with ArchiveWriter(folder, command="benchmark"):
        pass  # the run that the rows name
    with closing(open_for_writing(folder / NAME)) as connection:
        statements = {name: f"INSERT INTO {name} VALUES ({_marks(batches)})" for name, batches in rows.items()}
        statements["articles_fts"] = "INSERT INTO articles_fts (rowid, title, body) VALUES (?, ?, ?)"

        def work() -> None:
            for number in range(len(rows["articles"])):
                connection.execute("BEGIN IMMEDIATE")
                for name, batches in rows.items():
                    connection.executemany(statements[name], batches[number])
                connection.execute("COMMIT")

        return timed(work)


def timed(work: Callable[[], None]) -> tuple[float, float]:
    wall, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - busy


def rows_of(folder: Path, batch: int = BATCH) -> Rows:
    """What the writer made of articles, as rows for `executemany`."""
    with Archive(folder) as archive:
        ids = [row[0] for row in archive.rows("SELECT id FROM articles ORDER BY id")]
        spans = [(chunk[0], chunk[-1]) for chunk in _chunks(ids, batch)]
        found: Rows = {
            name: [
                [tuple(row) for row in archive.rows(f"SELECT * FROM {name} WHERE {key} BETWEEN ? AND ?", span)]
                for span in spans
            ]
            for name, key in TABLES.items()
        }
        found["articles_fts"] = [
            [(row["id"], *texts(row)) for row in archive.rows("SELECT * FROM articles WHERE id BETWEEN ? AND ?", span)]
            for span in spans
        ]
        return found


def differing(one: Path, other: Path) -> list[str]:
    """The tables in which two archives differ, the index among them."""
    with Archive(one) as a, Archive(other) as b:
        tables = [
            name
            for name in TABLES
            if list(map(tuple, a.rows(f"SELECT * FROM {name}"))) != list(map(tuple, b.rows(f"SELECT * FROM {name}")))
        ]
        return tables + ["articles_fts"] * (_index(one) != _index(other))


def _index(folder: Path) -> tuple[int, int]:
    """How many places and how many characters the index of an archive knows."""
    with closing(sqlite3.connect(folder / NAME)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, articles_fts, row)")
        counted = connection.execute("SELECT total(cnt), count(*) FROM temp.v").fetchone()
        return int(counted[0]), int(counted[1])


def _chunks(ids: Sequence[int], size: int) -> Iterator[list[int]]:
    left = iter(ids)
    while chunk := list(islice(left, size)):
        yield chunk


def _marks(batches: Sequence[Sequence[Sequence[object]]]) -> str:
    """A question mark for each column of the first row that there is."""
    return ", ".join("?" * next((len(batch[0]) for batch in batches if batch), 1))


def measure(articles: Sequence[Article], folder: Path, rounds: int = ROUNDS) -> int:
    """Prints the table and keeps it in `benchmarks/RESULTS.md`; 1 where the two wrote different rows."""
    us, raw = folder / "ours", folder / "floor"
    ours(us, articles)
    rows = rows_of(us)
    taken: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for _ in range(rounds):
        for place in (us, raw):
            rmtree(place, ignore_errors=True)
        written = ours(us, articles)
        taken.append((floor(raw, articles, rows), written))
    different = [name for name in differing(us, raw) if name != "frontier"]  # whose rows say when they came
    table = []
    for number, what in enumerate(("the clock", "the processor")):
        speeds = [f"{len(articles) / statistics.median(one[side][number] for one in taken):,.0f}" for side in (0, 1)]
        ratios = [floor[number] / ours[number] for floor, ours in taken]
        spread = f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f}–{max(ratios):.2f})"
        table.append([what, *speeds, spread, f"{BAR}"])
    characters = statistics.mean(len(article.body) for article in articles)
    counted = sum(len(batch) for name, batches in rows.items() for batch in batches)
    about = f"{len(articles):,} articles of {characters:.0f} characters, {counted:,} rows"
    head = ["by", "`executemany`, articles/s", "ours, articles/s", "floor's time ÷ ours", "bar"]
    same = f"DIFFERENT ROWS in {', '.join(different)}" if different else "the same rows"
    text = f"{markdown(head, table)}\n\n`make bench-storing`: {about}; {measured('zjcrawl')}, SQLite {sqlite3.sqlite_version}; median of {rounds} rounds (min–max). Both wrote {same}."
    print(text)
    put(ROOT / "benchmarks" / "RESULTS.md", "storing-speed", text)
    return 1 if different else 0


def main() -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.storing_speed", description=__doc__)
    parser.add_argument("--articles", type=int, default=3000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        return measure(read(options.articles), Path(temporary))


if __name__ == "__main__":
    sys.exit(main())
