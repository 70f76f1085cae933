"""What an invented article says, and what a page prints of it, before any markup.

`Story` is the wording: a reprint under another address has the same, or is `cut`. `Printed` is one page's own: address, time,
editor, tags, notice. Both are drawn from the seed and the article's number alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from random import Random
from typing import TypeVar
from zlib import crc32

from zjcrawl.model import bylines, words
from zjcrawl.model.bylines import Byline, Person
from zjcrawl.models import ArticleKind, Block, Precision

Choice = TypeVar("Choice")
LONG = 20_000  # characters of a long piece


@dataclass(frozen=True, slots=True)
class Story:
    """The wording. `parts` are the pages of the article; `people` those that the body itself credits."""

    kind: ArticleKind
    kicker: str | None
    title: str
    subtitle: str | None
    dateline: str | None
    source: str | None
    byline: Byline | None
    parts: tuple[tuple[Block, ...], ...]
    people: tuple[Person, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for part in self.parts for block in part)


@dataclass(frozen=True, slots=True)
class Printed:
    """One page's own print of a story, and `key`, from which its markup draws its variants."""

    key: str
    url: str
    story: Story
    markup: str
    charset: str
    place: str
    moment: datetime
    precision: Precision
    time: str
    source: str | None
    editor: Byline | None
    tags: tuple[str, ...]
    breadcrumb: tuple[str, ...]
    notice: tuple[str, ...]

    def pick(self, what: str, *options: Choice) -> Choice:
        """One of the options, always the same for this page."""
        return options[crc32(f"{self.key}:{what}".encode()) % len(options)]


def kind_of(number: int) -> ArticleKind:
    """Every 29th article is a gallery, every 53rd a video page."""
    return "gallery" if number % 29 == 5 else "video" if number % 53 == 9 else "text"


def is_brief(number: int) -> bool:
    return number % 23 == 11


def is_long(number: int) -> bool:
    return number % 101 == 40


def has_parts(number: int) -> bool:
    return number % 17 == 3


def headline(seed: int, number: int, place: str) -> str:
    """The title alone, for lists and related links; cheaper than the whole story."""
    return words.title(Random(f"{seed}:{number}:title"), place)


def write(seed: int, number: int, place: str, moment: datetime) -> Story:
    """The first wording of an article."""
    rng = Random(f"{seed}:{number}:story")
    kind = kind_of(number)
    where = rng.choice(("header",) * 6 + ("dateline",) * 2 + ("end", "none", "none")) if kind == "text" else "header"
    photographers: list[Person] = []
    blocks = _body(rng, kind, number, moment, photographers)
    dateline, people = None, list[Person]()
    if kind == "text" and (where == "dateline" or rng.random() < 0.3):
        dateline = _dateline(rng, place, moment)
        credit = bylines.bracketed(rng) if where == "dateline" else None
        people += credit.people if credit else ()
        opening = dateline + (credit.text if credit else rng.choice((" ", "　")))
        blocks[0] = replace(blocks[0], text=opening + blocks[0].text)
    people += photographers
    if where == "end":
        credit = bylines.bracketed(rng)
        people += credit.people
        if rng.random() < 0.5:
            blocks.append(Block("paragraph", credit.text))
        else:
            blocks[-1] = replace(blocks[-1], text=blocks[-1].text + credit.text)
    return Story(
        kind=kind,
        kicker=words.kicker(rng, place) if rng.random() < 0.18 else None,
        title=headline(seed, number, place),
        subtitle=words.subtitle(rng, place) if rng.random() < 0.3 else None,
        dateline=dateline,
        source=words.outlet(rng, place) if rng.random() < 0.92 else None,
        byline=bylines.header(rng) if where == "header" else None,
        parts=_in_parts(blocks) if has_parts(number) and kind == "text" else (tuple(blocks),),
        people=tuple(people),
    )


def edited(story: Story, revision: int) -> Story:
    """The story after its `revision`-th edit: a paragraph more, and by turns a new title, source or opening."""
    for step in range(1, revision + 1):
        rng = Random(f"{story.title}:{step}")
        *before, last = story.parts
        added = Block("paragraph", f"【第{step}次更新】" + words.paragraph(rng, 1))
        story = replace(story, parts=(*before, (*last, added)))
        if step % 3 == 1:
            story = replace(story, title=f"{story.title}（更新）")
        elif step % 3 == 2:
            story = replace(story, source="浙江在线")
    return story


def cut(story: Story) -> Story:
    """The story as another outlet shortens it: without a paragraph of its middle, where it has one to spare."""
    inner = [
        (part, at)
        for part, blocks in enumerate(story.parts)
        for at, block in enumerate(blocks[1:-1], start=1)
        if block.kind == blocks[at - 1].kind == blocks[at + 1].kind == "paragraph"
    ]
    if not inner:
        return story
    part, at = inner[len(inner) // 2]
    blocks = story.parts[part]
    shorter = (*blocks[:at], *blocks[at + 1 :])
    return replace(story, parts=(*story.parts[:part], shorter, *story.parts[part + 1 :]))


def press(
    story: Story,
    *,
    key: str,
    url: str,
    markup: str,
    charset: str,
    place: str,
    moment: datetime,
    breadcrumb: tuple[str, ...],
) -> Printed:
    """A story as the page at `url` prints it."""
    rng = Random(f"{key}:print")
    precision, time = _time(rng, moment, dashes=markup in ("mlf", "trs", "artcon"))
    return Printed(
        key=key,
        url=url,
        story=story,
        markup=markup,
        charset=charset,
        place=place,
        moment=moment,
        precision=precision,
        time=time,
        source=story.source,
        editor=bylines.editors(rng) if rng.random() < 0.85 else None,
        tags=words.tags(rng, place) if rng.random() < 0.6 else (),
        breadcrumb=breadcrumb if rng.random() < 0.9 else (),
        notice=words.notice(rng) if rng.random() < 0.8 else (),
    )


def _time(rng: Random, moment: datetime, *, dashes: bool) -> tuple[Precision, str]:
    """The time as printed, to the second, the minute or the day, and which of these it is."""
    precision: Precision = rng.choice(("second", "second", "second", "minute", "day"))
    day = "%Y-%m-%d" if dashes and rng.random() < 0.7 else "%Y年%m月%d日"
    clock = {"second": " %H:%M:%S", "minute": " %H:%M", "day": ""}
    return precision, moment.strftime(day + clock[precision])


def _dateline(rng: Random, place: str, moment: datetime) -> str:
    day = f"{moment.month}月{moment.day}日"
    return rng.choice(
        (f"{place}在线{day}讯", f"浙江在线{day}讯", f"浙江在线{place}{day}讯", f"新华社{place}{day}电", "本报讯")
    )


def _body(rng: Random, kind: ArticleKind, number: int, moment: datetime, photographers: list[Person]) -> list[Block]:
    """The blocks of an article; whom its captions credit is added to `photographers`."""
    if kind == "gallery":
        blocks = [Block("paragraph", words.sentence(rng))] if rng.random() < 0.5 else []
        for place in range(rng.randint(4, 8)):
            blocks += _picture(rng, moment, place, photographers, captioned=True)
        return blocks
    if kind == "video":
        return [Block("paragraph", words.paragraph(rng, rng.randint(1, 3)))]
    if is_brief(number):
        return [Block("paragraph", words.sentence(rng))]
    return list(_prose(rng, moment, LONG if is_long(number) else rng.randint(400, 2600), photographers))


def _prose(rng: Random, moment: datetime, length: int, photographers: list[Person]) -> Iterator[Block]:
    """Paragraphs of at least `length` characters in all, with headings between long ones, pictures, quotes, tables."""
    written, pictures = 0, 0
    while written < length:
        opening = words.paragraph(rng, rng.randint(2, 5))
        yield Block("paragraph", opening)
        written += len(opening)
        roll = rng.random()
        if roll < 0.16 and len(opening) > 80:
            yield Block("heading", words.heading(rng))
            following = words.paragraph(rng, rng.randint(3, 5))
            yield Block("paragraph", following)
            written += len(following)
        elif roll < 0.28:
            yield from _picture(rng, moment, pictures, photographers, captioned=rng.random() < 0.75)
            pictures += 1
        elif roll < 0.31:
            yield Block("quote", words.sentence(rng))
        elif roll < 0.34:
            yield Block("table", _table(rng))
        elif roll < 0.45:
            yield Block("paragraph", words.sentence(rng))
    yield Block("paragraph", words.paragraph(rng, 2))


def _picture(
    rng: Random, moment: datetime, number: int, photographers: list[Person], *, captioned: bool
) -> Iterator[Block]:
    """An image by its file name, and its caption, two in three with the photographer's name."""
    yield Block("image", src=f"W0{moment:%Y%m%d%H%M%S}{rng.randrange(10**5):05d}{number:02d}.jpg")
    if not captioned:
        return
    text = words.scene(rng)
    if rng.random() < 0.67:
        credit = bylines.photo_credit(rng)
        photographers.extend(credit.people)
        text += rng.choice((" ", "。", "　")) + credit.text
    yield Block("caption", text)


def _table(rng: Random) -> str:
    """Rows parted by newlines, cells by tabs."""
    rows = [("项目", "数量", "单位")] + [
        (words.fill(rng, "{topic}"), str(rng.randint(1, 999)), "个") for _ in range(rng.randint(2, 5))
    ]
    return "\n".join("\t".join(row) for row in rows)


def _in_parts(blocks: list[Block]) -> tuple[tuple[Block, ...], ...]:
    """Up to three pages, each beginning with a paragraph that follows a paragraph."""
    cuts = [
        at
        for at in range(2, len(blocks))
        if blocks[at].kind == blocks[at - 1].kind == "paragraph" and not blocks[at].text.startswith(("（", "("))
    ]
    chosen = cuts[len(cuts) // 3 :: max(1, len(cuts) // 3)][:2] if cuts else []
    edges = [0, *chosen, len(blocks)]
    return tuple(tuple(blocks[start:end]) for start, end in pairwise(edges))
