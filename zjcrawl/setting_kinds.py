"""What each setting may be: by its kind, which is that of its default, or by a rule of its own. Knows no Scrapy."""

import difflib
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from zjcrawl.errors import ConfigError, InputError
from zjcrawl.hosts import Hours
from zjcrawl.recheck import Schedule

Rule = Callable[[Any], object]  # raises ValueError, whose text says what is wanted, or a ConfigError of its own


def check(chosen: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Refuses what is chosen where it is none of the `defaults` or cannot be used.

    Raises InputError for an unknown name, ConfigError for a wrong value; both name the setting.
    """
    for name, value in chosen.items():
        if name not in defaults:
            like = difflib.get_close_matches(name, defaults, 1)
            meant = (
                f": did you mean {like[0]}?" if like else ": Scrapy's documentation and zjcrawl/settings.py list them"
            )
            raise InputError(f"there is no setting {name}{meant}")
        try:
            _rule(name, defaults[name])(value)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"the setting {name}={value!r} cannot be used: it must be {error}") from error


def _rule(name: str, default: Any) -> Rule:
    if name in _RULES:
        return _RULES[name]
    return next((rule for kind, rule in _KINDS if isinstance(default, kind)), _anything)


def _switch(value: Any) -> None:
    if str(value) not in ("True", "true", "1", "False", "false", "0"):
        raise ValueError("True or False")


def _whole(least: float) -> Rule:
    def rule(value: Any) -> None:
        try:
            fits = int(value) >= least
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise ValueError("a whole number" + (f" of {least} or more" if math.isfinite(least) else ""))

    return rule


def _number(value: Any) -> None:
    try:
        fits = 0 <= float(value) < math.inf  # not a number is in no range
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise ValueError("a number of 0 or more, such as 1.5")


def _seconds(value: Any) -> None:
    _number(value)
    if not float(value):
        raise ValueError("a number greater than 0")


def _part(value: Any) -> None:
    _number(value)
    if float(value) > 1:
        raise ValueError("a number from 0 to 1")


def _table(value: Any) -> None:
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, Mapping):
        raise ValueError('a JSON object, such as {"name": null}')


def _one_of(*words: str) -> Rule:
    def rule(value: Any) -> None:
        if value not in words:
            raise ValueError(f"one of {', '.join(words)}")

    return rule


def _statuses(value: Any) -> None:
    codes = value.split(",") if isinstance(value, str) else value
    if not all(str(code).strip().isdecimal() and 100 <= int(code) <= 599 for code in codes if code != ""):
        raise ValueError("a list of HTTP statuses, such as 429,503")


def _line(value: Any) -> None:
    if not str(value).isprintable():
        raise ValueError("a line of text without control characters: it is sent in a header")


def contact(value: Any) -> None:
    """Raises ValueError for what hosts could not write to; nothing at all is no contact, and no fault here."""
    _line(value)
    if (text := str(value).strip()) and not _MAILBOX.fullmatch(text) and not _is_page(text):
        raise ValueError("an e-mail address or an http(s) address to write to, such as you@example.org")


_MAILBOX = re.compile(r"(mailto:)?[^@\s()<>,;]+@[^@\s()<>,;.]+(\.[^@\s()<>,;.]+)+")  # it stands in (…) in a header


def _is_page(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "") and not set(text) & set(" ()<>")


def _name(value: Any) -> None:
    if not str(value).strip():
        raise ValueError("the name of a folder")


def _anything(value: Any) -> None:
    pass


_KINDS: tuple[tuple[type, Rule], ...] = (
    (bool, _switch),
    (int, _whole(0)),
    (float, _number),
    (Mapping, _table),
)

_RULES: dict[str, Rule] = {
    "CONCURRENT_ITEMS": _whole(1),
    "CONCURRENT_REQUESTS": _whole(1),
    "CONCURRENT_REQUESTS_PER_DOMAIN": _whole(1),
    "DEPTH_PRIORITY": _whole(-math.inf),
    "DNS_TIMEOUT": _seconds,
    "DOWNLOAD_DELAY_JITTER": _part,
    "DOWNLOAD_TIMEOUT": _seconds,
    "LOG_LEVEL": _one_of("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"),
    "OFF_PEAK": Hours.of,
    "RECHECK_SCHEDULE": Schedule.of,
    "REDIRECT_PRIORITY_ADJUST": _whole(-math.inf),
    "RETRY_HTTP_CODES": _statuses,
    "RETRY_PRIORITY_ADJUST": _whole(-math.inf),
    "USER_AGENT": _line,
    "ZJCRAWL_ARCHIVE": _name,
    "ZJCRAWL_LOG_FORMAT": _one_of("text", "json"),
    "ZJCRAWL_CONTACT": contact,
}
