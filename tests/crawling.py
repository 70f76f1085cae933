"""How the tests of the crawl run one: the real program in its own process, over HTTP, against a proxy on loopback."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from zjcrawl import channels
from zjcrawl.channels import Registry
from zjcrawl.model import Portal, Proxy, Response, serve

FAST = ("DOWNLOAD_DELAY=0", "RETRY_DELAY=0.05", "SOFT_404_PROBE=0")
ZJCRAWL = "from zjcrawl.cli import main; main()"


def registry(*slugs: str) -> Registry:
    """The packaged registry cut down to a few channels, for a portal that small."""
    known = channels.load().channels
    return Registry({slug: known[slug] for slug in slugs})


@dataclass
class Stage:
    """A portal of hand-made pages: by address, one answer or a list of them, the last of which stays."""

    pages: dict[str, Any] = field(default_factory=dict)

    def respond(self, url: str, headers: Mapping[str, str] | None = None, look: int = 0) -> Response:
        found = self.pages.get(url, Response(404, (("Content-Type", "text/html"),), b"<h1>404</h1>"))
        answer: Response = found[min(look, len(found) - 1)] if isinstance(found, list) else found
        return answer


@contextmanager
def staged(pages: dict[str, Any]) -> Iterator[Proxy]:
    with serve(cast(Portal, Stage(pages))) as proxy:
        yield proxy


def page(html: str, status: int = 200, kind: str = "text/html; charset=utf-8", **headers: str) -> Response:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response(status, (("Content-Type", kind), *named), html.encode())


def listing(*hrefs: str, older: str | None = None, dates: Mapping[str, str] | None = None) -> Response:
    items = "".join(f'<li>{(dates or {}).get(href, "")}<a href="{href}">题目 {href}</a></li>' for href in hrefs)
    pager = f'<div class="fenye"><a href="{older}">下一页</a></div>' if older else ""
    return page(f'<html><body><ul class="newslist">{items}</ul>{pager}</body></html>')


def article(title: str, *paragraphs: str, when: str = "2026-09-14 10:00:00", older_part: str = "") -> Response:
    body = "".join(f"<p>　　{text}</p>" for text in paragraphs or ("虚构的正文，只为测试而写。",))
    more = f'<div id="news_more_page_div_id"><a href="{older_part}">下一页</a></div>' if older_part else ""
    return page(
        f'<html><head><title>{title}</title></head><body><div class="contTit">{title}</div>'
        f'<div class="time"><span id="pubtime_baidu">{when}</span><span id="source_baidu">来源：测试报</span></div>'
        f'<div class="contTxt">{body}{more}</div></body></html>'
    )


@dataclass(frozen=True)
class Done:
    """A finished run of the program."""

    code: int
    out: str
    err: str

    @property
    def summary(self) -> dict[str, Any]:
        return cast(dict[str, Any], json.loads(self.out))


def environment(proxy: Proxy) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return kept | {"http_proxy": proxy.url, "PYTHONPATH": os.pathsep.join(filter(None, ["", *sys.path]))}


def command(archive: Path, *arguments: str, settings: tuple[str, ...] = FAST) -> list[str]:
    pairs = [word for pair in settings for word in ("-s", pair)]
    return [sys.executable, "-c", ZJCRAWL, "crawl", *arguments, "--archive", str(archive), "--json", *pairs]


def crawl(proxy: Proxy, archive: Path, *arguments: str, settings: tuple[str, ...] = FAST, **options: Any) -> Done:
    done = subprocess.run(
        command(archive, *arguments, settings=settings),
        env=environment(proxy),
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def interrupted(proxy: Proxy, archive: Path, *arguments: str, by: signal.Signals, when: Callable[[], bool]) -> Done:
    """A run that gets a signal as soon as `when()` holds."""
    process = subprocess.Popen(
        command(archive, *arguments, settings=("DOWNLOAD_DELAY=0.02", *FAST[1:])),
        env=environment(proxy),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 30
        while not when():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, "the run did not come so far"
            time.sleep(0.005)
        process.send_signal(by)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    return Done(process.returncode, out, err)


def rows(archive: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{archive / 'archive.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


def outcomes(archive: Path) -> dict[str, str]:
    """The outcome of every address in the frontier."""
    return dict(rows(archive, "SELECT url, outcome FROM frontier"))  # type: ignore[arg-type]


def asked(proxy: Proxy) -> list[str]:
    """The addresses asked for, without robots.txt."""
    return [url for _, _, url, _ in proxy.log if not url.endswith("/robots.txt")]


def articles_asked(proxy: Proxy, portal: Portal) -> list[str]:
    """The articles and stubs asked for, by their first pages."""
    return [url for url in asked(proxy) if (found := portal.find(url)) is not None and not found.part]
