"""What the text of a body says of itself: its dateline, and the people it credits."""

import re
from collections.abc import Iterator, Sequence

from zjcrawl.models import Block, Credit
from zjcrawl.normalise import credits, names

_BLANK = r"[\s\u3000\u00a0]"
_NAME = r"[一-鿿A-Za-z0-9·—－“”-]"
# 电头: outlet, place, date and 讯/电/消息 at the very start.
_DATED = re.compile(
    rf"^(?P<line>{_NAME}{{2,16}}?\s?(?:\d{{4}}年)?(?:\d{{1,2}}月)?\d{{1,2}}日(?:[\s\u3000]?(?:综合)?(?:电|讯|消息|报道)))(?![一-鿿A-Za-z])"
)
# Without a date the outlet must end as outlets do; or it is set off by a blank or bracket, and 讯 makes no other word.
_UNDATED = re.compile(
    rf"^(?P<line>{_NAME}{{0,12}}(?:本报|本网|本台|本刊|本站|日报|晚报|早报|商报|时报|都市报|新闻网|在线|客户端|京报|e公司|科技|财经|频道|[报网社])(?:快)?(?:综合)?讯)"
    rf"(?![一-鿿])|^(?P<named>{_NAME}{{2,8}}讯)(?={_BLANK}|[（(【\[])"
)
_OTHER_NEWS = re.compile(
    r"(?:(?<!新)闻|[喜通资快简音审腾问传电短视死汛佳捷警噩刑提聆要商影书展车球婚孕凶花春潮信会赛零飞鱼果丰秋回])讯$"
)
_NOT_OUTLET = re.compile(r"^(?:据|综合|昨|今|近|经|因|从|获|接|为|以|有|这|那|他|她)")
_OPEN, _SHUT = r"[（(【\[［〔]", r"[）)】\]］〕]"
_INSIDE = r"(?P<inside>[^（）()【】\[\]［］〔〕]{2,80})"
_AFTER_DATELINE = re.compile(rf"^{_BLANK}{{0,4}}{_OPEN}{_INSIDE}{_SHUT}")
_AT_START = re.compile(rf"^.{{0,12}}[（(]{_INSIDE}[）)]")
_CLOSING = re.compile(rf"{_OPEN}{_INSIDE}{_SHUT}[。.]?$")
_BARE = re.compile(rf"^{_BLANK}{{1,4}}(?P<line>[一-鿿]{{0,8}}(?:记者|通讯员)[一-鿿·、\s\u3000\u00a0]{{2,60}})")
_BY_REPORTERS = re.compile(rf"^[（(]?[一-鿿·]{{0,20}}(?:记者|通讯员){_BLANK}[^，。！？：:]{{2,60}}$")
_SENTENCE = re.compile(r"[。！？!?]|，.*，")
_SOLID = re.compile(
    r"(?:采写|撰文|撰稿|执笔|摄影|图文|文图|编译|翻译|编辑|作者)(?!记者|报道)[一-鿿]"
)  # heads: `编辑手记`
_BOOK = re.compile(r"出版|ISBN|定价|书名|译者|^《[^》]+》$")
AUTHOR_LINE = "author's line in the body"
_PARAGRAPH = 160  # characters; no credit is so long, whatever stands around it
_AUTHOR = re.compile(rf"^{_OPEN}?\s*作者\s*[:：]")
# Who took a picture stands at the end of its caption: behind the word (`摄影：王蓉`), or before it (`王蓉 摄`).
_SHOT_BY = re.compile(
    rf"(?:^|(?<=[\s\u3000\u00a0。，；！？、)）”]))(?P<inside>(?:摄影师?|拍摄者?|摄|图){_BLANK}?[/／|｜丨]{_BLANK}?[一-鿿·\s\u3000、]{{2,24}}"
    rf"|(?:摄影师?|拍摄者?|摄){_BLANK}?[:：]{_BLANK}?[一-鿿·\s\u3000、]{{2,24}}|摄影{_BLANK}+[一-鿿·\s\u3000、]{{2,24}})$"
)
_SHOT = re.compile(
    rf"(?P<people>\S.*?)(?P<word>(?<!{_BLANK}){_BLANK}*+[/／]?{_BLANK}*+(?:摄影报道|摄影|拍摄|文[/／]摄|摄))$"
)
_WRITERS = re.compile(r"记者|通讯员")
_ROLE = re.compile(r"[一-鿿A-Za-z·]{0,14}(?:记者|通讯员|实习生)")
_STOPS, _CAPTION_STOPS = re.compile(r"[。！？!?…”」』）)】]"), re.compile(r"[。！？!?…”」』）)】，,；;：:》]")


def dateline(blocks: Sequence[Block]) -> str | None:
    """`嘉兴在线7月24日讯` at the start of the first paragraph that has one (captions and headings come before it)."""
    for block in [block for block in blocks if block.kind == "paragraph"][:3]:
        if found := _dateline(block.text):
            return found
    return None


def _dateline(text: str) -> str | None:
    if _NOT_OUTLET.match(text):
        return None
    if found := _DATED.match(text):
        return found["line"]
    found = _UNDATED.match(text)
    if found is None or (found["named"] and (_OTHER_NEWS.search(found["named"]) or len(text) < found.end() + 8)):
        return None
    return found["line"] or found["named"]


def credits_in(blocks: Sequence[Block]) -> tuple[list[tuple[Credit, str]], list[str]]:
    """Every credit of the body with the place it was printed at, and what of its credit lines could not be understood.

    A body credits people after a dateline, alone in a line near either end, in brackets at the end, and under pictures.
    Everywhere else 记者 and 摄影 are words of its sentences.
    """
    found: list[tuple[Credit, str]] = []
    odd: list[str] = []
    for printed, where, labelled in _lines(blocks):
        people, doubts = credits.read(printed, labelled=labelled)
        found += [(credit, where) for credit in people]
        odd += doubts
    return found, list(dict.fromkeys(odd))


def is_credit_line(text: str) -> bool:
    """Whether a line is nothing but credits: `记者 张三`, `张三 文 李四 摄`; no heading (`记者手记`), no sentence."""
    if len(text) > _PARAGRAPH:  # as most blocks are
        return False
    inside = text.strip().strip("（）()【】[]［］〔〕 \u3000\u00a0").replace("丨", "|")
    if not 2 < len(inside) <= 80 or _SENTENCE.search(inside) or _SOLID.match(inside) or not credits.has_role(inside):
        return False
    people, odd = credits.read(inside)
    return bool(people) and not odd


def _lines(blocks: Sequence[Block]) -> Iterator[tuple[str, str, bool]]:
    """(credit line as printed, where, whether nothing but names can stand there)."""
    text = [block for block in blocks if block.kind in ("paragraph", "heading", "caption", "quote") and block.text]
    prose = [block for block in text if block.kind != "caption"]
    place = {id(block): index for index, block in enumerate(prose)}
    for block in text:
        if block.kind == "caption":
            yield from ((line, "caption", False) for line in _photo(block.text, _CAPTION_STOPS))
            continue
        index = place[id(block)]
        near = index < 8 or index >= len(prose) - 4
        if near and is_credit_line(block.text) and _is_of_the_article(prose, index):
            yield block.text, AUTHOR_LINE if _AUTHOR.match(block.text) else "line of its own in the body", False
        elif near and _BY_REPORTERS.match(block.text) and credits.read(block.text)[0]:  # with what is doubted in it
            yield block.text, "line of its own in the body", False
        else:
            yield from _in_paragraph(block.text, is_first=index < 3, is_last=index >= len(prose) - 2)


def _is_of_the_article(prose: Sequence[Block], index: int) -> bool:
    """Whether `作者：X` names who wrote the article: at either end, and not beside a book's title and publisher.

    `图：X` alone says what a picture shows as often as who took it.
    """
    text = prose[index].text
    if re.match(r"图\s*[:：]", text):
        return False
    if not _AUTHOR.match(text):
        return True
    beside = prose[max(0, index - 2) : index] + prose[index + 1 : index + 3]  # type: ignore[operator]
    return (index < 2 or index >= len(prose) - 2) and not any(_BOOK.search(block.text) for block in beside)


def _in_paragraph(text: str, *, is_first: bool, is_last: bool) -> Iterator[tuple[str, str, bool]]:
    if is_first:
        line = _dateline(text)
        behind = text[len(line) :] if line else ""
        if line and (found := _AFTER_DATELINE.match(behind)) and credits.has_role(found["inside"]):
            yield found["inside"], "after the dateline", True
        elif line and (bare := _bare(behind)):
            yield bare, "after the dateline", False
        elif (found := _AT_START.match(text)) and _WRITERS.search(found["inside"]) and _is_whole(found["inside"]):
            yield found["inside"], "in brackets at the start of the body", False
    found = _CLOSING.search(text) if is_last else None
    if found and credits.has_role(found["inside"]) and not _SENTENCE.search(found["inside"]):
        if credits.read(found["inside"])[0]:
            yield found["inside"], "in brackets at the end of the body", False
    elif len(text) <= 120:
        yield from ((line, "photo credit", False) for line in _photo(text, _STOPS))


def _is_whole(inside: str) -> bool:
    people, odd = credits.read(inside)
    return bool(people) and not odd


def _bare(behind: str) -> str | None:
    """Who reports, between dateline and text without brackets: `本报讯 记者王蓉报道 昨天…`; names end with a blank."""
    found = _BARE.match(behind)
    if found is None:
        return None
    line, rest = found["line"], behind[found.end() :]
    ends = [end.end() for end in re.finditer(rf"报道|\S(?={_BLANK})|.$", line)]
    if re.match(r"[一-鿿]", rest):  # cut within a word
        ends = ends[:-1]
    return next((line[:end] for end in reversed(ends) if _is_whole(line[:end])), None)


def _photo(text: str, stops: re.Pattern[str]) -> Iterator[str]:
    """The credit of a photographer at the end of a caption, as printed; in a paragraph, only what no sentence says."""
    in_caption = stops is _CAPTION_STOPS
    if "摄" not in text[-_PARAGRAPH:] and "图" not in text[-_PARAGRAPH:]:
        return
    bracket = _CLOSING.search(text)
    tail = bracket["inside"] if bracket else text.rstrip("。.") if in_caption else text
    if "摄" not in tail and "图" not in tail:
        return
    if found := _SHOT_BY.search(tail):
        if _is_whole(found["inside"]):
            yield found["inside"]
        return
    last = max((stop.end() for stop in stops.finditer(tail)), default=0)
    shot = _SHOT.match(tail[last:].lstrip())
    if shot is None:
        return
    blank = shot["word"][0] in " /／\u3000\u00a0"
    role = _ROLE.search(shot["people"])
    if not (in_caption or bracket) and not shot["word"].endswith(("摄", "报道")):
        return
    if "拍摄" in shot["word"] and (not blank or not in_caption):
        return
    if role:
        line = shot["people"][role.start() :] + shot["word"]
        if _is_whole(line):
            yield line
    elif blank or shot["word"] == "摄":
        people = _last_names(shot["people"], whole=bool(bracket or last))
        if people is not None:
            yield people + shot["word"]


def _last_names(printed: str, *, whole: bool) -> str | None:
    """The names at the end of a caption's last words: `潮头拍岸 王蓉`, `张 三 李 四`.

    `whole`: all these words can be names, for a sentence ends before them. Else the first says what the picture shows,
    unless it is the only name.
    """
    printed = printed[-60:]
    starts = [m.start() for m in re.finditer(r"(?<!\S)\S", printed)]
    for start in starts:
        found, odd = names.read(printed[start:])
        if found and not odd and (whole or start or len(found) == 1 or "、" in printed):
            alone = printed[:start].split()
            return None if alone and len(alone[-1]) == 1 else printed[start:]
    return None
