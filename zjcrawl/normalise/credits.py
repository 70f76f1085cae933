"""Printed credits: who is named in which role.

A credit line is role words and names in turn. A role word stands before its names (`记者 张三 李四 通讯员 王五`) or
after them (`张三 文 李四 摄`). Each name is one credit in each role it is printed under; nothing is moved between roles.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from zjcrawl.lines import SEAM
from zjcrawl.models import Credit, Role
from zjcrawl.normalise import names as people
from zjcrawl.normalise import places

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
        r"(?:文\s*[/／、&]\s*(?:摄影|[图摄])|[图摄]\s*[/／、&]\s*文|摄影\s*[/／、]\s*文字?|文字?\s*[/／、]\s*摄影|文字?并摄|文图|图文(?!编辑)|撰文[/／、]摄影|采写[/／、]摄影|"
        r"摄影报道)",
        ("reporter", "photographer"),
    ),
    (r"(?:摄影|图片|视觉|摄像|视频)记者", ("photographer",)),
    (r"(?:特约|职工|本报|实习)?通讯员", ("correspondent",)),
    (r"实习生|实习学生", ("intern",)),
    (
        r"(?<![小老女男名])(?:本报|本网|本台|本刊|本站)?(?:全媒体|融媒体|首席|见习|实习|特约|特派|资深|高级|驻\S{1,6}|文字)*(?:首席|见习|实习|特约|特派|资深)?记者|記者|(?<![一-鿿])由(?=\x1f)",
        ("reporter",),
    ),
    (r"责任校对|校对|核校|责校|审校", ("proofreader",)),
    (r"编译|翻译|译者", ("translator",)),
    (
        r"(?:责任|网络|值班|本期|本文|栏目|见习|执行|文字|图文|新媒体|实习|视频|图片|美术|版面|首席)?编辑(?!部)|责编|(?:責任)?編輯(?!部)",
        ("editor",),
    ),
    (r"专栏作者|特约作者|作者|撰文|撰稿人?|撰写|采写|执笔人?|采访|文字(?=\s*[:：/／|｜])", ("reporter",)),
    (r"摄影师?|拍摄者?|摄(?![一-鿿])|攝影", ("photographer",)),
    (
        r"总编辑|海报|版式|组版|主播|出镜|配音|动画|拍友|统稿|值班编委|编委|编审|主持人|监制|审核|审读|审签|终审|初审|复审|[一二三]审|总监|主编|主任|统筹|策划|设计|制图|美编|视觉|剪辑|出品|选稿|供图|供稿|来源|投稿|签发|运营|制作|排版|"
        r"综合整理|整合报道|(?:参与|联合)(?:采写|采访|报道)|报道|综合|整理|整合|视频|图片",
        (),
    ),
    (r"(?<![一-鿿])文(?![一-鿿])", ("reporter",)),
    (r"(?<![一-鿿])图(?![一-鿿])", ("photographer",)),
)
_AFTER = re.compile(
    r"文|图|摄|摄影|摄影报道|拍摄|(?:文.*[图摄影])|(?:[图摄].*文)|图文|撰文|采写|(?:参与|联合)(?:采写|采访|报道)|报道|综合|整理|整合|供图|供稿|编译|翻译"
)
_ROLE_WORDS = "|".join(f"(?P<r{i}>{word})" for i, (word, _) in enumerate(_WORDS))
_ROLE = re.compile(rf"(?=[{''.join(sorted(set(re.findall('[一-鿿]', _ROLE_WORDS))))}])(?:{_ROLE_WORDS})")
_COLON = re.compile(r"[\s\x1f　\u00a0]*[:：|｜丨/／][\s\x1f　\u00a0]*")
_BLANK = re.compile(r"[\s\x1f　\u00a0、,，;；&/／|｜()（）\[\]【】［］〔〕《》<>：:。.■□◆◇●▲★☆※]")
_TITLE = re.compile(r"(?:记者|通讯员|作者|实习生)$")  # an outlet can stand against it: `南都见习记者`
_OTHER_LABEL = re.compile(r"(?<![一-鿿])[一-鿿]{2,6}[ 　]?[:：]|(?:19|20)\d\d\s?[-年./]")
_LONGEST = 600  # characters; no credit line is so long, and what follows in one is a text
_IN_TRAINING = re.compile(r"(?<=[一-鿿])[（(](?:实习|见习)(?:生|编辑|记者)?[）)]")  # `责编：王倩（实习生）、张三`
_REPORTS = re.compile(r"(?<=[一-鿿][\s\u3000\u00a0])(?P<place>[一-鿿]{2,8})(?=报道)")  # `记者 张三 枣庄报道`
_NEAR = 40  # characters on either side that tell whether 文 is half of a name
_LONE = frozenset("文图摄")
_NO_WRITERS = frozenset(("editor", "proofreader"))
# A reader must be able to see the whole word: `记者` inside a sentence (记者获悉) names nobody.
_HAS_ROLE = re.compile(
    r"记者|通讯员|实习生|作者|撰文|撰稿|采写|执笔|摄影|摄|文/|文／|图/|文图|图文|编辑|责编|記者|編輯|攝影|校对|文字?\s*[|｜丨:：/／]|编译|翻译"
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


def read(printed: str, default: Role | None = None, *, labelled: bool = False) -> tuple[list[Credit], list[str]]:
    """The credits of a credit line and what of it could not be understood (`credit_not_a_person`, `name_unclear`).

    `default` is the role where the label stands elsewhere (a template's `span#author_baidu`). Names without any role
    credit nobody. Where a colon stands behind a role word, or the line stands where nothing but names does (`labelled`,
    as behind a dateline), a name needs no surname: pen names are printed there.
    """
    printed = printed[:_LONGEST]
    # `文丨王蓉`: the bar is a Chinese character (U+4E28), and would be one of the name.
    shown = _IN_TRAINING.sub(lambda found: " " * len(found[0]), printed).replace("丨", "|")
    shown = _REPORTS.sub(_without_place, shown) if "报道" in shown else shown
    groups, warnings = _groups(shown, default, labelled or default is not None)
    credits = [
        Credit(
            role,
            name,
            " ".join(printed[group.start : group.end].replace(SEAM, " ").split()).rstrip(
                "（）()【】［］〔〕[]、,，;； "
            ),
        )
        for group in groups
        for role in group.roles or ()
        for name in group.names
    ]
    return in_order(credits), warnings


def _without_place(found: re.Match[str]) -> str:
    """Blanks for a word against 报道 that says from where: a place, or no name; not half of a role (`联合报道`)."""
    word = found["place"]
    role = _ROLE.search(f"{word}报道")
    is_role = role is None or role.start() < len(word) or people.is_outlet(word)
    return word if is_role or (people.is_name(word) and not places.is_place(word)) else " " * len(word)


def in_order(credits: Iterable[Credit]) -> list[Credit]:
    """Credits by role in the order of ORDER, as printed within a role, a person once in each role."""
    once: dict[tuple[Role, str], Credit] = {}
    for credit in credits:
        once.setdefault((credit.role, credit.name), credit)
    return sorted(once.values(), key=lambda credit: ORDER.index(credit.role))


def _groups(printed: str, default: Role | None, labelled: bool) -> tuple[list[_Group], list[str]]:
    warnings: list[str] = []
    done: list[_Group] = []
    open_: list[_Group] = []  # groups that a role word after them may still speak of
    roles: tuple[Role, ...] | None = (default,) if default else None
    start, at, sure = 0, 0, labelled
    opening = ""  # the role word that the names stand behind
    in_colons = False  # a line that begins with `作者：` goes on naming people
    words = list(_ROLE.finditer(printed))
    for index, match in enumerate([*words, None]):
        until = match.start() if match else len(printed)
        if match and (at > until or _is_in_a_name(printed, at, words, index, roles is not None)):
            continue
        colon = _COLON.match(printed, match.end()) if match else None
        end = _outlet_start(printed, at, match, roles, opening) if match and not colon else until
        editors = sure and roles is not None and _NO_WRITERS.issuperset(roles)
        pen_names = sure and roles != ("photographer",)  # `图：老街` says what it shows
        names, odd = people.read(_before_another_label(printed[at:end]), labelled=pen_names, editors=editors)
        closes = match is not None and bool(names) and not colon and opening not in _LONE and _is_after(printed, match)
        if roles or closes:
            warnings += odd
        if names:
            open_.append(_Group(roles, start, until, names))
        if match is None:
            break
        word = _roles_of(match)
        if closes:
            _close(open_, word, match.end())
            done += open_
            open_, roles, start, sure, opening = [], None, match.end(), labelled, ""
        else:
            if word == () or colon:
                done, open_ = done + open_, []
            is_title = not names and sure and "photographer" in (roles or ()) and _TITLE.search(match[0])
            if not is_title:  # `摄影：南都记者 张三` takes pictures
                roles, start, opening = word, match.start(), match[0] + ("：" if colon else "")
            in_colons = in_colons or bool(colon)
            sure = labelled or bool(colon) or (in_colons and bool(_TITLE.search(match[0]))) or _is_label(printed, match)
        at = colon.end() if colon else match.end()
    return done + open_, list(dict.fromkeys(warnings))


def _is_label(printed: str, match: re.Match[str]) -> bool:
    """Whether a role word is a label in an element of its own, which needs no colon."""
    return printed.startswith(SEAM, match.end()) and match[0].endswith(("编辑", "责编", "作者", "由"))


def _roles_of(match: re.Match[str]) -> tuple[Role, ...]:
    return _WORDS[int((match.lastgroup or "r0")[1:])][1]


def _is_in_a_name(printed: str, at: int, words: list[re.Match[str]], index: int, opened: bool) -> bool:
    """Whether 文 or 图 is no role word but half of a name printed wide: `记者 李 文 王 芳`, `记者 文 静`."""
    match = words[index]
    if match[0] not in _LONE or match[0] == "摄" or _COLON.match(printed, match.end()):
        return False
    at = max(at, match.start() - _NEAR)
    until = min(words[index + 1].start() if index + 1 < len(words) else len(printed), match.end() + _NEAR)
    if not printed[at : match.start()].strip():
        return opened and not people.read(printed[match.start() : until])[1]
    (without, odd), (with_it, odder) = people.read(printed[at : match.start()]), people.read(printed[at : match.end()])
    if odder:
        return bool(odd) and not people.read(printed[at:until])[1]  # `宇 文 丽`
    others = any(word[0] in ("摄", "图", "摄影") for word in words[index + 1 :])  # without, 文 says nothing
    return bool(odd) or len(with_it) > len(without) or (len(with_it) == len(without) and not others)


def _before_another_label(text: str) -> str:
    """A stretch of names up to a label that is no role, or a date: `李四 发布：2024-03-05`."""
    found = _OTHER_LABEL.search(text)
    return text[: found.start()] if found else text


def _outlet_start(printed: str, at: int, match: re.Match[str], roles: tuple[Role, ...] | None, opening: str) -> int:
    """Where the outlet begins that stands against a role word, as in `南都见习记者`: it names no person.

    What stands against it and is the only name of another role is that name: `记者王蓉通讯员李四`, not `摄影：温都记者 王五`.
    """
    until = start = match.start()
    if not _TITLE.search(match[0]):
        return until
    while start > at and not _BLANK.match(printed[start - 1]):
        start -= 1
    is_other = bool(roles) and roles != _roles_of(match) and not opening.endswith("：")
    is_only = not printed[at:start].strip() and people.is_name(printed[start:until])
    return until if is_other and is_only else start


def _is_after(printed: str, match: re.Match[str]) -> bool:
    """Whether a role word speaks of the names before it: `张三 摄影`, against `记者 张三 摄影 李四`."""
    return bool(_AFTER.fullmatch(match[0])) and not _opens(printed, match)


def _opens(printed: str, match: re.Match[str]) -> bool:
    rest = printed[match.end() :]
    following = _ROLE.search(rest)
    names, _ = people.read(rest[: following.start()] if following else rest)
    if not names or match[0] in _LONE:
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
