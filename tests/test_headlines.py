"""Headlines, and what stands around them, on pages whose template is known. Every page here is invented."""

from datetime import UTC, datetime

import pytest

from zjcrawl import channels
from zjcrawl.models import Article, Capture
from zjcrawl.parse import parse

URL = "http://jx.zjol.com.cn/202604/t20260416_31900001.shtml"
TITLE = "三桥村的路灯亮到了田埂上"


def read(
    headline: str, *, above: str = "", below: str = "", time: str = "2026-04-16 09:30:00", title: str = TITLE
) -> Article:
    html = (
        f"<html><head><title>{title}-浙江在线</title></head><body><div>{above}<div class='contTit'>{headline}</div>{below}"
        f"<div class='time'><span id='pubtime_baidu'>{time}</span></div>"
        f"<div class='contTxt'><p>　　{'虚构的正文，只为测试而写。' * 5}</p></div></div></body></html>"
    )
    captured = datetime(2026, 9, 1, tzinfo=UTC)
    return parse([Capture(URL, URL, captured, 200, (), html.encode())], channels.load())


@pytest.mark.parametrize(
    ("headline", "kicker", "title", "subtitle"),
    [
        ("三桥村的路灯<br>亮到了田埂上", None, TITLE, None),
        ("三桥村的<br>路灯亮到了<br>田埂上", None, TITLE, None),
        ("三桥村的路灯<br>亮到了田埂上<br>——一个村庄的夜晚", None, TITLE, "——一个村庄的夜晚"),
        (f"走进乡村看变化<br>{TITLE}", "走进乡村看变化", TITLE, None),
        (f"{TITLE}<br>一个村庄的夜晚", None, TITLE, "一个村庄的夜晚"),
    ],
)
def test_a_line_break_ends_no_headline(headline: str, kicker: str | None, title: str, subtitle: str | None) -> None:
    article = read(headline)
    assert (article.kicker, article.title, article.subtitle) == (kicker, title, subtitle)


@pytest.mark.parametrize(
    "line",
    [
        "新闻热线：0573-82888888",
        "今天是 9月5日 星期一",
        "站内搜索",
        "嘉兴 多云 18～25℃",
        "南湖新闻网",
        "扫码听新闻",
        "在潮新闻客户端打开",
    ],
)
def test_lines_of_the_site_are_no_part_of_the_headline(line: str) -> None:
    article = read(TITLE, above=f"<div>{line}</div>", below=f"<p>{line}</p>")
    assert (article.kicker, article.subtitle) == (None, None)


def test_lines_of_the_headline_are() -> None:
    article = read(TITLE, above="<div>走进乡村看变化</div>", below="<h2>一个村庄的夜晚</h2>")
    assert (article.kicker, article.subtitle) == ("走进乡村看变化", "一个村庄的夜晚")


@pytest.mark.parametrize(
    ("printed", "at", "warnings"),
    [
        ("更新时间：2026-04-17 10:00:00 发布时间：2026-04-16 09:30:00", "2026-04-16T09:30:00+08:00", []),
        ("2026-04-16 09:30:00 更新于：2026-04-17 10:00:00", "2026-04-16T09:30:00+08:00", []),
        ("04月16日 09:30", "2026-04-16T09:30:00+08:00", ["year_from_url"]),
        ("04月18日 09:30", None, ["time_without_year"]),
    ],
)
def test_the_time_of_publication_is_meant(printed: str, at: str | None, warnings: list[str]) -> None:
    article = read(TITLE, time=printed)
    assert (article.published_at.isoformat() if article.published_at else None) == at
    assert [warning for warning in article.warnings if warning.startswith(("year", "time"))] == warnings
