"""Two wordings of an article side by side: fields, then blocks, then characters. Pure: no database, no terminal.

compare(old, new) ─▶ one Change a field ─▶ text fields: Steps over characters · blocks: BlockSteps, those that changed
with Steps over their characters

Characters are what a reader takes for one (extended grapheme clusters, UAX #29), since Chinese has no blanks to part
words by. The work is bounded whatever the texts are: where too much would have to be compared, a stretch counts as
replaced whole, and the change says so (`coarse`).
"""

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from typing import Any, Generic, Literal, TypeVar

import regex

from zjcrawl.models import Article, Block, Role, file_name
from zjcrawl.normalise import credits

Op = Literal["equal", "delete", "insert", "replace"]
T = TypeVar("T", bound=Hashable)
S = TypeVar("S")

_GRAPHEME = regex.compile(r"\X")
_CLAUSE_ENDS = frozenset("。！？；，、：…”）》!?;,:\n\t ")

# Bounds of the work, in steps of the innermost loop; a million of them take about a tenth of a second.
_STEPS = 10_000_000  # of one comparison in all
_DIRECT = 250_000  # of two stretches whose characters are compared at once; longer ones are compared by clauses first
_COMMON = 16  # a pair of characters in more blocks than these tells nothing about which two belong together
_CANDIDATES = 4  # blocks that one is compared with
ALIKE = 0.4  # two blocks are one that changed, if they share so much of their pairs of characters (Dice's coefficient)
_CHANCE = 4  # fewer equal characters than these between two longer changes are chance: both are one change


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of a text that is equal, deleted, inserted or replaced; offsets and lengths count code points.

    All `old` joined are the old text, all `new` the new one.
    """

    op: Op
    old_at: int
    new_at: int
    old: str
    new: str

    def as_json(self) -> dict[str, Any]:
        return {"op": self.op, "old_at": self.old_at, "new_at": self.new_at, "old": self.old, "new": self.new}


@dataclass(frozen=True, slots=True)
class BlockStep:
    """A row of blocks that is equal, deleted or inserted, or one block replaced by one: `text` is how its text changed.

    Offsets count blocks. A picture that is served from elsewhere, or a paragraph that became a heading, is replaced too.
    """

    op: Op
    old_at: int
    new_at: int
    old: tuple[Block, ...]
    new: tuple[Block, ...]
    text: tuple[Step, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "op": self.op,
            "old_at": self.old_at,
            "new_at": self.new_at,
            "old": [block.as_json() for block in self.old],
            "new": [block.as_json() for block in self.new],
        } | ({"text": [step.as_json() for step in self.text]} if self.text else {})


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one field: the steps of its `text`, or of its `blocks`, and whether they are only `coarse`."""

    field: str
    text: tuple[Step, ...] = ()
    blocks: tuple[BlockStep, ...] = ()
    coarse: bool = False

    @property
    def steps(self) -> tuple[Step | BlockStep, ...]:
        return self.text or self.blocks

    @property
    def changed(self) -> bool:
        return any(step.op != "equal" for step in self.steps)

    def as_json(self) -> dict[str, Any]:
        operations = [step.as_json() for step in self.steps]
        return {"field": self.field, "changed": self.changed, "coarse": self.coarse, "operations": operations}


def compare(old: Article, new: Article) -> list[Change]:
    """What changed from one wording to another: every text field of `texts`, then `blocks`."""
    was, now, budget = texts(old), texts(new), _Budget(_STEPS)
    changes = []
    for name in was:
        text = _characters(was[name], now[name], budget)
        changes.append(Change(name, text=tuple(text.steps), coarse=text.coarse))
    blocks = _blocks(old.blocks, new.blocks, budget)
    return [*changes, Change("blocks", blocks=tuple(blocks.steps), coarse=blocks.coarse)]


def graphemes(text: str) -> list[str]:
    """The characters of a text as a reader counts them."""
    return list(_GRAPHEME.findall(text))


def texts(article: Article) -> dict[str, str]:
    """The wording fields that are texts, "" where there is none: names and tags joined by `;`, one field a role."""
    fields = {
        "kicker": article.kicker,
        "title": article.title,
        "subtitle": article.subtitle,
        "published_at": article.published_at.isoformat() if article.published_at else None,
        "source": article.source,
        **{f"{role}s": ";".join(names) for role, names in credited(article).items()},
        "tags": ";".join(article.tags),
        "notice": article.notice,
    }
    return {name: text or "" for name, text in fields.items()}


def credited(article: Article) -> dict[Role, list[str]]:
    """Who is credited, by role, in the order of `credits.ORDER`.

    Earlier wordings keep the names of four roles; those of the others are read from the lines that the evidence quotes,
    for every wording alike, so that two of them differ only where their pages did.
    """
    return {role: _names(article, role) for role in credits.ORDER}


def _names(article: Article, role: Role) -> list[str]:
    if role in ("reporter", "correspondent", "photographer", "editor"):
        return list(dict.fromkeys(credit.name for credit in article.credits if credit.role == role))
    lines = article.evidence.get(f"{role}s", [])
    read = (credit for line in lines for credit in credits.read(line.text)[0])
    return list(dict.fromkeys(credit.name for credit in read if credit.role == role))


# -- characters ----------------------------------------------------------------------------------------------------

Match = tuple[int, int, int]  # where an equal stretch begins in the old and in the new row, and its length


class _Budget:
    """Steps that may still be taken."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def affords(self, steps: int) -> bool:
        if steps > self.left:
            return False
        self.left -= steps
        return True


@dataclass(frozen=True, slots=True)
class _Compared(Generic[S]):
    steps: list[S]
    coarse: bool


def _characters(old: str, new: str, budget: _Budget) -> _Compared[Step]:
    was, now = graphemes(old), graphemes(new)
    head, tail = _equal_ends(was, now)
    middles = was[head : len(was) - tail], now[head : len(now) - tail]
    direct = len(middles[0]) * len(middles[1]) <= _DIRECT
    matches, coarse = (_matches if direct else _matches_by_clauses)(*middles, budget)
    shifted = [(i + head, j + head, size) for i, j, size in matches]
    matches = [(0, 0, head), *shifted, (len(was) - tail, len(now) - tail, tail)]
    return _Compared(list(_steps(was, now, _readable(_joined(matches), len(was), len(now)))), coarse)


def _matches(old: Sequence[T], new: Sequence[T], budget: _Budget) -> tuple[list[Match], bool]:
    """Equal stretches in order, the longest first found, then what is before and behind it (as difflib does), and
    whether the budget ended it early."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    often = Counter(new)
    cost = [0, *accumulate(1 + often[one] for one in old)]
    matches, coarse = [], False
    stretches = [(0, len(old), 0, len(new))]
    while stretches:
        i1, i2, j1, j2 = stretches.pop()
        if i1 == i2 or j1 == j2:
            continue
        if not budget.affords(cost[i2] - cost[i1]):
            coarse = True
            continue
        i, j, size = matcher.find_longest_match(i1, i2, j1, j2)
        if size:
            matches.append((i, j, size))
            stretches += [(i1, i, j1, j), (i + size, i2, j + size, j2)]
    return sorted(matches), coarse


def _matches_by_clauses(old: Sequence[str], new: Sequence[str], budget: _Budget) -> tuple[list[Match], bool]:
    """The same for long stretches: equal clauses first, then the characters between them."""
    was, now = _clauses(old), _clauses(new)
    clauses, coarse = _matches(was, now, budget)
    ends = [[0, *accumulate(map(len, parts))] for parts in (was, now)]
    equal = [(ends[0][i], ends[1][j], ends[0][i + size] - ends[0][i]) for i, j, size in clauses]
    matches = list(equal)
    for i1, i2, j1, j2 in _gaps(equal, len(old), len(new)):
        found, cut = _matches(old[i1:i2], new[j1:j2], budget)
        matches += [(i1 + i, j1 + j, size) for i, j, size in found]
        coarse |= cut
    return sorted(matches), coarse


def _clauses(characters: Sequence[str]) -> list[tuple[str, ...]]:
    """The characters cut at punctuation, and, for texts without any, at characters that are ends by their number: what
    is equal is cut at the same places."""
    ends = [
        place
        for place, character in enumerate(characters, start=1)
        if character in _CLAUSE_ENDS or ord(character[-1]) % 61 == 0
    ]
    return [tuple(characters[start:end]) for start, end in pairwise([0, *ends, len(characters)]) if start < end]


def _equal_ends(old: Sequence[T], new: Sequence[T]) -> tuple[int, int]:
    """How many are equal at the beginning, and of the rest at the end."""
    shorter = min(len(old), len(new))
    head = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    rest = shorter - head
    tail = next((place for place in range(rest) if old[-1 - place] != new[-1 - place]), rest)
    return head, tail


def _joined(matches: Sequence[Match]) -> list[Match]:
    """The same without empty ones, and those that touch as one."""
    joined: list[Match] = []
    for i, j, size in matches:
        if joined and (joined[-1][0] + joined[-1][2], joined[-1][1] + joined[-1][2]) == (i, j):
            joined[-1] = (joined[-1][0], joined[-1][1], joined[-1][2] + size)
        elif size:
            joined.append((i, j, size))
    return joined


def _readable(matches: Sequence[Match], old: int, new: int) -> list[Match]:
    """The same without the few equal characters that stand by chance between two changes no shorter than they are."""
    kept: list[Match] = []
    for match in [*matches, (old, new, 0)]:
        while kept and _is_chance(kept[-2] if len(kept) > 1 else (0, 0, 0), kept[-1], match):
            kept.pop()
        kept.append(match)
    return kept[:-1]


def _is_chance(before: Match, match: Match, behind: Match) -> bool:
    i, j, size = match
    changed_before = max(i - before[0] - before[2], j - before[1] - before[2])
    changed_behind = max(behind[0] - i - size, behind[1] - j - size)
    return size < _CHANCE and size <= min(changed_before, changed_behind)


def _gaps(matches: Sequence[Match], old: int, new: int) -> Iterator[tuple[int, int, int, int]]:
    """What stands between matches, in rows of these lengths."""
    for (i, j, size), (i2, j2, _) in pairwise([(0, 0, 0), *matches, (old, new, 0)]):
        yield i + size, i2, j + size, j2


def _steps(old: Sequence[str], new: Sequence[str], matches: Sequence[Match]) -> Iterator[Step]:
    old_at = new_at = 0

    def step(was: str, now: str) -> Iterator[Step]:
        nonlocal old_at, new_at
        if was or now:
            op: Op = "equal" if was == now else "insert" if not was else "delete" if not now else "replace"
            yield Step(op, old_at, new_at, was, now)
            old_at, new_at = old_at + len(was), new_at + len(now)

    equal = ["".join(old[i : i + size]) for i, _, size in matches]
    for (i1, i2, j1, j2), same in zip(_gaps(matches, len(old), len(new)), [*equal, ""], strict=True):
        yield from step("".join(old[i1:i2]), "".join(new[j1:j2]))
        yield from step(same, same)


# -- blocks --------------------------------------------------------------------------------------------------------


def _blocks(old: Sequence[Block], new: Sequence[Block], budget: _Budget) -> _Compared[BlockStep]:
    """Equal blocks first; of what stands between them, those that are alike are one block that changed."""
    matches, coarse = _matches(old, new, budget)
    links = list(matches)
    for i1, i2, j1, j2 in _gaps(matches, len(old), len(new)):
        links += [(i1 + i, j1 + j, 1) for i, j in _pairs(old[i1:i2], new[j1:j2])]
    links.sort()
    steps: list[BlockStep] = []

    def add(op: Op, i1: int, i2: int, j1: int, j2: int, text: Sequence[Step] = ()) -> None:
        if i1 < i2 or j1 < j2:
            steps.append(BlockStep(op, i1, j1, tuple(old[i1:i2]), tuple(new[j1:j2]), tuple(text)))

    for (i1, i2, j1, j2), (_, _, size) in zip(_gaps(links, len(old), len(new)), [*links, (0, 0, 0)], strict=True):
        add("delete", i1, i2, j1, j1)
        add("insert", i2, i2, j1, j2)
        if size and old[i2] == new[j2]:
            add("equal", i2, i2 + size, j2, j2 + size)
        elif size:
            text = _characters(old[i2].text, new[j2].text, budget)
            coarse |= text.coarse
            add("replace", i2, i2 + 1, j2, j2 + 1, text.steps)
    return _Compared(steps, coarse)


def _pairs(old: Sequence[Block], new: Sequence[Block]) -> list[tuple[int, int]]:
    """Which blocks are the same one, changed: the most alike first, none crossing another."""
    if not old or not new:
        return []
    was, now = [_shingles(block) for block in old], [_shingles(block) for block in new]
    chosen: list[tuple[int, int]] = []
    for _, _, i, j in sorted(_candidates(was, now)):
        place = bisect(chosen, (i, j))
        before, behind = (
            chosen[place - 1] if place else (-1, -1),
            chosen[place] if place < len(chosen) else (i + 1, j + 1),
        )
        if before[0] < i < behind[0] and before[1] < j < behind[1]:
            chosen.insert(place, (i, j))
    return chosen


def _candidates(old: Sequence[set[str]], new: Sequence[set[str]]) -> Iterator[tuple[float, float, int, int]]:
    """(unlikeness, distance, old, new) of blocks alike enough. Compared are the blocks at the same place, and those that
    share what few others have: the work grows with the length of the texts, not with the square of their number."""
    where: defaultdict[str, list[int]] = defaultdict(list)
    for j, shingles in enumerate(new):
        for shingle in shingles:
            where[shingle].append(j)
    rare = {shingle: places for shingle, places in where.items() if len(places) <= _COMMON}
    for i, shingles in enumerate(old):
        place = i * len(new) // len(old)
        votes = Counter(j for shingle in shingles if shingle in rare for j in rare[shingle])
        for j in {place, *sorted(votes, key=lambda j: (-votes[j], abs(j - place)))[:_CANDIDATES]}:
            alike = 2 * len(shingles & new[j]) / (len(shingles) + len(new[j]))
            if alike >= ALIKE:
                yield 1 - alike, abs(i / len(old) - j / len(new)), i, j


def _shingles(block: Block) -> set[str]:
    """The pairs of neighbouring characters of a block; of a picture, its file's name, as the digest counts it."""
    if block.kind == "image":
        return {file_name(block.src)}
    return set(map("".join, pairwise(block.text))) or {block.text}
