"""What a new look at an article means, case by case."""

from dataclasses import replace

import pytest

from zjcrawl.archive.decide import Wording, decide

KNOWN = Wording("1:aa", "mlf2016", 1, ("p1",))


def test_unknown_is_new() -> None:
    assert decide(None, KNOWN) == "new"


@pytest.mark.parametrize(
    ("seen", "decision"),
    [
        pytest.param(replace(KNOWN, payloads=("p2",)), "same", id="only the page around it changed"),
        pytest.param(replace(KNOWN, template_version=2), "same", id="read anew with the same result"),
        pytest.param(replace(KNOWN, text_sha256="1:bb", payloads=("p2",)), "edited", id="page and wording changed"),
        pytest.param(replace(KNOWN, text_sha256="1:bb"), "reread", id="the very same page read differently"),
        pytest.param(
            replace(KNOWN, text_sha256="1:bb", template_version=2, payloads=("p2",)),
            "reread",
            id="new version, in doubt",
        ),
        pytest.param(
            replace(KNOWN, text_sha256="1:bb", template="mlf2026", payloads=("p2",)),
            "reread",
            id="new template, in doubt",
        ),
        pytest.param(replace(KNOWN, text_sha256="2:bb", payloads=("p2",)), "reread", id="another rule of digests"),
        pytest.param(
            replace(KNOWN, text_sha256="1:bb", payloads=("p2",), complete=False), "same", id="a part is missing now"
        ),
    ],
)
def test_a_second_look(seen: Wording, decision: str) -> None:
    assert decide(KNOWN, seen) == decision


def test_a_part_that_was_missing_is_no_edit() -> None:
    seen = replace(KNOWN, text_sha256="1:bb", payloads=("p2", "p3"))
    assert decide(replace(KNOWN, complete=False), seen) == "reread"


@pytest.mark.parametrize(("old_read_again", "decision"), [("1:bb", "reread"), ("1:aa", "edited"), ("1:cc", "edited")])
def test_reading_the_old_page_again_tells_an_edit_from_a_new_reading(old_read_again: str, decision: str) -> None:
    seen = replace(KNOWN, text_sha256="1:bb", template_version=2, payloads=("p2",))
    assert decide(KNOWN, seen, old_read_again) == decision
