"""One crawl against every fault of the hostile portal at once: it ends by itself, in little memory, and tells the truth."""

import json
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.crawling import ZJCRAWL, command, environment, outcomes, registry, rows
from zjcrawl.model import Fault, Portal, Switches, serve, strangers

SLUGS = ("nhnews", "hyxww", "nb", "wz", "sx", "tz", "jinhua", "qz", "zsxq", "lstk", "huzhou", "hangzhou")
DELAY, TIMEOUT, BUDGET, MEGABYTES = 0.05, 4.0, 60, 300
SETTINGS = (
    f"DOWNLOAD_DELAY={DELAY}", f"DOWNLOAD_TIMEOUT={TIMEOUT}", f"HOST_BUDGET={BUDGET}", "DOWNLOAD_MAXSIZE=4000000",
    "RETRY_TIMES=1", "RETRY_DELAY=0.1", "SOFT_404_PROBE=0",
)  # fmt: skip

# fault → (outcomes that it may end in, how often it may be asked for)
ARTICLES: dict[Fault, tuple[set[str], int]] = {
    "dead": ({"http_error"}, 2),
    "hang": ({"unreachable"}, 2),
    "truncate": ({"unreachable", "incomplete"}, 2),
    "redirect-loop": ({"redirect_loop"}, 2),
    "home": ({"gone"}, 1),
    "soft-404": ({"gone"}, 1),
    "drip": ({"unreachable"}, 2),
    "endless": ({"too_large"}, 2),
    "header-flood": ({"too_large"}, 2),
    "gzip-bomb": ({"too_large"}, 2),
    "brotli": ({"not_html"}, 1),
    "429": ({"new"}, 2),
    "503": ({"new"}, 2),
}
WHOLE_HOSTS: tuple[Fault, ...] = ("robots-503", "robots-refuse", "retry-after", "many-links", "calendar")


@dataclass(frozen=True)
class Played:
    """What came of it: the server's log, the archive, the summary, seconds and megabytes."""

    portal: Portal
    hurt: dict[str, Fault]
    hosts: dict[Fault, str]
    log: list[tuple[float, str, str, int]]
    archive: Path
    summary: dict[str, Any]
    code: int
    said: str
    seconds: float
    megabytes: float

    def asked(self, url: str) -> int:
        return sum(asked.partition("?")[0] == url for _, _, asked, _ in self.log)


def peak(process: int) -> int:
    """The most memory that a process had at a time so far, in kilobytes; getrusage's is also that of whoever started it."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) if found else 0


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("strangers")
    plain = Portal(7, 240, registry=registry(*SLUGS))
    fronts = sorted(plain.hosts)
    hosts: dict[Fault, str] = dict(zip(WHOLE_HOSTS, fronts, strict=False))
    sound = [
        url
        for n in plain.numbers()
        if not plain.stub(n) and urlsplit(url := plain.url(n)).hostname not in hosts.values()
    ]
    hurt: dict[str, Fault] = dict(zip(sound[-2 * len(ARTICLES) :: 2], ARTICLES, strict=True))
    faults: defaultdict[Fault, set[str]] = defaultdict(set)
    for where, fault in [*hurt.items(), *((host, fault) for fault, host in hosts.items())]:
        faults[fault].add(where)
    portal = Portal(7, 240, Switches(faults=faults), registry=registry(*SLUGS))
    strangers.bomb()  # made before the clock runs
    with serve(portal) as proxy, (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        began = time.monotonic()
        words = command(folder / "archive", *SLUGS, settings=SETTINGS)
        process = subprocess.Popen(words, env=environment(proxy), stdout=out, stderr=err)
        kilobytes = 0
        while process.poll() is None:
            kilobytes = max(kilobytes, peak(process.pid))
            time.sleep(0.1)
        seconds, log = time.monotonic() - began, list(proxy.log)
    said = (folder / "err").read_text()
    summary = json.loads((folder / "out").read_text() or "{}")
    return Played(
        portal, hurt, hosts, log, folder / "archive", summary, process.returncode, said, seconds, kilobytes / 1024
    )


def test_it_ends_by_itself_in_little_memory_and_says_that_something_is_missing(played: Played) -> None:
    assert played.code == 3, played.said
    assert "Traceback" not in played.said
    assert played.seconds < 120
    assert 50 < played.megabytes < MEGABYTES


@pytest.mark.parametrize("fault", ARTICLES)
def test_each_fault_has_its_outcome_and_is_not_asked_for_without_end(fault: Fault, played: Played) -> None:
    url = next(url for url, its in played.hurt.items() if its == fault)
    expected, times = ARTICLES[fault]
    assert outcomes(played.archive)[url] in expected
    assert 1 <= played.asked(url) <= times * (6 if fault == "redirect-loop" else 1)


def test_good_pages_are_in_the_archive_word_for_word(played: Played) -> None:
    ended = outcomes(played.archive)
    barred = set(played.hosts.values())
    good = [
        url
        for number in played.portal.numbers()
        if (url := played.portal.url(number)) in ended
        and url not in played.hurt
        and urlsplit(url).hostname not in barred
    ]
    assert len(good) > 60
    held = {url: (title, body) for url, title, body in rows(played.archive, "SELECT url, title, body FROM articles")}
    for url in good:
        truth = played.portal.truth(url)
        assert truth is not None
        assert held[url] == (truth["title"], truth["body"]), (url, ended[url])


def test_outcomes_of_the_archive_are_those_of_the_summary(played: Played) -> None:
    kinds = {"article": "articles", "listing": "listings"}
    for kind, name in kinds.items():
        counted = rows(
            played.archive,
            f"SELECT outcome, count(*) FROM frontier WHERE kind = '{kind}' AND run_id = 1 AND outcome IS NOT NULL GROUP BY 1",
        )
        assert dict(counted) == played.summary[name]
    nameless = rows(played.archive, "SELECT count(*) FROM frontier WHERE outcome IS NULL")
    assert nameless == [(0,)]
    assert rows(played.archive, "SELECT count(*) FROM frontier WHERE state = 'in_flight'") == [(0,)]


def test_what_the_server_answered_is_in_the_archive(played: Played) -> None:
    kept = Counter(url for (url,) in rows(played.archive, "SELECT final_url FROM captures"))
    never = {url for url, fault in played.hurt.items() if fault in ("hang", "drip", "endless", "header-flood")}
    answered = Counter(url for _, _, url, _ in played.log if url not in never)
    assert not kept - answered
    assert (answered - kept).total() <= played.said.count("took longer")


def test_hosts_were_asked_as_stated(played: Played) -> None:
    times: defaultdict[str, list[float]] = defaultdict(list)
    for when, _, url, _ in played.log:
        times[urlsplit(url).hostname or ""].append(when)
    assert set(times) <= set(played.portal.hosts)
    for host, of in times.items():
        assert len(of) <= BUDGET, host
        assert of[-1] - of[0] >= (len(of) - 1) * DELAY - TIMEOUT, host  # one may arrive late where the server is busy
    assert len(times[played.hosts["retry-after"]]) == 2  # robots.txt, and what it refused
    assert {url for _, _, url, _ in played.log if played.hosts["robots-503"] in url} == {
        f"http://{played.hosts['robots-503']}/robots.txt"
    }
    assert len(times[played.hosts["robots-refuse"]]) == 1


def test_the_archive_keeps_every_promise(played: Played) -> None:
    words = [sys.executable, "-c", ZJCRAWL, "verify", "--archive", str(played.archive), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ten_thousand_links_are_known_and_wait(played: Played) -> None:
    host = played.hosts["many-links"]
    found = rows(
        played.archive,
        f"SELECT outcome, count(*) FROM frontier WHERE host = '{host}' AND url LIKE '%t20260101_4%' GROUP BY 1",
    )
    assert 9_900 < sum(count for _, count in found) <= 10_000  # a page of 20,000 elements is read so far
    assert dict(found)["over_budget"] > 9_800
    assert any(note.startswith(f"HOST_BUDGET={BUDGET}: ") for note in played.summary["notes"])
