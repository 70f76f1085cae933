"""Pictures as SVG, drawn here and not by a script: bars over time, and days as a calendar. Colours are the style sheet's.

Bars are stretched to the width there is, so their labels are HTML beside them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from zjcrawl.coverage import Day

_HIGH = 100
_TICKS = 8  # labels below bars, at most
_FEW = 12  # bars that need not take all the width
_SQUARE = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its `label`, a `whole` and the `part` of it that is drawn darker, what is `told` of it, where it leads."""

    label: str
    whole: float
    part: float = 0
    told: str = ""
    href: str = ""


def bars(of: Sequence[Bar], name: str) -> Markup:
    """Bars side by side, as high as the highest; where there is no `whole` at all, a hatched cell says so."""
    most = max((bar.whole for bar in of), default=0)
    drawn = Markup("").join(_bar(bar, place, most or 1) for place, bar in enumerate(of))
    svg = Markup(
        '<svg class="bars{}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    )
    few = " few" if len(of) <= _FEW else ""
    drawing = svg.format(few, max(1, len(of)), _HIGH, name, drawn)
    return _height(most) + drawing + _ticks([bar.label for bar in of], few)


def _height(most: float) -> Markup:
    """How much the highest bar is, at the height of its top."""
    told = f"{most:,.0f}" if most >= 10 or most == int(most) else f"{most:.1f}"
    return Markup('<div class="height" aria-hidden="true">{}</div>').format(told)


def _bar(bar: Bar, place: int, most: float) -> Markup:
    if not bar.whole:
        drawn = Markup('<rect class="none" x="{}" y="98" width="1" height="2"/>').format(place)
    else:
        drawn = _rect("whole", place, bar.whole / most) + (_rect("part", place, bar.part / most) if bar.part else "")
    area = Markup('<rect class="area" x="{}" y="0" width="1" height="{}"><title>{}</title></rect>').format(
        place, _HIGH, bar.told
    )
    if not bar.href:
        return drawn + area
    return Markup('<a href="{}" tabindex="-1">{}</a>').format(bar.href, drawn + area)


def _rect(kind: str, place: int, share: float) -> Markup:
    high = max(1.5, share * _HIGH)  # what is more than nothing is seen
    return Markup('<rect class="{}" x="{}" y="{:.2f}" width="0.84" height="{:.2f}"/>').format(
        kind, place + 0.08, _HIGH - high, high
    )


def _ticks(labels: Sequence[str], few: str) -> Markup:
    """Labels below bars, each where its bar begins."""
    step = max(1, -(-len(labels) // _TICKS))
    texts = (
        Markup('<text x="{:.2f}%" y="12">{}</text>').format(100 * place / len(labels), labels[place])
        for place in range(0, len(labels), step)
        if place == 0 or place + step / 2 <= len(labels)  # a label at the very end would be cut
    )
    return Markup('<svg class="ticks{}" aria-hidden="true">{}</svg>').format(few, Markup("").join(texts))


def share(part: float, whole: float) -> Markup:
    """A bar in a line of a table."""
    wide = 100 * part / whole if whole else 0
    return Markup(
        '<svg class="share" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{:.2f}" height="1"/></svg>'
    ).format(max(wide, 0.5) if part else 0)


def level(count: int, most: int) -> int:
    """0 for nothing, 1 to 4 by quarters of the most."""
    return 0 if not count else 1 + min(3, 4 * (count - 1) // max(1, most))


def calendar(days: Sequence[Day], most: int, name: str, told: Iterable[str]) -> Markup:
    """Weeks as columns, weekdays as rows, Monday on top; `told` is what is said of each day."""
    monday = days[0].day.toordinal() - days[0].day.weekday()
    weeks = (days[-1].day.toordinal() - monday) // 7 + 1
    squares = Markup("").join(_square(day, monday, most, words) for day, words in zip(days, told, strict=True))
    svg = Markup('<svg class="calendar" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>')
    return svg.format(weeks * _SQUARE, 7 * _SQUARE + 12, name, _months(days, monday), squares)


def _square(day: Day, monday: int, most: int, words: str) -> Markup:
    week, weekday = divmod(day.day.toordinal() - monday, 7)
    return Markup(
        '<rect class="day {}" x="{}" y="{}" width="8.6" height="8.6" rx="1.6"><title>{}</title></rect>'
    ).format(_kind(day, most), week * _SQUARE, weekday * _SQUARE + 12, words)


def _months(days: Sequence[Day], monday: int) -> Markup:
    """The names of the months above their first weeks, where they have room."""
    found: list[Markup] = []
    free = -1
    for (year, month), of in groupby(days, key=lambda day: (day.day.year, day.day.month)):
        week = (next(of).day.toordinal() - monday) // 7
        if week >= free:
            label = f"{year}-{month:02}" if month == 1 or not found else f"{month:02}"
            found.append(Markup('<text x="{}" y="8">{}</text>').format(week * _SQUARE, label))
            free = week + (4 if len(label) > 2 else 2)
    return Markup("").join(found)


def strip(days: Sequence[Day], most: int, name: str) -> Markup:
    """Days in one row, those of the same kind that follow each other as one stroke."""
    strokes, place = [], 0
    for kind, of in groupby(days, key=lambda day: _kind(day, most)):
        length = len(list(of))
        strokes.append(Markup('<rect class="day {}" x="{}" y="0" width="{}" height="1"/>').format(kind, place, length))
        place += length
    svg = Markup('<svg class="strip" viewBox="0 0 {} 1" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>')
    return svg.format(len(days), name, Markup("").join(strokes))


def _kind(day: Day, most: int) -> str:
    return day.status if not day.read or day.status == "missing" else f"{day.status} l{level(day.read, most)}"
