"""`zjcrawl serve`: the archive in a browser."""

import click

from zjcrawl.archive import Archive
from zjcrawl.cli.common import archive_folder, archive_option
from zjcrawl.errors import InputError


@click.command("serve", short_help="The archive in a browser, on this machine.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="HOST", help="Where to listen; others can read what is not loopback.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, metavar="N", help="0 is any that is free.")  # fmt: skip
@click.option(
    "--sql", is_flag=True, help="Allow arbitrary (reading) SQL; without it only the stored queries are asked."
)
@click.option("--open", "browser", is_flag=True, help="Open a browser.")
@archive_option
@click.pass_context
def serve_command(context: click.Context, host: str, port: int, sql: bool, browser: bool, archive: str | None) -> None:
    """Serve the archive as pages: what it holds, search, articles with their wordings and evidence, counts, coverage. It is
    only read, also while a crawl writes it. Ctrl-C ends it.

    Example: zjcrawl serve --archive data/demo --open
    """
    folder = archive_folder(context, archive)
    Archive(folder).close()
    try:
        from zjcrawl.web.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("zjcrawl"):
            raise
        raise InputError(
            f"pages need {error.name}: install what is missing with pip install 'zjcrawl[serve]'"
        ) from error
    serve(folder, host, port, sql=sql, browser=browser, say=lambda address: click.echo(f"{address}  (Ctrl-C ends it)"))
