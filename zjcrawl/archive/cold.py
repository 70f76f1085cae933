"""Cold storage: further folders in which an archive's closed WARC files may lie, one a line of `cold.txt` beside `warc/`.

A list in the archive itself is found by every verb, every process and whoever has the archive next. A file is looked for
in `warc/` first, so that one may be copied, and then removed, while it is read.
"""

from collections.abc import Iterator
from pathlib import Path

from zjcrawl.archive.warc import OPEN
from zjcrawl.errors import InputError, StorageError, why

NAME = "cold.txt"


def folders(archive: Path) -> list[Path]:
    """The further folders, those with a relative name within the archive's; `#` begins a line for people.

    Raises InputError for a list that is no text, StorageError for one that cannot be read.
    """
    try:
        lines = (archive / NAME).read_text("utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except UnicodeDecodeError as error:
        raise InputError(f"{archive / NAME} is no UTF-8: write the name of a folder in each line") from error
    except OSError as error:
        raise StorageError(f"cannot read {archive / NAME}: {why(error)}") from error
    named = (line.strip() for line in lines)
    return [archive / name for name in named if name and not name.startswith("#")]


def missing(archive: Path) -> list[Path]:
    """Those of the folders that are not there, as when a disk is not mounted."""
    return [folder for folder in folders(archive) if not folder.is_dir()]


def find(archive: Path, name: str) -> Path:
    """Where a WARC file lies; in `warc/`, where it ought to, if it lies nowhere."""
    path = archive / "warc" / name
    if path.exists() or path.with_name(name + OPEN).exists():
        return path
    return next((cold / name for cold in folders(archive) if (cold / name).exists()), path)


def closed(archive: Path) -> Iterator[Path]:
    """Every closed WARC file, one of each name, as far as the folders are there."""
    seen: set[str] = set()
    for folder in (archive / "warc", *folders(archive)):
        for path in sorted(folder.glob("*.warc.gz")):
            if path.name not in seen:
                seen.add(path.name)
                yield path
