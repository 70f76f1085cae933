"""`zjcrawl diff`: the wordings of an article side by side."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from zjcrawl.archive import Archive, ArchivedArticle, Revision
from zjcrawl.archive.archived import as_json as flat
from zjcrawl.cli.common import archive_folder, archive_option, console, json_option, print_json
from zjcrawl.cli.show import span, when
from zjcrawl.cli.typeset import seen, wrapped
from zjcrawl.errors import InputError
from zjcrawl.models import Block
from zjcrawl.wording import BlockStep, Change, Step, compare, graphemes

_NARROWEST = 40  # cells that two columns need
_AROUND = 40  # equal characters shown beside a change, where there are many more
_CHANGE_KINDS = {None: "first wording", "edit": "edited by the publisher", "reparse": "read otherwise by us"}

Row = tuple[str, Text, Text]  # what it is, the old side, the new side


@click.command("diff", short_help="Two wordings of an article side by side, by characters.")
@click.argument("named", metavar="ID|URL")
@click.option("--from", "from_", type=click.IntRange(1), metavar="N", help="The older revision (default: one before).")
@click.option("--to", type=click.IntRange(1), metavar="M", help="The newer revision (default: the current one).")
@click.option(
    "--width", type=click.IntRange(_NARROWEST), metavar="CELLS", help="Of the output (default: the terminal's)."
)
@json_option
@archive_option
@click.pass_context
def diff_command(
    context: click.Context,
    named: str,
    from_: int | None,
    to: int | None,
    width: int | None,
    as_json: bool,
    archive: str | None,
) -> None:
    """Show what changed between two wordings of an article, named by its id or any form of its address. Without colours,
    [-deleted-] and {+inserted+} text stands in brackets.

    Example: zjcrawl diff http://jx.zjol.com.cn/202304/t20230406_25603389.shtml --from 1
    """
    with Archive(archive_folder(context, archive)) as held:
        article = held.article(named)
    old, new = chosen(article, from_, to)
    changes = compare(old.article, new.article) if old else []
    if as_json:
        print_json(described(article, old, new, changes))
    elif old is None:
        click.echo(f"article {article.id} has one wording, first seen {when(new.seen_at)}: there is nothing to compare")
    else:
        _print(console(width), article, old, new, changes)


def chosen(article: ArchivedArticle, from_: int | None, to: int | None) -> tuple[Revision | None, Revision]:
    """The two wordings to compare; None for the old one where there is only one. Raises InputError."""
    new = article.current if to is None else article.revision(to)
    old = article.revision(from_) if from_ is not None else None
    if len(article.revisions) == 1:
        return None, new
    if old is None:
        earlier = [one for one in article.revisions if one.number < new.number]
        if not earlier:
            raise InputError(f"revision {new.number} of article {article.id} is the first: name the other with --from")
        old = earlier[-1]
    if old is new:
        raise InputError(f"--from and --to are both revision {new.number} of article {article.id}: name two")
    return old, new


def described(
    article: ArchivedArticle, old: Revision | None, new: Revision, changes: Iterable[Change]
) -> dict[str, Any]:
    """The comparison as JSON: the two wordings and, field by field, the operations that make the new of the old."""
    return {
        "id": article.id,
        "url": article.url,
        "revisions": len(article.revisions),
        "from": _wording(old) if old else None,
        "to": _wording(new),
        "fields": [change.as_json() for change in changes],
    }


def _wording(revision: Revision) -> dict[str, Any]:
    return revision.as_json() | {"captures": [flat(capture) for capture in revision.captures]}


# -- on a terminal -------------------------------------------------------------------------------------------------


def _print(out: Console, article: ArchivedArticle, old: Revision, new: Revision, changes: Sequence[Change]) -> None:
    marks = _Marks(colours=out.is_terminal and not out.no_color)
    table = Table(box=box.MINIMAL, show_edge=False, expand=True, header_style="", pad_edge=False)
    cells = max(2, (out.width - 3) // 2)
    for revision in (old, new):
        table.add_column(_set(Text("\n").join(_heading(revision, len(article.revisions))), cells), ratio=1)
    for place, (label, was, now) in enumerate(_rows(changes, marks)):
        if place:
            table.add_row()
        table.add_row(Text(label, "dim"), Text())
        if was or now:
            table.add_row(_set(was, cells), _set(now, cells))
    _say(out, f"{article.id} · {article.url}")
    out.print(table)
    for note in _notes(article, old, new, changes):
        _say(out, note)


def _heading(revision: Revision, of: int) -> Iterator[Text]:
    yield Text(f"revision {revision.number} of {of} · {_CHANGE_KINDS[revision.change_kind]}", "bold")
    yield Text(f"seen {span(revision.seen_at, revision.last_seen_at)}", "dim")
    captures = ", ".join(str(capture.id) for capture in revision.captures)
    yield Text(f"capture {captures} · read by {revision.article.template} v{revision.article.template_version}", "dim")


def _notes(article: ArchivedArticle, old: Revision, new: Revision, changes: Sequence[Change]) -> Iterator[str]:
    if not any(change.changed for change in changes):
        yield "No field of the wording differs."
    first, last = sorted((old.number, new.number))
    ours = [str(one.number) for one in article.revisions if first < one.number <= last and one.change_kind == "reparse"]
    if ours:
        yield f"Revision {', '.join(ours)}: another reading of ours. What differs there is not the publisher's edit."
    if coarse := [change.field for change in changes if change.coarse]:
        yield f"Too long or too different to compare throughout, shown as replaced in parts: {', '.join(coarse)}."


class _Marks:
    """How deleted and inserted text is told from the rest: by colour, or in brackets where there is none."""

    def __init__(self, colours: bool) -> None:
        self.colours = colours

    def deleted(self, text: str) -> Text:
        return self._marked(text, "bold white on red", "[-", "-]")

    def inserted(self, text: str) -> Text:
        return self._marked(text, "bold black on green", "{+", "+}")

    def _marked(self, text: str, style: str, opening: str, closing: str) -> Text:
        if not text:
            return Text()
        shown = _flat(text.replace("\n", "⏎\n"))
        if self.colours:
            shown.stylize(style)
            return shown
        return Text(opening).append_text(shown).append(closing)


def _rows(changes: Iterable[Change], marks: _Marks) -> Iterator[Row]:
    """What is shown: the fields that changed, and of the blocks how many in a row did not."""
    for change in changes:
        if change.changed and change.blocks:
            for step in change.blocks:
                yield from _block_rows(step, marks)
        elif change.changed:
            yield (change.field, *_sides(change.text, marks))


def _block_rows(step: BlockStep, marks: _Marks) -> Iterator[Row]:
    if step.op == "equal":
        yield f"… {len(step.old):,} {'block' if len(step.old) == 1 else 'blocks'} the same …", Text(), Text()
    elif step.op == "replace":
        (was,), (now,) = step.old, step.new
        old, new = _sides(step.text, marks)
        if was.src != now.src:
            old.append_text(marks.deleted(was.src or "")), new.append_text(marks.inserted(now.src or ""))
        kinds = was.kind if was.kind == now.kind else f"{was.kind} → {now.kind}"
        yield f"{kinds} {_places(step.old_at, step.new_at)}", old, new
    for place, block in enumerate(step.old if step.op == "delete" else (), start=step.old_at + 1):
        yield f"{block.kind} {place}", marks.deleted(_content(block)), Text()
    for place, block in enumerate(step.new if step.op == "insert" else (), start=step.new_at + 1):
        yield f"{block.kind} {place}", Text(), marks.inserted(_content(block))


def _places(old: int, new: int) -> str:
    return str(old + 1) if old == new else f"{old + 1} → {new + 1}"


def _content(block: Block) -> str:
    return block.src or "" if block.kind == "image" else block.text


def _sides(steps: Sequence[Step], marks: _Marks) -> tuple[Text, Text]:
    old, new = Text(), Text()
    for place, step in enumerate(steps):
        if step.op == "equal":
            same = _shortened(step.old, is_first=place == 0, is_last=place == len(steps) - 1)
            old.append_text(same), new.append_text(same)
        else:
            old.append_text(marks.deleted(step.old)), new.append_text(marks.inserted(step.new))
    return old, new


def _shortened(text: str, *, is_first: bool, is_last: bool) -> Text:
    """Equal text, its middle left out where it is long; at an end of the whole text, all but what is near the change."""
    characters = graphemes(text)
    head, tail = 0 if is_first and not is_last else _AROUND, 0 if is_last else _AROUND
    left_out = len(characters) - head - tail
    if left_out <= 2 * _AROUND:
        return _flat(text)
    return (
        _flat("".join(characters[:head]))
        .append(f"{' ' if head else ''}… {left_out:,} characters the same …{' ' if tail else ''}", "dim italic")
        .append_text(_flat("".join(characters[len(characters) - tail :])))
    )


def _flat(text: str) -> Text:
    return seen(text.replace("\t", "⇥"))


def _set(text: Text, cells: int) -> Text:
    """The text with its lines broken for a column."""
    return Text("\n").join(wrapped(text, cells))


def _say(out: Console, text: str) -> None:
    for line in wrapped(seen(text), out.width):
        out.print(line, soft_wrap=True)
