"""Every wording, current or earlier, against its evidence: its captures are read again with today's code."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zjcrawl import look, parse
from zjcrawl.archive import captures
from zjcrawl.archive.articles import WORDING, row_of
from zjcrawl.archive.values import storable
from zjcrawl.errors import InputError, StorageError
from zjcrawl.look import Parts
from zjcrawl.models import Article, Block, Capture, Credit
from zjcrawl.page import Page
from zjcrawl.verify.findings import ANEW, Finding, Weight
from zjcrawl.verify.subject import Subject

Person = tuple[str, str, str, int]  # role, name, printed, position

# What a text_sha256 stands for. Of `blocks` it leaves out where pictures are served from, so they may differ.
_DIGESTED = {*WORDING, "body", "text_sha256"} - {"blocks"}
_NAMES = ("reporters", "correspondents", "photographers", "editors")
_UNREADABLE = (InputError, StorageError, ValueError, LookupError)
_REREAD = "'zjcrawl reparse' writes it anew"


def articles(subject: Subject, ids: Sequence[int]) -> Iterator[Finding]:
    """The wordings of some articles say what their captures print, and so do their rows of credits and tags."""
    for number in ids:
        for wording in [*subject.rows(_REVISIONS, number), *subject.rows(_CURRENT, number)]:
            yield from _Wording(subject, wording).judged()


@dataclass(frozen=True, slots=True)
class _Reading:
    """What captures print, read by today's code: as an article, as its row; the charsets of the first page; of how many
    captures it is."""

    article: Article
    row: Mapping[str, Any]
    charset_declared: str | None
    charset_used: str
    captures: int


class _Wording:
    """One row of `articles` or `revisions`, with what belongs to it."""

    def __init__(self, subject: Subject, row: sqlite3.Row) -> None:
        self._subject, self._row = subject, row
        self._article: int = row["article_id"]
        self._captures = [number for (number,) in subject.rows(_EVIDENCE, self._article, row["revision"])]
        self._is_current = row["kept_in"] == "articles"  # only the current wording has rows of credits and tags
        self._people: list[Person] = [(*person,) for person in subject.rows(_CREDITS, self._article)]

    def judged(self) -> Iterator[Finding]:
        parts = iter(self._captures)
        first = next(parts, None)
        if first is None:
            yield self._finding("wordings", f"no capture is its evidence: {ANEW}")
            return
        try:
            reading = self._read(first, lambda _: next(parts, None))
        except _UNREADABLE as error:
            yield self._finding("wordings", f"nothing proves it, because its evidence cannot be read: {error}")
            return
        if self._is_of_today(reading):
            yield from self._against(reading)
        else:
            yield self._older()
            yield from self._at_odds()

    def _read(self, first: int, part: Callable[[str], int | None]) -> _Reading:
        """A capture and those of further pages, as the crawl read them; `part` tells which is of an address."""
        lead = self._capture(first)
        page = Page.of(lead)
        parts = Parts(parse.extract(page), page.url)
        while (address := parts.wanted) and (number := part(address)):
            parts.add(look.part(self._capture(number), address))
        channel = (lead.errand.channel if lead.errand else None) or None
        article = parse.article_of(parse.join(parts.found), lead, self._subject.registry, channel)
        row = row_of(article, complete=parts.complete and parts.wanted is None)
        declared = page.decoded.header or page.decoded.meta
        return _Reading(article, row, declared, page.decoded.used, len(parts.found))

    def _capture(self, number: int) -> Capture:
        return captures.read(self._subject.connection, self._subject.folder, number)

    def _is_of_today(self, reading: _Reading) -> bool:
        return all(self._row[name] == reading.row[name] for name in ("template", "template_version"))

    def _older(self) -> Finding:
        return self._finding("older readings", "it was read by another version: run 'zjcrawl reparse'", "note")

    # -- against what the captures print ------------------------------------------------------------------------------

    def _against(self, reading: _Reading) -> Iterator[Finding]:
        if reading.captures != len(self._captures):
            says = f"{len(self._captures)} captures are its evidence, but it is read from {reading.captures}: {ANEW}"
            yield self._finding("wordings", says)
        if _rule(self._row) != _rule(reading.row):
            yield self._older()
        wrong = self._differing(reading)
        if wrong and not wrong & _DIGESTED and any(not self._differing(other) for other in self._later_looks()):
            wrong = set()
        for name in sorted(wrong):
            held, printed = _shown(self._row[name], reading.row[name])
            if name == "channel" and self._may_be_its_channel():
                says = f"channel is {held}, and {printed} by today's registry: run 'zjcrawl reparse'"
                yield self._finding("older readings", says, "note")
            else:
                yield self._finding("wordings", f"{name} is {held}, but its captures print {printed}: {_REREAD}")
        if self._is_current:
            yield from self._credits(_people(reading.article))
            yield from self._tags(reading.article.tags)
        yield from self._charset(reading)

    def _differing(self, reading: _Reading) -> set[str]:
        wrong = {name for name, value in reading.row.items() if self._row[name] != value}
        return wrong if _rule(self._row) == _rule(reading.row) else wrong - {"text_sha256"}

    def _later_looks(self) -> Iterator[_Reading]:
        """The looks that found the same wording, latest first. After an update of the program, the first of them brings
        the columns that are no wording up to date, and is the evidence of those."""
        for first, run in self._subject.rows(_LOOKS, self._article):
            try:
                yield self._read(first, lambda address: self._subject.value(_PART, address, run, first))  # noqa: B023
            except _UNREADABLE:
                continue

    def _may_be_its_channel(self) -> bool:
        """Whether a registry that knew fewer columns would have called it so."""
        known = self._subject.registry.channels.get(self._row["channel"] or "")
        return known is not None and f"//{known.host}/" in self._row["url"]

    def _charset(self, reading: _Reading) -> Iterator[Finding]:
        for noted in self._subject.rows(_CHARSETS, self._captures[0]):
            for column in ("charset_declared", "charset_used"):
                if noted[column] != getattr(reading, column):
                    says = f"{column} is {noted[column]!r}, but its page is {getattr(reading, column)!r}: {ANEW}"
                    yield Finding("captures", "captures", self._captures[0], noted["url"], says)

    # -- against each other -------------------------------------------------------------------------------------------

    def _at_odds(self) -> Iterator[Finding]:
        """Where the columns of a wording contradict each other, whatever its captures print."""
        try:
            said = self._as_it_says()
            expected = row_of(said, complete=True)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            yield self._finding("agreement", f"the row cannot be understood ({error}): {_REREAD}")
            return
        names = ["blocks", "body"]
        if self._is_current:
            names += _NAMES
            names += ["text_sha256"] if _rule(expected) == _rule(self._row) else []
            yield from self._tags(said.tags)
        for name in names:
            if self._row[name] != expected[name]:
                held, others = _shown(self._row[name], expected[name])
                yield self._finding("agreement", f"{name} is {held}, but the other columns say {others}: {_REREAD}")

    def _as_it_says(self) -> Article:
        row = self._row
        return Article(
            url=row["url"],
            kicker=row["kicker"],
            title=row["title"],
            subtitle=row["subtitle"],
            published_at=datetime.fromisoformat(row["published_at"]) if row["published_at"] else None,
            source=row["source"],
            credits=[Credit(role, name, printed) for role, name, printed, _ in self._people],  # type: ignore[arg-type]
            blocks=[Block(block["kind"], block["text"], block.get("src")) for block in json.loads(row["blocks"])],
            tags=row["tags"].split(";") if row["tags"] else [],
            notice=row["notice"],
        )

    # -- the rows beside it -------------------------------------------------------------------------------------------

    def _credits(self, printed: Sequence[Person]) -> Iterator[Finding]:
        for person in self._people:
            if person not in printed:
                yield self._beside("credits", f"{_told(person)} is not printed by the captures: {_REREAD}")
        for person in printed:
            if person not in self._people:
                yield self._beside("credits", f"{_told(person)} is missing, but the captures print it: {_REREAD}")

    def _tags(self, said: Sequence[str]) -> Iterator[Finding]:
        held = {tag for (tag,) in self._subject.rows(_TAGS, self._article)}
        for tag in sorted(held ^ {storable(tag) for tag in said}):
            what = "no tag of the article" if tag in held else "missing"
            yield self._beside("tags", f"{tag!r} is {what}: {_REREAD}")

    def _beside(self, table: str, sentence: str) -> Finding:
        return Finding(table, table, self._article, self._row["url"], sentence)

    def _finding(self, check: str, sentence: str, weight: Weight = "fails") -> Finding:
        return Finding(check, self._row["kept_in"], self._row["id"], self._row["url"], sentence, weight)


def _rule(row: Mapping[str, Any] | sqlite3.Row) -> str:
    """The version of the rule of a row's digest."""
    return str(row["text_sha256"]).partition(":")[0]


def _people(article: Article) -> list[Person]:
    """The rows of credits of an article: one for each person in each role, at the first place."""
    found: dict[tuple[str, str], Person] = {}
    for position, credit in enumerate(article.credits, start=1):
        name = storable(credit.name)
        found.setdefault((credit.role, name), (credit.role, name, storable(credit.printed), position))
    return list(found.values())


def _told(person: Person) -> str:
    role, name, printed, position = person
    return f"{role} {name!r} ({printed!r}, number {position})"


def _shown(one: Any, other: Any) -> tuple[str, str]:
    """Two values that differ, each in a few characters: of long texts, those where they begin to differ."""
    if not (isinstance(one, str) and isinstance(other, str)) or max(len(one), len(other)) <= 60:
        return repr(one)[:70], repr(other)[:70]
    pairs = enumerate(zip(one, other, strict=False))
    at = next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
    start = max(0, at - 8)
    return f"{one[start : at + 16]!r} at character {at}", f"{other[start : at + 16]!r}"


_REVISIONS = "SELECT *, 'revisions' AS kept_in FROM revisions WHERE article_id = ? ORDER BY revision"

_CURRENT = "SELECT *, id AS article_id, 'articles' AS kept_in FROM articles WHERE id = ?"

_EVIDENCE = "SELECT capture_id FROM article_captures WHERE article_id = ? AND revision = ? ORDER BY part"

_CREDITS = "SELECT role, name, printed, position FROM credits WHERE article_id = ? ORDER BY position"

_TAGS = "SELECT tag FROM tags WHERE article_id = ?"

_CHARSETS = "SELECT url, charset_declared, charset_used FROM captures WHERE id = ?"

_LOOKS = """
SELECT max(c.id), c.run_id FROM observations o JOIN captures c ON c.id = o.capture_id
WHERE o.article_id = ? AND o.outcome = 'same' AND c.status = 200 GROUP BY c.payload_sha256 ORDER BY 1 DESC"""

_PART = "SELECT min(id) FROM captures WHERE url = ? AND run_id = ? AND id > ? AND kind = 'part'"
