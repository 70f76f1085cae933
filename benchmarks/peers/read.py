"""Runs one peer over pages, in the peer's own environment: `python read.py NAME`, pages on stdin, readings on stdout.

Both are JSON, an object a line: `{"id", "url", "html"}` in, `{"id", "seconds" of the processor, and what the peer gives
of our fields}` out. A peer is given what suits it: the decoded text, the address, its setting for Chinese, and for its
own notions the nearest of ours. What it has no notion of it is not asked for. A page it fails on is an object with `error`.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

Reading = dict[str, Any]


def trafilatura() -> Callable[[str, str], Reading]:
    """title, text; author (persons parted by `;`) as reporters; date, with the time where one is found; tags."""
    from trafilatura import bare_extraction

    dates = {"original_date": True, "extensive_search": True, "outputformat": "%Y-%m-%d %H:%M:%S"}

    def read(html: str, url: str) -> Reading:
        found = bare_extraction(
            html, url=url or None, with_metadata=True, include_comments=False, date_extraction_params=dates
        )
        if found is None:
            return {}
        return {
            "title": found.title,
            "published": _without_midnight(found.date),
            "reporters": _split(found.author, ";"),
            "tags": _split(",".join(found.tags or ()), ",，;；|"),
            "body": found.text,
        }

    return read


def newspaper4k() -> Callable[[str, str], Reading]:
    """title, text; authors as reporters; publish_date; tags, else the keywords meta, which is what it knows of tags."""
    import newspaper

    def read(html: str, url: str) -> Reading:
        article = newspaper.Article(url or "http://example.com/", language="zh", fetch_images=False)
        article.download(input_html=html)
        article.parse()
        when = article.publish_date
        return {
            "title": article.title,
            "published": _without_midnight(when.strftime("%Y-%m-%d %H:%M:%S")) if when else None,
            "reporters": article.authors,
            "tags": sorted(article.tags or ()) or [word for word in article.meta_keywords if word],
            "body": article.text,
        }

    return read


def gne() -> Callable[[str, str], Reading]:
    """title, content; author (one string, persons parted by blanks and commas) as reporters; publish_time as printed."""
    from gne import GeneralNewsExtractor

    extractor = GeneralNewsExtractor()

    def read(html: str, url: str) -> Reading:
        found = extractor.extract(html, host=url)
        return {
            "title": found["title"],
            "published": _hyphenated(found["publish_time"]),
            "reporters": _split(found["author"], "、，, "),
            "body": found["content"],
        }

    return read


def readability_lxml() -> Callable[[str, str], Reading]:
    """title (its short one, without the site), author as reporters, and the text of the summary it makes as HTML."""
    from lxml import html as trees
    from readability import Document

    def read(html: str, url: str) -> Reading:
        document = Document(html, url=url or None)
        tree = trees.fromstring(document.summary(html_partial=True))
        author = document.author()
        return {
            "title": document.short_title(),
            "reporters": [] if author == "[no-author]" else _split(author, ";、，,"),
            "body": "\n".join(tree.itertext()),
        }

    return read


def _split(text: str | None, ends: str) -> list[str]:
    return [word for word in re.split(f"[{ends}]", text or "") if word.strip()]


def _without_midnight(when: str | None) -> str | None:
    """A time without the midnight that stands for an unknown hour."""
    return when.removesuffix(" 00:00:00") if when else None


def _hyphenated(printed: str | None) -> str | None:
    """A printed date and time with hyphens and colons, as the truth is written; anything else as it is."""
    numbers = re.findall(r"\d+", printed or "")
    if not 3 <= len(numbers) <= 6 or len(numbers[0]) != 4:
        return printed or None
    numbers = [number.zfill(2) for number in numbers]
    return " ".join(part for part in ("-".join(numbers[:3]), ":".join(numbers[3:])) if part)


PEERS = {
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
    "gne": gne,
    "readability-lxml": readability_lxml,
}


def main(name: str, pages: Iterable[str]) -> None:
    """Reads every page; what cannot be read says why, in one line."""
    read = PEERS[name]()
    out, sys.stdout = sys.stdout, sys.stderr  # what a peer prints by itself is no reading
    for line in pages:
        page = json.loads(line)
        started = time.process_time()
        try:
            found = read(page["html"], page["url"])
        except Exception as error:  # a peer may fail in any way: the page counts as not read
            found = {"error": f"{type(error).__name__}: {error}"[:200]}
        told = {"id": page["id"], "seconds": time.process_time() - started}
        out.write(json.dumps(told | found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin)
