"""`scrapy crawl news -a channels=jx,nhnews`: the same run as `zjcrawl crawl`, judged by the same exit code."""

import argparse
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from scrapy.commands import crawl
from scrapy.exceptions import UsageError

from zjcrawl.errors import InputError, ZjcrawlError


class Command(crawl.Command):
    """Scrapy's own ends with 0 whatever happened, and shows its usage or a traceback for a wrong argument."""

    requires_crawler_process = False  # the run makes its own

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        from zjcrawl.crawl import settings_from

        with _sentences():
            if opts.output or opts.overwrite_output:
                raise InputError(
                    "-o and -O write no file: a run fills the archive, 'zjcrawl export' writes files of it"
                )
            settings_from(opts.set)
            super().process_options(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zjcrawl.crawl import crawl, order_of
        from zjcrawl.progress import show
        from zjcrawl.screen import NoReaderError, open_stdout

        open_stdout()
        with _sentences():
            if args != ["news"]:
                raise InputError("the spider of this project is 'news': scrapy crawl news -a channels=jx,nhnews")
            wishes = inspect.signature(order_of).parameters.values()
            known = [wish.name for wish in wishes if wish.kind is wish.KEYWORD_ONLY]
            given = {name: value for name, value in opts.spargs.items() if name != "_job"}  # Scrapyd's, for its own use
            if unknown := sorted(given.keys() - set(known)):
                raise InputError(f"unknown argument {unknown[0]!r}: there are {', '.join(known)}")
            assert self.settings is not None
            summary = crawl(self.settings, **given)
        with suppress(NoReaderError):
            show(summary, aloud=self.settings["ZJCRAWL_LOG_FORMAT"] != "json")
        self.exitcode = summary.exit_code


@contextmanager
def _sentences() -> Iterator[None]:
    """Ends the program with one sentence and its exit code, as `zjcrawl` does."""
    try:
        yield
    except UsageError as error:
        print(error, file=sys.stderr)
        sys.exit(InputError.exit_code)
    except ZjcrawlError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
