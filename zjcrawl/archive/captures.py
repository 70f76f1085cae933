"""Captures: a response is kept in the WARC, and its row says where."""

import hashlib
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

from zjcrawl.archive import warc
from zjcrawl.archive.scope import Scope
from zjcrawl.archive.values import stamp, storable
from zjcrawl.errors import InputError
from zjcrawl.models import Capture

if TYPE_CHECKING:
    from zjcrawl.archive.reader import Archive


def keep(scope: Scope, capture: Capture) -> int:
    """Writes a capture into the WARC and its row; returns the row's id.

    `payload_sha256` is over the body as received, content coding and all: what WARC-Payload-Digest says of the record.
    A whole body that the same address gave before is written as a revisit of the first time.
    """
    digest = hashlib.sha256(capture.body)
    url, sha256, fetched_at = storable(capture.final_url), digest.hexdigest(), stamp(capture.fetched_at)
    original = _original(scope.connection, url, sha256) if capture.body and not capture.truncated else None
    place = scope.warc.write(capture, digest.digest(), warc.Original(url, original[1]) if original else None)
    values = (
        scope.run_id,
        storable(capture.url),
        url,
        fetched_at,
        capture.status,
        sha256,
        len(capture.body),
        capture.truncated,
        place.file,
        place.offset,
        place.length,
        original[0] if original else None,
        capture.header("ETag"),
        capture.header("Last-Modified"),
    )
    return scope.connection.execute(_INSERT, values).lastrowid or 0


def read_capture(archive: "Archive", capture_id: int) -> Capture:
    """A capture as it was kept, byte for byte; of a revisit, its own headers with the body of the original.

    Raises InputError for an unknown id, StorageError where the WARC is missing or damaged.
    """
    row = _row(archive, capture_id)
    path = archive.folder / "warc" / row["warc_file"]
    response = warc.read_record(path, row["warc_offset"])
    request = warc.read_record(path, response.end)
    if row["revisit_of"] is None:
        body = response.http()[2]
    else:
        original = _row(archive, row["revisit_of"])
        body = warc.read_record(archive.folder / "warc" / original["warc_file"], original["warc_offset"]).http()[2]
    capture = warc.capture_of(response, request, body, row["url"])
    return replace(capture, final_url=row["final_url"])


def _row(archive: "Archive", capture_id: int) -> sqlite3.Row:
    for row in archive.rows("SELECT * FROM captures WHERE id = ?", (capture_id,)):
        return row
    raise InputError(f"the archive {archive.folder} has no capture {capture_id}")


def _original(connection: sqlite3.Connection, url: str, sha256: str) -> tuple[int, str] | None:
    found: tuple[int, str] | None = connection.execute(_ORIGINAL, (url, sha256)).fetchone()
    return found


_ORIGINAL = """
SELECT id, fetched_at FROM captures
WHERE final_url = ? AND payload_sha256 = ? AND revisit_of IS NULL AND truncated IS NULL ORDER BY id LIMIT 1"""

_INSERT = """
INSERT INTO captures (run_id, url, final_url, fetched_at, status, payload_sha256, bytes, truncated, warc_file,
    warc_offset, warc_length, revisit_of, etag, last_modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
