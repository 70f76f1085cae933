"""The log of a run: JSON is one object a line and one line an outcome, and no form of it tells a secret."""

import io
import json
import logging
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crawling import FAST, Done, article, crawl, environment, listing, outcomes, page, staged
from zjcrawl.logs import FIELDS, JsonLines, redacted

LIST = "http://nhnews.zjol.com.cn/"
GOOD = LIST + "202609/t20260914_0000001.shtml"
ASKED = LIST + "system/2026/09/14/news.shtml?id=892350&token=S3CRET"
BROKEN = LIST + "system/2026/09/14/news.shtml?id=892351&sessionid=S3CRET"
PAGES = {
    LIST: listing(GOOD, ASKED, BROKEN),
    GOOD: article("有一篇稿"),
    ASKED: article("另一篇稿"),
    BROKEN: page("", 500),
}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://h/a?id=892350&page=2", "http://h/a?id=892350&page=2"),
        ("GET http://h/a?id=1&token=abc: no answer", "GET http://h/a?id=1&token=… no answer"),
        ("http://h/a?token=123456", "http://h/a?token=…"),
        ("http://h/a?eyJhbGciOi", "http://h/a?…"),
        ("http://h/a?id=1#access_token=abc", "http://h/a?id=1#access_token=abc".replace("access_token=abc", "…")),
        ("http://h/a#top", "http://h/a#top"),
        ("http://user:pa55@proxy:3128/ refused", "http://proxy:3128/ refused"),
        ("'/news?sig=abc;x=' \"/b?q=嘉兴\"", "'/news?sig=…;x=' \"/b?q=…\""),
        ("what?ever=1 and 3/4 of it", "what?ever=1 and 3/4 of it"),
    ],
)
def test_what_a_query_hides_is_not_shown(text: str, shown: str) -> None:
    assert redacted(text) == shown


@given(st.text("abZ09/?&=#;@:. '\"嘉", max_size=60))
def test_redacting_again_changes_nothing(text: str) -> None:
    assert redacted(redacted(text)) == redacted(text)


def test_a_long_line_takes_no_longer_than_its_length() -> None:
    began = time.perf_counter()
    for text in ("/" * 500_000, "?" * 500_000, "//@" * 200_000, "/?" + "a=b&" * 200_000):
        redacted(text)
    assert time.perf_counter() - began < 5


@given(st.text(), st.text(), st.dictionaries(st.text(), st.one_of(st.integers(), st.text())))
def test_any_record_is_one_object_on_one_line(message: str, value: str, fields: dict[str, Any]) -> None:
    record = (
        logging.LogRecord("zjcrawl", logging.INFO, "", 1, message + "%s", (value,), None)
        if "%" not in message
        else (logging.LogRecord("zjcrawl", logging.INFO, "", 1, message, (), None))
    )
    setattr(record, FIELDS, fields)
    line = JsonLines().format(record)
    assert len(line.splitlines()) == 1
    assert {"time", "level", "logger", "message"} <= set(json.loads(line))


def test_what_went_wrong_is_part_of_the_line() -> None:
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JsonLines())
    logger = logging.Logger("zjcrawl.test")
    logger.addHandler(handler)
    try:
        raise ValueError("http://h/?token=S3CRET")
    except ValueError:
        logger.exception("it broke")
    told = json.loads(handler.stream.getvalue())
    assert "ValueError: http://h/?token=…" in told["exception"]


def run(tmp_path: Path, *arguments: str, settings: tuple[str, ...] = FAST) -> Done:
    with staged(PAGES) as proxy:
        named = environment(proxy) | {"http_proxy": proxy.url.replace("://", "://me:S3CRET@")}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tests.crawling.environment", lambda _: named)
            return crawl(proxy, tmp_path, "nhnews", *arguments, settings=settings)


@pytest.mark.parametrize("level", [(), ("LOG_LEVEL=DEBUG",)], ids=["usual", "debug"])
def test_json_has_one_object_a_line_and_one_line_an_outcome(tmp_path: Path, level: tuple[str, ...]) -> None:
    done = run(tmp_path, "--log-format", "json", settings=(*FAST, *level))
    assert done.code == 3
    told = [json.loads(line) for line in done.err.splitlines()]
    assert all({"time", "level", "logger", "message"} <= set(one) for one in told)
    ended = {one["url"]: one for one in told if one["logger"] == "zjcrawl.outcomes"}
    assert Counter(one["logger"] for one in told)["zjcrawl.outcomes"] == len(ended) == len(PAGES)
    assert {url: one["outcome"] for url, one in ended.items()} == {
        redacted(url): outcome for url, outcome in outcomes(tmp_path).items()
    }
    assert ended[redacted(BROKEN)]["why"]
    assert {one["run"] for one in ended.values()} == {1}
    if not level:
        assert len(told) == len(PAGES) + 1
    (end,) = (one for one in told if one["message"] == "the run ended")
    assert (end["exit_code"], end["problems"]) == (3, done.summary["problems"])
    assert "S3CRET" not in done.err


def test_lines_reconcile_with_the_summary_also_where_nobody_was_asked(tmp_path: Path) -> None:
    urls = [LIST + f"202609/t20260914_000001{n}.shtml" for n in range(9)]
    elsewhere = [f"http://elsewhere.example/202609/t20260914_000002{n}.shtml" for n in range(3)]
    pages = {LIST: listing(*urls, *elsewhere)} | {url: page("", 500) for url in urls}
    with staged(pages) as proxy:
        settings = ("DOWNLOAD_DELAY=0", "RETRY_DELAY=0.3", "SOFT_404_PROBE=0", "HOST_BUDGET=6")
        done = crawl(proxy, tmp_path, "nhnews", "--log-format", "json", settings=settings)
    lines = [json.loads(line) for line in done.err.splitlines()]
    ended = [one for one in lines if one["logger"] == "zjcrawl.outcomes"]
    counted: Counter[str] = Counter()
    for one in ended:
        counted[one["outcome"]] += one.get("count", 1)
    assert counted == Counter(done.summary["articles"]) + Counter(done.summary["listings"])
    assert counted.total() == len(pages) + len(elsewhere)
    assert counted["http_error"] > 0 < counted["over_budget"]
    assert counted["offsite"] == len(elsewhere)
    assert len([one for one in ended if "count" in one]) == 2
    assert len({one["url"] for one in ended if "url" in one}) == len(ended) - 2


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_text_tells_no_secret_either(tmp_path: Path, level: str) -> None:
    done = run(tmp_path, settings=(*FAST, f"LOG_LEVEL={level}"))
    assert done.code == 3
    assert "S3CRET" not in done.err
    assert ": http_error" not in done.err


def test_a_wrong_format_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "--log-format", "xml")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    done = run(tmp_path, settings=("ZJCRAWL_LOG_FORMAT=xml",))
    assert (done.code, len(done.err.splitlines())) == (78, 1)
