"""The scale model in a process of its own, every page made once and then kept: `python -m benchmarks.serving ARTICLES`.

Making a page costs more than reading one, and would be what is measured. The address is printed when it can be asked.
"""

import sys
import threading
from collections.abc import Mapping

from zjcrawl.model import Portal, Response, serve

SEED = 7


class Kept(Portal):
    """A portal that remembers what it has answered."""

    def __init__(self, articles: int) -> None:
        super().__init__(SEED, articles)
        self._kept: dict[tuple[str, str], Response] = {}

    def respond(self, url: str, headers: Mapping[str, str] | None = None, look: int = 0) -> Response:
        accepted = (headers or {}).get("accept-encoding", "")
        if (url, accepted) not in self._kept:
            self._kept[url, accepted] = super().respond(url, headers, look)
        return self._kept[url, accepted]


if __name__ == "__main__":
    with serve(Kept(int(sys.argv[1]))) as proxy:
        print(proxy.url, flush=True)
        threading.Event().wait()
