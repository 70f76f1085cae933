"""A page of the archive as a test case: its bytes, its address, and a drafted expectation that a person must confirm."""

import json
import re
from pathlib import Path
from typing import Any

from zjcrawl.errors import InputError
from zjcrawl.models import Article, Capture
from zjcrawl.page import payload
from zjcrawl.urls import part_number

UNCONFIRMED = "unconfirmed"
ASK = "drafted by zjcrawl: read the page, mend what is wrong, then remove this line"
# What a person can check by looking at the page; the rest follows from these or from the archive.
ASKED = (
    "channel", "breadcrumb", "kicker", "title", "subtitle", "published_at", "published_precision", "published_printed",
    "source", "reporters", "correspondents", "photographers", "editors", "dateline", "body", "tags", "images", "notice",
    "kind", "warnings",
)  # fmt: skip
_CASE = re.compile(r"[^a-z0-9]+")


def freeze(captures: list[Capture], article: Article, described: dict[str, Any], pages: Path, template: str) -> Path:
    """Writes a case below `pages`, named after the template and the address; returns its folder.

    The bodies are written without their content coding, and never re-encoded. Raises InputError where the case exists
    or `pages` does not.
    """
    if not pages.is_dir():
        raise InputError(
            f"{pages} is no folder: run this in a checkout of zjcrawl, or name its folder of pages with --to"
        )
    case = pages / template / _name(article.url)
    if case.exists():
        raise InputError(f"{case} is there already: remove it to freeze the page anew")
    first = captures[0]
    about: dict[str, Any] = {"url": first.final_url, "fetched_at": first.fetched_at.isoformat(), "invented": False}
    if content_type := first.header("content-type"):
        about["content_type"] = content_type
    case.mkdir(parents=True)
    for capture in captures:
        number = part_number(capture.final_url)
        (case / (f"page_{number - 1:02}.html" if number > 1 else "page.html")).write_bytes(payload(capture))
    _write(case / "page.json", about)
    _write(case / "expected.json", {UNCONFIRMED: ASK} | {name: described[name] for name in ASKED})
    return case


def _name(url: str) -> str:
    host, _, path = url.partition("://")[2].partition("/")
    number = re.search(r"(\d{6,})\D*$", path)
    return _CASE.sub("-", f"{host.partition('.')[0]}-{number[1] if number else path}".lower()).strip("-")[:60]


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
