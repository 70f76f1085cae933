"""Reading, from one end to the other: captures in, an article out. Touches neither network nor database.

parse ─▶ Page.of ─▶ extract ─▶ recognise: which template's marks does the page show?
                        │        exactly one ─▶ templates/<name>.extract
                        │        none         ─▶ templates/labels.extract   (`no_template`)
                        ▼
                      join (the pages of one article) ─▶ normalise
"""

from collections.abc import Sequence

from zjcrawl.channels import Registry
from zjcrawl.models import Article, Capture, Extraction
from zjcrawl.normalise.article import normalise
from zjcrawl.page import Page
from zjcrawl.templates import absent, claiming, labels, stub
from zjcrawl.urls import document_id, part_number


def parse(captures: Sequence[Capture], registry: Registry, *, channel: str | None = None) -> Article:
    """The article that the captures of its pages print, first page first.

    `channel` is the channel whose listing led to it: it stands where the registry does not know the address. Raises
    InputError where a capture is no page.
    """
    pages = [Page.of(capture) for capture in captures]
    found = join([extract(page) for page in pages])
    return article_of(found, captures[0], registry, channel)


def article_of(found: Extraction, capture: Capture, registry: Registry, channel: str | None = None) -> Article:
    """The article of an extraction whose first page is `capture`.

    A print version or a mobile twin that names the article's own address as the canonical one is that article: believed
    where both addresses bear the same document number, and the other is the portal's.
    """
    url = capture.final_url
    if found.same_as and (number := document_id(url)) and document_id(found.same_as) == number:
        url = found.same_as if registry.of(found.same_as) else url
    own = registry.of(url)
    return normalise(found, url, channel=own or channel, captured=capture.fetched_at)


def extract(page: Page) -> Extraction:
    """What the page prints, read by the one template that claims it, or by its labels."""
    claims = claiming(page)
    found: Extraction | None = claims[0].extract(page) if len(claims) == 1 else None
    if found is None or not (found.title and found.blocks):
        found = labels.extract(page)
        why = "several_templates" if len(claims) > 1 else "template_failed" if claims else "no_template"
        found.warnings.append(why)
    if sum(len(block.text) for block in found.blocks) < stub.PROSE and (target := stub.target(page)):
        return Extraction("stub", stub.VERSION, kind="stub", target=target)
    if found.time is None and (instead := absent.of(page, found)):  # what prints a time may be a brief
        found.warnings.append(f"page_{instead[0]}")
    found.same_as = _named_canonical(page)
    found.warnings += page.decoded.warnings
    if page.is_cut:
        found.warnings.append("page_too_long")
    if part_number(page.url) > 1:
        found.warnings = [warning for warning in found.warnings if warning != "time_missing"]
    return found


def _named_canonical(page: Page) -> str | None:
    """The address that `<link rel="canonical">` (RFC 6596) names."""
    head = page.root.find("head")
    for link in head.iterchildren("link") if head is not None else ():
        if (link.get("rel") or "").lower() == "canonical" and link.get("href"):
            return page.link(link.get("href"))
    return None


def join(parts: Sequence[Extraction]) -> Extraction:
    """The pages of one article as one extraction: headline and byline of the first, the blocks of all in order.

    What is printed only behind the last page (editor, tags, notice) is taken from there.
    """
    whole = parts[0]
    for part in parts[1:]:
        whole.blocks += part.blocks
        known = {line.text for line in whole.bylines}
        whole.bylines += [line for line in part.bylines if line.text not in known]
        whole.tags = whole.tags or part.tags
        whole.notice = whole.notice or part.notice
        whole.warnings += part.warnings
    whole.next_part = parts[-1].next_part
    return whole
