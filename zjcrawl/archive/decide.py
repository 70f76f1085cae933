"""What a new look at an article means. Pure: wordings, readings and payloads by digest, no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Decision = Literal["new", "same", "edited", "reread", "flapping"]
State = Literal["live", "gone", "suspect"]
Seen = Literal["same", "changed", "gone", "blocked"]

# A page that prints something else at every look (two editions in turn, a clock in its text) would fill the archive
# with wordings. No newsroom edits one article so often: the rest is looked at, kept as captures, and reported.
MOST_EDITS, WITHIN = 24, timedelta(days=7)
MOST_RETURNS = 3  # how often an earlier wording may come back

# What a look that brought no wording tells: the page is not there, or we were not let in.
GONE = frozenset(["gone", "unreadable", "not_html"])
SURELY_GONE = frozenset(["gone"])  # said by the server or the page; the others may be our reading's fault


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of an article: its digest, which reading made it, the digests of the payloads it was read from.

    `complete` is False where a part of the article could not be had.
    """

    text_sha256: str
    template: str
    template_version: int
    payloads: tuple[str, ...]
    complete: bool = True

    @property
    def reading(self) -> tuple[str, int, str]:
        """Template, its version, and the version of the digest's rule."""
        return self.template, self.template_version, self.text_sha256.partition(":")[0]


def decide(known: Wording | None, seen: Wording, known_read_again: str | None = None) -> Decision:
    """Whether the wording just seen is new, the same, a publisher's edit, or only our own reading that changed.

    `known_read_again` is the digest of the known wording's payloads read by today's code, where the caller has it.
    An edit needs a changed payload and a difference under one reading; in doubt it is a rereading.
    """
    if known is None:
        return "new"
    if seen.text_sha256 == known.text_sha256:
        return "same"
    if known.complete and not seen.complete:
        return "same"  # less of an article never replaces more of it
    if not known.complete or seen.payloads == known.payloads:
        return "reread"
    if known_read_again is not None:
        return "reread" if known_read_again == seen.text_sha256 else "edited"
    return "edited" if seen.reading == known.reading else "reread"


def flaps(earlier: Sequence[tuple[str, datetime]], wording: str, now: datetime) -> bool:
    """Whether an edit is one too many. `earlier` has the digest of each earlier wording and when it was replaced."""
    recent = sum(now - replaced < WITHIN for _, replaced in earlier)
    returns = sum(digest == wording for digest, _ in earlier)
    return recent >= MOST_EDITS or returns >= MOST_RETURNS


def absence(outcome: str, state: State, last_seen: Seen | None) -> tuple[Seen, State]:
    """How a look that brought no wording is noted, and the state it leaves the article in.

    One look makes an article suspect. A second one in a row that the server or the page itself explains makes it gone;
    a page that only reads as empty stays suspect. Where we were not let in, nothing is known of the article.
    """
    if outcome not in GONE:
        return "blocked", state
    confirmed = outcome in SURELY_GONE and state == "suspect" and last_seen == "gone"
    return "gone", "gone" if confirmed or state == "gone" else "suspect"
