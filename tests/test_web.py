"""The pages: what they say is what the archive says, in both languages; hostile text is text; nothing comes from elsewhere."""

import csv
import io
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.archiving import article, capture, look, refuses, run, writing
from tests.browsing import HOSTILE, MANY, SCRIPT, ask, make, serving, texts, tree
from zjcrawl import coverage, reprints, search, stats
from zjcrawl.archive import Archive
from zjcrawl.export import Choice, export_csv
from zjcrawl.filters import Filters
from zjcrawl.search import Query
from zjcrawl.unseen import visible
from zjcrawl.web import words
from zjcrawl.web.queries import QUERIES
from zjcrawl.web.site import HEADERS, Site
from zjcrawl.web.words import Words, chinese, preferred, sentences

ALL = MANY + 3
Q = "长三角一体化"
PAGES = [
    "/",
    "/search",
    f"/search?q={Q}",
    "/search?q=%22",
    "/search?q=没有这样的词句",
    "/search?channel=hnnews&from=2023&facet=month",
    f"/search?q={Q}&sort=rank&facet=reporter&tag=嘉兴",
    "/article/1",
    "/article/1?revision=1",
    "/article/1/diff",
    "/article/2",
    "/article/2/diff",
    "/article/3",
    "/article/999",
    "/article?id=nothing",
    *(f"/stats?by={by}" for by in stats._KEYS),
    f"/stats?q={Q}",
    "/timeline",
    f"/timeline?q={Q}",
    "/timeline?q=G60&by=year",
    "/cooccur",
    "/cooccur?a=嘉兴&b=一体化",
    "/cooccur?a=嘉兴",
    "/cooccur?a=title:嘉兴&b=一体化",
    "/coverage",
    "/coverage?channel=jx&from=2023&to=2025",
    "/coverage?from=2025&to=2024",
    "/questions",
    "/archive",
    "/archive/articles",
    "/archive/articles?_facet=channel&state=live",
    "/archive/articles/2",
    "/archive/placements",
    *(f"/archive/{one.name}?q={Q}&name=王蓉" for one in QUERIES),
    "/nowhere",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("web"))


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    site = Site(folder)
    yield site
    site.counted.close()


@pytest.fixture(scope="module")
def held(folder: Path) -> Iterator[Archive]:
    with Archive(folder) as archive:
        yield archive


@pytest.mark.parametrize("path", PAGES)
def test_every_page_in_both_languages(site: Site, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    missing: list[str] = []

    class Known(dict[str, str]):
        def get(self, key: str, otherwise: Any = None) -> Any:
            if key not in self and re.search("[a-z]{2}", key) and key not in HOSTILE:
                missing.append(key)
            return super().get(key, otherwise)

    known = Known(chinese())
    monkeypatch.setattr(words, "chinese", lambda: known)
    english, other = ask(site, path), ask(site, path, accept_language="zh-CN,zh;q=0.9,en;q=0.5")
    assert english.status_code == other.status_code
    assert english.status_code in (200, 400, 404), english.text
    assert tree(english).get("lang") == "en"
    assert tree(other).get("lang") == "zh-Hans"
    assert missing == []
    for answer in (english, other):
        keeps_to_itself(answer)


def keeps_to_itself(answer: httpx.Response) -> None:
    """Nothing of a page runs, is loaded from elsewhere, or leads elsewhere without saying so."""
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    page = tree(answer)
    for element in page.iter():
        assert not [name for name in element.keys() if name.startswith("on") or name == "style"]  # noqa: SIM118
    assert not page.xpath("//style | //iframe | //img | //object | //embed | //base | //meta[@http-equiv]")
    assert [script.get("src", "")[:8] for script in page.xpath("//script")] == ["/static/"]
    assert all(link.get("href").startswith("/static/") for link in page.xpath("//link"))
    for link in page.xpath("//a[@href]"):
        href = link.get("href")
        away = re.match(r"[a-z]+:|//", href)
        assert not away or (
            re.match("https?:", href) and "away" in link.get("class", "") and "noreferrer" in link.get("rel")
        )


# -- searching -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [Q, "嘉兴 OR 桐乡", "title:G60 -桐乡", "NOT 桐乡", '"一体化，第"'])
def test_a_search_finds_what_search_finds(site: Site, held: Archive, query: str) -> None:
    wanted = Query.of(query)
    shown: list[str] = []
    page = ask(site, "/search?" + str(httpx.QueryParams(q=query)))
    while True:
        shown += [link.get("href") for link in tree(page).xpath("//li[@class='result']/h2/a")]
        following = tree(page).xpath("//a[@rel='next']/@href")
        if not following:
            break
        page = ask(site, following[0])
    assert shown == [f"/article/{number}" for number in search.ids(held, wanted)]
    assert texts(page, "//p[@class='count']/strong") == [str(search.count(held, wanted))]
    assert f"of {ALL} archived" in texts(page, "//p[@class='count']")[0]


def test_a_match_stands_in_its_sentence(site: Site) -> None:
    page = ask(site, f"/search?q={Q}&channel=jx&from=2023-01&to=2023-01-31")
    assert texts(page, "//li[@class='result']/p[@class='kwic']") == ["一段。长三角一体化，第 0 篇，长三角一体化。"] * 2
    assert texts(page, "//li[@class='result']//mark") == [Q, Q]
    assert texts(page, "//p[@class='facts']/span") == ["嘉兴", "浙江在线", "2 matches"]
    titled = ask(site, "/search?q=title:第1篇")
    assert texts(titled, "//li[@class='result']/h2//mark") == ["第1篇"]


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ("channel=hnnews", {"channel": ["hnnews"]}),
        ("channel=jx&channel=wz", {"channel": ["jx", "wz"]}),
        ("from=2023-03&to=2023", {"from_": "2023-03", "to": "2023"}),
        ("reporter=记者甲&tag=市委", {"reporter": ["记者甲"], "tag": ["市委"]}),
        ("source=浙江在线&editor=李四", {"source": ["浙江在线"], "editor": ["李四"]}),
        ("state=gone", {"state": ["gone"]}),
    ],
)
def test_filters_are_those_of_the_command_line(site: Site, held: Archive, asked: str, chosen: dict[str, Any]) -> None:
    filters = Filters.of(**chosen)
    page = ask(site, f"/search?{asked}")
    where, parameters = filters.sql()
    (number,) = next(held.rows(f"SELECT count(*) FROM articles WHERE {where}", parameters))
    assert texts(page, "//p[@class='count']/strong") == [str(number)]
    taken = ask(site, f"/articles.csv?{asked}")
    out = io.StringIO(newline="")
    export_csv(held, out, Choice(filters))
    assert taken.content == out.getvalue().encode()


def test_facets_count_what_is_found_and_narrow_to_it(site: Site) -> None:
    page = ask(site, f"/search?q={Q}&facet=reporter")
    rows = tree(page).xpath("//ol[@id='facets']/li")
    (name, count, href) = next(
        (row.xpath("./a/bdi")[0].text, row.xpath("./span[@class='n']")[0].text, row.xpath("./a/@href")[0])
        for row in rows
    )
    assert (name, count) == ("同行", "15")
    narrowed = ask(site, href)
    assert texts(narrowed, "//p[@class='count']/strong") == [count]
    (again,) = tree(narrowed).xpath("//li[@class='set']/a/@href")
    assert texts(ask(site, again), "//p[@class='count']/strong") == texts(page, "//p[@class='count']/strong")


MEANINGLESS = [
    ("/search?sort=rank", "nothing to rank by"),
    ("/search?q=-a&sort=rank", "nothing to rank by"),
    ("/search?channel=nowhere", "unknown channel 'nowhere'"),
    ("/search?state=dead", "state 'dead' is none"),
    ("/search?q=" + "%22a%22 OR " * 300 + "b", "more than 200 terms"),
    ("/stats?by=mood", "use one of channel"),
    ("/timeline?q=(", "parenthesis"),
    ("/cooccur?a=a", "Two words are needed"),
    ("/coverage?from=1900&to=2026", "more than can be drawn"),
    ("/article/1?revision=9", "has no revision 9"),
    ("/article/1/diff?from=2&to=2", "choose two"),
    ("/articles.csv?q=%22", "a quotation mark is not closed"),
    ("/articles.csv?profile=word", "use one of analysis, excel"),
    ("/matches.csv", "no query"),
]


@pytest.mark.parametrize(("path", "said"), MEANINGLESS)
def test_what_means_nothing_is_one_sentence(site: Site, path: str, said: str) -> None:
    answer = ask(site, path)
    assert answer.status_code == 400
    if path.partition("?")[0].endswith(".csv"):
        assert said in answer.text
        assert "\n" not in answer.text
        return
    (sentence,) = texts(answer, "//p[@class='problem']")
    assert said in sentence
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", [path for path, _ in MEANINGLESS])
def test_what_means_nothing_is_said_in_chinese_too(site: Site, path: str) -> None:
    answer = ask(site, path, accept_language="zh")
    said = answer.text if ".csv" in path else texts(answer, "//p[@class='problem']")[0]
    assert re.search("[一-鿿]{2}", said), said
    assert not re.search("[a-z]+ [a-z]+ [a-z]+", said.replace("zjcrawl reprints", "")), said


@pytest.mark.parametrize("query", ["%", "_", "*", "'; DROP TABLE articles; --", "a" * 5000, "\x00", "--from", "‮"])
def test_odd_words_are_words(site: Site, query: str) -> None:
    answer = ask(site, "/search?" + str(httpx.QueryParams(q=f'"{query}"')))
    assert answer.status_code == (200 if query.strip("\x00") else 400)


# -- taking away -----------------------------------------------------------------------------------------------------


def table(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def test_a_query_narrows_the_export(site: Site, held: Archive) -> None:
    rows = table(ask(site, f"/articles.csv?q={Q}&channel=jx"))
    found = set(search.ids(held, Query.of(Q), Filters.of(channel=["jx"])))
    assert {int(row["id"]) for row in rows} == found
    assert len(rows) == len(found) > 10
    excel = ask(site, f"/articles.csv?q={Q}&profile=excel")
    assert excel.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in excel.headers["content-disposition"]


def test_matches_and_counts_as_the_command_line_prints_them(site: Site, folder: Path) -> None:
    from tests.archiving import ask as printed

    for path, arguments in [
        (f"/matches.csv?q={Q}", ("search", Q, "--csv", "--width", "100000")),
        ("/stats.csv?by=reporter", ("stats", "--by", "reporter", "--csv")),
        ("/stats.csv?by=month&channel=wz", ("stats", "--by", "month", "--csv", "--channel", "wz")),
        ("/timeline.csv?q=G60", ("timeline", "G60", "--csv", "-")),
        ("/coverage.csv?channel=jx&from=2023-01&to=2023-02",
         ("coverage", "jx", "--from", "2023-01", "--to", "2023-02", "--csv", "-")),
    ]:  # fmt: skip
        wanted = list(csv.DictReader(io.StringIO(printed(folder, *arguments), newline="")))
        assert table(ask(site, path)) == wanted
        assert wanted


# -- an article ------------------------------------------------------------------------------------------------------


def test_hostile_text_shows_as_text(site: Site) -> None:
    answer = ask(site, "/article/2")
    assert HOSTILE not in answer.text
    assert SCRIPT not in answer.text
    said = tree(answer).xpath("//article")[0].text_content()
    assert said.count(visible(HOSTILE)) + said.count(visible(HOSTILE.replace("\x00", "\ufffd"))) == 10
    assert "{{ 7 * 7 }}" in said
    assert "\u202e" not in answer.text
    assert not tree(answer).xpath("//article//script | //article//img")
    assert "javascript:window.hacked=4" in said
    assert not [
        href for href in tree(answer).xpath("//@href") if "javascript" in href and not href.startswith("/search?")
    ]
    for path in (
        "/search?q=嘉兴",
        "/stats?by=tag",
        "/stats?by=source",
        "/archive/articles",
        "/archive/articles/2",
        "/",
    ):
        other = ask(site, path)
        assert SCRIPT not in other.text
        assert "\u202e" not in other.text


def test_what_an_article_tells(site: Site) -> None:
    page = ask(site, "/article/1")
    assert texts(page, "//article//h1") == ["改过的标题"]
    assert texts(page, "//p[@class='byline']/span") == ["来源：虚构在线", "记者 王蓉", "编辑 李四"]
    known = texts(page, "//aside//dd")
    assert known[0] == "http://jx.zjol.com.cn/202304/t20230406_25603389.shtmlleaves this machine"
    assert any("edited by the publisher" in line for line in known)
    captures = texts(page, "//section[@class='evidence']//tr/td")
    assert any(cell.startswith("warc/") for cell in captures)
    earlier = ask(site, "/article/1?revision=1")
    assert texts(earlier, "//article//h1") == ["虚构的标题"]
    assert "An earlier wording, number 1 of 2." in texts(earlier, "//p[@class='note']")[0]
    assert "no longer retrievable" in texts(ask(site, "/article/3"), "//p[@class='note']")[0]


def test_reprints_are_named_and_counted_once(tmp_path: Path) -> None:
    told = "一段足够长的、到处都登载的文字，说的是同一件事，共有三十多个字，一个也没有改动过。"
    addresses = [
        f"http://{slug}.zjol.com.cn/202304/t20230406_{n}.shtml" for n, slug in enumerate(("jx", "wz", "nb"), 1)
    ]
    run(tmp_path, lambda t: [look(t, article(one, told * 3), capture(one)) for one in addresses])
    site = Site(tmp_path)
    assert "3 articles came or changed" in texts(ask(site, "/search?unique=1"), "//p[@class='problem']")[0]
    reprints.group(tmp_path)
    page = ask(site, "/article/1")
    assert {"/article/2", "/article/3"} <= set(tree(page).xpath("//aside//dd/a/@href"))
    for path in ("/search?q=同一件事", "/search?"):
        assert texts(ask(site, path), "//p[@class='count']/strong") == ["3"]
        assert texts(ask(site, f"{path}&unique=1"), "//p[@class='count']/strong") == ["1"]
    assert len(table(ask(site, "/articles.csv?unique=1"))) == 1
    site.counted.close()


def test_an_article_is_found_by_its_address(site: Site) -> None:
    answer = ask(site, "/article?id=jx.zjol.com.cn/202304/t20230406_25603389.shtml")
    assert (answer.status_code, answer.headers["location"]) == (302, "/article/1")
    assert ask(site, "/article?id=http://jx.zjol.com.cn/none.shtml").status_code == 404


def test_two_wordings_side_by_side(site: Site) -> None:
    page = ask(site, "/article/1/diff")
    assert texts(page, "//del")[0] == "虚构"
    assert texts(page, "//ins")[0] == "改过"
    assert "加上的一段。" in texts(page, "//ins")
    assert texts(page, "//div[@class='old']")[0].endswith("的标题")
    assert texts(page, "//div[@class='new']")[0] == "改过的标题"


# -- counting --------------------------------------------------------------------------------------------------------


def test_counts_and_their_denominators(site: Site, held: Archive) -> None:
    line = stats.timeline(held, Query.of(Q), "month")
    page = ask(site, f"/timeline?q={Q}")
    assert texts(page, "//tr/th[@scope='row']") == [cell.cell for cell in line.cells if cell.articles]
    assert texts(page, "//tr/td[1]") == [str(cell.mentioning) for cell in line.cells if cell.articles]
    told = stats.together(held, Query.of("嘉兴"), Query.of("一体化"))
    both = ask(site, "/cooccur?a=嘉兴&b=一体化")
    assert texts(both, "//table//tr[1]/td[@class='n']/strong") == [str(told.both)]
    assert texts(both, "//ol[@class='paragraphs']//mark")
    by = ask(site, "/stats?by=channel")
    assert texts(by, "//table/tr/td[1]") == [str(one.articles) for one in stats.by(held, "channel")]


def test_coverage_says_what_coverage_says(site: Site, held: Archive) -> None:
    page = ask(site, "/coverage?channel=jx&from=2023&to=2025")
    from datetime import date

    days = coverage.coverage(held, ["jx"], date(2023, 1, 1), date(2025, 12, 31))["jx"]
    assert len(tree(page).xpath("//svg[@class='calendar']/rect")) == len(days) == 1096
    assert f"{coverage.total(days).listed} listed" in " ".join(texts(page, "//section/p"))


def test_the_start_page_counts_anew_when_the_archive_changes(tmp_path: Path) -> None:
    run(tmp_path, lambda t: look(t, article()))
    site = Site(tmp_path)
    first = ask(site, "/")
    assert texts(first, "//dl[@class='numbers']/div[1]/dd") == ["1"]
    days = tree(first).xpath("//svg[@class='calendar']/rect/title/text()")
    assert 52 * 7 < len(days) <= 53 * 7
    assert all(day.endswith(": 0 articles") for day in days)  # the article is of 2019
    (jiaxing,) = [tile for tile in texts(first, "//a[contains(@class, 'tile')]") if tile.startswith("嘉兴")]
    assert jiaxing == "嘉兴1"
    run(tmp_path, lambda t: look(t, article("http://wz.zjol.com.cn/202304/t20230406_7.shtml", channel="wz")))
    assert texts(ask(site, "/"), "//dl[@class='numbers']/div[1]/dd") == ["2"]
    site.counted.close()


def test_pages_are_there_while_a_crawl_writes(tmp_path: Path) -> None:
    run(tmp_path, lambda t: look(t, article()))
    site = Site(tmp_path)
    begun, may_end = threading.Event(), threading.Event()

    def slow(t: Any) -> None:
        look(t, article("http://wz.zjol.com.cn/202304/t20230406_7.shtml"))
        begun.set()
        assert may_end.wait(20)

    with writing(tmp_path) as writer:
        stored = writer.submit(slow)
        assert begun.wait(20)
        assert texts(ask(site, "/search"), "//p[@class='count']/strong") == ["1"]
        assert ask(site, "/archive/articles").status_code == 200
        may_end.set()
        stored.result()
        assert texts(ask(site, "/search"), "//p[@class='count']/strong") == ["2"]
    site.counted.close()


def test_an_empty_archive_has_pages(tmp_path: Path) -> None:
    run(tmp_path, lambda t: None)
    site = Site(tmp_path)
    for path in (
        "/",
        "/search",
        "/search?q=a",
        "/stats",
        "/timeline?q=a",
        "/cooccur?a=a&b=b",
        "/coverage",
        "/archive/articles",
    ):
        assert ask(site, path).status_code == 200, path
    site.counted.close()


# -- Datasette -------------------------------------------------------------------------------------------------------


def test_only_the_stored_queries_may_be_asked_unless_sql_is_allowed(site: Site, folder: Path) -> None:
    assert ask(site, "/archive?sql=select+1").status_code == 403
    assert ask(site, "/archive/articles?_where=1=1").status_code == 403
    assert ask(site, "/archive.db").status_code in (403, 404)
    for path in (
        "/-/metadata",
        "/-/databases.json",
        "/-/patterns",
        "/_internal",
        "/_internal.json",
        "/_internal/tables",
    ):
        assert ask(site, path).status_code == 404, path
    allowed = Site(folder, sql=True)
    answer = ask(allowed, "/archive.json?sql=select+count(*)+from+articles")
    assert answer.json()["rows"] == [[ALL]]
    refused = ask(allowed, "/archive?sql=delete+from+articles")
    assert refused.status_code == 400
    keeps_to_itself(ask(allowed, "/archive?sql=select+*+from+articles"))
    allowed.counted.close()


def test_a_stored_query_speaks_the_language_of_search(site: Site, held: Archive) -> None:
    found = ask(site, "/archive/mentions.json?_shape=array&" + str(httpx.QueryParams(q=f"{Q} -桐乡"))).json()
    assert [row["id"] for row in found] == list(search.ids(held, Query.of(f"{Q} -桐乡")))
    for query in QUERIES:
        answer = ask(site, f"/archive/{query.name}.json?_shape=array&q={Q}&name=记者甲")
        assert answer.status_code == 200, query.name
        assert answer.json(), query.name


def test_no_other_host_name_is_answered_to_on_loopback(site: Site, folder: Path) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", ""):
        assert ask(site, "/", host=host).status_code == 421
    for host in ("localhost:8001", "127.0.0.1:8001", "[::1]:8001", "LOCALHOST"):
        assert ask(site, "/", host=host).status_code == 200
    anywhere = Site(folder, anywhere=True)
    assert ask(anywhere, "/", host="archive.example").status_code == 200
    anywhere.counted.close()


# -- language --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("zh-CN,zh;q=0.9", "zh"), ("en-GB,zh;q=0.8", "en"), ("de,zh;q=0.3", "zh"), ("fr", "en"), ("", "en"),
     ("zh;q=0", "en"), ("en;q=0.2,zh-TW;q=0.7", "zh"), (";;q=x,,zh", "zh")],
)  # fmt: skip
def test_the_language_is_the_browsers(accepted: str, language: str) -> None:
    assert preferred(accepted) == language


def test_a_chosen_language_stays(site: Site) -> None:
    chosen = ask(site, "/questions?lang=zh", accept_language="en")
    assert tree(chosen).get("lang") == "zh-Hans"
    kept = chosen.headers["set-cookie"].partition(";")[0]
    assert tree(ask(site, "/", accept_language="en", cookie=kept)).get("lang") == "zh-Hans"
    tables = ask(site, "/archive/articles?state=live&lang=zh")
    assert (tables.status_code, tables.headers["location"]) == (302, "/archive/articles?state=live")
    assert tables.headers["set-cookie"].startswith(kept)
    assert tree(ask(site, "/?lang=klingon")).get("lang") == "en"


def test_every_chinese_word_is_used_for_an_english_one_with_the_same_gaps() -> None:
    for english, other in [*chinese().items(), *sentences().items()]:
        assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", other)), english
        assert other.strip()
    assert Words("zh")("{n} articles", n=3) == "3 篇稿件"


# -- the program -----------------------------------------------------------------------------------------------------


def test_it_serves_until_it_is_told_to_end(folder: Path) -> None:
    with serving(folder) as (process, address):
        answer = httpx.get(address + "/search", params={"q": Q}, trust_env=False)
        assert answer.status_code == 200
        assert httpx.get(address + "/articles.csv", trust_env=False).status_code == 200
        assert httpx.get(address + "/static/style.css", trust_env=False).headers["content-type"].startswith("text/css")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
        assert (process.returncode, err) == (0, "")


def test_it_opens_a_browser_when_asked_to(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{opened}.part" && mv "{opened}.part" "{opened}"\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    with serving(folder, "--open") as (process, address):
        for _ in range(100):
            if opened.exists():
                break
            time.sleep(0.1)
        assert opened.read_text().strip() == address + "/"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_download_that_is_broken_off_ends(tmp_path: Path) -> None:
    big = "很长的一段文字。" * 30_000
    run(tmp_path, lambda t: [look(t, article(f"http://jx.zjol.com.cn/{n}.shtml", big)) for n in range(4)])
    with serving(tmp_path) as (process, address):
        with httpx.stream("GET", address + "/articles.csv", trust_env=False) as answer:
            next(answer.iter_raw())
        assert httpx.get(address + "/questions", trust_env=False).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_what_cannot_be_served_is_one_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} of 127.0.0.1 is in use" in refuses(capsys, folder, "serve", "--port", str(port))
    assert "there is no archive in" in refuses(capsys, tmp_path / "none", "serve")
    assert "no host 'no.such.host.invalid' is known" in refuses(
        capsys, folder, "serve", "--host", "no.such.host.invalid"
    )
    assert "192.0.2.1 is no address of this machine" in refuses(capsys, folder, "serve", "--host", "192.0.2.1")
    assert "'--port'" in refuses(capsys, folder, "serve", "--port", "70000")
    monkeypatch.delitem(sys.modules, "zjcrawl.web.server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert "pages need uvicorn: install what is missing with pip install 'zjcrawl[serve]'" in refuses(
        capsys, folder, "serve"
    )


def test_the_pages_do_not_import_scrapy() -> None:
    code = "import sys, zjcrawl.web.server; sys.exit('scrapy' in sys.modules or 'twisted' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
