"""What every column of an article must be, from the wording that the model invented, never from the page it rendered.

Where the meaning of a column leaves room, this is the choice:

- What stands in the body stays in the body: the dateline, `（记者 赵六）` at its end, photo credits in captions.
  A `责任编辑` line, share bars, pagers and advertisements inside the body's element are not body.
- A dateline is what runs to its `讯` or `电`: `嘉兴在线7月24日讯`, `新华社…电`, also `本报讯`.
- A table is one block: cells parted by tabs, rows by newlines. A `blockquote` is a quote.
- The notice is its paragraphs joined by newlines, without its heading (版权和免责申明).
- A time printed to the day means midnight in Asia/Shanghai, one to the minute its second 0.
- 首席记者, 见习记者, 特约记者 and 作者 are reporters; 实习生 is an intern and has no column of its own (see `credits`);
  `文/图 X` is reporter and photographer; whoever is named in a caption's credit is a photographer only.
- Names keep printed order: byline beside the time, then the body (captions included), then the editor's line.
- Bodies in elements whose headline and time have no known markup are read by labels (template `labels`); TRS editors
  inside a `div.contTxt` are `mlf2016`.
- The channel follows from the address. A multi-page article has all its blocks under its first page's address.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from zjcrawl.model.bylines import Person
from zjcrawl.model.story import Printed
from zjcrawl.models import Precision, Role

TEMPLATES = {
    "ozoom": "system2006",
    "system": "system2012",
    "mlf": "mlf2016",
    "trs": "mlf2016",
    "artcon": "mlf2026",
    "containers": "labels",
    "redesign": "labels",
    "table": "labels",
}


def columns(page: Printed, channel: str | None) -> dict[str, Any]:
    """The columns of `models.Article.columns()` that follow from the page, lists and blocks not yet as JSON."""
    story = page.story
    blocks = list(_blocks(page))
    return {
        "url": page.url,
        "channel": channel,
        "breadcrumb": " > ".join(page.breadcrumb) or None,
        "kicker": story.kicker,
        "title": story.title,
        "subtitle": story.subtitle,
        "published_at": known_moment(page.moment, page.precision).isoformat(),
        "published_precision": page.precision,
        "published_printed": page.time,
        "source": page.source,
        "reporters": _names(page, "reporter"),
        "correspondents": _names(page, "correspondent"),
        "photographers": _names(page, "photographer"),
        "editors": _names(page, "editor"),
        "dateline": story.dateline,
        "body": "\n".join(block["text"] for block in blocks if block["kind"] != "image"),
        "blocks": blocks,
        "tags": ";".join(page.tags) or None,
        "images": _images(blocks),
        "notice": "\n".join(page.notice) or None,
        "kind": story.kind,
        "template": TEMPLATES[page.markup],
    }


def credits(page: Printed) -> list[Person]:
    """Everyone the page credits, as (role, name), each once, in printed order."""
    story = page.story
    beside = story.byline.people if story.byline else ()
    below = page.editor.people if page.editor else ()
    return list(dict.fromkeys((*beside, *story.people, *below)))


def known_moment(moment: datetime, precision: Precision) -> datetime:
    """A moment as far as it was printed."""
    step = {"second": timedelta(0), "minute": timedelta(seconds=moment.second)}
    return moment - step[precision] if precision in step else moment.replace(hour=0, minute=0, second=0)


def _names(page: Printed, wanted: Role) -> str | None:
    return ";".join(name for role, name in credits(page) if role == wanted) or None


def _blocks(page: Printed) -> Iterator[dict[str, str]]:
    for block in page.story.blocks:
        as_json = block.as_json()
        yield as_json | {"src": urljoin(page.url, "./" + as_json["src"])} if "src" in as_json else as_json


def _images(blocks: list[dict[str, str]]) -> list[dict[str, str | None]]:
    following = [*blocks[1:], {"kind": "", "text": ""}]
    return [
        {"src": block["src"], "caption": after["text"] if after["kind"] == "caption" else None}
        for block, after in zip(blocks, following, strict=True)
        if block["kind"] == "image"
    ]
