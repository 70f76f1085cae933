"""CSV and JSON Lines, streamed."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TextIO

from zjcrawl import files
from zjcrawl.archive import Archive
from zjcrawl.export.table import Choice, batches

Profile = Literal["analysis", "excel"]
Progress = Callable[[int], object]
EXCEL_CELL = 32_767  # UTF-16 units that a cell of Excel holds; it cuts the rest
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the rows, and the cells too long for Excel (counted; the first few as `id column length`)."""

    rows: int
    long_cells: int = 0
    examples: tuple[str, ...] = ()


def export_csv(
    archive: Archive,
    out: Path | TextIO,
    choice: Choice | None = None,
    profile: Profile = "analysis",
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Writes RFC 4180 CSV in UTF-8 with a header row. `excel` adds the byte order mark and the formula guard.

    `out` is a path (`-` is standard output) or a text stream opened with newline="". A file appears whole or not at
    all. Raises InputError where it exists (without `force`) or cannot be one, StorageError where the disk refuses.
    """
    choice = choice or Choice()
    excel = profile == "excel"
    columns = [one.name for one in choice.fields]
    long = _LongCells(columns)
    with files.text(out, force, archive.folder) as stream:
        if excel:
            stream.write("\ufeff")
        stream.write(lines([columns]))
        rows = 0
        for batch in batches(archive, choice):
            stream.write(lines([long.guarded(row) for row in batch] if excel else batch))
            rows += told(batch, progress)
    return Exported(rows, long.count, tuple(long.examples))


def export_jsonl(
    archive: Archive,
    out: Path | TextIO,
    choice: Choice | None = None,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Writes one JSON object a line: the columns of the CSV, what is JSON in a cell as such. Errors as `export_csv`."""
    choice = choice or Choice()
    names = [f'"{one.name}":' for one in choice.fields]
    is_json = [one.kind in ("json", "counts") for one in choice.fields]
    with files.text(out, force, archive.folder) as stream:
        rows = 0
        for batch in batches(archive, choice):
            stream.write("".join(_object(names, is_json, row) for row in batch))
            rows += told(batch, progress)
    return Exported(rows)


def lines(rows: Iterable[Sequence[Any]]) -> str:
    """Rows as lines of CSV: None is nothing, and quoted is only what must be. Twice as fast as `csv.writer`, which looks
    at each character by itself."""
    return "".join([",".join([_cell(cell) for cell in row]) + "\r\n" for row in rows])


def _cell(cell: Any) -> str:
    if not isinstance(cell, str):
        return "" if cell is None else str(cell)
    if '"' in cell:
        return '"' + cell.replace('"', '""') + '"'
    return f'"{cell}"' if "," in cell or "\n" in cell or "\r" in cell else cell


def _object(names: Sequence[str], is_json: Sequence[bool], row: Sequence[Any]) -> str:
    """A row as a JSON object; what is JSON already stands as it is, but for line ends between its values."""
    cells = (
        name + (cell.replace("\n", " ").replace("\r", " ") if whole and isinstance(cell, str) else _encode(cell))
        for name, whole, cell in zip(names, is_json, row, strict=True)
    )
    return "{" + ",".join(cells) + "}\n"


def guard(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: `'` before a text that begins with = + - @ TAB CR or '."""
    return "'" + cell if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def unguard(cell: str) -> str:
    """What `guard` was given."""
    return cell.removeprefix("'")


class _LongCells:
    """Guards rows for Excel and counts the cells it would cut."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = columns
        self.count = 0
        self.examples: list[str] = []

    def guarded(self, row: Sequence[Any]) -> list[Any]:
        cells = [guard(cell) for cell in row]
        for column, cell in zip(self.columns, cells, strict=True):
            if isinstance(cell, str) and len(cell) > EXCEL_CELL // 2:
                length = len(cell.encode("utf-16-le")) // 2
                if length > EXCEL_CELL:
                    self.count += 1
                    if len(self.examples) < 5:
                        self.examples.append(f"{row[0]} {column} {length}")
        return cells


def told(batch: Sequence[object], progress: Progress | None) -> int:
    """How many rows were written; `progress` is told."""
    if progress is not None:
        progress(len(batch))
    return len(batch)
