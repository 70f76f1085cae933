"""The WARC: what was received comes back byte for byte, other readers agree, and a torn file loses no whole record."""

import gzip
import random
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio

from tests.archiving import URL, capture, run, writing
from zjcrawl.archive import Archive
from zjcrawl.archive.warc import salvage
from zjcrawl.errors import InputError, StorageError
from zjcrawl.models import Capture
from zjcrawl.verify import verify


def keep(folder: Path, *captures: Capture) -> list[int]:
    return run(folder, lambda t: [t.keep(kept) for kept in captures])[0]


def the_file(folder: Path) -> Path:
    (path,) = (folder / "warc").iterdir()
    return path


def checked(path: Path) -> bool:
    """Whether `warcio check` passes a file."""
    with pytest.raises(SystemExit) as ended:
        warcio(["check", str(path)])
    return not ended.value.code


def record_types(path: Path) -> list[str]:
    with path.open("rb") as stream:
        return [record.rec_type for record in ArchiveIterator(stream)]


_names = st.binary(min_size=1, max_size=20).filter(lambda name: not set(name) & set(b":\r\n\0 "))
_values = st.binary(max_size=60).filter(lambda value: not set(value) & set(b"\r\n\0"))
_headers = st.lists(st.tuples(_names, _values), max_size=8).map(tuple)
_captures = st.builds(
    Capture,
    url=st.just("http://jx.zjol.com.cn/a b?c=嘉\"兴'<>"),
    final_url=st.sampled_from([URL, "http://jx.zjol.com.cn/a b?c=嘉\"兴'<>", "http://x/\r\nWARC-Type: warcinfo"]),
    fetched_at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
        lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
    ),
    status=st.integers(100, 599),
    headers=_headers,
    body=st.one_of(st.binary(max_size=3000), st.just(b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"), st.just(gzip.compress(b"x"))),
    method=st.sampled_from(["GET", "HEAD"]),
    request_headers=_headers,
    protocol=st.sampled_from(["HTTP/1.0", "HTTP/1.1", "h2"]),
    truncated=st.sampled_from([None, "length", "time", "disconnect"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kept=st.lists(_captures, min_size=1, max_size=4))
def test_whatever_is_received_comes_back_byte_for_byte(
    kept: list[Capture], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("warc")
    ids = keep(folder, *kept, *kept)  # the second time as revisits
    with Archive(folder) as archive:
        assert [archive.capture(capture_id) for capture_id in ids] == [*kept, *kept]
    assert checked(the_file(folder))


def test_the_records_are_what_the_standard_asks_for(tmp_path: Path) -> None:
    body = gzip.compress("<p>虚构</p>".encode("gbk"))
    coded = capture(body=body, headers=((b"Content-Encoding", b"gzip"), (b"X-Note", "嘉兴".encode("gbk"))))
    keep(tmp_path, coded, replace(coded, status=200, truncated="length", body=body[:-5]))
    path = the_file(tmp_path)
    with path.open("rb") as stream:
        seen: list[tuple[dict[str, str], bytes]] = []
        for record in ArchiveIterator(stream, no_record_parse=True):
            seen.append((dict(record.rec_headers.headers), record.raw_stream.read()))
    info, response, request, cut, _ = seen
    assert "zjcrawl/" in info[1].decode()
    assert "title case" in info[1].decode()
    assert info[0]["WARC-Filename"] == path.name
    assert [about["WARC-Type"] for about, _ in seen] == ["warcinfo", "response", "request", "response", "request"]
    assert response[0]["WARC-Concurrent-To"] == request[0]["WARC-Record-ID"]
    assert request[0]["WARC-Concurrent-To"] == response[0]["WARC-Record-ID"]
    assert response[0]["WARC-Target-URI"] == URL
    assert response[0]["WARC-Date"] == "2026-11-24T03:00:00.000Z"
    assert response[0]["WARC-Warcinfo-ID"] == info[0]["WARC-Record-ID"]
    assert (
        response[1]
        == b"HTTP/1.1 200 \r\nContent-Encoding: gzip\r\nX-Note: " + "嘉兴".encode("gbk") + b"\r\n\r\n" + body
    )
    assert request[1] == b"GET /202304/t20230406_25603389.shtml HTTP/1.1\r\nUser-Agent: zjcrawl (test)\r\n\r\n"
    assert (cut[0]["WARC-Truncated"], "WARC-Truncated" in response[0]) == ("length", False)
    assert checked(path)


def test_each_record_is_a_gzip_member_where_the_row_says(tmp_path: Path) -> None:
    keep(tmp_path, capture(body=b"1"), capture(body=b"2"))
    with Archive(tmp_path) as archive:
        for number, row in enumerate(archive.rows("SELECT * FROM captures ORDER BY id"), start=1):
            data = (tmp_path / "warc" / row["warc_file"]).read_bytes()
            member = gzip.decompress(data[row["warc_offset"] : row["warc_offset"] + row["warc_length"]])
            assert member.endswith(b"\r\n\r\n%d\r\n\r\n" % number)


def test_an_identical_payload_of_the_same_address_is_a_revisit(tmp_path: Path) -> None:
    page = b"<p>invented</p>" * 1000
    other = "http://nhnews.zjol.com.cn/a.shtml"
    first, second, third = (capture(body=page, minutes=minute) for minute in (0, 5, 9))
    third = replace(third, headers=((b"Date", b"later"),))
    ids = keep(tmp_path, first, second, third, capture(other, page), capture(body=b""), capture(body=b""))
    with Archive(tmp_path) as archive:
        revisits = [row["revisit_of"] for row in archive.rows("SELECT revisit_of FROM captures ORDER BY id")]
        assert revisits == [None, 1, 1, None, None, None]
        assert archive.capture(ids[2]) == third
    types = [kind for kind in record_types(the_file(tmp_path)) if kind != "request"]
    assert types == ["warcinfo", "response", "revisit", "revisit", "response", "response", "response"]
    assert checked(the_file(tmp_path))
    with the_file(tmp_path).open("rb") as stream:
        revisit = next(record for record in ArchiveIterator(stream) if record.rec_type == "revisit").rec_headers
    assert revisit["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    assert (revisit["WARC-Refers-To-Target-URI"], revisit["WARC-Refers-To-Date"]) == (URL, "2026-11-24T03:00:00.000Z")


def test_a_revisit_finds_its_original_in_the_file_of_an_earlier_run(tmp_path: Path) -> None:
    (first,) = keep(tmp_path, capture())
    (second,) = keep(tmp_path, capture(minutes=5))
    with Archive(tmp_path) as archive:
        assert archive.capture(second) == replace(archive.capture(first), fetched_at=capture(minutes=5).fetched_at)
    assert len(list((tmp_path / "warc").iterdir())) == 2


def test_a_header_cannot_end_its_line(tmp_path: Path) -> None:
    (kept,) = keep(tmp_path, capture(headers=((b"X", b"1\r\n\r\nbody"), (b"Y", b"2\r\n 3"))))
    with Archive(tmp_path) as archive:
        assert archive.capture(kept) == capture(headers=((b"X", b"1 body"), (b"Y", b"2 3")))


@pytest.mark.parametrize("etag", [b'"a\0b"', b'"a\r\n\tb"', b"\0", b"\0\xff: \n"])
def test_a_row_says_of_a_header_what_its_record_says(etag: bytes, tmp_path: Path) -> None:
    keep(tmp_path, capture(headers=((b"ETag", etag), (b"Last-Modified", etag))))
    assert [finding.sentence for finding in verify(tmp_path, workers=1).findings] == []


def test_files_are_open_while_written_and_rotate(tmp_path: Path) -> None:
    random_bytes = random.Random(1).randbytes(5000)
    with writing(tmp_path, warc_max_bytes=8000) as writer:
        for number in range(5):
            kept = capture(body=random_bytes + b"%d" % number)
            writer.submit(lambda t, kept=kept: t.keep(kept)).result()
            with Archive(tmp_path) as archive:  # readable at once, whatever the file is called
                assert archive.capture(number + 1) == kept
        names = sorted(path.name for path in (tmp_path / "warc").iterdir())
        assert [name.endswith(".warc.gz.open") for name in names] == [False, False, True]
    names = sorted(path.name for path in (tmp_path / "warc").iterdir())
    assert all(name.endswith(".warc.gz") for name in names)
    assert all(checked(tmp_path / "warc" / name) for name in names)
    with Archive(tmp_path) as archive:
        assert [archive.capture(number + 1).body[-1:] for number in range(5)] == [b"0", b"1", b"2", b"3", b"4"]


def test_a_run_without_responses_leaves_no_file(tmp_path: Path) -> None:
    run(tmp_path, lambda t: t.seed("jx", [URL]))
    assert not (tmp_path / "warc").exists()


# -- salvage ---------------------------------------------------------------------------------------------------------


def whole_file(folder: Path, captures: int = 6) -> tuple[bytes, list[int]]:
    """A WARC and where its records end."""
    random_bytes = random.Random(2).randbytes
    keep(folder, *(capture(body=b"<p>text</p>" * 9 + random_bytes(200), minutes=number) for number in range(captures)))
    path = the_file(folder)
    ends = []
    with path.open("rb") as stream:
        records = ArchiveIterator(stream)
        for _ in records:
            ends.append(records.get_record_offset() + records.get_record_length())
    return path.read_bytes(), ends


def salvaged(folder: Path, data: bytes, committed: int = 0) -> tuple[bytes | None, int, int]:
    """What is left of a torn file, how many records were counted, and how many bytes cut."""
    folder.mkdir(exist_ok=True)
    torn = folder / "a.warc.gz.open"
    torn.write_bytes(data)
    result = salvage(torn, committed)
    left = list(folder.iterdir())
    assert left == ([result.path] if result.path else [])
    content = result.path.read_bytes() if result.path else None
    for path in left:
        path.unlink()
    return content, result.records, result.cut_bytes


def test_every_whole_record_is_salvaged_and_no_partial_one(tmp_path: Path) -> None:
    data, ends = whole_file(tmp_path / "whole")
    random_cut = random.Random(3).randrange
    near = {end + step for end in [0, *ends] for step in range(-9, 10)}
    cuts = {cut for cut in near | {random_cut(len(data)) for _ in range(1_000)} if 0 <= cut <= len(data)}
    assert len(cuts) >= 1_000
    for cut in sorted(cuts):
        content, records, lost = salvaged(tmp_path / "torn", data[:cut])
        whole = [end for end in ends if end <= cut]
        assert content == (data[: whole[-1]] if whole else None)
        assert (records, lost) == (len(whole), cut - (whole[-1] if whole else 0))


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :]


def _member(change: Callable[[bytes], bytes]) -> Callable[[bytes, int], bytes]:
    """The file with its last record's content changed inside a gzip member that is itself whole."""

    def changed(data: bytes, start: int) -> bytes:
        gz = zlib.compressobj(6, zlib.DEFLATED, 31)
        return data[:start] + gz.compress(change(gzip.decompress(data[start:]))) + gz.flush()

    return changed


@pytest.mark.parametrize(
    "tear",
    [
        pytest.param(lambda data, start: _flip(data, start + 60), id="a byte of its deflate stream"),
        pytest.param(lambda data, _: _flip(data, len(data) - 6), id="a byte of its CRC"),
        pytest.param(lambda data, start: data[:start] + b"\0" * (len(data) - start), id="zeros, as after a power cut"),
        pytest.param(_member(lambda record: record[:-2]), id="half of its end"),
        pytest.param(_member(lambda record: record[:-9]), id="shorter than its Content-Length"),
        pytest.param(_member(lambda record: record + b"more"), id="longer than its Content-Length"),
        pytest.param(_member(lambda record: record + record), id="two records in a member"),
        pytest.param(_member(lambda record: record.replace(b"WARC/1.1", b"WARC/9.9")), id="another version"),
        pytest.param(_member(lambda record: record.replace(b"Content-Length: ", b"Content-Length: x")), id="no length"),
        pytest.param(_member(lambda _: b""), id="an empty member"),
    ],
)
def test_a_last_record_that_is_not_whole_is_cut_off(tmp_path: Path, tear: Callable[[bytes, int], bytes]) -> None:
    data, ends = whole_file(tmp_path / "whole")
    content, records, _ = salvaged(tmp_path / "torn", tear(data, ends[-2]))
    assert (content, records) == (data[: ends[-2]], len(ends) - 1)


def test_what_the_database_knows_is_never_cut(tmp_path: Path) -> None:
    """A damaged byte in the middle is for `verify` to find; the good records behind it stay."""
    data, ends = whole_file(tmp_path / "whole")
    damaged = _flip(data, ends[1] + 60)
    content, _, _ = salvaged(tmp_path / "torn", damaged + b"torn", committed=ends[-2])
    assert content == damaged


def test_the_next_run_salvages_and_never_appends(tmp_path: Path) -> None:
    keep(tmp_path, capture())
    closed = the_file(tmp_path)
    whole = closed.read_bytes()
    torn = closed.with_name(closed.name + ".open")
    closed.rename(torn)
    torn.write_bytes(whole + whole[:100])
    with writing(tmp_path) as writer:
        assert [(found.path, found.cut_bytes) for found in writer.salvaged] == [(closed, 100)]
        writer.submit(lambda t: t.keep(capture(body=b"2"))).result()
    assert closed.read_bytes() == whole
    with Archive(tmp_path) as archive:
        assert [archive.capture(number).body for number in (1, 2)] == [b"<p>invented</p>", b"2"]


# -- reading what is not there ---------------------------------------------------------------------------------------


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _flip_middle(path: Path) -> None:
    path.write_bytes(_flip(path.read_bytes(), path.stat().st_size // 2))


@pytest.mark.parametrize("damage", [Path.unlink, _cut, lambda path: path.write_bytes(b""), _flip_middle])
def test_a_missing_or_damaged_file_is_told(tmp_path: Path, damage: Callable[[Path], Any]) -> None:
    keep(tmp_path, capture(body=random.Random(4).randbytes(3000)))
    damage(the_file(tmp_path))
    with Archive(tmp_path) as archive, pytest.raises(StorageError, match=r"\.warc\.gz"):
        archive.capture(1)


def test_an_unknown_capture_is_told(tmp_path: Path) -> None:
    keep(tmp_path, capture())
    with Archive(tmp_path) as archive, pytest.raises(InputError, match="no capture 9"):
        archive.capture(9)


def test_a_moment_needs_its_time_zone(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        naive = capture(fetched_at=datetime(2026, 11, 24))
        assert isinstance(writer.submit(lambda t: t.keep(naive)).exception(), ValueError)
        local = capture(fetched_at=datetime.fromisoformat("2026-11-24T11:00:00+08:00"))
        assert writer.submit(lambda t: t.keep(local)).result() == 1
    with Archive(tmp_path) as archive:
        assert archive.value("SELECT fetched_at FROM captures") == "2026-11-24T03:00:00.000Z"
        assert archive.capture(1).fetched_at.utcoffset() == timedelta(0)


def test_a_large_body_in_one_piece(tmp_path: Path) -> None:
    body = random.Random(5).randbytes(3 << 20)
    keep(tmp_path, capture(body=body))
    with Archive(tmp_path) as archive:
        assert archive.capture(1).body == body
    with the_file(tmp_path).open("rb") as stream:
        (response,) = (record for record in ArchiveIterator(BytesIO(stream.read())) if record.rec_type == "response")
        assert response.http_headers.get_statuscode() == "200"
