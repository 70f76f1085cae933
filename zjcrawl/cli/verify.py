"""`zjcrawl verify`: every promise of the archive, checked."""

from collections import defaultdict
from typing import Any

import click
from rich.table import Table

from zjcrawl.cli.common import archive_folder, archive_option, console, json_option, print_json
from zjcrawl.cli.steps import Bars
from zjcrawl.cli.typeset import seen
from zjcrawl.verify import Report, verify

_MOST = {"failures": 50, "notes": 5}  # rows of one check that a person is shown; JSON has all


@click.command("verify", short_help="Check every promise of the archive; name what fails.")
@click.option("--quick", is_flag=True, help="Only a sample of captures and articles, and no whole files.")
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    metavar="N",
    help="Of --quick: how many captures and articles.",
)
@click.option("--seed", type=int, metavar="S", help="Of --quick: choose the sample as an earlier one did.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes (default: one for each core).")
@json_option
@archive_option
@click.pass_context
def verify_command(
    context: click.Context,
    quick: bool,
    sample: int,
    seed: int | None,
    workers: int | None,
    as_json: bool,
    archive: str | None,
) -> None:
    """Check the files and captures byte for byte, every wording against its captures, the search index against the
    texts, and the tables against each other. Nothing is written, and a run may go on meanwhile.

    The exit code is 0 where all holds, 3 where something does not, 74 where the disk did not let us look.

    Example: zjcrawl verify --quick
    """
    with Bars() as bars:
        report = verify(
            archive_folder(context, archive), quick=quick, sample=sample, seed=seed, workers=workers, watch=bars.told
        )
    if as_json:
        print_json(report.as_json())
    else:
        _show(report)
    context.exit(report.exit_code)


def _show(report: Report) -> None:
    out, told = console(), report.as_json()
    for kind in ("failures", "notes"):
        if told[kind]:
            out.print(_table(kind, told[kind]))
    number = len(report.failures)
    end = (
        f"[bold red]{number:,} {'thing' if number == 1 else 'things'} failed[/]"
        if number
        else "[bold green]all holds[/]"
    )
    out.print(f"{_share(report)}: {end}", highlight=False)


def _share(report: Report) -> str:
    """What was looked at, in words."""
    if not report.looked:
        return "Looked at nothing but the tables"
    if report.seed is None:
        return "Looked at all " + ", ".join(f"{number:,} {name}" for name, (number, _) in report.looked.items())
    parts = [f"{number:,} of {of:,} {name}" for name, (number, of) in report.looked.items()]
    return f"Looked at {', '.join(parts)} (--seed {report.seed})"


def _table(title: str, findings: list[dict[str, Any]]) -> Table:
    table = Table(
        "check", "row", "what", title=title, title_justify="left", box=None, header_style="bold", pad_edge=False
    )
    by_check: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for finding in findings:
        by_check[finding["check"]].append(finding)
    for check, some in by_check.items():
        for finding in some[: _MOST[title]]:
            row = " ".join(str(finding[name]) for name in ("table", "key") if finding[name] is not None)
            what = "\n".join(finding[name] for name in ("url", "sentence") if finding[name])
            table.add_row(check, seen(row), seen(what))
        if len(some) > _MOST[title]:
            table.add_row(check, "", f"and {len(some) - _MOST[title]:,} more: --json names them all")
    return table
