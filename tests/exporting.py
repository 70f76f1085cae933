"""What the tests of exports share: texts that make trouble in a cell, and how a file's rows are read back."""

import csv
from pathlib import Path

HOSTILE = [
    "=1+1", "@SUM(A1)", "+8", "-3", "\t=1", "'=1", "'", '"', '""', '","', "a,b", "a\r\nb", "\r", "\n", "a\n\n\nb", " ", "a\0b",
    "👍👨‍👩‍👧‍👦", "\u202eabc\u202c", "\ufeffx", "\u2028", "\x1b[31m", "NULL", "NaN", "1e5", "0012", "2019-07-24", "true", "\\N", "\\",
    "嘉兴；桐乡", "字" * 40_000, '"=HYPERLINK(""http://x"")"',
]  # fmt: skip


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
