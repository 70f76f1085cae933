"""Where a page that no template claims prints its article: the element of the body, the line of the headline.

The body is the element that holds most prose and least else. The headline is the line before it that the page's own
<title> repeats, or a heading that stands above the line with time and source.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from zjcrawl.lines import HEADING, Line
from zjcrawl.normalise import labels, times
from zjcrawl.page import Element, Page
from zjcrawl.templates import body as bodies

# Words that name a part of a page, in class and id, on sites of every kind. Chinese ones are in pinyin.
_ELSEWHERE = re.compile(
    r"comment|pinglun|reply|relat|recomm|tuijian|sidebar|side-|aside|footer|foot_|copyright|breadcrumb|rank|paihang|"
    r"hotnews|hot-|login|share|advert|guess|qrcode|toolbar|dialog|popup|modal|subscribe|player|navbar|menu|topbar",
    re.IGNORECASE,
)
_BODY_NAME = re.compile(
    r"article|content|artcon|art-con|conttxt|zoom|trs_|ueditor|news_?txt|newstext|text-?con|post_?body|post_?text|"
    r"main-?text|zhengwen|detail|rich_media|endtext|paragraph",
    re.IGNORECASE,
)
# Names that a body's own element bears, and hardly any other.
_BODY_ITSELF = re.compile(
    r"(?:^|\s)(?:artibody|(?:article|news|post|entry|art|main|detail|text|cont(?:ent)?)[-_]?(?:body|txt|text)|"
    r"(?:article|news|post|entry|art)[-_]?con(?:tent)?|conttxt|trs_(?:web)?editor|trs_ueditor|zoom|zhengwen|endtext|"
    r"rich_media_content)(?:\s|$)",
    re.IGNORECASE,
)
_TITLE_NAME = re.compile(r"title|headline|biaoti|(?:^|[-_])tit(?:$|[-_])|subject", re.IGNORECASE)
_PROSE = re.compile(r"[，。！？；、：“”,.!?;]")
_LIST_TAGS = frozenset(["li", "dt", "dd", "ul", "ol", "dl", "h1", "h2", "h3", "h4", "h5", "h6"])
_NOTICE_HEAD = re.compile(r"^\s*(?:版权|免责)\S{0,10}\s*[:：]?$")
_NOTICE_LINES = 4
_BRIEF = 600.0  # characters of prose; with less, an article is looked for again where it must stand
_PICTURE = 30.0  # characters that a picture of a gallery counts for
_LITTLE = 60.0  # characters of pager and links that may stand beside a brief's only paragraph
_PARAGRAPH = 12.0  # characters of prose; a line or an element's lines with as much say something
_LEAST = 12.0  # characters; so little prose is no article


@dataclass(slots=True)
class _Sum:
    """What an element holds: characters of prose, and of links and of what portals print around articles."""

    prose: float = 0.0
    other: float = 0.0


@dataclass(slots=True)
class Place:
    """Headline and body among the lines of a page: indexes of the headline, of the body's first and last line."""

    printed: list[Line]
    container: Element
    first: int
    last: int
    title: int | None = None
    sure: float = 0.0
    noise: dict[Element, bool] = field(default_factory=dict)

    def is_noise(self, line: Line) -> bool:
        """Whether a line of the container stands in an element of it that is named after something else."""
        chain = []
        element = line.element
        while element is not None and element is not self.container and element not in self.noise:
            chain.append(element)
            element = element.getparent()
        answer = False if element is None or element is self.container else self.noise[element]
        for member in reversed(chain):
            answer = self.noise[member] = answer or bodies.is_noise(member)
        return answer


def find(page: Page, printed: list[Line]) -> Place | None:
    """Where body and headline stand, or None where nothing on the page is prose enough to be an article."""
    place = _body(printed)
    if place is not None:
        _headline(page, place)
    return place


def name_of(element: Element) -> str:
    """Class and id of an element in one string."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


# ── the body ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _body(printed: list[Line]) -> Place | None:
    sums = _sums(printed)
    best = max(sums, key=lambda element: _score(element, sums[element]), default=None)
    if best is None or sums[best].prose < _BRIEF:
        # A brief or a gallery: the page's own notices can be longer. It stands behind the line of time and source.
        near = _sums(_below_the_time(printed), pictures=True)
        # Outer elements come first and hold no more here: of equals, the innermost.
        nearest = max(reversed(near), key=lambda element: _score(element, near[element]), default=None)
        least = max(_LEAST, 0.25 * sums[best].prose if best is not None else 0.0)
        if nearest is not None and best not in near and _score(nearest, near[nearest]) >= least:
            sums, best = near, nearest
    if best is None or _score(best, sums[best]) < _LEAST:
        return None
    # One paragraph is a brief's whole text, but what holds it holds its pictures, player and signature too.
    around = best.getparent()
    if best.tag == "p" and around in sums and sums[around].other - sums[best].other < _LITTLE:
        best = around
    # The body's own element, where it is named so: what stands beside it in `best` is a lead-in or an advertisement.
    for element, held in sums.items():
        if held.prose >= 0.6 * sums[best].prose and _BODY_ITSELF.search(name_of(element)) and _is_in(element, best):
            best = element
    known: dict[Element, bool] = {best: True}
    inside = [i for i, line in enumerate(printed) if _stands_in(line.element, known)]
    return Place(printed, best, inside[0], inside[-1])


def _score(element: Element, held: _Sum) -> float:
    score = held.prose - 1.2 * held.other
    if _BODY_NAME.search(name_of(element)):
        score *= 1.1
    return score * 1.1 if element.tag == "article" else score


def _below_the_time(printed: list[Line]) -> list[Line]:
    """The lines from the one that prints time or source to the first that portals print behind an article."""
    start = next((index + 1 for index, line in enumerate(printed) if is_info(line)), len(printed))
    end = next((i for i, line in enumerate(printed[start:], start) if line.text and bodies.is_end(line.text)), None)
    return printed[start:end]


def _sums(printed: list[Line], *, pictures: bool = False) -> dict[Element, _Sum]:
    """What every element that holds prose holds, in document order (outer before inner ones).

    With `pictures`, a picture counts as a line of prose: in a gallery they are the article.
    """
    weights: dict[Element, _Sum] = defaultdict(_Sum)
    notice = 0  # lines that may still belong to a copyright notice, which is prose too
    for line in printed:
        held = weights[line.element]
        if line.image is not None:
            held.prose += _PICTURE if pictures else 0.0
            continue
        prose, other = _weight(line)
        if notice and prose:
            prose, other = 0.0, other + prose
        held.prose += prose
        held.other += other
        notice = _NOTICE_LINES if _NOTICE_HEAD.match(line.text) else max(0, notice - 1)
    depths: dict[Element, int] = {}
    # An article stands around its paragraphs; only where a page has none (verse), around any line.
    least = _PARAGRAPH if any(held.prose >= _PARAGRAPH for held in weights.values()) else 1.0
    for element, held in weights.items():
        if held.prose >= least:
            _depth(element, depths)
    sums = {element: _Sum() for element in depths}
    holders: dict[Element, Element | None] = {element: element for element in depths}
    for element, held in weights.items():
        holder = _holder(element, holders)
        if holder is not None:
            sums[holder].prose += held.prose
            sums[holder].other += held.other
    inner_first = sorted(depths, key=lambda element: -depths[element])
    for element in inner_first:
        parent = element.getparent()
        if parent in sums:
            sums[parent].prose += sums[element].prose
            sums[parent].other += sums[element].other
    _discount(sums, depths)
    return sums


def _holder(element: Element, holders: dict[Element, Element | None]) -> Element | None:
    """The nearest element around one that is among the holders, and a note of it for all between."""
    chain = []
    while element is not None and element not in holders:
        chain.append(element)
        element = element.getparent()
    answer = holders[element] if element is not None else None
    for member in chain:
        holders[member] = answer
    return answer


def _depth(element: Element, depths: dict[Element, int]) -> None:
    """Notes how deep an element and all around it stand."""
    chain = []
    while element is not None and element not in depths:
        chain.append(element)
        element = element.getparent()
    depth = depths[element] if element is not None else -1
    for number, member in enumerate(reversed(chain), depth + 1):
        depths[member] = number


def _discount(sums: dict[Element, _Sum], depths: dict[Element, int]) -> None:
    """Counts the prose of elements named after something else than the article as not the article's.

    A wrapper of most of the page's prose may be named after anything (`js_share_area`), unless it is the comments.
    """
    whole = max((held.prose for held in sums.values()), default=0.0)
    elsewhere: dict[Element, float] = {}
    for element in sorted(depths, key=lambda element: depths[element]):
        parent = element.getparent()
        if parent in elsewhere:
            elsewhere[element] = 0.0  # counted with the element around it
            continue
        if element.tag in ("body", "html"):
            continue
        match = _ELSEWHERE.search(name_of(element))
        if match is None and element.tag not in ("footer", "nav", "aside"):
            continue
        is_comments = match is not None and match[0].lower() in ("comment", "pinglun", "reply")
        if sums[element].prose < (0.8 if is_comments else 0.5) * whole:
            elsewhere[element] = sums[element].prose
    for element, prose in elsewhere.items():
        if prose:
            above = element.getparent()
            while above is not None:
                sums[above].prose -= prose
                sums[above].other += 0.3 * prose
                above = above.getparent()
        sums[element].prose, sums[element].other = 0.0, sums[element].other + 0.3 * sums[element].prose


def _weight(line: Line) -> tuple[float, float]:
    """(prose, other) of a line, in characters."""
    size = len(line.text)
    if line.is_linked:
        return 0.0, float(size)
    if bodies.is_end(line.text):
        return 0.0, float(min(size, 100))
    own = size - line.linked
    if size >= 40 or (size >= 12 and _PROSE.search(line.text)):
        return float(min(own, 1000)), float(line.linked) * 0.5
    if line.element.tag in _LIST_TAGS:
        return 0.0, 0.25 * own + line.linked
    return 0.5 * own, float(line.linked)


def _is_in(element: Element, outer: Element) -> bool:
    return any(above is outer for above in element.iterancestors())


def _stands_in(element: Element, known: dict[Element, bool]) -> bool:
    chain = []
    while element is not None and element not in known:
        chain.append(element)
        element = element.getparent()
    answer = known[element] if element is not None else False
    for member in chain:
        known[member] = answer
    return answer


# ── the headline ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _headline(page: Page, place: Place) -> None:
    head = bare(page.head_title)
    shared = bare(page.metas.get("og:title", ""))
    best = 0.0
    for index, line in enumerate(place.printed[: min(place.last, place.first + 12) + 1]):
        if line.image is not None or not 3 < len(line.text) <= 150:
            continue
        score = _headline_score(place, index, head, shared)
        if score > best:
            best, place.title, place.sure = score, index, min(1.0, 0.4 + score / 6)


def _headline_score(place: Place, index: int, head: str, shared: str) -> float:
    line = place.printed[index]
    text = bare(line.text)
    score = 0.0
    if head.startswith(text) or (shared and shared.startswith(text)):
        score += 3.0 * min(1.0, len(text) / max(8, min(len(head) or 99, len(shared) or 99)) + 0.4)
    elif len(text) > 6 and (text in head or (shared and text in shared)):
        score += 1.5
    if line.element.tag in HEADING:
        score += {"h1": 1.5, "h2": 1.0}.get(line.element.tag, 0.7)
    if _TITLE_NAME.search(name_of(line.element)):
        score += 0.8
    if line.is_linked:
        score -= 1.5
    if score < 0.3:
        return score  # most lines of a page; what follows costs more than it could tell
    if any(is_info(near) for near in place.printed[index + 1 : index + 4]):
        score += 0.6
    if labels.parts(line.seamed) or times.find(line.text) or len(re.findall(r"[>＞»]", line.text)) > 1:
        score -= 2.0
    if line.text.endswith(("。", "；")):
        score -= 1.0
    return score - min(1.0, max(0, place.first - index) / 60)


def is_info(line: Line) -> bool:
    """Whether a line is one of those that print time, source or credits, and little else."""
    if line.image is not None or len(line.text) > 120:
        return False
    kinds = {part.kind for part in labels.parts(line.seamed)}
    if kinds & {"source", "time", "credit"}:
        return not re.search(r"[。！？]", line.text)
    when = times.find(line.text)
    return bool(when and len(line.text) - len(when[0]) < 60 and not re.search(r"[。！？，；]", line.text))


def bare(text: str) -> str:
    """A text without blanks of any kind."""
    return "".join(text.split()).replace("\u200b", "")
