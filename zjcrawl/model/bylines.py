"""Every kind of byline a page prints, each with the people it credits.

A `Byline` is what stands on the page and who it means: `本报记者 王 蓉 通讯员 李四` is a reporter and a correspondent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from zjcrawl.model import words
from zjcrawl.models import Role

Person = tuple[Role, str]


@dataclass(frozen=True, slots=True)
class Byline:
    """`text` as printed; `people` as (role, name) in printed order."""

    text: str
    people: tuple[Person, ...]


def _one(label: str, role: Role) -> Callable[[Random], Byline]:
    def make(rng: Random) -> Byline:
        person = words.name(rng)
        return Byline(f"{label}{_shown(rng, (person,))}", ((role, person),))

    return make


def _many(label: str, role: Role) -> Callable[[Random], Byline]:
    def make(rng: Random) -> Byline:
        people = words.names(rng, rng.randint(2, 3))
        return Byline(f"{label}{_shown(rng, people)}", _as(role, people))

    return make


def reporter_and_correspondents(rng: Random) -> Byline:
    """`本报记者 王 蓉 通讯员 李四 王五`"""
    first, *others = words.names(rng, 3)
    text = f"{rng.choice(('本报记者', '记者'))} {_shown(rng, (first,))} 通讯员 {_shown(rng, others)}"
    return Byline(text, _as("reporter", (first,)) + _as("correspondent", others))


def reporter_and_intern(rng: Random) -> Byline:
    """`记者 张三 实习生 李四`"""
    first, second = words.names(rng, 2)
    return Byline(f"记者 {_shown(rng, (first,))} 实习生 {second}", (("reporter", first), ("intern", second)))


def words_and_pictures_by_one(rng: Random) -> Byline:
    """`文/图 张三`, `记者 张三 文/图`: one person in both roles."""
    person = words.name(rng)
    return Byline(
        rng.choice(("文/图 {0}", "记者 {0} 文/图", "文/图：{0}", "记者 {0} 文/摄")).format(person),
        (("reporter", person), ("photographer", person)),
    )


def words_and_pictures_by_two(rng: Random) -> Byline:
    """`记者 张三 文 李四 摄`"""
    writer, photographer = words.names(rng, 2)
    text = rng.choice(("记者 {0} 文 {1} 摄", "记者 {0} 摄影 {1}", "记者：{0} 摄影：{1}", "文/{0} 图/{1}"))
    return Byline(text.format(writer, photographer), (("reporter", writer), ("photographer", photographer)))


HEADER: tuple[Callable[[Random], Byline], ...] = (
    _one("记者 ", "reporter"),
    _one("记者：", "reporter"),
    _one("本报记者 ", "reporter"),
    _one("首席记者 ", "reporter"),
    _one("见习记者 ", "reporter"),
    _one("特约记者 ", "reporter"),
    _one("通讯员 ", "correspondent"),
    _one("作者:", "reporter"),
    _one("摄影 ", "photographer"),
    _many("记者 ", "reporter"),
    _many("本报记者 ", "reporter"),
    reporter_and_correspondents,
    reporter_and_correspondents,
    reporter_and_intern,
    words_and_pictures_by_one,
    words_and_pictures_by_two,
)


def header(rng: Random) -> Byline:
    """A byline as it stands beside time and source."""
    return rng.choice(HEADER)(rng)


def bracketed(rng: Random) -> Byline:
    """A byline as it stands in the text: `（记者 张三 通讯员 李四）`, half- or full-width."""
    reporter, correspondent = words.names(rng, 2)
    opening, closing = rng.choice(("（）", "（）", "()"))
    text, people = rng.choice(
        (
            (f"记者 {reporter}", _as("reporter", (reporter,))),
            (f"记者{reporter}", _as("reporter", (reporter,))),
            (f"本报记者 {reporter}", _as("reporter", (reporter,))),
            (
                f"记者 {reporter} 通讯员 {correspondent}",
                _as("reporter", (reporter,)) + _as("correspondent", (correspondent,)),
            ),
        )
    )
    return Byline(f"{opening}{text}{closing}", people)


def photo_credit(rng: Random) -> Byline:
    """A credit as it ends a caption: `记者 梁臻 摄`."""
    person = words.name(rng)
    text = rng.choice(("记者 {} 摄", "{} 摄", "（记者 {} 摄）", "本报记者 {} 摄", "摄影：{}")).format(person)
    return Byline(text, (("photographer", person),))


def editors(rng: Random) -> Byline:
    """`责任编辑: 沈正玺`, in every spelling of label and colon."""
    people = words.names(rng, 1 if rng.random() < 0.85 else 2)
    label = rng.choice(("责任编辑", "责任编辑", "责任编辑", "责编", "编辑"))
    return Byline(f"{label}{rng.choice(('：', ':', ': ', '： ', ' :'))}{_shown(rng, people)}", _as("editor", people))


def _as(role: Role, people: tuple[str, ...] | list[str]) -> tuple[Person, ...]:
    return tuple((role, person) for person in people)


def _shown(rng: Random, people: tuple[str, ...] | list[str]) -> str:
    """The names in a row; a name of two characters is often printed with a blank, as papers align them."""
    blank = rng.choice((" ", " ", "　"))
    padded = [f"{p[0]}{blank}{p[1]}" if len(p) == 2 and rng.random() < 0.5 else p for p in people]
    tight = padded == list(people)
    return rng.choice((" ", "、") if tight else (" ",)).join(padded)
