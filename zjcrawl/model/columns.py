"""Which columns the miniature portal has: for every list page of the registry its markups, encoding and addresses.

A `Column` is the run of articles behind one list page. Its articles stand in `Era`s: stretches of years with one
article markup and one form of address, as a portal that changed its publishing system twice has them.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import urlsplit
from zlib import crc32
from zoneinfo import ZoneInfo

from zjcrawl.channels import Registry
from zjcrawl.models import Channel

SHANGHAI = ZoneInfo("Asia/Shanghai")
PAGE = 25  # items a list page
ROOM = 4  # numbers an article owns: its own, then that of a stub that leads to it
_PACE = timedelta(hours=31)  # an era's articles are at most this far apart, the last at its end


@dataclass(frozen=True, slots=True)
class Era:
    """Articles under one form of address between two moments; its markups are served side by side."""

    markups: tuple[str, ...]
    form: str  # system · mlf (with channel folder) · bare (without)
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Style:
    """How the list page of a column and its addresses look."""

    listing: str
    pager: str  # html · script
    hrefs: str  # absolute · slashes · double · relative
    charset: str  # of list page and articles
    eras: tuple[Era, ...]  # one after the other in time


@dataclass(frozen=True)
class Column:
    """One list page of the registry with `size` articles behind it, oldest at position 0."""

    number: int
    channel: Channel
    address: str
    style: Style
    size: int

    @cached_property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""

    @cached_property
    def folder(self) -> str:
        """`/zjnews/jxnews/`, or `/` for a front page."""
        return urlsplit(self.address).path

    def era(self, position: int) -> Era:
        """The column's articles are shared out evenly among its eras."""
        eras = self.style.eras
        return eras[position * len(eras) // max(1, self.size)]

    def markup(self, position: int) -> str:
        markups = self.era(position).markups
        return markups[position % len(markups)]

    def moment(self, position: int, seed: int) -> datetime:
        """When the article at a position was published: rises with the position."""
        eras = self.style.eras
        number = position * len(eras) // max(1, self.size)
        first = -(-number * self.size // len(eras))
        last = -(-(number + 1) * self.size // len(eras))
        era, count = eras[number], last - first
        pace = min(_PACE, (era.until - era.since) / count)
        jitter = crc32(f"{seed}:{self.number}:{position}:moment".encode()) / 2**32 * 0.9
        moment = era.until - pace * (last - position - jitter)
        return moment.replace(microsecond=0)

    def url(self, position: int, seed: int) -> str:
        """The canonical address of the article at a position."""
        return self.address_of(self.era(position).form, self.moment(position, seed))

    def address_of(self, form: str, moment: datetime, extra: int = 0) -> str:
        """An address of that form; `extra` numbers the neighbours that an article owns (its stub)."""
        if form == "system":
            folder = self.folder if self.folder != "/" else f"/{self.channel.slug}/" if _is_county(self) else "/"
            return f"http://{self.host}{folder}system/{moment:%Y/%m/%d}/{system_id(moment) + extra:09d}.shtml"
        folder = self.folder if self.folder != "/" or form == "bare" else f"/{self.channel.slug}xw/"
        return f"http://{self.host}{folder}{moment:%Y%m}/t{moment:%Y%m%d}_{docid(moment) + extra}.shtml"

    def position_at(self, moment: datetime, seed: int) -> int:
        """How many of the column's articles are older than `moment`."""
        return bisect_left(range(self.size), moment, key=lambda position: self.moment(position, seed))


def columns_of(registry: Registry, articles: int) -> tuple[Column, ...]:
    """Every list page of the registry as a column, the articles dealt out evenly to those that have any."""
    lists = list(dict.fromkeys((address, c) for c in registry.channels.values() for address in c.lists))
    small = articles < 2000
    active = [pair for pair in lists if not small or pair[0] in _SMALL]
    turn = {pair: place for place, pair in enumerate(active)}
    sizes = {pair: len(range(place, articles, len(active))) for pair, place in turn.items()}
    rank = sorted(lists, key=lambda pair: turn.get(pair, len(lists)))  # the columns with articles first
    return tuple(
        Column(number, channel, address, _style(address, number), sizes.get((address, channel), 0))
        for number, (address, channel) in enumerate(rank)
    )


def system_id(moment: datetime) -> int:
    """The 9-digit number of the older publishing system at a moment."""
    return _grown(moment, _SYSTEM)


def docid(moment: datetime) -> int:
    """The DOCID of the newer publishing system at a moment."""
    return _grown(moment, _DOCIDS)


def _at(year: int, month: int, day: int = 1) -> datetime:
    return datetime(year, month, day, 8, tzinfo=SHANGHAI)


_SYSTEM = (
    (_at(2004, 1), 2_000_000),
    (_at(2006, 6), 6_655_604),
    (_at(2015, 6, 30), 20_717_765),
    (_at(2017, 12), 21_629_254),
    (_at(2021, 4, 16), 32_987_957),
    (_at(2024, 1), 42_000_000),
)
_DOCIDS = (
    (_at(2016, 3), 607_651),
    (_at(2018, 3), 6_800_000),
    (_at(2019, 6), 10_400_000),
    (_at(2021, 11), 23_400_000),
    (_at(2026, 9), 31_900_000),
    (_at(2027, 9), 33_700_000),
)


def _grown(moment: datetime, known: tuple[tuple[datetime, int], ...]) -> int:
    """The number at a moment, straight between the known points, a multiple of `ROOM`."""
    after = min(max(1, bisect_left(known, moment, key=lambda point: point[0])), len(known) - 1)
    (then, low), (later, high) = known[after - 1], known[after]
    return int(low + (high - low) * ((moment - then) / (later - then))) // ROOM * ROOM


def _is_county(column: Column) -> bool:
    return column.channel.kind == "county"


# Stretches of years as the known addresses show them; /system/ lives longer in the counties.
_NOW = _at(2026, 9, 20)


def _to_2012(*markups: str) -> Era:
    return Era(markups, "system", _at(2006, 1), _at(2012, 6))


def _to_2017(*markups: str) -> Era:
    return Era(markups, "system", _at(2012, 6), _at(2017, 11))


def _county(*markups: str) -> Era:
    return Era(markups, "system", _at(2017, 12), _at(2021, 10))


def _mlf(*markups: str) -> Era:
    return Era(markups, "mlf", _at(2018, 1), _NOW)


def _bare(*markups: str) -> Era:
    return Era(markups, "bare", _at(2018, 1), _NOW)


_HOME = Style("home", "html", "absolute", "utf-8", (_bare("mlf", "containers"),))
_LIST_UL = Style("listUl", "html", "double", "utf-8", (_mlf("mlf", "artcon"),))
_NEWSLIST = Style("newslist", "script", "slashes", "utf-8", (_mlf("mlf", "trs"),))
_ULLIST = Style("Ullist", "script", "relative", "gb18030", (_to_2012("ozoom"), _county("system")))
_MAIN = Style("main", "html", "absolute", "gb18030", (_to_2017("system"), _county("system", "ozoom")))
_ITEMS = Style("news_item", "html", "relative", "utf-8", (_bare("redesign", "table"),))
_MIXED = Style("listUl", "script", "slashes", "utf-8", (_mlf("trs", "containers"),))
_TWO_AGES = Style("newslist", "html", "absolute", "utf-8", (_to_2012("ozoom"), _mlf("mlf")))
_MODERN = Style("home", "script", "double", "utf-8", (_bare("artcon"),))
_PHOTO = Style("news_item", "html", "slashes", "utf-8", (_to_2017("system"), _mlf("containers", "artcon")))
_ROTATION = (_HOME, _LIST_UL, _NEWSLIST, _ULLIST, _MAIN, _ITEMS, _MIXED, _TWO_AGES, _MODERN, _PHOTO)

# The columns that have articles in a small portal.
_SMALL: dict[str, Style] = {
    "http://jx.zjol.com.cn/": _HOME,
    "http://zjnews.zjol.com.cn/zjnews/jxnews/": _LIST_UL,
    "http://cs.zjol.com.cn/zjbd/jx16506/": _NEWSLIST,
    "http://nhnews.zjol.com.cn/": _ULLIST,
    "http://txnews.zjol.com.cn/": _MAIN,
    "http://huzhou.zjol.com.cn/": _ITEMS,
    "http://zjnews.zjol.com.cn/zjnews/huzhounews/": _MIXED,
    "http://dqnews.zjol.com.cn/": Style("main", "script", "slashes", "gb18030", (_county("system", "ozoom"),)),
    "http://sx.zjol.com.cn/": _TWO_AGES,
    "http://tz.zjol.com.cn/": _MIXED,
    "http://wz.zjol.com.cn/": _ITEMS,
    "http://hangzhou.zjol.com.cn/": _MODERN,
    "http://nb.zjol.com.cn/": _PHOTO,
    "http://zjnews.zjol.com.cn/": _HOME,
    "http://zjnews.zjol.com.cn/zjxc/": Style("listUl", "html", "double", "utf-8", (_mlf("artcon"),)),
    "http://ohnews.zjol.com.cn/": _MAIN,
    "http://hnnews.zjol.com.cn/": Style("Ullist", "html", "slashes", "utf-8", (_mlf("mlf", "table"),)),
}


def _style(address: str, number: int) -> Style:
    return _SMALL.get(address) or _ROTATION[number % len(_ROTATION)]
