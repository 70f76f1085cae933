"""What the tests of the pages share: an archive with something of everything, and how its pages are asked for."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from lxml import html

from tests.archiving import LIST, SHANGHAI, THEN, article, capture, look, run
from tests.crawling import ZJCRAWL
from zjcrawl.archive import Transaction
from zjcrawl.models import Block, Credit, Image, Lead, Listing, Printed
from zjcrawl.web.site import Site

MANY = 45  # articles beside the special ones
SCRIPT = '<script>window.hacked = 1; alert(1)</script><img src=x onerror="window.hacked = 2">'
HOSTILE = f"题{SCRIPT}\x1b[31m\u202e反\u2066\ufeff\x00 \" ' & {{{{ 7 * 7 }}}} {{% raw %}}"
BAD = article(
    "http://jx.zjol.com.cn/202407/t20240701_1.shtml",
    kicker=HOSTILE,
    title=HOSTILE,
    subtitle="</title><script>window.hacked = 3</script>",
    published_at=datetime(2024, 7, 1, 9, tzinfo=SHANGHAI),
    published_printed=HOSTILE,
    source=HOSTILE,
    credits=[Credit("reporter", HOSTILE, HOSTILE), Credit("photographer", "\u05d0\u05d1\u05d2", "摄")],
    blocks=[
        Block("heading", HOSTILE),
        Block("paragraph", "嘉兴" + HOSTILE),
        Block("image", src="javascript:window.hacked=4"),
        Block("image", src="http://127.0.0.1:9/pixel.gif"),
        Block("caption", HOSTILE),
        Block("table", f"甲\t{HOSTILE}\n1\t2"),
        Block("quote", HOSTILE),
    ],
    images=[Image("javascript:window.hacked=4", HOSTILE)],
    tags=[HOSTILE.replace(";", ""), "javascript:alert(1)"],
    notice=HOSTILE,
    warnings=["no_template", "source_unsure", HOSTILE],
    evidence={"title": [Printed(HOSTILE, "h1", HOSTILE, 0.5)]},
)
EDITED = article(
    title="改过的标题",
    blocks=[Block("paragraph", "这是改过的一段文字，嘉兴的长三角一体化。"), Block("paragraph", "加上的一段。")],
)


def make(folder: Path) -> Path:
    """An archive: article 1 was edited, 2 is hostile, 3 is gone, the others fill months, channels and pages."""

    def special(t: Transaction) -> None:
        look(t, article(text="这是虚构的一段文字，嘉兴的长三角一体化。"))
        look(t, BAD)
        look(
            t,
            article(
                "http://hnnews.zjol.com.cn/202405/t20240501_3.shtml", channel="hnnews", title="后来没有了", tags=[]
            ),
        )

    def many(t: Transaction) -> None:
        leads = []
        for number in range(MANY):
            when = datetime(2023, 1, 5, 8, tzinfo=SHANGHAI) + timedelta(days=20 * number)
            address = f"http://jx.zjol.com.cn/{when:%Y%m}/t{when:%Y%m%d}_{100 + number}.shtml"
            text = "长三角一体化" if number % 3 == 0 else "桐乡的河道"
            look(
                t,
                article(
                    address,
                    channel=("jx", "hnnews", "wz")[number % 3],
                    title=f"第{number}篇 G60" if number % 2 else f"第{number}篇",
                    published_at=when,
                    published_printed=f"{when:%Y-%m-%d}",
                    source=("浙江在线", None)[number % 2],
                    blocks=[Block("paragraph", f"一段。{text}，第 {number} 篇，{text}。")],
                    credits=[
                        Credit("reporter", f"记者{'甲乙丙'[number % 3]}", "记者"),
                        Credit("reporter", "同行", "记者"),
                    ],
                    tags=["嘉兴"] if number % 4 else ["嘉兴", "市委"],
                ),
                capture(address),
            )
            leads.append(Lead(address, "题", None, when))
        t.record_listing("jx", LIST, Listing(tuple(leads), None, "listUl"))
        t.record_listing("hnnews", LIST, Listing(tuple(leads[:5]), None, "listUl"))

    def edited(t: Transaction) -> None:
        look(t, EDITED, capture(body=b"edited", minutes=60))
        for hours in (2, 5):
            t.miss(3, "gone", "status 404", seen_at=THEN + timedelta(hours=hours))
        t.discover("http://jx.zjol.com.cn/waits.shtml", "article", "jx", None)

    run(folder, special, many)
    run(folder, edited)
    return folder


def ask(site: Site, path: str, **headers: str) -> httpx.Response:
    """One request, in this process."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer: httpx.Response = asyncio.run(site.client.get(path, headers=named))
    return answer


def tree(answer: httpx.Response) -> Any:
    return html.document_fromstring(answer.text)


def texts(answer: httpx.Response, path: str) -> list[str]:
    """The texts of the elements at an XPath, blanks tidied."""
    return [" ".join(element.text_content().split()) for element in tree(answer).xpath(path)]


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The real program on a free port: its process and its address."""
    command = [sys.executable, "-c", ZJCRAWL, "serve", "--port", "0", "--archive", str(folder), *options]
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    process = subprocess.Popen(
        command,
        env=kept | {"PYTHONPATH": os.pathsep.join(filter(None, ["", *sys.path]))},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        told = process.stdout.readline()
        assert told.startswith("http://127.0.0.1:"), (told, process.communicate(timeout=10))
        yield process, told.split()[0].rstrip("/")
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
