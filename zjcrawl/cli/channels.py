"""`zjcrawl channels`: the registry, with what the archive holds of each channel."""

from pathlib import Path
from typing import Any

import click
from rich.table import Table

from zjcrawl import channels
from zjcrawl.archive import Archive
from zjcrawl.cli.common import archive_folder, archive_option, console, json_option, print_json
from zjcrawl.errors import InputError

_KINDS = {"city": "市", "county": "县", "topic": "专题", "epaper": "数字报"}


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
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("channel", "name", "kind", "prefecture", "host"):
        table.add_column(name, no_wrap=True)
    table.add_column("lists", justify="right")
    table.add_column("articles", justify="right")
    table.add_column("newest", no_wrap=True)
    for row in rows:
        lists = str(len(row["lists"])) if row["lists"] else "[dim]not crawled[/]"
        count = f"{row['articles']:,}" if row["articles"] else "[dim]–[/]"
        table.add_row(
            row["slug"],
            row["name"],
            _KINDS[row["kind"]],
            row["prefecture"],
            row["host"],
            lists,
            count,
            row["newest"] or "",
        )
    console().print(table)


def _held(folder: Path) -> dict[str, dict[str, Any]]:
    """Articles and the newest publication time by channel; nothing where there is no archive yet."""
    try:
        with Archive(folder) as archive:
            found = archive.rows("SELECT channel, count(*), max(published_at) FROM articles GROUP BY channel")
            return {channel: {"articles": count, "newest": newest} for channel, count, newest in found}
    except InputError:
        if (folder / "archive.db").exists():
            raise
        return {}
