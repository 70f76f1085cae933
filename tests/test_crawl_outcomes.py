"""Every address ends in exactly one named outcome, and the exit code tells the truth. Every page here is invented."""

import gzip
import resource
import signal
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.crawling import (
    FAST,
    Done,
    article,
    asked,
    crawl,
    interrupted,
    listing,
    outcomes,
    page,
    rows,
    staged,
)
from zjcrawl import channels
from zjcrawl.cli import main
from zjcrawl.model import Response

LIST = "http://nhnews.zjol.com.cn/"
GOOD = "http://nhnews.zjol.com.cn/202609/t20260914_31900001.shtml"
ODD = "http://nhnews.zjol.com.cn/202609/t20260913_31900002.shtml"
HANG = Response(0, (), b"", "hang")
BUSY = page("busy", 503)


def redirect(to: str) -> Response:
    return page("", 302, Location=to)


def zipped(part: float) -> Response:
    """A page in gzip of which so much arrives, with a Content-Length that agrees."""
    whole = gzip.compress(article("压缩的文章", "虚构的正文，压缩以后才送来。" * 20).body)
    body = whole[: int(len(whole) * part)]
    return Response(200, (("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip")), body)


ODDITIES: dict[
    str, tuple[Any, str, int]
] = {  # name → the answers of an article, its outcome, how often it is asked for
    "404": (page("nothing here", 404), "gone", 1),
    "410": (page("nothing here", 410), "gone", 1),
    "403": (page("no", 403), "http_error", 1),
    "500": (page("no", 500), "http_error", 3),
    "500 once": ([page("no", 500), article("再来一次就好")], "new", 2),
    "hangs": (HANG, "unreachable", 3),
    "cut short": (Response(200, (("Content-Type", "text/html"),), b"<h1>half", "truncate"), "unreachable", 3),
    "picture": (page("GIF89a", kind="image/gif"), "not_html", 1),
    "picture that says it is a page": (page("GIF89a"), "not_html", 1),
    "nothing": (page(""), "unreadable", 1),
    "not what it says": (page("no gzip", Content_Encoding="gzip"), "unreachable", 3),
    "gzip cut short": (zipped(2 / 3), "unreachable", 3),
    "gzip cut short once": ([zipped(1 / 2), zipped(1)], "new", 2),
    "no title": (page("<p>只有一段</p>"), "unreadable", 1),
    "no body": (page("<h1>一个标题，没有正文</h1>"), "unreadable", 1),
    "soft 404": (page("<h1>您访问的页面不存在或已被删除</h1>"), "gone", 1),
    "captcha": (page("<title>安全验证</title><p>请输入验证码</p>"), "blocked", 1),
    "too large": (page("x" * 300_000), "too_large", 1),
    "elsewhere": (redirect("http://elsewhere.example/1.shtml"), "offsite", 1),
    "with a password": (redirect("http://a:b@nhnews.zjol.com.cn/202609/t20260913_1.shtml"), "offsite", 1),
    "another port": (redirect("http://nhnews.zjol.com.cn:8080/202609/t20260913_1.shtml"), "offsite", 1),
    "a port that cannot be": (redirect("http://nhnews.zjol.com.cn:99999/1.shtml"), "offsite", 1),
    "an address that cannot be": (redirect("http://[/1.shtml"), "offsite", 1),
    "this machine": (redirect("http://127.0.0.1/1.shtml"), "offsite", 1),
    "another scheme": (redirect("ftp://nhnews.zjol.com.cn/1.shtml"), "offsite", 1),
    "home": (redirect(LIST), "gone", 1),
    "loop": (redirect("?again"), "redirect_loop", 1),
    "to the good one": (redirect(GOOD), "duplicate", 1),
    "stub": (page(f'<script>location.replace("{GOOD}")</script>'), "stub", 1),
    "stub to elsewhere": (page('<script>location.replace("http://elsewhere.example/")</script>'), "offsite", 1),
}
WHERE = {name: f"http://nhnews.zjol.com.cn/202609/t20260913_{31900100 + n}.shtml" for n, name in enumerate(ODDITIES)}


@dataclass(frozen=True)
class Played:
    first: Done
    again: Done
    asked_first: list[str]
    asked_again: list[str]
    archive: Path


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """All of them in one list, crawled twice."""
    archive = tmp_path_factory.mktemp("odd")
    pages: dict[str, Any] = {LIST: listing(GOOD, *WHERE.values()), GOOD: article("好好的一篇")}
    pages |= {WHERE[name]: answers for name, (answers, _, _) in ODDITIES.items()}
    pages[WHERE["loop"] + "?again"] = redirect("?again")
    settings = ("DOWNLOAD_DELAY=0", "RETRY_DELAY=0.05", "DOWNLOAD_TIMEOUT=0.4", "DOWNLOAD_MAXSIZE=200000")
    with staged(pages) as proxy:
        first = crawl(proxy, archive, "nhnews", settings=settings)
        asked_first = asked(proxy)
        again = crawl(proxy, archive, "nhnews", settings=settings)
        return Played(first, again, asked_first, asked(proxy)[len(asked_first) :], archive)


@pytest.mark.parametrize("name", ODDITIES)
def test_an_article_ends_in_one_named_outcome(name: str, odd: Played) -> None:
    _, outcome, times = ODDITIES[name]
    assert outcomes(odd.archive)[WHERE[name]] == outcome
    assert odd.asked_first.count(WHERE[name]) == times


def test_one_bad_article_spoils_no_other_and_the_exit_code_tells(odd: Played) -> None:
    assert odd.first.code == 3
    expected = Counter(outcome for _, outcome, _ in ODDITIES.values()) + Counter(["new"])
    assert odd.first.summary["articles"] == expected
    assert "Traceback" not in odd.first.err
    assert "Failure" not in odd.first.err  # reasons are words
    assert {url.split("/")[2] for url in odd.asked_first} == {"nhnews.zjol.com.cn"}


def test_what_ended_is_not_asked_for_again_and_what_failed_waits(odd: Played) -> None:
    assert odd.asked_again == [LIST]
    assert odd.again.summary["articles"] == {}


def test_an_address_of_any_length_ends_in_an_outcome(tmp_path: Path) -> None:
    long, endless = f"{ODD}?a={'a' * 3_000}", f"{ODD}?b={'b' * 20_000}"
    with staged({LIST: listing(long, endless), long: article("地址很长")}) as proxy:
        done = crawl(proxy, tmp_path, "nhnews", settings=FAST)
        assert endless not in asked(proxy)
    assert done.code == 3
    assert outcomes(tmp_path) == {LIST: "listed", long: "new", endless: "too_large"}


def test_what_lists_a_stub_lists_its_article(tmp_path: Path) -> None:
    stub = page(f'<script>location.replace("{GOOD}")</script>')
    with staged({LIST: listing(ODD), ODD: stub, GOOD: article("好好的一篇")}) as proxy:
        crawl(proxy, tmp_path, "nhnews", settings=("DOWNLOAD_DELAY=0",))
    assert outcomes(tmp_path) == {LIST: "listed", ODD: "stub", GOOD: "new"}
    assert rows(tmp_path, "SELECT p.channel, a.url FROM placements p JOIN articles a ON a.id = p.article_id") == [
        ("nhnews", GOOD)
    ]


def test_every_response_was_kept(odd: Played) -> None:
    kept = Counter(url for (url,) in rows(odd.archive, "SELECT final_url FROM captures"))
    answered = Counter(odd.asked_first + odd.asked_again)
    never = {WHERE["hangs"], WHERE["too large"]}
    assert {url: n for url, n in kept.items() if "robots" not in url} == {
        url: n for url, n in answered.items() if url not in never
    }


def test_retry_after_is_obeyed_by_the_whole_host(tmp_path: Path) -> None:
    pages = {
        LIST: listing(GOOD, ODD),
        GOOD: [page("slow down", 429, Retry_After="1"), article("等")],
        ODD: article("待"),
    }
    with staged(pages) as proxy:
        assert crawl(proxy, tmp_path, "nhnews").code == 0
        times = [when for when, _, url, status in proxy.log if url == GOOD]
        refused = proxy.log.index(next(entry for entry in proxy.log if entry[3] == 429))
        assert times[1] - times[0] >= 1
        assert all(when - times[0] >= 1 or url == ODD for when, _, url, _ in proxy.log[refused + 1 :])


def test_a_busy_page_starves_none_of_its_host(tmp_path: Path) -> None:
    others = [f"http://nhnews.zjol.com.cn/202609/t20260912_{number}.shtml" for number in range(31900200, 31900220)]
    pages = {LIST: listing(GOOD, *others), GOOD: BUSY} | {url: article("一篇") for url in others}
    with staged(pages) as proxy:
        done = crawl(proxy, tmp_path, "nhnews")
    assert done.code == 3
    assert done.summary["articles"] == {"new": 20, "http_error": 1}


def test_a_pause_longer_than_our_patience_leaves_the_host_to_a_later_run(tmp_path: Path) -> None:
    wz = "http://wz.zjol.com.cn/"
    far = wz + "202609/t20260914_31900009.shtml"
    pages = {LIST: listing(GOOD, ODD), GOOD: page("", 429, Retry_After="3600"), ODD: page("", 429, Retry_After="3600")}
    pages |= {wz: listing(far), far: article("别处一切如常")}
    pages |= {"http://zjnews.zjol.com.cn/zjnews/wznews/": listing(far)}
    with staged(pages) as proxy:
        done = crawl(proxy, tmp_path, "nhnews", "wz")
        assert len([url for url in asked(proxy) if url in (GOOD, ODD)]) <= 2
    assert done.code == 3
    assert outcomes(tmp_path)[far] == "new"
    waits = "SELECT count(*) FROM frontier WHERE state = 'pending' AND next_check_at > datetime('now', '+50 minutes')"
    assert rows(tmp_path, waits)[0][0] >= 1


def test_what_failed_for_now_is_asked_for_by_a_later_run(tmp_path: Path) -> None:
    pages = {LIST: listing(GOOD), GOOD: [BUSY, BUSY, BUSY, article("第四次")]}
    with staged(pages) as proxy:
        assert crawl(proxy, tmp_path, "nhnews").code == 3
        assert rows(tmp_path, f"SELECT state, tries FROM frontier WHERE url = '{GOOD}'") == [("pending", 3)]
        forward(tmp_path)
        assert crawl(proxy, tmp_path, "nhnews").code == 0
    assert outcomes(tmp_path)[GOOD] == "new"


def forward(archive: Path) -> None:
    """As if the time had come to ask again."""
    with closing(sqlite3.connect(archive / "archive.db")) as connection, connection:
        connection.execute("UPDATE frontier SET next_check_at = '2020-01-01T00:00:00.000Z' WHERE next_check_at > ''")


def test_the_parts_of_an_article_are_read_in_order(tmp_path: Path) -> None:
    two, three = (GOOD.replace(".shtml", f"_0{n}.shtml") for n in (1, 2))
    pages = {
        LIST: listing(GOOD),
        GOOD: article("三页长文", "第一页的话，说得完整。", older_part=two),
        two: article("三页长文", "第二页的话，说得完整。", older_part=three),
        three: article("三页长文", "第三页的话，说得完整。"),
    }
    with staged(pages) as proxy:
        assert crawl(proxy, tmp_path, "nhnews").code == 0
        assert asked(proxy) == [LIST, GOOD, two, three]
    ((body,),) = rows(tmp_path, "SELECT body FROM articles")
    assert [line[:3] for line in body.split("\n")] == ["第一页", "第二页", "第三页"]
    evidence = rows(tmp_path, "SELECT final_url FROM article_captures JOIN captures ON id = capture_id ORDER BY part")
    assert evidence == [(GOOD,), (two,), (three,)]


def test_a_missing_part_makes_an_article_incomplete_until_it_is_there(tmp_path: Path) -> None:
    two = GOOD.replace(".shtml", "_01.shtml")
    pages: dict[str, Any] = {
        LIST: listing(GOOD),
        GOOD: article("两页", "第一页的话，说得完整。", older_part=two),
        two: BUSY,
    }
    with staged(pages) as proxy:
        done = crawl(proxy, tmp_path, "nhnews")
        assert (done.code, done.summary["articles"]) == (3, {"incomplete": 1})
        assert "1 incomplete" in done.summary["problems"][0]
        assert "第一页" in rows(tmp_path, "SELECT body FROM articles")[0][0]
        pages[two] = article("两页", "第二页的话，说得完整。")
        forward(tmp_path)
        assert crawl(proxy, tmp_path, "nhnews").code == 0
    assert "第二页" in rows(tmp_path, "SELECT body FROM articles")[0][0]
    assert rows(tmp_path, "SELECT change_kind FROM revisions") == [("reparse",)]  # no edit of the publisher's


@pytest.mark.parametrize(
    ("robots", "code", "sentence"),
    [
        (page("User-agent: *\nDisallow: /", kind="text/plain"), 3, "robots.txt forbids http://nhnews.zjol.com.cn/"),
        (
            page("User-agent: zjcrawl\nDisallow: /", kind="text/plain"),
            3,
            "robots.txt forbids http://nhnews.zjol.com.cn/",
        ),
        (page("User-agent: other\nDisallow: /", kind="text/plain"), 0, None),
        (page("gone", 410), 0, None),
        (page("forbidden", 403), 0, None),
        (BUSY, 75, "its robots.txt cannot be had"),
        (HANG, 75, "its robots.txt cannot be had"),
        (redirect("http://elsewhere.example/robots.txt"), 75, "its robots.txt cannot be had"),
    ],
    ids=["refuses all", "refuses us", "refuses others", "410", "403", "503", "hangs", "elsewhere"],
)
def test_robots(robots: Response, code: int, sentence: str | None, tmp_path: Path) -> None:
    pages = {LIST: listing(GOOD), GOOD: article("一篇"), LIST + "robots.txt": robots}
    with staged(pages) as proxy:
        done = crawl(proxy, tmp_path, "nhnews", settings=(*FAST, "DOWNLOAD_TIMEOUT=0.3"))
        assert done.code == code, done.err
        assert asked(proxy) == ([] if code else [LIST, GOOD])
        assert {url.split("/")[2] for _, _, url, _ in proxy.log} == {"nhnews.zjol.com.cn"}
    assert sentence is None or any(sentence in problem for problem in done.summary["problems"])


def test_a_list_page_that_a_rule_forbids_can_be_left_out(tmp_path: Path) -> None:
    robots = page("User-agent: *\nDisallow: /old/", kind="text/plain")
    line = 'nhnews = { lists = ["http://nhnews.zjol.com.cn/", "http://nhnews.zjol.com.cn/old/"] }'
    extra = tmp_path / "mine.toml"
    extra.write_text(line, "utf-8")
    with staged({LIST: listing(GOOD), GOOD: article("一篇"), LIST + "robots.txt": robots}) as proxy:
        done = crawl(proxy, tmp_path / "archive", "nhnews", "--channels", str(extra))
    assert done.code == 3
    assert done.summary["problems"] == [
        "channel nhnews: list pages are missing (1 robots)",
        "channel nhnews: robots.txt forbids http://nhnews.zjol.com.cn/old/: where that stays so, leave it out by the line"
        " 'nhnews = { lists = […] }' of a --channels file",
    ]
    extra.write_text("nhnews = { lists = [] }", "utf-8")  # as is said where no list of it may be read
    assert "nhnews" not in [channel.slug for channel in channels.load(extra).select()]


def test_a_path_that_robots_refuse_is_an_outcome_and_no_fault(tmp_path: Path) -> None:
    robots = page("User-agent: *\nDisallow: /202609/t20260913", kind="text/plain")
    with staged({LIST: listing(GOOD, ODD), GOOD: article("一篇"), LIST + "robots.txt": robots}) as proxy:
        assert crawl(proxy, tmp_path, "nhnews").code == 0
        assert asked(proxy) == [LIST, GOOD]
    assert outcomes(tmp_path)[ODD] == "robots"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (page("<p>栏目正在建设中</p>"), "1 no_leads"),
        (page("", 404), "1 gone"),
        (BUSY, "1 http_error"),
        (redirect("http://elsewhere.example/"), "1 offsite"),
    ],
)
def test_a_channel_without_a_listing_is_missed(answer: Response, why: str, tmp_path: Path) -> None:
    with staged({LIST: answer}) as proxy:
        done = crawl(proxy, tmp_path, "nhnews")
    assert done.code == 3
    assert done.summary["problems"] == [f"channel nhnews: no list page could be read ({why})"]


def test_leads_off_the_registry_are_an_outcome_and_never_asked_for(tmp_path: Path) -> None:
    outside = "http://elsewhere.example/news/1.html"
    with staged({LIST: listing(GOOD, outside), GOOD: article("一篇")}) as proxy:
        assert crawl(proxy, tmp_path, "nhnews").code == 0
        assert asked(proxy) == [LIST, GOOD]
    assert outcomes(tmp_path)[outside] == "offsite"


def test_a_pager_that_turns_in_circles_or_never_ends(tmp_path: Path) -> None:
    one, two = LIST + "index_1.shtml", LIST + "index_2.shtml"
    turn = {
        LIST: listing(GOOD, older=one),
        one: listing(ODD, older=two),
        two: listing(GOOD.replace("31900001", "31900003"), older=one),
    }
    with staged(turn) as proxy:
        crawl(proxy, tmp_path / "circle", "nhnews", "--listing-pages", "99")
        assert [url for url in asked(proxy) if "/t2026" not in url] == [LIST, one, two]


def test_a_date_in_the_article_decides_where_the_list_prints_none(tmp_path: Path) -> None:
    plain = "http://nhnews.zjol.com.cn/news/1.shtml"
    pages = {
        LIST: listing(plain, GOOD),
        plain: article("去年的事", when="2025-01-02 10:00:00"),
        GOOD: article("今年的事"),
    }
    with staged(pages) as proxy:
        assert crawl(proxy, tmp_path, "nhnews", "--since", "2026").code == 0
        assert outcomes(tmp_path)[plain] == "out_of_range"
        assert rows(tmp_path, "SELECT title FROM articles") == [("今年的事",)]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["nosuch"], 2, "unknown channel 'nosuch'"),
        (["nhnews", "--since", "yesterday"], 2, "yesterday"),
        (["nhnews", "--since", "2026-09", "--until", "2025"], 2, "--since 2026-09 is after --until 2025"),
        (["nhnews", "--until", "2026-02-30"], 2, "2026-02-30"),
        (["nhnews", "-s", "DOWNLOAD_DELAY"], 2, "is no setting"),
        (["nhnews", "-s", "DOWNLOAD_DELAY=soon"], 78, "DOWNLOAD_DELAY='soon' cannot be used"),
        (["nhnews", "--channels", "nosuch.toml"], 78, "cannot read the channels file nosuch.toml"),
        (["nhnews", "--limit", "-1"], 2, "--limit"),
        (["nhnews", "--listing-pages", "0"], 2, "--listing-pages"),
        (["nhnews", "--archive", "/dev/null"], 2, "/dev/null"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    arguments: list[str],
    code: int,
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # nothing leaves this machine
    monkeypatch.setattr(sys, "argv", ["zjcrawl", "crawl", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == code
    assert sentence in said.err.splitlines()[-1]
    assert said.out == ""
    assert not list(tmp_path.iterdir())  # nothing was begun


def test_a_setting_that_scrapy_refuses_is_one_sentence(tmp_path: Path) -> None:
    with staged({}) as proxy:
        done = crawl(proxy, tmp_path, "nhnews", settings=('EXTENSIONS={"nosuch.Extension": 1}',))
        assert proxy.log == []
    assert (done.code, done.err.count("\n"), done.out) == (78, 1, "")
    assert rows(tmp_path, "SELECT exit_code FROM runs") == [(78,)]


def test_a_full_disk_ends_the_run_with_one_sentence_and_loses_nothing(tmp_path: Path) -> None:
    numbers = range(31900100, 31900160)
    urls = [f"http://nhnews.zjol.com.cn/202609/t20260914_{number}.shtml" for number in numbers]
    pages = {LIST: listing(*urls)} | {url: article(f"第{url[-8:-6]}篇", url * 300) for url in urls}
    with staged(pages) as proxy:
        full = crawl(
            proxy, tmp_path, "nhnews", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (400_000,) * 2)
        )
        assert full.code == 74
        assert full.err.count("\n") == 1, full.err
        held = {url for (url,) in rows(tmp_path, "SELECT url FROM articles")}
        assert len(held) < len(urls)
        done = crawl(proxy, tmp_path, "nhnews")
        assert done.code == 0
    assert {url for (url,) in rows(tmp_path, "SELECT url FROM articles")} == set(urls) >= held
    assert rows(tmp_path, "SELECT count(*) FROM frontier WHERE state = 'in_flight'") == [(0,)]


def test_a_run_that_hangs_is_stopped_within_ten_seconds(tmp_path: Path) -> None:
    with staged({LIST: listing(GOOD), GOOD: HANG}) as proxy:
        done = interrupted(proxy, tmp_path, "nhnews", by=signal.SIGINT, when=lambda: GOOD in asked(proxy))
        begun = next(when for when, _, url, _ in proxy.log if url == GOOD)
    assert time.time() - begun < 10
    assert done.code == 3
    assert outcomes(tmp_path)[GOOD] == "interrupted"


def test_what_was_empty_once_is_asked_for_by_a_later_run(tmp_path: Path) -> None:
    with staged({LIST: listing(ODD), ODD: [page(""), article("后来有了")]}) as proxy:
        assert crawl(proxy, tmp_path, "nhnews").code == 3
        assert rows(tmp_path, "SELECT state, outcome FROM frontier WHERE kind = 'article'") == [
            ("pending", "unreadable")
        ]
        again = crawl(proxy, tmp_path, "nhnews")  # not yet asked for again, and said so
        assert again.code == 3
        assert "1 article still waits: a run from " in again.summary["problems"][0]
        with closing(sqlite3.connect(tmp_path / "archive.db")) as database, database:
            database.execute("UPDATE frontier SET next_check_at = '2026-01-01T00:00:00.000Z'")
        crawl(proxy, tmp_path, "nhnews")
    assert rows(tmp_path, "SELECT title FROM articles") == [("后来有了",)]


def test_a_host_that_asks_for_ages_is_left_for_a_day(tmp_path: Path) -> None:
    with staged({LIST: listing(ODD), ODD: page("no", 429, Retry_After="9" * 20)}) as proxy:
        done = crawl(proxy, tmp_path, "nhnews")
    assert "Traceback" not in done.err
    ((state, outcome, when),) = rows(
        tmp_path, "SELECT state, outcome, next_check_at FROM frontier WHERE kind = 'article'"
    )
    assert (state, outcome) == ("pending", "http_error")
    assert 0.9 < (datetime.fromisoformat(when) - datetime.now(UTC)).total_seconds() / 86_400 <= 1


@pytest.mark.parametrize("to", [ODD, LIST])
def test_a_part_that_leads_elsewhere_is_no_part(tmp_path: Path, to: str) -> None:
    part = ODD.replace(".shtml", "_01.shtml")
    pages = {LIST: listing(ODD), ODD: article("两页的文章", "只有第一页。", older_part=part), part: redirect(to)}
    with staged(pages) as proxy:
        assert crawl(proxy, tmp_path, "nhnews").code == 3
    bodies = rows(tmp_path, "SELECT body FROM articles")
    assert bodies in ([], [("只有第一页。",)])
    assert outcomes(tmp_path)[ODD] == "incomplete"
