"""`zjcrawl parse` of archived pages: the columns that only an archive can fill, and what the article was read from."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.archiving import LIST, capture, run
from zjcrawl import channels
from zjcrawl.archive import ARTICLE_COLUMNS, Archive, Transaction
from zjcrawl.cli import cli
from zjcrawl.parse import parse

URL = "http://jx.zjol.com.cn/202609/t20260914_31950000.shtml"
ELSEWHERE = "http://elsewhere.example.org/a.shtml"


def page(title: str, text: str, older: str = "") -> bytes:
    more = f'<div id="news_more_page_div_id"><a href="{older}">下一页</a></div>' if older else ""
    return (
        f'<html><head><meta charset="utf-8"><title>{title}</title></head><body><div class="contTit">{title}</div>'
        '<div class="time"><span id="pubtime_baidu">2026-09-14 10:00:00</span></div>'
        f'<div class="contTxt"><p>　　{text}</p>{more}</div></body></html>'
    ).encode()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An article of two pages, one of a host that no channel has and that lacks a page, and a list page."""
    folder = tmp_path_factory.mktemp("archive")
    second = URL.replace(".shtml", "_01.shtml")

    def work(t: Transaction) -> None:
        kept = [
            capture(URL, page("虚构的两页", "第一页的文字。", second)),
            capture(second, page("虚构的两页", "第二页。")),
        ]
        ids = [t.keep(one) for one in kept]
        t.store(parse(kept, channels.load()), ids, URL)
        other = capture(ELSEWHERE, page("别处的虚构", "只有一页。"))
        t.store(parse([other], channels.load(), channel="nhnews"), [t.keep(other)], ELSEWHERE, complete=False)
        t.keep(capture(LIST, "<ul><li><a href='a.shtml'>虚构</a></li></ul>".encode()))

    run(folder, work)
    return folder


def told(archive: Path, url: str, code: int = 0) -> dict[str, Any]:
    done = CliRunner().invoke(cli, ["parse", url, "--archive", str(archive)])
    assert done.exit_code == code, done.output
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("url", [URL, URL.replace("http:", "HTTPS:") + "#top", URL.replace(".shtml", "_01.shtml")])
def test_an_archived_article_has_every_column(archive: Path, url: str) -> None:
    article = told(archive, url)
    with Archive(archive) as held:
        (row,) = held.rows("SELECT * FROM articles WHERE url = ?", (URL,))
    arrays = ("blocks", "images", "warnings")
    expected = {name: json.loads(row[name]) if name in arrays else row[name] for name in ARTICLE_COLUMNS}
    assert {name: article[name] for name in ARTICLE_COLUMNS} == expected
    assert [(one["id"], one["part"], one["url"]) for one in article["captures"]] == [
        (1, 1, URL),
        (2, 2, URL.replace(".shtml", "_01.shtml")),
    ]
    assert "第二页" in article["body"]


def test_what_stands_on_no_page_is_told_by_the_archive(archive: Path) -> None:
    article = told(archive, ELSEWHERE)
    assert article["channel"] == "nhnews"
    assert "incomplete" in article["warnings"]
    assert "also" not in article


def test_a_page_that_is_no_article_has_its_capture(archive: Path) -> None:
    article = told(archive, LIST, 3)
    assert (article["id"], article["state"]) == (None, None)
    (only,) = article["captures"]
    assert (only["url"], only["part"], only["fetched_at"]) == (LIST, 1, "2026-11-24T03:00:00.000Z")


def test_a_page_that_is_not_there(archive: Path) -> None:
    done = CliRunner().invoke(cli, ["parse", LIST + "none.shtml", "--archive", str(archive)])
    assert done.exit_code == 2
    assert "has no capture of" in done.stderr
