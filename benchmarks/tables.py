"""Where what a benchmark printed is kept: a table between two markers of a document, put there by the command itself."""

import platform
from collections.abc import Iterable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
REAL_PAGES = ROOT.parent / "shared" / "realpages"  # real pages are their publishers', and never part of the project


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; the first column is text, all others are numbers."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


def measured(*packages: str) -> str:
    """When, on what and with which versions a table was measured, in one line."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return f"{date.today().isoformat()}, Python {platform.python_version()} on {platform.machine()}, {versions}"


def put(path: Path, name: str, text: str) -> None:
    """Puts a text between `<!-- name -->` and `<!-- /name -->` of a document. Raises ValueError where they are not."""
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    document = path.read_text("utf-8")
    before, opened, rest = document.partition(start)
    _, closed, after = rest.partition(end)
    if not opened or not closed:
        raise ValueError(f"{path.name} has no place for {name}: write {start.strip()} and {end} into it")
    path.write_text(f"{before}{start}{text.rstrip()}\n{end}{after}", "utf-8")
