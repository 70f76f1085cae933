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
    "文章由他的学生整理，刊登在校刊的第三期上。",
    "下一篇文章写什么，他还没有想好。",
    "上一篇日记停在霜降那天。",
    "原题为《夜航》的那首诗，被谱成了曲。",
    "原题库里的三百道题，已经全部换新。",
    "点击进入“某某办”，选择公积金，就能查到缴存明细。",
    "点击查看附件，可以看到各校的招生计划。",
    "点击图片可以放大看到每一块砖的编号。",
    "初审：6月10日前由街道完成。",
    "复审：6月20日前由区里完成，结果在官网公示。",
    "审核：材料齐全的，当天办结。",
    "投稿：请把作品发到社区邮箱，月底截止。",
    "供稿：各村文书每月25日前交两篇。",
    "举报：拨打12345，全天有人接听。",
    "收藏（这一栏）一直空着。",
    "二审：改判。",
    "来源：井水、河水和雨水，缺一不可。",
    "发布日期：每月15日，遇节假日顺延。",
    "本文由此得名。",
    "版权说明会上，老师傅第一次见到了律师。",
    "版权声明书一共三页，他看了一个下午。",
    "免责声明写在门票背面。",
    "凡来源不明的种子，一律不许下田。",
    "未经许可，谁也不能进入这片湿地。",
    "未经老人允许，谁也不准动那口钟。",
    "转载请先打个招呼，这是他的规矩。",
    "返回首页就能看到新上线的地图。",
    "打印本文件的老人叫沈阿四。",
    "阅读原文的人比看译本的人多。",
    "扫描书脊上的二维码就能听到朗读",
    "关注公众号的人，昨天突破了一万。",
    "分享到朋友圈的照片，三天里有两千个赞",
    "分享让村里的老人第一次坐到了一起",
    "责编老何 第一个看到了稿子。",
    "评论：这条河该不该改名",
    "相关链接：这里的河一共有多少条",
    "推荐阅读：《河流志》",
    "更多内容请看明天的报纸",
]


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("behind", ["接下来，镇里还将组织机手转战晚稻田块。", None])
def test_a_sentence_that_begins_like_an_end_mark_is_the_articles(sentence: str, behind: str | None) -> None:
    if behind is None and sentence == "关键词：民生":
        pytest.skip("alone at the end it is the line of tags")
    texts_ = [PROSE, sentence, *([behind] if behind else [])]
    html = "".join(f"<p>　　{text}</p>" for text in texts_)
    article = with_body(html)
    assert [block.text for block in article.blocks] == texts_
    assert article.tags == []
    assert article.credits == []
    assert article.notice is None


# Lines that only a page prints, in the forms it prints them.
MARKS = [
    "责任编辑：张三",
    "［编辑：张三］",
    "〔责任编辑 张三〕",
    "（编辑 张 三 校对 李 四）",
    "责编 张三 审核 李四",
    "初审：张三 复审：李四 终审：王五",
    "来源：某某日报",
    "转自：某某日报、某某在线",
    "相关阅读",
    "【延伸阅读】",
    "网友评论（3）",
    "上一篇：桥的故事",
    "下一篇 河的故事",
    "版权声明",
    "版权和免责申明：凡注有“某某在线”的稿件，未经许可不得转载。",
    "凡本网注明“来源：某某在线”的作品，均为本网版权所有。",
    "未经授权，禁止转载、摘编、复制或建立镜像。",
    "转载请注明出处",
    "本文由某某日报授权转载",
    "以上内容来自网络，仅供参考",
    "扫一扫在手机打开当前页",
    "扫描二维码关注某某发布",
    "分享到：微信 微博 QQ空间",
    "【打印本页】 【关闭窗口】",
    "返回顶部",
    "收藏（3）",
    "返回某某，查看更多",
    "更多精彩内容请关注某某客户端",
]


@pytest.mark.parametrize("line", MARKS)
def test_what_a_page_prints_behind_an_article_is_an_end(line: str) -> None:
    assert body.is_end(line)


def with_body(html: str, byline: str = "") -> Article:
    return read(
        '<html><head><title>平安的一年</title></head><body><div class="contTit">平安的一年</div><div class="time">'
        f'<span id="pubtime_baidu">2023-04-06 08:03</span><span>{byline}</span></div><div class="contTxt">{html}</div></body></html>'
    )[0]


def blocks_of(html: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in with_body(html).blocks]


def test_who_wrote_the_article_did_not_write_the_book_it_speaks_of() -> None:
    html = f"<p>作者：莫小言</p><p>{PROSE}</p>"
    assert with_body(html).names("reporter") == "莫小言"
    assert with_body(html, "记者 王小溪").names("reporter") == "王小溪"


@pytest.mark.parametrize(
    "head", ["相关链接", "延伸阅读", "【相关新闻】", "评论", "记者手记", "编辑手记", "■记者走基层"]
)
def test_a_box_of_the_article_stays_with_its_head(head: str) -> None:
    text = f"<p>　　{PROSE}</p>"
    for prose in (text, text * 4):
        found = blocks_of(f"{prose}<p><strong>{head}</strong></p><p>　　河埠头是水乡人家临水的石阶，供洗衣淘米用。</p>")
        assert found[-2:] == [("heading", head), ("paragraph", "河埠头是水乡人家临水的石阶，供洗衣淘米用。")]


@pytest.mark.parametrize(
    "links",
    [
        "<p><a href='/1'>桥的故事</a></p><p><a href='/2'>河的故事</a></p>",
        "<p>· <a href='/1'>桥的故事</a> 2024-04-16</p>",
        "<p>责任编辑：张三</p>",
        "",
    ],
)
@pytest.mark.parametrize("head", ["相关链接", "延伸阅读：", "【相关新闻】", "热门推荐", "编辑推荐"])
def test_a_head_of_links_is_the_pages(head: str, links: str) -> None:
    assert blocks_of(f"<p>{PROSE}</p><p><strong>{head}</strong></p>{links}") == [("paragraph", PROSE)]


@pytest.mark.parametrize(
    "line",
    [
        "原标题：平安的一年",
        "（原题为《平安的一年》）",
        "<a href='/zt/'>点击进入专题，看更多报道</a>",
        "点击进入专题：",
        "&gt;&gt;点击查看大图",
        "广告",
    ],
)
def test_an_aside_of_the_page_is_left_out(line: str) -> None:
    assert blocks_of(f"<p>{PROSE}</p><p>{line}</p><p>{PROSE}</p>") == [("paragraph", PROSE)] * 2
