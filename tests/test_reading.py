"""The reading against the scale model, which knows what every page must be read as."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from zjcrawl import channels
from zjcrawl.model import Portal
from zjcrawl.models import Article, Capture
from zjcrawl.page import Page
from zjcrawl.parse import extract, parse

ARTICLES = 500
FETCHED = datetime(2026, 11, 1, tzinfo=UTC)


def captures(portal: Portal, url: str) -> list[Capture]:
    """What a crawl would have captured of an article: its pages, followed one by one."""
    found: list[Capture] = []
    address: str | None = url
    while address is not None:
        answer = portal.respond(address)
        pairs = answer.headers.items() if hasattr(answer.headers, "items") else answer.headers
        headers = tuple((str(name).encode(), str(value).encode()) for name, value in pairs)
        found.append(Capture(address, address, FETCHED, answer.status, headers, answer.body))
        address = extract(Page.of(found[-1])).next_part
    return found


@pytest.fixture(scope="module")
def readings() -> list[tuple[dict[str, Any], Article]]:
    portal, registry = Portal(seed=11, articles=ARTICLES), channels.load()

    def read() -> Iterator[tuple[dict[str, Any], Article]]:
        for truth in portal.truths():
            yield truth, parse(captures(portal, truth["url"]), registry)

    return list(read())


COLUMNS = [
    "url", "channel", "breadcrumb", "kicker", "title", "subtitle", "published_at", "published_precision",
    "published_printed", "source", "reporters", "correspondents", "photographers", "editors", "dateline", "body",
    "blocks", "tags", "images", "notice", "kind", "template",
]  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_every_cell_is_the_truth(column: str, readings: list[tuple[dict[str, Any], Article]]) -> None:
    assert len(readings) == ARTICLES
    wrong = []
    for truth, article in readings:
        found = article.columns()[column]
        found = json.loads(found) if column in ("blocks", "images") else found
        if found != truth[column]:
            wrong.append((truth["template"], truth["url"], found, truth[column]))
    assert wrong == []


def test_the_truth_has_no_column_that_is_not_compared(readings: list[tuple[dict[str, Any], Article]]) -> None:
    assert {column for truth, _ in readings for column in truth} == set(COLUMNS)


def test_interns_are_credited_though_they_have_no_column() -> None:
    portal, registry = Portal(seed=11, articles=300), channels.load()
    compared = 0
    for truth in portal.truths():
        wanted = set(portal.credits(truth["url"]))
        article = parse(captures(portal, truth["url"]), registry)
        assert {(credit.role, credit.name) for credit in article.credits} == wanted, truth["url"]
        compared += any(role == "intern" for role, _ in wanted)
    assert compared > 3
