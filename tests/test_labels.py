"""The label-driven reading on pages of our own invention, each in a markup that Chinese news sites use."""

from datetime import UTC, datetime

import pytest

from zjcrawl import channels, parse
from zjcrawl.errors import InputError
from zjcrawl.models import Article, Capture

URL = "http://news.example.com/2024/content_1.html"
PROSE = (
    "清溪镇的老码头昨天重新开放，镇上的居民一早就沿着石阶走到河边，看第一班渡船靠岸。",
    "渡船停了整整九年。负责修缮的工程队说，木桩换了三百多根，栈桥加宽到四米，夜里也能安全上下。",
    "“小时候每天坐船去对岸上学，”六十二岁的居民说，“现在带着孙子再走一遍，心里很踏实。”",
    "按照计划，码头每天开行二十四班，首班六点，末班二十二点，老人和学生免费乘坐。",
)
TITLE = "清溪镇老码头时隔九年重新开放"


def read(
    html: str, *, url: str = URL, charset: str = "utf-8", headers: tuple[tuple[bytes, bytes], ...] = ()
) -> Article:
    capture = Capture(url, url, datetime(2025, 1, 1, tzinfo=UTC), 200, headers, html.encode(charset))
    return parse.parse([capture], channels.load())


def paragraphs(tag: str = "p") -> str:
    return "".join(f"<{tag}>　　{text}</{tag}>" for text in PROSE)


def page(header: str, body: str = "", behind: str = "", *, title: str = f"{TITLE}_清溪在线", head: str = "") -> str:
    body = body or f"<div class='c1'>{paragraphs()}</div>"
    nav = "<div class='n'><a href='/'>首页</a> <a href='/a'>要闻</a> <a href='/b'>社会</a> <a href='/c'>财经</a></div>"
    foot = "<div class='f'>Copyright © 2024 清溪在线 版权所有 浙ICP备00000000号</div>"
    return f"<html><head><title>{title}</title>{head}</head><body>{nav}<h1>{TITLE}</h1>{header}{body}{behind}{foot}</body></html>"


def body_of(article: Article) -> list[str]:
    return [block.text for block in article.blocks if block.text]


# (the line under the headline) → (time as ISO, source, reporters)
HEADERS = [
    ("<div>2024年03月05日 08:09:10 来源：清溪日报 记者 王小溪</div>", "2024-03-05T08:09:10", "清溪日报", "王小溪"),
    ("<div>2024-03-05 08:09　来源 : 清溪日报　作者：王小溪</div>", "2024-03-05T08:09:00", "清溪日报", "王小溪"),
    (
        "<div>时间：2024/03/05 08:09&nbsp;&nbsp;来源：<a href='http://x.example'>清溪日报</a></div>",
        "2024-03-05T08:09:00",
        "清溪日报",
        None,
    ),
    (
        "<div><span>2024-03-05</span><span>来源：</span><span>清溪日报</span></div>",
        "2024-03-05T00:00:00",
        "清溪日报",
        None,
    ),
    ("<div><span>2024-03-05 08:09</span><span>清溪日报</span></div>", "2024-03-05T08:09:00", "清溪日报", None),
    (
        "<table><tr><td>发布时间：</td><td>2024.03.05 08:09</td><td>信息来源：</td><td>清溪镇政府</td></tr></table>",
        "2024-03-05T08:09:00",
        "清溪镇政府",
        None,
    ),
    ("<p>稿源：清溪发布 | 2024-03-05 08:09:10</p>", "2024-03-05T08:09:10", "清溪发布", None),
    ("<p>2024年3月5日8时9分 转载自：清溪晚报</p>", "2024-03-05T08:09:00", "清溪晚报", None),
    (
        "<p>日期：2024-03-05 [来源：清溪日报]  浏览次数：128 字号：[大 中 小]</p>",
        "2024-03-05T00:00:00",
        "清溪日报",
        None,
    ),
    ("<p>【2024-03-05 08:09】 【来源：清溪日报】 【字号：大 中 小】</p>", "2024-03-05T08:09:00", "清溪日报", None),
    ("<p>作者：王小溪 来源：清溪日报 2024-03-05 08:09 我要评论</p>", "2024-03-05T08:09:00", "清溪日报", "王小溪"),
    ("<p>2024年03月05日 下午3:09 来源：清溪日报 参与互动</p>", "2024-03-05T15:09:00", "清溪日报", None),
    (
        "<p>2024年03月05日08:09　　来源：<a href='#'>清溪网－清溪日报</a></p>",
        "2024-03-05T08:09:00",
        "清溪网－清溪日报",
        None,
    ),
    (
        "<p>来源：清溪日报 作者：王小溪 发布时间：2024-03-05 08:09 点击数：77</p>",
        "2024-03-05T08:09:00",
        "清溪日报",
        "王小溪",
    ),
    ("<p>清溪日报 记者王小溪 2024-03-05 08:09:10</p>", "2024-03-05T08:09:10", None, "王小溪"),
    (
        "<p>发表时间： 2024-03-05 08:09:10 出处： 清溪日报 责任编辑： 李一舟</p>",
        "2024-03-05T08:09:10",
        "清溪日报",
        None,
    ),
    (
        "<ul><li>2024-03-05 08:09</li><li>来源：清溪日报</li><li>记者：王小溪、赵木</li></ul>",
        "2024-03-05T08:09:00",
        "清溪日报",
        "王小溪;赵木",
    ),
    (
        "<div><i>来源</i><b>清溪日报</b><i>作者</i><b>王小溪</b><em>2024-03-05 08:09</em></div>",
        "2024-03-05T08:09:00",
        "清溪日报",
        "王小溪",
    ),
    ("<div>2024-03-05 08:09 来源： 作者： 责任编辑：</div>", "2024-03-05T08:09:00", None, None),
    (
        "<div>索引号：000-1 发文日期：2024-03-05 信息来源：清溪镇办公室 公开方式：主动公开</div>",
        "2024-03-05T00:00:00",
        "清溪镇办公室",
        None,
    ),
    (
        "<p>2024-03-05 08:09 | 来源: 清溪日报 | 编辑: 李一舟 | 作者: 王小溪</p>",
        "2024-03-05T08:09:00",
        "清溪日报",
        "王小溪",
    ),
    (
        "<p>2024-03-05 08:09:10 来源：清溪日报客户端 记者 王小溪 通讯员 周小帆</p>",
        "2024-03-05T08:09:10",
        "清溪日报客户端",
        "王小溪",
    ),
    (
        "<p>更新时间：2024-03-06 09:00 发布时间：2024-03-05 08:09 来源：清溪日报</p>",
        "2024-03-05T08:09:00",
        "清溪日报",
        None,
    ),
    ("<p>来源：清溪日报社　发布日期：2024-03-05　阅读：3</p>", "2024-03-05T00:00:00", "清溪日报社", None),
    ("<p>清溪日报社&nbsp;&nbsp;&nbsp;2024-03-05 08:09</p>", "2024-03-05T08:09:00", "清溪日报社", None),
    (
        "<p>来源：清溪日报 | 作者：王小溪 | 责编：李一舟</p><p>2024-03-05 08:09</p>",
        "2024-03-05T08:09:00",
        "清溪日报",
        "王小溪",
    ),
    (
        "<p><i>08:09</i> <i>2024/03/05</i> 来源：清溪日报</p>",
        "2024-03-05T08:09:00",
        "清溪日报",
        None,
    ),
    (
        "<p>發佈時間：2024-03-05 08:09　來源：清溪社　記者：黃小溪　編輯：陳一舟</p>",
        "2024-03-05T08:09:00",
        "清溪社",
        "黃小溪",
    ),
    (
        "<p><b>发布于 <time>2024年3月5日</time></b><b> 由 <a href='/a'>柳下</a></b><b>分类：<a href='/b'>随笔</a></b></p>",
        "2024-03-05T00:00:00",
        None,
        "柳下",
    ),
    ("<p>2024-03-05 08:09 来源：清溪日报 作者：阿依努尔</p>", "2024-03-05T08:09:00", "清溪日报", "阿依努尔"),
]


@pytest.mark.parametrize(("header", "time", "source", "reporters"), HEADERS)
def test_the_lines_under_the_headline(header: str, time: str, source: str | None, reporters: str | None) -> None:
    article = read(page(header))
    assert article.title == TITLE
    assert article.published_at is not None
    assert article.published_at.isoformat().removesuffix("+08:00") == time
    assert (article.source, article.names("reporter")) == (source, reporters)
    assert body_of(article) == list(PROSE)


# (the line under the headline, all of 2024-03-05 08:09) → (source, reporters, editors)
MORE_HEADERS = [
    (
        "<div class=left-t>2024年03月05日 08:09\u3000来源：<a>清溪新闻网</a>\u3000<a href=#>参与互动</a>&nbsp;</div>",
        "清溪新闻网",
        None,
        None,
    ),
    (
        '<div class="fl">2024年03月05日08:09&nbsp;&nbsp;来源：<a href="x">清溪网</a></div><div class=fr><a>分享到：</a></div>',
        "清溪网",
        None,
        None,
    ),
    (
        '<div class="header-cont"><div class="header-time left"><span class="year"><em> 2024</em></span><span class="day"><em>03</em>/<em>05</em></span><span class="time"> 08:09:10</span></div><div class="source">来源：清溪网</div></div>',
        "清溪网",
        None,
        None,
    ),
    (
        '<div class="h-info"><span class="h-time"> 2024-03-05 08:09:10</span> 来源： <em id="source"> 清溪网</em></div>',
        "清溪网",
        None,
        None,
    ),
    ("<div class=info1>来源：清溪网 | 2024年03月05日 08:09:10</div>", "清溪网", None, None),
    ('<span class="info"><i>来源：清溪新闻客户端 &nbsp;2024年03月05日 08:09</i></span>', "清溪新闻客户端", None, None),
    (
        "<p>发稿时间：2024-03-05 08:09:00&nbsp;&nbsp;来源：中国清溪网&nbsp;&nbsp;作者：张三</p>",
        "中国清溪网",
        "张三",
        None,
    ),
    ("<p>来源：清溪报 作者：张三 责任编辑：李四 发布：2024-03-05 08:09:00</p>", "清溪报", "张三", "李四"),
    ("<p>发布时间：2024-03-05 08:09 星期二</p><p>来源：清溪网——清溪日报</p>", "清溪网——清溪日报", None, None),
    ("<p>时间：2024-03-05 08:09:00 | 来源：清溪网 | 作者：本报记者 张三 | 责编：李四</p>", "清溪网", "张三", "李四"),
    ("<p>来源：清溪网 作者：记者 张三 通讯员 王五 编辑：李四 2024-03-05 08:09:00</p>", "清溪网", "张三", "李四"),
    ("<div><span>2024-03-05 08:09</span><span>来源:<a href=x>清溪报</a></span></div>", "清溪报", None, None),
    ("<div>稿源： 清溪网   2024-03-05 08:09:00    编辑： 李四</div>", "清溪网", None, "李四"),
    ("<div>2024-03-05 08:09 来源：清溪日报 责任编辑：李四 查看次数：123</div>", "清溪日报", None, "李四"),
    ("<div class=title-info>时间:2024-03-05 08:09来源:未知 作者:admin 点击: 次</div>", None, None, None),
    (
        "<div><small>时间:</small>2024-03-05 08:09<small>来源:</small>清溪网 <small>作者:</small>张三 <small>点击:</small>次</div>",
        "清溪网",
        "张三",
        None,
    ),
    (
        "<div>2024-03-05 08:09:00\u3000\u3000\u3000来源： 清溪日报\u3000\u3000\u3000\u3000作者： 张三 李四\u3000\u3000\u3000</div>",
        "清溪日报",
        "张三;李四",
        None,
    ),
    (
        "<div class=pages-date>2024-03-05 08:09<span class=font>来源： 清溪镇政府网</span></div><div>【字体：<a>大</a> <a>中</a> <a>小</a>】<a>打印</a></div>",
        "清溪镇政府网",
        None,
        None,
    ),
    ("<td>[2024-03-05 08:09] 来源:清溪日报 作者:张三 阅读:12次</td>", "清溪日报", "张三", None),
    ("<div>清溪日报 | 2024-03-05 08:09</div>", "清溪日报", None, None),
    ("<div>2024-03-05 08:09 清溪日报 张三</div>", "清溪日报", "张三", None),
    ("<div>清溪日报 2024年03月05日 08:09</div>", "清溪日报", None, None),
    ("<div>记者 张三 2024-03-05 08:09 清溪客户端</div>", "清溪客户端", "张三", None),
    ("<div>文 | 张三 编辑 | 李四</div><div>2024-03-05 08:09</div>", None, "张三", "李四"),
    ("<div>来源：清溪日报 2024-03-05 08:09 字体：大 中 小</div>", "清溪日报", None, None),
    (
        "<div>信息来源：清溪镇人民政府办公室 发布日期：2024-03-05 08:09 浏览量：<span>12</span></div>",
        "清溪镇人民政府办公室",
        None,
        None,
    ),
    ("<div>2024-03-05 08:09:00 来源: 清溪网 (清溪日报) 作者: 张三</div>", "清溪网 (清溪日报)", "张三", None),
    ("<div><a href=u>张三</a> · 2024-03-05 08:09 · 来源：清溪日报</div>", "清溪日报", None, None),
    ("<div>本报记者 张三 清溪日报 2024-03-05 08:09</div>", None, "张三", None),
    ("<div>2024-03-05 08:09来源：清溪宣传责任编辑：李四</div>", "清溪宣传", None, "李四"),
    ("<div>2024-03-05 08:09 来源：清溪宣传编辑：李 四</div>", "清溪宣传", None, "李四"),
    ("<div>2024-03-05 08:09 | 来源 清溪晚报 | 记者 张三 | 责编 李四</div>", "清溪晚报", "张三", "李四"),
    ("<div>2024-03-05 08:09 来源：清溪日报 作者 姜 伟 骆 阳</div>", "清溪日报", "姜伟;骆阳", None),
    ("<div>2024-03-05 08:09 来源：清溪日报 责任编辑 胡 晓</div>", "清溪日报", None, "胡晓"),
    ("<div>2024-03-05 08:09 来源：清溪日报 ［编辑：金 鑫］</div>", "清溪日报", None, "金鑫"),
    ("<div>2024-03-05 08:09 来源：清溪日报 拍摄：林森</div>", "清溪日报", None, None),
    (
        "<div>2024-03-05 08:09 来源：清溪日报 责任编辑：李四 <a>大</a> <a>中</a> <a>小</a></div>",
        "清溪日报",
        None,
        "李四",
    ),
    ("<p>2024-03-05 08:09|发布者: 阿青|查看: 12|原作者: 张三|来自: 清溪日报</p>", "清溪日报", "张三", None),
    ("<p>来源：清溪日报　日期：2024年03月05日 08:09　作者：办公室</p>", "清溪日报", None, None),
    ("<p><span>要闻</span> <span>2024-03-05 08:09</span> <span>星期二</span></p>", None, None, None),
    ("<p><span>清溪发布</span> <span>2024-03-05 08:09</span> <span>浙江</span></p>", "清溪发布", None, None),
    ("<div><a>清溪观察</a><span>关注</span></div><div>2024-03-05 08:09 · 来自浙江</div>", "清溪观察", None, None),
    ("<div>2024-03-05 08:09 <span>admin</span> <span>分类：<a>本地新闻</a></span> 阅读(128)</div>", None, None, None),
    ("<div>清溪晚报 2024-03-05 08:09 来源：</div>", None, None, None),
    ("<ul><li>2024-03-05</li><li>08:09:10</li><li>清溪日报</li><li>1203人已读</li></ul>", "清溪日报", None, None),
    (
        "<div><span>2024</span><span><em>03</em>/<em>05</em></span><span>08:09:10</span></div><p>来源：清溪网</p>",
        "清溪网",
        None,
        None,
    ),
    ("<p>2024-03-05 星期二 08:09　今日清溪　要闻　清溪镇</p>", "今日清溪", None, None),
    ("<p>2024-03-05 08:09 | 综合报道 | 清溪观察</p>", "清溪观察", None, None),
    ("<p>副刊 · 散文　2024-03-05 08:09</p>", None, None, None),
    ("<p>2024-03-05 08:09 清溪客户端 我要评论</p>", "清溪客户端", None, None),
    ("<p><span>2024-03-05 08:09</span><span>杭州</span><span>民生</span><span>阅读 5320</span></p>", None, None, None),
    ("<p><span>清溪广电</span><span>2024-03-05 08:09</span><span>播放量 3.2万</span></p>", "清溪广电", None, None),
    ("<p><span>2024-03-05 08:09</span><span>清溪晨刊</span><span>1.1w</span></p>", "清溪晨刊", None, None),
    ("<p>王小溪　2024-03-05 08:09　散文　1203人阅读</p>", None, "王小溪", None),
    ("<p><i>作者：<a>王小溪</a></i> <i>发布于 2024-03-05 08:09</i> <i>分类：<a>渡口</a></i></p>", None, "王小溪", None),
    ("<p>《清溪日报》（2024-03-05 08:09 第02版）</p>", "清溪日报", None, None),
    ("<p>【信息时间：2024-03-05 08:09　阅读次数：45】【<a>打印此文</a>】【<a>关闭</a>】</p>", None, None, None),
    ("<p>发布者：办公室 发布时间：2024-03-05 08:09 撰稿人：王小溪 审核人：周浩</p>", None, "王小溪", None),
    (
        "<p>采写/本刊记者 王小溪　摄影/许愿　编辑/丁一</p><p>2024-03-05 08:09　来源：清溪周刊</p>",
        "清溪周刊",
        "王小溪",
        "丁一",
    ),
    ("<p><a>清溪一号</a></p><p>2024-03-05 08:09　浙江　清溪一号官方账号</p>", "清溪一号", None, None),
    ("<p><a>扬波</a></p><p>2024-03-05 08:09</p><p>大鱼号</p>", "扬波", None, None),
    ("<p>2024-03-05 08:09 <span>见习记者</span> <span>张三</span></p>", None, "张三", None),
    ("<p>□文/本报记者 张三　图/李四</p><p>2024-03-05 08:09 来源：清溪报</p>", "清溪报", "张三", None),
]


@pytest.mark.parametrize(("header", "source", "reporters", "editors"), MORE_HEADERS)
def test_the_lines_under_more_headlines(
    header: str, source: str | None, reporters: str | None, editors: str | None
) -> None:
    article = read(page(header))
    assert article.published_at is not None
    assert article.published_at.isoformat().startswith("2024-03-05T08:09")
    assert (article.source, article.names("reporter"), article.names("editor")) == (source, reporters, editors)
    assert (article.title, article.subtitle, body_of(article)) == (TITLE, None, list(PROSE))


# What is printed behind the last paragraph, inside its element → editors
ENDS = [
    ("<p>责任编辑：李一舟</p>", "李一舟"),
    ("<p>（责任编辑：李一舟）</p>", "李一舟"),
    ("<p>【纠错】【责任编辑:李一舟 】</p>", "李一舟"),
    (
        "<p>特别声明：以上内容(包括图片)为平台“清溪号”用户上传，本平台仅提供信息存储服务。</p>"
        "<p>Notice: The content above is uploaded by a user, and the platform only provides information storage services.</p>",
        None,
    ),
    (
        "<p>郑重声明：本网站刊登的文章供读者参考。</p>"
        "<p>一、未注明来源的图文均由用户自行上传，作者如有异议请与我们联系，本网站将在核实之后尽快处理转载事宜。</p>",
        None,
    ),
    ("<p>您看完此刻的感受</p><p>感动 0</p><p>无聊 0</p><p>愤怒 0</p>", None),
    ("<p>推荐：关注“清溪科技”官方微信(qingxi)</p>", None),
    ("<p>打开清溪APP阅读全文</p>", None),
    ("<p>打开客户端，体验更佳</p>", None),
    ("<p>編輯：黃一舟</p>", "黃一舟"),
    ("<p>【编辑】李一舟</p>", "李一舟"),
    ("<p>编辑：小鱼<a href='/'>返回清溪，查看更多</a></p>", "小鱼"),
    ("<p>(责任编辑： 李一舟 DE101)</p>", "李一舟"),
    ("<p>[责任编辑：李一舟 何小满]</p>", "李一舟;何小满"),
    ("<p>【编辑:李一舟】</p>", "李一舟"),
    ("<p>责编 | 李一舟</p>", "李一舟"),
    ("<p>编辑丨李一舟 审核丨何小满</p>", "李一舟"),
    ("<p>编辑：李一舟 审核：何小满 监制：周小帆</p>", "李一舟"),
    ("<p>编辑 李一舟 校对 何小满</p>", "李一舟"),
    ("<p>责任编辑：<span>李一舟</span></p>", "李一舟"),
    ("<p><span>责任编辑</span><span>李一舟</span></p>", "李一舟"),
    ("<div>【纠错】 责任编辑：李一舟</div>", "李一舟"),
    ("<p>本文来源：清溪日报 责任编辑：李一舟_QX101</p>", "李一舟"),
    ("<p>标签：码头;渡船 责任编辑：李一舟</p>", "李一舟"),
    ("<p>初审：何小满 复审：周小帆 编辑：李一舟</p>", "李一舟"),
    ("<p>来源：清溪日报</p><p>编辑：李一舟</p><p>版权声明：转载请注明出处。</p>", "李一舟"),
    ("<p>相关阅读：</p><p><a href='/1'>清溪镇的另一篇报道说了什么</a></p><p>责任编辑：李一舟</p>", "李一舟"),
    ("<p>上一篇：<a href='/1'>河上的桥修好了</a></p><p>下一篇：<a href='/2'>河边的树都绿了</a></p>", None),
    ("<p>分享到：</p><p>扫一扫在手机打开当前页</p>", None),
    ("<p>【打印本页】 【关闭窗口】</p>", None),
    ("<p>返回清溪，查看更多</p><p>责任编辑：李四</p>", "李四"),
    ("<p>[ 责编：李四 ]</p>", "李四"),
    ('<p style="text-align:right">（责编：李四、王五）</p>', "李四;王五"),
    ("<div>编辑：李四 责任编辑：王五</div>", "李四;王五"),
    ("<p>(责任编辑:李四)</p><p><strong>看完这篇文章有何感觉？</strong></p>", "李四"),
    ("<p>【责任编辑：李四】</p><p>来源：清溪日报</p>", "李四"),
    ("<p>[编辑: 李四]</p>", "李四"),
    ("<p>编辑：李四\u3000\u3000校对：王五\u3000\u3000审核：赵六</p>", "李四"),
    ("<p>值班编委：张三 责编：李四 美编：王五</p>", "李四"),
    ("<p>一审：张三 二审：李四 三审：王五</p>", None),
    ("<p>来源丨清溪日报 编辑丨李四</p>", "李四"),
    ("<p>编\u3000\u3000辑：李四</p>", "李四"),
    ("<p>责 编：李四</p>", "李四"),
    ("<p>责任编辑 李四</p>", "李四"),
    ("<p>责任编辑/李四</p>", "李四"),
    ("<p>（编辑 李四）</p>", "李四"),
    ("<p>（编辑：李四 校对：王五）</p>", "李四"),
    ("<p>（来源：清溪日报）</p>", None),
    ("<p>【免责声明】本文仅代表作者个人观点，与清溪在线无关。其原创性以及文中陈述文字和内容未经本站证实。</p>", None),
    ("<p>责任编辑：李四 电话：0000</p>", "李四"),
    ("<p>编审：张三 责编：李四</p>", "李四"),
    ("<p>责任编辑：李四    来源：清溪日报</p>", "李四"),
    ("<p>责任编辑：</p>", None),
    ("<p>［编辑：李 四］</p>", "李四"),
    ("<p>〔责任编辑 李四〕</p>", "李四"),
    ("<p>编辑 李 四</p>", "李四"),
    ("<p>责任编辑：李四 【关闭】 【打印】</p>", "李四"),
    ("<p>责任编辑：李四 我要纠错</p>", "李四"),
    ("<p>责任编辑：欧阳 春晓、皇甫 静</p>", "欧阳春晓;皇甫静"),
]


@pytest.mark.parametrize(("end", "editors"), ENDS)
def test_the_end_of_the_body(end: str, editors: str | None) -> None:
    article = read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", f"<div class='c1'>{paragraphs()}{end}</div>"))
    assert body_of(article) == list(PROSE)
    assert article.names("editor") == editors
    assert article.names("reporter") is None


@pytest.mark.parametrize(("end", "editors"), ENDS)
def test_what_stands_behind_the_element_of_the_body(end: str, editors: str | None) -> None:
    article = read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", behind=f"<div class='z'>{end}</div>"))
    assert body_of(article) == list(PROSE)
    assert article.names("editor") == editors


BODIES = {
    "br": "<div class='c1'>" + "<br><br>".join(f"　　{text}" for text in PROSE) + "</div>",
    "nested tables": "<table><tr><td><table><tr><td>" + paragraphs() + "</td></tr></table></td></tr></table>",
    "table cell with br": "<table width=700><tr><td class=a>"
    + "<br>".join("&nbsp;&nbsp;" + text for text in PROSE)
    + "</td></tr></table>",
    "font": "<div>"
    + "".join(f"<p><font size=3><font face=宋体><span>　{text}</span></font></font></p>" for text in PROSE)
    + "</div>",
    "section leaf": "<section>"
    + "".join(f"<section><span leaf=''>{text}</span></section>" for text in PROSE)
    + "</section>",
    "divs": "<div><div>" + paragraphs("div") + "</div></div>",
    "editor": "<div class=TRS_Editor><style>.x{color:red}</style><div class=Custom_UnionStyle>"
    + paragraphs()
    + "</div></div>",
    "spans": "<div>" + "".join(f"<p>{text[:9]}<span>{text[9:20]}</span>{text[20:]}</p>" for text in PROSE) + "</div>",
    "form": "<form><div id=fontzoom>" + paragraphs() + "</div></form>",
    "shared wrapper": "<div class='js_share_area'><div id=main_text>" + paragraphs() + "</div></div>",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_bodies_in_every_layout(body: str) -> None:
    related = (
        "<div><h3>相关新闻</h3><ul>"
        + "<li><a href='/x'>另一则很长很长很长的新闻标题在这里，说的是别的事</a></li>" * 12
        + "</ul></div>"
    )
    comments = (
        "<div class='comment-list'>"
        + "<p>网友：这条河我走过很多次，修好了真不错，希望票价不要涨，大家都能坐得起。</p>" * 3
        + "</div>"
    )
    article = read(page("<p>2024-03-05 08:09 来源：清溪日报</p>", body, related + comments))
    assert body_of(article) == list(PROSE)
    assert (article.title, article.source) == (TITLE, "清溪日报")


def test_an_end_mark_in_the_midst_is_no_end() -> None:
    middle = "<p>　　图片来源：清溪镇政府</p>"
    texts = "".join(f"<p>{text}</p>" for text in PROSE)
    article = read(page("<p>2024-03-05 来源：清溪日报</p>", f"<div>{texts}{middle}{texts}</div>"))
    assert "".join(body_of(article)).count(PROSE[0]) == 2


def test_links_in_the_midst_are_left_out_and_the_text_goes_on() -> None:
    inside = "<div class='related'><p>相关报道</p><p><a href='/1'>河上的桥修好了</a></p></div>"
    html = f"<div><p>{PROSE[0]}</p><p>{PROSE[1]}</p>{inside}<p>{PROSE[2]}</p><p>{PROSE[3]}</p></div>"
    assert body_of(read(page("<p>2024-03-05 来源：清溪日报</p>", html))) == list(PROSE)


def test_kicker_and_subtitle() -> None:
    html = page("").replace(
        f"<h1>{TITLE}</h1>",
        f"<div class=h><h4>一江春水通两岸</h4><h1>{TITLE}</h1><h3>每天二十四班 老人学生免费</h3></div><p>2024-03-05 来源：清溪日报</p>",
    )
    article = read(html)
    assert (article.kicker, article.title, article.subtitle) == ("一江春水通两岸", TITLE, "每天二十四班 老人学生免费")


@pytest.mark.parametrize(
    "line",
    ["记者夜探老码头", "本报记者 走进清溪镇", "一位老记者的笔记", "编辑推荐", "摄影大赛落幕", "清溪见闻 记者手记"],
)
def test_a_subtitle_may_speak_of_reporters(line: str) -> None:
    header = f"<div class=h><h1>{TITLE}</h1><h3>{line}</h3></div><p>2024-03-05 来源：清溪日报</p>"
    article = read(page("").replace(f"<h1>{TITLE}</h1>", header))
    assert (article.subtitle, article.credits) == (line, [])


def test_a_headline_that_is_no_heading_beats_a_logo_that_is_one() -> None:
    html = page("").replace(
        f"<h1>{TITLE}</h1>",
        f"<h1><a href='/'>清溪在线</a></h1><div class=x>{TITLE}</div><p>2024-03-05 来源：清溪日报</p>",
    )
    assert read(html).title == TITLE


def test_a_headline_that_the_head_does_not_repeat() -> None:
    html = page("<p>发布时间：2024-03-05 来源：清溪日报</p>", title="清溪在线--新闻中心").replace("h1>", "h5>")
    assert read(html).title == TITLE


def test_five_headlines_one_is_the_pages_own() -> None:
    html = page("<p>2024-03-05 来源：清溪日报</p>").replace(
        "<div class='n'>", "<h1>甲</h1><h1>别的新闻标题一</h1><h1>别的新闻标题二</h1><h1>别的标题三</h1><div class='n'>"
    )
    assert read(html).title == TITLE


@pytest.mark.parametrize(
    "printed",
    [
        "<p>标签：码头 渡船 清溪镇</p>",
        "<p>关键词：码头;渡船;清溪镇</p>",
        "<p>Tags：<a href=1>码头</a> <a href=2>渡船</a> <a href=3>清溪镇</a></p>",
        "<div class='tags'><a href=1>码头</a><a href=2>渡船</a><a href=3>清溪镇</a></div>",
        "<ul><li class=tag><a href=1>码头</a></li><li class=tag><a href=2>渡船</a></li><li class=tag><a href=3>清溪镇</a></li></ul>",
        "<h4>标签</h4><div><a href=1>码头</a><a href=2>渡船</a><a href=3>清溪镇</a></div>",
    ],
)
def test_tags(printed: str) -> None:
    article = read(page("<p>2024-03-05 来源：清溪日报</p>", behind=printed))
    assert article.tags == ["码头", "渡船", "清溪镇"]
    assert body_of(article) == list(PROSE)


def test_keywords_of_the_site_are_no_tags() -> None:
    head = "<meta name=keywords content='清溪在线,新闻门户,财经,体育'>"
    assert read(page("<p>2024-03-05 来源：清溪日报</p>", head=head)).tags == []


@pytest.mark.parametrize(
    ("printed", "url", "at"),
    [
        ("二〇二四年三月五日", URL, "2024-03-05T00:00:00+08:00"),
        ("24-03-05 08:09", "http://news.example.com/a/202403/t20240305_1234.html", "2024-03-05T08:09:00+08:00"),
        ("24-03-05 08:09", URL, None),
        ("24-03-05 08:09", "http://news.example.com/a/202303/t20230305_1234.html", None),
        ("03月05日 08:09", "http://news.example.com/2024-03-05/1234.html", "2024-03-05T08:09:00+08:00"),
        ("03月05日 08:09", "http://news.example.com/2024/0306/1234.html", None),
    ],
)
def test_a_year_that_is_not_printed_in_four_digits(printed: str, url: str, at: str | None) -> None:
    article = read(page(f"<p>{printed} 来源：清溪日报</p>"), url=url)
    assert (article.published_at.isoformat() if article.published_at else None) == at
    assert ("time_without_year" in article.warnings) == (at is None)


def test_a_time_in_a_form_field() -> None:
    article = read(page("<input type=hidden id=pubtime value='2024-03-05 08:09:10'><p>来源：清溪日报</p>"))
    assert article.published_printed == "2024-03-05 08:09:10"
    assert article.evidence["published_at"][0].where == "input#pubtime"


def test_a_heading_that_is_a_columns_name_is_no_headline() -> None:
    html = page("<p>时间：2024-03-05 来源：清溪网</p>", title="新闻中心-清溪网").replace(
        f"<h1>{TITLE}</h1>", f"<h1>新闻中心</h1><h2>{TITLE}</h2>"
    )
    assert read(html).title == TITLE


def test_a_bold_line_above_the_time_is_the_headline_of_a_page_that_has_no_other() -> None:
    rows = "".join(f"<tr><td>　　{text}</td></tr>" for text in PROSE)
    table = (
        f"<table><tr><td align=center><b>{TITLE}</b></td></tr><tr><td>2009-07-24 15:07 清溪晚报</td></tr>{rows}</table>"
    )
    article = read(table)
    assert (article.title, article.source, body_of(article)) == (TITLE, "清溪晚报", list(PROSE))


IMPRINT = (
    "<div class='footer'><p>关于我们 | 联系我们</p><p>主办：清溪日报社 地址：清溪市中山路1号 邮编：300000 电话：0500-1234567</p>"
    "<p>青ICP备05000000号 Copyright © 2008-2024 清溪新闻网 All Rights Reserved</p></div>"
)
COMMENTS = (
    "<h3>网友评论</h3>"
    + "<div><b>阿青</b><p>今天早上上班路上什么都看不见，大家一定要注意安全，平安最重要。</p></div>" * 8
)


@pytest.mark.parametrize("behind", [IMPRINT, COMMENTS + IMPRINT])
def test_a_brief_is_found_on_a_page_that_says_more_of_itself(behind: str) -> None:
    html = page("<p>2024-03-05 来源：清溪日报</p>", f"<div><p>{PROSE[1]}</p></div>", behind)
    assert body_of(read(html)) == [PROSE[1]]


def test_a_gallery_with_short_captions_is_found() -> None:
    captions = ["图为游客在老街拍照。赵木 摄", "图为重新开业的面馆。赵木 摄", "图为夜色中的老街。赵木 摄"]
    pictures = "".join(f"<p align=center><img src='{c}.jpg'></p><p align=center>{c}</p>" for c in captions)
    article = read(page("<p>2024-03-05 来源：清溪日报</p>", f"<div>{pictures}</div>", IMPRINT))
    assert (article.kind, [image.caption for image in article.images]) == ("gallery", captions)


@pytest.mark.parametrize("printed", ["昨天 08:09", "3小时前", "03-05 08:09", "刚刚"])
def test_a_time_that_is_not_certain_is_kept_as_printed_only(printed: str) -> None:
    article = read(page(f"<p>{printed} 来源：清溪日报</p>"))
    assert article.published_at is None
    assert article.published_printed == printed
    assert set(article.warnings) & {"time_relative", "time_without_year"}
    assert article.source == "清溪日报"


def test_a_year_from_the_address_is_flagged() -> None:
    article = read(
        page("<p>03月05日 08:09 来源：清溪日报</p>"), url="http://news.example.com/a/202403/t20240305_1234.html"
    )
    assert article.published_at is not None
    assert article.published_at.isoformat() == "2024-03-05T08:09:00+08:00"
    assert "year_from_url" in article.warnings


def test_json_ld_fills_what_is_not_printed() -> None:
    data = (
        '{"@context":"https://schema.org","@graph":[{"@type":"NewsArticle","headline":"'
        + TITLE
        + '","datePublished":"2024-03-05T08:09:10+08:00"}]}'
    )
    article = read(page("", head=f'<script type="application/ld+json">{data}</script>'))
    assert article.published_at is not None
    assert article.published_at.isoformat() == "2024-03-05T08:09:10+08:00"
    assert article.evidence["published_at"][0].rule == "JSON-LD datePublished"


@pytest.mark.parametrize(
    "data", ["{", "[]", "null", '{"@type":1}', '{"@type":"NewsArticle","datePublished":5}', "[" * 5000]
)
def test_broken_json_ld_is_no_obstacle(data: str) -> None:
    article = read(page("", head=f'<script type="application/ld+json">{data}</script>'))
    assert article.published_at is None
    assert body_of(article) == list(PROSE)


def test_what_is_printed_goes_before_what_is_stated() -> None:
    data = '{"@type":"NewsArticle","datePublished":"2020-01-01T00:00:00+08:00"}'
    article = read(
        page("<p>2024-03-05 08:09 来源：清溪日报</p>", head=f'<script type="application/ld+json">{data}</script>')
    )
    assert article.published_printed == "2024-03-05 08:09"


def test_pictures_and_captions() -> None:
    html = f"<div><p>{PROSE[0]}</p><p align=center><img src='a.jpg'></p><p align=center>码头上的清晨。赵木 摄</p><p>{PROSE[1]}</p><p>{PROSE[2]}</p></div>"
    article = read(page("<p>2024-03-05 来源：清溪日报</p>", html))
    assert [(image.src, image.caption) for image in article.images] == [
        ("http://news.example.com/2024/a.jpg", "码头上的清晨。赵木 摄")
    ]
    assert article.names("photographer") == "赵木"


def test_one_paragraph_is_an_article() -> None:
    assert body_of(read(page("<p>2024-03-05 来源：清溪日报</p>", f"<div>{PROSE[1]}</div>"))) == [PROSE[1]]


def test_a_very_long_text_is_kept_whole() -> None:
    html = "<div>" + "".join(f"<p>第{n}段，{PROSE[1]}</p>" for n in range(2300)) + "</div>"
    assert len(body_of(read(page("<p>2024-03-05 来源：清溪日报</p>", html)))) == 2300


def test_verse_is_a_body() -> None:
    verse = [
        "渡口的灯",
        "一盏一盏亮了",
        "水声很轻",
        "像有人翻书",
        "船来的时候",
        "风也来了",
        "我们站在岸边",
        "等一个名字",
    ]
    assert (
        body_of(
            read(page("<p>2024-03-05 来源：清溪日报</p>", "<div>" + "".join(f"<p>{v}</p>" for v in verse) + "</div>"))
        )
        == verse
    )


def test_a_page_of_links_has_no_body() -> None:
    html = (
        "<html><head><title>清溪在线</title></head><body>"
        + "<li><a href='/1'>一条新闻的标题，说了一件事</a></li>" * 200
        + "</body></html>"
    )
    article = read(html)
    assert article.blocks == []
    assert "body_missing" in article.warnings


@pytest.mark.parametrize("html", ["", "   \n", "\x00\x00"])
def test_nothing_is_no_page(html: str) -> None:
    with pytest.raises(InputError):
        read(html)
