"""The common filters: which articles a verb that asks the archive is about."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from zjcrawl import channels
from zjcrawl.archive import Archive
from zjcrawl.errors import InputError
from zjcrawl.models import SHANGHAI

STATES = ("live", "gone", "suspect")
_DATE = re.compile(r"(?P<y>\d{4})(?:-(?P<m>\d{2})(?:-(?P<d>\d{2}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filters:
    """A choice of articles. Values of one field are alternatives, fields narrow each other.

    `first` and `last` are days of publication (Asia/Shanghai, inclusive); articles without a date are in no span.
    `unique`: of the articles that are chosen, only the one of each story that was published first (see `reprints`).
    """

    channels: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    reporters: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    unique: bool = False

    @classmethod
    def of(
        cls,
        *,
        channel: Iterable[str] = (),
        from_: str | None = None,
        to: str | None = None,
        reporter: Iterable[str] = (),
        editor: Iterable[str] = (),
        source: Iterable[str] = (),
        tag: Iterable[str] = (),
        template: Iterable[str] = (),
        state: Iterable[str] = (),
        unique: bool = False,
    ) -> Self:
        """Filters from the options of a command line. Raises InputError for a date, a state or a channel that is none.

        `channel` takes comma lists too; `from_` and `to` take a day, a month or a year and mean the whole of it.
        """
        first = span(from_, "--from")[0] if from_ is not None else None
        last = span(to, "--to")[1] if to is not None else None
        if first is not None and last is not None and first > last:
            raise InputError(f"--from {from_} is after --to {to}: exchange them")
        states = tuple(state)
        for given in states:
            if given not in STATES:
                raise InputError(f"--state {given!r} is none: use one of {', '.join(STATES)}")
        words = tuple(channel)
        channels = tuple(dict.fromkeys(slug.strip() for word in words for slug in word.split(",") if slug.strip()))
        if words and not channels:
            raise InputError("--channel names none: name one, or leave it out")
        return cls(
            channels, first, last, tuple(reporter), tuple(editor), tuple(source), tuple(tag), tuple(template), states,
            unique,
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """What is filtered, by the names of the command line's options."""
        told = {
            "channel": list(self.channels),
            "from": self.first.isoformat() if self.first else None,
            "to": self.last.isoformat() if self.last else None,
            "reporter": list(self.reporters),
            "editor": list(self.editors),
            "source": list(self.sources),
            "tag": list(self.tags),
            "template": list(self.templates),
            "state": list(self.states),
            "unique": self.unique,
        }
        return {name: value for name, value in told.items() if value}

    def sql(self, also: str = "1", values: Sequence[str] = ()) -> tuple[str, list[str]]:
        """A condition on the table `articles` (`1` where nothing is filtered) and its parameters in order.

        `also` is a further condition with its `values`, such as a query's: a story is told once of what both choose.
        """
        terms: list[str] = [] if also == "1" else [also]
        parameters: list[str] = list(values)

        def narrow(term: str, *values: str) -> None:
            terms.append(term)
            parameters.extend(values)

        if self.channels:
            among = _marks(self.channels)
            placed = f"articles.id IN (SELECT article_id FROM placements WHERE channel IN {among})"
            narrow(f"(articles.channel IN {among} OR {placed})", *self.channels, *self.channels)
        if self.first is not None:
            narrow("articles.published_at >= ?", self.first.isoformat())
        if self.last is not None:
            narrow("articles.published_at < ?", f"{self.last}~")  # "~" sorts behind every time of that day
        for role, names in (("reporter", self.reporters), ("editor", self.editors)):
            if names:
                credited = f"SELECT article_id FROM credits WHERE role = '{role}' AND name IN {_marks(names)}"
                narrow(f"articles.id IN ({credited})", *names)
        if self.tags:
            narrow(f"articles.id IN (SELECT article_id FROM tags WHERE tag IN {_marks(self.tags)})", *self.tags)
        for column, values in (("source", self.sources), ("template", self.templates), ("state", self.states)):
            if values:
                narrow(f"articles.{column} IN {_marks(values)}", *values)
        chosen = " AND ".join(terms) or "1"
        return (_FIRST_PRINTS.format(chosen=chosen) if self.unique else chosen), parameters


def checked(filters: Filters, archive: Archive) -> Filters:
    """Filters, if each means something in an archive. Raises InputError for one that does not, as an unknown channel."""
    known = channels.load().channels
    for slug in filters.channels:
        if slug not in known and not archive.value("SELECT 1 FROM frontier WHERE channel = ? LIMIT 1", (slug,)):
            raise InputError(f"unknown channel {slug!r}: 'zjcrawl channels' lists them")
    if filters.templates:
        from zjcrawl.templates import TEMPLATES, labels  # what reads pages is slow to load, and rarely asked for here

        templates = {labels.NAME, *(template.NAME for template in TEMPLATES)}
        unknown = set(filters.templates) - templates
        templates |= {row[0] for row in archive.rows("SELECT DISTINCT template FROM articles")}
        for name in sorted(unknown - templates):
            raise InputError(f"unknown template {name!r}: there are {', '.join(sorted(templates))}")
    if filters.unique and archive.known is not None:
        raise InputError(
            "stories are grouped by today's wordings, not by those of a day: leave --unique or --as-of out"
        )
    if filters.unique and (number := archive.ungrouped()):
        count = "1 article" if number == 1 else f"{number:,} articles"
        raise InputError(
            f"--unique: {count} came or changed since stories were grouped: 'zjcrawl reprints' groups them"
        )
    return filters


# An article that is in no group yet is a story of its own.
_FIRST_PRINTS = """articles.id IN (SELECT id FROM (
    SELECT articles.id, row_number() OVER (PARTITION BY coalesce(stories.story_id, articles.id)
        ORDER BY coalesce(articles.published_at, articles.first_seen_at), articles.id) AS print
    FROM articles LEFT JOIN stories ON stories.article_id = articles.id WHERE {chosen}) WHERE print = 1)"""


def span(text: str, option: str) -> tuple[date, date]:
    """First and last day of `2019-07-24`, `2019-07` or `2019`. Raises InputError naming the option otherwise."""
    parts = _DATE.fullmatch(text.strip())
    try:
        if parts is None:
            raise ValueError(text)
        year, month, day = int(parts["y"]), int(parts["m"] or 1), int(parts["d"] or 1)
        first = date(year, month, day)
        if parts["d"]:
            return first, first
        if parts["m"]:
            return first, date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return first, date(year, 12, 31)
    except (ValueError, OverflowError):
        raise InputError(f"{option} {text!r} is no date: write 2019-07-24, 2019-07 or 2019") from None


def past_day(text: str, option: str) -> date:
    """The last day of `2019-07-24`, `2019-07` or `2019`. Raises InputError as `span`, or for one that is not over: what
    will be known at its end nobody can tell."""
    day = span(text, option)[1]
    if day >= datetime.now(SHANGHAI).date():
        raise InputError(f"{option} {text} is not over yet: name a day that is")
    return day


def _marks(values: tuple[str, ...]) -> str:
    return f"({', '.join('?' * len(values))})"
