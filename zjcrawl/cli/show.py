"""`zjcrawl show`: an article as a page is read, and what the archive knows of it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from zjcrawl import words
from zjcrawl.archive import Archive, ArchivedArticle, Revision
from zjcrawl.archive.archived import Event, Placement, as_json
from zjcrawl.cli.common import archive_folder, archive_option, console, json_option, print_json
from zjcrawl.cli.parse import described, of_archive
from zjcrawl.cli.typeset import seen, wrapped
from zjcrawl.models import Block
from zjcrawl.wording import credited

T = TypeVar("T")
_MEASURE = 100  # cells; longer lines are hard to read
_LABEL = 10


@click.command("show", short_help="An article as a page is read, with its history.")
@click.argument("named", metavar="ID|URL")
@click.option("--revision", type=click.IntRange(1), metavar="N", help="An earlier wording (default: the current one).")
@click.option("--evidence", is_flag=True, help="Also where each column was found, and the captures it was read from.")
@json_option
@archive_option
@click.pass_context
def show_command(
    context: click.Context, named: str, revision: int | None, evidence: bool, as_json: bool, archive: str | None
) -> None:
    """Print an article of the archive, named by its id or any form of its address: headline, byline, text, tags, then
    its state, channels, warnings and history. What page text cannot be trusted with, it cannot do: controls are written
    out.

    Example: zjcrawl show http://jx.zjol.com.cn/202304/t20230406_25603389.shtml --evidence
    """
    with Archive(archive_folder(context, archive)) as held:
        article = held.article(named)
    wording = article.current if revision is None else article.revision(revision)
    if as_json:
        print_json(everything(article, wording))
        return
    out = console(elsewhere=200)
    page = _Page(out)
    page.read(wording)
    page.known(article, wording)
    if evidence:
        page.evidence(wording)


def everything(article: ArchivedArticle, wording: Revision) -> dict[str, Any]:
    """The columns of a wording, as `parse` prints them, and all that the archive knows of the article."""
    return (
        described(wording.article)
        | of_archive(article, wording)
        | {
            "credits": _credits_json(wording),
            "text_sha256": wording.text_sha256,
            "placements": [as_json(placement) for placement in article.placements],
            "revisions": [one.as_json() for one in article.revisions],
            "observations": [as_json(look) for look in article.observations],
            "history": [as_json(event) for event in article.events()],
        }
    )


def _credits_json(wording: Revision) -> list[dict[str, Any]]:
    """Who is credited; `printed` is null for an earlier wording, of which only names are kept."""
    article = wording.article
    if wording.replaced_at is None:
        return [{"role": one.role, "name": one.name, "printed": one.printed} for one in article.credits]
    return [
        {"role": role, "name": name, "printed": None} for role, names in credited(article).items() for name in names
    ]


class _Page:
    """Prints an article on a console; off a terminal, every paragraph as one line."""

    def __init__(self, out: Console) -> None:
        self.out = out
        self.width = min(out.width, _MEASURE) if out.is_terminal else None

    # -- as a page is read -------------------------------------------------------------------------------------------

    def read(self, wording: Revision) -> None:
        article = wording.article
        for text, style in ((article.kicker, "dim"), (article.title, "bold"), (article.subtitle, "")):
            if text:
                self._line(seen(text, style))
        self._line(seen("　".join(_byline(wording))))
        self._line()
        for block in article.blocks:
            self._block(block)
        if not article.blocks:
            self._line(Text(f"(no text: {article.kind})", "dim"))
        if article.tags or article.notice:
            self._line()
        if article.tags:
            self._line(seen("标签：" + "　".join(article.tags)))
        if article.notice:
            self._line(seen(article.notice, "dim"))

    def _block(self, block: Block) -> None:
        if block.kind == "heading":
            self._line()
            self._line(seen(block.text, "bold"))
        elif block.kind == "image":
            self._line(seen(f"[图] {block.src or ''}", "dim"))
        elif block.kind == "caption":
            self._line(seen(f"[图注] {block.text}"))
        elif block.kind == "quote":
            for line in wrapped(seen(block.text), self.width and self.width - 4):
                self._line(Text().append("  │ ", "dim").append_text(line))
        elif block.kind == "table" and self.width:
            self._table(block.text)
        else:
            self._line(seen(("　　" if block.kind == "paragraph" else "") + block.text))

    def _table(self, text: str) -> None:
        table = Table(show_header=False)
        for row in text.split("\n"):
            table.add_row(*(seen(cell) for cell in row.split("\t")))
        self.out.print(table)

    # -- what the archive knows --------------------------------------------------------------------------------------

    def known(self, article: ArchivedArticle, wording: Revision) -> None:
        current = article.current.number
        self._line()
        self._entry("article", str(article.id))
        self._entry("address", article.url)
        self._entry("state", f"{_STATES[article.state]} · last seen {when(article.last_seen_at)}")
        if wording.number == current:
            self._entry("wording", f"revision {current} of {len(article.revisions)}")
        else:
            self._entry("wording", f"revision {wording.number} of {len(article.revisions)}, an earlier one", "bold")
        for label, one in _labelled("channels", article.placements):
            self._entry(label, _placed(one))
        for label, code in _labelled("warnings", wording.article.warnings):
            self._entry(label, f"{code}: {words.warning(code)}", "yellow")
        for label, event in _labelled("history", article.events()):
            self._entry(label, happened(event))

    def evidence(self, wording: Revision) -> None:
        table = Table(box=None, header_style="bold", pad_edge=False, title_justify="left")
        for name in ("column", "printed", "where", "rule"):
            table.add_column(name, overflow="fold")
        table.add_column("sure", justify="right")
        for column, found in wording.article.evidence.items():
            for printed in found:
                cells = (column, printed.text or "–", printed.where, printed.rule)
                table.add_row(*(seen(cell) for cell in cells), f"{printed.sure:.2f}")
        self._line()
        self.out.print(table)
        captures = Table(box=None, header_style="bold", pad_edge=False)
        for name in ("capture", "page", "fetched at", "status", "WARC file", "offset"):
            captures.add_column(name, overflow="fold")
        for one in wording.captures:
            file = one.warc_file if one.revisit_of is None else f"{one.warc_file} (revisit of capture {one.revisit_of})"
            row = (one.id, one.part, when(one.fetched_at), one.status, file, one.warc_offset)
            captures.add_row(*(seen(str(cell)) for cell in row))
        self._line()
        self.out.print(captures)

    def _entry(self, label: str, text: str, style: str = "") -> None:
        self._line(seen(text, style), indent=_LABEL, label=label)

    def _line(self, text: Text | None = None, indent: int = 0, label: str = "") -> None:
        for line in wrapped(text or Text(), self.width, indent, label):
            if self.width:
                self.out.print(line, soft_wrap=True)
            else:
                click.echo(line.plain)  # tabs as they are


_STATES = {
    "live": "live",
    "gone": "gone: no longer retrievable",
    "suspect": "suspect: it was missing when last looked for",
}


def when(moment: datetime) -> str:
    """One of our own times, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M:%SZ}"


def span(first: datetime, last: datetime) -> str:
    """From the first to the last time; one time as such."""
    return when(first) if first == last else f"{when(first)} – {when(last)}"


def happened(event: Event) -> str:
    """An event in words."""
    time = span(event.at, event.until)
    what = words.HAPPENED[event.kind] + (f", {event.times} times" if event.times > 1 else "")
    more = f"revision {event.revision}" if event.revision else event.why
    capture = f" · capture {event.capture_id}" if event.capture_id else ""
    return f"{time}  {what}{f': {more}' if more else ''}{capture}"


def _byline(wording: Revision) -> Iterator[str]:
    article = wording.article
    if article.published_at is not None:
        yield article.published_at.strftime(words.TIMES[article.published_precision or "second"])
    elif article.published_printed:
        yield f"{article.published_printed} (as printed)"
    if article.source:
        yield f"来源：{article.source}"
    names: dict[str, list[str]] = {}
    for credit in _credits_json(wording):
        names.setdefault(credit["role"], []).append(credit["name"])
    for role, label in words.ROLES.items():
        if role in names:
            yield f"{label} {'、'.join(names[role])}"


def _placed(placement: Placement) -> str:
    listed = f", listed {placement.listed_at:%Y-%m-%d}" if placement.listed_at else ""
    return f"{placement.channel}{listed} · seen there {span(placement.first_seen_at, placement.last_seen_at)}"


def _labelled(label: str, values: Iterable[T]) -> Iterator[tuple[str, T]]:
    """Each value with the label that stands before the first of them."""
    for place, value in enumerate(values):
        yield "" if place else label, value
