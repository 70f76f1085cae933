"""The writer: one at a time, commits in groups, and what it acknowledged survives kill -9, a full disk and errors."""

import asyncio
import errno
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.archiving import LIST, URL, article, capture, look, run, sound, writing
from zjcrawl.archive import Archive, ArchiveWriter, Transaction
from zjcrawl.archive import warc as warc_module
from zjcrawl.errors import InputError, LockedError, StorageError

ROOT = Path(__file__).parents[1]


def python(script: str, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    """A Python of its own that runs a script."""
    command = [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **options)


# -- a run -----------------------------------------------------------------------------------------------------------


def test_a_run_is_a_row(tmp_path: Path) -> None:
    writer = ArchiveWriter(tmp_path, command="crawl jx")
    assert writer.run_id == 1
    writer.close(3, {"articles": {"new": 2}, "name": "嘉兴"})
    writer.close(0, {})  # a second time is nothing
    with Archive(tmp_path) as archive:
        (row,) = archive.rows("SELECT * FROM runs")
    assert (row["command"], row["exit_code"], json.loads(row["stats"])["name"]) == ("crawl jx", 3, "嘉兴")
    assert row["started_at"] <= row["ended_at"]


def test_leaving_with_an_error_is_a_failed_run(tmp_path: Path) -> None:
    with pytest.raises(InputError), ArchiveWriter(tmp_path, command="crawl jx"):
        raise InputError("for the test")
    with Archive(tmp_path) as archive:
        assert archive.value("SELECT exit_code FROM runs") == 2


def test_a_closed_writer_takes_no_work(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        pass
    with pytest.raises(RuntimeError):
        writer.submit(lambda t: t.run_id)


def test_work_can_be_awaited(tmp_path: Path) -> None:
    async def many() -> list[int]:
        with writing(tmp_path) as writer:
            return await asyncio.gather(*(writer.do(lambda t, n=n: t.keep(capture(f"{LIST}{n}"))) for n in range(50)))

    assert sorted(asyncio.run(many())) == list(range(1, 51))


def test_work_that_is_cancelled_before_its_turn_is_not_done(tmp_path: Path) -> None:
    go_on = threading.Event()
    with writing(tmp_path) as writer:
        writer.submit(lambda _: go_on.wait(10))
        cancelled = writer.submit(lambda t: t.seed("jx", [LIST]))
        assert cancelled.cancel()
        go_on.set()
    with Archive(tmp_path) as archive:
        assert archive.counts()["frontier"] == 0


# -- errors of the work itself ---------------------------------------------------------------------------------------


def test_an_error_undoes_its_own_work_alone(tmp_path: Path) -> None:
    def wrong(t: Transaction) -> None:
        look(t, article(LIST + "wrong"))
        t.connection.execute("SELECT no_such_column FROM articles")

    go_on = threading.Event()
    with writing(tmp_path) as writer:
        writer.submit(lambda _: go_on.wait(10))  # so that the next three share a transaction
        futures = [
            writer.submit(lambda t: look(t, article())),
            writer.submit(wrong),
            writer.submit(lambda t: look(t, article(LIST + "b"))),
        ]
        go_on.set()
        assert [type(future.exception()) for future in futures] == [type(None), sqlite3.OperationalError, type(None)]
    sound(tmp_path)
    with Archive(tmp_path) as archive:
        assert {row[0] for row in archive.rows("SELECT url FROM articles")} == {URL, LIST + "b"}


@pytest.mark.parametrize("error", [KeyError("x"), SystemExit(9), MemoryError()])
def test_no_error_of_the_work_stops_the_writer(tmp_path: Path, error: BaseException) -> None:
    def wrong(_: Transaction) -> None:
        raise error

    with writing(tmp_path) as writer:
        assert writer.submit(wrong).exception() is error
        assert writer.submit(lambda t: t.keep(capture())).result() == 1


def test_a_foreign_key_that_points_nowhere_is_refused(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        dangling = writer.submit(lambda t: t.connection.execute("INSERT INTO tags VALUES (99, '嘉兴')"))
        assert isinstance(dangling.exception(), sqlite3.IntegrityError)


# -- one at a time ---------------------------------------------------------------------------------------------------


def test_a_second_writer_is_told_who_holds_the_archive(tmp_path: Path) -> None:
    with (
        ArchiveWriter(tmp_path, command="crawl jx nhnews"),
        pytest.raises(LockedError, match=rf"process {os.getpid()} \(zjcrawl crawl jx nhnews, since 2") as told,
    ):
        ArchiveWriter(tmp_path, command="crawl")
    assert told.value.exit_code == 75
    run(tmp_path, lambda t: t.run_id)  # and afterwards it is free


def test_readers_read_while_it_is_written(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        writer.submit(lambda t: look(t, article())).result()
        with Archive(tmp_path) as archive:
            rows = archive.rows("SELECT id FROM frontier UNION ALL SELECT id FROM articles")
            next(rows)  # a reader in the middle of its query
            writer.submit(lambda t: look(t, article(LIST + "b"))).result()
            assert len(list(rows)) == 1
            assert archive.counts()["articles"] == 2


def test_an_archive_held_for_a_moment_by_another_program_is_waited_for(tmp_path: Path) -> None:
    run(tmp_path, lambda t: t.seed("jx", [LIST]))
    other = sqlite3.connect(tmp_path / "archive.db", isolation_level=None, check_same_thread=False)
    with writing(tmp_path) as writer:
        other.execute("BEGIN IMMEDIATE")
        waiting = writer.submit(lambda t: look(t, article()))
        threading.Timer(0.3, lambda: other.execute("ROLLBACK")).start()
        assert waiting.result().outcome == "new"
    other.close()


def test_captures_whose_database_is_gone_are_not_begun_anew(tmp_path: Path) -> None:
    run(tmp_path, lambda t: look(t, article()))
    for path in tmp_path.glob("archive.db*"):
        path.unlink()
    for use in (lambda: ArchiveWriter(tmp_path, command="crawl jx"), lambda: Archive(tmp_path)):
        with pytest.raises(
            InputError, match=r"archive\.db is missing, and .*/warc holds captures: .*'zjcrawl reparse'"
        ):
            use()
    assert not (tmp_path / "archive.db").exists()


# -- where the disk refuses ------------------------------------------------------------------------------------------


def test_a_full_disk_fails_everything_from_then_on_and_loses_nothing_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    writer = ArchiveWriter(tmp_path, command="test")
    writer.submit(lambda t: look(t, article())).result()
    monkeypatch.setattr(warc_module.os, "fsync", full)
    for work in (lambda t: look(t, article(LIST + "b")), lambda t: t.seed("jx", [LIST])):
        with pytest.raises(StorageError, match=r"warc\.gz\.open|warc\.gz: No space left on device") as told:
            writer.submit(work).result()
        assert told.value.exit_code == 74
    writer.close(74, {})
    monkeypatch.undo()
    run(tmp_path, lambda t: look(t, article(LIST + "b")))
    sound(tmp_path)
    with Archive(tmp_path) as archive:
        assert [tuple(row) for row in archive.rows("SELECT id, exit_code FROM runs")] == [(1, 74), (2, 0)]
        assert "No space left on device" in archive.value("SELECT stats FROM runs WHERE id = 1")
        assert archive.capture(1).body == capture().body
        assert archive.counts()["articles"] == 2


def test_a_disk_that_refuses_only_the_end_is_told_by_close(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    writer = ArchiveWriter(tmp_path, command="test")
    writer.submit(lambda t: t.keep(capture())).result()
    monkeypatch.setattr(warc_module, "settle", refused)
    with pytest.raises(StorageError, match="Input/output error"):
        writer.close(0, {})
    monkeypatch.undo()
    with Archive(tmp_path) as archive:  # and by its row
        assert archive.value("SELECT exit_code FROM runs") == 74
    with writing(tmp_path) as writer:  # the lock was let go, and the file is put right
        assert len(writer.salvaged) == 1


_FILL = """
    import resource, signal, sys
    from pathlib import Path
    from tests.archiving import article, capture, look
    from zjcrawl.archive import ArchiveWriter
    from zjcrawl.errors import StorageError
    import random
    writer = ArchiveWriter(Path(sys.argv[1]), command="test")
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    size = int(sys.argv[3])
    for number in range(100_000):
        url = f"http://jx.zjol.com.cn/{number}"
        seen = article(url, text="".join(chr(random.randrange(0x4E00, 0x9000)) for _ in range(400)))
        kept = capture(url, random.randbytes(size))
        try:
            writer.submit(lambda t: look(t, seen, kept)).result()
        except StorageError as error:
            print(f"refused {error}", flush=True)
            writer.close(74, {})
            raise SystemExit(error.exit_code)
        print(url, flush=True)
"""


@pytest.mark.parametrize(
    ("limit", "size"),
    [pytest.param(1_000_000, 90_000, id="by the WARC"), pytest.param(800_000, 10, id="by the database")],
)
def test_a_file_that_may_grow_no_more(tmp_path: Path, limit: int, size: int) -> None:
    filling = python(_FILL, tmp_path, limit, size)
    *acknowledged, refusal = filling.communicate(timeout=120)[0].splitlines()
    assert filling.returncode == 74
    assert refusal.startswith("refused cannot")
    assert len(acknowledged) > 3
    run(tmp_path, lambda t: look(t, article()))  # with room again, the archive goes on
    sound(tmp_path)
    with Archive(tmp_path) as archive:
        stored = {row[0] for row in archive.rows("SELECT url FROM articles")}
        assert set(acknowledged) <= stored
        for (capture_id,) in archive.rows("SELECT id FROM captures"):
            assert len(archive.capture(capture_id).body) in (size, len(capture().body))


# -- kill -9 ---------------------------------------------------------------------------------------------------------

_WORK = """
    import random, sys
    from pathlib import Path
    from tests.archiving import article, capture, look
    from zjcrawl.archive import ArchiveWriter
    writer = ArchiveWriter(Path(sys.argv[1]), command="test", warc_max_bytes=200_000)
    print("open", flush=True)
    room = {"jx.zjol.com.cn": 8}
    while claims := writer.submit(lambda t: t.claim([], per_host=room)).result():
        futures = []
        for claim in claims:
            kept = capture(claim.url, random.Random(claim.url).randbytes(3000))
            futures.append((claim.url, writer.submit(lambda t, u=claim.url, k=kept: look(t, article(u, text=u), k))))
        for url, future in futures:
            print(url, future.result().outcome, flush=True)
    writer.close(0, {})
    print("done", flush=True)
"""


def _acknowledged(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if line.endswith("\n") and line.startswith("http"):
            url, outcome = line.split()
            yield url, outcome


def test_kill_9_at_any_moment_loses_nothing_acknowledged(tmp_path: Path) -> None:
    urls = [f"http://jx.zjol.com.cn/{number}" for number in range(1500)]
    run(tmp_path, lambda t: [t.discover(url, "article", "jx", LIST) for url in urls])
    pause = random.Random(6).uniform
    acknowledged: list[tuple[str, str]] = []
    kills = 0
    while True:
        working = python(_WORK, tmp_path)
        assert working.stdout is not None
        assert working.stdout.readline() == "open\n"
        timer = threading.Timer(pause(0.01, 0.25), working.send_signal, [signal.SIGKILL])
        if kills < 8:
            timer.start()
        lines = working.stdout.readlines()
        working.wait()
        timer.cancel()
        assert working.returncode in (0, -signal.SIGKILL), "ended by itself, with an error of its own"
        acknowledged += _acknowledged(iter(lines))
        if working.returncode == 0:
            break
        kills += 1
        with Archive(tmp_path) as archive:  # before anyone mends anything: what was acknowledged is there
            there = {row[0] for row in archive.rows("SELECT url FROM articles")}
            assert {url for url, _ in acknowledged} <= there
    assert kills >= 5
    assert {outcome for _, outcome in acknowledged} == {"new"}  # nothing was done twice
    sound(tmp_path)
    assert not list((tmp_path / "warc").glob("*.open"))
    with Archive(tmp_path) as archive:
        counts = archive.counts()
        assert (counts["articles"], counts["frontier_done"], counts["revisions"]) == (1500, 1500, 0)
        # A kill may fall behind the end of a run that had nothing left to do, so not every one leaves a run open.
        assert archive.value("SELECT count(*) FROM runs") >= kills + 2
        assert 0 < archive.value("SELECT count(*) FROM runs WHERE ended_at IS NULL") <= kills
        for row in archive.rows("SELECT id, url FROM captures"):
            assert archive.capture(row["id"]).body == random.Random(row["url"]).randbytes(3000)
