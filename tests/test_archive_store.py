"""Articles in the archive: one row for one address, every wording kept, the frontier's end in the same transaction."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.archiving import LIST, THEN, URL, article, capture, look, run, sound, writing
from zjcrawl.archive import ARTICLE_COLUMNS, Archive
from zjcrawl.archive.decide import MOST_EDITS
from zjcrawl.archive.search_index import phrase
from zjcrawl.models import Article, Credit, Lead, Listing


def one(folder: Path, sql: str, *parameters: Any) -> dict[str, Any]:
    with Archive(folder) as archive:
        (row,) = archive.rows(sql, parameters)
        return dict(row)


def found(folder: Path, term: str) -> list[int]:
    with Archive(folder) as archive:
        return [
            row[0] for row in archive.rows("SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?", [phrase(term)])
        ]


def test_a_new_article_is_a_row_with_the_columns_of_the_data_dictionary(tmp_path: Path) -> None:
    seen = article()
    (stored,) = run(tmp_path, lambda t: look(t, seen))
    row = one(tmp_path, "SELECT * FROM articles")
    assert stored.outcome == "new"
    assert tuple(row) == (*ARTICLE_COLUMNS, "evidence")
    assert row == {"id": stored.article_id} | seen.columns() | {
        "revision": 1,
        "state": "live",
        "first_seen_at": "2026-11-24T03:00:00.000Z",
        "last_seen_at": "2026-11-24T03:00:00.000Z",
        "changed_at": "2026-11-24T03:00:00.000Z",
        "capture_id": 1,
        "evidence": json.dumps(seen.told(), ensure_ascii=False, separators=(",", ":")),
    }
    sound(tmp_path)


def test_credits_tags_paragraphs_and_evidence_are_rows(tmp_path: Path) -> None:
    run(tmp_path, lambda t: t.store(article(), [t.keep(capture()), t.keep(capture(URL + "?2", b"part"))], URL))
    with Archive(tmp_path) as archive:
        credits = [tuple(row) for row in archive.rows("SELECT * FROM credits ORDER BY position")]
        assert credits == [(1, "reporter", "王蓉", "记者 王 蓉", 1), (1, "editor", "李四", "责任编辑:李四", 2)]
        assert {tuple(row) for row in archive.rows("SELECT * FROM tags")} == {(1, "嘉兴"), (1, "市委")}
        assert [tuple(row) for row in archive.rows("SELECT * FROM paragraphs ORDER BY position")] == [
            (1, 0, "paragraph", "这是虚构的一段文字。", None),
            (1, 1, "image", "", "http://x/a.jpg"),
            (1, 2, "caption", "图为虚构", None),
        ]
        assert [tuple(row) for row in archive.rows("SELECT * FROM article_captures")] == [(1, 1, 1, 1), (1, 1, 2, 2)]


def test_the_frontier_row_ends_with_the_article(tmp_path: Path) -> None:
    def work(t: Any) -> None:
        t.seed("jx", [LIST])
        t.discover(URL, "article", "jx", LIST)
        t.claim(["jx"], per_host={"jx.zjol.com.cn": 9})
        look(t, article())

    run(tmp_path, work)
    row = one(tmp_path, "SELECT * FROM frontier WHERE url = ?", URL)
    assert (row["state"], row["outcome"], row["article_id"], row["capture_id"]) == ("done", "new", 1, 1)
    assert one(tmp_path, "SELECT outcome FROM captures") == {"outcome": "new"}
    assert one(tmp_path, "SELECT state FROM frontier WHERE url = ?", LIST) == {"state": "pending"}  # freed


def test_a_second_run_over_an_unchanged_site_adds_nothing(tmp_path: Path) -> None:
    run(tmp_path, lambda t: look(t, article()))
    (stored,) = run(tmp_path, lambda t: look(t, article(), capture(minutes=60)))
    assert stored.outcome == "same"
    with Archive(tmp_path) as archive:
        counts = archive.counts()
    assert (counts["articles"], counts["revisions"], counts["observations"]) == (1, 0, 1)
    row = one(tmp_path, "SELECT * FROM articles")
    assert (row["revision"], row["capture_id"]) == (1, 1)
    assert (row["first_seen_at"][11:16], row["last_seen_at"][11:16], row["changed_at"][11:16]) == (
        "03:00",
        "04:00",
        "03:00",
    )
    sound(tmp_path)


def test_storing_the_same_reading_of_the_same_capture_again_is_no_look(tmp_path: Path) -> None:
    def work(t: Any) -> None:
        kept = t.keep(capture())
        for _ in range(3):
            t.store(article(), [kept], URL)

    run(tmp_path, work)
    with Archive(tmp_path) as archive:
        assert archive.counts()["observations"] == 0


def test_an_edit_keeps_the_old_wording(tmp_path: Path) -> None:
    old, new = (
        article(text="旧的文字"),
        article(text="新的文字", tags=["桐乡"], credits=[Credit("reporter", "赵六", "记者 赵六")]),
    )
    run(tmp_path, lambda t: look(t, old))
    (stored,) = run(tmp_path, lambda t: look(t, new, capture(body=b"changed", minutes=60)))
    assert stored.outcome == "edited"
    row, kept = one(tmp_path, "SELECT * FROM articles"), one(tmp_path, "SELECT * FROM revisions")
    assert {name: row[name] for name in new.columns()} == new.columns()
    assert {name: kept[name] for name in old.columns()} == old.columns()
    assert (row["revision"], row["capture_id"], row["changed_at"]) == (2, 2, "2026-11-24T04:00:00.000Z")
    assert (kept["revision"], kept["change_kind"], kept["seen_at"], kept["capture_id"]) == (
        1,
        "edit",
        row["changed_at"],
        1,
    )
    assert one(tmp_path, "SELECT tag FROM tags") == {"tag": "桐乡"}
    assert one(tmp_path, "SELECT name FROM credits") == {"name": "赵六"}
    assert one(tmp_path, "SELECT outcome FROM observations") == {"outcome": "changed"}
    assert (found(tmp_path, "旧的文"), found(tmp_path, "新的文")) == ([], [1])
    sound(tmp_path)


def test_a_rereading_is_never_an_edit(tmp_path: Path) -> None:
    run(tmp_path, lambda t: look(t, article()))

    def reread(t: Any) -> Any:
        return t.store(article(text="读得更好的文字", template_version=2), [1], URL)

    (stored,) = run(tmp_path, reread)
    assert stored.outcome == "reread"
    assert one(tmp_path, "SELECT change_kind, revision FROM revisions") == {"change_kind": "reparse", "revision": 1}
    row = one(tmp_path, "SELECT * FROM articles")
    assert (row["revision"], row["changed_at"]) == (2, row["first_seen_at"])
    with Archive(tmp_path) as archive:
        assert archive.counts()["observations"] == 0


@pytest.mark.parametrize(
    ("old_page_says", "outcome"),
    [
        pytest.param("旧的文字", "edited", id="the page changed"),
        pytest.param("新的文字", "reread", id="only our reading did"),
    ],
)
def test_an_edit_is_a_difference_of_two_pages_under_one_reading(
    tmp_path: Path, old_page_says: str, outcome: str
) -> None:
    read: list[bytes] = []

    def read_again(captures: Any) -> str:
        read.extend(kept.body for kept in captures)
        return article(text=old_page_says, template="mlf2026").text_sha256

    new = article(text="新的文字", template="mlf2026")
    kept = capture(body=b"changed", minutes=60)
    (stored, again) = run(
        tmp_path,
        lambda t: look(t, article(), capture(body=b"first")) and look(t, new, kept, read_again=read_again),
        lambda t: look(t, new, capture(body=b"third", minutes=90), read_again=read_again),
    )
    assert (stored.outcome, again.outcome) == (outcome, "same")
    assert read == [b"first"]  # asked for once, where the wording seemed to differ
    assert one(tmp_path, "SELECT change_kind FROM revisions") == {
        "change_kind": "edit" if outcome == "edited" else "reparse"
    }


def test_where_the_old_page_cannot_be_read_any_more_a_new_reading_is_no_edit(tmp_path: Path) -> None:
    run(tmp_path, lambda t: look(t, article()))
    for path in (tmp_path / "warc").iterdir():
        path.unlink()
    new = article(text="新的文字", template="mlf2026")
    (stored,) = run(tmp_path, lambda t: look(t, new, capture(body=b"changed"), read_again=lambda _: "2:never asked"))
    assert stored.outcome == "reread"


def test_a_page_that_changes_at_every_look_is_capped_and_looked_at_still(tmp_path: Path) -> None:
    def outcome(t: Any, number: int) -> str:
        return str(look(t, article(text=f"第{number}稿"), capture(body=b"%d" % number, minutes=30 * number)).outcome)

    found = run(tmp_path, lambda t: [outcome(t, number) for number in range(30)])[0]
    assert found == ["new", *["edited"] * MOST_EDITS, *["flapping"] * (29 - MOST_EDITS)]
    assert one(tmp_path, "SELECT revision, body LIKE '第24稿%' AS kept FROM articles") == {"revision": 25, "kept": 1}
    with Archive(tmp_path) as archive:
        counts = archive.counts()
        assert (counts["revisions"], counts["observations"], counts["captures"]) == (24, 29, 30)
    (later,) = run(tmp_path, lambda t: outcome(t, 600))  # a week and more later it may change again
    assert later == "edited"


def test_a_page_that_prints_two_editions_in_turn_is_capped(tmp_path: Path) -> None:
    def outcome(t: Any, number: int) -> str:
        kept = capture(body=b"%d" % number, minutes=24 * 60 * number)
        return str(look(t, article(text=f"第{number % 2}版"), kept).outcome)

    found = run(tmp_path, lambda t: [outcome(t, number) for number in range(12)])[0]
    assert found[:6] == ["new", *["edited"] * 5]
    assert set(found[6:]) == {"flapping", "same"}


def test_the_same_wording_by_a_newer_reading_brings_the_other_columns_up_to_date(tmp_path: Path) -> None:
    run(tmp_path, lambda t: look(t, article()))
    newer = article(template_version=2, dateline="虚构在线7月24日讯", warnings=["time_doubtful"])
    (stored,) = run(tmp_path, lambda t: look(t, newer, capture(minutes=5)))
    row = one(tmp_path, "SELECT * FROM articles")
    assert stored.outcome == "same"
    assert (row["dateline"], row["template_version"], row["revision"]) == ("虚构在线7月24日讯", 2, 1)
    sound(tmp_path)


def test_less_of_an_article_never_replaces_more_of_it(tmp_path: Path) -> None:
    half, whole = article(text="一"), article(text="一二")

    def outcomes(t: Any) -> list[str]:
        looks = [(half, False, b"1"), (half, False, b"1b"), (whole, True, b"2"), (half, False, b"3")]
        return [look(t, seen, capture(body=body), complete=complete).outcome for seen, complete, body in looks]

    assert run(tmp_path, outcomes) == [["new", "same", "reread", "same"]]
    assert json.loads(one(tmp_path, "SELECT warnings FROM revisions")["warnings"]) == ["incomplete"]
    assert one(tmp_path, "SELECT body, warnings FROM articles") == {"body": "一二\n图为虚构", "warnings": "[]"}


def test_one_canonical_address_is_one_article_whatever_led_there(tmp_path: Path) -> None:
    stub = "http://jx.zjol.com.cn/stub.shtml"
    first, second = run(tmp_path, lambda t: look(t, article()), lambda t: look(t, article(), url=stub))
    assert (first.article_id, second.article_id, second.outcome) == (1, 1, "same")
    with Archive(tmp_path) as archive:
        assert {row["url"]: row["article_id"] for row in archive.rows("SELECT * FROM frontier")} == {URL: 1, stub: 1}


def test_a_story_listed_in_two_channels_has_two_placements(tmp_path: Path) -> None:
    listing = Listing((Lead(URL, "虚构的标题"),), None, "listUl")

    def work(t: Any) -> None:
        t.record_listing("jx", LIST, listing)
        t.record_listing("nhnews", "http://nhnews.zjol.com.cn/", listing)
        look(t, article())

    run(tmp_path, work)
    with Archive(tmp_path) as archive:
        placed = [tuple(row) for row in archive.rows("SELECT article_id, channel FROM placements ORDER BY channel")]
    assert placed == [(1, "jx"), (1, "nhnews")]


def missed(outcome: str, minutes: int = 0) -> Any:
    return lambda t: t.miss(1, outcome, "in words", seen_at=THEN + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("looks", "states"),
    [
        pytest.param(["gone", "gone"], ["suspect", "gone"], id="confirmed by a second look"),
        pytest.param(["unreadable", "unreadable"], ["suspect", "suspect"], id="may be our reading's fault"),
        pytest.param(["unreadable", "gone"], ["suspect", "gone"], id="empty, then said to be gone"),
        pytest.param(["http_error", "blocked"], ["live", "live"], id="we were not let in"),
        pytest.param(["gone", "http_error", "gone"], ["suspect", "suspect", "gone"], id="not let in between"),
        pytest.param(["gone", "gone", "unreadable"], ["suspect", "gone", "gone"], id="gone stays gone"),
    ],
)
def test_what_is_missing_is_suspect_first(tmp_path: Path, looks: list[str], states: list[str]) -> None:
    found = run(tmp_path, lambda t: look(t, article()), *[missed(outcome, n) for n, outcome in enumerate(looks)])
    assert found[1:] == states
    assert one(tmp_path, "SELECT state, title, revision FROM articles") == {
        "state": states[-1],
        "title": "虚构的标题",
        "revision": 1,
    }
    with Archive(tmp_path) as archive:
        noted = [tuple(row) for row in archive.rows("SELECT outcome, why FROM observations ORDER BY id")]
    assert noted == [("gone" if o in ("gone", "unreadable", "not_html") else "blocked", "in words") for o in looks]


def test_what_comes_back_is_the_same_article(tmp_path: Path) -> None:
    run(tmp_path, lambda t: look(t, article()), missed("gone"), missed("gone", 20))
    run(tmp_path, lambda t: look(t, article(), capture(minutes=90)))
    assert one(tmp_path, "SELECT id, state, revision FROM articles") == {"id": 1, "state": "live", "revision": 1}
    run(tmp_path, missed("gone", 95))  # and is suspect first when it goes once more
    assert one(tmp_path, "SELECT state FROM articles") == {"state": "suspect"}


def test_a_304_is_an_observation(tmp_path: Path) -> None:
    run(tmp_path, lambda t: look(t, article()))

    def confirm(t: Any) -> None:
        headers = ((b"If-None-Match", b'"a1"'),)
        kept = t.keep(capture(status=304, body=b"", headers=(), request_headers=headers, minutes=60))
        t.confirm(1, kept, seen_at=THEN + timedelta(minutes=60))

    run(tmp_path, confirm)
    assert one(tmp_path, "SELECT outcome, why, capture_id FROM observations") == {
        "outcome": "same",
        "why": "not modified",
        "capture_id": 2,
    }
    assert one(tmp_path, "SELECT last_seen_at FROM articles") == {"last_seen_at": "2026-11-24T04:00:00.000Z"}


def test_text_that_a_database_cannot_hold_is_stored_with_a_mark(tmp_path: Path) -> None:
    seen = article(title="甲\0乙\ud800丙", tags=["\udfff"], credits=[Credit("reporter", "\0", "\0")])
    run(tmp_path, lambda t: look(t, seen))
    assert one(tmp_path, "SELECT title, length(title) AS n FROM articles") == {"title": "甲\ufffd乙\ufffd丙", "n": 5}
    assert one(tmp_path, "SELECT tag FROM tags") == {"tag": "\ufffd"}
    run(tmp_path, lambda t: look(t, article(title="丁"), capture(body=b"x")))
    assert (found(tmp_path, "\ufffd"), found(tmp_path, "丁")) == ([], [1])
    sound(tmp_path)


@pytest.mark.parametrize(
    ("captures", "error"), [pytest.param([7], LookupError, id="unknown"), pytest.param([], ValueError, id="none")]
)
def test_no_article_without_evidence(tmp_path: Path, captures: list[int], error: type[Exception]) -> None:
    with writing(tmp_path) as writer:
        assert isinstance(writer.submit(lambda t: t.store(article(), captures, URL)).exception(), error)
    with Archive(tmp_path) as archive:
        assert archive.counts()["articles"] == 0


def test_an_article_of_nothing_but_an_address_can_be_stored(tmp_path: Path) -> None:
    run(tmp_path, lambda t: look(t, Article(URL)))
    assert one(tmp_path, "SELECT title, body, published_at FROM articles") == {
        "title": None,
        "body": "",
        "published_at": None,
    }
    sound(tmp_path)


def test_the_digest_is_what_the_readme_says(tmp_path: Path) -> None:
    import hashlib

    run(tmp_path, lambda t: look(t, article()))
    row = one(tmp_path, "SELECT * FROM articles")
    with Archive(tmp_path) as archive:
        credits = [[c["role"], c["name"]] for c in archive.rows("SELECT role, name FROM credits ORDER BY position")]
    blocks = [[b["kind"], b["text"], b.get("src", "").split("?")[0].split("/")[-1]] for b in json.loads(row["blocks"])]
    wording = {name: row[name] for name in ("kicker", "title", "subtitle", "source", "notice")}
    wording |= {"published": row["published_at"], "credits": credits, "blocks": blocks, "tags": row["tags"].split(";")}
    kept = {name: value for name, value in wording.items() if value}
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert row["text_sha256"] == "2:" + hashlib.sha256(text.encode()).hexdigest()
