"""An outlet that stands beside the time without a label: which of the words there it is, and how sure that is.

Beside the time stand also columns, places, who wrote, what a reader can do and how many did. What is none of these, and
ends as outlets do or is named in <title>, is the outlet; a word that only may be one is found less surely, and of
several such words none is.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from zjcrawl.lines import SEAM, Line
from zjcrawl.models import Extraction, Printed
from zjcrawl.normalise import credits, labels, names, places, times
from zjcrawl.page import BLANKS
from zjcrawl.templates.place import bare
from zjcrawl.templates.reading import describe

_KIND = r"(?:新闻|资讯|要闻|频道|中心|专区|号)?"
# What columns and sections of Chinese news sites are called.
_COLUMNS = (
    "要闻 头条 快讯 热点 焦点 时政 国内 国际 本地 社会 民生 财经 经济 金融 教育 科技 文化 文旅 旅游 体育 娱乐 健康 汽车 房产 法治 军事 生活 图片 推荐 综合 资讯 "
    "新闻 动态 公告 通知 评论 观点 专题 深度 独家 置顶 精选 图集 视频 副刊 散文 诗歌 小说 随笔 杂文 人物 城事 区县 县市 乡镇 党建 人大 政协 商业 公司 股票 股市 "
    "基金 个股 宏观 产业 能源 环保 三农 农业 乡村 理论 学习 读书 艺术 历史 国防 台海 港澳 时尚 美食 母婴 星座 游戏 动漫 数码 互联网 家居 足球 篮球 排球 电竞 影视 "
    "综艺 音乐 明星 电影 电视 滚动 正文 首页 原创 本网 本站 详情 内容 信息 政务 部门 街道 校园 医疗 养生 消费 楼市 理财 银行 保险 职场 创业 聚焦 关注 一线 现场"
).replace(" ", "|")
# What a reader can do, and how many did; never part of an outlet's name.
_NEVER = re.compile(
    rf"^\W|^\w?$|^[\d.,]++(?:[^一-鿿]|$|[万亿次人条个年月日时期号])|^(?:{_COLUMNS}){_KIND}$|^(?:星期|周)[一二三四五六日天]$|[。！？]$|[（(【\[]$|有限公司$|作者$|^(?:综合|据.*)?(?:报道|整理|综合|转载)$|"
    r"\d[\d.]{0,9}\s?[万亿wWkK]?\+?次?$|\S量\s?\d|[，。]|^(?:今天|今日|现在)是|^[AaPp][Mm]$|^(?:时间|日期|来源|作者|编辑|来源于)$|\d{1,2}[时時]\d{1,2}分|"
    r"评论|阅读|浏览|点击|播放|分享|字号|字体|打印|收藏|登录|注册|首页|转载|关注|更新|人气|参与|热度|点赞|我要|我有话说|订阅|查看|举报|编辑|来源|责编|大小|"
    r"下载|手机|微信|微博|纠错|播报|语音|听新闻|扫|认证|账号|帐号|创作者|领域|\d{1,2}:\d{2}|发布(?:于|时间|日期|者)|帖子|积分|楼主|^(?:主题|精华|威望|等级)$|^(?:发布|发表|来自|发自|返回|关闭|上一|下一|IP|本文)|"
    r"记者|通讯员|实习生|校对|审核|监制|广告|农历|初[一二三四五六七八九十]|℃|^\W*[大中小]号?\W*$|\d期$|版$|^..号$|\d+号$"
)
_OUTLET = re.compile(r"(?:社|报|网|台|刊|杂志|客户端|在线|卫视|传媒|融媒|发布)$|^今日")
_ENDS = re.compile(rf"[{SEAM}|｜丨]|[　\u00a0]+| {{2,}}| [·•] ")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
_MARKS = "|｜/·-—:：,，" + SEAM
_BRACKETS = ("（）", "()", "【】", "[]", "《》")
_NEAR, _BESIDE = 24, 20  # characters; no outlet in the line of the time, or in one beside it, is longer


def find(found: Extraction, header: Sequence[Line], above: Iterable[Line], head_title: str) -> None:
    """Takes an outlet without label into an extraction: from behind the time, from before it, from a line beside it.

    What the menus `above` the headline link to is a column of the site.
    """
    at = _line_of(found.time.text, header) if found.time else None
    if at is None:
        return
    if any(part.kind == "source" for line in header for part in labels.parts(line.seamed)):
        _take_writer(found, _words([header[at].seamed]), describe(header[at].element))
        return  # a label with nothing behind it says that there is none
    columns = {piece.strip(BLANKS) for menu in above if menu.linked for piece in menu.pieces}
    credited = {credit.name for line in found.bylines for credit in credits.read(line.text, "reporter")[0]}
    known = {printed.text for printed in (found.kicker, found.title, found.subtitle) if printed}
    around = (*header[at + 1 : at + 3], *reversed(header[max(0, at - 3) : at]))
    lines = [line.seamed for line in around if not line.strong and line.text not in known and len(line.text) <= 30]
    for stretches, longest, rule, sure in (
        (_around_the_time(header[at].seamed), _NEAR, "beside the time, without label", 0.7),
        (lines, _BESIDE, "line beside the time, without label", 0.6),
    ):
        words = [word for word in _words(stretches) if len(word) <= longest and word not in credited]
        words = [word for word in words if len(word) > 3 or word not in columns]
        if words:
            _take(found, words, head_title, describe(header[at].element), rule, sure)
            return


def _line_of(time: str, header: Sequence[Line]) -> int | None:
    """The index of the line that prints the time; where it stands in pieces, of the last."""
    seek = bare(time)[:10]
    at = next((i for i, line in enumerate(header) if seek in bare(line.text)), None)
    if at is None:
        at = next((i for i, line in enumerate(header) if _CLOCK.fullmatch(line.text)), None)
    return at


def _around_the_time(seamed: str) -> list[str]:
    """What a line prints behind its time, and what before it."""
    when = times.find(seamed) or times.SHORT.search(seamed) or times.RELATIVE.search(seamed)
    return [seamed[when.end() :], SEAM.join(_ENDS.split(seamed[: when.start()])[::-1])] if when else []


def _words(stretches: Iterable[str]) -> list[str]:
    """The words that may be an outlet's name, nearest to the time first."""
    words = (_bare(piece) for stretch in stretches for piece in _unlabelled(_ENDS.split(stretch)))
    return [
        word
        for word in words
        if len(word) > 1 and not _NEVER.search(word) and not _is_place(word) and word not in names.NOBODY
    ]


def _is_place(word: str) -> bool:
    """Whether a word is a place, or says that one reported from there: `深圳报道`."""
    return places.is_place(word) or word.removesuffix("报道") in places.CITIES | places.PROVINCES


def _unlabelled(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces that no label names, in themselves or in the piece before."""
    is_named = False
    for piece in filter(None, pieces):
        parts = labels.parts(piece)
        if not parts and not is_named:
            yield piece
        is_named = bool(parts) and not labels.plain(parts[-1].text).strip(":：").removeprefix(parts[-1].label).strip(
            ":："
        )


def _bare(piece: str) -> str:
    """A word without the tools that stand a blank away from it, and without marks and brackets that open or close nothing."""
    piece = piece.strip(BLANKS + _MARKS)
    if " " in piece:
        piece = " ".join(word for word in piece.split(" ") if not _NEVER.search(word))
    for pair in _BRACKETS:
        if piece.count(pair[0]) != piece.count(pair[1]):
            piece = piece.replace(pair[0], "").replace(pair[1], "")
    return piece[1:-1] if piece.startswith("《") and piece.endswith("》") else piece


def _take(found: Extraction, words: Sequence[str], head_title: str, where: str, rule: str, sure: float) -> None:
    """The likeliest word as source; of `张三/某报` and `某报 张三` the outlet is, and the person wrote."""
    outlets = [word for word in words if _OUTLET.search(word)] or [word for word in words if word in head_title]
    word = next((word for word in outlets or words if not _may_be_writer(word)), words[0])
    person, slash, outlet = (part.strip(BLANKS) for part in word.partition("/"))
    if not slash:
        outlet, _, person = (part.strip(BLANKS) for part in word.partition(" "))
    if names.is_person(outlet) and names.is_outlet(person):  # `张三 某报`
        outlet, person = person, outlet
    if names.is_person(person) and names.is_outlet(outlet):
        found.bylines.append(Printed(person, where, "person before the outlet", sure, "作者"))
        word = outlet
    _take_writer(found, [other for other in words if other != word or _is_writer(other)], where)
    if _is_writer(word):
        return
    known = {other for other in words if not _may_be_writer(other) or other == word}
    if not _OUTLET.search(word) and word not in head_title and (len(known) > 1 or _may_be_writer(word)):
        sure = 0.4  # which of them it is, or whether it is a person, nothing tells
    found.source = Printed(word, where, rule, sure)


def _take_writer(found: Extraction, words: Sequence[str], where: str) -> None:
    """The one person who is named beside the time, where nobody is credited there."""
    writers = {word for word in words if _is_writer(word)}
    if len(writers) == 1 and not found.bylines:
        found.bylines.append(Printed(writers.pop(), where, "person beside the time", 0.6, "作者"))


def _is_writer(word: str) -> bool:
    """Whether a word is a person's name, and nothing but one: of three characters, with one of the common surnames."""
    return len(word) == 3 and _may_be_writer(word)


def _may_be_writer(word: str) -> bool:
    return len(word) < 4 and word[0] in names.COMMON_SURNAMES and names.is_name(word)
