"""When a known article is looked at again: often while it is young, ever more seldom as it ages."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from zjcrawl.errors import ConfigError

USUAL = "3h:15m 12h:30m 3d:2h 30d:1d 7d"  # what a newsroom mends, it mends soon
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_SPAN = re.compile(r"([1-9]\d{0,5})([mhd])")
_STEP = re.compile(r"(?:(?P<age>\w+):)?(?P<pause>\w+)")
_GONE = timedelta(days=1)  # what is gone is looked for once a day at most
CONFIRM = timedelta(minutes=15)  # what is missing is looked for again so soon, and not in the same breath


@dataclass(frozen=True, slots=True)
class Schedule:
    """Pauses between looks by the article's age: up to each age its pause, from the last age on `then`."""

    steps: tuple[tuple[timedelta, timedelta], ...] = ()
    then: timedelta = timedelta(days=1)

    @classmethod
    def of(cls, text: str) -> Self:
        """A schedule as it is set: `3h:15m 12h:30m 3d:2h 30d:1d 7d` is every 15 minutes while younger than 3 hours, …,
        and every 7 days from 30 days on. Raises ConfigError.
        """
        steps: list[tuple[timedelta, timedelta]] = []
        *words, last = text.split() or [""]
        for word in words:
            step = _STEP.fullmatch(word)
            if step is None or step["age"] is None:
                raise _wrong(text, word)
            age, pause = _span(text, step["age"]), _span(text, step["pause"])
            if steps and age <= steps[-1][0]:
                raise _wrong(text, word)
            steps.append((age, pause))
        return cls(tuple(steps), _span(text, last))

    def pause(self, age: timedelta) -> timedelta:
        """How long to wait after a look at an article of an age."""
        return next((pause for until, pause in self.steps if age < until), self.then)

    def after(self, now: datetime, since: datetime | None, state: str = "live") -> datetime:
        """When an article that was published (or else found) `since` is due again after a look `now`."""
        pause = self.pause(now - (since or now))
        if state == "suspect":
            pause = min(pause, CONFIRM)
        return now + (max(pause, _GONE) if state == "gone" else pause)


def _span(text: str, word: str) -> timedelta:
    found = _SPAN.fullmatch(word)
    if found is None:
        raise _wrong(text, word)
    return int(found[1]) * _UNITS[found[2]]


def _wrong(text: str, word: str) -> ConfigError:
    return ConfigError(
        f"RECHECK_SCHEDULE {text!r} is wrong at {word!r}: write AGE:PAUSE steps of rising age and a last PAUSE, in m, h "
        "or d, such as 3h:15m 30d:1d 7d"
    )
