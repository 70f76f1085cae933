"""Articles: the current wording, the earlier ones, credits, tags and the search index, all in one transaction."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zjcrawl.archive import captures
from zjcrawl.archive.decide import Decision, Seen, State, Wording, absence, decide, flaps
from zjcrawl.archive.frontier import host_of
from zjcrawl.archive.schema import ARTICLE_COLUMNS
from zjcrawl.archive.scope import Scope
from zjcrawl.archive.values import moment, storable
from zjcrawl.errors import InputError, StorageError
from zjcrawl.models import Article, Capture

# The digest of the wording that captures print, read by today's code. Storing knows no HTML: it is handed in.
ReadAgain = Callable[[Sequence[Capture]], str]

# A row differs in its wording where it differs in one of these.
WORDING = ("kicker", "title", "subtitle", "published_at", "source", "blocks", "tags", "notice", "reporters",
           "correspondents", "photographers", "editors")  # fmt: skip
INCOMPLETE = "incomplete"  # the warning of an article of which a part could not be had


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of an article: its id, and whether it is new, the same, edited, or only read anew."""

    article_id: int
    outcome: Decision


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The captures an article was read from: ids and payload digests by part, the first's time."""

    captures: tuple[int, ...]
    payloads: tuple[str, ...]
    seen_at: str


def store(
    scope: Scope,
    article: Article,
    capture_ids: Sequence[int],
    frontier_url: str,
    complete: bool,
    read_again: ReadAgain | None,
    next_check_at: str | None,
) -> Stored:
    """Stores an article and the end of its frontier row. Raises LookupError for a capture that was never kept."""
    evidence = _evidence(scope.connection, capture_ids)
    row = row_of(article, complete)
    known = scope.connection.execute(_KNOWN, (row["url"],)).fetchone()
    seen = Wording(row["text_sha256"], row["template"], row["template_version"], evidence.payloads, complete)
    decision = _decide(scope, known, seen, evidence, read_again)
    if known is None:
        article_id = _insert(scope, row, article, evidence)
    else:
        article_id = known["id"]
        if decision == "reread" and all(row[name] == known[name] for name in WORDING):
            decision = "same"  # only the rule of the digest is another
        if decision in ("edited", "reread"):
            _revise(scope, article_id, row, article, evidence, decision)
        elif decision != "flapping" and seen.complete and seen.reading != _reading(known):
            _refresh(scope, article_id, row, article)
        _observe(scope, known, evidence, decision, seen)
    end = {
        "url": storable(frontier_url),
        "channel": row["channel"] or "",
        "host": host_of(frontier_url),
        "outcome": decision,
        "now": scope.now,
        "article_id": article_id,
        "capture_id": evidence.captures[0],
        "run": scope.run_id,
        "next_check_at": next_check_at,
    }
    scope.connection.execute(_DONE, end)
    scope.connection.execute("UPDATE captures SET outcome = ? WHERE id = ?", (decision, evidence.captures[0]))
    return Stored(article_id, decision)


def miss(scope: Scope, article_id: int, seen_at: str, outcome: str, why: str, capture_id: int | None) -> State:
    """Notes a look at a known article that brought no wording; returns the state the article is left in."""
    state, last = scope.connection.execute(_STATE, {"id": article_id}).fetchone()
    seen, state = absence(outcome, state, last)
    observe(scope, article_id, seen_at, seen, why, capture_id, state)
    return state


def observe(
    scope: Scope,
    article_id: int,
    seen_at: str,
    outcome: Seen,
    why: str | None,
    capture_id: int | None,
    state: State | None,
) -> None:
    """Notes a look at a known article; `state` sets the article's."""
    scope.connection.execute(_OBSERVATION, (article_id, scope.run_id, seen_at, outcome, capture_id, why))
    if outcome in ("same", "changed"):
        scope.connection.execute(
            "UPDATE articles SET last_seen_at = max(last_seen_at, ?) WHERE id = ?", (seen_at, article_id)
        )
    if state is not None:
        scope.connection.execute("UPDATE articles SET state = ? WHERE id = ?", (state, article_id))


def _evidence(connection: sqlite3.Connection, capture_ids: Sequence[int]) -> _Evidence:
    if not capture_ids:
        raise ValueError("an article needs the capture it was read from")
    found = [connection.execute(_CAPTURE, (capture_id,)).fetchone() for capture_id in capture_ids]
    if None in found:
        raise LookupError(f"no such capture: {capture_ids[found.index(None)]}")
    return _Evidence(tuple(capture_ids), tuple(row["payload_sha256"] for row in found), found[0]["fetched_at"])


def row_of(article: Article, complete: bool) -> dict[str, Any]:
    """The columns of an article's row that reading decides, `evidence` too, as they are stored."""
    row = article.columns() | {"evidence": _json(article.told())}
    if not complete and INCOMPLETE not in article.warnings:
        row["warnings"] = _json([*article.warnings, INCOMPLETE])
    return {name: storable(value) if isinstance(value, str) else value for name, value in row.items()}


def _decide(
    scope: Scope, known: sqlite3.Row | None, seen: Wording, evidence: _Evidence, read_again: ReadAgain | None
) -> Decision:
    """The decision on a look; only where the wording seems to differ, with what the old pages say today."""
    if known is None:
        return decide(None, seen)
    was = _wording(known)
    again = None
    if scope.one_reading:
        again = was.text_sha256
    elif read_again is not None and was.complete and seen.text_sha256 != was.text_sha256:
        again = _read_again(scope, known, read_again)
    decision = decide(was, seen, again)
    if decision == "edited":
        earlier = scope.connection.execute(_EARLIER, (known["id"],)).fetchall()
        if flaps([(digest, moment(at)) for digest, at in earlier], seen.text_sha256, moment(evidence.seen_at)):
            return "flapping"
    return decision


def _read_again(scope: Scope, known: sqlite3.Row, read_again: ReadAgain) -> str | None:
    """The digest of the known wording's captures read by today's code, None where they cannot be had any more."""
    if scope.warc is not None:
        scope.warc.push()
    ids = [row[0] for row in scope.connection.execute(_PARTS, (known["id"], known["revision"]))]
    try:
        return read_again([captures.read(scope.connection, scope.folder, number) for number in ids])
    except (InputError, StorageError):  # moved away or damaged: `verify` tells, and in doubt it was a rereading
        return None


def _reading(known: sqlite3.Row) -> tuple[str, int, str]:
    return _wording(known).reading


def _wording(known: sqlite3.Row) -> Wording:
    return Wording(
        known["text_sha256"],
        known["template"],
        known["template_version"],
        tuple(json.loads(known["payloads"])),
        INCOMPLETE not in json.loads(known["warnings"]),
    )


def _insert(scope: Scope, row: dict[str, Any], article: Article, evidence: _Evidence) -> int:
    seen = evidence.seen_at
    times = {"first_seen_at": seen, "last_seen_at": seen, "changed_at": seen}
    values = row | times | {"revision": 1, "state": "live", "capture_id": evidence.captures[0]}
    values["id"] = scope.article_id(row["url"])
    article_id = scope.connection.execute(_INSERT, values).lastrowid or 0
    _insert_rows(scope.connection, article_id, article)
    scope.index.add(article_id, row)
    _insert_evidence(scope.connection, article_id, 1, evidence)
    return article_id


def _revise(
    scope: Scope,
    article_id: int,
    row: dict[str, Any],
    article: Article,
    evidence: _Evidence,
    decision: Decision,
) -> None:
    """Moves the current wording into `revisions` and puts the new one in its place.

    `changed_at` is when the publisher's wording changed, so a rereading leaves it.
    """
    old = scope.connection.execute("SELECT * FROM articles WHERE id = ?", (article_id,)).fetchone()
    kind = "edit" if decision == "edited" else "reparse"
    scope.connection.execute(_KEEP_WORDING, (kind, evidence.seen_at, article_id))
    values = row | {
        "id": article_id,
        "revision": old["revision"] + 1,
        "state": "live",
        "first_seen_at": old["first_seen_at"],
        "last_seen_at": max(old["last_seen_at"], evidence.seen_at),
        "changed_at": evidence.seen_at if kind == "edit" else old["changed_at"],
        "capture_id": evidence.captures[0],
    }
    _replace(scope, article_id, old, values, article)
    _insert_evidence(scope.connection, article_id, values["revision"], evidence)


def _refresh(scope: Scope, article_id: int, row: dict[str, Any], article: Article) -> None:
    """Brings the columns that are no wording (warnings, evidence of the reading) up to a newer reading of the same."""
    old = scope.connection.execute("SELECT * FROM articles WHERE id = ?", (article_id,)).fetchone()
    _replace(scope, article_id, old, dict(old) | row, article)


def _replace(scope: Scope, article_id: int, old: sqlite3.Row, values: Mapping[str, Any], article: Article) -> None:
    scope.index.remove(article_id, dict(old))
    scope.connection.execute(_UPDATE, values)
    scope.connection.execute("DELETE FROM credits WHERE article_id = ?", (article_id,))
    scope.connection.execute("DELETE FROM tags WHERE article_id = ?", (article_id,))
    _insert_rows(scope.connection, article_id, article)
    scope.index.add(article_id, values)


def _insert_rows(connection: sqlite3.Connection, article_id: int, article: Article) -> None:
    """Credits and tags: a single statement each, since every one costs this thread a turn at the interpreter's lock."""
    if article.credits:
        credits = [[credit.role, storable(credit.name), storable(credit.printed)] for credit in article.credits]
        connection.execute(_CREDITS, (article_id, _json(credits)))
    if article.tags:
        tags = [storable(tag) for tag in article.tags]
        connection.execute(_TAGS, (article_id, _json(tags)))


def _insert_evidence(connection: sqlite3.Connection, article_id: int, revision: int, evidence: _Evidence) -> None:
    rows = [(article_id, revision, part, capture_id) for part, capture_id in enumerate(evidence.captures, start=1)]
    connection.executemany("INSERT INTO article_captures VALUES (?, ?, ?, ?)", rows)


def _observe(scope: Scope, known: sqlite3.Row, evidence: _Evidence, decision: Decision, seen: Wording) -> None:
    """Notes the look, unless it is the very capture that the current wording came from: that was no new look."""
    capture = evidence.captures[0]
    if capture == known["capture_id"]:
        return
    if not seen.complete and _wording(known).complete:
        observe(scope, known["id"], evidence.seen_at, "blocked", INCOMPLETE, capture, None)
        return
    outcome: Seen = "changed" if decision in ("edited", "flapping") else "same"
    why = decision if decision in ("flapping", "reread") else None
    observe(scope, known["id"], evidence.seen_at, outcome, why, capture, "live")


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_CAPTURE = "SELECT fetched_at, payload_sha256 FROM captures WHERE id = ?"

_KNOWN = f"""
SELECT id, revision, text_sha256, template, template_version, warnings, capture_id, {", ".join(WORDING)},
    (SELECT json_group_array(payload_sha256)
     FROM (SELECT c.payload_sha256 FROM article_captures e JOIN captures c ON c.id = e.capture_id
           WHERE e.article_id = articles.id AND e.revision = articles.revision ORDER BY e.part)) AS payloads
FROM articles WHERE url = ?"""

_WRITTEN = (*ARTICLE_COLUMNS[1:], "evidence")  # all but the id, which SQLite gives where it is null

_INSERT = f"INSERT INTO articles (id, {', '.join(_WRITTEN)}) VALUES (:id, {', '.join(':' + name for name in _WRITTEN)})"

_UPDATE = f"UPDATE articles SET {', '.join(f'{name} = :{name}' for name in _WRITTEN)} WHERE id = :id"

_KEEP_WORDING = f"""
INSERT INTO revisions (article_id, change_kind, seen_at, {", ".join(_WRITTEN)})
SELECT id, ?, ?, {", ".join(_WRITTEN)} FROM articles WHERE id = ?"""

_CREDITS = """
INSERT OR IGNORE INTO credits (article_id, role, name, printed, position)
SELECT ?, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), key + 1
FROM json_each(?)"""

_TAGS = "INSERT OR IGNORE INTO tags (article_id, tag) SELECT ?, value FROM json_each(?)"

_PARTS = "SELECT capture_id FROM article_captures WHERE article_id = ? AND revision = ? ORDER BY part"

_EARLIER = "SELECT text_sha256, seen_at FROM revisions WHERE article_id = ? AND change_kind = 'edit'"

_STATE = """
SELECT state, (SELECT outcome FROM observations WHERE article_id = :id AND outcome <> 'blocked' ORDER BY id DESC LIMIT 1)
FROM articles WHERE id = :id"""

_OBSERVATION = """
INSERT INTO observations (article_id, run_id, seen_at, outcome, capture_id, why) VALUES (?, ?, ?, ?, ?, ?)"""

_DONE = """
INSERT INTO frontier (url, kind, channel, host, state, outcome, tries, discovered_at, article_id, capture_id, run_id,
    next_check_at)
VALUES (:url, 'article', :channel, :host, 'done', :outcome, 1, :now, :article_id, :capture_id, :run, :next_check_at)
ON CONFLICT (url) DO UPDATE SET state = 'done', outcome = excluded.outcome, tries = tries + 1,
    next_check_at = excluded.next_check_at, article_id = excluded.article_id, capture_id = excluded.capture_id, run_id = excluded.run_id"""
