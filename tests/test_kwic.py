"""Matches are found in normalised texts and shown where they stand in the text as printed."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zjcrawl.archive.search_index import fold, normalise
from zjcrawl.kwic import Hit, head, hits, origin, spans, tail

MARKS = "".join(map(chr, (0x300, 0x301, 0x323, 0x334, 0x3099, 0x9BE, 0xB3E, 0x1161, 0x1175, 0x11A8, 0x11C2, 0xFF9E)))
ODD = MARKS + "aeoA Ａ①㎡ﬁß¨İẞ\u1100\u1112가かハﾊ㍿\u0f73\u200b\u00ad\x01\u3000\t\xa0嘉兴，“”…👍🏽\u200d𠮷"
LINES = st.one_of(
    st.text(st.sampled_from(ODD), max_size=12),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=40),
)


@settings(max_examples=800, deadline=None)
@given(LINES)
def test_every_character_is_led_back_to_where_it_came_from(line: str) -> None:
    normal = normalise(line)
    origins = origin(line)
    assert len(origins) == len(normal)
    for (start, end), char in zip(origins, normal, strict=True):
        assert 0 <= start < end <= len(line)
        folded = fold(line[start:end])
        assert char in folded or (char == " " and any(map(str.isspace, folded)))
    assert [start for start, _ in origins] == sorted(start for start, _ in origins)
    assert origins == [(start, end) for start, end in origins if end > start]


@settings(max_examples=300, deadline=None)
@given(LINES, st.data())
def test_what_is_shown_holds_what_was_found(line: str, data: st.DataObject) -> None:
    normal = normalise(line)
    if normal:
        start = data.draw(st.integers(0, len(normal) - 1))
        end = data.draw(st.integers(start + 1, len(normal)))
        ((first, last),) = spans(line, [(start, end)])
        assert normal[start:end].strip() in normalise(line[first:last])


def test_no_character_of_unicode_is_led_astray() -> None:
    """Every character that normalising changes or that joins the one before it, after a letter, a mark and a syllable."""
    odd = [c for c in map(chr, range(0x110000)) if unicodedata.decomposition(c) or unicodedata.combining(c)]
    odd += map(chr, range(0x1100, 0x1200))
    assert len(odd) > 6_900
    for char in odd:
        for line in (f"e{char}\u0301", f"\u1100{char}\u11a8"):
            assert len(origin(line)) == len(normalise(line)), ascii(line)


@pytest.mark.parametrize(
    ("line", "term", "shown"),
    [
        ("在Ｇ６０科创走廊", "g60", "Ｇ６０"),
        ("约5㎡地", "m", "㎡"),
        ("约5㎡地", "5m2地", "5㎡地"),
        ("  长三角　 一体化", "角 一", "角　 一"),
        ("嘉\u200b兴", "嘉兴", "嘉\u200b兴"),
        ("cafe\u0301s", "é", "e\u0301"),
        ("STRASSE straße", "straße", "STRASSE"),
        ("\u1112\u1161\u11ab글", "한글", "\u1112\u1161\u11ab글"),
    ],
)
def test_a_match_is_shown_as_it_is_printed(line: str, term: str, shown: str) -> None:
    row = {"kicker": None, "title": "", "subtitle": None, "body": "前\n" + line}
    matches, (hit, *_) = hits(row, {"body": [normalise(term)]}, 5)
    assert (hit.text, row["body"][hit.start : hit.end], hit.before + hit.text + hit.after) == (shown, shown, line)
    assert matches == normalise(line).count(normalise(term))


def test_hits_come_in_the_order_of_reading_and_are_all_counted() -> None:
    row = {"kicker": "乙", "title": "甲乙", "subtitle": None, "body": "乙甲\n甲甲甲"}
    wanted = {column: ["甲", "乙", "甲甲"] for column in row}
    matches, shown = hits(row, wanted, 5)
    assert matches == 1 + 2 + 2 + 4
    assert shown[:4] == (
        Hit("kicker", 0, 1, "", "乙", ""),
        Hit("title", 0, 1, "", "甲", "乙"),
        Hit("title", 1, 2, "甲", "乙", ""),
        Hit("body", 0, 1, "", "乙", "甲"),
    )
    assert shown[4].start == 1
    assert hits(row, {"title": ["甲"]}, 0) == (1, ())
    assert hits(row, {}, 5) == (0, ())


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Mn", "Me", "Cf"])), st.integers(0, 30))
def test_a_cut_is_as_much_as_fits(text: str, width: int) -> None:
    from rich.cells import cell_len

    for cut, rest in ((head(text, width), text[len(head(text, width)) :][:1]), (tail(text, width), "")):
        assert sum(map(cell_len, cut)) <= width
        assert not rest or sum(map(cell_len, cut + rest)) > width
    assert text.startswith(head(text, width))
    assert text.endswith(tail(text, width))
