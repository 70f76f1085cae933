"""`zjcrawl coverage`: what is held of each day's news, and whether anybody looked."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from zjcrawl import channels, coverage
from zjcrawl.archive import Archive
from zjcrawl.cli.common import (
    archive_folder,
    archive_option,
    console,
    csv_bytes,
    file_option,
    force_option,
    json_option,
    print_json_rows,
    write_file,
)
from zjcrawl.coverage import STATUSES, Day, Status
from zjcrawl.errors import InputError
from zjcrawl.filters import span

_CALENDARS = 6  # channels that get a calendar each; more of them are a line each
_WEEKS = 53
_SHADES = "░▒▓█"
_SIGNS: dict[Status, tuple[str, str]] = {
    "quiet": ("·", "dim"),
    "missing": ("!", "bold yellow"),
    "failed": ("#", "bold red"),
    "down": ("×", "red"),
    "before": (" ", ""),
}
_UNSURE = ("?", "blue")  # looked at, nothing found, and perhaps not seen whole


@click.command("coverage", short_help="What is held of each day's news, and whether anybody looked.")
@click.argument("slugs", nargs=-1, metavar="[CHANNEL]...")
@click.option(
    "--from", "from_", metavar="DATE", help="From 2019-07-24, 2019-07 or 2019 (default: 53 weeks before --to)."
)
@click.option("--to", metavar="DATE", help="To that day, or the whole of that month or year (default: today).")
@file_option("png", "Draw a picture into FILE.")
@file_option("svg", "Draw a picture into FILE whose text the viewer's fonts set.")
@file_option("csv", "Write a row for each channel and day into FILE; - is standard output.")
@force_option
@json_option
@archive_option
@click.pass_context
def coverage_command(
    context: click.Context,
    /,
    slugs: tuple[str, ...],
    from_: str | None,
    to: str | None,
    png: Path | None,
    svg: Path | None,
    csv: Path | None,
    force: bool,
    as_json: bool,
    archive: str | None,
) -> None:
    """Show for each CHANNEL (all that were ever looked at when none is named) and day how many articles were listed,
    fetched and read, and why the others are missing; and where nothing was listed, whether there was no news, or nobody
    who looked. A few channels are calendars, many are a line each.

    Example: zjcrawl coverage jx nhnews --from 2026-01 --csv jiaxing.csv
    """
    first, last = _days(from_, to)
    folder = archive_folder(context, archive)
    with Archive(folder) as held:
        days = coverage.coverage(held, _known(held, slugs), first, last)
        undated = coverage.undated(held, list(days))
    if not days:
        raise InputError("no channel was looked at yet: 'zjcrawl crawl' begins")
    names = {slug: channel.name for slug, channel in channels.load().channels.items()}
    every = (day for of in days.values() for day in of)
    if csv is not None:
        write_file(csv, csv_bytes(coverage.COLUMNS, map(coverage.cells, every)), force, folder)
    for file, kind in ((png, "png"), (svg, "svg")):
        if file is not None:
            _draw(days, names, kind, file, force, folder)
    if as_json:
        print_json_rows({"from": first.isoformat(), "to": last.isoformat(), "undated": undated}, "days", _json(days))
    elif csv is png is svg is None:
        _print(console(), days, names, undated)


def _days(from_: str | None, to: str | None) -> tuple[date, date]:
    last = span(to, "--to")[1] if to is not None else coverage.today()
    monday = last - timedelta(days=last.weekday())
    first = span(from_, "--from")[0] if from_ is not None else monday - timedelta(weeks=_WEEKS - 1)
    if first > last:
        raise InputError(f"--from {from_} is after --to {to or last}: exchange them")
    if first > coverage.today():
        raise InputError(f"--from {from_} is to come: nobody could look yet, name a day that was")
    return first, min(last, coverage.today())


def _known(held: Archive, slugs: Sequence[str]) -> list[str]:
    """The channels that were named, each once. Raises InputError for one that neither registry nor archive knows."""
    known = channels.load().channels
    for slug in slugs:
        if slug not in known and not held.value("SELECT 1 FROM frontier WHERE channel = ? LIMIT 1", (slug,)):
            raise InputError(f"unknown channel {slug!r}: 'zjcrawl channels' lists them")
    return list(dict.fromkeys(slugs))


def _draw(
    days: Mapping[str, Sequence[Day]], names: Mapping[str, str], kind: Any, file: Path, force: bool, archive: Path
) -> None:
    from zjcrawl import plots
    from zjcrawl.cli.timeline import NO_FONT

    write_file(file, plots.coverage(days, names, kind), force, archive)
    if kind == "png" and plots.font() is None:
        click.echo(NO_FONT, err=True)


def _json(days: Mapping[str, Sequence[Day]]) -> Iterator[dict[str, Any]]:
    return (day.as_json() for of in days.values() for day in of)


# -- on a terminal ---------------------------------------------------------------------------------------------------


def _print(out: Console, days: Mapping[str, list[Day]], names: Mapping[str, str], undated: Mapping[str, int]) -> None:
    most = max((day.read for of in days.values() for day in of), default=0)
    if len(days) <= _CALENDARS:
        for slug, of in days.items():
            out.print(Text(f"{slug} {names.get(slug, '')}", "bold"))
            out.print(_calendar(of, most, out.width), no_wrap=True)
            out.print(_summary(of, undated.get(slug, 0)), highlight=False)
            out.print()
    else:
        _table(out, days, names, most)
    out.print(_legend(most))


def _sign(day: Day, most: int) -> tuple[str, str]:
    """The character of a day and its style; shades are quarters of the most that was read of any day."""
    if day.status in _SIGNS:
        return _SIGNS[day.status]
    if not day.read:
        return _UNSURE if day.status == "partial" else _SIGNS["quiet"]
    shade = _SHADES[min(3, 4 * (day.read - 1) // max(1, most))]
    return shade, "green" if day.status == "complete" else "blue"


def _calendar(days: Sequence[Day], most: int, width: int) -> Text:
    """Weeks as columns, weekdays as lines, under the months; the newest weeks where not all fit."""
    monday = days[0].day - timedelta(days=days[0].day.weekday())
    weeks = (days[-1].day - monday).days // 7 + 1
    step = 2 if 4 + 2 * weeks <= width else 1
    shown = min(weeks, (width - 4) // step)
    begin = monday + timedelta(weeks=weeks - shown)
    by_day = {day.day: day for day in days}
    text = Text(_months([begin + timedelta(weeks=week) for week in range(shown)], step, 4, 6) + "\n", "dim")
    for weekday, name in enumerate(("Mon", "", "Wed", "", "Fri", "", "Sun")):
        text.append(f"{name:4}", "dim")
        for week in range(shown):
            day = by_day.get(begin + timedelta(weeks=week, days=weekday))
            sign, style = _sign(day, most) if day else (" ", "")
            text.append(sign, style).append(" " * (step - 1))
        text.append("\n" if weekday < 6 else "")
    if shown < weeks:
        text.append(f"\n    the last {shown} of {weeks} weeks; --csv and --json give all", "dim")
    return text


def _table(out: Console, days: Mapping[str, list[Day]], names: Mapping[str, str], most: int) -> None:
    """A line for each channel: its days, as many of the last as fit, and what is missing of all."""
    label = max(len(slug) for slug in days) + 1
    tail = 24
    length = len(next(iter(days.values())))
    shown = max(7, min(length, out.width - label - tail))
    first = next(iter(days.values()))[-shown:]
    out.print(
        Text(_months([day.day for day in first], 1, label, 31) + f"{'read':>7} {'missing':>8} {'down':>6}", "dim")
    )
    for slug, of in days.items():
        line = Text(f"{slug:{label}}")
        for day in of[-shown:]:
            line.append(*_sign(day, most))
        whole = coverage.total(of)
        down = sum(day.status in ("down", "failed") for day in of)
        missing = whole.missing.total()
        line.append(f"{whole.read:>7,}").append(f" {missing or '':>8}", "yellow").append(f" {down or '':>6}", "red")
        out.print(line, no_wrap=True, overflow="crop")
    note = (
        f"; the last {shown} of them are drawn, --from narrows them, --csv and --json give all"
        if shown < length
        else ""
    )
    out.print(
        f"counts are of {length} days{note}; 'zjcrawl coverage CHANNEL' says why something is missing", style="dim"
    )


def _months(days: Sequence[date], step: int, margin: int, room: int) -> str:
    """A line of month names over columns of days or weeks."""
    line = " " * margin
    for _, of in groupby(enumerate(days), key=lambda pair: (pair[1].year, pair[1].month)):
        (place, day), *more = of
        name = f"{day:%Y-%m}" if (1 + len(more)) * step >= 8 and (day.month == 1 or place == 0) else f"{day:%m}"
        if len(line) <= margin + place * step and (1 + len(more)) * step > len(name):
            line = line.ljust(margin + place * step) + name
    return line.ljust(margin + len(days) * step)


def _summary(days: Sequence[Day], undated: int) -> Text:
    whole = coverage.total(days)
    text = Text(f"    {whole.listed:,} listed, {whole.fetched:,} fetched, {whole.read:,} read")
    if whole.left_out:
        text.append(f", left out: {coverage.words(whole.left_out, ', ')}")
    if whole.missing:
        text.append(f", missing: {coverage.words(whole.missing, ', ')}", "yellow")
    if undated:
        text.append(f"; {undated:,} more have no day")
    statuses = Counter(day.status for day in days)
    held = ", ".join(f"{statuses[status]} {status}" for status in STATUSES if statuses[status])
    text.append(f"\n    {len(days)} days: {held}; lists read {whole.looks:,} times")
    if whole.failed_looks:
        text.append(f", not read: {coverage.words(whole.failed_looks, ', ')}", "red")
    for status, style in (("missing", "yellow"), ("failed", "red"), ("down", "red")):
        for line in _spans([day for day in days if day.status == status]):
            text.append(f"\n    {line}", style)
    return text


def _spans(days: Sequence[Day], most: int = 5) -> Iterator[str]:
    """Days of one status in words, those that follow each other as one span."""
    spans = [
        [day for _, day in of] for _, of in groupby(enumerate(days), key=lambda pair: pair[1].day.toordinal() - pair[0])
    ]
    for of in spans[:most]:
        when = f"{of[0].day}" if len(of) == 1 else f"{of[0].day} to {of[-1].day}"
        whole = coverage.total(of)
        why = {
            "missing": f"missing {coverage.words(whole.missing, ', ')}",
            "failed": f"lists could not be read: {coverage.words(whole.failed_looks, ', ')}",
            "down": STATUSES["down"],
        }[of[0].status]
        yield f"{when}: {why}"
    if len(spans) > most:
        yield f"… and {len(spans) - most} more; --csv has them"


def _legend(most: int) -> Text:
    text = Text("read ")
    quarters = [(-(-number * most // 4) + 1, -(-(number + 1) * most // 4)) for number in range(4)]
    for shade, (low, high) in zip(_SHADES, quarters, strict=True):
        if low <= high:
            text.append(shade, "green").append(f" {low} " if low == high else f" {low}–{high} ")
    text.append("(blue: perhaps not all) ", "blue")
    for sign, style, words in (
        (*_SIGNS["quiet"], "no news"),
        (*_UNSURE, "looked, perhaps too early"),
        (*_SIGNS["missing"], "some are missing"),
        (*_SIGNS["failed"], "lists not read"),
        (*_SIGNS["down"], "nobody looked"),
    ):
        text.append(f" {sign}", style).append(f" {words} ")
    return text
