"""Standard output: always UTF-8, and what becomes of it when it is closed or full."""

import errno
import io
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from zjcrawl.errors import StorageError, why


class NoReaderError(Exception):
    """Whoever read standard output has closed it, as `zjcrawl … | head` does: it has what it wanted."""


class _Stdout(io.FileIO):
    """Says by itself what became of it: click and rich would end the program with 1 when the reader is gone.

    It says so once. What is printed later, and what Python flushes at the end, goes nowhere.
    """

    refused = False

    def write(self, data: Any, /) -> int:
        if self.refused:
            return len(data)
        try:
            return super().write(data)
        except OSError as error:
            self.refused = True
            if error.errno == errno.EPIPE:
                raise NoReaderError from error
            raise StorageError(f"cannot write standard output: {why(error)}") from error


def open_stdout() -> None:
    """Makes standard output one that speaks UTF-8 whatever the locale, escapes what even that cannot hold, and raises
    NoReaderError or StorageError. Where it was closed, what is printed goes nowhere."""
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  (as long as the program)
    elif sys.stdout is sys.__stdout__ and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.flush()
        raw = _Stdout(sys.stdout.fileno(), "w", closefd=False)
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(raw), "utf-8", "backslashreplace", line_buffering=sys.stdout.line_buffering
        )
    if sys.stderr is sys.__stderr__ and isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace")


def console(width: int | None = None, *, elsewhere: int = 120) -> Console:
    """Standard output for tables, as wide as the terminal or as asked; off a terminal, wide enough to cut no cell."""
    screen = Console(width=width)
    return screen if screen.is_terminal or width else Console(width=elsewhere)
