"""`zjcrawl status`: the health of an archive, for people and for monitoring."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import JustifyMethod
from rich.table import Table

from zjcrawl import health
from zjcrawl.archive import Archive
from zjcrawl.archive.values import moment
from zjcrawl.cli.common import archive_folder, archive_option, console, file_option, json_option, print_json, write_file
from zjcrawl.metrics import exposition
from zjcrawl.models import SHANGHAI

_PERCENT = "[dim]–[/]"


@click.command("status", short_help="Health: the last run, freshness, and fields that pages no longer fill.")
@click.option("--fields", is_flag=True, help="Show how many articles fill each field, by channel and template.")
@click.option(
    "--max-age", type=click.IntRange(min=1), metavar="HOURS", help="Complain when the last run is older than that."
)
@click.option(
    "--max-silence",
    type=click.IntRange(min=1),
    metavar="HOURS",
    help="Complain when no new article came for so long, or no list page of a channel that the last run asked for.",
)
@file_option("prometheus", "Write it for the node exporter's textfile collector too, in one step; - prints only that.")
@json_option
@archive_option
@click.pass_context
def status_command(
    context: click.Context,
    fields: bool,
    max_age: int | None,
    max_silence: int | None,
    prometheus: Path | None,
    as_json: bool,
    archive: str | None,
) -> None:
    """Say how the archive does: the last run, how fresh each channel is, what waits, and which fields pages no longer
    fill as they did. Exit code 3 when something needs a person, 0 when nothing does.

    Example: zjcrawl status --max-age 3 --max-silence 24
    """
    with Archive(archive_folder(context, archive)) as held:
        newest = health.newest(held)
        told = health.status(held, newest, datetime.now(UTC), max_age, max_silence)
        if prometheus is not None:
            text = exposition(told, health.rates(newest), datetime.now(UTC))
            write_file(prometheus, text.encode("utf-8", "replace"), True, held.folder)
        if str(prometheus) == "-":
            pass
        elif as_json:
            print_json(told | {"fields": {by: health.rates(newest, by) for by in ("channel", "template")}})
        else:
            _show(told)
            if fields:
                for by in ("channel", "template"):
                    console().print(_rates(by, health.rates(newest, by)))
    context.exit(3 if told["problems"] else 0)


def _show(told: dict[str, Any]) -> None:
    out = console()
    run, articles = told["run"], told["articles"]
    if run is not None:
        ended = "ended" if run["ended_at"] else "began"
        code = "" if run["exit_code"] is None else f", exit code {run['exit_code']}"
        more = (
            ", at work" if run["at_work"] else "; its WARC files do not tell how it ended" if run["from_warc"] else ""
        )
        out.print(f"last run  {run['command']}: {ended} {run['age_hours']:.1f} hours ago{code}{more}", highlight=False)
    held = ", ".join(f"{count:,} {state}" for state, count in articles.items()) or "none"
    out.print(f"articles  {held}", highlight=False)
    out.print(f"disk      {told['disk_free'] / 1e9:,.1f} GB free", highlight=False)
    if told["channels"]:
        out.print("times     of Shanghai, as the portal prints them", highlight=False)
        out.print(_channels(told["channels"], out.width))
    for problem in told["problems"]:
        out.print(f"[yellow]![/] {problem.replace('[', chr(92) + '[')}", highlight=False, soft_wrap=True)
    if not told["problems"]:
        out.print("[green]all is well[/]")


def _channels(channels: Mapping[str, Mapping[str, Any]], room: int) -> Table:
    """A line a channel. Where the room is narrow, times take two lines and the last column gives way, so that no name and
    no number is cut."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    headings = ("channel", "articles", "waiting", "newest", "list read")[: 5 if room >= _TWO_TIMES else 4]
    for heading in headings:
        justify: JustifyMethod = "right" if heading in ("articles", "waiting") else "left"
        table.add_column(heading, justify=justify, no_wrap=heading in headings[:3])
    for slug, of in channels.items():
        waiting = f"{of['backlog']:,}" if of["backlog"] else ""
        cells = (slug, f"{of['articles']:,}", waiting, _clock(of["newest"]), _clock(of["last_listed"]))
        table.add_row(*cells[: len(headings)])
    return table


_TWO_TIMES = 60  # cells of a line with two columns of times


def _clock(stamp: str | None) -> str:
    return f"{moment(stamp).astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if stamp else "–"


def _rates(by: str, rates: dict[str, dict[str, Any]]) -> Table:
    table = Table(
        title=f"of the newest {health.WINDOW} articles of each channel, those that fill a field, by {by}",
        box=None,
        header_style="bold",
        pad_edge=False,
    )
    names = [name for name in health.FIELDS if not (by == "template" and name == "template")]
    for name in (by, "articles", *names):
        table.add_column(name, justify="left" if name == by else "right", no_wrap=True)
    for name, of in rates.items():
        cells = (_PERCENT if of[field] is None else f"{of[field]:.0%}" for field in names)
        table.add_row(name, f"{of['articles']:,}", *cells)
    return table
