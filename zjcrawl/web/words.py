"""The words of the pages in English and Chinese: the English ones are the keys. Text of the archive stays as printed."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "zh")


class Words:
    """The words of one language: `words("{n} articles", n=3)`. What has no translation stays English."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, english: str, **values: object) -> str:
        text = chinese().get(english, english) if self.language == "zh" else english
        return text.format(**values) if values else text

    def sentence(self, english: str) -> str:
        """What is wrong with what was asked, as the program says it: what it names (`{…}`) stays as it is."""
        if self.language == "zh":
            for pattern, text in _patterns():
                if said := pattern.fullmatch(english):
                    named = said.groupdict()
                    return text.format(**named | ({"what": self.sentence(named["what"])} if "what" in named else {}))
        return english


def _words() -> Mapping[str, Any]:
    return tomllib.loads(files("zjcrawl.web").joinpath("chinese.toml").read_text("utf-8"))


@cache
def chinese() -> Mapping[str, str]:
    """The Chinese words by the English ones."""
    return {english: text for english, text in _words().items() if isinstance(text, str)}


def sentences() -> Mapping[str, str]:
    """The Chinese sentences on wrong input by the English ones, in the order in which they are tried."""
    return dict(_words()["sentences"])


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(_like(english), text) for english, text in sentences().items()]


def _like(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)
    return re.compile(
        "".join(f"(?P<{part}>.*)" if at % 2 else re.escape(part) for at, part in enumerate(parts)), re.DOTALL
    )


def preferred(accepted: str) -> str:
    """The language that a browser's `Accept-Language` asks for first, of those there are; English without one."""
    weighed: list[tuple[float, int, str]] = []
    for place, entry in enumerate(accepted.split(",")):
        tag, _, more = entry.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        try:
            weight = float(more.strip().removeprefix("q=")) if more else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and weight > 0:
            weighed.append((-weight, place, language))
    return min(weighed)[2] if weighed else LANGUAGES[0]
