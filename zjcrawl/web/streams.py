"""CSV from the pages: what the command line exports, sent as it is written, in flat memory."""

import asyncio
import csv
import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TextIO, cast, get_args
from urllib.parse import quote

from zjcrawl import coverage, export, search, stats
from zjcrawl.archive import Archive
from zjcrawl.errors import InputError, ZjcrawlError
from zjcrawl.export import Choice, Profile
from zjcrawl.stats import By, Step
from zjcrawl.web.asking import Ask, sentence
from zjcrawl.web.words import Words

Write = Callable[[Archive, Ask], tuple[str, Callable[[TextIO], object]]]
_CHUNK = 64 * 1024


class _GoneError(Exception):
    """Whoever asked has gone."""


class _Pipe(io.StringIO):
    """A text stream that hands on what is written, a piece at a time, and waits until it is taken."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        super().__init__(newline="")
        self._take = take

    def write(self, text: str, /) -> int:
        written = super().write(text)
        if self.tell() >= _CHUNK:
            self.hand_on()
        return written

    def hand_on(self) -> None:
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        if text:
            self._take(text.encode("utf-8", "replace"))


async def send(write: Write, folder: Path, ask: Ask, send: Any, receive: Any) -> None:
    """Sends a CSV file. What is asked wrongly is told before anything of it is sent."""
    loop = asyncio.get_running_loop()
    gone = asyncio.create_task(_disconnected(receive))
    begun = False

    async def start(status: int, kind: str, name: str = "") -> None:
        nonlocal begun
        begun = True
        headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
        if name:
            headers.append((b"content-disposition", f"attachment; filename*=UTF-8''{quote(name)}".encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})

    async def piece(data: bytes) -> None:
        if gone.done():
            raise _GoneError
        await send({"type": "http.response.body", "body": data, "more_body": True})

    def work() -> None:
        with Archive(folder) as held:
            name, rows = write(held, ask)
            asyncio.run_coroutine_threadsafe(start(200, "text/csv; charset=utf-8", name), loop).result()
            pipe = _Pipe(lambda data: asyncio.run_coroutine_threadsafe(piece(data), loop).result())
            rows(pipe)
            pipe.hand_on()

    try:
        with suppress(_GoneError):
            await asyncio.to_thread(work)
    except ZjcrawlError as error:
        if begun:
            raise
        told = sentence(error, Words(ask.language)) if isinstance(error, InputError) else str(error)
        await start(400 if isinstance(error, InputError) else 503, "text/plain; charset=utf-8")
        await send({"type": "http.response.body", "body": told.encode(), "more_body": True})
    finally:
        gone.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _disconnected(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


# -- what there is to be had -----------------------------------------------------------------------------------------

_MATCH_COLUMNS = ("id", "url", "channel", "published_at", "source", "title", "matches",
                  "column", "start", "end", "before", "match", "after")  # fmt: skip


def articles(held: Archive, ask: Ask) -> tuple[str, Callable[[TextIO], object]]:
    """The articles that query and filters choose, as `zjcrawl export csv` writes them."""
    chosen = Choice(ask.asked(held))
    profile = cast(Profile, ask.among("profile", get_args(Profile)))
    return "articles.csv", lambda out: export.export_csv(held, out, chosen, profile)


def matches(held: Archive, ask: Ask) -> tuple[str, Callable[[TextIO], object]]:
    """Every match of the query in every article, as `zjcrawl search --csv` prints it."""
    query, filters = ask.query, ask.filters(held)
    if query is None:
        raise InputError("no query: say what is to be found")
    sort = cast(search.Sort, ask.among("sort", get_args(search.Sort)))

    def write(out: TextIO) -> None:
        with closing(search.find(held, query, filters, sort=sort, shown=None)) as found:
            _rows(out, _MATCH_COLUMNS, (row for one in found for row in _match_rows(one)))

    return "matches.csv", write


def _match_rows(one: search.Found) -> Iterable[Sequence[Any]]:
    which = (one.id, one.url, one.channel, one.published_at, one.source, one.title, one.matches)
    for hit in one.hits:
        yield (*which, hit.column, hit.start, hit.end, hit.before, hit.text, hit.after)
    if not one.hits:
        yield (*which, None, None, None, None, None, None)


def stats_rows(held: Archive, ask: Ask) -> tuple[str, Callable[[TextIO], object]]:
    """Counts by a column, as `zjcrawl stats --by X --csv` prints them."""
    what = cast(By, ask.among("by", get_args(By)))
    chosen = ask.asked(held)
    where, parameters = chosen.sql()
    total = held.value(f"SELECT count(*) FROM articles WHERE {where}", parameters)
    counts = stats.by(held, what, chosen)
    rows = ((one.key, one.articles, round(one.articles / total, 6), _day(one.first), _day(one.last)) for one in counts)
    return f"stats-{what}.csv", lambda out: _rows(out, ("key", "articles", "share", "first", "last"), rows)


def timeline_rows(held: Archive, ask: Ask) -> tuple[str, Callable[[TextIO], object]]:
    """Mentions over time with their denominator, as `zjcrawl timeline --csv` prints them."""
    if ask.query is None:
        raise InputError("no query: say what is to be found")
    line = stats.timeline(held, ask.query, cast(Step, ask.among("by", ("month", "day", "year"))), ask.filters(held))
    cells = [*line.cells, *([line.undated] if line.undated.articles else [])]
    columns = ("cell", "mentioning", "articles", "per_1000")
    return "timeline.csv", lambda out: _rows(out, columns, (tuple(cell.as_json().values()) for cell in cells))


def coverage_rows(held: Archive, ask: Ask) -> tuple[str, Callable[[TextIO], object]]:
    """A row for each channel and day, as `zjcrawl coverage --csv` prints them."""
    from zjcrawl.web.table import days_asked

    days = coverage.coverage(held, ask.filters(held).channels, *days_asked(ask))
    rows = (coverage.cells(day) for of in days.values() for day in of)
    return "coverage.csv", lambda out: _rows(out, coverage.COLUMNS, rows)


def _day(text: str | None) -> str | None:
    return text[:10] if text else None


def _rows(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
