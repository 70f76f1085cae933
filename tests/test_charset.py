"""Bytes to text: whatever is declared, no mojibake goes unseen."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zjcrawl.charset import Decoded, decode
from zjcrawl.models import Capture
from zjcrawl.page import Page, text_of

SIMPLIFIED = "嘉兴在线七月二十四日讯，记者从市政府获悉，全市今年的工作已经全面展开。"
TRADITIONAL = "台北七月二十四日電，記者從市政府獲悉，全市今年的工作已經全面展開，歡迎大家參與。"
REAL = [("utf-8", SIMPLIFIED), ("gb18030", SIMPLIFIED), ("big5", TRADITIONAL), ("utf-8", TRADITIONAL)]
DECLARED = ["utf-8", "gb2312", "gbk", "gb18030", "big5", "iso-8859-1", "windows-1252", "no-such-charset", None]
DOUBTS = {"charset_disagrees", "charset_guessed", "charset_lossy", "charset_twice"}


def page(text: str, meta: str | None, times: int = 1) -> str:
    declared = f'<meta http-equiv="Content-Type" content="text/html; charset={meta}">' if meta else ""
    return f"<html><head>{declared}</head><body>{f'<p>{text}</p>' * times}</body></html>"


def declaring(header: str | None) -> str:
    return f"text/html; charset={header}" if header else "text/html"


@pytest.mark.parametrize(("real", "text"), REAL)
@pytest.mark.parametrize("header", DECLARED)
@pytest.mark.parametrize("meta", DECLARED)
@pytest.mark.parametrize("times", [1, 300])
def test_every_declaration_over_every_charset(
    real: str, text: str, header: str | None, meta: str | None, times: int
) -> None:
    html = page(text, meta, times)
    decoded = decode(html.encode(real), declaring(header))
    assert decoded.text == html
    assert (decoded.used, decoded.header, decoded.meta) == (real, header, meta)
    if header is None and meta is None:
        assert decoded.warnings == ["charset_guessed"]


# ── the matrix: declared header × declared meta × real charset × length × kind of text ───────────────────────────────

CHARSETS = [
    "utf-8", "utf-8-sig", "gbk", "gb18030", "big5", "big5hkscs", "cp950", "windows-1252", "utf-16",
]  # fmt: skip
NAMES = {"utf-8-sig": "utf-8", "gbk": "gb18030", "big5hkscs": "big5", "cp950": "big5", "windows-1252": "cp1252"}
VOTES = [None, "utf-8", "gb2312", "gb18030", "big5-hkscs", "ISO-8859-1", "utf-16", "shift_jis", "euc-kr", "x"]
KINDS = {
    "plain": ("渡船开了", SIMPLIFIED),
    "rare": ("䶮喆瑧祎", "清溪镇的龚䶮、陶喆、张瑧和王祎昨天回到老码头，看第一班渡船靠岸。"),
    "four bytes": ("𠮷㐂𬭎㙍", "清溪镇𠮷家弄的王㐂和李𬭎昨天到了㙍头村，看第一班渡船靠岸。"),
    "traditional": ("渡船開了", TRADITIONAL),
    "Hong Kong": ("渡船開咗", "渡船停咗成九年，街坊話佢哋喺碼頭等咗好耐，裏面嘅人都唔識行。"),
    "punctuation": ("《》……", "“《——》”，（……）。「『』」、；：？！"),
    "euro": ("€100", "渡船的票价今年是€100，明年涨到€120，居民说太贵了。"),
    "accents": ("café", "The “café” at the old quay — naïve façade, crème brûlée, “à la carte” — reopened for €5."),
}
LENGTHS = ("headline", "sentence", "sparse page", "page")


def body_of(kind: str, length: str, meta: str | None) -> str:
    headline, sentence = KINDS[kind]
    if length == "headline":
        return f"<meta charset={meta}><title>{headline}</title>" if meta else f"<title>{headline}</title>"
    if length == "sparse page":
        links = "".join(f'<li><a href="/{n}.html" class="link">news no. {n}</a></li>\n' for n in range(200))
        return page(f"{links}<p>{sentence}</p>{links}", meta)
    return page(sentence, meta, 1 if length == "sentence" else 30)


def cells(charset: str, kind: str, length: str) -> Iterator[tuple[str | None, str | None, str, Decoded]]:
    for meta in VOTES:
        html = body_of(kind, length, meta)
        body = html.encode(charset)
        for header in VOTES:
            yield header, meta, html, decode(body, declaring(header))


def is_written_in(kind: str, charset: str) -> bool:
    try:
        "".join(KINDS[kind]).encode(charset)
    except UnicodeEncodeError:
        return False
    return True


MATRIX = [(charset, kind) for charset in CHARSETS for kind in KINDS if is_written_in(kind, charset)]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(("charset", "kind"), MATRIX)
def test_no_cell_of_the_matrix_is_mojibake_that_nobody_is_told_of(charset: str, kind: str, length: str) -> None:
    count = right = 0
    unseen = []
    for header, meta, html, decoded in cells(charset, kind, length):
        count += 1
        right += decoded.text == html
        if decoded.text != html and not DOUBTS & set(decoded.warnings):
            unseen.append((header, meta, decoded.used, decoded.text[-40:]))
    assert unseen == []
    assert count == len(VOTES) ** 2
    # A sentence tells its charset, whatever two declarations say. Four characters hardly: most of them are read right.
    if length != "headline":
        assert right == count
    elif kind not in ("rare", "four bytes", "punctuation", "euro", "accents"):
        assert right >= 0.95 * count


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(("charset", "kind"), MATRIX)
def test_what_is_declared_truly_is_read_truly(charset: str, kind: str, length: str) -> None:
    true = {"cp950": "big5", "utf-8-sig": "utf-8"}.get(charset, charset)
    for header, meta in ((true, None), (None, true), (true, true)):
        html = body_of(kind, length, meta)
        decoded = decode(html.encode(charset), declaring(header))
        assert decoded.text == html
        assert not {"charset_disagrees", "charset_lossy"} & set(decoded.warnings)
        if length in ("page", "sparse page") and kind not in ("punctuation", "accents"):
            assert decoded.warnings == []


def test_the_matrix_has_every_kind_in_every_charset_that_can_write_it() -> None:
    assert len(MATRIX) * len(LENGTHS) * len(VOTES) ** 2 == 17_600
    assert {kind for _, kind in MATRIX} == set(KINDS)


HANZI = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
RARER = st.characters(min_codepoint=0x3400, max_codepoint=0x4DB5) | st.characters(
    min_codepoint=0x20000, max_codepoint=0x2A6D6
)
EVERYDAY = st.sampled_from("的一是不了在人有我他这中来上大为和国地到以说时要就出会，。、：；？！“”（）《》€·0aZ ")


@given(
    st.text(HANZI | RARER | EVERYDAY, min_size=1, max_size=40),
    st.sampled_from([charset for charset in CHARSETS if charset != "windows-1252"]),
    st.sampled_from(VOTES),
    st.sampled_from(VOTES),
)
def test_any_chinese_text_is_equal_or_doubted(text: str, charset: str, header: str | None, meta: str | None) -> None:
    html = page(text, meta)
    try:
        body = html.encode(charset)
    except UnicodeEncodeError:
        return
    decoded = decode(body, declaring(header))
    assert decoded.text == html or DOUBTS & set(decoded.warnings)


# ── what a page declares ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("head", "meta"),
    [
        ("<meta charset=gbk>", "gbk"),
        ("<META CHARSET='GB2312' />", "GB2312"),
        ('<meta charset = "gb18030">', "gb18030"),
        ('<meta content="text/html; charset=gbk" http-equiv=Content-Type>', "gbk"),
        ("<meta http-equiv='content-type' content='text/html;charset=\"gbk\"'>", "gbk"),
        ("<meta name=description content='charset=big5'><meta charset=gbk>", "gbk"),
        ("<meta name=charset content=gbk>", None),
        ("<!-- <meta charset=big5> --><meta charset=gbk>", "gbk"),
        ("<!--><meta charset=gbk>", "gbk"),
        ("<!-- <meta charset=big5>", None),
        ("<script>document.write('<meta charset=big5>')</script><meta charset=gbk>", "gbk"),
        ("<SCRIPT>'<meta charset=big5>'</SCRIPT >", None),
        ("<script><meta charset=big5>", None),
        ("<style>/*<meta charset=big5>*/</style>", None),
        ("<title><meta charset=big5></title><meta charset=gbk>", "gbk"),
        ("<script src=a.js charset=big5></script>", None),
        ("<metadata charset=big5>", None),
        ("<meta charset=gbk><meta charset=big5>", "gbk"),
        ("<meta charset=''><meta charset=gbk>", "gbk"),
        (f"<style>{'a{b:c}' * 300}</style><meta charset=gbk>", "gbk"),
        (f"<script>{'var a=1;' * 1500}</script><meta charset=gbk>", "gbk"),
        (f"<!--{'-' * 5000}--><meta charset=gbk>", "gbk"),
    ],
)
def test_the_meta_element_that_counts(head: str, meta: str | None) -> None:
    assert decode(f"<html><head>{head}".encode("gbk")).meta == meta


def test_an_xml_declaration_is_one() -> None:
    html = f'<?xml version="1.0" encoding="gb2312"?><html><head></head><body>{SIMPLIFIED}</body></html>'
    decoded = decode(html.encode("gbk"))
    assert (decoded.text, decoded.meta, decoded.warnings) == (html, "gb2312", [])
    assert decode(html.replace("<head>", "<head><meta charset=gbk>").encode("gbk")).meta == "gbk"


@pytest.mark.parametrize("name", ["punycode", "idna", "unicode_escape", "rot13", "utf-7", "hex", "undefined", "mbcs"])
def test_a_name_that_is_no_charset_of_the_web_is_never_tried(name: str) -> None:
    for body in (page(SIMPLIFIED, name), page("plain \\u4e2d +AGE-", name)):
        decoded = decode(body.encode(), declaring(name))
        assert (decoded.text, decoded.used) == (body, "utf-8")


def test_chinese_in_seven_bits_is_read_where_it_is_declared() -> None:
    html = page(SIMPLIFIED, "hz-gb-2312")
    decoded = decode(html.encode("hz"))
    assert (decoded.text, decoded.used, decoded.warnings) == (html, "hz", [])
    assert decode(b"<p>~{ ~}", declaring("utf-8")).text == "<p>~{ ~}"


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_goes_before_declarations(mark: str) -> None:
    decoded = decode(page(SIMPLIFIED, "gbk").encode(mark), "text/html; charset=big5")
    assert decoded.text == page(SIMPLIFIED, "gbk")
    assert (decoded.header, decoded.meta) == ("big5", "gbk")
    assert "charset_disagrees" in decoded.warnings


def test_the_mark_of_a_template_file_does_not_make_utf_8_of_a_page() -> None:
    html = page(SIMPLIFIED, "gb2312", 3)
    decoded = decode(b"\xef\xbb\xbf" + html.encode("gbk"))
    assert (decoded.text, decoded.used) == (html, "gb18030")


# ── short texts, other languages ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("real", ["utf-8", "gb18030"])
@pytest.mark.parametrize("declared", ["utf-8", "gbk"])
@pytest.mark.parametrize("text", ["嘉兴", "标题", "今日要闻", "浙江在线"])
def test_a_short_text_that_is_declared_truly_or_not(real: str, declared: str, text: str) -> None:
    decoded = decode(f"<title>{text}</title>".encode(real), f"text/html; charset={declared}")
    assert text in decoded.text


JAPANESE = "渡し船は九年間止まっていた。工事関係者によると、杭を三百本以上取り替えたという。"
ABROAD = [
    ("shift_jis", JAPANESE),
    ("euc-jp", JAPANESE),
    ("iso-2022-jp", JAPANESE),
    ("euc-kr", "나루터가 아홉 해 만에 다시 문을 열었다. 공사 관계자에 따르면 말뚝을 삼백 개 넘게 갈았다."),
    ("windows-1256", "توقفت العبارة لمدة تسع سنوات كاملة. وقال العمال إنهم استبدلوا أكثر من ثلاثمائة وتد."),
    ("windows-1251", "Паром не ходил девять лет. Рабочие заменили более трёхсот свай."),
    ("windows-1253", "Το πορθμείο δεν λειτουργούσε για εννέα χρόνια."),
    ("iso-8859-1", "Après neuf années, le café du port a été rénové, à côté de l'école."),
    ("windows-1252", "The “old quay” reopened — it’s been nine years…"),
    ("cp874", "เรือข้ามฟากหยุดให้บริการเป็นเวลาเก้าปี"),
]


@pytest.mark.parametrize(("charset", "text"), ABROAD)
def test_a_page_in_another_language_is_read_as_it_declares(charset: str, text: str) -> None:
    html = page(text, None, 5)
    decoded = decode(html.encode(charset), declaring(charset.replace("cp", "windows-")))
    assert decoded.text == html
    assert not {"charset_disagrees", "charset_lossy"} & set(decoded.warnings)
    undeclared = decode(html.encode(charset))
    assert undeclared.text == html or undeclared.warnings or charset == "iso-2022-jp"  # ASCII, to look at


# ── damage ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("real", ["utf-8", "gb18030"])
def test_one_broken_byte_is_said_and_costs_no_more(real: str) -> None:
    whole = page(SIMPLIFIED, None, 50).encode(real)
    at = whole.rindex(b"</p>") - 1
    decoded = decode(whole[:at] + whole[at + 1 :], f"text/html; charset={real}")
    assert decoded.used == real
    assert "charset_lossy" in decoded.warnings
    assert decoded.text.count(SIMPLIFIED) == 49


@pytest.mark.parametrize("declared", ["utf-8", "gbk", "big5", None])
@pytest.mark.parametrize(("real", "text"), REAL[:3])
def test_a_stray_byte_in_a_long_page_changes_no_charset(real: str, text: str, declared: str | None) -> None:
    whole = page(text, declared, 600).encode(real)
    chance = random.Random(1)
    for _ in range(20):
        at = chance.randrange(len(whole) // 4, len(whole))
        for damaged in (whole[:at] + b"\xff" + whole[at:], whole[:at] + whole[at + 1 :], whole[:at]):
            decoded = decode(damaged)
            assert decoded.used == real
            assert decoded.text.count(text) >= (598 if len(damaged) > at + 1 else 0)
            assert "\ufffd" not in decoded.text or "charset_lossy" in decoded.warnings


@pytest.mark.parametrize(("real", "text"), REAL[:3])
def test_a_page_cut_in_the_middle_of_a_character(real: str, text: str) -> None:
    whole = f"<p>{text}</p>" * 40 + "<p>" + text[:9]
    decoded = decode(whole.encode(real)[:-1], declaring(real))
    assert (decoded.used, decoded.warnings) == (real, ["charset_lossy"])
    assert decoded.text.startswith(whole[:-1])


@pytest.mark.parametrize(("outer", "inner"), [("utf-8", "gbk"), ("gbk", "utf-8")])
def test_an_include_in_another_charset_is_read_in_its_own(outer: str, inner: str) -> None:
    include = "<div>版权所有 未经允许不得转载<br>责任编辑：<a>李一舟</a></div>"
    html = page(SIMPLIFIED, outer, 40)
    decoded = decode(html.encode(outer) + include.encode(inner) + html.encode(outer), declaring(outer))
    assert decoded.text.startswith(f"{html}<div>版权所有 未经允许不得转载<br>")
    assert decoded.text.endswith(f"</div>{html}")
    assert decoded.used == NAMES.get(outer, outer)
    assert "charset_disagrees" in decoded.warnings
    assert decoded.text == html + include + html or "charset_lossy" in decoded.warnings  # 李一舟 alone may be anything


def test_big5_inside_gbk_is_seen() -> None:
    html = page(SIMPLIFIED, "gbk", 40).encode("gbk") + f"<p>{TRADITIONAL}</p>".encode("big5")
    decoded = decode(html)
    assert decoded.used == "gb18030"
    assert "charset_lossy" in decoded.warnings


def as_cp1252(text: str) -> str:
    return "".join(bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize("wrongly", [as_cp1252, lambda text: text.encode().decode("latin-1")])
@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, "国际新闻", "“码头”", "2024年3月5日，渡船开了"])
def test_utf_8_encoded_twice_is_undone_and_said(wrongly: object, text: str) -> None:
    assert callable(wrongly)
    html = page("栏目", "utf-8") + f"<p>{wrongly(text)}</p>"
    decoded = decode(html.encode())
    assert decoded.text == page("栏目", "utf-8") + f"<p>{text}</p>"
    assert decoded.warnings == ["charset_twice"]


def test_accents_are_no_second_encoding() -> None:
    html = page("« café » à la “carte” — naïve façade, ÀÉÎÕÜ, é\u00a0», ï¿½ ©®", "utf-8", 9)
    assert decode(html.encode()).text == html
    assert "charset_twice" not in decode(html.encode()).warnings


@pytest.mark.parametrize("charset", ["utf-8", "gbk"])
def test_what_was_lost_before_is_said(charset: str) -> None:
    lost = "<p>\ufffd\ufffd</p>".encode()
    decoded = decode(page(SIMPLIFIED, charset, 9).encode(charset) + lost)
    assert (decoded.used, decoded.warnings) == (NAMES.get(charset, charset), ["charset_lossy"])


@pytest.mark.parametrize(
    ("charset", "euro", "used"), [("gbk", b"\x80", "gb18030"), ("big5", b"\xa3\xe1", "big5"), ("utf-8", None, "utf-8")]
)
def test_the_euro_of_windows(charset: str, euro: bytes | None, used: str) -> None:
    text = SIMPLIFIED if charset != "big5" else TRADITIONAL
    html = page(f"{text}EURO", charset, 3)
    decoded = decode(html.encode(charset).replace(b"EURO", euro or "€".encode()))
    assert (decoded.text, decoded.used, decoded.warnings) == (html.replace("EURO", "€"), used, [])


def test_the_signs_of_big5_are_those_of_the_standard() -> None:
    signs = "‧﹑～￥"
    html = page(TRADITIONAL + signs, "big5")
    assert decode(html.encode("cp950")).text == html


@pytest.mark.parametrize("charset", ["utf-8", "gbk", "big5"])
def test_nuls_are_no_text(charset: str) -> None:
    text = TRADITIONAL if charset == "big5" else SIMPLIFIED
    html = page(text, charset, 3)
    decoded = decode(html.replace("<", "\0<\0").encode(charset))
    assert decoded.text == html
    assert decoded.warnings == ["charset_lossy"]
    between = bytes(byte for char in html.encode(charset) for byte in (char, 0))
    assert decode(between).text == html


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["渡船", SIMPLIFIED])
def test_utf_16_without_a_mark(charset: str, text: str) -> None:
    html = page(text, None)
    for header in (charset, None):
        decoded = decode(html.encode(charset), declaring(header))
        assert (decoded.text, decoded.used) == (html, charset)
        assert decoded.warnings == ([] if header else ["charset_guessed"])


def test_references_in_the_range_of_windows_1252_are_its_characters() -> None:
    html = "<p>&#147;渡船&#148;&#x96;&#128;&#8212;&#x4e2d;&#20013;&#0;&nbsp</p>"
    capture = Capture("http://a/", "http://a/", datetime(2026, 1, 1, tzinfo=UTC), 200, (), html.encode())
    assert text_of(Page.of(capture).root) == "“渡船”–€—中中\ufffd"


@given(st.binary(max_size=400), st.sampled_from([*VOTES, "hz-gb-2312", "iso-2022-jp", "utf-16be", "punycode"]))
def test_no_bytes_break_the_decoding(body: bytes, declared: str | None) -> None:
    decoded = decode(body, f"text/html; charset={declared}" if declared else None)
    assert isinstance(decoded.text, str)
    assert body.isascii() or decoded.warnings or declared is not None
