"""Counts are what a scan of the rows counts; a share stands beside what it is a share of."""

import math
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.archiving import LIST, SHANGHAI, article, capture, look, run
from zjcrawl.archive import Archive
from zjcrawl.errors import InputError
from zjcrawl.filters import Filters
from zjcrawl.models import Article, Block, Credit
from zjcrawl.search import Query
from zjcrawl.stats import IN_TIME, WEEKDAYS, By, Cell, Together, by, overview, paragraphs, timeline, together

FIRST = datetime(2019, 7, 29, 22, 30, tzinfo=SHANGHAI)  # a Monday


def made(number: int) -> Article:
    """The n-th of some articles that differ in everything that can be counted."""
    names = [Credit("reporter", name, name) for name in "甲乙丙"[: number % 3]]
    return article(
        f"{LIST}{number}",
        channel="jx" if number % 4 else "nb",
        title="嘉兴" if number % 5 == 0 else "题",
        text="长三角" * (number % 2) + "。\n" + ("G60与长三角" if number % 3 == 0 else "别的"),
        published_at=FIRST + timedelta(days=number * 5, hours=number) if number != 7 else None,
        published_precision=("second", "day")[number % 6 == 0] if number != 7 else None,
        source=(None, "甲报", "乙报")[number % 3],
        tags=["嘉兴", "市委"][: number % 3],
        template=("mlf2016", "labels")[number % 7 == 0],
        credits=[*names, Credit("editor", "编", "编")],
    )


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("stats")
    run(folder, lambda t: [look(t, made(number), capture(f"{LIST}{number}")) for number in range(40)])
    with Archive(folder) as opened:
        yield opened


def values(seen: Article, what: str) -> list[str | None]:
    """What an article counts under, by Python."""
    when = seen.published_at
    names = {role: [c.name for c in seen.credits if c.role == role] for role in ("reporter", "editor")}
    known: dict[str, Any] = {
        "channel": seen.channel,
        "month": f"{when:%Y-%m}" if when else None,
        "year": f"{when:%Y}" if when else None,
        "template": seen.template,
        "source": seen.source,
        "kind": "text",
        "state": "live",
        "hour": f"{when:%H}" if when and seen.published_precision != "day" else None,
        "weekday": WEEKDAYS[when.weekday()] if when else None,
    }
    if what in known:
        return [known[what]]
    found: list[str | None] = [*(seen.tags if what == "tag" else names[what])]
    return found or [None]


@pytest.mark.parametrize("what", get_args(By))
def test_counting_is_what_a_scan_counts(archive: Archive, what: By) -> None:
    expected = Counter(value for number in range(40) for value in values(made(number), what))
    counts = by(archive, what)
    assert {one.key: one.articles for one in counts} == expected
    assert len({one.key for one in counts}) == len(counts)
    if what in IN_TIME:
        keys = [one.key for one in counts if one.key is not None]
        assert keys == sorted(keys, key=WEEKDAYS.index if what == "weekday" else str)
        assert all(one.key is not None for one in counts[:-1])
    else:
        assert [one.articles for one in counts] == sorted((one.articles for one in counts), reverse=True)


def test_filters_choose_what_is_counted(archive: Archive) -> None:
    filters = Filters.of(channel=["nb"], from_="2019-09")
    expected = [
        made(n) for n in range(40) if n % 4 == 0 and (made(n).published_at or FIRST) >= FIRST.replace(month=9, day=1)
    ]
    told = overview(archive, filters)
    assert told["articles"] == len(expected) == sum(one.articles for one in by(archive, "source", filters))
    assert told["characters"] == sum(len(one.body) for one in expected)
    assert told["reporters"] == len({c.name for one in expected for c in one.credits if c.role == "reporter"})
    assert overview(archive)["undated"] == 1
    assert overview(archive, Filters.of(source=["none"]))["articles"] == 0


# -- over time -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "form"), [("day", "%Y-%m-%d"), ("month", "%Y-%m"), ("year", "%Y")])
def test_mentions_stand_beside_what_they_are_a_share_of(archive: Archive, step: Any, form: str) -> None:
    line = timeline(archive, Query.of("G60"), step)
    dated = [(n, made(n).published_at) for n in range(40) if n != 7]
    every = Counter(when.strftime(form) for _, when in dated if when)
    mentioning = Counter(when.strftime(form) for n, when in dated if when and n % 3 == 0)
    assert {c.cell: (c.mentioning, c.articles) for c in line.cells if c.articles} == {
        cell: (mentioning[cell], articles) for cell, articles in every.items()
    }
    assert [c.cell for c in line.cells] == sorted(c.cell for c in line.cells)
    assert (line.undated, line.total) == (Cell("undated", 0, 1), Cell("all", 14, 40))
    assert all(c.per_1000 is None for c in line.cells if not c.articles)
    assert all(c.per_1000 == 1000 * c.mentioning / c.articles for c in line.cells if c.articles)


def test_cells_without_articles_are_there_too(archive: Archive) -> None:
    line = timeline(archive, Query.of("长三角"), "month", Filters.of(from_="2018-11", to="2020-06"))
    assert [c.cell for c in line.cells][:3] == ["2018-11", "2018-12", "2019-01"]
    assert line.cells[-1].cell == "2020-06"
    assert len(line.cells) == 20
    assert line.cells[0].as_json() == {"cell": "2018-11", "mentioning": 0, "articles": 0, "per_1000": None}
    assert timeline(archive, Query.of("长三角"), "day", Filters.of(source=["none"])).cells == ()
    last = timeline(archive, Query.of("长三角"), "year", Filters.of(to="9999"))
    assert last.cells[-1].cell == "9999"


# -- together --------------------------------------------------------------------------------------------------------


def test_four_cells_are_what_a_scan_counts(archive: Archive) -> None:
    told = together(archive, Query.of("title:嘉兴"), Query.of("G60"))
    pairs = Counter((n % 5 == 0, n % 3 == 0) for n in range(40))
    assert told == Together(pairs[True, True], pairs[True, False], pairs[False, True], pairs[False, False])
    assert told.articles == 40
    narrowed = together(archive, Query.of("-title:嘉兴"), Query.of("G60"), Filters.of(channel=["nb"]))
    assert narrowed.articles == 10
    assert narrowed.both == sum(n % 5 != 0 and n % 3 == 0 for n in range(0, 40, 4))


@given(*[st.integers(0, 1000)] * 4)
def test_measures_follow_their_formulas(both: int, only_a: int, only_b: int, neither: int) -> None:
    told = Together(both, only_a, only_b, neither)
    n = both + only_a + only_b + neither
    if both:
        p = math.log2((both / n) / (((both + only_a) / n) * ((both + only_b) / n)))
        assert told.pmi == pytest.approx(p, abs=1e-9)
    else:
        assert told.pmi is None
    assert (told.odds_ratio is None) == (only_a == 0 or only_b == 0)
    if both and only_a and only_b and neither:
        low, high = told.odds_ratio_95 or (0, 0)
        assert told.odds_ratio == pytest.approx((both / only_a) / (only_b / neither))
        assert low < (told.odds_ratio or 0) < high
        assert math.sqrt(low * high) == pytest.approx(told.odds_ratio)
    else:
        assert told.odds_ratio_95 is None


def test_a_textbook_table() -> None:
    """Reckoned by hand: 28 * 20 / (12 * 5) = 9.33, ln 2.234; the inverses add up to 0.369, 1.96 times its root is 1.191."""
    told = Together(28, 12, 5, 20)
    assert told.odds_ratio == pytest.approx(9.3333, abs=1e-3)
    assert told.odds_ratio_95 == (pytest.approx(2.84, abs=0.01), pytest.approx(30.70, abs=0.02))
    assert told.expected == pytest.approx(40 * 33 / 65)


def test_paragraphs_that_have_both_are_shown_by_their_nearest_matches(archive: Archive) -> None:
    found = list(paragraphs(archive, Query.of("长三角"), Query.of("g60")))
    assert len(found) == 14  # the second paragraph of every third article; the first never has both
    assert [one.published_at for one in found] == sorted((one.published_at for one in found), reverse=True)
    for one in found:
        (body,) = (row[0] for row in archive.rows("SELECT body FROM articles WHERE id = ?", (one.id,)))
        assert (body[one.a.start : one.a.end], body[slice(*one.b)]) == ("长三角", "G60")
        assert one.a.before + one.a.text + one.a.after == "G60与长三角"
    headed = list(paragraphs(archive, Query.of("title:嘉兴 长三角"), Query.of("g60")))
    assert len(headed) == sum(n % 15 == 0 for n in range(40))
    with pytest.raises(InputError, match="no paragraph can show it"):
        next(paragraphs(archive, Query.of("title:嘉兴"), Query.of("g60")))


def test_the_nearest_pair_of_a_paragraph(tmp_path: Path) -> None:
    text = "甲一二三乙四五六甲乙七甲"
    run(tmp_path, lambda t: look(t, article(blocks=[Block("paragraph", text)])))
    with Archive(tmp_path) as opened:
        (one,) = paragraphs(opened, Query.of("甲"), Query.of("乙"))
        assert ((one.a.start, one.a.end), one.b) == ((8, 9), (9, 10))
        assert list(paragraphs(opened, Query.of("甲"), Query.of("无"))) == []
