"""Datasets from the archive: the columns of the data dictionary as CSV, JSON Lines, Parquet or a data package.

Articles come in the order of `published_at`, then `id`; those without a date first. The same archive gives the same
bytes. No export writes over a file of the archive. What UTF-8 text cannot hold (NUL, bytes that are no UTF-8; both only
in an archive that other hands changed) is written as U+FFFD. In CSV a null and an empty text look the same; in JSON
Lines a null is `null`, and what is JSON in a cell (`blocks`, `images`, `warnings`) is an array.

choose (`Choice`) ─▶ rows (`table`) ─▶ `text`: CSV, JSON Lines · `parquet` · `package` ─▶ whole files (`files`)
"""

from zjcrawl.export.package import export_package
from zjcrawl.export.parquet import export_parquet
from zjcrawl.export.table import Choice, count
from zjcrawl.export.text import EXCEL_CELL, Exported, Profile, Progress, export_csv, export_jsonl, guard, unguard

__all__ = [
    "EXCEL_CELL",
    "Choice",
    "Exported",
    "Profile",
    "Progress",
    "count",
    "export_csv",
    "export_jsonl",
    "export_package",
    "export_parquet",
    "guard",
    "unguard",
]
