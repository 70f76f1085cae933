"""The portal on loopback as an HTTP proxy: a crawl asks for the real addresses with only `http_proxy` set."""

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from zjcrawl.model import strangers
from zjcrawl.model.portal import Portal, Response

Logged = tuple[float, str, str, int]  # when (time.time), method, address, status (0: no answer was given)
_LONGEST_REQUEST = 64 * 1024


class Proxy:
    """A proxy on 127.0.0.1: its `url`, and `log`, every request in the order of its arrival.

    Raises OSError or OverflowError where the port cannot be had (port 0 takes any free one).
    """

    def __init__(self, portal: Portal, port: int = 0) -> None:
        self.portal = portal
        self.log: list[Logged] = []
        self._socket = socket.create_server(("127.0.0.1", port), backlog=256)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._looks: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="scale model", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Closes every connection, also those that hang."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._talk, sock=self._socket, limit=_LONGEST_REQUEST)
        await self._stop.wait()
        server.close()
        talks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers the requests of one connection until either side closes it."""
        try:
            while await self._answer(reader, writer):
                pass
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client left, or sent what is no request
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Reads one request and answers it; whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *fields = head[:-4].split("\r\n")
        method, target, _ = line.split(" ", 2) if line.count(" ") >= 2 else ("", "", "")
        pairs = (one.partition(":") for one in fields)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        url = target if target.startswith("http://") else f"http://{headers.get('host', '')}{target}"
        if method not in ("GET", "HEAD"):
            self.log.append((time.time(), method, target, 501))
            writer.write(_head(Response(501, (), b""), 0, keep=False))
            await writer.drain()
            return False
        answer = self.portal.respond(url, headers, self._looks[url])
        self._looks[url] += 1
        self.log.append((time.time(), method, url, answer.status))
        if answer.trouble == "hang":
            await reader.read()  # until the client gives up
            return False
        if answer.trouble in strangers.STREAMS:
            await _pour(writer, answer.trouble)
            return False
        keep = answer.trouble is None and headers.get("connection", "").lower() != "close"
        promised = len(answer.body) * 2 if answer.trouble == "truncate" else len(answer.body)
        writer.write(_head(answer, promised, keep=keep) + (answer.body if method == "GET" else b""))
        await writer.drain()
        return keep


@contextmanager
def serve(portal: Portal, port: int = 0) -> Iterator[Proxy]:
    """The portal behind a proxy on 127.0.0.1 (port 0: any free one) for as long as the block runs."""
    proxy = Proxy(portal, port)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()


async def _pour(writer: asyncio.StreamWriter, stream: str) -> None:
    """Sends an answer without end until the client leaves."""
    writer.write(strangers.start(stream))
    for piece in strangers.pieces(stream):
        if writer.is_closing():
            return
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.1 if stream == "drip" else 0)


def _head(answer: Response, length: int, *, keep: bool) -> bytes:
    phrase = HTTPStatus(answer.status).phrase
    fields = [("Server", "zjcrawl-model"), *answer.headers, ("Connection", "keep-alive" if keep else "close")]
    fields += [("Content-Length", str(length))] if answer.status != 304 else []
    lines = [f"HTTP/1.1 {answer.status} {phrase}", *(f"{name}: {value}" for name, value in fields)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
