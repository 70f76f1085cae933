"""`scrapy crawl news -a channels=jx,nhnews`: the same run as `zjcrawl crawl`, judged by the same exit code."""

import argparse
import inspect
import sys

from scrapy.commands import crawl
from scrapy.exceptions import UsageError

from zjcrawl.errors import ZjcrawlError


class Command(crawl.Command):
    """Scrapy's own ends with 0 whatever happened, and shows a traceback for a wrong argument."""

    requires_crawler_process = False  # the run makes its own

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from zjcrawl.crawl import crawl, order_of
        from zjcrawl.progress import show

        if args != ["news"]:
            raise UsageError("the spider of this project is 'news': scrapy crawl news -a channels=jx,nhnews")
        known = [
            name for name, wish in inspect.signature(order_of).parameters.items() if wish.kind is wish.KEYWORD_ONLY
        ]
        if unknown := sorted(opts.spargs.keys() - set(known)):
            raise UsageError(f"unknown argument {unknown[0]!r}: there are {', '.join(known)}")
        assert self.settings is not None
        try:
            summary = crawl(self.settings, **opts.spargs)
        except ZjcrawlError as error:
            print(error, file=sys.stderr)
            self.exitcode = error.exit_code
            return
        show(summary)
        self.exitcode = summary.exit_code
