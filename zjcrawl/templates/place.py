"""Where a page that no template claims prints its article: the element of the body, the line of the headline.

The body is the element that holds most prose and least else. The headline is the line before it that the page's own
<title> repeats, or a heading that stands above the line with time and source.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from zjcrawl.lines import HEADING, Line, Span
from zjcrawl.normalise import labels, times
from zjcrawl.page import Element, Page, name_of
from zjcrawl.templates import body as bodies
from zjcrawl.templates.reading import is_beside

# Words that name a part of a page, in class and id, on sites of every kind, in small letters. Chinese ones are in pinyin.
_ELSEWHERE = re.compile(
    r"comment|pinglun|reply|relat|recomm|tuijian|sidebar|side-|aside|footer|foot_|copyright|breadcrumb|rank|paihang|"
    r"hotnews|hot-|login|share|advert|guess|qrcode|toolbar|dialog|popup|modal|subscribe|player|navbar|menu|topbar"
)
_NEVER = frozenset(["comment", "pinglun", "reply", "footer", "foot_", "copyright", "nav", "aside", "sidebar", "login"])
_BODY_NAME = re.compile(
    r"article|content|artcon|art-con|conttxt|zoom|trs_|ueditor|news_?txt|newstext|text-?con|post_?body|post_?text|"
    r"main-?text|zhengwen|detail|rich_media|endtext|paragraph"
)
# Names that a body's own element bears, and hardly any other.
_BODY_ITSELF = re.compile(
    r"(?:^|\s)(?:artibody|(?:article|news|post|entry|art|main|detail|text|cont(?:ent)?)[-_]?(?:body|txt|text)|"
    r"(?:article|news|post|entry|art)[-_]?con(?:tent)?|conttxt|trs_(?:web)?editor|trs_ueditor|zoom|zhengwen|endtext|"
    r"rich_media_content)(?:\s|$)"
)
# What the columns of a site are called, in headings above their articles' own.
_COLUMN = re.compile(r"(?:中心|频道|新闻|资讯|动态|公告|要闻|专栏|栏目|专题|快讯|头条|正文|详情|内容|信息|公开|网|报)$")
_TITLE_NAME = re.compile(r"title|headline|biaoti|(?:^|[-_])tit(?:$|[-_])|subject")
_PROSE = re.compile(r"[，。！？；、：“”,.!?;]")
_LIST_TAGS = frozenset(["li", "dt", "dd", "ul", "ol", "dl", "h1", "h2", "h3", "h4", "h5", "h6"])
_NOTICE_HEAD = re.compile(r"^(?:版权|免责)\S{0,10}\s*[:：]?$")
# What a site says of itself at its foot.
_IMPRINT = re.compile(
    r"ICP备|ICP证|网安备|备案号|许可证|All Rights? Reserved|Copyright|版权所有"
    r"|邮编\s*[:：]|邮政编码\s*[:：]|传真\s*[:：]|电话\s*[:：]|热线\s*[:：]|主办\s*[:：]|承办\s*[:：]|主办单位\s*[:：]"
)
# The heading of the comments: nothing behind it is the article.
_COMMENTS = re.compile(
    r"(?:网友|最新|热门|精彩|全部|用户|读者|发表|文章|我要)(?:评论|跟贴|跟帖|留言)\s*+[（(]?共?\s*+\d*+\s*+条?[）)]?\s*+[:：]?|评论(?:区|\s*+[（(]?\s*+\d++\s*+条?[）)]?)"
)
_POSITION = re.compile(r"\W*[您你]?(?:当前|现在|目前|所在)?的?(?:当前|所在)?位置\s*[:：是]")
_REPLY = re.compile(r"(?:^|[\s|｜·]|\d)\W?回复\W*\d*\W*(?:$|[\s（(赞])")
_NOTICE_LINES = 4
_OTHER = 1.2  # what a character that is no prose takes away
_BRIEF = 600.0  # characters of prose; with less, an article is looked for again where it must stand
_PICTURE = 30.0  # characters that a picture of a gallery counts for
_INFO = 60  # characters; what is longer and prints a time is a text
_LITTLE = 60.0  # characters of pager and links that may stand beside a brief's only paragraph
_PARAGRAPH = 12.0  # characters of prose; a line or an element's lines with as much say something
SURE_TITLE = 0.55  # a headline less sure is none: <title> says more
_PART = 60.0  # characters of prose; an element that goes on with a text has more
_COMMENTED = 3  # lines to reply with; fewer are no comments of readers
_ALONE = 20  # characters of a line that prints a time and nothing else
_DATED = 40  # characters of a line that prints another article's time, and its outlet
_SUMMARIES = 3  # paragraphs below linked headlines; fewer can be those of a text with links in its midst
_LEAST = 12.0  # characters; so little prose is no article


@dataclass(frozen=True, slots=True)
class _Held:
    """What an element holds: characters of prose, and of links and of what portals print around articles.

    `first` and `end` are the indexes of its lines, the last one excluded.
    """

    prose: float
    other: float
    first: int
    end: int


@dataclass(slots=True)
class Place:
    """Headline and body among the lines of a page: indexes of the headline, of the body's first and last line."""

    printed: list[Line]
    spans: list[Span]
    container: Element
    first: int
    last: int
    title: int | None = None
    sure: float = 0.0
    between: frozenset[int] = frozenset()  # lines between the two halves of a body, that are none of it

    def noise(self) -> set[int]:
        """The body's lines that stand in elements of it that are named after something else."""
        inner = next((i + 1 for i, span in enumerate(self.spans) if span.element is self.container), len(self.spans))
        within = (span for span in self.spans[inner:] if self.first <= span.first and span.end <= self.last + 1)
        return _named(self.printed, within, range(self.first, self.last + 1), bodies.is_noise, self.container)

    def beside(self, behind: int) -> set[int]:
        """The lines of the body, and as many behind it, that stand in parts of the page beside the article.

        Other articles' editors are printed there.
        """
        end = min(len(self.printed), self.last + 1 + behind)
        touching = (span for span in self.spans if span.end > self.first and span.first < end)
        return _named(self.printed, touching, range(self.first, end), is_beside)


def _named(
    printed: list[Line], spans: Iterable[Span], lines: range, judge: Callable[[Element], bool], but: Element = None
) -> set[int]:
    """The indexes of lines that stand in elements which `judge` tells by their names."""
    found = {i for i in lines if (element := printed[i].element) is not but and judge(element)}
    known = 0  # up to here, what inner spans hold is found already
    for element, first, end in spans:
        if end > known and element.tag not in ("body", "html") and judge(element):
            found.update(range(first, end))
            known = end
    return found


def find(page: Page, printed: list[Line], spans: list[Span]) -> Place | None:
    """Where body and headline stand, or None where nothing on the page is prose enough to be an article."""
    place = _body(printed, spans)
    if place is not None:
        _headline(page, place)
    return place


class _Named(NamedTuple):
    """What class and id say of an element: a word for what is not the article, and what of the article it may be."""

    elsewhere: str
    body: bool
    body_itself: bool
    title: bool


def _name(element: Element) -> _Named:
    return _judged(name_of(element))


@lru_cache(4096)  # the names of a site are few
def _judged(name: str) -> _Named:
    name = name.lower()
    elsewhere = _ELSEWHERE.search(name)
    return _Named(
        elsewhere[0] if elsewhere else "",
        bool(_BODY_NAME.search(name)),
        bool(_BODY_ITSELF.search(name)),
        bool(_TITLE_NAME.search(name)),
    )


# ── the body ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _body(printed: list[Line], spans: list[Span]) -> Place | None:
    held = everywhere = _holders(printed, spans, range(len(printed)))
    best = max(held, key=lambda element: _score(element, held[element]), default=None)
    if best is None or held[best].prose < _BRIEF:
        # A brief or a gallery: the page's own notices can be longer. It stands behind the line of time and source.
        near = _holders(printed, spans, _below_the_time(printed), pictures=True)
        # Outer elements come first and hold no more here: of equals, the innermost.
        nearest = max(reversed(near), key=lambda element: _score(element, near[element]), default=None)
        if nearest is not None and _is_nearer(nearest, best, held, near):
            held, best = near, nearest
    if best is None or _score(best, held[best]) < _LEAST:
        return None
    # One paragraph is a brief's whole text, but what holds it holds its pictures, player and signature too.
    around = best.getparent()
    if best.tag == "p" and around in held and held[around].other - held[best].other < _LITTLE:
        best = around
    until = _end_of_a_run(best, held, printed)
    best = around if until is not None else best
    # The body's own element, where it is named so: what stands beside it in `best` is a lead-in or an advertisement.
    for element, its in held.items():
        if its.prose >= 0.6 * held[best].prose and _name(element).body_itself and _is_in(element, best):
            best = element
    ends = (_editors_end(held[best], printed), _replies_end(held[best], printed))
    end = min((end for end in ends if end is not None), default=None)
    if until is not None:
        end = until if end is None else min(end, until)
    if end is not None:
        return Place(printed, spans, best, held[best].first, end)
    halves = [held[best], *(everywhere[element] for element in _further(best, everywhere, printed))]
    place = Place(printed, spans, best, halves[0].first, halves[-1].end - 1)
    if len(halves) > 1:
        place.container = best.getparent()
        own = {i for half in halves for i in range(half.first, half.end)}
        place.between = frozenset(range(place.first, place.last + 1)) - own
    return place


def _end_of_a_run(best: Element, held: dict[Element, _Held], printed: list[Line]) -> int | None:
    """Where an article ends whose paragraphs stand straight in an element that holds lists or comments behind them, so
    that one of its paragraphs alone scores more than the element."""
    around = best.getparent()
    if best.tag != "p" or around not in held:
        return None
    within = range(held[around].first, held[around].end)
    siblings = (line for line in (printed[i] for i in within) if line.element.getparent() is around)
    if sum(line.element.tag == "p" and _is_paragraph(line) for line in siblings) < 2:
        return None
    prose, other = _weights(printed, within, pictures=True)
    sums = [*accumulate(prose[i] - _OTHER * other[i] for i in within)]
    top = max(sums)
    return within[sums.index(top)] if top > 1.3 * held[best].prose else None


def _editors_end(held: _Held, printed: list[Line]) -> int | None:
    """The editor's line in an element that holds other articles behind it, more of them than of its own.

    Where as much text follows, but no links, the text goes on, and the line is one of its own (see bodies.of_lines).
    """
    lines = range(held.first, held.end)
    at = next((i for i in lines if bodies.is_editors(printed[i].text) and i > held.first + 1), None)
    if at is None:
        return None
    prose, other = _weights(printed, lines, pictures=False)
    before, after, links = sum(prose[held.first : at]), sum(prose[at:]), sum(other[at:])
    return at if before >= _PART and after + links > 0.5 * before and links > 0.25 * after else None


def _replies_end(held: _Held, printed: list[Line]) -> int | None:
    """The last line before readers' comments in an element that holds them too: each has a time, and can be replied to."""
    lines = range(held.first, held.end)
    replies = [i for i in lines if len(printed[i].text) <= 40 and _REPLY.search(printed[i].text)]
    if len(replies) < _COMMENTED:
        return None
    first = replies[0]
    timed = next((i for i in range(first, max(first - 6, held.first), -1) if is_info(printed[i])), None)
    if timed is None or not has_time(printed[timed]):
        return None
    above = timed - 2 if timed == first else timed - 1  # the time stands below the comment, or above it
    who = printed[above]
    return max(held.first, above - (len(who.text) <= 20 and not who.text.endswith(("。", "！", "？", "”"))))


def _further(best: Element, held: dict[Element, _Held], printed: list[Line]) -> list[Element]:
    """The elements beside the best that bear its class and go on with its text, behind an advertisement or links.

    What prints a time of its own is another article, or a comment.
    """
    if not best.get("class"):
        return []
    alike = (e for e in best.itersiblings(best.tag) if e.get("class") == best.get("class") and e in held)
    return [
        e
        for e in alike
        if held[e].prose > max(_PART, 2 * held[e].other)
        and not any(is_info(line) and has_time(line) for line in printed[held[e].first : held[e].first + 6])
    ]


def _is_nearer(nearest: Element, best: Element, held: dict[Element, _Held], near: dict[Element, _Held]) -> bool:
    """Whether an element by the line of the time tells more than the best of the page.

    That one stands elsewhere; or it is but a part; or it holds the line of the time itself, and more behind the article
    than before its end.
    """
    score = _score(nearest, near[nearest])
    if best is None or best not in near:
        return score >= max(_LEAST, 0.25 * held[best].prose if best is not None else 0.0)
    if near[nearest].prose > 1.5 * held[best].prose:  # one paragraph, of an element that holds other articles too
        return True
    is_wide = held[best].first < near[best].first and near[best].prose < 0.9 * held[best].prose
    return nearest is not best and is_wide and score >= max(_LEAST, 0.15 * held[best].prose)


def _score(element: Element, held: _Held) -> float:
    score = held.prose - _OTHER * held.other
    if _name(element).body:
        score *= 1.1
    return score * 1.1 if element.tag == "article" else score


def _below_the_time(printed: list[Line]) -> range:
    """From the line behind the one that prints time or source, to the first that portals print behind an article.

    A time that stands alone behind a paragraph is another article's, or a comment's.
    """
    start = next((index + 1 for index, line in enumerate(printed) if is_info(line)), len(printed))
    has_begun = False
    for index, line in enumerate(printed[start:], start):
        if line.text and bodies.is_end(line.text):
            return range(start, index)
        if has_begun and len(line.text) <= _ALONE and is_info(line) and has_time(line):
            if is_summary(printed, index - 1):
                return range(start, index - 2)
            is_headed = not _is_paragraph(printed[index - 1]) and len(printed[index - 1].text) <= _ALONE
            return range(start, index - is_headed)
        has_begun = has_begun or _is_paragraph(line)
    return range(start, len(printed))


def _holders(printed: list[Line], spans: list[Span], within: range, *, pictures: bool = False) -> dict[Element, _Held]:
    """What every element that holds a paragraph holds of the lines `within`; outer elements before inner ones.

    With `pictures`, a picture counts as a line of prose: in a gallery they are the article.
    """
    prose, other = _weights(printed, within, pictures)
    paragraphs = _paragraphs(printed, within, prose)
    counts = [0, *accumulate(index in paragraphs for index in range(len(printed)))]
    clipped = [
        Span(element, max(first, within.start), min(end, within.stop))
        for element, first, end in spans
        if first < within.stop and end > within.start and counts[first] < counts[end]
    ]
    known = {element for element, _, _ in clipped}
    clipped += [Span(e, i, i + 1) for i in sorted(paragraphs) if (e := printed[i].element) not in known]
    _discount(clipped, prose, other)
    sums, others = [0.0, *accumulate(prose)], [0.0, *accumulate(other)]
    return {
        element: _Held(sums[end] - sums[first], others[end] - others[first], first, end)
        for element, first, end in clipped
    }


def _weights(printed: list[Line], within: range, pictures: bool) -> tuple[list[float], list[float]]:
    """Characters of prose and of what is none, by line; 0 outside of `within`."""
    prose, other = [0.0] * len(printed), [0.0] * len(printed)
    notice = 0  # lines that may still belong to a copyright notice, which is prose too
    said = over = False  # whether the line of time and source, and then the comments, have been passed
    for index in within:
        line = printed[index]
        over = over or (
            said and bool(_COMMENTS.fullmatch(line.text)) and not bodies.is_among_paragraphs(printed, index)
        )
        if line.image is not None:
            prose[index] = _PICTURE if pictures else 0.0
            continue
        if line.is_linked or over:
            other[index] = float(len(line.text))
        elif line.text.startswith(("版权", "免责")) and _NOTICE_HEAD.match(line.text):
            other[index], notice = float(len(line.text)), _NOTICE_LINES + 1
        else:
            prose[index], other[index] = _weight(line)
            if notice:
                prose[index], other[index] = 0.0, other[index] + prose[index]
            said = said or (prose[index] >= _PARAGRAPH and any(map(is_info, printed[max(0, index - 4) : index])))
        notice = max(0, notice - 1)
    summaries = [i for i in within if prose[i] >= _PARAGRAPH and is_summary(printed, i)]
    if len(summaries) >= _SUMMARIES:
        for index in summaries:
            prose[index], other[index] = 0.0, other[index] + 0.3 * prose[index]
    return prose, other


def is_summary(printed: list[Line], index: int) -> bool:
    """Whether a paragraph stands below a linked headline, as the summaries of other articles do.

    A picture or the other article's time may stand between them.
    """
    line, above = printed[index], printed[max(0, index - 1)]
    if len(line.text) <= 20 or line.is_linked:
        return False
    if above.image is not None or (not above.linked and is_dated(above)):
        above = printed[max(0, index - 2)]
    return is_linked_headline(above)


def is_dated(line: Line) -> bool:
    """Whether a line prints another article's time, and perhaps its outlet."""
    return line.image is None and len(line.text) <= _DATED and has_time(line)


def is_linked_headline(line: Line) -> bool:
    """Whether a line is as long as a headline, and a link."""
    return line.is_linked and 8 <= len(line.text) <= 60


def _paragraphs(printed: list[Line], within: range, prose: list[float]) -> set[int]:
    """The first lines of the elements that print a paragraph themselves; where none does (verse), that print at all."""
    own: dict[Element, tuple[int, float]] = {}
    for index in within:
        if prose[index]:
            first, size = own.get(printed[index].element, (index, 0.0))
            own[printed[index].element] = first, size + prose[index]
    return {first for first, size in own.values() if size >= _PARAGRAPH} or {first for first, _ in own.values()}


def _discount(spans: list[Span], prose: list[float], other: list[float]) -> None:
    """Counts the prose of elements named after something else than the article as not the article's.

    A wrapper of most of the page's prose may be named after anything (`js_share_area`), but for what wraps no article.
    """
    sums = [0.0, *accumulate(prose)]
    known = 0  # up to here, what inner spans hold is counted already
    for element, first, end in spans:
        if end <= known or element.tag in ("body", "html"):
            continue
        name = _name(element).elsewhere
        if not name and element.tag not in ("footer", "nav", "aside"):
            continue
        if sums[end] - sums[first] < (0.8 if name in _NEVER or element.tag in _NEVER else 0.5) * sums[-1]:
            known = end
            for index in range(first, end):
                prose[index], other[index] = 0.0, other[index] + 0.3 * prose[index]


def _weight(line: Line) -> tuple[float, float]:
    """(prose, other) of a line that is no link, in characters."""
    size = len(line.text)
    if size < _INFO and (":" in line.text or "：" in line.text or "20" in line.text) and is_info(line):
        return 0.0, 0.0
    if (
        bodies.is_end(line.text)
        or _POSITION.match(line.text)
        or (not line.text.endswith("。") and _IMPRINT.search(line.text))
    ):
        return 0.0, float(min(size, 100))
    own = size - line.linked
    if size >= 40 or (size >= 12 and _PROSE.search(line.text)):
        return float(min(own, 1000)), float(line.linked) * 0.5
    if line.element.tag in _LIST_TAGS:
        return 0.0, 0.25 * own + line.linked
    return 0.5 * own, float(line.linked)


def _is_in(element: Element, outer: Element) -> bool:
    return any(above is outer for above in element.iterancestors())


# ── the headline ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _headline(page: Page, place: Place) -> None:
    head = bare(page.head_title)
    shared = bare(page.metas.get("og:title") or page.metas.get("articletitle") or "")
    best = 0.0
    begin = _begin(place)
    for index, line in enumerate(place.printed[: min(place.last, begin + 12) + 1]):
        if line.image is not None or not 1 < len(line.text) <= 150:
            continue
        if len(line.text) <= 3 and not (line.element.tag in HEADING and head.startswith(bare(line.text))):
            continue
        score = _headline_score(place, index, head, shared, begin)
        if score > best:
            best, place.title, place.sure = score, index, min(1.0, 0.4 + score / 6)
    if place.sure < SURE_TITLE and (above := _above_the_time(place, begin)) is not None:
        place.title, place.sure = above, 0.6


def _begin(place: Place) -> int:
    """The body's first line; where its element holds the menus and the headline too, its first line of prose."""
    inside = range(place.first, place.last + 1)
    return next((i for i in inside if _is_paragraph(place.printed[i])), place.first)


def _is_paragraph(line: Line) -> bool:
    return len(line.text) > 30 and not line.is_linked and bool(_PROSE.search(line.text)) and not is_info(line)


def _above_the_time(place: Place, begin: int) -> int | None:
    """The line directly above the one with the time, where no mark and no <title> tells the headline."""
    timed = next((i for i in range(begin) if is_info(place.printed[i]) and has_time(place.printed[i])), None)
    if not timed:
        return None
    above = place.printed[timed - 1]
    is_headline = above.image is None and not above.linked and 6 <= len(above.text) <= 60 and not is_info(above)
    return timed - 1 if is_headline and not above.text.endswith(("。", "；", "：")) else None


def _headline_score(place: Place, index: int, head: str, shared: str, begin: int) -> float:
    line = place.printed[index]
    text = bare(line.text)
    score = 0.0
    if len(text) <= 8 and _COLUMN.search(text):
        score -= 2.0  # and that <title> begins with it tells nothing
    elif head.startswith(text) or (shared and shared.startswith(text)):
        score += 3.0 * min(1.0, len(text) / max(8, min(len(head) or 99, len(shared) or 99)) + 0.4)
    elif len(text) > 6 and (text in head or (shared and text in shared)):
        score += 1.5
    if line.element.tag in HEADING:
        score += {"h1": 1.5, "h2": 1.0}.get(line.element.tag, 0.7)
    elif line.is_strong:
        score += 0.5
    name = _name(line.element)
    if name.title:
        score += 0.8
    if name.elsewhere:
        score -= 1.0
    if line.is_linked:
        score -= 1.5
    if score < 0.3:
        return score  # most lines of a page; what follows costs more than it could tell
    below = [near for near in place.printed[index + 1 : index + 4] if near.image is None and is_info(near)]
    if below:
        score += 0.8 if below[0] is place.printed[index + 1] and has_time(below[0]) else 0.6
    if labels.parts(line.seamed) or times.find(line.text) or len(re.findall(r"[>＞»]", line.text)) > 1:
        score -= 2.0
    if line.text.endswith(("。", "；")):
        score -= 1.0
    return score - min(1.0, max(0, begin - index) / 60)


def is_info(line: Line) -> bool:
    """Whether a line is one of those that print time, source or credits, and little else."""
    return line.image is None and len(line.text) <= 120 and _informs(line.text, line.seamed)


@lru_cache(256)  # the lines of a page are asked one by one, again and again
def _informs(text: str, seamed: str) -> bool:
    kinds = {part.kind for part in labels.parts(seamed)}
    if kinds & {"source", "time", "credit"}:
        return not re.search(r"[。！？]", text)
    if when := times.find(seamed):
        return len(text) - len(when[0]) < 60 and not re.search(r"[。！？，；]", text)
    return len(text) <= 40 and _dates(seamed) and not re.search(r"[。！？，；]", text)


def has_time(line: Line) -> bool:
    """Whether a line prints when something was published: a date, `07-24 15:07`, `昨天 18:20`, `3小时前`."""
    return _dates(line.seamed)


@lru_cache(256)
def _dates(seamed: str) -> bool:
    if times.find(seamed):
        return True
    short = times.SHORT.search(seamed)
    return bool((short and short["hour"]) or times.AGO.search(seamed))


def bare(text: str) -> str:
    """A text without blanks of any kind."""
    return "".join(text.split()).replace("\u200b", "")
