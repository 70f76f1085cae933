"""Bylines in the forms that papers print, over any names: everyone reads back in the role printed, and in no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zjcrawl.lines import SEAM
from zjcrawl.models import Block
from zjcrawl.normalise import credits, labels, texts

# Characters that are in names and in no role word, outlet or office.
SURNAMES, GIVEN = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高罗", "伟芳娜敏静秀丽强磊洋艳勇杰娟涛超霞平刚桂琳晨阳"
NAMES = st.one_of(
    st.tuples(st.sampled_from(SURNAMES), st.text(GIVEN, min_size=1, max_size=2)).map("".join),
    st.tuples(st.sampled_from(["欧阳", "司马", "诸葛"]), st.text(GIVEN, min_size=1, max_size=2)).map("".join),
    st.sampled_from(["买买提·艾力", "古丽娜尔·阿不都热合曼"]),
)
# {0} and {1} are two people → their roles
FORMS = {
    "记者 {0} 通讯员 {1}": ["reporter", "correspondent"],
    "本报记者{0} 通讯员{1}": ["reporter", "correspondent"],
    "本报记者：{0}　通讯员：{1}": ["reporter", "correspondent"],
    "记者 {0} 实习生 {1}": ["reporter", "intern"],
    "见习记者 {0} 摄影 {1}": ["reporter", "photographer"],
    "记者 {0} 文 {1} 摄": ["reporter", "photographer"],
    "文/{0} 图/{1}": ["reporter", "photographer"],
    "文｜{0} 编辑｜{1}": ["reporter", "editor"],
    "作者：{0} 责任编辑：{1}": ["reporter", "editor"],
    "采写：某某都市报记者 {0} 摄影：{1}": ["reporter", "photographer"],
    "首席记者 {0} 责编：{1}": ["reporter", "editor"],
    "责任编辑：{0} 校对：{1}": ["editor", "proofreader"],
    "编辑 {0} 校对 {1}": ["editor", "proofreader"],
}


@given(NAMES, NAMES, st.sampled_from(sorted(FORMS)))
def test_two_people_read_back_in_their_roles(first: str, second: str, form: str) -> None:
    read, odd = credits.read(form.format(first, second))
    assert [(credit.role, credit.name) for credit in read] == list(zip(FORMS[form], (first, second), strict=True))
    assert odd == []


@given(st.sampled_from(SURNAMES), st.sampled_from(GIVEN), st.sampled_from([" ", "　", "\u00a0"]))
def test_a_name_of_two_characters_is_printed_wide(surname: str, given_name: str, blank: str) -> None:
    read, _ = credits.read(f"责任编辑：{surname}{blank}{given_name}")
    assert [credit.name for credit in read] == [surname + given_name]


@given(NAMES)
def test_who_writes_and_takes_pictures_has_both_roles(name: str) -> None:
    assert [credit.role for credit in credits.read(f"文/图 {name}")[0]] == ["reporter", "photographer"]


@given(NAMES, st.sampled_from(["_NF4425", " PK155", "（实习）", "_QX101"]))
def test_staff_numbers_are_no_part_of_a_name(name: str, number: str) -> None:
    assert [credit.name for credit in credits.read(f"责任编辑：{name}{number}")[0]] == [name]


@given(st.text(alphabet="春江花月夜山水云桥渡口灯船，。、 \n\x1f（）“”0123abc", max_size=200))
def test_no_role_is_invented(text: str) -> None:
    assert credits.read(text)[0] == []
    assert [part for part in labels.parts(text) if part.kind == "credit"] == []
    assert texts.credits_in([Block("paragraph", text), Block("caption", text)]) == []


@given(st.text(max_size=300))
def test_no_text_breaks_the_labels(text: str) -> None:
    for part in labels.parts(text):
        assert part.whole in text
        assert SEAM not in labels.source_of(part)


@pytest.mark.parametrize(
    "text",
    [
        "记者从市政府获悉，今年将新建三座桥。",
        "记者了解到，渡船每天开行二十四班。",
        "记者注意到，码头已经拓宽。",
        "作者最新文章",
        "作者：未知",
        "作者：admin",
        "作者：网络整理",
        "责任编辑：",
        "编辑部电话：0000",
        "他曾是一名记者，后来做了编辑。",
    ],
)
def test_who_is_not_named_is_not_credited(text: str) -> None:
    found = [credit for part in labels.parts(text) if part.kind == "credit" for credit in credits.read(part.whole)[0]]
    assert found == []
    assert texts.credits_in([Block("paragraph", text)]) == []
