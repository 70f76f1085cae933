"""Every promise of an archive, checked: what does not hold is named with its row. A reader, also while a run writes.

files     every WARC byte for byte as it was closed, every capture where its row says, with the bytes that it says
wordings  every wording, current or earlier, against its captures, read again with today's code
index     every character of every text at its place in the search index
states    frontier, history, looks and runs against each other
tables    the database as a file
"""

import os
import random
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from zjcrawl.verify import files, index, states, tables, wordings
from zjcrawl.verify.files import Shelf
from zjcrawl.verify.findings import Finding, Report
from zjcrawl.verify.subject import Check, Subject, Task, opened, perform, spread

__all__ = ["Finding", "Report", "verify"]

Watch = Callable[[str, int, int], object]  # a step, how much more of it is done, how much it is

_BATCH = 40  # articles or captures of one task: a fraction of a second
_FEW, _LITTLE = 300, 32 << 20  # articles and bytes up to which more processes cost more than they save


def verify(
    folder: Path,
    *,
    quick: bool = False,
    sample: int = 1000,
    seed: int | None = None,
    workers: int | None = None,
    watch: Watch | None = None,
) -> Report:
    """Checks an archive on all cores, or in as many processes as `workers` says.

    A quick one hashes no whole file and looks at `sample` captures and articles, chosen by `seed` or else by chance.
    Raises InputError for what is no archive, StorageError where the database cannot be read at all.
    """
    with opened(folder) as subject:
        if missing := perform(subject, Task("tables", tables.tables)):
            return Report(missing, {})  # nothing else can be looked at
        extent = _extent(subject)
        workers = workers or (1 if extent.is_small else os.cpu_count() or 1)
        if quick:
            seed = random.SystemRandom().randrange(1 << 32) if seed is None else seed
            seen = extent.sample(sample, random.Random(seed))
            tasks = [*_some(seen)]
        else:
            seen, seed = extent, None
            tasks = [*_everything(seen, workers)]
        found = [*_findings(subject, tasks, workers, watch)]
    looked = {
        "files": (len(seen.shelves), len(extent.shelves)),
        "captures": (len(seen.captures), len(extent.captures)),
        "articles": (len(seen.articles), len(extent.articles)),
    }
    return Report(sorted(found, key=_place), looked, seed)


def _findings(subject: Subject, tasks: Sequence[Task], workers: int, watch: Watch | None) -> Iterator[Finding]:
    total: Counter[str] = Counter()
    for task in tasks:
        total[task.step] += task.size
    for task, findings in spread(subject, tasks, workers):
        yield from findings
        if watch is not None:
            watch(task.step, task.size, total[task.step])


def _place(finding: Finding) -> tuple[str, ...]:
    key = f"{finding.key:012}" if isinstance(finding.key, int) else finding.key
    return finding.check, finding.table, key, finding.sentence


@dataclass(frozen=True, slots=True)
class _Extent:
    """What there is to look at: the files, and the ids of captures and articles."""

    shelves: Sequence[Shelf]
    captures: Sequence[int]
    articles: Sequence[int]

    @property
    def is_small(self) -> bool:
        return len(self.articles) <= _FEW and sum(shelf.size or 0 for shelf in self.shelves) <= _LITTLE

    def sample(self, number: int, dice: random.Random) -> "_Extent":
        """At most so many captures and articles, and no file."""
        captures, articles = (sorted(dice.sample(ids, min(number, len(ids)))) for ids in (self.captures, self.articles))
        return _Extent([], captures, articles)


def _extent(subject: Subject) -> _Extent:
    subject.connection.execute("BEGIN")
    try:
        captures, articles = (
            array("q", (row[0] for row in subject.rows(f"SELECT id FROM {table} ORDER BY id")))
            for table in ("captures", "articles")
        )
        return _Extent(files.shelves(subject), captures, articles)
    finally:
        subject.connection.execute("ROLLBACK")


def _everything(extent: _Extent, workers: int) -> Iterator[Task]:
    """All checks, those first that take long and cannot be parted."""
    parts = (workers + 1) // 2
    for part in range(parts):
        yield Task("index", index.tokens, (part, parts))
    yield Task("tables", tables.integrity, (False,))
    for shelf in sorted(extent.shelves, key=lambda shelf: -(shelf.size or 0)):
        yield Task("files", files.contents, (shelf,), shelf.size or 1)
    yield from _batches("articles", wordings.articles, extent.articles)
    yield from everywhere()


def _some(chosen: _Extent) -> Iterator[Task]:
    """The checks that are quick, and those that take long on what was chosen."""
    yield Task("tables", tables.integrity, (True,))
    yield from _batches("captures", files.sample, chosen.captures)
    yield from _batches("articles", wordings.articles, chosen.articles)
    yield from _batches("index", index.sample, chosen.articles)
    yield from everywhere()


def everywhere() -> Iterator[Task]:
    """The checks of the tables against each other, which are quick."""
    for check in (
        tables.foreign_keys,
        tables.indexes,
        tables.channels,
        files.names,
        index.rows,
        states.in_hand,
        states.frontier,
        states.history,
        states.looks,
        states.captures,
    ):
        yield Task("tables", check)


def _batches(step: str, check: Check, ids: Sequence[int]) -> Iterator[Task]:
    for start in range(0, len(ids), _BATCH):
        batch = tuple(ids[start : start + _BATCH])
        yield Task(step, check, (batch,), len(batch))
