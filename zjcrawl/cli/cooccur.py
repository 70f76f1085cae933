"""`zjcrawl cooccur`: what occurs together, more often than by chance or less."""

from contextlib import closing
from itertools import islice
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from zjcrawl import stats
from zjcrawl.archive import Archive
from zjcrawl.cli.common import (
    archive_folder,
    archive_option,
    console,
    filter_options,
    filters_of,
    json_option,
    legible,
    print_json_rows,
)
from zjcrawl.cli.concordance import aligned, which
from zjcrawl.search import Query
from zjcrawl.stats import Paragraph, Together

_SHOWN = 10


@click.command("cooccur", short_help="Whether two words occur together more often than by chance.")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help="At most N common paragraphs (default: 10; JSON gives all).",
)
@click.option("--width", type=click.IntRange(min=40), metavar="W", help="Columns of a line (default: the terminal's).")
@json_option
@filter_options
@archive_option
@click.pass_context
def cooccur_command(
    context: click.Context,
    /,
    a: str,
    b: str,
    limit: int | None,
    width: int | None,
    as_json: bool,
    archive: str | None,
    **chosen: Any,
) -> None:
    """Count the articles with A, with B, with both and with neither (queries as `search` takes them), say how far that is
    from chance, and show the paragraphs that have both. Counts are of articles, not of paragraphs.

    Example: zjcrawl cooccur 嘉兴 G60科创走廊 --from 2019
    """
    one, other = Query.of(a), Query.of(b)
    with Archive(archive_folder(context, archive)) as held:
        filters = filters_of(chosen, held)
        told = stats.together(held, one, other, filters)
        digits = len(str(held.value("SELECT max(id) FROM articles")))
        with closing(stats.paragraphs(held, one, other, filters)) as paragraphs:
            if as_json:
                head = {"a": one.text, "b": other.text, **told.as_json()}
                print_json_rows(head, "paragraphs", map(_as_json, islice(paragraphs, limit)))
                return
            out = console(width)
            _print(told, one.text, other.text)
            for number, paragraph in enumerate(islice(paragraphs, _SHOWN if limit is None else limit)):
                if not number:
                    out.print("\nparagraphs with both, newest first", style="bold")
                line = _line(paragraph, digits, width or out.width, out.is_terminal)
                out.print(line, no_wrap=True, overflow="crop", soft_wrap=True)


def _print(told: Together, a: str, b: str) -> None:
    out = console()
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("articles", f"with {legible(b)}", "without", "all"):
        table.add_column(Text(name), justify="left" if name == "articles" else "right")
    for name, with_b, without in (
        (f"with {legible(a)}", told.both, told.only_a),
        ("without", told.only_b, told.neither),
        ("all", told.both + told.only_b, told.only_a + told.neither),
    ):
        table.add_row(Text(name), f"{with_b:,}", f"{without:,}", f"{with_b + without:,}")
    out.print(table)
    out.print(f"\nboth, if by chance  {_number(told.expected, 1)}", highlight=False)
    out.print(f"PMI                 {_number(told.pmi, 2)} bits", highlight=False)
    interval = told.odds_ratio_95
    range_ = f" (95 %: {interval[0]:,.2f} to {interval[1]:,.2f})" if interval else ""
    out.print(f"odds ratio          {_number(told.odds_ratio, 2)}{range_}", highlight=False)


def _number(value: float | None, digits: int) -> str:
    return "– (a cell is empty)" if value is None else f"{value:,.{digits}f}"


def _line(paragraph: Paragraph, digits: int, width: int, marked: bool) -> Text:
    """The nearest two matches of a paragraph: aligned on the first query's, the second's marked too."""
    article = which(paragraph.id, digits, paragraph.published_at, paragraph.channel)
    start, end = (place - paragraph.a.start + len(paragraph.a.before) for place in paragraph.b)
    return Text(article, "dim").append_text(aligned(paragraph.a, width - len(article), marked, (start, end)))


def _as_json(paragraph: Paragraph) -> dict[str, Any]:
    a = paragraph.a
    return {
        "id": paragraph.id,
        "url": paragraph.url,
        "channel": paragraph.channel,
        "published_at": paragraph.published_at,
        "a": [a.start, a.end],
        "b": list(paragraph.b),
        "text": a.before + a.text + a.after,
    }
