"""What a response means for the address that was asked for. Pure: the crawl and the rebuilding from captures ask alike.

capture ─▶ at ─▶ Look: `read` (an article's page), `stub`, `listed` (a list page), or the name of what it is instead
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import urlsplit

from zjcrawl import listing, parse
from zjcrawl.errors import BrokenCodingError, InputError, TooLargeError
from zjcrawl.models import Capture, Extraction, Listing
from zjcrawl.page import MOST_BYTES, MOST_ELEMENTS, Page
from zjcrawl.templates import absent
from zjcrawl.urls import absolute, canonical, part_number

logger = logging.getLogger(__name__)
_REDIRECTS = frozenset([301, 302, 303, 307, 308])  # RFC 9110 §15.4
MAX_PARTS = 50  # pages of one article; more is a trap, not an article


@dataclass(frozen=True, slots=True)
class Look:
    """One response, understood: its `outcome`, `why` in words, and what was read.

    `extraction` for `read` and `stub`, `listing` for `listed`; `declared` and `used` are the charsets of a page.
    """

    outcome: str
    why: str = ""
    extraction: Extraction | None = None
    listing: Listing | None = None
    address: str = ""
    declared: str | None = None
    used: str | None = None

    def bare(self) -> "Look":
        """Without what was read, which is more than it takes to say what the response was."""
        return replace(self, extraction=None, listing=None)


@dataclass(slots=True)
class Parts:
    """The pages of one article on their way to be joined: `wanted` is the next one, until there is none."""

    first: Extraction
    address: str
    found: list[Extraction] = field(default_factory=list)
    complete: bool = True
    _known: set[str] = field(default_factory=set)
    _blocks: int = 0
    _characters: int = 0

    def __post_init__(self) -> None:
        self._known.add(self.address)
        self._take(self.first)

    @property
    def wanted(self) -> str | None:
        """The absolute address of the next page, None where all were had or one could not be."""
        following = self.found[-1].next_part if self.complete else None
        return following if following not in self._known else None

    def add(self, part: Extraction | None) -> None:
        """The page that was wanted, or None where it cannot be had."""
        self._known.add(self.wanted or "")
        if part is None:
            self.complete = False
        else:
            self._take(part)

    def _take(self, part: Extraction) -> None:
        """All pages together are bounded as a single one is."""
        self.found.append(part)
        self._blocks += len(part.blocks)
        self._characters += sum(len(block.text) for block in part.blocks)
        if len(self.found) > MAX_PARTS or self._blocks > MOST_ELEMENTS or self._characters > MOST_BYTES:
            self.complete = False

    def whole(self) -> Extraction | None:
        """All of the article; None where it has no headline or no text."""
        joined = parse.join(self.found)
        return joined if joined.title is not None and (joined.blocks or joined.kind == "video") else None


def at(capture: Capture, kind: str, hosts: Collection[str], missing: str | None = None) -> Look:
    """What an answer to a request for a page of a kind (`listing` or `article`) is. Never raises.

    `missing` is what `title_of_missing` said of the host.
    """
    return _led_away(capture, hosts) or _refused(capture) or _read(capture, kind, hosts, missing)


def title_of_missing(capture: Capture) -> str | None:
    """The <title> under which a host serves what does not exist, by its answer to a probe; None where it is honest."""
    if capture.status != 200 or capture.truncated:
        return None
    try:
        return Page.of(capture).head_title or None
    except InputError:
        return None


def part(capture: Capture, address: str) -> Extraction | None:
    """What a further page of an article prints; None where it cannot be had, or the answer is another page's."""
    here = capture.final_url
    elsewhere = canonical(here) != canonical(address) or part_number(here) != part_number(address)
    if capture.status != 200 or capture.truncated or elsewhere:
        return None
    try:
        return parse.extract(Page.of(capture))
    except InputError:
        return None
    except Exception:
        logger.exception("cannot read %s", here)
        return None


def _led_away(capture: Capture, hosts: Collection[str]) -> Look | None:
    """A redirect that was not followed: the crawl follows those within the registry, as far as it is allowed to."""
    location = capture.header("location")
    if capture.status not in _REDIRECTS or location is None:
        return None
    target = absolute(capture.final_url, location)
    if target is None or urlsplit(target).hostname not in hosts:
        return Look("offsite", f"it leads to {target or location}")
    return Look("redirect_loop", f"it leads to {target}")


def _refused(capture: Capture) -> Look | None:
    status = capture.status
    if capture.truncated:
        return Look("unreachable", "cut short")
    if status == 304:
        return Look("not_modified" if _was_conditional(capture) else "http_error", "status 304")
    if status in (404, 410):
        return Look("gone", f"status {status}")
    if not 200 <= status < 300:
        return Look("http_error", f"status {status}")
    declared = (capture.header("content-type") or "").partition(";")[0].strip().lower()
    # None declared, and plain text, may be a page: servers are careless.
    if declared not in ("", "text/html", "application/xhtml+xml", "text/plain", "application/octet-stream"):
        return Look("not_html", declared)
    return None


def _was_conditional(capture: Capture) -> bool:
    return any(name.lower() in (b"if-none-match", b"if-modified-since") for name, _ in capture.request_headers)


def _read(capture: Capture, kind: str, hosts: Collection[str], missing: str | None) -> Look:
    try:
        page = Page.of(capture)
    except BrokenCodingError as error:
        return Look("unreachable", str(error))
    except TooLargeError as error:
        return Look("too_large", str(error))
    except InputError as error:
        return Look("not_html" if capture.body.strip() else "unreadable", str(error))
    seen = partial(Look, address=page.url, declared=page.decoded.header or page.decoded.meta, used=page.decoded.used)
    try:
        if kind == "listing":
            found = listing.read(page, hosts)
            return seen("listed" if found.leads else "no_leads", listing=found)
        if canonical(capture.final_url) != canonical(capture.url) and _is_front(capture.final_url):
            return seen("gone", "it leads to the front page")
        printed = parse.extract(page)
        if printed.kind == "stub" and printed.target:
            return seen("stub", f"it leads to {printed.target}", printed)
        if instead := absent.of(page, printed, missing):
            return seen(instead[0], f"the page says: {instead[1]}")
        return seen("read", extraction=printed)
    except Exception as error:
        logger.exception("cannot read %s", capture.final_url)
        return seen("unreadable", f"a fault of the reading: {type(error).__name__}")


def _is_front(url: str) -> bool:
    """Whether an address is a site's front page, to which many redirect what is gone."""
    return urlsplit(canonical(url)).path in ("", "/")
