"""`zjcrawl reprints`: which articles tell one story."""

from contextlib import nullcontext

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from zjcrawl.archive import Archive
from zjcrawl.cli.common import archive_folder, archive_option, console, json_option, legible, print_json
from zjcrawl.reprints import Story

_SHOWN = 10
_COLUMNS = ("id", "day", "channel", "source", "title", "url")


@click.command("reprints", short_help="Group the articles that tell one story.")
@click.option("--anew", is_flag=True, help="Compare all articles again, not only those that came or changed.")
@click.option(
    "--limit", type=click.IntRange(min=0), metavar="N", default=_SHOWN, show_default=True,
    help="Show the N stories with the most prints.",
)  # fmt: skip
@json_option
@archive_option
@click.pass_context
def reprints_command(context: click.Context, anew: bool, limit: int, as_json: bool, archive: str | None) -> None:
    """Find the same story under several addresses, channels or sources, and group its prints. No article is taken
    away: --unique of other verbs counts a story once. Only what came or changed since the last time is compared.

    Example: zjcrawl reprints --limit 20
    """
    from zjcrawl import reprints

    folder = archive_folder(context, archive)
    errors = Console(stderr=True)
    bar = Progress(
        TextColumn("comparing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
        transient=True,
    )
    task = bar.add_task("", total=None)
    with bar if errors.is_terminal else nullcontext():
        done = reprints.group(folder, anew=anew, progress=lambda at, of: bar.update(task, completed=at, total=of))
    with Archive(folder) as held:
        stories = list(reprints.largest(held, limit))
    if as_json:
        shown = [[dict(zip(_COLUMNS, one, strict=True)) for one in story.prints] for story in stories]
        print_json({**done.as_json(), "largest": shown})
        return
    for story in stories:
        _print(story)
    click.echo(
        f"{done.new:,} articles compared; {done.articles:,} articles tell {done.stories:,} stories, "
        f"{done.reprinted:,} of them in several places"
    )


def _print(story: Story) -> None:
    title = next((one[4] for one in story.prints if one[4]), None)
    table = Table(box=None, show_header=False, pad_edge=False, title_justify="left", title_style="bold")
    table.title = Text(legible(title or "–"))
    for column in ("right", "left", "left", "left", "left"):
        table.add_column(justify="right" if column == "right" else "left", overflow="ellipsis", no_wrap=True)
    for article_id, day, channel, source, printed, _ in story.prints:
        other = "" if printed == title else legible(printed or "–")
        table.add_row(str(article_id), day, channel or "–", Text(legible(source or "–")), Text(other))
    console().print(table)
    click.echo()
