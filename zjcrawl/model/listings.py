"""How each list page prints its articles: one function a variant, from `Item`s to markup; and the two pagers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import urlsplit

FormOfTime = str | None  # a strftime pattern, or None where the variant prints no time


@dataclass(frozen=True, slots=True)
class Item:
    """An article on a list: its address (as `href` in the page), headline, time and outlet."""

    url: str
    href: str
    text: str
    moment: datetime
    outlet: str = "模拟在线"


@dataclass(frozen=True, slots=True)
class Variant:
    """A list markup and the form in which it prints the time."""

    render: Callable[[Sequence[tuple[Item, str]], str], str]
    time: FormOfTime

    def printed(self, item: Item) -> str | None:
        return item.moment.strftime(self.time) if self.time else None


def list_ul(items: Sequence[tuple[Item, str]], extra: str) -> str:
    """`ul.listUl > li.listLi > span.listSpan + a`, 2018 to this day."""
    shown = "\n".join(
        f'<li class="listLi">\n  <span class="listSpan">{when}</span>\n'
        f'  <a href="{item.href}">{escape(item.text)}</a>\n</li>'
        for item, when in items
    )
    return f'<ul class="listUl">\n{shown}\n{extra}</ul>'


def newslist(items: Sequence[tuple[Item, str]], extra: str) -> str:
    shown = "\n".join(
        f'<li><a href="{item.href}" target="_blank">{escape(item.text)}</a><span>{when}</span></li>'
        for item, when in items
    )
    return f'<ul class="newslist">{shown}\n{extra}</ul>'


def ullist(items: Sequence[tuple[Item, str]], extra: str) -> str:
    shown = "\n".join(
        f'<li><a href="{item.href}" title="{escape(item.text)}">{escape(item.text)}</a> [{when}]</li>'
        for item, when in items
    )
    return f'<ul id="Ullist">\n{shown}\n{extra}</ul>'


def main_div(items: Sequence[tuple[Item, str]], extra: str) -> str:
    """`#main > div:first-child > ul > li > a`, without times."""
    shown = "\n".join(f'<li>·<a href="{item.href}">\n\n  {escape(item.text)}\n</a></li>' for item, _ in items)
    return f'<div id="main"><div><ul>{shown}\n{extra}</ul></div><div class="r">右栏</div></div>'


def news_item(items: Sequence[tuple[Item, str]], extra: str) -> str:
    """`li.news_item > a > h2` with outlet and time."""
    shown = "\n".join(
        f'<li class="news_item"><a href="{item.href}"><h2>{escape(item.text)}</h2></a>'
        f'<p><span class="resource">{item.outlet}</span> <span class="time">{when}</span></p></li>'
        for item, when in items
    )
    return f'<ul class="news_list">{shown}\n{extra}</ul>'


def home(items: Sequence[tuple[Item, str]], extra: str) -> str:
    """A front page: padded anchors with `FONT` and `docid`, every fifth a picture with its headline in `h4`."""
    shown = []
    for place, (item, _) in enumerate(items):
        text, number = escape(item.text), 6_000_000 + 37 * place
        if place % 5 == 4:
            shown.append(f"""<li>
            <a href="{item.href}" class="imgTitLink bImg" target="_blank"  docid="{number}">
                <img src="/6543/201612/W0201803182955556{place:05d}.jpg" />
                <span class="bImgTitBg"></span>
                <h4 class="bImgTit">{text}</h4>
            </a></li>""")
        else:
            shown.append(f"""<li>
                <a href="{item.href}" target="_blank" docid="{number if place % 3 else ""}">
                <FONT color="">

                {text}

                </FONT>
                </a>
            </li>""")
    return f'<div class="leftBox"><ul class="homeNews">\n{"".join(shown)}\n{extra}</ul></div>'


VARIANTS: dict[str, Variant] = {
    "listUl": Variant(list_ul, "%Y年%m月%d日%H时"),
    "newslist": Variant(newslist, "%Y-%m-%d %H:%M"),
    "Ullist": Variant(ullist, "%Y-%m-%d"),
    "main": Variant(main_div, None),
    "news_item": Variant(news_item, "| %Y-%m-%d"),
    "home": Variant(home, None),
}

# Entries in a list that promise no article of the portal.
STRANGERS = """<li class="listLi"><a href="https://tidenews.com.cn/news.html?id=2810001">潮新闻客户端：模拟站外链接</a></li>
<li><a href="https://zj.zjol.com.cn/news.html?id=892350">打开客户端阅读全文</a></li>
<li><a href="javascript:void(0)">加载更多</a></li>
<li><a href="http://img.zjol.com.cn/pic/0/06/55/poster.jpg">海报：模拟图片</a></li>
<li><a href="mailto:desk@example.invalid">我要投稿</a></li>
<li><a href="http://zt.zjol.com.cn/2026/model/">专题：模拟专题</a></li>
"""


def page_name(page: int) -> str:
    """`index.shtml` is the first page, `index_1.shtml` the second."""
    return f"index_{page}.shtml" if page else "index.shtml"


def html_pager(page: int, pages: int) -> str:
    """`span.fenye a` with 下一页, relative; on some pages the links stand in a `div` inside."""
    links = [f'<a href="{page_name(n)}">{n + 1}</a>' if n != page else f"<b>{n + 1}</b>" for n in _near(page, pages)]
    before = [f'<a href="{page_name(page - 1)}">上一页</a>'] if page else []
    after = [f'<a href="{page_name(page + 1)}">下一页</a>'] if page + 1 < pages else []
    inner = " ".join([f'<a href="{page_name(0)}">首页</a>', *before, *links, *after])
    return f'<span class="fenye">{f"<div>{inner}</div>" if pages % 2 else inner}</span>'


def script_pager(page: int, pages: int) -> str:
    return f'<div class="page"><script>createPageHTML({pages}, {page}, "index", "shtml");</script></div>'


PAGERS: dict[str, Callable[[int, int], str]] = {"html": html_pager, "script": script_pager}


def href(url: str, form: str, base: str) -> str:
    """An article's address as a list prints it: absolute, `//host/…`, `//host//…`, or `./…` where it stands below."""
    parts = urlsplit(url)
    folder = base[: base.rfind("/") + 1]
    if form == "slashes":
        return f"//{parts.netloc}{parts.path}"
    if form == "double":
        return f"//{parts.netloc}/{parts.path}"
    if form == "relative" and url.startswith(folder):
        return "./" + url.removeprefix(folder)
    return url


def _near(page: int, pages: int) -> range:
    return range(max(0, page - 3), min(pages, page + 4))
