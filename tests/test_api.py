"""The archive from Python: what it answers is what the command line answers, typed; and what is documented runs."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import zjcrawl
from tests.archiving import LIST, SHANGHAI, THEN, URL, article, capture, look, run
from zjcrawl import Archive, Article
from zjcrawl import archive as tables
from zjcrawl.archive import ARTICLE_COLUMNS, Transaction
from zjcrawl.errors import InputError
from zjcrawl.filters import Filters
from zjcrawl.models import Block, Credit, Image, Printed
from zjcrawl.search import Query, ids

TOP = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve articles of two channels, the first edited, the last without anything."""
    home = tmp_path_factory.mktemp("portal") / "data" / "demo"

    def made(number: int) -> Any:
        return article(
            f"{LIST}{number}", channel="jx" if number % 2 else "zjnews", title=f"第{number}篇写嘉兴",
            published_at=datetime(2026, 8, 1 + number, 9, tzinfo=SHANGHAI), text="长三角" * number + "。",
            credits=[Credit("reporter", "王蓉", "记者 王 蓉"), Credit("photographer", f"甲{number}", "摄"), Credit("editor", "李四", "责编")],
            evidence={"title": [Printed(f"第{number}篇写嘉兴", "h1", "mlf2016.title")]},
        )  # fmt: skip

    def work(t: Transaction) -> None:
        for number in range(11):
            look(t, made(number))
        look(
            t,
            article(URL, channel=None, title=None, published_at=None, published_precision=None, published_printed=None,
                    source=None, credits=[], blocks=[Block("heading", "题")], tags=[], images=[]),
        )  # fmt: skip

    edited = article(f"{LIST}0", channel="zjnews", title="改过", published_at=datetime(2026, 8, 1, 9, tzinfo=SHANGHAI))
    run(home, work, lambda t: look(t, edited, capture(edited.url, b"<p>other</p>", minutes=60 * 24)))
    return home


@pytest.fixture
def archive(folder: Path) -> Any:
    with Archive(folder) as opened:
        yield opened


def test_importing_is_light() -> None:
    told = "import sys, zjcrawl; zjcrawl.__version__; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.split()
    assert not {"scrapy", "pandas", "lxml", "sqlite3", "zjcrawl.api"} & set(loaded)
    told = "import sys; from zjcrawl import Archive; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.split()
    assert not {"scrapy", "twisted", "pandas", "pyarrow", "matplotlib"} & set(loaded)
    assert {"Archive", "Article", "Articles"} <= set(dir(zjcrawl))
    with pytest.raises(AttributeError, match="no attribute 'Archiv'"):
        zjcrawl.Archiv  # noqa: B018
    assert (Path(zjcrawl.__file__).parent / "py.typed").exists()


def test_an_article_has_every_column_typed(archive: Archive) -> None:
    one = archive.article(2)
    seen = article(f"{LIST}1", channel="jx", title="第1篇写嘉兴", text="长三角。")
    assert (one.id, one.url, one.channel, one.title, one.source) == (2, seen.url, "jx", seen.title, seen.source)
    assert one.published_at == datetime(2026, 8, 2, 9, tzinfo=SHANGHAI)
    assert one.published_at.utcoffset() == SHANGHAI.utcoffset(None)
    assert (one.first_seen_at, one.first_seen_at.tzinfo) == (THEN, UTC)
    assert one.credits[0] == Credit("reporter", "王蓉", "记者 王 蓉")
    assert (one.reporters, one.photographers, one.editors, one.correspondents) == (("王蓉",), ("甲1",), ("李四",), ())
    assert (one.tags, one.warnings, one.images) == (("嘉兴", "市委"), (), (Image("http://x/a.jpg", "图为虚构"),))
    assert one.blocks == tuple(seen.blocks)
    assert (one.body, one.paragraphs) == (seen.body, ("长三角。",))
    assert (one.state, one.revision, one.kind, one.template) == ("live", 1, "text", "mlf2016")
    for name in ARTICLE_COLUMNS:
        assert hasattr(one, name)
    with pytest.raises(FrozenInstanceError):
        one.title = "x"  # type: ignore[misc]


def test_what_is_not_known_is_none_or_empty(archive: Archive) -> None:
    one = archive.article(URL)
    assert (one.title, one.published_at, one.source, one.channel) == (None, None, None, None)
    assert (one.credits, one.tags, one.images, one.paragraphs, one.reporters) == ((), (), (), (), ())


def test_history_is_read_when_it_is_asked_for(archive: Archive) -> None:
    one = archive.article(1)
    assert [revision.article.title for revision in one.revisions] == ["第0篇写嘉兴", "改过"]
    assert [event.kind for event in one.history.events()] == ["found", "edit"]
    assert one.evidence == one.revisions[-1].article.evidence == {}
    assert [printed.where for printed in archive.article(2).evidence["title"]] == ["h1"]


@pytest.mark.parametrize(
    ("asked", "options"),
    [
        ({}, {}),
        ({"channel": "jx"}, {"channel": ["jx"]}),
        ({"channel": ["jx", "zjnews"], "to": "2026-08-05"}, {"channel": ["jx", "zjnews"], "to": "2026-08-05"}),
        ({"from_": date(2026, 8, 5)}, {"from_": "2026-08-05"}),
        ({"from_": "2026"}, {"from_": "2026"}),
        ({"reporter": "王蓉", "editor": ("李四", "无")}, {"reporter": ["王蓉"], "editor": ["李四", "无"]}),
        ({"source": "虚构在线", "tag": "嘉兴", "template": "mlf2016", "state": "live"}, {"source": ["虚构在线"], "tag": ["嘉兴"]}),
        ({"source": "没有"}, {"source": ["没有"]}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("query", [None, "嘉兴", "长三角 -改过", "NOT 嘉兴"])
@pytest.mark.parametrize("bounds", [{}, {"sort": "oldest", "limit": 3, "offset": 1}])
def test_what_is_found_is_what_search_finds(
    archive: Archive,
    folder: Path,
    query: str | None,
    asked: dict[str, Any],
    options: dict[str, Any],
    bounds: dict[str, Any],
) -> None:
    found = archive.search(query, **asked, **bounds) if query else archive.articles(**asked, **bounds)
    with tables.Archive(folder) as reader:
        wanted, filters = Query.of(query) if query else None, Filters.of(**options)
        expected = list(ids(reader, wanted, filters, **bounds))
        every = len(list(ids(reader, wanted, filters)))
    for _ in range(2):  # as often as wanted
        assert [one.id for one in found] == expected
    assert found.count() == every
    assert [one and one.id for one in [found.first()]] == (expected[:1] or [None])


def test_rank(archive: Archive) -> None:
    assert {one.id for one in archive.search("嘉兴", sort="rank")} == {one.id for one in archive.search("嘉兴")}
    with pytest.raises(InputError, match="no query to rank by"):
        archive.articles(sort="rank").first()


def test_reading_is_lazy_and_of_one_moment(tmp_path: Path) -> None:
    run(tmp_path, lambda t: [look(t, article(f"{LIST}{n}")) for n in range(5)])
    with Archive(tmp_path) as archive:
        going = iter(archive.articles(sort="oldest"))
        first = next(going)
        run(
            tmp_path,
            lambda t: [look(t, article(f"{LIST}{n}", title="新"), capture(f"{LIST}{n}", b"new")) for n in range(9)],
        )
        rest = [first, *going]
        assert [one.title for one in rest] == ["虚构的标题"] * 5
        assert [one.title for one in archive.articles()] == ["新"] * 9


def test_as_of_a_day(folder: Path) -> None:
    with Archive(folder, as_of="2026-11-24") as then, Archive(str(folder), as_of=date(2026, 11, 23)) as before:
        assert then.article(1).title == "第0篇写嘉兴"
        assert len(then.article(1).revisions) == 1
        assert then.search("第0篇").count() == 1
        assert (before.articles().count(), list(before.articles())) == (0, [])
    with pytest.raises(InputError, match="as_of 9999 is not over yet"):
        Archive(folder, as_of="9999")


def test_mistakes_are_told(archive: Archive, tmp_path: Path) -> None:
    for ask, says in (
        (lambda: archive.search(""), "the query is empty"),
        (lambda: archive.search('"'), "not closed"),
        (lambda: archive.articles(channel="nosuch"), "unknown channel 'nosuch'"),
        (lambda: archive.articles(template="nosuch"), "unknown template 'nosuch'"),
        (lambda: archive.articles(from_="gestern"), "is no date"),
        (lambda: archive.articles(state="dead"), "one of live, gone, suspect"),
        (lambda: archive.article(99), "has no article 99"),
        (lambda: archive.article("http://x/none"), "does not know"),
        (lambda: Archive(tmp_path), "there is no archive"),
        (lambda: archive.articles().to_dataframe(columns=["titel"]), "no column 'titel'"),
    ):
        with pytest.raises(InputError, match=re.escape(says)):
            ask()
    with pytest.raises(InputError, match="there is no filter 'chanel': there are channel, from_"):
        archive.articles(chanel="jx")  # type: ignore[call-arg]


def test_nothing_can_be_written(archive: Archive) -> None:
    with closing(archive.connect()) as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM articles")


# -- tables ----------------------------------------------------------------------------------------------------------


def test_a_dataframe_has_the_columns_typed(archive: Archive) -> None:
    pandas = pytest.importorskip("pandas")
    frame = archive.articles(sort="oldest").to_dataframe()
    assert tuple(frame.columns) == ARTICLE_COLUMNS
    assert list(frame["id"]) == [*range(1, 13)]
    assert str(frame["published_at"].dt.tz) == "Asia/Shanghai"
    assert frame["published_at"][1].isoformat() == "2026-08-02T09:00:00+08:00"
    assert pandas.isna(frame["published_at"][11])
    assert frame["first_seen_at"][1] == THEN
    assert (frame["tags"][1], frame["reporters"][1], frame["reporters"][11]) == (["嘉兴", "市委"], ["王蓉"], [])
    assert frame["blocks"][1][0] == {"kind": "paragraph", "text": "长三角。"}
    assert pandas.isna(frame["title"][11])
    assert (frame["kicker"].dtype, frame["title"].dtype) == ("str", "str")
    some = archive.search("嘉兴", limit=2).to_dataframe(["title", "tags"])
    assert (list(some.columns), len(some)) == (["title", "tags"], 2)
    none = archive.articles(source="没有").to_dataframe()
    assert (tuple(none.columns), len(none), str(none["published_at"].dt.tz)) == (ARTICLE_COLUMNS, 0, "Asia/Shanghai")


def test_without_pandas_one_sentence_says_what_to_install(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match=re.escape("pip install 'zjcrawl[dataframe]'")):
        archive.articles().to_dataframe()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"sort": "foo"}, "sort is one of newest, oldest, rank, not 'foo'"),
        ({"limit": -1}, "limit is a number from 0 up, not -1"),
        ({"offset": None}, "offset is a number from 0 up, not None"),
        ({"from_": 2026}, "from_ is a text such as '2019-07', or a date, not 2026"),
        ({"from_": "2026-13"}, "from_ '2026-13' is no date"),
        ({"from_": "2026-08", "to": "2025"}, "from_ 2026-08 is after to 2025: exchange them"),
        ({"state": "dead"}, "state 'dead' is none: use one of live"),
        ({"reporter": None}, "reporter is a text, or several, not None"),
        ({"tag": ["嘉兴", 3]}, "tag is a text, or several, not ['嘉兴', 3]"),
        ({"unique": "no"}, "unique is True or False, not 'no'"),
        ({"author": "王蓉"}, "there is no filter 'author': there are channel, from_, to, reporter"),
    ],
)
def test_what_is_asked_wrongly_is_said_in_python_s_words(archive: Archive, asked: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=re.escape(says)):
        archive.articles(**asked)


def test_a_query_that_is_no_text_is_refused(archive: Archive) -> None:
    with pytest.raises(InputError, match="a query is a text, not None"):
        archive.search(None)  # type: ignore[arg-type]


def test_a_moment_stands_for_its_day(archive: Archive) -> None:
    moment = datetime(2026, 8, 11, 23, 59)
    assert (
        archive.articles(from_=moment, to=moment).count()
        == archive.articles(from_="2026-08-11", to="2026-08-11").count()
    )


# -- what is documented ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["python.md", "python.zh-CN.md"])
def test_the_documented_cells_run(
    folder: Path, page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pandas")
    monkeypatch.chdir(folder.parent.parent)
    text = (TOP / "docs" / page).read_text("utf-8")
    cells = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {}
    for cell in cells:
        exec(compile(cell, page, "exec"), names)
    assert len(cells) == 7
    assert isinstance(names["article"], Article)
    with pytest.raises(InputError, match="was closed: open it again"):
        names["found"].count()
    printed = capsys.readouterr().out
    for part in (
        "10 articles",
        "2026-08-11 09:00:00+08:00 虚构在线 第10篇写嘉兴",
        "12 articles were known then, 12 are now",
        "('王蓉', 11)",
    ):
        assert part in printed


def test_both_languages_have_the_same_cells() -> None:
    def code(page: str) -> list[str]:
        text = (TOP / "docs" / page).read_text("utf-8")
        return [re.sub(r" *#.*", "", cell) for cell in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)]

    assert code("python.md") == code("python.zh-CN.md")


def test_pandas_and_sqlite3_read_the_archive_as_it_is(folder: Path) -> None:
    pandas = pytest.importorskip("pandas")
    with closing(sqlite3.connect(f"file:{folder}/archive.db?mode=ro", uri=True)) as plain:
        frame = pandas.read_sql("SELECT * FROM articles ORDER BY id", plain)
        assert list(frame["title"][:2]) == ["改过", "第1篇写嘉兴"]
        for name in ("revisions", "credits", "tags", "captures", "placements", "paragraphs", "observations"):
            assert set(pandas.read_sql(f"SELECT * FROM {name}", plain).columns), name


def test_duckdb_reads_the_archive_as_it_is(folder: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    with closing(duckdb.connect(config={"autoinstall_known_extensions": False})) as database:
        try:
            database.execute("LOAD sqlite")
        except duckdb.Error:
            pytest.skip("DuckDB's extension for SQLite is not installed here, and tests download nothing")
        database.execute(f"ATTACH '{folder}/archive.db' AS archive (TYPE sqlite, READ_ONLY)")
        assert database.execute("SELECT count(*) FROM archive.articles").fetchone() == (12,)
        assert database.execute("SELECT count(*) FROM archive.credits WHERE role = 'editor'").fetchone() == (11,)
