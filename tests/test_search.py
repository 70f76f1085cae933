"""Search finds exactly what a substring scan of the normalised texts finds, whatever is asked; a query means one thing
or is refused in one sentence."""

import random
import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from tests.archiving import LIST, SHANGHAI, article, capture, look, run
from zjcrawl import search
from zjcrawl.archive import Archive, Transaction
from zjcrawl.archive.search_index import normalise, phrase
from zjcrawl.errors import InputError
from zjcrawl.filters import Filters
from zjcrawl.model import Portal
from zjcrawl.models import Article, Block
from zjcrawl.search import DEEPEST, FIELDS, MOST_TERMS, And, Found, Node, Not, Or, Query, Term, count, find, ids

HOSTILE = (
    "G60科创走廊（ＡＢＣ）", "100%_*\"' OR 1=1 --", "a\tb  c\u3000d", "嘉\u200b兴 AND NOT NEAR", "👍🏽👩‍👩‍👧①㎡ﬁéße\u0301",
    "(全体(扩大)会议)", '说"好"', "title:嘉兴", "-5℃", "가각", "𠮷野家", "浙江，嘉兴。“一件事”", "\u202eabc",
)  # fmt: skip


@dataclass
class Corpus:
    """An archive, and its normalised texts as a scan reads them."""

    archive: Archive
    texts: dict[int, tuple[str, str]]
    dice: random.Random

    def scan(self, holds: Callable[[str, str], bool]) -> list[int]:
        return sorted(number for number, (headline, body) in self.texts.items() if holds(headline, body))

    def found(self, query: str) -> list[int]:
        return sorted(ids(self.archive, Query.of(query)))

    def term(self) -> str:
        """One to twelve characters, mostly from a text as it was printed, else from outside."""
        roll, length = self.dice.random(), self.dice.randint(1, 12)
        if roll < 0.1:
            return "".join(self.dice.choices("嘉兴长三角的了Ａa1 %_*\"'(-👍é", k=length))
        source = self.dice.choice(self.printed)
        start = self.dice.randrange(max(1, len(source) - length))
        cut = source[start : start + length]
        if roll < 0.2:  # almost of a text
            at = self.dice.randrange(len(cut) or 1)
            return cut[:at] + self.dice.choice("浙杭①Bb ") + cut[at + 1 :]
        return cut

    @property
    def printed(self) -> list[str]:
        if not hasattr(self, "_printed"):
            rows = self.archive.rows("SELECT kicker, title, subtitle, body FROM articles")
            self._printed = [text for row in rows for text in row if text]
        return self._printed


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """Eighty articles of the scale model, and some that mean to confuse."""
    folder = tmp_path_factory.mktemp("corpus")
    seen = [
        Article(
            truth["url"], truth["channel"], kicker=truth["kicker"], title=truth["title"], subtitle=truth["subtitle"],
            published_at=datetime.fromisoformat(truth["published_at"]), template="x",
            blocks=[Block("paragraph", line) for line in truth["body"].split("\n")],
        )
        for truth in islice(Portal(5, 400).truths(), 80)
    ]  # fmt: skip
    seen += [
        article(f"{LIST}{n}", title=text, kicker=text[::-1], text=text * 2 + "\n" + text)
        for n, text in enumerate(HOSTILE)
    ]
    run(folder, lambda t: [look(t, one, capture(one.url)) for one in seen])
    with Archive(folder) as archive:
        texts = {
            row["id"]: (
                "\n".join(normalise(row[part]) for part in ("kicker", "title", "subtitle") if row[part]),
                normalise(row["body"]),
            )
            for row in archive.rows("SELECT * FROM articles")
        }
        yield Corpus(archive, texts, random.Random(11))


def quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def test_ten_thousand_terms_find_what_a_scan_finds(corpus: Corpus) -> None:
    tried = hits = bare = 0
    while tried < 10_000:
        term = corpus.term()
        wanted = normalise(" ".join(term.split()))
        if not wanted:
            continue
        query = quoted(term)
        plain = not any(c.isspace() or c in '"()' for c in term) and term not in ("AND", "OR", "NOT")
        if plain and not term.startswith(("-", "title:", "body:")):
            query, bare = term, bare + 1  # as most people write it
        expected = corpus.scan(lambda headline, body: wanted in headline or wanted in body)  # noqa: B023
        assert corpus.found(query) == expected, (term, query)
        tried, hits = tried + 1, hits + bool(expected)
    assert hits > 5_000
    assert bare > 5_000


@pytest.mark.parametrize(("few", "some", "often"), [(2, 4, 0.05), (2, 4, 1.0), (1, 100, 1.0), (3, 6, 0.3)])
def test_the_first_are_the_first_of_all_whichever_way_is_quickest(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, few: int, some: int, often: float
) -> None:
    queries = [
        Query.of(quoted(term)) for term in (corpus.term() for _ in range(150)) if normalise(" ".join(term.split()))
    ] + [Query.of("浙 OR 的"), Query.of("NOT 浙")]
    narrow = Filters(first=date(2019, 7, 1))
    expected = {}
    for query in queries:
        for filters in (Filters(), narrow):
            for sort in ("newest", "oldest"):
                expected[query.text, filters, sort] = list(search.ids(corpus.archive, query, filters, sort=sort))
    monkeypatch.setattr(search, "_FEW", few)
    monkeypatch.setattr(search, "_SOME", some)
    monkeypatch.setattr(search, "_OFTEN", often)
    for query in queries:
        for (text, filters, sort), everything in expected.items():
            if text == query.text:
                given = list(search.ids(corpus.archive, query, filters, sort=sort, limit=3, offset=1))
                assert given == everything[1:4]
                assert search.count(corpus.archive, query, filters) == len(everything)


def test_whatever_is_combined_finds_what_a_scan_finds(corpus: Corpus) -> None:
    dice = corpus.dice

    def made(depth: int) -> tuple[str, Callable[[str, str], bool]]:
        """A query as it is written, and its truth by Python's own operators."""
        kind = dice.choice(["term", "and", "or", "not", "group"]) if depth else "term"
        if kind == "term":
            text = ""
            while not (wanted := normalise(" ".join(text.split()))):
                text = corpus.term()[:2]
            field = dice.choice(["", "", "title:", "body:"])
            return field + quoted(
                text
            ), lambda h, b: (field != "body:" and wanted in h) or (field != "title:" and wanted in b)
        if kind == "not":
            inner, true = made(depth - 1)
            return f"{dice.choice(['NOT ', '-'])}({inner})", lambda h, b: not true(h, b)
        if kind == "group":
            inner, true = made(depth - 1)
            return f"({inner})", true
        parts = [made(depth - 1) for _ in range(dice.randint(2, 3))]
        glue = " OR " if kind == "or" else dice.choice([" ", " AND "])
        join = any if kind == "or" else all
        return glue.join(f"({text})" for text, _ in parts), lambda h, b: join(true(h, b) for _, true in parts)

    answers = []
    for _ in range(1500):
        query, true = made(dice.randint(1, 4))
        expected = corpus.scan(true)
        assert corpus.found(query) == expected, query
        assert corpus.scan(Query.of(query).holds) == expected, query
        assert count(corpus.archive, Query.of(query)) == len(expected)
        answers.append(len(expected))
    assert len(set(answers)) > 30


def test_the_documented_statement_works_in_plain_sqlite(corpus: Corpus) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    statement = readme.split("<!-- plain sql -->")[1].split("```")[1].removeprefix("sql\n")
    with sqlite3.connect(f"file:{corpus.archive.folder / 'archive.db'}?mode=ro", uri=True) as plain:
        found = plain.execute(statement).fetchall()
        expected = corpus.scan(lambda h, b: ("一体化" in h or "一体化" in b) and "g60" not in h and "g60" not in b)
        assert len(found) == min(20, len(expected)) > 0
        assert [row[0] for row in found] == sorted((row[0] for row in found), reverse=True)
        for term in ("G60科创", "长三角 一体化", '说"好"', "100%_*\"' OR"):
            match = plain.execute(
                "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?", [phrase(term)]
            ).fetchall()
            assert sorted(row[0] for row in match) == corpus.found(quoted(term))


# -- what a query means ----------------------------------------------------------------------------------------------

A, B, C, D = (Term(text) for text in "甲乙丙丁")


@pytest.mark.parametrize(
    ("query", "means"),
    [
        ("甲", A),
        (" 甲\u3000乙\n", And((A, B))),
        ("甲 AND 乙", And((A, B))),
        ("甲 OR 乙 丙", Or((A, And((B, C))))),
        ("甲 乙 OR 丙", Or((And((A, B)), C))),
        ("(甲 OR 乙) 丙", And((Or((A, B)), C))),
        ("甲 NOT 乙", And((A, Not(B)))),
        ("甲 -乙", And((A, Not(B)))),
        ("甲 -(乙 OR 丙)", And((A, Not(Or((B, C)))))),
        ("NOT NOT 甲", A),
        ("--甲", A),
        ('"甲 乙"', Term("甲 乙")),
        ('" 甲\n\u3000乙 "', Term("甲 乙")),
        ('"OR"', Term("or")),
        ("or", Term("or")),
        ("ＯＲ", Term("or")),
        ('"say ""hi"""', Term('say "hi"')),
        ("“甲 乙”", And((Term("“甲"), Term("乙”")))),
        ("title:甲", Term("甲", "title")),
        ("-title:甲", Not(Term("甲", "title"))),
        ('title:"甲 乙" body:丙', And((Term("甲 乙", "title"), Term("丙", "body")))),
        ("title:(甲 OR 乙) 丙", And((Or((Term("甲", "title"), Term("乙", "title"))), C))),
        ('"title:甲"', Term("title:甲")),
        ("Title:甲", Term("title:甲")),
        ("http://甲", Term("http://甲")),
        ("全体(扩大)会议", Term("全体(扩大)会议")),
        ("(全体(扩大)会议 OR 甲)", Or((Term("全体(扩大)会议"), A))),
        ("（扩大）", Term("(扩大)")),
        ("甲-乙", Term("甲-乙")),
        ("%", Term("%")),
        ("_*", Term("_*")),
        ("';DROP-TABLE-articles--", Term("';drop-table-articles--")),
        ("Ｇ６０", Term("g60")),
        ("NEAR(甲)", Term("near(甲)")),
        ("甲 | 乙", And((A, Term("|"), B))),
        ('"-" "AND" "()"', And((Term("-"), Term("and"), Term("()")))),
    ],
)
def test_a_query_means_one_thing(query: str, means: Node) -> None:
    assert Query.of(query).tree == means


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "is empty"),
        (" \n\t\u3000", "is empty"),
        ('""', "nothing to find"),
        ('"  "', "nothing to find"),
        ("\u200b", "nothing to find"),
        ('"甲', "not closed"),
        ('甲"', "inside a word"),
        ('甲"乙"', "inside a word"),
        ('"甲"乙', "runs into"),
        ("(", "not closed"),
        ("(甲", "not closed"),
        ("甲)", "not opened"),
        (")甲", "runs into"),
        (")", "not opened"),
        ("()", "nothing in the parentheses"),
        ("甲(乙", "not closed"),
        ("甲(乙 丙)", "not closed"),
        ("(甲)乙", "runs into"),
        ("OR", "lacks the one before"),
        ("AND 甲", "lacks the one before"),
        ("甲 OR", "lacks the term behind"),
        ("甲 OR OR 乙", "lacks the one before"),
        ("甲 AND OR 乙", "lacks the one before"),
        ("(甲 OR) 乙", "lacks the term behind"),
        ("NOT", "NOT lacks"),
        ("甲 NOT", "NOT lacks"),
        ("-", "lone -"),
        ("- 甲", "lone -"),
        ("甲 -", "lone -"),
        ("(-)", "lone -"),
        ("title:", "right behind"),
        ("title: 甲", "right behind"),
        ("(title:)", "right behind"),
        ("title:body:甲", "stands inside"),
        ("title:(body:甲)", "stands inside"),
        ("title:OR", "OR joins"),
        ("title:-甲", "title: lacks"),
        ("(" * (DEEPEST + 1) + "甲" + ")" * (DEEPEST + 1), "parentheses in each other"),
        ("甲 " * (MOST_TERMS + 1), f"more than {MOST_TERMS} terms"),
    ],
)
def test_what_means_nothing_is_told_in_one_sentence(query: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as told:
        Query.of(query)
    assert "\n" not in str(told.value)


def test_the_largest_queries_are_understood_by_the_index(corpus: Corpus) -> None:
    deep = "甲"
    for level in range(DEEPEST):
        deep = f"(浙 {'OR' if level % 2 else 'AND'} -{deep if level else '的'} -title:嘉)"
    for query in (deep, " OR ".join(["的"] * MOST_TERMS), " ".join(["-嘉"] * MOST_TERMS), "的" * 5000):
        assert corpus.found(query) == corpus.scan(Query.of(query).holds)


def test_only_what_is_to_be_found_is_shown() -> None:
    query = Query.of("甲 -乙 (title:丙 OR NOT (丁 NOT 甲)) 甲")
    assert query.terms == (A, Term("丙", "title"))
    assert set(FIELDS) == {"title", "body"}


# -- finding ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Six articles; the second has no date, the others are of days 1, 4, 2, 5, 3, by key."""
    folder = tmp_path_factory.mktemp("dated")
    first = datetime(2019, 7, 1, tzinfo=SHANGHAI)

    def work(t: Transaction) -> None:
        for number, day in enumerate([1, None, 4, 2, 5, 3]):
            when = first + timedelta(days=day - 1) if day else None
            text = "甲" * (number + 1) + "字" * 10 if number != 3 else "乙"
            title = "甲" if number == 5 else "题"
            look(t, article(f"{LIST}{number}", title=title, text=text, published_at=when, source=f"源{number % 2}"))

    run(folder, work)
    with Archive(folder) as archive:
        yield archive


def keys(archive: Archive, query: str, **options: object) -> list[int]:
    return [found.id for found in find(archive, Query.of(query), **options)]  # type: ignore[arg-type]


def test_newest_first_or_oldest_and_undated_last(dated: Archive) -> None:
    assert keys(dated, "甲") == [5, 3, 6, 1, 2]
    assert keys(dated, "甲", sort="oldest") == [1, 6, 3, 5, 2]
    assert keys(dated, "甲", limit=2) == [5, 3]
    assert keys(dated, "甲", limit=2, offset=3) == [1, 2]
    assert keys(dated, "-甲") == [4]


def test_rank_puts_the_headline_first(dated: Archive) -> None:
    assert keys(dated, "甲", sort="rank")[0] == 6
    assert sorted(keys(dated, "甲", sort="rank")) == [1, 2, 3, 5, 6]
    with pytest.raises(InputError, match="nothing to rank by"):
        keys(dated, "-甲", sort="rank")


@pytest.mark.parametrize("sort", ["newest", "oldest", "rank"])
def test_filters_narrow(dated: Archive, sort: str) -> None:
    filters = Filters.of(from_="2019-07-03", source=["源0"])
    assert sorted(keys(dated, "甲", filters=filters, sort=sort)) == [3, 5]
    assert count(dated, Query.of("甲"), filters) == 2
    assert count(dated, Query.of("-甲"), Filters.of(source=["源1"])) == 1


def test_every_match_is_counted_and_the_first_are_shown(dated: Archive) -> None:
    (found,) = find(dated, Query.of("甲"), Filters.of(from_="2019-07-03", to="2019-07-03"), shown=3)
    assert isinstance(found, Found)
    assert (found.matches, [(hit.column, hit.start, hit.end) for hit in found.hits]) == (
        7, [("title", 0, 1), ("body", 0, 1), ("body", 1, 2)],
    )  # fmt: skip
    assert (found.title, found.source, found.published_at) == ("甲", "源1", "2019-07-03T00:00:00+08:00")


def test_the_newest_come_by_an_index(dated: Archive) -> None:
    where, parameters = Query.of("甲").sql()
    sql = f"EXPLAIN QUERY PLAN SELECT id FROM articles WHERE {where} ORDER BY published_at DESC, id DESC LIMIT 20"
    plan = [row["detail"] for row in dated.rows(sql, parameters)]
    assert "SCAN articles USING COVERING INDEX articles_published" in plan
    assert not any("TEMP B-TREE" in step for step in plan)


def test_memory_does_not_grow_with_what_is_found(tmp_path: Path) -> None:
    text = "\n".join(["字" * 30] * 100)
    run(tmp_path, lambda t: [look(t, article(f"{LIST}{n}", text=text)) for n in range(400)])
    with Archive(tmp_path) as archive:
        tracemalloc.start()
        assert sum(1 for _ in find(archive, Query.of("字"))) == 400
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 40 * len(text) * 2  # bytes: forty articles of four hundred
