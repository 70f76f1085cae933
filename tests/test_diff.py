"""Two wordings side by side: exact operations, whole characters, bounded work, and a print that a person can read."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from tests.archiving import URL, article, ask, capture, look, refuses, run
from tests.crawling import crawl, registry
from zjcrawl import wording
from zjcrawl.archive import Archive
from zjcrawl.cli import diff
from zjcrawl.model import Portal, Switches, serve
from zjcrawl.models import Article, Block, Credit, Printed
from zjcrawl.wording import Change, compare

Json = dict[str, Any]


def words(*texts: str) -> list[Block]:
    return [Block("paragraph", text) for text in texts]


def of(old: list[Block] | str, new: list[Block] | str) -> Change:
    """What became of the blocks, or of two texts as titles."""
    if isinstance(old, str) and isinstance(new, str):
        changes = compare(Article("", title=old), Article("", title=new))
        return next(change for change in changes if change.field == "title")
    assert isinstance(old, list)
    assert isinstance(new, list)
    return compare(Article("", blocks=old), Article("", blocks=new))[-1]


def brief(change: Change) -> list[Any]:
    """The steps of a text as `same`, `-old`, `+new` and `-old+new`."""
    return [
        step.old if step.op == "equal" else f"-{step.old}" * bool(step.old) + f"+{step.new}" * bool(step.new)
        for step in change.text
    ]


def applied(old: Any, operations: list[Json]) -> Any:
    """A program that knows only the JSON: checks every offset, returns the new text or the new blocks."""
    empty: Any = "" if isinstance(old, str) else []
    new, at = empty, 0
    for one in operations:
        assert (one["old_at"], one["new_at"]) == (at, len(new))
        assert old[at : at + len(one["old"])] == one["old"]
        assert one["op"] == (
            "equal"
            if one["old"] == one["new"]
            else "insert"
            if not one["old"]
            else "replace"
            if one["new"]
            else "delete"
        )
        assert one["old"] or one["new"]
        if "text" in one:
            assert applied(one["old"][0]["text"], one["text"]) == one["new"][0]["text"]
        new, at = new + one["new"], at + len(one["old"])
    assert at == len(old)
    return new


def holds(old: Article, new: Article) -> list[Change]:
    """Compares, and checks that the operations make the new wording of the old one, to the last character."""
    changes = compare(old, new)
    was, now = wording.texts(old), wording.texts(new)
    was_blocks, now_blocks = ([block.as_json() for block in one.blocks] for one in (old, new))
    told = json.loads(json.dumps([change.as_json() for change in changes]))
    assert [one["field"] for one in told] == [*was, "blocks"]
    for one in told:
        before, behind = (
            (was_blocks, now_blocks) if one["field"] == "blocks" else (was[one["field"]], now[one["field"]])
        )
        assert applied(before, one["operations"]) == behind
        assert one["changed"] == (before != behind)
    return changes


# -- exactness -----------------------------------------------------------------------------------------------------

CHARACTERS = ["嘉", "兴", "的", "。", "，", "（", "\n", "\t", " ", "　", "a", "1", "e\u0301", "👨‍👩‍👧", "🇨🇳", "🇨", "👍🏽", "각", "\u200d", "\u0301", "\ufe0f", "䶮", "\U00020000"]  # fmt: skip
TEXTS = st.lists(st.sampled_from(CHARACTERS), max_size=30).map("".join) | st.text(max_size=20)
BLOCKS = st.lists(
    st.builds(
        lambda kind, text, src: Block("image", "", src) if kind == "image" else Block(kind, text),
        st.sampled_from(["paragraph", "heading", "image", "caption", "table", "quote"]),
        TEXTS,
        st.sampled_from(["http://x/a.jpg", "http://y/a.jpg", "http://x/b.jpg"]),
    ),
    max_size=8,
)
ARTICLES = st.builds(
    Article,
    url=st.just(""),
    kicker=st.none() | TEXTS,
    title=TEXTS,
    notice=TEXTS,
    tags=st.lists(TEXTS, max_size=3),
    credits=st.lists(st.builds(Credit, st.sampled_from(["reporter", "editor"]), TEXTS, st.just("")), max_size=3),
    blocks=BLOCKS,
)


@st.composite
def edited(draw: st.DrawFn) -> tuple[Article, Article]:
    """An article and the same with blocks edited, moved, left out and put in."""
    old = draw(ARTICLES)
    blocks = list(old.blocks)
    for block in draw(st.lists(st.sampled_from(old.blocks), max_size=4)) if old.blocks else ():
        place = draw(st.integers(0, len(blocks)))
        at = draw(st.integers(0, len(block.text)))
        changed = Block(
            block.kind, block.text[:at] + draw(TEXTS) + block.text[at + draw(st.integers(0, 3)) :], block.src
        )
        blocks[place : place + draw(st.integers(0, 2))] = [changed]
    return old, Article("", title=old.title, blocks=blocks)


@given(st.tuples(ARTICLES, ARTICLES) | edited())
def test_the_operations_make_the_new_wording_of_the_old(pair: tuple[Article, Article]) -> None:
    holds(*pair)


def bounds(text: str) -> set[int]:
    return {found.start() for found in regex.finditer(r"\X", text)} | {len(text)}


@given(TEXTS, TEXTS)
def test_no_character_is_cut(old: str, new: str) -> None:
    for step in of(old, new).text:
        assert {step.old_at, step.old_at + len(step.old)} <= bounds(old)
        assert {step.new_at, step.new_at + len(step.new)} <= bounds(new)


def test_a_combining_mark_and_an_emoji_change_as_a_whole() -> None:
    assert brief(of("caf\u0065了", "cafe\u0301了")) == ["caf", "-e+e\u0301", "了"]
    assert brief(of("看👨‍👩‍👧吧", "看👨‍👩‍👦吧")) == ["看", "-👨‍👩‍👧+👨‍👩‍👦", "吧"]
    assert brief(of("🇨🇳", "🇨🇦")) == ["-🇨🇳+🇨🇦"]


# -- what a reader expects -----------------------------------------------------------------------------------------


def test_characters_are_compared_not_lines() -> None:
    assert brief(of("记者王蓉报道", "记者王荣报道")) == ["记者王", "-蓉+荣", "报道"]
    assert brief(of("市委全会", "市委八届七次全会")) == ["市委", "+八届七次", "全会"]
    assert brief(of("今年收入1.5万元", "今年收入2.5万元")) == ["今年收入", "-1+2", ".5万元"]
    assert brief(of("", "新")) == ["+新"]
    assert not of("同", "同").changed


def test_what_is_equal_by_chance_is_no_island_in_a_rewritten_text() -> None:
    assert brief(of("湖上起了的雾气", "山中下着的大雨")) == ["-湖上起了的雾气+山中下着的大雨"]
    kept = brief(of("湖上起了浓浓的雾，船都没有出港", "湖上起了很大的雾，船全都回来了"))
    assert kept[0] == "湖上起了"
    assert "的雾，船" in kept


def test_a_changed_block_is_found_among_many_and_only_its_characters_are_marked() -> None:
    old = words(
        *(
            f"第{n}段：{chr(0x4E00 + 7 * n)}{chr(0x5000 + 5 * n)}村的{n}户人家今年种了{n * 37}亩水稻。"
            for n in range(60)
        )
    )
    new = list(old)
    new[30] = Block("paragraph", old[30].text.replace("水稻", "小麦"))
    new.insert(31, Block("paragraph", "这一段是后来加上的，和别的都不一样。"))
    del new[10]
    steps = of(old, new).blocks
    assert [step.op for step in steps] == ["equal", "delete", "equal", "replace", "insert", "equal"]
    assert [step.old_at for step in steps] == [0, 10, 11, 30, 31, 31]
    assert brief(Change("", text=steps[3].text))[1:] == ["-水稻+小麦", "。"]


def test_all_blocks_changed_are_paired_each_with_its_own() -> None:
    old = words(*(f"{chr(0x4E00 + 31 * n) * 3}镇今天举行第{n}次会议，部署下一步的工作。" for n in range(80)))
    new = [Block("paragraph", block.text.replace("部署下一步", "安排第二步")) for block in old]
    assert [(step.op, step.old_at, step.new_at) for step in of(old, new).blocks] == [
        ("replace", n, n) for n in range(80)
    ]


def test_a_block_that_only_shares_common_words_is_another_one() -> None:
    steps = of(words("昨天，全市召开了会议。"), words("他的书今年春天出版，一共印了三千册。")).blocks
    assert [step.op for step in steps] == ["delete", "insert"]


def test_kind_and_place_of_a_block_count() -> None:
    (heading,) = of(words("一、统一思想"), [Block("heading", "一、统一思想")]).blocks
    assert (heading.op, [step.op for step in heading.text]) == ("replace", ["equal"])
    (moved,) = of([Block("image", src="http://x/a.jpg")], [Block("image", src="http://cdn/b/a.jpg")]).blocks
    assert (moved.op, moved.text) == ("replace", ())
    other = of([Block("image", src="http://x/a.jpg")], [Block("image", src="http://x/b.jpg")]).blocks
    assert [step.op for step in other] == ["delete", "insert"]


def test_roles_that_have_no_column_are_compared_by_what_was_printed() -> None:
    def credited(line: str) -> Article:
        return Article("", evidence={"interns": [Printed(line, "div.info", "label 记者")]})

    changes = {
        change.field: change for change in compare(credited("记者 张三 实习生 王五"), credited("记者 李四 实习生 王五"))
    }
    assert not changes["interns"].changed
    changes = {change.field: change for change in compare(credited("实习生 王五"), credited("实习生 赵六"))}
    assert brief(changes["interns"]) == ["-王五+赵六"]


# -- bounds --------------------------------------------------------------------------------------------------------

COMMON = "的一是在不了有和人这中大为上个国我以要他时来用们"


def prose(length: int, seed: int, ends: str = "，。") -> str:
    """Text with as many common characters and commas as prose, by a small generator of its own."""
    state, out = seed, []
    for _ in range(length):
        state = (state * 1103515245 + 12345) % 2**31
        kind, pick = state >> 8 & 15, state >> 12
        out.append(
            ends[pick % 2] if ends and kind == 0 else COMMON[pick % 24] if kind < 6 else chr(0x4E00 + pick % 3000)
        )
    return "".join(out)


def cut(text: str, every: int) -> list[str]:
    return [text[at : at + every] for at in range(0, len(text), every)]


def extremes() -> Iterator[tuple[str, list[str], list[str], bool]]:
    """Name, old blocks, new blocks, and whether the answer may be coarse."""
    long, unbroken = prose(100_000, 1), prose(100_000, 3, "")
    blocks = cut(prose(200_000, 5), 40)
    yield "a hundred places", [long], ["兴".join(cut(long, 1000))], False
    yield "another text", [long], [prose(100_000, 2)], True
    yield "the same characters, another order", [long], [long[50_000:] + long[:50_000]], True
    yield "no punctuation", [unbroken], ["兴".join(cut(unbroken, 5000))], False
    yield "two characters in turn", ["嘉兴" * 50_000], ["兴嘉嘉" * 33_000], True
    yield "5,000 blocks, each changed", blocks, [text.replace("的", "得") for text in blocks], False
    yield "5,000 blocks, all others", blocks, cut(prose(200_000, 6), 40), False
    yield "5,000 equal blocks against others in turn", ["——"] * 5000, ["====", "——"] * 2500, True


def test_the_work_is_bounded_and_what_is_coarse_is_said() -> None:
    for name, before, behind, coarse in extremes():
        began = time.process_time()
        changes = holds(Article("", blocks=words(*before)), Article("", blocks=words(*behind)))
        assert time.process_time() - began < 15, name  # a second or three; the square of these lengths would be hours
        assert changes[-1].coarse <= coarse, name


def test_a_small_change_in_a_long_text_is_found_exactly() -> None:
    long = prose(100_000, 1)
    (step,) = of(words(long), words(long[:50_000] + "嘉" + long[50_001:])).blocks
    assert [(one.op, one.old_at) for one in step.text] == [("equal", 0), ("replace", 50_000), ("equal", 50_001)]


def test_what_exceeds_the_budget_is_replaced_whole_and_coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wording, "_STEPS", 10)
    change = of("湖上起了浓浓的雾，船都没有出港", "湖上很早起了雾，船全都回来了")
    assert change.coarse
    assert brief(change)[0] == "湖上"
    assert len(brief(change)) == 2


# -- the command ---------------------------------------------------------------------------------------------------

OLD = article(
    title="旧的标题\x1b]0;x\x07",
    blocks=[
        *words("第一段的文字，[red]没有[/red]变。"),
        *words("第二段说，今年收入一万元。"),
        Block("table", "甲\t乙\n1\t2"),
    ],
)
NEW = article(
    title="新的标题\u202e",
    source=None,
    credits=[Credit("reporter", "王荣", "记者 王荣")],
    blocks=[*words("第一段的文字，[red]没有[/red]变。", "第二段说，今年收入两万元。", "加上的一段。"), Block("table", "甲\t乙\n1\t2\n3\t4")],
)  # fmt: skip
UNSEEN = {"\x1b", "\x07", "\u202e"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Article 1 was edited and then read anew, article 2 was not."""
    folder = tmp_path_factory.mktemp("archive")
    other = "http://jx.zjol.com.cn/zt/"
    run(folder, lambda t: look(t, OLD), lambda t: look(t, article(other)))
    run(folder, lambda t: look(t, NEW, capture(body=b"other", minutes=60)))
    reread = article(title="新的标题", source=None, template_version=2, credits=NEW.credits, blocks=NEW.blocks)
    run(folder, lambda t: t.store(reread, [3], "http://jx.zjol.com.cn/forwards-there.shtml"))
    run(folder, lambda t: t.discover("http://jx.zjol.com.cn/waits.shtml", "article", "jx", None))
    return folder


def test_without_colours_changes_stand_in_brackets(archive: Path) -> None:
    out = ask(archive, "diff", "1", "--from", "1", "--to", "2")
    left, right = zip(*(line.split(" │ ") for line in out.splitlines() if " │ " in line), strict=True)
    assert [line.strip() for line in left if "[-" in line] == [
        "[-旧-]的标题[-\\x1b]0;x\\x07-]", "[-虚构在线-]", "王[-蓉-]", "[-李四-]", "第二段说，今年收入[-一-]万元。"
    ]  # fmt: skip
    assert [line.strip() for line in right if "{+" in line] == [
        "{+新+}的标题{+\\u202e+}", "王{+荣+}", "第二段说，今年收入{+两+}万元。", "{+加上的一段。+}", "1⇥2{+⏎"
    ]  # fmt: skip
    assert "revision 1 of 3 · first wording" in left[0]
    assert "revision 2 of 3 · edited by the publisher" in right[0]
    assert "seen 2026-11-24 03:00:00Z" in left[1]
    assert "capture 1 " in left[2]
    assert "capture 3 " in right[2]
    assert "1 block the same" in out
    assert not UNSEEN & set(out)


@pytest.mark.parametrize("width", [40, 60, 80, 141])
def test_no_line_is_wider_than_asked(archive: Path, width: int) -> None:
    lines = ask(archive, "diff", "1", "--from", "1", "--width", str(width)).splitlines()
    assert max(map(cell_len, lines)) <= width
    places = {cell_len(line.split("│")[0]) for line in lines if "│" in line}
    assert len(places) == 1  # Chinese characters are two cells wide: the columns stand straight


def test_on_a_terminal_changes_are_coloured(archive: Path) -> None:
    with Archive(archive) as held:
        kept = held.article(1)
    old, new = diff.chosen(kept, 1, 2)
    assert old is not None
    out = StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=80, _environ={})
    diff._print(console, kept, old, new, compare(old.article, new.article))
    assert regex.search(r"\x1b\[[0-9;]*41m一\x1b", out.getvalue())
    assert regex.search(r"\x1b\[[0-9;]*42m两\x1b", out.getvalue())
    plain = regex.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())
    assert "[-" not in plain
    assert not UNSEEN & set(plain)


def test_the_last_two_wordings_are_the_default_and_a_rereading_is_no_edit(archive: Path) -> None:
    out = ask(archive, "diff", "1")
    assert "revision 2 of 3" in out
    assert "read otherwise by us" in out
    assert "Revision 3: another reading of ours. What differs there is not the publisher's edit." in out
    assert "another reading" not in ask(archive, "diff", "1", "--to", "2")
    assert "revision 3 of 3" in ask(archive, "diff", "1", "--from", "1").splitlines()[1]


def test_one_wording_is_said_in_one_sentence(archive: Path) -> None:
    assert (
        ask(archive, "diff", "2")
        == "article 2 has one wording, first seen 2026-11-24 03:00:00Z: there is nothing to compare\n"
    )
    told = json.loads(ask(archive, "diff", "2", "--json"))
    assert (told["revisions"], told["from"], told["to"]["revision"], told["fields"]) == (1, None, 1, [])


def test_json_holds_the_operations_and_nothing_that_steers_a_terminal(archive: Path) -> None:
    out = ask(archive, "diff", "1", "--from", "1", "--to", "2", "--json")
    assert not UNSEEN & set(out)
    told = json.loads(out)
    assert (told["id"], told["url"], told["revisions"]) == (1, URL, 3)
    assert (told["from"]["revision"], told["from"]["change_kind"], told["from"]["captures"][0]["id"]) == (1, None, 1)
    assert (told["to"]["revision"], told["to"]["change_kind"], told["to"]["seen_at"]) == (
        2,
        "edit",
        "2026-11-24T04:00:00.000Z",
    )
    fields = {one["field"]: one for one in told["fields"]}
    assert {name for name, one in fields.items() if one["changed"]} == {
        "title",
        "source",
        "reporters",
        "editors",
        "blocks",
    }
    assert applied(OLD.title, fields["title"]["operations"]) == NEW.title
    was, now = ([block.as_json() for block in one.blocks] for one in (OLD, NEW))
    assert applied(was, fields["blocks"]["operations"]) == now


@pytest.mark.parametrize(
    "address",
    [
        URL,
        URL.replace("http:", "https:"),
        URL.removeprefix("http:"),
        URL.removeprefix("http://"),
        URL.replace("jx.zjol", "JX.ZJOL").replace("/2023", "//2023"),
        URL.replace(".shtml", "_01.shtml"),
        URL + "?spm=1&utm_source=x#top",
        f" {URL} ",
        "http://jx.zjol.com.cn/forwards-there.shtml",  # an address that ended in it
    ],
)
def test_an_article_is_found_by_any_form_of_its_address(archive: Path, address: str) -> None:
    assert ask(archive, "diff", address, "--json") == ask(archive, "diff", "1", "--json")


def test_an_index_is_its_folder(archive: Path) -> None:
    assert ask(archive, "diff", "https://jx.zjol.com.cn/zt/index.shtml").startswith("article 2 has one wording")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["7"], ["no article 7"]),
        (["9" * 400], ["no article 999"]),
        (["http://jx.zjol.com.cn/none.shtml"], ["does not know http://jx.zjol.com.cn/none.shtml"]),
        (["http://jx.zjol.com.cn/waits.shtml"], ["no article of http://jx.zjol.com.cn/waits.shtml", "pending"]),
        (["嘉兴"], ["has no article '嘉兴'"]),
        (["http://[::1"], ["has no article"]),
        (["http://x:y/"], ["has no article"]),
        (["1", "--from", "9"], ["no revision 9", "1, 2, 3"]),
        (["1", "--to", "1"], ["revision 1 of article 1 is the first", "--from"]),
        (["1", "--from", "2", "--to", "2"], ["both revision 2"]),
        (["2", "--to", "3"], ["no revision 3"]),
        (["1", "--from", "0"], ["--from"]),
        (["1", "--width", "10"], ["--width"]),
    ],
)
def test_bad_input_is_one_sentence(
    archive: Path, arguments: list[str], said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    sentence = refuses(capsys, archive, "diff", *arguments)
    assert [words for words in said if words not in sentence] == []


def test_no_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert str(tmp_path) in refuses(capsys, tmp_path, "diff", "1")


def test_wordings_that_differ_in_nothing_shown_say_so(tmp_path: Path) -> None:
    same = article(credits=[Credit("translator", "赵六", "翻译 赵六")])
    run(tmp_path, lambda t: look(t, article(credits=[])), lambda t: look(t, same, capture(body=b"2", minutes=9)))
    assert "No field of the wording differs." in ask(tmp_path, "diff", "1")


def test_of_long_equal_text_only_what_is_near_a_change_is_shown(tmp_path: Path) -> None:
    long = "".join(chr(0x4E00 + n) for n in range(400))
    old = article(blocks=[*words(long + "旧" + long), Block("heading", long)])
    new = article(blocks=words(long + "新" + long, long))
    run(tmp_path, lambda t: look(t, old), lambda t: look(t, new, capture(body=b"2", minutes=9)))
    out = ask(tmp_path, "diff", "1", "--width", "2000")
    changed, kind = (line.split("│")[1].strip() for line in out.splitlines() if "characters the same" in line)
    assert changed == f"… 360 characters the same … {long[-40:]}{{+新+}}{long[:40]} … 360 characters the same …"
    assert kind == f"{long[:40]} … 360 characters the same …"
    assert "heading → paragraph 2" in out


def test_every_edit_of_a_crawled_history_is_the_difference_that_the_model_made(tmp_path: Path) -> None:
    edits = dict.fromkeys(range(0, 24, 2), (1,))
    portal = Portal(seed=5, articles=24, registry=registry("jx", "nhnews"), switches=Switches(edits=edits))
    truths = []
    with serve(portal) as proxy:
        for portal.clock in (0, 1):
            done = crawl(proxy, tmp_path, "jx", "nhnews")
            assert (done.code, done.err) == (0, "")
            truths.append({truth["url"]: truth for truth in portal.truths()})
            with closing(sqlite3.connect(tmp_path / "archive.db")) as database, database:
                database.execute("UPDATE frontier SET next_check_at = discovered_at WHERE next_check_at IS NOT NULL")
    was, now = truths
    for number in edits:
        url = portal.url(number)
        told = json.loads(ask(tmp_path, "diff", url, "--json"))
        assert (told["from"]["revision"], told["to"]["revision"], told["to"]["change_kind"]) == (1, 2, "edit")
        for one in told["fields"]:
            name = one["field"]
            if name in was[url]:
                before, behind = was[url][name], now[url][name]
                empty: Any = [] if name == "blocks" else ""
                assert applied(before or empty, one["operations"]) == (behind or empty), name
                assert one["changed"] == (before != behind), name
        assert any(one["changed"] for one in told["fields"])
    assert ask(tmp_path, "diff", portal.url(1)).endswith("there is nothing to compare\n")
