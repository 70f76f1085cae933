"""The tables of `archive.db`, a public interface described in the README's data dictionary, and their migrations.

A migration is never changed once released: a change of tables is a new one at the end.
"""

import sqlite3
import sys
from types import ModuleType
from typing import TYPE_CHECKING, cast

from zjcrawl.archive.search_index import TOKENIZER
from zjcrawl.errors import InputError

if TYPE_CHECKING:  # only who makes tables needs it
    import sqlite_utils
    from sqlite_utils import Migrations

APPLICATION_ID = int.from_bytes(b"zjcr")
VERSION = 4  # of the tables that this program writes: how many migrations there are

# The columns of `articles` in their order: the data dictionary's, and that of every export. `evidence` stands behind
# them in the table and stays there.
ARTICLE_COLUMNS = (
    "id",
    "url",
    "channel",
    "breadcrumb",
    "kicker",
    "title",
    "subtitle",
    "published_at",
    "published_precision",
    "published_printed",
    "source",
    "reporters",
    "correspondents",
    "photographers",
    "editors",
    "dateline",
    "body",
    "blocks",
    "tags",
    "images",
    "notice",
    "kind",
    "template",
    "template_version",
    "warnings",
    "revision",
    "state",
    "first_seen_at",
    "last_seen_at",
    "changed_at",
    "text_sha256",
    "capture_id",
)


def migrations() -> "Migrations":
    """The steps from nothing to the tables of today."""
    steps: Migrations = _sqlite_utils().Migrations("zjcrawl")
    for step in (m001_tables, m002_errands_looks_and_fixity, m003_stories, m004_health):
        steps()(step)
    return steps


def migrate(connection: sqlite3.Connection) -> None:
    """Brings the tables up to date, each step in a transaction of its own. Raises InputError as `check` does."""
    if (found := check(connection)) == VERSION:
        return
    if found == 0:  # said before the first table, so that an archive begun on a full disk is known as one
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    migrations().apply(_sqlite_utils().Database(connection))


def _sqlite_utils() -> ModuleType:
    """sqlite-utils without pandas and numpy, which it loads where they are installed, for what nobody does here: a writer
    would hold them in memory as long as it lives."""
    unwanted = [name for name in ("pandas", "numpy") if name not in sys.modules]
    loaded = cast(dict[str, ModuleType | None], sys.modules)
    loaded.update(dict.fromkeys(unwanted))  # so that their import fails
    try:
        import sqlite_utils
    finally:
        for name in unwanted:
            loaded.pop(name, None)
    return sqlite_utils


def check(connection: sqlite3.Connection) -> int:
    """The version of an archive's tables, 0 for an empty file. Raises InputError for a newer one or something else."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (application or tables):
        raise InputError("it is a database of something else, not an archive of zjcrawl")
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > VERSION:
        raise InputError(
            f"it was written by a newer zjcrawl (tables version {found}, this program knows {VERSION}): update zjcrawl"
        )
    return int(found)


def m001_tables(database: "sqlite_utils.Database") -> None:
    for statement in _M001.split(";\n\n"):
        database.conn.execute(statement)
    database.conn.execute(
        f"""CREATE VIRTUAL TABLE articles_fts USING fts5(title, body, content='', tokenize="{TOKENIZER}")"""
    )
    # Merging pieces of the index as late as it likes, not as soon: a third of the cost when batches are small.
    database.conn.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('automerge', 8)")
    database.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.conn.execute("PRAGMA user_version = 1")


def m002_errands_looks_and_fixity(database: "sqlite_utils.Database") -> None:
    """What each capture was fetched for, why a look saw no wording, the digest of every closed WARC, what is due."""
    for statement in _M002.split(";\n\n"):
        database.conn.execute(statement)
    database.conn.execute("PRAGMA user_version = 2")


def m003_stories(database: "sqlite_utils.Database") -> None:
    """Which articles tell one story, and which pairs of them say so."""
    for statement in _M003.split(";\n\n"):
        database.conn.execute(statement)
    database.conn.execute("PRAGMA user_version = 3")


def m004_health(database: "sqlite_utils.Database") -> None:
    """Indexes for what `status` asks, so that it takes no longer the larger an archive grows."""
    for statement in _M004.split(";\n\n"):
        database.conn.execute(statement)
    database.conn.execute("PRAGMA user_version = 4")


_WORDING = """
    channel TEXT,
    breadcrumb TEXT,
    kicker TEXT,
    title TEXT,
    subtitle TEXT,
    published_at TEXT,
    published_precision TEXT CHECK (published_precision IN ('second', 'minute', 'hour', 'day')),
    published_printed TEXT,
    source TEXT,
    reporters TEXT,
    correspondents TEXT,
    photographers TEXT,
    editors TEXT,
    dateline TEXT,
    body TEXT NOT NULL,
    blocks TEXT NOT NULL CHECK (json_valid(blocks)),
    tags TEXT,
    images TEXT NOT NULL CHECK (json_valid(images)),
    notice TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('text', 'gallery', 'video', 'stub')),
    template TEXT NOT NULL,
    template_version INTEGER NOT NULL,
    warnings TEXT NOT NULL CHECK (json_valid(warnings)),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    state TEXT NOT NULL CHECK (state IN ('live', 'gone', 'suspect')),
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    capture_id INTEGER NOT NULL REFERENCES captures (id),
    evidence TEXT NOT NULL CHECK (json_valid(evidence))"""

# Tables without row ids begin with their key: SQLite 3.40's integrity_check misjudges others.
# `placements` is a view: it is what `leads` and `frontier` say together, and a copy would have to be kept in step.
_M001 = f"""
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    command TEXT NOT NULL,
    version TEXT NOT NULL,
    exit_code INTEGER,
    stats TEXT CHECK (stats IS NULL OR json_valid(stats))
);

CREATE TABLE channels (
    slug TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    prefecture TEXT NOT NULL,
    host TEXT NOT NULL,
    lists TEXT NOT NULL CHECK (json_valid(lists))
) WITHOUT ROWID;

CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    url TEXT NOT NULL,
    final_url TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    status INTEGER NOT NULL,
    outcome TEXT,
    charset_declared TEXT,
    charset_used TEXT,
    payload_sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    truncated TEXT,
    warc_file TEXT NOT NULL,
    warc_offset INTEGER NOT NULL CHECK (warc_offset >= 0),
    warc_length INTEGER NOT NULL CHECK (warc_length > 0),
    revisit_of INTEGER REFERENCES captures (id),
    etag TEXT,
    last_modified TEXT
);

CREATE INDEX captures_url ON captures (url);

CREATE INDEX captures_payload ON captures (final_url, payload_sha256) WHERE revisit_of IS NULL;

CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,{_WORDING}
);

CREATE INDEX articles_published ON articles (published_at, id);

CREATE INDEX articles_channel ON articles (channel, published_at);

CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id),
    change_kind TEXT NOT NULL CHECK (change_kind IN ('edit', 'reparse')),
    seen_at TEXT NOT NULL,
    url TEXT NOT NULL,{_WORDING},
    UNIQUE (article_id, revision)
);

CREATE TABLE article_captures (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    revision INTEGER NOT NULL,
    part INTEGER NOT NULL CHECK (part >= 1),
    capture_id INTEGER NOT NULL REFERENCES captures (id),
    PRIMARY KEY (article_id, revision, part)
) WITHOUT ROWID;

CREATE INDEX article_captures_capture ON article_captures (capture_id);

CREATE TABLE credits (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    printed TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (article_id, role, name)
) WITHOUT ROWID;

CREATE INDEX credits_name ON credits (name, role, article_id);

CREATE TABLE tags (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    tag TEXT NOT NULL,
    PRIMARY KEY (article_id, tag)
) WITHOUT ROWID;

CREATE INDEX tags_tag ON tags (tag, article_id);

CREATE TABLE frontier (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('listing', 'article', 'part')),
    channel TEXT NOT NULL,
    host TEXT NOT NULL,
    found_in TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'in_flight', 'done', 'failed', 'excluded')),
    outcome TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    next_check_at TEXT,
    discovered_at TEXT NOT NULL,
    listed_at TEXT,
    dated TEXT NOT NULL DEFAULT '',
    article_id INTEGER REFERENCES articles (id),
    capture_id INTEGER REFERENCES captures (id),
    run_id INTEGER REFERENCES runs (id)
);

CREATE INDEX frontier_pending ON frontier (kind, channel, host, dated) WHERE state = 'pending';

CREATE INDEX frontier_in_flight ON frontier (id) WHERE state = 'in_flight';

CREATE INDEX frontier_article ON frontier (article_id) WHERE article_id IS NOT NULL;

CREATE INDEX frontier_run ON frontier (run_id, outcome);

CREATE TABLE leads (
    url TEXT NOT NULL,
    channel TEXT NOT NULL,
    found_in TEXT NOT NULL,
    listed_at TEXT,
    listed_printed TEXT,
    text TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    PRIMARY KEY (url, channel)
) WITHOUT ROWID;

CREATE INDEX leads_channel ON leads (channel, url);

CREATE TABLE observations (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id),
    run_id INTEGER NOT NULL REFERENCES runs (id),
    seen_at TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('same', 'changed', 'gone', 'blocked')),
    capture_id INTEGER REFERENCES captures (id)
);

CREATE INDEX observations_article ON observations (article_id, seen_at);

CREATE VIEW placements AS
SELECT f.article_id, l.channel, min(l.listed_at) AS listed_at,
       min(l.first_seen_at) AS first_seen_at, max(l.last_seen_at) AS last_seen_at
FROM leads l JOIN frontier f ON f.url = l.url
WHERE f.article_id IS NOT NULL
GROUP BY f.article_id, l.channel;

CREATE VIEW paragraphs AS
SELECT a.id AS article_id, b.key AS position, json_extract(b.value, '$.kind') AS kind,
       json_extract(b.value, '$.text') AS text, json_extract(b.value, '$.src') AS src
FROM articles a, json_each(a.blocks) b"""

# Earlier captures are told what they were fetched for by what the frontier and the evidence say of them.
_M002 = """
ALTER TABLE captures ADD COLUMN kind TEXT CHECK (kind IN ('listing', 'article', 'part', 'robots', 'probe'));

ALTER TABLE captures ADD COLUMN channel TEXT;

ALTER TABLE captures ADD COLUMN frontier_url TEXT;

UPDATE captures SET kind = 'robots', frontier_url = url WHERE url LIKE '%/robots.txt';

UPDATE captures SET (kind, channel, frontier_url) = (SELECT f.kind, f.channel, f.url FROM frontier f WHERE f.url = captures.url)
WHERE kind IS NULL;

UPDATE captures SET (kind, channel, frontier_url) = (
    SELECT 'part', first.channel, first.frontier_url
    FROM article_captures own
    JOIN article_captures lead ON lead.article_id = own.article_id AND lead.revision = own.revision AND lead.part = 1
    JOIN captures first ON first.id = lead.capture_id
    WHERE own.capture_id = captures.id AND own.part > 1)
WHERE kind IS NULL;

CREATE INDEX captures_frontier ON captures (frontier_url, run_id, kind);

CREATE INDEX captures_probes ON captures (frontier_url, id) WHERE kind = 'probe';

ALTER TABLE observations ADD COLUMN why TEXT;

CREATE TABLE warc_files (
    name TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL CHECK (bytes > 0),
    sha256 TEXT NOT NULL,
    closed_at TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX frontier_older ON frontier (found_in) WHERE kind = 'listing' AND found_in IS NOT NULL;

CREATE INDEX frontier_due ON frontier (host, next_check_at) WHERE state = 'done' AND next_check_at IS NOT NULL;

UPDATE frontier SET next_check_at = discovered_at
WHERE state = 'done' AND kind = 'article' AND article_id IS NOT NULL AND outcome <> 'duplicate'"""

_M003 = """
CREATE TABLE stories (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id),
    story_id INTEGER NOT NULL REFERENCES articles (id),
    day TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    letters_sha256 TEXT NOT NULL,
    signature BLOB NOT NULL
);

CREATE INDEX stories_story ON stories (story_id);

CREATE TABLE reprints (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    other_id INTEGER NOT NULL REFERENCES articles (id),
    containment REAL NOT NULL CHECK (containment BETWEEN 0 AND 1),
    PRIMARY KEY (article_id, other_id),
    CHECK (article_id < other_id)
) WITHOUT ROWID;

CREATE INDEX reprints_other ON reprints (other_id)"""

# From these, articles are counted without their texts being read, and the newest of a channel found without the others.
_M004 = """
DROP INDEX articles_channel;

CREATE INDEX articles_channel ON articles (channel, published_at, first_seen_at, state);

CREATE INDEX articles_day ON articles (channel, coalesce(published_at, first_seen_at), id) WHERE kind <> 'stub';

CREATE INDEX captures_listings ON captures (channel, fetched_at) WHERE kind = 'listing' AND status = 200"""
