"""Whole runs over the scale model: what is fetched, what is not fetched again, and what survives."""

import fcntl
import itertools
import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from scrapy.cmdline import execute as scrapy_command

from tests.crawling import (
    article,
    articles_asked,
    asked,
    command,
    crawl,
    environment,
    interrupted,
    listing,
    outcomes,
    page,
    registry,
    rows,
    staged,
)
from zjcrawl.crawl import settings_from
from zjcrawl.model import Portal, Proxy, Switches, serve

SLUGS = ("jx", "nhnews", "wz")


@pytest.fixture(scope="module")
def portal() -> Portal:
    return Portal(seed=3, articles=90, registry=registry(*SLUGS))


@pytest.fixture
def proxy(portal: Portal) -> Iterator[Proxy]:
    with serve(portal) as running:
        yield running


def urls(archive: Path) -> set[str]:
    return {url for (url,) in rows(archive, "SELECT url FROM articles")}


def everything(portal: Portal) -> set[str]:
    return {portal.url(number) for number in portal.numbers()}


def sound(archive: Path) -> bool:
    return rows(archive, "PRAGMA integrity_check") == [("ok",)] and not rows(archive, "PRAGMA foreign_key_check")


def test_a_run_brings_every_article_and_the_next_one_nothing(portal: Portal, proxy: Proxy, tmp_path: Path) -> None:
    first = crawl(proxy, tmp_path, *SLUGS)
    assert (first.code, first.err) == (0, "")  # no warning of Scrapy's or Python's either
    assert urls(tmp_path) == everything(portal)
    assert len(articles_asked(proxy, portal)) == len(set(articles_asked(proxy, portal)))
    assert {url.split("/")[2] for url in asked(proxy)} <= registry(*SLUGS).hosts

    before = len(proxy.log)
    second = crawl(proxy, tmp_path, *SLUGS)
    assert (second.code, second.summary["articles"]) == (0, {})
    lists = {page for slug in SLUGS for page in registry(slug).channels[slug].lists}
    assert {url for _, _, url, _ in proxy.log[before:] if not url.endswith("robots.txt")} == lists
    assert rows(tmp_path, "SELECT count(*) FROM revisions") == [(0,)]
    assert sound(tmp_path)


def test_summary_runs_row_and_frontier_agree(proxy: Proxy, tmp_path: Path) -> None:
    done = crawl(proxy, tmp_path, "jx", "nhnews")
    (kept,) = rows(tmp_path, "SELECT stats, exit_code, command FROM runs")
    assert json.loads(kept[0]) == done.summary
    assert kept[1:] == (done.code, "crawl jx nhnews")
    counted = rows(tmp_path, "SELECT outcome, count(*) FROM frontier WHERE kind = 'article' GROUP BY outcome")
    assert dict(counted) == done.summary["articles"]
    assert done.summary["requests"] == len(proxy.log) == rows(tmp_path, "SELECT count(*) FROM captures")[0][0]


def test_a_limit_leaves_the_rest_to_the_next_run(portal: Portal, proxy: Proxy, tmp_path: Path) -> None:
    first = crawl(proxy, tmp_path, *SLUGS, "--limit", "10")
    assert (first.code, len(articles_asked(proxy, portal))) == (0, 10)
    second = crawl(proxy, tmp_path, *SLUGS)
    assert second.code == 0
    assert urls(tmp_path) == everything(portal)
    assert len(articles_asked(proxy, portal)) == len(set(articles_asked(proxy, portal)))


def test_what_a_limit_leaves_is_told_by_channel(proxy: Proxy, tmp_path: Path) -> None:
    done = crawl(proxy, tmp_path, *SLUGS, "--limit", "2")
    waiting = {slug: of["waiting"] for slug, of in done.summary["channels"].items()}
    assert set(waiting) == set(SLUGS)
    assert min(waiting.values()) > 0
    assert done.summary["waiting"] == sum(waiting.values())
    (pending,) = rows(tmp_path, "SELECT count(*) FROM frontier WHERE kind = 'article' AND state = 'pending'")
    assert pending == (done.summary["waiting"],)


def test_what_may_not_be_asked_for_yet_is_told_with_its_time(tmp_path: Path) -> None:
    missing = "http://nhnews.zjol.com.cn/202609/t20260914_31950000.shtml"
    pages = {page: listing(missing) for page in registry("nhnews").channels["nhnews"].lists}
    with staged(pages | {missing: page("<h1>503</h1>", 503)}) as proxy:
        assert crawl(proxy, tmp_path, "nhnews").code == 3
        again = crawl(proxy, tmp_path, "nhnews")
    ((due,),) = rows(tmp_path, f"SELECT next_check_at FROM frontier WHERE url = '{missing}'")
    first = datetime.fromisoformat(due).astimezone()
    assert again.code == 3
    assert again.summary["problems"] == [
        f"1 article still waits: a run from {first:%Y-%m-%d %H:%M:%S} on asks for them"
    ]


def test_paging_stops_where_it_is_told_and_where_all_is_known(tmp_path: Path) -> None:
    portal = Portal(seed=3, articles=110, registry=registry("nhnews"))
    with serve(portal) as proxy:
        crawl(proxy, tmp_path, "nhnews", "--listing-pages", "2")
        lists = [url for url in asked(proxy) if portal.find(url) is None]
        assert [url.rpartition("/")[2] for url in lists] == ["", "index_1.shtml"]
        assert len(urls(tmp_path)) < 60
        del proxy.log[:]
        crawl(proxy, tmp_path, "nhnews", "--listing-pages", "2")
        assert asked(proxy) == ["http://nhnews.zjol.com.cn/"]


def test_dates_bound_the_run_and_the_paging(tmp_path: Path) -> None:
    portal = Portal(seed=3, articles=110, registry=registry("nhnews"))
    days = sorted(truth["published_at"][:10] for truth in portal.truths())
    since, until = days[-60], days[-20]
    with serve(portal) as proxy:
        done = crawl(proxy, tmp_path, "nhnews", "--since", since, "--until", until, "--listing-pages", "9")
        lists = [url for url in asked(proxy) if portal.find(url) is None]
    wanted = {t["url"] for t in portal.truths() if since <= t["published_at"][:10] <= until}
    assert done.code == 0
    assert urls(tmp_path) == wanted
    assert len(lists) < -(-110 // 25)
    assert done.summary["articles"]["out_of_range"] >= 20


def test_a_deeper_run_reads_on_where_a_shallow_one_stopped(tmp_path: Path) -> None:
    portal = Portal(seed=3, articles=110, registry=registry("nhnews"))
    with serve(portal) as proxy:
        assert crawl(proxy, tmp_path, "nhnews", "--listing-pages", "2").code == 0
        del proxy.log[:]
        assert crawl(proxy, tmp_path, "nhnews", "--listing-pages", "9").code == 0
        lists = [url.rpartition("/")[2] for url in asked(proxy) if portal.find(url) is None]
    assert urls(tmp_path) == everything(portal)
    assert lists[:2] == ["", "index_2.shtml"]  # what was read before is not read again on the way


def test_what_was_left_out_for_its_day_is_fetched_when_its_day_is_wanted(tmp_path: Path) -> None:
    portal = Portal(seed=3, articles=110, registry=registry("nhnews"))
    days = sorted(truth["published_at"][:10] for truth in portal.truths())
    with serve(portal) as proxy:
        for since in (days[-10], days[-60], None):
            wish = ("--since", since) if since else ()
            assert crawl(proxy, tmp_path, "nhnews", "--listing-pages", "9", *wish).code == 0
            wanted = {t["url"] for t in portal.truths() if since is None or since <= t["published_at"][:10]}
            assert urls(tmp_path) == wanted
        assert len(articles_asked(proxy, portal)) == len(set(articles_asked(proxy, portal)))


def test_waiting_articles_of_other_days_are_not_fetched_to_be_thrown_away(tmp_path: Path) -> None:
    portal = Portal(seed=3, articles=110, registry=registry("nhnews"))
    days = sorted(truth["published_at"][:10] for truth in portal.truths())
    with serve(portal) as proxy:
        crawl(proxy, tmp_path, "nhnews", "--limit", "5", "--listing-pages", "9")
        done = crawl(proxy, tmp_path, "nhnews", "--since", days[-3])
        assert (done.code, done.summary["articles"].get("out_of_range", 0)) == (0, 0)
        assert len(articles_asked(proxy, portal)) < 12
        crawl(proxy, tmp_path, "nhnews", "--listing-pages", "9")
    assert urls(tmp_path) == everything(portal)


def test_an_article_that_another_channel_listed_first_is_fetched_by_whoever_lists_it(tmp_path: Path) -> None:
    shared = "http://wz.zjol.com.cn/wz/202609/t20260914_31950000.shtml"
    pages = {page: listing(shared) for slug in ("jx", "nhnews") for page in registry(slug).channels[slug].lists}
    with staged(pages | {shared: article("两个频道都列出的文章")}) as proxy:
        crawl(proxy, tmp_path, "jx", "--limit", "0")
        assert rows(tmp_path, "SELECT state, channel FROM frontier WHERE kind = 'article'") == [("pending", "jx")]
        assert crawl(proxy, tmp_path, "nhnews").code == 0
    assert urls(tmp_path) == {shared}


def test_more_news_than_a_run_reads_is_said_and_read_by_the_next_ones(tmp_path: Path) -> None:
    portal = Portal(seed=3, articles=110, registry=registry("nhnews"), switches=Switches(fresh=90))
    with serve(portal) as proxy:
        assert crawl(proxy, tmp_path, "nhnews").code == 0
        portal.clock = 1
        done = crawl(proxy, tmp_path, "nhnews", "--listing-pages", "1")
        assert done.code == 3
        assert "its lists had more news" in done.summary["problems"][0]
        for _ in range(9):
            with closing(sqlite3.connect(tmp_path / "archive.db")) as database, database:
                database.execute("UPDATE frontier SET next_check_at = NULL WHERE kind = 'listing'")
            if (done := crawl(proxy, tmp_path, "nhnews", "--listing-pages", "1")).code == 0:
                break
    assert done.code == 0
    assert urls(tmp_path) == everything(portal)


def test_what_appears_later_is_all_that_a_later_run_fetches(tmp_path: Path) -> None:
    portal = Portal(seed=3, articles=60, registry=registry("jx", "nhnews"), switches=Switches(fresh=7))
    with serve(portal) as proxy:
        crawl(proxy, tmp_path, "jx", "nhnews")
        early = urls(tmp_path)
        assert early == everything(portal)
        portal.clock = 1
        del proxy.log[:]
        assert crawl(proxy, tmp_path, "jx", "nhnews").summary["articles"]["new"] == 7
        new = set(articles_asked(proxy, portal))
    assert urls(tmp_path) == everything(portal)
    assert not new & early


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_is_finished_by_the_next(
    portal: Portal, proxy: Proxy, tmp_path: Path, by: signal.Signals
) -> None:
    broken = interrupted(proxy, tmp_path, *SLUGS, by=by, when=lambda: len(articles_asked(proxy, portal)) >= 20)
    held = urls(tmp_path)
    assert 0 < len(held) < portal.articles
    if by is signal.SIGKILL:
        assert broken.code == -signal.SIGKILL
    else:
        assert broken.code == 3
        assert "stopped by a signal" in broken.summary["problems"][-1]
        assert rows(tmp_path, "SELECT count(*) FROM frontier WHERE state = 'in_flight'") == [(0,)]
        assert rows(tmp_path, "SELECT exit_code FROM runs") == [(3,)]
        assert "Traceback" not in broken.err
    done = crawl(proxy, tmp_path, *SLUGS)
    assert done.code == 0
    assert urls(tmp_path) == everything(portal)
    again = [url for url in set(articles_asked(proxy, portal)) if articles_asked(proxy, portal).count(url) > 1]
    assert not held & set(again)  # what was acknowledged was not asked for again
    assert sound(tmp_path)
    assert not list((tmp_path / "warc").glob("*.open"))


def test_a_run_whose_terminal_is_closed_ends_in_order(portal: Portal, proxy: Proxy, tmp_path: Path) -> None:
    words = [*command(tmp_path, *SLUGS, settings=("DOWNLOAD_DELAY=0.05",))]
    words.remove("--json")
    terminal, side = pty.openpty()
    process = subprocess.Popen(
        words, stdin=side, stdout=side, stderr=side, env=environment(proxy), start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(side)
    try:
        deadline = time.monotonic() + 60
        while b"articles new" not in os.read(terminal, 65536) or not articles_asked(proxy, portal):
            assert time.monotonic() < deadline
        os.close(terminal)
        assert process.wait(timeout=30) == 3
    finally:
        process.kill()
    assert rows(tmp_path, "SELECT exit_code FROM runs") == [(3,)]
    assert not list((tmp_path / "warc").glob("*.open"))


def test_scrapy_crawl_is_the_same_run(portal: Portal, proxy: Proxy, tmp_path: Path) -> None:
    ours = crawl(proxy, tmp_path / "ours", "nhnews", "--listing-pages", "1")
    words = [
        "crawl",
        "news",
        "-a",
        "channels=nhnews",
        "-a",
        "listing_pages=1",
        "-a",
        "_job=1",  # as Scrapyd says of every run
        "-s",
        f"ZJCRAWL_ARCHIVE={tmp_path / 'its'}",
    ]
    its = subprocess.run(
        [sys.executable, "-m", "scrapy", *words, "-s", "DOWNLOAD_DELAY=0"],
        cwd=Path(__file__).parent.parent,
        env=environment(proxy),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (its.returncode, its.stderr) == (ours.code, ours.err)
    assert urls(tmp_path / "its") == urls(tmp_path / "ours")
    assert outcomes(tmp_path / "its") == outcomes(tmp_path / "ours")
    assert "listed" in its.stdout  # the table


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-o", "items.jsonl"], 2, "'zjcrawl export' writes files of it"),
        (["-O", "items.jsonl"], 2, "'zjcrawl export' writes files of it"),
        (["-s", "LOG_LEVEL=FOO"], 78, "LOG_LEVEL='FOO' cannot be used"),
        (["-L", "FOO"], 78, "LOG_LEVEL='FOO' cannot be used"),
        (["-s", "EXTENSIONS=x"], 78, "EXTENSIONS='x' cannot be used"),
        (["-s", "DOWNLOD_DELAY=5"], 2, "did you mean DOWNLOAD_DELAY?"),
        (["-s", "DOWNLOAD_DELAY"], 2, "write NAME=VALUE"),
        (["-a", "chanels=jx"], 2, "unknown argument 'chanels'"),
        (["-a", "limit"], 2, "-a NAME=VALUE"),
        (["-a", "limit=few"], 2, "'few' is no whole number"),
        (["-a", "channels="], 2, "no channel is named"),
        (["--logfile", "/none/x.log"], 78, "cannot write the log /none/x.log: No such file or directory"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_scrapy_crawl_says_one_sentence(
    words: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # nothing leaves this machine
    monkeypatch.setenv("ZJCRAWL_ARCHIVE", str(tmp_path))
    monkeypatch.chdir(Path(__file__).parent.parent)
    words = [str(tmp_path / word) if word == "items.jsonl" else word for word in words]
    settings = settings_from((), ZJCRAWL_ARCHIVE=tmp_path)
    with pytest.raises(SystemExit) as ended:
        scrapy_command(["scrapy", "crawl", "news", *words], settings)
    assert ended.value.code == code
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not (tmp_path / "items.jsonl").exists()


def test_the_stated_rate_is_kept_and_who_asks_is_said(proxy: Proxy, tmp_path: Path) -> None:
    seen: list[str] = []
    respond = proxy.portal.respond

    def note(url: str, headers: dict[str, str], look: int) -> object:
        seen.append(headers["user-agent"])
        return respond(url, headers, look)

    proxy.portal.respond = note  # type: ignore[method-assign,assignment]
    try:
        crawl(
            proxy, tmp_path, "nhnews", "--limit", "8", settings=("DOWNLOAD_DELAY=0.1", "ZJCRAWL_CONTACT=me@example.org")
        )
    finally:
        del proxy.portal.respond  # type: ignore[method-assign]
    times = [when for when, _, url, _ in proxy.log if "nhnews" in url]
    assert len(times) >= 10
    assert times[-1] - times[0] > 0.1 * (len(times) - 1) - 0.05  # the first may be seen late
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) > 0.05  # sent on time, seen when it can
    assert set(seen) == {"zjcrawl/0.1.0 (+me@example.org)"}


def test_only_one_run_at_a_time(proxy: Proxy, tmp_path: Path) -> None:
    running = subprocess.Popen(
        command(tmp_path, "nhnews", settings=("DOWNLOAD_DELAY=1",)),
        env=environment(proxy),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while not proxy.log:
            assert running.poll() is None
        second = crawl(proxy, tmp_path, "nhnews")
        assert second.code == 75
        assert second.err.count("\n") == 1
        assert f"process {running.pid}" in second.err
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)
