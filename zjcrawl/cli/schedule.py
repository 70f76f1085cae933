"""`zjcrawl schedule`: what is due when."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click
from rich.table import Table

from zjcrawl import agenda
from zjcrawl.agenda import Due, Span
from zjcrawl.archive import Archive
from zjcrawl.archive.values import moment
from zjcrawl.cli.bars import bar
from zjcrawl.cli.common import archive_folder, archive_option, console, json_option, print_json
from zjcrawl.errors import InputError


@click.command("schedule", short_help="What is due when: list pages, what waits, looks at known articles.")
@click.argument("channels", nargs=-1, metavar="[CHANNEL]...")
@click.option("--hours", type=click.IntRange(1, 168), default=24, show_default=True, metavar="N", help="Looks by hour.")
@click.option(
    "--days", type=click.IntRange(0, 60), default=7, show_default=True, metavar="N", help="Then looks by day."
)
@json_option
@archive_option
@click.pass_context
def schedule_command(
    context: click.Context, channels: tuple[str, ...], hours: int, days: int, as_json: bool, archive: str | None
) -> None:
    """Print what is due in the CHANNELs (all when none is named): list pages are read by every run; articles wait that
    were found and not yet had; known ones are looked at again on a schedule by age. A run takes what is due when it
    starts, at most --rechecks of the last. Clock times are this machine's, those of --json UTC.

    Example: zjcrawl schedule jx --hours 12
    """
    now = datetime.now(UTC)
    with Archive(archive_folder(context, archive)) as held:
        due = agenda.by_channel(held, now, channels)
        if unknown := [slug for slug in channels if slug not in {of.channel for of in due}]:
            raise InputError(f"the archive knows no channel {unknown[0]!r}: 'zjcrawl channels' lists them")
        looks = agenda.spans(held, now, channels, hours, days)
    if as_json:
        print_json(agenda.as_json(due, looks, now))
        return
    out = console()
    out.print(_channels(due if channels else [of for of in due if not of.is_idle]))
    if not channels and (idle := [of for of in due if of.is_idle and of.lists]):
        out.print(f"never read yet: {len(idle)} channels", highlight=False)
    out.print()
    out.print(_looks(looks, hours, room=min(30, max(0, out.width - _BESIDE))))


_BESIDE = len("2026-11-25 16:00 and later  looks  ")  # cells that stand left of a bar


def _channels(due: Sequence[Due]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("channel", "lists", "last read", "older pages", "articles wait", "from", "looks due", "next look"):
        right = heading in ("lists", "older pages", "articles wait", "looks due")
        table.add_column(heading, justify="right" if right else "left", no_wrap=not right)
    table.columns[0].min_width = max((len(of.channel) for of in due), default=0)  # on the narrowest terminal, too
    for of in due:
        wait = _clock(of.articles_from) if of.articles_from else "now" if of.articles else ""
        numbers = (f"{n:,}" if n else "" for n in (of.pages, of.articles, of.looks))
        pages, articles, looks = numbers
        table.add_row(
            of.channel, str(of.lists), _clock(of.last_listed), pages, articles, wait, looks, _clock(of.next_look)
        )
    return table


def _looks(looks: Sequence[Span], hours: int, room: int) -> Table:
    table = Table(title="looks at known articles", title_justify="left", box=None, header_style="bold", pad_edge=False)
    table.add_column("from", no_wrap=True)
    table.add_column("looks", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    most = max(span.looks for span in looks) or 1
    for number, span in enumerate(looks):
        begins = "due now" if span.begins is None else f"{span.begins.astimezone():%Y-%m-%d %H:%M}"
        if number == hours + 1 or span.ends is None:
            table.add_section()
        what = begins if span.ends else f"{begins} and later"
        table.add_row(what, f"{span.looks:,}", bar(span.looks / most, room))
    return table


def _clock(stamp: str | None) -> str:
    return f"{moment(stamp).astimezone():%Y-%m-%d %H:%M}" if stamp else "–"
