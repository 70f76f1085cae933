"""Invented newspaper Chinese: sentences, paragraphs, headlines, names, outlets. No person, event or place is meant.

Every function draws from the given `random.Random`, so the same generator state gives the same words.
"""

from random import Random

_SURNAMES = tuple("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
_COMPOUND = ("欧阳", "诸葛", "司马", "上官", "皇甫", "尉迟")
_GIVEN = tuple("芬娟正玺蓉明华建国海燕晓东立群志强雪梅云飞佳怡子涵思远若水清扬喆珺镕犇淼浩然诗雨一帆")
_DOTTED = ("阿依古丽·买买提", "迪力夏提·艾合买提", "玛利亚·陈", "古丽娜尔·阿不都")

_VILLAGES = [
    "云溪村",
    "望潮街道",
    "青枫岭镇",
    "竹墩桥社区",
    "澄湖村",
    "石佛弄社区",
    "白鹭洲镇",
    "桐坞村",
    "龙泾港",
    "晒谷场社区",
    "柳荫街道",
    "月河埭",
    "䶮水湾村",
]
_BODIES = [
    "市发展改革部门",
    "区农业农村部门",
    "镇便民服务中心",
    "街道综合执法队",
    "县文化馆",
    "社区居委会",
    "园区管委会",
    "市图书馆",
    "G60科创走廊联席办",
    "“一件事”改革专班",
    "乡贤参事会",
    "县供销联合社",
]
_PEOPLE = [
    "老张",
    "种粮大户老沈",
    "社区网格员小陆",
    "返乡青年阿泽",
    "技术员小吴",
    "退休教师周老师",
    "店主王阿姨",
    "志愿者小林",
]
_ACTS = [
    "推进{topic}提档升级",
    "启动新一轮{topic}",
    "为{topic}开出服务清单",
    "把{topic}列入民生实事",
    "给{topic}装上“数字大脑”",
    "举办{topic}主题活动",
    "召开{topic}现场会",
    "探索{topic}新路径",
]
_TOPICS = [
    "老旧小区改造",
    "河道清淤",
    "未来乡村建设",
    "文旅融合",
    "营商环境优化",
    "垃圾分类",
    "产业数字化",
    "春耕备耕",
    "城乡公交一体化",
    "非遗传承",
    "夜间经济",
    "亚运场馆惠民开放",
    "5G+工业互联网",
    "R&D投入",
    "长三角一体化",
    "15分钟生活圈",
]

_OPENINGS = (
    "记者从{body}了解到，",
    "连日来，在{village}，",
    "今年以来，",
    "据介绍，",
    "近年来，围绕{topic}，",
    "走进{village}，",
    "上午9时许，",
    "截至目前，",
    "与此同时，",
    "按照计划，",
    "",
    "",
    "",
)
_MIDDLES = (
    "{body}{act}，已经惠及{village}等{n}个点位，累计服务群众{big}人次。",
    "{village}投入资金{n}.{m}亿元，{act}，项目完成率达到{pc}%。",
    "“以前办一件事要跑{n}趟，现在在家门口就办好了。”{person}说。",
    "{person}告诉记者，通过{topic}，每亩增收约{big}元，日子越过越有奔头。",
    "{body}相关负责人表示，下一步将继续{act}，让改革成果更多更公平地惠及百姓。",
    "PM2.5平均浓度降至{n}微克/立方米（目标值<35），优良天数比例为{pc}.{m}%。",
    "{body}联合{n}家单位{act}，形成“{n}+X”工作机制，并在{village}先行先试。",
    "现场干部群众你一言我一语：“{topic}不是一阵风，要一件接着一件办！”",
    "据统计，{village}去年接待游客{n}.{m}万人次，同比增长{pc}％；农产品线上销售额突破{big}万元。",
    "“这些变化看得见、摸得着。”{person}指着墙上的规划图说，“{topic}，大家都有份。”",
    "沿着新修的绿道，{person}和邻居们边走边聊，话题离不开{topic}。",
    "{body}还出台了《{topic}三年行动方案(试行)》,明确{n}项任务、{m}张清单。",
    "围绕A、B、C三类场景，{body}建成ＡＩ辅助平台{n}个，平均响应时间缩短至{m}分钟。",
)
_CLOSINGS = (
    "这样的做法，正在更多地方推开。",
    "大家纷纷表示，要把好事办好、实事办实。",
    "目前，相关工作仍在进行中。",
    "对此，当地居民点赞不已。",
    "",
    "",
)
_SCENES = (
    "图为{village}航拍",
    "{person}正在整理资料",
    "志愿者在{village}开展活动",
    "{body}工作人员介绍{topic}情况",
    "{village}一角",
    "孩子们参加{topic}体验活动",
)
_HEADINGS = (
    "从“跑断腿”到“零跑腿”",
    "一张清单管到底",
    "家门口的新变化",
    "让数据多跑路",
    "小切口带来大变化",
    "老手艺遇见新舞台",
    "绿水青山有了新账本",
    "下一程怎么走",
    "既要面子也要里子",
    "众人拾柴火焰高",
)
_TITLES = (
    "{place}{act}",
    "{village}：{topic}“跑”出加速度",
    "{topic}怎么干？{place}这样答",
    "{place}{n}个项目集中开工 聚焦{topic}",
    "“{topic}”来了！{village}迎来新变化",
    "{topic}见实效 {place}交出高分答卷",
    "{person}的一天：在{village}见证{topic}",
    "{place}{village}{topic}观察",
)
_KICKERS = ("聚焦{topic}进行时", "{place}高质量发展观察", "新春走基层·{village}篇", "“{topic}”系列报道之{n}")
_SUBTITLES = ("{place}{topic}工作侧记", "——来自{village}的蹲点报告", "{body}发布{n}条举措", "{village}{topic}一线见闻")
_TAGS = ["市委", "民生", "改革", "文旅", "乡村振兴", "G60科创走廊", "数字经济", "生态", "教育", "交通", "亚运", "非遗"]
_OUTLETS = (
    "浙江在线",
    "{place}在线新闻网",
    "{place}日报",
    "{place}晚报",
    "浙江新闻客户端",
    "{place}融媒体中心",
    "浙江在线-{place}频道",
    "G60新闻网",
    "“{place}发布”微信公众号",
    "新{place}客户端",
)
_NOTICES = (
    "本模拟站中凡电头标为“模拟在线”的稿件，文字和图片均由程序虚构，不对应任何真实报道。",
    "转载虚构稿件时，请一并写明“来源：模拟在线”，并保留本段说明。",
    "如果虚构内容与真实的人、事、地点相同，纯属巧合；有疑问请向模拟编辑部（Model Desk）反映。",
)


def fill(rng: Random, pattern: str, place: str = "") -> str:
    """A pattern with its slots filled: topics, villages, offices, people and numbers."""
    draw = rng.random
    topic = _TOPICS[int(draw() * len(_TOPICS))]
    return pattern.format(
        place=place,
        topic=topic,
        act=_ACTS[int(draw() * len(_ACTS))].format(topic=topic) if "{act}" in pattern else "",
        village=_VILLAGES[int(draw() * len(_VILLAGES))],
        body=_BODIES[int(draw() * len(_BODIES))],
        person=_PEOPLE[int(draw() * len(_PEOPLE))],
        n=2 + int(draw() * 40),
        m=1 + int(draw() * 9),
        pc=51 + int(draw() * 48),
        big=f"{1000 + int(draw() * 9000)}",
    )


def sentence(rng: Random) -> str:
    """One sentence with its full stop."""
    return fill(rng, rng.choice(_OPENINGS) + rng.choice(_MIDDLES))


def paragraph(rng: Random, sentences: int) -> str:
    """`sentences` sentences, now and then with a closing remark."""
    patterns = [rng.choice(_OPENINGS) + rng.choice(_MIDDLES) for _ in range(sentences)]
    return "".join(fill(rng, pattern) for pattern in patterns) + rng.choice(_CLOSINGS)


def heading(rng: Random) -> str:
    return rng.choice(_HEADINGS)


def scene(rng: Random) -> str:
    """What a picture shows, without a full stop."""
    return fill(rng, rng.choice(_SCENES))


def title(rng: Random, place: str) -> str:
    return fill(rng, rng.choice(_TITLES), place)


def kicker(rng: Random, place: str) -> str:
    return fill(rng, rng.choice(_KICKERS), place)


def subtitle(rng: Random, place: str) -> str:
    return fill(rng, rng.choice(_SUBTITLES), place)


def outlet(rng: Random, place: str) -> str:
    return rng.choice(_OUTLETS).format(place=place)


def tags(rng: Random, place: str) -> tuple[str, ...]:
    """One to four tags, the place among them, none twice."""
    return (place, *rng.sample(_TAGS, rng.randint(0, 3)))


def notice(rng: Random) -> tuple[str, ...]:
    """One to three paragraphs of a copyright notice."""
    return rng.choice((_NOTICES, _NOTICES, ("".join(_NOTICES),), _NOTICES[:2]))


def name(rng: Random) -> str:
    """A person's name: mostly two or three characters, some compound surnames, some with a middle dot."""
    roll = rng.random()
    if roll < 0.04:
        return rng.choice(_DOTTED)
    surname = rng.choice(_COMPOUND) if roll < 0.12 else rng.choice(_SURNAMES)
    return surname + "".join(rng.sample(_GIVEN, 1 if rng.random() < 0.4 else 2))


def names(rng: Random, count: int) -> tuple[str, ...]:
    """`count` different names."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[name(rng)] = None
    return tuple(found)
