"""`zjcrawl parse`: what a page says, field by field, and why we think so."""

from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Row
from typing import Any

import click

from zjcrawl import channels
from zjcrawl.archive import ARTICLE_COLUMNS, Archive
from zjcrawl.channels import Registry
from zjcrawl.cli.common import archive_folder, archive_option, print_json
from zjcrawl.errors import InputError, why
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
    folder = archive_folder(context, archive)
    code = 0
    for page in pages:
        try:
            archived = absolute("", page) is not None
            captures = kept(folder, page) if archived else [_saved(page, url, content_type)]
            known = _known(folder, page) if archived else {}
            article = _read(captures, registry, page, known.get("channel"))
            if "incomplete" in known.pop("warnings", ""):  # what could not be had stands on no page
                article.warnings.append("incomplete")
            print_json(described(article) | known)
            if missing := _missing(article):
                code = code or 3
                click.echo(f"zjcrawl: {page} could not be read as an article: it has {missing}", err=True)
        except InputError as error:
            code = error.exit_code
            click.echo(f"zjcrawl: {error}", err=True)
    context.exit(code)


def _read(captures: list[Capture], registry: Registry, name: str, channel: str | None) -> Article:
    try:
        return parse(captures, registry, channel=channel)
    except InputError as error:  # of a page that is called by its address, or not at all
        told = str(error)
        for address in (*(capture.final_url for capture in captures), "the page"):
            told = told.removeprefix(address)
        raise InputError(f"{name} {told.strip()}") from error


def _missing(article: Article) -> str:
    """What an article needs and this one lacks, in words; a stub needs nothing."""
    has = {"headline": article.title, "text": article.blocks or article.kind == "video"}
    return " and ".join(f"no {part}" for part, there in has.items() if not there and article.kind != "stub")


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
        raise InputError(f"cannot read {name}: {why(error)}") from error
    if not body.strip():
        raise InputError(f"{name} is empty: there is no page to read")
    headers = ((b"Content-Type", content_type.encode("utf-8", "replace")),) if content_type else ()
    address = url or ""
    return Capture(address, address, datetime.now(UTC), 200, headers, body)


def kept(folder: Path, url: str) -> list[Capture]:
    """The captures that the current wording of an archived article was read from, or the last capture of a page."""
    with Archive(folder) as archive:
        return [archive.capture(row["id"]) for row in _captures(archive, url)]


def _known(folder: Path, url: str) -> dict[str, Any]:
    """What only the archive knows of a page: columns of its article, if it is one, and the `captures` it is read from,
    by part."""
    with Archive(folder) as archive:
        captures = [dict(row) for row in _captures(archive, url)]
        columns = f"SELECT {', '.join(_OF_ARCHIVE)} FROM articles WHERE url = ?"
        row: Any = next(archive.rows(columns, (canonical(url),)), None)
        return (dict(row) if row is not None else {}) | {"captures": captures}


def _captures(archive: Archive, url: str) -> list[Row]:
    address = canonical(url)
    found = list(archive.rows(_OF_WORDING, (address,))) or list(archive.rows(_LAST, (url, address, url)))
    if not found:
        raise InputError(
            f"the archive in {archive.folder} has no capture of {url}: crawl its channel, or save it as a file"
        )
    return found


_OF_ARCHIVE = (
    "id", "channel", "revision", "state", "first_seen_at", "last_seen_at", "changed_at", "capture_id", "warnings",
)  # fmt: skip

_OF_WORDING = """
SELECT k.id, c.part, k.final_url AS url, k.fetched_at FROM articles a
JOIN article_captures c ON c.article_id = a.id AND c.revision = a.revision JOIN captures k ON k.id = c.capture_id
WHERE a.url = ? ORDER BY c.part"""

_LAST = """
SELECT id, 1 AS part, final_url AS url, fetched_at FROM captures
WHERE id = (SELECT max(id) FROM captures WHERE final_url IN (?, ?) OR url = ?)"""
