"""A page that stands where an article is not: an error page served as 200 (a soft 404), a captcha, a script challenge.

No such page of the portal is known. The words are those that Chinese sites, their servers and the firewalls before them
print; they count only on a page that prints no article, so that an article about a captcha stays one.
"""

import re

from zjcrawl.models import Extraction
from zjcrawl.page import Page

_GONE = re.compile(
    r"(?:页面|网页|文章|内容|信息|新闻|稿件|链接|地址|资源)\S{0,6}(?:不存在|已不存在|未找到|没有找到|找不到|无法找到|已被?删除|已被?移除|已经?下线|已失效|已过期)"
    r"|(?:不存在|找不到|无法找到|没有找到|未找到|已被?删除)\S{0,8}(?:页面|网页|文章|内容|信息|新闻|稿件)"
    r"|^\W*(?:HTTP\s*)?(?:错误\s*)?404\b|\b404\s*(?:错误|Not Found|Error|页面)|\bNot Found\b|Page (?:could )?not (?:be )?found",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"人机(?:验证|校验)|安全(?:验证|校验|检查)|访问(?:验证|校验|过于频繁|被拒绝|受限)|(?:请求|操作)过于频繁|滑动(?:验证|滑块)|拖动滑块|请(?:输入|完成).{0,6}验证"
    r"|验证码|您的(?:访问|请求|IP).{0,12}(?:拦截|阻断|禁止|限制|异常)|网站防火墙|安全狗|云锁|WAF|captcha|Checking your browser|Just a moment|"
    r"Access Denied|Attention Required|请开启\s?JavaScript|enable JavaScript",
    re.IGNORECASE,
)
# What the scripts of challenges are called; they print nothing at all.
_CHALLENGE_SCRIPT = re.compile(
    r"acw_sc__v|__jsl_clearance|jschl|cf-challenge|_waf_|yundunwaf|probe\.js|challenge-platform|geetest|nc_token"
)
_ARTICLE = 120  # characters of paragraphs; who prints so much is an article, whatever words are in it
_LOOKED_AT = 600  # characters of what the page prints; error pages and challenges are short
_SCRIPTS = 200_000  # characters of the source in which a challenge's script is looked for


def of(page: Page, found: Extraction, missing: str | None = None) -> tuple[str, str] | None:
    """(`gone` or `blocked`, the words that tell so) of a page without an article; None for an article or in doubt.

    `missing` is the <title> under which the host serves what does not exist, where a probe found that out.
    """
    if sum(len(block.text) for block in found.blocks if block.kind == "paragraph") >= _ARTICLE:
        return None
    if missing and page.head_title == missing and found.time is None:  # some hosts title every page alike
        return "gone", missing
    headline = found.title.text if found.title else ""
    printed = " ".join([page.head_title, headline, *_first_texts(page)])[:_LOOKED_AT]
    if challenge := _CHALLENGE.search(printed):
        return "blocked", challenge[0]
    if gone := _GONE.search(printed):
        return "gone", gone[0]
    if not found.blocks and (script := _CHALLENGE_SCRIPT.search(page.decoded.text, 0, _SCRIPTS)):
        return "blocked", script[0]
    return None


def _first_texts(page: Page) -> list[str]:
    """The first texts that the page prints, links left out: navigation and lists of news are made of them."""
    texts: list[str] = []
    size = 0
    body = page.root.find("body")
    for element in (body if body is not None else page.root).iter():
        if element.tag in ("script", "style", "title", "noscript"):
            continue
        text = " ".join((element.text or "").split()) if element.tag != "a" else ""
        if text:
            texts.append(text)
            size += len(text)
            if size > _LOOKED_AT:
                break
    return texts
