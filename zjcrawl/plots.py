"""Pictures: mentions over time with their denominator, and coverage as a calendar. Drawn by matplotlib, imported late.

A picture is bytes: the same numbers give the same ones. Chinese needs a font that has it; `font()` says which one is
taken. In an SVG the text stays text, so that the viewer's fonts set it.
"""

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from zjcrawl.coverage import STATUSES, Day
from zjcrawl.errors import InputError
from zjcrawl.stats import Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Format = Literal["png", "svg"]
FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans CJK JP", "Microsoft YaHei",
    "PingFang SC", "Hiragino Sans GB", "Heiti SC", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Arial Unicode MS",
    "Droid Sans Fallback",
)  # fmt: skip
_BLUE, _GREY, _DOT = "#2b6cb0", "#a0aec0", "#2d3748"
_COLOURS = {"missing": "#dd6b20", "quiet": "#e2e8f0", "failed": "#e53e3e", "down": "#742a2a", "before": "#ffffff"}
_READ = ("#c6f6d5", "#68d391", "#2f855a", "#22543d")  # by how many articles, in quarters of the most
_CALENDARS = 6  # channels that get a calendar each; more of them are rows of one table
_MOST_LABELS = 12
_THIN = 400  # bars that are narrower than a point


def timeline(line: Timeline, title: str, kind: Format) -> bytes:
    """Mentions per 1,000 archived articles above, archived and mentioning articles below. Raises InputError without
    matplotlib."""
    with _drawing(), _figure(10, 5.5) as figure:
        share, count = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        places = range(len(line.cells))
        of_bars: dict[str, Any] = {
            "width": 0.9,
            "linewidth": 1 if len(line.cells) > _THIN else 0,
        }  # none too thin to see
        blue, grey = ({"color": colour, "edgecolor": colour} | of_bars for colour in (_BLUE, _GREY))
        share.bar(places, [cell.per_1000 or 0 for cell in line.cells], **blue)
        share.set_ylabel("per 1,000 archived articles")
        share.set_title(title, loc="left")
        count.bar(places, [cell.articles for cell in line.cells], **grey, label="archived")
        count.bar(places, [cell.mentioning for cell in line.cells], **blue, label="mentioning")
        count.set_ylabel("articles")
        for axes in (share, count):
            _mark_empty(axes, line, "nothing archived" if axes is count else None)
            axes.spines[["top", "right"]].set_visible(False)
            axes.set_ylim(bottom=0)
            axes.margins(x=0.01)
        count.yaxis.get_major_locator().set_params(integer=True)
        if not line.total.mentioning:
            share.set_ylim(0, 1)
            share.set_yticks([0])  # no mention: there is nothing to be measured
        figure.legend(loc="outside lower center", frameon=False, ncols=3)
        ticks = _ticks([cell.cell for cell in line.cells])
        count.set_xticks([*ticks], [*ticks.values()])
        return _saved(figure, kind)


def _ticks(cells: Sequence[str]) -> dict[int, str]:
    """The cells that get a label, by their place: all of them if they are few, or else where a year begins, or a month."""
    if len(cells) <= _MOST_LABELS:
        return dict(enumerate(cells))
    for length in (7, 4):  # of 2019-07, of 2019
        starts = {
            place: cell[:length]
            for place, cell in enumerate(cells)
            if place and cell[:length] != cells[place - 1][:length]
        }
        if 2 <= len(starts) <= _MOST_LABELS:
            return starts
    starts = starts if len(starts) > _MOST_LABELS else dict(enumerate(cells))
    return dict([*starts.items()][:: -(-len(starts) // _MOST_LABELS)])


def coverage(days: Mapping[str, Sequence[Day]], names: Mapping[str, str], kind: Format) -> bytes:
    """A calendar for each of a few channels, or a row of days for each of many. Raises InputError without matplotlib."""
    days = _looked_at(days)
    most = max((day.read for of in days.values() for day in of), default=0)
    few = len(days) <= _CALENDARS
    length = max(len(of) for of in days.values())
    wide = 12 if not few else max(6.0, min(16.0, 2 + length / 7 * 0.22))
    with _drawing(), _figure(wide, 1 + (1.7 if few else 0.22) * len(days)) as figure:
        if few:
            for axes, (slug, of) in zip(figure.subplots(len(days), 1, squeeze=False).flat, days.items(), strict=True):
                _calendar(axes, of, most)
                axes.set_title(f"{slug} {names.get(slug, '')}", loc="left", fontsize=10)
        else:
            _table(figure.subplots(), days, names, most)
        _legend(figure, most)
        return _saved(figure, kind)


def _looked_at(days: Mapping[str, Sequence[Day]]) -> Mapping[str, Sequence[Day]]:
    """Without the weeks before anybody looked at any of the channels."""
    before = min(next((at for at, day in enumerate(of) if day.status != "before"), len(of) - 1) for of in days.values())
    first = max(0, before - 7)
    return {slug: of[first:] for slug, of in days.items()}


@cache
def font() -> str | None:
    """The font that sets Chinese in a PNG: the first of FONTS that this machine has, or None."""
    manager = _matplotlib("font_manager")
    if (found := _known(manager)) is None:
        seen = {entry.fname for entry in manager.fontManager.ttflist}
        for path in manager.findSystemFonts():  # matplotlib's list may be older than a font
            if path not in seen and any(name in path for name in ("CJK", "Han", "wqy", "hei", "YaHei", "PingFang")):
                manager.fontManager.addfont(path)
        found = _known(manager)
    return found


def _known(manager: Any) -> str | None:
    known = {entry.name for entry in manager.fontManager.ttflist}
    return next((name for name in FONTS if name in known), None)


def _matplotlib(module: str) -> Any:
    """A module of matplotlib. Raises InputError where it is not installed."""
    from importlib import import_module

    try:
        return import_module(f"matplotlib.{module}")
    except ImportError as error:
        raise InputError(
            "pictures need matplotlib: install it with pip install 'zjcrawl[plots]', or ask for --csv"
        ) from error


@contextmanager
def _drawing() -> Iterator[None]:
    style: dict[Any, Any] = {
        "font.family": [*([name] if (name := font()) else []), "DejaVu Sans"],
        "svg.fonttype": "none",
        "svg.hashsalt": "zjcrawl",
        "text.parse_math": False,  # a dollar sign in a query is one
    }
    import matplotlib

    with matplotlib.rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # said once, in words, by the command line
        yield


@contextmanager
def _figure(width: float, height: float) -> Iterator["Figure"]:
    yield _matplotlib("figure").Figure(figsize=(width, height), layout="constrained")


def _saved(figure: "Figure", kind: Format) -> bytes:
    out = io.BytesIO()
    unnamed: dict[str, Any] = {"Date": None} if kind == "svg" else {"Software": None}
    figure.savefig(out, format=kind, dpi=150, metadata=unnamed)
    return out.getvalue()


def _mark_empty(axes: "Axes", line: Timeline, label: str | None) -> None:
    """Hatches the cells in which nothing is archived: no mention there means nothing."""
    empty = [place for place, cell in enumerate(line.cells) if not cell.articles]
    style: dict[str, Any] = {"facecolor": "#f7fafc", "edgecolor": "#cbd5e0", "hatch": "///", "linewidth": 0}
    for place in empty:
        axes.axvspan(place - 0.5, place + 0.5, label=label, **style)
        label = None  # once in the legend


def _colour(day: Day, most: int) -> str:
    if day.status in _COLOURS:
        return _COLOURS[day.status]
    if not day.read:
        return _COLOURS["quiet"]
    return _READ[min(3, 4 * (day.read - 1) // max(1, most))]


def _calendar(axes: "Axes", days: Sequence[Day], most: int) -> None:
    """Weeks as columns, weekdays as rows, Monday on top."""
    monday = days[0].day.toordinal() - days[0].day.weekday()
    places = [divmod(day.day.toordinal() - monday, 7) for day in days]
    _squares(axes, {(weekday, week): day for (week, weekday), day in zip(places, days, strict=True)}, most)
    firsts = [day for day in days if day.day.day == 1]
    axes.set_xticks([(day.day.toordinal() - monday) // 7 for day in firsts], _months([day.day for day in firsts]))
    axes.set_yticks([0, 2, 4, 6], ["Mon", "Wed", "Fri", "Sun"])
    axes.set_aspect("equal")


def _table(axes: "Axes", days: Mapping[str, Sequence[Day]], names: Mapping[str, str], most: int) -> None:
    """Days as columns, channels as rows."""
    _squares(axes, {(row, at): day for row, of in enumerate(days.values()) for at, day in enumerate(of)}, most)
    firsts = [(at, day.day) for at, day in enumerate(next(iter(days.values()))) if day.day.day == 1]
    axes.set_xticks([at for at, _ in firsts], _months([day for _, day in firsts]))
    axes.set_yticks(range(len(days)), [f"{slug} {names.get(slug, '')}" for slug in days], fontsize=7)
    axes.set_aspect("auto")


def _squares(axes: "Axes", days: Mapping[tuple[int, int], Day], most: int) -> None:
    """Days by row and column as one picture; a dot on those that are perhaps not known whole."""
    rows, columns = (max(place[side] for place in days) + 1 for side in (0, 1))
    colours = _matplotlib("colors").to_rgb
    picture = [[colours("white")] * columns for _ in range(rows)]
    for (row, column), day in days.items():
        picture[row][column] = colours(_colour(day, most))
    axes.imshow(picture, interpolation="nearest")
    dots = [place for place, day in days.items() if day.status == "partial"]
    axes.scatter([column for _, column in dots], [row for row, _ in dots], s=2, c=_DOT, linewidths=0)
    _frame(axes, columns, rows)


def _frame(axes: "Axes", columns: int, rows: int) -> None:
    axes.set_xticks([at - 0.5 for at in range(columns + 1)], minor=True)
    axes.set_yticks([at - 0.5 for at in range(rows + 1)], minor=True)
    axes.grid(which="minor", color="white", linewidth=1 if rows <= 7 else 0.3)
    axes.tick_params(which="both", length=0, labelsize=7)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _months(firsts: Sequence[date]) -> list[str]:
    """Labels of months, with the year where one begins and at the first."""
    return [f"{day:%Y-%m}" if day.month == 1 or not at else f"{day:%m}" for at, day in enumerate(firsts)]


def _legend(figure: "Figure", most: int) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    quarters = [(-(-number * most // 4) + 1, -(-(number + 1) * most // 4)) for number in range(4)]
    steps = [
        Patch(color=_READ[number], label=f"{low} read" if low == high else f"{low}–{high} read")
        for number, (low, high) in enumerate(quarters)
        if low <= high
    ]
    told = {
        "quiet": "no news",
        "missing": "some are missing",
        "failed": "lists could not be read",
        "down": "nobody looked",
    }
    assert set(told) < set(STATUSES)
    others = [Patch(color=_COLOURS[status], label=words) for status, words in told.items()]
    dot = Line2D([], [], color=_DOT, marker=".", linestyle="", markersize=4, label="perhaps not all")
    figure.legend(handles=[*steps, *others, dot], loc="outside lower center", ncols=5, frameon=False, fontsize=7)
