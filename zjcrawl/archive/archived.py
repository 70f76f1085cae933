"""One article as the archive holds it: every wording it had, every look at it, where it stands. For reading only."""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

from zjcrawl.archive.decide import Seen, State
from zjcrawl.archive.values import moment, stamp
from zjcrawl.errors import InputError
from zjcrawl.models import Article, Block, Credit, Image, Printed, Role
from zjcrawl.urls import absolute, canonical

ChangeKind = Literal["edit", "reparse"]  # the publisher's, or our reading's
EventKind = Literal["found", "edit", "reparse", "same", "changed", "gone", "blocked"]

_MOST_DIGITS = 18  # of a number that SQLite holds
_BARE = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?/")  # `jx.zjol.com.cn/…`, as browsers show an address
_COLUMNS: dict[str, Role] = {  # of the names that every wording keeps
    "reporters": "reporter",
    "correspondents": "correspondent",
    "photographers": "photographer",
    "editors": "editor",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A capture that a wording was read from, and where it lies in `warc/`. `part` is the page of the article, from 1."""

    id: int
    part: int
    url: str
    final_url: str
    fetched_at: datetime
    status: int
    outcome: str | None
    charset_declared: str | None
    charset_used: str | None
    payload_sha256: str
    bytes: int
    truncated: str | None
    warc_file: str
    warc_offset: int
    warc_length: int
    revisit_of: int | None


@dataclass(frozen=True, slots=True)
class Revision:
    """One wording. `number` counts from 1; `change_kind` is how it came to be, None for the first.

    It was seen from `seen_at` (its first capture) until `last_seen_at` at least. `replaced_at` is when the capture was
    fetched from which the next one was read; None for the current one. Of earlier wordings the archive keeps who was
    credited by the four columns of names only: their `article.credits` have an empty `printed`, and what was printed of
    the other roles is in `article.evidence`.
    """

    number: int
    change_kind: ChangeKind | None
    seen_at: datetime
    last_seen_at: datetime
    replaced_at: datetime | None
    article: Article
    text_sha256: str
    captures: tuple[Kept, ...]

    def as_json(self) -> dict[str, Any]:
        """All but the wording itself; of its captures the ids."""
        return {
            "revision": self.number,
            "change_kind": self.change_kind,
            "seen_at": stamp(self.seen_at),
            "last_seen_at": stamp(self.last_seen_at),
            "replaced_at": stamp(self.replaced_at) if self.replaced_at else None,
            "template": self.article.template,
            "template_version": self.article.template_version,
            "text_sha256": self.text_sha256,
            "captures": [capture.id for capture in self.captures],
        }


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at the article after it was known: what was seen, and `why` in words where there is more to say."""

    id: int
    run_id: int
    seen_at: datetime
    outcome: Seen
    why: str | None
    capture_id: int | None


@dataclass(frozen=True, slots=True)
class Placement:
    """The article in a channel: the day that was printed beside it there, and when it was seen standing there."""

    channel: str
    listed_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to an article, once or so many `times` in a row between `at` and `until`.

    `found`, `edit` and `reparse` began the wording `revision`; `same`, `gone` and `blocked` are looks; `changed` is a
    look whose wording was not kept.
    """

    at: datetime
    until: datetime
    kind: EventKind
    revision: int | None = None
    why: str | None = None
    capture_id: int | None = None
    times: int = 1


@dataclass(frozen=True, slots=True)
class ArchivedArticle:
    """An article with its history; `revisions` oldest first, the last one is the current wording. Times are UTC."""

    id: int
    url: str
    state: State
    first_seen_at: datetime
    last_seen_at: datetime
    changed_at: datetime
    revisions: tuple[Revision, ...]
    observations: tuple[Observation, ...]
    placements: tuple[Placement, ...]

    @property
    def current(self) -> Revision:
        return self.revisions[-1]

    def revision(self, number: int) -> Revision:
        """The wording of a number. Raises InputError where there is none."""
        for revision in self.revisions:
            if revision.number == number:
                return revision
        known = ", ".join(str(revision.number) for revision in self.revisions)
        raise InputError(f"article {self.id} has no revision {number}: it has {known}")

    def events(self) -> list[Event]:
        """Its history: how each wording came, and every look, equal looks in a row as one event."""
        begun = [
            Event(one.seen_at, one.seen_at, one.change_kind or "found", one.number, None, _first(one.captures))
            for one in self.revisions
        ]
        told = {event.capture_id for event in begun}
        looks = [
            Event(look.seen_at, look.seen_at, look.outcome, None, look.why, look.capture_id)
            for look in self.observations
            if look.capture_id not in told
        ]
        return _in_rows(sorted((*begun, *looks), key=attrgetter("at")))  # stable: a wording before a look at its time


def as_json(value: Kept | Observation | Placement | Event) -> dict[str, Any]:
    """One of the flat values above as JSON: our times with `Z`, the portal's with their offset."""
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def find(connection: sqlite3.Connection, folder: Path, named: int | str) -> int:
    """The id of an article by its id or any form of its address. Raises InputError where the archive has none."""
    text = str(named).strip()
    if text.isdecimal():
        number = int(text) if len(text) <= _MOST_DIGITS else -1
        if connection.execute("SELECT 1 FROM articles WHERE id = ?", (number,)).fetchone():
            return number
        shown = text if len(text) <= _MOST_DIGITS else f"{text[:_MOST_DIGITS]}…"
        raise InputError(f"the archive {folder} has no article {shown}: name one by its id or its address")
    url = _address(text, folder)
    row = connection.execute("SELECT id FROM articles WHERE url = ?", (url,)).fetchone()
    if row is None:
        row = connection.execute("SELECT article_id, state, outcome FROM frontier WHERE url = ?", (url,)).fetchone()
        if row is None:
            raise InputError(f"the archive {folder} does not know {url}: crawl the channel that lists it")
        if row[0] is None:
            raise InputError(
                f"the archive {folder} has no article of {url}: it is {row[1]} ({row[2] or 'not yet tried'})"
            )
    return int(row[0])


def read(connection: sqlite3.Connection, article_id: int) -> ArchivedArticle:
    """An article of the archive. The caller sees to it that all is read from one snapshot."""
    row = connection.execute("SELECT * FROM articles WHERE id = ?", (article_id,)).fetchone()
    return ArchivedArticle(
        article_id,
        row["url"],
        row["state"],
        moment(row["first_seen_at"]),
        moment(row["last_seen_at"]),
        moment(row["changed_at"]),
        tuple(_revisions(connection, row)),
        tuple(
            Observation(one["id"], one["run_id"], moment(one["seen_at"]), one["outcome"], one["why"], one["capture_id"])
            for one in connection.execute(_OBSERVATIONS, (article_id,))
        ),
        tuple(
            Placement(
                one["channel"], _moment(one["listed_at"]), moment(one["first_seen_at"]), moment(one["last_seen_at"])
            )
            for one in connection.execute(_PLACEMENTS, (article_id,))
        ),
    )


def _revisions(connection: sqlite3.Connection, current: sqlite3.Row) -> list[Revision]:
    article_id = current["id"]
    captures: defaultdict[int, list[Kept]] = defaultdict(list)
    for row in connection.execute(_CAPTURES, (article_id,)):
        captures[row["revision"]].append(_kept(row))
    earlier = connection.execute(
        "SELECT * FROM revisions WHERE article_id = ? ORDER BY revision", (article_id,)
    ).fetchall()
    credits = [Credit(*row) for row in connection.execute(_CREDITS, (article_id,))]
    articles = [*(_article(row, _named(row)) for row in earlier), _article(current, credits)]
    began = [(None, current["first_seen_at"]), *((row["change_kind"], row["seen_at"]) for row in earlier)]
    return [
        Revision(
            row["revision"],
            change_kind,
            moment(seen_at),
            moment(row["last_seen_at"]),
            moment(row["seen_at"]) if row is not current else None,
            article,
            row["text_sha256"],
            tuple(captures[row["revision"]]),
        )
        for row, article, (change_kind, seen_at) in zip((*earlier, current), articles, began, strict=True)
    ]


def _article(row: sqlite3.Row, credits: list[Credit]) -> Article:
    """The article of a row: what `Article.columns()` made of it, taken back."""
    same = {name: row[name] for name in _SAME}
    evidence = {
        column: [Printed(one["printed"] or "", one["where"], one["rule"], one["sure"]) for one in found]
        for column, found in json.loads(row["evidence"]).items()
    }
    return Article(
        **same,
        published_at=_moment(row["published_at"]),
        credits=credits,
        blocks=[Block(**block) for block in json.loads(row["blocks"])],
        tags=row["tags"].split(";") if row["tags"] else [],
        images=[Image(**image) for image in json.loads(row["images"])],
        warnings=json.loads(row["warnings"]),
        evidence=evidence,
    )


def _first(captures: tuple[Kept, ...]) -> int | None:
    return captures[0].id if captures else None


def _named(row: sqlite3.Row) -> list[Credit]:
    return [
        Credit(role, name, "") for column, role in _COLUMNS.items() if row[column] for name in row[column].split(";")
    ]


def _kept(row: sqlite3.Row) -> Kept:
    values = {field.name: row[field.name] for field in fields(Kept)}
    return Kept(**values | {"fetched_at": moment(values["fetched_at"])})


def _in_rows(events: Iterable[Event]) -> list[Event]:
    """Looks in a row that saw the same, as one."""
    rows: list[Event] = []
    for event in events:
        last = rows[-1] if rows else None
        if last and event.revision is None and (event.kind, event.why, None) == (last.kind, last.why, last.revision):
            rows[-1] = replace(last, until=event.at, capture_id=event.capture_id, times=last.times + 1)
        else:
            rows.append(event)
    return rows


def _address(text: str, folder: Path) -> str:
    """The canonical address of one as people write it: without its scheme too. Raises InputError for what is none."""
    full = "http:" + text if text.startswith("//") else f"http://{text}" if _BARE.match(text) else text
    try:
        if absolute("", full) is not None:
            return canonical(full)
    except ValueError:
        pass
    raise InputError(f"the archive {folder} has no article {text!r}: name one by its id, or by its address, http://…")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value) if value.tzinfo is UTC else value.isoformat()
    return value


_SAME = ("url", "channel", "breadcrumb", "kicker", "title", "subtitle", "published_precision", "published_printed",
         "source", "dateline", "notice", "kind", "template", "template_version")  # fmt: skip

_CAPTURES = f"""
SELECT e.revision, e.part, {", ".join("c." + field.name for field in fields(Kept) if field.name != "part")}
FROM article_captures e JOIN captures c ON c.id = e.capture_id WHERE e.article_id = ? ORDER BY e.revision, e.part"""

_CREDITS = "SELECT role, name, printed FROM credits WHERE article_id = ? ORDER BY position"

_OBSERVATIONS = "SELECT * FROM observations WHERE article_id = ? ORDER BY seen_at, id"

_PLACEMENTS = "SELECT * FROM placements WHERE article_id = ? ORDER BY first_seen_at, channel"
