"""Normalisers: what is printed reads back as what was meant, and nothing is ever guessed."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zjcrawl.charset import decode
from zjcrawl.normalise import credits, times
from zjcrawl.normalise.times import SHANGHAI

MOMENTS = st.datetimes(min_value=datetime(1996, 1, 1), max_value=datetime(2098, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=SHANGHAI)
)
FORMS = {
    "%Y年%m月%d日 %H:%M:%S": "second",
    "%Y-%m-%d %H:%M:%S": "second",
    "%Y-%m-%dT%H:%M:%S+08:00": "second",
    "%Y/%m/%d %H:%M": "minute",
    "%Y.%m.%d %H:%M": "minute",
    "%Y年%m月%d日%H时%M分": "minute",
    "%Y年%m月%d日%H时": "hour",
    "%Y-%m-%d": "day",
}


@given(MOMENTS, st.sampled_from(sorted(FORMS)))
def test_a_printed_time_reads_back_to_its_precision(moment: datetime, form: str) -> None:
    read = times.read(moment.strftime(form))
    kept = {"second": {}, "minute": {"second": 0}, "hour": {"minute": 0, "second": 0}, "day": {}}[FORMS[form]]
    wanted = moment.replace(**kept) if FORMS[form] != "day" else moment.replace(hour=0, minute=0, second=0)
    assert read.precision == FORMS[form]
    assert read.at == wanted


@given(st.text(max_size=300))
def test_no_text_breaks_the_clock(text: str) -> None:
    read = times.read(text)
    assert (read.at is None) == (read.precision is None)
    assert read.at is not None or read.warnings


@pytest.mark.parametrize(
    ("printed", "day", "at", "warning"),
    [
        ("07月24日 15:07", (2019, 7, 24), "2019-07-24T15:07:00+08:00", "year_from_url"),
        ("07月24日 15:07", (2019, 7, 25), None, "time_without_year"),
        ("07月24日 15:07", None, None, "time_without_year"),
        ("昨天 15:00", (2019, 7, 24), None, "time_relative"),
        ("2019年13月45日", None, None, "time_impossible"),
        ("2019-07-24 10:00", (2019, 7, 20), "2019-07-24T10:00:00+08:00", "time_contradicts_url"),
        ("明年此时", None, None, "time_unreadable"),
    ],
)
def test_doubt_is_said(printed: str, day: tuple[int, int, int] | None, at: str | None, warning: str) -> None:
    read = times.read(printed, url_day=day)
    assert (read.at.isoformat() if read.at else None) == at
    assert warning in read.warnings


def test_a_time_after_its_capture_is_kept_and_said() -> None:
    captured = datetime(2019, 7, 24, 12, tzinfo=SHANGHAI)
    assert times.read("2019-07-24 13:00", captured=captured).warnings == ("time_after_capture",)


CREDITS = [
    ("记者 张芬娟", [("reporter", "张芬娟")]),
    ("本报记者 王 蓉 通讯员 李四 王五", [("reporter", "王蓉"), ("correspondent", "李四"), ("correspondent", "王五")]),
    ("首席记者 张三", [("reporter", "张三")]),
    ("见习记者：张三丰", [("reporter", "张三丰")]),
    ("实习生 李雷", [("intern", "李雷")]),
    ("文/图 张三", [("reporter", "张三"), ("photographer", "张三")]),
    ("记者 张三 文 李四 摄", [("reporter", "张三"), ("photographer", "李四")]),
    ("记者 张三 摄影 李四", [("reporter", "张三"), ("photographer", "李四")]),
    ("浙江新闻客户端记者 梁臻 摄", [("photographer", "梁臻")]),
    ("责任编辑:沈正玺", [("editor", "沈正玺")]),
    ("编辑 刘晓阳 校对 李铭", [("editor", "刘晓阳"), ("proofreader", "李铭")]),
    ("责任编辑：杨倩_NF4425", [("editor", "杨倩")]),
    ("记者 欧阳文静 买买提·艾力", [("reporter", "欧阳文静"), ("reporter", "买买提·艾力")]),
    ("作者：网络整理", []),
    ("记者 张文 摄", [("photographer", "张文")]),
    ("志愿者正在整理资料 张三 摄", [("photographer", "张三")]),
]


@pytest.mark.parametrize(("printed", "people"), CREDITS)
def test_credit_lines(printed: str, people: list[tuple[str, str]]) -> None:
    read, _ = credits.read(printed)
    assert [(credit.role, credit.name) for credit in read] == people


SURNAMES, GIVEN = "王李张刘陈杨黄赵周吴", "伟芳娜敏静秀丽强磊洋艳勇杰娟涛超明霞平刚"


@given(
    st.lists(
        st.tuples(st.sampled_from(SURNAMES), st.text(GIVEN, min_size=1, max_size=2)).map("".join),
        min_size=1,
        max_size=4,
        unique=True,
    ),
    st.sampled_from(
        [("记者", "reporter"), ("通讯员", "correspondent"), ("责任编辑：", "editor"), ("摄影：", "photographer")]
    ),
    st.sampled_from([" ", "、", "　"]),
)
def test_names_in_a_row_are_credits_in_one_role(names: list[str], label: tuple[str, str], between: str) -> None:
    read, odd = credits.read(f"{label[0]} {between.join(names)}")
    assert [(credit.role, credit.name) for credit in read] == [(label[1], name) for name in names]
    assert odd == []


@given(st.text(max_size=200))
def test_no_text_breaks_the_credits(text: str) -> None:
    read, _ = credits.read(text)
    assert all(credit.name and credit.role in credits.ORDER for credit in read)


TEXT = "<html><head>{}</head><body><p>嘉兴在线七月二十四日讯，记者从市政府获悉，全市今年的工作已经全面展开。</p></body></html>"
DECLARED = ["utf-8", "gb2312", "gbk", "big5", "iso-8859-1", None]


@pytest.mark.parametrize("real", ["utf-8", "gb18030"])
@pytest.mark.parametrize("header", DECLARED)
@pytest.mark.parametrize("meta", DECLARED)
def test_whatever_is_declared_the_text_is_read(real: str, header: str | None, meta: str | None) -> None:
    page = TEXT.format(f'<meta charset="{meta}">' if meta else "")
    decoded = decode(page.encode(real), f"text/html; charset={header}" if header else "text/html")
    assert decoded.text == page
    assert decoded.used == real
    agreed = {"utf-8": {"utf-8"}, "gb18030": {"gb2312", "gbk"}}[real]
    lies = any(name is not None and name not in agreed for name in (header, meta))
    assert ("charset_disagrees" in decoded.warnings) == lies
    assert ("charset_guessed" in decoded.warnings) == (header is None and meta is None)
