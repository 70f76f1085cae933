"""Large pages wait for room, small ones never."""

import asyncio
from collections.abc import Iterable

from zjcrawl.desk import LARGE, ROOM, Desk


async def taken(desk: Desk, pages: Iterable[tuple[str, int]]) -> tuple[dict[str, "asyncio.Task[None]"], list[str]]:
    """The pages' turns, and which of them had room at once."""
    turns = {url: asyncio.ensure_future(desk.take(url, size)) for url, size in pages}
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return turns, [url for url, turn in turns.items() if turn.done()]


def test_large_pages_wait_for_room_and_small_ones_never() -> None:
    async def play() -> None:
        desk = Desk()
        sizes = [("a", ROOM // 2), ("b", ROOM // 2), ("c", ROOM // 2), ("small", LARGE - 1), ("d", LARGE)]
        turns, at_once = await taken(desk, sizes)
        assert at_once == ["a", "b", "small"]
        desk.leave("small")
        desk.leave("never known")
        await asyncio.sleep(0)
        assert not turns["c"].done()
        desk.leave("a")
        await asyncio.wait_for(turns["c"], 1)
        desk.leave("b")
        await asyncio.wait_for(turns["d"], 1)

    asyncio.run(play())


def test_a_page_larger_than_all_room_is_read_alone_and_nobody_waits_at_the_end() -> None:
    async def play() -> None:
        desk = Desk()
        turns, at_once = await taken(desk, [("huge", 2 * ROOM), ("a", LARGE), ("b", LARGE)])
        assert at_once == ["huge"]
        desk.close()
        await asyncio.wait_for(asyncio.gather(*turns.values()), 1)

    asyncio.run(play())


def test_an_address_that_forwards_with_a_large_page_does_not_wait_for_itself() -> None:
    async def play() -> None:
        desk = Desk()
        for size in (ROOM, ROOM, LARGE - 1):
            await asyncio.wait_for(desk.take("a", size), 1)
        await asyncio.wait_for(desk.take("b", ROOM), 1)

    asyncio.run(play())
