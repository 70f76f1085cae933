"""A good guest: how often, when and where hosts are asked, measured at the server. Every page here is invented."""

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from scrapy.core.downloader import Slot
from scrapy.exceptions import DownloadFailedError
from scrapy.utils.test import get_crawler
from twisted.internet.error import ConnectionLost, DNSLookupError
from twisted.python.failure import Failure
from twisted.web._newclient import ResponseFailed

from tests.crawling import ZJCRAWL, Stage, article, asked, crawl, environment, listing, outcomes, page, rows, staged
from zjcrawl import __version__, channels, connect
from zjcrawl.connect import PublicResolver
from zjcrawl.hosts import JITTER, Hosts, Hours
from zjcrawl.middlewares import MOST_ROBOTS, beginning
from zjcrawl.model import Portal, Proxy, Response, serve
from zjcrawl.models import SHANGHAI

LIST = "http://nhnews.zjol.com.cn/"
FIRST = "http://nhnews.zjol.com.cn/202609/t20260914_31900001.shtml"
OTHER = "http://cs.zjol.com.cn/"
QUICK = ("RETRY_DELAY=0.05", "SOFT_404_PROBE=0")
SLACK = 0.06  # seconds by which two requests may stand closer at the server than they left


def addresses(count: int, front: str = LIST) -> list[str]:
    return [f"{front}202609/t20260914_{31900100 + number}.shtml" for number in range(count)]


def gaps(proxy: Proxy) -> dict[str, float]:
    """The shortest time between two requests of each host."""
    times: defaultdict[str, list[float]] = defaultdict(list)
    for when, _, url, _ in proxy.log:
        times[url.split("/")[2]].append(when)
    return {host: min(later - sooner for sooner, later in pairwise(of)) for host, of in times.items() if len(of) > 1}


# -- rate ------------------------------------------------------------------------------------------------------------


def test_no_host_is_asked_faster_than_stated_whatever_for(tmp_path: Path) -> None:
    one, two, moved, busy, lost = addresses(5)
    part = one.replace(".shtml", "_01.shtml")
    pages: dict[str, Any] = {
        LIST: listing(one, two, moved, busy, lost),
        one: article("两页的文章", "第一页的话，说得完整。", older_part=part),
        part: article("两页的文章", "第二页的话，说得完整。"),
        two: article("一篇"),
        moved: page("", 302, Location=two),
        busy: [page("busy", 503), article("等一等")],
        lost: page("", 404),
    }
    with staged(pages) as proxy:
        done = crawl(proxy, tmp_path, "nhnews", settings=("DOWNLOAD_DELAY=0.2", "RETRY_DELAY=0.05"))
        assert done.code == 0, done.err
        assert len(proxy.log) >= 10
        assert min(gaps(proxy).values()) >= 0.2 - SLACK


def test_the_pause_begins_when_a_request_has_left_and_shortens_no_rest() -> None:
    slots = {"jx.zjol.com.cn": Slot(1, 1.0, 0.0), "at.once": Slot(1, 0.0, 0.0), "rests": Slot(1, 1.0, 0.0)}
    slots["rests"].lastseen = rest = monotonic() + 60
    crawler = get_crawler(settings_dict={"DOWNLOAD_HANDLERS": {}})
    crawler.engine = SimpleNamespace(downloader=SimpleNamespace(slots=slots))  # type: ignore[assignment]
    sent = object.__new__(connect.Handler)
    sent._crawler = crawler
    began = monotonic()
    for host in (*slots, "unknown"):
        sent.left(host)
    assert began <= slots["jx.zjol.com.cn"].lastseen <= monotonic()
    assert slots["at.once"].lastseen == 0
    assert slots["rests"].lastseen == rest


def test_no_host_is_asked_faster_than_stated_by_a_crawl_that_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What holds up a request that is about to leave must hold up the one after it as long."""
    busy = (
        "import time, zjcrawl.middlewares as m; f = m.capture_of; m.capture_of = lambda *a: time.sleep(0.15) or f(*a); "
    )
    monkeypatch.setattr("tests.crawling.ZJCRAWL", busy + ZJCRAWL)
    fronts = [f"http://{slug}.zjol.com.cn/" for slug in ("nhnews", "cs", "jx")]
    pages = {front: listing(*addresses(4, front)) for front in fronts}
    pages |= {url: article("一篇") for front in fronts for url in addresses(4, front)}
    with staged(pages) as proxy:
        done = crawl(proxy, tmp_path, "nhnews", "cs", "jx", settings=("DOWNLOAD_DELAY=0.3", *QUICK))
        assert done.summary["articles"] == {"new": 12}, done.err
        assert min(gaps(proxy).values()) >= 0.3 - SLACK


def test_a_crawl_delay_is_obeyed_up_to_a_bound(tmp_path: Path) -> None:
    pages = {LIST: listing(*addresses(3))} | {url: article("一篇") for url in addresses(3)}
    pages[LIST + "robots.txt"] = page("User-agent: *\nCrawl-delay: 0.4\nDisallow:", kind="text/plain")
    with staged(pages) as proxy:
        done = crawl(proxy, tmp_path / "obeyed", "nhnews", settings=("DOWNLOAD_DELAY=0.05", *QUICK))
        assert gaps(proxy)["nhnews.zjol.com.cn"] >= 0.4 - SLACK
    assert done.summary["hosts"]["nhnews.zjol.com.cn"] == {"requests": 5, "robots": "rules", "delay": 0.4}
    pages[LIST + "robots.txt"] = page("User-agent: *\nCrawl-delay: 3600\nDisallow:", kind="text/plain")
    with staged(pages) as proxy:
        settings = ("DOWNLOAD_DELAY=0.05", "CRAWL_DELAY_MAX=0.1", *QUICK)
        done = crawl(proxy, tmp_path / "bounded", "nhnews", settings=settings)
        assert gaps(proxy)["nhnews.zjol.com.cn"] >= 0.1 - SLACK
    assert done.summary["hosts"]["nhnews.zjol.com.cn"]["delay"] == 0.1


def test_what_one_port_says_of_robots_is_not_said_of_its_host(tmp_path: Path) -> None:
    extra, odd = tmp_path / "more.toml", "http://nhnews.zjol.com.cn:8081/x/"
    extra.write_text(f'x = {{ name = "x", kind = "topic", host = "nhnews.zjol.com.cn", lists = ["{odd}"] }}', "utf-8")
    (url,) = addresses(1)
    pages = {LIST: listing(url), url: article("一篇"), "http://nhnews.zjol.com.cn:8081/robots.txt": page("", 503)}
    pages[LIST + "robots.txt"] = page("User-agent: *\nDisallow:", kind="text/plain")
    with staged(pages) as proxy:
        settings = ("DOWNLOAD_DELAY=0", "RETRY_TIMES=0", *QUICK)
        done = crawl(proxy, tmp_path / "a", "nhnews", "x", "--channels", str(extra), settings=settings)
    its = done.summary["hosts"]["nhnews.zjol.com.cn"]["robots"]
    assert its == "rules; http://nhnews.zjol.com.cn:8081: unreachable: status 503"
    (told,) = (problem for problem in done.summary["problems"] if "robots.txt" in problem)
    assert told.startswith("nhnews.zjol.com.cn:8081: its robots.txt cannot be had")
    assert outcomes(tmp_path / "a")[url] == "new"


def test_reasons_are_words() -> None:
    lost = ResponseFailed([Failure(ConnectionLost()), Failure(ConnectionLost())])  # type: ignore[no-untyped-call]
    error = DownloadFailedError(str(lost))
    error.__cause__ = lost
    assert connect.plainly(error) == str(ConnectionLost())
    assert connect.plainly(TimeoutError()) == "TimeoutError"
    assert connect.plainly(ValueError("so it is")) == "so it is"


@pytest.mark.parametrize("header", ["1", "date"])
def test_no_request_while_a_host_said_retry_after_and_others_go_on(header: str, tmp_path: Path) -> None:
    here, there = addresses(6), addresses(6, OTHER)
    if header == "date":  # of whole seconds: at least one second from now
        header = format_datetime(datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=9), usegmt=True)
    pages: dict[str, Any] = {LIST: listing(*here), OTHER: listing(*there)}
    pages |= {url: article("一篇") for url in here + there}
    pages[LIST] = [page("busy", 429, Retry_After=header), listing(*here)]
    with staged(pages) as proxy:
        patience = "RETRY_PATIENCE=20"
        done = crawl(proxy, tmp_path, "nhnews", "cs", settings=("DOWNLOAD_DELAY=0.05", patience, *QUICK))
        log = [entry for entry in proxy.log if entry[2].startswith(LIST)]
        refused = next(n for n, entry in enumerate(log) if entry[3] == 429)
        until = log[refused][0] + 1
        if header != "1":
            until = datetime.strptime(header, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC).timestamp()
        assert min(when for when, *_ in log[refused + 1 :]) >= until - SLACK
        assert max(when for when, _, url, _ in proxy.log if url.startswith(OTHER)) < until
    assert outcomes(tmp_path)[here[5]] == "new", done.err


@pytest.mark.parametrize(
    ("status", "said"), [(500, ("1",)), (302, ("1",)), (404, ("1",)), (503, ("1", "soon")), (429, ("1", "0"))]
)
def test_whatever_says_retry_after_is_obeyed(status: int, said: tuple[str, ...], tmp_path: Path) -> None:
    urls = addresses(3)
    heads = (("Content-Type", "text/html"), ("Location", urls[2]), *(("Retry-After", one) for one in said))
    pages: dict[str, Any] = {LIST: listing(*urls[:2])} | {url: article("一篇") for url in urls}
    pages[urls[0]] = [Response(status, heads, b"<h1>later</h1>"), article("一篇")]
    with staged(pages) as proxy:
        crawl(proxy, tmp_path, "nhnews", settings=("DOWNLOAD_DELAY=0.05", *QUICK))
        log = [entry for entry in proxy.log if entry[2] != LIST + "robots.txt"]
        at = next(n for n, entry in enumerate(log) if entry[3] == status)
        assert all(when >= log[at][0] + 1 - SLACK for when, *_ in log[at + 1 :])
    assert outcomes(tmp_path)[urls[1]] == "new"


def test_requests_in_the_queue_wait_too(tmp_path: Path) -> None:
    urls = addresses(8)
    pages: dict[str, Any] = {LIST: listing(*urls)} | {url: article("一篇") for url in urls}
    pages[urls[2]] = [page("busy", 503, Retry_After="1"), article("一篇")]
    with staged(pages) as proxy:
        assert crawl(proxy, tmp_path, "nhnews", settings=("DOWNLOAD_DELAY=0.01", *QUICK)).code == 0
        refused = next(n for n, entry in enumerate(proxy.log) if entry[3] == 503)
        assert len(proxy.log) > refused + 2
        assert proxy.log[refused + 1][0] - proxy.log[refused][0] >= 1 - SLACK


def test_what_a_resting_host_holds_waits_under_that_name(tmp_path: Path) -> None:
    urls = addresses(12)
    pages: dict[str, Any] = {LIST: listing(*urls)} | {url: page("busy", 503, Retry_After="7200") for url in urls}
    with staged(pages) as proxy:
        done = crawl(proxy, tmp_path, "nhnews", settings=("DOWNLOAD_DELAY=0.05", *QUICK))
        assert len([url for url in asked(proxy) if url != LIST]) == 1
    assert done.code == 3
    assert done.summary["articles"] == {"resting": 11, "http_error": 1}
    assert (
        "nhnews.zjol.com.cn: it is too busy to be asked now: 11 addresses wait for a later run"
        in done.summary["problems"]
    )
    assert rows(tmp_path, "SELECT DISTINCT state FROM frontier WHERE kind = 'article'") == [("pending",)]


def test_pauses_grow_with_each_refusal_are_never_shorter_than_asked_and_end_with_an_answer() -> None:
    hosts = Hosts(delay=2)
    pauses = [hosts.refused("a", 0, now) for now in (0, 100, 200, 300)]
    for n, pause in enumerate(pauses):
        assert 2 * 2**n <= pause <= 2 * 2**n * (1 + JITTER)
    assert len({Hosts(delay=2).refused("a", 0, 0) for _ in range(20)}) > 1  # not in step with each other
    hosts.answered("a")
    assert hosts.refused("a", 0, 1000) <= 2 * (1 + JITTER)
    assert hosts.refused("a", 30, 2000) >= 30
    assert hosts.rest("a", 2010) >= 20
    assert hosts.rest("b", 2010) == 0


# -- robots ----------------------------------------------------------------------------------------------------------


def test_robots_are_asked_for_once_a_day_and_obeyed_from_the_archive(tmp_path: Path) -> None:
    refused, allowed = FIRST.replace("14_", "13_"), FIRST
    moved = LIST + "robots-2.txt"
    pages: dict[str, Any] = {LIST: listing(allowed, refused), allowed: article("一篇"), refused: article("别看")}
    pages |= {LIST + "robots.txt": page("", 301, Location=moved)}
    pages |= {moved: page("User-agent: *\nDisallow: /202609/t20260913", kind="text/plain")}
    settings = ("DOWNLOAD_DELAY=0", *QUICK)
    with staged(pages) as proxy:
        crawl(proxy, tmp_path, "nhnews", settings=settings)
        pages[LIST] = listing(allowed, refused.replace("1.shtml", "2.shtml"))
        done = crawl(proxy, tmp_path, "nhnews", settings=settings)
        assert [url for _, _, url, _ in proxy.log].count(LIST + "robots.txt") == 1
        assert done.summary["hosts"]["nhnews.zjol.com.cn"]["robots"] == "rules"
        assert done.summary["articles"] == {"robots": 1}
        crawl(proxy, tmp_path, "nhnews", settings=(*settings, "ROBOTS_LAST=0"))
        assert [url for _, _, url, _ in proxy.log].count(LIST + "robots.txt") == 2
        assert refused not in asked(proxy)


def test_of_a_huge_robots_txt_the_beginning_counts() -> None:
    """Whole, 16 MB of rules take half a gigabyte."""
    kept = b"User-agent: *\nDisallow: /secret\n"
    huge = kept + b"Disallow: /x\n" * 100_000
    read = beginning(huge)
    assert read.startswith(kept)
    assert read.endswith(b"Disallow: /x")
    assert len(read) <= MOST_ROBOTS
    assert beginning(kept) == kept


class HangsUp(Stage):
    """Closes the connection instead of answering for FIRST, and counts how often."""

    times = 0

    def respond(self, url: str, headers: Mapping[str, str] | None = None, look: int = 0) -> Response:
        if url == FIRST:
            self.times += 1
            raise ConnectionResetError
        return super().respond(url, headers, look)


def test_a_host_that_hangs_up_is_not_asked_again_at_once(tmp_path: Path) -> None:
    """On a connection that was used before, Twisted would."""
    stage = HangsUp({LIST: listing(FIRST)})
    with serve(cast(Portal, stage)) as proxy:
        done = crawl(proxy, tmp_path, "nhnews", settings=("DOWNLOAD_DELAY=0.2", "RETRY_TIMES=0", "SOFT_404_PROBE=0"))
        assert stage.times == 1
        assert done.summary["hosts"]["nhnews.zjol.com.cn"]["requests"] == len(proxy.log) + 1


# -- budget and hours ------------------------------------------------------------------------------------------------


def test_a_budget_bounds_a_host_and_says_what_it_left(tmp_path: Path) -> None:
    urls = addresses(9)
    pages = {LIST: listing(*urls)} | {url: article(f"第{url[-7]}篇") for url in urls}
    with staged(pages) as proxy:
        done = crawl(proxy, tmp_path, "nhnews", settings=("DOWNLOAD_DELAY=0", "HOST_BUDGET=5", *QUICK))
        assert len(proxy.log) == 5  # robots.txt, the list, three articles
        assert done.code == 0, done.err
        assert done.summary["articles"] == {"new": 3, "over_budget": 6}
        assert done.summary["notes"] == ["HOST_BUDGET=5: 6 addresses of 1 host wait for a later run"]
        done = crawl(proxy, tmp_path, "nhnews", settings=("DOWNLOAD_DELAY=0", *QUICK))
        assert done.summary["articles"] == {"new": 6}
    assert rows(tmp_path, "SELECT max(tries) FROM frontier WHERE kind = 'article'") == [(1,)]


def test_outside_the_hours_nobody_is_asked(tmp_path: Path) -> None:
    now = datetime.now(SHANGHAI)
    first, last = ((now + timedelta(hours=hours)).strftime("%H:%M") for hours in (2, 3))
    with staged({LIST: listing(FIRST)}) as proxy:
        done = crawl(proxy, tmp_path, "nhnews", settings=(f"OFF_PEAK={first}-{last}",))
        assert proxy.log == []
    assert done.code == 75
    assert f"OFF_PEAK={first}-{last}" in done.err


def test_a_run_ends_with_the_hours_and_says_what_it_left(tmp_path: Path) -> None:
    urls = addresses(200)
    pages = {LIST: listing(*urls)} | {url: article("一篇") for url in urls}
    with staged(pages) as proxy:
        last = datetime.now(SHANGHAI) + timedelta(seconds=12)
        hours = f"OFF_PEAK={(last - timedelta(hours=1)):%H:%M:%S}-{last:%H:%M:%S}"
        done = crawl(proxy, tmp_path, "nhnews", settings=("DOWNLOAD_DELAY=0.1", hours, *QUICK))
        assert max(when for when, *_ in proxy.log) < last.timestamp() + 1
    counts = done.summary["articles"]
    assert counts.get("new", 0) + counts["out_of_hours"] == 200
    assert counts["out_of_hours"] > 0
    assert done.code == 0
    assert f"{counts['out_of_hours']} addresses of 1 host wait for a later run" in done.summary["notes"][0]


@pytest.mark.parametrize(
    ("text", "moment", "has"),
    [
        ("22:00-07:00", time(22), True),
        ("22:00-07:00", time(6, 59), True),
        ("22:00-07:00", time(7), False),
        ("22:00-07:00", time(12), False),
        ("01:00-05:30", time(5, 29, 59), True),
        ("01:00-05:30", time(0, 59), False),
    ],
)
def test_hours(text: str, moment: time, has: bool) -> None:
    hours = Hours.of(text)
    assert hours is not None
    assert hours.has(datetime.combine(datetime(2026, 9, 14), moment, SHANGHAI).astimezone(UTC)) is has
    assert str(hours) == text
    assert Hours.of("") is None


# -- addresses -------------------------------------------------------------------------------------------------------

PRIVATE = (
    "10.0.0.1 127.0.0.1 127.1 2130706433 0x7f000001 169.254.169.254 192.168.1.1 172.16.0.1 100.64.0.1 0.0.0.0 224.0.0.1"
)
PRIVATE += " [::1] ::1 fe80::1 ::ffff:127.0.0.1 2002:7f00:1::1 fd00::1 localhost LOCALHOST. a.localhost printer.local db.internal"


@pytest.mark.parametrize("host", PRIVATE.split())
def test_what_is_private_is_known_in_any_notation(host: str) -> None:
    assert connect.private(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "jx.zjol.com.cn", "2001:4860:4860::8888", "localhost.example.org"])
def test_what_is_public(host: str) -> None:
    assert connect.private(host) is None


def channels_file(folder: Path, host: str) -> Path:
    path = folder / "channels.toml"
    path.write_text(
        f'[near]\nname = "近处"\nkind = "county"\nprefecture = "嘉兴"\nhost = "{host}"\nlists = ["http://{host}/"]\n'
    )
    return path


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "localhost"])
def test_a_private_address_is_not_asked_for_unless_it_is_named(host: str, tmp_path: Path) -> None:
    given = ("near", "--channels", str(channels_file(tmp_path, host)))
    with staged({f"http://{host}/": listing(f"http://{host}/202609/t20260914_31900001.shtml")}) as proxy:
        done = crawl(proxy, tmp_path / "a", *given, settings=("DOWNLOAD_DELAY=0", *QUICK))
        assert proxy.log == []
        assert (done.code, outcomes(tmp_path / "a")) == (3, {f"http://{host}/": "private_address"})
        crawl(proxy, tmp_path / "b", *given, settings=("DOWNLOAD_DELAY=0", f"PRIVATE_HOSTS={host}", *QUICK))
        assert len(proxy.log) > 1


LIAR = "import socket; socket.gethostbyname = lambda name: '127.0.0.1'; from zjcrawl.cli import main; main()"


@pytest.mark.parametrize(("allowed", "outcome"), [("", "private_address"), ("nhnews.zjol.com.cn", "robots")])
def test_a_name_that_leads_to_this_machine_is_not_connected_to(allowed: str, outcome: str, tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    words = ["crawl", "nhnews", "--archive", str(tmp_path), "--json"]
    for setting in (f"PRIVATE_HOSTS={allowed}", "RETRY_TIMES=0", "ZJCRAWL_CONTACT=me@example.org", *QUICK):
        words += ["-s", setting]
    done = subprocess.run([sys.executable, "-c", LIAR, *words], env=kept, capture_output=True, text=True, timeout=60)
    assert outcomes(tmp_path) == {LIST: outcome}, done.stderr


def test_every_answer_of_the_resolver_is_checked() -> None:
    resolver = PublicResolver(None, 0, 1.0)
    assert resolver._checked("8.8.8.8", "turns.example") == "8.8.8.8"
    with pytest.raises(DNSLookupError, match=r"turns\.example is 10\.0\.0\.1"):
        resolver._checked("10.0.0.1", "turns.example")
    assert resolver.refused.pop("turns.example") == "10.0.0.1"


@pytest.mark.parametrize(
    ("given", "lacks"),
    [
        (("ZJCRAWL_CONTACT=",), "no contact is given: set ZJCRAWL_CONTACT"),
        (("ZJCRAWL_CONTACT=me@example.org", "ROBOTSTXT_OBEY=0"), "robots.txt is not obeyed"),
    ],
)
def test_nothing_leaves_this_machine_without_a_contact_and_robots(
    given: tuple[str, ...], lacks: str, tmp_path: Path
) -> None:
    with staged({LIST: page("", 301, Location="https://nhnews.zjol.com.cn/")}) as proxy:
        done = crawl(
            proxy,
            tmp_path,
            "nhnews",
            "--log-format",
            "json",
            settings=("DOWNLOAD_DELAY=0", "ZJCRAWL_WORKERS=0", *given, *QUICK),
        )
    assert outcomes(tmp_path) == {LIST: "unreachable"}, done.err
    assert f"is not on this machine, and {lacks}" in done.err


def test_a_proxy_that_is_not_there_is_named_and_not_the_host(tmp_path: Path) -> None:
    with staged({LIST: page("")}) as proxy:
        pass
    done = crawl(proxy, tmp_path, "nhnews", settings=("DOWNLOAD_DELAY=0", "RETRY_TIMES=0", *QUICK))
    assert f"the proxy {proxy.url} cannot be reached" in done.err
    assert done.code == 75  # as where there is no network: no robots.txt can be had


# -- doors -----------------------------------------------------------------------------------------------------------


class Recorder(Stage):
    """Hand-made pages, and the headers of every request for one."""

    def respond(self, url: str, headers: Mapping[str, str] | None = None, look: int = 0) -> Response:
        seen.append((url, dict(headers or {})))
        return super().respond(url, headers, look)


seen: list[tuple[str, dict[str, str]]] = []


def test_cookies_are_not_kept_and_other_schemes_are_no_addresses(tmp_path: Path) -> None:
    secret = tmp_path / "secret.shtml"
    secret.write_text("<h1>不为人知</h1><p>这不是给人看的。</p>")
    doors = [f"file://{secret}", "data:text/html,<h1>x</h1>", "ftp://nhnews.zjol.com.cn/1.shtml", "s3://nhnews/1.shtml"]
    inside = addresses(len(doors))
    front = listing(FIRST, *inside, *doors)
    front = replace(front, headers=(*front.headers, ("Set-Cookie", "who=you; Path=/")))
    pages: dict[str, Any] = {LIST: front, FIRST: article("一篇")}
    pages |= {url: page("", 302, Location=door) for url, door in zip(inside, doors, strict=True)}
    seen.clear()
    with serve(cast(Portal, Recorder(pages))) as proxy:
        done = crawl(
            proxy, tmp_path / "archive", "nhnews", settings=("DOWNLOAD_DELAY=0", "ZJCRAWL_CONTACT=me@a.example", *QUICK)
        )
    assert "Traceback" not in done.err
    assert [url for url, headers in seen if "cookie" in headers] == []
    assert {headers["user-agent"] for _, headers in seen} == {f"zjcrawl/{__version__} (+me@a.example)"}
    assert {url for url, _ in seen} == {LIST + "robots.txt", LIST, FIRST, *inside}
    assert rows(tmp_path / "archive", "SELECT count(*) FROM captures WHERE final_url NOT LIKE 'http%'") == [(0,)]
    assert rows(tmp_path / "archive", "SELECT title FROM articles") == [("一篇",)]
    ended = outcomes(tmp_path / "archive")
    assert {ended[url] for url in inside} == {"offsite"}


@contextmanager
def self_signed(folder: Path) -> Iterator[tuple[int, list[bytes]]]:
    """A TLS server on loopback under a certificate of its own: its port, and what it was asked."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nhnews.zjol.com.cn")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
    )
    names = x509.SubjectAlternativeName([x509.DNSName("nhnews.zjol.com.cn")])
    made = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path = folder / "server.pem"
    path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    heard: list[bytes] = []

    def talk(listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError), context.wrap_socket(connection, server_side=True) as channel:
                heard.append(channel.recv(4096))
                channel.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=talk, args=(listening,), daemon=True)
        thread.start()
        yield listening.getsockname()[1], heard
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize(("verify", "outcome"), [("True", "robots"), ("False", "gone")])
def test_a_certificate_that_nobody_vouches_for_is_refused(verify: str, outcome: str, tmp_path: Path) -> None:
    with self_signed(tmp_path) as (port, heard):
        pages = {LIST: page("", 301, Location=f"https://nhnews.zjol.com.cn:{port}/")}
        extra = tmp_path / "more.toml"  # only what names a port may be asked at it
        its = (
            f'name = "x", kind = "topic", host = "nhnews.zjol.com.cn", lists = ["https://nhnews.zjol.com.cn:{port}/x/"]'
        )
        extra.write_text(f"x = {{ {its} }}", "utf-8")
        words = ["crawl", "nhnews", "--archive", str(tmp_path / "archive"), "--json", "--channels", str(extra)]
        settings = ("PRIVATE_HOSTS=nhnews.zjol.com.cn", "RETRY_TIMES=0", "ZJCRAWL_CONTACT=me@example.org")
        for setting in (*settings, f"DOWNLOAD_VERIFY_CERTIFICATES={verify}", "DOWNLOAD_DELAY=0", *QUICK):
            words += ["-s", setting]
        with staged(pages) as proxy:
            done = subprocess.run(
                [sys.executable, "-c", LIAR, *words], env=environment(proxy), capture_output=True, text=True, timeout=60
            )
    assert outcomes(tmp_path / "archive") == {LIST: outcome}, done.stderr
    assert bool(heard) is (verify == "False")


def test_slow_hosts_hold_no_other_up(tmp_path: Path) -> None:
    known = channels.load().channels
    slow = [
        slug for slug, channel in known.items() if channel.lists == (f"http://{channel.host}/",) and slug != "nhnews"
    ][:40]
    pages: dict[str, Any] = {}
    for front in (known[slug].lists[0] for slug in slow):
        newest, *others = (
            front + "202609/t20260915_31900200.shtml",
            *addresses(3, front),
        )  # the newest is asked for first
        pages |= {front: listing(newest, *others), newest: Response(0, (), b"", "hang")}
        pages |= {url: article("一篇") for url in others}
    assert len(slow) > 32  # which would be all places that a run usually has
    good = addresses(12)
    pages |= {LIST: listing(*good)} | {url: article("一篇") for url in good}
    with staged(pages) as proxy:
        settings = ("DOWNLOAD_DELAY=0.2", "DOWNLOAD_TIMEOUT=12", "RETRY_TIMES=0", *QUICK)
        crawl(proxy, tmp_path, "nhnews", *slow, "--listing-pages", "1", settings=settings)
        times = {url: when for when, _, url, _ in proxy.log}
    assert {outcomes(tmp_path)[url] for url in good} == {"new"}
    slowest = min(when for url, when in times.items() if url not in (LIST, *good) and "t20260914" in url)
    assert max(times[url] for url in good) < slowest  # before any of the others has had its time
