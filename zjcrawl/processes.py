"""Processes that work for this one: started in one way wherever many pages are read, and never left behind."""

import fcntl
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import forkserver, get_context, parent_process, resource_tracker
from typing import Any

_UNTOLD = {signal.SIGINT, signal.SIGHUP}  # a terminal sends them to all processes: only the first one decides


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def executor(count: int, begin: Callable[..., object], *told: Any) -> ProcessPoolExecutor:
    """`count` processes, each of which starts with `begin(*told)`. They end with this one, however it ends.

    They are no forks of it, which would take its locks and connections along. Raises OSError and ImportError where the
    machine has none to give.
    """
    forkserver.set_forkserver_preload([begin.__module__])
    resource_tracker.ensure_running()  # it would open itself to signals again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _UNTOLD)  # what a process starts with it keeps
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return ProcessPoolExecutor(count, get_context("forkserver"), _begin, (begin, told))


def _begin(begin: Callable[..., object], told: tuple[Any, ...]) -> None:
    _end_with_parent()
    begin(*told)


def _end_with_parent() -> None:
    """Has the system end this process as soon as the one that it works for is gone, in the middle of a page too."""
    parent = parent_process()
    assert parent is not None
    if sys.platform != "linux":  # where SIGIO ends no process by itself
        signal.signal(signal.SIGIO, lambda *_: os._exit(1))
    fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, fcntl.fcntl(parent.sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    if not parent.is_alive():
        os._exit(1)
