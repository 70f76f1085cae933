"""The values that pass through the program, named by stage. No logic beyond what a value knows of itself.

Channel ─▶ Lead/Listing ─▶ Capture ─▶ (page.Page) ─▶ Extraction ─▶ Article
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")  # what the portal prints its times in
ChannelKind = Literal["city", "county", "topic", "epaper"]
ArticleKind = Literal["text", "gallery", "video", "stub"]
BlockKind = Literal["paragraph", "heading", "image", "caption", "table", "quote"]
DIGEST_RULE = 2  # the version of Article.text_sha256
Precision = Literal["second", "minute", "hour", "day"]
Reason = Literal["resting", "over_budget", "out_of_hours"]  # why a host is not asked in a run
ErrandKind = Literal["listing", "article", "part", "robots", "probe"]
_FOLDS = re.compile(rb"[\r\n\0]+[ \t]*")
Role = Literal["reporter", "correspondent", "intern", "photographer", "editor", "proofreader", "translator"]


@dataclass(frozen=True, slots=True)
class Channel:
    """One column of the portal: a city, a county, a topic or an e-paper; one entry of `channels.toml`.

    `lists` are the absolute addresses of its list pages; none means known but not crawled yet.
    """

    slug: str
    name: str
    kind: ChannelKind
    prefecture: str
    host: str
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lead:
    """A link on a listing that promises an article: canonical `url`, `text` as printed without padding.

    `listed_printed` is the date beside the link as printed, `listed_at` what it means (Asia/Shanghai) or None.
    """

    url: str
    text: str
    listed_printed: str | None = None
    listed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """An index page as read: its leads in printed order and the absolute address of the next older page."""

    leads: tuple[Lead, ...]
    older: str | None
    markup: str  # which list markup was seen, e.g. "listUl"


@dataclass(frozen=True, slots=True)
class Errand:
    """What a request was made for: the kind of page that was hoped for, the channel, and the frontier's address.

    A `part` is a further page of the article at that address. `robots` has no channel, and its own address. A `probe`
    asks a host for an address that cannot exist, to see how it says so; its address is the host's front page.
    """

    kind: ErrandKind
    channel: str
    url: str


def line(header: bytes) -> bytes:
    """A header's name or value as one line, which is how a capture keeps it: what would end it is a blank."""
    return _FOLDS.sub(b" ", header)


@dataclass(frozen=True, slots=True)
class Capture:
    """One response exactly as received, with its request.

    `body` is content-coded as received; `headers` are raw pairs. `url` is the address that was asked for,
    `final_url` the one this response came from (they differ after a redirect). `fetched_at` is aware, in UTC.
    `truncated` is None or the WARC-Truncated reason (`length`, `time`, `disconnect`). `errand` is None for a page that
    no run fetched (a saved file).
    """

    url: str
    final_url: str
    fetched_at: datetime
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    method: str = "GET"
    request_headers: tuple[tuple[bytes, bytes], ...] = ()
    protocol: str = "HTTP/1.1"
    truncated: str | None = None
    errand: Errand | None = None

    def header(self, name: str) -> str | None:
        """The first header of that name (any case) as one line of Latin-1 text, or None."""
        wanted = name.lower().encode("latin-1")
        return next((line(value).decode("latin-1") for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Printed:
    """A string as the page prints it, and the evidence: where it stood, by which rule it was taken, how sure (0..1).

    `label` is the printed label that named it (`来源`, `责任编辑`), without its colon, "" where none stood.
    """

    text: str
    where: str
    rule: str
    sure: float = 1.0
    label: str = ""

    def as_json(self) -> dict[str, Any]:
        """The evidence as it is shown and kept: what was printed, where, by which rule, how sure."""
        return {"printed": self.text or None, "where": self.where, "rule": self.rule, "sure": round(self.sure, 2)}


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the body in reading order. `src` (absolute address) only for images, whose `text` is empty."""

    kind: BlockKind
    text: str = ""
    src: str | None = None

    def as_json(self) -> dict[str, str]:
        return {"kind": self.kind, "text": self.text} | ({"src": self.src} if self.src is not None else {})


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of the article: absolute address, caption as printed or None."""

    src: str
    caption: str | None = None


@dataclass(slots=True)
class Extraction:
    """What a page prints: strings and where they were found, before anything is understood."""

    template: str
    template_version: int
    kind: ArticleKind = "text"
    breadcrumb: Printed | None = None
    kicker: Printed | None = None
    title: Printed | None = None
    subtitle: Printed | None = None
    time: Printed | None = None
    source: Printed | None = None
    bylines: list[Printed] = field(default_factory=list)  # credit lines of any role outside the body
    tags: Printed | None = None
    notice: Printed | None = None
    blocks: list[Block] = field(default_factory=list)
    body_where: str = ""
    next_part: str | None = None  # absolute address of the following page of a multi-page article
    target: str | None = None  # where a stub leads
    same_as: str | None = None  # the address that the page names as the canonical one
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Credit:
    """One person in one role. `name` is normalised (`王蓉`), `printed` as it stood with its label (`本报记者 王 蓉`)."""

    role: Role
    name: str
    printed: str


@dataclass(slots=True)
class Article:
    """What a page means: the columns of the `articles` table that reading can know, typed, or None with a warning."""

    url: str
    channel: str | None = None
    breadcrumb: str | None = None
    kicker: str | None = None
    title: str | None = None
    subtitle: str | None = None
    published_at: datetime | None = None
    published_precision: Precision | None = None
    published_printed: str | None = None
    source: str | None = None
    credits: list[Credit] = field(default_factory=list)
    dateline: str | None = None
    blocks: list[Block] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    notice: str | None = None
    kind: ArticleKind = "text"
    template: str = ""
    template_version: int = 0
    warnings: list[str] = field(default_factory=list)
    evidence: dict[str, list[Printed]] = field(default_factory=dict)  # by column

    @property
    def body(self) -> str:
        """Paragraphs, headings, captions, quotes and tables in order, joined by newlines."""
        return "\n".join(block.text for block in self.blocks if block.kind != "image" and block.text)

    def names(self, role: Role) -> str | None:
        """The names credited in one role joined by `;`, or None: the convenience columns `reporters`, `editors`, …"""
        return ";".join(dict.fromkeys(credit.name for credit in self.credits if credit.role == role)) or None

    @property
    def text_sha256(self) -> str:
        """The rule's number, `:` and the SHA-256 over the non-empty wording fields.

        Empty fields are left out, so that a field added later
        does not make every old article look changed. A time counts as what it means, so that `3小时前` and another way
        to print the same day are no change; a picture counts as its file's name, wherever it is served from.
        """
        wording: dict[str, Any] = {
            "kicker": self.kicker,
            "title": self.title,
            "subtitle": self.subtitle,
            "published": self.published_at.isoformat() if self.published_at else None,
            "source": self.source,
            "credits": [[credit.role, credit.name] for credit in self.credits],
            "blocks": [[block.kind, block.text, file_name(block.src)] for block in self.blocks],
            "tags": self.tags,
            "notice": self.notice,
        }
        kept = {name: value for name, value in wording.items() if value}
        text = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return f"{DIGEST_RULE}:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def columns(self) -> dict[str, Any]:
        """The article as a row: the columns of the data dictionary that reading can know, in their order."""
        return {
            "url": self.url,
            "channel": self.channel,
            "breadcrumb": self.breadcrumb,
            "kicker": self.kicker,
            "title": self.title,
            "subtitle": self.subtitle,
            "published_at": self.published_at.isoformat() if self.published_at else None,
            "published_precision": self.published_precision,
            "published_printed": self.published_printed,
            "source": self.source,
            "reporters": self.names("reporter"),
            "correspondents": self.names("correspondent"),
            "photographers": self.names("photographer"),
            "editors": self.names("editor"),
            "dateline": self.dateline,
            "body": self.body,
            "blocks": _json([block.as_json() for block in self.blocks]),
            "tags": ";".join(self.tags) or None,
            "images": _json([{"src": image.src, "caption": image.caption} for image in self.images]),
            "notice": self.notice,
            "kind": self.kind,
            "template": self.template,
            "template_version": self.template_version,
            "warnings": _json(self.warnings),
            "text_sha256": self.text_sha256,
        }

    def told(self) -> dict[str, list[dict[str, Any]]]:
        """The evidence by column, as JSON values."""
        return {column: [printed.as_json() for printed in found] for column, found in self.evidence.items()}


def file_name(address: str | None) -> str:
    """The name of the file at an address: by what a picture is known, wherever it is served from."""
    return (address or "").partition("?")[0].rpartition("/")[2]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
