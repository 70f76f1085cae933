"""A page of the archive becomes a test case that fails until a person has read it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from tests.crawling import article, crawl, listing, staged
from zjcrawl.cli import cli

URL = "http://nhnews.zjol.com.cn/202609/t20260914_31950000.shtml"
PART = URL.replace(".shtml", "_01.shtml")


def test_a_frozen_page_is_a_case_that_a_person_must_confirm(tmp_path: Path) -> None:
    pages = {
        "http://nhnews.zjol.com.cn/": listing(URL),
        URL: article("两页的文章", "虚构的第一页，只为测试而写。", older_part=PART),
        PART: article("两页的文章", "虚构的第二页，只为测试而写。"),
    }
    with staged(pages) as proxy:
        assert crawl(proxy, tmp_path / "archive", "nhnews").code == 0
    to = tmp_path / "pages"
    words = ["freeze", URL + "?spm=1", "--archive", str(tmp_path / "archive"), "--to", str(to)]
    nowhere = CliRunner().invoke(cli, words)
    assert "is no folder" in str(nowhere.exception)
    to.mkdir()
    frozen = CliRunner().invoke(cli, words)
    assert frozen.exit_code == 0, frozen.output
    case = to / "mlf2016" / "nhnews-31950000"
    assert sorted(path.name for path in case.iterdir()) == ["expected.json", "page.html", "page.json", "page_01.html"]
    assert (case / "page.html").read_bytes() == pages[URL].body
    assert json.loads((case / "page.json").read_text("utf-8"))["invented"] is False
    draft = json.loads((case / "expected.json").read_text("utf-8"))
    assert draft["body"] == "虚构的第一页，只为测试而写。\n虚构的第二页，只为测试而写。"
    assert "is there already" in str(CliRunner().invoke(cli, words).exception)

    tests = tmp_path / "tests"
    tests.mkdir()
    shutil.move(to, tests / "pages")
    shutil.copy(Path(__file__).parent / "test_pages.py", tests)
    case = tests / "pages" / "mlf2016" / "nhnews-31950000"
    assert "is a draft" in ran(tests)
    del draft["unconfirmed"]
    (case / "expected.json").write_text(json.dumps(draft, ensure_ascii=False), "utf-8")
    assert "failed" not in ran(tests)
    draft["title"] = "另一个标题"
    (case / "expected.json").write_text(json.dumps(draft, ensure_ascii=False), "utf-8")
    assert "1 failed" in ran(tests)


def ran(tests: Path) -> str:
    """What pytest says of the frozen fields there."""
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "test_field", str(tests)]
    return subprocess.run(words, cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False).stdout


def test_bad_input_is_one_sentence(tmp_path: Path) -> None:
    for words in (["freeze", URL, "--template", "v1"], ["freeze", URL, "--archive", str(tmp_path)]):
        assert CliRunner().invoke(cli, words).exit_code != 0
