"""`python -m zjcrawl.model`: serves the scale model as a proxy, or writes what it knows."""

import argparse
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from zjcrawl.errors import InputError, StorageError, ZjcrawlError
from zjcrawl.model import FAULTS, Fault, Portal, Switches, serve


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        portal = Portal(options.seed, options.articles, _switches(options))
        portal.clock = options.clock
        if options.truth:
            _write(options.truth, portal)
        else:
            _serve(portal, options.port)
    except ZjcrawlError as error:
        print(f"zjcrawl.model: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m zjcrawl.model", description=__doc__)
    parser.add_argument(
        "--articles", type=_amount, default=300, metavar="N", help="how many articles there are (default: 300)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another seed, another portal (default: 1)")
    parser.add_argument("--port", type=_amount, default=0, metavar="P", help="0 takes any free port (default)")
    parser.add_argument(
        "--truth", type=Path, metavar="FILE", help="write every article's columns as JSON lines and end"
    )
    parser.add_argument("--clock", type=_amount, default=0, metavar="STEP", help="the step of its history: 0, then 1")
    parser.add_argument("--edits", type=_amount, default=0, metavar="N", help="so many articles are edited at step 1")
    parser.add_argument("--deletions", type=_amount, default=0, metavar="N", help="so many are gone from step 1")
    parser.add_argument("--fresh", type=_amount, default=0, metavar="N", help="so many are published at step 1")
    parser.add_argument("--cosmetic", action="store_true", help="counters and side columns differ at every request")
    parser.add_argument("--no-gzip", action="store_true", help="no answer is compressed, whatever a client accepts")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="KIND=URL|HOST",
        help=f"an address or a whole host answers wrongly (repeat); KIND is one of {', '.join(FAULTS)}",
    )
    return parser


def _amount(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of 0 or more")
    return int(text)


def _switches(options: argparse.Namespace) -> Switches:
    edited = _spread(options.edits, options.articles)
    deleted = [number + 1 for number in _spread(options.deletions, options.articles - 1)]
    return Switches(
        edits=dict.fromkeys(edited, (1,)),
        deletions=dict.fromkeys(deleted, 1),
        fresh=options.fresh,
        cosmetic=options.cosmetic,
        gzip=not options.no_gzip,
        faults=_faults(options.fault),
    )


def _spread(count: int, articles: int) -> list[int]:
    """`count` article numbers spread evenly over the portal."""
    return [place * articles // count for place in range(min(count, articles))]


def _faults(wanted: list[str]) -> dict[Fault, set[str]]:
    faults: dict[Fault, set[str]] = {}
    for pair in wanted:
        kind, _, where = pair.partition("=")
        known = next((fault for fault in FAULTS if fault == kind), None)
        if known is None or not where:
            raise InputError(f"--fault {pair!r}: write KIND=URL or KIND=HOST, KIND one of {', '.join(FAULTS)}")
        faults.setdefault(known, set()).add(where)
    return faults


def _write(path: Path, portal: Portal) -> None:
    def lines() -> Iterator[str]:
        for known in portal.truths():
            yield json.dumps(known, ensure_ascii=False) + "\n"

    try:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(lines())
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error


def _serve(portal: Portal, port: int) -> None:
    try:
        with serve(portal, port) as proxy:
            print(proxy.url, flush=True)
            threading.Event().wait()
    except (OSError, OverflowError) as error:
        raise InputError(f"cannot listen on port {port}: {error}") from error


if __name__ == "__main__":
    sys.exit(main())
