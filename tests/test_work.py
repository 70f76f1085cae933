"""What reading a page costs, counted in work: seconds depend on the machine, parses and calls do not."""

import pytest
from lxml import etree

from benchmarks import reading_speed
from benchmarks.reading_speed import STEPS, Sample

READING = STEPS["what it means"]
# Functions called for a page, on average of the first twelve of the model's; a fifth more than was needed when this was
# written. Who makes a reading cheaper lowers its bound; who raises one says in the commit what the page gains by it.
MOST_CALLS = {"mlf2016": 2_800, "mlf2026": 3_100, "system2006": 3_100, "system2012": 2_500, "labels": 10_300}
MOST_CALLS_TO_THE_TREE = 280


@pytest.fixture(scope="module")
def pages() -> dict[str, list[Sample]]:
    return {name: samples[:12] for name, samples in reading_speed.model_pages().items()}


def test_a_page_is_parsed_once(pages: dict[str, list[Sample]], monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    parse = etree.fromstring

    def counting(data: bytes, parser: etree.HTMLParser) -> object:
        parsed.append(len(data))
        return parse(data, parser)

    monkeypatch.setattr(etree, "fromstring", counting)
    samples = [sample for group in pages.values() for sample in group]
    for sample in samples:
        READING(sample)
    assert len(parsed) == len(samples)


def test_every_reading_has_a_bound(pages: dict[str, list[Sample]]) -> None:
    assert set(pages) == set(MOST_CALLS)


@pytest.mark.parametrize("name", MOST_CALLS)
def test_a_reading_calls_no_more_than_it_did(name: str, pages: dict[str, list[Sample]]) -> None:
    assert reading_speed.calls(pages[name], STEPS["bytes to tree"]) <= MOST_CALLS_TO_THE_TREE
    assert reading_speed.calls(pages[name], READING) <= MOST_CALLS[name]


def test_calls_are_those_of_the_pages_and_not_of_what_was_read_before(pages: dict[str, list[Sample]]) -> None:
    first, again = (reading_speed.calls(pages["mlf2016"], READING) for _ in range(2))
    assert first == pytest.approx(again, rel=0.05)  # what the interpreter itself does once is counted, too
