"""The body of a capture without its content coding: whole, or a named refusal; never much memory or time."""

import gzip
import time
import zlib
from datetime import UTC, datetime

import pytest

from zjcrawl.errors import BrokenCodingError, InputError, TooLargeError
from zjcrawl.models import Capture
from zjcrawl.page import MAX_MEMBERS, MAX_PAYLOAD, payload

TEXT = "虚构的正文。".encode() * 300


def coded(body: bytes, coding: str = "gzip") -> Capture:
    url = "http://jx.zjol.com.cn/a.shtml"
    return Capture(url, url, datetime.now(UTC), 200, ((b"Content-Encoding", coding.encode()),), body)


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        pytest.param(gzip.compress(TEXT), "gzip", id="gzip"),
        pytest.param(gzip.compress(TEXT), "x-gzip", id="x-gzip"),
        pytest.param(gzip.compress(TEXT[:700]) + gzip.compress(TEXT[700:]), "gzip", id="two members"),
        pytest.param(gzip.compress(TEXT) + b"\0" * 40, "gzip", id="padded"),
        pytest.param(zlib.compress(TEXT), "deflate", id="deflate"),
        pytest.param(zlib.compress(TEXT)[2:-4], "deflate", id="raw deflate"),
        pytest.param(TEXT, "identity", id="identity"),
        pytest.param(gzip.compress(zlib.compress(TEXT)), "deflate, gzip", id="twice"),
    ],
)
def test_what_was_coded_comes_out_whole(body: bytes, coding: str) -> None:
    assert payload(coded(body, coding)) == TEXT


def test_an_empty_body_is_empty() -> None:
    assert payload(coded(b"")) == b""


@pytest.mark.parametrize("kept", [1, 10, 11, 40, len(gzip.compress(TEXT)) - 8, len(gzip.compress(TEXT)) - 1])
def test_a_cut_body_is_said_to_be_cut(kept: int) -> None:
    with pytest.raises(BrokenCodingError, match="ends too early"):
        payload(coded(gzip.compress(TEXT)[:kept]))


def test_a_coding_that_was_not_asked_for_is_refused() -> None:
    with pytest.raises(InputError, match="'br'"):
        payload(coded(b"x", "br"))


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(gzip.compress(b"\0" * (MAX_PAYLOAD + 1)), id="one member"),
        pytest.param(gzip.compress(b"\0" * (MAX_PAYLOAD // 2 + 1)) * 2, id="two members"),
        pytest.param(gzip.compress(b"") * 400_000, id="many empty members"),
        pytest.param(gzip.compress(b"x") * (MAX_MEMBERS + 1), id="one member too many"),
    ],
)
def test_a_bomb_is_too_large_and_soon_told(bomb: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(TooLargeError):
        payload(coded(bomb))
    assert time.process_time() - begun < 2
