"""How a run's log is written: as lines for people or as a JSON object a line, and in neither with what a query hides.

An address is logged with the names of its query and with those values that are plain numbers, such as the id of a page;
all others may be tokens. User names and passwords before a host are left out.
"""

import json
import logging
import re
from datetime import UTC, datetime

from zjcrawl.unseen import UNSEEN

FORMATS = ("text", "json")
OUTCOMES = "zjcrawl.outcomes"  # the logger of how each address ended, a line each, in JSON alone
FIELDS = "fields"  # the attribute of a record that holds what is more than a message
_OFF = logging.CRITICAL + 1
_installed: logging.Handler | None = None
_SPIDERS = "zjcrawl.spiders"  # tells of single tries, which the lines of OUTCOMES sum up
_WORD = re.compile(r"""[^\s"'<>]+""")
_USER = re.compile(r"://[^/?#@]*@")
_PAIR = re.compile(r"([&;])")
logging.getLogger(OUTCOMES).setLevel(_OFF)  # until `install` asks for it
_SECRET = re.compile(r"tok|key|secret|sig|pass|pwd|auth|sess|sid|ticket|code|pin|otp", re.IGNORECASE)


def redacted(text: str) -> str:
    """A text with the secrets of every address in it replaced by `…`."""
    return _WORD.sub(lambda found: _word(found[0]), text)


def _word(word: str) -> str:
    if "/" not in word:
        return word
    head, mark, rest = _USER.sub("://", word).partition("?")
    query, hash_, fragment = rest.partition("#")
    if not mark:
        head, hash_, fragment = head.partition("#")
    shown = "".join(part if part in "&;" else _pair(part) for part in _PAIR.split(query))
    return head + mark + shown + hash_ + ("…" if "=" in fragment else fragment)


def _pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if not equals:
        return pair if pair.isdecimal() and len(pair) <= 12 else "…"
    harmless = not value or (value.isdecimal() and len(value) <= 12 and not _SECRET.search(name))
    return f"{name}={value if harmless else '…'}"


class Lines(logging.Formatter):
    """What another formatter writes, without secrets."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self._formatter = formatter

    def format(self, record: logging.LogRecord) -> str:
        return redacted(self._formatter.format(record))


class JsonLines(logging.Formatter):
    """A record as one JSON object on one line: `time` (UTC), `level`, `logger`, `message`, what its FIELDS are, and
    `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = {"time": when.removesuffix("+00:00") + "Z", "level": record.levelname, "logger": record.name}
        told |= {"message": redacted(record.getMessage())}
        told |= {
            name: redacted(value) if isinstance(value, str) else value
            for name, value in getattr(record, FIELDS, {}).items()
        }
        if record.exc_info:
            told["exception"] = redacted(self.formatException(record.exc_info))
        elif record.exc_text:  # all that there is of another process
            told["exception"] = redacted(record.exc_text)
        line = json.dumps(told, ensure_ascii=False, default=str)
        return str(UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", line))


def install(kind: str, level: str, handler: logging.Handler, formatter: logging.Formatter) -> None:
    """Makes a handler the root's, in the place of an earlier one, and chooses what is logged in one of FORMATS: in JSON
    each outcome, and of single tries nothing but on DEBUG; `formatter` writes the lines of text."""
    global _installed
    if _installed is not None:
        logging.root.removeHandler(_installed)
        _installed.close()
    _installed = handler
    handler.setLevel(level)
    handler.setFormatter(JsonLines() if kind == "json" else Lines(formatter))
    logging.root.setLevel(logging.NOTSET)
    logging.root.addHandler(handler)
    logging.getLogger(OUTCOMES).setLevel(logging.NOTSET if kind == "json" else _OFF)
    logging.getLogger(_SPIDERS).setLevel(logging.WARNING if kind == "json" and level != "DEBUG" else logging.NOTSET)


def installed() -> logging.Handler | None:
    """The handler that writes the log, None where there is none yet."""
    return _installed
