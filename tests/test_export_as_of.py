"""What was known on a day is what an export of that day said: histories are lived, exported after each day, and asked later."""

import hashlib
import io
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.archiving import LIST, article, capture, refuses, run
from zjcrawl.archive import Archive, Transaction
from zjcrawl.errors import InputError
from zjcrawl.export import Choice, export_csv, export_jsonl, export_package
from zjcrawl.export.package import snapshot_of
from zjcrawl.filters import Filters
from zjcrawl.models import Credit, Lead, Listing
from zjcrawl.search import Query, count, find, ids

FIRST = date(2026, 3, 1)
STEPS = ("甲", "乙", "丙", "gone", "unreadable", "blocked", "incomplete", "confirm", "nothing")


def noon(day: int) -> datetime:
    return datetime(2026, 3, 1, 4, tzinfo=UTC) + timedelta(days=day)


def lived(t: Transaction, url: str, day: int, step: str) -> None:
    """A look at an address on a day: a wording, named by its headline, or what was met instead."""
    known = t.connection.execute("SELECT id FROM articles WHERE url = ?", (url,)).fetchone()
    if step == "nothing" or (known is None and step not in "甲乙丙"):
        return
    kept = t.keep(capture(url, f"{day} {step}".encode(), fetched_at=noon(day)))
    if step in "甲乙丙":
        t.store(wording(url, step), [kept], url)
    elif step == "incomplete":
        t.store(wording(url, "丁"), [kept], url, complete=False)
    elif step == "confirm":
        t.confirm(known[0], kept, seen_at=noon(day))
    else:
        outcome = "http_error" if step == "blocked" else step
        t.miss(known[0], outcome, step, seen_at=noon(day), capture_id=kept)
        t.finish(url, outcome, capture_id=kept)


def wording(url: str, name: str) -> Any:
    credits = [Credit("reporter", f"王{name}", f"记者 王{name}"), Credit("reporter", '李"四\\', "李四")]
    tags = [f"标签{name}", 'a"b\\'] if name != "丙" else []
    return article(url, text=f"第一段写{name}。", title=f"题{name}", credits=credits, tags=tags, source=f"{name}报")


def told(folder: Path, known: date | None = None, **options: Any) -> str:
    out = io.StringIO(newline="")
    with Archive(folder, known=known) as archive:
        export_csv(archive, out, Choice(**options))
        export_jsonl(archive, out, Choice(**options))
        with archive.at_one_moment() as moment:
            print(snapshot_of(archive, moment).sha256, file=out)
    return out.getvalue()


CHOICES: dict[str, dict[str, Any]] = {
    "all": {},
    "a reporter": {"filters": Filters.of(reporter=["王甲"])},
    "a name with marks": {"filters": Filters.of(reporter=['李"四\\'])},
    "a tag": {"filters": Filters.of(tag=["标签乙", 'a"b\\'])},
    "a source": {"filters": Filters.of(source=["乙报"])},
    "a state": {"filters": Filters.of(state=["gone", "suspect"])},
    "a word": {"query": Query.of("写甲")},
    "no word": {"query": Query.of("NOT 题乙")},
    "a word or not": {"query": Query.of("题丙 OR NOT 写")},
    "counts": {"ngrams": (1, 2), "query": Query.of("-题甲")},
}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(STEPS)), min_size=1, max_size=7))
def test_any_history_is_told_as_it_was(
    history: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("lived")
    then = []
    for day, steps in enumerate(history):
        run(folder, lambda t, day=day, steps=steps: [lived(t, f"{LIST}{n}", day, s) for n, s in enumerate(steps)])
        then.append({name: told(folder, **options) for name, options in CHOICES.items()})
    for day, expected in enumerate(then):
        for name, options in CHOICES.items():
            assert told(folder, FIRST + timedelta(days=day), **options) == expected[name], (name, day)


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One article on March 1, edited on the 3rd and gone on the 5th; another that is new on the 4th, and listed by nhnews."""
    folder = tmp_path_factory.mktemp("edited")
    a, b = f"{LIST}a", f"{LIST}b"
    steps: list[Callable[[Transaction], Any]] = [
        lambda t: lived(t, a, 0, "甲"),
        lambda t: lived(t, a, 2, "乙"),
        lambda t: t.record_listing("nhnews", LIST, Listing((Lead(b, "虚构"),), None, "ul"), seen_at=noon(3)),
        lambda t: lived(t, b, 3, "甲"),
        lambda t: lived(t, a, 4, "gone"),
        lambda t: lived(t, a, 5, "gone"),
        lambda t: t.record_listing("nhnews", LIST, Listing((Lead(b, "虚构"),), None, "ul"), seen_at=noon(8)),
    ]
    run(folder, *steps)
    return folder


def test_a_day_ends_at_midnight_in_shanghai(tmp_path: Path) -> None:
    last, first = datetime(2026, 3, 1, 15, 59, 59, 999000, tzinfo=UTC), datetime(2026, 3, 1, 16, tzinfo=UTC)

    def two(t: Transaction) -> None:
        for number, moment in enumerate((last, first)):
            t.store(
                article(f"{LIST}{number}"), [t.keep(capture(f"{LIST}{number}", fetched_at=moment))], f"{LIST}{number}"
            )

    run(tmp_path, two)
    for day, known in ((date(2026, 2, 28), 0), (date(2026, 3, 1), 1), (date(2026, 3, 2), 2)):
        with Archive(tmp_path, known=day) as archive:
            assert archive.value("SELECT count(*) FROM articles") == known


def test_an_article_and_its_history_are_those_of_the_day(edited: Path) -> None:
    def then(day: int) -> Any:
        with Archive(edited, known=FIRST + timedelta(days=day)) as archive:
            return archive.article(1)

    with Archive(edited) as archive:
        now = archive.article(1)
    assert (len(now.revisions), now.state) == (2, "gone")
    assert [(len(then(day).revisions), then(day).current.article.title, then(day).state) for day in range(6)] == [
        (1, "题甲", "live"), (1, "题甲", "live"), (2, "题乙", "live"), (2, "题乙", "live"), (2, "题乙", "suspect"), (2, "题乙", "gone"),
    ]  # fmt: skip
    assert [len(then(day).observations) for day in range(6)] == [0, 0, 1, 1, 2, 3]
    assert then(1).current.article.names("reporter") == '王甲;李"四\\'
    assert then(5).current == now.current
    with Archive(edited, known=FIRST + timedelta(days=3)) as archive:
        assert archive.article(f"{LIST}b").id == 2
    with Archive(edited, known=FIRST + timedelta(days=2)) as archive, pytest.raises(InputError, match="does not know"):
        archive.article(f"{LIST}b")


def test_placements_are_those_of_the_day(edited: Path) -> None:
    for day, seen in ((3, noon(3)), (7, noon(3)), (8, noon(8))):
        with Archive(edited, known=FIRST + timedelta(days=day)) as archive:
            (placed,) = archive.article(2).placements
            assert (placed.first_seen_at, placed.last_seen_at) == (noon(3), seen)
            where, parameters = Filters.of(channel=["nhnews"]).sql()
            assert [row[0] for row in archive.rows(f"SELECT id FROM articles WHERE {where}", parameters)] == [2]


def test_search_is_that_of_the_day(edited: Path) -> None:
    for day, word, found in (
        (1, "题甲", [1]),
        (2, "题甲", []),
        (2, "题乙", [1]),
        (3, "题甲", [2]),
        (1, "title:甲 写", [1]),
    ):
        with Archive(edited, known=FIRST + timedelta(days=day)) as archive:
            query = Query.of(word)
            assert list(ids(archive, query)) == found, (day, word)
            assert count(archive, query) == len(found)
            assert [one.title for one in find(archive, query)] == [word[-2:] if word[0] == "题" else "题甲"] * len(
                found
            )
    with Archive(edited, known=FIRST) as archive, pytest.raises(InputError, match="no rank"):
        list(ids(archive, Query.of("题"), sort="rank"))


def test_a_package_of_a_day_is_the_same_when_it_is_made_later(tmp_path: Path) -> None:
    folder, day = tmp_path / "a", FIRST + timedelta(days=1)
    run(folder, lambda t: lived(t, f"{LIST}a", 0, "甲"), lambda t: lived(t, f"{LIST}a", 1, "confirm"))
    for name, later in (("then", None), ("later", "乙")):
        if later:
            run(folder, lambda t: lived(t, f"{LIST}a", 2, "乙"), lambda t: lived(t, f"{LIST}b", 3, "甲"))
        with Archive(folder, known=day) as archive:
            export_package(archive, tmp_path / name)
    for file in ("articles.csv", "credits.csv", "tags.csv", "CITATION.cff"):
        # what was printed beside a name is not kept of earlier wordings
        then, now = ((tmp_path / name / file).read_text("utf-8") for name in ("then", "later"))
        assert now == (then.replace("记者 王甲", "").replace(",李四", ",") if file == "credits.csv" else then)


def test_the_snapshots_digest_can_be_made_with_sqlite_alone(edited: Path) -> None:
    with closing(sqlite3.connect(edited / "archive.db")) as plain:
        rows = plain.execute("SELECT id, url, revision, text_sha256, state, last_seen_at FROM articles ORDER BY id")
        text = "".join("\t".join(map(str, row)) + "\n" for row in rows)
    with Archive(edited) as archive, archive.at_one_moment() as moment:
        assert snapshot_of(archive, moment).sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.skipif(
    not all(map(shutil.which, ("sqlite3", "sha256sum"))), reason="there is no sqlite3 or sha256sum here"
)
@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_snapshots_digest_is_what_the_readmes_command_prints(edited: Path, tmp_path: Path, readme: str) -> None:
    text = (Path(__file__).parent.parent / readme).read_text("utf-8")
    (command,) = (line for line in text.splitlines() if line.startswith("sqlite3 -tabs data/archive.db"))
    (tmp_path / "data").symlink_to(edited)
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    with Archive(edited) as archive, archive.at_one_moment() as moment:
        assert done.stdout.split()[0] == snapshot_of(archive, moment).sha256


def test_the_archive_is_not_touched(edited: Path) -> None:
    before = {path: path.read_bytes() for path in edited.iterdir() if path.is_file()}
    told(edited, FIRST)
    assert {path: path.read_bytes() for path in edited.iterdir() if path.is_file()} == before


def test_stories_are_grouped_by_todays_wordings(edited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = refuses(capsys, edited, "export", "csv", "-", "--as-of", "2026-03-02", "--unique")
    assert "leave --unique or --as-of out" in told


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("gestern", "--as-of 'gestern' is no date: write 2019-07-24"),
        ("2026-02-30", "is no date"),
        ("9999", "--as-of 9999 is not over yet: name a day that is"),
    ],
)
def test_what_is_no_day_that_is_over_is_told(
    edited: Path, day: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says in refuses(capsys, edited, "export", "csv", "-", "--as-of", day)
