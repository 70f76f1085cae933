"""What a person sees of a run when it has ended."""

from typing import Any

import pytest
from rich.console import Console

from zjcrawl.crawl import Summary
from zjcrawl.progress import plural, show, table


def stats(**channels: dict[str, Any]) -> dict[str, Any]:
    articles: dict[str, int] = {}
    for of in channels.values():
        for outcome, count in of["articles"].items():
            articles[outcome] = articles.get(outcome, 0) + count
    return {
        "run": 7,
        "channels": channels,
        "listings": {"listed": len(channels)},
        "articles": articles,
        "waiting": sum(of["waiting"] for of in channels.values()),
        "requests": 1,
        "seconds": 0.3,
    }


def channel(waiting: int = 0, **articles: int) -> dict[str, Any]:
    return {"listings": {"listed": 1}, "articles": articles, "waiting": waiting}


def rows(of: dict[str, Any]) -> list[list[str]]:
    shown = table(of)
    cells = [list(column.cells) for column in shown.columns]
    return [[str(column.header) for column in shown.columns], *map(list, zip(*cells, strict=True))]


def test_who_waits_stands_in_the_table_and_is_not_without_news() -> None:
    assert rows(stats(jx=channel(4, new=3), nhnews=channel(9), wz=channel())) == [
        ["channel", "list pages", "new", "waiting"],
        ["jx", "1 listed", "3", "4"],
        ["nhnews", "1 listed", "", "9"],
        ["1 without news", "1 listed", "", ""],
        ["all", "3 listed", "3", "13"],
    ]


def test_where_nothing_waits_nothing_is_said_of_it() -> None:
    assert rows(stats(jx=channel(new=3))) == [["channel", "list pages", "new"], ["jx", "1 listed", "3"]]


def test_the_headline_is_no_part_of_a_narrow_table(capsys: pytest.CaptureFixture[str]) -> None:
    show(Summary(0, [], stats(jx=channel())))
    assert capsys.readouterr().out.startswith("Run 7: 1 request in 0.3 s\n")


def test_plurals() -> None:
    assert [plural(count, "request") for count in (0, 1, 2000)] == ["0 requests", "1 request", "2,000 requests"]


def test_a_table_of_a_run_fits_a_terminal() -> None:
    console = Console(width=80, force_terminal=True, no_color=True)
    with console.capture() as captured:
        console.print(table(stats(jx=channel(4, new=3), nhnews=channel(9))))
    assert "waiting" in captured.get()
