"""What hostile servers answer: bombs, and answers that are never over."""

import struct
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Literal, get_args

Stream = Literal["drip", "endless", "header-flood"]  # answers that have no end
STREAMS: tuple[Stream, ...] = get_args(Stream)
BOMB = 200 * 1024 * 1024  # bytes that the gzip bomb unpacks to
LINKS = 10_000

_START = {
    "drip": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 90000\r\n\r\n<html>",
    "endless": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>",
    "header-flood": b"HTTP/1.1 200 OK\r\n",
}


def start(of: str) -> bytes:
    """How an answer without end begins."""
    return _START[of]


def pieces(of: str) -> Iterator[bytes]:
    """What follows, for ever."""
    turn = 0
    while True:
        turn += 1
        yield {
            "drip": b"x",
            "endless": b"<p>and so on</p>" * 4096,
            "header-flood": b"".join(b"X-%d-%d: flood\r\n" % (turn, line) for line in range(1000)),
        }[of]


@cache
def bomb() -> bytes:
    """A whole gzip body of about 200 kB that unpacks to 200 MB of zeros."""
    zeros, turns = bytes(1024 * 1024), BOMB // (1024 * 1024)
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)  # stands by itself, so that it can be repeated
    digest = 0
    for _ in range(turns):
        digest = zlib.crc32(zeros, digest)
    head = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    return head + block * turns + packer.flush() + struct.pack("<II", digest, BOMB)


def many_links(front: str) -> str:
    """A list page of 10,000 articles that do not exist."""
    links = "".join(
        f'<li><a href="{front}202601/t20260101_{40_000_000 + n}.shtml">第{n}条</a></li>' for n in range(LINKS)
    )
    return f'<html><head><title>列表</title></head><body><ul class="listUl">{links}</ul></body></html>'
