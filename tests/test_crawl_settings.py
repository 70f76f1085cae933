"""What a command line asks for, as an order and as settings."""

from datetime import date
from typing import Any

import pytest

from tests.crawling import registry
from zjcrawl.crawl import _prepare, _stays_here, order_of, settings_from
from zjcrawl.errors import ConfigError, InputError
from zjcrawl.spiders.news import MAX_PAUSE, retry_after

KNOWN = registry("jx", "nhnews")


def test_settings_of_a_good_guest() -> None:
    settings = settings_from([])
    assert settings.getbool("ROBOTSTXT_OBEY")
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    assert (settings.getfloat("DOWNLOAD_DELAY"), settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")) == (1, 1)
    assert settings.getint("DOWNLOAD_MAXSIZE") <= 16 * 1024 * 1024
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler} == {"http", "https"}
    for door in ("COOKIES_ENABLED", "TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED"):
        assert not settings.getbool(door)


def test_settings_are_overridden_by_pairs() -> None:
    settings = settings_from(["DOWNLOAD_DELAY=2.5", "USER_AGENT=a=b"], ZJCRAWL_ARCHIVE="there", ZJCRAWL_CHANNELS=None)
    assert settings.getfloat("DOWNLOAD_DELAY") == 2.5
    assert settings["USER_AGENT"] == "a=b"
    assert settings["ZJCRAWL_ARCHIVE"] == "there"


@pytest.mark.parametrize("pair", ["DOWNLOAD_DELAY", "=1", "no name=1"])
def test_what_is_no_pair_is_refused(pair: str) -> None:
    with pytest.raises(InputError, match="NAME=VALUE"):
        settings_from([pair])


def test_the_user_agent_says_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    for contact, said in (("me@example.org", "(+me@example.org)"), ("", "(+no contact given)")):
        settings = settings_from([f"ZJCRAWL_CONTACT={contact}"])
        _prepare(settings)
        assert settings["USER_AGENT"] == f"zjcrawl/0.1.0 {said}"
    settings = settings_from(["USER_AGENT=mine"])
    _prepare(settings)
    assert settings["USER_AGENT"] == "mine"


@pytest.mark.parametrize("pair", ["RETRY_TIMES=often", "DOWNLOAD_DELAY=soon", "RETRY_PATIENCE=", "DOWNLOAD_MAXSIZE=1M"])
def test_a_setting_that_is_no_number_is_refused(pair: str) -> None:
    with pytest.raises(ConfigError, match="no number"):
        _prepare(settings_from([pair]))


@pytest.mark.parametrize(
    ("proxy", "stays"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080", True),
        ("http://[::1]:8080", True),
        ("http://proxy.example.org:8080", False),
        ("http://10.0.0.1:8080", False),
        ("", False),
    ],
)
def test_whether_a_run_leaves_this_machine(proxy: str, stays: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", proxy)
    assert _stays_here() is stays


@pytest.mark.parametrize(
    ("wishes", "since", "until"),
    [
        ({}, None, None),
        ({"since": "2019-07-24"}, date(2019, 7, 24), None),
        ({"since": "2019-07", "until": "2019-07"}, date(2019, 7, 1), date(2019, 7, 31)),
        ({"since": "2019", "until": "2020-02"}, date(2019, 1, 1), date(2020, 2, 29)),
        ({"until": "2019"}, None, date(2019, 12, 31)),
    ],
)
def test_dates_are_days_months_or_years(wishes: dict[str, str], since: date | None, until: date | None) -> None:
    order = order_of(KNOWN, **wishes)  # type: ignore[arg-type]
    assert (order.since, order.until) == (since, until)


@pytest.mark.parametrize(
    "text", ["", "x", "2019-13", "2019-02-30", "2019-1-1-1", "-1", "2019-", "24.07.2019", "2019-00-10"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--since"):
        order_of(KNOWN, since=text)


@pytest.mark.parametrize(
    "wishes", [{"channels": "jx, nhnews"}, {"channels": ("jx", "nhnews")}, {"channels": "jx,,nhnews,"}]
)
def test_channels_by_name_either_way(wishes: dict[str, Any]) -> None:
    assert order_of(KNOWN, **wishes).slugs == ["jx", "nhnews"]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        (b"", 0),
        (b"7", 7),
        (b" 120 ", 120),
        (b"-3", 0),
        (b"soon", 0),
        (b"\xb2", 0),
        (b"Wed, 21 Oct 2015 07:28:00 GMT", 0),
    ],
)
def test_retry_after(header: bytes | None, seconds: float) -> None:
    assert retry_after(header) == seconds


def test_retry_after_a_date() -> None:
    assert retry_after(b"Wed, 21 Oct 2099 07:28:00 GMT") == MAX_PAUSE


@pytest.mark.parametrize("asked", [b"99999999999999999999", b"1" * 4000, b"Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_host_that_asks_for_ages_is_asked_again_after_a_day(asked: bytes) -> None:
    assert retry_after(asked) == MAX_PAUSE


def test_retry_after_in_the_past_is_now() -> None:
    assert retry_after(b"Wed, 21 Oct 2009 07:28:00 GMT") == 0
