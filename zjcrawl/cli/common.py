"""What the verbs share: the archive option, the common filters, and how things are printed."""

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from zjcrawl import files
from zjcrawl.archive import Archive
from zjcrawl.errors import InputError
from zjcrawl.filters import Filters, checked
from zjcrawl.screen import console as console
from zjcrawl.unseen import UNSEEN, visible

F = TypeVar("F", bound=Callable[..., Any])
_PICTURES = {".png", ".svg", ".jpg", ".jpeg", ".gif", ".webp", ".pdf", ".eps"}

archive_option = click.option(
    "--archive", metavar="DIR", help="The archive folder (default: data, or $ZJCRAWL_ARCHIVE)."
)


def _alone(context: click.Context, parameter: click.Parameter, given: bool) -> bool:
    """An output of one form. Whichever option is read last sees the other."""
    if given and any(context.params.get(name) for name in ("as_json", "as_csv")):
        raise InputError("--json and --csv are two forms of one output: leave one out")
    return given


json_option = click.option("--json", "as_json", is_flag=True, callback=_alone, help="Print JSON instead of a table.")
csv_option = click.option("--csv", "as_csv", is_flag=True, callback=_alone, help="Print CSV instead of a table.")


force_option = click.option("--force", is_flag=True, help="Replace the file if it is there already.")


def file_option(name: str, text: str) -> Callable[[F], F]:
    """An option that names a file to be written: a picture of its own kind, or whatever else."""

    def of_its_kind(context: click.Context, parameter: click.Parameter, given: Path | None) -> Path | None:
        suffix = given.suffix.lower() if given else ""
        if suffix in _PICTURES and suffix != f".{name}":
            raise InputError(f"--{name} {given}: a file of that ending is no {name.upper()}: end it in .{name}")
        return given

    kind = click.Path(path_type=Path)
    return click.option(f"--{name}", name, type=kind, metavar="FILE", callback=of_its_kind, help=text)


def archive_folder(context: click.Context, archive: str | None) -> Path:
    """The archive folder that was named: behind the verb, before it, in the environment, or `data`."""
    before = context.find_root().params.get("archive")
    return Path(archive or before or os.environ.get("ZJCRAWL_ARCHIVE") or "data")


def print_json(value: Any) -> None:
    """One JSON value: indented for a person at a terminal, one line for a program.

    What could steer a terminal is written as JSON's own escapes: the same value.
    """
    indent = 2 if sys.stdout.isatty() else None
    click.echo(_json(value, indent))


def _json(value: Any, indent: int | None = None) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return str(UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def print_json_rows(head: Mapping[str, Any], name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object, a row a line as they come: what `head` has, then the rows under a name."""
    click.echo(f"{_json(head)[:-1]}, {_json(name)}: [", nl=False)
    for number, row in enumerate(rows):
        click.echo((",\n" if number else "\n") + _json(row), nl=False)
    click.echo("]}")


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """RFC 4180 CSV on standard output, a row as it comes."""
    _write_csv(sys.stdout, columns, rows)


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The same for a file, in UTF-8."""
    out = io.StringIO(newline="")
    _write_csv(out, columns, rows)
    return out.getvalue().encode()


def _write_csv(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)


def write_file(out: Path, content: bytes, force: bool, archive: Path) -> None:
    """Writes a small file whole or not at all. Where it may be and what is raised else: `files.binary`."""
    with files.binary(out, force, archive) as stream:
        stream.write(content)


def legible(text: str) -> str:
    """A text as one line of a terminal: what cannot be seen is written out, every tab and line end is a blank."""
    return visible(text).replace("\t", " ").replace("\n", " ")


_FILTERS: tuple[Callable[[Any], Any], ...] = (
    click.option("--channel", multiple=True, metavar="SLUG", help="Of this channel, or placed there (repeat, or a,b)."),
    click.option("--from", "from_", metavar="DATE", help="Published on or after 2019-07-24, 2019-07 or 2019."),
    click.option("--to", metavar="DATE", help="Published on or before; a month or a year means the whole of it."),
    click.option("--reporter", multiple=True, metavar="NAME", help="Credited as reporter."),
    click.option("--editor", multiple=True, metavar="NAME", help="Credited as editor."),
    click.option("--source", multiple=True, metavar="NAME", help="Of this source, as printed."),
    click.option("--tag", multiple=True, metavar="TAG", help="Tagged so."),
    click.option("--template", multiple=True, metavar="NAME", help="Read by this template."),
    click.option("--state", multiple=True, metavar="STATE", help="live, gone or suspect."),
    click.option(
        "--unique", is_flag=True, help="Each story once, where it was published first: see 'zjcrawl reprints'."
    ),
)


def filter_options(command: F) -> F:
    """The common filters of every verb that asks the archive."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


def filters_of(chosen: dict[str, Any], archive: Archive) -> Filters:
    """The filters that were chosen. Raises InputError for one that means nothing, such as an unknown channel."""
    return checked(Filters.of(**chosen), archive)
