"""One address for one page: the README's table, case by case, and what must hold for any address."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zjcrawl.urls import absolute, canonical, document_id, part_number, url_date

CASES = [
    ("HTTPS://JX.ZJOL.COM.CN:443/a.shtml", "http://jx.zjol.com.cn/a.shtml"),
    ("https://other.example/a", "https://other.example/a"),
    ("http://jx.zjol.com.cn:8080/a", "http://jx.zjol.com.cn:8080/a"),
    ("http://[::1]:81/a", "http://[::1]:81/a"),
    ("http://zjnews.zjol.com.cn//zjxc/./202609/../202609/a.shtml", "http://zjnews.zjol.com.cn/zjxc/202609/a.shtml"),
    ("http://jx.zjol.com.cn/a b.shtml #top", "http://jx.zjol.com.cn/a%20b.shtml"),
    ("http://jx.zjol.com.cn", "http://jx.zjol.com.cn/"),
    ("http://jx.zjol.com.cn/jxxw/index.shtml", "http://jx.zjol.com.cn/jxxw/"),
    ("http://jx.zjol.com.cn/jxxw/index_1.shtml", "http://jx.zjol.com.cn/jxxw/index_1.shtml"),
    ("http://h/201907/t20190724_10642331_01.shtml", "http://h/201907/t20190724_10642331.shtml"),
    ("http://h/202001/t20200102_11533749_ext.shtml", "http://h/202001/t20200102_11533749.shtml"),
    ("http://h/system/2015/06/30/020717765_02.shtml", "http://h/system/2015/06/30/020717765.shtml"),
    ("http://h/a.shtml?spm=1&utm_source=x&id=3#top", "http://h/a.shtml?id=3"),
    ("http://zj.zjol.com.cn/news.html?id=892350", "http://zj.zjol.com.cn/news.html?id=892350"),
    (
        "http://zjrb.zjol.com.cn/html/2019-07/24/content_3.htm?div=-1",
        "http://zjrb.zjol.com.cn/html/2019-07/24/content_3.htm",
    ),
]


@pytest.mark.parametrize(("seen", "kept"), CASES)
def test_canonical(seen: str, kept: str) -> None:
    assert canonical(seen) == kept
    assert canonical(kept) == kept


@pytest.mark.parametrize("nothing", ["", "javascript:void(0)", "mailto:a@b.example", "/a.shtml", "http://"])
def test_what_is_no_address_is_refused(nothing: str) -> None:
    with pytest.raises(ValueError, match="not a web address"):
        canonical(nothing)


def test_parts_and_days() -> None:
    assert part_number("http://h/t20190724_1.shtml") == 1
    assert part_number("http://h/t20190724_1_01.shtml") == 2
    assert part_number("http://h/x_01.shtml") == 1
    assert url_date("http://h/201907/t20190724_1_01.shtml") == (2019, 7, 24)
    assert url_date("http://h/05zjnews/system/2006/06/01/006655604.shtml") == (2006, 6, 1)
    assert url_date("http://h/html/2019-07/24/content_3.htm") == (2019, 7, 24)
    assert url_date("http://h/about.html") is None


def test_hrefs_of_every_form_lead_to_one_address() -> None:
    base = "http://zjnews.zjol.com.cn/zjxc/index_1.shtml"
    forms = [
        "http://zjnews.zjol.com.cn/zjxc/202609/t20260914_1.shtml",
        "//zjnews.zjol.com.cn/zjxc/202609/t20260914_1.shtml",
        "//zjnews.zjol.com.cn//zjxc/202609/t20260914_1.shtml",
        "./202609/t20260914_1.shtml",
        "202609/t20260914_1.shtml",
        "/zjxc/202609/t20260914_1.shtml#comments",
    ]
    assert {canonical(absolute(base, form) or "") for form in forms} == {forms[0]}


@given(st.text(max_size=200))
@example("0 #0")
@example("0\u3000?spm=1")
def test_any_href_is_an_address_or_none(href: str) -> None:
    found = absolute("http://jx.zjol.com.cn/a/", href)
    if found is not None:
        assert canonical(canonical(found)) == canonical(found)


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("http://jx.zjol.com.cn/202304/t20230406_25603389.shtml", "25603389"),
        ("http://jx.zjol.com.cn/202304/t20230406_25603389_01.shtml", "25603389"),
        ("http://x.zjol.com.cn/system/2015/06/30/020717765.shtml", "020717765"),
        ("http://m2.zjol.com.cn/msite/details.html?newsid=020717765", "020717765"),
        ("http://jx.zjol.com.cn/", None),
        ("http://jx.zjol.com.cn/index_2.shtml", None),
    ],
)
def test_document_id(url: str, number: str | None) -> None:
    assert document_id(url) == number
