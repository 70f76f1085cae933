"""Print versions and mobile twins that name their article are that article; a page that names another one is itself."""

from datetime import UTC, datetime

import pytest

from zjcrawl import channels
from zjcrawl.models import Capture
from zjcrawl.parse import parse

ARTICLE = "http://nhnews.zjol.com.cn/nhnews/system/2015/06/30/020717765.shtml"
TWIN = "http://m2.zjol.com.cn/msite/details.html?newsid=020717765"


def address(url: str, canonical: str) -> str:
    html = f"""<html><head><title>一篇虚构的文章</title><link rel="canonical" href="{canonical}"></head><body>
        <h1>一篇虚构的文章</h1><div>2015-06-30 10:00 来源：测试报</div><p>{"虚构的正文，只为测试而写。" * 9}</p></body></html>"""
    return parse([Capture(url, url, datetime.now(UTC), 200, (), html.encode())], channels.load()).url


@pytest.mark.parametrize(
    ("url", "canonical", "kept"),
    [
        pytest.param(TWIN, ARTICLE, ARTICLE, id="mobile twin"),
        pytest.param(TWIN, ARTICLE.replace("http:", "https:"), ARTICLE, id="mobile twin, another scheme"),
        pytest.param(ARTICLE, ARTICLE, ARTICLE, id="itself"),
        pytest.param(ARTICLE, "http://nhnews.zjol.com.cn/", ARTICLE, id="a site that names its front page everywhere"),
        pytest.param(ARTICLE, ARTICLE.replace("765", "766"), ARTICLE, id="another article"),
        pytest.param(TWIN, "http://elsewhere.example/020717765.shtml", TWIN, id="none of the portal's"),
        pytest.param(ARTICLE, "javascript:0", ARTICLE, id="no address"),
    ],
)
def test_a_twin_is_the_article_it_names(url: str, canonical: str, kept: str) -> None:
    assert address(url, canonical) == kept
