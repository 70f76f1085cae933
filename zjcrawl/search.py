"""Searching the archive: a query as it is typed, what it means, and the articles that it finds.

    长三角 一体化            both words        "长三角 一体化"    exactly this, blank and all
    嘉兴 OR 桐乡             either            嘉兴 NOT 桐乡      the first without the second, also: 嘉兴 -桐乡
    title:G60 (嘉兴 OR 桐乡)  in the headline (kicker, title, subtitle); body: in the text

A word is an exact substring: whatever stands between two blanks, `全体(扩大)会议` too, is found where it stands and
nowhere else, in any width and case. Operators are capitals between blanks; NOT binds closest, then AND (which need not be
written), then OR. In quotes everything is text, and `""` is one quotation mark. There are no wildcards.
"""

import json
import re
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from zjcrawl import kwic
from zjcrawl.archive import Archive
from zjcrawl.archive.search_index import normalise, phrase
from zjcrawl.errors import InputError
from zjcrawl.filters import Filters
from zjcrawl.kwic import Hit

Field = Literal["", "title", "body"]
Sort = Literal["newest", "oldest", "rank"]
FIELDS: tuple[Field, ...] = ("title", "body")
DEEPEST, MOST_TERMS = 12, 200  # of parentheses, and of terms: what FTS5's parser takes in one expression, with room
# A word in the headline is worth five in the text; the rest of bm25 is FTS5's.
_ORDERS = {
    "newest": "articles.published_at DESC, articles.id DESC",
    "oldest": "articles.published_at ASC NULLS LAST, articles.id",
    "rank": "bm25(articles_fts, 5.0, 1.0), articles.published_at DESC, articles.id DESC",
}


@dataclass(frozen=True, slots=True)
class Term:
    """A text that is to stand in the headline, the body, or either (""). `text` is normalised and not empty."""

    text: str
    field: Field = ""


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Node", ...]


Node = Term | Not | And | Or


@dataclass(frozen=True)
class Query:
    """A query, understood: `text` as it was typed, `tree` what it means."""

    text: str
    tree: Node

    @classmethod
    def of(cls, text: str) -> "Query":
        """A query from what was typed. Raises InputError, saying where it is wrong and how to mend it."""
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise InputError(f"{text!r} is no text: it holds halves of characters")
        return cls(text, _Parser(_lex(text)).all())

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The terms that are to be found, in the order of the query, without those that must not stand there."""
        return tuple(dict.fromkeys(_wanted(self.tree, True)))

    def sql(self) -> tuple[str, list[str]]:
        """A condition on the table `articles` and its parameters: exactly the articles the query means."""
        match, negated = _fts(self.tree)
        # "+" keeps SQLite from looking every hit up by its key: it walks an index and asks whether each is among them.
        found = "+articles.id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)"
        return (f"NOT {found}" if negated else found), [match]

    def match(self) -> str | None:
        """The FTS5 expression of the query, None where only what must *not* stand there is said."""
        match, negated = _fts(self.tree)
        return None if negated else match

    def holds(self, headline: str, body: str) -> bool:
        """Whether the query is true of two normalised texts."""
        return _holds(self.tree, {"title": (headline,), "body": (body,), "": (headline, body)})

    def holds_in(self, paragraph: str, headline: str) -> bool:
        """Whether the query is true of one normalised paragraph, `title:` being about its article's headline."""
        return _holds(self.tree, {"title": (headline,), "body": (paragraph,), "": (paragraph,)})


@dataclass(frozen=True, slots=True)
class Found:
    """An article that was found: `matches` is how often the query's terms stand in it, `hits` are the first of them."""

    id: int
    url: str
    channel: str | None
    published_at: str | None
    source: str | None
    title: str | None
    matches: int
    hits: tuple[Hit, ...]


# What looks like the language of queries, but is a text to be found, and what was perhaps meant.
_DOUBTS = (
    (re.compile(r"\s(or|and|not|Or|And|Not)\s"), "{0!r} is a word to be found: write {1} to join terms"),
    (
        re.compile(r"(?:^|\s)(标题[:：]|Title:|TITLE:|title：)"),
        "{0!r} is a text to be found: title:WORD looks in headlines",
    ),
    (re.compile(r"([“”])"), "{0!r} is a character to be found: a phrase stands between straight quotation marks"),
)


def doubt(query: Query) -> str | None:
    """What a query that finds nothing was perhaps meant to say, None where nothing is to be said."""
    for pattern, says in _DOUBTS:
        if found := pattern.search(query.text):
            return says.format(found[1], found[1].upper())
    return None


def count(archive: Archive, query: Query | None, filters: Filters | None = None) -> int:
    """How many articles a query finds; without one, how many there are."""
    filters = filters or Filters()
    if query is not None and filters == Filters() and archive.known is None and (match := query.match()) is not None:
        return int(archive.value("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?", [match]))
    where, parameters = filters.sql(*condition(archive, query))
    return int(archive.value(f"SELECT count(*) FROM articles WHERE {where}", parameters))


def ranked(query: Query | None) -> str:
    """What articles are ranked by, as FTS5 takes it. Raises InputError where there is nothing."""
    if query is None:
        raise InputError("there is no query to rank by: leave the sort out")
    if (match := query.match()) is None:
        raise InputError(f"{query.text!r} says only what must not stand there: nothing to rank by, leave --sort out")
    return match


def find(
    archive: Archive,
    query: Query,
    filters: Filters | None = None,
    *,
    sort: Sort = "newest",
    limit: int | None = None,
    offset: int = 0,
    shown: int | None = 1,
) -> Generator[Found]:
    """The articles that a query finds, one by one, each with its first `shown` hits (None: all). Articles without a
    date come last.

    Raises InputError where a rank is asked for and nothing is to be found by it.
    """
    wanted = _texts(query.terms)
    for article_id in ids(archive, query, filters, sort=sort, limit=limit, offset=offset):
        row = dict(next(archive.rows(_ARTICLE, (article_id,))))
        matches, hits = kwic.hits(row, wanted, shown)
        which = {name: row[name] for name in ("id", "url", "channel", "published_at", "source", "title")}
        yield Found(**which, matches=matches, hits=hits)


def ids(
    archive: Archive,
    query: Query | None,
    filters: Filters | None = None,
    *,
    sort: Sort = "newest",
    limit: int | None = None,
    offset: int = 0,
) -> Iterator[int]:
    """The keys of the articles that a query finds, or of all, in order. Raises InputError as `find`."""
    filters, source = filters or Filters(), "articles"
    if sort != "rank":
        few = _hits(archive, query, _FEW) if query is not None and archive.known is None else []
        if query is not None and limit is not None and _is_frequent(few):
            found = _first_in_texts(archive, query, filters, sort, limit + offset)
            if found is not None:
                yield from found[offset:]
                return
        where, parameters = filters.sql(*condition(archive, query, few))
    elif archive.known is not None:
        raise InputError("of earlier wordings there is no rank: sort by newest or oldest")
    else:
        match = ranked(query)
        source = "articles_fts JOIN articles ON articles.id = articles_fts.rowid"
        where, parameters = filters.sql(*query.sql()) if query and filters.unique else filters.sql()
        where, parameters = f"{_MATCH} AND {where}", [match, *parameters]
    sql = f"SELECT articles.id FROM {source} WHERE {where} ORDER BY {_ORDERS[sort]} LIMIT ? OFFSET ?"
    bounds = [-1 if limit is None else limit, offset]
    for row in archive.rows(sql, [*parameters, *bounds]):
        yield row[0]


# -- what is quickest ------------------------------------------------------------------------------------------------

_FEW, _SOME = 300, 5_000  # hits: to sort a few is quicker than to walk all articles in order until the last is met
_OFTEN = 0.05  # of the articles
_WALKED = 40  # articles that are looked at for each that is wanted: twice as many as hold it where it is just frequent


def _hits(archive: Archive, query: Query, most: int) -> list[int]:
    """The smallest keys of articles that the query finds, in order; none for one that only says what must not be."""
    match = query.match()
    return [row[0] for row in archive.rows(_HITS, (match, most))] if match is not None else []


def condition(archive: Archive, query: Query | None, few: list[int] | None = None) -> tuple[str, list[str]]:
    """A condition on the table `articles` and its parameters: exactly the articles of the archive that the query means.

    Where they are not many, it is their keys; `few` are the first _FEW hits, where the caller has them. Wordings that were
    replaced since the day as of which the archive is known are in no index: they are read.
    """
    if query is None:
        return "1", []
    if archive.known is not None:
        where, parameters = query.sql()
        earlier = [row["id"] for row in archive.rows(_EARLIER) if query.holds(*_normalised(row))]
        where = f"CASE WHEN is_current THEN {where} ELSE id IN (SELECT value FROM json_each(?)) END"
        return where, [*parameters, json.dumps(earlier)]
    if query.match() is None:
        return query.sql()
    few = _hits(archive, query, _FEW) if few is None else few
    if len(few) < _FEW:
        return "articles.id IN (SELECT value FROM json_each(?))", [json.dumps(few)]
    some = _hits(archive, query, _SOME)
    return (
        ("+articles.id IN (SELECT value FROM json_each(?))", [json.dumps(some)]) if len(some) < _SOME else query.sql()
    )


def _is_frequent(few: list[int]) -> bool:
    """Whether so many articles are hits that the first in time are sooner found in the texts than all in the index."""
    return len(few) == _FEW and _OFTEN * few[-1] <= _FEW  # keys begin with 1


def _first_in_texts(archive: Archive, query: Query, filters: Filters, sort: Sort, wanted: int) -> list[int] | None:
    """The keys of the first `wanted` articles in order, None where they are not soon found."""
    if filters.unique:
        return None
    where, parameters = filters.sql()
    sql = f"SELECT id, kicker, title, subtitle, body FROM articles WHERE {where} ORDER BY {_ORDERS[sort]} LIMIT ?"
    found: list[int] = []
    for row in archive.rows(sql, [*parameters, _WALKED * wanted]):
        if query.holds(*_normalised(row)):
            found.append(row[0])
            if len(found) == wanted:
                return found
    return None


def _normalised(row: sqlite3.Row) -> tuple[str, str]:
    """Headline and text of an article as search compares them."""
    headline = "\n".join(row[part] for part in ("kicker", "title", "subtitle") if row[part])
    return normalise(headline), normalise(row["body"])


_EARLIER = "SELECT id, kicker, title, subtitle, body FROM articles WHERE NOT is_current"
_HITS = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ? ORDER BY rowid LIMIT ?"
_MATCH = "articles_fts MATCH ?"

_ARTICLE = """
SELECT id, url, channel, published_at, source, title, kicker, subtitle, body FROM articles WHERE id = ?"""


def _texts(terms: Sequence[Term]) -> dict[str, list[str]]:
    """The texts to be shown by the column they may stand in."""
    columns = {"title": ("kicker", "title", "subtitle"), "body": ("body",)}
    wanted: dict[str, list[str]] = {}
    for term in terms:
        for field in (term.field,) if term.field else FIELDS:
            for column in columns[field]:
                wanted.setdefault(column, []).append(term.text)
    return wanted


# -- what a query means ----------------------------------------------------------------------------------------------


def _wanted(node: Node, wanted: bool) -> Iterator[Term]:
    if isinstance(node, Term):
        if wanted:
            yield node
    elif isinstance(node, Not):
        yield from _wanted(node.part, not wanted)
    else:
        for part in node.parts:
            yield from _wanted(part, wanted)


def _holds(node: Node, texts: dict[str, tuple[str, ...]]) -> bool:
    if isinstance(node, Term):
        return any(node.text in text for text in texts[node.field])
    if isinstance(node, Not):
        return not _holds(node.part, texts)
    return (all if isinstance(node, And) else any)(_holds(part, texts) for part in node.parts)


def _fts(node: Node) -> tuple[str, bool]:
    """The FTS5 expression of a query, or, where the flag is set, of all that the query leaves out.

    FTS5 can say `a NOT b`, never `NOT b` alone. A query is either a set of rows or what such a set leaves out, and both
    kinds can be joined: `NOT a AND NOT b` is what `a OR b` leaves out.
    """
    if isinstance(node, Term):
        return (f"{node.field} : " if node.field else "") + phrase(node.text), False
    if isinstance(node, Not):
        match, negated = _fts(node.part)
        return match, not negated
    parts = [_fts(part) for part in node.parts]
    rows = [match for match, negated in parts if not negated]
    left_out = [match for match, negated in parts if negated]
    if isinstance(node, And):
        return (_but(_join("AND", rows), left_out), False) if rows else (_join("OR", left_out), True)
    return (_but(_join("AND", left_out), rows), True) if left_out else (_join("OR", rows), False)


def _but(match: str, without: list[str]) -> str:
    return f"({match}) NOT ({_join('OR', without)})" if without else match


def _join(operator: str, matches: list[str]) -> str:
    return f" {operator} ".join(f"({match})" for match in matches) if len(matches) > 1 else matches[0]


# -- how a query is written ------------------------------------------------------------------------------------------

_OPERATORS = ("AND", "OR", "NOT")


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of a query: `kind` is an operator, a parenthesis, `field` or `term`; `text` as typed or meant."""

    kind: str
    text: str


def _lex(query: str) -> list[_Token]:
    """The pieces of a query."""
    found: list[_Token] = []
    at = 0
    while at < len(query):
        rest = query[at:]
        field = next((name for name in FIELDS if rest.startswith(name + ":")), None)
        if rest[0].isspace():
            at += 1
        elif rest[0] in "()":
            found.append(_Token(rest[0], rest[0]))
            at += 1
            if rest[0] == ")":
                _expect_end(query, at, "a group")
        elif rest[0] == '"':
            text, at = _quoted(query, at)
            found.append(_Token("term", text))
        elif rest[0] == "-" and not _is_end(rest[1:2]):
            found.append(_Token("NOT", "-"))
            at += 1
        elif field is not None:
            found.append(_Token("field", field + ":"))
            at += len(field) + 1
            if _is_end(query[at : at + 1]):
                raise _wrong(query, f'{field}: needs a word right behind it: add it, or write "{field}:" to find that')
        else:
            word, at = _word(query, at)
            found.append(_Token(word if word in _OPERATORS else "term", word))
    return found


def _quoted(query: str, at: int) -> tuple[str, int]:
    """The text in the quotation marks that begin at a place, and where they end. A doubled mark is one of the text."""
    start = at + 1
    end = query.find('"', start)
    while end >= 0 and query[end + 1 : end + 2] == '"':
        end = query.find('"', end + 2)
    if end < 0:
        raise _wrong(query, 'a quotation mark is not closed: close it, or write "" inside quotes to find one')
    _expect_end(query, end + 1, "a phrase")
    return " ".join(query[start:end].replace('""', '"').split()), end + 1


def _word(query: str, at: int) -> tuple[str, int]:
    """The word that begins at a place, and where it ends: at a blank, or at the parenthesis that closes a group."""
    start, opened = at, 0
    while at < len(query) and not query[at].isspace() and (opened or query[at] != ")"):
        if query[at] == '"':
            raise _wrong(
                query, 'a quotation mark stands inside a word: part them by a blank, or write "…""…" to find it'
            )
        opened += {"(": 1, ")": -1}.get(query[at], 0)
        at += 1
    word = query[start:at]
    if opened:
        raise _wrong(query, f'the parenthesis in {word} is not closed: close it, or write "{word}" to find it')
    if word == "-":
        raise _wrong(query, 'a lone - means nothing: write -word without a blank, or "-" to find it')
    return word, at


def _is_end(char: str) -> bool:
    """Whether nothing more belongs to what stands before a character ("" at the end of the query)."""
    return not char or char.isspace() or char == ")"


def _expect_end(query: str, at: int, what: str) -> None:
    if not _is_end(query[at : at + 1]):
        raise _wrong(query, f"{what} runs into {query[at]!r}: part them by a blank, or put all of it in quotes")


_UNCLOSED = InputError('a parenthesis is not closed: close it, or write "(" to find it')
_UNOPENED = InputError('a parenthesis is closed that was not opened: leave it out, or write ")" to find it')


class _Parser:
    """Reads the pieces of a query by its grammar: or = and {OR and}; and = not {[AND] not}; not = NOT not | one."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def all(self) -> Node:
        if not self._tokens:
            raise InputError("the query is empty: say what is to be found, such as 长三角一体化")
        if sum(token.kind == "term" for token in self._tokens) > MOST_TERMS:
            raise InputError(f"the query has more than {MOST_TERMS} terms: ask in several queries")
        found = self._or("")
        if self._next:
            raise _UNOPENED
        return found

    @property
    def _next(self) -> str:
        return self._tokens[self._at].kind if self._at < len(self._tokens) else ""

    def _take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _or(self, field: Field) -> Node:
        parts = [self._and(field)]
        while self._next == "OR":
            self._take()
            parts.append(self._and(field))
        return Or(tuple(parts)) if len(parts) > 1 else parts[0]

    def _and(self, field: Field) -> Node:
        parts = [self._not(field)]
        while self._next not in ("", ")", "OR"):
            if self._next == "AND":
                self._take()
            parts.append(self._not(field))
        return And(tuple(parts)) if len(parts) > 1 else parts[0]

    def _not(self, field: Field) -> Node:
        negations = 0
        while self._next == "NOT":
            self._take()
            negations += 1
        one = self._one(field)
        return Not(one) if negations % 2 else one

    def _one(self, field: Field) -> Node:
        kind = self._next
        if kind == "term":
            return self._term(field)
        if kind == "field":
            inner: Field = "title" if self._take().text == "title:" else "body"
            if field not in ("", inner):
                raise InputError(f"{inner}: stands inside {field}:, and nothing is in both: take one of them away")
            return self._one(inner)
        if kind == "(":
            return self._group(field)
        before = self._tokens[self._at - 1].text if self._at else ""
        if kind == ")" and not self._depth:
            raise _UNOPENED
        if kind in ("AND", "OR"):
            raise InputError(
                f'{kind} joins two terms and lacks the one before it: add it, or write "{kind}" to find it'
            )
        if before == "(" and kind != ")":
            raise _UNCLOSED
        if before == "(":
            raise InputError('there is nothing in the parentheses: leave them out, or write "()" to find them')
        raise InputError(f'{before} lacks the term behind it: add it, or write "{before}" to find it')

    def _group(self, field: Field) -> Node:
        self._take()
        self._depth += 1
        if self._depth > DEEPEST:
            raise InputError(f"the query has more than {DEEPEST} parentheses in each other: ask more simply")
        inner = self._or(field)
        if self._next != ")":
            raise _UNCLOSED
        self._take()
        self._depth -= 1
        return inner

    def _term(self, field: Field) -> Term:
        printed = self._take().text
        text = normalise(printed)
        if not text:
            raise InputError(f'there is nothing to find in "{printed}": put a character between the quotation marks')
        return Term(text, field)


def _wrong(query: str, what: str) -> InputError:
    return InputError(f"the query {query!r} is wrong: {what}")
