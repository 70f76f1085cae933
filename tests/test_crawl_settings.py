"""What a command line asks for, as an order and as settings."""

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.crawling import registry
from zjcrawl.connect import is_here
from zjcrawl.crawl import _prepare, order_of, settings_from
from zjcrawl.errors import ConfigError, InputError
from zjcrawl.hosts import MAX_PAUSE, retry_after
from zjcrawl.setting_kinds import check

KNOWN = registry("jx", "nhnews")


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing leaves this machine, and a log stays out of the project."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HTTP_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")


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


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "proxy", ["socks5://127.0.0.1:1080", "http://127.0.0.1:99999", "http://:3128", "http://me:secret@127.0.0.1:x"]
)
def test_a_proxy_that_is_none_is_refused(scheme: str, proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{scheme}_proxy", proxy)
    with pytest.raises(ConfigError, match=f"{scheme}_proxy.*http://HOST:PORT") as error:
        _prepare(settings_from([]))
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("proxy", ["127.0.0.1:3128", "http://me:secret@127.0.0.1:3128/", "https://localhost"])
def test_a_proxy_may_be_named_in_many_ways(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    _prepare(settings_from([]))


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


@pytest.mark.parametrize(
    ("pair", "wanted"),
    [
        ("RETRY_TIMES=often", "a whole number of 0 or more"),
        ("RETRY_TIMES=-5", "a whole number of 0 or more"),
        ("RETRY_TIMES=1.5", "a whole number of 0 or more"),
        ("DOWNLOAD_MAXSIZE=1M", "a whole number"),
        ("CONCURRENT_REQUESTS=0", "a whole number of 1 or more"),
        ("CONCURRENT_REQUESTS_PER_DOMAIN=0", "a whole number of 1 or more"),
        ("DOWNLOAD_DELAY=soon", "a number of 0 or more"),
        ("DOWNLOAD_DELAY=-1", "a number of 0 or more"),
        ("DOWNLOAD_DELAY=nan", "a number of 0 or more"),
        ("DOWNLOAD_DELAY=inf", "a number of 0 or more"),
        ("DOWNLOAD_DELAY_JITTER=2", "a number from 0 to 1"),
        ("RETRY_PATIENCE=", "a number of 0 or more"),
        ("DOWNLOAD_TIMEOUT=0", "a number greater than 0"),
        ("DOWNLOAD_TIMEOUT=x", "a number"),
        ("ROBOTSTXT_OBEY=maybe", "True or False"),
        ("RETRY_HTTP_CODES=often", "a list of HTTP statuses"),
        ("RETRY_HTTP_CODES=5000", "a list of HTTP statuses"),
        ("DOWNLOAD_HANDLERS=x", "a JSON object"),
        ("ITEM_PIPELINES=[]", "a JSON object"),
        ("EXTENSIONS=x", "a JSON object"),
        ("LOG_LEVEL=FOO", "one of CRITICAL, ERROR, WARNING, INFO, DEBUG"),
        ("ZJCRAWL_ARCHIVE= ", "the name of a folder"),
        ("ZJCRAWL_CONTACT=a\nb", "without control characters"),
        ("ZJCRAWL_CONTACT=foo", "an e-mail address or an http"),
        ("ZJCRAWL_CONTACT=me@localhost", "an e-mail address or an http"),
        ("ZJCRAWL_CONTACT=me@example.org) bot (", "an e-mail address or an http"),
        ("ZJCRAWL_CONTACT=http://", "an e-mail address or an http"),
        ("ZJCRAWL_CONTACT=http://[", "an e-mail address or an http"),
        ("ZJCRAWL_CONTACT=ftp://example.org/", "an e-mail address or an http"),
        ("RECHECK_SCHEDULE=often", "AGE:PAUSE"),
        ("HOST_BUDGET=-1", "a whole number of 0 or more"),
        ("CRAWL_DELAY_MAX=ages", "a number of 0 or more"),
        ("OFF_PEAK=night", "two different times of a day in Shanghai"),
        ("OFF_PEAK=22:00-22:00", "two different times of a day in Shanghai"),
        ("OFF_PEAK=22:00-25:00", "two different times of a day in Shanghai"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(pair: str, wanted: str) -> None:
    with pytest.raises(ConfigError, match=wanted) as told:
        settings_from([pair])
    assert pair.partition("=")[0] in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "pair",
    [
        "RETRY_TIMES=0", "DOWNLOAD_DELAY=0.25", "ROBOTSTXT_OBEY=0", "ROBOTSTXT_OBEY=True", "LOG_LEVEL=DEBUG",
        "RETRY_HTTP_CODES=429, 503", "RETRY_HTTP_CODES=", "DOWNLOAD_HANDLERS={\"ftp\": null}", "LOG_FILE=a.log",
        "RETRY_PRIORITY_ADJUST=-2", "JOBDIR=", "RECHECK_SCHEDULE=1d",
        "OFF_PEAK=00:00-23:59:59", "HOST_BUDGET=10", "PRIVATE_HOSTS=a.example",
        "ZJCRAWL_CONTACT=https://example.org/~me?about=zjcrawl", "ZJCRAWL_CONTACT=王蓉@例子.中国", "ZJCRAWL_CONTACT=mailto:me@a.example",
    ],
)  # fmt: skip
def test_a_setting_that_can_be_used(pair: str) -> None:
    name, _, value = pair.partition("=")
    settings = settings_from([pair])
    assert name in settings
    if not value.startswith("{"):
        assert settings[name] == value
    _prepare(settings)


def test_every_setting_of_ours_and_of_scrapys_passes_as_it_is() -> None:
    usual = settings_from(())
    check(dict(usual), usual)


@pytest.mark.parametrize(
    ("name", "meant"), [("DOWNLOD_DELAY", "DOWNLOAD_DELAY"), ("ZJCRAWL_CONTCT", "ZJCRAWL_CONTACT")]
)
def test_an_unknown_setting_is_named_with_the_likeliest(name: str, meant: str) -> None:
    with pytest.raises(InputError, match=f"there is no setting {name}: did you mean {meant}?"):
        settings_from([f"{name}=1"])


def test_who_leaves_this_machine_without_a_contact_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("http_proxy")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    for contact in ("", " "):
        with pytest.raises(InputError, match="export ZJCRAWL_CONTACT="):
            _prepare(settings_from([f"ZJCRAWL_CONTACT={contact}"]))


@pytest.mark.parametrize("proxy", [None, "http://proxy.example.org:3128"])
def test_who_leaves_this_machine_obeys_robots(proxy: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if proxy:
        monkeypatch.setenv("http_proxy", proxy)
    else:
        monkeypatch.delenv("http_proxy")
    with pytest.raises(ConfigError, match="ROBOTSTXT_OBEY=False is refused"):
        _prepare(settings_from(["ROBOTSTXT_OBEY=False", "ZJCRAWL_CONTACT=me@example.org"]))
    _prepare(settings_from(["ROBOTSTXT_OBEY=True", "ZJCRAWL_CONTACT=me@example.org"]))


def test_a_contact_is_asked_for_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("http_proxy")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.prompt", lambda *_, **__: "me@example.org")
    settings = settings_from([])
    _prepare(settings)
    assert settings["USER_AGENT"] == "zjcrawl/0.1.0 (+me@example.org)"
    monkeypatch.setattr("click.prompt", lambda *_, **__: "a\nb")
    with pytest.raises(InputError, match="without control characters"):
        _prepare(settings_from([]))
    monkeypatch.setattr("click.prompt", lambda *_, **__: "foo")
    with pytest.raises(InputError, match="'foo' cannot be used: it must be an e-mail address"):
        _prepare(settings_from([]))


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
def test_whether_a_run_leaves_this_machine(proxy: str, stays: bool) -> None:
    assert is_here(proxy) is stays


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
    "wishes",
    [
        {"channels": "jx, nhnews"},
        {"channels": ("jx", "nhnews")},
        {"channels": "jx,,nhnews,"},
        {"channels": ("jx,nhnews",)},
        {},
    ],
)
def test_channels_by_name_either_way(wishes: dict[str, Any]) -> None:
    assert order_of(KNOWN, **wishes).slugs == ["jx", "nhnews"]


@pytest.mark.parametrize("channels", ["", " ", ",", ("",), (",", " ")])
def test_no_name_is_not_all_channels(channels: Any) -> None:
    with pytest.raises(InputError, match="no channel is named"):
        order_of(KNOWN, channels=channels)


@pytest.mark.parametrize("wish", ["limit", "listing_pages", "rechecks"])
@pytest.mark.parametrize("value", ["", "few", "-1", "1.5", -1])
def test_what_is_no_count_is_refused(wish: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"--{wish.replace('_', '-')} .* is no whole number of"):
        order_of(KNOWN, **{wish: value})


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


def test_retry_after_a_date_as_asctime_writes_it_is_in_utc() -> None:
    asked = (datetime.now(UTC) + timedelta(seconds=100)).strftime("%a %b %d %H:%M:%S %Y").encode()
    assert 98 < retry_after(asked) <= 100


def test_retry_after_in_the_past_is_now() -> None:
    assert retry_after(b"Wed, 21 Oct 2009 07:28:00 GMT") == 0
