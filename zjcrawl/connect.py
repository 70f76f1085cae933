"""How a connection is made: to public addresses only, checked as names are resolved, and with a bound on headers."""

import socket
from collections.abc import Callable, Sequence
from functools import partial
from ipaddress import ip_address
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadCancelledError, DownloadConnectionRefusedError
from scrapy.http import Response
from scrapy.resolver import CachingThreadedResolver
from scrapy.utils.asyncio import call_later
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError
from twisted.web._newclient import ResponseFailed

from zjcrawl.errors import ConfigError

MAX_HEADERS = 64 * 1024  # bytes of the status line and headers of one answer; Apache and nginx send 8 kB at most
NO_CONTACT = "no contact given"  # in the User-Agent of what goes no further than a proxy on this machine
_LOCAL = ("localhost", "local", "internal", "home.arpa")  # RFC 6761, 6762, 8375; ICANN 2024 for `internal`


def private(host: str) -> str | None:
    """Why a host as written names nothing public, or None: an address in any notation, a name that is never public."""
    try:
        # inet_aton reads what browsers and resolvers read: 127.1, 0x7f000001, 2130706433
        address = ip_address(host.strip("[]") if ":" in host else socket.inet_ntoa(socket.inet_aton(host)))
    except (OSError, ValueError):
        name = host.rstrip(".").lower()
        return f"{host} names this machine or network" if name.rpartition(".")[2] in _LOCAL or name in _LOCAL else None
    return None if is_public(str(address)) else f"{address} is no public address"


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, by IANA's registries of special-purpose addresses."""
    found = ip_address(address)
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return found.is_global and not found.is_multicast and (inner is None or is_public(str(inner)))


def plainly(error: BaseException | None) -> str:
    """Why there is no answer, in words. What failed while an answer came is a list of reasons to Twisted, and its text the
    objects' own."""
    of = error if hasattr(error, "reasons") else getattr(error, "__cause__", None)
    reasons = [plainly(reason.value) for reason in getattr(of, "reasons", ())]
    return "; ".join(dict.fromkeys(reasons)) or str(error) or type(error).__name__


def named(setting: Sequence[str]) -> frozenset[str]:
    """The hosts of the setting PRIVATE_HOSTS."""
    return frozenset(host.strip().lower() for host in setting if host.strip())


def proxies() -> frozenset[str]:
    """The hosts of the proxies that the environment names: whoever names one means to connect to it."""
    urls = (url if "//" in url else f"//{url}" for url in getproxies().values())
    return frozenset(host for url in urls if (host := urlsplit(url).hostname))


def check_proxies() -> None:
    """Raises ConfigError where the environment names a proxy that no request could be sent to. Its value is not shown:
    it may hold a password."""
    for scheme in ("http", "https"):
        if not _is_proxy(getproxies().get(scheme, "//none")):
            raise ConfigError(
                f"the proxy that {scheme}_proxy names cannot be used: it must be http://HOST:PORT, or unset {scheme}_proxy"
            )


def _is_proxy(url: str) -> bool:
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        return parts.scheme in ("", "http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # no address at all, or a port beyond 65535
        return False


def is_here(proxy: str | None) -> bool:
    """Whether a proxy stands on this machine, as the scale model does."""
    host = urlsplit(proxy if "//" in (proxy or "") else f"//{proxy or ''}").hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class PublicResolver(CachingThreadedResolver):
    """Resolves a name to an address that may be connected to. What it answers is what is connected to, every time: a
    name that is public at one moment and private at the next gets nowhere."""

    refused: dict[str, str] = {}  # noqa: RUF012 -- names that led to no public address, and to which one instead

    def __init__(self, reactor: Any, cache_size: int, timeout: float) -> None:
        super().__init__(reactor, cache_size, timeout)
        self.allowed = proxies()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> "PublicResolver":
        resolver = super().from_crawler(crawler, reactor)
        resolver.allowed |= named(crawler.settings.getlist("PRIVATE_HOSTS"))
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802
        return super().getHostByName(name, timeout).addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        if name.lower() not in self.allowed and not is_public(address):
            self.refused[name.lower()] = address
            raise DNSLookupError(f"{name} is {address}, which is no public address")
        return address


class HeaderFloodError(Exception):
    """More header lines than any answer has."""


class Handler(HTTP11DownloadHandler):
    """Scrapy's own, which takes header lines without end, but for a bound on them, and has the pause after a request begin
    before the request has left: where a page is read meanwhile, the next one would follow too soon."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._crawler = crawler
        self._pool._factory = partial(_Factory, self.left)  # type: ignore[assignment]
        self._pool.retryAutomatically = False  # Twisted's own: at once, faster than stated and counted by nobody

    async def download_request(self, request: Request) -> Response:
        try:
            return await super().download_request(request)
        except (DownloadConnectionRefusedError, CannotResolveHostError) as error:
            if proxy := request.meta.get("proxy"):  # it is what was connected to, not the host
                raise type(error)(f"the proxy {proxy} cannot be reached: {error}") from error
            raise
        except Exception as error:
            cause = error.__cause__ or error.__context__
            if isinstance(cause, ResponseFailed) and any(reason.check(HeaderFloodError) for reason in cause.reasons):
                raise DownloadCancelledError(f"{request.url} has more than {MAX_HEADERS} bytes of headers") from error
            raise

    def left(self, host: str) -> None:
        """A request has left for a host: the pause before its next one begins."""
        slot = self._crawler.engine.downloader.slots.get(host) if self._crawler.engine else None
        if slot is not None and slot.delay:
            slot.lastseen = max(slot.lastseen, monotonic())  # a host that rests is asked later still


class _Parser(_LenientHTTPClientParser):
    _received = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802
        self._received += len(line) + 1
        if self._received > MAX_HEADERS:
            raise HeaderFloodError
        super().lineReceived(line)


class _Protocol(_LenientHTTP11ClientProtocol):
    left: Callable[[str], None]

    def request(self, request: Any) -> Any:
        answer = super().request(request)
        self._parser.__class__ = _Parser  # as Scrapy does: the class is hard-coded in Twisted
        host = urlsplit("//" + request.headers.getRawHeaders(b"host", [b""])[0].decode("latin-1")).hostname
        call_later(0, self.left, host or "")  # once what waits to be written is
        return answer


class _Factory(_LenientHTTP11ClientFactory):
    def __init__(self, left: Callable[[str], None], *rest: Any) -> None:
        super().__init__(*rest)  # type: ignore[no-untyped-call]
        self._left = left

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
        protocol = _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
        protocol.left = self._left
        return protocol
