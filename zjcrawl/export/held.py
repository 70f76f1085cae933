"""What an archive holds of each channel and day that a dataset is about, and where something is missing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from zjcrawl.archive import Moment
from zjcrawl.coverage import Day, coverage, looked_at

_CELLS = 250_000  # days of channels that memory holds at a time
_GAPS = ("missing", "failed", "down")


@dataclass(slots=True)
class Gap:
    """Days in a row of one channel of which something is missing, or may be, for one reason (see `coverage.STATUSES`)."""

    channel: str
    first_day: date
    last_day: date
    status: str
    missing: int

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1


@dataclass(slots=True)
class Gaps:
    """The gaps among days that come channel by channel, in order."""

    found: list[Gap] = field(default_factory=list)

    def add(self, day: Day) -> None:
        if day.status not in _GAPS:
            return
        last = self.found[-1] if self.found else None
        if last and (last.channel, last.status, last.last_day) == (
            day.channel,
            day.status,
            day.day - timedelta(days=1),
        ):
            last.last_day = day.day
            last.missing += day.missing.total()
        else:
            self.found.append(Gap(day.channel, day.day, day.day, day.status, day.missing.total()))


def days(archive: Moment, channels: tuple[str, ...], first: date, last: date) -> Iterator[Day]:
    """Every day of each channel, or of all channels, of which there is something to say; channel by channel."""
    slugs = sorted(channels or looked_at(archive))
    many = max(1, _CELLS // ((last - first).days + 1))
    for start in range(0, len(slugs), many):
        for of in coverage(archive, slugs[start : start + many], first, last).values():
            yield from (day for day in of if day.status != "before")
