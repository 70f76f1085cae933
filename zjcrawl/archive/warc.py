"""WARC/1.1 files: captures written as response (or revisit) and request records, read back, and salvaged after a crash.

A record is one gzip member. Its block is written here byte by byte, because warcio re-encodes header bytes that are
no ASCII. A file is called `….warc.gz.open` until it is closed and is never appended to by another process.
"""

import base64
import hashlib
import os
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast, get_args
from urllib.parse import quote, urlsplit

from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException

from zjcrawl.archive.values import moment, stamp, storable
from zjcrawl.errors import StorageError, why
from zjcrawl.models import Capture, Errand, ErrandKind, line

OPEN = ".open"
REVISIT = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
NORMALISED = (
    "Bodies are as received with their content coding; transfer coding is removed. Header names are as the HTTP client "
    "hands them on (title case); the reason phrase and the headers of the connection itself (Content-Length, "
    "Transfer-Encoding, Connection) are lost there, and Host of requests was added after it. "
    "Nothing was put in their place."
)
_HTTP = "application/http; msgtype="
_CHUNK = 1 << 20
_parse = StatusAndHeadersParser(["WARC/1.1"]).parse

Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: file name in `warc/`, offset and length of its gzip member."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Original:
    """The earlier capture whose payload a revisit record points at."""

    url: str
    fetched_at: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A file that will never change again: its name, size in bytes, and the SHA-256 over all of it (hexadecimal)."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record as read: its WARC headers by lower-case name, its block, and where its gzip member ends."""

    headers: Mapping[str, str]
    block: bytes
    end: int

    def http(self) -> tuple[bytes, Headers, bytes]:
        """The block as an HTTP message: start line, header pairs, body."""
        head, _, body = self.block.partition(b"\r\n\r\n")
        start, *lines = head.split(b"\r\n")
        pairs = (line.partition(b": ") for line in lines)
        return start, tuple((name, value) for name, _, value in pairs), body

    def is_of(self, url: str) -> bool:
        """Whether an address is the one that the record is of."""
        return self.headers.get("warc-target-uri") == _uri(url)

    def is_revisit_of(self, original: Original) -> bool:
        """Whether a capture is the one whose payload a revisit record points at."""
        refers = (self.headers.get("warc-refers-to-target-uri"), self.headers.get("warc-refers-to-date"))
        return refers == (_uri(original.url), original.fetched_at)

    @property
    def payload_sha256(self) -> str | None:
        """The SHA-256 (hexadecimal) that WARC-Payload-Digest states, None where it states none."""
        rule, _, digest = self.headers.get("warc-payload-digest", "").partition(":")
        try:
            return base64.b32decode(digest).hex() if rule == "sha256" else None
        except ValueError:
            return None

    def faults(self) -> Iterator[str]:
        """What is not true of what the record says of itself, as names of headers."""
        told = self.headers
        if told.get("warc-block-digest") != _digest(hashlib.sha256(self.block).digest()):
            yield "WARC-Block-Digest"
        if told.get("warc-type") != "response" or "warc-payload-digest" not in told:
            return  # a revisit states the original's
        if self.payload_sha256 != hashlib.sha256(self.http()[2]).hexdigest():
            yield "WARC-Payload-Digest"


class WarcWriter:
    """Writes captures into files of its own in `folder`, a new one when `max_bytes` is passed.

    What `flush()` has returned from is on the disk. Every method raises StorageError where the disk refuses.
    """

    def __init__(self, folder: Path, name: str, info: Mapping[str, str], max_bytes: int) -> None:
        self._folder, self._name, self._info, self._max_bytes = folder, name, info, max_bytes
        self._file: BinaryIO | None = None
        self._path = folder
        self._offset = self._serial = 0
        self._info_id = ""
        self._dirty = False
        self._sha256 = hashlib.sha256()
        self.closed: list[Closed] = []  # what was closed since somebody looked

    def write(self, capture: Capture, digest: bytes, original: Original | None = None) -> Place:
        """Writes a response (a revisit when `original` is given), then its request. `digest` is the body's SHA-256.

        The request stands right behind the place that is returned. What the request was made for stands in headers of
        our own, `Zjcrawl-…`: with them everything but the files themselves can be made anew.
        """
        if self._file is None or self._offset >= self._max_bytes:
            self.close()
            self._begin()
        common = {"WARC-Target-URI": _uri(capture.final_url), "WARC-Date": stamp(capture.fetched_at)}
        common["WARC-Warcinfo-ID"] = self._info_id
        response, request = _id(), _id()
        about = {"WARC-Concurrent-To": request} | _told(capture)
        if capture.status != 304:  # which has no payload of its own
            about["WARC-Payload-Digest"] = _digest(digest)
        if capture.truncated:
            about["WARC-Truncated"] = capture.truncated
        block = _message(f"{capture.protocol} {capture.status} ", capture.headers)
        coded = capture.header("Content-Encoding") is not None
        if original is None:
            block += capture.body
            record = _record("response", response, block, _HTTP + "response", common | about, 0 if coded else 3)
        else:
            about["WARC-Profile"] = NOT_MODIFIED if capture.status == 304 else REVISIT
            about["WARC-Refers-To-Target-URI"] = _uri(original.url)
            about["WARC-Refers-To-Date"] = original.fetched_at
            record = _record("revisit", response, block, _HTTP + "response", common | about)
        asked = _message(f"{capture.method} {_resource(capture.final_url)} HTTP/1.1", capture.request_headers)
        request_about = common | {"WARC-Concurrent-To": response}
        place = Place(self._path.name, self._offset, len(record))
        self._append(record + _record("request", request, asked, _HTTP + "request", request_about))
        return place

    def flush(self) -> None:
        """Returns when everything written is on the disk."""
        if self._file is not None and self._dirty:
            try:
                self._file.flush()
                os.fsync(self._file.fileno())
            except OSError as error:
                raise self._refused(error) from error
            self._dirty = False

    def close(self) -> None:
        """Gives the current file its final name. The next capture begins a new one."""
        if self._file is None:
            return
        self.flush()
        try:
            self._file.close()
            settle(_opened(self._path), self._path)
        except OSError as error:
            raise self._refused(error) from error
        finally:
            self._file = None
        self.closed.append(Closed(self._path.name, self._offset, self._sha256.hexdigest()))

    def push(self) -> None:
        """Hands everything written to the operating system, so that it can be read back; not yet on the disk."""
        if self._file is not None:
            try:
                self._file.flush()
            except OSError as error:
                raise self._refused(error) from error

    def abandon(self) -> None:
        """Lets go of the current file as it is, for the next writer to salvage."""
        if self._file is not None:
            file, self._file = self._file, None
            with suppress(OSError):  # what could not be written was never acknowledged
                file.close()

    def _begin(self) -> None:
        self._serial += 1
        self._path = self._folder / f"{self._name}-{self._serial:05}.warc.gz"
        try:
            self._folder.mkdir(exist_ok=True)
            self._file = _opened(self._path).open("xb")
            sync_folder(self._folder)
        except OSError as error:
            raise self._refused(error) from error
        self._offset, self._info_id, self._sha256 = 0, _id(), hashlib.sha256()
        lines = "".join(f"{name}: {value}\r\n" for name, value in self._info.items())
        about = {"WARC-Date": stamp(datetime.now(UTC)), "WARC-Filename": self._path.name}
        self._append(_record("warcinfo", self._info_id, lines.encode(), "application/warc-fields", about))

    def _append(self, data: bytes) -> None:
        assert self._file is not None
        self._dirty = True
        try:
            self._file.write(data)
        except OSError as error:
            raise self._refused(error) from error
        self._offset += len(data)
        self._sha256.update(data)

    def _refused(self, error: OSError) -> StorageError:
        return StorageError(f"cannot write {self._path}: {why(error)}")


def read_record(path: Path, offset: int) -> Record:
    """The record at an offset, of a file that is closed or still open. Raises StorageError where none whole stands."""
    try:
        with reading(path) as file:
            record = record_at(file, offset)
    except OSError as error:
        raise StorageError(f"cannot read the capture in {path}: {_unread(error)}") from error
    if record is None:
        raise StorageError(f"the capture in {path} at byte {offset} is damaged: restore the file from a backup")
    return record


def _unread(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "the file is missing: restore it from a backup, or name the folder that it was moved to in cold.txt"
    return why(error)


def records(path: Path) -> Iterator[tuple[int, Record]]:
    """Every whole record of a file with its offset, up to the first that is not whole. Raises StorageError."""
    try:
        with reading(path) as file:
            offset = 0
            while (record := record_at(file, offset)) is not None:
                yield offset, record
                offset = record.end
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error


@dataclass(frozen=True, slots=True)
class Salvaged:
    """A file that a dead process left behind: its final path (None if nothing whole was in it), what was cut off."""

    path: Path | None
    records: int
    cut_bytes: int


def salvage(path: Path, committed: int = 0) -> Salvaged:
    """Cuts a torn `.open` file behind its last whole record and gives it its final name.

    Whole means: a whole gzip member that holds exactly one record, whose Content-Length is true and whose end stands.
    `committed` is the end of the last record that the database knows: up to there the file was synced and stays.
    """
    final = path.with_name(path.name.removesuffix(OPEN))
    size, records = path.stat().st_size, 0
    end = committed if committed <= size else 0
    with path.open("r+b") as file:
        while (record := record_at(file, end)) is not None:
            end, records = record.end, records + 1
        if end < size:
            file.truncate(end)
            os.fsync(file.fileno())
    if end:
        settle(path, final)
        return Salvaged(final, records, size - end)
    path.unlink()
    return Salvaged(None, 0, size)


def digest_of(path: Path) -> Closed:
    """What is to be known of a closed file. Raises OSError."""
    with path.open("rb") as file:
        return Closed(path.name, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def settle(path: Path, final: Path) -> None:
    """Renames a file within its folder, durably, and never over another one."""
    if final.exists():
        raise FileExistsError(17, "a file of that name is there already", str(final))
    path.rename(final)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Returns when the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def record_at(file: BinaryIO, offset: int) -> Record | None:
    """The record whose gzip member begins at an offset, None if none whole stands there. Raises OSError."""
    member = _member(file, offset)
    if member is None:
        return None
    content, end = member
    stream = BytesIO(content)
    try:
        head = _parse(stream)
        length = int(head.get_header("Content-Length", ""))
    except (StatusAndHeadersParserException, EOFError, ValueError):
        return None
    start = stream.tell()
    if length < 0 or content[start + length :] != b"\r\n\r\n":
        return None
    headers = {name.lower(): value for name, value in head.headers}
    return Record(headers, content[start : start + length], end)


def _member(file: BinaryIO, offset: int) -> tuple[bytes, int] | None:
    """The content of the gzip member at an offset and where it ends, None if it is not whole (zlib checks the CRC)."""
    file.seek(offset)
    gunzip = zlib.decompressobj(wbits=31)
    content, read = [], 0
    try:
        while not gunzip.eof:
            chunk = file.read(_CHUNK if read else 1 << 16)
            if not chunk:
                return None
            read += len(chunk)
            content.append(gunzip.decompress(chunk))
    except zlib.error:
        return None
    return b"".join(content), offset + read - len(gunzip.unused_data)


def _record(
    kind: str, record_id: str, block: bytes, content_type: str, about: Mapping[str, str], level: int = 3
) -> bytes:
    headers = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", record_id),
        *about.items(),
        ("WARC-Block-Digest", _digest(hashlib.sha256(block).digest())),
        ("Content-Type", content_type),
        ("Content-Length", str(len(block))),
    ]
    # Level 3 costs two thirds of the usual 6 and is 5 % larger; what is coded already is only wrapped.
    gzip = zlib.compressobj(level, zlib.DEFLATED, 31)
    head = StatusAndHeaders("", headers, "WARC/1.1").to_bytes()
    return gzip.compress(b"".join((head, block, b"\r\n\r\n"))) + gzip.flush()


def _message(start: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    lines = [start.encode("latin-1", "replace")]
    lines += (line(name) + b": " + line(value) for name, value in headers)
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _told(capture: Capture) -> dict[str, str]:
    """What a request was made for, as headers."""
    told = {} if capture.url == capture.final_url else {"Zjcrawl-Asked-URL": capture.url}
    if errand := capture.errand:
        told |= {"Zjcrawl-Kind": errand.kind, "Zjcrawl-Channel": errand.channel, "Zjcrawl-Frontier-URL": errand.url}
    return {name: _line(value) for name, value in told.items() if value}


def _line(text: str) -> str:
    return " ".join(storable(text).splitlines())


def _digest(sha256: bytes) -> str:
    return "sha256:" + base64.b32encode(sha256).decode()


def _id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


def _uri(url: str) -> str:
    """An address as ASCII, with what could end or break a header line escaped."""
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~|", errors="replace")


def _resource(url: str) -> str:
    parts = urlsplit(url)
    return _uri((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def reading(path: Path) -> BinaryIO:
    """A file opened to be read, closed or still `.open`. Raises OSError."""
    for name in (path, _opened(path)):
        with suppress(FileNotFoundError):
            return name.open("rb")
    return path.open("rb")  # it was closed, and so renamed, between the two


def _opened(path: Path) -> Path:
    return path.with_name(path.name + OPEN)


def info_of(record: Record) -> dict[str, str]:
    """The fields of a warcinfo record by name."""
    lines = record.block.decode("utf-8", "replace").splitlines()
    return {name: value for name, _, value in (line.partition(": ") for line in lines)}


def errand_of(response: Record) -> Errand | None:
    """What a response was asked for, as far as its record says."""
    told = response.headers
    kind, url = told.get("zjcrawl-kind"), told.get("zjcrawl-frontier-url")
    if url is None or kind not in get_args(ErrandKind):
        return None
    return Errand(cast(ErrandKind, kind), told.get("zjcrawl-channel", ""), url)


def capture_of(response: Record, request: Record | None, body: bytes) -> Capture:
    """A capture again, from its response or revisit record, its request record, and the body of the payload."""
    start, headers, _ = response.http()
    protocol, status = start.decode("latin-1").split(" ")[:2]
    asked, asked_headers, _ = request.http() if request else (b"GET", (), b"")
    final_url = response.headers["warc-target-uri"]
    return Capture(
        url=response.headers.get("zjcrawl-asked-url", final_url),
        final_url=final_url,
        fetched_at=moment(response.headers["warc-date"]),
        status=int(status),
        headers=headers,
        body=body,
        method=asked.split(b" ")[0].decode("latin-1"),
        request_headers=asked_headers,
        protocol=protocol,
        truncated=response.headers.get("warc-truncated"),
        errand=errand_of(response),
    )
