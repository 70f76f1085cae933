"""Every frozen page is read as its expectation says: one test a field, cases found by glob.

A case is a folder `tests/pages/<template>/<case>/`:

    page.html, page_01.html, …   raw bytes, the pages of one article in order
    page.json                    {"url", "content_type"?, "fetched_at"?, "invented": true|false}
    expected.json                the columns that are asked for, by name; one that is left out is not asked for

`zjcrawl freeze URL` drafts one. A draft fails until a person has read it.
"""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from zjcrawl import channels
from zjcrawl.cli.parse import described
from zjcrawl.freeze import UNCONFIRMED
from zjcrawl.models import Capture
from zjcrawl.parse import parse
from zjcrawl.templates import TEMPLATES

PAGES = Path(__file__).parent / "pages"
CASES = sorted(path.parent for path in PAGES.glob("*/*/expected.json"))
FIELDS = [(case, field) for case in CASES for field in json.loads((case / "expected.json").read_text("utf-8"))]


@cache
def read(case: Path) -> dict[str, Any]:
    about = json.loads((case / "page.json").read_text("utf-8"))
    headers = ((b"Content-Type", about["content_type"].encode()),) if "content_type" in about else ()
    fetched = datetime.fromisoformat(about.get("fetched_at", "2026-11-01T00:00:00+00:00")).astimezone(UTC)
    captures = []
    for number, path in enumerate(sorted(case.glob("page*.html"))):
        url = about["url"] if not number else about["url"].replace(".shtml", f"_{number:02}.shtml")
        captures.append(Capture(url, url, fetched, 200, headers, path.read_bytes()))
    return described(parse(captures, channels.load()))


@pytest.mark.parametrize(("case", "field"), FIELDS, ids=[f"{c.parent.name}/{c.name}:{f}" for c, f in FIELDS])
def test_field(case: Path, field: str) -> None:
    assert field != UNCONFIRMED, f"{case / 'expected.json'} is a draft: read it beside the page and mend it"
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    assert read(case)[field] == expected[field]


@pytest.mark.parametrize("case", CASES, ids=[f"{c.parent.name}/{c.name}" for c in CASES])
def test_every_value_has_its_evidence(case: Path) -> None:
    article = read(case)
    columns = (
        "breadcrumb",
        "kicker",
        "title",
        "subtitle",
        "published_at",
        "source",
        "reporters",
        "editors",
        "tags",
        "body",
        "notice",
    )
    told = [column for column in columns if article[column]]
    assert [column for column in told if not article["evidence"].get(column)] == []


@pytest.mark.parametrize("case", CASES, ids=[f"{c.parent.name}/{c.name}" for c in CASES])
def test_the_folder_names_the_template(case: Path) -> None:
    assert read(case)["template"] == case.parent.name


def test_every_template_has_a_frozen_page() -> None:
    assert {template.NAME for template in TEMPLATES} | {"labels"} <= {case.parent.name for case in CASES}


def test_an_invented_page_says_so() -> None:
    for case in CASES:
        if json.loads((case / "page.json").read_text("utf-8"))["invented"]:
            raw = (case / "page.html").read_bytes()
            assert "虚构".encode() in raw or "虚构".encode("gb18030") in raw, case
