"""What the head of a page states: metas and standard JSON-LD (schema.org). A fallback for what is not printed."""

import json
import re
from collections.abc import Iterator
from typing import Any

from zjcrawl.models import Block, Extraction, Printed
from zjcrawl.normalise import names, times
from zjcrawl.page import BLANKS, MOST_ELEMENTS, Page, collapse

_TIME_METAS = (
    "article:published_time",
    "og:published_time",
    "publishdate",
    "pubdate",
    "publishtime",
    "pubtime",
    "datepublished",
    "og:release_date",
    "article:create_at",
    "weibo:article:create_at",
    "apub:time",
    "dateupdate",
)
_TIME_FIELD = re.compile(
    r"(?:hid|hidden|h|txt|article|news|doc|art)?[-_]?(?:pub(?:lish)?|release|fabu|issue)[-_]?(?:time|date|shijian|ed)?(?:time|date)?",
    re.IGNORECASE,
)
_ARTICLES = re.compile(r"(?:\w*Article|NewsArticle|BlogPosting|Report\w*)$")
_LONGEST = 2_000_000  # characters of JSON that are looked at


def complete(page: Page, found: Extraction) -> None:
    """Fills what the page does not print: time, headline, writer, body and tags, each with its evidence."""
    stated = linked_data(page)
    if found.time is None or times.read(found.time.text).at is None:
        _time(page, found, stated)
    if found.title is None and (text := _text(stated.get("headline"))):
        found.title = Printed(text, "script[type=application/ld+json]", "JSON-LD headline", 0.8)
    if not found.bylines:
        _writers(found, stated.get("author"))
    if not found.blocks and (text := _text(stated.get("articleBody"), lines=True)):
        lines = text.split("\n")
        if len(lines) > MOST_ELEMENTS:
            found.warnings.append("page_too_long")
        found.blocks = [Block("paragraph", part) for line in lines[:MOST_ELEMENTS] if (part := collapse(line))]
        found.body_where = "script[type=application/ld+json]"
    if found.tags is None:
        _tags(page, found)


def linked_data(page: Page) -> dict[str, Any]:
    """The first schema.org article among the page's JSON-LD; an empty dict where there is none."""
    if "ld+json" not in page.decoded.text:
        return {}
    for script in page.rare["script"]:
        if "ld+json" in (script.get("type") or "") and len(script.text or "") < _LONGEST:
            try:
                data = json.loads(script.text or "", strict=False)
            except (ValueError, RecursionError):
                continue
            for item in _items(data):
                kinds = item.get("@type")
                if any(
                    isinstance(kind, str) and _ARTICLES.match(kind)
                    for kind in (kinds if isinstance(kinds, list) else [kinds])
                ):
                    return item
    return {}


def _items(data: Any) -> Iterator[dict[str, Any]]:
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict):
            yield item
            graph = item.get("@graph")
            if isinstance(graph, list):
                yield from (member for member in graph if isinstance(member, dict))


def _text(value: Any, *, lines: bool = False) -> str:
    if not isinstance(value, str):
        return ""
    return value.strip(BLANKS) if lines else collapse(value)


def _time(page: Page, found: Extraction, stated: dict[str, Any]) -> None:
    if (text := _text(stated.get("datePublished"))) and times.read(text).at is not None:
        found.time = Printed(text, "script[type=application/ld+json]", "JSON-LD datePublished", 0.7)
        return
    for name in _TIME_METAS:
        if (text := page.metas.get(name, "")) and times.read(text).at is not None:
            found.time = Printed(text, f"meta[name={name}]", "meta of the publication time", 0.7)
            return
    for field in page.rare["input"]:
        name = (field.get("id") or field.get("name") or "").strip()
        text = (field.get("value") or "").strip()
        if _TIME_FIELD.fullmatch(name) and times.find(text) and times.read(text).at is not None:
            found.time = Printed(text, f"input#{name}", "form field of the publication time", 0.7)
            return


def _writers(found: Extraction, stated: Any) -> None:
    """The persons that JSON-LD names as authors; sites state themselves there too."""
    for author in stated if isinstance(stated, list) else [stated]:
        name = _text(author.get("name")) if isinstance(author, dict) and author.get("@type") == "Person" else ""
        if names.is_name(name):
            found.bylines.append(Printed(name, "script[type=application/ld+json]", "JSON-LD author", 0.7, "作者"))


def _tags(page: Page, found: Extraction) -> None:
    """The keywords meta, where its words are few and the article uses them: a site's own keywords it does not."""
    text = page.metas.get("keywords", "")
    words = [word.strip(BLANKS) for word in re.split(r"[,，;；、]", text) if word.strip(BLANKS)]
    article = ((found.title.text if found.title else "") + "".join(block.text for block in found.blocks)).casefold()
    told = sum(word.casefold() in article for word in words)
    site = page.head_title.replace(found.title.text, "") if found.title else ""
    if any(word in site for word in words):
        return  # the keywords of the site, whose name stands behind the headline in <title>
    if 2 <= len(words) <= 6 and told >= 0.6 * len(words) and all(len(word) <= 14 for word in words):
        found.tags = Printed(text, "meta[name=keywords]", "keywords that the article uses", 0.6)
