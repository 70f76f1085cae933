"""Reprints: one story under several addresses, channels or sources. Articles are grouped, and none is taken away.

text ─▶ its letters (blanks, punctuation, width and case aside) ─▶ equal: a pair
                    └▶ shingles ─▶ MinHash ─▶ LSH: texts that are likely alike ─▶ one holds the other: a pair
pairs ─▶ what hangs together is one story, named by the article that was published first

A. Z. Broder: On the resemblance and containment of documents. Proceedings of Compression and Complexity of Sequences
(1997) 21-29.
"""

import re
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from zjcrawl.archive import Archive, database, stories
from zjcrawl.archive.lock import Lock
from zjcrawl.archive.search_index import normalise
from zjcrawl.archive.stories import Member, Pair
from zjcrawl.errors import InputError

if TYPE_CHECKING:
    from datasketch import MinHash, MinHashLSH

COMMAND = "reprints"
SHINGLE = 4  # characters: two words of Chinese
PERMUTATIONS, ALIKE = 128, 0.5  # of MinHash; the Jaccard similarity from which LSH proposes a pair
CONTAINED = 0.8  # share of the shorter text's shingles that the longer one has, from which a pair is one story
FEWEST = 12  # letters; what is shorter says too little to be known again
BRIEF = 100  # letters; what is shorter must be equal: a sentence with another number in it is other news
DAYS = 31  # between two prints of a story; a notice of every year and a forecast of every month are none
_KEPT = 200  # texts that are remembered; each takes about 150 kB, and few are compared with another
_NUMBERS = re.compile(r"\d+")
_NO_LETTERS = re.compile(r"[\W_]+")
_SCHEME = "affine32"  # of datasketch's permutations: signatures of another one cannot be compared

Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Grouped:
    """What a grouping did: `new` articles came or changed, `articles` are grouped, `stories` they tell, of which
    `reprinted` stand in several articles."""

    new: int
    articles: int
    stories: int
    reprinted: int

    def as_json(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("new", "articles", "stories", "reprinted")}


def letters(text: str) -> str:
    """What is compared of a text: its letters and digits, width and case unified."""
    return _NO_LETTERS.sub("", normalise(text))


class Text(NamedTuple):
    """What is compared of a text that is not equal: how many letters it has, its shingles and its numbers."""

    length: int
    shingles: frozenset[str]
    numbers: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "Text":
        """Of a text of letters. Its shingles are its stretches of SHINGLE letters, each once; itself where shorter."""
        parts = (text[at : at + SHINGLE] for at in range(max(1, len(text) - SHINGLE + 1)))
        return cls(len(text), frozenset(parts), frozenset(_NUMBERS.findall(text)))


def held_by(one: Text, other: Text) -> float:
    """The share of the shorter text that is in the longer one, 0 to 1.

    0 for a brief, and where the numbers are others: bulletins repeat their words and change their numbers.
    """
    shorter, longer = sorted((one, other), key=lambda text: text.length)
    if shorter.length < BRIEF or _share(shorter.numbers, longer.numbers) < CONTAINED:
        return 0.0
    return _share(shorter.shingles, longer.shingles)


def _share(some: frozenset[str], others: frozenset[str]) -> float:
    return len(some & others) / len(some) if some else 1.0


def group(folder: Path, *, anew: bool = False, progress: Progress = lambda done, of: None) -> Grouped:
    """Groups the articles of an archive that came or changed since the last time, or all of them `anew`.

    Either way gives the same groups. `progress` is told articles done and articles in all. All of it is written in one
    transaction. Raises InputError where the extra `reprints` is not installed or there is no archive, LockedError
    while another process writes it, StorageError where the disk refuses.
    """
    _library()
    with (
        Archive(folder) as archive,
        database.told(folder),
        Lock(folder, COMMAND),
        closing(archive.connect()) as held,
        closing(database.open_for_writing(folder / database.NAME)) as kept,
    ):
        kept.execute("BEGIN IMMEDIATE")
        if anew:
            stories.forget(kept)
        days = stories.count_by_day(held)
        near = _near(days if anew else stories.days_of_ungrouped(held))
        total = sum(number for day, number in days.items() if day in near)
        sweep = _Sweep(held, kept)
        for done, one in enumerate((one for one in stories.members(held) if one.day in near), start=1):
            sweep.take(one._replace(signature=None) if anew else one)
            progress(done, total)
        stories.drop_empty(kept)
        stories.assign(kept, together(stories.pairs(kept), stories.days(kept)))
        told = kept.execute(_TOLD).fetchone()
        kept.execute("COMMIT")
    return Grouped(sweep.signed, *told)


def together(pairs: Iterable[tuple[int, int]], days: Mapping[int, str]) -> dict[int, int]:
    """Of every article in a pair, the one of its story that was published first (of one day: with the smaller key)."""
    first: dict[int, int] = {}

    def root(one: int) -> int:
        while first.setdefault(one, one) != one:
            first[one] = one = first[first[one]]
        return one

    for one, other in pairs:
        earlier, later = sorted((root(one), root(other)), key=lambda key: (days[key], key))
        first[later] = earlier
    return {one: root(one) for one in list(first)}


def _near(days: Iterable[str]) -> set[str]:
    """The days whose articles can be in a pair with one of these days."""
    steps = [timedelta(days=step) for step in range(-DAYS, DAYS + 1)]
    return {(date.fromisoformat(day) + step).isoformat() for day in days for step in steps}


class _Sweep:
    """Articles taken in the order of their days; each is compared with those of the DAYS before it."""

    def __init__(self, held: sqlite3.Connection, kept: sqlite3.Connection) -> None:
        self.signed = 0
        self._held = held
        self._kept = kept
        self._lsh: MinHashLSH = _library().MinHashLSH(threshold=ALIKE, num_perm=PERMUTATIONS)
        self._window: OrderedDict[int, tuple[Member, bool]] = OrderedDict()  # by key; whether it is newly signed
        self._texts: OrderedDict[int, Text] = OrderedDict()

    def take(self, one: Member) -> None:
        """Compares an article with those before it, and signs it if it came or changed."""
        self._forget_before(date.fromisoformat(one.day) - timedelta(days=DAYS))
        if is_new := one.signature is None:
            one = self._sign(one)
            stories.sign(self._kept, one)
            self.signed += 1
        if not one.signature:
            return
        minhash = _minhash(one.signature)
        for article_id in self._lsh.query(minhash):
            other, was_new = self._window[article_id]
            if is_new or was_new:
                self._compare(one, other)
        self._lsh.insert(one.article_id, minhash, check_duplication=False)
        self._window[one.article_id] = one, is_new

    def _sign(self, one: Member) -> Member:
        text = letters(stories.body(self._held, one.article_id))
        digest = sha256(text.encode()).hexdigest()
        if len(text) < FEWEST:
            return one._replace(letters_sha256=digest, signature=b"")
        known = self._remember(one.article_id, Text.of(text))
        minhash = _library().MinHash(num_perm=PERMUTATIONS, scheme=_SCHEME, hashfunc=crc32)
        minhash.update_batch([part.encode() for part in known.shingles])
        return one._replace(letters_sha256=digest, signature=minhash.hashvalues.astype("<u4").tobytes())

    def _compare(self, one: Member, other: Member) -> None:
        same = one.letters_sha256 == other.letters_sha256
        share = 1.0 if same else held_by(self._of(one.article_id), self._of(other.article_id))
        if share >= CONTAINED:
            smaller, larger = sorted((one.article_id, other.article_id))
            stories.pair(self._kept, Pair(smaller, larger, share))

    def _of(self, article_id: int) -> Text:
        known = self._texts.get(article_id)
        return known or self._remember(article_id, Text.of(letters(stories.body(self._held, article_id))))

    def _remember(self, article_id: int, known: Text) -> Text:
        self._texts[article_id] = known
        if len(self._texts) > _KEPT:
            self._texts.popitem(last=False)
        return known

    def _forget_before(self, day: date) -> None:
        while self._window:
            article_id, (one, _) = next(iter(self._window.items()))
            if date.fromisoformat(one.day) >= day:
                return
            del self._window[article_id]
            self._lsh.remove(article_id)


def _minhash(signature: bytes) -> "MinHash":
    import numpy

    values = numpy.frombuffer(signature, "<u4")
    return _library().MinHash(num_perm=PERMUTATIONS, hashvalues=values, scheme=_SCHEME)


def _library() -> Any:
    try:
        import datasketch
    except ImportError as error:
        raise InputError("finding reprints needs datasketch: pip install 'zjcrawl[reprints]'") from error
    return datasketch


@dataclass(frozen=True, slots=True)
class Story:
    """A story that stands in several articles: rows of (id, day, channel, source, title, url), the first print first."""

    story_id: int
    prints: tuple[tuple[Any, ...], ...]


def largest(archive: Archive, limit: int) -> Iterator[Story]:
    """The stories with the most prints."""
    for story_id, _ in list(archive.rows(_LARGEST, (limit,))):
        yield Story(story_id, tuple(tuple(row) for row in archive.rows(_PRINTS, (story_id,))))


_TOLD = """
SELECT count(*), count(DISTINCT story_id),
    (SELECT count(*) FROM (SELECT 1 FROM stories GROUP BY story_id HAVING count(*) > 1)) FROM stories"""

_LARGEST = """
SELECT story_id, count(*) FROM stories GROUP BY story_id HAVING count(*) > 1 ORDER BY 2 DESC, 1 LIMIT ?"""

_PRINTS = """
SELECT a.id, s.day, a.channel, a.source, a.title, a.url
FROM stories s JOIN articles a ON a.id = s.article_id WHERE s.story_id = ? ORDER BY s.day, a.id"""
