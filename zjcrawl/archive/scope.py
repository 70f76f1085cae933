"""What a piece of work inside the writer's transaction works with."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from zjcrawl.archive.search_index import Changes
from zjcrawl.archive.values import stamp
from zjcrawl.archive.warc import WarcWriter


@dataclass(frozen=True, slots=True)
class Scope:
    """The archive's folder, the connection with its open transaction, the WARC, the run, what the search index has yet
    to learn, the time."""

    folder: Path
    connection: sqlite3.Connection
    warc: WarcWriter | None  # None where nothing can be kept: `reparse`
    run_id: int
    index: Changes
    now: str = field(default_factory=lambda: stamp(datetime.now(UTC)))
    one_reading: bool = False  # every wording in the archive was read by today's code: `reparse`
    article_id: Callable[[str], int | None] = field(default=lambda _: None)  # the key that a new address must get
