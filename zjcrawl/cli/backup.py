"""`zjcrawl backup`: a verified copy of an archive, also while a run writes it."""

from pathlib import Path

import click

from zjcrawl.backup import Backup, backup
from zjcrawl.cli.common import archive_folder, archive_option, console, json_option, print_json
from zjcrawl.cli.steps import Bars


@click.command("backup", short_help="Copy the archive, also while a run writes it, and verify the copy.")
@click.argument("out", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--link", is_flag=True, help="Link finished WARC files instead of copying them, where that is possible.")
@click.option("--quick", is_flag=True, help="Verify only a sample of the copy, as 'verify --quick' does.")
@click.option("--despite-damage", is_flag=True, help="Keep the copy also where something in it does not hold.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes that verify (default: all cores).")
@json_option
@archive_option
@click.pass_context
def backup_command(
    context: click.Context,
    out: Path,
    link: bool,
    quick: bool,
    despite_damage: bool,
    workers: int | None,
    as_json: bool,
    archive: str | None,
) -> None:
    """Copy the archive to DIR, a folder that is not there yet: the database as it is at one moment, and the WARC files up
    to what it names. The copy is verified before it gets its name. It is an archive: to restore it, copy it back.

    Exit code 3 where the copy does not hold what it should, 74 where the disk refuses: DIR is then not there.

    Example: zjcrawl backup /mnt/backups/zjcrawl-2026-11-25
    """
    with Bars() as bars:
        made = backup(
            archive_folder(context, archive),
            out,
            link=link,
            quick=quick,
            despite_damage=despite_damage,
            workers=workers,
            watch=bars.told,
        )
    if as_json:
        print_json(made.as_json())
    else:
        _show(made)
    context.exit(made.report.exit_code)


def _show(made: Backup) -> None:
    looked = ", ".join(f"{number:,} {name}" for name, (number, _) in made.report.looked.items() if number)
    end = f"{len(made.report.failures):,} things failed: see 'zjcrawl verify'" if made.report.failures else "all holds"
    console().print(f"{made.folder}: {made.bytes / 1e6:,.1f} MB; verified {looked or 'the tables'}: {end}",
                    highlight=False, soft_wrap=True)  # fmt: skip
