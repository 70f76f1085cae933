"""`zjcrawl status`: the health of an archive, for people and for monitoring."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from zjcrawl import health
from zjcrawl.archive import Archive, cold, lock
from zjcrawl.archive.values import moment
from zjcrawl.cli.common import archive_folder, archive_option, console, file_option, json_option, print_json, write_file
from zjcrawl.metrics import exposition

_RUN = "SELECT id, command, started_at, ended_at, exit_code, stats FROM runs WHERE command LIKE 'crawl%' ORDER BY id DESC LIMIT 1"
_LAST_STATS = "SELECT stats FROM runs WHERE command LIKE 'crawl%' AND ended_at IS NOT NULL ORDER BY id DESC LIMIT 1"
_SUCCEEDED = "SELECT max(ended_at) FROM runs WHERE command LIKE 'crawl%' AND exit_code = 0"
_PERCENT = "[dim]–[/]"


@click.command("status", short_help="Health: the last run, freshness, and fields that pages no longer fill.")
@click.option("--fields", is_flag=True, help="Show how many articles fill each field, by channel and template.")
@click.option(
    "--max-age", type=click.IntRange(min=1), metavar="HOURS", help="Complain when the last run is older than that."
)
@click.option(
    "--max-silence",
    type=click.IntRange(min=1),
    metavar="HOURS",
    help="Complain when no new article came for so long, or no list page of a channel that the last run asked for.",
)
@file_option("prometheus", "Write it for the node exporter's textfile collector too, in one step; - prints only that.")
@json_option
@archive_option
@click.pass_context
def status_command(
    context: click.Context,
    fields: bool,
    max_age: int | None,
    max_silence: int | None,
    prometheus: Path | None,
    as_json: bool,
    archive: str | None,
) -> None:
    """Say how the archive does: the last run, how fresh each channel is, what waits, and which fields pages no longer
    fill as they did. Exit code 3 when something needs a person, 0 when nothing does.

    Example: zjcrawl status --max-age 3 --max-silence 24
    """
    with Archive(archive_folder(context, archive)) as held:
        newest = health.newest(held)
        told = status(held, newest, max_age, max_silence)
        if prometheus is not None:
            text = exposition(told, health.rates(newest), datetime.now(UTC))
            write_file(prometheus, text.encode("utf-8", "replace"), True, held.folder)
        if str(prometheus) == "-":
            pass
        elif as_json:
            print_json(told | {"fields": {by: health.rates(newest, by) for by in ("channel", "template")}})
        else:
            _show(told)
            if fields:
                for by in ("channel", "template"):
                    console().print(_rates(by, health.rates(newest, by)))
    context.exit(3 if told["problems"] else 0)


def status(
    held: Archive, newest: health.Newest, max_age: int | None = None, max_silence: int | None = None
) -> dict[str, Any]:
    """What `status` tells: `run`, `succeeded_at`, `articles` by state, `channels`, `drops`, `bytes` by part of the archive,
    `disk_free` in bytes, `problems` in words. `max_age` and `max_silence` are hours."""
    channels = health.freshness(held)
    run = next((dict(row) for row in held.rows(_RUN)), None)
    problems: list[str] = []
    if run is None:
        problems.append("no crawl has written to this archive yet: 'zjcrawl crawl' begins")
    else:
        stats = json.loads(run.pop("stats") or "{}")
        problems += [problem for problem in stats.get("problems", []) if not problem.startswith("fill rate")]
        age = (datetime.now(UTC) - datetime.fromisoformat(run["ended_at"] or run["started_at"])).total_seconds() / 3600
        run["age_hours"] = round(age, 2)
        run |= {
            "outcomes": {kind: stats.get(kind + "s", {}) for kind in ("listing", "article")},
            "requests": stats.get("requests"),
            "bytes": stats.get("bytes"),
        }
        run["at_work"] = run["ended_at"] is None and lock.holder(held.folder) is not None
        if run["ended_at"] is None and not run["at_work"]:
            problems.append(
                f"run {run['id']} ({run['command']}) has no end: it was killed; the next one goes on from there"
            )
        if max_age is not None and age > max_age:
            problems.append(
                f"the last crawl was {age:.0f} hours ago, more than {max_age}: see why the timer does not run"
            )
        if max_silence is not None:
            problems += _silences(channels, json.loads(held.value(_LAST_STATS) or "{}"), max_silence)
    drops = health.drops(held, newest)
    problems += [drop.sentence() for drop in drops]
    states: dict[str, int] = {
        row[0]: row[1] for row in held.rows("SELECT state, count(*) FROM articles GROUP BY state")
    }
    return {
        "archive": str(held.folder),
        "run": run,
        "succeeded_at": held.value(_SUCCEEDED),
        "articles": states,
        "channels": channels,
        "drops": [{"where": d.where, "field": d.field, "was": round(d.was, 3), "now": round(d.now, 3), "since": d.since,
                   "articles": d.articles, "sample": d.sample} for d in drops],
        "bytes": _bytes(held.folder),
        "disk_free": shutil.disk_usage(held.folder).free,
        "problems": problems,
    }  # fmt: skip


def _silences(channels: Mapping[str, Any], stats: Mapping[str, Any], hours: int) -> Iterator[str]:
    """What nothing new came of for longer than so many hours: of all channels together, and of each one's list pages."""
    now = datetime.now(UTC)

    def silent(stamps: list[str]) -> str | None:
        """How long ago the last of some moments was, in words, where that is too long."""
        if not stamps:
            return "ever"
        age = (now - max(map(moment, stamps))).total_seconds() / 3600
        return f"for {age:.0f} hours, more than {hours}" if age > hours else None

    if long := silent([of["last_new"] for of in channels.values() if of["last_new"]]):
        yield f"no new article came {long}: see whether the portal has news, and what its list pages show"
    asked = [slug for slug, of in stats.get("channels", {}).items() if of.get("listings")] or list(channels)
    for slug in asked:
        last = channels.get(slug, {}).get("last_listed")
        if long := silent([last] if last else []):
            yield f"{slug}: no list page came {long}: see what the last crawl says of it"


def _bytes(folder: Path) -> dict[str, int]:
    """How large an archive's files are: `database`, `warc`, and `cold` storage as far as it is there."""
    paths = {
        "database": [*folder.glob("archive.db*")],
        "warc": [*(folder / "warc").glob("*.warc.gz*")],
        "cold": [path for store in cold.folders(folder) for path in store.glob("*.warc.gz")],
    }
    sizes = dict.fromkeys(paths, 0)
    for part, some in paths.items():
        for path in some:
            with suppress(FileNotFoundError):  # one that is closed, and so renamed, meanwhile
                sizes[part] += path.stat().st_size
    return sizes


def _show(told: dict[str, Any]) -> None:
    out = console()
    run, articles = told["run"], told["articles"]
    if run is not None:
        ended = "ended" if run["ended_at"] else "began"
        code = "" if run["exit_code"] is None else f", exit code {run['exit_code']}"
        at_work = ", at work" if run["at_work"] else ""
        out.print(
            f"last run  {run['command']}: {ended} {run['age_hours']:.1f} hours ago{code}{at_work}", highlight=False
        )
    held = ", ".join(f"{count:,} {state}" for state, count in articles.items()) or "none"
    out.print(f"articles  {held}", highlight=False)
    out.print(f"disk      {told['disk_free'] / 1e9:,.1f} GB free", highlight=False)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, justify in (
        ("channel", "left"),
        ("articles", "right"),
        ("waiting", "right"),
        ("newest", "left"),
        ("list read", "left"),
    ):
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for slug, of in told["channels"].items():
        waiting = f"{of['backlog']:,}" if of["backlog"] else ""
        table.add_row(slug, f"{of['articles']:,}", waiting, (of["newest"] or "–")[:16], (of["last_listed"] or "–")[:16])
    out.print(table)
    for problem in told["problems"]:
        out.print(f"[yellow]![/] {problem.replace('[', chr(92) + '[')}", highlight=False, soft_wrap=True)
    if not told["problems"]:
        out.print("[green]all is well[/]")


def _rates(by: str, rates: dict[str, dict[str, Any]]) -> Table:
    table = Table(
        title=f"of the newest {health.WINDOW} articles of each channel, those that fill a field, by {by}",
        box=None,
        header_style="bold",
        pad_edge=False,
    )
    names = [name for name in health.FIELDS if not (by == "template" and name == "template")]
    for name in (by, "articles", *names):
        table.add_column(name, justify="left" if name == by else "right", no_wrap=True)
    for name, of in rates.items():
        cells = (_PERCENT if of[field] is None else f"{of[field]:.0%}" for field in names)
        table.add_row(name, f"{of['articles']:,}", *cells)
    return table
