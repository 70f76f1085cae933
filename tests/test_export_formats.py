"""CSV, JSON Lines and Parquet have the same cells, whatever stands in them; other programs read them; nothing grows."""

import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.archiving import LIST, SHANGHAI, article, capture, look, refuses, run
from tests.exporting import HOSTILE, rows_of
from zjcrawl.archive import ARTICLE_COLUMNS, Archive
from zjcrawl.archive.search_index import normalise
from zjcrawl.cli import cli
from zjcrawl.errors import InputError, StorageError
from zjcrawl.export import Choice, export_csv, export_jsonl, export_package, export_parquet
from zjcrawl.export.fields import ARTICLES, WORDING
from zjcrawl.export.ngrams import ngrams, sizes_of
from zjcrawl.export.parquet import ROW_GROUP
from zjcrawl.export.text import lines
from zjcrawl.models import Credit, Image

TOP = Path(__file__).parent.parent
WRITERS: dict[str, Callable[..., Any]] = {"csv": export_csv, "jsonl": export_jsonl, "parquet": export_parquet}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An article for each hostile text, in every column that takes one; and one of which nothing is known."""
    folder = tmp_path_factory.mktemp("hostile")

    def of(number: int, text: str) -> Any:
        printed = text.replace(";", "；")
        return article(
            f"{LIST}{number}", kicker=text, title=text, subtitle=text, text=text, source=text, notice=text,
            breadcrumb=text, dateline=text, published_printed=text, tags=[printed, "市委"], images=[Image(text, text)],
            credits=[Credit("reporter", printed, text), Credit("editor", "李四", text)],
            published_at=datetime(2019, 7, 24, 15, 7, number, tzinfo=SHANGHAI), warnings=["no_template"],
        )  # fmt: skip

    nothing = article(
        f"{LIST}none", title=None, published_at=None, published_precision=None, published_printed=None, source=None,
        credits=[], blocks=[], tags=[], images=[], kind="video", channel=None,
    )  # fmt: skip
    articles = [nothing, *(of(number, text) for number, text in enumerate(HOSTILE))]
    run(folder, lambda t: [look(t, seen, capture(seen.url)) for seen in articles])
    return folder


@pytest.fixture(scope="module")
def taken(hostile: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three files, and the package."""
    out = tmp_path_factory.mktemp("taken")
    with Archive(hostile) as archive:
        for name, write in WRITERS.items():
            assert write(archive, out / f"a.{name}").rows == len(HOSTILE) + 1
        export_package(archive, out / "package")
    return out


def as_csv(column: str, value: Any) -> str:
    """A typed cell as CSV has it."""
    kind = ARTICLES[column].kind
    if value is None:
        return ""
    if kind == "json":
        kept = (
            [{k: v for k, v in one.items() if k != "src" or v is not None} for one in value]
            if column == "blocks"
            else value
        )
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    if kind == "names":
        return ";".join(value)
    if kind == "time":
        return value.isoformat()
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if kind == "moment" else str(value)


def test_every_cell_is_the_same_in_every_format(taken: Path, hostile: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    expected = rows_of(taken / "a.csv")
    assert [row["title"] for row in expected] == ["", *(text.replace("\0", "\ufffd") for text in HOSTILE)]
    table = parquet.read_table(taken / "a.parquet")
    assert tuple(table.column_names) == ARTICLE_COLUMNS
    assert [{name: as_csv(name, value) for name, value in row.items()} for row in table.to_pylist()] == expected
    objects = [json.loads(line) for line in (taken / "a.jsonl").read_text("utf-8").split("\n")[:-1]]
    typed = [
        {
            name: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            if ARTICLES[name].kind == "json"
            else value
            for name, value in row.items()
        }
        for row in objects
    ]
    assert [{name: "" if value is None else str(value) for name, value in row.items()} for row in typed] == expected
    nulls = [{name for name, value in row.items() if value is None} for row in objects]
    assert [{name for name, value in row.items() if value is None} for row in table.to_pylist()] == nulls
    with Archive(hostile) as archive:
        held = [dict(row) for row in archive.rows("SELECT * FROM articles ORDER BY published_at, id")]
    assert [[row[name] for name in ARTICLE_COLUMNS] for row in held] == [
        [row[name] for name in ARTICLE_COLUMNS] for row in typed
    ]
    assert rows_of(taken / "package/articles.csv") == expected


def test_types_in_parquet(taken: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    schema = parquet.read_schema(taken / "a.parquet")
    told = {field.name: str(field.type) for field in schema}
    assert told["published_at"] == "timestamp[ms, tz=Asia/Shanghai]"
    assert told["first_seen_at"] == "timestamp[ms, tz=UTC]"
    assert told["tags"].startswith("list<")
    assert "kind: string, text: string, src: string" in told["blocks"]
    assert schema.field("title").metadata[b"description"].decode() == ARTICLES["title"].description


def test_duckdb_reads_all_three(taken: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    expected = [row["body"] for row in rows_of(taken / "a.csv")]
    with closing(duckdb.connect()) as database:
        database.execute("SET TimeZone = 'Asia/Shanghai'")
        quoted = "header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"', new_line = '\\r\\n', nullstr = ''"
        for source in (
            f"read_csv('{taken / 'a.csv'}', {quoted}, auto_detect = false, strict_mode = false, columns = $columns)".replace(
                "$columns", str(dict.fromkeys(ARTICLE_COLUMNS, "VARCHAR"))
            ),
            f"read_json('{taken / 'a.jsonl'}', format = 'newline_delimited')",
            f"'{taken / 'a.parquet'}'",
        ):
            found = database.execute(
                f"SELECT coalesce(body, '') FROM {source} ORDER BY published_at NULLS FIRST"
            ).fetchall()
            assert [row[0] for row in found] == expected, source
        parquet = f"'{taken / 'a.parquet'}'"
        assert database.execute(f"SELECT count(*) FROM {parquet} WHERE list_contains(tags, '市委')").fetchone() == (
            len(HOSTILE),
        )
        hours = f"SELECT DISTINCT hour(published_at) FROM {parquet} WHERE published_at IS NOT NULL"
        assert database.execute(hours).fetchall() == [(15,)]


def test_pandas_reads_all_three(taken: Path) -> None:
    pandas = pytest.importorskip("pandas")
    expected = rows_of(taken / "a.csv")
    frame = pandas.read_csv(taken / "a.csv", dtype=str, keep_default_na=False)
    assert frame.to_dict("records") == expected
    frame = pandas.read_json(taken / "a.jsonl", lines=True, dtype=False)
    assert [text if isinstance(text, str) else "" for text in frame["title"]] == [row["title"] for row in expected]
    frame = pandas.read_parquet(taken / "a.parquet", columns=["title", "published_at", "first_seen_at"])
    assert str(frame["published_at"].dt.tz) == "Asia/Shanghai"
    assert [text if isinstance(text, str) else "" for text in frame["title"]] == [row["title"] for row in expected]


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="there is no sqlite3 shell here")
def test_the_shell_of_sqlite_imports_the_csv(taken: Path, tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    subprocess.run(
        ["sqlite3", str(database), "-cmd", ".mode csv", f".import {taken / 'a.csv'} a"], check=True, timeout=60
    )
    with closing(sqlite3.connect(database)) as plain:
        rows = plain.execute("SELECT * FROM a").fetchall()
    assert rows == [tuple(row.values()) for row in rows_of(taken / "a.csv")]


@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not installed here: what it shows is not looked at"
)
def test_libreoffice_opens_the_excel_profile(hostile: Path, tmp_path: Path) -> None:
    with Archive(hostile) as archive:
        export_csv(archive, tmp_path / "a.csv", profile="excel")
    convert = [
        "soffice",
        "--headless",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--convert-to",
        "fods",
        "a.csv",
    ]
    subprocess.run(convert, cwd=tmp_path, check=True, timeout=120)
    opened = (tmp_path / "a.fods").read_text("utf-8")
    assert "市委" in opened
    assert "table:formula" not in opened


@given(
    st.lists(
        st.lists(st.one_of(st.none(), st.integers(), st.text("a,\"\r\n'嘉 =")), min_size=2, max_size=4), max_size=4
    )
)
def test_lines_of_csv_are_those_of_the_library(rows: list[list[Any]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    assert lines(rows) == out.getvalue()
    back = list(csv.reader(io.StringIO(lines(rows), newline="")))
    assert back == [["" if cell is None else str(cell) for cell in row] for row in rows]


# -- the same bytes --------------------------------------------------------------------------------------------------

_TAKE = """
import sys
from pathlib import Path
from datetime import date
from zjcrawl.archive import Archive
from zjcrawl import export
out = Path(sys.argv[2])
out.mkdir()
for name, known in (("now", None), ("then", date(2026, 11, 24))):
    with Archive(sys.argv[1], known=known) as archive:
        export.export_csv(archive, out / f"{name}.csv", profile="excel")
        export.export_jsonl(archive, out / f"{name}.jsonl", export.Choice(ngrams=(1, 2)))
        export.export_parquet(archive, out / f"{name}.parquet")
        export.export_package(archive, out / name)
"""


def test_the_same_archive_gives_the_same_bytes_in_any_zone_and_locale(hostile: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    moved = shutil.copytree(hostile, tmp_path / "moved")
    runs = {
        "here": (hostile, {}),
        "again": (hostile, {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "7", "COLUMNS": "40"}),
        "york": (moved, {"TZ": "America/New_York", "LC_ALL": "C", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "8"}),
    }
    found = {}
    for name, (folder, environment) in runs.items():
        command = [sys.executable, "-c", _TAKE, str(folder), str(tmp_path / name)]
        subprocess.run(command, check=True, timeout=120, env={**os.environ, **environment}, cwd=TOP)
        out = tmp_path / name
        found[name] = {path.relative_to(out): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
    assert len(found["here"]) == 6 + 2 * 8
    for name in runs:
        assert found[name] == found["here"], name


# -- without the text ------------------------------------------------------------------------------------------------


def taken_as(folder: Path, write: Callable[..., Any], **options: Any) -> str:
    out = io.StringIO(newline="")
    with Archive(folder) as archive:
        write(archive, out, Choice(**options))
    return out.getvalue()


def test_without_wording_there_are_digests_and_counts(tmp_path: Path) -> None:
    secret, long = "不可外传的一句话", "第二段，也不可外传"
    seen = article(
        text=secret, kicker="引" + secret, title="题" + secret, subtitle=None, dateline=secret[:6], notice="版权" + secret,
        images=[Image("http://x/a.jpg", "图" + secret)] * 2,
    )  # fmt: skip
    seen.blocks.append(type(seen.blocks[0])("paragraph", long))
    run(tmp_path, lambda t: look(t, seen))
    for write in (export_csv, export_jsonl):
        for options in ({"wording": False}, {"ngrams": (2,)}):
            assert secret[:4] not in taken_as(tmp_path, write, **options)
            assert long[:4] not in taken_as(tmp_path, write, **options)
    (row,) = csv.DictReader(io.StringIO(taken_as(tmp_path, export_csv, wording=False), newline=""))
    assert not set(row) & set(WORDING)
    assert list(row)[-4:] == ["headline_characters", "body_characters", "paragraphs", "pictures"]
    assert [row[name] for name in list(row)[-4:]] == [str(18), str(len(seen.body)), "2", "2"]
    assert (row["text_sha256"], row["source"], row["tags"]) == (seen.text_sha256, "虚构在线", "嘉兴;市委")


@given(texts=st.lists(st.text("嘉兴aA１ \n，", max_size=30), max_size=3), sizes=st.sets(st.integers(1, 3), min_size=1))
def test_ngrams_are_counted_as_one_counts_by_hand(texts: list[str], sizes: set[int]) -> None:
    found = ngrams(texts, sizes)
    every = [line for text in texts for line in normalise(text).split("\n")]
    for size in sizes:
        rows = [line[at : at + size] for line in every for at in range(len(line)) if at + size <= len(line)]
        assert {row: rows.count(row) for row in rows} == {
            row: often for row, often in found.items() if len(row) == size
        }
    assert list(found) == sorted(found)
    assert all("\n" not in row for row in found)


def test_ngrams_are_the_same_in_every_format(hostile: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    choice = {"ngrams": (1, 2)}
    objects = [json.loads(line)["ngrams"] for line in taken_as(hostile, export_jsonl, **choice).split("\n")[:-1]]
    rows = csv.DictReader(io.StringIO(taken_as(hostile, export_csv, **choice), newline=""))
    csv.field_size_limit(1 << 20)
    assert [json.loads(row["ngrams"]) for row in rows] == objects
    with Archive(hostile) as archive:
        export_parquet(archive, tmp_path / "a.parquet", Choice(**choice))
    assert [dict(one) for one in parquet.read_table(tmp_path / "a.parquet")["ngrams"].to_pylist()] == objects
    assert objects[HOSTILE.index("字" * 40_000) + 1] == {"字": 4 * 40_000, "字字": 4 * 39_999, "图": 1, "为": 1, "虚": 1, "构": 1, "图为": 1, "为虚": 1, "虚构": 1}  # fmt: skip


@pytest.mark.parametrize(("text", "sizes"), [("2", (2,)), ("2,1", (1, 2)), (" 1, 3 ", (1, 3)), ("1,1", (1,))])
def test_sizes(text: str, sizes: tuple[int, ...]) -> None:
    assert sizes_of(text) == sizes


@pytest.mark.parametrize("text", ["0", "4", "1,4", "x", "1,,2", "-1", "²", "1.0"])
def test_what_is_no_size_is_told(text: str, hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "give sizes of 1 to 3 characters" in refuses(capsys, hostile, "export", "csv", "-", f"--features={text}")


# -- Parquet's own ---------------------------------------------------------------------------------------------------


def many(folder: Path, rows: int) -> Path:
    """An archive of many articles, and of what was listed, made by SQL alone."""
    run(folder, lambda t: look(t, article(text="这是虚构的一段文字，说的都是没有的事。" * 3)))
    columns = ", ".join(ARTICLE_COLUMNS[2:])
    minute = "strftime('%Y-%m-%dT%H:%M:00+08:00', '2019-01-01', '+' || n || ' minutes')"
    with closing(sqlite3.connect(folder / "archive.db")) as database, database:
        numbers = f"WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows})"
        database.execute(
            f"INSERT INTO articles (id, url, {columns}, evidence) {numbers} SELECT n, url || n, "
            f"{columns.replace('published_at', minute, 1)}, evidence FROM articles, numbers WHERE id = 1"
        )
        database.execute(
            f"INSERT INTO leads {numbers} SELECT '{LIST}' || n, 'jx', '{LIST}', {minute}, '', '', '2026-11-24', '2026-11-24' FROM numbers"
        )
        database.execute(
            f"INSERT INTO frontier (url, kind, channel, host, state, outcome, discovered_at, article_id) {numbers} "
            f"SELECT '{LIST}' || n, 'article', 'jx', '', 'done', 'new', '2026-11-24', n FROM numbers"
        )
    return folder


@pytest.fixture(scope="module")
def small_and_large(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [many(tmp_path_factory.mktemp("many"), rows) for rows in (1_000, 50_000)]


def test_row_groups_and_their_statistics(small_and_large: list[Path], tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    with Archive(small_and_large[1]) as archive:
        export_parquet(archive, tmp_path / "a.parquet")
    about = parquet.ParquetFile(tmp_path / "a.parquet").metadata
    assert 50_000 % ROW_GROUP == 0  # no empty group stands behind the last
    sizes = [about.row_group(number).num_rows for number in range(about.num_row_groups)]
    assert sizes == [ROW_GROUP] * (50_000 // ROW_GROUP)
    spans = []
    for number in range(about.num_row_groups):
        group = about.row_group(number)
        (times,) = (
            group.column(at) for at in range(group.num_columns) if group.column(at).path_in_schema == "published_at"
        )
        spans.append((times.statistics.min, times.statistics.max))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_parquet_of_nothing_and_to_standard_output(
    hostile: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    with Archive(hostile) as archive:
        export_parquet(archive, Path("-"))
        export_parquet(archive, tmp_path / "a.parquet")
    assert capfdbinary.readouterr().out == (tmp_path / "a.parquet").read_bytes()
    run(tmp_path / "empty")
    with Archive(tmp_path / "empty") as archive:
        assert export_parquet(archive, tmp_path / "b.parquet").rows == 0
    assert tuple(parquet.read_table(tmp_path / "b.parquet").column_names) == ARTICLE_COLUMNS


def test_without_pyarrow_one_sentence_says_what_to_install(
    hostile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    told = refuses(capsys, hostile, "export", "parquet", str(tmp_path / "a.parquet"))
    assert "pip install 'zjcrawl[parquet]'" in told
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("column", "value"), [("published_at", "gestern"), ("first_seen_at", "2019"), ("capture_id", "x"), ("blocks", '[{"kind": 1}]'), ("images", '{"a": 1}')]
)  # fmt: skip
def test_a_cell_of_another_type_is_told_and_nothing_is_left(tmp_path: Path, column: str, value: str) -> None:
    pytest.importorskip("pyarrow")
    folder, out = tmp_path / "a", tmp_path / "out"
    out.mkdir()
    run(folder, lambda t: look(t, article()))
    with closing(sqlite3.connect(folder / "archive.db")) as database, database:
        database.execute(f"UPDATE articles SET {column} = ?", (value,))
    with Archive(folder) as archive, pytest.raises(StorageError, match=f"in {column}, so other hands changed"):
        export_parquet(archive, out / "a.parquet")
    assert not list(out.iterdir())


def test_what_only_escapes_can_say_is_written_as_the_archive_holds_it(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    run(tmp_path, lambda t: look(t, article()))
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database, database:
        database.execute("UPDATE articles SET warnings = ?", (r'["a\ud800\u0000b", "\u5609"]',))
    with Archive(tmp_path) as archive:
        export_parquet(archive, tmp_path / "a.parquet")
    assert parquet.read_table(tmp_path / "a.parquet")["warnings"].to_pylist() == [["a\ufffd\0b", "嘉"]]


# -- memory, interruptions -------------------------------------------------------------------------------------------

_PEAK = r"""
import re, sys
from pathlib import Path
from zjcrawl import export
from zjcrawl.archive import Archive
with Archive(sys.argv[1]) as archive:
    for name in ("csv", "jsonl", "package", "parquet"):
        rows = getattr(export, "export_" + name)(archive, Path(sys.argv[2]) / name).rows
        kilobytes = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]  # getrusage's is its parent's too
        print(name, rows, int(kilobytes) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not say how much memory was used")
def test_memory_is_flat(small_and_large: list[Path], tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    peaks = []
    for number, folder in enumerate(small_and_large):
        (out := tmp_path / f"{number}").mkdir()
        command = [sys.executable, "-c", _PEAK, str(folder), str(out)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=TOP, check=True)
        told = [line.split() for line in done.stdout.splitlines()]
        assert [(name, int(rows)) for name, rows, _ in told] == [
            (name, (1_000, 50_000)[number]) for name in ("csv", "jsonl", "package", "parquet")
        ]
        peaks.append([int(megabytes) for _, _, megabytes in told])
    assert all(large - small < 20 for small, large in zip(*peaks, strict=True)), peaks
    print(peaks)


@pytest.mark.parametrize("write", [export_jsonl, export_parquet, export_package], ids=["jsonl", "parquet", "package"])
@pytest.mark.parametrize("exists", [False, True], ids=["new", "old"])
def test_what_is_interrupted_leaves_what_was_there(
    hostile: Path, tmp_path: Path, write: Callable[..., Any], exists: bool
) -> None:
    if write is export_parquet:
        pytest.importorskip("pyarrow")
    out = tmp_path / "out"
    with Archive(hostile) as archive:
        if exists:
            write(archive, out)
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

        def fail(_: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            write(archive, out, progress=fail, force=True)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("write", [export_parquet, export_package], ids=["parquet", "package"])
def test_where_nothing_can_be_written(hostile: Path, tmp_path: Path, write: Callable[..., Any]) -> None:
    pytest.importorskip("pyarrow")
    with Archive(hostile) as archive:
        for name, error, says in (
            ("missing/a", InputError, "folder does not exist"),
            ("x" * 300, StorageError, "File name too long"),
        ):
            with pytest.raises(error, match=says):
                write(archive, tmp_path / name)
        (tmp_path / "there").mkdir()
        (tmp_path / "there" / "mine").write_text("mine")
        with pytest.raises(InputError):
            write(archive, tmp_path / "there", force=True)
    assert (tmp_path / "there" / "mine").read_text() == "mine"


# -- the command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "columns", "rows"),
    [
        ([], len(ARTICLE_COLUMNS), len(HOSTILE) + 1),
        (["--query", "嘉兴 OR title:👍"], len(ARTICLE_COLUMNS), 2),
        (["--query", "-NULL", "--state", "gone"], len(ARTICLE_COLUMNS), 0),
        (["--metadata-only"], len(ARTICLE_COLUMNS) - len(WORDING) + 4, len(HOSTILE) + 1),
        (["--features", "1,2", "--metadata-only"], len(ARTICLE_COLUMNS) - len(WORDING) + 5, len(HOSTILE) + 1),
        (["--as-of", "2026-11-24"], len(ARTICLE_COLUMNS), len(HOSTILE) + 1),
        (["--as-of", "2026-10"], len(ARTICLE_COLUMNS), 0),
    ],
)
def test_every_format_takes_every_option(
    hostile: Path, tmp_path: Path, options: list[str], columns: int, rows: int
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    csv.field_size_limit(1 << 20)
    for name in ("csv", "jsonl", "parquet", "package"):
        words = ["export", name, str(tmp_path / name), *options, "--archive", str(hostile)]
        done = CliRunner().invoke(cli, words, catch_exceptions=False)
        assert (done.exit_code, done.stdout) == (0, "")
        assert done.stderr == f"{rows:,} articles written to {tmp_path / name}\n"
    for file in (tmp_path / "csv", tmp_path / "package" / "articles.csv"):
        assert len(rows_of(file)) == rows
        assert file.read_bytes().partition(b"\r\n")[0].count(b",") == columns - 1
    assert len((tmp_path / "jsonl").read_text("utf-8").split("\n")) == rows + 1
    table = parquet.read_table(tmp_path / "parquet")
    assert (table.num_columns, table.num_rows) == (columns, rows)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["csv", "-", "--query", '"'], "not closed"),
        (["jsonl", "-", "--query", "OR"], "OR joins two terms"),
        (["parquet", "-", "--query", "  ' '  AND"], "lacks the term behind it"),
        (["csv", "-", "--channel", "nosuch"], "unknown channel 'nosuch'"),
        (["parquet", "/dev/null/a", "--force"], "its folder does not exist"),
        (["package", "/proc/version"], "is a file: name a folder"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    hostile: Path, options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pyarrow")
    assert says in refuses(capsys, hostile, "export", *options)
