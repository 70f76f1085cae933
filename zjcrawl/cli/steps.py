"""A bar for each step of a long work."""

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn


class Bars:
    """A bar for each step, on a terminal only."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._bars: dict[str, TaskID] = {}

    def told(self, step: str, more: int, total: int) -> None:
        """So much more of a step is done, of so much."""
        if step not in self._bars:
            self._bars[step] = self._progress.add_task(step, total=total)
        self._progress.advance(self._bars[step], more)

    def __enter__(self) -> Self:
        if self._progress.console.is_terminal:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress.console.is_terminal:
            self._progress.stop()
