"""What the tables say together: where addresses stand, how wordings follow each other, what was seen, which runs ended."""

import json
from collections.abc import Iterator
from typing import Any, get_args

from zjcrawl.archive import lock
from zjcrawl.archive.decide import Decision
from zjcrawl.archive.frontier import NOT_TRIED
from zjcrawl.ingest import STATES
from zjcrawl.verify.findings import ANEW, Finding
from zjcrawl.verify.subject import Subject

READ = {*get_args(Decision), "incomplete", "duplicate"}  # outcomes of an address that was read as an article
ENDED = {  # the outcomes of an address that is no known article, by the state it is left in
    "excluded": {outcome for outcome, state in STATES.items() if state == "excluded"} | {"too_deep"},
    "failed": {outcome for outcome, state in STATES.items() if state == "failed"} | {"incomplete"},
    "done": {"listed", "no_leads", "stub", "gone"},
}
OUTCOMES = READ.union(*ENDED.values(), NOT_TRIED, {"not_modified"})


def in_hand(subject: Subject) -> Iterator[Finding]:
    """No address is in hand, and no run goes on, while nobody writes."""
    writer = lock.holder(subject.folder)
    addresses = subject.rows("SELECT id, url FROM frontier WHERE state = 'in_flight'").fetchall()
    runs = subject.rows("SELECT id, command, started_at FROM runs WHERE ended_at IS NULL ORDER BY id DESC").fetchall()
    if writer or lock.holder(subject.folder):
        addresses, runs = [], runs[1:]
    for number, url in addresses:
        says = "it is in_flight, but no run has it in hand: the next 'zjcrawl crawl' frees it"
        yield Finding("in hand", "frontier", number, url, says)
    for number, command, since in runs:
        yield Finding(
            "runs",
            "runs",
            number,
            "",
            f"'zjcrawl {command}' of {since} has no end: it was killed, or is known from warc/ only",
            "note",
        )


def frontier(subject: Subject) -> Iterator[Finding]:
    """Every address ended in an outcome of its state, and one that was read points to its article."""
    for number, url, kind, state, outcome, article, is_proved in subject.rows(_FRONTIER):
        says = _stands(kind, state, outcome, article)
        if not says and state == "done" and outcome in READ and not is_proved:
            says = f"its outcome is {outcome!r}, but no look at {_article(article)} is of its capture"
        if says:
            yield Finding("frontier", "frontier", number, url, f"{says}: {ANEW}")
    for number, url in subject.rows(_UNREACHED):
        says = "no address of the frontier is done and leads to it, so that it is never looked at again"
        yield Finding("frontier", "articles", number, url, f"{says}: {ANEW}")
    for number, url in subject.rows(_STRANGE):
        yield Finding("frontier", "frontier", number, url, f"its capture was made for another address: {ANEW}")
    for channel, url in subject.rows(_LEADS):
        yield Finding("frontier", "leads", channel, url, f"it was listed, but is not in the frontier: {ANEW}")


def _stands(kind: str, state: str, outcome: str | None, article: int | None) -> str:
    """What is wrong with where an address stands."""
    if outcome not in OUTCOMES and not (outcome is None and state in ("pending", "in_flight")):
        return f"its outcome {outcome!r} is none that there is"
    if article is not None:
        return f"it is {state}, but an article is known by it" if state in ("failed", "excluded") else ""
    if state in ENDED and outcome not in ENDED[state] | (READ if state == "done" and kind == "article" else set()):
        return f"it is {state} with the outcome {outcome!r}, which leaves no {kind} so"
    return ""


def _article(article: int | None) -> str:
    return "any article" if article is None else f"article {article}"


def history(subject: Subject) -> Iterator[Finding]:
    """The wordings of an article are numbered 1, 2, …, each with its captures, and their times follow each other."""
    before: dict[str, Any] = {}
    for row in map(dict, subject.rows(_HISTORY)):
        if row["article"] != before.get("article"):
            before = {}
        for says in _follows(before, row):
            yield Finding("history", row["kept_in"], row["id"], row["url"], f"{says}: {ANEW}")
        before = row
    for article, revision, url in subject.rows(_LOOSE):
        says = f"captures are noted for wording {revision}, which there is not"
        yield Finding("history", "article_captures", article, url or "", f"{says}: {ANEW}")


def _follows(before: dict[str, Any], row: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a wording behind the one before it, {} for none."""
    if row["revision"] != (number := before.get("revision", 0) + 1):
        yield f"its revision is {row['revision']}, but it is wording {number} of its article"
    if row["evidence"] is None:
        yield "no capture is its evidence"
        return
    if json.loads(row["parts"]) != list(range(1, len(json.loads(row["parts"])) + 1)):
        yield f"its captures are parts {row['parts']}, not 1, 2, …"
    if row["capture_id"] != row["evidence"]:
        yield f"capture_id is {row['capture_id']}, but its evidence is capture {row['evidence']}"
    if before and before["seen_at"] != row["fetched_at"]:
        yield f"it was fetched at {row['fetched_at']}, but replaced another at {before['seen_at']}"
    edited = not before or before["change_kind"] == "edit"
    times = {
        "url": before.get("url", row["url"]),
        "first_seen_at": before.get("first_seen_at", row["fetched_at"]),
        "changed_at": row["fetched_at"] if edited else before["changed_at"],
        "last_seen_at": max(
            filter(None, (before.get("last_seen_at"), row["fetched_at"], row["looked_at"])), default=None
        ),
    }
    for column, value in times.items():
        if row[column] != value:
            yield f"{column} is {row[column]}, but by its captures and looks it is {value}"


def looks(subject: Subject) -> Iterator[Finding]:
    """Every look at an article has the time and the address of its capture, and the last one says the article's state."""
    for number, url, seen_at, fetched_at, same_article in subject.rows(_LOOKS):
        if not same_article:
            says = "its capture was made for an address that leads to another article"
            yield Finding("looks", "observations", number, url, f"{says}: {ANEW}")
        elif fetched_at is not None and seen_at != fetched_at:
            says = f"seen_at is {seen_at}, but its capture was fetched at {fetched_at}"
            yield Finding("looks", "observations", number, url, f"{says}: {ANEW}")
    for number, url, state, seen in subject.rows(_STATES):
        says = f"its state is {state}, but the last look that saw anything saw it {seen or 'as new'}"
        yield Finding("looks", "articles", number, url, f"{says}: {ANEW}")


def captures(subject: Subject) -> Iterator[Finding]:
    """Every capture ended in an outcome that there is, or none; all that stand in one file are of one run."""
    for number, url, outcome in subject.rows("SELECT id, url, outcome FROM captures WHERE outcome IS NOT NULL"):
        if outcome not in OUTCOMES:
            yield Finding("captures", "captures", number, url, f"its outcome {outcome!r} is none that there is: {ANEW}")
    for name, some in subject.rows(_RUNS):
        says = f"its captures are said to be of several runs ({some}), but one run wrote the file"
        yield Finding("captures", "warc_files", name, "", f"{says}: {ANEW}")


# An address that was listed when its article was known already was never asked for, and has no capture.
_FRONTIER = """
SELECT f.id, f.url, f.kind, f.state, f.outcome, f.article_id, CASE
    WHEN f.capture_id IS NULL THEN EXISTS (SELECT 1 FROM articles a WHERE a.id = f.article_id AND a.url = f.url)
    ELSE EXISTS (SELECT 1 FROM article_captures e WHERE e.capture_id = f.capture_id AND e.article_id = f.article_id)
        OR EXISTS (SELECT 1 FROM observations o WHERE o.article_id = f.article_id AND o.capture_id = f.capture_id) END
FROM frontier f"""

# What an interrupted run had in hand is pending until the next one.
_UNREACHED = """
SELECT id, url FROM articles
WHERE id NOT IN (SELECT article_id FROM frontier WHERE article_id IS NOT NULL
                     AND coalesce(outcome, '') NOT IN ('duplicate', 'stub') AND state IN ('done', 'pending', 'in_flight'))"""

_STRANGE = """
SELECT f.id, f.url FROM frontier f JOIN captures c ON c.id = f.capture_id WHERE c.frontier_url IS NOT f.url"""

_LEADS = "SELECT channel, url FROM leads WHERE url NOT IN (SELECT url FROM frontier)"

# Every wording in order, with the capture it was read from, and its latest look that was before the next wording.
_HISTORY = """
WITH wordings AS (
    SELECT 'articles' AS kept_in, id, id AS article, NULL AS change_kind, NULL AS seen_at, revision, url, first_seen_at,
        last_seen_at, changed_at, capture_id FROM articles
    UNION ALL
    SELECT 'revisions', id, article_id, change_kind, seen_at, revision, url, first_seen_at,
        last_seen_at, changed_at, capture_id FROM revisions)
SELECT w.*, e.capture_id AS evidence, c.fetched_at,
    (SELECT json_group_array(part) FROM article_captures p WHERE p.article_id = article AND p.revision = w.revision) AS parts,
    (SELECT max(o.seen_at) FROM observations o WHERE o.article_id = article AND o.outcome IN ('same', 'changed')
         AND (w.seen_at IS NULL OR o.seen_at < w.seen_at)) AS looked_at
FROM wordings w
LEFT JOIN article_captures e ON e.article_id = article AND e.revision = w.revision AND e.part = 1
LEFT JOIN captures c ON c.id = e.capture_id
ORDER BY article, w.seen_at IS NULL, w.revision"""

_LOOSE = """
SELECT DISTINCT e.article_id, e.revision, a.url FROM article_captures e LEFT JOIN articles a ON a.id = e.article_id
WHERE e.revision IS NOT a.revision
    AND NOT EXISTS (SELECT 1 FROM revisions r WHERE r.article_id = e.article_id AND r.revision = e.revision)"""

# A look that brought no wording is noted when the run has dealt with it, a moment after its capture.
_LOOKS = """
SELECT o.id, a.url, o.seen_at, CASE WHEN o.outcome IN ('same', 'changed') THEN c.fetched_at END,
    o.capture_id IS NULL OR EXISTS (SELECT 1 FROM frontier f WHERE f.url = c.frontier_url AND f.article_id = o.article_id)
FROM observations o JOIN articles a ON a.id = o.article_id LEFT JOIN captures c ON c.id = o.capture_id"""

_STATES = """
SELECT id, url, state, seen FROM (
    SELECT a.id, a.url, a.state, (SELECT outcome FROM observations WHERE article_id = a.id AND outcome <> 'blocked'
                                  ORDER BY id DESC LIMIT 1) AS seen FROM articles a)
WHERE (state = 'live') = (seen IS 'gone')"""

_RUNS = (
    "SELECT warc_file, group_concat(DISTINCT run_id) FROM captures GROUP BY warc_file HAVING count(DISTINCT run_id) > 1"
)
