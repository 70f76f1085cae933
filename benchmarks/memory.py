"""What each command needs of memory, and whether that grows with the archive:

    python -m benchmarks.memory [--articles 2000], or `make bench-memory`

Two scale models are crawled, one four times as large as the other. Then each command is run over both archives, in a
process of its own, which says its peak (VmHWM) when it ends.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.soak import portal, run
from benchmarks.tables import ROOT, markdown, measured, put

TIMES = 4  # as large is the other archive
MORE = 40  # megabytes; a command that needs so much more for the larger archive is not bounded
WORD, OTHER = "嘉兴", "杭州"
COMMANDS = (
    "channels",
    "status",
    "schedule",
    f"search {WORD}",
    f"search {WORD} --limit 1000000 --json",
    "stats",
    f"timeline {WORD}",
    f"cooccur {WORD} {OTHER}",
    "coverage",
    "show 1",
    "reprints",
    "export csv {out}/all.csv",
    "export jsonl {out}/all.jsonl",
    "export parquet {out}/all.parquet",
    "export package {out}/package",
    "verify",
    "reparse --dry-run",
    "backup {out}/copy",
)
# Of the process itself: what the kernel tells its parent counts the parent's own size too.
_TELLING = """
import atexit, re, sys
from pathlib import Path
out = Path(sys.argv.pop(1))
atexit.register(lambda: out.write_text(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]))
from zjcrawl.__main__ import main
main()
"""


def peak(archive: Path, command: str, temporary: Path) -> int:
    """The megabytes that a command needs at its peak. Raises RuntimeError where it fails."""
    told = temporary / "peak"
    words = [word.format(out=temporary) for word in command.split()]
    done = subprocess.run(
        [sys.executable, "-c", _TELLING, str(told), "--archive", str(archive), *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    if done.returncode not in (0, 3):  # 3: done, and something is to be told
        raise RuntimeError(f"zjcrawl {command} ended with {done.returncode}: {done.stderr.strip()}")
    return int(told.read_text()) // 1024


def measure(articles: int, commands: Sequence[str] = COMMANDS) -> list[tuple[str, int, int]]:
    """A crawl, then each command, and its peaks in megabytes, over an archive of so many articles and over one TIMES as large."""
    peaks: list[list[int]] = []
    for size in (articles, TIMES * articles):
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "archive"
            with portal(size) as proxy:
                ran = run(archive, proxy, size)
            if ran.code:
                raise RuntimeError(f"the crawl of {size:,} articles ended with {ran.code}")
            peaks.append([round(ran.megabytes)])
            for number, command in enumerate(commands):
                (temporary := Path(folder) / str(number)).mkdir()
                peaks[-1].append(peak(archive, command, temporary))
    return [*zip(("crawl", *commands), *peaks, strict=True)]


def main(arguments: Sequence[str] | None = None, results: Path = ROOT / "benchmarks/RESULTS.md") -> int:
    """Prints the table and keeps it; 1 where a command's memory grew with the archive."""
    parser = argparse.ArgumentParser("python -m benchmarks.memory", description=__doc__)
    parser.add_argument(
        "--articles", type=int, default=2000, metavar="N", help="of the smaller archive (default: 2000)"
    )
    options = parser.parse_args(arguments)
    if not Path("/proc/self/status").exists():
        print(
            "this system does not say what a process needs (/proc/self/status): nothing was measured", file=sys.stderr
        )
        return 3
    taken = measure(options.articles)
    grown = [command for command, small, large in taken if large > small + MORE]
    rows = [[f"`{command.format(out='DIR')}`", str(small), str(large)] for command, small, large in taken]
    head = ["command", f"{options.articles:,} articles, MB", f"{TIMES * options.articles:,} articles, MB"]
    said = f"Grows with the archive: {', '.join(grown)}." if grown else "No command's memory grows with the archive."
    text = f"{markdown(head, rows)}\n\n{said}\n\n`make bench-memory`, {measured('zjcrawl')}; peaks of the main process."
    print(text)
    put(results, "memory", text)
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
