"""The miniature portal: any page of it, and the truth of any article, computed from seed, size and number alone.

Articles are numbered from 0: `number = position * columns + column`, so that high numbers are the newest everywhere.
Addresses lead back to numbers because an article's time, and with it its id, rises with its position.
"""

import gzip
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha1
from typing import Any
from urllib.parse import urlsplit

from zjcrawl import channels, urls
from zjcrawl.channels import Registry
from zjcrawl.model import chrome, listings, story, strangers, truth
from zjcrawl.model.chrome import Link
from zjcrawl.model.columns import PAGE, SHANGHAI, Column, columns_of, docid, system_id
from zjcrawl.model.listings import Item
from zjcrawl.model.markups import MARKUPS, part_url
from zjcrawl.model.story import Printed, Story
from zjcrawl.model.switches import Switches
from zjcrawl.models import Lead

_ARTICLE = re.compile(r"/(?:t\d{8}_(?P<docid>\d+)|(?P<system>\d{9}))(?:_(?P<part>\d\d))?\.shtml$")
_LIST = re.compile(r"(?P<folder>.*/)(?:index(?:_(?P<page>\d+))?\.shtml)?$")
_CALENDAR = re.compile(r"/calendar/(?P<month>\d+)\.shtml$")
_GUEST_EVERY = 9  # every ninth entry of a list is another column's article
_NEAR = timedelta(days=4)
_PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")  # a GIF


@dataclass(frozen=True, slots=True)
class Response:
    """What the portal answers. `trouble` is None, `hang` (never send it), `truncate` (promise more than `body`), or a stream
    of `strangers`, which has no end."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An article that an address leads to, at which of its pages, or at the stub before it."""

    number: int
    part: int
    is_stub: bool


class Portal:
    """A portal of `articles` articles. `clock` may be stepped between requests; nothing else changes."""

    def __init__(
        self, seed: int = 1, articles: int = 300, switches: Switches | None = None, registry: Registry | None = None
    ) -> None:
        self.seed = seed
        self.articles = articles
        self.switches = switches or Switches()
        self.clock = 0
        self.registry = registry or channels.load()
        self.columns = columns_of(self.registry, articles)
        self.active = max(1, sum(column.size > 0 for column in self.columns))
        self.lists = tuple(column.address for column in self.columns)
        self.hosts = frozenset(column.host for column in self.columns)
        self._lists = {(column.host, column.folder): column for column in self.columns}
        self._headline = lru_cache(8192)(self._headline_of)
        self._link = lru_cache(8192)(self._link_of)
        self._answer = lru_cache(1024)(self._encoded)

    # ── what there is ────────────────────────────────────────────────────────────────────────────────────────────────

    def url(self, number: int) -> str:
        """The canonical address of an article."""
        column, position = self._at(number)
        return column.url(position, self.seed)

    def stub(self, number: int) -> str | None:
        """The address of the script stub through which its column lists this article, or None."""
        if number % 37 != 20:
            return None
        column, position = self._at(number)
        return column.address_of(column.era(position).form, column.moment(position, self.seed), extra=1)

    def reprint_of(self, number: int) -> int | None:
        """The number of the article whose wording this one repeats under its own address, or None.

        Every second of them is a paragraph shorter.
        """
        if number % 31 != 8:
            return None
        column, position = self._at(number)
        original = self._nearest(column.number + 1, column.moment(position, self.seed))
        return original if original not in (None, number) and original % 31 != 8 else None

    def number(self, url: str) -> int | None:
        """The article at an address (any form of it, any of its pages), or None; a stub has none of its own."""
        found = self.find(url)
        return found.number if found and not found.is_stub else None

    def numbers(self) -> range:
        """The articles that are published by now."""
        return range(self.articles if self.clock else max(0, self.articles - self.switches.fresh))

    def articles_of(self, slug: str) -> list[str]:
        """The addresses of a channel's own articles by now, oldest first in each of its columns."""
        return [
            column.url(position, self.seed)
            for column in self.columns
            for position in range(self._published(column))
            if self.registry.of(column.url(position, self.seed)) == slug
        ]

    def printed(self, number: int) -> Printed:
        """What the page of an article prints by now."""
        column, position = self._at(number)
        url, name = self.url(number), column.channel.name
        original = self.reprint_of(number)
        wording = self._first_wording(number if original is None else original)
        if original is not None and number % 2:
            wording = story.cut(wording)
        return story.press(
            story.edited(wording, self.switches.revision(number, self.clock)),
            key=f"{self.seed}:{number}",
            url=url,
            markup=column.markup(position),
            charset=column.style.charset,
            place=name,
            moment=column.moment(position, self.seed),
            breadcrumb=("浙江在线", "浙江新闻", "浙江纵横", name) if number % 3 else ("浙江在线", f"{name}频道"),
        )

    def truth(self, url: str) -> dict[str, Any] | None:
        """Every column of the article at an address (see `truth`), or None where there is no article."""
        number = self.number(url)
        if number is None or self.switches.is_gone(number, self.clock):
            return None
        return truth.columns(self.printed(number), self.registry.of(self.url(number)))

    def credits(self, url: str) -> list[tuple[str, str]] | None:
        """Everyone credited on an article's page as (role, name), interns too, or None where there is no article."""
        number = self.number(url)
        return None if number is None else list(truth.credits(self.printed(number)))

    def truths(self) -> Iterator[dict[str, Any]]:
        """The truth of every article that can be retrieved by now, one after the other."""
        for number in self.numbers():
            if (known := self.truth(self.url(number))) is not None:
                yield known

    def leads(self, list_url: str) -> list[Lead]:
        """The articles that a list page lists, in printed order, each with the time printed beside it."""
        column, page = self._list_at(list_url) or (None, 0)
        if column is None:
            return []
        variant = listings.VARIANTS[_variant(column, page)]
        return [
            Lead(
                urls.canonical(item.url),
                item.text,
                printed := variant.printed(item),
                datetime.strptime(printed, variant.time).replace(tzinfo=SHANGHAI) if printed and variant.time else None,
            )
            for item in self._items(column, page)
        ]

    # ── answering ────────────────────────────────────────────────────────────────────────────────────────────────────

    def respond(self, url: str, headers: Mapping[str, str] | None = None, look: int = 0) -> Response:
        """The answer to a GET. `headers` by lower-case name; `look` counts the earlier requests of this address."""
        headers = headers or {}
        if urlsplit(url).hostname not in self.hosts:
            return _plain(502, "the scale model has no such host\n")
        if (refused := self._refused(url, look)) is not None:
            return refused
        packed = self.switches.gzip and "gzip" in headers.get("accept-encoding", "")
        answer = self._answer(_tidy(url), self.clock, look if self.switches.cosmetic else 0, packed)
        if self.switches.has("truncate", url):
            return Response(answer.status, answer.headers, answer.body[: len(answer.body) * 2 // 3], "truncate")
        return _not_modified(answer, headers)

    def _refused(self, url: str, look: int) -> Response | None:
        """The answer that a fault gives in place of the page, or None."""
        has = self.switches.has
        if url.endswith("/robots.txt"):
            return self._robots(url)
        if has("hang", url):
            return Response(0, (), b"", "hang")
        if has("dead", url) or (has("503", url) and look == 0):
            return _plain(503, "busy\n")
        if has("429", url) and look == 0:
            return _plain(429, "too many requests\n", ("Retry-After", "1"))
        if has("retry-after", url):
            return _plain(429, "too many requests\n", ("Retry-After", "7200"))
        if (stream := next((of for of in strangers.STREAMS if has(of, url)), None)) is not None:
            return Response(200, (), b"", stream)
        if has("gzip-bomb", url):
            return Response(200, (("Content-Type", "text/html"), ("Content-Encoding", "gzip")), strangers.bomb())
        if has("brotli", url):
            return Response(200, (("Content-Type", "text/html"), ("Content-Encoding", "br")), b"\xff" * 1000)
        if has("many-links", url) and self._list_at(url) is not None:
            return _html(200, strangers.many_links(f"http://{urlsplit(url).hostname}/"))
        if has("redirect-loop", url):
            base, _, loop = url.partition("?")
            return _plain(302, "", ("Location", base if loop else f"{base}?loop=1"))
        if _ARTICLE.search(urlsplit(url).path):
            if has("home", url):
                return _plain(302, "", ("Location", f"http://{urlsplit(url).hostname}/"))
            if has("soft-404", url):
                return _html(
                    200,
                    "<html><head><title>页面不存在</title></head><body><h1>您访问的页面不存在或已被删除</h1></body></html>",
                )
        return None

    def _robots(self, url: str) -> Response:
        if self.switches.has("robots-503", url):
            return _plain(503, "busy\n")
        rule = "Disallow: /" if self.switches.has("robots-refuse", url) else "Disallow: /search/"
        return _plain(200, f"# {chrome.HONEST}\nUser-agent: *\n{rule}\n")

    def _encoded(self, url: str, clock: int, look: int, packed: bool) -> Response:
        """The page at an address in its encoding, compressed where the client takes it. Depends on nothing else."""
        parts = urlsplit(url)
        if parts.path.endswith((".jpg", ".png", ".gif")):
            return Response(200, (("Content-Type", "image/gif"),), _PIXEL)
        if (found := self.find(url)) is not None:
            return self._article(found, look, packed)
        if (listed := self._list_at(url)) is not None:
            column, page = listed
            html = self._list_page(column, page, look)
            return self._page(column, url, html, packed, None, mark=f"{len(html)}:{clock}:{look}")
        if (month := _CALENDAR.search(parts.path)) and self.switches.has("calendar", url):
            return _html(200, _calendar(int(month["month"])))
        return _html(404, "<html><head><title>404</title></head><body><h1>404 Not Found</h1></body></html>")

    def _article(self, found: Found, look: int, packed: bool) -> Response:
        column, _ = self._at(found.number)
        if self.switches.is_gone(found.number, self.clock):
            return _html(410 if found.number % 2 else 404, "<html><body><h1>您访问的页面已删除</h1></body></html>")
        if found.is_stub:
            target = self.url(found.number)
            return _html(200, f'<html><head><script>location.replace("{target}");</script></head><body></body></html>')
        printed = self.printed(found.number)
        html = chrome.page(
            key=f"{printed.key}:{found.part}",
            title=f"{printed.story.title}-{column.channel.name}频道-浙江在线",
            charset=self._meta_charset(column, printed.url),
            nav=self._navigation(column),
            main=MARKUPS[printed.markup](printed, found.part),
            related=self._links(found.number, 6),
            hot=self._links(found.number + 3 * self.active, 8),
            last_line=printed.story.subtitle or "",
            look=look,
        )
        changed = printed.moment + timedelta(days=self.switches.revision(found.number, self.clock))
        return self._page(column, part_url(printed.url, found.part), html, packed, changed)

    def _page(
        self, column: Column, url: str, html: str, packed: bool, changed: datetime | None, mark: str = ""
    ) -> Response:
        """A page in its column's encoding, with the headers of its host: ETag on some, Last-Modified on others."""
        body = html.encode(column.style.charset)
        headers = [("Content-Type", self._content_type(column, url))]
        if self.switches.validators and column.number % 3 == 0:
            headers.append(("ETag", f'"{sha1(body, usedforsecurity=False).hexdigest()[:16]}"'))
        elif self.switches.validators and column.number % 3 == 1 and changed and not self.switches.cosmetic:
            headers.append(("Last-Modified", format_datetime(changed.astimezone(UTC), usegmt=True)))
        if packed and column.number % 5 != 4:  # some hosts never compress
            headers.append(("Content-Encoding", "gzip"))
            body = gzip.compress(body, compresslevel=1, mtime=0)
        return Response(200, tuple(headers), body)

    def _content_type(self, column: Column, url: str) -> str:
        utf8 = column.style.charset == "utf-8"
        if self.switches.has("header-charset", url):
            return f"text/html; charset={'gbk' if utf8 else 'ISO-8859-1'}"
        return "text/html; charset=UTF-8" if utf8 else "text/html"

    def _meta_charset(self, column: Column, url: str) -> str:
        utf8 = column.style.charset == "utf-8"
        if self.switches.has("meta-charset", url):
            return "gb2312" if utf8 else "utf-8"
        return "utf-8" if utf8 else "gb2312"

    # ── list pages ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _list_page(self, column: Column, page: int, look: int) -> str:
        base = f"http://{column.host}{column.folder}"
        variant = listings.VARIANTS[_variant(column, page)]
        items = self._items(column, page)
        shown = [(item, variant.printed(item) or "") for item in items]
        pager = listings.PAGERS[column.style.pager](page, self._pages(column))
        if self.switches.has("calendar", base) and page + 1 == self._pages(column):
            pager = '<span class="fenye"><a href="/calendar/1.shtml">下一页</a></span>'
        name = column.channel.name
        return chrome.page(
            key=f"{self.seed}:{base}:{page}",
            title=f"{name}频道-浙江在线",
            charset=self._meta_charset(column, base),
            nav=self._navigation(column),
            main=f"<h2>{name}</h2>\n{variant.render(shown, listings.STRANGERS if items else '')}\n{pager}",
            related=(),
            hot=[Link(item.url, item.text, f"{item.moment:%m-%d}") for item in items[:8]],
            look=look,
        )

    def _items(self, column: Column, page: int) -> list[Item]:
        """The entries of a list page, newest first: the column's own, and now and then another column's."""
        base = f"http://{column.host}{column.folder}"
        start, stop = page * PAGE, min((page + 1) * PAGE, self._entries(column))
        return [self._item(column, base, entry) for entry in range(start, stop)]

    def _item(self, column: Column, base: str, entry: int) -> Item:
        if not column.size:  # a quiet column: what others wrote
            other = self.columns[(column.number * 3 + entry) % self.active]
            number = (self._published(other) - 1) * self.active + other.number
        else:
            turn, place = divmod(entry, _GUEST_EVERY)
            own = turn * (_GUEST_EVERY - 1) + min(place, _GUEST_EVERY - 2)
            number = (self._published(column) - 1 - own) * self.active + column.number
            if place == _GUEST_EVERY - 1:
                return self._guest(column, base, number, turn)
        position = number // self.active
        moment = self.columns[number % self.active].moment(position, self.seed)
        url = self.stub(number) or self.url(number)
        return Item(url, listings.href(url, column.style.hrefs, base), self._headline(number), moment)

    def _guest(self, column: Column, base: str, number: int, turn: int) -> Item:
        """Another column's article of these days; where there is none, the one just listed, by another form."""
        moment = column.moment(number // self.active, self.seed)
        near = self._nearest(column.number + 1 + turn, moment)
        form = column.style.hrefs
        if near is None:
            near, form = number, "absolute" if form != "absolute" else "double"
        other, position = self._at(near)
        url = self.url(near)
        return Item(url, listings.href(url, form, base), self._headline(near), other.moment(position, self.seed))

    def _entries(self, column: Column) -> int:
        if not column.size:
            return min(3, self.articles)
        published = self._published(column)
        return published + published // (_GUEST_EVERY - 1)

    def _pages(self, column: Column) -> int:
        return max(1, -(-self._entries(column) // PAGE))

    def _list_at(self, url: str) -> tuple[Column, int] | None:
        parts = urlsplit(_tidy(url))
        named = _LIST.fullmatch(parts.path)
        column = self._lists.get((parts.hostname or "", named["folder"])) if named else None
        if column is None or named is None:
            return None
        page = int(named["page"] or 0)
        return (column, page) if page < self._pages(column) else None

    def _navigation(self, column: Column) -> str:
        """Links to other columns, as every page has them."""
        others = [self.columns[(column.number + step) % len(self.columns)] for step in range(1, 19)]
        return "".join(f'<li><a href="{other.address}">{other.channel.name}</a></li>' for other in others)

    def _links(self, number: int, count: int) -> list[Link]:
        """Links to `count` other articles, beginning below `number`."""
        chosen = [(number - 7 * step - 1) % self.articles for step in range(min(count, self.articles))]
        return [self._link(number) for number in chosen]

    def _link_of(self, number: int) -> Link:
        column, position = self._at(number)
        return Link(self.url(number), self._headline(number), f"{column.moment(position, self.seed):%Y-%m-%d %H:%M}")

    # ── numbers and addresses ────────────────────────────────────────────────────────────────────────────────────────

    def find(self, url: str) -> Found | None:
        """The article that an address leads to, or None. Looks in the columns of its host at the day it names."""
        tidy = _tidy(url)
        parts = urlsplit(tidy)
        named, day = _ARTICLE.search(parts.path), urls.url_date(tidy)
        if named is None or day is None:
            return None
        try:
            start = datetime(*day, tzinfo=SHANGHAI)
        except ValueError:
            return None
        wanted, count = (int(named["docid"]), docid) if named["docid"] else (int(named["system"]), system_id)
        first_page = tidy.replace(f"_{named['part']}.shtml", ".shtml") if named["part"] else tidy
        part = int(named["part"] or 0)
        for column in self.columns:
            if column.host != parts.hostname or not parts.path.startswith(column.folder):
                continue
            for position in range(column.position_at(start, self.seed), self._published(column)):
                moment = column.moment(position, self.seed)
                if moment >= start + timedelta(days=1):
                    break
                extra = wanted - count(moment)
                if extra not in (0, 1) or column.address_of(column.era(position).form, moment, extra) != first_page:
                    continue
                return self._found(position * self.active + column.number, part, is_stub=extra == 1)
        return None

    def _found(self, number: int, part: int, *, is_stub: bool) -> Found | None:
        """The found article, if it has that page and, for a stub, if a stub leads to it."""
        if is_stub:
            return Found(number, 0, True) if not part and self.stub(number) else None
        if part and part >= len(self.printed(number).story.parts):
            return None
        return Found(number, part, False)

    def _at(self, number: int) -> tuple[Column, int]:
        position, column = divmod(number, self.active)
        return self.columns[column], position

    def _published(self, column: Column) -> int:
        """How many of a column's articles are published by now."""
        return len(range(column.number, len(self.numbers()), self.active)) if column.size else 0

    def _nearest(self, column_number: int, moment: datetime) -> int | None:
        """The article of a column (counted round) that was published last before `moment`, some days at most."""
        column = self.columns[column_number % self.active]
        position = min(column.position_at(moment, self.seed), self._published(column)) - 1
        if position < 0 or moment - column.moment(position, self.seed) > _NEAR:
            return None
        return position * self.active + column.number

    def _first_wording(self, number: int) -> Story:
        column, position = self._at(number)
        return story.write(self.seed, number, column.channel.name, column.moment(position, self.seed))

    def _headline_of(self, number: int) -> str:
        original = self.reprint_of(number)
        number = number if original is None else original
        return story.headline(self.seed, number, self._at(number)[0].channel.name)


def _variant(column: Column, page: int) -> str:
    """A front page is followed by plain list pages."""
    return "listUl" if column.style.listing == "home" and page else column.style.listing


def _tidy(url: str) -> str:
    """The address without query, double slashes and a port."""
    parts = urlsplit(url)
    return f"http://{parts.hostname}{re.sub('/{2,}', '/', parts.path) or '/'}"


def _not_modified(answer: Response, headers: Mapping[str, str]) -> Response:
    """304 in place of a page whose validator the client holds."""
    own = dict(answer.headers)
    asked = headers.get("if-none-match"), headers.get("if-modified-since")
    known = own.get("ETag"), own.get("Last-Modified")
    if (asked[0] and asked[0] == known[0]) or (not asked[0] and asked[1] and asked[1] == known[1]):
        kept = tuple((name, value) for name, value in answer.headers if name in ("ETag", "Last-Modified"))
        return Response(304, kept, b"")
    return answer


def _calendar(month: int) -> str:
    """A month of an archive calendar that never ends."""
    days = "".join(f'<li class="listLi"><a href="/calendar/{month}/day{day}/">{day}日</a></li>' for day in range(1, 29))
    pager = f'<span class="fenye"><a href="/calendar/{month + 1}.shtml">下一页</a></span>'
    return f'<html><body><h1>日历</h1><ul class="listUl">{days}</ul>{pager}</body></html>'


def _plain(status: int, text: str, *headers: tuple[str, str]) -> Response:
    return Response(status, (("Content-Type", "text/plain; charset=utf-8"), *headers), text.encode())


def _html(status: int, text: str) -> Response:
    return Response(status, (("Content-Type", "text/html; charset=utf-8"),), text.encode())
