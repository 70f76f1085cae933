"""Reprints are grouped, the same whether at once or little by little; nothing else is, and no article is taken away."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.reprints_score import found, known, make
from tests.archiving import LIST, SHANGHAI, article, ask, capture, look, refuses, run, sound, writing
from zjcrawl import channels, reprints, search, stats
from zjcrawl.archive import Archive
from zjcrawl.archive.lock import Lock
from zjcrawl.errors import InputError, LockedError
from zjcrawl.filters import Filters
from zjcrawl.model import Portal, words
from zjcrawl.models import Article, Block
from zjcrawl.recheck import USUAL, Schedule
from zjcrawl.reparse import reparse
from zjcrawl.reprints import Text, group, held_by, letters
from zjcrawl.search import Query

DAY = datetime(2024, 3, 5, 8, 9, tzinfo=SHANGHAI)
TEXTS = [words.paragraph(Random(seed), 6) for seed in range(8)]


BULLETIN = (
    "全市最高气温{}度，最低气温{}度，东北风{}级。气象台提醒市民出门带伞，注意交通安全，山区和沿河地带的居民要留意地质灾害。"
    "农业部门说，眼下正是早稻收割的时候，请农户抓紧晴好天气抢收，已经收下的粮食要及时晾晒入库，防止霉变。全市有{}个乡镇下了雨。"
)


def print_of(number: int, text: str, days: int = 0, **changes: Any) -> Article:
    url = f"{LIST}{number}"
    values = {"title": f"题{number}", "published_at": DAY + timedelta(days=days), "blocks": [Block("paragraph", text)]}
    return article(url, **(values | changes))


def archive_of(folder: Path, *prints: Article) -> Path:
    run(folder, lambda t: [look(t, one, capture(one.url, one.url.encode())) for one in prints])
    return folder


def stories(folder: Path) -> list[tuple[Any, ...]]:
    with Archive(folder) as archive:
        return [tuple(row) for row in archive.rows("SELECT article_id, story_id FROM stories ORDER BY 1")]


def test_the_models_reprints_are_found_and_nothing_else(tmp_path: Path) -> None:
    portal = Portal(articles=1500)
    make(tmp_path, portal)
    done = group(tmp_path)
    truth = known(portal)
    assert len(truth) > 25
    assert found(tmp_path) == truth
    assert (done.new, done.articles, done.stories) == (1500, 1500, 1500 - len(truth))
    assert group(tmp_path).new == 0
    sound(tmp_path)


@pytest.mark.parametrize(
    ("one", "other", "days", "is_one_story"),
    [
        (TEXTS[0], TEXTS[0], 0, True),
        (TEXTS[0], TEXTS[0].replace("，", ", ").replace("。", "\n"), 0, True),  # blanks and punctuation aside
        (TEXTS[0], "本报讯（记者 张三）" + TEXTS[0] + "（完）", 3, True),
        (TEXTS[0], TEXTS[0][: len(TEXTS[0]) * 3 // 4], 3, True),
        (TEXTS[0], TEXTS[0], 31, True),
        (TEXTS[0], TEXTS[0], 32, False),  # a notice of every year is no reprint
        (TEXTS[0], TEXTS[1], 0, False),
        (TEXTS[0], TEXTS[0][: len(TEXTS[0]) // 2] + TEXTS[1][len(TEXTS[1]) // 2 :], 0, False),
        ("图片新闻", "图片新闻", 0, False),  # says too little
        ("清溪镇老码头今天重新开放了", "清溪镇老码头今天重新开放了。", 0, True),
        ("清溪镇老码头今天重新开放了", "清溪镇老码头昨天重新关闭了", 0, False),
        ("昨天最高气温28度，午后有阵雨。", "昨天最高气温31度，午后有阵雨。", 0, False),
        (BULLETIN.format(28, 15, 3, 12), BULLETIN.format(31, 19, 4, 12), 1, False),  # other numbers are other news
        (BULLETIN.format(28, 15, 3, 12), BULLETIN.format(28, 15, 3, 13), 1, False),
    ],
)
def test_what_is_one_story(tmp_path: Path, one: str, other: str, days: int, is_one_story: bool) -> None:
    archive_of(tmp_path, print_of(1, one), print_of(2, other, days))
    assert group(tmp_path).stories == (1 if is_one_story else 2)


def test_the_story_is_named_after_its_first_print(tmp_path: Path) -> None:
    archive_of(
        tmp_path, print_of(1, TEXTS[0], 5), print_of(2, TEXTS[0], 3), print_of(3, TEXTS[1], 3), print_of(4, TEXTS[0], 9)
    )
    group(tmp_path)
    assert stories(tmp_path) == [(1, 2), (2, 2), (3, 3), (4, 2)]


def test_what_hangs_together_over_months_is_one_story(tmp_path: Path) -> None:
    archive_of(tmp_path, *(print_of(number, TEXTS[0], 30 * number) for number in range(1, 5)))
    assert group(tmp_path).stories == 1


@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3), st.integers(0, 2), st.integers(0, 80)), max_size=6),
        min_size=2,
        max_size=4,
    )
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_little_by_little_is_as_all_at_once(
    tmp_path_factory: pytest.TempPathFactory, runs: list[list[tuple[int, int, int, int]]]
) -> None:
    folder = tmp_path_factory.mktemp("reprints")
    for looks in [[(1, 0, 0, 0)], *runs]:
        for number, text, changed, days in looks:
            body = TEXTS[text] + words.sentence(Random(changed)) if changed else TEXTS[text]
            archive_of(folder, print_of(number, body, days))
        group(folder)
    little = stories(folder)
    group(folder, anew=True)
    assert stories(folder) == little


def test_a_changed_or_emptied_text_leaves_its_story(tmp_path: Path) -> None:
    archive_of(tmp_path, print_of(1, TEXTS[0]), print_of(2, TEXTS[0]), print_of(3, TEXTS[0]))
    group(tmp_path)
    archive_of(tmp_path, print_of(1, TEXTS[1]), print_of(2, "", blocks=[]))
    assert group(tmp_path).new == 1
    assert stories(tmp_path) == [(1, 1), (3, 3)]
    sound(tmp_path)


def test_unique_tells_each_story_once(tmp_path: Path) -> None:
    archive_of(
        tmp_path,
        print_of(1, TEXTS[0], 0, channel="jx"),
        print_of(2, TEXTS[0], 1, channel="nb"),
        print_of(3, TEXTS[0], 2, channel="nb"),
        print_of(4, TEXTS[1], 3, channel="nb"),
        print_of(5, "", blocks=[], channel="nb"),
    )
    group(tmp_path)
    query = Query.of(TEXTS[0][:4])
    with Archive(tmp_path) as archive:
        for filters, ids in [
            (Filters(), [4, 3, 2, 1]),
            (Filters(unique=True), [4, 1]),
            (Filters(unique=True, channels=("nb",)), [4, 2]),
        ]:
            wanted = Query.of(f"{TEXTS[0][:4]} OR {TEXTS[1][:4]}")
            for sort in ("newest", "rank"):
                assert sorted(search.ids(archive, wanted, filters, sort=sort), reverse=True) == ids
            assert search.count(archive, wanted, filters) == len(ids)
        unique = Filters(unique=True)
        assert {one.key: one.articles for one in stats.by(archive, "channel", unique)} == {"jx": 1, "nb": 2}
        (cell,) = stats.timeline(archive, query, "year", unique).cells
        assert (cell.mentioning, cell.articles) == (1, 3)


def test_the_command_and_what_it_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive_of(tmp_path, print_of(1, TEXTS[0]), print_of(2, TEXTS[0], 1, title="换了题目\x1b[31m"))
    assert "'zjcrawl reprints' groups them" in refuses(capsys, tmp_path, "search", "清溪", "--unique")
    printed = ask(tmp_path, "reprints")
    assert "2 articles tell 1 stories, 1 of them in several places" in printed
    assert "题1" in printed
    assert "换了题目" in printed
    assert "\x1b[31m" not in printed
    ask(tmp_path, "search", "清溪", "--unique")
    assert '"largest": [[{"id": 1' in ask(tmp_path, "reprints", "--json")
    assert "0 articles compared" in ask(tmp_path, "reprints", "--limit", "0")


def test_one_writer_at_a_time_and_no_archive_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no archive" in refuses(capsys, tmp_path / "none", "reprints")
    archive_of(tmp_path, print_of(1, TEXTS[0]))
    with Lock(tmp_path, "crawl jx"), pytest.raises(LockedError, match="crawl jx"):
        group(tmp_path)
    with writing(tmp_path), pytest.raises(LockedError):
        group(tmp_path)


def test_nothing_is_written_where_it_fails_midway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive_of(tmp_path, print_of(1, TEXTS[0]), print_of(2, TEXTS[0]))
    group(tmp_path)
    before = stories(tmp_path)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reprints, "together", fail)
    with pytest.raises(KeyboardInterrupt):
        group(tmp_path, anew=True)
    assert stories(tmp_path) == before


def test_without_datasketch_one_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive_of(tmp_path, print_of(1, TEXTS[0]))
    monkeypatch.setitem(sys.modules, "datasketch", None)
    with pytest.raises(InputError, match=r"pip install 'zjcrawl\[reprints\]'"):
        group(tmp_path)


def test_a_rebuilt_archive_keeps_its_stories(tmp_path: Path) -> None:
    archive_of(tmp_path, print_of(1, TEXTS[0]), print_of(2, TEXTS[0]))
    group(tmp_path)
    reparse(tmp_path, channels.load(), Schedule.of(USUAL), workers=1)  # the captures are of no article: all are lost
    assert stories(tmp_path) == []
    sound(tmp_path)


@given(st.text(min_size=100, max_size=200), st.text(max_size=200))
def test_a_share_is_one_and_the_same_both_ways(one: str, other: str) -> None:
    a, b = Text.of(letters(one)), Text.of(letters(other))
    assert letters(letters(one)) == letters(one)
    assert held_by(a, a) == (1 if a.length >= reprints.BRIEF else 0)
    if a.length != b.length:
        assert 0 <= held_by(a, b) == held_by(b, a) <= 1
