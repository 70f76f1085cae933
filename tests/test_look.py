"""What an answer means, case by case. Every page here is invented."""

from datetime import UTC, datetime
from typing import Any

import pytest

from zjcrawl import look as looks
from zjcrawl.look import Parts
from zjcrawl.models import Block, Capture, Extraction

URL = "http://jx.zjol.com.cn/202609/t20260914_31950000.shtml"
HOSTS = {"jx.zjol.com.cn"}
PROSE = "这是虚构的一段文字，只为测试而写，它足够长，读起来像一篇文章，可是什么也没有发生。" * 5


def answer(html: str = "", status: int = 200, **changes: Any) -> Capture:
    values: dict[str, Any] = {
        "url": URL,
        "final_url": URL,
        "fetched_at": datetime(2026, 9, 14, tzinfo=UTC),
        "status": status,
        "headers": ((b"Content-Type", b"text/html; charset=utf-8"),),
        "body": html.encode(),
    }
    return Capture(**(values | changes))


def article(title: str, text: str) -> str:
    return (
        f'<html><head><title>{title}</title></head><body><div class="contTit">{title}</div><div class="time">'
        f'<span id="pubtime_baidu">2026-09-14 10:00</span></div><div class="contTxt"><p>{text}</p></div></body></html>'
    )


@pytest.mark.parametrize(
    ("html", "outcome"),
    [
        ("<title>404 Not Found</title><h1>404 Not Found</h1>", "gone"),
        ("<title>提示信息</title><p>抱歉，您访问的页面不存在或已被删除。</p>", "gone"),
        ("<title>浙江在线</title><div>对不起，没有找到您要访问的页面</div><a href='/'>返回首页</a>", "gone"),
        ("<title>嘉兴频道</title><p>该文章已被删除</p>", "gone"),
        ("<h1>页面未找到</h1><p>可能的原因：</p><ul><li>地址错误</li></ul>", "gone"),
        ("<title>安全验证</title><p>请完成下方验证后继续</p>", "blocked"),
        ("<title>访问受限</title><p>您的访问过于频繁，请输入验证码</p><input>", "blocked"),
        ("<title>Just a moment...</title><noscript>Enable JavaScript</noscript>", "blocked"),
        ("<html><script>var arg1='A';function acw_sc__v2(){}</script></html>", "blocked"),
        (article("一篇文章", PROSE), "read"),
        (article("人机验证为什么越来越难", PROSE + "验证码让人头疼，页面不存在的提示也让人头疼。"), "read"),
        (article("404寝室的故事", PROSE), "read"),
        (article("短讯", "今天没有新闻。"), "read"),
        (f'<script>location.replace("{URL}x")</script>', "stub"),
    ],
)
def test_a_page_that_stands_where_an_article_is_not_is_told_from_one(html: str, outcome: str) -> None:
    look = looks.at(answer(html), "article", HOSTS)
    assert look.outcome == outcome
    assert outcome == "read" or look.why


@pytest.mark.parametrize(
    ("capture", "outcome"),
    [
        (answer(status=404), "gone"),
        (answer(status=410), "gone"),
        (answer(status=403), "http_error"),
        (answer(status=304), "http_error"),
        (answer(status=304, request_headers=((b"If-None-Match", b'"1"'),)), "not_modified"),
        (answer("<p>halb", truncated="disconnect"), "unreachable"),
        (answer(""), "unreadable"),
        (answer("GIF89a"), "not_html"),
        (answer("{}", headers=((b"Content-Type", b"application/json"),)), "not_html"),
        (answer(article("首页", PROSE), final_url="http://jx.zjol.com.cn/index.shtml"), "gone"),
        (answer(status=302, headers=((b"Location", b"http://elsewhere.example/"),)), "offsite"),
        (answer(status=302, headers=((b"Location", b"/a.shtml"),)), "redirect_loop"),
    ],
)
def test_an_answer_has_one_name(capture: Capture, outcome: str) -> None:
    assert looks.at(capture, "article", HOSTS).outcome == outcome


def test_a_list_page_is_read_as_one() -> None:
    page = f'<ul class="newslist"><li>2026-09-14<a href="{URL}">一篇文章</a></li></ul>'
    front = answer(page, url="http://jx.zjol.com.cn/", final_url="http://jx.zjol.com.cn/")
    look = looks.at(front, "listing", HOSTS)
    assert look.outcome == "listed"
    assert look.listing is not None
    assert [lead.url for lead in look.listing.leads] == [URL]
    empty = answer("<p>没有列表</p>", url="http://jx.zjol.com.cn/", final_url="http://jx.zjol.com.cn/")
    assert looks.at(empty, "listing", HOSTS).outcome == "no_leads"


def test_the_parts_of_an_article_are_asked_for_one_by_one_until_one_is_missing() -> None:
    def page(number: int, following: int | None) -> Extraction:
        return Extraction("mlf2016", 1, next_part=f"{URL}_{following}" if following else None, body_where=str(number))

    parts = Parts(page(1, 2), URL)
    assert parts.wanted == f"{URL}_2"
    parts.add(page(2, 3))
    parts.add(page(3, 1))
    parts.add(page(4, 2))  # which was had already: a circle ends
    assert (parts.wanted, parts.complete, len(parts.found)) == (None, True, 4)
    broken = Parts(page(1, 2), URL)
    broken.add(None)
    assert (broken.wanted, broken.complete) == (None, False)
    trap = Parts(page(1, 2), URL)
    while trap.wanted:
        trap.add(page(0, len(trap.found) + 2))
    assert not trap.complete
    assert len(trap.found) == looks.MAX_PARTS + 1


@pytest.mark.parametrize(("of_a_page", "letters"), [(looks.MOST_ELEMENTS // 2, 1), (1, looks.MOST_BYTES // 2)])
def test_all_pages_of_an_article_together_are_bounded_as_one_is(of_a_page: int, letters: int) -> None:
    def page(number: int) -> Extraction:
        blocks = [Block("paragraph", "字" * letters)] * of_a_page
        return Extraction("mlf2016", 1, next_part=f"{URL}_{number + 1}", blocks=blocks)

    parts = Parts(page(1), URL)
    parts.add(page(2))
    assert parts.complete
    parts.add(page(3))
    assert (parts.wanted, parts.complete) == (None, False)
