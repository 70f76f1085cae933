"""Every regular expression of the reading takes time in proportion to the text, on texts made to make it do otherwise.

The texts are made from the pattern itself: for each of its repetitions, what stands before it once, and then what it
repeats, many times, and then something that cannot follow.
"""

import importlib
import inspect
import pkgutil
import re
import re._constants as code  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import time
from collections.abc import Iterator
from typing import Any

import pytest

import zjcrawl.normalise
import zjcrawl.templates
from zjcrawl.normalise import credits, labels

SECONDS = 0.1  # for one text of SIZE characters; linear patterns take a twentieth
SIZE = 4_000
# Patterns that are only ever asked about so many characters.
SHORTER = {
    "_STAFF_ID": credits._LONGEST,
    "_ROLE": credits._LONGEST,
    "_END_OF_SOURCE": 200,
    "_ALONE": 80,
    "_PHOTO": 200,
    "_WITH_COLON": labels._LONGEST,
}
REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
CATEGORIES = {code.CATEGORY_SPACE: " ", code.CATEGORY_DIGIT: "1", code.CATEGORY_NOT_WORD: "!"}
USUAL = [" ", "　", "\xa0", "\x1f", "\t", "1", "字", "a", "：", "（", "，"]


def modules() -> Iterator[Any]:
    for package in (zjcrawl.templates, zjcrawl.normalise):
        for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            yield importlib.import_module(module.name)
    for name in ("charset", "declared", "markup", "page", "lines", "listing", "urls"):
        yield importlib.import_module(f"zjcrawl.{name}")


def patterns() -> Iterator[tuple[str, re.Pattern[Any], bool]]:
    """Name, pattern, and whether it is only ever matched at the start of a text."""
    for module in modules():
        source = inspect.getsource(module)
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                anchored = not re.search(rf"\b{name}\.(?:search|sub|subn|finditer|findall|split)\b|\b{name}\)", source)
                yield f"{module.__name__.removeprefix('zjcrawl.')}.{name}", value, anchored


def a_char(choices: Any, pick: int) -> str:
    """A character that a class matches."""
    if choices[0][0] is code.NEGATE:
        return next(char for char in ("字", "a", " ", "!") if re.match(rf"[{char}]", char))
    found = [
        chr(value if kind is code.LITERAL else value[0]) if kind is not code.CATEGORY else CATEGORIES.get(value, "a")
        for kind, value in choices
    ]
    return found[pick % len(found)]


def a_text(tree: Any, pick: int) -> str:
    """A text that a pattern matches, or nearly."""
    text = ""
    for kind, value in tree:
        if kind is code.LITERAL:
            text += chr(value)
        elif kind is code.IN:
            text += a_char(value, pick)
        elif kind in (code.ANY, code.NOT_LITERAL):
            text += "字"
        elif kind in REPEATS:
            text += a_text(value[2], pick) * value[0]
        elif kind is code.SUBPATTERN:
            text += a_text(value[3], pick)
        elif kind is code.ATOMIC_GROUP:
            text += a_text(value, pick)
        elif kind is code.BRANCH:
            text += a_text(value[1][pick % len(value[1])], pick)
    return text


def repetitions(tree: Any, before: str, pick: int) -> Iterator[tuple[str, str]]:
    """What stands before each repetition of a pattern, and what it repeats."""
    for kind, value in tree:
        inside = {code.SUBPATTERN: lambda v: [v[3]], code.ATOMIC_GROUP: lambda v: [v], code.BRANCH: lambda v: v[1]}
        if kind in REPEATS:
            if value[1] is code.MAXREPEAT or value[1] >= 8:
                yield before, a_text(value[2], pick) or "字"
            yield from repetitions(value[2], before, pick)
        for branch in inside.get(kind, lambda _: [])(value):
            yield from repetitions(branch, before, pick)
        before += a_text([(kind, value)], pick)


def hostile_texts(pattern: re.Pattern[Any], size: int) -> Iterator[str]:
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(source, pattern.flags & ~(re.UNICODE if isinstance(pattern.pattern, bytes) else 0))
    whole = a_text(tree, 0)
    cases = {(before, char) for char in USUAL for before in ("", whole, whole[:-1])} | {("", whole or "字")}
    for pick in (0, 1):
        for before, repeated in repetitions(tree, "", pick):
            cases |= {(before, repeated), ("", before + repeated)}
    for before, repeated in sorted(cases):
        yield before + repeated * (size // len(repeated)) + "\0"


PATTERNS = list(patterns())


@pytest.mark.parametrize(("name", "pattern", "anchored"), PATTERNS, ids=[name for name, _, _ in PATTERNS])
def test_a_pattern_takes_time_in_proportion(name: str, pattern: re.Pattern[Any], anchored: bool) -> None:
    size = SHORTER.get(name.rpartition(".")[2], SIZE)
    ask = pattern.match if anchored else pattern.search
    for text in hostile_texts(pattern, size):
        start = time.process_time()
        ask(text if isinstance(pattern.pattern, str) else text.encode())
        assert time.process_time() - start < SECONDS, f"{text[:40]!r}…{text[-20:]!r}"


def test_all_patterns_are_found_and_a_bad_one_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(PATTERNS) > 90
    monkeypatch.setitem(SHORTER, "bad", 500)  # it takes the third power
    with pytest.raises(AssertionError):
        test_a_pattern_takes_time_in_proportion("bad", re.compile(r"来源\s*[:：]?\s*;?\s*$"), False)
