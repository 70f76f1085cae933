"""How the reading by labels bears other markup: `python -m benchmarks.reading_mutations [NAME…] [--pages]`.

The real pages are changed as sites change (other names, other elements, another charset), and read again by the same
truth. A field that falls leant on the markup rather than on what the page prints. `--pages` names the fields that fell.
"""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import lxml.html

from benchmarks import reading_score
from benchmarks.reading_peers import as_read
from benchmarks.tables import REAL_PAGES, markdown, measured, put
from zjcrawl import channels, parse
from zjcrawl.models import Capture
from zjcrawl.page import Page

Tree = Any
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def other_names(tree: Tree) -> None:
    """Every class and id is another word, the same everywhere on the page, as style tools make them."""
    random, names = Random(7), dict[str, str]()
    for element in tree.iter():
        for attribute in ("class", "id"):
            if element.get(attribute):
                words = [names.setdefault(w, f"x{random.getrandbits(40):x}") for w in element.get(attribute).split()]
                element.set(attribute, " ".join(words))


def no_names(tree: Tree) -> None:
    """No element bears a class or id."""
    for element in tree.iter():
        for attribute in ("class", "id"):
            element.attrib.pop(attribute, None)


def no_headings(tree: Tree) -> None:
    """Headings are plain elements."""
    for element in tree.iter(*_HEADINGS):
        element.tag = "div"


def no_head(tree: Tree) -> None:
    """The head states nothing: no <title>, no metas but the charset, no JSON-LD."""
    for element in list(tree.iter("title", "meta")):
        if element.tag == "title" or not (element.get("charset") or element.get("http-equiv")):
            element.getparent().remove(element)
    for script in tree.iter("script"):
        script.text = None


def tables(tree: Tree) -> None:
    """Every `div` and `section` is a table of one cell, as pages were laid out before 2008."""
    for element in list(tree.iter("div", "section", "article", "main", "header")):
        cell = lxml.html.Element("td")
        cell.text, element.text = element.text, None
        cell.extend(list(element))
        row = lxml.html.Element("tr")
        row.append(cell)
        element.append(row)
        element.tag = "table"


def line_breaks(tree: Tree) -> None:
    """Paragraphs are parted by two line breaks, and stand in no element of their own."""
    for paragraph in list(tree.iter("p")):
        paragraph.tag = "span"
        for _ in range(2):
            gap = lxml.html.Element("br")
            gap.tail, paragraph.tail = paragraph.tail, None
            paragraph.addnext(gap)


def divisions(tree: Tree) -> None:
    """Paragraphs are `div`s within a `section`, as editors of accounts make them."""
    for paragraph in list(tree.iter("p")):
        paragraph.tag = "div"


def gbk(tree: Tree) -> None:
    """Written as GBK (see `changed`); the tree stays as it is."""


CHANGES: dict[str, Callable[[Tree], None]] = {
    "other names": other_names,
    "no names": no_names,
    "no headings": no_headings,
    "no head": no_head,
    "tables": tables,
    "line breaks": line_breaks,
    "divisions": divisions,
    "gbk": gbk,
}


def changed(capture: Capture, change: Callable[[Tree], None]) -> Capture:
    """A page in other markup."""
    tree = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", Page.of(capture).decoded.text))
    change(tree)
    charset = "gb18030" if change is gbk else "utf-8"
    for meta in list(tree.iter("meta")):
        if meta.get("charset") or (meta.get("http-equiv") or "").lower() == "content-type":
            meta.getparent().remove(meta)
    head = tree.find("head")
    if head is not None:
        head.insert(0, lxml.html.fromstring(f'<meta charset="{"gbk" if change is gbk else charset}">'))
    html = lxml.html.tostring(tree, encoding="unicode", doctype="<!DOCTYPE html>")
    return Capture(
        capture.url, capture.final_url, capture.fetched_at, 200, (), html.encode(charset, "xmlcharrefreplace")
    )


def read(pages: Mapping[str, Capture], change: Callable[[Tree], None] | None) -> list[dict[str, Any]]:
    registry = channels.load()
    return [as_read(parse.parse([changed(page, change) if change else page], registry)) for page in pages.values()]


def scores(found: Sequence[Mapping[str, Any]], truth: Sequence[Mapping[str, Any]]) -> list[str]:
    """F1 and the share of wrong values of each field; of the body, F1."""
    row = []
    for name in (*reading_score.SCALARS, *reading_score.LISTS):
        score = (reading_score.scalar if name in reading_score.SCALARS else reading_score.members)(name, found, truth)
        row.append(f"{score.f1:.3f} ({score.wrong:.0%})")
    return [*row, f"{reading_score.body(found, truth)[2]:.3f}"]


def main(arguments: Sequence[str] = ()) -> int:
    """Prints a table, a row a change, and keeps that of all changes in READING.md. Exit code 3 where there are no pages to measure on."""
    if not (REAL_PAGES / "truth.jsonl").exists():
        print(f"no real pages at {REAL_PAGES}: they are their publishers', and no part of the project", file=sys.stderr)
        return 3
    truth = reading_score.truths(REAL_PAGES)
    pages = {about["id"]: capture_of(REAL_PAGES, about) for about in truth}
    asked = [name for name in arguments if not name.startswith("-")] or list(CHANGES)
    as_they_are = read(pages, None)
    rows = [["as they are", *scores(as_they_are, truth)]]
    for name in asked:
        found = read(pages, CHANGES[name])
        rows.append([name, *scores(found, truth)])
        if "--pages" in arguments:
            for about, was, now in zip(truth, as_they_are, found, strict=True):
                _tell(name, about, was, now)
    table = markdown(["", *reading_score.SCALARS, *reading_score.LISTS, "body"], rows)
    print(table)
    if asked == list(CHANGES):
        about = f"`python -m benchmarks.reading_mutations` on {len(pages)} pages; {measured('zjcrawl')}."
        put(Path(__file__).parent / "READING.md", "mutations", f"{table}\n\n{about}")
    return 0


def capture_of(folder: Path, about: Mapping[str, Any]) -> Capture:
    """A page of a folder, by its line of the truth."""
    url = about["url"] or ""
    return Capture(url, url, datetime.now(UTC), 200, (), (folder / "pages" / f"{about['id']}.html").read_bytes())


def _tell(change: str, about: Mapping[str, Any], was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for name in ("title", "published", "source", "reporters", "editors"):
        if was[name] != now[name]:
            print(f"{change}: {about['id']} {name}: {was[name]!r} → {now[name]!r}")
    before, after = (reading_score.one_body(page["body"] or "", about["body"])[2] for page in (was, now))
    if after < before - 0.01:
        print(f"{change}: {about['id']} body: {before:.3f} → {after:.3f}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
