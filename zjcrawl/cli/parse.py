"""`zjcrawl parse`: what a page says, field by field, and why we think so."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from zjcrawl import channels
from zjcrawl.archive import ARTICLE_COLUMNS, Archive
from zjcrawl.channels import Registry
from zjcrawl.cli.common import archive_folder, archive_option, print_json
from zjcrawl.errors import InputError
from zjcrawl.models import Article, Capture
from zjcrawl.parse import parse
from zjcrawl.urls import absolute, canonical


@click.command("parse", short_help="Read pages and print their fields with the evidence.")
@click.argument("pages", nargs=-1, required=True, metavar="FILE|URL...")
@click.option("--url", metavar="URL", help="The address a FILE was saved from: it tells channel, day and pictures.")
@click.option("--content-type", metavar="TYPE", help="The Content-Type header a FILE came with.")
@click.option("--json", "as_json", is_flag=True, help="Accepted for symmetry: JSON is what is printed anyway.")
@archive_option
@click.pass_context
def parse_command(
    context: click.Context,
    pages: tuple[str, ...],
    url: str | None,
    content_type: str | None,
    as_json: bool,
    archive: str | None,
) -> None:
    """Print one JSON object for each page: the columns of an article by name, and `evidence` by column (what was
    printed, where, by which rule, how sure).

    A FILE is a saved page of any site. A URL is a page that the archive keeps; nothing is fetched.

    Example: zjcrawl parse saved.html --url http://jx.zjol.com.cn/202304/t20230406_25603389.shtml
    """
    if url is not None:
        if len(pages) > 1:
            raise InputError("--url names one address, but there are several pages: give them one by one")
        if absolute("", url) is None:
            raise InputError(f"--url {url!r} is no web address: write it in full, beginning with http://")
    registry = channels.load()
    refused: list[InputError] = []
    for page in pages:
        try:
            archived = absolute("", page) is not None
            captures = kept(archive_folder(context, archive), page) if archived else [_saved(page, url, content_type)]
            article = _read(captures, registry, page)
            print_json(described(article))
        except InputError as error:
            refused.append(error)
            click.echo(f"zjcrawl: {error}", err=True)
    context.exit(InputError.exit_code if refused else 0)


def _read(captures: list[Capture], registry: Registry, name: str) -> Article:
    try:
        return parse(captures, registry)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error


def described(article: Article) -> dict[str, Any]:
    """An article as the JSON object that `parse` prints; columns that only an archive can fill are null."""
    row: dict[str, Any] = dict.fromkeys(ARTICLE_COLUMNS) | article.columns()
    row |= {
        "url": article.url or None,
        "blocks": [block.as_json() for block in article.blocks],
        "images": [{"src": image.src, "caption": image.caption} for image in article.images],
        "warnings": article.warnings,
    }
    row["credits"] = [{"role": c.role, "name": c.name, "printed": c.printed} for c in article.credits]
    row["evidence"] = article.told()
    return row


def _saved(name: str, url: str | None, content_type: str | None) -> Capture:
    path = Path(name)
    try:
        body = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror or error}") from error
    if not body.strip():
        raise InputError(f"{name} is empty: there is no page to read")
    headers = ((b"Content-Type", content_type.encode("utf-8", "replace")),) if content_type else ()
    address = url or ""
    return Capture(address, address, datetime.now(UTC), 200, headers, body)


def kept(folder: Path, url: str) -> list[Capture]:
    """The captures that the current wording of an archived article was read from, or the last capture of a page."""
    with Archive(folder) as archive:
        wording = [
            row[0]
            for row in archive.rows(
                "SELECT c.capture_id FROM articles a JOIN article_captures c ON c.article_id = a.id"
                " AND c.revision = a.revision WHERE a.url = ? ORDER BY c.part",
                (canonical(url),),
            )
        ]
        last = archive.value(
            "SELECT max(id) FROM captures WHERE final_url IN (?, ?) OR url = ?", (url, canonical(url), url)
        )
        ids = wording or ([last] if last else [])
        if not ids:
            raise InputError(
                f"the archive in {folder} has no capture of {url}: crawl its channel, or save it as a file"
            )
        return [archive.capture(number) for number in ids]
