"""A scripted history of the model: every edit is seen, no other change is one; and all of it can be made anew."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.crawling import crawl, registry, rows
from zjcrawl import channels
from zjcrawl.model import Portal, Switches, serve
from zjcrawl.recheck import USUAL, Schedule
from zjcrawl.reparse import Rebuilt, reparse

SLUGS = ("jx", "nhnews", "wz")
ARTICLES, EDITS, DELETIONS, RESTORATIONS = 500, 200, 50, 20
EDITED = set(range(0, 2 * EDITS, 2))
DELETED = list(range(1, ARTICLES, 2))[:DELETIONS]
RESTORED = DELETED[:RESTORATIONS]
SWITCHES = Switches(
    edits=dict.fromkeys(EDITED, (1,)),
    deletions=dict.fromkeys(DELETED, 2),
    restorations=dict.fromkeys(RESTORED, 4),
    cosmetic=True,  # at every look every page has another counter, advertisement and order of its side columns
)

ARTICLE = """SELECT url, channel, kicker, title, subtitle, published_at, source, reporters, correspondents, photographers,
    editors, body, blocks, tags, images, notice, kind, template, warnings, revision, state, text_sha256, evidence
    FROM articles ORDER BY url"""
REVISION = "SELECT url, revision, change_kind, title, body, blocks, text_sha256 FROM revisions ORDER BY url, revision"
OTHERS = [
    "SELECT a.url, c.role, c.name, c.printed, c.position FROM credits c JOIN articles a ON a.id = c.article_id ORDER BY 1, 2, 3",
    "SELECT a.url, t.tag FROM tags t JOIN articles a ON a.id = t.article_id ORDER BY 1, 2",
    "SELECT a.url, o.outcome, o.why, o.seen_at FROM observations o JOIN articles a ON a.id = o.article_id ORDER BY 1, 4",
    "SELECT url, channel, listed_at, listed_printed, text, first_seen_at, last_seen_at FROM leads ORDER BY 1, 2",
    "SELECT url, kind, state, outcome, next_check_at FROM frontier WHERE outcome <> 'too_deep' ORDER BY 1",
    "SELECT f.rowid, f.title FROM articles a JOIN articles_fts f ON f.rowid = a.id ORDER BY 1",
    "SELECT run_id, url, final_url, fetched_at, status, kind, channel, frontier_url, payload_sha256, bytes, warc_file,"
    " warc_offset, warc_length, etag, last_modified FROM captures ORDER BY fetched_at, url, warc_offset",
]


def make_due(archive: Path, urls: set[str]) -> None:
    """As if enough time had passed that these articles are looked at again."""
    due = "UPDATE frontier SET next_check_at = '2020-01-01T00:00:00.000Z' WHERE next_check_at IS NOT NULL AND url = ?"
    with closing(sqlite3.connect(archive / "archive.db")) as database, database:
        database.executemany(due, [(url,) for url in urls])


@pytest.fixture(scope="module")
def portal() -> Portal:
    return Portal(seed=11, articles=ARTICLES, registry=registry(*SLUGS), switches=SWITCHES)


@pytest.fixture(scope="module")
def lived(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that saw it all: five runs, everything due in the second."""
    archive = tmp_path_factory.mktemp("lived")
    everything = {portal.url(number) for number in portal.numbers()}
    some = {portal.url(number) for number in (*DELETED, *range(0, ARTICLES, 10))}
    with serve(portal) as proxy:
        for step, due in enumerate([set(), everything, some, some, some]):
            portal.clock = step
            if due:
                make_due(archive, due)
            done = crawl(proxy, archive, *SLUGS, "--listing-pages", "40")
            assert done.code == 0
            assert "Traceback" not in done.err
    return archive


def numbers(portal: Portal, archive: Path, sql: str) -> set[int]:
    by_url = {portal.url(number): number for number in portal.numbers()}
    return {by_url[url] for (url,) in rows(archive, sql)}


def test_every_edit_is_seen_and_nothing_else_is_one(portal: Portal, lived: Path) -> None:
    assert len(EDITED) == EDITS
    assert numbers(portal, lived, "SELECT url FROM revisions WHERE change_kind = 'edit'") == EDITED
    assert rows(lived, "SELECT count(*) FROM revisions") == [(EDITS,)]
    assert rows(lived, "SELECT outcome, count(*) FROM observations WHERE outcome = 'changed'") == [("changed", EDITS)]


def test_what_is_gone_is_said_when_confirmed_and_keeps_its_wording(portal: Portal, lived: Path) -> None:
    assert numbers(portal, lived, "SELECT url FROM articles WHERE state = 'gone'") == set(DELETED) - set(RESTORED)
    assert rows(lived, "SELECT count(*) FROM articles WHERE state = 'suspect'") == [(0,)]
    assert rows(lived, "SELECT count(*) FROM articles WHERE body = '' AND kind = 'text'") == [(0,)]
    looks = rows(lived, "SELECT group_concat(outcome || coalesce(' ' || why, ''), ', ') FROM observations"
                        f" WHERE article_id = (SELECT id FROM articles WHERE url = '{portal.url(DELETED[-1])}')")  # fmt: skip
    assert looks[0][0].endswith(", ".join(["gone status 410"] * 3))


def test_what_comes_back_is_the_same_article(portal: Portal, lived: Path) -> None:
    restored = [portal.url(number) for number in RESTORED]
    marks = ", ".join(f"'{url}'" for url in restored)
    assert rows(lived, f"SELECT DISTINCT state, revision FROM articles WHERE url IN ({marks})") == [("live", 1)]
    assert rows(lived, "SELECT count(*) FROM articles") == [(ARTICLES,)]


def again(archive: Path, **options: object) -> Rebuilt:
    return reparse(archive, channels.load(), Schedule.of(USUAL), **options)  # type: ignore[arg-type]


def test_reading_again_changes_nothing_and_says_so(lived: Path) -> None:
    before = (lived / "archive.db").read_bytes()
    told = again(lived, dry_run=True)
    assert told.difference == {"columns": {}, "new": 0, "lost": 0, "examples": []}
    assert told.outcomes["edited"] == EDITS
    assert (lived / "archive.db").read_bytes() == before
    assert not list(lived.glob("archive.db.new*"))


def test_the_archive_made_anew_is_the_same_row_by_row(lived: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(lived, tmp_path / "copy"))
    again(copy)
    ids = "SELECT url, id FROM articles ORDER BY id"
    for sql in (ARTICLE, REVISION, *OTHERS, ids):
        assert rows(copy, sql) == rows(lived, sql), sql
    assert rows(copy, "PRAGMA integrity_check") == [("ok",)]
    assert rows(copy, "SELECT command, exit_code FROM runs ORDER BY id DESC LIMIT 1") == [("reparse", 0)]


def test_without_its_database_the_archive_is_made_from_the_files(lived: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(lived, tmp_path / "copy"))
    for path in copy.glob("archive.db*"):
        path.unlink()
    told = again(copy)
    assert told.adopted == rows(lived, "SELECT count(*) FROM captures")[0][0]
    for sql in (ARTICLE, REVISION, *OTHERS[:5], OTHERS[-1]):
        assert rows(copy, sql) == rows(lived, sql), sql


def test_a_changed_reading_is_a_difference_and_never_an_edit(lived: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(lived, tmp_path / "copy"))
    with closing(sqlite3.connect(copy / "archive.db")) as database, database:  # as an older program had read it
        database.execute("UPDATE articles SET editors = '旧的读法', template_version = 0 WHERE id <= 7")
    told = again(copy, dry_run=True, workers=1)
    assert told.difference["columns"]["editors"]["articles"] == 7
    assert told.difference["columns"]["editors"]["examples"][0]["was"] == "旧的读法"
    again(copy)
    assert rows(copy, ARTICLE) == rows(lived, ARTICLE)
    assert rows(copy, "SELECT count(*) FROM revisions WHERE change_kind = 'edit'") == [(EDITS,)]


def test_the_crawl_goes_on_after_a_rebuilding(portal: Portal, lived: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(lived, tmp_path / "copy"))
    for path in copy.glob("archive.db*"):
        path.unlink()
    again(copy)
    with serve(portal) as proxy:
        done = crawl(proxy, copy, *SLUGS, "--rechecks", "0")
        assert (done.code, done.summary["articles"]) == (0, {})  # nothing is asked for twice
    assert json.loads(rows(copy, "SELECT stats FROM runs WHERE command = 'reparse'")[0][0])["adopted"] > 0
