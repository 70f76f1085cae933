"""A capture as a page: decoded once, parsed once."""

import re
import threading
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Self, cast

from lxml import etree

from zjcrawl.charset import Decoded, decode
from zjcrawl.errors import BrokenCodingError, InputError, TooLargeError
from zjcrawl.markup import first_bytes, first_elements, without_long_tags
from zjcrawl.models import Capture
from zjcrawl.urls import absolute

Element = Any  # lxml.etree._Element: lxml-stubs type it too narrowly to be useful here

MAX_PAYLOAD = 8 * 1024 * 1024  # bytes after content decoding; a news page of 60 kB is a hundred-and-fortieth of it
MAX_MEMBERS = 100  # of a gzip body; servers send one, and each further one costs a copy of all that follows
# What is read of a page, and how long that can take, is bounded here; `is_cut` says that there was more.
MOST_BYTES = 2_000_000  # without long scripts and pictures in addresses; four times the largest page seen
MOST_ELEMENTS = 20_000  # six times as many as on the largest page seen
_PICTURES = (
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"\x00\x00\x01\x00"),
    *(b"%PDF", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"PK\x03\x04", b"Rar!\x1a", b"\x1f\x8b"),
)
_XML = re.compile(r"\s*<\?xml\b|\s*<(?:rss|feed|rdf:RDF|urlset|sitemapindex|opml|svg)[\s>]", re.IGNORECASE)
_JSON = re.compile(r"""\s*(?:\{\s*"[^"]{0,200}"\s*:|\[\s*(?:\{\s*"|\[|\]))""")
_CONTROLS = bytes((*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20)))
_RARE = ("title", "meta", "link", "script", "input")
LONGEST_NAME = 500  # characters; every element's is searched for words
_START = 4_096  # characters in which a page shows that it is one
_SELECTOR = re.compile(r"(?P<tag>\w*)(?P<mark>[.#]?)(?P<name>[\w-]*)")
_NAME = re.compile(r"(?:\./)?(\w[\w-]*\.\w+)", re.ASCII)
_START_TAG = re.compile(r"""<(\w++)[^<>]*?\sclass\s*+=\s*+["']?([\w-]++)[^<>]*+>""")
_SPACES = re.compile(r"[ \t\r\n\f]+")
BLANKS = " \t\r\n\f\v\u00a0\u3000\u2002\u2003\u2009\u200b\ufeff"


def xpath(expression: str) -> Callable[..., Any]:
    """A compiled XPath, as a function of an element; texts come as plain strings."""
    return cast(Callable[..., Any], etree.XPath(expression, smart_strings=False))


_holding = xpath("descendant::text()[contains(., $words)][1]/..")
_own = threading.local()
_of_id = xpath("id($name)")  # the first element of an id, by the table that the parser keeps of them: no walk


@dataclass(eq=False)
class Page:
    """A decoded page: `url` is its base address, `root` the parsed tree, `decoded` how its text was had.

    `is_cut`: the page goes on behind MOST_BYTES or MOST_ELEMENTS, or deeper than the parser follows; that was not read.
    """

    url: str
    root: Element
    decoded: Decoded
    capture: Capture | None = None
    is_cut: bool = False
    _classes: dict[str, "_Classes"] = field(default_factory=dict)  # by tag
    # What was asked and answered: templates ask again.
    _ones: dict[str, Element | None] = field(default_factory=dict)
    _firsts: dict[tuple[str, ...], tuple[Element, str] | None] = field(default_factory=dict)

    @classmethod
    def of(cls, capture: Capture) -> Self:
        """The page of a capture. Raises InputError for what is no HTML page: empty, a picture, undecodable coding."""
        whole = payload(capture)
        if not whole or whole.isspace():
            raise InputError(f"{_name(capture)} is empty: there is no page to read")
        if whole.startswith(_PICTURES) or whole[4:8] == b"ftyp":
            raise InputError(
                f"{_name(capture)} is no HTML page: its bytes are those of a picture, a file or an archive"
            )
        body, is_long = first_bytes(whole, MOST_BYTES)
        decoded = decode(body, capture.header("content-type"))
        if kind := _other_kind(decoded.text):
            raise InputError(f"{_name(capture)} is no HTML page: it is {kind}")
        utf8 = body if decoded.is_as_sent else decoded.text.encode("utf-8", "replace")
        root, is_cut = _tree(utf8, capture.final_url)
        return cls(capture.final_url, root, decoded, capture, is_cut or is_long)

    def each(self, selector: str) -> Iterator[Element]:
        """The elements that match a selector, in document order: `tag`, `.class`, `#id`, `tag.class`, one in another.

        Templates ask for a dozen names of a page, whose article stands near its beginning: the elements of a tag are
        looked through once for all that is asked, and no further than it takes to answer.
        """
        outer, _, last = selector.rpartition(" ")
        return self._inside(outer, last) if outer else self._matching(last)

    def one(self, selector: str) -> Element | None:
        """The first element that matches a selector, or None."""
        if selector not in self._ones:
            self._ones[selector] = next(self.each(selector), None)
        return self._ones[selector]

    def has(self, selector: str) -> bool:
        """Whether any element matches a selector."""
        return self.one(selector) is not None

    def first(self, *selectors: str) -> tuple[Element, str] | None:
        """The first element, in the order of the selectors, that holds text or pictures, with its selector."""
        if selectors not in self._firsts:
            holding = ((e, selector) for selector in selectors for e in self.each(selector) if _holds_something(e))
            self._firsts[selectors] = next(holding, None)
        return self._firsts[selectors]

    def _matching(self, simple: str) -> Iterator[Element]:
        tag, mark, name = _parts(simple)
        if mark == "#":
            return self._of_id(tag, name)
        if not mark:
            return cast(Iterator[Element], self.root.iter(tag))
        if name not in self.decoded.text:  # asking the source is quicker than looking at every element
            return iter(())
        if tag not in self._classes:
            self._classes[tag] = _Classes(self.root.iter(tag or None))
        return self._classes[tag].each(name)

    def _of_id(self, tag: str, name: str) -> Iterator[Element]:
        for first in _of_id(self.root, name=name):
            if tag in ("", first.tag):
                yield first
            # An id that stands twice stands on the same tag.
            yield from (e for e in self.root.iter(tag or first.tag) if e is not first and e.get("id") == name)

    def _inside(self, outer: str, last: str) -> Iterator[Element]:
        tag, mark, name = _parts(last)
        found: set[Element] = set()  # by an outer element, before an inner one is looked through
        for holder in self.each(outer):
            for element in holder.iterdescendants(tag or None):
                if _bears(element, mark, name) and element not in found:
                    found.add(element)
                    yield element

    def holding(self, words: str) -> list[Element]:
        """The element of the first text that holds some words, in a list; an empty one where none does."""
        at = self.decoded.text.find(words)
        start = _START_TAG.match(self.decoded.text, self.decoded.text.rfind("<", 0, max(at, 0)) if at > 0 else 0)
        element = self.one(f"{start[1].lower()}.{start[2]}") if start else None
        if element is not None and words in (element.text or ""):
            return [element]  # as of most: the source says which it is, and no text needs a look
        return cast(list[Element], _holding(self.root, words=words))

    def link(self, href: str) -> str | None:
        """`href` as an absolute http(s) address, or None; as printed where the page's own address is not known."""
        if not self.base:
            return href.strip() or None
        if self._folder and (name := _NAME.fullmatch(href)):  # as of most pictures: no addresses need parsing
            return self._folder + name[1]
        return absolute(self.base, href)

    @cached_property
    def base(self) -> str:
        """The address that relative ones begin at: the first `<base href>`, or the page's own; "" where neither is known."""
        if "<base" not in self.decoded.text and "<BASE" not in self.decoded.text:
            return self.url
        stated = next((base.get("href") for base in self.root.iter("base") if base.get("href")), "")
        return absolute(self.url, stated) or self.url

    @cached_property
    def _folder(self) -> str | None:
        return absolute(self.base, ".")

    @cached_property
    def metas(self) -> dict[str, str]:
        """`<meta name|property content>` by lower-case name; the first of each wins."""
        found: dict[str, str] = {}
        for meta in self.rare["meta"]:
            name = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").strip().lower()
            if name and meta.get("content") is not None:
                found.setdefault(name, meta.get("content").strip(BLANKS))
        return found

    @cached_property
    def head_title(self) -> str:
        """The text of `<title>`."""
        title = self.root.find("head/title")
        if title is None:
            title = next(iter(self.rare["title"]), None)
        return text_of(title) if title is not None else ""

    @cached_property
    def rare(self) -> dict[str, list[Element]]:
        """The elements of a head, and form fields, by tag. To find the last of a few takes a look at all elements of a
        page, so it is taken once for all of them."""
        found: dict[str, list[Element]] = {tag: [] for tag in _RARE}
        for element in self.root.iter(*_RARE):
            found[element.tag].append(element)
        return found


class _Classes:
    """The elements of one tag by class, looked through as far as was asked."""

    def __init__(self, elements: Iterator[Element]) -> None:
        self._rest = elements
        self._seen: dict[str, list[Element]] = defaultdict(list)

    def each(self, name: str) -> Iterator[Element]:
        """Those that bear a class, in document order."""
        found, at = self._seen[name], 0
        while True:
            while at < len(found):
                yield found[at]
                at += 1
            element = next(self._rest, None)
            if element is None:
                return
            if names := element.get("class"):
                for word in names.split():
                    self._seen[word].append(element)


@lru_cache(256)
def _parts(simple: str) -> tuple[str, str, str]:
    parts = _SELECTOR.fullmatch(simple)
    if parts is None:
        raise ValueError(f"not a selector that a page knows: {simple!r}")
    return parts["tag"], parts["mark"], parts["name"]


def _bears(element: Element, mark: str, name: str) -> bool:
    if mark == "#":
        return bool(element.get("id") == name)
    return not mark or name in (element.get("class") or "").split()


def _holds_something(element: Element) -> bool:
    return any(not text.isspace() for text in element.itertext()) or next(element.iter("img"), None) is not None


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


def _other_kind(text: str) -> str | None:
    """What a text is that is not HTML, in words, or None."""
    start = text[:_START]
    if _XML.match(start) and "<html" not in start.lower():
        return "XML, as feeds and site maps are"
    if _JSON.match(start):
        return "JSON"
    coded = start.encode("utf-8", "replace")
    return "no text" if 50 * (len(coded) - len(coded.translate(None, _CONTROLS))) > len(start) else None


def _parser() -> etree.HTMLParser:
    """This thread's parser: it keeps what it complains of, and a new one costs a twentieth of a page."""
    if not hasattr(_own, "parser"):
        # Plain elements: those of lxml.html look up a Python class for each, which makes every walk twice as slow.
        _own.parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    return cast(etree.HTMLParser, _own.parser)


def _tree(utf8: bytes, url: str) -> tuple[Element, bool]:
    """The tree of a page, and whether the page is longer or deeper than it."""
    parser = _parser()
    whole = without_long_tags(utf8.replace(b"\x00", b""))
    data = first_elements(whole, MOST_ELEMENTS)
    try:
        root = etree.fromstring(data, parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise InputError(f"{url} holds nothing that can be read as HTML") from error
    if root is None:
        raise InputError(f"{url} holds nothing that can be read as HTML")
    worst = parser.error_log.last_error
    is_too_deep = worst is not None and worst.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT
    return root, is_too_deep or len(data) < len(whole)


def collapse(text: str) -> str:
    """Source line breaks and runs of ASCII blanks as a browser shows them, and no blanks of any kind at the ends."""
    text = text.strip(BLANKS)
    # Most texts have none of these, and asking is a tenth of what replacing costs.
    if "\n" in text or "  " in text or "\t" in text or "\r" in text:
        return _SPACES.sub(" ", text)
    return text


def name_of(element: Element) -> str:
    """Class and id of an element in one string: what its author calls it. No more of it than a name can be."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"[:LONGEST_NAME]


def text_of(element: Element) -> str:
    """All text of an element in one line, without scripts and styles."""
    return collapse("".join(_texts(element)) if len(element) else element.text or "")


def _texts(element: Element) -> Iterator[str]:
    for node in element.iter():
        if node.text and node.tag not in ("script", "style", "noscript"):
            yield node.text
        if node.tag == "br":
            yield " "
        if node.tail and node is not element:
            yield node.tail
