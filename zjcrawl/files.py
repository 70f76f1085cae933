"""Where something is written to that a user names: a file or a folder that appears whole or not at all."""

import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from zjcrawl.errors import InputError, StorageError, why


@contextmanager
def text(out: Path | TextIO, force: bool, archive: Path) -> Iterator[TextIO]:
    """A stream of UTF-8 to write to, line ends as they are given; otherwise as `binary`."""
    if not isinstance(out, Path):
        yield out
        return
    with binary(out, force, archive) as raw:
        stream = io.TextIOWrapper(raw, "utf-8", newline="", write_through=False)
        try:
            yield stream
            stream.flush()
        finally:
            stream.detach()


@contextmanager
def binary(out: Path | BinaryIO, force: bool, archive: Path) -> Iterator[BinaryIO]:
    """A stream to write to. A path gets its file when all is written, and keeps what it had when that fails.

    `-` is standard output. `archive` is the folder that is being read: none of its files is written over, whatever they
    are called by. Raises InputError where the file exists (without `force`) or cannot be one, StorageError where the
    disk refuses.
    """
    if not isinstance(out, Path):
        yield out
    elif str(out) == "-":
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    else:
        with _disk(out):
            _refuse_own(out, archive)
            yield from _file(out, force)


@contextmanager
def folder(out: Path, force: bool, archive: Path, mark: str) -> Iterator[Path]:
    """A folder to write into, which becomes `out` when all is written. With `force`, it takes the place of a folder that
    holds a file called `mark`, so that what is replaced is known to be of the same kind. Errors as `binary`."""
    with _disk(out):
        _refuse_own(out, archive)
        if archive.resolve() == out.resolve() or archive.resolve().is_relative_to(out.resolve()):
            raise InputError(f"{out} holds the archive that is read: name another folder")
        if out.exists() and not out.is_dir():
            raise InputError(f"{out} is a file: name a folder that is not there yet")
        if out.exists() and any(out.iterdir()):
            if not force:
                raise InputError(f"{out} is there already: name another folder, or replace it with --force")
            if not (out / mark).is_file():
                raise InputError(f"{out} holds no {mark}, so it is something else: name another folder")
        part = out.absolute().with_name(f".{out.name}.{os.getpid()}.part")
        try:
            part.mkdir()
            yield part
            _put_in_place(part, out)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _put_in_place(part: Path, out: Path) -> None:
    old = part.with_suffix(".old")
    if out.exists():
        out.rename(old)
    try:
        part.rename(out)
    except BaseException:
        if old.exists():
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def is_of(archive: Path, out: Path) -> bool:
    """Whether a path leads, also by links, to one of an archive's own files."""
    home, warc, place = (Path(os.path.realpath(path)) for path in (archive, archive / "warc", out))
    own = place.name.startswith(("archive.db", "archive.lock", "cold.txt"))
    cold = place.name.endswith(".warc.gz") and place.exists()  # wherever it lies
    return (own and place.parent == home) or place.is_relative_to(warc) or cold


def _refuse_own(out: Path, archive: Path) -> None:
    if is_of(archive, out):
        raise InputError(f"{out} is a file of the archive that is read: name another file")


def _file(out: Path, force: bool) -> Iterator[BinaryIO]:
    if out.is_dir():
        raise InputError(f"{out} is a folder: name a file in it")
    if out.exists() and not out.is_file():  # a pipe or a device
        with out.open("wb") as stream:
            yield stream
        return
    if out.exists() and not force:
        raise InputError(f"{out} is there already: name another file, or replace it with --force")
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(out)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def _disk(out: Path) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"cannot write {out}: its folder does not exist") from error
    except OSError as error:
        raise StorageError(f"cannot write {out}: {why(error)}") from error
