"""Where article pages of sites of every kind print their parts, on pages of our own invention, read by their labels."""

from datetime import UTC, datetime

import pytest

from tests.test_labels import MORE_HEADERS, PROSE, TITLE, body_of, page, paragraphs, read
from zjcrawl import channels, parse
from zjcrawl.models import Capture, Extraction, Printed
from zjcrawl.normalise.article import SURE_ENOUGH, normalise

MENU = "".join(
    f"<li><a href='/{i}'>{word}</a></li>"
    for i, word in enumerate(
        ["首页", "要闻", "时政", "国内", "国际", "社会", "财经", "科技", "体育", "娱乐", "教育", "健康", "图片", "视频"]
    )
)
HEADER = "<h1>清溪镇老码头时隔九年重新开放</h1><p>2024-03-05 08:09 来源：清溪日报</p>"
LINKS = "".join(f"<li><a href='/{i}'>清溪镇的第{i}篇报道说的是另一件事</a></li>" for i in range(4))
ELSEWHERE = "<p>镇上的人都记得那一年的大水，水退以后，河边的路上全是泥沙和断枝，大家清理了整整一个月。<a href='/1'>[详细]</a></p>"


def whole(body: str, title: str = f"{TITLE}_清溪在线") -> str:
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>"


def test_the_menus_may_stand_in_the_element_of_headline_and_text() -> None:
    article = read(whole(f"<ul>{MENU}</ul>{HEADER}{paragraphs()}"))
    assert (article.title, article.source) == (TITLE, "清溪日报")
    assert article.published_at is not None
    assert body_of(article) == list(PROSE)


def test_a_portrait_stands_before_the_name_and_the_time_of_an_account() -> None:
    name = "<div><img src='me.jpg'><p>清溪一号</p><p>2024-03-05 08:09</p></div><div>关注</div>"
    article = read(whole(f"<div><h1>{TITLE}</h1>{name}{paragraphs()}</div>"))
    assert article.source == "清溪一号"
    assert body_of(article) == list(PROSE)


def test_without_a_telling_title_the_line_above_the_time_is_the_headline() -> None:
    body = f"<div><span>掌上清溪</span><a>立即打开</a></div><div>{TITLE}</div><div>2024-03-05 08:09</div><div>{paragraphs()}</div>"
    assert read(whole(body, title="掌上清溪")).title == TITLE


def test_a_headline_that_a_line_break_parts_is_one_where_the_title_says_so() -> None:
    assert (
        read(page("<p>2024-03-05 08:09</p>").replace(f"<h1>{TITLE}", "<h1>清溪镇老码头<br>时隔九年重新开放")).title
        == TITLE
    )


def test_a_brief_between_menus_and_other_articles_summaries() -> None:
    brief = f"<div class=l>{HEADER}<p>{PROSE[0]}</p></div><div class=r><h3>编辑推荐</h3>{ELSEWHERE * 3}</div>"
    assert body_of(read(whole(f"<ul>{MENU}</ul>{brief}"))) == [PROSE[0]]


@pytest.mark.parametrize("head", ["网友评论 共10条", "评论（10）", "最新评论"])
def test_comments_longer_than_the_article(head: str) -> None:
    comments = "".join(
        f"<div class=i><b>游客{i}</b>{ELSEWHERE}<span>2024-03-06 10:0{i} 回复</span></div>" for i in range(9)
    )
    article = read(whole(f"{HEADER}<div>{paragraphs()}</div><div>{head}</div><div>{comments}</div>"))
    assert body_of(article) == list(PROSE)


@pytest.mark.parametrize(("who", "editors"), [("李一舟", "李一舟"), ("admin", None)])
def test_the_editor_stands_in_brackets_at_the_end_of_the_last_paragraph(who: str, editors: str | None) -> None:
    text = "".join(f"<p>{text}</p>" for text in PROSE[:-1]) + f"<p>{PROSE[-1]}(责任编辑：{who})</p>"
    article = read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", f"<div class='c1'>{text}</div>"))
    assert (body_of(article), article.names("editor")) == (list(PROSE), editors)


@pytest.mark.parametrize("first", ["3月1日", "2024年3月4日 晴"])
def test_the_day_that_a_text_begins_with_is_no_time_of_it(first: str) -> None:
    article = read(page("<p>来源：清溪日报</p>", f"<div class='c1'><p>{first}</p>{paragraphs()}</div>"))
    assert (article.published_at, article.source) == (None, "清溪日报")
    assert body_of(article) == [first, *PROSE]
    assert "time_missing" in article.warnings


@pytest.mark.parametrize("other", ["更新于 2024-03-06 10:00", "注册时间 2010-1-2", "最后登录：2024-04-01"])
def test_the_time_of_something_else_is_no_time_of_publication(other: str) -> None:
    assert read(page(f"<p>{other}</p><p>来源：清溪日报</p>")).published_at is None
    article = read(page(f"<p>{other}</p><p>发表于 2024-03-05 08:09</p>"))
    assert article.published_at is not None
    assert (article.published_at.strftime("%Y-%m-%d %H:%M"), article.source) == ("2024-03-05 08:09", None)


def test_what_a_forum_counts_of_an_account_is_no_outlet() -> None:
    account = "<p>主题 12 帖子 345 积分 678</p><p>注册时间 2010-1-2</p><p>楼主</p>"
    article = read(page(f"{account}<p>发表于 2024-3-5 08:09:10 | <a href='/'>只看该作者</a></p>"))
    assert (article.source, article.published_printed) == (None, "2024-3-5 08:09:10")


@pytest.mark.parametrize(
    "last",
    [
        ("此刻的心情", "他说，站在甲板上，心里只有一句话：终于回来了，真好。"),
        (
            "声明：我们反对收费。",
            "镇里随后回应说，授权收费的文件早在去年就已经作废，码头照常开放，镇上的居民和外来的客人都不必买票。",
        ),
        ("打开客户端，居民就能预约船票，不必再到码头排队。",),
        ("登录后阅读全文的做法，引来不少读者的批评。",),
        ("由于河水上涨，渡船暂停开行，何时恢复将另行通知。",),
    ],
)
def test_a_text_may_end_in_the_words_of_what_stands_behind_texts(last: tuple[str, ...]) -> None:
    text = "".join(f"<p>{line}</p>" for line in (*PROSE, *last))
    assert body_of(read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", f"<div>{text}</div>"))) == [*PROSE, *last]


def test_badges_on_both_sides_of_a_headline() -> None:
    html = page("<p>2024-03-05 08:09</p>").replace(f"<h1>{TITLE}", f"<h1><em>专题</em> {TITLE} <i>置顶</i>")
    assert read(html).title == TITLE


@pytest.mark.parametrize("wall", ["登录后阅读全文", "请先登录，查看完整内容", "开通会员阅读全文"])
def test_a_text_of_which_only_the_beginning_is_shown_is_said_to_be_cut(wall: str) -> None:
    article = read(whole(f"{HEADER}<div><p>{PROSE[0][:-1]}……</p></div><div>{wall}</div>"))
    assert body_of(article) == [PROSE[0][:-1] + "……"]
    assert "text_cut" in article.warnings
    assert "text_cut" not in read(page("", f"<div>{paragraphs()}<p>登录后，读者可以阅读全文。</p></div>")).warnings


def test_a_page_that_says_there_is_none_is_told_from_a_brief_that_says_so_of_another() -> None:
    gone = "<div><h2>404</h2><p>抱歉，您访问的页面不存在或已被删除！</p></div>"
    assert "page_gone" in read(whole(f"<ul>{MENU}</ul>{gone}<ul>{LINKS}</ul>", title="页面不存在_清溪在线")).warnings
    brief = "<p>镇政府表示，网上流传的码头收费公告页面已被删除。</p>"
    assert "page_gone" not in read(whole(f"{HEADER}<div>{brief}</div>")).warnings


def test_a_copy_for_printing_is_not_read_twice() -> None:
    copies = f"<div class='c1'>{paragraphs()}</div><div id='printArea'>{paragraphs()}</div>"
    assert body_of(read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", f"<div>{copies}</div>"))) == list(PROSE)


@pytest.mark.parametrize("head", ["<p>网友评论</p>", "<h3>网友评论</h3>", "<p><strong>最新评论</strong></p>"])
def test_what_readers_wrote_may_be_a_part_of_the_text(head: str) -> None:
    said = "还有网友留言说，要是有停车的地方就好了，方便游客。"
    body = f"<div class='c1'>{paragraphs()}{head}{paragraphs()}<p>{said}</p></div>"
    article = read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", body))
    assert [text for text in body_of(article) if "评论" not in text] == [*PROSE, *PROSE, said]


def test_comments_beside_the_paragraphs_of_the_text_are_none_of_it() -> None:
    comments = "".join(f"<p>{text}</p><p>游客{i} 2024-03-06 10:0{i} 回复</p>" for i, text in enumerate(PROSE))
    body = f"<div class='c1'>{paragraphs()}<p>网友评论</p>{comments}</div>"
    assert body_of(read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", body))) == list(PROSE)


@pytest.mark.parametrize(
    "between", [f"<div><h4>相关阅读</h4><ul>{LINKS}</ul></div>", "<div><a><img src='ad.gif' height=20></a></div>"]
)
def test_a_text_goes_on_in_a_second_element_of_the_same_class(between: str) -> None:
    halves = (f"<div class='c1'><p>{'</p><p>'.join(half)}</p></div>" for half in (PROSE[:2], PROSE[2:]))
    article = read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", between.join(halves), "<p>编辑：李一舟</p>"))
    assert body_of(article) == list(PROSE)
    assert article.names("editor") == "李一舟"


def test_a_second_article_below_is_none_of_the_first() -> None:
    second = f"<div class='c1'><h1>另一篇</h1><p>2024-03-06 09:00 来源：清溪晚报</p>{ELSEWHERE * 3}</div>"
    article = read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", behind=second))
    assert (body_of(article), article.source) == (list(PROSE), "清溪日报")


@pytest.mark.parametrize(
    "by", ["清溪日报记者 王小溪", "文/图 清溪日报全媒体记者 王小溪 实习生 谢朗", "通讯员 周小帆 记者 王小溪"]
)
def test_who_wrote_may_be_the_first_paragraph_of_the_body(by: str) -> None:
    article = read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", f"<div><p>{by}</p>{paragraphs()}</div>"))
    assert body_of(article) == [by, *PROSE]
    assert article.names("reporter") == "王小溪"


@pytest.mark.parametrize(
    "summary",
    [
        f"<div>{PROSE[0]}</div>",
        f"<div>{PROSE[0][:30]}...</div>",
        f"<div>{PROSE[1].partition('。')[2]}{PROSE[3]}</div>",
        "<p>【摘要】码头每天开行二十四班，首班六点，末班二十二点。</p>",
        "<p>[摘要]</p><p>[摘要]码头每天开行二十四班，首班六点，末班二十二点。</p>",
        "<p>核心提示：停了九年的渡船又开了，镇上的居民都到河边来看。</p>",
    ],
)
def test_what_only_sums_up_the_text_is_none_of_it(summary: str) -> None:
    body = f"<div class=all>{summary}<div>{paragraphs()}</div></div>"
    assert body_of(read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", body))) == list(PROSE)


def test_the_date_of_a_newspapers_page_counts_where_the_address_states_it_too() -> None:
    head = "<table><tr><td>2024年03月05日 星期二</td><td><a>返回目录</a></td></tr></table><p>清溪副刊</p><p>放大 缩小 默认</p><p>人物</p>"
    html = whole(f"{head}<h1>{TITLE}</h1><p>本报记者 王小溪</p><div>{paragraphs()}</div>")
    of_the_day = read(html, url="http://paper.example.com/html/2024-03/05/content_9.htm")
    assert of_the_day.published_printed == "2024年03月05日"
    assert read(html, url="http://paper.example.com/html/2024-02/01/content_9.htm").published_at is None


def test_a_page_that_lists_articles_is_none() -> None:
    items = "".join(
        f"<div><h3><a href='/{i}'>清溪镇的第{i}篇报道说的是另一件事</a></h3><p>{PROSE[i % 4]}</p><span>2024-03-05 08:0{i}</span></div>"
        for i in range(8)
    )
    article = read(
        whole(
            f"<ul>{MENU}</ul><div class=list>{items}</div><div><a>上一页</a><a>下一页</a></div>",
            title="新闻中心-清溪在线",
        )
    )
    assert (article.title, article.published_at, article.blocks) == (None, None, [])
    assert {"list_page", "title_missing", "body_missing"} <= set(article.warnings)


def test_a_list_of_headlines_alone_has_neither_headline_nor_text() -> None:
    article = read(
        whole(
            f"<ul>{MENU}</ul><div>当前位置：<a href='/'>首页</a> &gt; 要闻</div><ul>{LINKS * 4}</ul>",
            title="要闻-清溪在线",
        )
    )
    assert (article.title, article.blocks) == (None, [])


def test_short_lists_of_dated_headlines_are_no_text_and_the_first_headline_is_no_source() -> None:
    dated = "".join(
        f"<li><a href='/{i}'>下周起 {i}号路封闭，请绕行</a><span>[03-{i:02} 08:09]</span></li>" for i in range(1, 13)
    )
    article = read(whole(f"<ul>{dated}</ul>" * 12, title="列表_清溪在线"))
    assert (article.title, article.source, article.blocks) == (None, None, [])
    assert "list_page" in article.warnings


def card(number: int, form: str) -> str:
    head, time = (
        f"<a href='/{number}'>清溪镇的第{number}篇报道说的是另一件事</a>",
        "<span>清溪网 2024-03-01 10:00</span>",
    )
    said = f"<p>这是第{number}篇的摘要。{PROSE[number % 4]}</p>"
    return {
        "summary and time": f"<div><h4>{head}</h4>{said}{time}</div>",
        "time and summary": f"<div><h4>{head}</h4>{time}{said}</div>",
        "picture": f"<div><a href='/'><img src='{number}.jpg'></a><h4>{head}</h4>{said}{time}</div>",
    }[form]


@pytest.mark.parametrize("heading", ["", "<div>为您推荐</div>", "<h3>热门文章</h3>"])
@pytest.mark.parametrize("count", [2, 4, 8])
@pytest.mark.parametrize("form", ["summary and time", "time and summary", "picture"])
def test_other_articles_shown_behind_the_text_in_its_element(form: str, count: int, heading: str) -> None:
    cards = "".join(card(number, form) for number in range(count))
    body = f"<div class='c1'>{paragraphs()}<div class='k'>{heading}{cards}</div></div>"
    article = read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", body, "<p>责任编辑：李一舟</p>"))
    assert (body_of(article), article.source, article.names("editor")) == (list(PROSE), "清溪日报", "李一舟")


def test_linked_headlines_with_a_text_behind_them_are_no_other_articles() -> None:
    linked = "".join(
        f"<p><a href='/{i}'>清溪镇的第{i}件事说来话长</a></p><p>{text}</p>" for i, text in enumerate(PROSE)
    )
    text = "".join(f"<p>{text}</p>" for text in PROSE[:2])
    article = read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", f"<div class='c1'>{text}{linked}{text}</div>"))
    assert body_of(article) == [*PROSE[:2], *PROSE, *PROSE[:2]]


def test_a_writer_whom_only_json_ld_names() -> None:
    data = '{"@type":"NewsArticle","headline":"老码头重新开放","author":[{"@type":"Person","name":"王小溪"},{"@type":"Organization","name":"清溪日报"},{"@type":"Person","name":"admin"}],"articleBody":"渡船停了整整九年。"}'
    html = f"<html><head><title>x</title><script type='application/ld+json'>{data}</script></head><body><div id=app></div></body></html>"
    assert read(html).names("reporter") == "王小溪"


def test_the_base_that_a_page_states_is_that_of_its_addresses() -> None:
    html = page(
        "<p>2024-03-05 08:09</p>",
        f"<div>{paragraphs()}<p><img src='img/1.jpg'></p></div>",
        head="<base href='http://static.example.com/n/'>",
    )
    capture = Capture(
        "http://a.example.com/1", "http://a.example.com/1", datetime(2025, 1, 1, tzinfo=UTC), 200, (), html.encode()
    )
    assert [image.src for image in parse.parse([capture], channels.load()).images] == [
        "http://static.example.com/n/img/1.jpg"
    ]


def test_tables_keep_their_captions_their_lines_and_their_columns() -> None:
    table = (
        "<table><caption>开行时刻</caption><tr><th>方向</th><th>时间</th><th>码头</th></tr><tr><td rowspan=2>去</td><td>6:00</td>"
        "<td>清溪镇<br>老码头</td></tr><tr><td>7:00</td><td>北岸</td></tr><tr><td colspan=2>回</td><td>南岸</td></tr></table>"
    )
    article = read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", f"<div>{paragraphs()}{table}</div>"))
    rows = next(block.text for block in article.blocks if block.kind == "table").split("\n")
    assert rows == ["方向\t时间\t码头", "去\t6:00\t清溪镇 老码头", "\t7:00\t北岸", "回\t\t南岸"]
    assert "开行时刻" in body_of(article)


def test_credits_and_a_notice_behind_a_list_of_related_articles() -> None:
    notice = "版权声明：凡本网注明“来源：清溪日报”的所有作品，版权均属于清溪日报，转载请注明出处。"
    behind = f"<p><b>相关链接</b></p><ul>{LINKS}</ul><p>责任编辑 李一舟</p><p>{notice}</p>"
    article = read(page("<p>2024-03-05 08:09</p>", behind=behind))
    assert (article.names("editor"), article.notice) == ("李一舟", notice)


def test_a_hotline_behind_a_notice_is_none_of_it() -> None:
    behind = "<div><p>版权声明：</p><p>凡本网注明来源的作品，未经授权不得转载、摘编。</p><p>新闻热线：0000-82000000　投稿邮箱：a@example.com</p></div>"
    assert (
        read(page("<p>2024-03-05 08:09</p>", behind=behind)).notice == "凡本网注明来源的作品，未经授权不得转载、摘编。"
    )


@pytest.mark.parametrize(
    "behind",
    [
        "<p>------分隔线----------------------------</p>",
        "<p>加入收藏 打印 字号</p>",
        "<p>举报/反馈</p>",
        "<p>【如果您有新闻线索，欢迎向我们报料，一经采纳有费用酬谢。报料微信关注：qx】</p>",
        "<p><a>上一篇</a><a>下一篇</a></p>",
        "<p>素材来源：清溪镇</p><p>编辑：李一舟</p>",
        "<p>栏目编辑：李一舟</p>",
        "<p>相关热词搜索：<a href='/1'>码头</a> <a href='/2'>渡船</a></p>",
        "<p>广告位招租 13900000000</p>",
    ],
)
def test_what_the_page_prints_behind_the_text_is_none_of_it(behind: str) -> None:
    article = read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", f"<div>{paragraphs()}{behind}</div>"))
    assert body_of(article) == list(PROSE)


def test_an_invitation_to_follow_the_account_is_no_first_paragraph() -> None:
    body = f"<div><section>点击上方“清溪发布”关注我们</section>{paragraphs('section')}</div>"
    assert body_of(read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", body))) == list(PROSE)


def test_tags_in_the_articles_own_footer() -> None:
    body = f"<article><div>{paragraphs()}</div><footer class='entry-footer'><span>标签：<a href='/1'>码头</a>、<a href='/2'>渡船</a></span></footer></article>"
    assert read(page("<p>2024-03-05 08:09</p>", body)).tags == ["码头", "渡船"]


@pytest.mark.parametrize(
    "header",
    [
        "<div>2024</div><div>03/05</div><div>08:09</div><div><a href='/u'>清溪眼</a></div><div><a href='/u'>头条号</a></div><div>分享</div>",
        "<div><img src='me.jpg'></div><div><a href='/u'>清溪眼</a></div><div>2024-03-05 08:09</div><div>关注</div>",
    ],
)
def test_an_account_beside_a_time_within_the_element_of_the_text(header: str) -> None:
    article = read(whole(f"<div><h1>{TITLE}</h1>{header}{paragraphs()}</div>"))
    assert article.published_at is not None
    assert article.published_at.isoformat() == "2024-03-05T08:09:00+08:00"
    assert (article.source, body_of(article)) == ("清溪眼", list(PROSE))


def test_tools_between_header_and_text_are_none_of_it() -> None:
    tools = "<div><img src='w.png'></div><div>关注清溪网</div><div>微信</div><div>微博</div><div>Qzone</div><div><a href='#'>评论</a></div><div>图集</div>"
    article = read(whole(f"{HEADER}<div>{tools}{paragraphs()}</div>"))
    assert body_of(article) == list(PROSE)


def test_counts_behind_the_text_are_none_of_it() -> None:
    counts = "<div>赞<b>0</b>分享</div><div>阅读 539</div><div>A+</div><p>标签：</p>"
    article = read(whole(f"{HEADER}<div>{paragraphs()}{counts}</div>"))
    assert (body_of(article), article.tags) == (list(PROSE), [])


def test_comments_without_a_heading_are_told_by_their_times_and_replies() -> None:
    comment = "<div>清溪来客</div><div>2024-03-05 20:33:49</div><p>{}</p><li>顶 71</li><li>|回复</li><li>|举报</li>"
    comments = "".join(
        comment.format(text)
        for text in ("小时候常坐这条船，没想到还能再坐一回。", "周末带孩子去看看，停车方便吗？", "夜里也开，太好了。")
    )
    article = read(whole(f"<div>{HEADER}{paragraphs()}{comments}</div>"))
    assert body_of(article) == list(PROSE)


def test_behind_the_editors_line_other_articles_are_none_of_this_one() -> None:
    cards = "".join(
        f"<h4><a href='/{i}'>清溪镇的第{i}篇报道说的是另一件事</a></h4>{ELSEWHERE}<li>09:3{i}</li>" for i in range(9)
    )
    article = read(whole(f"{HEADER}<div>{paragraphs()}<p>责任编辑：李一舟</p><h2>热门推荐</h2>{cards}</div>"))
    assert (body_of(article), article.names("editor")) == (list(PROSE), "李一舟")


def test_a_document_whose_table_names_it_first() -> None:
    table = f"<table><tr><td>索 引 号：</td><td>K12</td></tr><tr><td>名　　称：</td><td>{TITLE}</td></tr><tr><td>文　　号：</td><td>清政〔2024〕8号</td><td>发布日期：</td><td>2024-03-05</td></tr></table>"
    article = read(whole(f"{table}<div>{TITLE}</div><div>{paragraphs()}</div>"))
    assert (article.title, article.source, body_of(article)) == (TITLE, None, list(PROSE))
    assert article.published_printed == "2024-03-05"


def test_the_name_an_editor_gives_a_new_page_is_no_headline() -> None:
    html = whole(f"<p align=center><b>{TITLE}</b></p><p>2024-03-05 08:09</p>{paragraphs()}", title="新的一页")
    assert read(html).title == TITLE


def test_the_first_box_on_a_page_is_not_its_headline_because_it_is_called_a_title() -> None:
    box = "<div class=modal><h4 class='modal-title'>杂志声明</h4><div>我司杂志免费订阅，任何第三方的赠送均未获授权。</div></div>"
    html = whole(f"{box}<h4>{TITLE}</h4><div>时间：2024-03-05</div>{paragraphs()}", title="")
    assert read(html).title == TITLE


@pytest.mark.parametrize(
    ("header", "source", "reporters"),
    [
        ("<p>2024-03-05　清溪日报　王小溪</p>", "清溪日报", "王小溪"),
        ("<p>2024-03-05 08:09 来源：清溪日报 <span>王小溪</span> <a>[手机看新闻]</a></p>", "清溪日报", "王小溪"),
        ("<p><i>21清溪报道</i> <i>王溪</i> <i>深圳报道</i> <i>2024-03-05 05:00</i></p>", "21清溪报道", None),
        ("<p><i>清溪眼</i> <i>渡口</i> <i>2024-03-05 05:00</i></p>", None, None),
    ],
)
def test_words_beside_the_time_without_labels(header: str, source: str | None, reporters: str | None) -> None:
    article = read(page(header))
    assert (article.source, article.names("reporter")) == (source, reporters)


def test_of_several_words_that_may_be_the_outlet_none_is_given() -> None:
    article = read(page("<p><i>清溪眼</i> <i>渡口</i> <i>2024-03-05 05:00</i></p>"))
    assert (article.source, "source_unsure" in article.warnings) == (None, True)
    assert article.evidence["source"][0].sure < SURE_ENOUGH


UNSURE = [page(header) for header, *_ in MORE_HEADERS] + [
    whole(f"<p>渡口</p><p>{TITLE}</p>{paragraphs()}", title="清溪"),
    whole(f"<p align=center><b>老码头开了</b></p>{paragraphs()}", title="无标题文档"),
    page("<p><i>清溪眼</i> <i>渡口</i> <i>2024-03-05 05:00</i></p>"),
]


@pytest.mark.parametrize("html", UNSURE)
def test_what_is_given_was_found_surely_enough_and_what_was_not_is_said(html: str) -> None:
    article = read(html)
    row = article.columns()
    for column, evidence in article.evidence.items():
        for printed in evidence:
            if printed.sure < SURE_ENOUGH:
                assert row[column] is None
                assert f"{column}_unsure" in article.warnings


def test_a_credit_line_that_was_found_too_unsurely_credits_nobody() -> None:
    found = Extraction(
        "labels",
        2,
        bylines=[
            Printed("记者 王小溪", "p", "a rule", 0.4),
            Printed("责任编辑：李一舟", "p", "label", 0.9, "责任编辑"),
        ],
    )
    article = normalise(found, "", channel=None, captured=None)
    assert [(credit.role, credit.name) for credit in article.credits] == [("editor", "李一舟")]
    assert "credits_unsure" in article.warnings


def test_a_brief_above_other_briefs_each_with_its_time() -> None:
    others = "".join(f"<div><time>2024-03-05 07:0{i}</time>{ELSEWHERE}</div>" for i in range(6))
    for head in ("更多快讯", "七日内"):
        html = whole(f"<div>{HEADER}<p>{PROSE[0]}</p><p>{PROSE[1]}</p></div><div><h3>{head}</h3>{others}</div>")
        assert body_of(read(html)) == list(PROSE[:2])


def test_an_advertisement_above_the_text_is_none_of_it() -> None:
    promotion = (
        "<div><p>年度人物评选火热进行中，看看谁能入选！【<a href='/v'>点击投票</a>】选出你心目中的人物吧。</p></div>"
    )
    body = f"<div class=all>{promotion}<div>{paragraphs()}</div></div>"
    assert body_of(read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", body))) == list(PROSE)


def test_the_head_of_a_newspapers_page_is_no_outlet() -> None:
    head = "<div><h1>清溪晚报</h1><p>2024年03月05日 星期二 农历正月廿五</p></div>"
    html = whole(f"{head}<h2>{TITLE}</h2><p>记者 王小溪 文/摄</p>{paragraphs()}<p>■编辑 苏木兰 ■版式 陈皮</p>")
    article = read(html, url="http://paper.example.com/html/2024-03/05/content_9.htm")
    assert article.source != "农历正月廿五"
    assert body_of(article)[-1] == PROSE[-1]


@pytest.mark.parametrize(
    ("headline", "title"),
    [
        (f"<h1><span>原创</span>{TITLE}</h1>", f"{TITLE}_清溪在线"),
        (f"<h1>{TITLE} <em>0</em></h1>", f"{TITLE}-清溪在线"),
        (f"<h3>水乡旧事</h3><h1>{TITLE}</h1>", f"水乡旧事 {TITLE}--清溪在线"),
        (f"<h1>清溪新闻网</h1><div>{TITLE}</div>", "清溪新闻网"),
        (f"<table><tr><td><b>{TITLE}</b></td></tr></table>", f"清溪网 - {TITLE} - 要闻"),
    ],
)
def test_headlines_with_badges_counts_kickers_and_names_of_sites(headline: str, title: str) -> None:
    html = page("<p>2024-03-05 08:09 来源：清溪日报</p>", title=title).replace(f"<h1>{TITLE}</h1>", headline)
    article = read(html)
    assert (article.title, body_of(article)) == (TITLE, list(PROSE))


def test_a_headline_of_two_lines_that_is_the_first_line_of_the_page() -> None:
    html = whole(f"<h1>清溪镇老码头<br>时隔九年重新开放</h1><p>2024-03-05 08:09</p>{paragraphs()}")
    assert (read(html).title, read(html).kicker) == (TITLE, None)


def test_an_outlet_in_brackets_of_its_own() -> None:
    assert read(page("<p>[ 2024-03-05 08:09 ] 来源：[ 清溪日报 ] 阅读：[ 12 ]</p>")).source == "清溪日报"
    assert read(page("<p>2024-03-05 08:09 来源：清溪社区[整理]</p>")).source == "清溪社区[整理]"


RAIL = "".join(f"<div><h4><a href='/{i}'>清溪镇的第{i}篇报道说的是另一件事</a></h4>{ELSEWHERE}</div>" for i in range(5))
NOTICE = "<div><p>本网站所有内容均来自合作媒体或网友投稿，仅供参考。如有侵权，请联系本网，我们将在24小时内处理，谢谢。</p></div>"


@pytest.mark.parametrize(
    "layout",
    [
        f"<div>{HEADER}<p>{PROSE[0]}</p></div>{NOTICE}",
        f"{HEADER}<div>{PROSE[0]}</div><div>{RAIL}</div>",
        f"<table><tr><td>{HEADER}<hr>{PROSE[0]}</td><td>{RAIL}</td></tr></table>",
        f"<div><div>{HEADER}<div>{PROSE[0]}</div><div>扫一扫，用手机看</div></div><div><h3>为您推荐</h3>{RAIL}</div></div>{NOTICE}",
        f"<div>{HEADER}</div><div>{PROSE[0]}</div><div><h3>大家都在看</h3>{RAIL}</div>",
        f"{HEADER}<div><p>{PROSE[0]}</p></div><p>责任编辑：李一舟</p>{NOTICE}<div>{RAIL}</div>",
        f"<div>{RAIL}</div><div>{HEADER}<div>{PROSE[0]}</div></div>",
    ],
)
def test_one_paragraph_among_what_the_page_says_besides(layout: str) -> None:
    article = read(whole(f"<ul>{MENU}</ul>{layout}"))
    assert (article.title, article.source, body_of(article)) == (TITLE, "清溪日报", [PROSE[0]])


def test_paragraphs_that_stand_straight_beside_lists_or_comments_are_not_lost() -> None:
    comments = "".join(
        f"<div><b>读者{i}</b><p>说得真好，支持一下，希望越来越好，大家加油。</p></div>" for i in range(6)
    )
    for behind in (f"<h3>相关链接</h3><ul>{LINKS * 2}</ul>", f"<h4>评论</h4>{comments}"):
        article = read(whole(f"<div>{HEADER}{paragraphs()}{behind}</div>"))
        assert body_of(article) == list(PROSE)


@pytest.mark.parametrize(
    ("info", "at", "source"),
    [
        ("发布 / 2024年3月5日 6:11 PM", "2024-03-05T18:11:00+08:00", None),
        ("2024-03-05 12:05 am 来源：清溪日报", "2024-03-05T00:05:00+08:00", "清溪日报"),
        ("2024/03/05/ 12:11　来源：清溪日报", "2024-03-05T12:11:00+08:00", "清溪日报"),
        ("来源：清溪军报作者：吴旭责任编辑：王俊2024-03-05 06:31:09", "2024-03-05T06:31:09+08:00", "清溪军报"),
        ("时间 2024-03-05 12:11 来源 清溪日报", "2024-03-05T12:11:00+08:00", "清溪日报"),
        ("<span>2024-03-05 18:11</span><span>全网传播量12.3万</span>", "2024-03-05T18:11:00+08:00", None),
        ("周洁 清溪日报 2024-03-05 12:11", "2024-03-05T12:11:00+08:00", "清溪日报"),
        ("2024-03-05 12:11 来源：http://www.example.com/a/1.html", "2024-03-05T12:11:00+08:00", None),
        ("2024-03-05 12:11 来自：浙江", "2024-03-05T12:11:00+08:00", None),
        ("来源于 <a href='/x'>清溪网</a> 2024-03-05 12:11", "2024-03-05T12:11:00+08:00", "清溪网"),
    ],
)
def test_headers_as_they_are_printed(info: str, at: str, source: str | None) -> None:
    article = read(whole(f"<h1>{TITLE}</h1><div>{info}</div><div>{paragraphs()}</div>"))
    assert article.published_at is not None
    assert (article.published_at.isoformat(), article.source) == (at, source)


def test_the_day_that_a_page_is_looked_at_is_no_time_of_the_article() -> None:
    article = read(whole(f"<div>今天是2024年5月6日 星期一</div><h1>{TITLE}</h1><div></div><div>{paragraphs()}</div>"))
    assert (article.published_at, article.source) == (None, None)


def test_a_headline_may_be_two_characters_long() -> None:
    article = read(whole(HEADER.replace(TITLE, "摆渡") + paragraphs(), title="摆渡-清溪网"))
    assert article.title == "摆渡"
