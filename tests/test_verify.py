"""`verify` finds nothing in a sound archive, and everything that is altered in it, by name.

The archive is a real one: three runs over the scale model, with edits, deletions, articles of several pages of which
some could not be had, and looks that found everything as it was (304, revisits, and pages with other advertisements).
"""

import gzip
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.archiving import capture, refuses, writing
from tests.crawling import article as page
from tests.crawling import command, crawl, environment, registry, rows
from zjcrawl import channels, cli, verify
from zjcrawl.archive import ARTICLE_COLUMNS, Transaction, search_index, warc
from zjcrawl.errors import InputError
from zjcrawl.model import Portal, Switches, serve
from zjcrawl.models import Capture, Errand
from zjcrawl.parse import parse
from zjcrawl.recheck import Schedule
from zjcrawl.reparse import reparse
from zjcrawl.verify import Finding, files, index, states, tables, wordings
from zjcrawl.verify.subject import Task, opened, perform

SLUGS = ("jx", "nhnews")
EDITS = {3: (1, 2), 7: (1,), 12: (2,)}
FLIPS = 400


def portal(clock: int, **switches: Any) -> Portal:
    made = Portal(3, 22, Switches(edits=EDITS, deletions={5: 1}, **switches), registry(*SLUGS))
    made.clock = clock
    return made


def later_pages(of: Portal) -> list[str]:
    """The addresses of the second pages of the articles that have some."""
    seconds = [of.url(number).replace(".shtml", "_01.shtml") for number in of.numbers()]
    return [address for address in seconds if of.respond(address).status == 200]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    first, second, *_ = later_pages(portal(0))
    stages = (
        portal(0, faults={"dead": {first, second}}),
        portal(1, faults={"dead": {first, second}}),
        portal(2, cosmetic=True, validators=False, faults={"dead": {second}}),
    )
    for stage in stages:
        with serve(stage) as proxy:
            done = crawl(proxy, folder, *SLUGS)
        assert done.err == "" or "could not be had" in done.err
        alter(folder, "UPDATE frontier SET next_check_at = '2026-01-01T00:00:00.000Z' WHERE next_check_at IS NOT NULL")
    return folder


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    """The sound archive, to be broken."""
    return Path(shutil.copytree(sound, tmp_path / "copy"))


def alter(folder: Path, *statements: str) -> None:
    """Changes the database as other hands do: no foreign keys, no checks."""
    with closing(sqlite3.connect(folder / "archive.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, statement


def value(folder: Path, sql: str) -> Any:
    return rows(folder, sql)[0][0]


def found(folder: Path, *tasks: Task) -> list[Finding]:
    with opened(folder) as subject:
        return [finding for task in tasks for finding in perform(subject, task)]


def named(findings: Sequence[Finding], table: str, key: str | int, *words: str) -> bool:
    """Whether a failure is said of a row, with some words."""
    return any(
        (one.table, one.key) == (table, key) and one.weight == "fails" and all(word in one.sentence for word in words)
        for one in findings
    )


# -- a sound archive -------------------------------------------------------------------------------------------------


def test_the_sound_archive_has_all_there_is_to_check(sound: Path) -> None:
    assert value(sound, "SELECT count(*) FROM warc_files") == 3
    assert value(sound, "SELECT count(*) FROM captures WHERE revisit_of IS NOT NULL") > 0
    assert value(sound, "SELECT count(*) FROM captures WHERE status = 304") > 0
    assert {kind for (kind,) in rows(sound, "SELECT change_kind FROM revisions")} == {"edit", "reparse"}
    assert value(sound, "SELECT count(*) FROM article_captures WHERE part > 1") > 1
    assert value(sound, "SELECT count(*) FROM articles WHERE warnings LIKE '%incomplete%'") == 1
    assert value(sound, "SELECT count(*) FROM articles WHERE state = 'gone'") == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_nothing_is_said_of_a_sound_archive(sound: Path, workers: int) -> None:
    steps: dict[str, list[int]] = {}
    report = verify.verify(
        sound, workers=workers, watch=lambda step, more, total: steps.setdefault(step, [total]).append(more)
    )
    assert report.findings == []
    assert report.exit_code == 0
    numbers = {table: value(sound, f"SELECT count(*) FROM {table}") for table in ("captures", "articles")}
    assert report.looked == {"files": (3, 3)} | {name: (n, n) for name, n in numbers.items()}
    assert all(sum(done) == total for total, *done in steps.values())
    assert set(steps) == {"index", "tables", "files", "articles"}


@pytest.mark.parametrize("database", ["kept", "lost"])
def test_an_archive_made_anew_is_sound(copy: Path, database: str) -> None:
    if database == "lost":
        for path in copy.glob("archive.db*"):
            path.unlink()
    reparse(copy, channels.load(), Schedule(), workers=1)
    report = verify.verify(copy)
    assert report.failures == []
    assert {(one.table, one.weight) for one in report.notes} == ({("runs", "note")} if database == "lost" else set())


def test_an_archive_without_articles_is_sound(tmp_path: Path) -> None:
    with writing(tmp_path):
        pass
    assert verify.verify(tmp_path).findings == []
    assert verify.verify(tmp_path, quick=True).findings == []


# -- the files -------------------------------------------------------------------------------------------------------


def places(folder: Path, path: Path) -> list[tuple[int, int, int]]:
    """Of every capture of a file: its id, where its response begins and where its request ends."""
    sql = f"SELECT id, warc_offset, warc_length FROM captures WHERE warc_file = '{path.name}'"
    return [(n, start, warc.read_record(path, start + length).end) for n, start, length in rows(folder, sql)]


def test_any_flipped_byte_is_found_and_the_capture_it_touches_is_named(tmp_path: Path) -> None:
    dice = random.Random(5)
    with writing(tmp_path) as writer:
        for n in range(12):
            body = dice.randbytes(400) if n % 4 else b"the same"  # of the latter, all but the first are revisits
            kept = capture("http://jx.zjol.com.cn/", body, minutes=n)
            writer.submit(lambda t, kept=kept: t.keep(kept))
    (path,) = (tmp_path / "warc").iterdir()
    whole = path.read_bytes()
    captures = places(tmp_path, path)
    hidden = 0
    with opened(tmp_path) as subject:
        (shelf,) = files.shelves(subject)
        assert perform(subject, Task("files", files.contents, (shelf,))) == []
        for _ in range(FLIPS):
            at = dice.randrange(len(whole))
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << dice.randrange(8)]) + whole[at + 1 :])
            findings = perform(subject, Task("files", files.contents, (shelf,)))
            assert named(findings, "warc_files", path.name, "not, byte for byte, what it was"), at
            said = {one.key for one in findings if one.table == "captures"}
            if any("every record is whole" in one.sentence for one in findings):
                hidden += 1  # a byte of a gzip header that no reader misses
                assert not said
            else:
                assert said == {number for number, start, end in captures if start <= at < end}, at
    assert 0 < hidden < FLIPS / 10


def test_cut_missing_and_strange_files(copy: Path) -> None:
    cut, missing, _ = sorted((copy / "warc").iterdir())
    last = max(places(copy, cut))[0]
    cut.write_bytes(cut.read_bytes()[:-100])
    missing.unlink()
    (copy / "warc" / "other.warc.gz").write_bytes(b"other")
    (copy / "warc" / "notes.txt").write_bytes(b"mine")
    report = verify.verify(copy)
    assert named(report.findings, "captures", last, "damaged")
    assert named(report.findings, "warc_files", cut.name, "bytes")
    assert named(report.findings, "warc_files", missing.name, "missing", "captures")
    assert named(report.findings, "warc_files", "other.warc.gz", "no row")
    assert [one.key for one in report.notes] == ["notes.txt"]
    assert any(one.check == "wordings" and missing.name in one.sentence for one in report.failures)


def test_a_capture_is_judged_alone_too(copy: Path) -> None:
    everything = range(1, value(copy, "SELECT max(id) FROM captures") + 1)
    assert found(copy, Task("captures", files.sample, (everything,))) == []
    path = min((copy / "warc").iterdir())
    number, start, _ = places(copy, path)[3]
    with path.open("r+b") as file:
        file.seek(start + 200)
        file.write(b"\0\0\0\0")
    findings = found(copy, Task("captures", files.sample, (everything,)))
    assert named(findings, "captures", number, "restore the file")
    assert {one.key for one in findings} == {number}


CAPTURES = {  # how a column of a capture is altered, and what the finding says
    "run_id": ("run_id % 2 + 1", "several runs"),
    "url": ("url || '?'", "url is"),
    "final_url": ("final_url || '?'", "final_url is"),
    "fetched_at": ("replace(fetched_at, '20', '21')", "fetched_at is"),
    "status": ("status + 1", "status is"),
    "outcome": ("'newer'", "outcome"),
    "charset_declared": ("'big5'", "charset_declared is"),
    "charset_used": ("'big5'", "charset_used is"),
    "payload_sha256": ("lower(hex(zeroblob(32)))", "payload_sha256 is"),
    "bytes": ("bytes + 1", "bytes is"),
    "truncated": ("'length'", "truncated is"),
    "warc_file": ("(SELECT max(name) FROM warc_files)", "no record begins"),
    "warc_offset": ("warc_offset + 1", "no record begins"),
    "warc_length": ("warc_length - 1", "warc_length is"),
    "revisit_of": ("id - 1", "revisit_of is"),
    "etag": ("'none'", "etag is"),
    "last_modified": ("'never'", "last_modified is"),
    "kind": ("'listing'", "kind is"),
    "channel": ("'wz'", "channel is"),
    "frontier_url": ("frontier_url || '?'", "frontier_url is"),
}


def whole(folder: Path) -> Iterator[Task]:
    with opened(folder) as subject:
        return iter([Task("files", files.contents, (shelf,)) for shelf in files.shelves(subject)])


def test_every_column_of_a_capture_has_its_alteration(sound: Path) -> None:
    assert {name for _, name, *_ in rows(sound, "PRAGMA table_info(captures)")} == {"id", *CAPTURES}


@pytest.mark.parametrize("column", CAPTURES)
def test_an_altered_column_of_a_capture_is_found(copy: Path, column: str) -> None:
    number, name, article = rows(
        copy,
        "SELECT c.id, c.warc_file, e.article_id FROM captures c JOIN article_captures e ON e.capture_id = c.id"
        " WHERE e.part = 1 AND c.revisit_of IS NULL AND c.warc_file = (SELECT min(name) FROM warc_files)"
        " ORDER BY c.id DESC LIMIT 1",
    )[0]
    new, says = CAPTURES[column]
    alter(copy, f"UPDATE captures SET {column} = {new} WHERE id = {number}")
    findings = found(
        copy,
        *whole(copy),
        Task("articles", wordings.articles, ((article,),)),
        Task("tables", states.captures),
    )
    assert named(findings, "captures", number, says) or named(findings, "warc_files", name, says)


def test_a_revisit_points_to_a_capture_of_the_same_payload(copy: Path) -> None:
    number = value(copy, "SELECT max(id) FROM captures WHERE revisit_of IS NOT NULL")
    alter(copy, f"UPDATE captures SET revisit_of = revisit_of + 1 WHERE id = {number}")
    assert named(found(copy, *whole(copy)), "captures", number, "revisit_of is")


def test_a_captures_row_that_is_gone_leaves_an_orphan(copy: Path) -> None:
    alter(copy, "DELETE FROM captures WHERE id = (SELECT max(id) FROM captures)")
    (note,) = found(copy, *whole(copy))
    assert (note.weight, note.sentence) == ("note", "1 captures in the file are in no row, as a crash may leave them")


# -- the wordings ----------------------------------------------------------------------------------------------------

LIVE = "CASE state WHEN 'live' THEN 'gone' ELSE 'live' END"
WORDINGS = {  # how a column of a wording is altered where a further character would be no value of it
    "published_at": "replace(published_at, '+08', '+09')",
    "published_precision": "CASE published_precision WHEN 'day' THEN 'hour' ELSE 'day' END",
    "blocks": "replace(blocks, '。', '，')",
    "images": 'json_insert(images, \'$[#]\', json(\'{"src":"http://x/","caption":null}\'))',
    "kind": "CASE kind WHEN 'video' THEN 'stub' ELSE 'video' END",
    "warnings": "json_insert(warnings, '$[#]', 'time_missing')",
    "evidence": "replace(evidence, 'sure', 'Sure')",
    "revision": "revision + 1",
    "capture_id": "capture_id - 1",
    "channel": "'wz'",
    "text_sha256": "replace(text_sha256, '2:', '2:0')",
    "change_kind": "CASE change_kind WHEN 'edit' THEN 'reparse' ELSE 'edit' END",
    **dict.fromkeys(
        ("first_seen_at", "last_seen_at", "changed_at", "seen_at"),
        "strftime('%Y-%m-%dT%H:%M:%fZ', {column}, '+1 second')",
    ),
}
APART = {"id", "template", "template_version", "state"}  # judged otherwise, below
ALTERED = [("articles", column) for column in (*ARTICLE_COLUMNS, "evidence") if column not in APART]
ALTERED += [
    ("revisions", column) for column in (*ARTICLE_COLUMNS, "evidence", "change_kind", "seen_at") if column not in APART
]


def wording(folder: Path, *articles: int) -> tuple[Task, ...]:
    """The checks that see an article's wordings."""
    return (
        Task("articles", wordings.articles, (articles,)),
        Task("tables", states.history),
        Task("tables", states.looks),
    )


@pytest.mark.parametrize(("table", "column"), ALTERED, ids=[".".join(one) for one in ALTERED])
def test_an_altered_column_of_a_wording_is_found(copy: Path, table: str, column: str) -> None:
    article = "id" if table == "articles" else "article_id"
    # One that has a value, of those with more than one wording where there is one.
    number, key = rows(
        copy,
        f"SELECT {article}, id FROM {table} ORDER BY {column} IS NULL,"
        f" {article} NOT IN (SELECT article_id FROM revisions) LIMIT 1",
    )[0]
    new = WORDINGS.get(column, "coalesce({column}, '') || '改'").replace("{column}", column)
    alter(copy, f"UPDATE {table} SET {column} = {new} WHERE id = {key} AND {new} IS NOT {column}")
    findings = found(copy, *wording(copy, number))
    if column == "change_kind":
        later = value(copy, f"SELECT id FROM articles WHERE id = {number}")
        assert named(findings, "articles", later, "changed_at is") or named(
            findings, "revisions", key + 1, "changed_at"
        )
    elif column == "seen_at":
        assert any("replaced another at" in one.sentence and one.weight == "fails" for one in findings)
    else:
        assert named(findings, table, key, f"{column} is")


def test_any_character_of_any_text_counts(copy: Path) -> None:
    dice = random.Random(2)
    texts = rows(copy, "SELECT id, title, body, blocks, evidence FROM articles")
    for _ in range(40):
        number, *columns = dice.choice(texts)
        at = dice.randrange(4)
        name, old = ("title", "body", "blocks", "evidence")[at], columns[at]
        place = dice.choice([n for n, character in enumerate(old) if character not in '"\\{}[]:,'])
        new = old[:place] + chr(ord(old[place]) + 1) + old[place + 1 :]
        with closing(sqlite3.connect(copy / "archive.db", isolation_level=None)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute(f"UPDATE articles SET {name} = ? WHERE id = ?", (new, number))
            assert named(found(copy, *wording(copy, number)), "articles", number, f"{name} is"), (number, name, place)
            connection.execute(f"UPDATE articles SET {name} = ? WHERE id = ?", (old, number))


def test_bytes_that_are_no_utf8_and_characters_that_end_a_text_are_found(copy: Path) -> None:
    alter(
        copy,
        "UPDATE articles SET title = CAST(CAST(title AS BLOB) || x'FF' AS TEXT) WHERE id = 1",
        "UPDATE articles SET source = source || char(0) || 'more' WHERE id = 2",
        "UPDATE articles SET body = CAST(body AS BLOB) WHERE id = 3",
    )
    findings = found(copy, *wording(copy, 1, 2, 3))
    for number, column in ((1, "title"), (2, "source"), (3, "body")):
        assert named(findings, "articles", number, f"{column} is")


BESIDE = {  # statements that alter the rows beside a wording; the table that is named, and words of the finding
    "a credit renamed": ("UPDATE credits SET name = name || '改' WHERE article_id = {credited}", "credits", "missing"),
    "a credit printed otherwise": ("UPDATE credits SET printed = '' WHERE article_id = {credited}", "credits", "not printed"),
    "a credit in another role": ("UPDATE credits SET role = 'intern' WHERE article_id = {credited}", "credits", "intern"),
    "a credit at another place": ("UPDATE credits SET position = position + 1 WHERE article_id = {credited}", "credits", ""),
    "a credit gone": ("DELETE FROM credits WHERE article_id = {credited}", "credits", "missing"),
    "a credit too many": ("INSERT INTO credits VALUES ({credited}, 'editor', '某某', '某某', 9)", "credits", "某某"),
    "a tag renamed": ("UPDATE tags SET tag = tag || '改' WHERE article_id = {tagged}", "tags", "no tag"),
    "a tag gone": ("DELETE FROM tags WHERE article_id = {tagged}", "tags", "missing"),
    "a tag too many": ("INSERT INTO tags VALUES ({tagged}, '某')", "tags", "'某'"),
}  # fmt: skip


@pytest.mark.parametrize("name", BESIDE)
def test_altered_credits_and_tags_are_found(copy: Path, name: str) -> None:
    sql, table, says = BESIDE[name]
    articles = {
        "credited": value(copy, "SELECT article_id FROM credits GROUP BY 1 HAVING count(*) > 1"),
        "tagged": value(copy, "SELECT article_id FROM tags GROUP BY 1 HAVING count(*) > 1"),
    }
    alter(copy, sql.format(**articles))
    number = articles["credited" if table == "credits" else "tagged"]
    assert named(found(copy, *wording(copy, number)), table, number, says)


def test_what_another_version_read_is_a_note_but_must_agree_with_itself(copy: Path) -> None:
    older = "UPDATE articles SET template_version = template_version - 1 WHERE id IN ({})"
    everything = [number for (number,) in rows(copy, "SELECT id FROM articles")]
    alter(copy, older.format(", ".join(map(str, everything))))
    findings = found(copy, *wording(copy, *everything))
    assert {(one.check, one.weight) for one in findings} == {("older readings", "note")}
    credited = value(copy, "SELECT article_id FROM credits WHERE role = 'reporter' AND article_id > 4")
    tagged = value(copy, "SELECT article_id FROM tags WHERE article_id NOT IN (1, 2, 3, 4, 5)")
    alter(
        copy,
        "UPDATE articles SET title = title || '改' WHERE id = 1",
        "UPDATE articles SET body = replace(body, '。', '，') WHERE id = 2",
        "UPDATE articles SET blocks = replace(blocks, '。', '，'), body = replace(body, '。', '，') WHERE id = 3",
        "UPDATE articles SET blocks = '3' WHERE id = 4",
        f"UPDATE credits SET name = name || '改' WHERE article_id = {credited}",
        f"DELETE FROM tags WHERE article_id = {tagged}",
    )
    findings = found(copy, *wording(copy, *everything))
    assert named(findings, "articles", 1, "text_sha256 is", "the other columns say")
    assert named(findings, "articles", 2, "body is", "the other columns say")
    assert named(findings, "articles", 3, "text_sha256 is")
    assert named(findings, "articles", 4, "cannot be understood")
    assert named(findings, "articles", credited, "reporters is")
    assert named(findings, "tags", tagged, "missing")


def test_another_rule_of_the_digest_is_a_note_and_hides_nothing(copy: Path) -> None:
    alter(copy, "UPDATE articles SET text_sha256 = '1:' || substr(text_sha256, 3) WHERE id IN (1, 2)")
    alter(copy, "UPDATE articles SET source = '别处' WHERE id = 2")
    findings = found(copy, *wording(copy, 1, 2))
    assert [(one.key, one.weight) for one in findings if one.check == "older readings"] == [(1, "note"), (2, "note")]
    assert [one.key for one in findings if one.weight == "fails"] == [2]
    assert named(findings, "articles", 2, "source is '别处'")


def test_a_channel_that_a_smaller_registry_gave_is_a_note(copy: Path) -> None:
    number, slug, url = rows(copy, "SELECT id, channel, url FROM articles WHERE url LIKE 'http://nhnews%'")[0]
    host = url.split("/")[2]
    column = f'["http://{host}/{url.split("/")[3]}/"]'
    alter(copy, f"INSERT INTO channels VALUES ('new', '新', 'topic', '嘉兴', 'new.zjol.com.cn', '{column}')")
    (note,) = found(copy, *wording(copy, number))
    assert (note.weight, note.key) == ("note", number)
    assert f"channel is {slug!r}, and 'new' by today's registry" in note.sentence


def test_columns_that_a_later_look_brought_are_proved_by_that_look(tmp_path: Path) -> None:
    """After an update of the program the same wording is found again, on a page whose pictures moved."""
    url = "http://nhnews.zjol.com.cn/202609/t20260914_31900001.shtml"

    def kept(host: str, minutes: int) -> Capture:
        html = page("题目", "第一段虚构的文字。", "第二段虚构的文字。").body.decode()
        html = html.replace("</p><p>", f'</p><p><img src="http://{host}/a.jpg"></p><p>')
        errand = Errand("article", "nhnews", url)
        headers = ((b"Content-Type", b"text/html; charset=utf-8"),)
        return capture(url, html.encode(), minutes, errand=errand, headers=headers)

    def look(t: Transaction, seen: Capture, version: int) -> str:
        t.discover(url, "article", "nhnews", None)
        number = t.keep(seen)
        t.decoded(number, "utf-8", "utf-8")
        article = parse([seen], channels.load(), channel="nhnews")
        return t.store(replace(article, template_version=version), [number], url).outcome

    today = parse([kept("a", 0)], channels.load()).template_version
    with writing(tmp_path) as writer:
        looks = [(kept("a.example", 0), today - 1), (kept("b.example", 5), today), (kept("c.example", 9), today)]
        outcomes = [writer.submit(lambda t, one=one: look(t, *one)).result() for one in looks]
    assert outcomes == ["new", "same", "same"]
    assert "b.example" in value(tmp_path, "SELECT images FROM articles")
    assert verify.verify(tmp_path).findings == []
    alter(tmp_path, "UPDATE articles SET images = replace(images, 'b.example', 'd.example')")
    assert named(verify.verify(tmp_path).findings, "articles", 1, "images is")


# -- the index -------------------------------------------------------------------------------------------------------


def texts(folder: Path, number: int) -> tuple[str, str]:
    """What the index must have of an article."""
    with opened(folder) as subject:
        return search_index.texts(next(subject.rows("SELECT * FROM articles WHERE id = ?", number)))


def reindex(folder: Path, number: int, title: str, body: str, *, remove: bool = True) -> None:
    with closing(sqlite3.connect(folder / "archive.db", isolation_level=None)) as connection:
        change = "INSERT INTO articles_fts (articles_fts, rowid, title, body) VALUES (?, ?, ?, ?)"
        if remove:
            connection.execute(change, ("delete", number, *texts(folder, number)))
        connection.execute(change, (None, number, title, body))


def swapped(text: str) -> str:
    """A text with two neighbours in each other's place."""
    characters = text.split(" ")
    at = next(n for n in range(len(characters) // 2, len(characters)) if characters[n] != characters[n + 1])
    characters[at : at + 2] = reversed(characters[at : at + 2])
    return " ".join(characters)


INDEX = {  # what is indexed in place of an article's title and body
    "a character more": lambda title, body: (title, f"{body} 改"),
    "a character less": lambda title, body: (title, body[:-2]),
    "two characters swapped": lambda title, body: (title, swapped(body)),
    "two characters as one": lambda title, body: (title, body[:4] + body[5:]),
    "title and body swapped": lambda title, body: (body, title),
    "nothing": lambda title, body: ("", ""),
}


@pytest.mark.parametrize("name", INDEX)
@pytest.mark.parametrize("parts", [1, 3])
def test_an_altered_index_is_found(copy: Path, name: str, parts: int) -> None:
    reindex(copy, 4, *INDEX[name](*texts(copy, 4)))
    tasks = [Task("index", index.tokens, (part, parts)) for part in range(parts)]
    assert {(one.table, one.key) for one in found(copy, *tasks)} == {("articles_fts", 4)}
    assert {(one.table, one.key) for one in found(copy, Task("index", index.sample, (range(30),)))} == {
        ("articles_fts", 4)
    }


def test_missing_and_strange_rows_of_the_index_are_found(copy: Path) -> None:
    with closing(sqlite3.connect(copy / "archive.db", isolation_level=None)) as connection:
        change = "INSERT INTO articles_fts (articles_fts, rowid, title, body) VALUES ('delete', 4, ?, ?)"
        connection.execute(change, texts(copy, 4))
    reindex(copy, 999, "嘉 兴", "", remove=False)
    findings = verify.verify(copy).findings
    assert named(findings, "articles", 4, "does not have it")
    assert named(findings, "articles_fts", 999, "an article that there is not")
    assert {one.key for one in findings} == {4, 999}


def test_a_title_that_is_altered_is_not_what_is_indexed(copy: Path) -> None:
    alter(copy, "UPDATE articles SET title = '改' || title WHERE id = 4")
    assert named(found(copy, Task("index", index.tokens, (0, 1))), "articles_fts", 4, "is not its text")


# -- frontier, history, looks, runs -----------------------------------------------------------------------------------

STATES = {  # a statement that alters them; the table that is named, and words of the finding
    "in flight": ("UPDATE frontier SET state = 'in_flight' WHERE {one}", "frontier", "no run has it in hand"),
    "failed": ("UPDATE frontier SET state = 'failed' WHERE {one}", "frontier", "it is failed, but an article is known"),
    "excluded": ("UPDATE frontier SET state = 'excluded' WHERE {one}", "articles", "no address of the frontier"),
    "an outcome that is none": ("UPDATE frontier SET outcome = 'fine' WHERE {one}", "frontier", "'fine'"),
    "no outcome": ("UPDATE frontier SET outcome = NULL WHERE {one}", "frontier", "outcome None"),
    "no article": ("UPDATE frontier SET article_id = NULL WHERE {one}", "frontier", "no look at any article"),
    "another article": ("UPDATE frontier SET article_id = 2 WHERE {one}", "frontier", "no look at article 2"),
    "no address of an article": ("DELETE FROM frontier WHERE {one}", "articles", "no address of the frontier"),
    "another capture": ("UPDATE frontier SET capture_id = capture_id - 1 WHERE {one}", "frontier", "another address"),
    "a done listing excluded": ("UPDATE frontier SET state = 'excluded' WHERE kind = 'listing'", "frontier", "'listed'"),
    "a stub as an article": ("UPDATE frontier SET outcome = 'new' WHERE outcome = 'stub'", "frontier", "no look at"),
    "a lead that is not followed": ("DELETE FROM frontier WHERE outcome = 'offsite'", "leads", "not in the frontier"),
    "no evidence": ("DELETE FROM article_captures WHERE article_id = 1", "articles", "no capture is its evidence"),
    "evidence of no wording": ("INSERT INTO article_captures VALUES (1, 9, 1, 1)", "article_captures", "wording 9"),
    "a part too many": ("INSERT INTO article_captures VALUES (1, 1, 3, 1)", "articles", "parts [1,3]"),
    "parts in another order": (
        "UPDATE article_captures SET capture_id = (SELECT max(e.capture_id) FROM article_captures e WHERE e.part > 1)"
        " WHERE (article_id, revision) IN (SELECT article_id, revision FROM article_captures WHERE part > 1)"
        " AND part = 1", "articles", "capture_id is"),
    "an earlier wording gone": ("DELETE FROM revisions", "articles", "but it is wording 1"),
    "a look at another time": (
        "UPDATE observations SET seen_at = '2020-01-01T00:00:00.000Z' WHERE outcome = 'same'", "observations", "seen_at is"),
    "a look at another article": (
        "UPDATE observations SET article_id = article_id % 20 + 1 WHERE outcome = 'same'", "observations", "another article"),
    "a look gone": ("DELETE FROM observations WHERE outcome = 'same'", "articles", "last_seen_at is"),
    "gone as live": ("UPDATE articles SET state = 'live' WHERE state = 'gone'", "articles", "its state is live"),
    "live as suspect": ("UPDATE articles SET state = 'suspect' WHERE id = 1", "articles", "its state is suspect"),
    "a run that is not there": ("DELETE FROM runs WHERE id = 1", "captures", "run_id names a row of runs"),
    "a look at what is not there": ("UPDATE observations SET article_id = 99", "observations", "article_id names a row"),
    "an index dropped": ("DROP INDEX captures_url", "captures_url", "is missing"),
    "a view dropped": ("DROP VIEW placements", "placements", "is missing"),
    "a table dropped": ("DROP TABLE leads", "leads", "is missing"),
    "a column dropped": ("ALTER TABLE observations DROP COLUMN why", "observations", "why"),
    "a channel that is none": ("UPDATE channels SET lists = '3' WHERE slug = 'jx'", "channels", "lists"),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
def test_altered_states_are_found(copy: Path, name: str) -> None:
    sql, table, says = STATES[name]
    one = value(copy, "SELECT id FROM frontier WHERE article_id = 1 AND outcome <> 'duplicate'")
    alter(copy, sql.format(one=f"id = {one}"))
    findings = found(copy, Task("tables", tables.tables), *verify.everywhere())
    assert any(finding.table == table and says in finding.sentence for finding in findings), findings


def test_damage_of_the_database_itself_is_found(copy: Path) -> None:
    with closing(sqlite3.connect(copy / "archive.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'captures_url'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (copy / "archive.db").open("r+b") as file:
        file.seek((page - 1) * size + 3)
        file.write(b"\xff\xff\xff\xff")
    report = verify.verify(copy)
    assert report.exit_code == 3
    assert any(one.check == "integrity" for one in report.failures)


def test_a_killed_run_is_a_note_once_it_was_put_right(copy: Path) -> None:
    alter(copy, "UPDATE runs SET ended_at = NULL WHERE id = 2")
    report = verify.verify(copy)
    assert report.exit_code == 0
    assert [(one.table, one.key) for one in report.notes] == [("runs", 2)]


def test_an_archive_of_the_first_version_is_sound_when_brought_up_to_date(tmp_path: Path) -> None:
    old = Path(__file__).parent / "archives" / "v1"
    shutil.copytree(old / "warc", tmp_path / "warc")
    (tmp_path / "archive.db").write_bytes(gzip.decompress((old / "archive.db.gz").read_bytes()))
    with pytest.raises(InputError, match="older"):
        verify.verify(tmp_path)
    with writing(tmp_path):
        pass
    report = verify.verify(tmp_path)
    assert report.failures == []
    assert {one.check for one in report.notes} == {"older readings"}


# -- quick -----------------------------------------------------------------------------------------------------------


def test_a_quick_one_looks_at_a_sample_that_its_seed_chose(copy: Path) -> None:
    captures, articles = (value(copy, f"SELECT count(*) FROM {table}") for table in ("captures", "articles"))
    alter(copy, "UPDATE articles SET title = title || '改'", "UPDATE captures SET status = status + 1")
    one, again, other = (verify.verify(copy, quick=True, sample=5, seed=seed) for seed in (1, 1, 2))
    assert one.looked == {"files": (0, 3), "captures": (5, captures), "articles": (5, articles)}
    assert one.findings == again.findings != other.findings
    for report in (one, other):
        assert len({finding.key for finding in report.failures if finding.check == "wordings"}) == 5
        assert len({finding.key for finding in report.failures if finding.check == "captures"}) == 5
    whole = verify.verify(copy, quick=True)
    assert whole.looked == {"files": (0, 3), "captures": (captures, captures), "articles": (articles, articles)}
    assert whole.seed is not None


def test_nothing_is_said_of_a_sound_archive_in_a_hurry(sound: Path) -> None:
    assert verify.verify(sound, quick=True).findings == []


# -- the command, while others write, where nobody may ---------------------------------------------------------------


def command_line(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli.cli, ["verify", "--archive", str(folder), *arguments], catch_exceptions=False)


def test_the_command_says_what_fails_and_where(copy: Path) -> None:
    done = command_line(copy)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("Looked at all 3 files, ")
    assert done.stdout.endswith(" articles: all holds\n")
    alter(copy, "UPDATE articles SET title = CAST(x'FF' AS TEXT) || char(27) || '[2J' WHERE id = 4")
    alter(copy, "UPDATE articles SET template_version = 0 WHERE id > 10")
    url = value(copy, "SELECT url FROM articles WHERE id = 4")
    done = command_line(copy)
    assert (done.exit_code, done.stderr) == (3, "")
    for words in ("wordings", "articles 4", url, "title is", "articles_fts 4", "2 things failed", "and 7 more"):
        assert words in done.stdout
    assert "\x1b" not in done.stdout
    done = command_line(copy, "--json")
    assert done.exit_code == 3
    said = json.loads(done.stdout)
    assert (said["sound"], said["seed"], len(said["notes"])) == (False, None, 12)
    assert [failure["check"] for failure in said["failures"]] == ["index", "wordings"]
    assert said["failures"][1] == {
        "check": "wordings", "weight": "fails", "table": "articles", "key": 4, "url": url,
        "sentence": said["failures"][1]["sentence"],
    }  # fmt: skip
    done = command_line(copy, "--quick", "--seed", "7", "--sample", "3")
    assert "Looked at 0 of 3 files, 3 of " in done.stdout
    assert "(--seed 7)" in done.stdout


def test_what_is_no_archive_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert str(tmp_path) in refuses(capsys, tmp_path, "verify")
    (tmp_path / "archive.db").write_bytes(b"this is no database, whatever its name says" * 40)
    assert "is no database" in refuses(capsys, tmp_path, "verify", "--json")
    assert command_line(tmp_path, "--sample", "0").exit_code == 2


def test_a_file_that_the_disk_refuses_is_74(copy: Path) -> None:
    path = min((copy / "warc").iterdir())
    path.unlink()
    path.mkdir()  # root may read everything else
    report = verify.verify(copy)
    assert report.exit_code == 74
    assert any(one.weight == "refused" and one.key == path.name for one in report.failures)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_archive_on_a_medium_that_nobody_can_write(copy: Path) -> None:
    for path in (copy / "archive.lock", *copy.glob("archive.db-*")):
        path.unlink(missing_ok=True)
    copy.chmod(0o500)
    before = sorted(path.name for path in copy.rglob("*"))
    try:
        assert command_line(copy).exit_code == 0
        assert sorted(path.name for path in copy.rglob("*")) == before
    finally:
        copy.chmod(0o700)


def test_while_a_run_writes_and_after_it_was_killed(tmp_path: Path) -> None:
    with serve(portal(0)) as proxy:
        words = command(tmp_path, *SLUGS, settings=("DOWNLOAD_DELAY=0.5",))
        process = subprocess.Popen(words, env=environment(proxy), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until(lambda: held(tmp_path) >= 2)
            for _ in range(2):
                report = verify.verify(tmp_path)
                assert report.failures == []
                assert [one.weight for one in report.notes] == ["note"]
                assert f"process {process.pid}" in report.notes[0].sentence
            assert process.poll() is None
            process.send_signal(signal.SIGKILL)
        finally:
            process.kill()
            process.wait(30)
        assert 2 <= held(tmp_path) < 22
        report = verify.verify(tmp_path)
        assert report.exit_code == 3
        assert {(one.check, one.weight) for one in report.findings} == {
            ("in hand", "fails"), ("warc files", "fails"), ("runs", "note"),
        }  # fmt: skip
        assert crawl(proxy, tmp_path, *SLUGS).code == 0
    report = verify.verify(tmp_path)
    assert report.failures == []
    assert "runs" in {one.check for one in report.notes}


def held(folder: Path) -> int:
    try:
        return int(value(folder, "SELECT count(*) FROM articles"))
    except sqlite3.OperationalError:
        return 0


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
