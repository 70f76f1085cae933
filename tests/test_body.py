"""Nothing that a page can hold breaks the reading, or makes it slow."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from zjcrawl import channels, parse
from zjcrawl.charset import decode
from zjcrawl.errors import InputError
from zjcrawl.models import Article, Block, Capture
from zjcrawl.normalise import credits, labels, names, texts, times
from zjcrawl.templates import body, reading

PROSE = "渡船停了整整九年。负责修缮的工程队说，木桩换了三百多根，栈桥加宽到四米，夜里也能安全上下。"


def read(html: str) -> tuple[Article, float]:
    url = "http://news.example.com/1.html"
    capture = Capture(url, url, datetime(2025, 1, 1, tzinfo=UTC), 200, (), html.encode())
    start = time.process_time()
    return parse.parse([capture], channels.load()), time.process_time() - start


HOSTILE = {
    "20 MB of paragraphs": f"<h1>标题标题标题</h1>{f'<p>{PROSE}</p>' * 145_000}",
    "20 MB in one line": PROSE * 150_000,
    "20 MB of links": "<li><a href='/x'>链接链接</a></li>" * 500_000,
    "200,000 nested elements": "<div>" * 200_000 + PROSE + "</div>" * 200_000,
    "nested, each with prose": f"<div>{PROSE}" * 50_000,
    "nested inline elements": "<font>来" * 200_000,
    "nested tables": "<table><tr><td>" * 70_000 + PROSE,
    "deep and wide": "<div>" * 1900 + f"<p>{PROSE}</p>" * 10_000,
    "deep, all named as noise": "<div class='comment share tag'>" * 1900 + f"<p>{PROSE}</p>" * 3000,
    "a hundred thousand editors": "<p>责任编辑：张三</p>" * 100_000,
    "a hundred thousand times": "<p>2024-01-01 08:00</p>" * 100_000,
    "a hundred thousand breadcrumbs": "<p>位置：甲 > 乙</p>" * 100_000,
    "a hundred thousand end marks": f"<p>{PROSE}</p>" + "<p>相关阅读</p>" * 100_000,
    "a hundred thousand tags": "<ul class=tags>" + "<li>甲</li>" * 100_000,
    "a table of a hundred thousand rows": "<table>" + "<tr><td>甲</td><td>乙</td></tr>" * 100_000,
    "thirty thousand tables": "<table><tr><td>甲</td><td>乙</td></tr><tr><td>1</td><td>2</td></tr></table>" * 30_000,
    "pictures in one line": "<p align=center>" + "<img src=a.jpg>图注" * 100_000,
    "attributes": "<div " + "a=b " * 500_000 + ">" + PROSE,
    "scripts": "<script>location.href=</script>" * 100_000,
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pages_are_read_in_bounded_time(html: str) -> None:
    article, seconds = read(html)
    assert article.template == "labels"
    assert seconds < 4  # alone on a machine, all are below 2


def test_a_page_with_more_elements_than_are_read_says_so() -> None:
    assert "page_too_long" in read(f"<p>{PROSE}</p>" * 40_000)[0].warnings
    assert "page_too_long" not in read(f"<p>{PROSE}</p>" * 5_000)[0].warnings


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f"<title>题</title>{PROSE}", PROSE),
        (f"<p>\x00{PROSE}\x00</p>", PROSE),
        (f"<frameset></frameset><p>{PROSE}</p>", PROSE),
        (
            "<h1>Hello, world of news</h1>" + "<p>The quick brown fox jumps over the lazy dog.</p>",
            "The quick brown fox",
        ),
    ],
)
def test_odd_pages_are_read(html: str, text: str) -> None:
    assert text in read(html)[0].body


@pytest.mark.parametrize("html", ["", " \n\t ", "\x00", "<!-- only a comment -->"])
def test_what_is_no_page_is_refused_or_empty(html: str) -> None:
    try:
        article, _ = read(html)
    except InputError:
        return
    assert article.body == ""


STRINGS = [
    "记者", "记者 ", "a", "来源：", "文", "图", "、", "1", " ", "　", "\x1f", " \x1f", "张三 ", "编辑 ", "2024-", "2024年1月",
    "（", "[", "·", "作者|", "报", "中国", "特约", "首席记者", "日讯", "上一页", " |", "标签\x1f", "(记者", "。", "，", "9:",
    "2024-01-01 ", "》", "来源/", "张、", "本报日", "记者（", "<", "\ufffd",
]  # fmt: skip
FUNCTIONS: dict[str, Callable[[str], Any]] = {
    "credits.read": credits.read,
    "credits.has_role": credits.has_role,
    "labels.parts": labels.parts,
    "labels.lead": labels.lead,
    "labels.source_of": lambda text: [labels.source_of(part) for part in labels.parts(text)],
    "times.read": times.read,
    "times.find": times.find,
    "names.is_person": names.is_person,
    "names.is_outlet": names.is_outlet,
    "texts.credits_in a paragraph": lambda text: texts.credits_in([Block("paragraph", text)]),
    "texts.credits_in a caption": lambda text: texts.credits_in([Block("caption", text)]),
    "texts.dateline": lambda text: texts.dateline([Block("paragraph", text)]),
    "body.is_end": body.is_end,
    "reading.crumbs": reading.crumbs,
    "charset.decode": lambda text: decode(text.encode("gb18030")),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_string_makes_a_function_slow(name: str) -> None:
    for string in STRINGS:
        text = (string * (200_000 // len(string) + 1))[:200_000]
        for end in ("", "！"):
            start = time.process_time()
            FUNCTIONS[name](text + end)
            assert time.process_time() - start < 0.5, repr(string)


SENTENCES = [
    "更多精彩活动将持续到十月底，市民可以自行前往。",
    "更多新闻发布会将于下周举行。",
    "相关报道显示，去年的收成比往年好。",
    "版权所有者张先生说，他没有同意。",
    "责任编辑陈先生说，稿子改了四遍。",
    "网友评论说，这样很好。",
    "编辑：你好，请问您是什么时候到的？",
    "扫描二维码，市民就能预约看病。",
    "声明：本人愿意承担后果。全部后果。",
    "分享到朋友圈之后，他收到了很多赞。",
    "关键词：民生",
]


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("behind", ["接下来，镇里还将组织机手转战晚稻田块。", None])
def test_a_sentence_that_begins_like_an_end_mark_is_the_articles(sentence: str, behind: str | None) -> None:
    if behind is None and sentence == "关键词：民生":
        pytest.skip("alone at the end it is the line of tags")
    texts_ = [PROSE, sentence, *([behind] if behind else [])]
    html = "".join(f"<p>　　{text}</p>" for text in texts_)
    article, _ = read(
        '<html><head><title>平安的一年</title></head><body><div class="contTit">平安的一年</div><div class="time">'
        f'<span id="pubtime_baidu">2023-04-06 08:03</span></div><div class="contTxt">{html}</div></body></html>'
    )
    assert [block.text for block in article.blocks] == texts_
    assert article.tags == []
    assert article.credits == []
