"""What a page means: an `Extraction` of printed strings into a typed `Article`, with a warning for every doubt."""

import re
from datetime import datetime

from zjcrawl.lines import SEAM
from zjcrawl.models import Article, Block, Credit, Extraction, Image, Printed, Role
from zjcrawl.normalise import credits, texts, times
from zjcrawl.page import BLANKS
from zjcrawl.urls import canonical, stated_day, url_date

SURE_ENOUGH = 0.5  # a field found less surely than this is null, with `<field>_unsure`
_STAFF = re.compile(r"\s*(?:责|编辑|校对)")
_TAG_ENDS = re.compile(rf"[;；、,，|｜/\s{SEAM}\u00a0\u3000]+")
_TOOL = re.compile(
    r"[赞赏顶踩]|\d{1,3}|(?:点赞|打赏|分享|收藏|评论|举报|投稿|纠错)[（(\d）)]*"
)  # printed behind the label, no tag
_TAG_LINK_ENDS = re.compile(rf"[;；、,，|｜{SEAM}]+")


def normalise(found: Extraction, url: str, *, channel: str | None, captured: datetime | None) -> Article:
    """The article of an extraction.

    `url` is the address the page came from ("" where nobody knows), `captured` when; both only judge the printed time
    and complete its year.
    """
    article = Article(
        url=canonical(url) if url else "",
        channel=channel,
        kind=found.kind,
        template=found.template,
        template_version=found.template_version,
        warnings=list(found.warnings),
    )
    for name in ("breadcrumb", "kicker", "title", "subtitle", "source", "notice"):
        setattr(article, name, _sure(article, name, getattr(found, name)))
    _time(article, found.time, captured)
    article.blocks = list(found.blocks)
    article.images = _images(found.blocks)
    article.dateline = texts.dateline(found.blocks)
    _credits(article, found)
    _tags(article, found.tags)
    if article.blocks:
        article.evidence["body"] = [Printed("", found.body_where, f"{found.template}.body")]
    _missing(article)
    article.warnings = list(dict.fromkeys(article.warnings))
    return article


def _sure(article: Article, name: str, printed: Printed | None) -> str | None:
    if printed is None or not printed.text:
        return None
    article.evidence[name] = [printed]
    if printed.sure < SURE_ENOUGH:
        article.warnings.append(f"{name}_unsure")
        return None
    return printed.text


def _time(article: Article, printed: Printed | None, captured: datetime | None) -> None:
    if printed is None:
        article.warnings.append("time_missing")
        return
    moment = times.read(printed.text, url_day=url_date(article.url), captured=captured)
    if moment.warnings == ("time_without_year",) and (day := stated_day(article.url)):
        moment = times.read(printed.text, url_day=day, captured=captured)
    article.published_printed = _sure(article, "published_at", printed)
    if article.published_printed is not None:
        article.published_at, article.published_precision = moment.at, moment.precision
        article.warnings += moment.warnings


def _credits(article: Article, found: Extraction) -> None:
    """Credits in printed order: the byline, then the body's own, then the editor's line behind it."""
    people: list[tuple[Credit, Printed]] = []
    sure = [line for line in found.bylines if line.sure >= SURE_ENOUGH]
    if len(sure) < len(found.bylines):
        article.warnings.append("credits_unsure")
    ahead = [line for line in sure if not _STAFF.match(line.label)]
    behind = [line for line in sure if _STAFF.match(line.label)]

    def take(line: Printed) -> None:
        default: Role | None = "reporter" if line.label in ("作者", "由") and not credits.has_role(line.text) else None
        read, odd = credits.read(line.text, default)
        article.warnings.extend(odd)
        people.extend((credit, line) for credit in read)

    for line in ahead:
        take(line)
    inside, odd = texts.credits_in(found.blocks)
    article.warnings.extend(odd)
    if any(credit.role == "reporter" for credit, _ in people):  # then `作者：X` in the text wrote what it speaks of
        inside = [(credit, where) for credit, where in inside if where != texts.AUTHOR_LINE]
    people.extend((credit, Printed(credit.printed, where, "credit in the body", 0.9)) for credit, where in inside)
    for line in behind:
        take(line)
    article.credits = credits.in_order([credit for credit, _ in people])
    columns = {
        "reporter": "reporters",
        "correspondent": "correspondents",
        "photographer": "photographers",
        "editor": "editors",
    }
    for credit, line in people:
        known = article.evidence.setdefault(columns.get(credit.role, f"{credit.role}s"), [])
        if line not in known:
            known.append(line)


def _tags(article: Article, printed: Printed | None) -> None:
    if printed is None:
        return
    article.evidence["tags"] = [
        Printed(printed.text.replace(SEAM, " "), printed.where, printed.rule, printed.sure, printed.label)
    ]
    if printed.sure >= SURE_ENOUGH:
        links = [piece for piece in printed.text.split(SEAM) if piece.strip(BLANKS)]
        ends = _TAG_ENDS if len(links) < 2 else _TAG_LINK_ENDS  # a link is one tag, blanks and all: `G60 科创走廊`
        words = (word.strip(BLANKS + "#[]【】") for word in ends.split(printed.text))
        article.tags = list(dict.fromkeys(word for word in words if word and not _TOOL.fullmatch(word)))


def _images(blocks: list[Block]) -> list[Image]:
    """Every picture with the caption printed behind it."""
    images = []
    for block, behind in zip(blocks, [*blocks[1:], None], strict=False):
        if block.kind == "image" and block.src:
            caption = behind.text if behind is not None and behind.kind == "caption" else None
            images.append(Image(block.src, caption))
    return images


def _missing(article: Article) -> None:
    if article.kind == "stub":
        return
    if article.title is None:
        article.warnings.append("title_missing")
    if not article.body and not article.images:
        article.warnings.append("body_missing")
