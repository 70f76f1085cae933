"""Bytes to text without mojibake: what header, meta and byte order mark say is compared with what the bytes are.

Declarations lie in both directions on portals of this age, so a declaration is only a vote:

valid UTF-8, and enough of it ─▶ it is
else: a sample of the bytes, read in every charset in question ─▶ the likeliest reading, votes counted
                                                               ─▶ strict decoding; what does not fit is looked at closer

A reading is as likely as its characters are common (`everyday.likelihood`). Where the bytes alone do not decide, it is
read as declared and said to be a guess: no mojibake without a warning.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from zjcrawl import declared, everyday

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHINESE = ("gb18030", "big5")
_CODECS = {"big5": "big5hkscs"}  # WHATWG Encoding Standard §12.1: Big5 is read with the characters of Hong Kong
_SEVEN_BIT = {"hz": b"~{", "iso2022_jp": b"\x1b"}  # ASCII to look at, but for what shifts to another table
_WIDE = ("utf-16-le", "utf-16-be")
_TRIED = declared.DECODERS - {*_SEVEN_BIT, *_WIDE}  # what a page with non-ASCII bytes and without NULs can be
# Where Python's big5hkscs is not the standard's table: these signs, and € (`_EUROS`).
_BIG5_SIGNS = tuple(zip("•､‾∼♁☉¥¢£", "‧﹑¯～⊕⊙￥￠￡", strict=True))

_VALID = 40  # bytes that UTF-8 takes more than its characters; text of another charset is never so long valid UTF-8
_HARDLY = 8  # the same, where UTF-8 is the likeliest reading too
_VOTE = 5.0  # nats that a declaration adds to the likelihood of a reading: about 1 of 50 lies
_HANDICAP = {"utf-8": 0.0, "gb18030": 0.0, "big5": -1.0}  # nats, by how rare a charset is on these portals
_FOREIGN = -6.0  # nats, for every other: mostly a server's default, and no Chinese can be written in it
_SURELY = 8.0  # nats over nonsense, and over every other reading, that leave no doubt: four everyday characters
_FLUENT = 1.0  # nats over nonsense, of every character that is not ASCII: more than any text has in a wrong charset

# `<`, `>` and line ends are never part of a longer character: pages are cut there, in whatever charset.
_END = re.compile(rb"[<>\n]")
_PIECE = re.compile(rb"[\x80-\xff][^<]{0,99}")
# What is read on trial: stretches of at most 100 bytes at equal distances, all of a short page. Bytes of a page.
_PIECES, _SHORT, _LOOKED_AT = 24, 10_000, 1_000_000
_MOST_BREAKS = 1_000  # stretches of a page that are looked at because they do not fit; the rest is decoded as it is
_BLOCK = 65_536  # bytes that are decoded at a time where some do not fit
_STRETCH = 4_096  # bytes; an include in another charset has tags or lines
_EUROS, _MOST_EUROS = {"gb18030": b"\x80", "big5": b"\xa3\xe1"}, 20  # € of Windows, and how many in a stretch

# UTF-8 in a page of another charset: runs of three-byte characters, seen faster by the shape of their bytes.
_SHAPE = bytes(3 if 0xE2 <= byte <= 0xEF else 1 if 0x80 <= byte <= 0xBF else 0 for byte in range(256))
_INSIDE_SHAPE = b"\x03\x01\x01" * 4
_INSIDE = re.compile(
    rb"[\xe2-\xef](?<![\x80-\xff][\xe2-\xef])[\x80-\xbf]{2}(?:[\xe2-\xef][\x80-\xbf]{2}){3,500}+(?![\x80-\xff])"
)
_BEYOND_GBK = "zjcrawl.beyond_gbk"
_PRIVATE = re.compile("[\ue000-\uf8ff]")  # GB 18030 gives a code point to every pair of bytes: to nonsense, these
_LOST = b"\xef\xbf\xbd" * 2  # two replacement characters in UTF-8, printed as 锟斤拷
_LOST_IN_GBK = ("锟", "\ufffd")  # of two in a row one is in the text, wherever they begin: quicker to see
# UTF-8 that was taken for windows-1252 and encoded again: 浙 is E6 B5 99, printed as æµ™.
_CP1252 = {char: chr(n) for n in range(0x80, 0xA0) if (char := bytes((n,)).decode("cp1252", "ignore"))}
_LATIN = str.maketrans(_CP1252)
_CONTINUED = rf"[\u00e2-\u00ef][\u0080-\u00bf{''.join(map(re.escape, _CP1252))}]{{2}}"
_TWICE = re.compile(rf"{_CONTINUED}(?:{_CONTINUED}){{0,200}}")
_TWICE_SHAPE = re.compile(rb"\xc3[\xa2-\xaf][\xc2\xc5\xc6\xcb\xe2]")  # how it begins in the bytes: quick to see
_TWICE_LEAD = b"\xc3"  # and quicker: most pages have no such byte
_AT_LEAST = 9  # characters of it in a row, three of the text, are no chance


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, the charset that gave it, what was declared (`header`/`meta` as written, or None), and doubts.

    `is_as_sent`: the body is the text in UTF-8, but for a mark before it and NULs in it.
    """

    text: str
    used: str
    header: str | None = None
    meta: str | None = None
    warnings: list[str] = field(default_factory=list)
    is_as_sent: bool = False


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Text of an HTML body. Never raises.

    Doubts are `charset_disagrees` (declarations and bytes differ, or the bytes among themselves), `charset_guessed`
    (nothing was declared, or the bytes are too few to tell), `charset_lossy` (bytes that fit no charset, text that was
    damaged before) and `charset_twice` (UTF-8 that was encoded twice; undone).
    """
    mark, body = _marked(body)
    if wide := mark if mark in _WIDE else _wide(body):
        text, warnings = _strictly(body, wide)
        found = _Found(wide, True, text, warnings)
        header, meta = declared.header(content_type), declared.meta(text.encode("ascii", "replace"))
    else:
        bare = body.replace(b"\x00", b"")
        header, meta = declared.header(content_type), declared.meta(bare)
        found = _read(bare, [declared.family(name) for name in (header, meta, mark) if name])
        if len(bare) < len(body):
            found.warnings.append("charset_lossy")
    if not found.text.isascii():
        if any(declared.family(name) != found.name for name in (header, meta) if name):
            found.warnings.append("charset_disagrees")
        if mark != found.name and not (found.is_sure and (header or meta)):
            found.warnings.append("charset_guessed")
    warnings = list(dict.fromkeys(found.warnings))
    return Decoded(found.text, found.name, header, meta, warnings, found.is_as_sent)


@dataclass(slots=True)
class _Found:
    """A reading: the charset, whether the bytes leave no doubt of it, the text and what is doubted in it."""

    name: str
    is_sure: bool
    text: str
    warnings: list[str]
    is_as_sent: bool = False


def _marked(body: bytes) -> tuple[str | None, bytes]:
    """The charset of a byte order mark, or None, and what stands behind the mark."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return name, body[len(mark) :]
    return None, body


# ── which charset ────────────────────────────────────────────────────────────────────────────────────────────────────


def _read(body: bytes, votes: list[str]) -> _Found:
    """The likeliest reading of a body, its votes counted."""
    if body.isascii():
        shifts = (vote for vote in votes if (sign := _SEVEN_BIT.get(vote)) and sign in body)
        name = next(shifts, "utf-8")
        return _Found(name, True, *_strictly(body, name), name == "utf-8")
    utf8 = _valid(body, "utf-8")
    surplus = len(body) - len(utf8) if utf8 is not None else 0
    name, is_sure = ("utf-8", True) if surplus >= _VALID else _likeliest(_sample(body), votes)
    if name == "utf-8":
        text, warnings = _utf8(body, utf8)
        return _Found(name, is_sure or surplus >= _HARDLY, text, warnings, text is utf8)
    return _Found(name, is_sure, *_text(body, name))


def _wide(body: bytes) -> str | None:
    """UTF-16 without a mark: the ASCII of its markup has a NUL in every second byte, and its Chinese hardly any.

    Where every second byte is a NUL, somebody put them between the bytes of another charset.
    """
    start = body[:_STRETCH]
    if b"\x00" not in start:
        return None
    for name, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        nuls, size = start[high::2].count(0), len(start[high::2])
        if size > nuls > 0.1 * size and nuls > 4 * start[1 - high :: 2].count(0):
            return name
    return None


def _valid(body: bytes, codec: str, errors: str = "strict") -> str | None:
    try:
        return body.decode(codec, errors)
    except UnicodeDecodeError:
        return None


def _beyond_gbk(error: UnicodeError) -> tuple[str, int]:
    """A character that GB 18030 has and GBK has not; raises the error where it is none that anybody writes."""
    assert isinstance(error, UnicodeDecodeError)
    start = error.start
    for size in (2, 4):
        if char := _beyond(error.object[start : start + size]):
            return char, start + size
    raise error


@lru_cache(4096)  # the same few names
def _beyond(code: bytes) -> str | None:
    char = _valid(code, "gb18030")
    return char if char is not None and len(char) == 1 and not _PRIVATE.match(char) else None


codecs.register_error(_BEYOND_GBK, _beyond_gbk)


def _sample(body: bytes) -> bytes:
    """Non-ASCII stretches from all over the page."""
    step = min(len(body), _LOOKED_AT) // _PIECES
    pieces = []
    found = _PIECE.search(body)
    while found and found.start() < _LOOKED_AT:
        pieces.append(found[0])
        start = body.find(b"<", found.end() if len(body) < _SHORT else found.start() + step)
        found = _PIECE.search(body, start) if start >= 0 else None
    return b"\n".join(pieces)


def _likeliest(sample: bytes, votes: list[str]) -> tuple[str, bool]:
    """The charset in which a sample reads best, votes counted, and whether it does without them too.

    What can be read as GB 18030 is not surely in a charset that has no Chinese.
    """
    if votes and set(votes) == {"gb18030"} and _is_fluent(sample):
        return "gb18030", True
    names = dict.fromkeys(("gb18030", "utf-8", "big5", "cp1252", *votes))
    texts = {name: sample.decode(_CODECS.get(name, name), "replace") for name in names if name in _TRIED}
    nats = {
        name: everyday.likelihood(text, is_chinese=name in _CHINESE) + _HANDICAP.get(name, _FOREIGN)
        for name, text in texts.items()
    }
    best = max(nats, key=lambda name: nats[name] + _VOTE * votes.count(name))
    ahead = nats[best] - max(others for name, others in nats.items() if name != best)
    may_be = best in _HANDICAP or "\ufffd" in texts["gb18030"]
    return best, may_be and ahead >= _SURELY and everyday.excess(texts[best], is_chinese=best in _CHINESE) >= _SURELY


def _is_fluent(sample: bytes) -> bool:
    """Whether a sample is plain Chinese in GBK, as most pages are that say so: no other reading needs a trial."""
    text = sample.decode("gb18030", "replace")
    return everyday.excess(text, is_chinese=True) >= max(4 * _SURELY, _FLUENT * (len(sample) - len(text)))


# ── decoding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _utf8(body: bytes, utf8: str | None) -> tuple[str, list[str]]:
    """The text of a UTF-8 body, without a second encoding of it or of parts of it, and doubts."""
    text, warnings = _strictly(body, "utf-8") if utf8 is None else (utf8, [])
    if "\ufffd" in text:
        warnings.append("charset_lossy")
    if (
        _TWICE_LEAD in body
        and _TWICE_SHAPE.search(body)
        and any(len(found[0]) >= _AT_LEAST for found in _TWICE.finditer(text))
    ):
        return _TWICE.sub(_once, text), [*warnings, "charset_twice"]
    return text, warnings


def _once(twice: re.Match[str]) -> str:
    try:
        latin = twice[0] if max(twice[0]) < "\u0100" else twice[0].translate(_LATIN)
        return latin.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return twice[0]


def _text(body: bytes, name: str) -> tuple[str, list[str]]:
    """The text of a body in another charset, with what in it is surely UTF-8, and doubts."""
    read: list[str] = []
    warnings: list[str] = []
    at = 0
    if _INSIDE_SHAPE in body.translate(_SHAPE):
        for inside in islice(_INSIDE.finditer(body), _MOST_BREAKS):
            include = inside[0].decode("utf-8", "replace")
            if everyday.excess(include, is_chinese=True) >= _SURELY:
                before, doubts = _strictly(body[at : inside.start()], name)
                read, at = [*read, before, include], inside.end()
                warnings += [*doubts, "charset_disagrees"]
    rest, doubts = _strictly(body[at:], name)
    text = "".join((*read, rest))
    if (name != "gb18030" or any(map(text.__contains__, _LOST_IN_GBK))) and _LOST in body:
        warnings.append("charset_lossy")
    if name == "big5":
        for python, standard in _BIG5_SIGNS:
            text = text.replace(python, standard)
    return text, warnings + doubts


def _strictly(body: bytes, name: str) -> tuple[str, list[str]]:
    """A strictly decoded text. Stretches that break it are read in the charset they surely are in, else with loss."""
    codec = _CODECS.get(name, name)
    # GBK gives no character to nonsense; what else is in GB 18030 is looked at.
    beyond = _BEYOND_GBK if len(body) < _LOOKED_AT else "strict"
    whole = _valid(body, "gbk", beyond) if name == "gb18030" else _valid(body, codec)
    if whole is not None:
        return whole, []
    if name in _WIDE:
        return body.decode(codec, "replace"), ["charset_lossy"]
    read: list[str] = []
    warnings: list[str] = []
    for block in _blocks(body):
        at = 0
        while at < len(block) and len(warnings) < _MOST_BREAKS:
            try:
                read.append(block[at:].decode(codec))
                at = len(block)
            except UnicodeDecodeError as error:
                bad = at + error.start
                start = max(at, *(block.rfind(end, at, bad) + 1 for end in (b"<", b">", b"\n")))
                found = _END.search(block, bad + 1)
                stop = found.start() if found else len(block)
                text, doubts = _stretch(block[start:stop], name)
                read += [block[at:start].decode(codec), text]
                warnings += doubts
                at = stop
        read.append(block[at:].decode(codec, "replace"))
    text = "".join(read)
    if "\ufffd" in text or (name == "gb18030" and _PRIVATE.search(text)):
        warnings.append("charset_lossy")
    return text, warnings


def _blocks(body: bytes) -> Iterator[bytes]:
    """A body in pieces that end between characters, whatever its charset."""
    at = 0
    while at < len(body):
        found = _END.search(body, at + _BLOCK)
        end = found.start() if found else len(body)
        yield body[at:end]
        at = end


def _stretch(stretch: bytes, name: str) -> tuple[str, list[str]]:
    """A stretch that breaks the page's charset: an include in another one, a sign of Windows, or damage. And doubts."""
    codec = _CODECS.get(name, name)
    if len(stretch) <= _STRETCH:
        for other in ("utf-8", "gb18030", "big5hkscs"):
            text = _valid(stretch, other) if other != codec else None
            if text is not None and everyday.excess(text, is_chinese=True) >= _SURELY:
                return text, ["charset_disagrees"]
        if (text := _with_euros(stretch, name)) is not None:
            return text, []
    return stretch.decode(codec, "replace"), ["charset_lossy"]


def _with_euros(stretch: bytes, name: str) -> str | None:
    """A stretch with the € that Windows writes in GBK (code page 936) and in Big5 (950), or None where it is not that."""
    if (euro := _EUROS.get(name)) is None:
        return None
    codec, read = _CODECS.get(name, name), ""
    for _ in range(_MOST_EUROS):
        try:
            return read + stretch.decode(codec)
        except UnicodeDecodeError as error:
            if not stretch.startswith(euro, error.start):
                return None
            read += stretch[: error.start].decode(codec) + "€"
            stretch = stretch[error.start + len(euro) :]
    return None
