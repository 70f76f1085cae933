"""What each host may still be asked in a run: its pauses, its budget, the hours. Decides; asks nobody. Knows no Scrapy."""

import random
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from email.utils import parsedate_to_datetime

from zjcrawl.models import SHANGHAI, Reason

MAX_PAUSE = 86_400.0  # seconds; a host that asks for more than a day is asked again after one
JITTER = 0.25  # of a pause, only ever longer: many who were refused together do not come back together

_HOURS = re.compile(r"(\d\d:\d\d(?::\d\d)?)-(\d\d:\d\d(?::\d\d)?)")


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of a day in Shanghai in which hosts may be asked: from the first moment up to the last, not with it."""

    first: time
    last: time

    @classmethod
    def of(cls, text: str) -> "Hours | None":
        """`22:00-07:00`; "" is the whole day, None. Raises ValueError."""
        if not text.strip():
            return None
        try:
            found = _HOURS.fullmatch(text.strip())
            first, last = (time.fromisoformat(part) for part in found.groups()) if found else (time(), time())
        except ValueError:
            first = last = time()
        if first == last:
            raise ValueError("two different times of a day in Shanghai, such as 22:00-07:00, or empty")
        return cls(first, last)

    def has(self, moment: datetime) -> bool:
        now = moment.astimezone(SHANGHAI).time()
        return self.first <= now < self.last if self.first < self.last else now >= self.first or now < self.last

    def __str__(self) -> str:
        return f"{self.first.isoformat('minutes')}-{self.last.isoformat('minutes')}"


@dataclass(slots=True)
class Host:
    """One host in one run. `rests_until` is a moment of the monotonic clock."""

    asked: int = 0
    refusals: int = 0  # in a row: 429 or 503
    rests_until: float = 0.0
    robots: dict[str, str] = field(default_factory=dict)  # by site, such as http://host: what its robots.txt amounts to
    delay: float | None = None  # seconds between requests, where its robots.txt asks for more than ours


@dataclass(slots=True)
class Hosts:
    """All hosts of a run. `budget` is in requests to each host, robots.txt included; 0 is none."""

    budget: int = 0
    hours: Hours | None = None
    delay: float = 2.0  # seconds after a first refusal
    patience: float = 60.0
    known: defaultdict[str, Host] = field(default_factory=lambda: defaultdict(Host))

    def why_not(self, host: str, now: float, moment: datetime) -> Reason | None:
        """Why a host may not be asked at a moment, given by both clocks; None where it may."""
        of = self.known.get(host, Host())
        if self.hours is not None and not self.hours.has(moment):
            return "out_of_hours"
        if self.budget and of.asked >= self.budget:
            return "over_budget"
        return "resting" if of.rests_until > now + self.patience else None

    def room(self, host: str, places: int) -> int:
        """How many of so many places the budget of a host still allows."""
        return min(places, self.budget - self.known[host].asked) if self.budget else places

    def rest(self, host: str, now: float) -> float:
        """The seconds that a host still rests."""
        return max(0.0, self.known[host].rests_until - now) if host in self.known else 0.0

    def refused(self, host: str, wanted: float, now: float) -> float:
        """A host refused for now, and wanted to be left alone for so many seconds (0: did not say). Returns the pause:
        at least that, doubled with each refusal in a row, with a jitter that never shortens it."""
        of = self.known[host]
        of.refusals += 1
        ours = self.delay * 2.0 ** min(of.refusals - 1, 20)
        pause = min(max(wanted, ours) * (1 + random.uniform(0, JITTER)), MAX_PAUSE)
        of.rests_until = max(of.rests_until, now + pause)
        return of.rests_until - now

    def answered(self, host: str) -> None:
        """A host answered as it should."""
        self.known[host].refusals = 0

    def barred(self, host: str) -> list[str]:
        """The sites of a host whose robots.txt cannot be had or read, by name; http is not said."""
        decisions = sorted(self.known[host].robots.items()) if host in self.known else []
        return [
            site.removeprefix("http://") for site, what in decisions if what.startswith(("unreachable", "unreadable"))
        ]

    def stats(self) -> dict[str, dict[str, object]]:
        """What a run's row tells of each host that was asked."""
        return {
            name: {"requests": of.asked, "robots": _decided(name, of.robots), "delay": of.delay}
            for name, of in sorted(self.known.items())
            if of.asked or of.robots
        }


def _decided(host: str, robots: dict[str, str]) -> str | None:
    """What the sites of a host decide: usually one, http on its usual port; others are named."""
    usual = (f"http://{host}",)
    return "; ".join(what if site in usual else f"{site}: {what}" for site, what in sorted(robots.items())) or None


def retry_after(header: bytes | None) -> float:
    """The seconds that a Retry-After header asks for, given as seconds or as a date: 0 for none to obey, a day at most."""
    text = (header or b"").decode("latin-1").strip()
    if text.isdecimal() and text.isascii():
        return min(float(text), MAX_PAUSE)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:  # asctime's form, which states no zone: UTC (RFC 9110 §5.6.7)
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(0.0, seconds), MAX_PAUSE)
