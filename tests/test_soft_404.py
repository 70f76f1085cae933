"""Hosts that answer 200 to everything: a probe tells how they say that a page does not exist."""

import shutil
from pathlib import Path
from typing import Any

from tests.crawling import FAST, article, asked, crawl, listing, page, rows, staged
from zjcrawl import channels
from zjcrawl.model import Response
from zjcrawl.recheck import USUAL, Schedule
from zjcrawl.reparse import reparse

LIST, URL = "http://nhnews.zjol.com.cn/", "http://nhnews.zjol.com.cn/202609/t20260914_31950000.shtml"
NOTHING_HERE = page("<title>南湖新闻网</title><h1>热门推荐</h1><p>欢迎光临，今天天气很好，我们为您准备了许多内容。</p>")
PROBING = (*FAST[:2], "SOFT_404_PROBE=1")


class Hiding(dict[str, Response]):
    """A host that serves the same page for everything it does not have."""

    def get(self, url: str, default: Any = None) -> Any:
        honest = url.endswith("robots.txt")
        return super().get(url, default if honest else NOTHING_HERE)


def due(archive: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(archive / "archive.db")) as database, database:
        database.execute("UPDATE frontier SET next_check_at = '2020-01-01T00:00:00.000Z' WHERE state = 'done'")


def test_what_a_host_serves_for_nothing_is_no_wording(tmp_path: Path) -> None:
    pages = Hiding({LIST: listing(URL), URL: article("一篇文章", "虚构的正文，只为测试而写。" * 9)})
    with staged(pages) as proxy:
        assert crawl(proxy, tmp_path, "nhnews", settings=PROBING).code == 0
        probes = [url for url in asked(proxy) if url not in (LIST, URL)]
        assert len(probes) == 1
        assert rows(tmp_path, "SELECT url, status FROM captures WHERE kind = 'probe'") == [(probes[0], 200)]
        del pages[URL]
        for _ in range(2):
            due(tmp_path)
            assert crawl(proxy, tmp_path, "nhnews", settings=PROBING).code == 0
        assert len([url for url in asked(proxy) if url not in (LIST, URL)]) == 1  # once a week is enough
    assert rows(tmp_path, "SELECT state, title, revision FROM articles") == [("gone", "一篇文章", 1)]
    looks = [("gone", "the page says: 南湖新闻网")] * 2
    assert rows(tmp_path, "SELECT outcome, why FROM observations") == looks

    copy = Path(shutil.copytree(tmp_path, tmp_path.with_name("copy")))
    (copy / "archive.db").unlink()
    reparse(copy, channels.load(), Schedule.of(USUAL), workers=1)
    assert rows(copy, "SELECT state, title, revision FROM articles") == [("gone", "一篇文章", 1)]
    assert rows(copy, "SELECT outcome, why FROM observations") == looks


def test_an_honest_host_is_probed_and_that_is_all(tmp_path: Path) -> None:
    pages = {LIST: listing(URL), URL: article("一篇文章")}
    with staged(pages) as proxy:
        done = crawl(proxy, tmp_path, "nhnews", settings=PROBING)
    assert (done.code, done.summary["articles"]) == (0, {"new": 1})
    assert rows(tmp_path, "SELECT status FROM captures WHERE kind = 'probe'") == [(404,)]
