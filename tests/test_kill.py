"""kill -9, at random moments and at every named point: nothing acknowledged is lost, and the end is as if nothing was."""

from pathlib import Path

import pytest

from tests.crawling import crawl, registry, rows
from tests.killing import POINTS, SLUGS, SWITCHES, Killing, contents
from zjcrawl.model import Portal, serve


@pytest.mark.parametrize("half", [0, 1])  # twenty and more, in two
def test_ten_kills_leave_the_archive_of_an_uninterrupted_run(tmp_path: Path, half: int) -> None:
    portal = Portal(seed=5, articles=40, registry=registry(*SLUGS), switches=SWITCHES)
    with serve(portal) as proxy:
        assert crawl(proxy, tmp_path / "whole", *SLUGS).code == 0
        killing = Killing(proxy, tmp_path / "killed", seed=half)
        for number, point in enumerate(POINTS[half::2]):
            killing.at(point, ("before", "after")[number % 2], 1 + number % 2)
            if number % 2:
                killing.at_random(1.5)
        killing.at("zjcrawl.archive.warc:salvage", "after", 1)
        done = crawl(proxy, tmp_path / "killed", *SLUGS)
    assert done.code == 0
    assert killing.kills.total() >= 10
    assert killing.lost == []
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    assert rows(tmp_path / "killed", "PRAGMA integrity_check") == [("ok",)]
    assert rows(tmp_path / "killed", "PRAGMA foreign_key_check") == []
    assert not list((tmp_path / "killed" / "warc").glob("*.open"))
    files = {path.name: path.stat().st_size for path in (tmp_path / "killed" / "warc").iterdir()}
    assert dict(rows(tmp_path / "killed", "SELECT name, bytes FROM warc_files")) == files
