"""What the tests of the archive share: made-up captures and articles, and a writer that is closed in the end."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from zjcrawl import cli
from zjcrawl.archive import Archive, ArchiveWriter, Stored, Transaction
from zjcrawl.models import Article, Block, Capture, Credit, Image

SHANGHAI = timezone(timedelta(hours=8))
URL = "http://jx.zjol.com.cn/202304/t20230406_25603389.shtml"
LIST = "http://jx.zjol.com.cn/"
THEN = datetime(2026, 11, 24, 3, 0, 0, tzinfo=UTC)


def capture(url: str = URL, body: bytes = b"<p>invented</p>", minutes: int = 0, **changes: Any) -> Capture:
    values: dict[str, Any] = {
        "url": url,
        "final_url": url,
        "fetched_at": THEN + timedelta(minutes=minutes),
        "status": 200,
        "headers": ((b"Content-Type", b"text/html"), (b"Etag", b'"a1"')),
        "body": body,
        "request_headers": ((b"User-Agent", b"zjcrawl (test)"),),
    }
    return Capture(**(values | changes))


def article(url: str = URL, text: str = "这是虚构的一段文字。", **changes: Any) -> Article:
    values: dict[str, Any] = {
        "url": url,
        "channel": "jx",
        "title": "虚构的标题",
        "published_at": datetime(2019, 7, 24, 15, 7, 34, tzinfo=SHANGHAI),
        "published_precision": "second",
        "published_printed": "2019年07月24日 15:07:34",
        "source": "虚构在线",
        "credits": [Credit("reporter", "王蓉", "记者 王 蓉"), Credit("editor", "李四", "责任编辑:李四")],
        "blocks": [Block("paragraph", text), Block("image", src="http://x/a.jpg"), Block("caption", "图为虚构")],
        "tags": ["嘉兴", "市委"],
        "images": [Image("http://x/a.jpg", "图为虚构")],
        "template": "mlf2016",
        "template_version": 1,
    }
    return Article(**(values | changes))


@contextmanager
def writing(folder: Path, **options: Any) -> Iterator[ArchiveWriter]:
    with ArchiveWriter(folder, command="test", **options) as writer:
        yield writer


def look(t: Transaction, seen: Article, kept: Capture | None = None, url: str | None = None, **options: Any) -> Stored:
    """Keeps a capture of the article's address and stores the article from it."""
    capture_id = t.keep(kept or capture(seen.url))
    return t.store(seen, [capture_id], url or seen.url, **options)


def run(folder: Path, *works: Any) -> list[Any]:
    """Each piece of work in a transaction of its own, in one run."""
    with writing(folder) as writer:
        return [writer.submit(work).result() for work in works]


def sound(folder: Path) -> None:
    """Asserts what must hold of every archive between runs."""
    with Archive(folder) as archive:
        assert archive.value("PRAGMA integrity_check") == "ok"
        assert list(archive.rows("PRAGMA foreign_key_check")) == []
        assert archive.value("SELECT count(*) FROM frontier WHERE state = 'in_flight'") == 0
        assert archive.value("SELECT count(*) FROM articles_fts") == archive.value("SELECT count(*) FROM articles")


def ask(folder: Path, *arguments: str) -> str:
    """What a verb that asks the archive prints, off a terminal."""
    done = CliRunner().invoke(cli.cli, [*arguments, "--archive", str(folder)], catch_exceptions=False)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def refuses(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> str:
    """The one sentence with which a verb refuses bad input, by the way that the command itself goes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["zjcrawl", *arguments, "--archive", str(folder)])
        with pytest.raises(SystemExit) as end:
            cli.main()
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1, err
    return err


def instructions(connection: sqlite3.Connection, ask: Callable[[], object]) -> int:
    """How many instructions of SQLite's machine something takes, in tens: a measure of work that no load changes."""
    counted = 0

    def tick() -> int:
        nonlocal counted
        counted += 1
        return 0

    connection.set_progress_handler(tick, 10)
    ask()
    connection.set_progress_handler(None, 0)
    return counted
