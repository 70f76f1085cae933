"""A Frictionless data package: a folder with the data and with all that a reviewer asks of it.

    articles.csv credits.csv tags.csv    the chosen articles, who is credited, what they are tagged
    coverage.csv gaps.csv                what is held of each channel and day, and where something is missing
    datapackage.json                     each column described, what was chosen, of which archive, by which program
    CITATION.cff SHA256SUMS              how to cite it, and that it is whole

Nothing in it says when or where it was made: the same archive gives the same bytes.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from zjcrawl import files
from zjcrawl.archive import Archive, Moment
from zjcrawl.coverage import cells
from zjcrawl.export import held
from zjcrawl.export.descriptor import Snapshot, Table, about, citation, tables
from zjcrawl.export.table import Choice, batches
from zjcrawl.export.text import Exported, Progress, lines, told
from zjcrawl.models import SHANGHAI

DESCRIPTOR, CITATION, SUMS = "datapackage.json", "CITATION.cff", "SHA256SUMS"
_DAYS = 500  # rows of coverage that are written at a time


def export_package(
    archive: Archive,
    out: Path,
    choice: Choice | None = None,
    *,
    title: str = "",
    authors: Sequence[str] = (),
    force: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Writes a data package into a folder, which appears whole or not at all.

    Raises InputError where it exists (without `force`, or where it is no data package), StorageError where the disk
    refuses.
    """
    choice = choice or Choice()
    with files.folder(out, force, archive.folder, DESCRIPTOR) as folder:
        written = tables(choice.fields)
        with archive.at_one_moment() as moment:
            snapshot = snapshot_of(archive, moment)
            where, parameters = choice.sql(archive)
            chosen = f"(SELECT id FROM articles WHERE {where})"
            _write(folder, written["articles"], _telling(batches(archive, choice, moment), progress))
            _write(folder, written["credits"], moment.batches(_CREDITS.format(chosen=chosen), parameters))
            _write(folder, written["tags"], moment.batches(_TAGS.format(chosen=chosen), parameters))
            span = _span(choice, snapshot, moment, chosen, parameters)
        gaps = held.Gaps()
        with Archive(archive.folder) as now, now.at_one_moment() as moment:
            _write(folder, written["coverage"], _coverage(moment, choice.filters.channels, span, gaps))
        rows = [(gap.channel, gap.first_day, gap.last_day, gap.days, gap.status, gap.missing) for gap in gaps.found]
        _write(folder, written["gaps"], [rows])
        (folder / DESCRIPTOR).write_bytes(about(archive, choice, snapshot, written.values(), title, authors).encode())
        (folder / CITATION).write_bytes(citation(snapshot, title, authors).encode())
        (folder / SUMS).write_bytes(_sums(folder).encode())
    return Exported(written["articles"].rows)


def snapshot_of(archive: Archive, moment: Moment) -> Snapshot:
    """Which state of the archive a moment sees."""
    digest, articles = hashlib.sha256(), 0
    for batch in moment.batches(_SNAPSHOT):
        digest.update("".join(["\t".join(map(str, row)) + "\n" for row in batch]).encode())
        articles += len(batch)
    latest = moment.value("SELECT max(fetched_at) FROM captures")
    learned = datetime.fromisoformat(latest).astimezone(SHANGHAI).date() if latest else None
    return Snapshot(articles, digest.hexdigest(), min(filter(None, (learned, archive.known)), default=None))


def _write(folder: Path, table: Table, batches: Iterable[Sequence[Sequence[Any]]]) -> None:
    """Writes a table's rows as they come, and notes how many they are and their digest."""
    digest = hashlib.sha256()
    with (folder / table.path).open("wb") as stream:

        def put(rows: Sequence[Sequence[Any]]) -> None:
            content = lines(rows).encode()
            stream.write(content)
            digest.update(content)
            table.bytes += len(content)

        put([[one.name for one in table.fields]])
        for batch in batches:
            put(batch)
            table.rows += len(batch)
    table.sha256 = digest.hexdigest()


def _telling(
    batches: Iterable[Sequence[Sequence[Any]]], progress: Progress | None
) -> Iterator[Sequence[Sequence[Any]]]:
    for batch in batches:
        yield batch
        told(batch, progress)


def _span(
    choice: Choice, snapshot: Snapshot, moment: Moment, chosen: str, parameters: Sequence[str]
) -> tuple[date, date] | None:
    """The days that the choice is about: those asked for, else from the first that is known of to the snapshot's."""
    earliest = (moment.value(_FIRST_NEWS.format(chosen=chosen), parameters), moment.value(_FIRST_LOOK))
    first = choice.filters.first or min((date.fromisoformat(day) for day in earliest if day), default=None)
    last = min(filter(None, (choice.filters.last, snapshot.day)), default=None)
    return (first, last) if first and last and first <= last else None


def _coverage(
    moment: Moment, channels: tuple[str, ...], span: tuple[date, date] | None, gaps: held.Gaps
) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows of `coverage.csv`, some at a time; `gaps` is told of every day."""
    batch = []
    for day in held.days(moment, channels, *span) if span else ():
        gaps.add(day)
        batch.append(cells(day))
        if len(batch) == _DAYS:
            yield batch
            batch = []
    yield batch


def _sums(folder: Path) -> str:
    """What `sha256sum --check SHA256SUMS` takes, of every file of a folder."""
    found = []
    for path in sorted(folder.iterdir()):
        with path.open("rb") as stream:
            found.append(f"{hashlib.file_digest(stream, 'sha256').hexdigest()}  {path.name}\n")
    return "".join(found)


# A snapshot's digest is the SHA-256 of these rows: cells parted by tabs, every row ended by a newline.
_SNAPSHOT = "SELECT id, url, revision, text_sha256, state, last_seen_at FROM articles ORDER BY id"

_CREDITS = """
SELECT article_id, role, name, printed FROM credits WHERE article_id IN {chosen} ORDER BY article_id, position, role, name"""

_TAGS = "SELECT article_id, tag FROM tags WHERE article_id IN {chosen} ORDER BY article_id, tag"

_FIRST_NEWS = "SELECT substr(min(published_at), 1, 10) FROM articles WHERE id IN {chosen}"

_FIRST_LOOK = "SELECT date(min(fetched_at), '+8 hours') FROM captures WHERE kind = 'listing'"
