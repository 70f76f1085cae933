"""The one writer of an archive: a thread that owns the database connection and the WARC, and commits in groups."""

import asyncio
import json
import sqlite3
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

import zjcrawl
from zjcrawl.archive import captures, cold, database, frontier, schema, warc
from zjcrawl.archive.lock import Lock
from zjcrawl.archive.search_index import Changes
from zjcrawl.archive.transaction import Transaction
from zjcrawl.archive.values import stamp
from zjcrawl.errors import StorageError

T = TypeVar("T")


class _Job(NamedTuple):
    work: Callable[[Transaction], Any]
    future: Future[Any]


class ArchiveWriter:
    """Opens an archive for writing, making it where there is none, and begins a run.

    Tables are brought up to date, what a killed run had in hand is freed, its WARC files are salvaged (`salvaged`).
    Raises LockedError while another process writes, InputError where the folder is none of an archive, StorageError
    where the disk refuses.
    """

    def __init__(self, folder: Path, *, command: str, warc_max_bytes: int = 1 << 30, batch: int = 256) -> None:
        self.folder = folder
        self.salvaged: list[warc.Salvaged] = []
        self._batch = batch
        self._patience = 0.0
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._failure: str | None = None
        self.started_at = stamp(datetime.now(UTC))
        with database.told(folder):
            database.make_folder(folder)
            database.refuse_foreign(folder)
            self._lock = Lock(folder, command)
            with ExitStack() as on_error:
                on_error.callback(self._lock.release)
                self._connection = database.open_for_writing(folder / database.NAME)
                on_error.callback(self._connection.close)
                self.run_id = self._begin(command)
                on_error.pop_all()
        name = f"zjcrawl-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{self.run_id:05}"
        info = {
            "software": f"zjcrawl/{zjcrawl.__version__}",
            "format": "WARC File Format 1.1",
            "description": warc.NORMALISED,
            "zjcrawl-run": str(self.run_id),
            "zjcrawl-command": " ".join(command.split()),
            "zjcrawl-started-at": self.started_at,
        }
        self._warc = warc.WarcWriter(folder / "warc", name, info, warc_max_bytes)
        self._thread = threading.Thread(target=self._run, name="archive-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        """Queues work; its future resolves when it is committed and on the disk.

        An error of the work itself undoes that work alone and stands in its future; when the disk or the database
        refuses, StorageError stands there and in every later one. Raises RuntimeError once the writer is closed.
        """
        future: Future[T] = Future()
        with self._gate:
            if self._closed:
                raise RuntimeError("the archive writer is closed")
            self._queue.put(_Job(work, future))
        return future

    async def do(self, work: Callable[[Transaction], T]) -> T:
        """`submit`, awaited."""
        return await asyncio.wrap_future(self.submit(work))

    def close(self, exit_code: int, stats: Mapping[str, Any] | None = None) -> None:
        """Finishes what is queued, gives the WARC its final name, and ends the run's row. A second call does nothing.

        Where the disk refused, the row tells that, as long as the database takes so much: a run without an end was killed.
        Raises StorageError where that cannot be done and nobody was told of the trouble before.
        """
        ended: Future[None] = Future()
        with self._gate:
            if self._closed:
                return
            self._closed = True
            told = self._failure is not None
            self._queue.put(_Job(lambda _: self._end(exit_code, stats or {}), ended))
            self._queue.put(None)
        self._thread.join()
        if self._failure is None:
            ended.result()
        elif not told:
            raise StorageError(self._failure)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close(0 if error is None else getattr(error, "exit_code", 1))

    # -- opening and ending, on either side of the thread ------------------------------------------------------------

    def _begin(self, command: str) -> int:
        """Puts right what a killed run left behind and adds the row of this one."""
        schema.migrate(self._connection)
        for path in sorted((self.folder / "warc").glob("*" + warc.OPEN)):
            row = self._connection.execute(_LAST, (path.name.removesuffix(warc.OPEN),)).fetchone()
            self.salvaged.append(warc.salvage(path, committed=row[0] if row else 0))
        known = {row[0] for row in self._connection.execute("SELECT name FROM warc_files")}
        unknown = [path for path in cold.closed(self.folder) if path.name not in known]
        captures.close_files(self._connection, [warc.digest_of(path) for path in unknown], self.started_at)
        frontier.free(self._connection)
        values = (self.started_at, command, zjcrawl.__version__)
        return self._connection.execute(_BEGIN_RUN, values).lastrowid or 0

    def _end(self, exit_code: int, stats: Mapping[str, Any]) -> None:
        frontier.free(self._connection)
        values = (stamp(datetime.now(UTC)), exit_code, json.dumps(stats, ensure_ascii=False), self.run_id)
        self._connection.execute(_END_RUN, values)

    def _end_refused(self) -> None:
        """Ends the row of a run that the disk refused to go on with."""
        with suppress(sqlite3.Error):  # then the run has no end
            self._connection.execute("BEGIN IMMEDIATE")
            self._end(StorageError.exit_code, {"exit_code": StorageError.exit_code, "problems": [self._failure]})
            self._connection.execute("COMMIT")

    # -- the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            going = True
            while going:
                jobs, going = self._take()
                began = monotonic()
                self._commit([job for job in jobs if job.future.set_running_or_notify_cancel()])
                self._patience = min(monotonic() - began, _MOST_PATIENCE)
            self._finish()
        finally:
            self._warc.abandon()
            self._connection.close()
            self._lock.release()

    def _take(self) -> tuple[list[_Job], bool]:
        """Everything queued, at most a batch; and whether more may come.

        Waits for the first, and then for others as long as the last commit took: where the disk is slow, a commit is of
        many, and nobody waits more than twice as long as it takes anyway.
        """
        jobs: list[_Job] = []
        job = self._queue.get()
        until = monotonic() + self._patience
        while job is not None:
            jobs.append(job)
            if len(jobs) >= self._batch:
                return jobs, True
            try:
                job = self._queue.get(timeout=max(0.0, until - monotonic()))
            except Empty:
                return jobs, True
        return jobs, False

    def _commit(self, jobs: list[_Job]) -> None:
        """Does each job in a savepoint of one transaction; the WARC is on the disk before the rows are."""
        if not jobs:
            return
        if self._failure is not None:
            self._refuse(jobs)
            return
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            index = Changes()
            for work, future in jobs:
                outcomes.append((future, *self._attempt(work, index)))
            index.apply(self._connection)
            self._warc.flush()
            self._note_closed()
            self._connection.execute("COMMIT")
        except (sqlite3.Error, StorageError) as error:
            self._failure = database.sentence(self.folder, error)
            self._roll_back()
            self._refuse(jobs)
            return
        for future, result, error_of_work in outcomes:
            if error_of_work is None:
                future.set_result(result)
            else:
                future.set_exception(error_of_work)

    def _attempt(self, work: Callable[[Transaction], Any], index: Changes) -> tuple[Any, BaseException | None]:
        """The result of one job, or its own error after it was undone. What the disk refuses is raised."""
        indexed = len(index)
        self._connection.execute("SAVEPOINT job")
        try:
            result = work(Transaction(self.folder, self._connection, self._warc, self.run_id, index))
        except BaseException as error:
            if isinstance(error, StorageError) or database.is_refusal(error):
                raise
            self._connection.execute("ROLLBACK TO job")
            self._connection.execute("RELEASE job")
            index.forget_after(indexed)
            return None, error
        self._connection.execute("RELEASE job")
        return result, None

    def _refuse(self, jobs: list[_Job]) -> None:
        for job in jobs:
            job.future.set_exception(StorageError(self._failure))

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):  # whoever opens the file next rolls back what was not committed
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _note_closed(self) -> None:
        """Notes the digests of files that were closed; one that a crash leaves without is noted by the next run."""
        captures.close_files(self._connection, self._warc.closed, stamp(datetime.now(UTC)))
        self._warc.closed.clear()

    def _finish(self) -> None:
        if self._failure is not None:
            self._end_refused()
            return
        try:
            self._warc.close()
            self._note_closed()
            self._connection.execute("PRAGMA optimize")
            self._connection.execute(f"PRAGMA busy_timeout = {_READERS_MS}")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except (sqlite3.Error, StorageError) as error:
            self._failure = database.sentence(self.folder, error)
            self._end_refused()


_MOST_PATIENCE = 0.05  # seconds; a transaction of hundreds of articles must not let the next one idle as long
_READERS_MS = 1_000  # that a run's end waits for readers; the log they still need is emptied by the next run

_LAST = "SELECT warc_offset + warc_length FROM captures WHERE warc_file = ? ORDER BY id DESC LIMIT 1"

_BEGIN_RUN = "INSERT INTO runs (started_at, command, version) VALUES (?, ?, ?)"

_END_RUN = "UPDATE runs SET ended_at = ?, exit_code = ?, stats = ? WHERE id = ?"
