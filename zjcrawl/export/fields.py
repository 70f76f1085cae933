"""The columns of a dataset: what each is, as the data dictionary says it and as a Table Schema and Parquet need it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from zjcrawl.archive import ARTICLE_COLUMNS
from zjcrawl.filters import STATES

# `time` is of the portal (+08:00), `moment` ours (UTC), `date` a day; `names` are texts joined by `;`; `json` is JSON in a cell.
Kind = Literal["integer", "text", "time", "moment", "date", "names", "json", "counts"]


@dataclass(frozen=True, slots=True)
class Field:
    """A column. `sql` makes it of a row of `articles` where it is no column there; `constraints` are Table Schema's."""

    name: str
    kind: Kind
    description: str
    constraints: Mapping[str, Any] = field(default_factory=dict)
    unit: str = ""
    sql: str = ""


_REQUIRED = {"required": True}
_COUNT = {"required": True, "minimum": 0}

ARTICLES = {
    one.name: one
    for one in (
        Field("id", "integer", "key of the article in its archive", {**_REQUIRED, "unique": True, "minimum": 1}),
        Field("url", "text", "canonical address", {**_REQUIRED, "unique": True}),
        Field("channel", "text", "slug of the channel the address belongs to, else of the listing that led there"),
        Field("breadcrumb", "text", "the way to the page as printed, parts joined by ' > '"),
        Field("kicker", "text", "引题, the line above the headline"),
        Field("title", "text", "主题, the headline"),
        Field("subtitle", "text", "副题, the line below the headline"),
        Field(
            "published_at", "time", "the printed time, typed, in Asia/Shanghai; as exact as published_precision says"
        ),
        Field(
            "published_precision",
            "text",
            "what was printed of the time; the rest of published_at is zero",
            {"enum": ["second", "minute", "hour", "day"]},
        ),
        Field("published_printed", "text", "the time as printed"),
        Field("source", "text", "来源, the outlet that first ran it, as printed"),
        Field("reporters", "names", "记者, 作者 and their kind"),
        Field("correspondents", "names", "通讯员"),
        Field("photographers", "names", "摄影, photo credits in captions"),
        Field("editors", "names", "责任编辑, 编辑"),
        Field("dateline", "text", "电头; it stays in the body too"),
        Field("body", "text", "paragraphs, headings, captions, quotes and tables in order, joined by newlines"),
        Field("blocks", "json", "the same as an array of {kind, text, src?} in order", _REQUIRED),
        Field("tags", "names", "标签"),
        Field("images", "json", "the pictures as an array of {src, caption}", _REQUIRED),
        Field("notice", "text", "copyright notice as printed, without its heading"),
        Field("kind", "text", "what the article is", {**_REQUIRED, "enum": ["text", "gallery", "video", "stub"]}),
        Field("template", "text", "which reading it was; labels where no template claimed the page", _REQUIRED),
        Field("template_version", "integer", "version of that reading", {**_REQUIRED, "minimum": 0}),
        Field("warnings", "json", "codes of what the reading doubts, as an array", _REQUIRED),
        Field("revision", "integer", "number of the wording, from 1", {**_REQUIRED, "minimum": 1}),
        Field("state", "text", "whether the page can still be had", {**_REQUIRED, "enum": list(STATES)}),
        Field("first_seen_at", "moment", "when the article was first fetched", _REQUIRED),
        Field("last_seen_at", "moment", "when it was last seen", _REQUIRED),
        Field("changed_at", "moment", "when the publisher's wording last changed, else first seen", _REQUIRED),
        Field(
            "text_sha256",
            "text",
            "number of the rule, ':' and the SHA-256 of the non-empty wording fields",
            {**_REQUIRED, "pattern": r"\d+:[0-9a-f]{64}"},
        ),
        Field("capture_id", "integer", "the capture in the archive that the wording was read from", _REQUIRED),
    )
}
assert tuple(ARTICLES) == ARTICLE_COLUMNS

# What a newsroom has worded (the fields that `text_sha256` is of, and what is cut from them), and what is told instead.
WORDING = ("kicker", "title", "subtitle", "dateline", "body", "blocks", "images", "notice")
_HEADLINE = "coalesce(length(kicker), 0) + coalesce(length(title), 0) + coalesce(length(subtitle), 0)"
_PARAGRAPHS = "SELECT count(*) FROM json_each(blocks) WHERE json_extract(value, '$.kind') = 'paragraph'"
COUNTS = (
    Field("headline_characters", "integer", "length of kicker, title and subtitle", _COUNT, "code points", _HEADLINE),
    Field("body_characters", "integer", "length of the body, line ends too", _COUNT, "code points", "length(body)"),
    Field("paragraphs", "integer", "blocks of the body that are paragraphs", _COUNT, "blocks", f"({_PARAGRAPHS})"),
    Field("pictures", "integer", "pictures of the article", _COUNT, "pictures", "json_array_length(images)"),
)
NGRAMS = Field(
    "ngrams",
    "counts",
    "how often each row of so many characters stands in a line of headline and body, normalised as search compares "
    "texts (NFKC, case folded, blanks tidied); in the order of its code points",
    _REQUIRED,
    "occurrences",
)


def fields(*, wording: bool = True, ngrams: bool = False) -> tuple[Field, ...]:
    """The columns of a dataset in their order: with the wording, or with counts in its place."""
    if wording:
        return tuple(ARTICLES.values())
    kept = (one for name, one in ARTICLES.items() if name not in WORDING)
    return (*kept, *COUNTS, *((NGRAMS,) if ngrams else ()))
