"""The scale model: the same everywhere, as varied as the portal, true to its own truth, and as broken as it is told."""

import gzip
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from html import unescape
from itertools import islice, pairwise
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from zjcrawl import urls
from zjcrawl.model import FAULTS, Portal, Proxy, Switches, serve
from zjcrawl.model.listings import VARIANTS
from zjcrawl.model.markups import MARKUPS, part_url
from zjcrawl.models import Article

GZIP = {"accept-encoding": "gzip"}


@pytest.fixture(scope="module")
def portal() -> Portal:
    return Portal(seed=1, articles=1000)


def html_of(portal: Portal, url: str, look: int = 0) -> str:
    """A page decoded as its channel's encoding really is."""
    found = portal.find(url)
    charset = portal.printed(found.number).charset if found else "utf-8"
    if found is None and (listed := portal._list_at(url)):
        charset = listed[0].style.charset
    return portal.respond(url, look=look).body.decode(charset)


def list_pages(portal: Portal, first: str) -> Iterator[str]:
    """The pages of a list, as a reader who presses 下一页 sees them."""
    url: str | None = first
    while url:
        html = html_of(portal, url)
        yield html
        script = re.search(r'createPageHTML\((\d+), (\d+), "index", "shtml"\)', html)
        link = re.search(r'<a href="([^"]+)">下一页</a>', html)
        if script and int(script[2]) + 1 < int(script[1]):
            url = urljoin(url, f"index_{int(script[2]) + 1}.shtml")
        else:
            url = urljoin(url, link[1]) if link else None


# ── what it is ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_same_pages_and_truth_in_every_process() -> None:
    program = """
import hashlib, json
from zjcrawl.model import Portal
portal, digest = Portal(seed=7, articles=80), hashlib.sha256()
for truth in portal.truths():
    digest.update(portal.respond(truth["url"], {"accept-encoding": "gzip"}).body)
    digest.update(json.dumps(truth).encode())
for address in portal.lists:
    digest.update(portal.respond(address).body)
print(digest.hexdigest())
"""
    digests = set()
    for hash_seed, zone in (("0", "UTC"), ("1", "Asia/Shanghai"), ("2", "America/New_York")):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": zone, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        digests.add(done.stdout)
    assert len(digests) == 1


def test_another_seed_is_another_portal() -> None:
    def titles(seed: int) -> list[str]:
        return [truth["title"] for truth in Portal(seed, 30).truths()]

    assert titles(1) != titles(2)


def test_a_hundred_thousand_articles_take_no_room() -> None:
    tracemalloc.start()
    try:
        large = Portal(seed=1, articles=100_000)
        assert len({truth["url"] for truth in islice(large.truths(), 300)}) == 300
        for number in range(0, 100_000, 997):
            assert large.respond(large.url(number), GZIP).status == 200
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


def test_a_large_portal_has_articles_in_every_crawlable_channel() -> None:
    large = Portal(seed=1, articles=20_000)
    crawlable = {channel.slug for channel in large.registry.select()}
    assert {large.registry.of(large.url(number)) for number in range(500)} == crawlable


@pytest.mark.parametrize("articles", [0, 1, 5, 300, 5000])
def test_every_list_page_answers_at_every_size(articles: int) -> None:
    sized = Portal(seed=1, articles=articles)
    for address in sized.lists:
        assert sized.respond(address).status == 200
        assert len(sized.leads(address)) >= min(3, articles // max(1, sized.active))


# ── its addresses ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("articles", [1000, 100_000])
def test_addresses_lead_back_to_their_articles(articles: int) -> None:
    large = Portal(seed=3, articles=articles)
    for number in range(0, articles, max(1, articles // 1000)):
        url = large.url(number)
        assert urls.canonical(url) == url
        assert large.number(url) == number
        assert large.number(url.replace("zjol.com.cn/", "zjol.com.cn//")) == number
        assert urls.url_date(url) is not None


def test_ids_and_times_grow_within_a_column(portal: Portal) -> None:
    for column in portal.columns[: portal.active]:
        pages = [portal.printed(position * portal.active + column.number) for position in range(column.size)]
        assert all(older.moment < newer.moment for older, newer in pairwise(pages))
        for form in ("/t20", "/system/"):
            ids = [int(re.findall(r"\d+", page.url)[-1]) for page in pages if form in page.url]
            assert ids == sorted(set(ids))


def test_every_form_of_address_is_there(portal: Portal) -> None:
    paths = Counter(re.sub(r"\d+", "9", urlsplit(portal.url(number)).path) for number in portal.numbers())
    assert {"/9/t9_9.shtml", "/zjnews/jxnews/9/t9_9.shtml", "/zjbd/jx9/9/t9_9.shtml", "/system/9/9/9/9.shtml"} <= set(
        paths
    )
    assert "/dqnews/system/9/9/9/9.shtml" in paths


def test_unknown_addresses_are_404_and_unknown_hosts_502(portal: Portal) -> None:
    assert portal.respond("http://jx.zjol.com.cn/202608/t20260829_1.shtml").status == 404
    assert portal.respond("http://jx.zjol.com.cn/202613/t20261399_1.shtml").status == 404
    assert portal.respond("http://jx.zjol.com.cn/index_9999.shtml").status == 404
    assert portal.respond("http://tidenews.com.cn/").status == 502


# ── its variety ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_markup_kind_and_precision_occurs(portal: Portal) -> None:
    pages = [portal.printed(number) for number in portal.numbers()]
    assert {page.markup for page in pages} == set(MARKUPS)
    assert {page.story.kind for page in pages} == {"text", "gallery", "video"}
    assert {page.precision for page in pages} == {"second", "minute", "day"}
    assert {page.charset for page in pages} == {"utf-8", "gb18030"}
    assert {block.kind for page in pages for block in page.story.blocks} == {
        "paragraph",
        "heading",
        "image",
        "caption",
        "table",
        "quote",
    }
    assert {len(page.story.parts) for page in pages} >= {1, 3}
    assert any(portal.stub(number) for number in portal.numbers())


def test_every_list_variant_pager_and_link_form_occurs(portal: Portal) -> None:
    styles = [column.style for column in portal.columns[: portal.active]]
    assert {style.listing for style in styles} == set(VARIANTS)
    assert {style.pager for style in styles} == {"html", "script"}
    assert {style.hrefs for style in styles} == {"absolute", "slashes", "double", "relative"}


@pytest.mark.parametrize(
    "sign",
    [
        r'id="oZoom"',
        r'class="contentTitle"',
        r'class="meiriguanzhukuang"',
        r'id="page_scr"',
        r'<span id="author_baidu">作者：',
        r'<div class="contTit">\s*<font',
        r'id="pubtime_baidu">[^<]+</span><span id="pubtime_baidu"',
        r'<div class="time">\s*<span>',
        r'<div class="contTxt">\s*<div>',
        r'class="TRS_Editor"',
        r'class="TRS_UEDITOR TRS_WEB"',
        r'class="img_descr"',
        r'<h1 class="artTitle">',
        r'<div class="info">\s*<span>[^<]*来源：',
        r'<span leaf="">',
        r"<section>",
        r'class="cprtip"',
        *(f'<div class="{name}">' for name in ("artical_real", "content cf", "artCon mb55", "atricle_inner")),
        *(f'<div class="{name}">' for name in ("art-con mt-20", "news_content", "artCon")),
        r'class="news_more_page"',
        r'id="news_more_page_div_id"',
        r"<p[^>]*><strong>\s*[　&]",
        r"责任编辑[：:]",
        r"标签[：:]",
        r"您当前的位置",
        r"版权和免责申明",
        r"新华社",
        r"<video",
    ],
)
def test_every_known_trait_of_the_pages_occurs(portal: Portal, sign: str) -> None:
    assert any(re.search(sign, html_of(portal, portal.url(number))) for number in portal.numbers())


def test_bylines_of_every_kind_occur(portal: Portal) -> None:
    printed = [portal.printed(number) for number in portal.numbers()]
    lines = "\n".join(page.story.byline.text for page in printed if page.story.byline)
    for label in ("记者 ", "本报记者 ", "首席记者 ", "见习记者 ", "通讯员 ", "实习生 ", "文/图", "摄影 ", "作者:", "·"):
        assert label in lines
    assert re.search(r"记者 \S+ 文 \S+ 摄", lines)
    assert re.search(r"记者 \w[ 　]\w(?!\w)", lines), "a name of two characters with a blank"
    bodies = [page.story.blocks[-1].text for page in printed]
    assert any(re.search(r"[（(](本报)?记者 ?\S+.*[）)]$", body) for body in bodies)
    truths = list(portal.truths())
    for column in ("reporters", "editors", "tags", "source", "kicker", "subtitle", "notice", "breadcrumb", "dateline"):
        assert {truth[column] is None for truth in truths} == {True, False}, f"{column}: printed on some, not on others"


def test_briefs_and_long_pieces_are_whole(portal: Portal) -> None:
    lengths = [len(truth["body"]) for truth in portal.truths() if truth["kind"] == "text"]
    assert min(lengths) < 100
    assert max(lengths) >= 20_000


def test_reprints_repeat_the_wording_under_their_own_address(portal: Portal) -> None:
    pairs = [(number, original) for number in portal.numbers() if (original := portal.reprint_of(number)) is not None]
    assert len(pairs) >= 10
    for number, original in pairs:
        reprint, first = portal.truth(portal.url(number)), portal.truth(portal.url(original))
        assert reprint is not None
        assert first is not None
        assert (reprint["title"], reprint["url"]) == (first["title"], portal.url(number))
        paragraphs, all_of_them = reprint["body"].split("\n"), first["body"].split("\n")
        assert len(all_of_them) - len(paragraphs) in ((0,) if number % 2 == 0 else (0, 1))
        assert [text for text in all_of_them if text in paragraphs] == paragraphs


def test_stubs_lead_to_their_article(portal: Portal) -> None:
    number = next(number for number in portal.numbers() if portal.stub(number))
    stub = portal.stub(number)
    assert stub
    html = html_of(portal, stub)
    assert f'location.replace("{portal.url(number)}")' in html
    assert portal.truth(stub) is None


# ── its pages are what its truth says ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", [1, 2])
def test_pages_are_30_to_80_kb_and_say_that_they_are_invented(seed: int) -> None:
    sized = Portal(seed, 600)
    for url in [*map(sized.url, sized.numbers()), *sized.lists]:
        body = sized.respond(url).body
        assert 30_000 <= len(body) <= 81_920, url
        assert "均为虚构" in html_of(sized, url)


def test_truth_has_every_column_that_follows_from_a_page(portal: Portal) -> None:
    expected = [name for name in Article("").columns() if name not in ("text_sha256", "template_version", "warnings")]
    for truth in islice(portal.truths(), 100):
        assert list(truth) == expected
        json.dumps(truth)


def test_every_word_of_the_truth_is_on_the_page(portal: Portal) -> None:
    """Read the crudest way, without blanks and tags: what the truth says is printed, all of it, on one of the pages."""
    for number in portal.numbers():
        url = portal.url(number)
        truth = portal.truth(url)
        assert truth
        parts = range(len(portal.printed(number).story.parts))
        html = "".join(html_of(portal, part_url(url, part)) for part in parts)
        text = _bare(unescape(re.sub(r"<[^>]+>", "", html)))
        for name in ("title", "kicker", "subtitle", "source", "dateline", "published_printed"):
            assert _bare(truth[name] or "") in text, (url, name)
        for block in truth["blocks"]:
            assert _bare(block["text"]) in text, (url, block)
        for _, person in portal.credits(url) or ():
            assert person in text, (url, person)
        for tag in (truth["tags"] or "").split(";"):
            assert tag in text
        for line in (truth["notice"] or "").split("\n"):
            assert _bare(line) in text
        for image in truth["images"]:
            assert f'src="./{image["src"].rsplit("/", 1)[1]}"' in html


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_parts_beyond_the_last_are_404(portal: Portal) -> None:
    number = next(number for number in portal.numbers() if len(portal.printed(number).story.parts) == 3)
    statuses = [portal.respond(part_url(portal.url(number), part)).status for part in range(4)]
    assert statuses == [200, 200, 200, 404]


def test_lists_and_their_pagers_lead_to_every_article(portal: Portal) -> None:
    reached: set[int] = set()
    for address in portal.lists:
        for html in list_pages(portal, address):
            links = (urljoin(address, href) for href in re.findall(r'href="([^"]+)"', html))
            found = [portal.find(url) for url in links if url.startswith("http")]
            reached |= {one.number for one in found if one}
    assert reached == set(portal.numbers())


def test_leads_are_what_a_list_page_shows(portal: Portal) -> None:
    for address in portal.lists[: portal.active]:
        html, leads = html_of(portal, address), portal.leads(address)
        assert len(leads) == 25
        for lead in leads:
            assert lead.text in unescape(html)
            assert (lead.listed_printed or "") in html
            assert portal.find(lead.url)


def test_the_same_story_stands_in_several_lists(portal: Portal) -> None:
    placed = Counter(url for address in portal.lists for url in {lead.url for lead in portal.leads(address)})
    assert sum(count > 1 for count in placed.values()) >= 20


def test_articles_of_a_channel_stand_on_all_its_hosts(portal: Portal) -> None:
    hosts = {urlsplit(url).hostname for url in portal.articles_of("jx")}
    assert hosts == {"jx.zjol.com.cn", "zjnews.zjol.com.cn", "cs.zjol.com.cn"}


# ── its history ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_history_of_edits_deletions_and_fresh_articles() -> None:
    moving = Portal(1, 100, Switches(edits={7: (1, 2)}, deletions={8: 1, 9: 1}, restorations={9: 2}, fresh=5))
    edited, gone, back, newest = (moving.url(number) for number in (7, 8, 9, 99))
    before = moving.truth(edited)
    assert moving.respond(newest).status == 404
    assert len(list(moving.truths())) == 95
    moving.clock = 1
    after = moving.truth(edited)
    assert before is not None
    assert after is not None
    assert before["body"] != after["body"]
    assert [moving.respond(url).status for url in (gone, back, newest)] == [404, 410, 200]
    assert moving.truth(gone) is None
    assert len(list(moving.truths())) == 98
    moving.clock = 2
    assert moving.truth(edited) not in (before, after)
    assert moving.respond(back).status == 200


def test_cosmetic_changes_leave_the_article_alone() -> None:
    restless = Portal(1, 60, Switches(cosmetic=True))
    url = restless.url(20)
    assert len({html_of(restless, url, look) for look in range(3)}) == 3
    start, end = '<div class="wrap">', '<div class="related">'
    assert len({html_of(restless, url, look).split(start)[1].split(end)[0] for look in range(3)}) == 1


# ── its faults ───────────────────────────────────────────────────────────────────────────────────────────────────────

NUMBER = 20
URL = Portal(1, 60).url(NUMBER)
HOST = urlsplit(URL).hostname or ""


def faulty(fault: str, where: str = URL) -> Portal:
    return Portal(1, 60, Switches(faults={fault: {where}}))  # type: ignore[dict-item]


@pytest.mark.parametrize("where", [URL, HOST])
def test_refusals_end_after_the_first_request(where: str) -> None:
    throttled = faulty("429", where).respond(URL, look=0)
    assert (throttled.status, dict(throttled.headers)["Retry-After"]) == (429, "1")
    assert faulty("429", where).respond(URL, look=1).status == 200
    assert [faulty("503", where).respond(URL, look=look).status for look in (0, 1)] == [503, 200]
    assert [faulty("dead", where).respond(URL, look=look).status for look in (0, 1)] == [503, 503]


def test_redirects_that_loop_or_hide() -> None:
    looping, url, seen = faulty("redirect-loop"), URL, []
    for _ in range(4):
        url = dict(looping.respond(url).headers)["Location"]
        seen.append(url)
    assert len(set(seen)) == 2
    assert dict(faulty("home").respond(URL).headers)["Location"] == f"http://{HOST}/"
    soft = faulty("soft-404").respond(URL)
    assert soft.status == 200
    assert "不存在" in soft.body.decode()


def test_robots() -> None:
    robots = f"http://{HOST}/robots.txt"
    assert "Disallow: /\n" not in faulty("dead").respond(robots).body.decode()
    assert "Disallow: /\n" in faulty("robots-refuse", HOST).respond(robots).body.decode()
    assert faulty("robots-503", HOST).respond(robots).status == 503


@pytest.mark.parametrize("slug", ["nhnews", "jx"])
def test_charset_lies_in_header_and_meta(slug: str) -> None:
    url = Portal(1, 60).articles_of(slug)[-1]
    honest, header, meta = Portal(1, 60), faulty("header-charset", url), faulty("meta-charset", url)
    real = "gb18030" if slug == "nhnews" else "utf-8"
    assert header.respond(url).body == honest.respond(url).body
    assert header.respond(url).headers[0] != honest.respond(url).headers[0]
    declared = "utf-8" if slug == "nhnews" else "gb2312"
    assert f"charset={declared}" in meta.respond(url).body.decode(real)


def test_the_calendar_never_ends() -> None:
    trapped = faulty("calendar", HOST)
    last = list(islice(list_pages(trapped, f"http://{HOST}/"), 30))
    assert len(last) == 30
    assert "/calendar/" in last[-1]


# ── its proxy ────────────────────────────────────────────────────────────────────────────────────────────────────────


def ask(proxy: Proxy, url: str, timeout: float = 5, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", int(proxy.url.rsplit(":", 1)[1]), timeout=timeout)
    connection.request("GET", url, headers={"Host": urlsplit(url).netloc, **headers})
    return connection.getresponse()


def test_proxy_keeps_connections_and_logs(portal: Portal) -> None:
    with serve(portal) as proxy:
        connection = http.client.HTTPConnection("127.0.0.1", int(proxy.url.rsplit(":", 1)[1]), timeout=5)
        connection.connect()
        kept = connection.sock
        for number in range(20):
            url = portal.url(number)
            connection.request("GET", url, headers={"Host": urlsplit(url).netloc})
            answer = connection.getresponse()
            assert answer.read() == portal.respond(url).body
            assert connection.sock is kept
        connection.request("GET", "/robots.txt", headers={"Host": "jx.zjol.com.cn"})  # origin form
        assert "User-agent" in connection.getresponse().read().decode()
        connection.close()
        assert [entry[1:] for entry in proxy.log][-1] == ("GET", "http://jx.zjol.com.cn/robots.txt", 200)
        assert len(proxy.log) == 21
        assert all(earlier[0] <= later[0] for earlier, later in pairwise(proxy.log))


def test_proxy_compresses_and_revalidates(portal: Portal) -> None:
    with serve(portal) as proxy:
        seen = set()
        for number in range(10):
            url = portal.url(number)
            answer = ask(proxy, url, **{"Accept-Encoding": "gzip"})
            body = answer.read()
            if answer.getheader("Content-Encoding") == "gzip":
                seen.add("gzip")
                assert gzip.decompress(body) == portal.respond(url).body
            for validator, question in (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")):
                if value := answer.getheader(validator):
                    seen.add(validator)
                    again = ask(proxy, url, **{question: value})
                    assert (again.status, again.read()) == (304, b"")
        assert seen == {"gzip", "ETag", "Last-Modified"}


def test_proxy_hangs_and_truncates_where_it_is_told() -> None:
    with serve(faulty("hang")) as proxy:
        with pytest.raises(TimeoutError):
            ask(proxy, URL, timeout=0.3)
        assert proxy.log[-1][3] == 0
        assert ask(proxy, f"http://{HOST}/").status == 200
    with serve(faulty("truncate")) as proxy, pytest.raises(http.client.IncompleteRead):
        ask(proxy, URL).read()


def test_proxy_counts_the_looks_at_an_address() -> None:
    with serve(faulty("429")) as proxy:
        assert [ask(proxy, URL).status for _ in range(3)] == [429, 200, 200]


def test_proxy_outlives_rude_clients(portal: Portal, capfd: pytest.CaptureFixture[str]) -> None:
    with serve(portal) as proxy:
        address = ("127.0.0.1", int(proxy.url.rsplit(":", 1)[1]))
        for rude in (b"", b"nonsense\r\n\r\n", b"GET " + b"x" * 100_000, f"GET {URL} HTTP/1.1\r\n\r\n".encode()):
            with socket.create_connection(address, timeout=5) as client:
                client.sendall(rude)
        time.sleep(0.05)
        assert ask(proxy, portal.url(1)).status == 200
        assert ask(proxy, f"http://{HOST}/%ff<>").status == 404
    assert capfd.readouterr().err == ""


def test_faults_stay_at_their_address() -> None:
    for fault in FAULTS:
        assert faulty(fault).switches.has(fault, URL)
        assert not faulty(fault).switches.has(fault, "http://tz.zjol.com.cn/")


# ── its command ──────────────────────────────────────────────────────────────────────────────────────────────────────


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    words = [sys.executable, "-m", "zjcrawl.model", *arguments]
    return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)


def test_command_writes_the_truth(tmp_path: Path) -> None:
    file = tmp_path / "truth.jsonl"
    assert command("--articles", "40", "--truth", str(file)).returncode == 0
    with file.open(encoding="utf-8") as lines:
        assert [json.loads(line) for line in lines] == list(Portal(1, 40).truths())


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--fault", "earthquake=jx.zjol.com.cn"], "earthquake"),
        (["--fault", "429"], "429"),
        (["--articles", "-3"], "-3"),
        (["--port", "99999"], "99999"),
        (["--truth", "/no/such/folder/truth.jsonl"], "/no/such/folder"),
    ],
)
def test_command_refuses_in_a_sentence(arguments: list[str], word: str) -> None:
    done = command(*arguments)
    assert done.returncode in (2, 74)
    assert word in done.stderr
    assert "Traceback" not in done.stderr
