"""A copy of an archive that is one itself, taken while a run writes: database first, then the WARC files it names.

A capture is on the disk before its row is, so whatever a copy of the database names can be copied after it; in the other
order a row could point behind the end of a file. The copy appears under its name when it is whole and verified.
"""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zjcrawl import files
from zjcrawl.archive import captures, cold, database, frontier, warc
from zjcrawl.archive.lock import Lock
from zjcrawl.archive.values import stamp
from zjcrawl.errors import InputError, LockedError, StorageError, ZjcrawlError, why
from zjcrawl.verify import Finding, Report, verify
from zjcrawl.verify.files import Shelf, shelves
from zjcrawl.verify.subject import opened

Watch = Callable[[str, int, int], object]  # a step, how much more of it is done, how much it is

_PAGES = 4096  # of the database copied at a time, so that a bar can move
_CHUNK = 1 << 20
_MARK = ".backup"  # locked in a folder that is being filled, so that what a killed one left is known as such


class UnsoundError(ZjcrawlError):
    """A copy in which something does not hold, and that was not kept. `report` has all of it."""

    def __init__(self, report: Report) -> None:
        first, number = report.failures[0], len(report.failures)
        super().__init__(
            f"the copy does not hold what it should ({number} {'thing' if number == 1 else 'things'}; {first.table} "
            f"{first.key}: {first.sentence}), so it was not kept: --despite-damage keeps what there is"
        )
        self.report = report
        self.exit_code = report.exit_code


@dataclass(frozen=True, slots=True)
class Backup:
    """What was copied: WARC files, bytes in all (linked ones too), and what the verification of the copy says."""

    folder: Path
    files: int
    bytes: int
    report: Report

    def as_json(self) -> dict[str, Any]:
        return {"folder": str(self.folder), "files": self.files, "bytes": self.bytes, **self.report.as_json()}


def backup(
    folder: Path,
    out: Path,
    *,
    link: bool = False,
    quick: bool = False,
    despite_damage: bool = False,
    workers: int | None = None,
    watch: Watch = lambda *_: None,
) -> Backup:
    """Copies the archive in `folder` to `out`, which must not be there yet, and verifies the copy.

    With `link`, finished WARC files are linked instead of copied where both are on one disk. `quick` verifies a sample.
    Raises InputError, UnsoundError where the copy does not hold (unless `despite_damage`), StorageError.
    """
    if out.exists() or out.is_symlink():
        raise InputError(f"{out} is there already: name a folder that is not there yet, such as one in it")
    with opened(folder), suppress(OSError):  # raises for what is no archive
        _clear(out.parent)
    with files.folder(out, False, folder, database.NAME) as part, Lock(part, "backup", _MARK):
        copier = _Copier(folder, part, out, link, watch)
        copier.run(despite_damage)
        report = verify(part, quick=quick, workers=workers, watch=watch)
        if quick:  # which hashes no file; a copied one was hashed on its way
            report = replace(report, findings=[*copier.findings, *report.findings])
        if report.failures and not despite_damage:
            raise UnsoundError(report)
        (part / _MARK).unlink()
        for path in part.glob(f"{database.NAME}-*"):
            path.unlink()  # a reader's index, and a journal with nothing in it
        warc.sync_folder(part)
    warc.sync_folder(out.absolute().parent)
    return Backup(out, len(copier.shelves), copier.bytes, report)


def _clear(parent: Path) -> None:
    """Removes what killed backups left beside the new one: their folders are marked, and nobody holds the mark."""
    for mark in parent.glob(f".*.part/{_MARK}"):
        with suppress(LockedError), Lock(mark.parent, "backup", _MARK):
            shutil.rmtree(mark.parent, ignore_errors=True)


class _Copier:
    """One copying: from an archive's folder into a new one, which becomes `out`."""

    def __init__(self, folder: Path, part: Path, out: Path, link: bool, watch: Watch) -> None:
        self._folder, self._part, self._out, self._link, self._watch = folder, part, out, link, watch
        self.findings: list[Finding] = []
        self.shelves: Sequence[Shelf] = ()
        self.bytes = 0

    def run(self, despite_damage: bool) -> None:
        """Copies all and puts right in the copy what is true only of an archive that is being written."""
        self._make_room((self._folder / database.NAME).stat().st_size)
        self._copy_database()
        with opened(self._part) as subject:
            self.shelves = shelves(subject)
            ends = dict(subject.rows(_ENDS).fetchall())
        if not despite_damage:
            self._refuse_unmounted()
        sizes = {shelf.name: shelf.size or ends.get(shelf.name, 0) for shelf in self.shelves}
        self._make_room(0 if self._link else sum(sizes.values()))
        (self._part / "warc").mkdir()
        cut = []
        for shelf in self.shelves:
            if shelf.sha256 is None:
                cut += self._copy_growing(shelf, ends[shelf.name])
            else:
                self._copy_finished(shelf)
            self._watch("WARC files", sizes[shelf.name], sum(sizes.values()))
        warc.sync_folder(self._part / "warc")
        self._settle(cut)

    def _refuse_unmounted(self) -> None:
        """Raises InputError before anything large is copied where a file probably lies in a store that is not there."""
        lost = [
            shelf.name for shelf in self.shelves if shelf.sha256 and not cold.find(self._folder, shelf.name).exists()
        ]
        if lost and (stores := cold.missing(self._folder)):
            raise InputError(
                f"{lost[0]} is missing, and {stores[0]}, named in {self._folder / cold.NAME}, is not there: mount it; "
                "--despite-damage makes a copy without what lies there"
            )

    def _make_room(self, wanted: int) -> None:
        """Raises StorageError before the disk is full, which may be the one that a run writes to."""
        free = shutil.disk_usage(self._part).free
        if wanted > free:
            raise StorageError(
                f"cannot write {self._out}: it takes {wanted / 1e9:,.2f} GB more, and {free / 1e9:,.2f} are free: "
                "free some space, or name another disk"
            )

    def _copy_database(self) -> None:
        done = 0

        def told(_: int, remaining: int, total: int) -> None:
            nonlocal done
            self._watch("database", total - remaining - done, total)
            done = total - remaining

        path = self._part / database.NAME
        try:
            with (
                closing(database.open_for_reading(self._folder / database.NAME)) as old,
                closing(sqlite3.connect(path, isolation_level=None)) as new,
            ):
                old.execute("BEGIN")  # one snapshot: else every commit of a run would begin the copy anew
                old.execute("SELECT count(*) FROM sqlite_master").fetchone()
                old.backup(new, pages=_PAGES, progress=told)
        except sqlite3.Error as error:
            raise self._refused(error) from error
        self.bytes += path.stat().st_size

    def _copy_finished(self, shelf: Shelf) -> None:
        source, target = cold.find(self._folder, shelf.name), self._part / "warc" / shelf.name
        if self._link:
            with suppress(OSError):  # of another disk, or one that has no links: copied
                os.link(source, target)
                self.bytes += target.stat().st_size
                return
        _, sha256 = self._copy(shelf, source)
        if sha256 not in ("", shelf.sha256):
            says = "the file is not, byte for byte, what it was when it was closed: restore it from a backup"
            self.findings.append(Finding("warc files", "warc_files", shelf.name, "", says))

    def _copy_growing(self, shelf: Shelf, end: int) -> list[warc.Closed]:
        """A file that is being written, up to the last record that the copied database names: the request behind it."""
        source = cold.find(self._folder, shelf.name)
        try:
            with warc.reading(source) as file:
                request = warc.record_at(file, end)
        except FileNotFoundError:
            return []  # the verification tells
        except OSError as error:
            raise StorageError(f"cannot read {source}: {why(error)}") from error
        size, sha256 = self._copy(shelf, source, request.end if request else None)
        return [warc.Closed(shelf.name, size, sha256)]

    def _copy(self, shelf: Shelf, source: Path, size: int | None = None) -> tuple[int, str]:
        """Copies a file, or its first `size` bytes, until it is on the disk. Returns size and digest."""
        digest, left = hashlib.sha256(), size
        try:
            with ExitStack() as stack:
                try:
                    file = stack.enter_context(warc.reading(source))
                except FileNotFoundError:
                    return 0, ""  # the verification tells
                target = stack.enter_context((self._part / "warc" / shelf.name).open("xb"))
                while chunk := file.read(_CHUNK if left is None else min(_CHUNK, left)):
                    target.write(chunk)
                    digest.update(chunk)
                    left = None if left is None else left - len(chunk)
                target.flush()
                os.fsync(target.fileno())
                copied = target.tell()
        except OSError as error:
            raise StorageError(f"cannot copy {source} to {self._out}: {why(error)}") from error
        self.bytes += copied
        return copied, digest.hexdigest()

    def _settle(self, cut: list[warc.Closed]) -> None:
        """In the copy no run is at work: nothing is in hand, and every file is closed."""
        try:
            with closing(database.open_for_writing(self._part / database.NAME)) as new:
                captures.close_files(new, cut, stamp(datetime.now(UTC)))
                frontier.free(new)
                new.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise self._refused(error) from error

    def _refused(self, error: sqlite3.Error) -> StorageError:
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        written = code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
        return StorageError(database.sentence(self._out if written else self._folder, error))


_ENDS = "SELECT warc_file, max(warc_offset + warc_length) FROM captures GROUP BY warc_file"
