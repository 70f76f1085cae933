"""The frontier: what comes next, what waits, what is known, what is none of ours."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from tests.archiving import LIST, SHANGHAI, THEN, URL, article, capture, instructions, look, run, sound, writing
from zjcrawl.archive import Archive, Claim, Transaction
from zjcrawl.models import Lead, Listing

JX, NH = "jx.zjol.com.cn", "nhnews.zjol.com.cn"


def page(day: int, host: str = JX) -> str:
    return f"http://{host}/202304/t202304{day:02}_{day}.shtml"


def listing(*urls: str, days: Sequence[int] = ()) -> Listing:
    dates = [datetime(2023, 4, day, tzinfo=SHANGHAI) for day in days] or [None] * len(urls)
    return Listing(tuple(Lead(url, "虚构", None, at) for url, at in zip(urls, dates, strict=True)), None, "listUl")


def claimed(t: Transaction, **changes: Any) -> list[str]:
    options = {"channels": [], "per_host": {JX: 99, NH: 99}} | changes
    return [claim.url for claim in t.claim(**options)]


def test_listings_come_first_then_articles_newest_first(tmp_path: Path) -> None:
    def work(t: Transaction) -> list[str]:
        t.record_listing("jx", LIST, listing(page(3), page(5), "http://jx.zjol.com.cn/undated.shtml", page(4)))
        t.seed("jx", [LIST])
        return claimed(t)

    assert run(tmp_path, work) == [[LIST, page(5), page(4), page(3), "http://jx.zjol.com.cn/undated.shtml"]]
    sound(tmp_path)


def test_a_claim_says_what_is_known_of_it(tmp_path: Path) -> None:
    def work(t: Transaction) -> list[Claim]:
        t.record_listing("jx", LIST, listing(page(3), days=[3]))
        return t.claim(["jx"], per_host={JX: 1})

    ((claim,),) = run(tmp_path, work)
    assert (claim.url, claim.kind, claim.channel, claim.host, claim.tries) == (page(3), "article", "jx", JX, 0)
    assert (claim.is_known, claim.article_id, claim.etag, claim.last_modified) == (False, None, None, None)
    assert claim.since is not None


def test_known_articles_are_due_when_their_time_has_come_the_longest_overdue_first(tmp_path: Path) -> None:
    def at(minutes: int) -> datetime:
        return THEN + timedelta(minutes=minutes)

    def known(t: Transaction) -> None:
        for day, minutes in ((3, 40), (4, 10), (5, 90)):
            t.store(article(page(day)), [t.keep(capture(page(day)))], page(day), next_check_at=at(minutes))
        t.finish(page(3), "same", retry_at=at(30))

    def due(t: Transaction) -> list[Claim]:
        nowhere = t.due(["jx"], per_host={"wz.zjol.com.cn": 9}, before=at(60), limit=9)
        none = t.due(["wz"], per_host={JX: 9}, before=at(60), limit=9)
        one = t.due(["jx"], per_host={JX: 1}, before=at(60), limit=9)
        rest = t.due([], per_host={JX: 9}, before=at(60), limit=9)
        return [*nowhere, *none, *one, *rest]

    claims = run(tmp_path, known, due)[1]
    assert [claim.url for claim in claims] == [page(4), page(3)]
    assert claims[0].is_known
    assert claims[0].etag == '"a1"'
    assert claims[0].since is not None
    assert claims[0].since.year == 2019  # when it was published
    with Archive(tmp_path) as archive:  # what a run had in hand when it ended is asked for by the next
        assert archive.value("SELECT count(*) FROM frontier WHERE state = 'pending' AND article_id IS NOT NULL") == 2


def test_what_the_server_said_of_one_page_tells_nothing_of_an_article_of_two(tmp_path: Path) -> None:
    def two(t: Transaction) -> list[Claim]:
        ids = [t.keep(capture(page(3))), t.keep(capture(page(3).replace(".shtml", "_01.shtml")))]
        t.store(article(page(3)), ids, page(3), next_check_at=THEN)
        return t.due(["jx"], per_host={JX: 9}, before=THEN, limit=9)

    ((claim,),) = run(tmp_path, two)
    assert (claim.url, claim.etag) == (page(3), None)


def test_no_host_gets_more_than_its_room_and_none_that_is_not_named(tmp_path: Path) -> None:
    def work(t: Transaction) -> list[list[str]]:
        for channel in ("jx", "nhnews", "topic"):
            urls = [f"http://{host}/{channel}/t202304{day:02}_{day}.shtml" for host in (JX, NH) for day in (1, 2, 3)]
            t.record_listing(channel, LIST, listing(*urls))
        return [
            claimed(t, per_host={JX: 2}),
            claimed(t, per_host={JX: 0, NH: 3}, limit=2),
            claimed(t, channels=["topic"], per_host={NH: 9}, kinds=["article"]),
            claimed(t, channels=["unknown"]),
            claimed(t, kinds=["listing"]),
            claimed(t, per_host={}),
        ]

    first, second, third, *none = run(tmp_path, work)[0]
    assert [url.split("/")[2] for url in first] == [JX, JX]
    assert len(second) == 2
    assert all("topic" in url for url in third)
    assert len(third) + sum("topic" in url for url in second) == 3
    assert none == [[], [], []]


def test_what_is_claimed_is_not_handed_out_again(tmp_path: Path) -> None:
    def work(t: Transaction) -> list[list[str]]:
        t.seed("jx", [LIST])
        return [claimed(t), claimed(t)]

    assert run(tmp_path, work) == [[[LIST], []]]


def test_leads_are_new_then_waiting_then_known(tmp_path: Path) -> None:
    def work(t: Transaction) -> list[list[str]]:
        found = [t.record_listing("jx", LIST, listing(URL, page(1), URL)), t.record_listing("jx", LIST, listing(URL))]
        look(t, article())
        t.claim([], per_host={JX: 1})
        return [*found, t.record_listing("jx", LIST, listing(URL, page(1)))]

    assert run(tmp_path, work) == [[["new", "new", "waiting"], ["waiting"], ["known", "waiting"]]]


def test_an_article_known_by_its_final_address_is_not_fetched_again(tmp_path: Path) -> None:
    def work(t: Transaction) -> tuple[list[str], list[str]]:
        look(t, article(), url="http://jx.zjol.com.cn/stub.shtml")
        return t.record_listing("jx", LIST, listing(URL)), claimed(t)

    assert run(tmp_path, work) == [(["known"], [])]
    with Archive(tmp_path) as archive:
        assert archive.value("SELECT outcome FROM frontier WHERE url = ?", [URL]) == "duplicate"


def test_dates_bound_by_listing_or_address_and_wider_bounds_put_up_later(tmp_path: Path) -> None:
    urls = (page(1), page(2), page(9), "http://jx.zjol.com.cn/undated.shtml")
    bounds = {"since": date(2023, 4, 2), "until": date(2023, 4, 8)}

    def work(t: Transaction) -> tuple[list[str], list[str], list[str]]:
        found = t.record_listing("jx", LIST, listing(*urls), **bounds)
        printed = t.record_listing(
            "jx", LIST, listing(page(20), days=[5]), **bounds
        )  # what is printed outdoes the address
        return (
            found,
            printed,
            t.record_listing("jx", LIST, listing(*urls[:3]), since=date(2023, 4, 1), until=bounds["until"]),
        )

    assert run(tmp_path, work) == [
        (["excluded", "new", "excluded", "new"], ["new"], ["new", "waiting", "excluded"]),
    ]
    with Archive(tmp_path) as archive:
        assert archive.value("SELECT outcome FROM frontier WHERE url = ?", [page(9)]) == "out_of_range"


def test_leads_to_other_hosts_are_kept_but_not_followed(tmp_path: Path) -> None:
    def work(t: Transaction) -> tuple[list[str], list[str]]:
        found = t.record_listing("jx", LIST, listing(page(1), "http://elsewhere.example/a"), hosts={JX})
        return found, claimed(t, per_host={JX: 9, "elsewhere.example": 9})

    assert run(tmp_path, work) == [(["new", "excluded"], [page(1)])]
    with Archive(tmp_path) as archive:
        assert archive.counts()["leads"] == 2


def test_a_lead_seen_again_keeps_when_it_was_first_seen(tmp_path: Path) -> None:
    run(tmp_path, lambda t: t.record_listing("jx", LIST, listing(URL, days=[5])))
    run(tmp_path, lambda t: t.record_listing("jx", LIST + "index_1.shtml", listing(URL)))
    with Archive(tmp_path) as archive:
        ((found_in, listed_at, first, last),) = archive.rows(
            "SELECT found_in, listed_at, first_seen_at, last_seen_at FROM leads"
        )
    assert (found_in, listed_at) == (LIST, "2023-04-05T00:00:00+08:00")
    assert first < last


def test_a_retry_waits_for_its_time(tmp_path: Path) -> None:
    def work(t: Transaction) -> list[Any]:
        t.discover(URL, "article", "jx", LIST)
        later, earlier = datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC) - timedelta(hours=1)
        t.finish(URL, "unreachable", state="pending", retry_at=later)
        waiting = claimed(t)
        t.finish(URL, "http_error", state="pending", retry_at=earlier)
        (claim,) = t.claim([], per_host={JX: 1})
        return [waiting, claim.tries]

    assert run(tmp_path, work) == [[[], 2]]


def test_list_pages_are_read_again_by_each_run_and_articles_are_not(tmp_path: Path) -> None:
    second_page = LIST + "index_1.shtml"

    def work(t: Transaction) -> list[Any]:
        t.seed("jx", [LIST])
        found = [t.discover(second_page, "listing", "jx", LIST), t.discover(URL, "article", "jx", LIST)]
        order = claimed(t)
        for url in order:
            t.finish(url, "listed" if url != URL else "gone")
        return [found, order, t.discover(second_page, "listing", "jx", LIST)]

    assert run(tmp_path, work) == [[[True, True], [LIST, second_page, URL], False]]
    assert run(tmp_path, work) == [[[True, False], [LIST, second_page], False]]


def test_what_a_killed_run_had_in_hand_is_freed(tmp_path: Path) -> None:
    def take(t: Transaction) -> list[str]:
        t.seed("jx", [LIST])
        return claimed(t)

    run(tmp_path, take)
    with Archive(tmp_path) as archive:
        assert [tuple(row) for row in archive.rows("SELECT state, outcome FROM frontier")] == [
            ("pending", "interrupted")
        ]
    assert run(tmp_path, claimed) == [[LIST]]


def test_ending_an_address_that_was_never_found_is_a_mistake(tmp_path: Path) -> None:
    with writing(tmp_path) as writer:
        assert isinstance(writer.submit(lambda t: t.finish(URL, "gone")).exception(), LookupError)


def test_claiming_looks_at_groups_of_addresses_not_at_each(tmp_path: Path) -> None:
    """Ten times the addresses must not take ten times as long: counted in steps of SQLite, not in seconds."""

    def fill(t: Transaction, many: int) -> None:
        rows = [(f"http://{JX}/{n}", "pending" if n % 5 else "done", f"20{n % 20:02}") for n in range(many)]
        t.connection.executemany(
            "INSERT INTO frontier (url, kind, channel, host, state, discovered_at, dated) "
            f"VALUES (?, 'article', 'jx', '{JX}', ?, '2026-11-24T03:00:00.000Z', ?)",
            rows,
        )

    def steps(t: Transaction) -> int:
        return instructions(t.connection, lambda: claimed(t, per_host={JX: 4}))

    few, many = (
        run(tmp_path / str(number), lambda t, number=number: fill(t, number), steps)[1] for number in (1_000, 20_000)
    )
    assert many < few * 1.5


@pytest.mark.parametrize("many", [25])
def test_a_listing_is_recorded_in_one_go(tmp_path: Path, many: int) -> None:
    started = perf_counter()
    urls = [f"http://jx.zjol.com.cn/202304/t20230401_{number}.shtml" for number in range(many)]
    assert run(tmp_path, lambda t: t.record_listing("jx", LIST, listing(*urls))) == [["new"] * many]
    assert perf_counter() - started < 10
