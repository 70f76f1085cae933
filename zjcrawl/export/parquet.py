"""Parquet: the same cells as the CSV, typed. Written by pyarrow (extra `parquet`), imported late.

One layout: rows in the order of `published_at`, then `id`, `ROW_GROUP` of them a group, zstd, format 2.6, with the
smallest and largest value of every column of keys and times in each group. So a reader that asks for a month reads few
groups, and one that asks for three columns reads those: DuckDB, pandas and polars do.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from zjcrawl import files
from zjcrawl.archive import Archive
from zjcrawl.errors import InputError, StorageError
from zjcrawl.export.fields import Field
from zjcrawl.export.table import Choice, batches
from zjcrawl.export.text import Exported, Progress, told

ROW_GROUP = 2000
_STATISTICS = ("id", "url", "channel", "published_at", "source", "template", "state", "first_seen_at", "last_seen_at",
               "changed_at")  # fmt: skip


def export_parquet(
    archive: Archive,
    out: Path | BinaryIO,
    choice: Choice | None = None,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Writes one Parquet file: times with their zone, names and tags as lists, blocks and images as lists of structs.

    Errors as `export_csv`; InputError without pyarrow, StorageError where a cell is not of its column's type, which
    other hands must have written.
    """
    arrow, parquet = _pyarrow("pyarrow"), _pyarrow("pyarrow.parquet")
    choice = choice or Choice()
    described = [(one, _type(arrow, one), {"description": one.description}) for one in choice.fields]
    schema = arrow.schema([arrow.field(one.name, kind, metadata=about) for one, kind, about in described])
    options = {
        "version": "2.6",
        "compression": "zstd",
        "write_statistics": [name for name in schema.names if name in _STATISTICS],
    }
    with files.binary(out, force, archive.folder) as stream:
        rows = 0
        with parquet.ParquetWriter(_Sink(stream), schema, **options) as writer:
            group: list[Any] = []
            for batch in batches(archive, choice):
                group.append(_typed(arrow, schema, choice.fields, batch))
                rows += told(batch, progress)
                if rows % ROW_GROUP == 0:
                    writer.write_table(arrow.Table.from_batches(group), row_group_size=ROW_GROUP)
                    group.clear()
            if group:
                writer.write_table(arrow.Table.from_batches(group), row_group_size=ROW_GROUP)
    return Exported(rows)


class _Sink:
    """A stream that knows how much was written to it: a pipe does not, and Parquet's own table of contents needs it."""

    closed = False

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._at = 0

    def write(self, data: Any) -> int:
        self._at += len(data)
        return self._stream.write(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        """Whoever opened the stream closes it."""


def _pyarrow(module: str) -> Any:
    """A module of pyarrow. Raises InputError where it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise InputError(
            "parquet needs pyarrow: install it with pip install 'zjcrawl[parquet]', or export csv or jsonl"
        ) from error


def _type(arrow: Any, one: Field) -> Any:
    if one.kind == "json":
        texts = {"blocks": ("kind", "text", "src"), "images": ("src", "caption")}.get(one.name)
        return arrow.list_(arrow.struct([(name, arrow.string()) for name in texts]) if texts else arrow.string())
    return {
        "integer": arrow.int64(),
        "text": arrow.string(),
        "time": arrow.timestamp("ms", "Asia/Shanghai"),
        "moment": arrow.timestamp("ms", "UTC"),
        "date": arrow.date32(),
        "names": arrow.list_(arrow.string()),
        "counts": arrow.map_(arrow.string(), arrow.int32()),
    }[one.kind]


def _typed(arrow: Any, schema: Any, fields: Sequence[Field], rows: Iterable[Sequence[Any]]) -> Any:
    """Rows as a batch of typed columns. Raises StorageError for a cell that is not of its column's type."""
    arrays = []
    for one, kind, cells in zip(fields, schema.types, zip(*rows, strict=True), strict=True):
        read = _READ.get(one.kind)
        try:
            arrays.append(arrow.array(cells if read is None else [_null(read, cell) for cell in cells], kind))
        except (ValueError, TypeError, AttributeError, arrow.ArrowException) as error:
            raise StorageError(
                f"an article holds no {one.kind} in {one.name}, so other hands changed the archive: find it with "
                f"'zjcrawl verify', or export csv ({error})"
            ) from error
    return arrow.record_batch(arrays, schema=schema)


def _null(read: Callable[[str], Any], cell: str | None) -> Any:
    return None if cell is None else read(cell)


def _json(cell: str) -> Any:
    """A cell's JSON. A lone surrogate, which escapes can say and no UTF-8 holds, becomes U+FFFD."""
    value = json.loads(cell)
    return _storable(value) if "\\ud" in cell.lower() else value


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(one) for one in value]
    return {name: _storable(one) for name, one in value.items()} if isinstance(value, dict) else value


_SURROGATE = re.compile("[\ud800-\udfff]")
_READ: dict[str, Callable[[str], Any]] = {
    "time": datetime.fromisoformat,
    "moment": datetime.fromisoformat,
    "names": lambda cell: cell.split(";"),
    "json": _json,
    "counts": lambda cell: list(_json(cell).items()),
}
