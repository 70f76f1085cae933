"""One article: as a page is read, what the archive knows of it, and two of its wordings side by side."""

from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup, escape

from zjcrawl import words as codes
from zjcrawl.archive import Archive, ArchivedArticle, Revision
from zjcrawl.errors import InputError
from zjcrawl.models import Block
from zjcrawl.web.asking import Ask
from zjcrawl.web.typeset import seen
from zjcrawl.web.words import Words
from zjcrawl.wording import BlockStep, Change, Step, compare, credited, graphemes

STATES = {
    "gone": "This article is no longer retrievable from the portal; the wording stays.",
    "suspect": "This article was missing when it was last looked for.",
}
HAPPENED = {**codes.HAPPENED, "first": "first wording"}  # how a wording came to be, or what a look saw
_AROUND = 40  # equal characters shown beside a change, where there are many more


class MissingError(InputError):
    """There is no such article."""


def named(held: Archive, name: str) -> ArchivedArticle:
    """An article by its id or any form of its address. Raises MissingError."""
    try:
        return held.article(name)
    except InputError as error:
        raise MissingError(str(error)) from error


def page(held: Archive, ask: Ask, words: Words, article_id: str) -> dict[str, Any]:
    """What an article's page shows; `revision` is the number of an earlier wording."""
    article = named(held, article_id)
    wording = article.revision(ask.number("revision")) if ask.one("revision") else article.current
    read = wording.article
    at = read.published_at
    return {
        "article": article,
        "wording": wording,
        "read": read,
        "is_current": wording is article.current,
        "published": at.strftime(codes.TIMES[read.published_precision or "second"]) if at else None,
        "credits": _credits(wording),
        "blocks": list(_sections(read.blocks)),
        "warnings": [(code, _doubt(code, words)) for code in read.warnings],
        "events": article.events(),
        "reprints": list(held.rows(_REPRINTS, (article.id,))),
        "STATES": STATES,
        "HAPPENED": HAPPENED,
    }


_REPRINTS = """
SELECT a.id, a.channel, a.published_at, a.source FROM stories one JOIN stories other ON other.story_id = one.story_id
JOIN articles a ON a.id = other.article_id WHERE one.article_id = ? AND a.id <> one.article_id
ORDER BY a.published_at, a.id LIMIT 50"""


def _doubt(code: str, words: Words) -> str:
    """A warning in words; a code that nobody knows stays one."""
    what = code.removesuffix("_unsure")
    if what != code:
        return words("{what} was found, but too unsurely to be given", what=words(what))
    return words(codes.WARNINGS[code]) if code in codes.WARNINGS else code


def _credits(wording: Revision) -> list[tuple[str, str, list[str]]]:
    """Who is credited: the role, as the pages print it, and the names."""
    return [(role, codes.ROLES[role], names) for role, names in credited(wording.article).items() if names]


def _sections(blocks: Sequence[Block]) -> Iterator[dict[str, Any]]:
    """The blocks as they are set: a table as rows of cells."""
    for block in blocks:
        rows = [line.split("\t") for line in block.text.split("\n")] if block.kind == "table" else None
        yield {"kind": block.kind, "text": block.text, "src": block.src, "rows": rows}


# -- two wordings ----------------------------------------------------------------------------------------------------


def diff(held: Archive, ask: Ask, words: Words, article_id: str) -> dict[str, Any]:
    """Two wordings side by side: `from` and `to` are their numbers, the last two where none are named."""
    article = named(held, article_id)
    numbers = [one.number for one in article.revisions]
    if len(numbers) == 1:
        raise InputError(words("This article has one wording: there is nothing to compare."))
    new = article.revision(ask.number("to", numbers[-1]))
    before = [number for number in numbers if number < new.number] or [numbers[-1]]
    old = article.revision(ask.number("from", before[-1]))
    if old is new:
        raise InputError(words("Both are the same wording: choose two."))
    changes = compare(old.article, new.article)
    first, last = sorted((old.number, new.number))
    return {
        "article": article,
        "HAPPENED": HAPPENED,
        "old": old,
        "new": new,
        "rows": list(_rows(changes, words)),
        "ours": [
            one.number for one in article.revisions if first < one.number <= last and one.change_kind == "reparse"
        ],
        "coarse": [change.field for change in changes if change.coarse],
    }


Row = dict[str, Any]  # `label` says what it is; `old` and `new` are its sides, missing where `label` is all


def _rows(changes: Sequence[Change], words: Words) -> Iterator[Row]:
    """The fields that changed, and of the blocks how many in a row did not."""
    for change in changes:
        if change.changed and change.blocks:
            for step in change.blocks:
                yield from _block_rows(step, words)
        elif change.changed:
            old, new = _sides(change.text, words)
            yield {"label": words(change.field), "old": old, "new": new}


def _block_rows(step: BlockStep, words: Words) -> Iterator[Row]:
    if step.op == "equal":
        yield {"label": words("{n} blocks the same", n=len(step.old))}
    elif step.op == "replace":
        (was,), (now,) = step.old, step.new
        old, new = _sides(step.text, words)
        if was.src != now.src:
            old, new = old + _changed("del", was.src or ""), new + _changed("ins", now.src or "")
        kinds = words(was.kind) if was.kind == now.kind else f"{words(was.kind)} → {words(now.kind)}"
        yield {"label": f"{kinds} {_places(step)}", "old": old, "new": new}
    for place, block in enumerate(step.old if step.op == "delete" else (), start=step.old_at + 1):
        yield {"label": f"{words(block.kind)} {place}", "old": _changed("del", _content(block)), "new": Markup("")}
    for place, block in enumerate(step.new if step.op == "insert" else (), start=step.new_at + 1):
        yield {"label": f"{words(block.kind)} {place}", "old": Markup(""), "new": _changed("ins", _content(block))}


def _places(step: BlockStep) -> str:
    old, new = step.old_at + 1, step.new_at + 1
    return str(old) if old == new else f"{old} → {new}"


def _content(block: Block) -> str:
    return block.src or "" if block.kind == "image" else block.text


def _sides(steps: Sequence[Step], words: Words) -> tuple[Markup, Markup]:
    old, new = Markup(""), Markup("")
    for place, step in enumerate(steps):
        if step.op == "equal":
            same = _shortened(step.old, words, is_first=place == 0, is_last=place == len(steps) - 1)
            old, new = old + same, new + same
        else:
            old, new = old + _changed("del", step.old), new + _changed("ins", step.new)
    return old, new


def _changed(tag: str, text: str) -> Markup:
    return Markup("<{0}>{1}</{0}>").format(Markup(tag), seen(text)) if text else Markup("")


def _shortened(text: str, words: Words, *, is_first: bool, is_last: bool) -> Markup:
    """Equal text, its middle left out where it is long; at an end of the whole, all but what is near the change."""
    characters = graphemes(text)
    head, tail = 0 if is_first and not is_last else _AROUND, 0 if is_last else _AROUND
    left_out = len(characters) - head - tail
    if left_out <= 2 * _AROUND:
        return seen(text)
    note = Markup(' <span class="same">… {} …</span> ').format(
        escape(words("{n} characters the same", n=f"{left_out:,}"))
    )
    return seen("".join(characters[:head])) + note + seen("".join(characters[len(characters) - tail :]))
