"""The archive from Python: `from zjcrawl import Archive`. For reading only; documented in docs/python.md.

with Archive("data") as archive:
    for article in archive.search("嘉兴", channel="jx", from_="2019-07"):
        print(article.published_at, article.title, article.reporters)
    table = archive.articles(source="浙江日报").to_dataframe()
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack, get_args

from zjcrawl import search
from zjcrawl.archive import ARTICLE_COLUMNS, ArchivedArticle, Revision
from zjcrawl.archive import Archive as Reader
from zjcrawl.archive.decide import State
from zjcrawl.errors import InputError
from zjcrawl.export.fields import ARTICLES, Kind
from zjcrawl.filters import Filters, checked, past_day
from zjcrawl.models import ArticleKind, Block, Credit, Image, Precision, Printed, Role
from zjcrawl.search import Query, Sort

if TYPE_CHECKING:
    import pandas

Words = str | Iterable[str]  # one value, or several of which one is enough
Day = str | date  # 2019-07-24, 2019-07, 2019, or a date


class Narrowing(TypedDict, total=False):
    """The filters of the command line, by its names; `from` is `from_`, which Python has a use of its own for."""

    channel: Words
    from_: Day
    to: Day
    reporter: Words
    editor: Words
    source: Words
    tag: Words
    template: Words
    state: Words
    unique: bool


@dataclass(frozen=True, slots=True)
class Article:
    """An article: the columns of the data dictionary, typed. None, or empty, is what was not printed or not understood.

    Times are aware: `published_at` of Asia/Shanghai (as exact as `published_precision` says), the others in UTC.
    """

    id: int
    url: str
    channel: str | None
    breadcrumb: str | None
    kicker: str | None
    title: str | None
    subtitle: str | None
    published_at: datetime | None
    published_precision: Precision | None
    published_printed: str | None
    source: str | None
    credits: tuple[Credit, ...]
    dateline: str | None
    body: str
    blocks: tuple[Block, ...]
    tags: tuple[str, ...]
    images: tuple[Image, ...]
    notice: str | None
    kind: ArticleKind
    template: str
    template_version: int
    warnings: tuple[str, ...]
    revision: int
    state: State
    first_seen_at: datetime
    last_seen_at: datetime
    changed_at: datetime
    text_sha256: str
    capture_id: int
    _archive: Reader = field(repr=False, compare=False)

    def credited(self, role: Role) -> tuple[str, ...]:
        """The names in one role, in the order of the page."""
        return tuple(credit.name for credit in self.credits if credit.role == role)

    @property
    def reporters(self) -> tuple[str, ...]:
        return self.credited("reporter")

    @property
    def correspondents(self) -> tuple[str, ...]:
        return self.credited("correspondent")

    @property
    def photographers(self) -> tuple[str, ...]:
        return self.credited("photographer")

    @property
    def editors(self) -> tuple[str, ...]:
        return self.credited("editor")

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The texts of the body's paragraphs, without headings, captions, quotes and tables."""
        return tuple(block.text for block in self.blocks if block.kind == "paragraph")

    @property
    def evidence(self) -> dict[str, list[Printed]]:
        """By column: what was printed, where, by which rule, how sure. Read when it is asked for."""
        return self.history.current.article.evidence

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """Every wording, oldest first; the last one is this one. Read when it is asked for."""
        return self.history.revisions

    @property
    def history(self) -> ArchivedArticle:
        """All that the archive knows of the article: wordings, looks, placements. Read when it is asked for."""
        return self._archive.article(self.id)


class Articles:
    """The articles that were asked for, read one by one as they are iterated over, as often as that is done.

    An iteration sees the archive as it is when it begins, whatever a crawl writes meanwhile.
    """

    def __init__(
        self, archive: Reader, query: Query | None, filters: Filters, sort: Sort, limit: int | None, offset: int
    ) -> None:
        if sort not in get_args(Sort):
            raise InputError(f"sort is one of {', '.join(get_args(Sort))}, not {sort!r}")
        for name, number in (("limit", limit), ("offset", offset)):
            is_open = number is None and name == "limit"
            if not is_open and (not isinstance(number, int) or number < 0):
                raise InputError(f"{name} is a number from 0 up, not {number!r}")
        self._archive, self._query, self._filters = archive, query, filters
        self._sort, self._limit, self._offset = sort, limit, offset

    def __iter__(self) -> Iterator[Article]:
        with self._archive.at_one_moment() as moment:
            for article_id in self._ids():
                row = dict(zip(ARTICLE_COLUMNS, next(moment.rows(_ROW, (article_id,))), strict=True))
                credits = tuple(Credit(*credit) for credit in moment.rows(_CREDITS, (article_id,)))
                yield _article(row, credits, self._archive)

    def first(self) -> Article | None:
        """The first of them, None where there is none."""
        return next(iter(self), None)

    def count(self) -> int:
        """How many there are, whatever the limit."""
        return search.count(self._archive, self._query, self._filters)

    def to_dataframe(self, columns: Sequence[str] = ARTICLE_COLUMNS) -> "pandas.DataFrame":
        """A table of pandas, one article a row: times with their zone, names and tags as lists, `blocks`, `images` and
        `warnings` as lists. `columns` are those of the data dictionary that are wanted. Raises InputError without pandas
        (extra `dataframe`), or for a column that is none."""
        pandas = _pandas()
        if unknown := [name for name in columns if name not in ARTICLE_COLUMNS]:
            raise InputError(f"there is no column {unknown[0]!r}: the data dictionary has {', '.join(ARTICLE_COLUMNS)}")
        read = f"SELECT {', '.join(columns)} FROM articles WHERE id = ?"
        with self._archive.at_one_moment() as moment:
            rows = [next(moment.rows(read, (article_id,))) for article_id in self._ids()]
        cells = list(zip(*rows, strict=True)) or [()] * len(columns)
        named = zip(columns, cells, strict=True)
        return pandas.DataFrame({name: _column(pandas, ARTICLES[name].kind, of) for name, of in named})

    def _ids(self) -> Iterator[int]:
        bounds: dict[str, Any] = {"sort": self._sort, "limit": self._limit, "offset": self._offset}
        return search.ids(self._archive, self._query, self._filters, **bounds)


class Archive:
    """An archive to be asked: what `zjcrawl` keeps in a folder. Opened for reading only, also while a crawl writes it.

    With a day (`as_of`), it is as it was known at its end. Raises InputError for what is no archive, or no day.
    """

    def __init__(self, folder: str | Path = "data", *, as_of: Day | None = None) -> None:
        known = past_day(str(as_of), "as_of") if as_of is not None else None
        self._reader = Reader(folder, known=known)

    @property
    def folder(self) -> Path:
        return self._reader.folder

    def articles(
        self, *, sort: Sort = "newest", limit: int | None = None, offset: int = 0, **filters: Unpack[Narrowing]
    ) -> Articles:
        """The articles that filters choose, the newest first. Raises InputError for a filter that means nothing."""
        return Articles(self._reader, None, self._filters(filters), sort, limit, offset)

    def search(
        self,
        query: str,
        *,
        sort: Sort = "newest",
        limit: int | None = None,
        offset: int = 0,
        **filters: Unpack[Narrowing],
    ) -> Articles:
        """The articles in which a query is true, as `zjcrawl search` finds them. Raises InputError for what is no query."""
        if not isinstance(query, str):
            raise InputError(f"a query is a text, not {query!r}: articles() takes everything")
        return Articles(self._reader, Query.of(query), self._filters(filters), sort, limit, offset)

    def article(self, named: int | str) -> Article:
        """One article, by its id or any form of its address. Raises InputError where there is none."""
        article_id = self._reader.find(named)
        with self._reader.at_one_moment() as moment:
            row = dict(zip(ARTICLE_COLUMNS, next(moment.rows(_ROW, (article_id,))), strict=True))
            return _article(row, tuple(Credit(*one) for one in moment.rows(_CREDITS, (article_id,))), self._reader)

    def connect(self) -> sqlite3.Connection:
        """A connection for SQL of one's own, for reading only; whoever asked for it closes it."""
        return self._reader.connect()

    def close(self) -> None:
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def _filters(self, given: Narrowing) -> Filters:
        told = {name: _told(name, value) for name, value in given.items()}
        try:
            return checked(Filters.of(**told), self._reader)
        except InputError as error:  # it speaks of the command line's options
            raise InputError(str(error).replace("--from", "from_").replace("--", "")) from None


def _told(name: str, value: Any) -> Any:
    """A filter as the command line would give it. Raises InputError for one that is none, or that nothing is like."""
    if name not in Narrowing.__annotations__:
        raise InputError(f"there is no filter {name!r}: there are {', '.join(Narrowing.__annotations__)}")
    if name == "unique":
        if not isinstance(value, bool):
            raise InputError(f"unique is True or False, not {value!r}")
        return value
    if name in _DAYS:
        if not isinstance(value, str | date):
            raise InputError(f"{name} is a text such as '2019-07', or a date, not {value!r}")
        return f"{value:%Y-%m-%d}" if isinstance(value, date) else value
    several = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Iterable) else (value,)
    if not all(isinstance(one, str) for one in several):
        raise InputError(f"{name} is a text, or several, not {value!r}")
    return several


def _article(row: dict[str, Any], credits: tuple[Credit, ...], archive: Reader) -> Article:
    """The article of a row: its cells as they are, but for those that are times, JSON or joined."""
    told = row | {
        "published_at": _moment(row["published_at"]),
        "blocks": tuple(Block(**block) for block in json.loads(row["blocks"])),
        "tags": tuple(row["tags"].split(";")) if row["tags"] else (),
        "images": tuple(Image(**image) for image in json.loads(row["images"])),
        "warnings": tuple(json.loads(row["warnings"])),
        **{name: _moment(row[name]) for name in ("first_seen_at", "last_seen_at", "changed_at")},
    }
    for column in _NAMES:
        del told[column]
    return Article(**told, credits=credits, _archive=archive)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _pandas() -> Any:
    try:
        return import_module("pandas")
    except ImportError as error:
        raise InputError(
            "a table needs pandas: install it with pip install 'zjcrawl[dataframe]', or iterate over the articles"
        ) from error


def _column(pandas: Any, kind: Kind, cells: Sequence[Any]) -> Any:
    """Cells of the archive as pandas has such values."""
    if kind in ("time", "moment"):
        moments = pandas.to_datetime(pandas.Series(cells, dtype=object), utc=True, format="ISO8601")
        return moments.dt.tz_convert("Asia/Shanghai") if kind == "time" else moments
    if kind == "names":
        cells = [cell.split(";") if cell else [] for cell in cells]
    elif kind == "json":
        cells = [json.loads(cell) for cell in cells]
    return pandas.Series(cells, dtype={"text": "str", "integer": "int64"}.get(kind, object))


_DAYS = ("from_", "to")
_NAMES = ("reporters", "correspondents", "photographers", "editors")
_ROW = f"SELECT {', '.join(ARTICLE_COLUMNS)} FROM articles WHERE id = ?"
_CREDITS = "SELECT role, name, printed FROM credits WHERE article_id = ? ORDER BY position"
