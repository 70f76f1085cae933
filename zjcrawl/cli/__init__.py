"""The command line: one small module a verb. Errors end in one sentence and the exit code of design and README."""

import errno
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from typing import cast

import click

from zjcrawl import __version__
from zjcrawl.errors import InputError, StorageError, ZjcrawlError, why
from zjcrawl.screen import NoReaderError, open_stdout

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM, errno.EFBIG}


# In the order of a first day. A verb's module is loaded when it is asked for: most need little of the program.
VERBS = (
    "demo",
    "crawl",
    "channels",
    "parse",
    "search",
    "stats",
    "timeline",
    "cooccur",
    "coverage",
    "reprints",
    "show",
    "diff",
    "serve",
    "export",
    "status",
    "schedule",
    "freeze",
    "reparse",
    "verify",
    "backup",
)


class _Verbs(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            raise click.NoSuchCommand(cmd_name, possibilities=VERBS, ctx=ctx)
        module = import_module(f"zjcrawl.cli.{cmd_name}")
        return cast(click.Command, getattr(module, f"{cmd_name}_command"))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="zjcrawl")
@click.option("--archive", metavar="DIR", help="The archive folder (default: data, or $ZJCRAWL_ARCHIVE).")
def cli(archive: str | None) -> None:
    """The archive of Zhejiang's regional news: crawl it, read it, keep it, ask it, take a dataset away."""


def main() -> None:
    """The `zjcrawl` command."""
    open_stdout()
    sys.exit(_exit_code([_word(word) for word in sys.argv[1:]]))


def _word(word: str) -> str:
    """A word of the command line as UTF-8, whatever the locale. What is none stays as it is, and is refused below."""
    with suppress(UnicodeError):
        return os.fsencode(word).decode()
    return word


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
        if not word.isprintable() and any("\ud800" <= char <= "\udfff" for char in word):
            raise InputError(f"the word behind {before!r} is no UTF-8: set the terminal to UTF-8 and write it again")
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
