"""How well real pages are read, by us and by others: `python -m benchmarks.reading_peers [FOLDER]`, `make bench-reading`.

`FOLDER` (default `../shared/realpages`) holds `truth.jsonl` and `pages/<id>.html`; `reading_score` has the rules. Every
peer runs in an environment of its own, made from `peers/<name>.txt`, on the same decoded text; `peers/read.py` says how
its notions are mapped to ours. We are given the raw bytes. The table goes into `READING.md` (all figures) and into both
READMEs (F1 and wrong values).

A peer that cannot be installed or run, and a page that is not there, is said so, and the rest is measured.
"""

import json
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import reading_score
from benchmarks.reading_score import Score
from benchmarks.tables import REAL_PAGES, ROOT, markdown, measured, put
from zjcrawl import channels, parse
from zjcrawl.errors import InputError
from zjcrawl.models import Article, Capture
from zjcrawl.page import Page

PEERS = ("trafilatura", "newspaper4k", "gne", "readability-lxml")
HERE = Path(__file__).parent
ENVIRONMENTS = HERE / ".peers"  # ignored by git
Reading = Mapping[str, Any]
Readings = Sequence[Reading]
FIELDS: dict[str, Callable[[Readings, Readings], Score]] = {
    "title": lambda read, truth: reading_score.scalar("title", read, truth),
    "time": lambda read, truth: reading_score.scalar("published", read, truth),
    "day": lambda read, truth: reading_score.scalar("published", _days(read), _days(truth)),
    "source": lambda read, truth: reading_score.scalar("source", read, truth),
    "reporters": lambda read, truth: reading_score.members("reporters", read, truth),
    "editors": lambda read, truth: reading_score.members("editors", read, truth),
    "tags": lambda read, truth: reading_score.members("tags", read, truth),
}


def captures(folder: Path, truth: Readings) -> dict[str, Capture]:
    """The pages that are there, by id; the others are named on stderr."""
    found = {}
    for about in truth:
        path = folder / "pages" / f"{about['id']}.html"
        if not path.exists():
            print(f"{path} is not there: left out", file=sys.stderr)
            continue
        url = about["url"] or ""
        found[about["id"]] = Capture(url, url, datetime.now(UTC), 200, (), path.read_bytes())
    return found


def ours(pages: Mapping[str, Capture]) -> dict[str, Reading]:
    """What we read, by page."""
    registry = channels.load()
    return {name: as_read(parse.parse([capture], registry)) for name, capture in pages.items()}


def as_read(article: Article) -> dict[str, Any]:
    """An article in the fields of the truth; the time only as precisely as it was printed."""
    forms = {"day": "%Y-%m-%d", "hour": "%Y-%m-%d", "minute": "%Y-%m-%d %H:%M", "second": "%Y-%m-%d %H:%M:%S"}
    when = article.published_at
    return {
        "title": article.title,
        "published": when.strftime(forms[article.published_precision or "second"]) if when else None,
        "source": article.source,
        "reporters": (article.names("reporter") or "").split(";"),
        "editors": (article.names("editor") or "").split(";"),
        "tags": article.tags,
        "body": article.body,
    }


def theirs(name: str, pages: Mapping[str, Capture]) -> dict[str, Reading] | None:
    """What a peer reads, by page; None, with a sentence on stderr, where it cannot be installed or run."""
    python = environment(name)
    if python is None:
        return None
    asked = "".join(json.dumps({"id": i, "url": p.final_url, "html": _text(p)}) + "\n" for i, p in pages.items())
    run = subprocess.run([python, HERE / "peers" / "read.py", name], input=asked, capture_output=True, text=True)
    if run.returncode:
        print(f"{name} cannot be run, and is left out: {_last_line(run.stderr)}", file=sys.stderr)
        return None
    read = {page["id"]: page for page in map(json.loads, run.stdout.splitlines())}
    for page in read.values():
        if "error" in page:
            print(f"{name} reads nothing of {page['id']}: {page['error']}", file=sys.stderr)
    return read


def environment(name: str) -> Path | None:
    """The Python of a peer's environment, made where there is none of these requirements."""
    wanted, folder = HERE / "peers" / f"{name}.txt", ENVIRONMENTS / name
    python, done = folder / "bin" / "python", folder / "installed.txt"
    if done.exists() and done.read_text("utf-8") == wanted.read_text("utf-8"):
        return python
    print(f"installing {name} into {folder.relative_to(ROOT)} …", file=sys.stderr)
    venv.create(folder, clear=True, with_pip=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", wanted]
    run = subprocess.run(pip, capture_output=True, text=True)
    if run.returncode:
        print(f"{name} cannot be installed, and is left out: {_last_line(run.stderr)}", file=sys.stderr)
        return None
    done.write_text(wanted.read_text("utf-8"), "utf-8")
    return python


def _text(capture: Capture) -> str:
    """The decoded text without an XML declaration, which lxml refuses in a text."""
    try:
        text = Page.of(capture).decoded.text
    except InputError:
        return ""
    return text.partition("?>")[2] if text.startswith("<?xml") else text


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it says nothing"])[-1]


def _days(read: Readings) -> list[Reading]:
    return [{"published": (page.get("published") or "")[:10] or None} for page in read]


def tables(read: Mapping[str, Readings], truth: Readings) -> tuple[str, str]:
    """The short table (F1, share of wrong values) and the full one (precision, recall, F1, wrong), by field and tool."""
    short, full = [], []
    for name, score in FIELDS.items():
        scores = [score(pages, truth) for pages in read.values()]
        best = max((found.f1 for found in scores if found.given), default=0.0)
        short.append([name, *(_short(found, best) for found in scores)])
        full.append([name, *(_full(found) for found in scores)])
    bodies = [reading_score.body(pages, truth) for pages in read.values()]
    best = max(f1 for _, _, f1 in bodies)
    short.append(["body", *(_bold(f1, best) for _, _, f1 in bodies)])
    full.append(["body", *(" / ".join(f"{part:.3f}" for part in found) for found in bodies)])
    head = ["", *read]
    return markdown(head, short), markdown(head, full)


def _short(score: Score, best: float) -> str:
    return f"{_bold(score.f1, best)} ({score.wrong:.0%})" if score.given else "–"


def _full(score: Score) -> str:
    if not score.given:
        return "–"
    return f"{score.precision:.3f} / {score.recall:.3f} / {score.f1:.3f} ({score.wrong:.1%})"


def _bold(f1: float, best: float) -> str:
    return f"**{f1:.3f}**" if f1 == best else f"{f1:.3f}"


def main(folder: Path = REAL_PAGES) -> int:
    """Measures, prints, and keeps the tables. Exit code 3 where there are no pages to measure on."""
    if not (folder / "truth.jsonl").exists():
        print(f"no real pages at {folder}: they are their publishers', and no part of the project", file=sys.stderr)
        return 3
    truth = reading_score.truths(folder)
    pages = captures(folder, truth)
    truth = [about for about in truth if about["id"] in pages]
    if not truth:
        print(f"{folder} holds none of the pages its truth speaks of", file=sys.stderr)
        return 3
    found = {"zjcrawl": ours(pages)}
    found |= {name: reading for name in PEERS if (reading := theirs(name, pages)) is not None}
    read = {tool: [reading.get(about["id"], {}) for about in truth] for tool, reading in found.items()}
    short, full = tables(read, truth)
    print(full)
    if folder == REAL_PAGES:
        keep(short, full, len(truth), list(found))
    return 0


def keep(short: str, full: str, number: int, tools: Sequence[str]) -> None:
    """Writes the tables into READING.md and the READMEs, with the command, the day and the versions."""
    versions = ", ".join([measured("zjcrawl"), *(version_of(tool) for tool in tools if tool != "zjcrawl")])
    put(HERE / "READING.md", "reading", f"{full}\n\n`make bench-reading` on {number} pages; {versions}.")
    put(ROOT / "README.md", "reading", f"{short}\n\n`make bench-reading` on {number} pages; {versions}.")
    put(ROOT / "README.zh-CN.md", "reading", f"{short}\n\n`make bench-reading`，{number} 个页面；{versions}。")


def version_of(peer: str) -> str:
    """A peer and its version, as locked."""
    locked = (HERE / "peers" / f"{peer}.txt").read_text("utf-8").lower().splitlines()
    return next(line.replace("==", " ") for line in locked if line.startswith(f"{peer}=="))


if __name__ == "__main__":
    sys.exit(main(*(Path(argument) for argument in sys.argv[1:2])))
