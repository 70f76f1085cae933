"""Bounds on the bytes of a page: what is left out is long, what is left is whole."""

from zjcrawl.markup import first_bytes, first_elements, without_long_tags

LONG = 70_000


def test_as_many_elements_as_are_wanted() -> None:
    assert first_elements(b"<p>a</p><p>b</p><p>c", 3) == b"<p>a</p><p>b</p><p>c"
    assert first_elements(b"<p>a</p><P>b</P><p>c", 2) == b"<p>a</p><P>b</P>"


def test_what_only_looks_like_an_element_does_not_count() -> None:
    page = b"<!--<p><p>--><script>if(a<b)'<p><p>'</script>1 < 2 <title><p></title></p><p>"
    assert first_elements(page, 3) == page
    assert first_elements(page, 2) == page.removesuffix(b"<p>")


def test_a_long_tag_keeps_its_name() -> None:
    tag = b"<img src='data:" + b"A" * LONG + b"'>"
    page = b"<p class=a>x</p>" + tag + b"<p>" + b"y" * LONG + b"</p>"
    assert without_long_tags(page * 2) == page.replace(tag, b"<img>") * 2
    assert without_long_tags(b"<div " + b"a" * LONG) == b"<div>"
    assert without_long_tags(b"x" * LONG + b"<p>") == b"x" * LONG + b"<p>"


def test_a_page_is_shortened_by_its_scripts_before_its_text() -> None:
    text = b"<p>text</p>\n"
    script = b"<script>" + b"a" * LONG + b"</script>"
    assert first_bytes(text, 100) == (text, False)
    assert first_bytes(script + text, 100) == (b"<script></script>" + text, False)
    assert first_bytes(text + b"<script>" + b"a" * LONG, 100) == (text + b"<script>", False)
    assert first_bytes(script + text * 100, 100) == (b"<script></script>" + text * 6 + text.strip(), True)


def test_a_page_is_cut_where_a_tag_or_a_line_ends() -> None:
    assert first_bytes(b"<p>aaaa</p>bbbb", 13) == (b"<p>aaaa</p>", True)
    assert first_bytes(b"aaaa\nbbbbbb", 8) == (b"aaaa\n", True)
    assert first_bytes(b"aaaabbbb", 6) == (b"aaaabb", True)
