"""The body of an article: the blocks of a container in reading order, and what is printed in it that is not body."""

import re
from collections.abc import Set
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import starmap

from zjcrawl.lines import HEADING, Line, lines
from zjcrawl.models import Block
from zjcrawl.normalise import texts
from zjcrawl.page import LONGEST_NAME, Element, Page

# Inside known containers, never body: share bar, daily-follow box, pager (portal pages), and their TRS siblings.
NOISE = frozenset(
    [
        "bshare-custom",
        "meiriguanzhukuang",
        "page_scr",
        "news_more_page",
        "news_more_page_div_id",
        "bdsharebuttonbox",
        "cprtip",
        "share",
        "pagination",
    ]
)
# The same on sites of every kind, by class and id: related articles, comments, share bars, pagers, reading tools.
_NOISE_NAME = re.compile(
    r"(?:^|[\s_-])(?:relate[ds]?|related?[-_]\w+|recomm\w*|tuijian|comments?|pinglun|share|bd_?share\w*|bshare[\w-]*|jiathis\w*|"
    r"social[\w-]*|qr_?code|erweima|pagination|pager|fenye|pages?[-_]?(?:nav|num|box|list)|advert\w*|ad[-_]?(?:box|wrap|area)?|"
    r"gg(?:box)?|hot[-_]?(?:news|list)|vote|digg|toolbar|font[-_]?size)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CAPTION_CLASS = re.compile(
    r"caption|img_?-?desc|pic_?-?desc|wgImage-content|pic-?info|img-?(?:txt|text|info|note)|photo-?(?:text|desc)|f_?center",
    re.I,
)
_CENTRED = re.compile(r"text-align\s*:\s*center", re.I)
_CAPTION_END = re.compile(
    r"(?:摄|供图|资料图|图片来源.{0,20}|视觉中国|图据.{0,15}|摄影报道|资料)[）)】\]]?[。.]?$|^(?:图为|上图|下图|图[:：])"
)
_PUNCTUATION = re.compile(r"[。，、；：！？,;:!?…]")
_SENTENCE_END = re.compile(r"[。；，：;,.:…]$")
_OF_A_COMMENT = re.compile(r"回复|[赞顶踩]|\d楼|\d:\d\d|评论|登录|网友|游客|\d前")
_SHORT = 16  # characters; a call to a phone that is no longer is no sentence of a text
_MARK = 400  # characters; no end mark is so long
_SURE = 3  # of an end mark: it stands only behind an article
_HEADING = 60  # characters; what is longer is a paragraph, whatever its element
_PAGER_WORD = re.compile(r"上一页|下一页|首页|尾页|末页|余下全文")
_PAGER_REST = re.compile(r"[\s<>《》\[\]\d|…]*")
# What portals print behind the last paragraph. Everything from such a line on is the page's, not the article's: where
# the words can be nothing else, even with some prose behind them; where an article can hold them too, only at its end.
# An article may begin a paragraph with any of these words, so the form counts: a label with a value that is no sentence,
# a heading with links below it, a line of nothing but tools, a notice that speaks of copying.
_EDITOR = r"(?:责任|网络|值班|本期|本文|栏目|执行|新媒体|视频|见习|实习)?编[ 　]*辑|(?:責任)?編輯|责[ 　]*编|编审|来源[丨｜].{2,20}编辑"
_OPENING = r"^[\s【\[(（［〔<《·|“■□●○◆◇▲△★☆※]*"
_ENDS = {
    "editor": rf"(?:[【\[]?纠错[】\]]?[\s【\[]*)?(?:{_EDITOR})\s*[:：|｜丨/／]|【(?:{_EDITOR})",
    "tags": r"(?:(?:本文|文章|相关)?(?:标签|关键词|关键字|[Tt]ags?|TAGS?)|相关热词(?:搜索)?)\s*[:：]",
    "links": r"相关(?:阅读|新闻|链接|报道|推荐|专题|文章|搜索|资讯|内容|稿件)|(?:延伸|推荐|扩展|拓展)\s*[·]?\s*阅读|(?:热门|编辑|小编|新闻|精彩|往期|为[你您])推荐|往期(?:回顾|精选|精彩)|大家都?(?:在看|爱看)|看了又看|猜你喜欢|(?:热门|热点|最新)(?:文章|新闻|资讯|视频|图集|内容)"
    r"|更多(?:精彩|新闻|资讯|相关|报道|内容|快讯|文章|视频|图集|推荐|热点|动态|要闻)|评论(?!\s*[（(]?\s*\d)|(?:延伸|推荐)\s*$",
    "comments": r"网友评论|最新评论|热门评论|我要评论|发表评论|评论(?=\s*[（(]?\s*\d+\s*条?\s*[）)]?\s*[:：]?$)",
    "sure": r"[上下]一?[篇条]\s*[:：]|(?:版权(?:和|与|及)?(?:免责)?(?:声明|申明|说明|所有)|免责(?:声明|申明))(?=[\s:：，,。|】\])）］©]|$)|Copyright|©"
    r"|本文来源\s*[:：]|(?:本文|文章)(?:仅代表|系转载|为转载|(?:链接|地址)\s*[:：])",
    "label": r"(?:(?:最[后近])?更新|修改|发布|发表)(?:时间|日期|于)?\s*[:：]|(?:文章|稿件|信息|内容|新闻|素材|资料|图文)?来源\s*[:：|｜]|稿源\s*[:：]|转自\s*[:：]|[上下]一?篇(?=[\s>＞»→上下]|$)"
    r"|(?:校对|审核|监制|终审|初审|复审|审读|选稿|核校|值班|值班编委|统筹|总监|责任校对|发布日期|供稿|投稿|签发|[一二三]审)\s*[:：|｜/／]",
    "name": rf"(?:{_EDITOR})\s?[一-鿿]",
    "said": r"(?:特别|郑重|重要)?声明\s*[:：]|特别声明|(?:Notice|Disclaimer|Statement)\s*[:：]",
    "mood": r"(?:[您你]?[看读]完.{0,8}|[您你].{0,4}(?:此刻|现在)的|此刻.{0,4})(?:感觉|感受|心情)[如何是?？:：]*$",
    "code": r"扫一扫|扫描.{0,8}二维码|长按.{0,10}(?:二维码|关注)|(?:推荐\s*[:：]\s*)?(?:欢迎|敬请|请)?关注.{0,12}(?:公众号|微信|微博)",
    "copying": r"本(?:网站?|站|平台|公众号|号)(?:所有|部分|所)?(?:转载|刊载|登载|发布|文章|内容|图文)|如.{0,8}侵权|(?:部分)?(?:文章|图文|图片|内容|素材|文字).{0,6}(?:来自|来源).{0,4}(?:网络|互联网)|凡(?:本[网站报刊]|注[有明]|标注|来源|署名)|(?:如需)?转载请(?=[注标]明|联系|务必|保留|附|与|按|经)|(?:如果)?[您你]?有(?:任何)?(?:新闻)?线索|(?:新闻)?(?:报料|爆料)(?:热线|电话|微信|QQ|邮箱)|未经.{0,12}(?:授权|许可|允许)|(?:本文|文章)(?:由|转载)|以上(?:内容|文章|图片)|(?:此|该|本)(?:内容|文章|作品|稿件)(?:为|系|由|仅|版权)",
    "advertising": r".{2,12}广告合作",
    "tool": r"分享|打印|关闭|返回|(?:加入)?收藏|点赞|纠错|举报|我要|阅读原文|展开|查看|打开|正文已结束",
}
_LETTERS = re.compile(r"[一-鿿A-Za-z©]")


def _kind(name: str, words: str) -> str:
    """A kind of end marks; looked for only where a letter stands that is in one of them, as in few lines one does."""
    letters = "" if words.startswith(".") else rf"(?=[【\[\s{''.join(sorted(set(_LETTERS.findall(words))))}])"
    return rf"{letters}(?P<{name}>{words})"


_END = re.compile(_OPENING + "(?:" + "|".join(starmap(_kind, _ENDS.items())) + ")")
# A heading of links stands alone or calls (`更多精彩内容请…`); with anything else behind it, it begins a sentence.
_CALLS = re.compile(
    r"(?:内容|资讯|新闻|报道|视频|文章)?\s*+(?:[:：>》】\]）)］〕｜·…(（]|请|敬请|尽在|欢迎|点击|\d*+\s*+$)"
)
_CALLS_TO = re.compile(r"关注|下载|登录|登陆|访问|点击|扫|客户端|公众号|网站|APP|App|http|www")
_OF_THE_PAGE = re.compile(r"转载|版权|观点|立场|本网|本站|本文|本号|本公众号|免责|平台|侵权|登载|来源|我们")
_OF_COPYING = re.compile(
    r"广告合作|著作权|不构成|独立观点|报料|爆料|转载(?!了)|版权|授权|侵权|镜像|摘编|复制|登载|原创|首发|来自网络|来自互联网|仅供|仅代表|违者必究|法律责任|公众号|一点号|百家号|网易号|"
    r"不代表|本[网站]|注明(?:来源|出处|作者|“)"
)
_OF_A_PHONE = re.compile(r"关注|下载|打开|手机|当前页|公众号|客户端|分享|更多|官方|App|APP")
_TOOLS = re.compile(
    r"(?:(?:分享(?:到|至|[此本]文|文章|给好友)?|打印(?:本[页文]|文章|页面)?|关闭(?:窗口|本页|页面)?|返回(?:首页|列表|顶部|上一页|上页|目录|频道)?|"
    r"(?:加入)?收藏(?:本[页文])?|点赞|(?:我要)?(?:反馈|纠错|举报|投稿|分享|收藏|打印)|阅读原文|展开(?:全文|全部)|查看(?:更多|全部|全文|原文)(?:内容|评论|新闻)?|正文已结束|"
    r"打开[^\s，,]{0,6}(?:APP|App|app|客户端)[，,]?(?:阅读|查看|看)?(?:全文|更多|更多精彩|体验更佳)?|您可以按alt\+4进行评论|微信|微博|朋友圈|QQ(?:空间|好友)?|新浪|腾讯|豆瓣|人人网?|空间|好友|更多|大|中|小|字号|到|让更多人看到)"
    r"(?:\s*[（(]?\d+[）)]?)?[\s:：、，,。.|/·>》】\]）)\[【（(+]*)+"
)
_GO_BACK = re.compile(r"返回[^\s，,]{1,4}[，,]\s?查看更多\W*$")
_EDITOR_INSIDE = re.compile(
    r"(?:责任编辑|责编|(?:^|[\s\u3000])编辑)\s*[:：/／|｜]"
)  # `本文来源：X 责任编辑：Y`, `供稿 X 摄影/Y 责编/Z`
_EDITOR_AT_THE_END = re.compile(
    rf"(?<=[。！？”])\s*[（(【\[]\s?(?:{_EDITOR})\s?[:：][^（）()【】\[\]。，]{{1,30}}[）)】\]]\s*$"
)  # of the last paragraph, in brackets
_CLAUSE = re.compile(r"[，。！？；：“]")
_ASKED = re.compile(r"[。？！?!]")
_SAYS = re.compile(r"[。！？!?；，]")
_SAID = re.compile(r"[。！？!?”…；]")
# The head of a list whose links were left out before; with a colon, it heads no text.
_HEAD_OF_NONE = re.compile(_OPENING + r"相关(?:阅读|新闻|报道|推荐|文章|资讯)\s*[:：]$")
# Dropped wherever they stand, if nothing else is said; the article goes on behind them.
_ASIDE = re.compile(
    r"^[\s【\[(（>]*(?:本文)?原(?:标题|题)\s*[:：]|^[\s【\[(（]*原题为?[《“「].*[》”」][\s】\])）。]*$"
    r"|^(?:视频加载中|正在加载|广告|ADVERTISEMENT|展开)[\s.…>∨﹀↓]*$|^原创\s*[:：]?$|^\ufffd+$|^广告位.{0,20}$|^[\s—=*-]*分[隔割]线[\s—=*-]*$"
    r"|^[\s【\[（(↑▲]*(?:点击|戳)(?:上方|上面|下方|标题下|蓝字).{0,24}(?:关注|订阅)"
)
_CLICK = re.compile(r"^[\s>【\[（(]*点击(?:此处|这里)?(?:进入|查看|下载|观看|播放|图片)")


# Most lines of a body are paragraphs. Their first letter tells it, and asking that is cheaper than matching.
_OPEN = frozenset("【[(（［〔<《·|>“↑▲—-=*■□●○◆◇△★☆※")
_END_LETTERS = _OPEN | set(_LETTERS.findall("".join(_ENDS.values())))
_ASIDE_LETTERS = (
    _OPEN
    | set(_LETTERS.findall(_ASIDE.pattern + _CLICK.pattern + _PAGER_WORD.pattern))
    | set("》]…\ufffd0123456789０１２３４５６７８９")
)


@dataclass(slots=True)
class Body:
    """Blocks in order, and the lines taken out of the container's end (`tail`: editor, tags, notice, links)."""

    blocks: list[Block] = field(default_factory=list)
    tail: list[Line] = field(default_factory=list)
    video: bool = False

    @property
    def size(self) -> int:
        return sum(len(block.text) for block in self.blocks)


def read(page: Page, container: Element) -> Body:
    """The body that a container prints."""
    return of_lines(page, lines(container, tables=True, without=NOISE), container)


def of_lines(page: Page, printed: list[Line], container: Element) -> Body:
    """The body that a run of lines of a container prints."""
    kept, tail = _cut(printed)
    kept = [line for line in kept if not _is_aside(line)]
    if kept and (own := _EDITOR_AT_THE_END.search(kept[-1].text)):
        last, editor = kept[-1], own[0].strip()
        tail.insert(0, Line(last.element, editor, (editor,)))
        kept[-1] = Line(last.element, text := last.text[: own.start()], (text,))
    quoted = {element for quote in container.iter("blockquote") for element in quote.iter()}
    blocks = [block for block in _blocks(page, kept, quoted) if block.text or block.src]
    return Body(blocks, tail, _has_video(container))


def is_end(text: str) -> bool:
    """Whether a line is one that portals print behind an article."""
    return _end(text) > 0


def is_editors(text: str) -> bool:
    """Whether a line is one that names the editor behind an article."""
    match = _END.match(text) if len(text) < _MARK and _begins(text, _END_LETTERS) else None
    return match is not None and match.lastgroup == "editor" and _end(text) == _SURE


def is_among_paragraphs(printed: list[Line], index: int) -> bool:
    """Whether a line as heads comments (`网友评论`) heads a part of the text: beside the paragraphs before and behind it,
    of which none is a comment, with its time or a way to reply."""
    line = printed[index]
    around, before, behind = line.element.getparent(), printed[max(0, index - 1)], printed[index + 1 : index + 7]
    beside = [other for other in (before, *behind) if other.element.tag == "p" and other.element.getparent() is around]
    return (
        line.element.tag in ("p", *HEADING)
        and before in beside
        and bool(_prose(before) and behind and _prose(behind[0]) and behind[0] in beside)
        and not any(_OF_A_COMMENT.search(other.text) for other in behind if not _prose(other))
    )


def is_noise(element: Element) -> bool:
    """Whether an element inside a body is by its name no part of it."""
    name, ident = element.get("class"), element.get("id")
    return (name is not None and _names_noise(name[:LONGEST_NAME])) or (
        ident is not None and _names_noise(ident[:LONGEST_NAME])
    )


@lru_cache(4096)  # the names of a site are few
def _names_noise(name: str) -> bool:
    return bool(_NOISE_NAME.search(name))


def _end(text: str) -> int:
    """How surely a line stands behind an article: 3 only there, 2 with little prose behind it, 1 only at the end.

    0 for any other: also for a sentence of the article that begins with such words (`更多精彩活动将持续到…`). In doubt a
    line is the article's: a notice that is kept does less harm than a paragraph that is lost.
    """
    if len(text) >= _MARK:
        return 0
    match = _END.match(text) if _begins(text, _END_LETTERS) else None
    if match is None:
        inside = len(text) < 100 and "编" in text and _EDITOR_INSIDE.search(text)
        return 3 if inside and not _SAID.search(text) else 0
    rest = _GO_BACK.sub("", text[match.end() :])
    says = bool(_SAYS.search(rest.rstrip("。")))
    match match.lastgroup:
        case "editor":
            return 0 if _ASKED.search(rest) or "，" in rest[:8] else 3
        case "links":
            return 3 if _CALLS.match(rest) and not (rest.startswith("请") and not _CALLS_TO.search(rest)) else 0
        case "comments":
            return 0 if says else 3
        case "tags":
            return 0 if _ASKED.search(rest) else 1
        case "label":
            return 0 if says or rest.endswith("。") or len(rest) > 60 else 2
        case "name":
            return 3 if texts.is_credit_line(text) else 0
        case "said":
            return 0 if text.endswith(("。", "！", "？", "”")) and not _OF_THE_PAGE.search(rest) else 2
        case "code":
            return (
                2
                if _OF_A_PHONE.search(text)
                and (not says or len(text) <= _SHORT)
                and not text.endswith(("。", "！", "？"))
                else 0
            )
        case "mood":
            return 1
        case "copying" | "advertising":
            return 2 if _OF_COPYING.search(text) else 0
        case "tool":
            return 2 if _TOOLS.fullmatch(text.strip(" 【[（(")) or not _GO_BACK.sub("", text) else 0
    return 3


def _is_aside(line: Line) -> bool:
    """Whether a line in the midst of an article is the page's: `原标题：…`, a pager, `点击进入专题`; not `点击进入“浙里办”，就能…`."""
    text = line.text
    if not _begins(text, _ASIDE_LETTERS):
        return False
    if _ASIDE.match(text) or _is_pager(text):
        return True
    if not _CLICK.match(text):
        return False
    return line.is_linked or not _CLAUSE.search(text.rstrip("：: "))


def _begins(text: str, letters: Set[str]) -> bool:
    """Whether the first character that prints is one of these."""
    return text.lstrip()[:1] in letters


def picture_address(page: Page, image: Element) -> str | None:
    """Where a picture is: `src`, or what lazy loaders keep it in; None for spacers and data addresses."""
    for name in ("data-original", "data-src", "original-src", "_src", "src"):
        address = (image.get(name) or "").strip()
        if address and not address.startswith(("data:", "about:", "javascript:")):
            return page.link(address)
    return None


def _cut(printed: list[Line]) -> tuple[list[Line], list[Line]]:
    """The lines of the article, and those taken out: from the end mark on, and lists of links in its midst.

    An end mark is judged by the prose behind it: much of it, and the article goes on.
    """
    ends = [_end(line.text) if line.image is None else 0 for line in printed]
    ends = [0 if end == 3 and not _has_links(printed, index) else end for index, end in enumerate(ends)]
    ends = [0 if end == 3 and _heads_a_part(printed, index) else end for index, end in enumerate(ends)]
    noticed = next((index for index, end in enumerate(ends) if end > 1), len(ends))
    said = [
        0 if end or (index > noticed and _is_of_a_notice(line.text[:_MARK])) else _prose(line)
        for index, (line, end) in enumerate(zip(printed, ends, strict=True))
    ]
    before, after, size = 0, sum(said), 0
    kept: list[Line] = []
    out: list[Line] = []
    in_list = False
    for index, line in enumerate(printed):
        before, after = before + said[index], after - said[index]
        sure = ends[index]
        if not sure and line.text.endswith((":", "：")) and _HEAD_OF_NONE.match(line.text):
            out.append(line)
            continue
        if sure and (before or size > 20) and after <= _allowed(sure, before):
            return kept, [*out, *printed[index:]]
        if sure == 3 and size:
            in_list = True
        elif in_list and line.image is None and (said[index] or not line.is_linked):
            in_list = False
        (out if in_list else kept).append(line)
        size += len(line.text)
    return kept, out


def _is_of_a_notice(text: str) -> bool:
    """Whether a paragraph behind the first of a notice goes on with it: it speaks of copying, and of the page."""
    return bool(_OF_COPYING.search(text) and _OF_THE_PAGE.search(text))


def _has_links(printed: list[Line], index: int) -> bool:
    """Whether a line that heads links has some: `相关链接` over a paragraph heads a box of the article. True for others."""
    line = printed[index]
    head = _END.match(line.text)
    if head is None or head.lastgroup != "links" or line.linked or _CALLS_TO.search(line.text, head.end()):
        return True
    below = next((other for other in printed[index + 1 :] if other.image is None), None)
    if below is None:
        return not line.text[head.end() :].strip(" :：>》】]）)")
    return bool(below.linked and not _prose(below)) or _end(below.text) > 0


def _heads_a_part(printed: list[Line], index: int) -> bool:
    head = _END.match(printed[index].text)
    return head is not None and head.lastgroup == "comments" and is_among_paragraphs(printed, index)


def _allowed(sure: int, before: int) -> float:
    """How many characters of prose may stand behind an end mark: a disclaimer, a related text's summary.

    `before` are the characters of prose that stand before it.
    """
    return {3: max(200.0, 0.5 * before), 2: max(40.0, 0.1 * before), 1: 0.0}[sure]


def _prose(line: Line) -> int:
    """Characters of a line that says something: sentences, no links."""
    size = len(line.text)
    if size < 12 or line.image is not None or line.is_linked:
        return 0
    return size if size >= 60 or line.table is not None or _SAID.search(line.text) else 0


def _blocks(page: Page, printed: list[Line], quoted: Set[Element]) -> list[Block]:
    blocks: list[Block] = []
    after_image: Line | None = None
    for index, line in enumerate(printed):
        if line.image is not None:
            address = picture_address(page, line.image)
            if address and not _is_icon(line.image):
                blocks.append(Block("image", src=address))
                after_image = line
            continue
        if line.table is not None:
            blocks.append(Block("table", line.text))
        elif after_image is not None and _is_caption(line, after_image):
            blocks.append(Block("caption", line.text))
        elif line.element in quoted:
            blocks.append(Block("quote", line.text))
        elif len(line.text) <= _HEADING and _is_heading(printed, index):
            blocks.append(Block("heading", line.text))
        else:
            blocks.append(Block("paragraph", line.text))
        after_image = None
    return blocks


def _is_caption(line: Line, image: Line) -> bool:
    if _CAPTION_CLASS.search(line.element.get("class") or "") or line.element.tag in ("figcaption", "caption"):
        return True
    if len(line.text) > 150:
        return False
    piece = line.element
    for _ in range(2):
        if piece is None:
            break
        if (
            _CENTRED.search(piece.get("style") or "")
            or (piece.get("align") or "").lower() == "center"
            or piece.tag == "center"
        ):
            return True
        piece = piece.getparent()
    if _CAPTION_END.search(line.text):
        return True
    return line.element is image.element and image.element.tag == "p" and len(line.text) <= 80


def _is_heading(printed: list[Line], index: int) -> bool:
    """Whether a line of at most _HEADING characters is one: in a heading element, bold, or short between paragraphs."""
    line = printed[index]
    size = len(line.text)
    if line.element.tag in HEADING:
        return True
    if line.is_strong and size <= 40 and not _SENTENCE_END.search(line.text) and not _is_byline(line.text):
        return True
    if size > 22 or size < 2 or _PUNCTUATION.search(line.text) or _is_byline(line.text) or line.is_linked:
        return False
    if line.text.startswith(("（", "(", "【", "[")):
        return False
    before, after = _neighbour(printed, index, -1), _neighbour(printed, index, 1)
    return min(len(before), len(after)) >= max(30, 2 * size)


def _is_byline(text: str) -> bool:
    """Whether a short line names who wrote, so that it is no heading; `记者手记` is one."""
    return texts.is_credit_line(text)


def _neighbour(printed: list[Line], index: int, step: int) -> str:
    at = index + step
    while 0 <= at < len(printed):
        if printed[at].image is None:
            return printed[at].text
        at += step
    return ""


def _is_icon(image: Element) -> bool:
    for side in ("width", "height"):
        size = (image.get(side) or "").removesuffix("px")
        if size.isdigit() and int(size) < 40:
            return True
    return False


def _is_pager(text: str) -> bool:
    if len(text) >= 60:
        return False
    rest, words = _PAGER_WORD.subn("", text)
    return 0 < words <= 6 and bool(_PAGER_REST.fullmatch(rest))


def _has_video(container: Element) -> bool:
    if next(container.iter("video", "embed"), None) is not None:
        return True
    frames = (frame.get("src") or "" for frame in container.iter("iframe", "object"))
    return any("video" in source or "player" in source for source in frames)
