"""Bytes to text without mojibake: what header, meta and byte order mark say is compared with what the bytes are.

Declarations lie in both directions on portals of this age, so a declaration is only a vote. Strict decoding decides
first; where several charsets accept the bytes, the one under which the text is made of common characters.
"""

import codecs
import re
from dataclasses import dataclass, field

_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# WHATWG Encoding Standard §4.2: gb2312 and gbk name what is decoded as gb18030; ISO-8859-1 names windows-1252.
_FAMILIES = {
    "gb18030": {"gb2312", "gbk", "gb18030", "gb_2312", "gb_2312-80", "cp936", "x-gbk", "hz-gb-2312", "euc-cn"},
    "utf-8": {"utf-8", "utf8", "unicode-1-1-utf-8"},
    "big5": {"big5", "big5-hkscs", "cn-big5", "x-x-big5", "cp950"},
    "cp1252": {"iso-8859-1", "iso8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "ascii", "us-ascii"},
}
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_SURELY = 0.9  # so common are the characters of a text that is read right, and never those of one read wrong
_FEW = 12  # so few non-ASCII characters can be valid UTF-8 by chance; 联通 in GBK is


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, the charset that gave it, what was declared (`header`/`meta` as written, or None), and doubts."""

    text: str
    used: str
    header: str | None = None
    meta: str | None = None
    warnings: list[str] = field(default_factory=list)


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Text of an HTML body. Never raises; doubts are `charset_disagrees`, `charset_guessed`, `charset_lossy`."""
    header = _first(_HEADER.search(content_type or ""))
    meta_match = _META.search(body, 0, 4096)
    meta = meta_match[1].decode("ascii") if meta_match else None
    name, text = _by_mark(body) or _choose(body, [family(name) for name in (header, meta) if name])
    warnings = []
    if text is None:
        text = body.decode(name, "replace")
        warnings.append("charset_lossy")
    declared = [family(vote) for vote in (header, meta) if vote]
    if not body.isascii():
        if not declared:
            warnings.append("charset_guessed")
        elif any(vote != name for vote in declared):
            warnings.append("charset_disagrees")
    return Decoded(text, name, header, meta, warnings)


def _by_mark(body: bytes) -> tuple[str, str | None] | None:
    """Charset and text by a byte order mark, or None where there is none."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            text = _strict(body[len(bom) :], name)
            return name, body[len(bom) :].decode(name, "replace") if text is None else text
    return None


def family(name: str) -> str:
    """The decoder that a declared charset name stands for; an unknown name is returned in lower case."""
    name = name.lower().strip("\"' ")
    return next((decoder for decoder, names in _FAMILIES.items() if name in names), name)


def _choose(body: bytes, votes: list[str]) -> tuple[str, str | None]:
    """Charset and text; no text where no charset reads every byte."""
    utf8 = _strict(body, "utf-8")
    if utf8 is not None:
        if votes and "utf-8" not in votes and votes[0] in ("gb18030", "big5") and _foreign(utf8) <= _FEW:
            other = _strict(body, votes[0])
            if other is not None and _common(other, votes[0]) > _common(utf8, "gb18030"):
                return votes[0], other
        return "utf-8", utf8
    best, best_score, best_text = "", -1.0, ""
    for name in sorted(("gb18030", "big5"), key=lambda name: name not in votes):
        text = _strict(body, name)
        if text is None:
            continue
        common = _common(text, name)
        score = common + (0.1 if name in votes else 0.0)
        if score > best_score:
            best, best_score, best_text = name, score, text
        if common > _SURELY and len(text) > 200:
            break
    if best and (best_score > 0.5 or best in votes):
        return best, best_text
    for vote in votes:
        if vote not in ("utf-8", "gb18030", "big5") and (text := _strict(body, vote)) is not None:
            return vote, text
    least = min(("utf-8", "gb18030", "big5"), key=lambda name: (_spoilt(body, name), name not in votes))
    return least, _strict(body, least)


def _strict(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _foreign(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _spoilt(body: bytes, name: str) -> int:
    return body[:200_000].decode(name, "replace").count("\ufffd")


def _common(text: str, name: str) -> float:
    """Share of the non-ASCII characters that are everyday ones in the charset's own table.

    GB 2312-80 level 1 (lead bytes B0..D7) and Big5 level 1 (A4..C6) hold the frequent characters, and A1..A3 the
    punctuation of either; text read under the wrong one falls mostly outside.
    """
    sample = "".join(_FOREIGN.findall(text, 0, 200_000))[:2000]
    if not sample:
        return 0.0
    table, last = ("gb2312", 0xD7) if name != "big5" else ("big5", 0xC6)
    leads = sample.encode(table, "ignore")[::2]  # two bytes a character, as nothing in the sample is ASCII
    return sum(0xA1 <= lead <= last for lead in leads) / len(sample)


def _first(match: re.Match[str] | None) -> str | None:
    return match[1] if match else None
