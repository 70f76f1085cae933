"""Which charset a page declares: in its header, in its markup. What a declaration is worth is not judged here."""

import re

from zjcrawl.markup import openings

_NAME = r"""charset\s*+=\s*+["']?\s*+([A-Za-z0-9_:.-]{2,40})"""
_HEADER = re.compile(_NAME, re.IGNORECASE)
_CONTENT = re.compile(_NAME.encode(), re.IGNORECASE)
_XML = re.compile(rb"""\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9_:.-]{2,40})["']""")
_ATTRIBUTE = re.compile(rb"""(?<![A-Za-z-])([A-Za-z-]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""")
_HEAD = 100_000  # bytes in which a meta element is looked for: styles and scripts can stand before it
_META = 1_000  # bytes of one meta element
_WORDS = (b"harset", b"HARSET")  # a page without them has no such element: a quick look

# Names as declared, by what they are read as. WHATWG Encoding Standard §4.2: gb2312 and gbk name what is decoded as
# gb18030, ISO-8859-1 names windows-1252, utf-16 is little-endian. A name that is not here is no charset of the web:
# some that Python knows (`punycode`, `unicode_escape`, `utf-7`) must never be tried.
_FAMILIES = {
    "utf-8": "utf-8 utf8 utf8mb4 utf-8-sig unicode-1-1-utf-8",
    "gb18030": "gb2312 gbk gb18030 gb_2312 gb_2312-80 gb2312-80 x-gbk cp936 ms936 windows-936 csgb2312 euc-cn chinese",
    "big5": "big5 big5-hkscs big5hkscs cn-big5 x-x-big5 csbig5 cp950 ms950 windows-950",
    "cp1252": "iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 windows-1252 cp1252 ascii us-ascii ansi",
    "utf-16-le": "utf-16 utf-16le utf16 ucs-2 unicode",
    "utf-16-be": "utf-16be unicodefffe",
    "hz": "hz-gb-2312 hz",
    "iso2022_jp": "iso-2022-jp csiso2022jp",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji csshiftjis windows-31j cp932",
    "euc_jp": "euc-jp x-euc-jp",
    "cp949": "euc-kr ks_c_5601-1987 ks_c_5601 ksc5601 korean windows-949",
    "koi8_r": "koi8-r koi8",
    "iso8859_2": "iso-8859-2 latin2",
    "iso8859_15": "iso-8859-15 latin9",
    "cp874": "windows-874 tis-620 iso-8859-11",
    "cp1250": "windows-1250",
    "cp1251": "windows-1251 cp1251",
    "cp1253": "windows-1253 iso-8859-7",
    "cp1254": "windows-1254 iso-8859-9",
    "cp1255": "windows-1255 iso-8859-8",
    "cp1256": "windows-1256",
    "cp1258": "windows-1258",
}
_FAMILY = {label: name for name, labels in _FAMILIES.items() for label in labels.split()}
DECODERS = frozenset(_FAMILIES)


def family(name: str) -> str:
    """The decoder that a declared charset name stands for; a name that is no charset is returned in lower case."""
    name = name.lower().strip("\"' ")
    return _FAMILY.get(name, name)


def header(content_type: str | None) -> str | None:
    """The charset of a Content-Type header as written, or None."""
    found = _HEADER.search(content_type or "")
    return found[1] if found else None


def meta(body: bytes) -> str | None:
    """The charset that the markup declares, as written, or None: the first meta element that does, else the XML
    declaration. A meta element in a comment or a script is none."""
    if any(body.find(word, 0, _HEAD) >= 0 for word in _WORDS):
        for tag in openings(body, rb"meta(?=[\s/>])", _HEAD):
            if tag[3] and (name := _of_meta(body[tag.end() : tag.end() + _META].partition(b">")[0])):
                return name
    found = _XML.match(body)
    return found[1].decode("ascii") if found else None


def _of_meta(inside: bytes) -> str | None:
    """What the attributes of a meta element declare: `charset`, or the content of `http-equiv=content-type`."""
    if b"charset" not in inside.lower():
        return None
    attributes: dict[bytes, bytes] = {}
    for found in _ATTRIBUTE.finditer(inside):
        attributes.setdefault(found[1].lower(), found[2] or found[3] or found[4] or b"")
    if name := attributes.get(b"charset"):
        return name.strip().decode("latin-1")[:40] or None
    if attributes.get(b"http-equiv", b"").strip().lower() == b"content-type":
        stated = _CONTENT.search(attributes.get(b"content", b""))
        return stated[1].decode("ascii") if stated else None
    return None
