"""The reading of a page that no template claims: by what all Chinese news pages print, not by any page's names.

    lines of the page ─▶ place: body and headline
                      ─▶ time, source, credits: labelled lines between them, then behind the body
                      ─▶ tags: a labelled line, or a list of links that is named so
                      ─▶ what only the head states: metas, JSON-LD
Every candidate is scored; what is found less surely than normalise.SURE_ENOUGH becomes null with a warning.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise, takewhile

from zjcrawl.lines import SEAM, Line, data_rows, lines_and_spans
from zjcrawl.models import Extraction, Printed
from zjcrawl.normalise import labels, names, times
from zjcrawl.page import BLANKS, Element, Page, collapse
from zjcrawl.templates import body as bodies
from zjcrawl.templates import head, outlet, place
from zjcrawl.templates.place import Place, bare, has_time, is_info
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
from zjcrawl.urls import stated_day, url_date

NAME, VERSION = "labels", 3

_BEHIND = 40  # lines looked at behind the body
_PROSE = re.compile(r"[，。！？；、：“”,.!?;]")
_SUFFIX = re.compile(r"(?<!\s)\s*(?:[-_|｜—–·]+|--)\s*")
_CHROME = re.compile(
    r"^[\W\d_]*$|字号|字体|分享|评论|阅读|打印|收藏|^大\s*中\s*小|浏览|点击|举报|关注|订阅|扫|听新闻|^A[+-]?$|调整|^T[|+-]|参与互动|^来自|^\S{2,8}\s*[>＞»›]$|跟贴|跟帖|播放|"
    r"^(?:微信|微博|新浪微博|腾讯微博|朋友圈|微信好友|QQ空间|QQ好友|QQ|Qzone|空间|豆瓣|人人网?|易信|更多|图集|朗读|收起|展开|下载|客户端|复制链接|[×x✕])$"
)
_COUNTS = re.compile(
    r"(?:阅读|浏览|点击|评论|点赞|赞|赏|打赏|分享|收藏|转发|热度|人气|[A-Z][+-]?|[\d.,万w]+|次|条|\W)+"
)
_SUMMARY = re.compile(r"^[\s【\[（(]*(?:(?:内容|本文)?(?:摘要|提要)|导读|导语|核心提示)[】\]）)]?\s*[:：】\]]")
_WIDE = 80  # characters; what is printed in place of a text is shorter
_SUMMARY_HEAD = re.compile(r"[【\[]\s*(?:(?:内容|本文)?(?:摘要|提要)|导读|导语|核心提示)\s*[】\]]")
# What stands where the rest of a text is kept for those who log in or pay.
_WALL = re.compile(
    r"^\W*(?:请?先?(?:登录|登陆|注册|订阅|付费|购买|解锁)|开通\S{0,4}会员|成为\S{0,4}会员)[^。]{0,10}(?:阅读|查看|浏览|解锁|观看)[^。]{0,4}(?:全文|全部|完整|剩余|更多|余下)[^。]{0,6}$"
)
_CALLS = re.compile(r"点击|下载|扫码|投票|报名|福利|抢购|火热|领取|试玩|注册|直播间|APP|App")
_BY_WRITERS = re.compile(r"记者|通讯员|作者|撰[文稿]|采写|执笔|文\s?[/／|｜丨]|图\s?[/／|｜丨]|实习生")
_NO_TITLE = re.compile(
    r"新的?一?[网页]页?|新建网页.*|无标题(?:文档|网页)?|Untitled.*|New Page.*|网页标题|标题", re.IGNORECASE
)
_LONGEST_SUMMARY = 500  # characters
_REPEATED = 50_000  # characters of a text in which a summary is looked for
_COUNT = 60  # characters; what readers did, in numbers, is no longer
_DATED = 200  # characters; a longer line is no newspaper's date
_NAME = 8  # characters; so short a line between headline and time is rather an account than a subtitle
_HEADED = 8  # characters; a shorter link is no headline
_FEW_CARDS = 2  # other articles behind the text
_DATE = 8  # characters; a date beside a short linked headline can be so much longer
_LISTED = 4  # linked headlines with at most two paragraphs for each: a list of articles
_YEAR, _MONTH_DAY = re.compile(r"(?:19|20)\d\d年?"), re.compile(r"\d{1,2}[/.月-]\d{1,2}日?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
_CLOCK_AT_THE_END = re.compile(rf"(?:^|(?<=[\s{SEAM}]))({_CLOCK.pattern})[\s{SEAM}]+$")
_TAG_NAME = re.compile(r"(?:^|[\s_-])(?:tags?|keywords?|biaoqian|guanjianci)(?:$|[\s_-])", re.IGNORECASE)
_TAG_HEAD = re.compile(
    r"^[\s【\[]*(?:(?:本文|文章|相关|新闻)?(?:标签|关键词|关键字|[Tt]ags?|TAGS?)|相关热词(?:搜索)?)[\s\]】:：]*"
)


def extract(page: Page) -> Extraction:
    """What the page prints, as far as its labels and conventions tell."""
    found = Extraction(NAME, VERSION)
    root = page.root.find("body")
    if _NO_TITLE.fullmatch(page.head_title):
        page.head_title = ""
    printed, spans = lines_and_spans(root if root is not None else page.root, names_beside)
    where = place.find(page, printed, spans)
    if where is None:
        if _summaries(printed) >= _LISTED:
            found.warnings.append("list_page")
            return found
        _headline_alone(found, printed)
        head.complete(page, found)
        return found
    _read_headline(page, found, where)
    if where.title is None and _is_list(where):
        found.title = None
        found.warnings.append("list_page")
        return found
    after_header = _read_header(page, found, where)
    _read_body(page, found, where, after_header)
    head.complete(page, found)
    found.breadcrumb = breadcrumb(page, printed)
    found.next_part = next_part(page)
    return found


# ── the headline ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_headline(page: Page, found: Extraction, where: Place) -> None:
    if where.title is not None and (where.sure >= place.SURE_TITLE or not page.head_title):
        line = where.printed[where.title]
        first, last, text = _unbroken(where, page.head_title)
        found.title = Printed(text, describe(line.element), "line that <title> repeats, or a heading", where.sure)
        above = [line for line in where.printed[max(0, first - 1) : first] if line.image is None]
        below = [line for line in where.printed[last + 1 : last + 2] if line.image is None]
        if below and _is_account(below[0], where.printed[last + 2 : last + 3]):
            below = []
        where.title = last
        near = Around(above=[a for a in above if _together(a, line)], between=[b for b in below if _together(b, line)])
        beside_headline(found, near, "labels")
        return
    where.title = None
    text = _without_site(page.head_title)
    if text:
        found.title = Printed(text, "title", "the page's <title> without its site", 0.6)


def _is_account(line: Line, behind: list[Line]) -> bool:
    """Whether a short line stands where an outlet would: over a time that no source is labelled beside."""
    return len(line.text) <= _NAME and any(
        has_time(timed) and all(part.kind != "source" for part in labels.parts(timed.seamed)) for timed in behind
    )


def _unbroken(where: Place, head_title: str) -> tuple[int, int, str]:
    """The first and last line of a headline that a line break parts, and its text: <title> prints it without one."""
    assert where.title is not None
    at, own = where.title, where.printed[where.title]
    head = bare(head_title)
    for first, last in ((at, at + 2), (at - 1, at + 1), (at, at + 1)):
        rows = where.printed[first : last + 1] if first >= 0 else []
        if (
            rows
            and all(row.element is own.element and row.text for row in rows)
            and head.startswith(bare("".join(row.text for row in rows)))
        ):
            between = "" if head_title.startswith("".join(row.text for row in rows)) else " "
            return first, last, between.join(row.text for row in rows)
    return at, at, _without_badge(own, head)


def _without_badge(line: Line, head: str) -> str:
    """A headline without the badge or the count in its element: `原创`, `3`; <title> begins without it, or ends before."""
    pieces = [piece for piece in line.seamed.split(SEAM) if piece.strip(BLANKS)]
    if len(pieces) == 1 or head.startswith(bare(line.text)):
        return line.text
    for kept in (pieces[1:], pieces[:-1], pieces[1:-1]):
        text = "".join(kept).strip(BLANKS)
        is_most = len(text) > 2 * (len(line.text) - len(text))
        if (
            is_most or (len(pieces) == 3 and len(pieces[0]) <= 4 >= len(pieces[2]) and len(text) > 4)
        ) and head.startswith(bare(text)):
            return text
    return line.text


def _is_list(where: Place) -> bool:
    """Whether what looks like a body lists articles: linked headlines, each with a date or a summary."""
    own = where.printed[where.first : where.last + 1]
    heads = sum(map(_heads, own))
    prose = sum(map(_is_prose, own))
    return (heads >= _LISTED and prose <= 2 * heads) or _summaries(where.printed) >= max(_LISTED, prose)


def _heads(line: Line) -> int:
    """How many linked headlines a line prints: a list is one line; a date may stand behind each."""
    if line.linked < _HEADED or len(line.text) > 2 * line.linked + _DATE or _is_prose(line):
        return 0
    return max(1, sum(len(piece) >= _HEADED for piece in line.pieces)) if line.is_linked else 1


def _summaries(printed: list[Line]) -> int:
    return sum(place.is_summary(printed, index) for index in range(len(printed)))


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


def _read_header(page: Page, found: Extraction, where: Place) -> int:
    """Reads the lines between headline and body; where the headline stands in the body's element, those below it.

    Returns the index of the first line that is the body's.
    """
    start = where.title + 1 if where.title is not None else max(0, where.first - 8)
    end = max(where.first, start)
    limit = 12 if where.title is not None and where.title >= where.first else 6
    reached = end
    for index in range(end, min(end + limit, where.last + 1)):
        line = where.printed[index]
        if _is_prose(line) or (line.image is not None and index >= where.first and not _is_portrait(where, index)):
            break  # behind a picture, a line that credits somebody is its caption
        if _begins_the_text(where, index):
            break
        if is_info(line) or _is_piece_of_time(where.printed, index):
            reached = index + 1
    if any(line.image is None and is_info(line) for line in where.printed[start:reached]):
        reached = _behind_tools(where, reached)
    header = [line for line in where.printed[start:reached] if line.image is None]
    if where.title is not None:
        above = where.printed[max(0, where.title - 3) : where.title]
        header += [line for line in above if is_info(line) and not times.TODAY.search(line.text)]
    for index, line in enumerate(header):
        # Without a headline, the lines before the body are only likely to be its header.
        sure = 0.9 if where.title is not None else 0.6
        info_line(found, line, sure=sure, seamed=with_value(header, index)[0])
    _read_time(found, header)
    if found.time is None and where.title is not None:
        _day_of_the_address(page, found, where.printed[max(0, where.title - 30) : where.title])
    if found.source is None or not found.bylines:
        accounts = list(takewhile(_is_short_link, where.printed[reached : min(reached + 2, where.last)]))
        above = where.printed[: where.title or where.first]
        outlet.find(found, [*header, *accounts], above, page.head_title)
        if accounts and found.source and found.source.text == accounts[0].text:
            reached = _behind_tools(where, reached + len(accounts))
    while reached > end and _is_of_the_body(where, reached - 1):
        reached -= 1
    return reached


def _is_of_the_body(where: Place, index: int) -> bool:
    """Whether a line that credits writers stands as the body's first paragraph: it is read, and stays in the body."""
    line, behind = where.printed[index], where.printed[index + 1 : index + 2]
    if index < where.first or not behind or line.image is not None or has_time(line):
        return False
    kinds = {part.kind for part in labels.parts(line.seamed)}
    return kinds == {"credit"} and _are_beside(line, behind[0]) and bool(_BY_WRITERS.search(line.text))


def _begins_the_text(where: Place, index: int) -> bool:
    """Whether a line that stands as the first paragraph says of which day it tells: `2024年3月5日 晴`."""
    line, behind = where.printed[index], where.printed[index + 1 : index + 2]
    if index < where.first or not behind or not _are_beside(line, behind[0]) or labels.parts(line.seamed):
        return False
    when = times.find(line.text)
    if when is None or times.read(when[0]).precision != "day":
        return False
    rest = line.text.replace(when[0], "", 1).strip(BLANKS)
    return bool(rest) and not names.is_outlet(rest)


def _are_beside(line: Line, other: Line) -> bool:
    return line.element.tag == other.element.tag and line.element.getparent() is other.element.getparent()


def _is_piece_of_time(printed: list[Line], index: int) -> bool:
    """Whether a line is a clock, or one of `2019`, `09/07`, `19:02` in lines of their own; `3月1日` alone heads a text."""
    before, line, behind = (printed[at].text if 0 <= at < len(printed) else "" for at in (index - 1, index, index + 1))
    if _CLOCK.fullmatch(line):
        return True
    if _YEAR.fullmatch(line):
        return bool(_MONTH_DAY.fullmatch(behind))
    return bool(_MONTH_DAY.fullmatch(line) and (_YEAR.fullmatch(before) or _CLOCK.fullmatch(behind)))


def _is_short_link(line: Line) -> bool:
    return line.is_linked and len(line.text) <= 20


def _behind_tools(where: Place, reached: int) -> int:
    """The index behind the reading and sharing tools that follow the header, with their pictures and links."""
    for index in range(reached, min(reached + 20, where.last + 1)):
        line = where.printed[index]
        if _is_chrome(line):
            reached = index + 1
        elif line.image is None and not (line.is_linked and len(line.text) <= 4):
            break
    return reached


def _is_portrait(where: Place, index: int) -> bool:
    """Whether a picture is that of an account, by whose name the time is printed."""
    behind = [line for line in where.printed[index + 1 : index + 4] if line.image is None]
    return any(is_info(line) and has_time(line) for line in takewhile(lambda line: not _is_prose(line), behind))


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


def _day_of_the_address(page: Page, found: Extraction, above: list[Line]) -> None:
    """The date at the head of a newspaper's page, far above the headline; another one than the address states is today's."""
    stated = url_date(page.url) or stated_day(page.url)
    for line in reversed(above):
        if (
            stated
            and len(line.text) <= _DATED
            and (when := times.find(line.text))
            and times.read(when[0], url_day=stated).at
        ):
            day = times.read(when[0]).at
            if day and (day.year, day.month, day.day) == stated:
                found.time = Printed(when[0].strip(), describe(line.element), "date above, as the address states", 0.8)
                return


def _add_clock(found: Extraction, header: list[Line]) -> None:
    """The clock of a day, where it is all that the next line prints."""
    assert found.time is not None
    for day, clock in pairwise(header):
        if day.text.endswith(found.time.text) and _CLOCK.fullmatch(clock.text):
            found.time = replace(found.time, text=f"{found.time.text} {clock.text}", rule="time in two lines")
            return
    for line in header:
        before, stated, _ = line.seamed.partition(found.time.text)
        ahead = _CLOCK_AT_THE_END.search(before)
        if stated and ahead and times.read(found.time.text).precision == "day":
            found.time = replace(found.time, text=f"{found.time.text} {ahead[1]}", rule="clock before the day")
            return


# ── the body ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_body(page: Page, found: Extraction, where: Place, start: int) -> None:
    printed = where.printed
    whole = range(max(start, where.first), where.last + 1)
    end = next((i for i in whole[1:] if _begins_another(printed, i)), where.last + 1)
    own = [i for i in whole if i < end and i not in where.between]
    cards = _cards(printed, own)
    inside = [
        i
        for i in own
        if i != where.title and i not in cards and not (printed[i].is_linked and len(printed[i].text) < 60)
    ]
    walls = [
        i
        for i in range(where.first, min(where.last + 4, len(printed)))
        if len(printed[i].text) <= _WIDE and _WALL.search(printed[i].text)
    ]
    if walls:
        inside = [i for i in inside if i not in walls]
        found.warnings.append("text_cut")
    # A name is only a name: where most of the body stands in what is called noise, it is the body.
    noise = where.noise()
    noisy = sum(len(printed[i].text) for i in inside if i in noise)
    if noisy <= 0.3 * sum(len(printed[i].text) for i in inside):
        inside = [i for i in inside if i not in noise]
    tags = _tag_list(where)
    title = bare(found.title.text) if found.title else ""
    again = {i for i in inside[:3] if len(printed[i].text) < 2 * len(title) and bare(printed[i].text) == title}
    text = _without_summary(_once([printed[i] for i in inside if i not in tags and i not in again]))
    body = bodies.of_lines(page, _with_tables(text, where.container), where.container)
    while body.blocks and 0 < len(body.blocks[-1].text) <= _COUNT and _COUNTS.fullmatch(body.blocks[-1].text):
        del body.blocks[-1]
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


def _begins_another(printed: list[Line], index: int) -> bool:
    """Whether a line is the headline of a further article on the page: a heading over a time and a source of its own."""
    if printed[index].element.tag not in ("h1", "h2", "h3"):
        return False
    below = [line for line in printed[index + 1 : index + 3] if line.image is None]
    return any(has_time(line) and any(p.kind == "source" for p in labels.parts(line.seamed)) for line in below)


def _once(text: list[Line]) -> list[Line]:
    """The lines without a second copy behind them, as is kept for printing."""
    half, odd = divmod(len(text), 2)
    said = [line.text for line in text]
    is_twice = half > 1 and not odd and said[:half] == said[half:] and said.count(said[0]) == 2
    return text[:half] if is_twice else text


def _cards(printed: list[Line], own: Sequence[int]) -> set[int]:
    """The lines of other articles shown behind the text: linked headlines, with a summary, a time or a picture each.

    Two are some where a heading stands over them or a time with each; else three, behind two paragraphs. With prose
    behind them they are a part of the text.
    """
    heads = [at for at, index in enumerate(own) if place.is_linked_headline(printed[index])]
    if len(heads) < _FEW_CARDS:
        return set()
    lines = [printed[index] for index in own]
    end = _card_end(lines, heads[-1])
    if any(map(_is_prose, lines[end:])):
        return set()
    first, count, timed = end, 0, 0
    for at in reversed(heads):
        if _card_end(lines, at) != first:
            break
        timed += any(place.is_dated(line) for line in lines[at:first])
        first, count = at, count + 1
    if any(line.image is not None for line in lines[first:end]):
        while first and lines[first - 1].image is not None:
            first -= 1
    said = sum(map(_is_prose, lines[:first]))
    above = lines[first - 1] if first else None
    is_headed = above is not None and len(above.text) <= _NAME and not _is_prose(above)
    if not said or count < _FEW_CARDS or not (is_headed or timed == count or (count > _FEW_CARDS and said > 1)):
        return set()
    return set(own[first - is_headed : end])


def _card_end(lines: list[Line], at: int) -> int:
    """The index behind what belongs to the linked headline at `at`: pictures, one paragraph, a time, links."""
    said = False
    for index, line in enumerate(lines[at + 1 :], at + 1):
        if place.is_linked_headline(line) or (said and _is_prose(line)):
            return index
        if _is_prose(line):
            said = True
        elif line.image is None and not line.linked and not place.is_dated(line):
            return index
    return len(lines)


def _without_summary(text: list[Line]) -> list[Line]:
    """The lines without a first one that only sums up: it says so, or stands apart and is repeated behind it.

    Nor with one that stands apart and advertises: it links to what it calls the reader to.
    """
    if len(text) > 1 and _SUMMARY_HEAD.fullmatch(text[0].text):
        text = text[1:]
    if len(text) < 2 or text[0].image is not None or not 20 <= len(text[0].text) <= _LONGEST_SUMMARY:
        return text
    first, second = text[0], text[1]
    if _SUMMARY.match(first.text):
        return text[1:]
    said = bare(first.text).rstrip("….")
    if said in bare(second.text[:_REPEATED]):
        return text[1:]
    if first.element.getparent() is second.element.getparent():
        return text
    if first.linked and _CALLS.search(first.text):
        return text[1:]
    rest = bare("".join(line.text[:_REPEATED] for line in text[1:]))[:_REPEATED]
    pieces = [said[at : at + 6] for at in range(0, len(said) - 5, 3)]
    return text[1:] if sum(piece in rest for piece in pieces) >= 0.9 * len(pieces) else text


def _not_a_writer(found: Extraction) -> None:
    """A name beside the time that the body's first lines credit is a writer's, not an outlet's."""
    assert found.source is not None
    for block in found.blocks[:3]:
        if (
            re.search(re.escape(found.source.text) + r"(?!\S{0,8}(?:记者|通讯员))", block.text)
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
        if rows is None or line.element.tag == "caption":
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
    return all(
        len(word) <= 20 and not re.search(r"[，。！？]|^(?:收藏|举报|分享|评论|点赞|延伸|推荐|阅读|相关)$", word)
        for word in words
    )
