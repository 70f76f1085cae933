"""The verbs that ask the archive, as they are typed: search, stats, timeline, cooccur, coverage."""

import csv
import io
import json
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from tests.archiving import LIST, SHANGHAI, THEN, article, ask, capture, look, refuses, run
from zjcrawl import plots, search
from zjcrawl.cli import cli
from zjcrawl.cli.bars import bar
from zjcrawl.cli.concordance import aligned
from zjcrawl.errors import ZjcrawlError
from zjcrawl.kwic import Hit
from zjcrawl.models import Errand, Lead, Listing
from zjcrawl.search import Query
from zjcrawl.stats import Cell, Timeline

FIRST = datetime(2026, 9, 1, 9, tzinfo=SHANGHAI)
HOSTILE = "\x1b[31m嘉兴\u202e[bold]\n" + "长三角一体化" + "，大家都有份。"


@dataclass
class Desk:
    """Where questions are asked."""

    folder: Path

    def ask(self, *arguments: str) -> str:
        """What a question prints. Raises the error that it ends in."""
        result = CliRunner().invoke(cli, ["--archive", str(self.folder), *arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    def json(self, *arguments: str) -> Any:
        return json.loads(self.ask(*arguments, "--json"))

    def refused(self, *arguments: str) -> str:
        """The sentence that a bad question is answered with."""
        result = CliRunner().invoke(cli, ["--archive", str(self.folder), *arguments])
        if isinstance(result.exception, ZjcrawlError):
            assert result.exception.exit_code == 2
            assert "\n" not in str(result.exception)
            return str(result.exception)
        assert result.exit_code == 2, result.output
        return result.output.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Thirty articles of as many days, every third about the delta; the list was read once, in November."""
    folder = tmp_path_factory.mktemp("desk")

    def work(t: Any) -> None:
        seen = [
            article(
                f"{LIST}{n}",
                title="长三角" if n % 6 == 0 else "[虚构]",
                text=HOSTILE if n % 3 == 0 else "嘉兴的别的事。" * 30,
                published_at=FIRST + timedelta(days=n),
            )
            for n in range(30)
        ]
        leads = [Lead(one.url, one.title or "", None, one.published_at) for one in seen]
        t.record_listing("jx", LIST, Listing(tuple(leads), None, "listUl"))
        listed = t.keep(capture(LIST, errand=Errand("listing", "jx", LIST)))
        t.connection.execute("UPDATE captures SET outcome = 'listed' WHERE id = ?", (listed,))
        t.connection.execute("UPDATE leads SET last_seen_at = ?", (f"{THEN:%Y-%m-%dT%H:%M:%S}.000Z",))
        for one in seen[:-1]:
            look(t, one, capture(one.url))

    run(folder, work)
    return Desk(folder)


# -- search ----------------------------------------------------------------------------------------------------------


def test_lines_are_aligned_on_the_match_and_as_wide_as_asked(desk: Desk) -> None:
    for width in (60, 80, 140):
        count, *lines = desk.ask("search", "长三角一体化", "--width", str(width)).splitlines()
        assert count == "10 articles, newest first"
        starts = {cell_len(line.split("[长三角一体化]")[0]) for line in lines}
        assert len(starts) == 1
        assert len(lines) == 10
        assert max(cell_len(line.rstrip()) for line in lines) <= width
    assert "28 2026-09-28" in lines[0]


def test_page_text_can_steer_no_terminal(desk: Desk) -> None:
    for question in (["search", "嘉兴"], ["cooccur", "嘉兴", "bold"], ["search", "NOT 一体化"]):
        printed = desk.ask(*question)
        assert not any(c in printed for c in "\x1b\u202e")
    assert "[bold]" in desk.ask("search", "嘉兴", "--width", "140")
    assert "[虚构]" in desk.ask("search", "NOT 一体化")


def test_matches_in_the_headline_are_marked_and_all_are_counted(desk: Desk) -> None:
    lines = desk.ask("search", "长三角", "--limit", "4", "--matches", "2").splitlines()
    assert sum("*" in line for line in lines) == 2
    assert desk.ask("search", "长三角", "--limit", "4").count("×2") == 2
    assert "4 of 10 shown: --offset 4 goes on" in lines[-1]
    assert desk.ask("search", "长三角", "--offset", "6").count("jx") == 4


def test_counts_come_alone_and_programs_get_all(desk: Desk) -> None:
    assert desk.ask("search", "嘉兴 OR 长三角", "--count") == "29\n"
    assert desk.json("search", "嘉兴", "--count") == {"query": "嘉兴", "articles": 29}
    told = desk.json("search", "嘉兴")
    assert (told["articles"], len(told["results"])) == (29, 29)
    assert desk.json("search", "没有的") == {"query": "没有的", "articles": 0, "results": []}
    assert desk.ask("search", "没有的") == "0 articles\n"
    first = told["results"][-1]
    assert first["hits"][0] | {"after": ""} == {
        "column": "body", "start": 5, "end": 7, "before": "\x1b[31m", "match": "嘉兴", "after": "",
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(desk.ask("search", "嘉兴", "--csv", "--limit", "3", "--matches", "1"))))
    assert [row["match"] for row in rows] == ["嘉兴"] * 3
    assert [int(row["id"]) for row in rows] == [one["id"] for one in told["results"][:3]]
    (row, *_) = csv.DictReader(io.StringIO(desk.ask("search", "NOT 一体化", "--csv")))
    assert (row["matches"], row["match"]) == ("0", "")


def test_filters_and_orders_are_passed_on(desk: Desk) -> None:
    assert desk.json("search", "嘉兴", "--from", "2026-09-28", "--count")["articles"] == 2
    assert desk.json("search", "嘉兴", "--channel", "nb", "--count")["articles"] == 0
    ids = [one["id"] for one in desk.json("search", "嘉兴", "--sort", "oldest", "--limit", "2")["results"]]
    assert ids == [1, 2]
    best = desk.json("search", "长三角", "--sort", "rank", "--limit", "1")["results"][0]
    assert best["title"] == "长三角"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["search", ""], "is empty"),
        (["search", '"甲'], "not closed"),
        (["search", "甲", "OR"], "OR lacks"),
        (["search", "甲", "--limit", "0"], "--limit"),
        (["search", "甲", "--width", "3"], "--width"),
        (["search", "甲", "--from", "gestern"], "is no date"),
        (["search", "甲", "--channel", "nosuch"], "unknown channel"),
        (["search", "--sort", "rank", "--", "-甲"], "nothing to rank by"),
        (["search", "嘉兴", "--offset", "9999"], "is past the last of"),
        (["search", "嘉兴", "--json", "--csv"], "two forms of one output"),
        (["search", "嘉兴", "--csv", "--json"], "two forms of one output"),
        (["search", "嘉兴", "--count", "--csv"], "leave --csv out"),
        (["search"], "Missing argument"),
        (["stats", "--csv"], "say what to count"),
        (["stats", "--by", "moon"], "moon"),
        (["timeline", "OR"], "lacks the one before"),
        (["timeline", "甲", "--by", "week"], "week"),
        (["timeline", "甲", "--csv", "."], "is a folder"),
        (["timeline", "甲", "--png", "a.jpg"], "end it in .png"),
        (["timeline", "甲", "--csv", "nowhere/a.csv"], "folder does not exist"),
        (["cooccur", "甲"], "Missing argument"),
        (["cooccur", "甲", "("], "not closed"),
        (["cooccur", "title:长三角", "甲", "--json"], "no paragraph can show it"),
        (["coverage", "nosuch"], "unknown channel"),
        (["coverage", "--from", "2027", "--to", "2026"], "is after --to"),
        (["coverage", "--to", "2026-13"], "is no date"),
    ],
)
def test_a_bad_question_gets_one_sentence(desk: Desk, arguments: list[str], says: str) -> None:
    assert says in desk.refused(*arguments)


# -- stats, timeline, cooccur ----------------------------------------------------------------------------------------


def test_stats_prints_what_it_tells_programs(desk: Desk) -> None:
    assert desk.json("stats")["articles"] == 29
    assert "29" in desk.ask("stats")
    told = desk.json("stats", "--by", "weekday")
    assert sum(one["articles"] for one in told["counts"]) == told["articles"] == 29
    assert sum(one["share"] for one in told["counts"]) == pytest.approx(1, abs=1e-4)
    table = desk.ask("stats", "--by", "weekday")
    assert all(f"{one['key']}" in table for one in told["counts"])
    rows = list(csv.DictReader(io.StringIO(desk.ask("stats", "--by", "tag", "--csv"))))
    assert {row["key"]: int(row["articles"]) for row in rows} == {"嘉兴": 29, "市委": 29}
    assert "1 of 2 shown" in desk.ask("stats", "--by", "tag", "--limit", "1")
    assert "嘉兴" in desk.ask("stats", "--by", "channel")


def test_a_timeline_in_every_form(desk: Desk, tmp_path: Path) -> None:
    told = desk.json("timeline", "长三角", "--by", "day", "--from", "2026-08-25")
    assert told["total"] == {"cell": "all", "mentioning": 10, "articles": 29, "per_1000": 344.828}
    assert [cell["mentioning"] for cell in told["cells"][-5:]] == [1, 0, 0, 1, 0]
    printed = desk.ask("timeline", "长三角", "--by", "day", "--from", "2026-08-25")
    assert "7 without an article, 2026-08-25 to 2026-08-31" in printed
    assert "2026-09-01          1        1   1,000.0 ████" in printed
    out = tmp_path / "a.csv"
    desk.ask("timeline", "长三角", "--by", "day", "--from", "2026-08-25", "--csv", str(out))
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert [int(row["articles"]) for row in rows] == [cell["articles"] for cell in told["cells"]]
    assert rows[0]["per_1000"] == ""
    assert desk.ask("timeline", "长三角", "--csv", "-").startswith("cell,mentioning,articles,per_1000")
    before = out.read_bytes()
    assert "--force" in desk.refused("timeline", "长三角", "--csv", str(out))
    assert out.read_bytes() == before
    desk.ask("timeline", "别的", "--csv", str(out), "--force")
    assert out.read_bytes() != before
    assert list(tmp_path.iterdir()) == [out]
    held = desk.folder / "archive.db"
    assert "file of the archive" in desk.refused("timeline", "别的", "--csv", str(held), "--force")
    assert "file of the archive" in desk.refused("coverage", "jx", "--csv", str(held), "--force")


def test_cooccur_prints_the_table_its_measures_and_the_paragraphs(desk: Desk) -> None:
    told = desk.json("cooccur", "长三角", "嘉兴")
    assert (told["both"], told["only_a"], told["only_b"], told["neither"]) == (10, 0, 19, 0)
    assert (told["pmi_bits"], told["odds_ratio"]) == (0.0, None)
    printed = desk.ask("cooccur", "长三角", "大家", "--limit", "3", "--width", "80")
    assert "PMI                 1.54 bits" in printed
    assert "odds ratio          – (a cell is empty)" in printed
    assert printed.count("[长三角]一体化，[大家]都有份。") == 3
    paragraph = desk.json("cooccur", "长三角", "大家", "--limit", "1")["paragraphs"][0]
    assert paragraph["text"] == HOSTILE.split("\n")[1]


def test_a_second_match_far_away_is_still_seen() -> None:
    hit = Hit("body", 40, 42, "乙" + "字" * 39, "甲甲", "后" * 40)
    line = aligned(hit, 60, marked=False, other=(0, 1)).plain
    assert cell_len(line) == 60
    assert "[乙]" in line
    assert "…" in line
    after = aligned(Hit("body", 0, 2, "", "甲甲", "字" * 40 + "乙" + "后" * 9), 60, marked=False, other=(42, 43)).plain
    assert "[乙]" in after


# -- coverage --------------------------------------------------------------------------------------------------------

SEPTEMBER = ("--from", "2026-09", "--to", "2026-10-05")


def test_coverage_in_every_form(desk: Desk, tmp_path: Path) -> None:
    told = desk.json("coverage", "jx", *SEPTEMBER)
    by_day = {day["day"]: day for day in told["days"]}
    assert len(by_day) == 35
    assert by_day["2026-09-10"]["status"] == "complete"
    assert by_day["2026-09-30"]["missing"] == {"pending": 1}
    assert by_day["2026-10-03"]["status"] == "quiet"
    out = tmp_path / "a.csv"
    desk.ask("coverage", *SEPTEMBER, "--csv", str(out))
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert [row["status"] for row in rows] == [day["status"] for day in told["days"]]
    assert rows[29]["missing"] == "pending 1"
    printed = desk.ask("coverage", "jx", *SEPTEMBER)
    assert "30 listed, 29 fetched, 29 read, missing: pending 1" in printed
    assert "2026-09-30: missing pending 1" in printed
    calendar = [line[4:] for line in printed.splitlines() if line[:3] in ("Mon", "   ", "Wed", "Fri", "Sun")]
    assert sum(line.count("░") for line in calendar) == 29
    assert sum(line.count("!") for line in calendar) == 1
    assert sum(line.count("·") for line in calendar) == 5


def test_many_channels_are_a_line_each(tmp_path: Path) -> None:
    def work(t: Any) -> None:
        for slug in ("jx", "nb", "wz", "tz", "sx", "huzhou", "hangzhou"):
            t.record_listing(slug, LIST, Listing((Lead(f"{LIST}{slug}", "题", None, FIRST),), None, "listUl"))

    run(tmp_path, work)
    lines = Desk(tmp_path).ask("coverage", *SEPTEMBER).splitlines()
    assert [line.split()[0] for line in lines[1:8]] == ["hangzhou", "huzhou", "jx", "nb", "sx", "tz", "wz"]
    assert all("!" in line for line in lines[1:8])
    assert "counts are of 35 days" in lines[8]


def test_an_archive_that_was_never_looked_at(tmp_path: Path) -> None:
    run(tmp_path)
    assert "'zjcrawl crawl' begins" in Desk(tmp_path).refused("coverage")
    assert "0 articles" in Desk(tmp_path).ask("search", "甲")
    assert "0" in Desk(tmp_path).ask("stats")
    assert Desk(tmp_path).json("timeline", "甲")["cells"] == []
    assert Desk(tmp_path).json("cooccur", "甲", "乙")["pmi_bits"] is None


# -- pictures --------------------------------------------------------------------------------------------------------


def test_pictures_are_drawn_and_are_the_same_every_time(desk: Desk, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    png, svg = tmp_path / "a.png", tmp_path / "a.svg"
    for question in (["timeline", "长三角 OR $x_1$"], ["coverage", "jx", *SEPTEMBER]):
        desk.ask(*question, "--png", str(png), "--svg", str(svg), "--force")
        first = png.read_bytes(), svg.read_bytes()
        assert first[0].startswith(b"\x89PNG")
        assert b"<svg" in first[1]
        desk.ask(*question, "--png", str(png), "--svg", str(svg), "--force")
        assert (png.read_bytes(), svg.read_bytes()) == first
    assert "jx 嘉兴" in svg.read_text("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.svg"]


def test_bars_are_as_high_as_the_shares() -> None:
    pytest.importorskip("matplotlib")
    line = Timeline(
        (Cell("2019", 1, 4), Cell("2020", 0, 0), Cell("2021", 3, 4)), Cell("undated", 0, 0), Cell("all", 4, 8)
    )
    low, high = (plots.timeline(Timeline((cell,), line.undated, line.total), "t", "svg") for cell in line.cells[::2])
    assert low != high
    assert b"nothing archived" in plots.timeline(line, "t", "svg")


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["2019", "2020", "2021"], ["2019", "2020", "2021"]),
        ([f"{year}-{month:02}" for year in (2019, 2020, 2021) for month in range(1, 13)], ["2020", "2021"]),
        ([str(date(2026, 8, 20) + timedelta(days)) for days in range(60)], ["2026-09", "2026-10"]),
        (
            [str(date(2026, 8, 2) + timedelta(days)) for days in range(24)],
            [f"2026-08-{day:02}" for day in range(2, 26, 2)],
        ),
        ([str(year) for year in range(1990, 2026)], [str(year) for year in range(1991, 2026, 3)]),
    ],
)
def test_ticks_are_where_years_and_months_begin(cells: list[str], labels: list[str]) -> None:
    ticks = plots._ticks(cells)
    assert [*ticks.values()] == labels
    assert all(cells[place].startswith(label) for place, label in ticks.items())


def test_without_matplotlib_one_sentence_says_what_to_install(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    plots.font.cache_clear()
    for question in (["timeline", "长三角"], ["coverage", "jx", *SEPTEMBER]):
        assert "pip install 'zjcrawl[plots]'" in desk.refused(*question, "--png", str(tmp_path / "a.png"))
    assert list(tmp_path.iterdir()) == []
    plots.font.cache_clear()


def test_without_a_chinese_font_the_picture_says_so(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(plots, "FONTS", ())
    plots.font.cache_clear()
    try:
        assert "no font with Chinese" in desk.ask("timeline", "长三角", "--png", str(tmp_path / "a.png"))
        assert "no font" not in desk.ask("timeline", "长三角", "--svg", str(tmp_path / "a.svg"))
    finally:
        plots.font.cache_clear()


# -- bars ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "drawn"), [(0, ""), (1, "████"), (0.5, "██"), (0.001, "▏"), (1 / 32, "▏"), (0.99, "████"), (0.96, "███▉")]
)
def test_a_bar(share: float, drawn: str) -> None:
    assert bar(share, 4) == drawn


def test_dates_of_the_module_are_what_they_seem() -> None:
    assert FIRST.date() == date(2026, 9, 1)


def test_what_cannot_be_answered_is_said_before_anything_is_printed(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "nothing to rank by" in refuses(capsys, desk.folder, "search", "NOT 嘉兴", "--sort", "rank")
    assert "no word that is to stand in the text" in refuses(
        capsys, desk.folder, "cooccur", "嘉兴", "title:观察", "--json"
    )
    assert "is to come" in refuses(capsys, desk.folder, "coverage", "--from", "2999-01-01", "--to", "2999-01-02")
    assert "no UTF-8" in refuses(capsys, desk.folder, "search", "\udcff\udcfe")
    assert "has no capture of foo" in refuses(capsys, desk.folder, "freeze", "foo")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("嘉兴 or 月亮湾湾", "'or' is a word to be found: write OR"),
        ("标题：月亮湾湾", "title:WORD looks in headlines"),
        ("Title:月亮湾湾", "title:WORD looks in headlines"),
        ("“月亮湾湾”", "straight quotation marks"),
        ("月亮湾湾", None),
    ],
)
def test_what_finds_nothing_says_what_was_perhaps_meant(query: str, says: str | None) -> None:
    told = search.doubt(Query.of(query))
    assert told is None if says is None else says in (told or "")


def test_programs_get_every_match(desk: Desk) -> None:
    told = json.loads(ask(desk.folder, "search", "嘉兴", "--json"))
    assert all(len(one["hits"]) == one["matches"] for one in told["results"])
    rows = ask(desk.folder, "search", "嘉兴", "--csv").splitlines()
    assert len(rows) == 1 + sum(one["matches"] for one in told["results"])
