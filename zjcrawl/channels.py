"""The registry: `channels.toml` read into `Channel` values, and which channel an address belongs to."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args
from urllib.parse import ParseResult, SplitResult, urlsplit

from zjcrawl.errors import ConfigError, InputError, why
from zjcrawl.models import Channel, ChannelKind

_FIELDS = {"name", "kind", "prefecture", "host", "lists"}
_PORTS = {"http": 80, "https": 443}
_KINDS = get_args(ChannelKind)


@dataclass(frozen=True)
class Registry:
    """The known channels by slug, in the order of the file."""

    channels: Mapping[str, Channel]
    hosts: frozenset[str] = field(init=False)
    _ports: frozenset[tuple[str, int]] = field(init=False)  # by host, of the lists that name one
    # By host: (path prefix, slug), longest path first.
    _columns: Mapping[str, tuple[tuple[str, str], ...]] = field(init=False)

    def __post_init__(self) -> None:
        claims = _claims(self.channels.values())
        hosts = {channel.host for channel in self.channels.values()} | {host for host, _, _ in claims}
        object.__setattr__(self, "hosts", frozenset(hosts))
        lists = [urlsplit(page) for channel in self.channels.values() for page in channel.lists]
        ports = {((page.hostname or "").lower(), page.port) for page in lists if page.port is not None}
        object.__setattr__(self, "_ports", frozenset(ports))
        columns: dict[str, tuple[tuple[str, str], ...]] = {}
        for host, folder, slug in sorted(claims, key=lambda claim: (-len(claim[1]), claim)):
            columns[host] = (*columns.get(host, ()), (folder, slug))
        object.__setattr__(self, "_columns", columns)

    def of(self, url: str) -> str | None:
        """The slug of the channel an address belongs to: the longest column path on its host, then the host."""
        parts = urlsplit(url)
        host, path = (parts.hostname or "").lower(), parts.path or "/"
        return next((slug for folder, slug in self._columns.get(host, ()) if path.startswith(folder)), None)

    def has(self, parts: SplitResult | ParseResult) -> bool:
        """Whether a parted address may be asked for: on a host of the registry, at its scheme's port or one that a list
        of that host names (behind another is another server), and without a name and password to log in with."""
        try:
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:  # no port that there is
            return False
        usual = port in (None, _PORTS.get(parts.scheme))
        return host in self.hosts and parts.username is None and (usual or (host, port) in self._ports)

    def select(self, slugs: Iterable[str] = ()) -> list[Channel]:
        """The named channels, or all that can be crawled. Raises InputError for one that is unknown or not crawled."""
        chosen = []
        for slug in dict.fromkeys(slugs):
            if slug not in self.channels:
                raise InputError(f"unknown channel {slug!r}{self._like(slug)}: 'zjcrawl channels' lists them")
            if not self.channels[slug].lists:
                raise InputError(f"channel {slug!r} is known but not crawled yet: it has no list pages")
            chosen.append(self.channels[slug])
        return chosen or [channel for channel in self.channels.values() if channel.lists]

    def _like(self, word: str) -> str:
        for slug, channel in self.channels.items():
            if word in (channel.name, channel.host) or slug == word.lower():
                return f" (did you mean {slug!r}?)"
        return ""


def load(extra: Path | None = None) -> Registry:
    """The packaged registry, with the entries of `extra` added or put over it. Raises ConfigError for a wrong entry,
    or one that would take what another has."""
    channels = _read(files("zjcrawl").joinpath("channels.toml").read_text("utf-8"), "channels.toml")
    if extra is None:
        return Registry(channels)
    try:
        text = extra.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the channels file {extra}: {_reason(error)}") from error
    channels |= _read(text, str(extra), channels)
    owners: dict[tuple[str, str], str] = {}
    for host, folder, slug in _claims(channels.values()):
        other = owners.setdefault((host, folder), slug)
        if other != slug:
            raise ConfigError(
                f"{extra}: the channels {other!r} and {slug!r} both claim http://{host}{folder}: give one of them lists"
                " below a folder of its own"
            )
    return Registry(channels)


def _claims(channels: Iterable[Channel]) -> list[tuple[str, str, str]]:
    """What belongs to whom: (host, folder, slug). A list page claims its folder; a channel claims the rest of its host,
    unless one before it has that host too."""
    known = list(channels)
    claims = dict.fromkeys((_host(page), _folder(page), channel.slug) for channel in known for page in channel.lists)
    whole = {host for host, folder, _ in claims if folder == "/"}
    for channel in known:
        if channel.host not in whole:
            claims[channel.host, "/", channel.slug] = None
            whole.add(channel.host)
    return list(claims)


def _read(text: str, name: str, known: Mapping[str, Channel] | None = None) -> dict[str, Channel]:
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name} is not TOML: {error}") from error
    return {slug: _channel(slug, entry, name, (known or {}).get(slug)) for slug, entry in entries.items()}


def _channel(slug: str, entry: Any, name: str, known: Channel | None) -> Channel:
    def wrong(what: str) -> ConfigError:
        return ConfigError(f"{name}: channel {slug!r} {what}")

    if not slug.replace("-", "").replace("_", "").isalnum() or not slug.isascii() or slug != slug.lower():
        raise wrong("has a bad name: a slug is lower-case letters, digits, - and _, such as jx or nhnews")
    if not isinstance(entry, dict):
        raise wrong('is no table: write it as jx = { name = "嘉兴", kind = "city", host = "jx.zjol.com.cn" }')
    if unknown := sorted(entry.keys() - _FIELDS):
        raise wrong(f"has an unknown field {unknown[0]!r}: the fields are {', '.join(sorted(_FIELDS))}")
    if known is not None:
        entry = {
            "name": known.name,
            "kind": known.kind,
            "prefecture": known.prefecture,
            "host": known.host,
            **({} if "host" in entry else {"lists": list(known.lists)}),
        } | entry
    for need in ("name", "kind", "host"):
        if need not in entry:
            raise wrong(f"lacks {need!r}: add it, as in jx = {{ name = …, kind = …, host = … }}")
    for text in ("name", "kind", "host", "prefecture"):
        if not isinstance(entry.get(text, ""), str):
            raise wrong(f"has a {text!r} that is no string: put it in quotes")
    if entry["kind"] not in _KINDS:
        raise wrong(f"has kind {entry['kind']!r}: use one of {', '.join(_KINDS)}")
    host = entry["host"].lower()
    if not host or "/" in host or ":" in host or any(c.isspace() for c in host):
        raise wrong(f"has host {entry['host']!r}: give the host name alone, such as jx.zjol.com.cn")
    lists = entry.get("lists", [f"http://{host}/"])
    if not isinstance(lists, list) or not all(isinstance(address, str) for address in lists):
        raise wrong('has lists that are no array of strings: write lists = ["http://…/"]')
    for address in lists:
        if not _is_full(address):
            raise wrong(f"has the list page {address!r}: write a full address beginning with http://")
    return Channel(slug, entry["name"], entry["kind"], entry.get("prefecture", ""), host, tuple(lists))


def _is_full(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets, or a port that cannot be
        return False


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").lower()


def _folder(address: str) -> str:
    path = urlsplit(address).path or "/"
    return path[: path.rfind("/") + 1]


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return why(error) if isinstance(error, OSError) else "it is not UTF-8 text: save it as UTF-8"
