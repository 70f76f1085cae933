"""How a moment and a text are written into the archive."""

import re
from datetime import UTC, datetime

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def stamp(moment: datetime) -> str:
    """An aware moment as the archive writes it: UTC, ISO 8601, milliseconds, `Z`. Such strings sort by time."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {moment!r}")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def moment(text: str) -> datetime:
    """What `stamp` wrote, as an aware moment in UTC."""
    return datetime.fromisoformat(text)


def storable(text: str) -> str:
    """A text as the archive can hold it: NUL and lone surrogates become U+FFFD, as a browser shows them.

    SQLite's functions end a text at NUL, and a lone surrogate has no UTF-8.
    """
    try:
        text.encode()  # a hundred times as fast as looking for what would fail
    except UnicodeEncodeError:
        return _UNSTORABLE.sub("\ufffd", text)
    return text.replace("\0", "\ufffd")
