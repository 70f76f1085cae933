"""`zjcrawl search`: every mention of a word, in its sentence."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import click
from rich.text import Text

from zjcrawl import kwic, search
from zjcrawl.archive import Archive
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
    print_json_rows,
)
from zjcrawl.cli.concordance import aligned, which
from zjcrawl.errors import InputError
from zjcrawl.kwic import Hit
from zjcrawl.search import Found, Query

_SHOWN = 20  # articles on a screen
_COLUMNS = ("id", "url", "channel", "published_at", "source", "title", "matches",
            "column", "start", "end", "before", "match", "after")  # fmt: skip
_IN_HEADLINE = "*"


@click.command("search", short_help="Every mention of a word, in its sentence.")
@click.argument("query", nargs=-1, required=True, metavar="QUERY...")
@click.option(
    "--sort",
    type=click.Choice(["newest", "oldest", "rank"]),
    default="newest",
    show_default=True,
    help="By publication, or by relevance (bm25, the headline five times the text).",
)
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="At most N articles (default: 20; JSON and CSV give all)."
)
@click.option("--offset", type=click.IntRange(min=0), default=0, metavar="N", help="Leave out the first N articles.")
@click.option(
    "--matches",
    "shown",
    type=click.IntRange(min=1),
    metavar="N",
    help="At most N matches shown of each article (default: 1 in a table; JSON and CSV give all); all are counted.",
)
@click.option(
    "--width",
    type=click.IntRange(min=40),
    metavar="W",
    help="Columns of a line; a Chinese character takes two (default: the terminal's, else 120).",
)
@click.option("--count", "only_count", is_flag=True, help="Print only how many articles there are.")
@json_option
@csv_option
@filter_options
@archive_option
@click.pass_context
def search_command(
    context: click.Context,
    /,
    query: tuple[str, ...],
    sort: search.Sort,
    limit: int | None,
    offset: int,
    shown: int | None,
    width: int | None,
    only_count: bool,
    as_json: bool,
    as_csv: bool,
    archive: str | None,
    **chosen: Any,
) -> None:
    """Find every article that holds the words of QUERY in its headline or text, exactly as they stand there but for
    width and case. Words side by side must all be there; OR, NOT or -word, parentheses, "phrases" and title:word are
    understood (a query that begins with - stands behind --). How many there are is said first; matches in the headline are
    marked *.

    Example: zjcrawl search '长三角一体化 (嘉兴 OR 桐乡) -title:简讯' --channel jx --from 2019-07
    """
    wanted = Query.of(" ".join(query))
    if only_count and as_csv:
        raise InputError("--count prints a number: leave --csv out, or take --json")
    if sort == "rank":
        search.ranked(wanted)  # before anything is printed
    with Archive(archive_folder(context, archive)) as held:
        filters = filters_of(chosen, held)
        total = search.count(held, wanted, filters)
        told = {"query": wanted.text, "articles": total}
        if not total and (doubt := search.doubt(wanted)):
            click.echo(f"zjcrawl: {doubt}", err=True)
        if only_count:
            print_json(told) if as_json else click.echo(total)
            return
        if 0 < total <= offset:
            raise InputError(f"--offset {offset} is past the last of {total:,}: give a smaller one")
        if not (as_json or as_csv):
            limit, shown = limit or _SHOWN, shown or 1
        width = width or console().width
        digits = len(str(held.value("SELECT max(id) FROM articles")))
        bounds: dict[str, Any] = {"sort": sort, "limit": limit, "offset": offset, "shown": shown}
        with closing(search.find(held, wanted, filters, **bounds)) as found:
            if as_json:
                print_json_rows(told, "results", (_as_json(one, width) for one in found))
            elif as_csv:
                print_csv(_COLUMNS, _as_rows(found, width))
            else:
                _print(found, total, offset, sort, width, digits)


def _print(found: Iterator[Found], total: int, offset: int, sort: str, width: int, digits: int) -> None:
    """The count, then a line for each match, aligned on it."""
    out = console(width)
    order = {"newest": "newest first", "oldest": "oldest first", "rank": "the most relevant first"}[sort]
    out.print(f"[bold]{total:,} {'article' if total == 1 else 'articles'}[/]" + (f", {order}" if total > 1 else ""))
    articles = 0
    for one in found:
        articles += 1
        for line in _lines(one, digits, width, marked=out.is_terminal):
            out.print(line, no_wrap=True, overflow="crop", soft_wrap=True)
    if offset + articles < total:
        click.echo(f"{articles:,} of {total:,} shown: --offset {offset + articles} goes on, --json and --csv give all")


def _lines(one: Found, digits: int, width: int, marked: bool) -> Iterator[Text]:
    """The lines of an article: which it is before its first match, nothing before the others."""
    article = which(one.id, digits, one.published_at, one.channel)
    often = f" ×{one.matches}" if one.matches > len(one.hits) else ""
    room = width - len(article) - 6  # a mark, and how often
    if not one.hits:  # only what must not be there was asked for: the headline says which article it is
        yield Text.assemble((article, "dim"), "  ", kwic.head(legible(one.title or "–"), room))
    for number, hit in enumerate(one.hits):
        line = Text(article if number == 0 else " " * len(article), "dim")
        line.append(_IN_HEADLINE if hit.column != "body" else " ", "yellow")
        line.append_text(aligned(hit, room, marked))
        yield line.append(often if number == len(one.hits) - 1 else "", "dim")


def _as_json(one: Found, width: int) -> dict[str, Any]:
    columns = ("id", "url", "channel", "published_at", "source", "title", "matches")
    hits = [dict(zip(_COLUMNS[len(columns) :], _hit(hit, width), strict=True)) for hit in one.hits]
    return {name: getattr(one, name) for name in columns} | {"hits": hits}


def _as_rows(found: Iterator[Found], width: int) -> Iterator[tuple[Any, ...]]:
    """A row for each match that is shown, and one without a match for an article that has none to show."""
    for one in found:
        which = (one.id, one.url, one.channel, one.published_at, one.source, one.title, one.matches)
        for hit in one.hits:
            yield (*which, *_hit(hit, width))
        if not one.hits:
            yield (*which, *[None] * 6)


def _hit(hit: Hit, width: int) -> tuple[Any, ...]:
    """Where a match stands, and as much of its line as half the width holds on either side."""
    before, after = kwic.tail(hit.before, width // 2), kwic.head(hit.after, width // 2)
    return hit.column, hit.start, hit.end, before, hit.text, after
