"""The search index: every character of a text is one token, so a phrase query finds exactly what a reader sees.

Stock SQLite's tokenizers find nothing in Chinese, which has no blanks. Here the text is normalised, its characters
are parted by blanks, and FTS5 keeps their places; `"嘉 兴"` then matches where 嘉兴 stands and nowhere else:

    SELECT url FROM articles JOIN articles_fts ON articles_fts.rowid = articles.id WHERE articles_fts MATCH '"嘉 兴"'
"""

import re
import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

# FTS5's `ascii` tokenizer takes every character beyond ASCII as part of a token; the punctuation of ASCII is added.
TOKENIZER = "ascii tokenchars '" + r"""!""#$%&''()*+,-./:;<=>?@[\]^_`{|}~""" + "'"

_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff]+")
# What most often keeps a Chinese text from being in NFKC already, which is seen at a glance: to bring a whole text there
# takes ten times as long, and was the dearest part of keeping an article.
_WIDE = re.compile("[！-～\u3000…]")
_PLAIN = {wide: unicodedata.normalize("NFKC", wide) for wide in map(chr, [*range(0xFF01, 0xFF5F), 0x3000, 0x2026])}
_UTF_32 = "utf-32-le"
_BLANKS = re.compile(r"\s+")  # as str.split() has them
_PIECE = 10_000  # characters that are taken at once where the work takes many bytes of each
# Characters in NFKC that are indexed of a text: as many as the longest page that is read has bytes. Only one of characters
# that NFKC makes many of (U+FDFA: eighteen) is longer, and would take half of the memory that a crawl may have.
_MOST = 2_000_000
_MOST_OF_ONE = 18  # characters that NFKC makes of one, at most
# Blanks and line ends must hold their place too. Normalised text contains neither of these two characters.
_BLANK, _END_OF_LINE = "\u3000", "\u2029"


def normalise(text: str) -> str:
    """A text as search compares it: width and compatibility forms unified (NFKC), case folded, blanks tidied.

    Any run of blanks is one, none stand at the ends of a line. Controls, soft hyphens and zero-width characters are
    dropped. Line ends stay, and no match crosses one.
    """
    return "\n".join(_tidied(_seen(line)) for line in _unified(text).split("\n"))


def fold(piece: str) -> str:
    """What a piece of a line becomes in its normalised form, its blanks as they are."""
    return _seen(_unified(piece))


def _unified(text: str) -> str:
    narrow = _WIDE.sub(lambda wide: _PLAIN[wide[0]], text.replace("，", ","))
    unified = unicodedata.normalize("NFKC", narrow)
    return "".join(piece.casefold() for piece in _pieces(unified))  # which takes twelve bytes a character meanwhile


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))


def _seen(line: str) -> str:
    return line if line.isprintable() else _UNSEEN.sub("", line)


def _tidied(line: str) -> str:
    """A line with one blank for each run of them, and none at its ends."""
    if len(line) > _PIECE:  # whose words, all as objects at once, take many times its memory
        line = "".join(_BLANKS.sub(" ", piece) for piece in _pieces(line))
        while "  " in line:  # where pieces met
            line = line.replace("  ", " ")
        return line.strip()
    return " ".join(line.split())


def tokens(text: str) -> str:
    """A text as the index takes it: the characters of its normalised form, parted by blanks."""
    characters = normalise(_as_far_as_indexed(text)).replace(" ", _BLANK).replace("\n", _END_OF_LINE)
    return " ".join(map(_parted, _pieces(characters)))


def _as_far_as_indexed(text: str) -> str:
    """A text without the pieces that would make its normalised form too long."""
    length = 0
    for number, piece in enumerate(_pieces(text) if _MOST_OF_ONE * len(text) > _MOST else ()):
        length += len(unicodedata.normalize("NFKC", piece))
        if length > _MOST:
            return text[: number * _PIECE]
    return text


def _parted(text: str) -> str:
    """A text with a blank between every two characters, made without an object for each of them."""
    parted = bytearray(" ".encode(_UTF_32) * (2 * len(text) - 1))
    memoryview(parted).cast("I")[::2] = memoryview(text.encode(_UTF_32, "surrogatepass")).cast("I")
    return parted.decode(_UTF_32, "surrogatepass")


def phrase(term: str) -> str:
    """The FTS5 query for one term: exactly the rows whose normalised title or body contains the normalised term."""
    return '"' + tokens(term).replace('"', '""') + '"'


class Changes:
    """What the index has yet to learn of a transaction's articles, in order.

    FTS5 writes a piece of index at every savepoint. Told once, at the end of the transaction, it writes one for all. Texts
    wait as they are: parted into characters they are many times as large, so that is done as each is told.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[str | None, int, str, str]] = []  # headline and body as printed

    def add(self, article_id: int, row: Mapping[str, Any]) -> None:
        """Indexes an article's row: kicker, title and subtitle as `title`, its text as `body`."""
        self._rows.append((None, article_id, *_printed(row)))

    def remove(self, article_id: int, row: Mapping[str, Any]) -> None:
        """Takes out an article's row as it was when added: a contentless table must be told the old text."""
        self._rows.append(("delete", article_id, *_printed(row)))

    def __len__(self) -> int:
        return len(self._rows)

    def forget_after(self, number: int) -> None:
        """Keeps only the first changes, when the work that made the others was undone."""
        del self._rows[number:]

    def apply(self, connection: sqlite3.Connection) -> None:
        """Tells the index."""
        connection.executemany(
            "INSERT INTO articles_fts (articles_fts, rowid, title, body) VALUES (?, ?, ?, ?)",
            ((what, article_id, tokens(headline), tokens(body)) for what, article_id, headline, body in self._rows),
        )


def texts(row: Mapping[str, Any]) -> tuple[str, str]:
    """An article's row as the index takes it: kicker, title and subtitle as one text, and the body."""
    headline, body = _printed(row)
    return tokens(headline), tokens(body)


def _printed(row: Mapping[str, Any]) -> tuple[str, str]:
    return "\n".join(row[part] for part in ("kicker", "title", "subtitle") if row[part]), row["body"]
