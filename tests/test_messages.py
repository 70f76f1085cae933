"""What the system refuses, in words: the thing, the reason and the mend of that reason, not of another."""

import errno
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.archiving import article, capture, look, run
from zjcrawl.archive.database import sentence, told
from zjcrawl.archive.warc import WarcWriter
from zjcrawl.errors import InputError, StorageError, why
from zjcrawl.model.__main__ import _parser

TOP = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "No space left on device: free some space"),
        (errno.EACCES, "Permission denied: mind the permissions"),
        (errno.EROFS, "Read-only file system: name a place that can be written"),
        (errno.ENOENT, "No such file or directory: check the name"),
        (errno.EINTR, "Interrupted system call"),
    ],
)
def test_each_refusal_has_its_own_mend(number: int, said: str) -> None:
    refusal = OSError(number, os.strerror(number), "a file")
    assert why(refusal) == said
    assert sentence(Path("data"), refusal) == f"cannot use the archive data: {said}"


def test_an_error_without_words_is_shown_as_it_is() -> None:
    assert why(OSError("odd")) == "odd"


def test_a_warc_folder_that_is_a_file_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "warc").touch()
    with pytest.raises(StorageError, match=r"cannot write .*/warc/run-00001\.warc\.gz: ") as error:
        WarcWriter(tmp_path / "warc", "run", {}, 1 << 20).write(capture(), b"")
    assert "free some space" not in str(error.value)


def test_what_is_something_else_says_how_to_name_another(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error, told(tmp_path):
        raise InputError("it is a database of something else")
    assert str(error.value) == (
        f"cannot use {tmp_path / 'archive.db'}: it is a database of something else: name another folder with --archive"
    )


@pytest.mark.parametrize("name", ["data", "a", "w"])
def test_a_newer_archive_is_named_whatever_its_name(name: str) -> None:
    with pytest.raises(InputError) as error, told(Path(name)):
        raise InputError("it was written by a newer zjcrawl (tables version 99): update zjcrawl")
    assert str(error.value).startswith(f"cannot use {name}/archive.db: it was written by a newer zjcrawl")


def test_an_archive_opens_as_immutable_with_no_file_beside_it(tmp_path: Path) -> None:
    """As on a CD, where SQLite has no place for files of its own: what the README tells other programs to do."""
    run(tmp_path / "a", lambda t: look(t, article()))
    database = tmp_path / "a" / "archive.db"
    assert database.read_bytes()[18] == 2  # write-ahead logging, as at any time
    with sqlite3.connect(f"{database.as_uri()}?immutable=1", uri=True) as opened:
        assert opened.execute("SELECT title FROM articles").fetchone() == ("虚构的标题",)
    assert sorted(path.name for path in database.parent.glob("archive.db*")) == ["archive.db"]


def test_every_option_of_the_model_has_help() -> None:
    for action in _parser()._actions:
        assert action.help, action.dest


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
def test_installing_names_no_path_that_a_blank_could_part(tmp_path: Path) -> None:
    place = tmp_path / "with space"
    place.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(TOP / name, place)
    done = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", "install"],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "pip install" in done.stdout
    assert "PIP_CONSTRAINT=constraints.txt " in done.stdout
    assert "with space" not in done.stdout
