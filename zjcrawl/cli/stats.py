"""`zjcrawl stats`: what the archive holds, by any column."""

from typing import Any, get_args

import click
from rich.table import Table
from rich.text import Text

from zjcrawl import channels, stats
from zjcrawl.archive import Archive
from zjcrawl.cli.bars import bar
from zjcrawl.cli.common import (
    archive_folder,
    archive_option,
    console,
    csv_option,
    filter_options,
    filters_of,
    json_option,
    legible,
    print_csv,
    print_json,
)
from zjcrawl.errors import InputError

_SHOWN = 30
_COLUMNS = ("key", "articles", "share", "first", "last")


@click.command("stats", short_help="How many articles by channel, month, reporter, source, tag …")
@click.option("--by", "what", type=click.Choice(get_args(stats.By)), help="What to count by (default: an overview).")
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N",
    help="At most N lines of what is most frequent (default: 30; times, JSON and CSV give all).",
)  # fmt: skip
@json_option
@csv_option
@filter_options
@archive_option
@click.pass_context
def stats_command(
    context: click.Context,
    /,
    what: stats.By | None,
    limit: int | None,
    as_json: bool,
    as_csv: bool,
    archive: str | None,
    **chosen: Any,
) -> None:
    """Count the archive's articles, or those the filters choose, by a value. What a page does not print is "–". An
    article counts under each of its reporters, editors and tags.

    Example: zjcrawl stats --by reporter --channel jx --from 2019
    """
    if what is None and (as_csv or limit is not None):
        raise InputError("an overview is no table: say what to count --by, such as --by month")
    with Archive(archive_folder(context, archive)) as held:
        filters = filters_of(chosen, held)
        told = stats.overview(held, filters)
        counts = stats.by(held, what, filters) if what else []
    total = told["articles"]
    if limit is None and not (as_json or as_csv or what in stats.IN_TIME):
        limit = _SHOWN
    rows = [
        (one.key, one.articles, round(one.articles / total, 6), _day(one.first), _day(one.last))
        for one in counts[:limit]
    ]
    if as_csv:
        print_csv(_COLUMNS, rows)
    elif what is None:
        print_json(told) if as_json else _overview(told)
    elif as_json:
        values = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        print_json({"by": what, "articles": total, "values": len(counts), "counts": values})
    else:
        _print(what, rows, total, len(counts))


def _print(what: stats.By, rows: list[tuple[Any, ...]], total: int, values: int) -> None:
    out = console()
    names = channels.load().channels if what == "channel" else {}
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, right in (
        (what, False),
        ("articles", True),
        ("share", True),
        ("", False),
        ("first", False),
        ("last", False),
    ):
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    most = max((row[1] for row in rows), default=1)
    for key, articles, share, first, last in rows:
        name = "–" if key is None else f"{key} {names[key].name}" if key in names else legible(key)
        drawn = Text(bar(articles / most, 20), "cyan")
        table.add_row(Text(name), f"{articles:,}", f"{share:.1%}", drawn, first or "–", last or "–")
    out.print(table)
    if len(rows) < values:
        click.echo(f"{len(rows):,} of {values:,} shown: --limit N shows more, --json and --csv give all")
    click.echo(f"{total:,} articles in all")


def _overview(told: dict[str, Any]) -> None:
    out = console()
    lines = {
        "articles": f"{told['articles']:,}" + (f", {told['undated']:,} without a date" if told["undated"] else ""),
        "published": f"{told['first'] or '–'} to {told['last'] or '–'}",
        "characters": f"{told['characters']:,}",
        "channels": f"{told['channels']:,}",
        "sources": f"{told['sources']:,}",
        "people": ", ".join(
            f"{told[role]:,} {role}" for role in ("reporters", "correspondents", "photographers", "editors")
        ),
        "tags": f"{told['tags']:,}",
        "edits seen": f"{told['edits']:,}",
        "gone": f"{told['gone']:,}, and {told['suspect']:,} suspect",
    }
    for name, value in lines.items():
        out.print(Text.assemble((f"{name:>10}  ", "dim"), value))


def _day(moment: str | None) -> str | None:
    return moment[:10] if moment else None
