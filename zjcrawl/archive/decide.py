"""What a new look at an article means. Pure: wordings, readings and payloads by digest, no database."""

from dataclasses import dataclass
from typing import Literal

Decision = Literal["new", "same", "edited", "reread"]


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
