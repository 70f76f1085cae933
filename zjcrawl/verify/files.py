"""The WARC files, and that every capture stands in them where its row says, byte for byte.

A file is read once from its first byte to its last: hashed as a whole, and record by record beside the rows of its
captures in the order of their places.
"""

import hashlib
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from zjcrawl.archive import cold, lock, warc
from zjcrawl.archive.warc import OPEN, Record
from zjcrawl.verify.findings import ANEW, Finding, Weight
from zjcrawl.verify.subject import Subject

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Shelf:
    """A file of `warc/`: its final name, its size and SHA-256 as noted when it was closed (None while it is not), the
    first and the last capture that the database says are in it, and how many they are."""

    name: str
    size: int | None = None
    sha256: str | None = None
    first: int = 0
    last: int = -1
    captures: int = 0

    @property
    def held(self) -> str:
        """What the database says is in it, in words."""
        if not self.captures:
            return "no capture"
        return (
            f"{self.captures} captures ({self.first} to {self.last})" if self.captures > 1 else f"capture {self.first}"
        )


def shelves(subject: Subject) -> list[Shelf]:
    """Every file that the database knows."""
    found: dict[str, Shelf] = {}
    for name, size, sha256, *captures in subject.rows(_SHELVES):
        found[name] = Shelf(name, size, sha256, *captures)
    return list(found.values())


def names(subject: Subject) -> Iterator[Finding]:
    """Every file that the database knows is in `warc/` with its size, and no other; none is open that nobody writes."""
    writer = lock.holder(subject.folder)
    known = {shelf.name: shelf for shelf in shelves(subject)}
    try:
        there = dict(_there(subject.folder))
    except OSError as error:
        yield _refused("warc_files", "warc", error)
        return
    writer = writer or lock.holder(subject.folder)  # a file may have been opened or closed since the snapshot
    away = cold.missing(subject.folder)
    for name, shelf in known.items():
        if name not in there and name + OPEN not in there:
            mend = f"mount {away[0]}, or restore it from a backup" if away else "restore it from a backup"
            yield _file(name, f"the file is missing, and with it {shelf.held}: {mend}")
        elif shelf.size is not None and there.get(name, shelf.size) != shelf.size:
            yield _file(
                name,
                f"the file has {there[name]:,} bytes, and had {shelf.size:,} when it was closed: restore it from a backup",
            )
    for name in there:
        yield from _stray(name, known, writer)


def _there(archive: Path) -> Iterator[tuple[str, int]]:
    """Name and size of what lies in `warc/`, and of the WARC files in cold storage. Raises OSError."""
    hot = archive / "warc"
    for path in [*cold.closed(archive), *(sorted(hot.iterdir()) if hot.exists() else ())]:
        for name in (path, path.with_name(path.name.removesuffix(OPEN))):  # it may be closed, and so renamed, just now
            with suppress(FileNotFoundError):
                yield name.name, name.stat().st_size
                break


def _stray(name: str, known: dict[str, Shelf], writer: str | None) -> Iterator[Finding]:
    final = name.removesuffix(OPEN)
    if name != final:
        if writer:
            yield _file(name, f"the file is being written by {writer}", "note")
        else:
            yield _file(name, "the file was left open by a killed run: the next 'zjcrawl crawl' salvages it")
    elif name in known and known[name].sha256 is None:
        says = "no digest of the file is noted"
        yield (
            _file(name, f"{says} yet: {writer} has just closed it", "note")
            if writer
            else _file(name, f"{says}, so that not every change of it would be seen: the next 'zjcrawl crawl' notes it")
        )
    elif name not in known and name.endswith(".warc.gz"):
        says = "no row of the database knows the file"
        yield (
            _file(name, f"{says} yet", "note")
            if writer
            else _file(name, f"{says}: move it away, or make the database anew from it with 'zjcrawl reparse'")
        )
    elif name not in known:
        yield _file(name, "this is no WARC file, and nothing knows it", "note")


def contents(subject: Subject, shelf: Shelf) -> Iterator[Finding]:
    """A file is as it was closed, every record in it whole and true, and so is the row of every capture in it."""
    try:
        with warc.reading(cold.find(subject.folder, shelf.name)) as file:
            yield from _Pass(subject, shelf, _Hashed(file)).run()
    except FileNotFoundError:
        return  # `names` tells
    except OSError as error:
        yield _refused("warc_files", shelf.name, error)


def sample(subject: Subject, ids: Sequence[int]) -> Iterator[Finding]:
    """Some captures stand where their rows say, byte for byte."""
    for number in ids:
        row = next(subject.rows(_CAPTURE, number), None)
        if row is None:
            continue
        try:
            with warc.reading(cold.find(subject.folder, row["warc_file"])) as file:
                response = warc.record_at(file, row["warc_offset"])
                request = warc.record_at(file, response.end) if response else None
        except FileNotFoundError:
            continue
        except OSError as error:
            yield _refused("captures", number, error)
            continue
        yield from _judged(row, response, request)


class _Hashed:
    """A file that is hashed as it is read: each byte once and in order, however often it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self._hashed = 0
        self.size = file.seek(0, 2)
        file.seek(0)

    def seek(self, offset: int) -> None:
        self._file.seek(self._hashed)
        while self._hashed < min(offset, self.size):
            self.read(min(_CHUNK, offset - self._hashed))
        self._file.seek(offset)

    def read(self, size: int) -> bytes:
        start = self._file.tell()
        data = self._file.read(size)
        if start <= self._hashed < start + len(data):
            self._sha256.update(memoryview(data)[self._hashed - start :])
            self._hashed = start + len(data)
        return data

    def sha256(self) -> str:
        """The digest of the whole file."""
        self.seek(self.size)
        return self._sha256.hexdigest()


class _Pass:
    """One reading of one file, from its first byte to its last."""

    def __init__(self, subject: Subject, shelf: Shelf, file: _Hashed) -> None:
        self._subject, self._shelf, self._file = subject, shelf, file
        self._offset: int | None = 0  # where the next record begins, None where damage hides it
        self._damaged = False
        self._orphans = 0

    def run(self) -> Iterator[Finding]:
        before = -1
        for row in self._subject.rows(_CAPTURES, self._shelf.name, self._shelf.first, self._shelf.last):
            here = row["warc_offset"]
            if here == before or (yield from self._reaches(here)):
                yield from self._at(row)
                before = here
            else:
                yield _capture(row, f"no record begins in warc/{self._shelf.name} at byte {here:,}: {ANEW}")
        if self._shelf.sha256 is not None:  # else it may be written on behind the last capture
            yield from self._reaches(self._file.size)
            yield from self._whole()
        if self._orphans:
            says = f"{self._orphans} captures in the file are in no row, as a crash may leave them"
            yield _file(self._shelf.name, says, "note")

    def _reaches(self, end: int) -> Generator[Finding, None, bool]:
        """Reads what stands before a place; returns whether a record may begin there."""
        while self._offset is not None and self._offset < min(end, self._file.size):
            record = self._read(self._offset)
            if record is None:
                self._damaged, begin, self._offset = True, self._offset, None
                says = f"no whole record stands between byte {begin:,} and byte {min(end, self._file.size):,}"
                yield _file(self._shelf.name, f"{says}: restore the file from a backup")
            elif record.end > end:
                return False
            else:
                for header in record.faults():
                    says = f"{header} of the record at byte {self._offset:,} is not true"
                    yield _file(self._shelf.name, f"{says}: restore the file from a backup")
                self._orphans += record.headers.get("warc-type") in ("response", "revisit")
                self._offset = record.end
        return self._offset in (None, end)

    def _at(self, row: sqlite3.Row) -> Iterator[Finding]:
        response = self._read(row["warc_offset"])
        request = self._read(response.end) if response else None
        yield from _judged(row, response, request)
        self._damaged = self._damaged or response is None or request is None
        self._offset = request.end if request else None

    def _whole(self) -> Iterator[Finding]:
        """The digest of all bytes, which sees also those that no record misses, such as a date in a gzip header."""
        if self._file.sha256() == self._shelf.sha256:
            return
        says = f"the file is not, byte for byte, what it was when it was closed; {self._shelf.held} stand in it"
        if not self._damaged:
            says += ", and every record is whole and reads as it should"
        yield _file(self._shelf.name, f"{says}: restore it from a backup")

    def _read(self, offset: int) -> Record | None:
        return warc.record_at(cast(BinaryIO, self._file), offset)


def _judged(row: sqlite3.Row, response: Record | None, request: Record | None) -> Iterator[Finding]:
    """What is not true of a capture's row, or of its records."""
    place = f"warc/{row['warc_file']} at byte {row['warc_offset']:,}"
    if response is None:
        yield _capture(row, f"no whole record stands in {place}: restore the file from a backup")
        return
    kind = response.headers.get("warc-type")
    if kind not in ("response", "revisit"):
        yield _capture(row, f"what stands in {place} is no response but a {kind} record: {ANEW}")
        return
    for header in response.faults():
        yield _capture(row, f"{header} of its record in {place} is not true: restore the file from a backup")
    if request is None:
        yield _capture(row, f"its request behind {place} is damaged: restore the file from a backup")
    elif not (request.headers.get("warc-type") == "request" and request.is_of(row["final_url"])):
        yield _capture(row, f"what stands behind {place} is not its request: {ANEW}")
    else:
        for header in request.faults():
            yield _capture(row, f"{header} of its request behind {place} is not true: restore the file from a backup")
    for column, said in _untrue(row, response):
        yield _capture(row, f"{column} is {row[column]!r}, but its record in {place} says {said!r}: {ANEW}")


def _untrue(row: sqlite3.Row, response: Record) -> Iterator[tuple[str, object]]:
    """The columns of a capture that are otherwise in its record, and what they are there."""
    body = response.http()[2]
    try:
        kept = warc.capture_of(response, None, body)
    except (ValueError, KeyError):
        yield "warc_offset", "something that is no HTTP answer"
        return
    if not response.is_of(row["final_url"]):
        yield "final_url", kept.final_url
    facts: dict[str, object] = {
        "warc_length": response.end - row["warc_offset"],
        "fetched_at": response.headers.get("warc-date"),
        "status": kept.status,
        "truncated": kept.truncated,
        "etag": kept.header("ETag"),
        "last_modified": kept.header("Last-Modified"),
    }
    if errand := kept.errand:  # captures of version 1 do not say what they were made for
        facts |= {"kind": errand.kind, "channel": errand.channel or None, "frontier_url": errand.url}
        if row["url"] != kept.url and not (kept.url == kept.final_url and response.is_of(row["url"])):
            yield "url", kept.url
    facts |= _payload(row, response, body)
    yield from ((column, said) for column, said in facts.items() if row[column] != said)


def _payload(row: sqlite3.Row, response: Record, body: bytes) -> dict[str, object]:
    """What a capture's row must say of its payload: of a revisit, what the original's says."""
    told = response.headers
    if told["warc-type"] == "revisit" and row["status"] != 304:
        payload, of = response.payload_sha256, row["revisit_of"]
        original = warc.Original(row["original_url"] or "", row["original_at"] or "")
        is_first = row["original_of"] is None and row["original_sha256"] == payload
        if of is None or not is_first or not response.is_revisit_of(original):
            return {"revisit_of": f"the capture of {told.get('warc-refers-to-date')}"}
        return {"payload_sha256": payload, "bytes": row["original_bytes"]}
    return {"payload_sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body), "revisit_of": None}


def _capture(row: sqlite3.Row, sentence: str) -> Finding:
    return Finding("captures", "captures", row["id"], row["url"], sentence)


def _file(name: str, sentence: str, weight: Weight = "fails") -> Finding:
    return Finding("warc files", "warc_files", name, "", sentence, weight)


def _refused(table: str, key: str | int, error: OSError) -> Finding:
    says = f"{Path(str(error.filename)).name}: " if error.filename else ""
    return Finding(
        "warc files", table, key, "", f"{says}{error.strerror or error}: permit it or mend the disk", "refused"
    )


_SHELVES = """
SELECT name, max(bytes), max(sha256), coalesce(min(first), 0), coalesce(max(last), -1), sum(number)
FROM (SELECT name, bytes, sha256, NULL AS first, NULL AS last, 0 AS number FROM warc_files
      UNION ALL
      SELECT warc_file, NULL, NULL, min(id), max(id), count(*) FROM captures GROUP BY warc_file)
GROUP BY name ORDER BY name"""

_ROW = """
SELECT c.*, o.final_url AS original_url, o.fetched_at AS original_at, o.payload_sha256 AS original_sha256, o.bytes AS original_bytes,
    o.revisit_of AS original_of
FROM captures c LEFT JOIN captures o ON o.id = c.revisit_of"""

_CAPTURE = _ROW + " WHERE c.id = ?"

_CAPTURES = _ROW + " WHERE c.warc_file = ? AND c.id BETWEEN ? AND ? ORDER BY c.warc_offset, c.id"
