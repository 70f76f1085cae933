"""What a page is asked for: the values of its address, and the choice of articles that they mean."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode

from zjcrawl import channels
from zjcrawl.archive import Archive
from zjcrawl.errors import InputError
from zjcrawl.filters import Filters
from zjcrawl.search import Query
from zjcrawl.web.words import Words

FILTERS = ("channel", "from", "to", "source", "reporter", "editor", "tag", "template", "state", "unique")
_LATEST = 1_000_000_000  # of pages, revisions and rows: more is a slip


@dataclass(frozen=True, slots=True)
class Asked(Filters):
    """A choice of articles by filters and, where there is one, by a query: whatever takes filters takes it."""

    query: Query | None = None

    def sql(self, also: str = "1", values: Sequence[str] = ()) -> tuple[str, list[str]]:
        if self.query is None:
            return Filters.sql(self, also, values)
        found, more = self.query.sql()
        return Filters.sql(self, found if also == "1" else f"{found} AND {also}", [*more, *values])


class Ask:
    """The values of an address by name, blank ones left out, and the language that the answer is to be in."""

    def __init__(self, pairs: Iterable[tuple[str, str]], language: str = "en") -> None:
        self.pairs = [(name, value.strip()) for name, value in pairs if value.strip()]
        self.language = language

    def one(self, name: str, otherwise: str = "") -> str:
        return next((value for key, value in self.pairs if key == name), otherwise)

    def many(self, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for key, value in self.pairs if key == name))

    def among(self, name: str, choices: Sequence[str]) -> str:
        """One of some values, the first where none is given. Raises InputError for another."""
        value = self.one(name, choices[0])
        if value not in choices:
            raise InputError(f"{name} {value!r} is none: use one of {', '.join(choices)}")
        return value

    def number(self, name: str, otherwise: int = 1) -> int:
        """A whole number from 1. Raises InputError for something else."""
        value = self.one(name, str(otherwise))
        if not (value.isascii() and value.isdecimal() and 1 <= int(value[:12]) <= _LATEST):
            raise InputError(f"{name} {value[:40]!r} is no whole number from 1")
        return int(value)

    def link(self, path: str, **changes: object) -> str:
        """The address of a page that is asked for the same, but for some values; None takes one away."""
        kept = [(key, value) for key, value in self.pairs if key not in changes and key not in ("lang", "page")]
        pairs = [*kept, *((key, str(value)) for key, value in changes.items() if value is not None)]
        return f"{path}?{urlencode(pairs)}" if pairs else path

    @cached_property
    def query(self) -> Query | None:
        """The query `q`, None where none is given. Raises InputError."""
        return Query.of(self.one("q")) if self.one("q") else None

    def filters(self, archive: Archive) -> Filters:
        """The filters. Raises InputError for one that means nothing, such as an unknown channel."""
        return self._chosen(archive)

    def asked(self, archive: Archive) -> Asked:
        """Query and filters as one choice of articles. Raises InputError."""
        return replace(self._chosen(archive), query=self.query)

    def _chosen(self, archive: Archive) -> Asked:
        names = ("channel", "source", "reporter", "editor", "tag", "template", "state")
        given = {name: self.many(name) for name in names}
        chosen = Asked.of(
            from_=self.one("from") or None, to=self.one("to") or None, unique=bool(self.one("unique")), **given
        )
        known = channels.load().channels
        for slug in chosen.channels:
            if slug not in known and not archive.value("SELECT 1 FROM frontier WHERE channel = ? LIMIT 1", (slug,)):
                raise InputError(f"unknown channel {slug!r}: choose one from the list")
        if chosen.unique and (number := archive.ungrouped()):
            count = "1 article" if number == 1 else f"{number:,} articles"
            raise InputError(
                f"each story once: {count} came or changed since 'zjcrawl reprints' grouped them: run it again"
            )
        return chosen

    @property
    def is_narrowed(self) -> bool:
        """Whether any filter is set."""
        return any(key in FILTERS for key, _ in self.pairs)


def sentence(error: InputError, words: Words) -> str:
    """An error as a page says it: what is an option on the command line is a field here."""
    return words.sentence(re.sub(r"--(?=(?:from|to|state|channel|sort)\b)", "", str(error)))
