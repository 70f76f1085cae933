"""List pages are read by what they show. Every page here is invented."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import html

from zjcrawl import channels, listing
from zjcrawl.model import Portal
from zjcrawl.models import SHANGHAI, Capture, Lead, Listing
from zjcrawl.page import Page

HOSTS = {"jx.zjol.com.cn", "zjnews.zjol.com.cn"}
HERE = "http://jx.zjol.com.cn/jxnews/"


@dataclass
class Shown:
    url: str
    root: Any


def read(markup: str, url: str = HERE) -> Listing:
    return listing.read(Shown(url, html.document_fromstring(f"<html><body>{markup}</body></html>")), HOSTS)


def at(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("markup", "name", "printed", "moment"),
    [
        (
            '<ul class="listUl"><li class="listLi"><span class="listSpan">2026年09月14日11时</span>{a}</li></ul>',
            "listUl",
            "2026年09月14日11时",
            at(2026, 9, 14, 11),
        ),
        (
            '<ul class="x newslist"><li>{a}<span>2026-09-14 10:22</span></li></ul>',
            "newslist",
            "2026-09-14 10:22",
            at(2026, 9, 14, 10, 22),
        ),
        (
            '<ul class="newslist"><li>{a}（2026/9/4 10:22:33）</li></ul>',
            "newslist",
            "（2026/9/4 10:22:33）",
            at(2026, 9, 4, 10, 22, 33),
        ),
        ('<ul id="Ullist"><li>{a} [09-14]</li></ul>', "Ullist", "[09-14]", None),
        ('<ul id="Ullist"><li><i>9月14日</i>{a}</li></ul>', "Ullist", "9月14日", None),
        ('<ul id="Ullist"><li>{a} [2026-13-40]</li></ul>', "Ullist", "[2026-13-40]", None),
        ('<div id="main"><div><ul><li>·{a}</li></ul></div></div>', "main", None, None),
        (
            '<li class="news_item">{a}<i class="resource">某报</i><i class="time">| 2026-09-23</i></li>',
            "news_item",
            "| 2026-09-23",
            at(2026, 9, 23),
        ),
        ("<div><p>{a}</p></div>", "links", None, None),
        ("<ul><li>{a} 2026-09-14</li></ul>", "links", "2026-09-14", at(2026, 9, 14)),
    ],
)
def test_every_list_markup(markup: str, name: str, printed: str | None, moment: datetime | None) -> None:
    found = read(markup.replace("{a}", '<a href="./202609/t20260914_1.shtml">2026年的 一行　标题</a>'))
    lead = Lead(HERE + "202609/t20260914_1.shtml", "2026年的 一行　标题", printed, moment)
    assert found == Listing((lead,), None, name)


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ('<a href="/1.shtml" docid="77">\n\n <FONT color="">\n  前　后 \n</FONT>\n</a>', "前　后"),
        ('<a href="/1.shtml"><img src="x.jpg" alt="画"><span></span><h4>题 目</h4></a>', "题 目"),
        ('<a href="/1.shtml"><img src="x.jpg" alt=" 画中题 "></a>', "画中题"),
        ('<a href="/1.shtml"><img src="x.jpg"></a><a href="/1.shtml">第二个链接才有字</a>', "第二个链接才有字"),
        ('[<a href="/jxnews/">嘉兴</a>]<a href="/1.shtml">栏目名之后</a>', "栏目名之后"),
        (
            '<a href="/1.shtml"><h2>题</h2><i class="resource">某报</i><span class="time">| 2026-09-23</span></a>',
            "题",
        ),
        ('<a href="/1.shtml">题<span class="time">09-23</span>尾</a>', "题尾"),
        ('<a href="/1.shtml"></a>', ""),
    ],
)
def test_the_words_of_a_link(link: str, text: str) -> None:
    (lead,) = read(f'<ul class="newslist"><li>{link}</li></ul>').leads
    assert (lead.url, lead.text) == ("http://jx.zjol.com.cn/1.shtml", text)


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("//jx.zjol.com.cn//202609/t20260914_1.shtml", "http://jx.zjol.com.cn/202609/t20260914_1.shtml"),
        ("https://jx.zjol.com.cn/202609/t20260914_1.shtml", "http://jx.zjol.com.cn/202609/t20260914_1.shtml"),
        ("../202609/t20260914_1.shtml#top", "http://jx.zjol.com.cn/202609/t20260914_1.shtml"),
        ("./202609/t20260914_1_02.shtml", HERE + "202609/t20260914_1.shtml"),
        ("https://elsewhere.example/a/1", "https://elsewhere.example/a/1"),
    ],
)
def test_addresses_are_canonical_and_may_lead_elsewhere(href: str, url: str) -> None:
    assert [lead.url for lead in read(f'<ul class="newslist"><li><a href="{href}">题</a></li></ul>').leads] == [url]


@pytest.mark.parametrize(
    "href",
    [
        "javascript:void(0)",
        "mailto:a@b.example",
        "#",
        "./",
        "index.shtml",
        "/zt/2026/",
        "/a/index_3.htm",
        "http://",
        "/poster.jpg",
    ],
)
def test_what_promises_no_article_is_no_lead(href: str) -> None:
    assert read(f'<ul class="newslist"><li><a href="{href}">题</a></li></ul>').leads == ()


def test_each_address_once_in_printed_order() -> None:
    items = "".join(f'<li><a href="/{n}.shtml">{n}</a></li>' for n in (3, 1, 3, 2, 1))
    assert [lead.text for lead in read(f'<ul class="newslist">{items}</ul>').leads] == ["3", "1", "2"]


@pytest.mark.parametrize(
    "markup", ['<ul class="newslist">{}</ul>', '<ul class="listUl">{}</ul>', '<ul id="Ullist">{}</ul>']
)
def test_an_item_with_several_articles_leads_to_each(markup: str) -> None:
    one, two = "/202609/t20260914_1.shtml", "/202609/t20260914_2.shtml"
    picture = f'<a href="{one}"><img src="x.jpg"></a>'
    item = f'<li>{picture}<a href="{one}">一</a> <a href="{two}">二</a> <a href="/zt/">专题</a> 2026-09-14</li>'
    found = read(markup.format(item)).leads
    assert [(lead.url[-7:], lead.text, lead.listed_at) for lead in found] == [
        ("1.shtml", "一", None),
        ("2.shtml", "二", None),
    ]


def test_an_item_in_an_item_keeps_its_own_date() -> None:
    inner = "".join(f'<li><a href="/202609/t2026091{n}_{n}.shtml">第{n}篇</a> 2026-09-1{n}</li>' for n in (3, 4))
    found = read(f'<ul class="newslist"><li><b>今日</b><ul>{inner}</ul></li></ul>').leads
    assert [(lead.text, lead.listed_printed) for lead in found] == [("第3篇", "2026-09-13"), ("第4篇", "2026-09-14")]


def test_nested_anchors_are_links_of_their_own() -> None:
    found = read('<a href="/202609/t20260914_1.shtml" docid=""> <a href="/202609/t20260914_2.shtml">题</a></a>')
    assert [(lead.url[-7:], lead.text) for lead in found.leads] == [("1.shtml", ""), ("2.shtml", "题")]


def test_a_front_page_gives_article_addresses_on_hosts_of_the_registry() -> None:
    found = read(
        """<a href="http://jx.zjol.com.cn/202609/t20260914_1.shtml">一</a>
        <a href="http://zjnews.zjol.com.cn/system/2015/06/30/020717765.shtml">二</a>
        <a href="http://ent.zjol.com.cn/jkwy/201803/t20180318_6821545.shtml">不在册</a>
        <a href="http://jx.zjol.com.cn/about.shtml">关于</a>"""
    )
    assert ([lead.text for lead in found.leads], found.markup) == (["一", "二"], "links")


@pytest.mark.parametrize(
    ("pager", "older"),
    [
        ('<span class="fenye"><div><a href="index_1.shtml">下一页</a></div></span>', HERE + "index_1.shtml"),
        ('<div><a href="//jx.zjol.com.cn//jxnews/index_2.shtml">下一页 &gt;</a></div>', HERE + "index_2.shtml"),
        ('<script>createPageHTML(25, 0, "index", "shtml");</script>', HERE + "index_1.shtml"),
        ("<script>\n createPageHTML( 25 ,7,'list','html') </script>", HERE + "list_8.html"),
        ('<script>createPageHTML(8, 7, "index", "shtml");</script>', None),
        ("<script>function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){}</script>", None),
        (
            '<a href="javascript:;">下一页</a><script>createPageHTML(3, 1, "index", "shtml")</script>',
            HERE + "index_2.shtml",
        ),
        ('<a href="#">下一页</a>', None),
        ('<a href="./">下一页</a>', None),
        ('<a href="http://zjnews.zjol.com.cn/index_1.shtml">下一页</a>', None),
        ('<a href="index_1.shtml">上一页</a>', None),
        ("<script>createPageHTML('25','0','index','shtml');</script>", HERE + "index_1.shtml"),
        (
            '<script>\n//createPageHTML(9, 0, "index", "shtml");\ncreatePageHTML(9, 1, "index", "shtml");</script>',
            HERE + "index_2.shtml",
        ),
        ('<span class="fenye"><a href="index_1.shtml">[下 一 页] &raquo;</a></span>', HERE + "index_1.shtml"),
        ('<a href="index_1.shtml"><font>&gt; 下页</font></a>', HERE + "index_1.shtml"),
        ('<a href="/zt/next.html">生活的下一页</a>', None),
        ('<a href="/jxnews/202609/t20260914_9.shtml">下一页</a>', None),
        (
            '<li><a href="202609/t20260914_9.shtml">翻到下一页</a></li><p><a href="index_1.shtml">下一页</a></p>',
            HERE + "index_1.shtml",
        ),
    ],
)
def test_the_older_page_is_another_address_on_the_same_host(pager: str, older: str | None) -> None:
    assert read(f'<ul class="newslist"><li><a href="/1.shtml">题</a></li></ul>{pager}').older == older


@pytest.mark.parametrize(
    "markup", ["", "<p>栏目正在建设中</p>", '<ul class="listUl"></ul><a href="/about.shtml">关于</a>']
)
def test_a_page_with_no_list_has_no_leads(markup: str) -> None:
    assert read(markup) == Listing((), None, "")


def test_every_list_of_the_model() -> None:
    """All variants, both encodings, every page: the leads and the way back in time are the model's own."""
    registry = channels.load()
    portal = Portal(seed=5, articles=4000, registry=registry)
    seen, pages = set(), 0
    for first in portal.lists:
        url: str | None = first
        count = 0
        while url is not None:
            answer = portal.respond(url)
            headers = tuple((name.encode(), value.encode()) for name, value in answer.headers)
            page = Page.of(Capture(url, url, datetime.now(UTC), answer.status, headers, answer.body))
            found = listing.read(page, registry.hosts)
            stated: dict[str, Lead] = {}
            for lead in portal.leads(url):
                stated.setdefault(lead.url, lead)
            assert [bare(lead) for lead in found.leads if lead.url.split("/")[2] in registry.hosts] == [
                *stated.values()
            ]
            seen.add(found.markup)
            url, count = found.older, count + 1
        pages += count
    assert seen == {*listing.MARKUPS, "links"}
    assert pages > len(portal.lists)  # the pagers lead on


def bare(lead: Lead) -> Lead:
    """A lead with the date as the model states it: without the brackets round it."""
    return replace(lead, listed_printed=lead.listed_printed and lead.listed_printed.strip("[]"))
