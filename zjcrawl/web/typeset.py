"""Text of pages in HTML: always escaped, nothing in it can hide or reorder what stands beside it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from zjcrawl.kwic import Hit
from zjcrawl.unseen import pieces, visible

_BEFORE, _AFTER = 40, 60  # characters shown beside a match; wider than any column of a page


def seen(text: object) -> Markup:
    """A text with what cannot be seen written out and marked, apart from its surroundings whatever its direction."""
    return Markup("<bdi>{}</bdi>").format(_written(str(text))) if text not in (None, "") else Markup("")


def _written(text: str) -> Markup:
    parts = (
        Markup('<span class="unseen">{}</span>').format(piece) if is_out else escape(piece)
        for piece, is_out in pieces(text)
    )
    return Markup("").join(parts)


def plain(text: object) -> str:
    """The same without marks, where only text may stand."""
    return visible(str(text))


def local(address: str) -> str:
    """An address of this server without the name it was asked by."""
    return urlsplit(address)._replace(scheme="", netloc="").geturl()


def mark(text: str) -> Markup:
    """A match."""
    return Markup("<mark>{}</mark>").format(_written(text))


def marked(text: str, spans: Iterable[tuple[int, int]]) -> Markup:
    """A text with stretches of it marked as matches, however they overlap."""
    parts, at = [], 0
    for begin, end in sorted(spans):
        begin = max(begin, at)
        if begin < end:
            parts += [_written(text[at:begin]), mark(text[begin:end])]
            at = end
    return Markup("<bdi>{}</bdi>").format(Markup("").join([*parts, _written(text[at:])]))


def concordance(hit: Hit) -> dict[str, Markup]:
    """A hit as a line that is aligned on its match: `before`, `match`, `after`, each as long as it may be needed."""
    before, after = hit.before[-_BEFORE:], hit.after[:_AFTER]
    return {
        "before": seen(("…" if before != hit.before else "") + before.replace("\t", " ")),
        "match": mark(hit.text),
        "after": seen(after.replace("\t", " ") + ("…" if after != hit.after else "")),
    }


def is_web(address: object) -> bool:
    """Whether an address may be a link: `javascript:` and its kind may not."""
    try:
        return urlsplit(str(address)).scheme in ("http", "https")
    except ValueError:
        return False


def moment(when: datetime | str | None) -> str:
    """One of our own times as people write it, in UTC; "–" for none."""
    if when is None:
        return "–"
    at = datetime.fromisoformat(when) if isinstance(when, str) else when
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


def number(value: object) -> str:
    """A number with its thousands parted; "–" for none."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3g}" if isinstance(value, float) else str(value)
