"""What a check says, and what all of them amount to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from zjcrawl.errors import StorageError

Weight = Literal["fails", "refused", "note"]

ANEW = "restore archive.db from a backup, or move it away and make it anew from warc/ with 'zjcrawl reparse'"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold: which check says so, the row it is about (table, key, address), and a sentence.

    `weight` is `note` for what is worth saying and no failure, `refused` where the disk did not let us look.
    """

    check: str
    table: str
    key: str | int
    url: str
    sentence: str
    weight: Weight = "fails"

    def as_json(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "weight": self.weight,
            "table": self.table or None,
            "key": self.key if self.key != "" else None,
            "url": self.url or None,
            "sentence": self.sentence,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a verification. `looked` is, of each kind of thing, how many were looked at and how many are.

    `seed` chose the sample of a quick one; None where all was looked at.
    """

    findings: Sequence[Finding]
    looked: Mapping[str, tuple[int, int]]
    seed: int | None = None

    @property
    def failures(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.weight != "note"]

    @property
    def notes(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.weight == "note"]

    @property
    def exit_code(self) -> int:
        if any(finding.weight == "refused" for finding in self.findings):
            return StorageError.exit_code
        return 3 if self.failures else 0

    def as_json(self) -> dict[str, Any]:
        return {
            "sound": not self.failures,
            "seed": self.seed,
            "looked_at": {name: {"of": of, "number": number} for name, (number, of) in self.looked.items()},
            "failures": [finding.as_json() for finding in self.failures],
            "notes": [finding.as_json() for finding in self.notes],
        }
