"""What a run amounts to: the exit code and the sentences, from how its addresses ended."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from tests.crawling import registry
from zjcrawl.archive import ArchiveWriter
from zjcrawl.crawl import Waiting, judge
from zjcrawl.errors import StorageError
from zjcrawl.run import Ended, Manners, Order, Run


def run(**state: Any) -> Run:
    """A run of two channels that asks an archive for nothing but its number."""
    known = registry("jx", "nhnews")
    archive = cast(ArchiveWriter, type("Held", (), {"run_id": 7})())
    made = Run(Order(tuple(known.channels.values()), limit=state.pop("limit", None)), known, archive, Manners())
    for name, value in state.items():
        setattr(made, name, value)
    return made


def ended(kind: str, channel: str, outcome: str, state: str = "done") -> Ended:
    return Ended(kind, channel, f"{channel}.zjol.com.cn", outcome, state, 1)


READ = [ended("listing", "jx", "listed"), ended("listing", "nhnews", "listed")]
BARRED = ended("listing", "nhnews", "robots", "pending")


@pytest.mark.parametrize(
    ("addresses", "code"),
    [
        (READ, 0),
        ([*READ, ended("article", "jx", "new"), ended("article", "jx", "gone"), ended("article", "jx", "stub")], 0),
        ([*READ, ended("article", "jx", "offsite"), ended("article", "jx", "out_of_range")], 0),
        ([*READ, ended("article", "jx", "robots", "excluded")], 0),
        ([*READ, *(ended("listing", "jx", outcome) for outcome in ("no_leads",))], 0),  # the end of a long list
        *(
            ([*READ, ended("article", "jx", outcome, "failed")], 3)
            for outcome in ("incomplete", "http_error", "unreachable", "redirect_loop", "too_large", "unreadable")
        ),
        ([*READ, ended("listing", "jx", "gone")], 3),
        (READ[:1], 3),
        ([READ[0], ended("listing", "nhnews", "no_leads")], 3),
        ([READ[0], ended("listing", "nhnews", "robots", "excluded")], 3),
        ([READ[0], BARRED], 75),
        ([*READ, ended("article", "jx", "robots", "pending")], 75),
        ([READ[0], BARRED, ended("article", "jx", "unreachable", "pending")], 3),
        ([*READ, BARRED, ended("listing", "jx", "robots", "excluded")], 3),
        ([*READ, BARRED, ended("listing", "jx", "offsite", "excluded")], 3),
        ([*READ, BARRED, ended("article", "jx", "resting", "pending")], 3),
        ([BARRED], 3),
        ([], 3),
    ],
)  # fmt: skip
def test_exit_code(addresses: list[Ended], code: int) -> None:
    summary = judge(run(), addresses)
    assert summary.exit_code == code
    assert bool(summary.problems) == bool(code)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"stopped": True}, 3),
        ({"cut_short": {"jx"}}, 3),
        ({"crashed": True}, 1),
        ({"fault": StorageError("the disk is full")}, 74),
    ],
)
def test_exit_code_of_a_run_that_did_not_end_as_usual(state: dict[str, Any], code: int) -> None:
    for addresses in (READ, [*READ, BARRED]):
        assert judge(run(**state), addresses).exit_code == code


def test_who_waits_is_told_with_the_time() -> None:
    later = datetime.now(UTC) + timedelta(minutes=10)
    ready = judge(run(), READ, [Waiting("jx", 3, later), Waiting("nhnews", 2)])
    assert (ready.exit_code, ready.problems) == (3, ["5 articles still wait: the next run asks for them"])
    assert ready.stats["waiting"] == 5
    assert {slug: of["waiting"] for slug, of in ready.stats["channels"].items()} == {"jx": 3, "nhnews": 2}
    assert judge(run(), READ, [Waiting("jx", 1, later)]).problems == [
        f"1 article still waits: a run from {later.astimezone():%Y-%m-%d %H:%M:%S} on asks for them"
    ]
    assert judge(run(), READ, [Waiting("jx", 1, datetime.now(UTC) - timedelta(seconds=1))]).problems == [
        "1 article still waits: the next run asks for them"
    ]
    assert judge(run(limit=10), READ, [Waiting("jx", 5)]).exit_code == 0


def test_sentences_name_what_is_missing() -> None:
    addresses = [READ[0], ended("listing", "jx", "http_error"), BARRED, ended("article", "jx", "unreachable")]
    assert judge(run(), addresses).problems == [
        "channel jx: list pages are missing (1 http_error)",
        "channel nhnews: no list page could be read (1 robots)",
        "articles that could not be had or read whole: 1 (1 unreachable)",
        "nhnews.zjol.com.cn: its robots.txt cannot be had, which means that nothing may be asked for: try later",
    ]
