"""What stands around an article or a list on every page of a portal: head, scripts, navigation, side columns, footer.

The side columns are full of what a reading must not take for the article's own: dates, 来源, other headlines,
other editors. Everything here is invented; each page says so in a comment and in its footer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from random import Random

from zjcrawl.model import words

HONEST = "模拟页面：文字、人名、事件均为虚构（zjcrawl scale model, all text is invented）"
_SMALLEST, _LARGEST = 39_000, 72_000


@dataclass(frozen=True, slots=True)
class Link:
    """A headline with its address, as lists and side columns print them."""

    href: str
    text: str
    when: str


def page(
    *,
    key: str,
    title: str,
    charset: str,
    nav: str,
    main: str,
    related: Sequence[Link],
    hot: Sequence[Link],
    last_line: str = "",
    look: int = 0,
) -> str:
    """A whole page of 30 to 80 kB around `main`. `look` moves counters, advertisements and the order of side columns.

    `charset` is the encoding that the meta element declares, "" for none.
    """
    rng = Random(f"{key}:chrome")
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if charset else ""
    turned = look % max(1, len(hot))
    parts = [
        "<!DOCTYPE html>\n<html>\n<head>\n",
        meta,
        f"\n<title>{escape(title)}</title>\n<!-- {HONEST} -->\n",
        '<meta name="keywords" content="模拟,浙江在线,新闻"><meta name="description" content="模拟页面">\n',
        _head(),
        "</head>\n<body>\n",
        _TOP.format(nav=nav, advert=(rng.randrange(9000) + look) % 9000),
        '\n<div class="wrap">\n',
        main,
        "\n",
        _related(related, key),
        _hot([*hot[turned:], *hot[:turned]], rng.randrange(100, 90_000) + 7 * look),
        "</div>\n",
        _FOOTER,
        f'<div style="display:none">{escape(last_line)}</div>\n' if last_line else "",
    ]
    wanted = rng.randint(_SMALLEST, _LARGEST) - sum(_bytes(part) for part in parts)
    return "".join([*parts, *_filling(rng, wanted), "</body>\n</html>\n"])


def _bytes(text: str) -> int:
    """About how many bytes a text takes, in UTF-8 or GBK."""
    return len(text) if text.isascii() else len(text.encode())


@lru_cache(maxsize=1)
def _head() -> str:
    """Inline styles and scripts, the same on every page."""
    rules = "\n".join(
        f".m{n} .box{n % 7}{{margin:{n % 13}px {n % 5}px;padding:{n % 9}px;color:#{n * 7919 % 4096:03x};float:left}}"
        for n in range(8)
    )
    return f'<link rel="stylesheet" href="/css/base.css">\n<style type="text/css">\n{rules}\n</style>\n{_STATISTICS}'


_STATISTICS = """<script type="text/javascript">
var _zjstat = {site: "model", channels: ["jx", "nhnews", "huzhou"], start: 20060601};
(function (w, d) {
  w.createPageHTML = w.createPageHTML || function (pages, current, base, ext) { return [pages, current, base, ext]; };
  var s = d.createElement("script"); s.async = true; s.src = "//stat.example.invalid/s.js";
  d.getElementsByTagName("head")[0].appendChild(s);
})(window, document);
var copyright_note = "责任编辑：脚本先生 来源：脚本日报";
</script>
"""

_TOP = """<div class="topbar"><a href="http://www.zjol.com.cn/">浙江在线</a> <a href="javascript:void(0)">设为首页</a>
<a href="mailto:desk@example.invalid">投稿</a> <span id="clock">今天是模拟日</span></div>
<!-- advert {advert} --><div class="ad" id="ad{advert}">
<a href="https://ad.example.invalid/?c={advert}"><img src="/ad/{advert}.gif"></a></div>
<ul class="mainNav">{nav}</ul>
<div class="search"><form action="http://search.example.invalid/">
<input name="q"><input type="submit" value="搜索"></form></div>"""

_FOOTER = f"""<div class="foot">
<p><a href="http://www.zjol.com.cn/05wzgg/2008zjol/bqsm/index.shtml">版权声明</a> |
<a href="http://www.zjol.com.cn/about/">关于我们</a> | <a href="mailto:ad@example.invalid">广告服务</a></p>
<p>Copyright © 1999-2017 Zjol. All Rights Reserved 浙江在线版权所有</p>
<p>{HONEST}</p>
</div>
"""


def _related(links: Sequence[Link], key: str) -> str:
    """相关阅读: headlines with dates and outlets."""
    rng = Random(f"{key}:related")
    items = "\n".join(
        f'<li><a href="{link.href}" target="_blank">{escape(link.text)}</a> <span class="from">来源：'
        f"{words.outlet(rng, '模拟')}</span> <i>{link.when}</i></li>"
        for link in links
    )
    return f'<div class="related"><h3>相关阅读</h3>\n<ul>{items}</ul></div>\n' if links else ""


def _hot(links: Sequence[Link], reads: int) -> str:
    """The side column: what is read most, with summaries that name other editors and reporters."""
    items = "\n".join(
        f'<dl class="hotArt"><dt><em>{place}</em><a href="{link.href}">{escape(link.text)}</a></dt>'
        f"<dd>记者 边栏人 {link.when} 来源：边栏晚报 责任编辑：边栏君 阅读 {reads * 3 // (place + 1)} 次</dd></dl>"
        for place, link in enumerate(links, start=1)
    )
    return f'<div class="sidebar"><h2>热门排行</h2>\n{items}\n<p>本页浏览 <b id="count">{reads}</b> 次</p></div>\n'


def _filling(rng: Random, wanted: int) -> list[str]:
    """Link modules and scripts of about `wanted` bytes: what makes a portal page large."""
    pool, chosen, size = _pool(), [], 0
    while size < wanted:
        module, weight = pool[int(rng.random() * len(pool))]
        if size + weight > wanted + 1200:
            break
        chosen.append(module)
        size += weight
    return chosen


@lru_cache(maxsize=1)
def _pool() -> list[tuple[str, int]]:
    """Forty modules of one to three kilobytes with their sizes."""
    modules = [_module(Random(f"module:{number}"), number) for number in range(40)]
    return [(module, _bytes(module)) for module in modules]


def _module(rng: Random, number: int) -> str:
    if number % 4 == 3:
        lines = "\n".join(
            f"  m{number}.push({{id: {rng.randrange(10**6)}, w: {rng.randrange(900)}}});" for _ in range(50)
        )
        return f"<script>\nvar m{number} = [];\n{lines}\n</script>\n"
    links = "\n".join(
        f'<li class="l{rng.randrange(9)}"><a href="http://special.example.invalid/{number}/{n}/" target="_blank">'
        f"{words.title(rng, '模拟')}</a></li>"
        for n in range(12)
    )
    heading = f'<div class="modTit"><span>{words.tags(rng, "模拟")[-1]}专区</span></div>'
    return f'<div class="mod m{number}">{heading}\n<ul>{links}</ul></div>\n'
