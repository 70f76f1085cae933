"""Printed times: what they mean, to the precision they are printed. Nothing is guessed.

One anchored pattern a form, because lenient date parsers answer silently wrong on Chinese dates. Every printed time of
the portal is local: Asia/Shanghai (China keeps one zone, and no summer time since 1991).
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from dateutil import parser as iso

from zjcrawl.models import SHANGHAI, Precision

FIRST_YEAR = 1995  # no Chinese news site is older; an earlier year is a misprint or no publication time

_DAY = (
    r"(?<!\d)(?P<year>(?:19|20)\d{2})(?:\s*年\s*|\s?[-/.．－]\s?)(?P<month>\d{1,2})"
    r"(?:\s*月\s*|\s?[-/.．－]\s?)(?P<day>\d{1,2}?(?=\d{2}:\d{2})|\d{1,2}(?!\d))\s*(?:[日号]|/(?=\s\d{1,2}:\d{2}))?"
)
_MONTH_DAY = r"(?P<month>\d{1,2})(?:\s*月\s*|[-/])(?P<day>\d{1,2})(?!\d)\s*[日号]?"
_GAP = r"[\sT,，|　\x1f\u00a0]*+"  # possessive: there are three in a row, and blanks can be many
_CLOCK = (
    r"(?:"
    + _GAP
    + r"(?:[（(]?(?:星期|周)[一二三四五六日天][）)]?)?"
    + _GAP
    + r"(?P<half>凌晨|早上|上午|中午|下午|晚上|AM|PM|am|pm)?"
    + _GAP
    + r"(?P<hour>\d{1,2})(?:\s?[:：]\s?(?P<minute>\d{2})(?:\s?[:：]\s?(?P<second>\d{2})(?!\d)(?:\.\d{1,6})?(?P<zone>Z|\+\d{2}:\d{2})?)?(?!\d)(?:\s?(?P<after>[AaPp][Mm])(?![A-Za-z]))?"
    r"|\s*[时点]\s*(?:(?P<minute_zh>\d{1,2})\s*分\s*(?:(?P<second_zh>\d{1,2})\s*秒)?)?))?"
)
FULL = re.compile(_DAY + _CLOCK)
SHORT = re.compile(r"(?<![\d年/.-])" + _MONTH_DAY + _CLOCK)
# A year of two digits is certain only where the address states the same day.
TWO_DIGITS = re.compile(
    r"(?<![\d年/.-])(?P<year>\d{2})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})(?![\d/.-])日?" + _CLOCK
)
# `二〇一九年七月二十四日`, as dates are printed in letters.
_HANZI = re.compile(
    r"(?P<year>[一二][〇○零０OＯo一二三四五六七八九]{3})年(?P<month>[一二三四五六七八九十]{1,2})月(?P<day>[一二三四五六七八九十]{1,3})日"
    + _CLOCK
)
# `2019 07/24 15:07:34`, each in an element of its own.
_PIECES = re.compile(
    r"(?<!\d)(?P<year>20\d\d)[\s\x1f]*(?P<month>\d\d)[\s\x1f]?/[\s\x1f]?(?P<day>\d\d)[\s\x1f]+"
    r"(?P<half>)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?!\d)(?P<zone>)(?P<minute_zh>)(?P<second_zh>)"
)
_DIGITS = {letter: str(value) for value, letter in enumerate("〇一二三四五六七八九")} | dict.fromkeys("○零０OＯo", "0")
RELATIVE = re.compile(
    r"刚刚|(?:昨天|前天|今天)(?:\s?\d{1,2}[:：]\d{2})?|(?<!\d)\d{1,4}\s?(?:秒|分钟|小时|天|个月|周)前"
)
AGO = re.compile(
    r"刚刚$|(?:昨天|前天|今天)\s?\d{1,2}[:：]\d{2}|(?<!\d)\d{1,4}\s?(?:秒|分钟|小时|天|个月|周)前(?![一-鿿])"
)
# What a page says of the day that it is looked at: no publication time.
TODAY = re.compile(r"(?:今天|今日|现在|当前)(?:是|日期|时间)|今天\s*[:：]|农历|℃")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_ISO_SECOND = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as typed: aware, in Asia/Shanghai, and how precisely it was printed. `warnings` say what is doubted."""

    at: datetime | None
    precision: Precision | None
    warnings: tuple[str, ...] = ()


@lru_cache(256)  # a line is asked for its time by all who read it
def find(text: str) -> re.Match[str] | None:
    """The first full date (with its clock, if any) printed in a text, which may be a line with its seams."""
    return FULL.search(text) or _PIECES.search(text) or (_HANZI.search(text) if "年" in text else None)


def read(printed: str, *, url_day: tuple[int, int, int] | None = None, captured: datetime | None = None) -> Moment:
    """What a printed time means.

    `url_day` is the day the address states: it gives the year where none is printed and month and day agree
    (`year_from_url`), and is compared otherwise (`time_contradicts_url`: more than a day apart). A time after the
    capture is kept with `time_after_capture`. `time_without_year`, `time_relative`, `time_unreadable`, `time_impossible`
    come with None.
    """
    if _ISO.match(printed.strip()):
        return _iso(printed.strip(), url_day, captured)
    warnings: list[str] = []
    match = find(printed)
    if match:
        year = _number(match["year"])
    else:
        match = TWO_DIGITS.search(printed) or SHORT.search(printed)
        if match is None:
            return Moment(None, None, ("time_relative" if RELATIVE.search(printed) else "time_unreadable",))
        if url_day is None or url_day[1:] != (int(match["month"]), int(match["day"])):
            return Moment(None, None, ("time_without_year",))
        year = url_day[0]
        if (printed_year := match.groupdict().get("year")) and int(printed_year) != year % 100:
            return Moment(None, None, ("time_without_year",))
        warnings.append("year_from_url")
    return _checked(match, year, warnings, url_day, captured)


def _checked(
    match: re.Match[str],
    year: int,
    warnings: list[str],
    url_day: tuple[int, int, int] | None,
    captured: datetime | None,
) -> Moment:
    hour, minute, second = match["hour"], match["minute"] or match["minute_zh"], match["second"] or match["second_zh"]
    precision: Precision = "second" if second else "minute" if minute else "hour" if hour else "day"
    try:
        at = datetime(
            year,
            _number(match["month"]),
            _number(match["day"]),
            _hour(hour, match["half"] or match.groupdict().get("after")),
            int(minute or 0),
            int(second or 0),
            tzinfo=SHANGHAI,
        )
        if zone := match["zone"]:
            at = iso.isoparse(f"{at:%Y-%m-%dT%H:%M:%S}{zone}").astimezone(SHANGHAI)
    except ValueError:
        return Moment(None, None, ("time_impossible",))
    if year < FIRST_YEAR:
        return Moment(None, None, ("time_impossible",))
    return Moment(at, precision, (*warnings, *_doubts(at, url_day, captured)))


def _number(printed: str) -> int:
    """A number in digits, or in the letters of a date: `二〇一九`, `二十四`."""
    if printed.isdigit():
        return int(printed)
    if "十" in printed:
        tens, _, ones = printed.partition("十")
        return 10 * int(_DIGITS[tens] if tens else 1) + int(_DIGITS[ones] if ones else 0)
    return int("".join(_DIGITS[letter] for letter in printed))


def _hour(printed: str | None, half: str | None) -> int:
    hour = int(printed or 0)
    half = half.upper() if half else half
    if half in ("下午", "晚上", "PM") and hour < 12:
        return hour + 12
    if half in ("凌晨", "AM") and hour == 12:
        return 0
    return hour + 12 if half == "中午" and hour < 3 else hour


def _doubts(at: datetime, url_day: tuple[int, int, int] | None, captured: datetime | None) -> list[str]:
    doubts = []
    if captured is not None and at > captured:
        doubts.append("time_after_capture")
    if url_day is not None:
        try:
            stated = datetime(*url_day, tzinfo=SHANGHAI)
        except ValueError:
            return doubts
        if abs((at.date() - stated.date()).days) > 1:
            doubts.append("time_contradicts_url")
    return doubts


def _iso(text: str, url_day: tuple[int, int, int] | None, captured: datetime | None) -> Moment:
    try:
        at = iso.isoparse(text)
    except ValueError:
        return Moment(None, None, ("time_unreadable",))
    at = at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at.astimezone(SHANGHAI)
    precision: Precision = "second" if _ISO_SECOND.match(text) else "minute"
    return Moment(at, precision, tuple(_doubts(at, url_day, captured)))
