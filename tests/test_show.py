"""An article as a page is read, with its history; and what page text can do to a terminal, which is nothing."""

import json
import os
import pty
import re
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tests.archiving import LIST, SHANGHAI, THEN, URL, article, ask, capture, look, refuses, run
from zjcrawl import words
from zjcrawl.archive import ARTICLE_COLUMNS, Archive, ArchivedArticle
from zjcrawl.cli import show
from zjcrawl.cli.typeset import seen, wrapped
from zjcrawl.models import Block, Credit, Image, Lead, Listing, Printed
from zjcrawl.unseen import UNSEEN, visible

TOP = Path(__file__).parent.parent
HOSTILE = "题\x1b[31m红\x1b]8;;http://x\x07\x9b2J\u202e反\u2066\ufeff[red]不红[/red] :smile: \\x1b"
FULL = article(
    kicker="引题在上",
    title=HOSTILE,
    subtitle="副题在下",
    credits=[
        Credit("reporter", "王蓉", "记者 王 蓉"),
        Credit("intern", "赵六", "实习生 赵六"),
        Credit("editor", "李四", "责任编辑:李四"),
    ],
    blocks=[
        Block("paragraph", "第一段，有一句话。"),
        Block("heading", "一、小标题"),
        Block("image", src="http://jx.zjol.com.cn/a.jpg"),
        Block("caption", "图为现场"),
        Block("table", "项目\t2018\n人口\t100"),
        Block("quote", "引用的话。"),
        Block("paragraph", HOSTILE),
    ],
    images=[Image("http://jx.zjol.com.cn/a.jpg", "图为现场")],
    notice="版权所有",
    warnings=["no_template", "source_unsure", "brand_new"],
    evidence={
        "title": [Printed(HOSTILE, "h1", "mlf2016.title", 0.95)],
        "interns": [Printed("记者 王 蓉 实习生 赵六", "div.info", "label 记者")],
    },
)
LATER = article(title="后来的标题", credits=[Credit("reporter", "王蓉", "记者 王蓉")])


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One article that was listed, read in two parts, edited, missed, blocked, found again and read anew."""
    folder = tmp_path_factory.mktemp("archive")

    def listed(t: Any) -> None:
        day = THEN.astimezone(SHANGHAI).replace(hour=0, minute=0)
        t.record_listing("jx", LIST, Listing((Lead(URL, "题", "11-24", day),), None, "listUl"))

    def two_parts(t: Any) -> None:
        t.store(FULL, [t.keep(capture()), t.keep(capture(URL.replace(".shtml", "_01.shtml"), b"part 2"))], URL)

    def looks(t: Any) -> None:
        for minutes in (10, 20, 30):
            t.confirm(1, None, seen_at=THEN + timedelta(minutes=minutes))

    def missed(t: Any) -> None:
        t.miss(
            1,
            "gone",
            "status 404",
            seen_at=THEN + timedelta(hours=2),
            capture_id=t.keep(capture(body=b"404", minutes=120)),
        )
        t.miss(1, "gone", "the page says: 页面不存在\x1b[2J", seen_at=THEN + timedelta(hours=3))
        t.miss(1, "http_error", "status 503", seen_at=THEN + timedelta(hours=4))

    run(folder, listed, two_parts, looks)
    run(folder, lambda t: look(t, LATER, capture(body=b"edited", minutes=60)), missed)
    return folder


def test_it_reads_like_the_page(archive: Path) -> None:
    page = ask(archive, "show", "1", "--revision", "1").partition("\narticle ")[0]
    assert page.splitlines() == [
        "引题在上",
        visible(HOSTILE),
        "副题在下",
        "2019-07-24 15:07:34　来源：虚构在线　记者 王蓉　实习生 赵六　编辑 李四",
        "",
        "　　第一段，有一句话。",
        "",
        "一、小标题",
        "[图] http://jx.zjol.com.cn/a.jpg",
        "[图注] 图为现场",
        "项目\t2018",
        "人口\t100",
        "  │ 引用的话。",
        "　　" + visible(HOSTILE),
        "",
        "标签：嘉兴　市委",
        "版权所有",
    ]


def test_then_what_the_archive_knows(archive: Path) -> None:
    known = ask(archive, "show", URL, "--revision", "1").partition("\narticle ")[2]
    assert f"address   {URL}" in known
    assert "state     gone: no longer retrievable · last seen 2026-11-24 04:00:00Z" in known
    assert "wording   revision 1 of 2, an earlier one" in known
    assert re.search(r"channels  jx, listed 2026-11-24 · seen there \d{4}-", known)
    for said in ("no_template: no template claimed", "source_unsure: source was found, but", "brand_new: brand_new"):
        assert said in known
    assert known[known.index("history") :].splitlines() == [
        "history   2026-11-24 03:00:00Z  first seen: revision 1 · capture 1",
        "          2026-11-24 03:10:00Z – 2026-11-24 03:30:00Z  the same, 3 times: not modified",
        "          2026-11-24 04:00:00Z  edited by the publisher: revision 2 · capture 3",
        "          2026-11-24 05:00:00Z  no longer retrievable: status 404 · capture 4",
        r"          2026-11-24 06:00:00Z  no longer retrievable: the page says: 页面不存在\x1b[2J",
        "          2026-11-24 07:00:00Z  could not be looked at: status 503",
    ]


def test_the_current_wording_is_the_default(archive: Path) -> None:
    out = ask(archive, "show", "1")
    assert out.startswith("后来的标题\n")
    assert "wording   revision 2 of 2\n" in out
    assert "warnings" not in out
    assert "实习生" not in out


def test_evidence_and_captures(archive: Path) -> None:
    assert "WARC" not in ask(archive, "show", "1", "--revision", "1")
    out = ask(archive, "show", "1", "--revision", "1", "--evidence")
    assert re.search(r"^interns +记者 王 蓉 实习生 赵六 +div\.info +label 记者 +1\.00 *$", out, re.M)
    assert re.search(r"^title .* h1 +mlf2016\.title +0\.95 *$", out, re.M)
    rows = re.findall(r"^(\d+) +(\d) +(\S+ \S+Z) +200 +(\S+\.warc\.gz) +(\d+) *$", out, re.M)
    assert [(number, part, at) for number, part, at, _, _ in rows] == [
        ("1", "1", "2026-11-24 03:00:00Z"),
        ("2", "2", "2026-11-24 03:00:00Z"),
    ]
    with Archive(archive) as held:
        places = held.rows("SELECT warc_file, warc_offset FROM captures WHERE id <= 2 ORDER BY id")
        assert [(file, int(offset)) for *_, file, offset in rows] == [tuple(place) for place in places]


def test_json_has_everything(archive: Path) -> None:
    out = ask(archive, "show", "1", "--revision", "1", "--json")
    assert not UNSEEN.search(out)
    told = json.loads(out)
    assert set(ARTICLE_COLUMNS) < set(told)
    assert (told["id"], told["revision"], told["state"], told["title"]) == (1, 1, "gone", HOSTILE)
    assert told["blocks"] == [block.as_json() for block in FULL.blocks]
    assert told["evidence"] == FULL.told()
    assert told["warnings"] == FULL.warnings
    assert told["credits"][:2] == [
        {"role": "reporter", "name": "王蓉", "printed": None},
        {"role": "intern", "name": "赵六", "printed": None},
    ]
    assert [one["part"] for one in told["captures"]] == [1, 2]
    assert [one["revision"] for one in told["revisions"]] == [1, 2]
    assert [one["change_kind"] for one in told["revisions"]] == [None, "edit"]
    assert [one["outcome"] for one in told["observations"]] == ["same"] * 3 + ["changed", "gone", "gone", "blocked"]
    assert [one["kind"] for one in told["history"]] == ["found", "same", "edit", "gone", "gone", "blocked"]
    assert told["placements"][0]["listed_at"] == "2026-11-24T00:00:00+08:00"
    current = json.loads(ask(archive, "show", "1", "--json"))
    assert current["credits"] == [{"role": "reporter", "name": "王蓉", "printed": "记者 王蓉"}]
    with Archive(archive) as held:
        row = dict(next(held.rows("SELECT * FROM articles")))
    for column in ("blocks", "images", "warnings", "evidence"):
        row[column] = json.loads(row[column])
    assert {column: current[column] for column in row} == row


@pytest.mark.parametrize(
    ("precision", "shown"),
    [
        ("second", "2019-07-24 15:07:34"),
        ("minute", "2019-07-24 15:07"),
        ("hour", "2019-07-24 15时"),
        ("day", "2019-07-24"),
    ],
)
def test_a_time_is_as_precise_as_it_was_printed(tmp_path: Path, precision: Any, shown: str) -> None:
    run(tmp_path, lambda t: look(t, article(published_precision=precision)))
    assert ask(tmp_path, "show", "1").splitlines()[1].startswith(f"{shown}　来源")


def test_what_is_not_there_is_left_out(tmp_path: Path) -> None:
    bare = article(
        published_at=None, published_precision=None, published_printed="3小时前", source=None, credits=[], tags=[],
        blocks=[], kind="video", notice=None,
    )  # fmt: skip
    run(tmp_path, lambda t: look(t, bare))
    assert ask(tmp_path, "show", "1").partition("\narticle")[0].splitlines() == [
        "虚构的标题", "3小时前 (as printed)", "", "(no text: video)"
    ]  # fmt: skip


def test_bad_input_is_one_sentence(archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no article 2" in refuses(capsys, archive, "show", "2")
    assert "no revision 3: it has 1, 2" in refuses(capsys, archive, "show", "1", "--revision", "3")
    assert "--revision" in refuses(capsys, archive, "show", "1", "--revision", "0")
    assert "has no article '标题'" in refuses(capsys, archive, "show", "标题")
    assert str(tmp_path) in refuses(capsys, tmp_path, "show", "1")


# -- the value that programs get -----------------------------------------------------------------------------------


def test_an_article_read_back_is_what_was_stored(archive: Path) -> None:
    with Archive(archive) as held:
        kept: ArchivedArticle = held.article(1)
    assert kept.current is kept.revision(2)
    assert kept.current.article.columns() == LATER.columns()
    was = kept.revision(1).article
    same = set(FULL.columns()) - {"text_sha256"}  # earlier wordings keep no names of interns
    assert {name: was.columns()[name] for name in same} == {name: FULL.columns()[name] for name in same}
    assert kept.revision(1).text_sha256 == FULL.text_sha256
    assert kept.revision(1).replaced_at == kept.revision(2).seen_at == THEN + timedelta(hours=1)
    assert kept.revision(1).last_seen_at == THEN + timedelta(minutes=30)


# -- what page text can do to a terminal ---------------------------------------------------------------------------


def on_a_terminal(archive: Path, width: int, number: int = 1) -> str:
    with Archive(archive) as held:
        kept = held.article(1)
    out = StringIO()
    page = show._Page(Console(file=out, force_terminal=True, color_system="truecolor", width=width, _environ={}))
    page.read(kept.revision(number))
    page.known(kept, kept.revision(number))
    page.evidence(kept.revision(number))
    return out.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 140])
def test_hostile_text_is_seen_not_obeyed(archive: Path, width: int) -> None:
    styled = on_a_terminal(archive, width)
    assert "\x1b[" in styled  # our own colours
    plain = re.sub(r"\x1b\[[0-9;]*m", "", styled)
    assert not UNSEEN.search(plain)
    assert max(map(cell_len, plain.splitlines())) <= width
    joined = re.sub(r"\s", "", plain)
    for written in (r"\x1b[31m", r"\x07", r"\x9b2J", r"\u202e", r"\u2066", r"\ufeff", "[red]不红[/red]", ":smile:"):
        assert written in joined
    assert "\x1b[31m" not in styled


def test_a_real_terminal_gets_no_control_of_the_page(archive: Path) -> None:
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "zjcrawl", "show", "1", "--revision", "1", "--evidence", "--archive", str(archive)]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"}
    try:
        done = subprocess.run(
            command, stdout=terminal, stderr=terminal, cwd=TOP, env=environment, timeout=60, check=False
        )
        os.set_blocking(controller, False)
        shown = b""
        while True:
            try:
                shown += os.read(controller, 65536)
            except BlockingIOError:
                break
    finally:
        os.close(controller)
        os.close(terminal)
    assert done.returncode == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).replace("\r\n", "\n")
    assert not UNSEEN.search(plain)
    assert r"题\x1b[31m红" in plain


def test_off_a_terminal_the_output_is_plain(archive: Path) -> None:
    out = ask(archive, "show", "1", "--revision", "1", "--evidence")
    assert not UNSEEN.search(out)
    assert "\x1b" not in out


PAGE_TEXT = st.text(
    st.characters()
    | st.sampled_from("\x1b\x07\x9b\u202e\u2067\u200b\u200d\ufe0f\u0301\ud800\n\t 　嘉兴。，（“1a[]\\👨👩👍🏽🇨")
)


@given(PAGE_TEXT)
def test_nothing_unseen_is_left_and_nothing_seen_is_lost(text: str) -> None:
    shown = visible(text)
    assert not UNSEEN.search(shown)
    assert seen(text).plain == shown
    shown.encode()  # no lone surrogate either
    back = re.sub(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})", lambda found: chr(int(found[1] or found[2], 16)), shown)
    assert "\\" in text or back == text


@example("0000\t", 4, 0)
@example("ab     cd", 4, 2)
@given(PAGE_TEXT, st.integers(4, 30), st.integers(0, 8))
def test_lines_are_no_wider_than_asked_and_nothing_is_lost(text: str, width: int, indent: int) -> None:
    source = seen(text)
    lines = [line.plain for line in wrapped(source, width + indent, indent)]
    assert all(cell_len(line) <= width + indent for line in lines)
    assert all(line.startswith(" " * indent) for line in lines)
    joined = "".join(line[indent:] for line in lines)
    assert joined.replace(" ", "") == re.sub("[ \n\t]", "", source.plain)


def test_lines_break_as_chinese_does() -> None:
    def lines(text: str, width: int) -> list[str]:
        return [line.plain for line in wrapped(Text(text), width)]

    assert lines("嘉兴市委全会今天，开幕", 16) == ["嘉兴市委全会今", "天，开幕"]  # no comma begins a line
    assert lines("他在会上说：（掌声）好", 14) == ["他在会上说：", "（掌声）好"]  # no bracket ends one
    assert lines("增长了15.4亿元", 9) == ["增长了", "15.4亿元"]  # a number stays whole
    assert lines("made in Zhejiang", 8) == ["made in", "Zhejiang"]
    assert lines("看👨‍👩‍👧👨‍👩‍👧", 4) == ["看👨‍👩‍👧", "👨‍👩‍👧"]
    assert lines("一二三", 2) == ["一", "二", "三"]
    assert [line.plain for line in wrapped(Text("第一行\n第二行"), None, 4, "a")] == ["a   第一行", "    第二行"]


# -- words ---------------------------------------------------------------------------------------------------------


def test_every_warning_of_the_data_dictionary_has_words() -> None:
    readme = (TOP / "README.md").read_text("utf-8")
    table = readme[readme.index("### Warnings") : readme.index("## What is known")]
    codes = set(
        re.findall(r"`([a-z_]+)`", " ".join(line.split("|")[1] for line in table.splitlines() if line[:3] == "| `"))
    )
    assert codes == set(words.WARNINGS)
