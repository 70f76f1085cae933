"""A capture as a page: decoded once, parsed once."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Self

from lxml import etree
from parsel import css2xpath

from zjcrawl.charset import Decoded, decode
from zjcrawl.errors import BrokenCodingError, InputError, TooLargeError
from zjcrawl.models import Capture
from zjcrawl.urls import absolute

Element = Any  # lxml.etree._Element: lxml-stubs type it too narrowly to be useful here

MAX_PAYLOAD = 64 * 1024 * 1024  # bytes after content decoding; a news page of 60 kB is a thousandth of it
MAX_MEMBERS = 100  # of a gzip body; servers send one, and each further one costs a copy of all that follows
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"RIFF", b"\x1f\x8b")
_NAMES = re.compile(r"[#.]([\w-]+)")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_ODD_SPACES = re.compile(r"[\t\r\n\f]|  ")  # most texts have none, and asking is cheaper than replacing
BLANKS = " \t\r\n\f\v\u00a0\u3000\u2002\u2003\u2009\u200b\ufeff"


@dataclass(eq=False)
class Page:
    """A decoded page: `url` is its base address, `root` the parsed tree, `decoded` how its text was had."""

    url: str
    root: Element
    decoded: Decoded
    capture: Capture | None = None
    _selected: dict[str, list[Element]] = field(default_factory=dict)  # what each selector found: templates ask again

    @classmethod
    def of(cls, capture: Capture) -> Self:
        """The page of a capture. Raises InputError for what is no HTML page: empty, a picture, undecodable coding."""
        body = payload(capture)
        if not body.strip():
            raise InputError(f"{_name(capture)} is empty: there is no page to read")
        if body.startswith(_PICTURES):
            raise InputError(f"{_name(capture)} is no HTML page: its bytes are those of a picture or an archive")
        decoded = decode(body, capture.header("content-type"))
        utf8 = body if decoded.used == "utf-8" and not decoded.warnings else decoded.text.encode("utf-8", "replace")
        return cls(capture.final_url, _tree(utf8, capture.final_url), decoded, capture)

    def many(self, selector: str) -> list[Element]:
        """All elements that match a CSS selector, in document order."""
        found = self._selected.get(selector)
        if found is None:
            path, marks = _compiled(selector)
            # Most selectors of most templates are not on a page: a look at the text is cheaper than one at the tree.
            found = path(self.root) if all(mark in self.decoded.text for mark in marks) else []
            self._selected[selector] = found
        return found

    def first(self, *selectors: str) -> tuple[Element, str] | None:
        """The first element, in the order of the selectors, that holds text or pictures, with its selector."""
        for selector in selectors:
            for element in self.many(selector):
                if text_of(element) or element.find(".//img") is not None:
                    return element, selector
        return None

    def link(self, href: str) -> str | None:
        """`href` as an absolute http(s) address, or None; as printed where the page's own address is not known."""
        return absolute(self.url, href) if self.url else href.strip() or None

    @cached_property
    def metas(self) -> dict[str, str]:
        """`<meta name|property content>` by lower-case name; the first of each wins."""
        found: dict[str, str] = {}
        for meta in self.root.iter("meta"):
            name = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").strip().lower()
            if name and meta.get("content") is not None:
                found.setdefault(name, meta.get("content").strip(BLANKS))
        return found

    @cached_property
    def head_title(self) -> str:
        """The text of `<title>`."""
        title = next(self.root.iter("title"), None)
        return text_of(title) if title is not None else ""


@lru_cache(maxsize=256)
def _compiled(selector: str) -> tuple[Any, tuple[str, ...]]:
    """A CSS selector as a compiled XPath, and the id and class names that must stand in the page for it."""
    return etree.XPath(css2xpath(selector)), tuple(_NAMES.findall(selector))


def payload(capture: Capture) -> bytes:
    """The body without its content coding. Raises InputError for a coding we did not ask for or that is broken."""
    body = capture.body
    codings = [c.strip() for c in (capture.header("content-encoding") or "").lower().split(",") if c.strip()]
    for coding in reversed(codings):
        if coding in ("gzip", "x-gzip"):
            body = _inflate(body, 16 + zlib.MAX_WBITS, capture)
        elif coding == "deflate":
            raw = body[:1] != b"\x78"  # RFC 9110 §8.4.1.2: zlib format; some servers send raw deflate
            body = _inflate(body, -zlib.MAX_WBITS if raw else zlib.MAX_WBITS, capture)
        elif coding != "identity":
            raise InputError(f"{_name(capture)} is coded as {coding!r}, which was not asked for and is not read")
    return body


def _name(capture: Capture) -> str:
    return capture.final_url or "the page"


def _inflate(body: bytes, bits: int, capture: Capture) -> bytes:
    plain = b""
    if not body:
        return plain
    for _ in range(MAX_MEMBERS):  # a gzip body may be several members (RFC 1952 §2.2)
        unpacker = zlib.decompressobj(bits)
        try:
            plain += unpacker.decompress(body, MAX_PAYLOAD - len(plain) + 1)
        except zlib.error as error:
            raise BrokenCodingError(f"{_name(capture)} has a broken content coding: {error}") from error
        if len(plain) > MAX_PAYLOAD or unpacker.unconsumed_tail:
            raise TooLargeError(f"{_name(capture)} unpacks to more than {MAX_PAYLOAD} bytes: it is not read")
        if not unpacker.eof:
            raise BrokenCodingError(f"{_name(capture)} has a content coding that ends too early: it was cut on its way")
        body = unpacker.unused_data
        if not body.startswith(b"\x1f\x8b"):
            return plain
    raise TooLargeError(f"{_name(capture)} is more than {MAX_MEMBERS} gzip members: it is not read")


def _tree(utf8: bytes, url: str) -> Element:
    # Plain elements: those of lxml.html look up a Python class for each, which makes every walk twice as slow.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    data = utf8.replace(b"\x00", b"")
    try:
        root = etree.fromstring(data, parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise InputError(f"{url} holds nothing that can be read as HTML") from error
    if root is None:
        raise InputError(f"{url} holds nothing that can be read as HTML")
    return root


def collapse(text: str) -> str:
    """Source line breaks and runs of ASCII blanks as a browser shows them, and no blanks of any kind at the ends."""
    text = text.strip(BLANKS)
    return _SPACES.sub(" ", text) if _ODD_SPACES.search(text) else text


def text_of(element: Element) -> str:
    """All text of an element in one line, without scripts and styles."""
    return collapse("".join(_texts(element)))


def _texts(element: Element) -> Iterator[str]:
    for node in element.iter():
        skipped = node.tag in ("script", "style", "noscript")
        if node.text and not skipped:
            yield node.text
        if node.tag == "br":
            yield " "
        if node.tail and node is not element:
            yield node.tail
