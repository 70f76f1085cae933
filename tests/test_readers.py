"""The processes that read for a crawl: with them and without them it comes to the same, and nothing of them is left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crawling import Done, article, command, crawl, environment, listing, registry, rows, staged
from tests.killing import contents
from tests.test_history import make_due
from zjcrawl.model import Portal, Proxy, Switches, serve

SLUGS = ("jx", "nhnews")
LISTS = registry("nhnews").channels["nhnews"].lists
PAGE = "http://nhnews.zjol.com.cn/202609/t20260914_31950000.shtml"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


ALWAYS = "from zjcrawl import readers\nreaders.FEW = 1  # all pages but the first\n"


def started(code: str, *, reader: bool = False) -> str:
    """What Python does as it starts, in every process of a crawl or in those that read alone."""
    lines = "".join(f"    {line}\n" for line in code.strip().splitlines())
    told = "any('forkserver' in word for word in sys.orig_argv)" if reader else "True"
    return f"import sys\nif {told}:\n{lines}"


HANGS = started("from zjcrawl import readers\ndef hang(*_):\n    while True: pass\nreaders._read = hang", reader=True)
# What holds the interpreter's lock for ever, so that no handler of Python's would be called: blanks without end.
STUCK = started(
    "from zjcrawl import readers\nimport itertools\nreaders._read = lambda *_: all(itertools.repeat(1))", reader=True
)
FAILS = started("from zjcrawl import parse\ndef fails(page): raise KeyError('a fault of ours')\nparse.extract = fails")
DIES = started(
    """
import os, signal
from zjcrawl import readers
reads = readers._read
def dies(registry, capture, *rest):
    if WHERE in capture.url:
        os.kill(os.getpid(), signal.SIGKILL)
    return reads(registry, capture, *rest)
readers._read = dies
""",
    reader=True,
)


class Watched:
    """A crawl whose processes can be told from all others by a variable of their environment."""

    def __init__(self, proxy: Proxy, folder: Path, *arguments: str, code: str = "") -> None:
        (folder / "code").mkdir(parents=True, exist_ok=True)
        (folder / "code" / "sitecustomize.py").write_text(ALWAYS + code)
        own = environment(proxy) | {"READERS_OF": str(folder)}
        own["PYTHONPATH"] = os.pathsep.join([str(folder / "code"), own["PYTHONPATH"]])
        self.mark = f"READERS_OF={folder}".encode()
        words = command(folder / "archive", *arguments)
        self.process = subprocess.Popen(
            words, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def done(self) -> Done:
        out, err = self.process.communicate(timeout=60)
        return Done(self.process.returncode, out, err)

    def others(self) -> list[int]:
        """The processes of the crawl but its first."""
        return [int(path.name) for path in Path("/proc").glob("[0-9]*") if self._has(int(path.name))]

    def _has(self, pid: int) -> bool:
        try:
            return pid != self.process.pid and self.mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return False


def until(holds: Callable[[], bool], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def asked(proxy: Proxy) -> Callable[[], bool]:
    return lambda: any(url == PAGE for _, _, url, _ in proxy.log)


def test_with_processes_that_read_the_archive_is_the_same(tmp_path: Path) -> None:
    """Also where articles were edited between two runs."""
    portal = Portal(
        seed=11, articles=36, registry=registry(*SLUGS), switches=Switches(dict.fromkeys(range(0, 36, 3), (1,)))
    )
    everything = {portal.url(number) for number in portal.numbers()}
    told = []
    with serve(portal) as proxy:
        for workers in "02":
            folder = tmp_path / workers
            portal.clock = 0
            first = Watched(proxy, folder, *SLUGS, "--workers", workers).done()
            portal.clock = 1
            make_due(folder / "archive", everything)
            second = Watched(proxy, folder, *SLUGS, "--workers", workers).done()
            assert [first.err, second.err] == ["", ""]
            told.append([{**done.summary, "seconds": 0, "known": 0} for done in (first, second)])
    assert told[0] == told[1]
    assert told[0][1]["articles"]["edited"] == 12
    assert contents(tmp_path / "0" / "archive") == contents(tmp_path / "2" / "archive")


def test_what_a_process_logs_is_logged_by_the_crawl(tmp_path: Path) -> None:
    told = []
    with staged({page: listing(PAGE) for page in LISTS} | {PAGE: article("一篇读不了的文章")}) as proxy:
        for workers in "01":
            folder = tmp_path / workers
            done = Watched(proxy, folder, "nhnews", "--workers", workers, "--log-format", "json", code=FAILS).done()
            lines = [json.loads(line) for line in done.err.splitlines()]
            (fault,) = [line for line in lines if line["level"] == "ERROR"]
            assert fault["logger"] == "zjcrawl.look"
            assert fault["exception"].endswith("KeyError: 'a fault of ours'")
            assert rows(folder / "archive", "SELECT outcome FROM frontier WHERE kind = 'article'") == [("unreadable",)]
            told.append((done.code, [(line["level"], line["message"], "exception" in line) for line in lines]))
    assert told[0] == told[1]


@pytest.mark.parametrize("often", [False, True])
def test_a_process_that_is_killed_loses_nothing(tmp_path: Path, often: bool) -> None:
    """By one page that no process survives, or by every page."""
    portal = Portal(seed=3, articles=30, registry=registry("nhnews"))
    number = next(iter(portal.numbers()))
    where = "/" if often else portal.url(number)
    with serve(portal) as proxy:
        assert crawl(proxy, tmp_path / "whole", "nhnews", "--workers", "0").code == 0
        done = Watched(proxy, tmp_path, "nhnews", "--workers", "2", code=DIES.replace("WHERE", repr(where))).done()
    assert done.code == 0
    told = [line.partition("WARNING ")[2] for line in done.err.splitlines()]
    one = "a process that reads was killed or cannot be started, perhaps for its memory"
    one = f"{one}: the pages that it had are read by the crawl itself"
    assert told == ([one, one, f"{one}, and all that come (--workers 0 does so from the start)"] if often else [one])
    assert contents(tmp_path / "archive") == contents(tmp_path / "whole")


@pytest.mark.parametrize("code", [HANGS, STUCK], ids=["hangs", "holds the lock"])
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_the_crawl(tmp_path: Path, by: signal.Signals, code: str) -> None:
    with staged({page: listing(PAGE) for page in LISTS} | {PAGE: article("一篇永远读不完的文章")}) as proxy:
        watched = Watched(proxy, tmp_path, "nhnews", "--workers", "2", code=code)
        until(lambda: len(watched.others()) >= 2, "no process began to read")
        time.sleep(0.5)
        watched.process.send_signal(by)
        done = watched.done()
    assert done.code == (-by if by == signal.SIGKILL else 3)
    assert "Traceback" not in done.err
    until(lambda: not watched.others(), f"{watched.others()} are left")


def test_an_interrupt_at_the_terminal_is_the_first_process_s_alone(tmp_path: Path) -> None:
    portal = Portal(seed=3, articles=60, registry=registry("nhnews"))
    with serve(portal) as proxy:
        watched = Watched(proxy, tmp_path, "nhnews", "--workers", "2")
        until(lambda: len(proxy.log) > 8, "the crawl did not begin")
        os.killpg(watched.process.pid, signal.SIGINT)
        done = watched.done()
    assert (done.code, done.err) == (3, "")
    assert done.summary["problems"][-1] == "stopped by a signal: the next run goes on from here"
    until(lambda: not watched.others(), f"{watched.others()} are left")


def test_where_no_process_can_be_had_the_crawl_reads_itself(tmp_path: Path) -> None:
    code = started(
        "import concurrent.futures as futures\ndef refused(*_): raise OSError(28, 'No space left on device')\n"
        "futures.ProcessPoolExecutor.__init__ = refused"
    )
    with staged({page: listing(PAGE) for page in LISTS} | {PAGE: article("一篇文章")}) as proxy:
        done = Watched(proxy, tmp_path, "nhnews", "--workers", "1", code=code).done()
    assert done.code == 0
    assert done.err.count("\n") == 1
    assert (
        "no process that reads can be had ([Errno 28] No space left on device): the crawl reads by itself" in done.err
    )
    assert rows(tmp_path / "archive", "SELECT title FROM articles") == [("一篇文章",)]
