"""Datasets: what is written can be read back, in its order, streamed, whole or not at all; and the common filters."""

import csv
import io
import json
import tracemalloc
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.archiving import LIST, SHANGHAI, THEN, article, capture, look, run
from zjcrawl.archive import ARTICLE_COLUMNS as COLUMNS
from zjcrawl.archive import Archive, Transaction
from zjcrawl.errors import InputError, StorageError
from zjcrawl.export import Choice, export_csv, export_jsonl, guard, unguard
from zjcrawl.filters import Filters, span
from zjcrawl.models import Article, Block, Credit, Lead, Listing

HOSTILE = ["=1+1", "'=1", "'", "+8", "-", "@a", "\t", "\r", '"', '","', "a\r\nb", "\n", " ", "嘉兴", "👍\u202e", "-3"]


def fill(folder: Path, *articles: Article) -> None:
    run(folder, lambda t: [look(t, seen, capture(seen.url)) for seen in articles])


def written(folder: Path, **options: Any) -> str:
    out = io.StringIO(newline="")
    with Archive(folder) as archive:
        export_csv(archive, out, **options)
    return out.getvalue()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


# -- CSV -------------------------------------------------------------------------------------------------------------


def test_the_columns_are_the_data_dictionarys() -> None:
    assert tuple(one.name for one in Choice().fields) == COLUMNS
    assert COLUMNS[:7] == ("id", "url", "channel", "breadcrumb", "kicker", "title", "subtitle")
    assert COLUMNS[-2:] == ("text_sha256", "capture_id")


def test_every_cell_comes_back(tmp_path: Path) -> None:
    fill(tmp_path, *(article(f"{LIST}{n}", title=text, text=text, source=text) for n, text in enumerate(HOSTILE)))
    with Archive(tmp_path) as archive:
        expected = [
            {name: "" if row[name] is None else str(row[name]) for name in COLUMNS}
            for row in archive.rows("SELECT * FROM articles ORDER BY published_at, id")
        ]
    text = written(tmp_path)
    assert rows(text) == expected
    assert text.startswith("id,url,channel,")
    assert text.endswith("\r\n")
    excel = written(tmp_path, profile="excel")
    assert excel.startswith("\ufeffid,url,")
    guarded = rows(excel.removeprefix("\ufeff"))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in guarded for cell in row.values())
    assert [{name: unguard(cell) for name, cell in row.items()} for row in guarded] == expected


@given(st.text())
def test_the_formula_guard_is_reversible(cell: str) -> None:
    assert unguard(guard(cell)) == cell
    assert not guard(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_categories=[]), max_size=40), min_size=1, max_size=5))
def test_any_text_comes_back_but_for_what_no_file_holds(
    texts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("export")
    fill(folder, *(article(f"{LIST}{n}", title=text, text=text) for n, text in enumerate(texts)))
    held = ["".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text) for text in texts]
    assert [row["title"] for row in rows(written(folder))] == held
    with Archive(folder) as archive:
        out = io.StringIO()
        export_jsonl(archive, out)
    assert [json.loads(line)["title"] for line in out.getvalue().split("\n")[:-1]] == held


def test_newest_last_and_undated_first(tmp_path: Path) -> None:
    days = [3, 1, None, 2, 1]
    fill(
        tmp_path,
        *(
            article(f"{LIST}{n}", published_at=datetime(2019, 7, day, tzinfo=SHANGHAI) if day else None)
            for n, day in enumerate(days)
        ),
    )
    assert [int(row["id"]) for row in rows(written(tmp_path))] == [3, 2, 5, 4, 1]
    assert written(tmp_path) == written(tmp_path)


def test_jsonl_has_the_same_cells_with_nulls_and_arrays(tmp_path: Path) -> None:
    fill(tmp_path, article(kicker=None, notice="", warnings=["no_template"]))
    with Archive(tmp_path) as archive:
        out = io.StringIO()
        assert export_jsonl(archive, out).rows == 1
        (line,) = out.getvalue().splitlines()
        (expected,) = archive.rows("SELECT * FROM articles")
    told = json.loads(line)
    arrays = {name: json.loads(expected[name]) for name in ("blocks", "images", "warnings")}
    assert list(told.items()) == [(name, arrays.get(name, expected[name])) for name in COLUMNS]
    assert told["blocks"][1] == {"kind": "image", "text": "", "src": "http://x/a.jpg"}
    assert told["images"] == [{"src": "http://x/a.jpg", "caption": "图为虚构"}]
    assert told["warnings"] == ["no_template"]


def test_jsonl_is_a_line_an_article_whatever_stands_in_the_archive(tmp_path: Path) -> None:
    def spoil(t: Transaction) -> None:
        look(t, article())
        t.connection.execute(
            "UPDATE articles SET blocks = ?, title = 'a' || char(10) || 'b'", ('[\n1,\r\n"\\ud800\u2028"]',)
        )

    run(tmp_path, spoil)
    with Archive(tmp_path) as archive:
        out = io.StringIO()
        export_jsonl(archive, out)
    assert out.getvalue().count("\n") == 1
    told = json.loads(out.getvalue().encode())
    assert (told["blocks"], told["title"]) == ([1, "\ud800\u2028"], "a\nb")


def test_excel_is_told_of_cells_it_would_cut(tmp_path: Path) -> None:
    fill(
        tmp_path,
        article(text="字" * 32_760),
        article(LIST + "b", text="👍" * 16_384),
        article(LIST + "c", text="👍" * 16_370),
    )
    with Archive(tmp_path) as archive:
        out = io.StringIO(newline="")
        exported = export_csv(archive, out, profile="excel")
        assert export_csv(archive, io.StringIO(newline="")).long_cells == 0
    assert exported.rows == 3
    assert {example.rsplit(" ", 1)[0] for example in exported.examples} >= {"1 blocks", "2 body", "2 blocks"}
    assert "3 body" not in {example.rsplit(" ", 1)[0] for example in exported.examples}
    assert len(rows(out.getvalue().removeprefix("\ufeff"))[0]["body"]) > 32_760  # and not cut by us


def test_an_archive_that_other_hands_changed_is_exported_with_marks(tmp_path: Path) -> None:
    def spoil(t: Transaction) -> None:
        look(t, article())
        t.connection.execute("UPDATE articles SET title = CAST(x'41ff42' AS TEXT), source = 'a' || char(0) || 'b'")

    run(tmp_path, spoil)
    (row,) = rows(written(tmp_path))
    assert (row["title"], row["source"]) == ("A\ufffdB", "a\ufffdb")


def test_progress_is_told_in_rows(tmp_path: Path) -> None:
    fill(tmp_path, *(article(f"{LIST}{n}") for n in range(7)))
    told: list[int] = []
    written(tmp_path, progress=told.append)
    assert sum(told) == 7


def test_memory_does_not_grow_with_rows(tmp_path: Path) -> None:
    class Nowhere(io.StringIO):
        def write(self, text: str) -> int:
            return len(text)

    def peak(many: int) -> int:
        with Archive(tmp_path / str(many)) as archive:
            tracemalloc.start()
            assert export_csv(archive, Nowhere()).rows == many
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    for many in (600, 3000):
        text = "字" * 300
        fill(tmp_path / str(many), *(article(f"{LIST}{n}", text=text) for n in range(many)))
    assert peak(3000) < peak(600) * 1.3


# -- files -----------------------------------------------------------------------------------------------------------


def test_a_file_appears_whole(tmp_path: Path) -> None:
    fill(tmp_path, article())
    out = tmp_path / "out" / "嘉兴.csv"
    out.parent.mkdir()
    with Archive(tmp_path) as archive:
        assert export_csv(archive, out).rows == 1
        assert out.read_bytes().decode() == written(tmp_path)
        with pytest.raises(InputError, match="--force"):
            export_csv(archive, out)
        out.write_text("old")
        assert export_csv(archive, out, Choice(Filters.of(channel=["none"])), force=True).rows == 0
    assert out.read_bytes() == ",".join(COLUMNS).encode() + b"\r\n"
    assert list(out.parent.iterdir()) == [out]


def test_a_partial_file_is_never_left_behind(tmp_path: Path) -> None:
    fill(tmp_path, article())
    out = tmp_path / "out" / "a.csv"
    out.parent.mkdir()
    out.write_text("old")

    def fail(_: int) -> None:
        raise KeyboardInterrupt

    with Archive(tmp_path) as archive, pytest.raises(KeyboardInterrupt):
        export_csv(archive, out, progress=fail, force=True)
    assert [(path.name, path.read_text()) for path in out.parent.iterdir()] == [("a.csv", "old")]


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        (".", InputError, "is a folder"),
        ("missing/a.csv", InputError, "folder does not exist"),
        ("archive.db/a.csv", InputError, "folder does not exist"),
        ("x" * 300 + ".csv", StorageError, "File name too long"),
    ],
)
def test_where_no_file_can_be(tmp_path: Path, name: str, error: type[Exception], says: str) -> None:
    fill(tmp_path, article())
    with Archive(tmp_path) as archive, pytest.raises(error, match=says):
        export_csv(archive, tmp_path / name)


@pytest.mark.parametrize(
    "name",
    [
        "a/archive.db", "a/archive.db-wal", "a/archive.lock", "a/warc/new.csv", "a/../a/archive.db",
        "a/warc/../archive.db", "link.csv", "folder/archive.db", "folder/warc/x.csv", "a/warc",
    ],
)  # fmt: skip
def test_the_archive_that_is_read_is_not_written_over(tmp_path: Path, name: str) -> None:
    home = tmp_path / "a"
    fill(home, article())
    (tmp_path / "link.csv").symlink_to(home / "archive.db")
    (tmp_path / "folder").symlink_to(home)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    with Archive(home) as archive:
        for write in (export_csv, export_jsonl):
            with pytest.raises(InputError, match="archive that is read: name another file"):
                write(archive, tmp_path / name, force=True)
    assert {path: path.read_bytes() for path in before} == before
    assert not list(home.rglob("*.csv"))


def test_beside_the_archive_there_is_room(tmp_path: Path) -> None:
    fill(tmp_path, article())
    with Archive(tmp_path) as archive:
        assert export_csv(archive, tmp_path / "archive.csv").rows == 1


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    fill(tmp_path, article())
    with Archive(tmp_path) as archive, pytest.raises(StorageError, match="/dev/full"):
        export_csv(archive, Path("/dev/full"))


def test_standard_output(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    fill(tmp_path, article())
    with Archive(tmp_path) as archive:
        export_csv(archive, Path("-"), profile="excel")
    print("still open", flush=True)
    output = capfdbinary.readouterr().out
    assert output.startswith(b"\xef\xbb\xbfid,url")
    assert output.endswith(b"\r\nstill open\n")


# -- filters ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three articles; the second was listed by nhnews too, the third has no date."""
    folder = tmp_path_factory.mktemp("portal")
    july, august = datetime(2019, 7, 31, 23, 59, 59, tzinfo=SHANGHAI), datetime(2019, 8, 1, tzinfo=SHANGHAI)
    blocks = [Block("paragraph", "虚构")]
    articles = [
        Article(LIST + "1", "jx", published_at=july, source="甲报", tags=["嘉兴"], template="a2012", blocks=blocks),
        Article(
            LIST + "2", "jx", published_at=august, source="乙报", tags=["桐乡", "嘉兴"], template="b2016", blocks=blocks
        ),
        Article(LIST + "3", "nb", source="甲报", template="a2012", blocks=blocks),
    ]
    articles[0].credits = [Credit("reporter", "王蓉", "记者 王蓉")]
    articles[1].credits = [Credit("editor", "王蓉", "责编 王蓉"), Credit("reporter", "李四", "记者 李四")]

    def work(t: Transaction) -> None:
        t.record_listing("nhnews", LIST, Listing((Lead(LIST + "2", "虚构"),), None, "listUl"))
        for seen in articles:
            look(t, seen)
        for _ in range(2):
            t.miss(3, "gone", "status 404", seen_at=THEN)

    run(folder, work)
    return folder


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({}, [1, 2, 3]),
        ({"channel": ["jx"]}, [1, 2]),
        ({"channel": ["nhnews"]}, [2]),
        ({"channel": ["nhnews, nb"]}, [2, 3]),
        ({"channel": ["nhnews", "jx"]}, [1, 2]),
        ({"from_": "2019-08"}, [2]),
        ({"to": "2019-07"}, [1]),
        ({"from_": "2019-07-31", "to": "2019-07-31"}, [1]),
        ({"from_": "2019", "to": "2019"}, [1, 2]),
        ({"to": "9999"}, [1, 2]),
        ({"reporter": ["王蓉"]}, [1]),
        ({"reporter": ["王蓉", "李四"]}, [1, 2]),
        ({"editor": ["王蓉"]}, [2]),
        ({"source": ["甲报"]}, [1, 3]),
        ({"tag": ["嘉兴"]}, [1, 2]),
        ({"tag": ["嘉兴"], "source": ["乙报"]}, [2]),
        ({"template": ["b2016"]}, [2]),
        ({"state": ["gone"]}, [3]),
        ({"state": ["live", "gone"], "channel": ["nb"]}, [3]),
        ({"tag": ["' OR 1=1 --"]}, []),
    ],
)
def test_a_filter_chooses(portal: Path, options: dict[str, Any], ids: list[int]) -> None:
    where, parameters = Filters.of(**options).sql()
    with Archive(portal) as archive:
        chosen = [row[0] for row in archive.rows(f"SELECT id FROM articles WHERE {where} ORDER BY id", parameters)]
    assert chosen == ids
    assert sorted(int(row["id"]) for row in rows(written(portal, choice=Choice(Filters.of(**options))))) == ids


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2019-07-24", date(2019, 7, 24), date(2019, 7, 24)),
        ("2019-02", date(2019, 2, 1), date(2019, 2, 28)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2019-12", date(2019, 12, 1), date(2019, 12, 31)),
        ("2019", date(2019, 1, 1), date(2019, 12, 31)),
    ],
)
def test_a_date_means_the_whole_of_it(text: str, first: date, last: date) -> None:
    assert span(text, "--from") == (first, last)


@given(st.dates(date(1, 1, 1), date(9999, 11, 30)))
def test_a_month_ends_before_the_next_begins(day: date) -> None:
    first, last = span(f"{day:%Y-%m}".rjust(7, "0"), "--to")
    assert first <= day <= last
    assert (last + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    "text", ["", "2019-7", "2019-13", "2019-02-30", "24.07.2019", "yesterday", "２０１９", "0000", "2019-07-24x"]
)
def test_what_is_no_date_is_told(text: str) -> None:
    with pytest.raises(InputError, match=r"--from .* is no date: write 2019-07-24"):
        Filters.of(from_=text)


def test_other_mistakes_are_told() -> None:
    with pytest.raises(InputError, match="after --to"):
        Filters.of(from_="2019-08", to="2019-07")
    with pytest.raises(InputError, match="one of live, gone, suspect"):
        Filters.of(state=["dead"])
    with pytest.raises(InputError, match="--channel names none"):
        Filters.of(channel=[" ,"])
