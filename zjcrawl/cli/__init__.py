"""The command line: one small module a verb. Errors end in one sentence and the exit code of design and README."""

import errno
import sys

import click

from zjcrawl import __version__
from zjcrawl.cli.channels import channels_command
from zjcrawl.cli.crawl import crawl_command
from zjcrawl.cli.demo import demo_command
from zjcrawl.cli.diff import diff_command
from zjcrawl.cli.export import export_command
from zjcrawl.cli.freeze import freeze_command
from zjcrawl.cli.parse import parse_command
from zjcrawl.cli.reparse import reparse_command
from zjcrawl.cli.show import show_command
from zjcrawl.cli.status import status_command
from zjcrawl.errors import StorageError, ZjcrawlError

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
    freeze_command,
    reparse_command,
    status_command,
    show_command,
    diff_command,
    export_command,
):
    cli.add_command(command)


def main() -> None:
    """The `zjcrawl` command."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.Abort:
        code = 130
    except ZjcrawlError as error:
        code = _say(error)
    except BrokenPipeError:  # `zjcrawl … | head`: the reader has what it wanted
        sys.stderr.close()
        code = 0
    except OSError as error:
        if error.errno not in _DISK:
            raise
        code = _say(StorageError(f"{error.strerror}: {error.filename or 'the disk'}; free or permit it and try again"))
    sys.exit(code if isinstance(code, int) else 0)


def _say(error: ZjcrawlError) -> int:
    click.echo(f"zjcrawl: {error}", err=True)
    return error.exit_code
