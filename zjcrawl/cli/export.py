"""`zjcrawl export`: take a dataset away."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from zjcrawl import export
from zjcrawl.archive import Archive
from zjcrawl.cli.common import archive_folder, archive_option, filter_options, filters_of
from zjcrawl.errors import InputError
from zjcrawl.export import Choice, Exported, Profile, Progress
from zjcrawl.export.ngrams import sizes_of
from zjcrawl.filters import past_day
from zjcrawl.search import Query

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("out", type=click.Path(path_type=Path), metavar="OUT"),
    click.option("--query", metavar="QUERY", help="Only articles that 'zjcrawl search QUERY' finds."),
    click.option("--as-of", metavar="DATE", help="As the archive was known at the end of a day, a month or a year."),
    click.option(
        "--metadata-only", is_flag=True, help="Leave out headlines and texts: digests and counts stand for them."
    ),
    click.option(
        "--features",
        metavar="N[,M]",
        help="Leave out headlines and texts: counts of rows of N (1 to 3) characters stand for them.",
    ),
    click.option("--force", is_flag=True, help="Replace OUT if it is there already."),
    filter_options,
    archive_option,
    click.pass_context,
)


def _options(command: F) -> F:
    """What every format takes."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group("export", short_help="Take a dataset away: csv, jsonl, parquet, package.")
def export_command() -> None:
    """Write the archive's articles, or those that filters and a query choose, as a file, or as a folder with all that a
    reviewer asks for; `-` is standard output.

    Example: zjcrawl export csv jiaxing-2019.csv --channel jx --from 2019 --to 2019
    """


@export_command.command("csv", short_help="RFC 4180 CSV in UTF-8, newest last.")
@click.option(
    "--profile",
    type=click.Choice(["analysis", "excel"]),
    default="analysis",
    show_default=True,
    help="excel adds a byte order mark and a reversible guard against formulas.",
)
@_options
def csv_command(context: click.Context, /, out: Path, profile: Profile, force: bool, **chosen: Any) -> None:
    """Write the columns of the data dictionary as CSV to OUT.

    Example: zjcrawl export csv articles.csv --profile excel
    """
    with _chosen(context, out, chosen) as (archive, choice, told):
        done = export.export_csv(archive, out, choice, profile, force=force, progress=told)
    _say(done, out)


@export_command.command("jsonl", short_help="One JSON object a line, the same columns.")
@_options
def jsonl_command(context: click.Context, /, out: Path, force: bool, **chosen: Any) -> None:
    """Write the columns of the data dictionary as JSON Lines to OUT.

    Example: zjcrawl export jsonl articles.jsonl --state live
    """
    with _chosen(context, out, chosen) as (archive, choice, told):
        done = export.export_jsonl(archive, out, choice, force=force, progress=told)
    _say(done, out)


@export_command.command("parquet", short_help="Typed columns, for DuckDB, pandas and their kind.")
@_options
def parquet_command(context: click.Context, /, out: Path, force: bool, **chosen: Any) -> None:
    """Write the columns of the data dictionary as Parquet to OUT: times with their zone, lists as lists.

    Example: zjcrawl export parquet articles.parquet --query 长三角一体化 --as-of 2026-06
    """
    with _chosen(context, out, chosen) as (archive, choice, told):
        done = export.export_parquet(archive, out, choice, force=force, progress=told)
    _say(done, out)


@export_command.command("package", short_help="A folder with all that a reviewer asks for.")
@click.option("--title", metavar="TEXT", default="", help="The dataset's title, for its citation.")
@click.option(
    "--author", "authors", metavar="NAME", multiple=True, help="Who is to be cited (repeat; default: zjcrawl)."
)
@_options
def package_command(
    context: click.Context, /, out: Path, title: str, authors: tuple[str, ...], force: bool, **chosen: Any
) -> None:
    """Write a Frictionless data package to the folder OUT: the articles, their credits and tags as CSV, what is held of
    each day and what is missing, every column described, how to cite it, and checksums.

    Example: zjcrawl export package jiaxing-2019 --channel jx --from 2019 --to 2019 --author 王蓉
    """
    if str(out) == "-":
        raise InputError("a package is a folder and cannot go to standard output: name a folder")
    with _chosen(context, out, chosen) as (archive, choice, told):
        options: dict[str, Any] = {"title": title, "authors": authors, "force": force, "progress": told}
        done = export.export_package(archive, out, choice, **options)
    _say(done, out)


@contextmanager
def _chosen(
    context: click.Context, out: Path, chosen: dict[str, Any]
) -> Iterator[tuple[Archive, Choice, Progress | None]]:
    """The archive as it is to be seen, what is taken of it, and a bar that is told how many rows are written."""
    folder, day, query = (chosen.pop(name) for name in ("archive", "as_of", "query"))
    wording, sizes = not chosen.pop("metadata_only"), chosen.pop("features")
    ngrams = sizes_of(sizes) if sizes is not None else ()
    wanted = Query.of(query) if query is not None else None
    known = past_day(day, "--as-of") if day is not None else None
    with Archive(archive_folder(context, folder), known=known) as archive:
        choice = Choice(filters_of(chosen, archive), wanted, wording, ngrams)
        with _bar(archive, choice, out) as told:
            yield archive, choice, told


@contextmanager
def _bar(archive: Archive, choice: Choice, out: Path) -> Iterator[Progress | None]:
    """A progress bar over the rows on standard error, on a terminal that the rows themselves do not go to."""
    console = Console(stderr=True)
    if not console.is_terminal or (str(out) == "-" and Console().is_terminal):
        yield None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task(str(out), total=export.count(archive, choice))
        yield lambda rows: bar.advance(task, rows)


def _say(done: Exported, out: Path) -> None:
    if str(out) != "-":
        click.echo(f"{done.rows:,} articles written to {out}", err=True)
    if done.long_cells:
        click.echo(
            f"{done.long_cells:,} cells are longer than Excel holds ({export.EXCEL_CELL:,} characters), which cuts them:"
            f" {'; '.join(done.examples)}",
            err=True,
        )
