"""The command line as a user meets it: help and an example for every verb, one clear sentence for bad input."""

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from zjcrawl.cli import cli

TOP = Path(__file__).parent.parent


def run(
    *arguments: str, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zjcrawl", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd or TOP, env=env, timeout=120, check=False)


def verbs(group: click.Group = cli, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    found = []
    for name, command in group.commands.items():
        found.append(((*path, name), command))
        if isinstance(command, click.Group):
            found += verbs(command, (*path, name))
    return found


@pytest.mark.parametrize(("path", "command"), verbs(), ids=[" ".join(path) for path, _ in verbs()])
def test_every_verb_has_help_with_an_example_and_stands_in_the_readme(
    path: tuple[str, ...], command: click.Command
) -> None:
    assert command.help
    assert "Example: zjcrawl " + path[0] in command.help
    assert command.short_help
    for readme in ("README.md", "README.zh-CN.md"):
        assert f"`{path[0]}" in (TOP / readme).read_text("utf-8")
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def refused(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Exactly one sentence that holds the words, and the exit code; never a traceback."""
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr
    assert len(result.stderr.strip().splitlines()) <= 4, result.stderr  # click's usage is two lines more


def test_version_and_help() -> None:
    assert re.search(r"\d+\.\d+", run("--version").stdout)
    assert "crawl" in run("--help").stdout


def test_channels_lists_them_all(tmp_path: Path) -> None:
    rows = json.loads(run("channels", "--json", "--archive", str(tmp_path)).stdout)
    assert len(rows) == 97
    assert {"slug", "name", "kind", "prefecture", "host", "lists", "articles", "newest"} == set(rows[0])
    assert "nhnews" in run("--archive", str(tmp_path), "channels").stdout


def test_bad_usage() -> None:
    refused(run("nosuch"), 2, "nosuch")
    refused(run("crawl", "nosuch"), 2, "unknown channel 'nosuch'")
    refused(run("crawl", "jx", "--limit", "-1"), 2, "--limit")
    refused(run("crawl", "jx", "--since", "gestern"), 2, "gestern")
    refused(run("crawl", "jx", "--since", "2020", "--until", "2019"), 2, "after")
    refused(run("crawl", "jx", "-s", "nonsense"), 2, "nonsense")


def test_a_wrong_channels_file_is_bad_configuration(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("jx = 3", "utf-8")
    refused(run("crawl", "jx", "--channels", str(file), "--archive", str(tmp_path / "a")), 78, "jx", str(file))
    refused(run("channels", "--channels", str(tmp_path / "none.toml")), 78, "none.toml")


def test_no_archive(tmp_path: Path) -> None:
    refused(run("export", "csv", "-", "--archive", str(tmp_path)), 2, str(tmp_path))
    (tmp_path / "archive.db").write_bytes(b"this is no database, whatever its name says" * 40)
    refused(run("export", "csv", "-", "--archive", str(tmp_path)), 2, str(tmp_path))
    refused(run("channels", "--archive", str(tmp_path)), 2, str(tmp_path))


def test_parse_refuses_what_is_no_page(tmp_path: Path) -> None:
    picture, empty = tmp_path / "a.png", tmp_path / "empty.html"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    empty.write_bytes(b"")
    refused(run("parse", str(picture)), 2, "a.png")
    refused(run("parse", str(empty)), 2, "empty.html", "empty")
    refused(run("parse", str(tmp_path / "none.html")), 2, "none.html")
    refused(run("parse", str(tmp_path)), 2, str(tmp_path))
    refused(run("parse", str(empty), "--url", "jx.zjol.com.cn/a"), 2, "--url")
    refused(run("parse", "http://jx.zjol.com.cn/a.shtml", "--archive", str(tmp_path)), 2, str(tmp_path))


def test_parse_prints_columns_and_evidence() -> None:
    page = TOP / "tests/pages/mlf2016/doubled-time-and-pictures/page.html"
    url = "http://cs.zjol.com.cn/zjbd/jx16506/201809/t20180907_8211820.shtml"
    article = json.loads(run("parse", str(page), "--url", url).stdout)
    assert article["title"] == "湖上起了雾"
    assert article["evidence"]["title"][0]["where"] == "div.contTit"
    assert article["evidence"]["source"][0] == {
        "printed": "虚构在线", "where": "#source_baidu", "rule": "mlf2016.source", "sure": 1.0,
    }  # fmt: skip
    assert article["credits"][0] == {"role": "reporter", "name": "张三", "printed": "记者 张三 文"}


def test_parse_goes_on_after_a_page_it_cannot_read(tmp_path: Path) -> None:
    page = TOP / "tests/pages/mlf2016/doubled-time-and-pictures/page.html"
    result = run("parse", str(tmp_path / "none.html"), str(page))
    assert result.returncode == 2
    assert json.loads(result.stdout)["title"] == "湖上起了雾"
    assert json.loads(result.stdout)["url"] is None
