"""What a printed word can be the name of: a person, an outlet, or neither."""

import re

# 复姓 of 《百家姓》 still borne today: two characters that are one surname, so that the name has up to four.
COMPOUND_SURNAMES = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "司徒",
        "夏侯",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "长孙",
        "宇文",
        "端木",
        "独孤",
        "南宫",
        "东方",
        "轩辕",
        "百里",
        "呼延",
        "闻人",
        "澹台",
        "申屠",
        "公冶",
        "太史",
    ]
)
_HANZI = r"\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f〇"
_PERSON = re.compile(rf"[{_HANZI}]{{2,4}}|[{_HANZI}]{{1,8}}(?:[·•・．‧][{_HANZI}]{{1,8}})+")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9._'’-]*")
_OUTLET = re.compile(
    r"(?:社|报|网|台|局|部|院|委|办|厅|校|处|所|站|厂|店|队|组|会|馆|中心|客户端|频道|在线|传媒|融媒|媒体|新闻|公司|集团|大学|学院|学校|支部|编辑部|发布|"
    r"政府|法院|检察院|医院|公安|交警|消防|工作室|杂志|周刊|电台|电视|卫视|视频|快报|观察|头条|公众号|论坛|社区|街道|整理|整合|综合|转载|原创|管理员|作者)$"
)
# What follows 记者 or 作者 where the text goes on: `记者了解到`, `作者最新文章`.
_GOES_ON = re.compile(
    r"(?:获悉|了解|注意|发现|看到|见到|走访|采访|来到|近日|昨[天日]|今[天日]|随机|联系|致电|查询|梳理|最新|最近|更多|其他|简介|介绍|观点|专栏)"
)
_NOBODY = frozenset(
    [
        "未知",
        "佚名",
        "匿名",
        "无",
        "暂无",
        "不详",
        "小编",
        "本站",
        "本报",
        "本网",
        "网络",
        "网友",
        "编辑",
        "记者",
        "通讯员",
        "作者",
        "管理员",
        "系统",
        "综合",
        "责编",
        "供图",
        "资料",
        "报道",
        "文字",
        "图片",
        "摄影",
        "资料图",
        "阅读",
        "点击",
        "见习",
        "admin",
        "administrator",
        "editor",
        "实习",
    ]
)


def is_person(word: str) -> bool:
    """Whether a printed word can be a person's name: 2–4 characters, or with `·`; not an outlet, not `佚名`."""
    if is_nobody(word) or not _PERSON.fullmatch(word):
        return False
    return not (len(word) > 2 and _OUTLET.search(word))


def is_nobody(word: str) -> bool:
    """Whether a printed word stands where names stand and names nobody: `佚名`, or what a text goes on with."""
    return word.lower() in _NOBODY or bool(_GOES_ON.match(word))


def is_latin(word: str) -> bool:
    """Whether a printed word is a Latin name or user name."""
    return not is_nobody(word) and bool(_LATIN.fullmatch(word))


def is_outlet(word: str) -> bool:
    """Whether a printed word ends as the names of outlets and offices do (`嘉兴日报`, `宣传部`)."""
    return bool(_OUTLET.search(word))
