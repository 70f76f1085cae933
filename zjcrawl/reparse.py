"""Reads every capture again with today's code and makes the archive anew from it: the crawl without the network.

visits (answers in the order they were kept) ─▶ read, on all cores ─▶ ingest, in that order ─▶ in the old one's place
"""

import logging
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from zjcrawl import ingest, parse, processes
from zjcrawl import look as looks
from zjcrawl.archive import ARTICLE_COLUMNS, Claim, Transaction
from zjcrawl.archive.captures import Reference, load
from zjcrawl.archive.frontier import host_of
from zjcrawl.archive.rebuild import Rebuild, Visit
from zjcrawl.channels import Registry
from zjcrawl.errors import InputError, StorageError, ZjcrawlError
from zjcrawl.filters import span
from zjcrawl.look import Look, Parts
from zjcrawl.models import Article, Capture, Errand
from zjcrawl.recheck import Schedule
from zjcrawl.urls import canonical, part_number, url_date

logger = logging.getLogger(__name__)
_CHUNK = 32  # visits that a process reads at a time
_PROBE_LATE = 64  # captures; the first page of a host is kept before the probe that it is judged by
_AHEAD = 4  # chunks a process may be ahead of the writing: what memory holds
_OPTION = re.compile(r"--(since|until) (\S+)")
# What a later run may find otherwise; an address without an old row in the frontier is asked for again.
_AGAIN = frozenset(["http_error", "unreachable", "unreadable", "blocked"])
# Columns that say what an article is; the others follow from when and how it was read.
COMPARED = tuple(name for name in ARTICLE_COLUMNS if name not in ("id", "url", "template_version", "text_sha256",
                 "capture_id", "revision", "first_seen_at", "last_seen_at", "changed_at"))  # fmt: skip

Progress = Callable[[str, int, int], object]  # what is done, how much of it, of how much


@dataclass(frozen=True, slots=True)
class Read:
    """A visit as read: the look at its first page, when, and the article where there is one, from which captures."""

    look: Look
    seen_at: datetime
    article: Article | None = None
    capture_ids: tuple[int, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Reader:
    """What captures are read with: where they lie, the registry, and what each host's probes told from when on."""

    folder: Path
    registry: Registry
    probed: Mapping[str, Sequence[tuple[int, str | None]]]

    def missing(self, of: Reference) -> str | None:
        """The <title> under which a capture's host served what does not exist, as the run knew it."""
        told: str | None = None
        for capture_id, title in self.probed.get(host_of(of.url), ()):
            # A run asks when its first page of a host has come.
            told = title if capture_id < of.capture_id + _PROBE_LATE else told
        return told


@dataclass(slots=True)
class Rebuilt:
    """What a rebuilding came to: visits by outcome, captures that could not be read, how the articles differ."""

    outcomes: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)
    adopted: int = 0
    adopted_runs: list[int] = field(default_factory=list)
    difference: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "visits": sum(self.outcomes.values()),
            "outcomes": dict(self.outcomes),
            "adopted": self.adopted,
            "adopted_runs": self.adopted_runs,
            "unreadable": self.unreadable,
            "difference": self.difference,
        }


def reparse(
    folder: Path,
    registry: Registry,
    schedule: Schedule,
    *,
    dry_run: bool = False,
    despite_damage: bool = False,
    workers: int | None = None,
    progress: Progress = lambda *_: None,
) -> Rebuilt:
    """Makes the archive in `folder` anew from its captures; with `dry_run` only says how it would differ.

    Where captures cannot be read, nothing is changed, unless `despite_damage` says that what was read of them may go.

    Raises LockedError, InputError and StorageError, and ZjcrawlError where a process that reads is killed; the old
    database is then as it was.
    """
    result = Rebuilt()
    with Rebuild(folder) as rebuild:
        size, done = rebuild.sizes(), 0

        def scanned(step: int) -> None:
            nonlocal done
            done += step
            progress("captures found", done, size)

        result.adopted = rebuild.adopt(lambda capture: _guess(capture, registry), scanned)
        result.adopted_runs = rebuild.adopted_runs
        rebuild.register(registry.channels.values())
        total = rebuild.count()
        reader = Reader(folder, registry, _probed(folder, rebuild.probes()))
        with rebuild.writing() as writing:
            for number, (visit, read) in enumerate(_read_all(reader, rebuild.visits(), workers), start=1):
                progress("captures read", number, total)
                if isinstance(read, str):
                    result.unreadable.append(read)
                    continue
                t = writing.transaction(visit.first, read.seen_at)
                outcome = _ingest(t, writing.claim(t, _errand(visit)), visit, read, registry, schedule)
                result.outcomes[outcome] += 1
        rebuild.settle()
        result.difference = rebuild.compare(COMPARED)
        if not dry_run:
            if result.unreadable and rebuild.has_old and not despite_damage:
                raise StorageError(
                    f"captures that cannot be read: {len(result.unreadable)}, and what was read of them would be lost "
                    f"({result.unreadable[0]}); nothing was changed: --despite-damage goes on without them"
                )
            rebuild.finish(result.as_json())
    return result


# ── reading, on all cores ────────────────────────────────────────────────────────────────────────────────────────────


def _read_all(reader: Reader, visits: Iterator[Visit], workers: int | None) -> Iterator[tuple[Visit, Read | str]]:
    """Every visit in order with what was read, or a sentence on why its capture cannot be."""
    workers = workers or processes.cores()
    if workers == 1:
        for visit in visits:
            yield visit, read(reader, visit)
        return
    ahead: deque[tuple[list[Visit], Future[list[Read | str]]]] = deque()
    with processes.executor(workers, _begin, reader) as pool:
        try:
            for chunk in _chunks(visits):
                ahead.append((chunk, pool.submit(_read_chunk, chunk)))
                if len(ahead) >= _AHEAD * workers:
                    yield from _next(ahead)
            while ahead:
                yield from _next(ahead)
        except BrokenProcessPool as error:
            raise ZjcrawlError(
                "a process that reads was killed, perhaps for its memory; nothing was changed: try --workers 1"
            ) from error
        finally:
            for _, future in ahead:
                future.cancel()


def _next(ahead: deque[tuple[list[Visit], Future[list[Read | str]]]]) -> Iterator[tuple[Visit, Read | str]]:
    chunk, future = ahead.popleft()
    yield from zip(chunk, future.result(), strict=True)


def _chunks(visits: Iterator[Visit]) -> Iterator[list[Visit]]:
    while chunk := list(islice(visits, _CHUNK)):
        yield chunk


_here: Reader | None = None  # what a process reads from, and with


def _begin(reader: Reader) -> None:
    global _here
    _here = reader


def _read_chunk(chunk: Sequence[Visit]) -> list[Read | str]:
    assert _here is not None
    return [read(_here, visit) for visit in chunk]


def read(reader: Reader, visit: Visit) -> Read | str:
    """What a visit brought; a sentence where its capture cannot be had."""
    folder, registry = reader.folder, reader.registry
    try:
        capture = load(folder, visit.first)
        look = looks.at(capture, _errand(visit).kind, registry.hosts, reader.missing(visit.first))
        if look.outcome != "read" or look.extraction is None:
            return Read(look, capture.fetched_at, None, (visit.first.capture_id,))
        return _article(folder, visit, capture, look, registry)
    except StorageError as error:
        return str(error)


def _article(folder: Path, visit: Visit, capture: Capture, look: Look, registry: Registry) -> Read:
    assert look.extraction is not None
    parts, ids = Parts(look.extraction, look.address), [visit.first.capture_id]
    while address := parts.wanted:
        kept = _part(visit.parts, address)
        extraction = looks.part(load(folder, kept), address) if kept is not None else None
        parts.add(extraction)
        if kept is not None and extraction is not None:
            ids.append(kept.capture_id)
    whole = parts.whole()
    if whole is None:
        return Read(Look("unreadable", "no headline or no text"), capture.fetched_at, None, tuple(ids[:1]))
    article = parse.article_of(whole, capture, registry, _errand(visit).channel or None)
    return Read(look.bare(), capture.fetched_at, article, tuple(ids), parts.complete)


def _probed(folder: Path, probes: Iterable[Reference]) -> dict[str, list[tuple[int, str | None]]]:
    """By host, the capture ids of its probes and what they told."""
    found: dict[str, list[tuple[int, str | None]]] = {}
    for probe in probes:
        with suppress(StorageError):
            found.setdefault(host_of(probe.url), []).append(
                (probe.capture_id, looks.title_of_missing(load(folder, probe)))
            )
    return found


def _part(parts: Iterable[Reference], address: str) -> Reference | None:
    """The last capture of a further page."""
    return next((part for part in reversed(tuple(parts)) if part_number(part.url) == part_number(address)), None)


# ── writing, in order ────────────────────────────────────────────────────────────────────────────────────────────────


def _ingest(t: Transaction, claim: Claim, visit: Visit, read: Read, registry: Registry, schedule: Schedule) -> str:
    """Does to the archive what the run did that asked for it. Returns the outcome."""
    look, seen_at, first = read.look, read.seen_at, visit.first.capture_id
    since, until = _bounds(visit.command)
    if look.used is not None:
        t.decoded(first, look.declared, look.used)
    if read.article is not None:
        return ingest.store(
            t, claim, read.article, read.capture_ids, seen_at, registry, schedule, complete=read.complete,
            wanted=lambda day: (since is None or day >= since) and (until is None or day <= until),
        )  # fmt: skip
    if look.outcome == "listed":
        ingest.listed(t, claim, look, registry, seen_at, first, since=since, until=until)
        return look.outcome
    if look.outcome == "stub" and look.extraction is not None and look.extraction.target:
        return ingest.followed(t, claim, look.extraction.target, seen_at, registry, schedule, first)[0]
    if look.outcome == "not_modified" and claim.is_known:
        return ingest.confirmed(t, claim, seen_at, schedule, first)
    if claim.is_known:
        return ingest.missed(t, claim, ingest.Miss(look.outcome, look.why, first), seen_at, schedule)
    state = "pending" if look.outcome in _AGAIN else ingest.STATES.get(look.outcome, "done")
    t.finish(claim.url, look.outcome, state=state, capture_id=first)
    return look.outcome


def _errand(visit: Visit) -> Errand:
    return cast(Errand, visit.first.errand)  # visits are made of captures that have one


def _bounds(command: str) -> tuple[date | None, date | None]:
    """The days that the command of a run bounded it by."""
    options = dict(_OPTION.findall(command))
    try:
        since = span(options["since"], "--since")[0] if "since" in options else None
        return since, span(options["until"], "--until")[1] if "until" in options else None
    except InputError:
        return None, None


def _guess(capture: Capture, registry: Registry) -> Errand | None:
    """What a capture was fetched for, where its record does not say: by its address, as the crawl would take it."""
    if urlsplit(capture.url).path == "/robots.txt":
        return Errand("robots", "", capture.url)
    try:
        url = canonical(capture.url)
    except ValueError:
        return None
    channel = registry.of(capture.url) or ""
    if part_number(capture.url) > 1:
        return Errand("part", channel, url)
    return Errand("article" if url_date(url) else "listing", channel, url)
