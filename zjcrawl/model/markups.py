"""How each publishing system prints an article: one function a markup, from `Printed` to the page's main column.

What the known pages leave open (kicker, subtitle, reporter, tags, editor) is invented, in several ways, always with
the printed labels. `part` counts the pages of an article from 0; `pager` is the markup that leads to the others.
"""

from collections.abc import Callable
from html import escape
from urllib.parse import urlsplit

from zjcrawl.model.story import Printed
from zjcrawl.models import Block

Markup = Callable[[Printed, int], str]


def ozoom(page: Printed, part: int) -> str:
    """A: `.contentTitle` and `#oZoom`, with the noise that stands in it."""
    return f"""
<div class="path">{_breadcrumb(page)}</div>
<div class="content">
{_around_title(page, f'<div class="contentTitle">{_title(page)}</div>')}
<div class="contentInfo">{_line(page)}</div>
<div id="oZoom" style="font-size:14px">
<div class="meiriguanzhukuang"><a href="/zt/">每日关注：模拟专题入口</a></div>
{_paragraphs(page, part)}
{_inner_foot(page)}
<div class="bshare-custom"><a title="分享到QQ空间" class="bshare-qzone">QQ空间</a>
<a class="bshare-more">更多平台</a></div>
<div id="page_scr">{_pager(page, part)}</div>
</div>
{_foot(page)}
</div>
{_notice(page)}"""


def system(page: Printed, part: int) -> str:
    """B: `#pubtime_baidu` and its siblings, `div.contTxt`, in GBK."""
    title = page.pick("title class", "contTit", "artTitle")
    source = f'<span id="source_baidu">来源：{_source(page)}</span>' if page.source else ""
    return f"""
<div class="nav_path">{_breadcrumb(page)}</div>
<div class="contLeft">
{_around_title(page, f'<div class="{title}">{_title(page)}</div>')}
<div class="time">
  <span id="pubtime_baidu">{page.time}</span>&nbsp;&nbsp;
  {source}&nbsp;&nbsp;
  {_author_baidu(page)}
</div>
<div class="contTxt">
{_paragraphs(page, part)}
{_inner_foot(page)}
{_pager(page, part)}
</div>
{_foot(page)}
</div>
{_notice(page)}"""


def mlf(page: Printed, part: int) -> str:
    """C: the same names in UTF-8; `#pubtime_baidu` doubled or missing, the title perhaps inside a `font`."""
    title = page.pick("title font", "{}", '<font color="">{}</font>', "\n<font>\n{}\n</font>\n").format(_title(page))
    text = _paragraphs(page, part)
    text = page.pick("nested", text, text, f"<div>{text}</div>")
    return f"""
<div class="currentWz">{_breadcrumb(page)}</div>
<div class="artLeft">
{_around_title(page, f'<div class="contTit">{title}</div>')}
<div class="time">
  {_mlf_time(page)}
  {f'<span id="source_baidu">来源：{_source(page)}</span>' if page.source else ""}
  {f'<span class="author">{page.story.byline.text}</span>' if page.story.byline else ""}
</div>
<div class="contTxt">
{text}
{_inner_foot(page)}
<div class="news_more_page" style="text-align: center;"></div>
{_pager(page, part)}
</div>
{_foot(page)}
</div>
{_notice(page)}"""


def trs(page: Printed, part: int) -> str:
    """C with a TRS editor inside: `div.TRS_Editor`, or `div.TRS_UEDITOR` with captions beside their pictures."""
    editor = page.pick("editor", "TRS_Editor", "TRS_UEDITOR TRS_WEB")
    blocks = _paragraphs(page, part) if editor == "TRS_Editor" else _ueditor(page, part)
    return f"""
<div class="currentWz">{_breadcrumb(page)}</div>
<div class="artLeft">
{_around_title(page, f'<div class="contTit">{_title(page)}</div>')}
<div class="time">{_mlf_time(page)} {f'<span id="source_baidu">来源: {_source(page)}</span>' if page.source else ""}
{f"<em>{page.story.byline.text}</em>" if page.story.byline else ""}</div>
<div class="contTxt"><div class="{editor}">{blocks}</div>
{_pager(page, part)}
</div>
{_foot(page)}
</div>
{_notice(page)}"""


def artcon(page: Printed, part: int) -> str:
    """D: `h1.artTitle`, `div.info`, `div.artCon`, `div.cprtip`; spans with `leaf`, sections."""
    byline = page.story.byline.text if page.story.byline else ""
    source = f"来源：{_source(page)}" if page.source else ""
    said = [text for text in (page.time, source, byline, page.editor.text if page.editor else "") if text]
    spans = "\n".join(f"<span>{text}</span>" for text in said)
    info = page.pick("info", spans, spans, f"<span>{' &nbsp;'.join(said)}</span>")
    notice = f'<div class="cprtip">{"".join(f"<p>{escape(line)}</p>" for line in page.notice)}</div>'
    return f"""
<div class="crumb">{_breadcrumb(page)}</div>
<div class="artMain">
{_around_title(page, f'<h1 class="artTitle">{_title(page)}</h1>')}
<div class="info">
{info}
</div>
<div class="content">
<div class="artCon">
{_leaves(page, part)}
{_pager(page, part)}
</div>
{_tags_alone(page)}
{notice if page.notice else ""}
</div>
{_share()}
</div>"""


def containers(page: Printed, part: int) -> str:
    """The other body elements that were seen on the portal, their headline and time in markup nobody knows."""
    body = page.pick(
        "container",
        "artCon",
        "artical_real",
        "content cf",
        "artCon mb55",
        "atricle_inner",
        "art-con mt-20",
        "news_content",
    )
    return f"""
<div class="wz_path">{_breadcrumb(page)}</div>
<div class="main_l fl">
{_around_title(page, f'<h1 class="{page.pick("h", "tit", "headline_t", "wz_title")}">{_title(page)}</h1>')}
<div class="{page.pick("i", "tit_info", "ly", "info_bar")}">{_line(page)}</div>
<div class="{body}">
{_paragraphs(page, part)}
{_inner_foot(page)}
{_pager(page, part)}
</div>
{_foot(page)}
</div>
{_notice(page)}"""


def redesign(page: Printed, part: int) -> str:
    """A page after a redesign: no known name anywhere, only headings and printed labels."""
    said = [f"<time>{page.time}</time>"]
    said += [f"<span class='k'>来源</span>{_colon(page)}<b>{_source(page)}</b>"] if page.source else []
    said += [f"<span class='by'>{page.story.byline.text}</span>"] if page.story.byline else []
    return f"""
<nav aria-label="path" class="x-path">{_breadcrumb(page)}</nav>
<article class="x-piece">
<header>
{_around_title(page, f"<h1>{_title(page)}</h1>")}
<p class="x-meta">{" <i>|</i> ".join(said)}</p>
</header>
<div class="x-text">
{_paragraphs(page, part)}
{_pager(page, part)}
</div>
{_foot(page)}
</article>
{_notice(page)}"""


def table(page: Printed, part: int) -> str:
    """A page of the table age that somebody still publishes: everything in cells, the text in one of them."""
    return f"""
<table width="960" align="center" border="0" cellspacing="0"><tr><td class="a1">{_breadcrumb(page)}</td></tr></table>
<table width="960" align="center" border="0" cellspacing="0">
<tr><td align="center">{_around_title(page, f'<h1 align="center"><font size="5">{_title(page)}</font></h1>')}</td></tr>
<tr><td align="center" bgcolor="#f2f2f2">{_line(page)}</td></tr>
<tr><td class="t14" id="zw">
{_paragraphs(page, part)}
{_pager(page, part)}
</td></tr>
<tr><td align="right">{_foot(page)}</td></tr>
<tr><td>{_notice(page)}</td></tr>
</table>"""


MARKUPS: dict[str, Markup] = {
    "ozoom": ozoom,
    "system": system,
    "mlf": mlf,
    "trs": trs,
    "artcon": artcon,
    "containers": containers,
    "redesign": redesign,
    "table": table,
}


# ── around the headline ──────────────────────────────────────────────────────────────────────────────────────────────


def _breadcrumb(page: Printed) -> str:
    if not page.breadcrumb:
        return ""
    between = page.pick("crumb", " &gt; ", "&nbsp;&gt;&nbsp;", "&nbsp;> ")
    links = between.join(f'<a href="/" class="CurrChnlCls">{part}</a>' for part in page.breadcrumb)
    colon = page.pick("crumb colon", " :", "：", ":&nbsp;")
    return f"您当前的位置{colon}{links}{page.pick('crumb end', ' 正文', '&nbsp;正文', between + '正文')}"


def _title(page: Printed) -> str:
    """The headline, with the second line below it where the page prints it in the same element."""
    title = escape(page.story.title, quote=False)
    if page.story.subtitle and _subtitle_inside(page):
        below = page.pick("sub", "<font size=3>{}</font>", "<span>{}</span>")
        return f"{title}<br>{below.format(escape(page.story.subtitle))}"
    return title


def _subtitle_inside(page: Printed) -> bool:
    return page.pick("subtitle", True, False, False)


def _around_title(page: Printed, title: str) -> str:
    """The headline between its kicker and its second line."""
    kicker, subtitle = page.story.kicker, page.story.subtitle
    above = page.pick("kick", '<div class="yinti">{}</div>', "<h3>{}</h3>", '<p class="shoulder">{}</p>')
    below = page.pick("second", '<div class="fubiaoti">{}</div>', "<h2>{}</h2>", '<p class="subTitle">{}</p>')
    shown = [above.format(escape(kicker))] if kicker else []
    shown += [title]
    shown += [below.format(escape(subtitle))] if subtitle and not _subtitle_inside(page) else []
    return "\n".join(shown)


def _line(page: Printed) -> str:
    """`2010年06月01日 09:30:12 来源: X 记者 Y`, in one piece or in spans."""
    said = [page.time]
    said += [f"来源{_colon(page)}{_source(page)}"] if page.source else []
    said += [page.story.byline.text] if page.story.byline else []
    spans = "&nbsp;&nbsp;".join(f"<span>{text}</span>" for text in said)
    return page.pick("line", " ".join(said), "&nbsp;&nbsp;".join(said), spans)


def _colon(page: Printed) -> str:
    return page.pick("colon", "：", ": ", ":", "： ", " : ")


def _source(page: Printed) -> str:
    return page.pick("source", "{}", "{}", '<a href="http://www.zjol.com.cn/" target="_blank">{}</a>').format(
        page.source
    )


def _author_baidu(page: Printed) -> str:
    if page.story.byline is None:
        return ""
    text = page.story.byline.text
    return f'<span id="author_baidu">{text if text.startswith("作者") else f"作者：{text}"}</span>'


def _mlf_time(page: Printed) -> str:
    known = f'<span id="pubtime_baidu">{page.time}</span>'
    doubled = f'{known}<span id="pubtime_baidu" style="display:none">{page.time}</span>'
    return page.pick("pubtime", known, doubled, f"<span>{page.time}</span>")


# ── the body ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _paragraphs(page: Printed, part: int) -> str:
    """The blocks as most of the systems print them: a `p` each, led by two blanks."""
    indent = page.pick("indent", "　　", "　　", "&nbsp;&nbsp;&nbsp;&nbsp;", "\n　　", "")
    opening = page.pick("p", "<p>", '<p style="text-align: left;">', '<p style="text-indent: 2em;">')
    return page.pick("between", "\n", "", "\n\n").join(
        _block(page, block, opening, indent) for block in page.story.parts[part]
    )


def _block(page: Printed, block: Block, opening: str, indent: str) -> str:
    text = escape(block.text, quote=False)
    if block.kind == "image":
        return f'<p style="text-align:center"><img src="./{block.src}" oldsrc="{block.src}"></p>'
    if block.kind == "caption":
        return f'<p style="text-align: center;">{indent}{text}</p>'
    if block.kind == "table":
        rows = ("".join(f"<td>{cell}</td>" for cell in row.split("\t")) for row in text.split("\n"))
        return f'<table border="1"><tbody>{"".join(f"<tr>{row}</tr>" for row in rows)}</tbody></table>'
    if block.kind == "quote":
        return f"<blockquote><p>{text}</p></blockquote>"
    if block.kind == "heading":
        strong, outside = (
            f"{opening}<strong>{indent}{text}</strong></p>",
            f"{opening}{indent}<strong>{text}</strong></p>",
        )
        return page.pick("heading", strong, outside, f"{opening}{indent}{text}</p>", f"<h3>{text}</h3>")
    return f"{opening}{indent}{_inline(page, text)}</p>"


def _inline(page: Printed, text: str) -> str:
    """A word of the paragraph linked, set bold or coloured: markup that must not touch the text."""
    word = "长三角一体化"
    shown = page.pick(
        "inline", word, f'<a href="http://www.zjol.com.cn/" target="_blank">{word}</a>', f"<strong>{word}</strong>"
    )
    return text.replace(word, shown)


def _ueditor(page: Printed, part: int) -> str:
    """As the TRS editor of 2020 prints them: picture and caption in one wrapper."""
    blocks, shown = page.story.parts[part], []
    for place, block in enumerate(blocks):
        after = blocks[place + 1] if place + 1 < len(blocks) else None
        if block.kind == "image":
            caption = (
                f'<span class="img_descr">{escape(after.text, quote=False)}</span>'
                if after and after.kind == "caption"
                else ""
            )
            shown.append(f'<div class="img_wrapper"><img src="./{block.src}" oldsrc="{block.src}">{caption}</div>')
        elif block.kind != "caption":
            shown.append(_block(page, block, '<p style="text-align: justify;">', "　　"))
    return "\n".join(shown)


def _leaves(page: Printed, part: int) -> str:
    """As pasted from a messenger's editor: text in `span[leaf]`, some of it in sections."""
    if page.pick("leaf", False, True):
        return _paragraphs(page, part)
    shown = []
    for block in page.story.parts[part]:
        text = escape(block.text, quote=False)
        if block.kind == "paragraph":
            shown.append(f'<p><span leaf="">{_inline(page, text)}</span></p>')
        elif block.kind == "heading":
            shown.append(
                f'<section><p style="text-align:left"><strong><span leaf="">{text}</span></strong></p></section>'
            )
        elif block.kind == "caption":
            shown.append(f'<section><p style="text-align: center;"><span leaf="">{text}</span></p></section>')
        else:
            shown.append(_block(page, block, "<p>", ""))
    return "\n".join(shown)


def _pager(page: Printed, part: int) -> str:
    """Links to the other pages of a multi-page article, the element that stands empty on the others, or a player."""
    if page.story.kind == "video":
        return f'<video controls poster="./poster.png" src="./{page.key.replace(":", "")}.mp4" width="640"></video>'
    last = len(page.story.parts) - 1
    if not last:
        return ""
    names = [urlsplit(part_url(page.url, number)).path.rsplit("/", 1)[1] for number in range(last + 1)]
    links = [
        f"<span>{n + 1}</span>" if n == part else f'<a href="./{name}">{n + 1}</a>' for n, name in enumerate(names)
    ]
    before = f'<a href="./{names[part - 1]}">上一页</a>' if part else ""
    after = f'<a href="./{names[part + 1]}">下一页</a>' if part < last else ""
    return f'<div id="news_more_page_div_id">{before} {" ".join(links)} {after}</div>'


def part_url(url: str, part: int) -> str:
    """The address of a page of an article: `…_01.shtml` is the second."""
    return url if part == 0 else f"{url.removesuffix('.shtml')}_{part:02d}.shtml"


# ── below the body ───────────────────────────────────────────────────────────────────────────────────────────────────


def _editor_place(page: Printed) -> str:
    """Where the editor's line stands: in one line with the tags, alone, or as the last line of the body's element."""
    return page.pick("editor place", "line", "line", "alone", "inside" if not page.tags else "line")


def _inner_foot(page: Printed) -> str:
    if page.editor is None or _editor_place(page) != "inside":
        return ""
    return page.pick(
        "inner", '<p style="text-align: right;">{}</p>', '<div class="bianji">{}</div>', "<p>（{}）</p>"
    ).format(page.editor.text)


def _foot(page: Printed) -> str:
    """`标签: 嘉兴;市委 责任编辑: 沈正玺`, in one line or apart, and the share bar."""
    inside = page.markup in _WITH_INNER_FOOT and _editor_place(page) == "inside"
    editor = page.editor.text if page.editor and not inside else ""
    tags = _tags(page)
    if _editor_place(page) == "alone":
        said = [f'<div class="{name}">{text}</div>' for name, text in (("bq", tags), ("zrbj", editor)) if text]
    else:
        joined = page.pick("foot", " ", "&nbsp;&nbsp;", "　").join(text for text in (tags, editor) if text)
        said = [f'<p class="artFoot">{joined}</p>'] if joined else []
    return "\n".join([*said, _share()])


_WITH_INNER_FOOT = {"ozoom", "system", "mlf", "containers"}


def _tags(page: Printed) -> str:
    if not page.tags:
        return ""
    colon = page.pick("tag colon", ": ", "：", ":")
    between = page.pick("tag between", ";", ";", "；", "、", ",", " ")
    linked = page.pick("tag link", False, False, True)
    return f"标签{colon}" + between.join(f'<a href="/tag/">{tag}</a>' if linked else tag for tag in page.tags)


def _tags_alone(page: Printed) -> str:
    return f'<div class="tagBar">{_tags(page)}</div>' if page.tags else ""


def _share() -> str:
    names = (("weixin", "微信"), ("weibo", "微博"), ("qzone", "QQ空间"))
    return (
        f'<div class="shareBar">分享到: {" ".join(f"""<a class="{name}">{text}</a>""" for name, text in names)}</div>'
    )


def _notice(page: Printed) -> str:
    """版权和免责申明 and what it says."""
    if not page.notice:
        return ""
    heading = page.pick(
        "notice", "<h4>版权和免责申明</h4>", "<p><strong>版权和免责申明</strong></p>", "<div>版权和免责申明</div>"
    )
    lines = "\n".join(f"<p>{escape(line, quote=False)}</p>" for line in page.notice)
    return f'<div class="{page.pick("notice class", "copyright_tip", "bqsm", "mzsm")}">{heading}\n{lines}</div>'
