"""What every reading does the same way once it knows where headline and body stand: the lines around them.

kicker / title / subtitle   lines beside the headline
time · source · credits     labelled lines between headline and body, and behind the body
tags · editor · notice      labelled lines behind the body
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from zjcrawl.lines import SEAM, Line, lines
from zjcrawl.models import ArticleKind, Extraction, Printed
from zjcrawl.normalise import labels, times
from zjcrawl.page import BLANKS, LONGEST_NAME, Element, Page, collapse, text_of, xpath
from zjcrawl.templates import body as bodies
from zjcrawl.urls import canonical, part_number

_LINKS = 60  # characters; what is no more than links, and longer, is a list of other articles
_BEHIND = 60  # lines looked at behind a body: editor, tags and notice stand within the first few
_RELATED = re.compile(
    r"^[\s【\[]*(?:相关(?:阅读|新闻|链接|报道|推荐|专题|文章)|(?:延伸|推荐|热门)(?:阅读|推荐|新闻|文章)|热点|排行|最新(?:新闻|文章|资讯)|猜你喜欢|今日|图片新闻|精彩|专题|更多|网友评论)"
)
# Names of what stands beside an article on sites of every kind; 边栏 and its like print other articles' editors.
_BESIDE = re.compile(
    r"comment|pinglun|relat|recomm|tuijian|sidebar|side(?<![^\s_-]side)|aside|footer|rank|paihang|hot(?:news|list|-|_|\b)|advert|guess"
)
_OWN_FOOTER = re.compile(r"(?:entry|post|article|art|news|meta)[-_]?footer")
_EDITED = re.compile(
    r"^.{0,40}?(?:责任编辑|责编)\s*[:：|｜/／]|^\W*(?:责任编辑|责编|编辑)[\s\x1f\u3000]+[一-鿿]{1,4}(?:[\s、，\u3000]+[一-鿿]{1,4}){0,4}\W*$"
)
_LABEL_ALONE = re.compile(r"^(标签|关键词|关键字|责任编辑|责编|编辑|作者|记者|(?:信息|文章|稿件|新闻)?来源)\s*[:：]?$")
_HEADLINE_LABEL = re.compile(r"^[（(【\[]?(引题|肩题|眉题|副题|副标题)[】\])）]?\s*[:：]\s*")
# Lines of the site's own that stand above or below a headline: hotlines, the weather, the day, its apps and search.
_OF_THE_SITE = re.compile(
    r"热线|\d{7}|今天是|星期[一二三四五六日天]|℃|站内|搜索|扫码|扫一扫|听新闻|客户端|打开|下载|投稿|广告|电话|邮箱|欢迎|关注|(?:新闻网|频道|在线|网站|首页)$"
)
_LAST_CHANGED = re.compile(r"(?:更新|修改|编辑|变更)(?:时间|日期|于)?\s*+(?:[:：]\s*+)?$")
# Of a change, or of the account that wrote: no time of publication.
_OF_ANOTHER = re.compile(rf"(?:更新|修改|编辑(?=时|日|于)|注册|加入|登[录陆])(?:时间|日期|于)?\s?[:：]?[\s{SEAM}]?$")
_FOOTER = re.compile(r"Copyright|©|版权所有|ICP|许可证|网安备|关于我们")
_NOTICE_HEAD = re.compile(
    r"^\s*(?:版权(?:和|及|与)?(?:免责)?(?:申明|声明)|免责(?:申明|声明)|版权声明)\s*+(?:[:：]\s*+)?$"
)
_NOTICE = re.compile(r"凡(?:本网)?注有|独家版权|不得转载|未经.{0,12}许可|免责(?:申明|声明)\s*[:：]|版权声明\s*[:：]")
# Whom to call or write to: the site's, and no part of a notice that stands before it.
_HOTLINE = re.compile(r"^\W*[一-鿿]{0,12}(?:热线|电话|邮箱|投稿|传真|客服|QQ群?|微信号?)\s*[:：]")
_NO_HEADLINE = re.compile(r"位置|[>＞»›→]|。$|分享|字号|评论|打印|登录|收藏|浏览|点击|阅读|\d{1,2}:\d{2}")
_links_with = xpath("//a[contains(@href, $mark)]")
_PART = re.compile(r"_(?:\d{1,2}|ext)$")
_CRUMB_PARTS = re.compile(r"(?<!\s)\s*(?:>|＞|»|›|→)[\s\u00a0]*")


@dataclass(frozen=True, slots=True)
class Marks:
    """Where one markup prints an article: selectors, the likeliest first. An empty tuple: this markup has none."""

    title: tuple[str, ...]
    body: tuple[str, ...]
    time: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    info: tuple[str, ...] = ()
    notice: tuple[str, ...] = ()


@dataclass(slots=True)
class Around:
    """The lines around headline and body: above the headline, the headline's own, between, and behind the body."""

    above: list[Line] = field(default_factory=list)
    title: list[Line] = field(default_factory=list)
    between: list[Line] = field(default_factory=list)
    behind: list[Line] = field(default_factory=list)


def by_marks(page: Page, template: str, version: int, marks: Marks) -> Extraction:
    """The reading of a page whose markup is known: its marks where they stand, labels for all that has no mark."""
    found = Extraction(template, version)
    title, container = page.first(*marks.title), page.first(*marks.body)
    if container is None or title is None:
        found.warnings.append("template_incomplete")
        return found
    around = around_of(page, title[0], container[0])
    found.body_where = container[1]
    _headline(page, found, around, title[1])
    _from_marks(page, found, marks, around)
    _from_info(found, around.between, marks.info[0] if marks.info else "between headline and body")
    read_body(page, found, container[0])
    behind(page, found, around.behind, marks.notice)
    found.breadcrumb = breadcrumb(page)
    found.next_part = next_part(page)
    return found


def read_body(page: Page, found: Extraction, container: Element) -> None:
    """Fills blocks and kind, and takes what labels print at the container's end."""
    body = bodies.read(page, container)
    found.blocks, found.kind = body.blocks, kind_of(body)
    behind(page, found, body.tail, ())


def kind_of(body: bodies.Body) -> ArticleKind:
    """`gallery` where pictures are the article: three or more, no headings, and hardly any prose between them."""
    kinds = [block.kind for block in body.blocks]
    pictures = kinds.count("image")
    if not body.video and pictures < 3:
        return "text"
    prose = sum(len(block.text) for block in body.blocks if block.kind in ("paragraph", "quote", "table"))
    if body.video and prose < 200:
        return "video"
    return "gallery" if pictures >= 3 and "heading" not in kinds and prose < 60 * pictures else "text"


def around_of(page: Page, title: Element, container: Element) -> Around:
    """The lines around headline and body, taken from their nearest common element outwards."""
    around = Around()
    inside = set(title.iterancestors()) | {title}
    path: list[Element] = [container]
    while path[-1] not in inside and path[-1].getparent() is not None:
        path.append(path[-1].getparent())
    common = path[-1]
    before = [line for line in _before(common, path) if line.image is None]
    headline = set(title.iter())
    own = [i for i, line in enumerate(before) if line.element in headline]
    if own:
        around.above, around.between = before[: own[0]], before[own[-1] + 1 :]
        around.title = before[own[0] : own[-1] + 1]
    else:
        around.title, around.between = lines(title), before
    around.behind = list(_behind(container))
    return around


def _before(common: Element, path: list[Element]) -> list[Line]:
    """The lines inside `common` that stand before the innermost element of `path`."""
    found: list[Line] = []
    for outer, inner in zip(reversed(path), [*reversed(path)][1:], strict=False):
        for child in outer:
            if child is inner:
                break
            found += lines(child)
    return found


def _behind(container: Element) -> Iterator[Line]:
    """The lines behind a body, near ones first, to the footer."""
    count, element = 0, container
    while element is not None and element.tag not in ("body", "html") and count < _BEHIND:
        for sibling in element.itersiblings():
            if is_beside(sibling):
                continue
            for line in lines(sibling):
                if _FOOTER.search(line.text) and not _NOTICE.search(line.text):
                    return
                yield line
                count += 1
                if count >= _BEHIND:
                    return
        element = element.getparent()


def is_beside(element: Element) -> bool:
    """Whether an element is a part of the page beside the article, by its tag or its name."""
    name, ident = element.get("class"), element.get("id")
    if element.tag in ("aside", "footer", "nav") and not (name and _OWN_FOOTER.search(name.lower())):
        return True
    return (name is not None and names_beside(name[:LONGEST_NAME])) or (
        ident is not None and names_beside(ident[:LONGEST_NAME])
    )


@lru_cache(4096)  # the names of a site are few
def names_beside(name: str) -> bool:
    """Whether a class or id is the name of a part of the page beside the article."""
    name = name.lower()
    return bool(_BESIDE.search(name)) and not _OWN_FOOTER.search(name)


def _headline(page: Page, found: Extraction, around: Around, where: str) -> None:
    own = [line.text for line in around.title]
    if not own:
        return
    own = _unbroken(own, page.head_title)
    index = next((i for i, text in enumerate(own) if len(text) > 3 and page.head_title.startswith(text)), 0)
    rule = f"{found.template}.title"
    found.title = Printed(own[index], where, rule)
    if index:
        found.kicker = Printed(own[index - 1], where, f"{rule}: line above the headline in its element")
    if own[index + 1 :]:
        found.subtitle = Printed(own[index + 1], where, f"{rule}: line below the headline in its element")
    beside_headline(found, around, rule)


def _unbroken(printed: list[str], head_title: str) -> list[str]:
    """The lines of a headline, those as one that only a line break parts: <title> prints them without one."""
    for first in range(len(printed)):
        for last in range(len(printed), first + 1, -1):
            whole = "".join(printed[first:last])
            if len(whole) > 3 and head_title.startswith(whole):
                return [*printed[:first], whole, *printed[last:]]
    return printed


def beside_headline(found: Extraction, around: Around, rule: str) -> None:
    """引题 and 副题: an unlabelled, unlinked line directly above or below the headline."""
    if found.kicker is None and around.above and _is_headline_like(around.above[-1], found):
        line = around.above[-1]
        found.kicker = _beside(line, f"{rule}: line above the headline")
    if found.subtitle is None and around.between and _is_headline_like(around.between[0], found):
        line = around.between[0]
        found.subtitle = _beside(line, f"{rule}: line below the headline")
        del around.between[0]


def _beside(line: Line, rule: str) -> Printed:
    """A kicker or subtitle without the label some pages print before it."""
    label = _HEADLINE_LABEL.match(line.text)
    text = line.text[label.end() :] if label else line.text
    return Printed(text, describe(line.element), rule, 1.0 if label else 0.8, label[1] if label else "")


def _is_headline_like(line: Line, found: Extraction) -> bool:
    text = line.text
    return (
        4 <= len(text) <= 80
        and line.linked == 0
        and not (found.title is not None and text == found.title.text)
        and not _OF_THE_SITE.search(text)
        and not _NO_HEADLINE.search(text)
        and not times.find(text)
        and not labels.parts(line.seamed)
    )


def _from_marks(page: Page, found: Extraction, marks: Marks, around: Around) -> None:
    for selector in marks.time:
        if found.time is None:
            for element in page.each(selector):
                text = text_of(element)
                if when := _published(text):
                    found.time = Printed(when[0].strip(BLANKS), selector, f"{found.template}.time")
                    break
    if found.time is None:
        _time_without_year(page, found, marks)
    for selector in marks.source:
        if found.source is None and (element := next(page.each(selector), None)) is not None:
            _labelled(found, _seamed(element), selector, default="source")
    for selector in marks.author:
        if (element := next(page.each(selector), None)) is not None:
            text = _seamed(element)
            if text:
                found.bylines.append(
                    Printed(text, selector, f"{found.template}.author", label="" if labels.parts(text) else "作者")
                )


def _labelled(found: Extraction, seamed: str, where: str, default: str) -> None:
    """A marked element whose text may or may not carry its label, and may carry others behind it."""
    rule = f"{found.template}.{default}"
    source = next((part for part in labels.parts(seamed) if part.kind == "source"), None)
    text = labels.source_of(source) if source else labels.plain(labels.lead(seamed))
    if text:
        found.source = Printed(text, where, rule, label=source.label if source else "")
    for part in labels.parts(seamed):
        if part.kind == "credit":
            found.bylines.append(Printed(part.whole, where, f"label {part.label}", label=part.label))


def _from_info(found: Extraction, between: list[Line], where: str) -> None:
    """Time, source and credits from the labelled lines between headline and body, where no mark gave them."""
    for line in between:
        info_line(found, line, where)


def info_line(found: Extraction, line: Line, where: str = "", sure: float = 0.95, seamed: str | None = None) -> bool:
    """Takes what one line labels into an extraction; whether it was such a line. `seamed`: with the value behind it."""
    seamed = line.seamed if seamed is None else seamed
    where = where or describe(line.element)
    taken = False
    for part in labels.parts(seamed):
        rule = f"label {part.label}"
        if part.kind == "source" and found.source is None and (text := labels.source_of(part)):
            found.source = Printed(text, where, rule, sure, part.label)
        elif part.kind == "credit":
            if part.whole not in [printed.text for printed in found.bylines]:
                found.bylines.append(Printed(part.whole, where, rule, sure, part.label))
        elif part.kind == "tags" and found.tags is None and labels.plain(part.text):
            found.tags = Printed(part.text, where, rule, sure, part.label)
        elif part.kind == "other":
            continue
        taken = True
    if found.time is None and (when := _time_in(seamed)):
        found.time = Printed(when, where, "time in the line of the headline", sure)
        taken = True
    return taken


def _published(text: str) -> re.Match[str] | None:
    """The first full date of a text that is not said to be that of a change; if all are, the first."""
    found = list(times.FULL.finditer(text))
    return next(
        (when for when in found if not _LAST_CHANGED.search(text, 0, when.start())), found[0] if found else None
    )


def _time_without_year(page: Page, found: Extraction, marks: Marks) -> None:
    """`04月16日 09:30` where the time stands: the year may be the address's."""
    for selector in marks.time:
        for element in islice(page.each(selector), 1):
            when = times.SHORT.search(text_of(element))
            if found.time is None and when is not None and when["hour"]:
                found.time = Printed(when[0].strip(BLANKS), selector, f"{found.template}.time")


def _time_in(seamed: str) -> str | None:
    """The publication time printed in a line, not one that another label names (`最后更新`)."""
    seamed = labels.tight(seamed)
    printed = labels.parts(seamed)
    for part in printed:
        if part.kind == "time" and (when := times.find(part.text)):
            return collapse(when[0].replace(SEAM, " "))
    blocked = [part for part in printed if part.kind in ("other", "tags")]
    found = [*times.FULL.finditer(seamed)] or [when for when in (times.find(seamed),) if when]
    for when in found:
        if _OF_ANOTHER.search(seamed, 0, when.start()):
            continue
        if not any(part.start <= when.start() < part.start + len(part.whole) for part in blocked):
            return collapse(when[0].replace(SEAM, " "))
    return None


def behind(page: Page, found: Extraction, printed: list[Line], notice_marks: tuple[str, ...]) -> None:
    """Editor, tags, notice (and a time or source not printed above) from the lines behind the body."""
    for selector in notice_marks:
        if found.notice is None and (element := next(page.each(selector), None)) is not None:
            kept = [line.text for line in lines(element) if line.text and not _NOTICE_HEAD.match(line.text)]
            if kept:
                found.notice = Printed("\n".join(kept), selector, f"{found.template}.notice")
    notice = {line.element for selector in notice_marks for e in page.each(selector) for line in lines(e)}
    credited = len(printed)  # the first line with credits; another article's stand further off
    until = 0  # the notice speaks of 来源 too, and labels nothing
    related = False
    for index, line in enumerate(printed):
        text = line.text
        if index < until or line.element in notice:
            continue
        if _RELATED.match(text) and (line.linked * 2 >= len(text) or len(text) < 12):
            related = True
            continue
        if line.is_linked and len(text) > _LINKS:
            continue
        is_notice = bool(_NOTICE_HEAD.match(text) or _NOTICE.search(text))
        if (
            related and not is_notice
        ):  # other articles' links; the editor's line may still stand behind them, and says so itself
            if credited == len(printed) and _EDITED.match(text) and not line.is_linked:
                found.bylines += [
                    Printed(part.whole, describe(line.element), f"label {part.label}", 0.9, part.label)
                    for part in labels.parts(line.seamed)
                    if part.kind == "credit" and part.whole not in [b.text for b in found.bylines]
                ]
                credited = index
            continue
        if is_notice:
            first = index + bool(_NOTICE_HEAD.match(text))
            until = first + _notice(found, printed[first:])
            continue
        seamed, until = with_value(printed, index)
        for part in labels.parts(seamed):
            rule, where = f"label {part.label}", describe(line.element)
            if part.kind == "credit" and not _says(part.whole):
                credited = min(credited, index)
                if index <= credited + 8 and part.whole not in [b.text for b in found.bylines]:
                    found.bylines.append(Printed(part.whole, where, rule, 0.95, part.label))
            elif part.kind == "tags" and found.tags is None and labels.plain(part.text):
                found.tags = Printed(part.text, where, rule, 0.95, part.label)
            elif part.kind == "source" and found.source is None and 0 < len(source := labels.source_of(part)) <= 24:
                found.source = Printed(source, where, rule, 0.8, part.label)
            elif part.kind == "time" and found.time is None and (when := times.find(part.text)):
                found.time = Printed(when[0].strip(BLANKS + SEAM), where, rule, 0.8, part.label)


def with_value(printed: list[Line], index: int) -> tuple[str, int]:
    """A line as labels read it, with the lines of its value where the label stands alone (in cells, a `dt`, a list).

    Also the index behind what was taken.
    """
    line = printed[index]
    alone = _LABEL_ALONE.match(line.text)
    if alone is None:
        return line.seamed, index + 1
    most = 12 if alone[1] in ("标签", "关键词", "关键字") else 1
    values: list[str] = []
    for value in printed[index + 1 : index + 1 + most]:
        short = value.image is None and len(value.text) <= 20 and not labels.parts(value.seamed)
        if not short or _LABEL_ALONE.match(value.text) or (values and not value.is_linked):
            break
        values.append(value.seamed)
    return SEAM.join([f"{alone[1]}：", *values]), index + 1 + len(values)


def _says(text: str) -> bool:
    """Whether a line is a sentence: `记者从市政府获悉，…` names nobody."""
    return len(text) > 24 and bool(re.search(r"[。！？；]|，.*，", text[:400]))


def _notice(found: Extraction, printed: list[Line]) -> int:
    """Keeps the paragraphs of a notice, unless a mark gave them; how many lines it is."""
    kept: list[str] = []
    for line in printed[:12]:
        if line.image is not None or (_FOOTER.search(line.text) and not _NOTICE.search(line.text)):
            break
        if line.is_linked or _RELATED.match(line.text) or (kept and len(line.text) < 10):
            break
        if _HOTLINE.match(line.text) and not _NOTICE.search(line.text):
            break
        kept.append(line.text)
    if kept and found.notice is None:
        found.notice = Printed("\n".join(kept), describe(printed[0].element), "label 版权和免责申明", 0.9)
    return len(kept)


def breadcrumb(page: Page, printed: Iterable[Line] | None = None) -> Printed | None:
    """The way from the front page, as printed after 您当前的位置; its parts joined by ` > `.

    `printed`: the lines of the page, where they are known.
    """
    if "位置" not in page.decoded.text and "CurrChnlCls" not in page.decoded.text:
        return None
    for element in islice(_crumb_holders(page, printed), 9):
        for _ in range(4):
            if element is None or element.tag in ("body", "html", "script", "style"):
                break
            text = text_of(element)
            if len(text) >= 200:
                break
            if len(parts := crumbs(text)) > 1:
                return Printed(" > ".join(parts), describe(element), "label 位置", 1.0, "位置")
            element = element.getparent()
    return None


def _crumb_holders(page: Page, printed: Iterable[Line] | None) -> Iterator[Element]:
    if printed is not None:
        yield from (line.element for line in printed if "位置" in line.text)
    else:
        yield from page.holding("位置")  # nearly always the one, and found without a walk
        for element in page.root.iter():
            if (text := element.text) and "位置" in text:
                yield element
            elif (text := element.tail) and "位置" in text:
                yield element.getparent()
    if "CurrChnlCls" in page.decoded.text:
        yield from islice(page.each("a.CurrChnlCls"), 1)


def crumbs(text: str) -> list[str]:
    """The parts of a printed breadcrumb, without 您当前的位置 before and 正文 behind."""
    mark = re.search(r"位置[\s\u00a0]*[:：]?", text)
    parts = [part.strip(BLANKS + ":：") for part in _CRUMB_PARTS.split(text[mark.end() :] if mark else text)]
    if parts:
        parts[-1] = re.sub(r"(?<!\s)\s*(?:正文|内容|详情)$", "", parts[-1])
    return [part for part in parts if part]


def next_part(page: Page) -> str | None:
    """The following page of a multi-page article: a link to its next `_NN`, whatever it is called (下一页, or `2`)."""
    here = part_number(page.url)
    name = _PART.sub("", page.url.rpartition("/")[2].partition(".")[0])
    if not name or (mark := f"{name}_{here:02}.") not in page.decoded.text:
        return None
    for link in _links_with(page.root, mark=mark):
        address = page.link(link.get("href"))
        if address and canonical(address) == canonical(page.url) and part_number(address) == here + 1:
            return address
    return None


def describe(element: Element) -> str:
    """An element as a short selector for the evidence: `div.time`, `p#from`."""
    name = str(element.tag)
    if marker := element.get("id"):
        return f"{name}#{marker.strip()}"
    classes = (element.get("class") or "").split()
    if classes:
        return f"{name}.{'.'.join(classes[:2])}"
    for number, above in enumerate(element.iterancestors()):
        if number == 8 or above.tag in ("body", "html"):
            break
        if above.get("id") or (above.get("class") or "").split():
            return f"{describe(above)} {name}" if number else f"{describe(above)} > {name}"
    return name


def _seamed(element: Element) -> str:
    return SEAM.join(line.seamed for line in lines(element))
