"""Questions that are kept ready: Datasette's stored queries over the tables, each in plain words of both languages.

A query's text may say `zj_match(:q)`: the query language of `zjcrawl search` as FTS5 takes it.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored query: its `name` in addresses, what it answers in both languages, and its SQL."""

    name: str
    english: str
    chinese: str
    sql: str


QUERIES = (
    Stored(
        "mentions",
        "Which articles mention a word, newest first?",
        "哪些稿件提到某个词（由新到旧）？",
        """SELECT id, published_at, channel, source, title, url FROM articles
WHERE +id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH zj_match(:q))
ORDER BY published_at DESC, id DESC LIMIT 500""",
    ),
    Stored(
        "mentions_by_channel",
        "In which channels does a word stand most often, and in what share of their articles?",
        "某个词在哪些频道出现最多，占该频道稿件的多少？",
        """SELECT a.channel, sum(a.id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH zj_match(:q))) AS mentioning,
  count(*) AS articles,
  round(1000.0 * sum(a.id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH zj_match(:q))) / count(*), 1) AS per_1000
FROM articles a GROUP BY a.channel ORDER BY mentioning DESC""",
    ),
    Stored(
        "mentions_by_year",
        "How often was a word mentioned in each year, of how many articles?",
        "某个词每年被多少篇稿件提到，当年共有多少篇？",
        """SELECT substr(published_at, 1, 4) AS year, sum(id IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH zj_match(:q))) AS mentioning,
  count(*) AS articles
FROM articles WHERE published_at IS NOT NULL GROUP BY year ORDER BY year""",
    ),
    Stored(
        "articles_of_a_person",
        "What is a person credited with, and in which role?",
        "某人署名的稿件有哪些，以什么身份？",
        """SELECT a.id, a.published_at, a.channel, c.role, a.title, c.printed FROM credits c JOIN articles a ON a.id = c.article_id
WHERE c.name = :name ORDER BY a.published_at DESC LIMIT 500""",
    ),
    Stored(
        "who_works_with_whom",
        "Which reporters are credited together most often?",
        "哪些记者最常共同署名？",
        """SELECT a.name AS reporter, b.name AS with_reporter, count(*) AS articles
FROM credits a JOIN credits b ON b.article_id = a.article_id AND b.role = a.role AND b.name > a.name
WHERE a.role = 'reporter' GROUP BY a.name, b.name ORDER BY articles DESC LIMIT 200""",
    ),
    Stored(
        "edited_articles",
        "Which articles did the publisher change after they were first seen?",
        "哪些稿件在首次入档后被发布方改过？",
        """SELECT a.id, a.channel, a.published_at, a.title, count(*) AS edits, max(r.seen_at) AS last_edit_seen_at
FROM revisions r JOIN articles a ON a.id = r.article_id WHERE r.change_kind = 'edit'
GROUP BY a.id ORDER BY a.changed_at DESC LIMIT 500""",
    ),
    Stored(
        "gone_articles",
        "Which articles are no longer to be had from the portal?",
        "哪些稿件在网站上已经无法访问？",
        """SELECT id, channel, published_at, title, state, last_seen_at, url FROM articles
WHERE state <> 'live' ORDER BY last_seen_at DESC LIMIT 500""",
    ),
    Stored(
        "placed_in_several_channels",
        "Which articles stood in the most channels?",
        "哪些稿件出现在最多的频道？",
        """SELECT a.id, a.title, count(*) AS channels, group_concat(p.channel, ' ') AS which
FROM placements p JOIN articles a ON a.id = p.article_id GROUP BY a.id HAVING channels > 1
ORDER BY channels DESC, a.published_at DESC LIMIT 200""",
    ),
    Stored(
        "doubts",
        "What does the reading doubt, how often, and where can it be seen?",
        "解读有哪些疑问，各有多少，可看哪一篇？",
        """SELECT w.value AS warning, a.template, count(*) AS articles, min(a.id) AS id FROM articles a, json_each(a.warnings) w
GROUP BY 1, 2 ORDER BY articles DESC""",
    ),
    Stored(
        "not_fetched",
        "What was listed and is not in the archive, and why?",
        "列表中有而档案中没有的有多少，原因是什么？",
        """SELECT channel, coalesce(outcome, state) AS reason, count(*) AS addresses, max(discovered_at) AS last_discovered
FROM frontier WHERE kind = 'article' AND article_id IS NULL GROUP BY 1, 2 ORDER BY addresses DESC""",
    ),
)


def metadata() -> dict[str, Any]:
    """What Datasette is told of the archive: its stored queries by name."""
    kept = {
        one.name: {"sql": one.sql, "title": one.english, "description": one.chinese, "hide_sql": True}
        for one in QUERIES
    }
    return {"title": "zjcrawl", "databases": {"archive": {"queries": kept}}}
