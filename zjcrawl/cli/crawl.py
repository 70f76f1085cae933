"""`zjcrawl crawl`: one incremental run."""

from contextlib import suppress
from typing import Any

import click

from zjcrawl.cli.common import archive_folder, archive_option, json_option, print_json
from zjcrawl.screen import NoReaderError


@click.command("crawl", short_help="One incremental run: listings, new articles, leftovers of an interrupted run.")
@click.argument("channels", nargs=-1, metavar="[CHANNEL]...")
@click.option("--since", metavar="DATE", help="Leave out what is older: 2019-07-24, 2019-07 or 2019.")
@click.option("--until", metavar="DATE", help="Leave out what is younger.")
@click.option("--limit", type=int, metavar="N", help="At most N articles; the rest waits.")
@click.option(
    "--listing-pages",
    default=3,
    show_default=True,
    metavar="N",
    help="Pages of each list, newest first. Paging ends sooner where everything is known.",
)
@click.option(
    "--rechecks",
    default=2000,
    show_default=True,
    metavar="N",
    help="At most N known articles are looked at again, if due.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=0),
    metavar="N",
    help="Processes that read pages, so that asking and storing need not wait: 0 reads in the crawl's own (default: one"
    " less than there are cores, 2 at most).",
)
@click.option(
    "--channels",
    "channels_file",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="A TOML file of channels to add to the packaged ones, or to put in their place.",
)
@click.option("-s", "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of Scrapy or ours.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Log lines for people, or a JSON object a line, one for every outcome.",
)
@json_option
@archive_option
@click.pass_context
def crawl_command(
    context: click.Context,
    /,
    channels: tuple[str, ...],
    workers: int | None,
    channels_file: str | None,
    settings: tuple[str, ...],
    log_format: str | None,
    as_json: bool,
    archive: str | None,
    **wishes: Any,
) -> None:
    """Read the list pages of the CHANNELs (all that can be crawled when none is named), fetch what is new, and finish
    what an interrupted run left.

    Example: zjcrawl crawl jx nhnews --limit 200
    """
    from zjcrawl.crawl import crawl, settings_from  # Scrapy is slow to import and needed by no other verb
    from zjcrawl.progress import show

    folder = archive_folder(context, archive)
    chosen = settings_from(
        settings,
        ZJCRAWL_ARCHIVE=folder,
        ZJCRAWL_CHANNELS=channels_file,
        ZJCRAWL_LOG_FORMAT=log_format,
        ZJCRAWL_WORKERS=workers,
    )
    summary = crawl(chosen, channels=channels, **wishes)
    with suppress(NoReaderError):  # the run is done, and its exit code is still the truth
        print_json(summary.as_json()) if as_json else show(summary, aloud=chosen["ZJCRAWL_LOG_FORMAT"] != "json")
    context.exit(summary.exit_code)
