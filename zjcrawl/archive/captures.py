"""Captures: a response is kept in the WARC, and its row says where."""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from zjcrawl.archive import cold, warc
from zjcrawl.archive.scope import Scope
from zjcrawl.archive.values import stamp, storable
from zjcrawl.errors import InputError
from zjcrawl.models import Capture, Errand


def keep(scope: Scope, capture: Capture) -> int:
    """Writes a capture into the WARC and its row; returns the row's id.

    A whole body that the same address gave before is written as a revisit of the first time, a 304 as a revisit of the
    capture that it says is still true.
    """
    digest = hashlib.sha256(capture.body)
    url = storable(capture.final_url)
    original = revisit_of = None
    if capture.status == 304:
        original = scope.connection.execute(_CONFIRMED, (url, *_validators(capture))).fetchone()
    elif capture.body and not capture.truncated:
        original = scope.connection.execute(_ORIGINAL, (url, digest.hexdigest())).fetchone()
        revisit_of = original[0] if original else None
    assert scope.warc is not None
    place = scope.warc.write(capture, digest.digest(), warc.Original(url, original[1]) if original else None)
    return add(scope.connection, scope.run_id, capture, digest.hexdigest(), place, revisit_of)


def add(
    connection: sqlite3.Connection,
    run_id: int,
    capture: Capture,
    sha256: str,
    place: warc.Place,
    revisit_of: int | None,
) -> int:
    """The row of a capture that stands at a place in the WARC; returns its id.

    `sha256` is over the body as received, content coding and all: what WARC-Payload-Digest says of the record.
    """
    errand = capture.errand
    values = (
        run_id,
        storable(capture.url),
        storable(capture.final_url),
        stamp(capture.fetched_at),
        capture.status,
        sha256,
        len(capture.body),
        capture.truncated,
        place.file,
        place.offset,
        place.length,
        revisit_of,
        capture.header("ETag"),
        capture.header("Last-Modified"),
        *((errand.kind, errand.channel or None, storable(errand.url)) if errand else (None, None, None)),
    )
    return connection.execute(_INSERT, values).lastrowid or 0


@dataclass(frozen=True, slots=True)
class Reference:
    """All that is needed to read a capture from the WARC; of a revisit, also where its original stands."""

    capture_id: int
    run_id: int
    url: str
    final_url: str
    file: str
    offset: int
    errand: Errand | None
    original: tuple[str, int] | None


def read(connection: sqlite3.Connection, folder: Path, capture_id: int) -> Capture:
    """A capture as it was kept, byte for byte; of a revisit, its own headers with the body of the original.

    Raises InputError for an unknown id, StorageError where the WARC is missing or damaged.
    """
    for found in references(connection, "c.id = ?", (capture_id,)):
        return load(folder, found)
    raise InputError(f"the archive {folder} has no capture {capture_id}")


def references(
    connection: sqlite3.Connection, where: str, parameters: Sequence[object] = (), limit: int = -1
) -> Iterator[Reference]:
    """The references of the captures `c` that a condition of ours chooses, in the order they were kept."""
    for row in connection.execute(f"{_REFERENCES} WHERE {where} ORDER BY c.id LIMIT ?", (*parameters, limit)):
        number, run, url, final_url, file, offset, kind, channel, frontier_url, original_file, original_offset = row
        errand = Errand(kind, channel or "", frontier_url) if kind and frontier_url else None
        original = (original_file, original_offset) if original_file is not None else None
        yield Reference(number, run, url, final_url, file, offset, errand, original)


def probes(connection: sqlite3.Connection, since: str = "") -> list[Reference]:
    """The probes of all hosts that were made since a moment, in the order they were kept."""
    return list(references(connection, "c.kind = 'probe' AND c.fetched_at >= ?", (since,)))


def robots(connection: sqlite3.Connection, folder: Path, url: str, since: str) -> Capture | None:
    """The last whole answer for a robots.txt since a moment, behind its redirects; None where there is none, or the
    host was too busy for one. Raises StorageError where it cannot be read."""
    found = list(references(connection, _ROBOTS, (storable(url), since)))
    return load(folder, found[-1]) if found else None


def load(folder: Path, of: Reference) -> Capture:
    """The capture that a reference points at. Raises StorageError."""
    path = cold.find(folder, of.file)
    response = warc.read_record(path, of.offset)
    request = warc.read_record(path, response.end)
    payload = response
    if of.original is not None:
        payload = warc.read_record(cold.find(folder, of.original[0]), of.original[1])
    capture = warc.capture_of(response, request, payload.http()[2])
    return replace(capture, url=of.url, final_url=of.final_url, errand=of.errand)


_ROBOTS = """c.kind = 'robots' AND c.frontier_url = ? AND c.fetched_at >= ? AND c.truncated IS NULL
    AND (c.status BETWEEN 200 AND 299 OR c.status BETWEEN 400 AND 499) AND c.status <> 429"""


def close_files(connection: sqlite3.Connection, closed: list[warc.Closed], now: str) -> None:
    """Notes the size and the digest of files that will never change again."""
    rows = [(file.name, file.size, file.sha256, now) for file in closed]
    connection.executemany("INSERT OR REPLACE INTO warc_files VALUES (?, ?, ?, ?)", rows)


def _validators(capture: Capture) -> tuple[str | None, str | None]:
    """The ETag and the date that a conditional request named."""
    asked = {name.lower(): value.decode("latin-1") for name, value in capture.request_headers}
    return asked.get(b"if-none-match"), asked.get(b"if-modified-since")


_ORIGINAL = """
SELECT id, fetched_at FROM captures
WHERE final_url = ? AND payload_sha256 = ? AND revisit_of IS NULL AND truncated IS NULL ORDER BY id LIMIT 1"""

_CONFIRMED = """
SELECT id, fetched_at FROM captures
WHERE url = ? AND status = 200 AND (etag = ? OR last_modified = ?) ORDER BY id DESC LIMIT 1"""

_REFERENCES = """
SELECT c.id, c.run_id, c.url, c.final_url, c.warc_file, c.warc_offset, c.kind, c.channel, c.frontier_url,
    o.warc_file, o.warc_offset
FROM captures c LEFT JOIN captures o ON o.id = c.revisit_of"""

_INSERT = """
INSERT INTO captures (run_id, url, final_url, fetched_at, status, payload_sha256, bytes, truncated, warc_file,
    warc_offset, warc_length, revisit_of, etag, last_modified, kind, channel, frontier_url)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
