"""A second database beside `archive.db`, made anew from what was kept, that takes its place when it is whole.

What cannot be made anew is copied (runs, captures, what the frontier knows of addresses without an answer); where there
is no `archive.db`, it is made from the WARC files alone. Until the end nobody sees anything but the old one.
"""

import base64
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import zjcrawl
from zjcrawl.archive import captures, cold, database, schema, warc
from zjcrawl.archive.captures import Reference
from zjcrawl.archive.frontier import Claim, host_of
from zjcrawl.archive.lock import Lock
from zjcrawl.archive.search_index import Changes
from zjcrawl.archive.transaction import Transaction
from zjcrawl.archive.values import moment, stamp
from zjcrawl.errors import InputError
from zjcrawl.models import Capture, Channel, Errand

NAME = "archive.db.new"
COMMAND = "reparse"
_BATCH = 512  # visits whose changes the search index is told at once

Guess = Callable[[Capture], Errand | None]


@dataclass(frozen=True, slots=True)
class Visit:
    """One answer to one errand of a run: the last capture of it, and those of an article's further pages."""

    first: Reference
    parts: tuple[Reference, ...]
    command: str  # of its run: `crawl jx --since 2026-01-01`


class Rebuild:
    """The new database, while the archive is locked for every other writer. Use it as a context.

    Raises LockedError, InputError and StorageError as `ArchiveWriter` does.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / NAME
        self.started_at = stamp(datetime.now(UTC))
        self.adopted_runs: list[int] = []  # those that only the WARC files tell of, and so not of their ends
        self._ids: dict[str, int] = {}
        self._next_id = 0
        if not (folder / "warc").is_dir() and not (folder / database.NAME).exists():
            raise InputError(f"there is no archive in {folder}: 'zjcrawl crawl' makes one, --archive names another")
        with database.told(folder):
            self._lock = Lock(folder, COMMAND)
            try:
                self._discard()
                self.has_old = (folder / database.NAME).exists()
                if not self.has_old and (missing := cold.missing(folder)):
                    raise InputError(
                        f"{missing[0]}, named in {folder / cold.NAME}, is not there: mount it, or remove its line"
                    )
                self._salvage()
                if self.has_old:
                    self._copy_old()
                self.connection = self._open()
            except BaseException:
                self._lock.release()
                raise

    def __enter__(self) -> "Rebuild":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
        with suppress(OSError):
            self._discard()
        self._lock.release()

    # -- beginning ---------------------------------------------------------------------------------------------------

    def _discard(self) -> None:
        for name in (NAME, f"{NAME}-wal", f"{NAME}-shm", f"{NAME}-journal"):
            (self.folder / name).unlink(missing_ok=True)

    def _salvage(self) -> None:
        """Closes what a killed run left open; the old database, if there is one, knows up to where it was synced."""
        torn = sorted((self.folder / "warc").glob("*" + warc.OPEN))
        ends: dict[str, int] = {}
        if torn and self.has_old:
            with closing(database.open_for_reading(self.folder / database.NAME)) as old:
                schema.check(old)
                ends = {
                    path.name: row[0] or 0 for path in torn if (row := old.execute(_END, (_closed(path),)).fetchone())
                }
        for path in torn:
            warc.salvage(path, committed=ends.get(path.name, 0))

    def _copy_old(self) -> None:
        with (
            closing(database.open_for_reading(self.folder / database.NAME)) as old,
            closing(sqlite3.connect(self.path, isolation_level=None)) as new,
        ):
            schema.check(old)
            old.backup(new)

    def _open(self) -> sqlite3.Connection:
        """The new database with its tables, without readings. Nothing of it need survive a crash."""
        connection = sqlite3.connect(self.path, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA cache_size = -65536")
            schema.migrate(connection)
            connection.execute("PRAGMA foreign_keys = OFF")  # checked at the end: rows come in another order
            connection.execute("CREATE TEMP TABLE was AS SELECT * FROM frontier")
            connection.execute("CREATE UNIQUE INDEX temp.was_url ON was (url)")
            self._ids = dict(connection.execute("SELECT url, id FROM articles"))
            self._next_id = max(self._ids.values(), default=0)
            connection.executescript(_FORGET)
        except BaseException:
            connection.close()
            raise
        return connection

    # -- what there is to read ---------------------------------------------------------------------------------------

    def adopt(self, guess: Guess, progress: Callable[[int], object] = lambda _: None) -> int:
        """Makes rows of the runs and captures that only the WARC files know; returns how many captures.

        `guess` says what a capture was fetched for where its record does not. `progress` is told bytes read.
        """
        known = {row[0] for row in self.connection.execute("SELECT DISTINCT warc_file FROM captures")}
        added = 0
        self.connection.execute("BEGIN")
        for path in self._files():
            if path.name not in known:
                added += self._adopt_file(path, guess)
            progress(path.stat().st_size)
        self.connection.execute("COMMIT")
        return added

    def sizes(self) -> int:
        """Bytes of all WARC files."""
        return sum(path.stat().st_size for path in self._files())

    def _files(self) -> list[Path]:
        """The closed WARC files in the order they were written: by run, then by their number in it."""
        return sorted(cold.closed(self.folder), key=lambda path: path.name.split("-")[-2:])

    def _adopt_file(self, path: Path, guess: Guess) -> int:
        run_id, added = 0, 0
        for offset, record in warc.records(path):
            kind = record.headers.get("warc-type")
            if kind == "warcinfo":
                run_id = self._adopt_run(warc.info_of(record), stamp(moment(record.headers["warc-date"])))
            elif kind in ("response", "revisit"):
                self._adopt_capture(path.name, offset, record, run_id or self._adopt_run({}, self.started_at), guess)
                added += 1
        captures.close_files(self.connection, [warc.digest_of(path)], self.started_at)
        return added

    def _adopt_run(self, told: Mapping[str, str], began: str) -> int:
        number = int(told["zjcrawl-run"]) if told.get("zjcrawl-run", "").isdecimal() else None
        row = (
            number,
            told.get("zjcrawl-started-at", began),
            told.get("zjcrawl-command", "?"),
            told.get("software", "?"),
        )
        added = self.connection.execute(_ADOPT_RUN, row)
        run_id = number or added.lastrowid or 0
        if added.rowcount:
            self.adopted_runs.append(run_id)
        return run_id

    def _adopt_capture(self, file: str, offset: int, record: warc.Record, run_id: int, guess: Guess) -> None:
        capture = warc.capture_of(record, None, record.http()[2])
        capture = replace(capture, errand=capture.errand or guess(capture))
        sha256, revisit_of, size = _payload_digest(record), None, len(capture.body)
        if record.headers["warc-type"] == "revisit" and capture.status != 304:
            of = (capture.final_url, sha256, record.headers.get("warc-refers-to-date"))
            row = self.connection.execute(_ADOPT_ORIGINAL, of).fetchone()
            if row is not None:
                revisit_of, size = row
        place = warc.Place(file, offset, record.end - offset)
        added = captures.add(self.connection, run_id, capture, sha256, place, revisit_of)
        self.connection.execute("UPDATE captures SET bytes = ? WHERE id = ?", (size, added))

    def register(self, channels: Iterable[Channel]) -> None:
        """Notes the channels, where no old database knows them."""
        if not self.has_old:
            writing = Transaction(self.folder, self.connection, None, 0, Changes(), self.started_at)
            writing.register(channels)

    def probes(self) -> list[Reference]:
        """The probes of all hosts, in the order they were kept."""
        return captures.probes(self.connection)

    def count(self) -> int:
        """How many visits there are."""
        return int(self.connection.execute(f"SELECT count(*) FROM captures c WHERE {_LAST}").fetchone()[0])

    def visits(self) -> Iterator[Visit]:
        """Every visit, in the order its first page was kept."""
        commands = dict(self.connection.execute("SELECT id, command FROM runs"))
        after = 0
        while page := list(captures.references(self.connection, f"c.id > ? AND {_LAST}", (after,), limit=_BATCH)):
            after = page[-1].capture_id
            for first in page:
                parts: tuple[Reference, ...] = ()
                if first.errand and first.errand.kind == "article":
                    wanted = (first.errand.url, first.run_id, first.capture_id)
                    parts = tuple(captures.references(self.connection, _PARTS, wanted))
                yield Visit(first, parts, commands.get(first.run_id) or "")

    # -- what is made of it ------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator["Writing"]:
        """All readings are written in here."""
        self.connection.execute("BEGIN")
        writing = Writing(self)
        yield writing
        writing.flush()
        self.connection.execute("COMMIT")

    def id_of(self, url: str) -> int:
        """The key of an article: the one it had, or one that nobody had."""
        if url not in self._ids:
            self._next_id += 1
            self._ids[url] = self._next_id
        return self._ids[url]

    def settle(self) -> None:
        """Gives back to the frontier what only the old one knew of it."""
        self.connection.executescript(_SETTLE)

    def compare(self, columns: tuple[str, ...], examples: int = 3) -> dict[str, Any]:
        """How the articles differ from the old ones: `columns` (count and examples each), `new`, `lost`, `revisions`."""
        if not self.has_old:
            return {"columns": {}, "new": self._value("SELECT count(*) FROM articles"), "lost": 0, "examples": []}
        uri = (self.folder / database.NAME).absolute().as_uri()
        self.connection.execute("ATTACH ? AS old", (f"{uri}?mode=ro",))
        try:
            changed: dict[str, Any] = {}
            for column in columns:
                count = self._value(f"SELECT count(*) FROM {_BOTH} WHERE o.{column} IS NOT n.{column}")
                if count:
                    rows = self.connection.execute(
                        f"SELECT n.url, o.{column}, n.{column} FROM {_BOTH} WHERE o.{column} IS NOT n.{column} LIMIT ?",
                        (examples,),
                    )
                    shown = [dict(zip(("url", "was", "is"), row, strict=True)) for row in rows]
                    changed[column] = {"articles": count, "examples": shown}
            lost = [row[0] for row in self.connection.execute(_LOST)]
            return {
                "columns": changed,
                "new": self._value("SELECT count(*) FROM articles WHERE url NOT IN (SELECT url FROM old.articles)"),
                "lost": len(lost),
                "examples": lost[:examples],
            }
        finally:
            self.connection.execute("DETACH old")

    def finish(self, stats: Mapping[str, Any]) -> None:
        """Notes the run, checks the new database, and puts it in the old one's place in one step."""
        row = (
            self.started_at,
            stamp(datetime.now(UTC)),
            COMMAND,
            zjcrawl.__version__,
            json.dumps(stats, ensure_ascii=False),
        )
        with database.told(self.folder):
            self.connection.execute(_RUN, row)
            self.connection.execute("PRAGMA optimize")
            for pragma in ("integrity_check", "foreign_key_check"):
                if [tuple(row) for row in self.connection.execute(f"PRAGMA {pragma}")] not in ([], [("ok",)]):
                    raise InputError(f"the rebuilt database does not pass its {pragma}: the old one stays")
            if self.has_old:
                # As one transaction of SQLite's: readers see the old or the new, and a crash leaves the old.
                with closing(database.open_for_writing(self.folder / database.NAME)) as target:
                    self.connection.backup(target)
                    target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                self.connection.execute("PRAGMA journal_mode = WAL")
                self.connection.close()
                with self.path.open("rb") as file:
                    os.fsync(file.fileno())
                self.path.rename(self.folder / database.NAME)
                warc.sync_folder(self.folder)

    def _value(self, sql: str) -> int:
        return int(self.connection.execute(sql).fetchone()[0])


class Writing:
    """Writes one visit after another, each as if its run did it at its time."""

    def __init__(self, rebuild: Rebuild) -> None:
        self.rebuild = rebuild
        self._index = Changes()

    def transaction(self, of: Reference, seen_at: datetime) -> Transaction:
        """What the run of a capture could write with, when it had it."""
        if len(self._index) > _BATCH:
            self.flush()
        return Transaction(
            self.rebuild.folder,
            self.rebuild.connection,
            None,
            of.run_id,
            self._index,
            stamp(seen_at),
            one_reading=True,
            article_id=self.rebuild.id_of,
        )

    def claim(self, t: Transaction, errand: Errand) -> Claim:
        """The claim that a run had on an address, which enters the frontier if it is not there."""
        if errand.kind == "listing":
            t.connection.execute(_FOUND, (errand.url, errand.kind, errand.channel, host_of(errand.url), t.now))
        else:
            t.discover(errand.url, "article", errand.channel, None)
        article_id, since = t.connection.execute(_KNOWN, (errand.url,)).fetchone()
        host = host_of(errand.url)
        return Claim(errand.url, errand.kind, errand.channel, host, 0, article_id, moment(since) if since else None)

    def flush(self) -> None:
        """Tells the search index what it has yet to learn."""
        self._index.apply(self.rebuild.connection)
        self._index.forget_after(0)


def _closed(path: Path) -> str:
    return path.name.removesuffix(warc.OPEN)


def _payload_digest(record: warc.Record) -> str:
    """The SHA-256 of a record's payload in hexadecimal, as its header says; of none (a 304), that of nothing."""
    told = record.headers.get("warc-payload-digest", "sha256:" + base64.b32encode(_NOTHING).decode())
    return base64.b32decode(told.partition(":")[2]).hex()


_NOTHING = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")  # SHA-256 of b""

_END = "SELECT max(warc_offset + warc_length) FROM captures WHERE warc_file = ?"

_FORGET = """
BEGIN;
DELETE FROM article_captures;
DELETE FROM credits;
DELETE FROM tags;
DELETE FROM revisions;
DELETE FROM observations WHERE capture_id IS NOT NULL;
DELETE FROM articles;
INSERT INTO articles_fts (articles_fts) VALUES ('delete-all');
UPDATE frontier SET article_id = NULL;
COMMIT;"""

# A run asks for an address once; earlier answers are redirects on the way, or failures that it tried again.
_LAST = """c.kind IN ('listing', 'article') AND NOT EXISTS (
    SELECT 1 FROM captures later WHERE later.frontier_url = c.frontier_url AND later.run_id = c.run_id
    AND later.kind = c.kind AND later.id > c.id)"""

_PARTS = """c.frontier_url = ? AND c.run_id = ? AND c.kind = 'part' AND c.id > ? AND c.status = 200"""

_ADOPT_RUN = "INSERT OR IGNORE INTO runs (id, started_at, command, version) VALUES (?, ?, ?, ?)"

_ADOPT_ORIGINAL = """
SELECT id, bytes FROM captures WHERE final_url = ? AND payload_sha256 = ? AND revisit_of IS NULL
ORDER BY fetched_at IS ? DESC, id LIMIT 1"""

_FOUND = """
INSERT OR IGNORE INTO frontier (url, kind, channel, host, state, discovered_at) VALUES (?, ?, ?, ?, 'pending', ?)"""

_KNOWN = """
SELECT f.article_id, coalesce(a.published_at, f.discovered_at)
FROM frontier f LEFT JOIN articles a ON a.id = f.article_id WHERE f.url = ?"""

# What was read keeps its new end; all else is as it was. An article that is read no more is said so.
_SETTLE = """
UPDATE frontier SET tries = was.tries, run_id = was.run_id, discovered_at = was.discovered_at,
    listed_at = was.listed_at, dated = was.dated,
    next_check_at = CASE WHEN was.state = 'done' AND was.article_id IS NOT NULL THEN was.next_check_at
                         ELSE frontier.next_check_at END
FROM was WHERE was.url = frontier.url AND frontier.article_id IS NOT NULL;
UPDATE frontier SET tries = was.tries, run_id = was.run_id, discovered_at = was.discovered_at,
    listed_at = was.listed_at, dated = was.dated, state = was.state, outcome = was.outcome,
    next_check_at = was.next_check_at
FROM was WHERE was.url = frontier.url AND frontier.article_id IS NULL AND was.article_id IS NULL;
UPDATE frontier SET state = 'failed', outcome = 'unreadable', next_check_at = NULL
FROM was WHERE was.url = frontier.url AND frontier.article_id IS NULL AND was.article_id IS NOT NULL;
DELETE FROM observations WHERE article_id NOT IN (SELECT id FROM articles);
DELETE FROM reprints
WHERE article_id NOT IN (SELECT id FROM articles) OR other_id NOT IN (SELECT id FROM articles);
DELETE FROM stories WHERE article_id NOT IN (SELECT id FROM articles);
UPDATE stories SET story_id = article_id WHERE story_id NOT IN (SELECT id FROM articles);"""

_BOTH = "old.articles o JOIN main.articles n ON n.url = o.url"

_LOST = "SELECT url FROM old.articles WHERE url NOT IN (SELECT url FROM main.articles)"

_RUN = "INSERT INTO runs (started_at, ended_at, command, version, exit_code, stats) VALUES (?, ?, ?, ?, 0, ?)"
