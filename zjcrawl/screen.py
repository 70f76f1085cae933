"""Standard output: always UTF-8, and what becomes of it when it is closed or full."""

import errno
import io
import os
import sys
from pathlib import Path
from typing import Any, TypeGuard

from rich.console import Console

from zjcrawl.errors import StorageError, why


class NoReaderError(Exception):
    """Whoever read standard output has gone, as `zjcrawl … | head` does, or a terminal that was closed."""


class _Stdout(io.FileIO):
    """Says by itself what became of it: click and rich would end the program with 1 when the reader is gone.

    It says so once. What is printed later, and what Python flushes at the end, goes nowhere.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)
        self._gone = {errno.EPIPE, errno.EIO} if self.isatty() else {errno.EPIPE}
        self._refused = False

    def write(self, data: Any, /) -> int:
        if self._refused:
            return len(data)
        try:
            return super().write(data)
        except OSError as error:
            self._refused = True
            if error.errno in self._gone:
                raise NoReaderError from error
            raise StorageError(f"cannot write standard output: {why(error)}") from error


class _Stderr(io.FileIO):
    """Does not fail where nobody can be told."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return len(data)


def open_stdout() -> None:
    """Makes standard output one that speaks UTF-8 whatever the locale, escapes what even that cannot hold, and raises
    NoReaderError or StorageError. Where it was closed, what is printed goes nowhere. Standard error never fails."""
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  (as long as the program)
    elif _is_own(sys.stdout, sys.__stdout__):
        sys.stdout = _text(_Stdout(sys.stdout.fileno()), sys.stdout.line_buffering)
    if _is_own(sys.stderr, sys.__stderr__):
        sys.stderr = _text(_Stderr(sys.stderr.fileno(), "w", closefd=False), line_buffering=True)


def _is_own(stream: object, own: object) -> TypeGuard[io.TextIOWrapper]:
    """Whether a stream is the process's own, put in nobody's place."""
    return stream is own and isinstance(stream, io.TextIOWrapper)


def _text(raw: io.FileIO, line_buffering: bool) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", "backslashreplace", line_buffering=line_buffering)


def console(width: int | None = None, *, elsewhere: int = 120) -> Console:
    """Standard output for tables, as wide as the terminal or as asked; off a terminal, wide enough to cut no cell."""
    screen = Console(width=width)
    return screen if screen.is_terminal or width else Console(width=elsewhere)
