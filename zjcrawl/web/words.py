"""The words of the pages in English and Chinese: the English ones are the keys. Text of the archive stays as printed."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "zh")


class Words:
    """The words of one language: `words("{n} articles", n=3)`. What has no translation stays English."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, english: str, **values: object) -> str:
        text = chinese().get(english, english) if self.language == "zh" else english
        return text.format(**values) if values else text


@cache
def chinese() -> Mapping[str, str]:
    """The Chinese words by the English ones."""
    return tomllib.loads(files("zjcrawl.web").joinpath("chinese.toml").read_text("utf-8"))


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
