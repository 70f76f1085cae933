"""What a crawl takes of memory: `python -m benchmarks.crawl_memory [KIND…]`, or `make bench-crawl-memory`.

Eight hosts of the registry answer at once and without a pause between requests, each with two pages of one kind: usual
ones, or the worst that are read, of nearly two megabytes. A crawl of its own for each kind, into a new archive, watched from
outside: its peak, and those of the processes that it starts, together. Every page is invented, and must have been archived.
"""

import argparse
import gzip
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

from benchmarks.soak import environment
from benchmarks.tables import ROOT, markdown, measured, put
from zjcrawl.archive import Archive
from zjcrawl.model import Portal, Response, serve

SLUGS = ("jx", "nhnews", "huzhou", "hangzhou", "sx", "tz", "wz", "nb")
SETTINGS = ("DOWNLOAD_DELAY=0", "SOFT_404_PROBE=0", "ZJCRAWL_CONTACT=benchmark@example.org")
EACH = 2  # pages of a host
BAR = 300  # megabytes
SIZE = 1_900_000  # bytes of a bad page, of the 2,000,000 that are read
PARAGRAPHS = 19_000  # of the 20,000 elements that are read


def _cells(unit: str, tag: str) -> str:
    """As many elements as are read, which together are as large as a page may be."""
    room = SIZE // PARAGRAPHS - 2 * len(tag) - 5
    return f"<{tag}>{unit * (room // len(unit.encode()))}</{tag}>" * PARAGRAPHS


KINDS: Mapping[str, Callable[[], str]] = {
    "usual: 60 kB": lambda: "<p>" + "虚构的正文，只为测试而写。" * 1500 + "</p>",
    "one text of characters that NFKC makes eighteen of": lambda: "<p>" + "\ufdfa" * (SIZE // 3) + "</p>",
    "the same in 19,000 cells of a table": lambda: f"<table><tr>{_cells(chr(0xFDFA), 'td')}</tr></table>",
    "the same, gzip of 2 kB": lambda: "<p>" + "\ufdfa" * (SIZE // 3) + "</p>",
    "19,000 paragraphs of ASCII with one character beyond it": lambda: "<p>𠀀</p>" + _cells("abcd ef, ", "p"),
    "a text of characters of four bytes": lambda: "<p>" + "𠀀" * (SIZE // 4) + "</p>",
    "1,900 elements in one another, ten times": lambda: ("<div>" * 1900 + "深" * 50_000 + "</div>" * 1900) * 10,
}


class Pages:
    """A portal whose hosts all list the same few articles, with one text."""

    def __init__(self, kind: str) -> None:
        html = (
            "<html><head><title>虚构的长文</title></head><body><div class='contTit'>虚构的长文</div><div class='time'>"
            "<span id='pubtime_baidu'>2026-09-14 10:00:00</span><span id='source_baidu'>来源：测试报</span></div>"
            f"<div class='contTxt'><p>　　虚构的一段。</p>{KINDS[kind]()}</div></body></html>"
        )
        self._article = self._page(html, "gzip" in kind)
        links = "".join(f'<li><a href="/202609/t20260914_3190000{n}.shtml">虚构 {n}</a></li>' for n in range(EACH))
        self._list = self._page(f'<html><body><ul class="newslist">{links}</ul></body></html>', False)

    def _page(self, html: str, packed: bool) -> Response:
        heads = (("Content-Type", "text/html; charset=utf-8"), *((("Content-Encoding", "gzip"),) if packed else ()))
        return Response(200, heads, gzip.compress(html.encode()) if packed else html.encode())

    def respond(self, url: str, headers: Mapping[str, str] | None = None, look: int = 0) -> Response:
        if "/t20260914_" in url:
            return self._article
        return self._list if url.endswith(".cn/") else Response(404, (("Content-Type", "text/html"),), b"")


def watched(process: int, peaks: dict[int, list[int]]) -> None:
    """Notes the most kilobytes that a process and those it started, and those these started, had so far."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:  # it has ended
        return
    if found := re.search(r"VmHWM:\s+(\d+)", status):
        peaks.setdefault(process, []).append(int(found[1]))
    for child in children:
        watched(int(child), peaks)


def crawled(kind: str, archive: Path) -> tuple[float, float]:
    """The megabytes at most and the seconds that a crawl of a kind of pages takes. Raises RuntimeError where one is lost."""
    pairs = [word for pair in SETTINGS for word in ("-s", pair)]
    command = [sys.executable, "-m", "zjcrawl", "--archive", str(archive), "crawl", *SLUGS, "--json", *pairs]
    with serve(cast(Portal, Pages(kind))) as proxy:
        start, peaks = time.monotonic(), dict[int, list[int]]()
        process = subprocess.Popen(
            command, env=environment(proxy.url), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.poll() is None:
            watched(process.pid, peaks)
            time.sleep(0.1)
        seconds = time.monotonic() - start
    with Archive(archive) as kept:
        articles = kept.counts()["articles"]
    if articles != EACH * len(SLUGS):
        raise RuntimeError(f"{kind}: {articles} articles were archived, {EACH * len(SLUGS)} are there")
    # One that is seen twice at most is a command on its way to its own memory: until then it shows that of its starter.
    return sum(seen[-1] for seen in peaks.values() if len(seen) > 2) / 1024, seconds


def main(arguments: Sequence[str] | None = None, documents: Sequence[Path] = ()) -> int:
    """Prints the table and keeps it in the READMEs and RESULTS.md; 1 where a kind takes more than it may."""
    parser = argparse.ArgumentParser("python -m benchmarks.crawl_memory", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="a word of its name; all when none is named")
    options = parser.parse_args(arguments)
    kinds = [kind for kind in KINDS if not options.kinds or any(word in kind for word in options.kinds)]
    rows, worst = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number, kind in enumerate(kinds):
            megabytes, seconds = crawled(kind, Path(folder) / str(number))
            rows.append([kind, f"{megabytes:.0f}", f"{seconds:.0f}"])
            worst = max(worst, megabytes)
            print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    said = f"`make bench-crawl-memory`, {measured('scrapy', 'zjcrawl')}; bar: {BAR} MB."
    text = f"{markdown(['eight hosts at once, pages of', 'peak, MB', 'seconds'], rows)}\n\n{said}"
    print(text)
    if not options.kinds:
        for document in documents or (ROOT / "benchmarks" / "RESULTS.md", ROOT / "README.md", ROOT / "README.zh-CN.md"):
            put(document, "crawl-memory", text)
    return 1 if worst > BAR else 0


if __name__ == "__main__":
    sys.exit(main())
