"""Datasets from the archive: the columns of the data dictionary as CSV or JSON Lines, newest last, streamed.

Articles come in the order of `published_at`, then `id`; those without a date first. The same archive gives the same
bytes. No export writes over a file of the archive. What UTF-8 text cannot hold (NUL, bytes that are no UTF-8; both only in an archive that other hands changed) is
written as U+FFFD. In CSV a null and an empty text look the same; in JSON Lines a null is `null`, and what is JSON in a
cell (`blocks`, `images`, `warnings`) is an array.
"""

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TextIO

from zjcrawl.archive import ARTICLE_COLUMNS, Archive
from zjcrawl.errors import InputError, StorageError, why
from zjcrawl.filters import Filters

Profile = Literal["analysis", "excel"]
Progress = Callable[[int], object]
COLUMNS = ARTICLE_COLUMNS
EXCEL_CELL = 32_767  # UTF-16 units that a cell of Excel holds; it cuts the rest
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_JSON = ("blocks", "images", "warnings")  # columns whose cells are JSON: the tables see to it
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_BATCH = 200  # rows read at a time: what memory holds of an export


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the rows, and the cells too long for Excel (counted; the first few as `id column length`)."""

    rows: int
    long_cells: int = 0
    examples: tuple[str, ...] = ()


def export_csv(
    archive: Archive,
    out: Path | TextIO,
    filters: Filters | None = None,
    profile: Profile = "analysis",
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Writes RFC 4180 CSV in UTF-8 with a header row. `excel` adds the byte order mark and the formula guard.

    `out` is a path (`-` is standard output) or a text stream opened with newline="". A file appears whole or not at
    all. Raises InputError where it exists (without `force`) or cannot be one, StorageError where the disk refuses.
    """
    excel = profile == "excel"
    long = _LongCells()
    with _destination(out, force, archive.folder) as stream:
        if excel:
            stream.write("\ufeff")
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        rows = 0
        for batch in _batches(archive, filters):
            writer.writerows([long.guarded(row) for row in batch] if excel else batch)
            rows += _told(batch, progress)
    return Exported(rows, long.count, tuple(long.examples))


def export_jsonl(
    archive: Archive,
    out: Path | TextIO,
    filters: Filters | None = None,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Writes one JSON object a line: the columns of the CSV, arrays as arrays. Errors as `export_csv`."""
    with _destination(out, force, archive.folder) as stream:
        rows = 0
        for batch in _batches(archive, filters):
            stream.writelines(_object(row) + "\n" for row in batch)
            rows += _told(batch, progress)
    return Exported(rows)


def _object(row: Sequence[Any]) -> str:
    """A row as a JSON object; what is JSON already stands as it is, but for line ends between its values."""
    cells = (
        cell.replace("\n", " ").replace("\r", " ") if column in _JSON and isinstance(cell, str) else _encode(cell)
        for column, cell in zip(COLUMNS, row, strict=True)
    )
    return "{" + ",".join(f'"{column}":{cell}' for column, cell in zip(COLUMNS, cells, strict=True)) + "}"


def guard(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: `'` before a text that begins with = + - @ TAB CR or '."""
    return "'" + cell if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def unguard(cell: str) -> str:
    """What `guard` was given."""
    return cell.removeprefix("'")


class _LongCells:
    """Guards rows for Excel and counts the cells it would cut."""

    def __init__(self) -> None:
        self.count = 0
        self.examples: list[str] = []

    def guarded(self, row: Sequence[Any]) -> list[Any]:
        cells = [guard(cell) for cell in row]
        for column, cell in zip(COLUMNS, cells, strict=True):
            if isinstance(cell, str) and len(cell) > EXCEL_CELL // 2:
                length = len(cell.encode("utf-16-le")) // 2
                if length > EXCEL_CELL:
                    self.count += 1
                    if len(self.examples) < 5:
                        self.examples.append(f"{row[0]} {column} {length}")
        return cells


def _batches(archive: Archive, filters: Filters | None) -> Iterator[list[tuple[Any, ...]]]:
    where, parameters = (filters or Filters()).sql()
    query = f"SELECT {', '.join(COLUMNS)} FROM articles WHERE {where} ORDER BY published_at, id"
    return archive.batches(query, parameters, _BATCH)


def _told(batch: Sequence[object], progress: Progress | None) -> int:
    if progress is not None:
        progress(len(batch))
    return len(batch)


@contextmanager
def _destination(out: Path | TextIO, force: bool, archive: Path) -> Iterator[TextIO]:
    """A stream to write to. A path gets its file when all is written, and keeps what it had when that fails.

    `archive` is the folder that is being read: none of its files is written over, whatever they are called by.
    """
    if not isinstance(out, Path):
        yield out
    elif str(out) == "-":
        stream = io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline="", write_through=False)
        try:
            yield stream
            stream.flush()
        finally:
            stream.detach()
    else:
        with _disk(out):
            if _is_of(archive, out):
                raise InputError(f"{out} is a file of the archive that is read: name another file")
            yield from _file(out, force)


def _is_of(archive: Path, out: Path) -> bool:
    """Whether a path leads, also by links, to one of an archive's own files."""
    home, warc, place = (Path(os.path.realpath(path)) for path in (archive, archive / "warc", out))
    own = place.name.startswith(("archive.db", "archive.lock"))
    return (own and place.parent == home) or place.is_relative_to(warc)


def _file(out: Path, force: bool) -> Iterator[TextIO]:
    if out.is_dir():
        raise InputError(f"{out} is a folder: name a file in it")
    if out.exists() and not out.is_file():  # a pipe or a device
        with out.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        return
    if out.exists() and not force:
        raise InputError(f"{out} is there already: name another file, or replace it with --force")
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(out)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def _disk(out: Path) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"cannot write {out}: its folder does not exist") from error
    except OSError as error:
        raise StorageError(f"cannot write {out}: {why(error)}") from error
