"""Pages that no publisher means well with, and what reading one costs. All text is invented.

Run as a program it is a server: a name a line in, the outcome and cost of reading that page as a line of JSON out. Each
page is read in a process of its own, forked from one that has everything loaded, so time and memory are the page's alone.
"""

import json
import os
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from zjcrawl.page import MOST_BYTES

MILLION = 1_000_000
MOST = MOST_BYTES * 9 // 10  # bytes that are read of a page whole, with room for the rest of it
TITLE = "清溪镇老码头时隔九年重新开放"
PROSE = "渡船停了整整九年。负责修缮的工程队说，木桩换了三百多根，栈桥加宽到四米，夜里也能安全上下。"
INFO = "<p>2024-03-05 08:09 来源：清溪日报</p>"
HEADER = f"<h1>{TITLE}</h1>{INFO}"
ARTICLE = f"{HEADER}<div>{f'<p>{PROSE}</p>' * 5}</div>"
ROW = f"<tr>{'<td>清溪</td>' * 9}</tr>"
URL = "http://news.example.com/a/t20240305_1.html"
CPU_SECONDS = 20  # a reading that takes longer is ended


def html(body: str, head: str = "", title: str = TITLE) -> bytes:
    return f"<html><head><meta charset=utf-8><title>{title}</title>{head}</head><body>{body}</body></html>".encode()


def of_size(piece: str, size: int) -> str:
    return piece * (size // len(piece.encode()))


def of_bytes(piece: bytes, size: int) -> bytes:
    return piece * (size // len(piece))


def body(inside: str) -> bytes:
    return html(f"{HEADER}<div>{inside}</div>")


def mlf(info: str, inside: str = f"<p>{PROSE}</p>" * 5) -> bytes:
    return html(f"<div class=contTit>{TITLE}</div><div class=time>{info}</div><div class=contTxt>{inside}</div>")


def script(text: str, kind: str = "text/javascript") -> bytes:
    return html(ARTICLE, f"<script type='{kind}'>{text}</script>")


def linked_data(value: Any) -> bytes:
    data = json.dumps(value, ensure_ascii=False)
    return html(f"<h1>{TITLE}</h1>", f"<script type='application/ld+json'>{data}</script>")


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE html [<!ENTITY a0 "ha">{entities}]><html><body><p>&a11;</p>{ARTICLE}</body></html>'.encode()


def links(count: int) -> str:
    return "".join(f"<li><a href='/202403/t20240305_{n}.shtml'>清溪镇的第{n}条新闻</a></li>" for n in range(count))


# What a page is refused as, by a part of the sentence.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "is empty"),
    "blanks": (lambda: b" \r\n" * (7 * MILLION), "is empty"),
    "NULs alone": (lambda: b"\0" * (20 * MILLION), "nothing that can be read"),
    "a picture named html": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(9_000), "no HTML page"),
    "a film": (lambda: b"\0\0\0\x18ftypmp42" + bytes(9_000), "no HTML page"),
    "PDF": (lambda: b"%PDF-1.7\n" + b"0 0 obj\n" * 9_000, "no HTML page"),
    "Word": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9_000), "no HTML page"),
    "JSON": (lambda: json.dumps({"title": TITLE, "content": f"<p>{PROSE}</p>"}).encode(), "it is JSON"),
    "JSON without end": (lambda: b'[{"a": 1}, ' * (2 * MILLION), "it is JSON"),
    "RSS": (lambda: f"<rss version='2.0'><channel><title>{TITLE}</title></channel></rss>".encode(), "it is XML"),
    "XML": (lambda: f"<?xml version='1.0' encoding='utf-8'?><a><b>{PROSE}</b></a>".encode(), "it is XML"),
    "noise": (lambda: random.Random(1).randbytes(5 * MILLION), "no text"),
    "controls": (lambda: html("\x01\x02" * MILLION), "no text"),
    "bogus comments": (lambda: b"<!" * (8 * MILLION), "nothing that can be read"),
}

# Warnings that a page's article carries (others it may have too), and whether headline and text are read all the same.
READ: dict[str, tuple[Callable[[], bytes], set[str], bool]] = {
    # long
    "20 MB of text": (lambda: body(of_size(f"<p>{PROSE}</p>\n", 20 * MILLION)), {"page_too_long"}, True),
    "20 MB of text in a template": (lambda: mlf(INFO, of_size(f"<p>{PROSE}</p>", 20 * MILLION)), {"page_too_long"}, True),
    "20 MB in one line": (lambda: body(of_size(PROSE, 20 * MILLION)), {"page_too_long"}, True),
    "all in one line": (lambda: body(of_size(PROSE, MOST)), set(), True),
    "20 MB of words, bold": (lambda: body(f"<b>{'word ' * (4 * MILLION)}</b>"), {"page_too_long"}, True),
    "20 MB of plain text in GBK": (lambda: (PROSE * (20 * MILLION // 90)).encode("gbk"), {"page_too_long"}, False),
    "a title as long as a page": (lambda: html(ARTICLE, title=of_size("清", MOST)), set(), True),
    "a headline as long as a page": (lambda: html(f"<h1>{of_size('清', MOST)}</h1>{ARTICLE}"), set(), True),
    "a script of 15 MB": (lambda: script("if(a<b){};" * (15 * MILLION // 10)), set(), True),
    "a script without end": (lambda: script("a<b " * (2 * MILLION)).replace(b"</script>", b""), {"body_missing"}, False),
    "a comment of 20 MB": (lambda: html(f"<!--{'x' * (20 * MILLION)}-->{ARTICLE}"), {"page_too_long"}, False),
    "a picture in its address": (lambda: html(f"<img src='data:image/png;base64,{'A' * 15 * MILLION}'>{ARTICLE}"), set(), True),
    "a caption as long as a page": (lambda: body(f"<p>{PROSE}</p><img src=a.jpg><figcaption>{of_size(PROSE, MOST)}摄</figcaption>"), set(), True),
    "10,000 cells of 50 rows and columns": (lambda: body(f"<p>{PROSE}</p><table><tr>{'<td rowspan=50 colspan=50>x</td>' * 100}</tr>" * 100), set(), True),
    "a cell as long as a page": (lambda: body(f"<p>{PROSE}</p><table><tr><td>{of_size('word ', MOST)}</td><td>x</td></tr></table>"), set(), True),
    "a blank of 1 MB in a tag": (lambda: html(f"<div{' ' * MILLION}>{ARTICLE}"), set(), True),
    "a class of 10 MB": (lambda: html(f"<div class='{'x ' * (5 * MILLION)}'>{ARTICLE}"), set(), True),
    "long classes": (lambda: body(of_size(f"<p class='{'share-' * 9_000}'>{PROSE}</p>", MOST)), set(), True),
    "long styles": (lambda: body(of_size(f"<p style='{'color:red;' * 200}'>{PROSE}</p>", MOST)), set(), True),
    "long addresses": (lambda: body(f"<p>{PROSE}</p>" * 5 + f"<img src='{'a/../' * 12_000}x.jpg'>" * 150), set(), True),
    # deep
    "200,000 nested tags": (lambda: html(f"{'<div>' * 200_000}{ARTICLE}{'</div>' * 200_000}"), {"page_too_long"}, False),
    "nested with text": (lambda: html(f"{HEADER}{f'<div><p>{PROSE}</p>' * 9_000}"), {"page_too_long"}, True),
    "200,000 unclosed b": (lambda: html(f"{'<b>' * 200_000}{ARTICLE}"), {"page_too_long"}, False),
    "200,000 unclosed font": (lambda: html(f"{HEADER}{f'<font>{PROSE}<br>' * 200_000}"), {"page_too_long"}, True),
    "200,000 unclosed table": (lambda: html(f"{'<table>' * 200_000}{ARTICLE}"), {"page_too_long"}, False),
    "tables in tables": (lambda: html(f"{HEADER}{f'<table><tr><td>{PROSE}</td><td>' * 600}"), set(), True),
    "lists in lists": (lambda: html(f"{'<ul><li>渡船停了' * 100_000}"), {"page_too_long"}, False),
    "deep template": (lambda: mlf(INFO, f"{'<div>' * 1_900}<p>{PROSE}</p>"), set(), True),
    # many
    "1,000,000 attributes": (lambda: html(f"<div {' '.join(f'a{n}=1' for n in range(MILLION))}>{ARTICLE}"), set(), True),
    "1,000,000 times one attribute": (lambda: html(f"<div {'a=1 ' * MILLION}>{ARTICLE}"), set(), True),
    "1,000,000 empty p": (lambda: html(f"{'<p></p>' * MILLION}{ARTICLE}"), {"page_too_long"}, False),
    "4,000,000 p": (lambda: html("<p>" * (4 * MILLION)), {"page_too_long"}, False),
    "1,000,000 br": (lambda: html(f"{HEADER}<div>{f'{PROSE}<br>' * 9}{'<br>' * MILLION}</div>"), {"page_too_long"}, True),
    "comments alone": (lambda: html(f"{of_size('<!---->', MOST)}{ARTICLE}"), set(), True),
    "end tags alone": (lambda: html(f"{of_size('</div>', MOST)}{ARTICLE}"), set(), True),
    "300,000 links": (lambda: html(links(300_000)), {"page_too_long", "body_missing"}, False),
    "300 links": (lambda: html(links(300)), {"body_missing"}, False),
    "300,000 pictures": (lambda: body(f"<p>{PROSE}</p>" * 5 + "<img src=a.jpg>" * 300_000), {"page_too_long"}, True),
    "19,000 short lines": (lambda: body("<p>渡船停了</p>" * 19_000), set(), True),
    "19,000 cells": (lambda: body(f"<p>{PROSE}</p><table>{ROW * 1_900}</table>"), set(), True),
    "6,000 captions": (lambda: body(f"<p>{PROSE}</p>{'<img src=a.jpg><figcaption>图为码头。张三 摄</figcaption>' * 6_000}"), set(), True),
    "9,000 headlines": (lambda: html(f"<h1>{TITLE}</h1>" * 9_000 + ARTICLE), set(), True),
    "five headlines": (lambda: html(ARTICLE * 5), set(), True),
    "100,000 names of elements": (lambda: html("".join(f"<x{n}></x{n}>" for n in range(100_000)) + ARTICLE), {"page_too_long"}, False),
    "200,000 metas": (lambda: html(ARTICLE, "<meta name=a content=b>" * 200_000), {"page_too_long"}, False),
    "only less-than": (lambda: b"<" * (12 * MILLION), {"page_too_long", "title_missing"}, False),
    "tags in tags": (lambda: b"<a" * (8 * MILLION), {"page_too_long", "body_missing"}, False),
    # entities
    "references alone": (lambda: body(of_size("&#x4e2d;", MOST)), set(), True),
    "no-break spaces alone": (lambda: body(f"<p>{of_size('&nbsp;', MOST)}{PROSE}</p>" * 2), {"page_too_long"}, True),
    "ampersands alone": (lambda: body("&" * MOST), set(), True),
    "a billion laughs": (laughs, set(), True),
    # labels
    "100,000 sources in a line": (lambda: html(f"<p>{'来源：' * 100_000}</p>{ARTICLE}"), set(), True),
    "20,000 sources in elements": (lambda: html(f"<p>{'<i>来源：</i>' * 15_000}</p>{ARTICLE}"), set(), True),
    "15,000 lines of sources": (lambda: html(f"{'<p>来源：甲乙</p>' * 15_000}{ARTICLE}"), set(), True),
    "15,000 editors": (lambda: html(f"{ARTICLE}{'<p>责任编辑：李四</p>' * 15_000}"), set(), True),
    "100,000 reporters": (lambda: body(f"<p>记者 张三{' 通讯员 李四' * 100_000}</p>{f'<p>{PROSE}</p>' * 5}"), set(), True),
    "100,000 tags": (lambda: html(f"{ARTICLE}<p>标签：{'清溪 ' * 100_000}</p>"), set(), True),
    "100,000 breadcrumbs": (lambda: html(f"<div>当前位置：首页{' &gt; 清溪' * 100_000}</div>{ARTICLE}"), set(), True),
    "9,000 positions": (lambda: html(f"{'<p>当前位置：<a>首页</a></p>' * 9_000}{ARTICLE}"), set(), True),
    "100,000 times": (lambda: html(f"<p>{'2024-03-05 ' * 100_000}</p>{ARTICLE}"), set(), True),
    "a time and wide blanks": (lambda: mlf(f"2024-03-05{of_size('　', MOST)}来源"), set(), True),
    "a time and gaps": (lambda: mlf(f"2024-03-05{of_size('T,|', MOST)}"), set(), True),
    "9,000 ends": (lambda: body(f"<p>{PROSE}</p><p>延伸阅读</p>" * 9_000), set(), True),
    "brackets alone": (lambda: body(f"<p>{of_size('（', MOST // 2)}</p><p>{of_size('【', MOST // 2)}</p>{f'<p>{PROSE}</p>' * 5}"), set(), True),
    # scripts and data
    "linked data, 100,000 deep": (lambda: script("[" * 500_000 + "]" * 500_000, "application/ld+json"), set(), True),
    "linked data of short lines": (lambda: linked_data({"@type": "NewsArticle", "articleBody": of_size("清溪镇\n", MOST)}), {"page_too_long"}, True),
    "20,000 pieces of linked data": (lambda: html(ARTICLE, "<script type='application/ld+json'>{}</script>" * 9_000), set(), True),
    "1,000,000 ways to another page": (lambda: html("", f"<script>{'location.href=' * 700_000}</script>"), {"body_missing"}, False),
    # odd
    "NULs throughout": (lambda: html(ARTICLE).replace(b"e", b"\0e\0"), {"charset_lossy"}, True),
    "a NUL behind every byte": (lambda: bytes(b for char in html(ARTICLE) for b in (char, 0)), {"charset_lossy"}, True),
    "no body": (lambda: f"<html><head><title>{TITLE}</title></head></html>".encode(), {"body_missing"}, False),
    "frames": (lambda: b"<html><frameset cols='1,2'><frame src=a.html><frame src=b.html></frameset></html>", {"body_missing"}, False),
    "plain text": (lambda: f"{TITLE}\n{PROSE}\n{PROSE}".encode(), {"title_missing"}, False),
    "XHTML": (lambda: b"<?xml version='1.0' encoding='utf-8'?>" + html(ARTICLE), set(), True),
    "English": (lambda: html("<h1>Old quay reopens</h1><p>March 5, 2024</p><div>" + "<p>The ferry had been out of service for nine years. Workers replaced the piles.</p>" * 6 + "</div>", title="Old quay reopens"), {"no_template"}, True),
    "Japanese": (lambda: html("<h1>古い埠頭が再開</h1><p>2024年3月5日 8時9分</p><div>" + "<p>渡し船は九年間止まっていた。杭を三百本以上取り替えたという。</p>" * 6 + "</div>", title="古い埠頭が再開"), {"no_template"}, True),
    "Arabic": (lambda: html("<h1>إعادة افتتاح الرصيف القديم</h1><div>" + "<p>توقفت العبارة لمدة تسع سنوات كاملة. وقال العمال إنهم استبدلوا الأعمدة.</p>" * 6 + "</div>", title="إعادة افتتاح الرصيف القديم"), {"no_template"}, True),
    # charsets
    "20 MB of 0x80": (lambda: b"\x80" * (20 * MILLION), {"charset_guessed", "page_too_long"}, False),
    "a broken character in every line": (lambda: b"<p>\xb0\xff\xb0\xff</p>\n" * MILLION, {"page_too_long"}, False),
    "GBK and UTF-8 in turn": (lambda: of_bytes(f"<p>{PROSE}</p>".encode("gbk") + f"<p>{PROSE}</p>".encode(), MOST), {"charset_disagrees"}, False),
    "UTF-8 twice": (lambda: of_bytes(f"<p>{PROSE.encode().decode('latin-1')}</p>".encode(), MOST), {"charset_twice"}, False),
    "UTF-8 twice in one line": (lambda: of_bytes("中".encode().decode("latin-1").encode(), MOST), {"charset_twice"}, False),
    "€ of Windows everywhere": (lambda: of_bytes("渡船停了整整九年".encode("gbk") + b"\x80 ", MOST), {"charset_lossy"}, False),
    "UTF-16 without a mark": (lambda: html(f"<p>{PROSE}</p>" * 30_000).decode().encode("utf-16-le"), {"page_too_long"}, False),
}  # fmt: skip

PAGES: dict[str, Callable[[], bytes]] = {name: case[0] for cases in (REFUSED, READ) for name, case in cases.items()}


def measured(body: bytes) -> dict[str, Any]:
    """What reading a page gives, as an article and as a listing, in how much process time, with how much more memory."""
    from zjcrawl import channels, listing, parse
    from zjcrawl.errors import InputError
    from zjcrawl.models import Capture
    from zjcrawl.page import Page

    registry = channels.load()
    capture = Capture(URL, URL, datetime(2025, 1, 1, tzinfo=UTC), 200, (), body)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    found: dict[str, Any] = {}
    try:
        page = Page.of(capture)
        article = parse.article_of(parse.extract(page), capture, registry)
        found |= {"title": article.title, "body": len(article.body), "warnings": article.warnings}
        article.columns()
        found["article"] = time.process_time() - start
        listing.read(page, registry.hosts)
    except InputError as error:
        found |= {"refused": str(error), "article": time.process_time() - start}
    found["listing"] = time.process_time() - start - found["article"]
    found["megabytes"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    return found


def outcome(name: str) -> dict[str, Any]:
    """`measured`, in a child process that is ended where it takes far too long."""
    page = PAGES[name]()
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        try:
            answer = measured(page)
        except BaseException as error:
            answer = {"failed": repr(error)[:500]}
        os.write(sender, json.dumps(answer, ensure_ascii=False)[:60_000].encode())
        os._exit(0)
    os.close(sender)
    with os.fdopen(receiver, "rb") as answers:
        told = answers.read()
    _, status = os.waitpid(child, 0)
    return json.loads(told) if told else {"failed": f"ended with status {status}"}


def serve(names: Iterator[str]) -> None:
    measured(html(ARTICLE))  # everything loaded, every pattern compiled
    for name in names:
        print(json.dumps(outcome(name.strip()), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    serve(iter(sys.stdin))
