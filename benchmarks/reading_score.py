"""How well pages were read, by the rules that come with the real pages. Pure functions; no files but the truth's.

A scalar is right when it is equal after removing blanks (a time: to the precision of the truth). Lists are sets. What is
given where the truth has nothing, or is something else, is *wrong*; what is not given where it has something is
*missing*. A body is a multiset of character 4-grams of its text without blanks.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCALARS = ("title", "published", "source")
LISTS = ("reporters", "editors", "tags")


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over all pages: values that are right, that were given, that the truth has."""

    right: int
    given: int
    wanted: int

    @property
    def precision(self) -> float:
        return self.right / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    @property
    def wrong(self) -> float:
        """Share of the given values that are wrong."""
        return 1.0 - self.precision


def truths(folder: Path) -> list[dict[str, Any]]:
    """The lines of a `truth.jsonl`."""
    return [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines() if line]


def scalar(name: str, read: Sequence[Mapping[str, Any]], truth: Sequence[Mapping[str, Any]]) -> Score:
    """The score of a field that holds one string or None."""
    right = given = wanted = 0
    for got, want in zip(read, truth, strict=True):
        mine, theirs = got.get(name), want.get(name)
        given += mine is not None
        wanted += theirs is not None
        right += mine is not None and theirs is not None and _equal(name, mine, theirs)
    return Score(right, given, wanted)


def members(name: str, read: Sequence[Mapping[str, Any]], truth: Sequence[Mapping[str, Any]]) -> Score:
    """The score of a field that holds a list of strings."""
    right = given = wanted = 0
    for got, want in zip(read, truth, strict=True):
        mine, theirs = _set(got.get(name)), _set(want.get(name))
        right, given, wanted = right + len(mine & theirs), given + len(mine), wanted + len(theirs)
    return Score(right, given, wanted)


def body(read: Sequence[Mapping[str, Any]], truth: Sequence[Mapping[str, Any]]) -> tuple[float, float, float]:
    """Precision, recall and F1 of the bodies' 4-grams, averaged over the pages."""
    pages = [one_body(got.get("body") or "", want["body"]) for got, want in zip(read, truth, strict=True)]
    precision, recall, f1 = (sum(column) / len(pages) for column in zip(*pages, strict=True))
    return precision, recall, f1


def one_body(mine: str, theirs: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of one body's 4-grams."""
    got, want = _grams(mine), _grams(theirs)
    shared = (got & want).total()
    precision = shared / got.total() if got else 0.0
    recall = shared / want.total() if want else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if shared else 0.0


def _equal(name: str, mine: str, theirs: str) -> bool:
    if name == "published":
        return _bare(mine)[: len(_bare(theirs))] == _bare(theirs)
    return _bare(mine) == _bare(theirs)


def _set(values: Iterable[str] | None) -> set[str]:
    return {_bare(value) for value in values or () if _bare(value)}


def _grams(text: str) -> Counter[str]:
    text = _bare(text)
    return Counter(text[start : start + 4] for start in range(max(1, len(text) - 3))) if text else Counter()


def _bare(text: str) -> str:
    return "".join(char for char in text if not char.isspace() and unicodedata.category(char) != "Cf")
