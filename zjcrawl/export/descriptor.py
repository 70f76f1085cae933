"""What a data package says of itself: `datapackage.json` (Table Schema, frictionlessdata.io) and `CITATION.cff` (1.2.0)."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import zjcrawl
from zjcrawl.archive import Archive
from zjcrawl.coverage import COLUMNS, STATUSES
from zjcrawl.export.fields import Field, Kind
from zjcrawl.export.table import Choice

TITLE = "Articles of the regional news pages of Zhejiang Online (浙江在线)"
AUTHOR = "zjcrawl"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which state of an archive is read: how many articles it knows, its digest, and the last day on which it learned
    anything (of Shanghai; None for an archive of nothing)."""

    articles: int
    sha256: str
    day: date | None

    @property
    def version(self) -> str:
        """The version of a dataset of it: that day and the beginning of the digest."""
        return f"{self.day or 'empty'}-{self.sha256[:12]}"


@dataclass(slots=True)
class Table:
    """A data file: what its rows are, its columns and keys; and, once it is written, how many rows, and its digest.

    `key` makes a row unique, () for none; `of_article` is the column that holds an article's key.
    """

    name: str
    description: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    of_article: str = ""
    rows: int = 0
    bytes: int = 0
    sha256: str = ""

    @property
    def path(self) -> str:
        return f"{self.name}.csv"


def tables(articles: tuple[Field, ...]) -> dict[str, Table]:
    """The data files of a package, not yet written, by name."""
    every = (
        Table("articles", "one article a row, in the order of published_at, then id", articles, ("id",)),
        Table("credits", "one person in one role of an article", _CREDITS, ("article_id", "role", "name"), "article_id"),
        Table("tags", "one tag of an article", _TAGS, ("article_id", "tag"), "article_id"),
        Table("coverage", "a channel's news of a day, as far as the archive knows of it", _COVERAGE, ("channel", "day")),
        Table("gaps", "days in a row of a channel of which something is missing, or may be", _GAPS, ("channel", "first_day")),
    )  # fmt: skip
    return {one.name: one for one in every}


def about(
    archive: Archive, choice: Choice, snapshot: Snapshot, written: Iterable[Table], title: str, authors: Sequence[str]
) -> str:
    """The text of `datapackage.json`."""
    descriptor = {
        "profile": "tabular-data-package",
        "name": "zjcrawl-articles",
        "title": title or TITLE,
        "version": snapshot.version,
        "description": _DESCRIPTION,
        "contributors": [{"title": author, "role": "author"} for author in authors or [AUTHOR]],
        "sources": [{"title": "浙江在线", "path": "http://www.zjol.com.cn/"}],
        "resources": [_resource(table) for table in written],
        "zjcrawl": {
            "version": zjcrawl.__version__,
            "query": choice.query.text if choice.query else None,
            "filters": choice.filters.as_json(),
            "as_of": archive.known.isoformat() if archive.known else None,
            "wording": choice.wording and not choice.ngrams,
            "features": list(choice.ngrams),
            "snapshot": {
                "articles": snapshot.articles,
                "day": snapshot.day.isoformat() if snapshot.day else None,
                "sha256": snapshot.sha256,
                "of": "id, url, revision, text_sha256, state and last_seen_at of every article in the order of id, parted "
                "by tabs, each ended by a newline",
            },
        },
    }
    return json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n"


def citation(snapshot: Snapshot, title: str, authors: Sequence[str]) -> str:
    """The text of `CITATION.cff`. Every string is written as JSON, which YAML takes as it is."""
    says = [
        "cff-version: 1.2.0",
        'message: "Please cite this dataset as below."',
        "type: dataset",
        f"title: {_text(title or TITLE)}",
        "authors:",
        *(f"  - name: {_text(author)}" for author in authors or [AUTHOR]),
        f"version: {_text(snapshot.version)}",
        *([f"date-released: {snapshot.day}"] if snapshot.day else []),
        "identifiers:",
        "  - type: other",
        f"    value: {_text('sha256:' + snapshot.sha256)}",
        '    description: "digest of the archive that was read, as datapackage.json says"',
        f"abstract: {_text(_DESCRIPTION)}",
    ]
    return "\n".join(says) + "\n"


def _resource(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(one) for one in table.fields],
        "missingValues": [""],
        "primaryKey": list(table.key),
    }
    if table.of_article:
        reference = {"resource": "articles", "fields": "id"}
        schema["foreignKeys"] = [{"fields": table.of_article, "reference": reference}]
    return {
        "name": table.name,
        "path": table.path,
        "profile": "tabular-data-resource",
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": table.bytes,
        "hash": f"sha256:{table.sha256}",
        "rows": table.rows,
        "dialect": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\r\n"},
        "schema": schema,
    }


def _field(one: Field) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": one.name,
        "type": _TYPES[one.kind],
        "description": one.description + _NOTES.get(one.kind, ""),
    }
    if one.unit:
        told["unit"] = one.unit
    return told | ({"constraints": dict(one.constraints)} if one.constraints else {})


_text = json.JSONEncoder(ensure_ascii=False).encode

_TYPES: dict[Kind, str] = {
    "integer": "integer",
    "text": "string",
    "time": "datetime",
    "moment": "datetime",
    "date": "date",
    "names": "string",
    "json": "array",
    "counts": "object",
}
_NOTES: dict[Kind, str] = {
    "names": "; joined by ';'",
    "time": "; ISO 8601 with +08:00",
    "moment": "; ISO 8601, UTC",
    "json": "; JSON",
    "counts": "; JSON",
}

_DESCRIPTION = (
    "News articles as the regional pages of Zhejiang Online printed them, read by zjcrawl. An empty cell is a value that "
    "was not printed, or not understood with certainty: nothing is guessed. The articles belong to their publishers. "
    "coverage.csv and gaps.csv tell 'no news' from 'nobody looked', by what the archive knew when this was written."
)

_REQUIRED = {"required": True}
_COUNT = {"required": True, "minimum": 0}
_CREDITS = (
    Field("article_id", "integer", "id of the article", _REQUIRED),
    Field(
        "role", "text", "reporter, correspondent, intern, photographer, editor, proofreader or translator", _REQUIRED
    ),
    Field("name", "text", "the name, blanks inside it removed", _REQUIRED),
    Field("printed", "text", "as it stood with its label; unknown of earlier wordings"),
)
_TAGS = (Field("article_id", "integer", "id of the article", _REQUIRED), Field("tag", "text", "as printed", _REQUIRED))
_HELD = {
    "channel": Field("channel", "text", "slug of the channel", _REQUIRED),
    "day": Field("day", "date", "of the news, in Asia/Shanghai", _REQUIRED),
    "status": Field(
        "status",
        "text",
        "; ".join(f"{name}: {means}" for name, means in STATUSES.items()),
        {**_REQUIRED, "enum": list(STATUSES)},
    ),
    "listed": Field("listed", "integer", "articles of the day that lists showed", _COUNT, "articles"),
    "fetched": Field("fetched", "integer", "of these, those of which a response came", _COUNT, "articles"),
    "read": Field("read", "integer", "of these, those that are archived", _COUNT, "articles"),
    "left_out": Field("left_out", "text", "listed and not wanted: reason and number, joined by ';'"),
    "missing": Field("missing", "text", "listed and not read: outcome and number, joined by ';'"),
    "looks": Field("looks", "integer", "how often the channel's lists were read on the day", _COUNT, "looks"),
    "failed_looks": Field("failed_looks", "text", "lists that could not be read: outcome and number, joined by ';'"),
    "rechecks": Field("rechecks", "integer", "looks at known articles of the channel on the day", _COUNT, "looks"),
}
_COVERAGE = tuple(_HELD[name] for name in COLUMNS)
_GAPS = (
    _HELD["channel"],
    Field("first_day", "date", "the first day, in Asia/Shanghai", _REQUIRED),
    Field("last_day", "date", "the last day", _REQUIRED),
    Field("days", "integer", "how many", {"required": True, "minimum": 1}, "days"),
    _HELD["status"],
    Field("missing", "integer", "articles that were listed and are not archived", _COUNT, "articles"),
)
