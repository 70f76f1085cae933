"""The search index finds exactly what a substring scan of the normalised texts finds."""

import random
import sqlite3
import tracemalloc
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.archiving import LIST, URL, article, capture, look, run
from zjcrawl.archive import Archive, search_index
from zjcrawl.archive.search_index import TOKENIZER, Changes, normalise, phrase, tokens

ALPHABET = (
    "嘉兴市委长三角一体化发展，。“”《》·：；！？（）ＡＢＣａｂｃabcABC0123０１２G60 "
    "\u3000\n\t-_+*^\"'%:()[]{}~#@&=/\\|`$<>.,!?;éß㎡①𠮷👍‍\u200b\u00ad\xa0"
)


@pytest.fixture
def index() -> Iterator[sqlite3.Connection]:
    with sqlite3.connect(":memory:") as connection:
        connection.execute(
            f"""CREATE VIRTUAL TABLE articles_fts USING fts5(title, body, content='', tokenize="{TOKENIZER}")"""
        )
        yield connection


def hits(index: sqlite3.Connection, term: str) -> list[int]:
    query = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? ORDER BY rowid"
    return [row[0] for row in index.execute(query, (phrase(term),))]


def row(title: str, body: str) -> dict[str, str | None]:
    return {"kicker": None, "title": title, "subtitle": None, "body": body}


@given(st.text(st.sampled_from(ALPHABET + "…！～가\u1100\u1161\u0301\u0338＝ｅ") | st.characters(codec="utf-8")))
def test_the_short_way_to_nfkc_leads_there(text: str) -> None:
    assert search_index._unified(text) == unicodedata.normalize("NFKC", text).casefold()
    assert tokens(text)[::2].replace("\u3000", " ").replace("\u2029", "\n") == normalise(text)
    assert set(tokens(text)[1::2]) <= {" "}


def test_every_term_finds_what_a_scan_finds(index: sqlite3.Connection) -> None:
    dice = random.Random(7)

    def text(length: int) -> str:
        return "".join(dice.choices(ALPHABET, k=length))

    texts = {number: (text(dice.randrange(20)), text(dice.randrange(300))) for number in range(1, 200)}
    changes = Changes()
    for number, (title, body) in texts.items():
        changes.add(number, row(title, body))
    changes.apply(index)
    scan = {number: tuple(map(normalise, both)) for number, both in texts.items()}
    tried = found = 0
    for _ in range(4000):
        source = dice.choice([*texts.values()])[1] if dice.random() < 0.7 else text(50)
        start = dice.randrange(len(source) or 1)
        term = source[start : start + dice.randint(1, 12)]
        wanted = normalise(term)
        if not wanted or "\n" in wanted:
            continue
        expected = [number for number, both in scan.items() if any(wanted in text for text in both)]
        assert hits(index, term) == expected, repr(term)
        tried, found = tried + 1, found + bool(expected)
    assert tried > 2500
    assert found > 1500


@settings(max_examples=300, deadline=None)
@given(text=st.text(), start=st.integers(0, 50), length=st.integers(1, 12))
def test_any_text_at_all(text: str, start: int, length: int) -> None:
    text = text.encode("utf-8", "replace").decode()
    with sqlite3.connect(":memory:") as index:
        index.execute(
            f"CREATE VIRTUAL TABLE articles_fts USING fts5(title, body, content='', tokenize=\"{TOKENIZER}\")"
        )
        changes = Changes()
        changes.add(1, row("", text))
        changes.apply(index)
        wanted = normalise(text[start : start + length])
        if wanted and "\n" not in wanted:
            assert hits(index, text[start : start + length]) == ([1] if wanted in normalise(text) else [])


@pytest.mark.parametrize(
    ("text", "term", "matches"),
    [
        ("Ｇ６０科创走廊", "g60科创", True),
        ("G60 科创走廊", "G60科创", False),
        ("长三角　一体化", "长三角 一体化", True),
        ("浙江，嘉兴", "浙江嘉兴", False),
        ("浙江，嘉兴", "江,嘉", True),
        ("浙江\n嘉兴", "浙江嘉兴", False),
        ("嘉\u200b兴", "嘉兴", True),
        ("AND OR NOT NEAR", "or not", True),
        ('说"好"', '"好"', True),
    ],
)
def test_what_counts_as_the_same(index: sqlite3.Connection, text: str, term: str, matches: bool) -> None:
    changes = Changes()
    changes.add(1, row("", text))
    changes.apply(index)
    assert bool(hits(index, term)) is matches


def test_headline_lines_do_not_run_into_each_other(index: sqlite3.Connection) -> None:
    changes = Changes()
    changes.add(1, {"kicker": "引题", "title": "主题", "subtitle": None, "body": ""})
    changes.apply(index)
    assert (hits(index, "引题"), hits(index, "主题"), hits(index, "题主")) == ([1], [1], [])


def test_what_is_taken_out_is_not_found(index: sqlite3.Connection) -> None:
    changes = Changes()
    changes.add(1, row("嘉兴", "旧"))
    changes.add(2, row("嘉兴", "新"))
    changes.remove(1, row("嘉兴", "旧"))
    changes.add(1, row("桐乡", "旧"))
    changes.apply(index)
    assert (hits(index, "嘉兴"), hits(index, "桐乡"), hits(index, "旧")) == ([2], [1], [1])


def test_plain_sql_finds_an_article(tmp_path: Path) -> None:
    """The query that the module's docstring and the data dictionary show."""
    run(
        tmp_path,
        lambda t: look(t, article(title="嘉兴的虚构")),
        lambda t: look(t, article(LIST + "b"), capture(LIST + "b")),
    )
    with Archive(tmp_path) as archive:
        query = """SELECT url FROM articles JOIN articles_fts ON articles_fts.rowid = articles.id
            WHERE articles_fts MATCH '"嘉 兴"'"""
        assert [row[0] for row in archive.rows(query)] == [URL]


def test_a_long_text_is_parted_without_an_object_for_each_character() -> None:
    """One page whose characters NFKC makes four words of took more than a gigabyte, then half of one."""
    text = "\ufdfa" * 50_000
    tracemalloc.start()
    parted = tokens(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert parted == " ".join(normalise(text).replace(" ", "\u3000"))
    assert peak < 12_000_000


def test_a_text_that_nfkc_makes_too_long_is_indexed_as_far_as_any_other() -> None:
    monstrous = "嘉" * 10_000 + "\ufdfa" * 660_000
    begun = tokens(monstrous)
    assert begun[::2].startswith("嘉" * 10_000 + normalise("\ufdfa")[:3])
    assert search_index._MOST - 18 * search_index._PIECE < len(begun) // 2 <= search_index._MOST
    longest = "ab" * 1_000_000  # that is read of a page
    assert len(tokens(longest)) == 2 * len(longest) - 1


@given(st.text("a \u3000\x1c\t嘉\u00adﷺß", max_size=60), st.integers(1, 7))
def test_a_long_line_is_normalised_in_pieces_as_a_short_one_is_whole(text: str, piece: int) -> None:
    whole = normalise(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_index, "_PIECE", piece)
        assert normalise(text) == whole
        assert tokens(text) == " ".join(whole.replace(" ", "\u3000"))


def test_tokens_are_characters() -> None:
    assert tokens("嘉兴 A") == "嘉 兴 \u3000 a"
