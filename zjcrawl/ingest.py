"""What a look at an address does to the archive, inside one transaction. The crawl and `reparse` both do it here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from zjcrawl.archive import Claim, Transaction
from zjcrawl.channels import Registry
from zjcrawl.look import Look
from zjcrawl.models import SHANGHAI, Article, Capture
from zjcrawl.parse import parse
from zjcrawl.recheck import Schedule
from zjcrawl.urls import canonical

STATES = {  # in which state of the frontier an outcome leaves an address that is no known article; else `done`
    "offsite": "excluded",
    "out_of_range": "excluded",
    "robots": "excluded",
    "http_error": "failed",
    "unreachable": "failed",
    "redirect_loop": "failed",
    "too_large": "failed",
    "private_address": "failed",
    "not_html": "failed",
    "unreadable": "failed",
    "blocked": "failed",
}

Wanted = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Miss:
    """What was met instead of a page: the outcome, why in words, the capture where there is one, and when."""

    outcome: str
    why: str = ""
    capture_id: int | None = None
    seen_at: datetime | None = None


def store(
    t: Transaction,
    claim: Claim,
    article: Article,
    capture_ids: Sequence[int],
    seen_at: datetime,
    registry: Registry,
    schedule: Schedule,
    *,
    complete: bool = True,
    wanted: Wanted = lambda _: True,
) -> str:
    """An article was read: it and the end of its claim. Returns the outcome."""
    day = article.published_at.astimezone(SHANGHAI).date() if article.published_at else None
    if not claim.is_known and day is not None and not wanted(day):
        t.leave_out(claim.url, day, capture_ids[0])
        return "out_of_range"
    if claim.is_known and t.url_of(claim.article_id) != article.url:
        t.discover(article.url, "article", claim.channel, claim.url)
        return missed(t, claim, Miss("gone", f"it leads to {article.url}", capture_ids[0]), seen_at, schedule)

    def read_again(captures: Sequence[Capture]) -> str:
        return parse(captures, registry).text_sha256

    next_look: datetime | None = schedule.after(
        seen_at, article.published_at or claim.since, "live" if complete else "suspect"
    )
    stored = t.store(article, capture_ids, claim.url, complete=complete, read_again=read_again, next_check_at=next_look)
    if not claim.is_known:
        t.stub_of(claim.url, stored.article_id)
    outcome: str = stored.outcome
    if not complete:
        outcome = "incomplete"
    elif not claim.is_known and article.url != claim.url and outcome != "new":
        outcome, next_look = "duplicate", None  # the article is looked at again by the address that led there first
    if outcome != stored.outcome:
        t.finish(claim.url, outcome, capture_id=capture_ids[0], article_id=stored.article_id, retry_at=next_look)
    return outcome


def confirmed(t: Transaction, claim: Claim, seen_at: datetime, schedule: Schedule, capture_id: int) -> str:
    """The server said that a known article's page is as it was. Returns the outcome."""
    assert claim.article_id is not None
    t.confirm(claim.article_id, capture_id, seen_at=seen_at)
    t.finish(claim.url, "same", capture_id=capture_id, retry_at=schedule.after(seen_at, claim.since))
    return "same"


def missed(
    t: Transaction,
    claim: Claim,
    miss: Miss,
    seen_at: datetime,
    schedule: Schedule,
    *,
    not_before: datetime | None = None,
) -> str:
    """A look at a known article brought no wording: noted, and looked for again. Returns the outcome.

    What robots.txt forbids was no look.
    """
    assert claim.article_id is not None
    state = "live"
    if miss.outcome != "robots":
        why = miss.why or miss.outcome
        state = t.miss(claim.article_id, miss.outcome, why, seen_at=seen_at, capture_id=miss.capture_id)
    due = schedule.after(seen_at, claim.since, state)
    when = max(due, not_before) if not_before else due
    t.finish(claim.url, miss.outcome, capture_id=miss.capture_id, retry_at=when)
    return miss.outcome


def listed(
    t: Transaction,
    claim: Claim,
    look: Look,
    registry: Registry,
    seen_at: datetime,
    capture_id: int | None,
    *,
    since: date | None = None,
    until: date | None = None,
) -> list[str]:
    """A list page was read: its leads enter the frontier. Returns what each lead is, as `record_listing` does."""
    assert look.listing is not None
    found = t.record_listing(
        claim.channel, claim.url, look.listing, since=since, until=until, hosts=registry.hosts, seen_at=seen_at
    )
    t.finish(claim.url, look.outcome, capture_id=capture_id)
    return found


def followed(
    t: Transaction,
    claim: Claim,
    target: str,
    seen_at: datetime,
    registry: Registry,
    schedule: Schedule,
    capture_id: int,
) -> tuple[str, bool]:
    """A stub was read: where it leads is an address of its own. Returns the outcome, and whether the target is new."""
    target = canonical(target)
    here = urlsplit(target).hostname in registry.hosts
    waits = t.discover(target, "article", claim.channel, claim.url) if here else False
    if claim.is_known:
        return missed(t, claim, Miss("gone", f"it leads to {target}", capture_id), seen_at, schedule), waits
    outcome = "stub" if here else "offsite"
    known = t.article_at(target) if here else None
    t.finish(claim.url, outcome, state=STATES.get(outcome, "done"), capture_id=capture_id, article_id=known)
    return outcome, waits
