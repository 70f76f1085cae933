"""Printed credits: who is named in which role.

A credit line is role words and names in turn. A role word stands before its names (`记者 张三 李四 通讯员 王五`) or
after them (`张三 文 李四 摄`). Each name is one credit in each role it is printed under; nothing is moved between roles.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from zjcrawl.lines import SEAM
from zjcrawl.models import Credit, Role
from zjcrawl.normalise.names import is_latin, is_nobody, is_outlet, is_person

ORDER: tuple[Role, ...] = (
    "reporter",
    "correspondent",
    "intern",
    "photographer",
    "editor",
    "proofreader",
    "translator",
)

# Role words as papers print them, longest first. `()` is a word we know and whose people are not asked for: it ends a
# group of names. Words that can stand after their names are in _AFTER.
_WORDS: tuple[tuple[str, tuple[Role, ...]], ...] = (
    (
        r"(?:文\s*[/／、&]\s*[图摄]|[图摄]\s*[/／、&]\s*文|摄影\s*[/／、]\s*文字?|文字?\s*[/／、]\s*摄影|文字?并摄|文图|图文|撰文[/／、]摄影|采写[/／、]摄影)",
        ("reporter", "photographer"),
    ),
    (r"(?:摄影|图片|视觉|摄像|视频)记者", ("photographer",)),
    (r"(?:特约|职工|本报|实习)?通讯员", ("correspondent",)),
    (r"实习生|实习学生", ("intern",)),
    (
        r"(?:本报|本网|本台|本刊|本站)?(?:全媒体|融媒体|首席|见习|实习|特约|特派|资深|高级|驻\S{1,6}|文字)*(?:首席|见习|实习|特约|特派|资深)?记者",
        ("reporter",),
    ),
    (r"责任校对|校对|核校|责校|审校", ("proofreader",)),
    (r"编译|翻译|译者", ("translator",)),
    (
        r"(?:责任|网络|值班|本期|本文|见习|执行|文字|图文|新媒体|实习|视频|图片|美术|版面|首席)?编辑(?!部)|责编",
        ("editor",),
    ),
    (r"专栏作者|特约作者|作者|撰文|撰稿|撰写|采写|执笔|采访", ("reporter",)),
    (r"摄影报道|摄影|拍摄|摄(?![一-鿿])", ("photographer",)),
    (
        r"监制|审核|审读|审签|终审|初审|复审|[一二三]审|总监|主编|主任|统筹|策划|设计|制图|美编|视觉|剪辑|出品|选稿|供图|供稿|来源|投稿|签发|运营|制作|排版|"
        r"综合整理|整合报道|报道|综合|整理|整合|视频|图片",
        (),
    ),
    (r"(?<![一-鿿])文(?![一-鿿])", ("reporter",)),
    (r"(?<![一-鿿])图(?![一-鿿])", ("photographer",)),
)
_AFTER = re.compile(
    r"文|图|摄|摄影|摄影报道|拍摄|(?:文.*[图摄影])|(?:[图摄].*文)|图文|撰文|采写|报道|综合|整理|整合|供图|供稿|编译|翻译"
)
_ROLE = re.compile("|".join(f"(?P<r{i}>{word})" for i, (word, _) in enumerate(_WORDS)))
_COLON = re.compile(r"[\s\x1f　\u00a0]*[:：|｜丨/／][\s\x1f　\u00a0]*")
_BETWEEN = re.compile(r"[\s\x1f　\u00a0、,，;；&/／|｜()（）\[\]【】《》<>：:。.]+")
_AFTER_AN_OUTLET = re.compile(r"(?:记者|通讯员|作者|实习生)$")
_STAFF_ID = re.compile(r"[_＿-]?[A-Z]{0,4}\d{2,}$|[（(][^（）()]*[）)]$")
_OTHER_LABEL = re.compile(r"(?<![一-鿿])[一-鿿]{2,6}[ 　]?[:：]|(?:19|20)\d\d\s?[-年./]")
_LONGEST = 600  # characters; no credit line is so long, and what follows in one is a text
_STAFF_NUMBER = re.compile(r"[A-Za-z]{1,4}\d{2,}")  # printed behind a name of its own: `张三 AB123`
# A reader must be able to see the whole word: `记者` inside a sentence (记者获悉) names nobody.
_HAS_ROLE = re.compile(
    r"记者|通讯员|实习生|作者|撰文|撰稿|采写|执笔|摄影|摄|文/|文／|图/|文图|图文|编辑|责编|校对|文\s*[|｜丨:：]|编译|翻译"
)


@dataclass(slots=True)
class _Group:
    """Names in a row under the role words printed before them."""

    roles: tuple[Role, ...] | None
    start: int
    end: int
    names: list[str] = field(default_factory=list)


def has_role(text: str) -> bool:
    """Whether a role word stands in the text."""
    return bool(_HAS_ROLE.search(text))


def read(printed: str, default: Role | None = None) -> tuple[list[Credit], list[str]]:
    """The credits of a credit line and what of it could not be understood (`credit_not_a_person`, `name_unclear`).

    `default` is the role where the label stands elsewhere (a template's `span#author_baidu`). Names without any role
    credit nobody.
    """
    printed = printed[:_LONGEST]
    groups, warnings = _groups(printed, default)
    credits = [
        Credit(
            role,
            name,
            " ".join(printed[group.start : group.end].replace(SEAM, " ").split()).rstrip("（）()【】[]、,，;； "),
        )
        for group in groups
        for role in group.roles or ()
        for name in group.names
    ]
    return in_order(credits), warnings


def in_order(credits: Iterable[Credit]) -> list[Credit]:
    """Credits by role in the order of ORDER, as printed within a role, a person once in each role."""
    once: dict[tuple[Role, str], Credit] = {}
    for credit in credits:
        once.setdefault((credit.role, credit.name), credit)
    return sorted(once.values(), key=lambda credit: ORDER.index(credit.role))


def _groups(printed: str, default: Role | None) -> tuple[list[_Group], list[str]]:
    warnings: list[str] = []
    done: list[_Group] = []
    open_: list[_Group] = []  # groups that a role word after them may still speak of
    roles: tuple[Role, ...] | None = (default,) if default else None
    start, at = 0, 0
    for match in [*_ROLE.finditer(printed), None]:
        until = match.start() if match else len(printed)
        if match and at > until:
            continue
        person = not roles or any(role not in ("editor", "proofreader") for role in roles)
        colon = _COLON.match(printed, match.end()) if match else None
        end = until
        if match and not colon and _AFTER_AN_OUTLET.search(match[0]):
            end = _outlet_start(printed, at, until)
        names, odd = _names(_before_another_label(printed[at:end]), person)
        if roles:
            warnings += odd
        if names:
            open_.append(_Group(roles, start, until, names))
        if match is None:
            break
        word = _WORDS[int(next(name for name, value in match.groupdict().items() if value)[1:])][1]
        if names and not colon and _AFTER.fullmatch(match[0]) and not _opens(printed, match):
            _close(open_, word, match.end())
            done += open_
            open_, roles, start = [], None, match.end()
        else:
            if word == () or colon:
                done, open_ = done + open_, []
            roles, start = word, match.start()
        at = colon.end() if colon else match.end()
    return done + open_, list(dict.fromkeys(warnings))


def _before_another_label(text: str) -> str:
    """A stretch of names up to a label that is no role, or a date: `李四 发布：2024-03-05`."""
    found = _OTHER_LABEL.search(text)
    return text[: found.start()] if found else text


def _outlet_start(printed: str, at: int, until: int) -> int:
    """Where the outlet begins that stands against a role word, as in `南都见习记者`: it names no person."""
    while until > at and not _BETWEEN.match(printed[until - 1]):
        until -= 1
    return until


def _opens(printed: str, match: re.Match[str]) -> bool:
    """Whether `摄影` after names begins a group of its own: `记者 张三 摄影 李四`, against `张三 摄影`."""
    rest = printed[match.end() :]
    following = _ROLE.search(rest)
    names, _ = _names(rest[: following.start()] if following else rest, True)
    if not names or match[0] in ("文", "摄", "图"):
        return False
    return not (following and _AFTER.fullmatch(following[0]) and len(following[0]) == 1)


def _close(groups: list[_Group], word: tuple[Role, ...], end: int) -> None:
    """A role word after names: `摄` makes photographers of them, `文` leaves a reporter a reporter, `文/图` adds."""
    for group in groups:
        if group.roles is None or word == ("photographer",):
            group.roles = word
        elif "photographer" in word:
            group.roles = tuple(dict.fromkeys((*group.roles, "photographer")))
        group.end = end


def _names(text: str, person: bool) -> tuple[list[str], list[str]]:
    """The names in a stretch between role words. A lone character pairs with a lone neighbour: `王 蓉` is `王蓉`."""
    names: list[str] = []
    warnings: list[str] = []
    single, latin = "", False
    for word in _BETWEEN.split(text.replace("·\x1f", "·")):
        if not word:
            continue
        word = word if is_latin(word) and person else _STAFF_ID.sub("", word) or word
        if len(word) == 1 and not word.isascii():
            if single:
                names.append(single + word)
            single, latin = "" if single else word, False
            continue
        if single:  # `何 苏鸣` may be one name or a stray character and another: neither is a guess we make
            warnings.append("name_unclear")
            single = ""
            if len(word) == 2 and is_person(word):
                continue
        if names and not person and _STAFF_NUMBER.fullmatch(word):
            continue
        if is_person(word):
            names.append(word)
            latin = False
        elif is_latin(word) and not word.isdigit():
            if latin:
                names[-1] += " " + word
            else:
                names.append(word)
            latin = True
        elif not person and len(word) <= 12 and not word.isdigit() and not is_nobody(word):
            names.append(word)
        else:
            latin = False
            warnings.append("credit_not_a_person" if is_outlet(word) or len(word) <= 4 else "name_unclear")
    if single:
        warnings.append("name_unclear")
    return names, warnings
