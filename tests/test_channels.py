"""The registry: complete, and clear about a wrong entry."""

from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from zjcrawl import channels
from zjcrawl.errors import ConfigError, InputError


def test_every_known_host_is_there() -> None:
    kinds = Counter(channel.kind for channel in channels.load().channels.values())
    assert kinds == {"city": 11, "county": 51, "topic": 27, "epaper": 8}


def test_a_slug_is_the_first_label_of_its_host() -> None:
    for slug, channel in channels.load().channels.items():
        assert channel.host.split(".")[0] == slug
        assert channel.name
        assert channel.prefecture or channel.kind in ("topic", "epaper")


def test_epapers_are_known_but_not_crawled() -> None:
    registry = channels.load()
    assert "qjwb" in registry.channels
    assert "qjwb" not in {channel.slug for channel in registry.select()}
    with pytest.raises(InputError, match="not crawled yet"):
        registry.select(["qjwb"])


def test_a_column_claims_what_lies_below_it() -> None:
    registry = channels.load()
    assert registry.of("http://zjnews.zjol.com.cn/zjnews/jxnews/201704/t20170419_3481696.shtml") == "jx"
    assert registry.of("http://zjnews.zjol.com.cn/zjxc/202609/t20260914_1.shtml") == "zjnews"
    assert registry.of("http://cs.zjol.com.cn/zjbd/jx16506/201809/t20180907_8211820.shtml") == "jx"
    assert registry.of("http://jx.zjol.com.cn/") == "jx"
    assert registry.of("http://example.org/") is None


@pytest.mark.parametrize("slug", ["nosuch", "JX", "嘉兴"])
def test_an_unknown_channel_is_named(slug: str) -> None:
    with pytest.raises(InputError, match="unknown channel") as told:
        channels.load().select([slug])
    assert slug in str(told.value)


def test_a_file_adds_and_overrides(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'jx = { lists = ["http://jx.zjol.com.cn/jxxw/"] }\n'
        'new1 = { name = "新", kind = "county", host = "new1.zjol.com.cn" }\n',
        "utf-8",
    )
    registry = channels.load(file)
    assert registry.channels["jx"].lists == ("http://jx.zjol.com.cn/jxxw/",)
    assert registry.channels["jx"].name == "嘉兴"
    assert registry.channels["new1"].lists == ("http://new1.zjol.com.cn/",)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('new1 = { name = "新", kind = "county", host = "new1.zjol.com.cn" }\n', "utf-8-sig")
    assert channels.load(file).channels["new1"].name == "新"


def test_two_channels_share_a_host_by_columns(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'sport = { name = "体育", kind = "topic", host = "jx.zjol.com.cn", lists = ["http://jx.zjol.com.cn/ty/"] }\n',
        "utf-8",
    )
    registry = channels.load(file)
    assert registry.of("http://jx.zjol.com.cn/ty/202609/t20260919_1.shtml") == "sport"
    assert registry.of("http://jx.zjol.com.cn/202609/t20260919_1.shtml") == "jx"


def test_a_channel_without_its_front_page_still_has_its_host(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('jx = { lists = ["http://jx.zjol.com.cn/jxxw/"] }\n', "utf-8")
    assert channels.load(file).of("http://jx.zjol.com.cn/else/t20260919_1.shtml") == "jx"


@pytest.mark.parametrize(
    ("host", "lists", "claimed"),
    [
        ("jx.zjol.com.cn", None, "http://jx.zjol.com.cn/"),
        ("x.zjol.com.cn", ["http://jx.zjol.com.cn/index.shtml"], "http://jx.zjol.com.cn/"),
        ("x.zjol.com.cn", ["http://zjnews.zjol.com.cn/zjnews/jxnews/"], "http://zjnews.zjol.com.cn/zjnews/jxnews/"),
        ("x.zjol.com.cn", ["http://CS.zjol.com.cn/zjbd/jx16506/a.shtml"], "http://cs.zjol.com.cn/zjbd/jx16506/"),
    ],
)
def test_no_channel_takes_what_another_has(tmp_path: Path, host: str, lists: list[str] | None, claimed: str) -> None:
    file = tmp_path / "mine.toml"
    more = f", lists = {lists}" if lists else ""
    file.write_text(f'mine = {{ name = "我", kind = "topic", host = "{host}"{more} }}', "utf-8")
    with pytest.raises(ConfigError, match="'jx' and 'mine' both claim " + claimed) as told:
        channels.load(file)
    assert str(told.value).startswith(f"{file}: ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 3", "is no table"),
        ('x = { kind = "city", host = "h" }', "lacks 'name'"),
        ('x = { name = "x", kind = "town", host = "h" }', "has kind 'town'"),
        ('x = { name = "x", kind = "city", host = "http://h/" }', "host name alone"),
        ('x = { name = "x", kind = "city", host = "h", lists = "http://h/" }', "array of strings"),
        ('x = { name = "x", kind = "city", host = "h", lists = ["/a"] }', "full address"),
        ('x = { name = "x", kind = "city", host = "h", hots = 1 }', "unknown field 'hots'"),
        ('X = { name = "x", kind = "city", host = "h" }', "bad name"),
        ("x = {", "is not TOML"),
    ],
)
def test_a_wrong_entry_is_one_sentence_that_names_it(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=told) as error:
        channels.load(file)
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        channels.load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("address", "is_had"),
    [
        ("http://news.example.com/a", True),
        ("http://news.example.com:80/a", True),
        ("https://news.example.com:443/a", True),
        ("https://NEWS.example.com/a", True),
        ("http://news.example.com:8080/a", True),  # a list names it
        ("http://news.example.com:443/a", False),
        ("http://news.example.com:22/a", False),
        ("http://news.example.com:0/a", False),
        ("http://news.example.com:99999/a", False),
        ("http://me@news.example.com/a", False),
        ("http://other.example.com/a", False),
    ],
)
def test_what_may_be_asked_for(address: str, is_had: bool, tmp_path: Path) -> None:
    extra = tmp_path / "more.toml"
    extra.write_text(
        'x = { name = "x", kind = "topic", host = "news.example.com", lists = ["http://news.example.com:8080/"] }',
        "utf-8",
    )
    assert channels.load(extra).has(urlsplit(address)) is is_had


@pytest.mark.parametrize("address", ["http://[/", "http://news.example.com:99999/", "http://news.example.com:x/"])
def test_a_list_page_that_cannot_be_is_refused_in_a_sentence(address: str, tmp_path: Path) -> None:
    extra = tmp_path / "more.toml"
    extra.write_text(f'x = {{ name = "x", kind = "topic", host = "news.example.com", lists = ["{address}"] }}', "utf-8")
    with pytest.raises(ConfigError, match="has the list page"):
        channels.load(extra)
