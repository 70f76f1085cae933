"""A page that is only a way to another: a script `location.replace("url")`, or a meta refresh."""

import re

from zjcrawl.page import Page

VERSION = 1
_SCRIPT = re.compile(r"""location(?:\.href)?\s*(?:=|\.(?:replace|assign)\()\s*["']([^"']{1,2000})["']""")
_REFRESH = re.compile(r"""^[\s\d.,;]*url\s*=\s*["']?([^"'\s]+)""", re.IGNORECASE)
_LOOKED_AT = 10_000  # characters of a text in which it prints something, if at all
PROSE = 40  # characters; a stub says at most "please wait"


def target(page: Page) -> str | None:
    """The absolute address a stub leads to; None for a page that prints a text of its own, or leads nowhere else."""
    if _prints(page):
        return None
    address = _refresh(page) or _script(page)
    absolute = page.link(address) if address else None
    return absolute if absolute and absolute.split("#")[0] != page.url.split("#")[0] else None


def _prints(page: Page) -> bool:
    """Whether the page prints more than its title and "please wait", looking no further than that."""
    body = page.root.find("body")
    title = "".join(page.head_title.split())
    printed = ""
    for element in (body if body is not None else page.root).iter():
        if element.tag not in ("script", "style", "noscript", "title"):
            printed += "".join((element.text or "")[:_LOOKED_AT].split())
        printed += "".join((element.tail or "")[:_LOOKED_AT].split())
        if len(printed) > PROSE + len(title):
            return True
    return len(printed.replace(title, "", 1)) > PROSE


def _script(page: Page) -> str | None:
    if "location" not in page.decoded.text:
        return None
    for script in page.rare["script"]:
        if found := _SCRIPT.search(script.text or ""):
            return found[1]
    return None


def _refresh(page: Page) -> str | None:
    if "refresh" not in page.decoded.text and "REFRESH" not in page.decoded.text and "Refresh" not in page.decoded.text:
        return None
    for meta in page.rare["meta"]:
        if (meta.get("http-equiv") or "").lower() == "refresh" and (found := _REFRESH.match(meta.get("content") or "")):
            return found[1]
    return None
