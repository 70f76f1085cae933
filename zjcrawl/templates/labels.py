"""The reading of a page that no template claims: by what all Chinese news pages print, not by any page's names.

    lines of the page ─▶ place: body and headline
                      ─▶ time, source, credits: labelled lines between them, then behind the body
                      ─▶ tags: a labelled line, or a list of links that is named so
                      ─▶ what only the head states: metas, JSON-LD
Every candidate is scored; what is found less surely than normalise.SURE_ENOUGH becomes null with a warning.
"""

import re
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from zjcrawl.lines import SEAM, Line, data_rows, lines_and_spans
from zjcrawl.models import Extraction, Printed
from zjcrawl.normalise import labels, names, times
from zjcrawl.page import BLANKS, Element, Page, collapse
from zjcrawl.templates import body as bodies
from zjcrawl.templates import head, place
from zjcrawl.templates.place import Place, bare, is_info
from zjcrawl.templates.reading import (
    Around,
    behind,
    beside_headline,
    breadcrumb,
    describe,
    info_line,
    kind_of,
    names_beside,
    next_part,
    with_value,
)

NAME, VERSION = "labels", 2

_BEHIND = 40  # lines looked at behind the body
_PROSE = re.compile(r"[，。！？；、：“”,.!?;]")
_SUFFIX = re.compile(r"(?<!\s)\s*(?:[-_|｜—–·]+|--)\s*")
# Around the time these stand for what a reader can do or count, never for an outlet.
_NOT_SOURCE = re.compile(
    r"^\W*$|^\d|评论|阅读|浏览|点击|分享|字号|字体|打印|收藏|登录|注册|首页|正文|原创|转载|关注|更新|^(?:发布|来自)|发布(?:于|时间|日期|者)|人气|参与|\d{1,2}:\d{2}|我要|我有话说|订阅|[（(【\[]$|"
    r"^(?:星期|周)[一二三四五六日天]$|^(?:要闻|头条|快讯|热点|焦点|时政|国内|国际|本地|社会|民生|财经|经济|金融|教育|科技|文化|文旅|旅游|体育|娱乐|健康|"
    r"汽车|房产|法治|军事|生活|图片|推荐|综合|资讯|新闻|动态|公告|通知|评论|观点|专题|深度|独家|置顶|精选)(?:新闻|资讯|要闻|频道)?$|"
    r"客户端下载|手机|微信|微博|[。！？]$|查看|举报|编辑|来源|责编|大小|下载|纠错|播报|语音|扫|认证|账号|帐号|有限公司$|作者$|^(?:图集|视频|专题)$|^\W*[大中小]号?\W*$|^(?:返回|关闭|上一|下一)"
)
_PROVINCES = frozenset(
    [
        "北京",
        "天津",
        "河北",
        "山西",
        "内蒙古",
        "辽宁",
        "吉林",
        "黑龙江",
        "上海",
        "江苏",
        "浙江",
        "安徽",
        "福建",
        "江西",
        "山东",
        "河南",
        "湖北",
        "湖南",
        "广东",
        "广西",
        "海南",
        "重庆",
        "四川",
        "贵州",
        "云南",
        "西藏",
        "陕西",
        "甘肃",
        "青海",
        "宁夏",
        "新疆",
        "香港",
        "澳门",
        "台湾",
        "海外",
    ]
)
_OUTLET = re.compile(r"(?:社|报|网|台|刊|杂志|客户端|在线|卫视|传媒)$")
_CHROME = re.compile(
    r"^[\W\d_]*$|字号|字体|分享|评论|阅读|打印|收藏|^大\s*中\s*小|浏览|点击|举报|关注|订阅|扫|听新闻|^A[+-]?$|调整|^T[|+-]"
)
_YEAR, _MONTH_DAY = re.compile(r"(?:19|20)\d\d年?"), re.compile(r"\d{1,2}[/.月-]\d{1,2}日?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
_TAG_NAME = re.compile(r"(?:^|[\s_-])(?:tags?|keywords?|biaoqian|guanjianci)(?:$|[\s_-])", re.IGNORECASE)
_TAG_HEAD = re.compile(r"^[\s【\[]*(?:本文|文章|相关|新闻)?(?:标签|关键词|关键字|[Tt]ags?|TAGS?)[\s\]】:：]*")


def extract(page: Page) -> Extraction:
    """What the page prints, as far as its labels and conventions tell."""
    found = Extraction(NAME, VERSION)
    root = page.root.find("body")
    printed, spans = lines_and_spans(root if root is not None else page.root, names_beside)
    where = place.find(page, printed, spans)
    if where is None:
        _headline_alone(found, printed)
        head.complete(page, found)
        return found
    _read_headline(page, found, where)
    after_header = _read_header(found, where)
    _read_body(page, found, where, after_header)
    head.complete(page, found)
    found.breadcrumb = breadcrumb(page, printed)
    found.next_part = next_part(page)
    return found


# ── the headline ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_headline(page: Page, found: Extraction, where: Place) -> None:
    if where.title is not None and where.sure >= 0.55:
        line = where.printed[where.title]
        found.title = Printed(line.text, describe(line.element), "line that <title> repeats, or a heading", where.sure)
        above = [line for line in where.printed[max(0, where.title - 1) : where.title] if line.image is None]
        below = [line for line in where.printed[where.title + 1 : where.title + 2] if line.image is None]
        near = Around(above=[a for a in above if _together(a, line)], between=[b for b in below if _together(b, line)])
        beside_headline(found, near, "labels")
        return
    where.title = None
    text = _without_site(page.head_title)
    if text:
        found.title = Printed(text, "title", "the page's <title> without its site", 0.6)


def _together(line: Line, title: Line) -> bool:
    """Whether a line stands in the same small group as the headline: the same parent, or the parent's parent."""
    parent = title.element.getparent()
    return line.element is title.element or line.element.getparent() is parent or line.element is parent


def _headline_alone(found: Extraction, printed: list[Line]) -> None:
    headings = [line for line in printed if line.image is None and line.element.tag == "h1" and not line.is_linked]
    if len(headings) == 1:
        found.title = Printed(headings[0].text, "h1", "the only h1", 0.6)


def _without_site(title: str) -> str:
    pieces = _SUFFIX.split(title)
    return pieces[0] if pieces and len(pieces[0]) >= 6 else title


# ── time, source, credits ────────────────────────────────────────────────────────────────────────────────────────────


def _read_header(found: Extraction, where: Place) -> int:
    """Reads the lines between headline and body; where the headline stands in the body's element, those below it.

    Returns the index of the first line that is the body's.
    """
    start = where.title + 1 if where.title is not None else max(0, where.first - 8)
    end = max(where.first, start)
    limit = 12 if where.title is not None and where.title >= where.first else 6
    reached = end
    for index in range(end, min(end + limit, where.last + 1)):
        if _is_prose(where.printed[index]) or (where.printed[index].image is not None and index >= where.first):
            break  # behind a picture, a line that credits somebody is its caption
        if is_info(where.printed[index]):
            reached = index + 1
    while end < reached <= where.last and _is_chrome(where.printed[reached]):
        reached += 1
    header = [line for line in where.printed[start:reached] if line.image is None]
    if where.title is not None:
        above = where.printed[max(0, where.title - 3) : where.title]
        header += [line for line in above if is_info(line)]
    for index, line in enumerate(header):
        info_line(found, line, sure=0.9, seamed=with_value(header, index)[0])
    _read_time(found, header)
    if found.source is None:
        _outlet_beside(found, header, where.printed[: where.title or where.first])
    return reached


def _is_prose(line: Line) -> bool:
    """A paragraph: long and with punctuation, or short and ended as a sentence is."""
    if line.image is not None or is_info(line):
        return False
    text = line.text
    return (len(text) > 40 and bool(_PROSE.search(text))) or (
        len(text) >= 15 and text.endswith(("。", "！", "？", "”"))
    )


def _is_chrome(line: Line) -> bool:
    """A line of reading tools, as stand beside the time: `字号 大 中 小`, `3 评论`."""
    return line.image is None and len(line.text) <= 16 and bool(_CHROME.search(line.text))


def _read_time(found: Extraction, header: list[Line]) -> None:
    """A time that is no full date in one line: `2019`, `09/07`, `19:02` in three, `09-07 19:02`, `3小时前`."""
    if found.time is not None:
        _add_clock(found, header)
        return
    for one, two, three in zip(header, header[1:], header[2:], strict=False):
        if _YEAR.fullmatch(one.text) and _MONTH_DAY.fullmatch(two.text) and _CLOCK.fullmatch(three.text):
            text = f"{one.text.rstrip('年')}/{two.text} {three.text}"
            found.time = Printed(text, describe(one.element), "time in three lines", 0.8)
            return
    for line in header:
        text = line.seamed
        if len(text) <= 60 and (
            ((when := times.TWO_DIGITS.search(text) or times.SHORT.search(text)) and when["hour"])
            or (when := times.RELATIVE.search(text))
        ):
            found.time = Printed(collapse(when[0].replace(SEAM, " ")), describe(line.element), "time without year", 0.7)
            return


def _add_clock(found: Extraction, header: list[Line]) -> None:
    """The clock of a day, where it is all that the next line prints."""
    assert found.time is not None
    for day, clock in pairwise(header):
        if day.text.endswith(found.time.text) and _CLOCK.fullmatch(clock.text):
            found.time = replace(found.time, text=f"{found.time.text} {clock.text}", rule="time in two lines")
            return


def _outlet_beside(found: Extraction, header: list[Line], above: list[Line]) -> None:
    """An outlet without label: the element behind the time or before it, or a short line beside it.

    What the menus `above` the headline link to is a column of the site, and where a reader writes from is no outlet.
    """
    if found.time is None or any(part.kind == "source" for line in header for part in labels.parts(line.seamed)):
        return  # a label with nothing behind it says that there is none
    seek = bare(found.time.text)
    at = next((i for i, line in enumerate(header) if seek[:10] in bare(line.text)), None)
    if at is None:  # a time in three lines: the outlet stands behind the last
        at = next((i for i, line in enumerate(header) if _CLOCK.fullmatch(line.text)), None)
    if at is None:
        return
    line = header[at]
    when = times.find(line.seamed) or times.SHORT.search(line.seamed) or times.RELATIVE.search(line.seamed)
    near: list[str] = []
    if when is not None:
        near = line.seamed[when.end() :].split(SEAM) + line.seamed[: when.start()].split(SEAM)[::-1]
    known = {printed.text for printed in (found.kicker, found.title, found.subtitle) if printed}
    around = (*header[at + 1 : at + 3], *reversed(header[max(0, at - 3) : at]))
    beside = [
        piece
        for line in around
        if not line.strong and line.text not in known and len(line.text) <= 30
        for piece in line.seamed.split(SEAM)
    ]
    columns = {piece.strip(BLANKS) for menu in above if menu.linked for piece in menu.pieces}
    for pieces, longest, rule, sure in (
        (near, 24, "beside the time, without label", 0.7),
        (beside, 20, "line beside the time, without label", 0.6),
    ):
        words = [piece.strip(BLANKS + "|｜/·-—:：" + SEAM) for piece in pieces if not labels.parts(piece)]
        words = [
            word
            for word in words
            if 2 <= len(word) <= longest and not _NOT_SOURCE.search(word)
            if word not in _PROVINCES and not names.is_nobody(word) and (len(word) > 3 or word not in columns)
        ]
        if words:
            word = next((word for word in words if _OUTLET.search(word)), words[0])
            _take_outlet(found, word, describe(line.element), rule, sure)
            return


def _take_outlet(found: Extraction, word: str, where: str, rule: str, sure: float) -> None:
    """An unlabelled word as source; of `张三/某报` and `某报 张三` the outlet is, and the person wrote."""
    person, slash, outlet = (part.strip(BLANKS) for part in word.partition("/"))
    if not slash:
        outlet, _, person = (part.strip(BLANKS) for part in word.partition(" "))
    if names.is_person(person) and names.is_outlet(outlet):
        found.bylines.append(Printed(person, where, "person before the outlet", sure, "作者"))
        word = outlet
    found.source = Printed(word, where, rule, sure)


# ── the body ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_body(page: Page, found: Extraction, where: Place, start: int) -> None:
    printed = where.printed
    own = range(max(start, where.first), where.last + 1)
    inside = [i for i in own if i != where.title and not (printed[i].is_linked and len(printed[i].text) < 60)]
    # A name is only a name: where most of the body stands in what is called noise, it is the body.
    noise = where.noise()
    noisy = sum(len(printed[i].text) for i in inside if i in noise)
    if noisy <= 0.3 * sum(len(printed[i].text) for i in inside):
        inside = [i for i in inside if i not in noise]
    tags = _tag_list(where)
    text = [printed[i] for i in inside if i not in tags]
    body = bodies.of_lines(page, _with_tables(text, where.container), where.container)
    found.blocks, found.kind, found.body_where = body.blocks, kind_of(body), describe(where.container)
    elsewhere = where.beside(_BEHIND)
    after = range(where.last + 1, min(len(printed), where.last + 1 + _BEHIND))
    around = [printed[i] for i in (*sorted(noise), *after) if i not in elsewhere]
    behind(page, found, [line for line in (*body.tail, *around) if line.image is None], ())
    if found.tags is None and tags:
        words = SEAM.join(_TAG_HEAD.sub("", printed[i].seamed, count=1).lstrip(">＞ ") for i in tags)
        found.tags = Printed(words, describe(printed[tags[0]].element), "list that is named tags", 0.7)
    if found.source is not None and not found.source.label:
        _not_a_writer(found)


def _not_a_writer(found: Extraction) -> None:
    """A name beside the time that the body's first lines credit is a writer's, not an outlet's."""
    assert found.source is not None
    for block in found.blocks[:3]:
        if (
            found.source.text in block.text
            and len(block.text) < 80
            and re.match(r"[【（(]?(?:文|执笔|撰文|作者)", block.text)
        ):
            found.source = None
            return


def _with_tables(printed: list[Line], container: Element) -> list[Line]:
    """The lines with those of a table of data as one."""
    if container.tag != "table" and container.find(".//table") is None:
        return printed
    tables: dict[Element, list[list[str]] | None] = {}
    found: list[Line] = []
    for line in printed:
        table = _table_around(line.element)
        if table is not None and table not in tables:
            tables[table] = data_rows(table)
        rows = tables.get(table)
        if rows is None:
            found.append(line)
        elif not (found and found[-1].element is table):
            found.append(Line(table, "\n".join("\t".join(row) for row in rows), table=rows))
    return found


def _table_around(element: Element) -> Element | None:
    return element if element.tag == "table" else next(element.iterancestors("table"), None)


def _tag_list(where: Place) -> list[int]:
    """The lines of a list of tags near the article: named so by class or id, or links below a line `标签`."""
    start = where.title if where.title is not None else where.first
    found: list[int] = []
    head = -1
    for index, line in enumerate(where.printed[start : where.last + 1 + _BEHIND], start):
        if line.image is not None or len(line.text) > 120:
            continue
        if _TAG_HEAD.fullmatch(line.text):
            head = index
        elif ((head == index - 1 and line.is_linked) or _is_named_tags(line.element)) and _are_tags(line):
            found.append(index)
        elif found:
            break
    return found


def _is_named_tags(element: Element) -> bool:
    """Whether an element, or one of the two around it, is named after tags."""
    for _ in range(3):
        if element is None or element.tag in ("body", "html"):
            return False
        name, ident = element.get("class"), element.get("id")
        if (name is not None and _names_tags(name)) or (ident is not None and _names_tags(ident)):
            return True
        element = element.getparent()
    return False


@lru_cache(4096)  # the names of a site are few
def _names_tags(name: str) -> bool:
    return bool(_TAG_NAME.search(name))


def _are_tags(line: Line) -> bool:
    if (bodies.is_end(line.text) and not _TAG_HEAD.match(line.text)) or any(
        p.kind != "tags" for p in labels.parts(line.seamed)
    ):
        return False
    words = _TAG_HEAD.sub("", line.seamed, count=1).replace("|", SEAM).split(SEAM)
    return all(len(word) <= 20 and not re.search(r"[，。！？]|^(?:收藏|举报|分享|评论|点赞)$", word) for word in words)
