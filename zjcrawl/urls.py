"""One address for one page: the canonical URL rule. The README's table and tests/test_urls.py state it case by case."""

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

PORTAL = "zjol.com.cn"

# Query names that say where a reader came from, never what is shown.
TRACKING = frozenset(
    [
        "spm",
        "from",
        "wfr",
        "for",
        "isappinstalled",
        "share_token",
        "share_from",
        "timestamp",
        "tt_group_id",
        "agt",
        "div",
        "nsukey",
        "ivk_sa",
    ]
)
# `t20190724_10642331_01.shtml`, `020717765_01.shtml`: a page after the first of one article (the first has no suffix).
# `_ext`: the twin some addresses of the portal name; what it looks like is unknown, that it is the same article is not.
_PART = re.compile(r"^(?P<base>.*/(?:t\d{8}_\d+|\d{9}))_(?:(?P<part>\d{1,2})|ext)(?P<ext>\.s?html?)$")
_INDEX = re.compile(r"/index\.(?:shtml|html|htm)$")
_DOCUMENT = re.compile(r"/(?:t\d{8}_)?(\d{6,})(?:_\w{1,3})?\.s?html?$")
_NEWS_ID = re.compile(r"(?:^|&)(?:news|doc)id=(\d{6,})(?:&|$)", re.IGNORECASE)  # mobile twins: `details.html?newsid=…`
_DATES = (
    re.compile(r"/t(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})_\d+(?:_\w{1,3})?\.s?html?$"),
    re.compile(r"/(?P<y>(?:19|20)\d{2})/(?P<m>\d{2})/(?P<d>\d{2})/\d+(?:_\w{1,3})?\.s?html?$"),
    re.compile(r"/(?P<y>(?:19|20)\d{2})-(?P<m>\d{2})/(?P<d>\d{2})/content_\d+\.html?$"),
)

_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([-/_]?)(0[1-9]|1[0-2])[-/]?(0[1-9]|[12]\d|3[01])(?!\d)")


def absolute(base: str, href: str) -> str | None:
    """`href` as found on `base`, absolute, or None where it is no http(s) address."""
    try:
        url = urljoin(base, href.strip())
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not (parts.hostname or "").rstrip("."):
            return None
        parts.port  # noqa: B018  (raises ValueError where the port is no number)
    except ValueError:
        return None
    return url


def canonical(url: str) -> str:
    """The one address that stands for `url` in the archive.

    Lower-case scheme and host, no default port, no fragment, no `//`, `./` or `../` in the path, no `index.shtml`,
    no tracking query, the first page for a page of a multi-page article, and `http` on the portal's own hosts
    (it answers both). Everything else stays. Raises ValueError for what is no http(s) address.
    """
    parts = urlsplit(url.strip())
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower().rstrip(".")
    if scheme not in ("http", "https") or not host:
        raise ValueError(f"not a web address: {url!r}")
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port and parts.port != {"http": 80, "https": 443}[scheme] else ""
    if is_portal(host):
        scheme = "http"
    path = _tidy(parts.path.strip()).replace(" ", "%20")
    part = _PART.match(path)
    path = part["base"] + part["ext"] if part else _INDEX.sub("/", path)
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _tracks(k)])
    return str(urlunsplit((scheme, host + port, path, query, "")))


def is_portal(host: str) -> bool:
    """Whether a host name belongs to Zhejiang Online."""
    return host == PORTAL or host.endswith("." + PORTAL)


def part_number(url: str) -> int:
    """1 for an article's first page, 2 for its `_01` page, and so on."""
    part = _PART.match(urlsplit(url).path)
    return int(part["part"]) + 1 if part and part["part"] else 1


def document_id(url: str) -> str | None:
    """The number that the CMS gave an article, as its address states it: the same on every host and twin of it."""
    parts = urlsplit(url)
    found = _DOCUMENT.search(parts.path) or _NEWS_ID.search(parts.query)
    return found[1] if found else None


def url_date(url: str) -> tuple[int, int, int] | None:
    """(year, month, day) as an article's address states it, or None."""
    path = urlsplit(url).path
    for pattern in _DATES:
        if found := pattern.search(path):
            return int(found["y"]), int(found["m"]), int(found["d"])
    return None


def stated_day(url: str) -> tuple[int, int, int] | None:
    """(year, month, day) that the address of any site states anywhere in its path, or None where no one day is."""
    days = {(int(y), int(m), int(d)) for y, _, m, d in _DAY.findall(urlsplit(url).path)}
    return days.pop() if len(days) == 1 else None


def _tracks(name: str) -> bool:
    return name in TRACKING or name.startswith("utm_")


def _tidy(path: str) -> str:
    """`//a/./b/../c` is `/a/c`; what stands above the root is dropped (RFC 3986 §5.2.4)."""
    kept: list[str] = []
    pieces = [piece for piece in path.split("/") if piece]
    for piece in pieces:
        if piece == "..":
            kept[-1:] = []
        elif piece != ".":
            kept.append(piece)
    closed = path.endswith("/") or (bool(pieces) and pieces[-1] in (".", ".."))
    return "/" + "/".join(kept) + ("/" if closed and kept else "")
