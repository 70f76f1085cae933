"""Printed labels: a line such as `2019年07月24日 15:07:34 来源: X 记者 Y` parted into what its labels name.

Labels are the convention that Chinese news pages share, whatever their markup; colons are half- or full-width, with or
without blanks, and where label and value are separate elements (a SEAM between them) often absent.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple, cast

from zjcrawl.lines import SEAM
from zjcrawl.normalise import names, places, times

Kind = Literal["time", "source", "credit", "tags", "notice", "other"]

_EDITORS = r"(?:责任|网络|值班|本期|本文|栏目|见习|执行|文字|图文|新媒体|实习|视频|图片|美术|版面|首席)?编辑|责编|(?:責任)?編輯"
_LABELS: dict[Kind, str] = {
    "source": r"来源于|来自|(?:文章|信息|新闻|消息|稿件|内容|本文|资讯)?来源|稿源|转载自|转自|出处|(?:文章|新聞)?來源",
    "time": r"(?:发布|发表|发稿|刊发|刊登|上传|录入|添加|创建|发文|公开|公布|信息|新闻|文章|发帖)?(?:时间|日期)|发布|发表|发布于|发表于|(?:發[佈布]|發表)?(?:時間|日期)|發[佈布]",
    "credit": (
        rf"{_EDITORS}|责任校对|校对|核校|责校|(?:专栏|特约|本文|原)?作者|撰文|撰稿人?|撰写|采写|执笔人?|编译|翻译|摄影师?|拍摄者?|文[/／]图|图[/／]文|图文|文字|文|图|"
        r"(?:本报|本网|本台|首席|见习|实习|特约|特派|全媒体|摄影)*记者|(?:特约)?通讯员|实习生|記者|撰稿人|攝影|供稿|供图|审核人?|审读|签发|排版|制作|监制|选稿|终审|初审|复审|总监|主编|统筹|策划"
    ),
    "tags": r"(?:本文|文章|相关|新闻)?(?:标签|关键词|关键字|標籤|關鍵字)|相关热词(?:搜索)?|[Tt]ags?|TAGS?",
    "other": (
        r"(?:最后|最近)更新|更新时间|发布(?:者|人)|上传者?|录入者?|(?:浏览|阅读)人数|更新日期|修改时间|(?:成文|生成|实施|印发|失效)(?:日期|时间)|公开方式|原标题|原题|摘要|导读|核心提示|内容提要|(?:浏览|查看)(?:次数|量)?|点击(?:数|次数|率|量)?|阅读(?:数|次数|量)?|人气|访问(?:次数|量)?|评论(?:数)?|字号|字体(?:大小)?|"
        r"分享(?:到|至)?|打印|收藏|纠错|本文链接|本文地址|链接地址|上一篇|下一篇|相关(?:阅读|新闻|链接|专题|报道)|延伸阅读|推荐阅读|所属(?:频道|栏目|专题)|栏目|分类|频道|版权(?:声明|说明)?|声明|"
        r"索引号|文号|名称|标题|发文(?:机关|单位|字号)|发布(?:机构|单位)|公开形式|主题分类|主办|承办|地址|电话|邮编|邮箱|网址|备案号|投稿|微信|微博|扫描"
    ),
}
_ALL = "|".join(f"(?P<{kind}>{words})" for kind, words in _LABELS.items())
_COLON = r"[\s\x1f\u00a0　]*[:：∶]"
_LETTERS = "".join(sorted(set(re.findall(r"[一-鿿T]", _ALL))))  # no label begins with another one
# With a colon a label may follow anything but a character that would make another word of it (`资金来源：`). An editor's
# label is never part of one, and some pages set their labels solid: `来源：浙江宣传责任编辑：金晔`.
_WITH_COLON = re.compile(
    rf"(?=[{_LETTERS}t])(?:(?<![一-鿿A-Za-z])(?:{_ALL})|(?<=[一-鿿A-Za-z])(?P<solid>责任编辑|责任校对|责编|(?<![总主副])编辑|(?<![原本约文栏译])作者)){_COLON}[\s\x1f\u00a0　]*"
)
# Without one, only words that can be nothing else, where a value follows in a new element or after a bar; a name may
# stand against 作者, a heading (`作者最新文章`) does not.
_SEAMED = re.compile(
    rf"(?:^|(?<=[\x1f|｜]\s)|(?<=[\x1f|｜]))(?:(?P<source>来源于?|稿源)|(?P<credit>作者|由(?=\s?\x1f)|{_EDITORS})|(?P<tags>标签|关键词|[Tt]ags?|TAGS?))"
    r"(?:\s?\x1f|\s?[|｜丨]\s*|\s*>>\s*|(?=(?!最|更|其|于|简介|介绍|专栏|推荐|热门|文章|寄语|声明|精选|部)[一-鿿A-Za-z]{2,14}(?:\x1f|$))|[\s\u3000\u00a0]+(?=[一-鿿]{2,14}(?:\s*[\x1f|｜]|$)))"
)
# With a bar for a colon: `来源丨X 编辑丨Y`.
_BARRED = re.compile(
    rf"(?:^|(?<=[\s\x1f|｜丨]))(?:(?P<source>来源|稿源)|(?P<credit>文字?|图片?|作者|记者|通讯员|撰[文稿]|采写|执笔|摄影|校对|审核|监制|{_EDITORS}))"
    r"\s?[丨｜|]\s?(?=[一-鿿])"
)
# In a box of its own: `【编辑】X`.
_BOXED = re.compile(
    rf"[【\[](?:(?P<source>来源|稿源)|(?P<credit>作者|记者|{_EDITORS}))[】\]][\s\x1f\u3000]*(?=[一-鿿])"
)
# Labels are printed wide to stand above each other: `编　辑：`, `来 源：`.
_WIDE = re.compile(
    r"(?=[ 　\u00a0])(?:(?<=[来稿])[ 　\u00a0]+(?=源)|(?<=[作记])[ 　\u00a0]+(?=者)|(?<=编)[ 　\u00a0]+(?=辑)|(?<=责)[ 　\u00a0]+(?=编)|(?<=标)[ 　\u00a0]+(?=签)|(?<=时)[ 　\u00a0]+(?=间)|(?<=日)[ 　\u00a0]+(?=期)|(?<=文)[ 　\u00a0]+(?=号)|(?<=名)[ 　\u00a0]+(?=称)|(?<=标)[ 　\u00a0]+(?=题))(?=.[ 　\u00a0]*[:：])"
)
# Roles in bylines, without colon: `本报记者 张三`, `摄影/张三`, `编辑 张三 校对 李四`. A name must follow: `记者手记` heads a
# column, and `记者走进三桥村` is a subtitle.
_REPORTER = r"(?:[一-鿿·]{0,16}?(?:本报|本网|本台|首席|见习|实习|特约|特派|全媒体|摄影)*(?:记者|通讯员))"
_BARE_CREDIT = re.compile(
    r"(?:^|(?<=[\s\x1f（(\u00a0　【\[［〔|｜□■◆●○▲]))"
    rf"(?:{_REPORTER}|实习生|摄影师?|拍摄|(?:采写|撰文|采访)(?=\s?[/／])|文\s?[/／]\s?图?|图\s?[/／]\s?文?"
    rf"|(?:{_EDITORS}|校对|责任校对|供图|撰文|作者|审核)(?=\s?[/／]|[\s\x1f\u00a0　]))"
)
_BEFORE_A_NAME = re.compile(rf"[\s\x1f\u00a0　/／]*(?:{_REPORTER}[\s\x1f\u00a0　]*)?(?P<latin>[A-Za-z])?")
_ROLE_LETTERS = re.compile(r"[者员生影摄文图编校核采]")  # one of them stands in every word of _BARE_CREDIT
# Where an outlet ends: its element, a bar, wide blanks, or what a reader can do there.
_END_OF_SOURCE = re.compile(
    r"\x1f|\s[|｜]\s?|[　\u00a0]{2,}| {2,}|[\s　\u00a0]+(?:[【\[［〔]|字号|字体|参与互动|分享|打印|我要|评论|浏览|点击|阅读|关注|收藏|举报|订阅|大\s中\s小)"
)
_LONGEST = 4000  # characters; labels stand in short lines, and what is longer is a text
_BRACKETED = re.compile(r"[\[［【(（]([^\[\]［］【】()（）]+)[\]］】)）]")  # `来源：[ 某报 ]`
_NO_OUTLET = frozenset(("未知", "不详", "无", "暂无", "null", "None"))


class Part(NamedTuple):
    """One labelled stretch of a line: its kind, the label without colon, the text after it, and where it began."""

    kind: Kind
    label: str
    text: str
    start: int
    whole: str  # label and text as printed


@lru_cache(256)  # a line is asked for its labels by all who read it
def parts(seamed: str) -> tuple[Part, ...]:
    """The labelled stretches of a line in order. Credits in a row are one part: their own words part them later."""
    seamed = tight(seamed[:_LONGEST])
    marks = _marks(seamed)
    found: list[Part] = []
    for index, (start, end, kind, label) in enumerate(marks):
        until = marks[index + 1][0] if index + 1 < len(marks) else len(seamed)
        if kind == "credit" and found and found[-1].kind == "credit":
            begin = found[-1].start
            found[-1] = Part("credit", found[-1].label, seamed[begin:until], begin, seamed[begin:until])
        else:
            text = seamed[start:until] if kind == "credit" else seamed[end:until]
            found.append(Part(kind, label, text, start, seamed[start:until]))
    return tuple(found)


def tight(seamed: str) -> str:
    """A line with its labels closed up: `编　辑：` is `编辑：`."""
    return _WIDE.sub("", seamed) if ":" in seamed or "：" in seamed else seamed


def lead(seamed: str) -> str:
    """What stands before the first label: often the time, or an outlet without label."""
    marks = _marks(seamed[:_LONGEST])
    return seamed[: marks[0][0]] if marks else seamed


def source_of(part: Part) -> str:
    """The outlet in a source part, or "": to the end of its element, or to a time or a credit behind it."""
    text = part.text.strip(" \u00a0　" + SEAM)[:200]
    if when := times.find(text):
        text = text[: when.start()]
    if cut := _END_OF_SOURCE.search(text):
        text = text[: cut.start()]
    text = _closed(plain(text)).strip("：:|｜/ 　\u00a0,，;；").lstrip("])）】］〕").rstrip("[(（【［〔")
    if whole := _BRACKETED.fullmatch(text):
        text = whole[1].strip()
    if part.label == "来自" and places.is_place(text):  # of the reader's or the writer's address
        return ""
    return "" if text in _NO_OUTLET or text.startswith(("http://", "https://", "www.")) else text


def _closed(text: str) -> str:
    """A text up to the bracket that closes what was opened before it: `【来源：X】 …`; `某社区[整理]` keeps its own."""
    open_ = 0
    for index, char in enumerate(text):
        if char in "[（(【［〔":
            open_ += 1
        elif char in "])）】］〕":
            if not open_:
                return text[:index]
            open_ -= 1
    return text


def plain(seamed: str) -> str:
    """A stretch without its seams and outer blanks."""
    return seamed.replace(SEAM, "").strip(" \t\u00a0　")


def _marks(seamed: str) -> list[tuple[int, int, Kind, str]]:
    marks = [_mark(match) for match in _matches(seamed)]
    if len(marks) < 2:
        return marks
    marks.sort(key=lambda mark: (mark[0], -mark[1]))
    kept: list[tuple[int, int, Kind, str]] = []
    for mark in marks:
        if not kept or mark[0] >= kept[-1][1]:
            kept.append(mark)
    return kept


def _mark(match: re.Match[str]) -> tuple[int, int, Kind, str]:
    named = match.lastgroup or "credit"
    kind: Kind = "credit" if named == "solid" else cast(Kind, named)
    return match.start(), match.end(), kind, match[match.lastgroup or 0].strip()


def _matches(seamed: str) -> Iterator[re.Match[str]]:
    """The matches of all patterns that can match at all: most lines have neither colon nor bar, and asking is cheap."""
    bar = "|" in seamed or "｜" in seamed or "丨" in seamed
    if ":" in seamed or "：" in seamed or "∶" in seamed:
        yield from _WITH_COLON.finditer(seamed)
    if bar or SEAM in seamed:
        yield from filter(_is_parted, _SEAMED.finditer(seamed))
    elif (first := _SEAMED.match(seamed)) and _is_parted(first):
        yield first
    if bar:
        yield from _BARRED.finditer(seamed)
    if "】" in seamed or "]" in seamed:
        yield from _BOXED.finditer(seamed)
    if _ROLE_LETTERS.search(seamed):
        yield from (match for match in _BARE_CREDIT.finditer(seamed) if _name_follows(seamed, match.end()))


def _is_parted(match: re.Match[str]) -> bool:
    """Whether a label without colon is set off from what it labels; where only a blank does, a name must follow 作者."""
    return match.lastgroup != "credit" or match[0][-1] in f"{SEAM}|｜丨>" or _name_follows(match.string, match.end())


def _name_follows(seamed: str, at: int) -> bool:
    """Whether a person's name stands next: at once, behind a blank or slash, or behind who he is (`文/记者 张三`)."""
    before = _BEFORE_A_NAME.match(seamed, at)
    assert before is not None
    return bool(before["latin"]) or names.begin(seamed[before.end() : before.end() + 24])
