"""What is verified, and who does it: checks are functions of a `Subject`, spread over processes as `Task`s.

Every task sees the archive in a snapshot of its own, so that a run may go on writing meanwhile.
"""

import json
import multiprocessing
import signal
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from zjcrawl import channels
from zjcrawl.archive import Archive, database
from zjcrawl.channels import Registry
from zjcrawl.errors import ZjcrawlError
from zjcrawl.models import Channel
from zjcrawl.verify.findings import ANEW, Finding


@dataclass(frozen=True, slots=True)
class Subject:
    """An archive's folder, a read-only connection to its database, and the channels as its last run knew them."""

    folder: Path
    connection: sqlite3.Connection
    registry: Registry

    def rows(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        return self.connection.execute(sql, parameters)

    def value(self, sql: str, *parameters: Any) -> Any:
        return next((row[0] for row in self.rows(sql, *parameters)), None)


Check = Callable[..., Iterable[Finding]]  # of a Subject and the task's arguments


@dataclass(frozen=True, slots=True)
class Task:
    """A check of some part of an archive. `step` is what it is called while it runs, `size` its part of the step."""

    step: str
    check: Check
    arguments: tuple[Any, ...] = ()
    size: int = 1


@contextmanager
def opened(folder: Path) -> Iterator[Subject]:
    """An archive to look into. Raises InputError for what is no archive, StorageError where the disk refuses."""
    with closing(_connect(folder)) as connection, database.told(folder):
        yield Subject(folder, connection, _registry(connection))


def perform(subject: Subject, task: Task) -> list[Finding]:
    """What a task finds. A damaged database is a finding; raises StorageError where the disk refuses."""
    found: list[Finding] = []
    with database.told(subject.folder):
        subject.connection.execute("BEGIN")
        try:
            for finding in task.check(subject, *task.arguments):
                found.append(finding)  # one by one: what was found before the damage stays
        except sqlite3.DatabaseError as error:
            if database.is_refusal(error) and (error.sqlite_errorcode & 0xFF) != sqlite3.SQLITE_CORRUPT:
                raise
            check = task.check.__name__
            found.append(Finding("integrity", "", "", "", f"the check {check!r} cannot go on ({error}): {ANEW}"))
        finally:
            subject.connection.execute("ROLLBACK")
    return found


def spread(subject: Subject, tasks: Sequence[Task], workers: int) -> Iterator[tuple[Task, list[Finding]]]:
    """What every task finds, as they end: one after the other here, or spread over more processes."""
    if workers <= 1:
        for task in tasks:
            yield task, perform(subject, task)
        return
    context = multiprocessing.get_context("forkserver")  # a fork would take our connection and the bar's thread along
    pool = ProcessPoolExecutor(workers, context, _begin, (subject.folder,))
    try:
        futures = {pool.submit(_perform, task): task for task in tasks}
        for future in as_completed(futures):
            yield futures.pop(future), future.result()
    except BrokenProcessPool as error:
        raise ZjcrawlError(
            "a process of the verification was killed, perhaps for its memory: try --workers 1"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


_subject: Subject  # of this process, where it is one of many


def _begin(folder: Path) -> None:
    global _subject
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends at once and in silence: the first process tells
    connection = _connect(folder)
    _subject = Subject(folder, connection, _registry(connection))


def _perform(task: Task) -> list[Finding]:
    return perform(_subject, task)


def _connect(folder: Path) -> sqlite3.Connection:
    with Archive(folder) as archive:
        connection = archive.connect()
    connection.text_factory = _text
    return connection


def _text(raw: bytes) -> str:
    """A text of the database; what is no UTF-8 in it equals nothing that was ever stored."""
    return raw.decode("utf-8", "surrogateescape")


def _registry(connection: sqlite3.Connection) -> Registry:
    """The channels that an archive's runs knew. Of what is none, `tables` tells."""
    try:
        rows = connection.execute("SELECT slug, name, kind, prefecture, host, lists FROM channels").fetchall()
    except sqlite3.OperationalError:
        return channels.load()
    known = {row["slug"]: channel for row in rows if (channel := channel_of(row))}
    return Registry(known) if known else channels.load()


def channel_of(row: sqlite3.Row) -> Channel | None:
    """A row of `channels` as a Channel, None where it is none."""
    try:
        lists = json.loads(row["lists"])
        if all(isinstance(address, str) and urlsplit(address).hostname for address in lists):
            return Channel(row["slug"], row["name"], row["kind"], row["prefecture"], row["host"], tuple(lists))
    except (ValueError, TypeError):
        pass
    return None
