"""The reading of real pages of many sites, where they are at hand: they are their publishers', and not in the project."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks import reading_mutations, reading_score
from zjcrawl import channels, parse
from zjcrawl.models import Article, Capture

PAGES = Path(__file__).parents[2] / "shared" / "realpages"
pytestmark = pytest.mark.skipif(
    not (PAGES / "truth.jsonl").exists(), reason=f"the real pages are not part of the project, and not at {PAGES}"
)

# A little below what is reached; a change that falls under one of them has unlearned something.
F1 = {"title": 0.98, "published": 0.98, "source": 0.96, "reporters": 0.95, "editors": 0.95, "tags": 0.80}
BODY_F1 = 0.985
MOST_WRONG = 0.03


def as_read(article: Article) -> dict[str, Any]:
    when = article.published_at
    return {
        "title": article.title,
        "published": when.strftime("%Y-%m-%d %H:%M:%S") if when else None,
        "source": article.source,
        "reporters": (article.names("reporter") or "").split(";"),
        "editors": (article.names("editor") or "").split(";"),
        "tags": article.tags,
        "body": article.body,
    }


@pytest.fixture(scope="module")
def truth() -> list[dict[str, Any]]:
    return reading_score.truths(PAGES)


@pytest.fixture(scope="module")
def read(truth: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    registry, found = channels.load(), []
    for page in truth:
        body = (PAGES / "pages" / f"{page['id']}.html").read_bytes()
        url = page["url"] or "http://example.com/"
        capture = Capture(url, url, datetime(2026, 1, 1, tzinfo=UTC), 200, (), body)
        found.append(as_read(parse.parse([capture], registry)))
    return found


@pytest.mark.parametrize("name", [*reading_score.SCALARS, *reading_score.LISTS])
def test_a_field_is_read_as_well_as_before(name: str, read: list[dict[str, Any]], truth: list[dict[str, Any]]) -> None:
    score = reading_score.scalar if name in reading_score.SCALARS else reading_score.members
    reached = score(name, read, truth)
    assert reached.f1 >= F1[name]
    if name != "tags":  # whether keywords are the article's is a judgement; what else is given must be right
        assert reached.wrong <= MOST_WRONG


def test_bodies_are_read_as_well_as_before(read: list[dict[str, Any]], truth: list[dict[str, Any]]) -> None:
    assert reading_score.body(read, truth)[2] >= BODY_F1


def test_no_page_is_without_title_or_body(read: list[dict[str, Any]]) -> None:
    assert all(page["title"] and page["body"] for page in read)


def test_the_score_counts_wrong_and_missing() -> None:
    read = [{"title": "甲 乙"}, {"title": "丙"}, {"title": None}, {"title": "丁"}]
    truth = [{"title": "甲乙"}, {"title": None}, {"title": "戊"}, {"title": "己"}]
    assert reading_score.scalar("title", read, truth) == reading_score.Score(right=1, given=3, wanted=3)
    assert (
        reading_score.scalar("published", [{"published": "2024-03-05 08:09:10"}], [{"published": "2024-03-05"}]).f1 == 1
    )
    assert reading_score.one_body("一二三四五", "一二三四五") == (1, 1, 1)
    assert reading_score.one_body("", "一二三四五") == (0, 0, 0)


@pytest.mark.parametrize("change", reading_mutations.CHANGES.values(), ids=reading_mutations.CHANGES.keys())
def test_other_markup_changes_little(change: Callable[[Any], None], truth: list[dict[str, Any]]) -> None:
    """A third of the pages in other markup: what is printed is the same."""
    some = truth[::3]
    pages = {about["id"]: reading_mutations.capture_of(PAGES, about) for about in some}
    found = reading_mutations.read(pages, change)
    for name in ("title", "published", "source"):
        reached = reading_score.scalar(name, found, some)
        assert (reached.f1 >= 0.9, reached.wrong <= 0.06) == (True, True), name
    for name in ("reporters", "editors"):
        assert reading_score.members(name, found, some).f1 >= 0.9, name
    assert reading_score.body(found, some)[2] >= 0.97
