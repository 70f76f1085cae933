"""`zjcrawl timeline`: mentions over time, with what they are a share of."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from zjcrawl import stats
from zjcrawl.archive import Archive
from zjcrawl.cli.bars import bar
from zjcrawl.cli.common import (
    archive_folder,
    archive_option,
    console,
    csv_bytes,
    file_option,
    filter_options,
    filters_of,
    force_option,
    json_option,
    legible,
    print_json,
    write_file,
)
from zjcrawl.search import Query
from zjcrawl.stats import Cell, Timeline

_COLUMNS = ("cell", "mentioning", "articles", "per_1000")
_RUN = 3  # so many cells without an article, one after the other, are one line


@click.command("timeline", short_help="Mentions over time, with their denominator.")
@click.argument("query", nargs=-1, required=True, metavar="QUERY...")
@click.option(
    "--by", "step", type=click.Choice(["day", "month", "year"]), default="month", show_default=True, help="The cells."
)
@file_option("png", "Draw a picture into FILE.")
@file_option("svg", "Draw a picture into FILE whose text the viewer's fonts set.")
@file_option("csv", "Write the numbers into FILE; - is standard output.")
@force_option
@json_option
@filter_options
@archive_option
@click.pass_context
def timeline_command(
    context: click.Context,
    /,
    query: tuple[str, ...],
    step: stats.Step,
    png: Path | None,
    svg: Path | None,
    csv: Path | None,
    force: bool,
    as_json: bool,
    archive: str | None,
    **chosen: Any,
) -> None:
    """Count the articles that mention QUERY (see `search`) by the time of their publication, beside how many articles are
    archived of the same time: a rise of mentions may be no more than a rise of articles. Filters choose both.

    Example: zjcrawl timeline 长三角一体化 --by month --channel jx --png yrd.png
    """
    wanted = Query.of(" ".join(query))
    folder = archive_folder(context, archive)
    with Archive(folder) as held:
        line = stats.timeline(held, wanted, step, filters_of(chosen, held))
    if csv is not None:
        write_file(csv, csv_bytes(_COLUMNS, (_row(cell) for cell in _all(line))), force, folder)
    for file, kind in ((png, "png"), (svg, "svg")):
        if file is not None:
            _draw(line, _title(wanted.text, chosen), kind, file, force, folder)
    if as_json:
        cells = [cell.as_json() for cell in line.cells]
        told = {"query": wanted.text, "by": step, "total": line.total.as_json(), "undated": line.undated.as_json()}
        print_json(told | {"cells": cells})
    elif csv is png is svg is None:
        _print(line, wanted.text)


def _draw(line: Timeline, title: str, kind: Any, file: Path, force: bool, archive: Path) -> None:
    from zjcrawl import plots

    write_file(file, plots.timeline(line, title, kind), force, archive)
    if kind == "png" and plots.font() is None and not title.isascii():
        click.echo(NO_FONT, err=True)


NO_FONT = (
    "this machine has no font with Chinese characters, so the picture shows boxes: install one (such as fonts-noto-cjk), "
    "or draw an --svg"
)


def _title(query: str, chosen: dict[str, Any]) -> str:
    """The query and the filters it was asked with."""
    filters = []
    for name, value in chosen.items():
        if value:
            filters.append(f"{name.rstrip('_')} {value if isinstance(value, str) else ', '.join(value)}")
    return legible(query) + (f" ({'; '.join(filters)})" if filters else "")


def _all(line: Timeline) -> Iterator[Cell]:
    yield from line.cells
    if line.undated.articles:
        yield line.undated


def _row(cell: Cell) -> tuple[Any, ...]:
    return tuple(cell.as_json().values())


def _print(line: Timeline, query: str) -> None:
    """A line for each cell: mentions, articles, mentions per 1,000 and a bar of that."""
    out = console()
    most = max((cell.per_1000 or 0 for cell in line.cells), default=0) or 1
    width = max(10, out.width - 40)
    out.print(Text(f"{'':10} {'mentioning':>10} {'articles':>8} {'per 1,000':>9}", "bold"))
    for empty, cells in groupby(line.cells, key=lambda cell: not cell.articles):
        run = list(cells)
        if empty and len(run) > _RUN:
            out.print(Text(f"{'…':10} {len(run):,} without an article, {run[0].cell} to {run[-1].cell}", "dim"))
            continue
        for cell in run:
            out.print(_line(cell).append(f" {bar((cell.per_1000 or 0) / most, width)}", "cyan"), no_wrap=True)
    out.print(_line(line.total).append(f"  {legible(query)}", "bold"), no_wrap=True, overflow="ellipsis")
    if line.undated.articles:
        articles, mentioning = line.undated.articles, line.undated.mentioning
        click.echo(f"{articles:,} of the articles have no date and are in no line; {mentioning:,} of them mention it")


def _line(cell: Cell) -> Text:
    share = "–" if cell.per_1000 is None else f"{cell.per_1000:,.1f}"
    return Text(f"{cell.cell:10} {cell.mentioning:>10,} {cell.articles:>8,} {share:>9}")
