"""The command line: one small module a verb. Errors end in one sentence and the exit code of design and README."""

import errno
import re
import sys
from collections.abc import Sequence
from itertools import pairwise

import click

from zjcrawl import __version__
from zjcrawl.cli.channels import channels_command
from zjcrawl.cli.cooccur import cooccur_command
from zjcrawl.cli.coverage import coverage_command
from zjcrawl.cli.crawl import crawl_command
from zjcrawl.cli.demo import demo_command
from zjcrawl.cli.diff import diff_command
from zjcrawl.cli.export import export_command
from zjcrawl.cli.freeze import freeze_command
from zjcrawl.cli.parse import parse_command
from zjcrawl.cli.reparse import reparse_command
from zjcrawl.cli.reprints import reprints_command
from zjcrawl.cli.search import search_command
from zjcrawl.cli.show import show_command
from zjcrawl.cli.stats import stats_command
from zjcrawl.cli.status import status_command
from zjcrawl.cli.timeline import timeline_command
from zjcrawl.cli.verify import verify_command
from zjcrawl.errors import InputError, StorageError, ZjcrawlError, why
from zjcrawl.screen import NoReaderError, open_stdout

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM, errno.EFBIG}


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="zjcrawl")
@click.option("--archive", metavar="DIR", help="The archive folder (default: data, or $ZJCRAWL_ARCHIVE).")
def cli(archive: str | None) -> None:
    """The archive of Zhejiang's regional news: crawl it, read it, keep it, take a dataset away."""


for command in (
    demo_command,
    crawl_command,
    channels_command,
    parse_command,
    search_command,
    stats_command,
    timeline_command,
    cooccur_command,
    coverage_command,
    reprints_command,
    freeze_command,
    reparse_command,
    verify_command,
    status_command,
    show_command,
    diff_command,
    export_command,
):
    cli.add_command(command)


def main() -> None:
    """The `zjcrawl` command."""
    open_stdout()
    sys.exit(_exit_code(sys.argv[1:]))


def _exit_code(words: Sequence[str]) -> int:
    try:
        _refuse_empty(words)
        code = cli.main(words, prog_name="zjcrawl", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.UsageError as error:
        return _say(InputError(_sentence(error)))
    except click.ClickException as error:
        return _say(InputError(error.format_message()))
    except (click.Abort, KeyboardInterrupt):
        return 130
    except ZjcrawlError as error:
        return _say(error)
    except NoReaderError:
        return 0
    except OSError as error:
        if error.errno not in _DISK:
            raise
        return _say(StorageError(f"cannot use {error.filename or 'the disk'}: {why(error)}"))


def _refuse_empty(words: Sequence[str]) -> None:
    """An empty value is a slip of the shell's (`--archive "$NOWHERE"`) and would mean everything, or the folder here."""
    for before, word in pairwise(["zjcrawl", *words]):
        option, equals, value = word.partition("=")
        if option.startswith("--") and equals and not value.strip():
            raise InputError(f"the value of {option} is empty: give one, or leave the option out")
        if not word.strip():
            raise InputError(f"the word behind {before!r} is empty: give it a value, or leave it out")


def _sentence(error: click.UsageError) -> str:
    """click's three lines on bad usage as one, with the mend."""
    likely = getattr(error, "possibilities", None)
    told = (error.message if likely else error.format_message()).rstrip(".")
    told = told[:1].lower() + re.sub("is not a valid integer( range)?", "is no whole number", told[1:])
    meant = f" (did you mean {likely[0]!r}?)" if likely else ""
    command = error.ctx.command_path if error.ctx is not None else "zjcrawl"
    return f"{told}{meant}: '{command} --help' shows what there is"


def _say(error: ZjcrawlError) -> int:
    click.echo(f"zjcrawl: {error}", err=True)
    return error.exit_code
