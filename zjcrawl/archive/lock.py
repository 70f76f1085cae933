"""One writer at a time: an flock on a file of the archive's folder, which says who holds it."""

import fcntl
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from zjcrawl.archive.values import stamp
from zjcrawl.errors import LockedError

NAME = "archive.lock"


class Lock:
    """Held from construction to `release()`. The kernel lets go when the process dies, so a stale file hinders nobody.

    Raises LockedError naming the holder, OSError where the file cannot be made.
    """

    def __init__(self, folder: Path, command: str, name: str = NAME) -> None:
        self._file = (folder / name).open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(self._file.fileno())
            self._file.close()
            raise LockedError(
                f"the archive {folder} is being written by {holder}: wait until it ends, or end it"
            ) from None
        except OSError:
            self._file.close()
            raise
        self._file.truncate(0)
        json.dump({"pid": os.getpid(), "command": command, "started_at": stamp(datetime.now(UTC))}, self._file)
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Lets the next writer in. The file stays: removing it would race with one who is opening it."""
        if not self._file.closed:
            self._file.truncate(0)
            self._file.close()


def holder(folder: Path) -> str | None:
    """Who is writing an archive, in words, or None. What a killed process left in the file is nobody. Raises OSError.

    An empty file is asked no further: a reader who tried its lock could be in the way of a writer.
    """
    try:
        with (folder / "archive.lock").open("rb") as file:
            if not os.pread(file.fileno(), 1, 0):
                return None
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _holder(file.fileno())
            return None
    except FileNotFoundError:
        return None


def _holder(file: int) -> str:
    try:
        of = json.loads(os.pread(file, 10_000, 0))
        return f"process {of['pid']} (zjcrawl {of['command']}, since {of['started_at']})"
    except (ValueError, KeyError, TypeError):
        return "another process"  # it has just taken the lock and not written its name yet
