"""The archive as it was known at the end of a day: views that stand before the tables of the same name.

Every wording is kept with when it was replaced, and every look with what it saw; so what was known on a day can be told
later. An article first seen afterwards is not there, of the others the wording of that day stands in `articles`, with
the state, `last_seen_at` and `changed_at` of that day, its credits, tags and placements, and the looks until then.
`is_current` says of an article whether its wording is still the one that the search index holds.

What a rereading changed in place, without a change of wording (`warnings`, `breadcrumb`, `evidence`), is of the last
reading; and after `reparse` all wordings are as today's code reads what was seen by then.
"""

import sqlite3
from datetime import date, datetime, time, timedelta

from zjcrawl.archive.schema import ARTICLE_COLUMNS
from zjcrawl.archive.values import stamp
from zjcrawl.models import SHANGHAI


def end_of(day: date) -> str:
    """The first moment after a day of Shanghai, as the archive writes moments."""
    return stamp(datetime.combine(day, time(), SHANGHAI) + timedelta(days=1))


def look_back(connection: sqlite3.Connection, day: date) -> None:
    """Makes a connection see the archive as it was known at the end of a day. The file is not touched."""
    for name, query in _VIEWS.items():
        # A view takes no parameters; what is put in is a moment that we have written ourselves.
        connection.execute(f"CREATE TEMP VIEW {name} AS {query.replace(':end', repr(end_of(day)))}")


def _columns(article_id: str, state: str, last_seen_at: str) -> str:
    """The columns of a wording, with what is told of it otherwise than the row does."""
    told = {"id": article_id, "state": state, "last_seen_at": last_seen_at}
    names = (*ARTICLE_COLUMNS, "evidence")
    return ", ".join(f"{told[name]} AS {name}" if name in told else f"w.{name}" for name in names)


_SEEN = "main.observations o WHERE o.article_id = {id} AND o.seen_at < :end"

# As `decide.absence` has it: gone is what was not there twice in a row, the second time for a reason that is no doubt.
_STATE = f"""
CASE WHEN 'gone' IS NOT (SELECT o.outcome FROM {_SEEN} AND o.outcome <> 'blocked' ORDER BY o.id DESC LIMIT 1) THEN 'live'
     WHEN EXISTS (
         SELECT 1 FROM main.observations o LEFT JOIN main.captures c ON c.id = o.capture_id
         WHERE o.article_id = {{id}} AND o.seen_at < :end AND o.outcome = 'gone' AND coalesce(c.outcome, 'gone') = 'gone'
             AND o.id > (SELECT min(o.id) FROM {_SEEN} AND o.outcome = 'gone' AND o.id > coalesce(
                 (SELECT max(o.id) FROM {_SEEN} AND o.outcome IN ('same', 'changed')), 0)))
     THEN 'gone' ELSE 'suspect' END"""

_LAST_SEEN = f"coalesce((SELECT max(o.seen_at) FROM {_SEEN} AND o.outcome IN ('same', 'changed')), w.first_seen_at)"

_SEEN_LATER = "EXISTS (SELECT 1 FROM main.observations o WHERE o.article_id = {id} AND o.seen_at >= :end)"

# What was not looked at since is as the row says.
_STATE_NOW = f"CASE WHEN {_SEEN_LATER} THEN {_STATE} ELSE w.state END".replace("{id}", "w.id")
_LAST_SEEN_NOW = f"CASE WHEN {_SEEN_LATER} THEN {_LAST_SEEN} ELSE w.last_seen_at END".replace("{id}", "w.id")

_IS_CURRENT = """
first_seen_at < :end
    AND NOT EXISTS (SELECT 1 FROM main.revisions r WHERE r.article_id = w.id AND r.seen_at >= :end)"""

# A row of `revisions` was the wording until `seen_at`: of those that were replaced later, the first.
_WAS_CURRENT = """
w.first_seen_at < :end AND w.seen_at >= :end
    AND NOT EXISTS (SELECT 1 FROM main.revisions r
                    WHERE r.article_id = w.article_id AND r.revision < w.revision AND r.seen_at >= :end)"""

_ARTICLES = f"""
SELECT {_columns("w.id", _STATE_NOW, _LAST_SEEN_NOW)}, 1 AS is_current
FROM main.articles w WHERE {_IS_CURRENT}
UNION ALL
SELECT {_columns("w.article_id", _STATE.replace("{id}", "w.article_id"), _LAST_SEEN.replace("{id}", "w.article_id"))}, 0
FROM main.revisions w WHERE {_WAS_CURRENT}"""

_EARLIER_NAMES = " UNION ALL ".join(
    f"""
SELECT w.article_id, '{role}', value, '', {order} * 1000 + key FROM main.revisions w,
    json_each('[' || replace(json_quote(w.{column}), ';', '","') || ']') WHERE w.{column} IS NOT NULL AND {_WAS_CURRENT}"""
    for order, (column, role) in enumerate(
        {"reporters": "reporter", "correspondents": "correspondent", "photographers": "photographer",
         "editors": "editor"}.items(), start=1)
)  # fmt: skip

_VIEWS = {
    "articles": _ARTICLES,
    "revisions": "SELECT * FROM main.revisions WHERE seen_at < :end",
    "observations": "SELECT * FROM main.observations WHERE seen_at < :end",
    "credits": f"""
SELECT c.article_id, c.role, c.name, c.printed, c.position FROM main.credits c JOIN main.articles w ON w.id = c.article_id
WHERE {_IS_CURRENT}
UNION ALL {_EARLIER_NAMES}""",
    "tags": f"""
SELECT t.article_id, t.tag FROM main.tags t JOIN main.articles w ON w.id = t.article_id WHERE {_IS_CURRENT}
UNION ALL
SELECT w.article_id, value FROM main.revisions w,
    json_each('[' || replace(json_quote(w.tags), ';', '","') || ']') WHERE w.tags IS NOT NULL AND {_WAS_CURRENT}""",
    # Of an address that was no article yet, only that it was known then.
    "frontier": """
SELECT f.url, f.kind, f.channel, a.id AS article_id, CASE WHEN f.article_id IS a.id THEN f.state ELSE 'pending' END AS state,
    CASE WHEN f.article_id IS a.id THEN f.outcome END AS outcome
FROM main.frontier f LEFT JOIN main.articles a ON a.id = f.article_id AND a.first_seen_at < :end
WHERE f.discovered_at < :end OR a.id IS NOT NULL""",
    # When a list was seen last is kept, not each time: of one that was seen since, only the first is certain.
    "placements": """
SELECT f.article_id, l.channel, min(l.listed_at) AS listed_at, min(l.first_seen_at) AS first_seen_at,
    max(CASE WHEN l.last_seen_at < :end THEN l.last_seen_at ELSE l.first_seen_at END) AS last_seen_at
FROM main.leads l JOIN main.frontier f ON f.url = l.url
WHERE l.first_seen_at < :end AND f.article_id IN (SELECT id FROM main.articles WHERE first_seen_at < :end)
GROUP BY f.article_id, l.channel""",
}
