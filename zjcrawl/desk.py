"""How many large pages are read and stored at once: what a page is made of takes many times its bytes. Knows no Scrapy."""

import asyncio

LARGE = 256 * 1024  # bytes of a page unpacked, from which on it waits for room; of real pages hardly one
ROOM = 2 * 1024 * 1024  # bytes of large pages in hand: one of the longest that are read; a single one always has room


class Desk:
    """Lets large pages in hand as there is room for them, whichever way they ended before. Small ones never wait."""

    def __init__(self) -> None:
        self._held: dict[str, int] = {}
        self._changed = asyncio.Event()
        self._closed = False

    async def take(self, url: str, size: int) -> None:
        """Returns when a page of so many bytes may be read. What the same address had before, as a redirect, is let go."""
        self.leave(url)
        while size >= LARGE and self._held and sum(self._held.values()) + size > ROOM and not self._closed:
            self._changed.clear()
            await self._changed.wait()
        if size >= LARGE:
            self._held[url] = size

    def leave(self, url: str) -> None:
        """A page is done with; one that was not large may say so, too."""
        if self._held.pop(url, None) is not None:
            self._changed.set()

    def close(self) -> None:
        """Nobody waits any more: the run is ending."""
        self._closed = True
        self._changed.set()
