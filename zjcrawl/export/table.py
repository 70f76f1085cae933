"""Which rows and columns a dataset has: chosen articles in the order of `published_at`, then `id`; undated ones first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from zjcrawl import search
from zjcrawl.archive import Archive, Moment
from zjcrawl.export.fields import Field, fields
from zjcrawl.export.ngrams import cell
from zjcrawl.filters import Filters
from zjcrawl.search import Query

_BATCH = 200  # rows read at a time: what memory holds of an export
_TEXTS = ("kicker", "title", "subtitle", "body")


@dataclass(frozen=True, slots=True)
class Choice:
    """What is taken of an archive: the articles that filters and a query choose, and how much of each.

    Without `wording`, counts stand in place of the texts; `ngrams` are sizes of rows of characters that are counted,
    and texts are left out then too.
    """

    filters: Filters = field(default_factory=Filters)
    query: Query | None = None
    wording: bool = True
    ngrams: tuple[int, ...] = ()

    @property
    def fields(self) -> tuple[Field, ...]:
        """The columns, in their order."""
        return fields(wording=self.wording and not self.ngrams, ngrams=bool(self.ngrams))

    def sql(self, archive: Archive) -> tuple[str, list[str]]:
        """A condition on the table `articles` of an archive, and its parameters."""
        return self.filters.sql(*search.condition(archive, self.query))


def count(archive: Archive, choice: Choice) -> int:
    """How many articles are chosen."""
    where, parameters = choice.sql(archive)
    return int(archive.value(f"SELECT count(*) FROM articles WHERE {where}", parameters))


def batches(archive: Archive, choice: Choice, moment: Moment | None = None) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows, some at a time, all of one moment: that which is given, or the beginning."""
    if moment is None:
        with archive.at_one_moment() as moment:
            yield from batches(archive, choice, moment)
        return
    for batch in _rows(archive, choice, moment):
        yield [_counted(row, choice.ngrams) for row in batch] if choice.ngrams else batch


def _rows(archive: Archive, choice: Choice, moment: Moment) -> Iterator[Sequence[Sequence[Any]]]:
    """Rows as they are read; where n-grams are wanted, what they are counted in stands behind the columns."""
    where, parameters = choice.sql(archive)
    columns = [one.sql or one.name for one in choice.fields if one.kind != "counts"]
    selected = ", ".join([*columns, *(_TEXTS if choice.ngrams else ())])
    chosen = f"FROM articles WHERE {where} ORDER BY published_at, id"
    if archive.known is None:
        yield from moment.batches(f"SELECT {selected} {chosen}", parameters, _BATCH)
        return
    # Earlier wordings stand in no order: keys are sorted and each row is looked up, lest whole texts be sorted on disk.
    for keys in moment.batches(f"SELECT id {chosen}", parameters, _BATCH):
        yield [row for key in keys for row in moment.rows(f"SELECT {selected} FROM articles WHERE id = ?", key)]


def _counted(row: Sequence[Any], sizes: tuple[int, ...]) -> tuple[Any, ...]:
    return (*row[: -len(_TEXTS)], cell(row[-len(_TEXTS) :], sizes))
