"""Hostile and odd pages: each is read, with what is doubted, or refused in one sentence, soon and in little memory."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import hostile

SECONDS, MEGABYTES = 2.0, 300
TRIES = 3  # another program on the same core makes a reading slower, not faster


@pytest.fixture(scope="module")
def read() -> Iterator[Callable[[str], dict[str, Any]]]:
    """Reads the page of a name in a process of its own."""
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.hostile"],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None

        def once(name: str) -> dict[str, Any]:
            print(name, file=server.stdin, flush=True)
            answer: dict[str, Any] = json.loads(server.stdout.readline())  # type: ignore[union-attr]
            return answer

        def ask(name: str) -> dict[str, Any]:
            answer = once(name)
            for _ in range(TRIES - 1):
                if "failed" in answer or max(answer["article"], answer["listing"]) < SECONDS:
                    break
                answer = once(name)
            return answer

        yield ask
        server.stdin.close()


def is_bounded(found: dict[str, Any]) -> None:
    assert "failed" not in found, found["failed"]
    assert found["article"] < SECONDS
    assert found["listing"] < SECONDS
    assert found["megabytes"] < MEGABYTES


@pytest.mark.parametrize("name", hostile.REFUSED)
def test_what_is_no_page_is_refused_in_a_sentence(name: str, read: Callable[[str], dict[str, Any]]) -> None:
    found = read(name)
    is_bounded(found)
    assert hostile.REFUSED[name][1] in found["refused"]
    assert "\n" not in found["refused"]


@pytest.mark.parametrize("name", hostile.READ)
def test_what_is_a_page_is_read_with_its_doubts(name: str, read: Callable[[str], dict[str, Any]]) -> None:
    _, warnings, is_whole = hostile.READ[name]
    found = read(name)
    is_bounded(found)
    assert "refused" not in found, found["refused"]
    assert warnings <= set(found["warnings"])
    if is_whole:
        assert found["title"]
        assert found["body"] > 40
    else:
        assert found["warnings"]
    if "page_too_long" not in warnings:
        assert "page_too_long" not in found["warnings"]
