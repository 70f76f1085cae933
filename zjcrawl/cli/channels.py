"""`zjcrawl channels`: the registry, with what the archive holds of each channel."""

from pathlib import Path
from typing import Any

import click
from rich.table import Table

from zjcrawl import channels
from zjcrawl.archive import Archive
from zjcrawl.cli.common import archive_folder, archive_option, console, json_option, print_json
from zjcrawl.errors import NoArchiveError

_KINDS = {"city": "市", "county": "县", "topic": "专题", "epaper": "数字报"}
_WIDE = 91  # characters that all columns need


@click.command("channels", short_help="The registry, with what the archive holds of each channel.")
@click.option(
    "--channels", "file", type=click.Path(path_type=Path), metavar="FILE", help="Channels to add or override."
)
@json_option
@archive_option
@click.pass_context
def channels_command(context: click.Context, file: Path | None, as_json: bool, archive: str | None) -> None:
    """List the channels: slug, name, kind, prefecture, host, list pages, and the articles archived of each.

    Example: zjcrawl channels --json
    """
    held = _held(archive_folder(context, archive))
    rows: list[dict[str, Any]] = [
        {
            "slug": channel.slug,
            "name": channel.name,
            "kind": channel.kind,
            "prefecture": channel.prefecture,
            "host": channel.host,
            "lists": list(channel.lists),
            **held.get(channel.slug, {"articles": 0, "newest": None}),
        }
        for channel in channels.load(file).channels.values()
    ]
    if as_json:
        print_json(rows)
        return
    screen = console()
    screen.print(_table(rows, wide=screen.width >= _WIDE))


def _table(rows: list[dict[str, Any]], *, wide: bool) -> Table:
    """The channels, a line each; where there is no room for all columns, without the one that others imply."""
    headings = ["channel", "name", "kind", *(["prefecture"] if wide else []), "host", "lists", "articles", "newest"]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right" if heading in ("lists", "articles") else "left", no_wrap=True)
    for row in rows:
        cells = row | {
            "channel": row["slug"],
            "kind": _KINDS[row["kind"]],
            "lists": str(len(row["lists"]) or "–"),
            "articles": f"{row['articles']:,}" if row["articles"] else "–",
            "newest": (row["newest"] or "")[: len("2019-07-24")],
        }
        table.add_row(*(cells[heading] for heading in headings))
    return table


def _held(folder: Path) -> dict[str, dict[str, Any]]:
    """Articles and the newest publication time by channel; nothing where there is no archive yet."""
    try:
        with Archive(folder) as archive:
            found = archive.rows("SELECT channel, count(*), max(published_at) FROM articles GROUP BY channel")
            return {channel: {"articles": count, "newest": newest} for channel, count, newest in found}
    except NoArchiveError:
        return {}
