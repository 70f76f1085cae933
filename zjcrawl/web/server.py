"""The server: a socket, the pages on it, and an end without a word when it is asked to end."""

import errno
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

import uvicorn

from zjcrawl.errors import InputError, why
from zjcrawl.web.site import Site

_GRACE = 2  # seconds that a download under way is given at the end
_ANYWHERE = ("0.0.0.0", "::", "")


def serve(
    folder: Path, host: str, port: int, *, sql: bool = False, browser: bool = False, say: Callable[[str], None]
) -> None:
    """Serves an archive until SIGINT or SIGTERM. Raises InputError for an address that cannot be had or no archive."""
    listening = _listen(host, port)
    with listening:
        address = _address(host, listening.getsockname()[1])
        site = Site(folder, sql=sql, anywhere=not _is_loopback(listening.getsockname()[0]))
        server = uvicorn.Server(
            uvicorn.Config(site.app(), log_level="warning", access_log=False, timeout_graceful_shutdown=_GRACE)
        )
        for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn sends itself again what it was ended by
            signal.signal(number, lambda *_: None)
        say(address)
        if browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        server.run(sockets=[listening])
        site.counted.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise InputError(f"no host {host!r} is known: name another with --host") from error
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(100)
    except OSError as error:
        listening.close()
        raise _refused(host, port, error) from error
    return listening


def _refused(host: str, port: int, error: OSError) -> InputError:
    if error.errno == errno.EADDRINUSE:
        return InputError(f"port {port} of {host} is in use: name another with --port, or 0 for any that is free")
    if error.errno == errno.EADDRNOTAVAIL:
        return InputError(f"{host} is no address of this machine: name another with --host")
    if error.errno in (errno.EACCES, errno.EPERM):
        return InputError(f"port {port} may not be used: name one above 1023 with --port")
    return InputError(f"cannot listen on port {port} of {host}: {why(error)}")


def _is_loopback(address: str) -> bool:
    return address == "::1" or address.startswith("127.")


def _address(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in _ANYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/"
