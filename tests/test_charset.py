"""Bytes to text: whatever is declared, no mojibake goes unseen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zjcrawl.charset import decode

SIMPLIFIED = "嘉兴在线七月二十四日讯，记者从市政府获悉，全市今年的工作已经全面展开。"
TRADITIONAL = "台北七月二十四日電，記者從市政府獲悉，全市今年的工作已經全面展開，歡迎大家參與。"
REAL = [("utf-8", SIMPLIFIED), ("gb18030", SIMPLIFIED), ("big5", TRADITIONAL), ("utf-8", TRADITIONAL)]
DECLARED = ["utf-8", "gb2312", "gbk", "gb18030", "big5", "iso-8859-1", "windows-1252", "no-such-charset", None]


def page(text: str, meta: str | None, times: int) -> str:
    declared = f'<meta http-equiv="Content-Type" content="text/html; charset={meta}">' if meta else ""
    return f"<html><head>{declared}</head><body>{f'<p>{text}</p>' * times}</body></html>"


@pytest.mark.parametrize(("real", "text"), REAL)
@pytest.mark.parametrize("header", DECLARED)
@pytest.mark.parametrize("meta", DECLARED)
@pytest.mark.parametrize("times", [1, 300])
def test_every_declaration_over_every_charset(
    real: str, text: str, header: str | None, meta: str | None, times: int
) -> None:
    html = page(text, meta, times)
    decoded = decode(html.encode(real), f"text/html; charset={header}" if header else "text/html")
    assert decoded.text == html
    assert (decoded.used, decoded.header, decoded.meta) == (real, header, meta)
    if header is None and meta is None:
        assert decoded.warnings == ["charset_guessed"]


@pytest.mark.parametrize("real", ["utf-8", "gb18030"])
@pytest.mark.parametrize("declared", ["utf-8", "gbk"])
@pytest.mark.parametrize("text", ["嘉兴", "标题", "今日要闻", "浙江在线"])
def test_a_short_text_that_is_declared_truly_or_not(real: str, declared: str, text: str) -> None:
    decoded = decode(f"<title>{text}</title>".encode(real), f"text/html; charset={declared}")
    assert text in decoded.text


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=40), st.booleans())
def test_what_is_declared_truly_is_read_truly_or_said_to_be_doubtful(text: str, is_utf8: bool) -> None:
    real = "utf-8" if is_utf8 else "gb18030"
    decoded = decode(text.encode(real), f"text/html; charset={real}")
    assert decoded.text == text or decoded.warnings


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_goes_before_declarations(mark: str) -> None:
    decoded = decode(page(SIMPLIFIED, "gbk", 1).encode(mark), "text/html; charset=big5")
    assert decoded.text == page(SIMPLIFIED, "gbk", 1)
    assert "charset_disagrees" in decoded.warnings


@pytest.mark.parametrize("real", ["utf-8", "gb18030"])
def test_one_broken_byte_is_said_and_costs_no_more(real: str) -> None:
    whole = page(SIMPLIFIED, None, 50).encode(real)
    at = whole.rindex(b"</p>") - 1
    decoded = decode(whole[:at] + whole[at + 1 :], f"text/html; charset={real}")
    assert decoded.used == real
    assert "charset_lossy" in decoded.warnings
    assert decoded.text.count(SIMPLIFIED) == 49


@given(st.binary(max_size=400), st.sampled_from(DECLARED))
def test_no_bytes_break_the_decoding(body: bytes, declared: str | None) -> None:
    decoded = decode(body, f"text/html; charset={declared}" if declared else None)
    assert isinstance(decoded.text, str)
    assert body.isascii() or decoded.warnings or declared is not None
