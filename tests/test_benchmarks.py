"""The benchmarks' own promises: what is missing is said and left out, and no table is typed by hand."""

import json
import os
import shutil
import sqlite3
import sys
import venv
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import (
    crawl_memory,
    crawl_speed,
    export_speed,
    features_leak,
    growth,
    memory,
    peers_speed,
    reading_peers,
    reading_speed,
    reparse_speed,
    search_speed,
    soak,
    storing_speed,
    tables,
)
from zjcrawl.archive import Archive, ArchiveWriter
from zjcrawl.model import Portal, serve

PAGE = """<html><head><title>清溪镇老码头重新开放-清溪在线</title></head><body><h1>清溪镇老码头重新开放</h1>
<p>2024-03-05 08:09 来源：清溪日报 记者 王小溪</p><div><p>渡船停了整整九年。负责修缮的工程队说，木桩换了三百多根。</p></div>
<p>责任编辑：李一舟</p></body></html>"""
TRUTH = {
    "title": "清溪镇老码头重新开放",
    "published": "2024-03-05 08:09",
    "source": "清溪日报",
    "reporters": ["王小溪"],
    "editors": ["李一舟"],
    "tags": [],
    "body": "渡船停了整整九年。负责修缮的工程队说，木桩换了三百多根。",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pages in a truth, of which one is there."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "one.html").write_text(PAGE, "utf-8")
    lines = [json.dumps({"id": name, "url": "http://news.example.com/1.html"} | TRUTH) for name in ("one", "two")]
    (tmp_path / "truth.jsonl").write_text("\n".join(lines), "utf-8")
    return tmp_path


def test_a_table_goes_between_its_marks_and_nothing_else_changes(tmp_path: Path) -> None:
    document = tmp_path / "README.md"
    document.write_text("before\n<!-- speed -->\nold\n<!-- /speed -->\nafter\n", "utf-8")
    for _ in range(2):
        tables.put(document, "speed", tables.markdown(["", "ours"], [["title", "1.000"]]))
        assert document.read_text("utf-8") == (
            "before\n<!-- speed -->\n|  | ours |\n| --- | ---: |\n| title | 1.000 |\n<!-- /speed -->\nafter\n"
        )
    with pytest.raises(ValueError, match=r"README\.md has no place for size"):
        tables.put(document, "size", "…")


def test_no_pages_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reading_peers.main(tmp_path) == 3
    assert f"no real pages at {tmp_path}" in capsys.readouterr().err


def test_what_is_missing_is_said_and_the_rest_is_measured(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reading_peers, "PEERS", ("gne",))
    monkeypatch.setattr(reading_peers, "environment", lambda name: sys.executable)  # where no peer is installed
    assert reading_peers.main(folder) == 0
    out, err = capsys.readouterr()
    assert "two.html is not there: left out" in err
    assert "gne cannot be run, and is left out: ModuleNotFoundError" in err
    assert "| title | 1.000 / 1.000 / 1.000 (0.0%) |" in out
    assert "| time | 1.000 / 1.000 / 1.000 (0.0%) |" in out
    assert "| editors | 1.000 / 1.000 / 1.000 (0.0%) |" in out


def test_a_peer_that_cannot_be_installed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "peers").mkdir()
    (tmp_path / "peers" / "gne.txt").write_text("gne==0\n", "utf-8")
    made = venv.create
    monkeypatch.setattr(venv, "create", lambda folder, **_: made(folder))  # without pip, so nothing can be installed
    monkeypatch.setattr(reading_peers, "HERE", tmp_path)
    monkeypatch.setattr(reading_peers, "ROOT", tmp_path)
    monkeypatch.setattr(reading_peers, "ENVIRONMENTS", tmp_path / "environments")
    assert reading_peers.environment("gne") is None
    assert "gne cannot be installed, and is left out: " in capsys.readouterr().err


@pytest.mark.parametrize("name", reading_peers.PEERS)
def test_every_peer_is_locked_and_can_be_asked(name: str) -> None:
    assert reading_peers.version_of(name).startswith(name)
    assert f'"{name}": ' in (reading_peers.HERE / "peers" / "read.py").read_text("utf-8")


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readmes_hold_the_table_that_was_printed(readme: str) -> None:
    told = (tables.ROOT / readme).read_text("utf-8").partition("<!-- reading -->")[2].partition("<!-- /reading -->")[0]
    full = (tables.ROOT / "benchmarks" / "READING.md").read_text("utf-8")
    body = [row.strip() for row in told.splitlines() if row.startswith("| body")]
    assert body
    for cell in body[0].replace("*", "").split(" | ")[1:]:
        assert cell.strip(" |") in full


def test_speed_is_measured_on_every_template_and_against_the_truth() -> None:
    groups = reading_speed.model_pages(120)
    assert {"labels", "mlf2016", "mlf2026", "system2006", "system2012"} <= set(groups)
    few = [sample for samples in groups.values() for sample in samples[:2]]
    assert reading_speed.wrong_cells(few) == 0
    assert all(ratio > 1 for ratio in reading_speed.ratios(few[:2])[0])


def test_what_counts_of_rows_of_characters_give_away() -> None:
    assert features_leak.told("一二三四五六七八九十甲乙", 2) == (1, 12)  # every character is followed by one other
    assert features_leak.told("一二三四五六七八九十甲乙", 1) == (0, 0)
    assert features_leak.told("一二三四五六七八九十甲一乙", 2) == (0, 11)  # 一 may be followed by two: too short
    assert features_leak.told("一二三四五六七八九十甲乙\n二一", 2) == (0, 10)  # so may 二
    assert features_leak.told("一二三四五六七八九十甲乙\n二一", 3) == (12 / 14, 12)


@pytest.mark.parametrize("shell", [True, False])
def test_exports_are_measured_also_without_the_shell_of_sqlite(
    shell: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pyarrow")
    if shell and shutil.which("sqlite3") is None:
        pytest.skip("there is no sqlite3 shell here")
    if not shell:
        monkeypatch.setattr("shutil.which", lambda name: None)
    kept: dict[str, str] = {}
    monkeypatch.setattr(export_speed, "put", lambda path, name, text: kept.update({name: text}))
    search_speed.make(tmp_path / "a", 30, "model")
    (tmp_path / "out").mkdir()
    with Archive(tmp_path / "a") as archive:
        assert export_speed.measure(archive, tmp_path / "out", rounds=1) == 0
    out, err = capsys.readouterr()
    assert kept["export-speed"] == out.rstrip("\n")
    assert ("there is no sqlite3 shell here" in err) is not shell
    assert ("the same cells as the shell's" in out) is shell
    assert out.count("\n| ") == (8 if shell else 7)


def ran(number: int, **other: float) -> soak.Ran:
    """A run as they should all be, but for what is given."""
    usual = {"code": 0, "articles": 100 * number, "seconds": 9, "megabytes": 150, "files": 20, "status": 0.5}
    return soak.Ran(**(usual | {"database": 10_000 * number, "warc": 30_000 * number} | other))  # type: ignore[arg-type]


def test_a_soak_complains_of_what_grows_and_of_nothing_else() -> None:
    flat = [ran(number) for number in range(1, 9)]
    assert soak.complaints(flat, 800) == []
    for what, value, said in (
        ("code", 74, "run 8 ended with exit code 74"),
        ("articles", 720, "720 of 800 articles"),
        ("megabytes", 400, "megabytes: "),
        ("files", 90, "open files: 90"),
        ("status", 2, "status: "),
        ("database", 120_000, "database after run 8: 120,000 bytes, 80,000 expected"),
        ("warc", 150_000, "warc after run 8"),
    ):
        found = soak.complaints(
            [*flat[:6], ran(7, **{what: value} if what in ("megabytes", "status") else {}), ran(8, **{what: value})],
            800,
        )
        assert any(said in sentence for sentence in found), (what, found)


def test_a_run_of_a_soak_is_watched(tmp_path: Path) -> None:
    with soak.portal(200) as proxy:
        ran = soak.run(tmp_path / "archive", proxy, 2, ["nhnews"])
    assert (ran.code, ran.articles) == (0, 2)
    assert ran.megabytes > 50
    assert ran.files > 5
    assert min(ran.database, ran.warc) > 10_000
    assert 0 < ran.status < ran.seconds + 30
    assert soak.rows([ran])[0][1] == "2"


def test_a_crawl_is_compared_with_those_on_the_same_pages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept: dict[str, str] = {}
    fast = {name: [{"pages": 10, "wall": 1.0, "processor": 0.5}] for name in crawl_speed.PEERS}
    fast["bare, CONCURRENT_ITEMS=100"] = [{"pages": 10, "wall": 2.0, "processor": 1.0}]
    fast["zjcrawl --workers 0"] = [{"pages": 10, "wall": 4.0, "processor": 2.0}]
    ours = [{"pages": 10, "wall": 2.0, "processor": 2.0, "start": 1.0, "megabytes": 150.0, "reader": 60.0}]
    monkeypatch.setattr(crawl_speed, "put", lambda path, name, text: kept.update({name: text}))
    for wrong in (0, 1):
        monkeypatch.setattr(crawl_speed, "measure", lambda articles, rounds, w=wrong: ({"zjcrawl": ours} | fast, w))
        assert crawl_speed.main([]) == wrong
        assert f"Cells wrong: {wrong}." in kept["crawl-speed"]
    assert "| zjcrawl | 5 | 200.00 | – | – | – |" in kept["crawl-speed"]
    assert "| bare, CONCURRENT_ITEMS=1 (the ceiling) | 10 | 50.00 | **0.50** (0.50–0.50) |" in kept["crawl-speed"]
    assert "| zjcrawl --workers 0 | 2 | 200.00 | **2.00** (2.00–2.00) |" in kept["crawl-speed"]
    assert "took 150 MB at most, and a process that reads 60 MB." in kept["crawl-speed"]
    assert kept["crawl-speed"] in capsys.readouterr().out


def test_a_crawl_that_fails_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(articles: int, rounds: int) -> object:
        crawl_speed.crawled("nobody", os.environ, tmp_path / "pages.txt", tmp_path / "crawl")
        raise AssertionError("a crawl without a name ran")

    monkeypatch.setattr(crawl_speed, "measure", fails)
    assert crawl_speed.main([]) == 3
    assert "nothing was measured: nobody: " in capsys.readouterr().err


def test_a_peer_of_the_crawl_asks_for_the_pages_it_is_given_and_a_cell_is_missed(tmp_path: Path) -> None:
    pages, folder = tmp_path / "pages.txt", tmp_path / "crawl"
    addresses = list(islice(Portal(crawl_speed.SEED, 3).lists, 2))
    pages.write_text("\n".join(addresses), "utf-8")
    with serve(Portal(crawl_speed.SEED, 3)) as proxy:
        environment = os.environ | {"http_proxy": proxy.url}
        assert crawl_speed.crawled("ten XPaths, JSONL", environment, pages, folder)["pages"] == 2
    items = [json.loads(line) for line in (folder / "items.jsonl").read_text("utf-8").splitlines()]
    assert {item["url"] for item in items} == set(addresses)
    assert all(item["title"] for item in items)
    with ArchiveWriter(tmp_path / "a", command="nothing"):
        pass
    assert crawl_speed.wrong_cells(tmp_path / "a", 1) == len(next(Portal(crawl_speed.SEED, 1).truths()))


def test_storing_is_measured_against_the_very_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, str] = {}
    monkeypatch.setattr(storing_speed, "put", lambda path, name, text: kept.update({name: text}))
    assert storing_speed.measure(storing_speed.read(30), tmp_path, rounds=1) == 0
    assert "| the processor | " in kept["storing-speed"]
    assert "Both wrote the same rows." in kept["storing-speed"]
    for statement, table in (("UPDATE articles SET editors = '无'", "articles"), ("DELETE FROM tags", "tags")):
        with sqlite3.connect(tmp_path / "floor" / "archive.db") as connection:
            connection.execute(statement)
        assert table in storing_speed.differing(tmp_path / "ours", tmp_path / "floor")


def test_reparse_is_measured_on_pages_of_which_one_and_many_make_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[str, str] = {}
    monkeypatch.setattr(reparse_speed, "put", lambda path, name, text: kept.update({name: text}))
    assert reparse_speed.measure(reparse_speed.pages(12), tmp_path, rounds=1, workers=2) == 0
    assert "One process and 2 made the same rows." in kept["reparse-speed"]
    with sqlite3.connect(tmp_path / "other" / "archive.db") as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (12,)
        connection.execute("UPDATE articles SET title = '另一个' WHERE id = 1")
    assert reparse_speed.differing(tmp_path / "archive", tmp_path / "other") == ["articles"]


def test_growth_is_measured_at_round_sizes_and_drawn() -> None:
    assert [*growth.sizes(200_000)] == [10_000, 20_000, 50_000, 100_000, 200_000]
    steps = [growth.Step(size, 1.0, 11_000.0, (0.001, 0.002), 0.5) for size in (10_000, 20_000)]
    assert growth.complaints(steps) == []
    assert growth.drawn(steps).startswith(b"<?xml")
    (told,) = growth.complaints([*steps, growth.Step(50_000, 1.0, 30_000.0, (0.001, 0.002), 0.5)])
    assert told == "30,000.0 bytes an article in the last step, 11,000.0 in the first"


def test_an_archive_grows_by_new_articles_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "TERMS", 2)
    first, second = growth.grow(tmp_path, [20, 50], paragraphs=10)
    assert (first.articles, second.articles) == (20, 50)
    with Archive(tmp_path) as archive:
        assert archive.counts()["articles"] == 50


def test_what_a_command_needs_is_told_by_itself(tmp_path: Path) -> None:
    with ArchiveWriter(tmp_path / "archive", command="benchmark"):
        pass
    assert 10 < memory.peak(tmp_path / "archive", "channels", tmp_path) < 200
    with pytest.raises(RuntimeError, match="ended with 2: zjcrawl: "):
        memory.peak(tmp_path / "archive", "show 1", tmp_path)


def test_peers_are_timed_on_the_pages_that_we_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "RESULTS.md"
    results.write_text("<!-- peers-speed -->\n<!-- /peers-speed -->\n", "utf-8")
    monkeypatch.setattr(peers_speed, "PEERS", ("gne", "trafilatura"))
    monkeypatch.setattr(peers_speed, "real_pages", list)
    slow = lambda name, pages: {key: {"seconds": 9.0} for key in pages} if name == "gne" else None  # noqa: E731
    monkeypatch.setattr(peers_speed, "theirs", slow)
    assert peers_speed.main(2, 3, results) == 0
    assert "no real pages are at hand" in capsys.readouterr().err
    rows = [row for row in results.read_text("utf-8").splitlines() if row.startswith("| gne")]
    assert [row.split(" | ")[0] for row in rows] == ["| gne, templated", "| gne, by labels"]
    assert all(" 9000.0 | " in row for row in rows)
    assert "trafilatura" not in results.read_text("utf-8")


def test_bad_pages_are_as_bad_as_pages_may_be_and_a_crawl_of_them_is_watched(tmp_path: Path) -> None:
    sizes = {kind: len(crawl_memory.Pages(kind)._article.body) for kind in crawl_memory.KINDS}
    assert sizes.pop("the same, gzip of 2 kB") < 5_000
    assert sizes.pop("usual: 60 kB") < 70_000
    assert min(sizes.values()) > 1_400_000
    assert max(sizes.values()) < 2_000_000
    megabytes, _ = crawl_memory.crawled("usual: 60 kB", tmp_path / "archive")
    assert 50 < megabytes < crawl_memory.BAR
