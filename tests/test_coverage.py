"""Coverage tells what is missing and why, and no news from nobody looked."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.archiving import SHANGHAI, article, capture, look, run
from zjcrawl.archive import Archive, Transaction
from zjcrawl.coverage import WITNESSES, Day, Witnesses, coverage, total, undated
from zjcrawl.models import Errand, Lead, Listing

LIST = "http://jx.zjol.com.cn/"
LOOKED = "2026-09-10T04:00:00.000Z"  # noon in Shanghai: the last time that the list was read


def when(day: int) -> datetime:
    return datetime(2026, 9, day, 9, tzinfo=SHANGHAI)


def url(name: str) -> str:
    return f"{LIST}jxxw/{name}.shtml"


def listed(t: Transaction, day: int, outcome: str) -> None:
    """A look at the list page, kept as its capture."""
    fetched = datetime(2026, 9, day, 4, tzinfo=UTC)
    capture_id = t.keep(capture(LIST, b"%d" % day, fetched_at=fetched, errand=Errand("listing", "jx", LIST)))
    t.connection.execute("UPDATE captures SET outcome = ? WHERE id = ?", (outcome, capture_id))


def news(t: Transaction) -> None:
    """What stood in the list on September 1 and 10, and what became of it."""
    days = {"a": 1, "b": 2, "c": 3, "read": 5, "failed": 5, "waiting": 5, "late": 6, "stub": 7, "undated": None}
    leads = [Lead(url(name), name, None, when(day) if day else None) for name, day in days.items()]
    t.record_listing("jx", LIST, Listing(tuple(leads), None, "listUl"))
    for name in ("a", "b", "c", "read", "undated"):
        day = days[name]
        look(t, article(url(name), published_at=when(day) if day else None))
    t.finish(url("failed"), "http_error", state="failed", capture_id=t.keep(capture(url("failed"), status=500)))
    t.finish(url("late"), "out_of_range", state="excluded")
    t.finish(url("stub"), "stub", capture_id=t.keep(capture(url("stub"))))
    t.discover(url("target"), "article", "jx", url("stub"))
    look(t, article(url("target"), published_at=when(7)))
    look(t, article(url("target"), published_at=when(7)), capture(url("target"), minutes=5))  # looked at again
    t.connection.execute("UPDATE leads SET last_seen_at = ?", (LOOKED,))
    listed(t, 1, "listed")
    listed(t, 10, "listed")


def runs(t: Transaction) -> None:
    """A run of the 11th that got no answer, none on the 12th, one of the 13th that was killed after a refusal."""
    stats = {"channels": {"jx": {"listings": {"unreachable": 2, "listed": 0}, "articles": {}}}}
    insert = "INSERT INTO runs (id, started_at, command, version, stats) VALUES (?, ?, 'crawl jx', '0', ?)"
    t.connection.execute(insert, (90, "2026-09-11T02:00:00.000Z", json.dumps(stats)))
    t.connection.execute(insert, (91, "2026-09-13T02:00:00.000Z", None))
    listed(t, 13, "http_error")
    t.connection.execute("UPDATE captures SET run_id = 91 WHERE outcome = 'http_error' AND kind = 'listing'")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("coverage")
    run(folder, news, runs)
    with Archive(folder) as opened:
        yield opened


@pytest.fixture(scope="module")
def days(archive: Archive) -> dict[int, Day]:
    found = coverage(archive, ["jx"], date(2026, 9, 1), date(2026, 9, 14))["jx"]
    assert [day.day for day in found] == [date(2026, 9, number) for number in range(1, 15)]
    return {day.day.day: day for day in found}


def test_every_day_is_told_what_it_is(days: dict[int, Day]) -> None:
    assert {number: day.status for number, day in days.items()} == {
        1: "partial", 2: "partial", 3: "partial",  # fewer than three older entries: perhaps the list ended there
        4: "quiet", 5: "missing", 6: "complete", 7: "complete", 8: "quiet", 9: "quiet",
        10: "partial",  # looked at, but the day went on
        11: "failed", 12: "down", 13: "failed", 14: "down",
    }  # fmt: skip


def test_what_is_missing_has_its_reason(days: dict[int, Day]) -> None:
    fifth, sixth, seventh = days[5], days[6], days[7]
    assert (fifth.listed, fifth.fetched, fifth.read, fifth.missing) == (3, 2, 1, {"http_error": 1, "pending": 1})
    assert (sixth.listed, sixth.read, sixth.left_out, sixth.missing) == (1, 0, {"out_of_range": 1}, {})
    assert (seventh.listed, seventh.read) == (1, 1)  # the stub and where it leads are one
    for day in days.values():
        assert day.listed == day.read + day.left_out.total() + day.missing.total()


def test_looks_are_told_by_the_day_they_were_made(days: dict[int, Day]) -> None:
    assert {number: day.looks for number, day in days.items() if day.looks} == {1: 1, 10: 1}
    assert {number: dict(day.failed_looks) for number, day in days.items() if day.failed_looks} == {
        11: {"unreachable": 2},
        13: {"http_error": 1},
    }
    assert sum(day.rechecks for day in days.values()) == 0  # the article was looked at again in November


def test_before_the_first_look_is_no_failure_of_ours(archive: Archive) -> None:
    found = coverage(archive, [], date(2026, 8, 30), date(2026, 9, 1))
    assert [day.status for day in found["jx"]] == ["before", "before", "partial"]
    assert list(found) == ["jx"]
    (never,) = coverage(archive, ["nb"], date(2026, 9, 5), date(2026, 9, 5))["nb"]
    assert never.status == "before"


def test_what_has_no_day_is_counted_apart(archive: Archive) -> None:
    assert undated(archive) == {"jx": 1}
    assert undated(archive, ["nb"]) == {}


def test_numbers_add_up(days: dict[int, Day]) -> None:
    whole = total(days.values())
    assert (whole.listed, whole.read, whole.looks) == (8, 5, 2)
    assert whole.missing == {"http_error": 1, "pending": 1}
    assert days[5].as_json()["missing"] == {"http_error": 1, "pending": 1}


ENTRIES = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 400)), max_size=12)


@given(ENTRIES, st.integers(0, 21))
def test_a_day_was_seen_whole_where_enough_older_entries_outlived_it(
    entries: list[tuple[int, int]], number: int
) -> None:
    first, begin = date(2026, 9, 1), datetime(2026, 8, 31, 16, tzinfo=UTC)
    day, over = first + timedelta(days=number), begin + timedelta(days=number + 1)
    seen = [(first + timedelta(days=at), begin + timedelta(hours=hours)) for at, hours in entries]
    witnesses = Witnesses.of(sorted((at, f"{moment:%Y-%m-%dT%H:%M:%S}.000Z") for at, moment in seen))
    enough = sum(at < day and moment >= over for at, moment in seen) >= WITNESSES
    assert witnesses.saw_all_of(day) is enough
