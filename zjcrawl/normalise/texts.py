"""What the text of a body says of itself: its dateline, and the people it credits."""

import re
from collections.abc import Iterator, Sequence

from zjcrawl.models import Block, Credit
from zjcrawl.normalise import credits

# 电头: outlet, place, date and 讯/电/消息 at the very start. Without a date the outlet must end as outlets do.
_DATED = re.compile(
    r"^(?P<line>[一-鿿A-Za-z0-9·—“”]{2,16}?\s?(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日(?:[\s\u3000]?(?:综合)?(?:电|讯|消息|报道)))(?![一-鿿A-Za-z])"
)
_UNDATED = re.compile(
    r"^(?P<line>(?:[一-鿿A-Za-z0-9]{0,8}(?:本报|本网|本台|本刊|本站|日报|晚报|早报|商报|时报|都市报|新闻网|在线|客户端|京报|e公司|科技|财经|频道|[报网社])(?:快)?(?:综合)?讯))(?![一-鿿])"
)
_NOT_OUTLET = re.compile(r"^(?:据|综合|昨|今|近)")
_AFTER_DATELINE = re.compile(r"^[\s\u3000\u00a0]{0,4}[（(【\[](?P<inside>[^（）()【】\[\]]{2,80})[）)】\]]")
_BARE_AFTER = re.compile(
    r"^[\s\u3000\u00a0]{1,4}(?P<inside>(?:[一-鿿]{0,8})(?:记者|通讯员)[\s\u3000\u00a0][一-鿿·、\s\u3000\u00a0]{2,40}?)(?=[\s\u3000\u00a0]{2}|报道|$)"
)
_CLOSING = re.compile(r"[（(【\[](?P<inside>[^（）()【】\[\]]{2,80})[）)】\]][。.]?$")
_ALONE = re.compile(
    r"^[（(【\[]?\s*(?P<inside>(?:[一-鿿A-Za-z《》·]{0,14}?(?:记者|通讯员|作者|实习生)|文\s?[/／|｜丨:：]|图\s?[/／|｜丨:：]|图文|文图|撰文|采写|执笔|撰稿|摄影|编译|翻译).{1,60}?)\s*[）)】\]]?$"
)
_PHOTO = re.compile(
    r"(?:^|[\s\u3000\u00a0（(。，；、:：])(?P<inside>[^\s。，；（(]{0,12}?(?:记者|通讯员)?[\s\u3000\u00a0]?(?:[一-鿿·]{2,8}|[一-鿿][\s\u3000][一-鿿])(?:[\s、][一-鿿]{2,4})?[\s\u3000\u00a0]?摄)(?:[）)】]?[。.]?)$"
)
_PHOTO_LABEL = re.compile(r"(?P<inside>摄影\s?[:：/]\s?[一-鿿·\s、]{2,20})[）)】]?$")
_SENTENCE = re.compile(r"[。！？!?；]|，.*，")


def dateline(blocks: Sequence[Block]) -> str | None:
    """`嘉兴在线7月24日讯` at the start of the first paragraph that has one (captions and headings come before it)."""
    for block in [block for block in blocks if block.kind == "paragraph"][:3]:
        if found := _dateline(block.text):
            return found
    return None


def printed_credits(blocks: Sequence[Block]) -> Iterator[tuple[str, str]]:
    """(credit line as printed, where) for every credit that the body prints: after a dateline, alone in a line near
    either end, in brackets at the end, and of photographers under pictures."""
    text = [block for block in blocks if block.kind in ("paragraph", "heading", "caption", "quote") and block.text]
    prose = [block for block in text if block.kind != "caption"]
    near = {id(block) for block in (*prose[:8], *prose[-4:])}
    for block in text:
        if block.kind == "caption":
            yield from ((inside, "caption") for inside in _photo(block.text))
        elif id(block) in near and (inside := _alone(block.text)):
            yield inside, "line of its own in the body"
        else:
            yield from _in_paragraph(block, is_first=block in prose[:3], is_last=block in prose[-2:])


def _in_paragraph(block: Block, *, is_first: bool, is_last: bool) -> Iterator[tuple[str, str]]:
    if is_first:
        line = _dateline(block.text)
        rest = block.text[len(line) :] if line else ""
        if (
            line
            and (found := _AFTER_DATELINE.match(rest) or _BARE_AFTER.match(rest))
            and credits.has_role(found["inside"])
        ):
            yield found["inside"], "after the dateline"
        elif (found := re.match(r"^.{0,12}[（(](?P<inside>[^（）()]{2,60})[）)]", block.text)) and re.search(
            r"记者|通讯员", found["inside"]
        ):
            yield found["inside"], "in brackets at the start of the body"
    found = _CLOSING.search(block.text) if is_last else None
    if found and credits.has_role(found["inside"]) and not _SENTENCE.search(found["inside"]):
        yield found["inside"], "in brackets at the end of the body"
    if len(block.text) <= 120 and (found := _PHOTO.search(block.text)):
        yield found["inside"], "photo credit"


def _photo(text: str) -> Iterator[str]:
    if (found := _PHOTO.search(text) or _PHOTO_LABEL.search(text)) or (
        (found := _CLOSING.search(text)) and re.search(r"摄", found["inside"])
    ):
        yield found["inside"]


def _alone(text: str) -> str | None:
    """A line that is nothing but credits."""
    if len(text) > 80 or _SENTENCE.search(text):
        return None
    found = _ALONE.match(text)
    if found is None:
        return None
    people, odd = credits.read(found["inside"])
    return found["inside"] if people and "name_unclear" not in odd else None


def _dateline(text: str) -> str | None:
    if _NOT_OUTLET.match(text):
        return None
    found = _DATED.match(text) or _UNDATED.match(text)
    return found["line"] if found else None


def credits_in(blocks: Sequence[Block]) -> list[tuple[Credit, str]]:
    """Every credit of the body with the place it was printed at."""
    return [(credit, where) for printed, where in printed_credits(blocks) for credit in credits.read(printed)[0]]
