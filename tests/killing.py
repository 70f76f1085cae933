"""Crawls that are killed, again and again, at random moments and at named points, until they have done all their work.

`python -m tests.killing --kills 200` prints what it came to; tests/test_kill.py does a shorter one.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.crawling import FAST, command, crawl, environment, registry, rows
from zjcrawl.model import Portal, Proxy, Switches, serve

SLUGS = ("jx", "nhnews")
SWITCHES = Switches(cosmetic=True)

# A run that kills itself with SIGKILL when a function is called for the n-th time, before or after it does its work.
# The last ones are called once a run: n is 1 there.
POINTS = (
    "zjcrawl.archive.articles:store",
    "zjcrawl.archive.warc:WarcWriter.write",
    "zjcrawl.archive.warc:WarcWriter.flush",
    "zjcrawl.archive.captures:add",
    "zjcrawl.archive.frontier:record_listing",
    "zjcrawl.archive.frontier:claim",
    "zjcrawl.archive.search_index:Changes.apply",
    "zjcrawl.archive.writer:ArchiveWriter._commit",
    "zjcrawl.archive.warc:salvage",
    "zjcrawl.archive.schema:migrate",
    "zjcrawl.archive.frontier:free",
    "zjcrawl.archive.warc:settle",
    "zjcrawl.archive.warc:WarcWriter.close",
    "zjcrawl.archive.captures:close_files",
    "zjcrawl.archive.writer:ArchiveWriter._end",
)
ONCE = 8
SUICIDE = """
import importlib, os, signal
module, name = os.environ["KILL_AT"].split(":")
place, count = os.environ["KILL_WHEN"].split(":")
owner = importlib.import_module(module)
*outer, name = name.split(".")
for part in outer:
    owner = getattr(owner, part)
original, calls = getattr(owner, name), 0
def dies(*args, **kwargs):
    global calls
    calls += 1
    if calls == int(count) and place == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = original(*args, **kwargs)
    if calls == int(count) and place == "after":
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(owner, name, dies)
"""

# Everything of an archive but keys and times, table by table.
TABLES = {
    "articles": "SELECT url, channel, title, published_at, source, reporters, editors, body, blocks, tags, images, notice,"
    " kind, template, warnings, revision, state, text_sha256, evidence FROM articles ORDER BY url",
    "revisions": "SELECT url, revision, change_kind FROM revisions ORDER BY url, revision",
    "credits": "SELECT a.url, c.role, c.name, c.printed, c.position FROM credits c JOIN articles a ON a.id = c.article_id"
    " ORDER BY 1, 2, 3",
    "tags": "SELECT a.url, t.tag FROM tags t JOIN articles a ON a.id = t.article_id ORDER BY 1, 2",
    "leads": "SELECT url, channel, listed_at, listed_printed, text FROM leads ORDER BY 1, 2",
    "placements": "SELECT a.url, p.channel, p.listed_at FROM placements p JOIN articles a ON a.id = p.article_id ORDER BY 1, 2",
    "frontier": "SELECT url, kind, state, outcome FROM frontier ORDER BY 1",
    "index": "SELECT a.url FROM articles a JOIN articles_fts f ON f.rowid = a.id ORDER BY 1",
    "channels": "SELECT * FROM channels ORDER BY 1",
}


def contents(archive: Path) -> dict[str, list[tuple[object, ...]]]:
    return {name: rows(archive, sql) for name, sql in TABLES.items()}


def acknowledged(archive: Path) -> dict[str, str]:
    """The wording of every article that is committed; nothing where there is no archive yet."""
    if not (archive / "archive.db").exists() or not rows(
        archive, "SELECT 1 FROM sqlite_master WHERE name = 'articles'"
    ):
        return {}
    return dict(rows(archive, "SELECT url, text_sha256 FROM articles"))  # type: ignore[arg-type]


class Killing:
    """Kills runs over a proxy until they are done, and watches that nothing acknowledged is ever lost."""

    def __init__(self, proxy: Proxy, archive: Path, seed: int) -> None:
        self.proxy, self.archive, self.random = proxy, archive, random.Random(seed)
        self.kills: Counter[str] = Counter()
        self.lost: list[str] = []
        self.before: dict[str, str] = {}

    def at_random(self, longest: float) -> bool:
        """A run killed after a random time; False if it ended before."""
        words = command(self.archive, *SLUGS, settings=("DOWNLOAD_DELAY=0.005", *FAST[1:]))
        process = subprocess.Popen(
            words, env=environment(self.proxy), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(self.random.uniform(0.3, longest))
        process.send_signal(signal.SIGKILL)
        return self._ended(process.wait(), "at random")

    def at(self, point: str, place: str, count: int) -> bool:
        """A run killed before or after the `count`-th call of a function; False if it ended before."""
        count = 1 if POINTS.index(point) >= ONCE else count
        words = command(self.archive, *SLUGS, settings=FAST)
        words[2] = SUICIDE + words[2]
        told = {"KILL_AT": point, "KILL_WHEN": f"{place}:{count}"}
        done = subprocess.run(words, env=environment(self.proxy) | told, capture_output=True, timeout=120, check=False)
        return self._ended(done.returncode, point)

    def _ended(self, code: int, point: str) -> bool:
        now = acknowledged(self.archive)
        self.lost += [url for url, wording in self.before.items() if now.get(url) != wording]
        self.before = now
        killed = code == -signal.SIGKILL
        self.kills[point] += killed
        return killed


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.killing", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    portal = Portal(seed=5, articles=options.articles, registry=registry(*SLUGS), switches=SWITCHES)
    wrong = 0
    with serve(portal) as proxy, tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole"
        assert crawl(proxy, whole, *SLUGS, "--listing-pages", "40").code == 0
        expected, turn, kills = contents(whole), 0, Counter[str]()
        while kills.total() < options.kills:
            killing = Killing(proxy, Path(folder) / f"killed{turn}", options.seed + turn)
            for number in range(options.kills - kills.total()):
                if number % 2:
                    point = POINTS[(number // 2) % len(POINTS)]
                    place = killing.random.choice(["before", "after"])
                    going = killing.at(point, place, killing.random.randint(1, 12))
                else:
                    going = killing.at_random(3.0)
                if not going and not rows(killing.archive, "SELECT 1 FROM frontier WHERE state <> 'done' LIMIT 1"):
                    break
            crawl(proxy, killing.archive, *SLUGS, "--listing-pages", "40")
            found = contents(killing.archive)
            differing = [name for name, kept in expected.items() if found[name] != kept]
            print(
                f"archive {turn}: {killing.kills.total()} kills, {len(killing.lost)} acknowledged articles lost, "
                f"differing tables: {', '.join(differing) or 'none'}",
                flush=True,
            )
            wrong += len(killing.lost) + len(differing)
            kills += killing.kills
            turn += 1
    print(f"{kills.total()} kills: {dict(kills)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(Path.cwd()))
    sys.exit(main())
