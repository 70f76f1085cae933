"""The reading of a page that no template claims: by what all Chinese news pages print, not by any page's names.

    lines of the page ─▶ body: the element that holds most prose and least else
                      ─▶ headline: the line above it that the page's own <title> repeats
                      ─▶ time, source, credits: labelled lines between them, then behind the body, then metas
Every candidate is scored; what is found less surely than normalise.SURE_ENOUGH becomes null with a warning.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from zjcrawl.lines import HEADING, SEAM, Line, lines
from zjcrawl.models import Extraction, Printed
from zjcrawl.normalise import labels, names, times
from zjcrawl.page import BLANKS, Element, Page, collapse
from zjcrawl.templates import body as bodies
from zjcrawl.templates.reading import (
    Around,
    behind,
    beside_headline,
    breadcrumb,
    crumbs,
    describe,
    info_line,
    next_part,
)

NAME, VERSION = "labels", 1

# Words that name a part of a page, in class and id, on sites of every kind. Chinese ones are in pinyin.
_ELSEWHERE = re.compile(
    r"comment|pinglun|reply|relat|recomm|tuijian|sidebar|side-|aside|footer|foot_|copyright|breadcrumb|rank|paihang|hotnews|hot-|login|"
    r"share|advert|guess|qrcode|toolbar|dialog|popup|modal|subscribe|player|navbar|menu|topbar",
    re.IGNORECASE,
)
_BODY_NAME = re.compile(
    r"article|content|artcon|art-con|conttxt|zoom|trs_|ueditor|news_?txt|newstext|text-?con|post_?body|post_?text|main-?text|zhengwen|detail|rich_media|endtext|paragraph",
    re.IGNORECASE,
)
_TITLE_NAME = re.compile(r"title|headline|biaoti|(?:^|[-_])tit(?:$|[-_])|subject", re.IGNORECASE)
_PROSE = re.compile(r"[，。！？；、：“”,.!?;]")
_SUFFIX = re.compile(r"\s*(?:[-_|｜—–·]+|--)\s*")
_TIME_METAS = (
    "article:published_time",
    "og:published_time",
    "publishdate",
    "pubdate",
    "publishtime",
    "pubtime",
    "datepublished",
    "og:release_date",
    "article:create_at",
    "weibo:article:create_at",
    "apub:time",
    "dateupdate",
)
_NOT_SOURCE = re.compile(
    r"^\W*$|^\d|评论|阅读|浏览|点击|分享|字号|打印|收藏|登录|注册|首页|正文|原创|转载|关注|更新|发布|人气|参与|\d{1,2}:\d{2}|我要|订阅|客户端下载|手机|微信|微博|[。！？]$|查看|举报|编辑|来源|责编|大小|下载"
)
_YEAR, _MONTH_DAY, _HOUR = re.compile(r"(?:19|20)\d\d年?"), re.compile(r"\d{1,2}[/.-]\d{1,2}"), re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")


@dataclass(slots=True)
class _Sum:
    """What an element holds: characters of prose, of links and of what portals print around articles."""

    prose: float = 0.0
    other: float = 0.0
    order: int = 0


@dataclass(slots=True)
class _Found:
    """Headline and body among the lines of the page: index of the headline, first and last index of the body."""

    printed: list[Line]
    container: Element
    first: int
    last: int
    title: int | None = None
    sure: float = 0.0
    skip: set[int] = field(default_factory=set)


def extract(page: Page) -> Extraction:
    """What the page prints, as far as its labels and conventions tell."""
    found = Extraction(NAME, VERSION)
    root = page.root.find("body")
    printed = lines(root if root is not None else page.root, tables=False)
    where = _body(printed)
    if where is None:
        _headline_alone(page, found, printed)
        return found
    _find_headline(page, where)
    _read_headline(page, found, where)
    _read_header(page, found, where)
    _read_body(page, found, where)
    _from_metas(page, found)
    found.breadcrumb = breadcrumb(page)
    found.next_part = next_part(page)
    return found


# ── where the body stands ────────────────────────────────────────────────────────────────────────────────────────────


def _body(printed: list[Line]) -> _Found | None:
    """The element with most prose and least else; the innermost of equals."""
    sums: dict[Element, _Sum] = defaultdict(_Sum)
    elsewhere: dict[Element, bool] = {}
    for line in printed:
        if line.image is not None:
            continue
        prose, other = _weight(line)
        if _is_elsewhere(line.element, elsewhere):
            prose, other = 0.0, other + 0.3 * prose
        depth, element = 0, line.element
        while element is not None:
            held = sums[element]
            held.prose += prose
            held.other += other
            element, depth = element.getparent(), depth + 1
    best, best_score = None, 0.0
    for element, held in sums.items():
        score = held.prose - 1.2 * held.other
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        if _BODY_NAME.search(name):
            score *= 1.1
        if element.tag == "article":
            score *= 1.1
        if element.tag in ("p", "span", "li", "td") and held.prose < 400:
            score *= 0.8
        if score > best_score * 1.001 or (best is not None and score >= best_score * 0.999 and best in element.iterancestors()):
            best, best_score = element, max(score, best_score)
    if best is None or best_score < 20:
        return None
    inside = [i for i, line in enumerate(printed) if line.element is best or best in line.element.iterancestors()]
    return _Found(printed, best, inside[0], inside[-1])


def _weight(line: Line) -> tuple[float, float]:
    """(prose, other) of a line, in characters."""
    size = len(line.text)
    if line.is_linked:
        return 0.0, float(size)
    if bodies.is_end(line.text):
        return 0.0, float(min(size, 100))
    own = size - line.linked
    if size >= 12 and _PROSE.search(line.text) or size >= 40:
        return float(min(own, 1000)), float(line.linked) * 0.5
    return 0.25 * own, float(line.linked)


def _is_elsewhere(element: Element, known: dict[Element, bool]) -> bool:
    """Whether the element stands in a part of the page that is named after something else than the article."""
    chain = []
    while element is not None and element not in known:
        chain.append(element)
        element = element.getparent()
    answer = known[element] if element is not None else False
    for member in reversed(chain):
        name = f"{member.get('class') or ''} {member.get('id') or ''}"
        answer = answer or member.tag in ("footer", "nav", "aside") or bool(_ELSEWHERE.search(name) and member.tag != "body")
        known[member] = answer
    return answer


# ── the headline ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _find_headline(page: Page, where: _Found) -> None:
    head = _bare(page.head_title)
    shared = _bare(page.metas.get("og:title", ""))
    best = 0.0
    for index, line in enumerate(where.printed[: where.last + 1]):
        if line.image is not None or not 3 < len(line.text) <= 150:
            continue
        if index > where.first + 12:
            break
        score = _headline_score(line, head, shared, max(0, where.first - index))
        if score > best:
            best, where.title, where.sure = score, index, min(1.0, 0.4 + score / 6)


def _headline_score(line: Line, head: str, shared: str, distance: int) -> float:
    text = _bare(line.text)
    score = 0.0
    if head.startswith(text) or shared.startswith(text) and shared:
        score += 3.0 * min(1.0, len(text) / max(8, min(len(head) or 99, len(shared) or 99)) + 0.4)
    elif len(text) > 6 and (text in head or (shared and text in shared)):
        score += 1.5
    if line.element.tag in HEADING:
        score += {"h1": 1.5, "h2": 1.0}.get(line.element.tag, 0.7)
    name = f"{line.element.get('class') or ''} {line.element.get('id') or ''}"
    if _TITLE_NAME.search(name):
        score += 0.8
    if line.is_linked:
        score -= 1.5
    if labels.parts(line.seamed) or times.find(line.text) or len(crumbs(line.text)) > 2:
        score -= 2.0
    if re.search(r"[。；]$", line.text):
        score -= 1.0
    return score - min(1.0, distance / 60)


def _read_headline(page: Page, found: Extraction, where: _Found) -> None:
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


def _headline_alone(page: Page, found: Extraction, printed: list[Line]) -> None:
    headings = [line for line in printed if line.image is None and line.element.tag == "h1" and not line.is_linked]
    if len(headings) == 1:
        found.title = Printed(headings[0].text, "h1", "the only h1", 0.6)


def _without_site(title: str) -> str:
    pieces = _SUFFIX.split(title)
    return pieces[0] if pieces and len(pieces[0]) >= 6 else title


def _bare(text: str) -> str:
    return "".join(text.split()).replace("\u00a0", "").replace("\u3000", "")


# ── time, source, credits ────────────────────────────────────────────────────────────────────────────────────────────


def _read_header(page: Page, found: Extraction, where: _Found) -> None:
    """The lines between headline and body; where the headline stands in the body's element, those below it."""
    start = where.title + 1 if where.title is not None else max(0, where.first - 8)
    end = where.first
    if where.title is not None and where.title >= where.first:
        end = start
        while end <= where.last and end - start < 12 and not _is_prose(where.printed[end]):
            end += 1
        while end > start and not _has_info(where.printed[end - 1]):
            end -= 1
    else:
        while end <= where.last and end - where.first < 6 and _has_info(where.printed[end]):
            end += 1
    where.skip = set(range(where.first, end))
    header = [line for line in where.printed[start:end] if line.image is None]
    if where.title is not None:
        header += [line for line in where.printed[max(0, where.title - 3) : where.title] if line.image is None and _has_info(line)]
    for line in header:
        info_line(found, line, sure=0.9)
    if found.time is None:
        found.time = _time_in_pieces(header)
    if found.source is None:
        found.source = _outlet_beside(header, found)


def _is_prose(line: Line) -> bool:
    return line.image is None and len(line.text) > 40 and bool(_PROSE.search(line.text)) and not _has_info(line)


def _has_info(line: Line) -> bool:
    """Whether a line is one of those that print time, source or credits, and little else."""
    if line.image is not None or len(line.text) > 120:
        return False
    kinds = {part.kind for part in labels.parts(line.seamed)}
    if kinds & {"source", "time", "credit"}:
        return not re.search(r"[。！？]", line.text)
    when = times.find(line.text)
    return bool(when and len(line.text) - len(when[0]) < 30)


def _time_in_pieces(header: list[Line]) -> Printed | None:
    """A time printed as three lines: `2019`, `09/07`, `19:02`."""
    for one, two, three in zip(header, header[1:], header[2:], strict=False):
        if _YEAR.fullmatch(one.text) and _MONTH_DAY.fullmatch(two.text) and _HOUR.fullmatch(three.text):
            text = f"{one.text}/{two.text} {three.text}"
            return Printed(text, describe(one.element), "time in three lines", 0.8)
    return None


def _outlet_beside(header: list[Line], found: Extraction) -> Printed | None:
    """An outlet without label: the element behind the time, before it, or a short line beside it."""
    if found.time is None:
        return None
    at = next((i for i, line in enumerate(header) if _shows(line, found.time.text)), None)
    if at is None:
        return None
    when = times.FULL.search(header[at].seamed) or times.SHORT.search(header[at].seamed)
    if when is None:
        return None
    seamed = header[at].seamed
    pieces = seamed[when.end() :].split(SEAM) + seamed[: when.start()].split(SEAM)[::-1]
    for piece in pieces:
        text = piece.strip(BLANKS + "|｜/·-—:：")
        if 2 <= len(text) <= 24 and not _NOT_SOURCE.search(text) and not labels.parts(piece):
            return Printed(text, describe(header[at].element), "beside the time, without label", 0.7)
    for line in (*header[at + 1 : at + 3], *reversed(header[max(0, at - 3) : at])):
        text = line.text
        if 2 <= len(text) <= 20 and not _NOT_SOURCE.search(text) and not labels.parts(line.seamed) and not line.strong:
            return Printed(text, describe(line.element), "line beside the time, without label", 0.6)
    return None


def _shows(line: Line, text: str) -> bool:
    return _bare(text)[:10] in _bare(line.text)


def _from_metas(page: Page, found: Extraction) -> None:
    """What only the head states: a time, and keywords where they are the article's."""
    if found.time is None:
        for name in _TIME_METAS:
            if (text := page.metas.get(name)) and times.read(text).at is not None:
                found.time = Printed(text, f"meta[name={name}]", "meta of the publication time", 0.7)
                break
    if found.tags is None and (text := page.metas.get("keywords")):
        words = [word.strip(BLANKS) for word in re.split(r"[,，;；、]", text) if word.strip(BLANKS)]
        article = (found.title.text if found.title else "") + "".join(block.text for block in found.blocks)
        told = sum(word in article for word in words)
        if 1 <= len(words) <= 10 and told >= 0.6 * len(words) and all(len(word) <= 14 for word in words):
            if not (len(words) == 1 and " " in words[0]):
                found.tags = Printed(text, "meta[name=keywords]", "keywords that the article uses", 0.6)


# ── the body ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_body(page: Page, found: Extraction, where: _Found) -> None:
    noise = [element for selector in bodies.NOISE for element in page.many(selector)]
    skipped = {id(where.printed[i].element) for i in where.skip} | (
        {id(where.printed[where.title].element)} if where.title is not None and where.title >= where.first else set()
    )
    inside = [
        line
        for line in lines(where.container, tables=True, without=noise)
        if id(line.element) not in skipped or (line.element is where.container and not _has_info(line) and len(line.text) > 60)
    ]
    body = bodies.of_lines(page, [line for line in inside if not _is_link_list(line)], where.container)
    found.blocks = body.blocks
    found.body_where = describe(where.container)
    if body.video and body.size < 200:
        found.kind = "video"
    pictures = sum(block.kind == "image" for block in body.blocks)
    prose = sum(len(block.text) for block in body.blocks if block.kind in ("paragraph", "quote", "table"))
    if pictures >= 3 and prose < 60 * pictures:
        found.kind = "gallery"
    behind(page, found, [*body.tail, *[line for line in where.printed[where.last + 1 : where.last + 40] if line.image is None]], ())


def _is_link_list(line: Line) -> bool:
    """A line that is nothing but one link, unless it is long enough to be a sentence of the article."""
    return line.is_linked and len(line.text) < 60
