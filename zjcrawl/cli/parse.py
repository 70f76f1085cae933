"""`zjcrawl parse`: what a page says, field by field, and why we think so."""

from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from zjcrawl import channels
from zjcrawl.archive import ARTICLE_COLUMNS, Archive, ArchivedArticle, Revision
from zjcrawl.archive.archived import Kept, as_json
from zjcrawl.archive.values import stamp
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
            if absolute("", page) is not None:
                captures, known = _archived(folder, page)
            else:
                captures, known = [_saved(page, url, content_type)], {}
            article = _read(captures, registry, page, known.get("channel"))
            article.warnings += known.pop("also", [])
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


_INSTEAD = {
    "page_gone": "no text of an article, but says that there is none at its address",
    "page_blocked": "no text of an article, but asks who is reading: save it where a reader was let in",
}


def _missing(article: Article) -> str:
    """What an article needs and this one lacks, in words; a stub needs nothing."""
    if "list_page" in article.warnings:
        return "no text of its own, but a list of articles: give one of them"
    for warning, told in _INSTEAD.items():
        if warning in article.warnings:
            return told
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
    return _archived(folder, url)[0]


def of_archive(article: ArchivedArticle, wording: Revision) -> dict[str, Any]:
    """The columns that only an archive can fill, and the captures the wording was read from."""
    return {
        "id": article.id,
        "revision": wording.number,
        "state": article.state,
        "first_seen_at": stamp(article.first_seen_at),
        "last_seen_at": stamp(article.last_seen_at),
        "changed_at": stamp(article.changed_at),
        "capture_id": wording.captures[0].id if wording.captures else None,
        "captures": [as_json(capture) for capture in wording.captures],
    }


def _archived(folder: Path, url: str) -> tuple[list[Capture], dict[str, Any]]:
    """The captures of an archived page, and what only the archive knows of it: `of_archive`, the channel, and `also` the
    warnings that stand on no page."""
    with Archive(folder) as archive:
        try:
            article = archive.article(url)
        except InputError:
            last = _last(archive, url)
            return [archive.capture(last["id"])], {"captures": [last]}
        wording = article.current
        known = of_archive(article, wording) | {
            "channel": wording.article.channel,
            "also": [warning for warning in wording.article.warnings if warning == "incomplete"],
        }
        return [archive.capture(capture.id) for capture in wording.captures], known


def _last(archive: Archive, url: str) -> dict[str, Any]:
    """The last capture of a page that is no article. Raises InputError where there is none."""
    with suppress(ValueError):  # what is no web address was never fetched
        for row in archive.rows(_LAST, (url, canonical(url), url)):
            return dict(row)
    raise InputError(
        f"the archive in {archive.folder} has no capture of {url}: crawl its channel, or save it as a file"
    )


_LAST = f"""
SELECT {", ".join("1 AS part" if field.name == "part" else field.name for field in fields(Kept))} FROM captures
WHERE id = (SELECT max(id) FROM captures WHERE final_url IN (?, ?) OR url = ?)"""
