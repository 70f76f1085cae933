"""`zjcrawl reparse`: every reading made anew from the captures."""

from collections import Counter
from contextlib import nullcontext
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from zjcrawl import channels
from zjcrawl.cli.common import archive_folder, archive_option, console, json_option, print_json
from zjcrawl.recheck import USUAL, Schedule

_MOST = 10  # sentences on captures that cannot be read
_LONGEST = 60  # characters of a cell that an example shows


@click.command("reparse", short_help="Make every reading anew from the captures.")
@click.option("--dry-run", is_flag=True, help="Only say how many articles would change, in which column.")
@click.option(
    "--despite-damage", is_flag=True, help="Go on without captures that cannot be read; what they told is lost."
)
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes that read (default: one a core).")
@json_option
@archive_option
@click.pass_context
def reparse_command(
    context: click.Context, dry_run: bool, despite_damage: bool, workers: int | None, as_json: bool, archive: str | None
) -> None:
    """Read every capture again with this version of zjcrawl, in the order they were kept, and put the new database in
    the old one's place when it is whole. Where archive.db is missing, it is made from the files in warc/.

    Example: zjcrawl reparse --dry-run
    """
    from zjcrawl.reparse import reparse

    errors = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=errors,
        transient=True,
    )  # fmt: skip
    tasks: dict[str, Any] = {}

    def show(what: str, done: int, of: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=of)
        bar.update(tasks[what], completed=done, total=of)

    with bar if errors.is_terminal else nullcontext():
        result = reparse(
            archive_folder(context, archive),
            channels.load(),
            Schedule.of(USUAL),
            dry_run=dry_run,
            despite_damage=despite_damage,
            workers=workers,
            progress=show,
        )
    if as_json:
        print_json({"dry_run": dry_run, **result.as_json()})
    else:
        _tell(result.as_json(), dry_run)
    context.exit(3 if result.unreadable else 0)


def _tell(told: dict[str, Any], dry_run: bool) -> None:
    difference = told["difference"]
    click.echo(
        f"{told['visits']:,} answers read again; what each was to its run: "
        + (", ".join(f"{n:,} {o}" for o, n in told["outcomes"].items()) or "nothing")
    )
    if told["adopted"]:
        click.echo(f"{told['adopted']:,} captures were known only to the WARC files")
    if difference["columns"]:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for name in ("column", "articles", "for example", "was", "is"):
            table.add_column(name, justify="right" if name == "articles" else "left", overflow="fold")
        for column, of in difference["columns"].items():
            example = of["examples"][0]
            cells = (_short(example["was"]), _short(example["is"]))
            table.add_row(column, f"{of['articles']:,}", example["url"], *cells)
        console().print(table, markup=False)
    has, would = ("does not have yet", "would lose") if dry_run else ("did not have before", "lost")
    click.echo(f"articles that the archive {has}: {difference['new']:,}; that it {would}: {difference['lost']:,}")
    for url in difference["examples"]:
        click.echo(f"  lost: {url}")
    unreadable = Counter(told["unreadable"])  # of a file that is missing, each of its captures says the same
    for sentence, captures in unreadable.most_common(_MOST):
        click.echo(f"zjcrawl: {sentence}" + (f" ({captures:,} captures)" if captures > 1 else ""), err=True)
    if len(unreadable) > _MOST:
        click.echo(f"zjcrawl: and so on, {len(unreadable) - _MOST:,} more: --json has all", err=True)
    click.echo("nothing was changed" if dry_run else "the archive is made anew")


def _short(value: Any) -> str:
    text = "–" if value is None else str(value).replace("\n", "⏎")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
