"""List pages, read by what they show: `read(page) -> Listing`. A new list markup is one line of `MARKUPS`."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from lxml import etree
from parsel import css2xpath

from zjcrawl.models import SHANGHAI, Lead, Listing
from zjcrawl.urls import absolute, canonical, is_portal, url_date


class Shown(Protocol):
    """What reading needs of a page: its base address and its parsed root."""

    @property
    def url(self) -> str: ...
    @property
    def root(self) -> Any: ...


def _find(xpath: str) -> Callable[[Any], list[Any]]:
    return cast(Callable[[Any], list[Any]], etree.XPath(xpath))


# The items of each known list markup, the surest first. The first one that yields leads is the page's list.
MARKUPS = {
    "listUl": _find(css2xpath("ul.listUl li")),
    "newslist": _find(css2xpath("ul.newslist li")),
    "Ullist": _find(css2xpath("ul#Ullist li")),
    "news_item": _find(css2xpath("li.news_item")),
    "main": _find(css2xpath("#main > div > ul > li")),
}
_links = _find(".//a[@href]")
_headings = _find(".//h1|.//h2|.//h3|.//h4|.//h5")
_picture_texts = _find(".//img/@alt")
_date_spans = _find(css2xpath(".listSpan, .time, .date"))
_next_links = _find(
    "//a[@href][contains(translate(., ' \u3000\u00a0', ''), '下一页') or contains(., '下页') or contains(., '后一页')]"
)
_scripts = _find("//script/text()")

_USUAL = 1000  # characters of an address that is remembered: 4,096 of them take no more than 10 MB
_known = lru_cache(64)(canonical)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_INDEX = re.compile(r"/(?:(?:index|default|node)(?:_\d+)?\.\w+)?$", re.IGNORECASE)
_NO_PAGE = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp|svg|pdf|docx?|xlsx?|zip|rar|mp[34]|apk)$", re.IGNORECASE)
# The whole text of a pager's link; with anything else in it, it is a headline: `生活的下一页`.
_NEXT = re.compile(r"[\[(（【<《«‹>＞\s]*(?:下一?页|后一页)[\])）】>＞》»›→\s]*")
_SCRIPT_PAGER = re.compile(
    r"""^(?![ \t]*//)[^\n]*?createPageHTML\(\s*["']?(\d+)["']?\s*,\s*["']?(\d+)["']?\s*,\s*["']([^"']+)["']\s*,\s*["'](\w+)["']""",
    re.MULTILINE,
)

_DAY = r"(?:19|20)\d\d\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2}日?"
_SHORT_DAY = r"\d{1,2}\s*[月/.-]\s*\d{1,2}日?"
_CLOCK = r"(?:\s*\d{1,2}[时:：](?:\d{1,2}分?)?(?:[:：]\d{1,2})?)?"
_NUMBERS = re.compile(
    r"(\d{4})\D+(\d{1,2})\s*[月/.-]\s*(\d{1,2})日?(?:\s*(\d{1,2})[时:：](?:(\d{1,2})分?)?(?:[:：](\d{1,2}))?)?"
)
# A date beside a link: with its year anywhere, without it only in brackets or alone.
_PRINTED = re.compile(
    rf"[\[(（【]\s*(?:{_DAY}|{_SHORT_DAY}){_CLOCK}\s*[\])）】]|(?:[|｜]\s*)?{_DAY}{_CLOCK}|^\s*{_SHORT_DAY}{_CLOCK}\s*$"
)


def read(page: Shown, hosts: Collection[str] | None = None) -> Listing:
    """The leads of a list page in printed order, each address once, and the next older page.

    Known list markups first; on a page with none of them, and on front pages, which lead to articles from every
    corner, every link that is an article's address on one of `hosts` (default: the portal's). A page with no list gives
    a Listing without leads and with an empty `markup`.
    """
    for markup, items in MARKUPS.items():
        listed = [lead for item in items(page.root) for lead in _item(page, item)]
        if listed:
            others = _articles(page, hosts) if urlsplit(page.url).path in ("", "/") else ()
            return Listing(_unique([*listed, *others]), _older(page), markup)
    leads = _unique(_articles(page, hosts))
    return Listing(leads, _older(page), "links" if leads else "")


def _item(page: Shown, item: Any) -> list[Lead]:
    """The leads of one list item: every article's address, or its first link that is no section's; with the words of
    any link to the same place. The date beside several articles is none of theirs for certain.
    """
    own = [link for link in _links(item) if next(link.iterancestors("li"), item) is item]
    links = [(url, link) for link in own if (url := _address(page, link)) is not None]
    dated = [(url, link) for url, link in links if url_date(url)]
    promising = dated or [
        (url, link)
        for url, link in links
        if not _INDEX.search(path := urlsplit(url).path) and not _NO_PAGE.search(path)
    ]
    urls = list(dict.fromkeys(url for url, _ in promising))
    leads = []
    for url in urls if dated else urls[:1]:
        text = next(filter(None, (_text(link) for other, link in promising if other == url)), "")
        leads.append(Lead(url, text, *(_listed(item, text) if len(urls) == 1 or not dated else (None, None))))
    return leads


def _articles(page: Shown, hosts: Collection[str] | None) -> Iterator[Lead]:
    """Every link of the page that is an article's address on one of the hosts: front pages have no list markup."""
    for link in _links(page.root):
        url = _address(page, link)
        if url is None or url_date(url) is None:
            continue
        host = urlsplit(url).hostname or ""
        if host in hosts if hosts is not None else is_portal(host):
            around = next(link.iterancestors("li"), None)
            alone = around is not None and len(_links(around)) == 1
            text = _text(link)
            yield Lead(url, text, *(_listed(around, text) if alone else (None, None)))


def _unique(leads: Iterable[Lead]) -> tuple[Lead, ...]:
    """Each address once, where it first stood; a picture link without words takes them from its twin."""
    found: dict[str, Lead] = {}
    for lead in leads:
        known = found.setdefault(lead.url, lead)
        if not known.text and lead.text:
            found[lead.url] = lead
    return tuple(found.values())


def _address(page: Shown, link: Any) -> str | None:
    """The canonical address of a link, or None where it leads nowhere else."""
    href = link.get("href")
    base = "" if href.startswith(("http://", "https://")) else page.url
    url = _known_target(base, href) if len(base) + len(href) <= _USUAL else _target(base, href)
    return None if url == _canonical(page.url) else url


def _target(base: str, href: str) -> str | None:
    """The canonical address of `href` on a page, or None where it is no http(s) address."""
    url = absolute(base, href)
    return None if url is None else canonical(url)


_known_target = lru_cache(4096)(_target)  # what stands in the navigation of every page is worked out once


def _canonical(url: str) -> str:
    return _known(url) if len(url) <= _USUAL else canonical(url)


def _text(link: Any) -> str:
    """The headline a link prints: its heading, else its text without the date, else the words of its picture."""
    headings = _headings(link)
    words = _collapse("".join(headings[0].itertext())) if headings else _collapse(_without_dates(link))
    return words or next(filter(None, map(_collapse, _picture_texts(link))), "")


def _without_dates(link: Any) -> str:
    beside = {node for span in _date_spans(link) for node in span.iter()}
    pieces = []
    for node in link.iter():
        if node.text and node not in beside and node.tag not in ("script", "style"):
            pieces.append(node.text)
        # A date span's own tail is outside of it; the tails of what it holds are not.
        if node.tail and node is not link and node.getparent() not in beside:
            pieces.append(node.tail)
    return "".join(pieces)


def _listed(item: Any, headline: str) -> tuple[str | None, datetime | None]:
    """The date beside a link as printed and, where it states a year, what it means."""
    for span in _date_spans(item):
        printed = _collapse("".join(span.itertext()))
        if any(c.isdigit() for c in printed):
            return printed, _moment(printed)
    beside = _collapse(_collapse("".join(item.itertext())).replace(headline, " ")) if headline else ""
    found = _PRINTED.search(beside)
    return (found[0], _moment(found[0])) if found else (None, None)


def _moment(printed: str) -> datetime | None:
    found = _NUMBERS.search(printed)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(number or 0) for number in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)
    except ValueError:  # 2026年13月40日
        return None


def _older(page: Shown) -> str | None:
    """The next older page: the 下一页 link, else what `createPageHTML(pages, current, base, extension)` would link.

    It is another address on the same host, and never an article's.
    """
    pagers = (link for link in _next_links(page.root) if _NEXT.fullmatch("".join("".join(link.itertext()).split())))
    candidates = [link.get("href") for link in pagers]
    for script in _scripts(page.root):
        if called := _SCRIPT_PAGER.search(script):
            pages, current = int(called[1]), int(called[2])
            if current + 1 < pages:
                candidates.append(f"{called[3]}_{current + 1}.{called[4]}")
    here = _canonical(page.url)
    for href in candidates:
        url = absolute(page.url, href)
        if url is None or (url := _canonical(url)) == here or _host(url) != _host(here):
            continue
        if url_date(url) is None:
            return url
    return None


def _host(url: str) -> str | None:
    return urlsplit(url).hostname


def _collapse(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
