"""The command line as a user meets it: help and an example for every verb, one clear sentence for bad input."""

import inspect
import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click
import pytest
from rich.console import Console

from zjcrawl import channels
from zjcrawl.cli import cli
from zjcrawl.cli.channels import _WIDE, _table
from zjcrawl.crawl import order_of

TOP = Path(__file__).parent.parent


def run(
    *arguments: str, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zjcrawl", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd or TOP, env=env, timeout=120, check=False)


def verbs(group: click.Group = cli, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    found: list[tuple[tuple[str, ...], click.Command]] = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.append(((*path, name), command))
        if isinstance(command, click.Group):
            found += verbs(command, (*path, name))
    return found


def test_a_verb_loads_only_what_it_needs() -> None:
    told = "import sys; from zjcrawl.cli import cli; cli(['channels', '--help'], standalone_mode=False); print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.split()
    )
    assert "zjcrawl.cli.channels" in loaded
    assert not {"scrapy", "twisted", "pandas", "matplotlib", "zjcrawl.parse", "zjcrawl.cli.crawl"} & loaded


@pytest.mark.parametrize(("path", "command"), verbs(), ids=[" ".join(path) for path, _ in verbs()])
def test_every_verb_has_help_with_an_example_and_stands_in_the_readme(
    path: tuple[str, ...], command: click.Command
) -> None:
    assert command.help
    assert "Example: zjcrawl " + path[0] in command.help
    assert command.short_help
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    for option in options:
        assert option.help, option.name
    for readme in ("README.md", "README.zh-CN.md"):
        text = (TOP / readme).read_text("utf-8")
        assert f"`{path[0]}" in text
        for option in options:
            names = "|".join(map(re.escape, option.opts))
            assert re.search(rf"[` ]({names})[` ]", text), f"{readme} does not tell of {' '.join(path)} {option.opts}"


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_tells_what_scrapy_crawl_takes(readme: str) -> None:
    text = (TOP / readme).read_text("utf-8")
    for name in ("since", "until", "limit", "listing_pages", "rechecks"):
        assert f"`{name}`" in text
    assert set(inspect.signature(order_of).parameters) == {
        "registry", "channels", "since", "until", "limit", "listing_pages", "rechecks",
    }  # fmt: skip


def refused(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Exactly one sentence that holds the words, and the exit code; never a traceback."""
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert result.stderr.startswith("zjcrawl: ")


def test_version_and_help() -> None:
    assert re.search(r"\d+\.\d+", run("--version").stdout)
    assert "crawl" in run("--help").stdout


def test_channels_lists_them_all(tmp_path: Path) -> None:
    rows = json.loads(run("channels", "--json", "--archive", str(tmp_path)).stdout)
    assert len(rows) == 97
    assert {"slug", "name", "kind", "prefecture", "host", "lists", "articles", "newest"} == set(rows[0])
    assert "nhnews" in run("--archive", str(tmp_path), "channels").stdout


@pytest.mark.parametrize("width", [80, 91, 120])
def test_channels_fit_a_terminal_with_lists_and_articles(width: int) -> None:
    out = Console(width=width, force_terminal=True, no_color=True)
    rows = [
        {"slug": c.slug, "name": c.name, "kind": c.kind, "prefecture": c.prefecture, "host": c.host,
         "lists": list(c.lists), "articles": 123_456, "newest": "2026-09-19T10:00:00+08:00"}
        for c in channels.load().channels.values()
    ]  # fmt: skip
    with out.capture() as captured:
        out.print(_table(rows, wide=width >= _WIDE))
    heading, *lines = re.sub(r"\x1b\[[\d;]*m", "", captured.get()).splitlines()
    for word in ("channel", "host", "lists", "articles", "newest"):
        assert word in heading
    assert ("prefecture" in heading) == (width >= _WIDE)
    assert len(lines) == len(rows)
    for row, line in zip(rows, lines, strict=True):
        assert {row["slug"], row["host"], "123,456", "2026-09-19"} <= set(line.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nosuch"], ["no such command 'nosuch'", "'zjcrawl --help'"]),
        (["crwal"], ["'crwal'", "did you mean 'crawl'?"]),
        (["export", "xml", "a.xml"], ["'xml'", "'zjcrawl export --help'"]),
        (["export", "csv"], ["missing argument 'OUT'", "'zjcrawl export csv --help'"]),
        (["export", "csv", "-", "--profile", "foo"], ["--profile", "'foo'", "'analysis', 'excel'"]),
        (["crawl", "--limt", "3"], ["'--limt'", "did you mean '--limit'?"]),
        (["crawl", "jx", "--limit", "abc"], ["--limit", "'abc' is no whole number"]),
        (["crawl", "jx", "--limit", "-1"], ["--limit -1", "0 or more"]),
        (["crawl", "jx", "--listing-pages", "0"], ["--listing-pages 0", "1 or more"]),
        (["demo", "--articles", "many"], ["--articles", "'many' is no whole number"]),
        (["crawl", "nosuch"], ["unknown channel 'nosuch'"]),
        (["crawl", ","], ["no channel is named"]),
        (["crawl", "jx", "--since", "gestern"], ["gestern"]),
        (["crawl", "jx", "--since", "2020", "--until", "2019"], ["after"]),
        (["crawl", "jx", "-s", "nonsense"], ["nonsense", "NAME=VALUE"]),
        (["crawl", "jx", "-s", "NOSUCH=1"], ["NOSUCH", "zjcrawl/settings.py"]),
        (["crawl", "jx", "-s", "DOWNLOD_DELAY=5"], ["DOWNLOD_DELAY", "did you mean DOWNLOAD_DELAY?"]),
    ],
    ids=" ".join,
)
def test_bad_usage_is_one_sentence_with_the_mend(arguments: list[str], words: list[str]) -> None:
    refused(run(*arguments), 2, *words)


@pytest.mark.parametrize(
    "arguments",
    [
        ["crawl", ""],
        ["crawl", "jx", "--archive", ""],
        ["--archive", " ", "channels"],
        ["channels", "--archive="],
        ["export", "csv", "-", "--channel", ""],
        ["export", "csv", "-", "--reporter", ""],
        ["parse", ""],
    ],
    ids=" ".join,
)
def test_an_empty_word_is_a_slip(arguments: list[str], tmp_path: Path) -> None:
    refused(run(*arguments, cwd=tmp_path), 2, "is empty")
    assert not list(tmp_path.iterdir())


def test_a_setting_may_be_empty(tmp_path: Path) -> None:
    refused(run("crawl", "nosuch", "-s", "USER_AGENT=", "--archive", str(tmp_path)), 2, "nosuch")


def test_a_wrong_channels_file_is_bad_configuration(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("jx = 3", "utf-8")
    refused(run("crawl", "jx", "--channels", str(file), "--archive", str(tmp_path / "a")), 78, "jx", str(file))
    refused(run("channels", "--channels", str(tmp_path / "none.toml")), 78, "none.toml")


READERS = [["export", "csv", "-"], ["channels"], ["status"], ["parse", "http://jx.zjol.com.cn/a.shtml"]]


@pytest.mark.parametrize("reader", READERS, ids=" ".join)
def test_no_archive(tmp_path: Path, reader: list[str]) -> None:
    nothing = run(*reader, "--archive", str(tmp_path))
    if reader == ["channels"]:
        assert nothing.returncode == 0
    else:
        refused(nothing, 2, str(tmp_path), "'zjcrawl crawl' makes one")
    file = tmp_path / "file"
    file.touch()
    refused(run(*reader, "--archive", str(file)), 2, str(file), "no folder", "--archive")
    database = tmp_path / "archive.db"
    database.write_bytes(b"this is no database, whatever its name says" * 40)
    refused(run(*reader, "--archive", str(tmp_path)), 2, str(database), "no database", "--archive")
    database.unlink()
    database.mkdir()
    refused(run(*reader, "--archive", str(tmp_path)), 2, str(database), "no file", "--archive")


def test_a_crawl_leaves_nothing_in_a_folder_that_it_refuses(tmp_path: Path) -> None:
    def crawl(*words: str) -> None:
        before = sorted(path.name for path in tmp_path.iterdir())
        done = run("crawl", "jx", "--archive", str(tmp_path), "-s", "ZJCRAWL_CONTACT=nobody@example.org")
        refused(done, 2, str(tmp_path), *words, "--archive")
        assert sorted(path.name for path in tmp_path.iterdir()) == before

    database = tmp_path / "archive.db"
    database.write_text("this is no database, whatever its name says" * 40)
    crawl("is no database")
    database.unlink()
    with closing(sqlite3.connect(database)) as foreign:
        foreign.execute("CREATE TABLE recipes (name)")
        foreign.commit()
    crawl("of something else")
    database.unlink()
    database.mkdir()
    crawl("is no file")


def test_parse_refuses_what_is_no_page(tmp_path: Path) -> None:
    picture, empty, data = tmp_path / "a.png", tmp_path / "empty.html", tmp_path / "a.json"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    empty.write_bytes(b"")
    data.write_bytes(b'{"title": "a"}')
    refused(run("parse", str(picture)), 2, "a.png")
    refused(run("parse", str(data)), 2, "a.json", "it is JSON")
    refused(run("parse", str(empty)), 2, "empty.html", "empty")
    refused(run("parse", str(tmp_path / "none.html")), 2, "none.html", "No such file", "check the name")
    refused(run("parse", str(tmp_path)), 2, str(tmp_path))
    nul = tmp_path / "nul.html"
    nul.write_bytes(bytes(4))
    refused(run("parse", str(nul)), 2, f"{nul} holds nothing")
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


LIST_OF_ARTICLES = "<title>新闻中心</title>" + "".join(
    f"<h3><a href='/{i}'>清溪镇的第{i}篇报道说的是另一件事</a></h3><p>镇上的人都记得那一年的大水，水退以后，河边全是泥沙。</p><p>2024-03-05</p>"
    for i in range(8)
)


@pytest.mark.parametrize(
    ("name", "content", "missing"),
    [
        ("rand.bin", bytes(range(128, 256)) * 20, "no headline"),
        ("plain.txt", "今天没有标题。".encode(), "no headline"),
        ("empty.html", b"<html></html>", "no headline and no text"),
        ("title.html", "<h1>只有标题的一页</h1>".encode(), "no text"),
        ("list.html", LIST_OF_ARTICLES.encode(), "a list of articles: give one of them"),
        ("gone.html", "<h1>404</h1><p>您访问的页面不存在或已被删除！</p>".encode(), "there is none at its address"),
        ("asks.html", "<h1>安全验证</h1><p>请完成下面的验证后继续访问。</p>".encode(), "asks who is reading"),
    ],
)
def test_a_page_that_is_no_article_is_printed_and_told(tmp_path: Path, name: str, content: bytes, missing: str) -> None:
    page = tmp_path / name
    page.write_bytes(content)
    result = run("parse", str(page))
    refused(result, 3, name, "could not be read as an article", missing)
    assert json.loads(result.stdout)["published_at"] is None


def test_a_stub_lacks_nothing(tmp_path: Path) -> None:
    stub = tmp_path / "stub.html"
    stub.write_text('<html><head><meta http-equiv="refresh" content="0;url=http://a.org/b.html"></head></html>')
    assert (run("parse", str(stub)).returncode, run("parse", str(stub)).stderr) == (0, "")


def test_parse_goes_on_after_a_page_it_cannot_read(tmp_path: Path) -> None:
    page = TOP / "tests/pages/mlf2016/doubled-time-and-pictures/page.html"
    result = run("parse", str(tmp_path / "none.html"), str(page))
    assert result.returncode == 2
    assert json.loads(result.stdout)["title"] == "湖上起了雾"
    assert json.loads(result.stdout)["url"] is None
