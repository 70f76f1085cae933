"""When a known article is looked at again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zjcrawl.errors import ConfigError
from zjcrawl.recheck import CONFIRM, USUAL, Schedule

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("age", "pause"),
    [
        (-HOUR, 15 * MINUTE),  # a page that is dated in the future
        (0 * HOUR, 15 * MINUTE),
        (3 * HOUR - MINUTE, 15 * MINUTE),
        (3 * HOUR, 30 * MINUTE),
        (11 * HOUR, 30 * MINUTE),
        (12 * HOUR, 2 * HOUR),
        (2 * DAY, 2 * HOUR),
        (3 * DAY, DAY),
        (29 * DAY, DAY),
        (30 * DAY, 7 * DAY),
        (9000 * DAY, 7 * DAY),
    ],
)
def test_the_usual_schedule(age: timedelta, pause: timedelta) -> None:
    assert Schedule.of(USUAL).after(NOW, NOW - age) - NOW == pause


def test_what_is_suspect_is_confirmed_soon_and_what_is_gone_is_looked_for_seldom() -> None:
    usual = Schedule.of(USUAL)
    assert usual.after(NOW, NOW - 300 * DAY, "suspect") - NOW == CONFIRM
    assert usual.after(NOW, NOW - HOUR, "gone") - NOW == DAY
    assert usual.after(NOW, NOW - 300 * DAY, "gone") - NOW == 7 * DAY
    assert usual.after(NOW, None) - NOW == 15 * MINUTE


@given(st.lists(st.tuples(st.integers(1, 9000), st.integers(1, 9000)), max_size=5, unique_by=lambda step: step[0]))
def test_what_is_set_is_what_is_done(steps: list[tuple[int, int]]) -> None:
    steps.sort()
    schedule = Schedule.of(" ".join([*(f"{age}h:{pause}m" for age, pause in steps), "9d"]))
    for age, pause in steps:
        assert (
            schedule.pause(age * HOUR - MINUTE) == next(p for a, p in steps if age * HOUR - MINUTE < a * HOUR) * MINUTE
        )
        assert pause > 0
    assert schedule.pause(9001 * HOUR) == 9 * DAY


@pytest.mark.parametrize(
    "text",
    ["", "3h", "3h:15m", "3h:15m 2h:30m 7d", "3x:15m 7d", "3h:0m 7d", "3h:15m 7d 8d", "-3h:15m 7d", "3h:15m:1m 7d"],
)
def test_a_schedule_that_makes_no_sense_is_refused_by_one_sentence(text: str) -> None:
    if text == "3h":
        assert Schedule.of(text).pause(DAY) == 3 * HOUR
        return
    with pytest.raises(ConfigError, match="RECHECK_SCHEDULE"):
        Schedule.of(text)
