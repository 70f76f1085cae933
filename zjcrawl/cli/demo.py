"""`zjcrawl demo`: a real crawl over HTTP of the bundled scale model, then a look at what the archive holds."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from zjcrawl import channels
from zjcrawl.archive import Archive
from zjcrawl.archive.database import make_folder, told
from zjcrawl.archive.lock import NAME as LOCK
from zjcrawl.archive.lock import Lock
from zjcrawl.cli.common import console
from zjcrawl.errors import InputError, ZjcrawlError
from zjcrawl.model import Portal

_MARK = ".demo"  # says that a folder is the demo's own and may be emptied
_SHOWN = (
    "title",
    "published_at",
    "source",
    "reporters",
    "correspondents",
    "photographers",
    "editors",
    "dateline",
    "tags",
)


@click.command("demo", short_help="Crawl the bundled scale model and show what is archived.")
@click.option(
    "--articles", type=click.IntRange(1, 100_000), default=400, show_default=True, metavar="N", help="How many."
)
@click.option("--seed", type=int, default=1, show_default=True, metavar="S", help="Another seed, another portal.")
@click.option("--archive", metavar="DIR", help="The archive folder (default: data/demo), emptied if it is a demo's.")
@click.pass_context
def demo_command(context: click.Context, articles: int, seed: int, archive: str | None) -> None:
    """Crawl a miniature of the portal, served on this machine as an HTTP proxy, and look at the archive of it. All its
    pages are invented and say so. The archive is data/demo, emptied at each start.

    Example: zjcrawl demo --articles 1000
    """
    folder = Path(archive or context.find_root().params.get("archive") or "data/demo")
    out = console()
    with _emptied(folder):
        hosts = len(channels.load().hosts)
        out.print(f"[bold]1. A scale model of the portal[/]: {articles:,} invented articles of {hosts} hosts")
        with _portal(articles, seed) as proxy:
            out.print(f"   answers as an HTTP proxy at {proxy}\n\n[bold]2. The crawl[/], into {folder}")
            code = _crawl(folder, proxy)
        with Archive(folder) as held:
            if held.value("SELECT 1 FROM articles LIMIT 1"):  # else it was stopped before the first
                wrong = _look(held, Portal(seed, articles), out)
                out.print(f"\nNext: zjcrawl --archive {folder} export csv articles.csv")
                code = code or wrong
    context.exit(code)


def _look(held: Archive, portal: Portal, out: Console) -> int:
    """Shows what the archive holds, and whether it is true; the exit code says so too."""
    out.print("\n[bold]3. What the archive holds[/]")
    out.print(_by_channel(held))
    out.print("\n[bold]4. One article, as it was read[/]")
    out.print(_article(held))
    out.print("\n[bold]5. Is it true?[/] The model knows what every page says:")
    return 3 if _compare(held, portal, out) else 0


@contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    """A folder of the demo's own, emptied, and held until the demo has ended.

    Raises InputError for one that holds something else, LockedError while a demo or a crawl writes there.
    """
    with told(folder):
        make_folder(folder)
        if any(folder.iterdir()) and not (folder / _MARK).exists():
            raise InputError(f"{folder} holds something that is not the demo's: name an empty folder with --archive")
        mark = Lock(folder, "demo", _MARK)
    with mark:
        with told(folder), Lock(folder, "demo"):
            for path in folder.iterdir():
                if path.name not in (_MARK, LOCK):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield


@contextmanager
def _portal(articles: int, seed: int) -> Iterator[str]:
    """The scale model in a process of its own, as a portal is; yields its proxy address."""
    command = [sys.executable, "-m", "zjcrawl.model", "--articles", str(articles), "--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as model:
        try:
            assert model.stdout is not None
            address = next((word for word in model.stdout.readline().split() if word.startswith("http://")), None)
            if address is None:
                raise ZjcrawlError("the scale model did not start: run 'python -m zjcrawl.model' to see why")
            yield address
        finally:
            model.terminate()


def _crawl(folder: Path, proxy: str) -> int:
    """One run of the crawler as anyone starts it, but in a hurry: the portal is on this machine."""
    from zjcrawl.crawl import crawl, settings_from
    from zjcrawl.progress import show

    os.environ.update(http_proxy=proxy, no_proxy="")
    hurry = ["DOWNLOAD_DELAY=0", "CONCURRENT_REQUESTS_PER_DOMAIN=4", "ZJCRAWL_CONTACT="]  # so that nothing leaves it
    summary = crawl(settings_from(hurry, ZJCRAWL_ARCHIVE=folder), listing_pages=40)
    show(summary)
    return summary.exit_code


def _by_channel(held: Archive) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, justify in (
        ("channel", "left"),
        ("name", "left"),
        ("articles", "right"),
        ("", "left"),
        ("from", "left"),
        ("to", "left"),
    ):
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    registry = channels.load().channels
    rows = list(
        held.rows(
            "SELECT channel, count(*), substr(min(published_at), 1, 10), substr(max(published_at), 1, 10)"
            " FROM articles GROUP BY channel ORDER BY 2 DESC, 1"
        )
    )
    most = max((row[1] for row in rows), default=1)
    for slug, count, first, last in rows:
        bar = Text("█" * max(1, round(20 * count / most)), style="cyan")
        table.add_row(slug or "–", registry[slug].name if slug in registry else "", str(count), bar, first, last)
    return table


def _article(held: Archive) -> Panel:
    """The article with most columns filled: title, credits and the first paragraphs, with the template that read it."""
    filled = " + ".join(f"({column} IS NOT NULL)" for column in _SHOWN)
    row = next(
        held.rows(f"SELECT * FROM articles ORDER BY template = 'labels', {filled} DESC, length(body) DESC LIMIT 1")
    )
    lines = Text()
    for column in ("url", "channel", *_SHOWN, "template", "capture_id"):
        if row[column] is not None:
            lines.append(f"{column:>16}  ", style="dim")
            lines.append(f"{row[column]}\n", style="bold" if column == "title" else "")
    body = row["body"].split("\n")
    lines.append("\n" + "\n".join(f"　　{paragraph}" for paragraph in body[:3]))
    lines.append(f"\n… {len(body)} paragraphs and headings in all", style="dim")
    return Panel(lines, title="invented text of the scale model", expand=False)


def _compare(held: Archive, portal: Portal, out: Console) -> int:
    """Every cell of the archive against the model's truth; how many differ, named by column."""
    differ: Counter[str] = Counter()
    cells = articles = missing = 0
    for truth in portal.truths():
        row: Any = next(held.rows("SELECT * FROM articles WHERE url = ?", (truth["url"],)), None)
        if row is None:
            missing += 1
            continue
        articles += 1
        for column, wanted in truth.items():
            cells += 1
            found = json.loads(row[column]) if isinstance(wanted, list) else row[column]
            differ[column] += found != wanted
    wrong = differ.total()
    out.print(
        f"   {articles:,} articles compared, {cells - wrong:,} of {cells:,} cells equal",
        style="green" if not wrong else "",
    )
    if missing:
        out.print(f"   [red]{missing:,} articles of the model are not in the archive[/]")
    for column, count in differ.most_common():
        if count:
            out.print(f"   [red]{column}: {count:,} differ[/]")
    return wrong + missing
