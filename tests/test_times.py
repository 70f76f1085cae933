"""Printed times: every form of a moment reads back to the precision it is printed to."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zjcrawl.models import SHANGHAI
from zjcrawl.normalise import times

MOMENTS = st.datetimes(min_value=datetime(1996, 1, 1), max_value=datetime(2098, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=SHANGHAI)
)
DAYS = [
    "{y}年{m}月{d}日",
    "{y}年{m:02}月{d:02}日",
    "{y}-{m:02}-{d:02}",
    "{y}/{m}/{d}",
    "{y}.{m:02}.{d:02}",
    "{y} 年 {m} 月 {d} 日",
]
CLOCKS = {
    "": "day",
    "{h:02}:{n:02}": "minute",
    "{h:02}:{n:02}:{s:02}": "second",
    "{h}时{n}分": "minute",
    "{h}：{n:02}": "minute",
    "{h:02}时": "hour",
}
GAPS = [" ", "　", "\u00a0\u00a0", " 星期三 ", "（周三） ", "\x1f", ", "]


def cut(moment: datetime, precision: str) -> datetime:
    left = {"second": 0, "minute": 1, "hour": 2, "day": 3}[precision]
    names = ("second", "minute", "hour")[:left]
    return moment.replace(**dict.fromkeys(names, 0))


@given(MOMENTS, st.sampled_from(DAYS), st.sampled_from(sorted(CLOCKS)), st.sampled_from(GAPS))
def test_every_form_reads_back(moment: datetime, day: str, clock: str, gap: str) -> None:
    parts = {
        "y": moment.year,
        "m": moment.month,
        "d": moment.day,
        "h": moment.hour,
        "n": moment.minute,
        "s": moment.second,
    }
    printed = day.format(**parts) + (gap + clock.format(**parts) if clock else "")
    read = times.read(f"发布时间：{printed} 来源：某报")
    assert (read.at, read.precision) == (cut(moment, CLOCKS[clock]), CLOCKS[clock])


@given(MOMENTS)
def test_half_days(moment: datetime) -> None:
    half = "下午" if moment.hour >= 12 else "上午"
    printed = f"{moment.year}年{moment.month}月{moment.day}日 {half}{moment.hour % 12 or 12}:{moment.minute:02}"
    if moment.hour in (0,):  # 上午12:00 is printed by nobody
        return
    assert times.read(printed).at == cut(moment, "minute")


@given(MOMENTS)
def test_a_year_is_taken_from_the_address_only_where_the_day_agrees(moment: datetime) -> None:
    printed = f"{moment.month:02}月{moment.day:02}日 {moment.hour:02}:{moment.minute:02}"
    read = times.read(printed, url_day=(moment.year, moment.month, moment.day))
    assert (read.at, read.warnings) == (cut(moment, "minute"), ("year_from_url",))
    other = moment + timedelta(days=1)
    assert times.read(printed, url_day=(other.year, other.month, other.day)).at is None


@pytest.mark.parametrize("printed", ["刚刚", "5分钟前", "3小时前", "2天前", "昨天 08:09", "今天08:09", "前天"])
def test_relative_times_are_refused(printed: str) -> None:
    read = times.read(printed)
    assert (read.at, read.warnings) == (None, ("time_relative",))


@pytest.mark.parametrize(
    "printed", ["2024-02-30", "2024年13月1日", "2024-01-01 25:00", "1990-01-01", "0000-00-00 00:00"]
)
def test_impossible_times_are_refused(printed: str) -> None:
    assert times.read(printed).at is None


@pytest.mark.parametrize(
    "text", ["电话：0573-8208-1234", "第2024-15号", "1.2.3", "2024", "版本 2024.1", "共 20240305 人"]
)
def test_numbers_that_are_no_times(text: str) -> None:
    assert times.find(text) is None


@pytest.mark.parametrize(
    ("printed", "at"),
    [
        ("2019-07-24T09:15:00Z", "2019-07-24T17:15:00+08:00"),
        ("2019-07-24 09:15:00Z", "2019-07-24T17:15:00+08:00"),
        ("2019-07-24 09:15:00+08:00", "2019-07-24T09:15:00+08:00"),
        ("2019-07-24T09:15:00.123+00:00", "2019-07-24T17:15:00.123000+08:00"),
        ("2019-07-24 09:15:00", "2019-07-24T09:15:00+08:00"),
    ],
)
def test_a_printed_zone_is_believed_and_printed(printed: str, at: str) -> None:
    found = times.find(f"来源：测试报 {printed} 浏览")
    assert found is not None
    assert found[0].strip() == printed
    moment = times.read(found[0].strip())
    assert moment.at is not None
    assert moment.at.isoformat() == at
