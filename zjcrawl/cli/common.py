"""What the verbs share: the archive option, the common filters, and how things are printed."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from zjcrawl import channels
from zjcrawl.archive import Archive
from zjcrawl.cli.typeset import UNSEEN
from zjcrawl.errors import InputError
from zjcrawl.filters import Filters
from zjcrawl.screen import console as console
from zjcrawl.templates import TEMPLATES, labels

F = TypeVar("F", bound=Callable[..., Any])

archive_option = click.option(
    "--archive", metavar="DIR", help="The archive folder (default: data, or $ZJCRAWL_ARCHIVE)."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def archive_folder(context: click.Context, archive: str | None) -> Path:
    """The archive folder that was named: behind the verb, before it, in the environment, or `data`."""
    before = context.find_root().params.get("archive")
    return Path(archive or before or os.environ.get("ZJCRAWL_ARCHIVE") or "data")


def print_json(value: Any) -> None:
    """One JSON value: indented for a person at a terminal, one line for a program.

    What could steer a terminal is written as JSON's own escapes: the same value.
    """
    indent = 2 if sys.stdout.isatty() else None
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    click.echo(UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


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
)


def filter_options(command: F) -> F:
    """The common filters of every verb that asks the archive."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


def filters_of(chosen: dict[str, Any], archive: Archive) -> Filters:
    """The filters that were chosen. Raises InputError for one that means nothing, such as an unknown channel."""
    filters = Filters.of(**chosen)
    known = channels.load().channels
    for slug in filters.channels:
        if slug not in known and not archive.value("SELECT 1 FROM frontier WHERE channel = ? LIMIT 1", (slug,)):
            raise InputError(f"unknown channel {slug!r}: 'zjcrawl channels' lists them")
    templates = {labels.NAME, *(template.NAME for template in TEMPLATES)}
    if unknown := set(filters.templates) - templates:
        templates |= {row[0] for row in archive.rows("SELECT DISTINCT template FROM articles")}
        for name in sorted(unknown - templates):
            raise InputError(f"unknown template {name!r}: there are {', '.join(sorted(templates))}")
    return filters
