"""`zjcrawl export`: take a dataset away."""

from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from zjcrawl import export
from zjcrawl.archive import Archive
from zjcrawl.cli.common import archive_folder, archive_option, filter_options, filters_of
from zjcrawl.filters import Filters

_FORCE = click.option("--force", is_flag=True, help="Replace OUT if it is there already.")


@click.group("export", short_help="Take a dataset away: csv, jsonl.")
def export_command() -> None:
    """Write the archive's articles, or those the filters choose, as one file; `-` is standard output.

    Example: zjcrawl export csv jiaxing-2019.csv --channel jx --from 2019 --to 2019
    """


@export_command.command("csv", short_help="RFC 4180 CSV in UTF-8, newest last.")
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@click.option(
    "--profile",
    type=click.Choice(["analysis", "excel"]),
    default="analysis",
    show_default=True,
    help="excel adds a byte order mark and a reversible guard against formulas.",
)
@_FORCE
@filter_options
@archive_option
@click.pass_context
def csv_command(
    context: click.Context, /, out: Path, profile: export.Profile, force: bool, archive: str | None, **chosen: Any
) -> None:
    """Write the columns of the data dictionary as CSV to OUT.

    Example: zjcrawl export csv articles.csv --profile excel
    """
    with (
        Archive(archive_folder(context, archive)) as held,
        _bar(held, filters_of(chosen, held), out) as (filters, told),
    ):
        done = export.export_csv(held, out, filters, profile, force=force, progress=told)
    _say(done, out)


@export_command.command("jsonl", short_help="One JSON object a line, the same columns.")
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@_FORCE
@filter_options
@archive_option
@click.pass_context
def jsonl_command(context: click.Context, /, out: Path, force: bool, archive: str | None, **chosen: Any) -> None:
    """Write the columns of the data dictionary as JSON Lines to OUT.

    Example: zjcrawl export jsonl articles.jsonl --state live
    """
    with (
        Archive(archive_folder(context, archive)) as held,
        _bar(held, filters_of(chosen, held), out) as (filters, told),
    ):
        done = export.export_jsonl(held, out, filters, force=force, progress=told)
    _say(done, out)


class _bar:  # noqa: N801  (used as a statement)
    """A progress bar over the rows, on a terminal only."""

    def __init__(self, archive: Archive, filters: Filters, out: Path) -> None:
        self.archive, self.filters = archive, filters
        self.progress = Progress(
            TextColumn(str(out)), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), transient=True
        )
        self.shown = self.progress.console.is_terminal and str(out) != "-"

    def __enter__(self) -> tuple[Filters, export.Progress | None]:
        if not self.shown:
            return self.filters, None
        where, parameters = self.filters.sql()
        total = self.archive.value(f"SELECT count(*) FROM articles WHERE {where}", parameters)
        self.progress.start()
        task = self.progress.add_task("", total=total)
        return self.filters, lambda rows: self.progress.advance(task, rows)

    def __exit__(self, *_: object) -> None:
        if self.shown:
            self.progress.stop()


def _say(done: export.Exported, out: Path) -> None:
    if str(out) != "-":
        click.echo(f"{done.rows:,} articles written to {out}", err=True)
    if done.long_cells:
        click.echo(
            f"{done.long_cells:,} cells are longer than Excel holds ({export.EXCEL_CELL:,} characters), which cuts them:"
            f" {'; '.join(done.examples)}",
            err=True,
        )
