"""Standard output that is closed, full, of another encoding or not there; and a command that is interrupted."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.archiving import LIST, article, look, run

TOP = Path(__file__).parent.parent
PAGE = TOP / "tests/pages/mlf2016/doubled-time-and-pictures/page.html"
PRINTING = {
    "help": ["--help"],
    "table": ["channels"],
    "parse": ["parse", str(PAGE)],
    "csv": ["export", "csv", "-"],
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More than a pipe holds."""
    folder = tmp_path_factory.mktemp("archive")
    run(folder, lambda t: [look(t, article(f"{LIST}{n}", text="虚构" * 9000)) for n in range(20)])
    return folder


def environment(archive: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "ZJCRAWL_ARCHIVE": str(archive), **more}


@pytest.mark.parametrize("words", PRINTING.values(), ids=PRINTING)
def test_a_reader_that_has_what_it_wanted_ends_the_command_well(archive: Path, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing) as closed:
        done = subprocess.run(
            [sys.executable, "-m", "zjcrawl", *words], stdout=closed, stderr=subprocess.PIPE, text=True,
            env=environment(archive), timeout=60,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", PRINTING.values(), ids=PRINTING)
def test_a_full_disk_behind_standard_output_is_told(archive: Path, words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "zjcrawl", *words], stdout=full, stderr=subprocess.PIPE, text=True,
            env=environment(archive), timeout=60,
        )  # fmt: skip
    told = "zjcrawl: cannot write standard output: No space left on device: free some space\n"
    assert (done.returncode, done.stderr) == (74, told)


@pytest.mark.parametrize("words", [PRINTING["table"], PRINTING["parse"]], ids=["table", "parse"])
def test_what_is_printed_is_utf_8_whatever_the_locale(archive: Path, words: list[str]) -> None:
    other = environment(archive, PYTHONIOENCODING="latin-1", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", LC_ALL="C")
    done = subprocess.run([sys.executable, "-m", "zjcrawl", *words], capture_output=True, env=other, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert any("一" <= character <= "龥" for character in done.stdout.decode())


def test_a_message_is_utf_8_too(archive: Path) -> None:
    other = environment(archive, PYTHONIOENCODING="latin-1")
    command = [sys.executable, "-m", "zjcrawl", "parse", "没有.html"]
    done = subprocess.run(command, capture_output=True, env=other, timeout=60)
    assert done.returncode == 2
    assert "没有.html" in done.stderr.decode()


def test_a_name_that_is_no_text_is_said_so(tmp_path: Path) -> None:
    page = os.fsencode(tmp_path) + b"/\xff.html"
    Path(os.fsdecode(page)).write_text("<html></html>")
    done = subprocess.run([sys.executable, "-m", "zjcrawl", "parse", page], capture_output=True, timeout=60)
    assert done.returncode == 2
    assert b"the word behind 'parse' is no UTF-8" in done.stderr


def test_without_standard_output_there_is_nobody_to_tell(archive: Path) -> None:
    command = f"'{sys.executable}' -m zjcrawl channels --json >&-"
    done = subprocess.run(command, shell=True, stderr=subprocess.PIPE, env=environment(archive), timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def test_where_nobody_can_be_told_the_exit_code_still_tells(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing) as closed:
        command = [sys.executable, "-m", "zjcrawl", "crawl", "nosuch", "--archive", str(tmp_path)]
        assert subprocess.run(command, stdout=closed, stderr=closed, timeout=60).returncode == 2


def test_one_value_is_one_line_for_a_program(archive: Path) -> None:
    command = [sys.executable, "-m", "zjcrawl", "parse", str(PAGE)]
    out = subprocess.run(command, capture_output=True, timeout=60).stdout
    assert out.count(b"\n") == 1
    assert json.loads(out)["title"] == "湖上起了雾"


def test_an_interruption_is_quiet_also_while_the_program_is_loading(tmp_path: Path) -> None:
    slow = tmp_path / "rich" / "__init__.py"
    slow.parent.mkdir()
    slow.write_text("import time\nprint('loading', flush=True)\ntime.sleep(60)\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "zjcrawl", "channels"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, cwd=TOP,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "loading\n"
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, told) == (130, "")


def test_the_command_is_started_so_that_it_can_be_interrupted() -> None:
    assert 'zjcrawl = "zjcrawl.__main__:main"' in (TOP / "pyproject.toml").read_text("utf-8")
