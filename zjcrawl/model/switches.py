"""What can be made to happen to the miniature portal: a history of edits and deletions, and faults."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal, get_args
from urllib.parse import urlsplit

Fault = Literal[
    "429",  # the first request of an address is refused with Retry-After: 1
    "503",  # the first request of an address is refused
    "dead",  # every request is answered 503
    "hang",  # no answer ever comes
    "truncate",  # Content-Length promises more than is sent
    "header-charset",  # the Content-Type header names the wrong encoding
    "meta-charset",  # the meta element names the wrong encoding
    "redirect-loop",
    "home",  # redirected to the front page, as many sites hide what is gone
    "soft-404",  # 200 with an error page
    "robots-refuse",
    "robots-503",
    "calendar",  # the last list page leads into an endless calendar
    "retry-after",  # every request is refused with Retry-After: 7200
    "drip",  # a byte now and then, for ever
    "endless",  # a body without end
    "header-flood",  # header lines without end
    "gzip-bomb",  # 200 kB that unpack to 200 MB
    "brotli",  # coded as nobody asked for
    "many-links",  # a list page of 10,000 articles that do not exist
]
FAULTS: tuple[Fault, ...] = get_args(Fault)


@dataclass(frozen=True, slots=True)
class Switches:
    """The history of articles by number and clock step, and which addresses or whole hosts have which fault."""

    edits: Mapping[int, Sequence[int]] = field(default_factory=dict)  # number → steps at which its wording changes
    deletions: Mapping[int, int] = field(default_factory=dict)  # number → step from which it is 404 (odd: 410)
    restorations: Mapping[int, int] = field(default_factory=dict)  # number → step from which it is back
    fresh: int = 0  # so many of the newest articles appear at step 1
    cosmetic: bool = False  # counters, advertisements and side columns differ at every request
    gzip: bool = True
    validators: bool = True  # ETag or Last-Modified, and 304
    faults: Mapping[Fault, Set[str]] = field(default_factory=dict)  # fault → addresses and host names

    def revision(self, number: int, clock: int) -> int:
        """How often the article was edited up to now."""
        return sum(step <= clock for step in self.edits.get(number, ()))

    def is_gone(self, number: int, clock: int) -> bool:
        if clock < self.deletions.get(number, clock + 1):
            return False
        return clock < self.restorations.get(number, clock + 1)

    def has(self, fault: Fault, url: str) -> bool:
        """Whether a fault is switched on for an address or for its host; queries do not matter."""
        named = self.faults.get(fault, frozenset[str]())
        return bool(named) and (url.partition("?")[0] in named or (urlsplit(url).hostname or "") in named)
