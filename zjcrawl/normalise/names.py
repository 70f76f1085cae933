"""What printed words can be the names of: persons, outlets, or nobody. Names in a row are parted here.

A person's name begins with a surname: one character, or two of a compound surname, and one or two characters behind it.
Papers print short names wide, so a name can stand in several words (`王 蓉`, `欧阳 春晓`, `俞 佳 友`).
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, takewhile


def words_of(*lines: str) -> frozenset[str]:
    """The words of lines that blanks part."""
    return frozenset(word for line in lines for word in line.split())


# The single surnames of 《百家姓》 (Song dynasty, the traditional 504), as they are written today.
_HUNDRED = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方"
    "俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧"
    "计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫"
    "经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄麴曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓"
    "牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙"
    "池乔阴郁胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍郤璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容"
    "向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰"
    "巢关蒯相查后荆红游竺权逯盖益桓公仉督晋楚闫法汝鄢涂钦归海岳帅缑亢况郈有琴商牟佘佴伯赏墨哈谯笪年爱阳佟言福"
)
# Surnames of today that it lacks: simplified or split off later (肖 付 覃), and those of Zhejiang's counties (楼 励 泮).
_LATER = "肖付覃代兰丛苑迟南邝栗原谌粟楼盘冼仝练漆卿初门敬区来邸鹿修亓辜战展茆禤麦丘候官竹揭植庹矫眭郇郄泮斯忻励求过留洛尧雒闭税芦信苟由檀隋靖占应木但母"
# As they are written where the characters are the traditional ones.
_TRADITIONAL = "張陳劉黃楊趙吳孫馬羅鄭謝許韓馮鄧蕭葉蘇盧蔣閻賈鄒譚陸龍賴鍾萬錢嚴賀龔顧莊呂範韋溫畢連簡藍湯紀歐關駱龐樂聶單喬費聞華魯樓齊衛應"
SURNAMES = frozenset(_HUNDRED + _LATER + _TRADITIONAL)
# The hundred most common (公安部户政管理研究中心《二〇二〇年全国姓名报告》): six in seven people bear one of them.
COMMON_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭"
    "陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)
# The compound surnames of 《百家姓》, and those of the report above that it lacks.
COMPOUND_SURNAMES = words_of(
    "万俟 司马 上官 欧阳 夏侯 诸葛 闻人 东方 赫连 皇甫 尉迟 公羊 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 公孙 仲孙 轩辕 令狐 钟离",
    "宇文 长孙 慕容 鲜于 闾丘 司徒 司空 亓官 司寇 子车 颛孙 端木 巫马 公西 漆雕 乐正 壤驷 公良 拓跋 夹谷 宰父 谷梁 段干 百里 东郭",
    "南门 呼延 羊舌 微生 梁丘 左丘 东门 西门 南宫 第五 贺兰 完颜 独孤 纳兰 太史",
)
# Syllables of Tibetan, Mongolian, Uyghur and Kazakh names, which have no surname: `普布扎西`, `阿依努尔`.
_GIVEN_ALONE = re.compile(
    r"(?:普布|扎西|次仁|旦增|丹增|格桑|巴桑|边巴|拉巴|索朗|洛桑|觉果|晋美|多吉|尼玛|达瓦|德吉|央金|卓玛|罗布|平措|顿珠|白玛|强巴|"
    r"坚赞|米玛|加措|巴特尔|其其格|乌力吉|苏雅|娜仁|斯琴|朝克|那日苏|哈斯|恩和|片多|"
    r"阿依|努尔|古丽|娜尔|买买提|麦麦提|艾合买提|吐尔逊|吐尔洪|阿布都|阿不都|热合曼|热依木|艾力|艾尔肯|木拉提|阿迪力|迪丽|热巴|帕提|玛依拉|叶尔|别克|江别克|巴合提|哈力){1,3}"
)
_HANZI = r"\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f〇"
_PERSON = re.compile(rf"[{_HANZI}]{{2,4}}|[{_HANZI}]{{1,8}}(?:[·•・．‧][{_HANZI}]{{1,8}})+")
_DOT = re.compile(r"[·•・．‧]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9._'’-]*")
_OUTLET = re.compile(
    r"(?:社|报|网|台|局|部|院|委|办|厅|校|处|所|站|厂|店|队|组|会|馆|中心|客户端|频道|在线|传媒|融媒|媒体|新闻|公司|集团|大学|学院|学校|支部|编辑部|发布|"
    r"政府|法院|检察院|医院|公安|交警|消防|工作室|杂志|周刊|电台|电视|卫视|视频|快报|观察|头条|公众号|论坛|社区|街道|联盟|整理|整合|综合|转载|原创|"
    r"管理员|作者|办公室|科室|(?:宣传|综合|秘书|信息|人事|业务)科)$|^共享联盟"  # of county media in Zhejiang: `共享联盟·海宁`
)
_PLACE = re.compile(r".(?:.[镇村市县区乡省]|[报网])$")  # `高桥镇`, `石门村`; `嘉报`, as papers call themselves
# What follows 记者 or 作者 where the text goes on: `记者了解到`, `作者最新文章`.
_GOES_ON = re.compile(
    r"(?:获悉|了解|注意|发现|看到|见到|走访|采访|来到|近日|昨[天日]|今[天日]|随机|联系|致电|查询|梳理|最新|最近|更多|其他|简介|介绍|观点|专栏)"
)
NOBODY = words_of(
    "未知 佚名 匿名 无 暂无 不详 小编 本站 本报 本网 网络 网友 编辑 记者 通讯员 作者 管理员 系统 综合 责编 供图 资料 报道 文字 图片 摄影 资料图",
    "阅读 点击 见习 admin administrator editor 实习 受访者 被访者 当事人 读者 无人机 航拍 翻拍 截图 主持人 师傅 游客",
)
# Words that begin with a surname as names do, and are none: heads of columns, places, what everybody writes about.
_WORDS = words_of(
    "关注 关于 关闭 关键 连线 连载 高清 高温 高考 高铁 高校 时评 时政 时事 时间 时代 成长 成长记 有关 有你 有约 相关 全程 全文 全景 全国 全省",
    "全市 全媒体 应邀 应急 都在 都市 曾经 曾在 通知 通报 通讯 通联 通稿 公告 公示 公开 公益 公布 查看 查证 解读 解析 解说 解密 简介 简讯 简评 从业 后记",
    "连续 后续 广角 广告 广场 国际 国内 国庆 国家 农村 农业 路透 路上 路过 党员 党建 申报 印象 方言 方案 明天 明年 明星 家园 家访 边走边看 谈心 谈话 习作",
    "计划 车间 水乡 水下 水上 山水 山村 山乡 古镇 古城 古村 老街 红色 白天 马上 花絮 花海 文化 文艺 文旅 文学 和谐 平安 元宵 元旦",
    "黄昏 黄河 黄山 秋色 游记 游园 空中 海上 海边 海外 养老 益智 丰收 年终 年味 爱心 爱好者 经过 经历 门口 来稿 来信 来论 信息 由此 但是",
    "杭州 温州 温岭 金华 安吉 余姚 余杭 常山 龙泉 龙游 云和 乐清 文成 平湖 平阳 路桥 黄岩 海宁 海盐 武义 松阳 东阳 诸暨 富阳 萧山 庆元 景宁",
    "龙港 柯桥 江南 江北 江东 江西 江苏 安徽 山东 山西 广东 广西 云南 贵州 宁夏 海南 南京 南昌 武汉 成都 郑州 徐州 苏州 常州 东京",
)
# What a sentence is made of and a pen name is not: `记者：你好`, `作者：请不要问我`.
_SAYS = re.compile(r"[的了是在我你您他她它们这哪怎么什为被把就也还很请不没呢吗吧]")
# What a reader can do, printed beside the editor's name: `责任编辑：沈正玺 【关闭】`.
_TOOL = re.compile(
    r"(?:我要|网友|查看|发表|参与|添加)?(?:纠错|举报|评论|留言|投稿|收藏|打印|关闭|分享|点赞|转发|复制|订阅|关注|报错|挑错|打赏|推荐|顶|踩)"
    r"(?:本[页文]|窗口|页面|此[页文]|到\S{0,6}|\d*条?)?|"
    r"返回[一-鿿]{2,4}|(?:返回|回到)(?:顶部|首页|列表|上页|上一页|频道|目录)|[上下]一[篇页]|查看更多|字号|字体|条|TOP|top|A[+-]"
)
_BETWEEN = re.compile(r"[、,，;；&/／|｜丨()（）\[\]【】［］〔〕「」《》<>：:。.■□◆◇●▲★☆※]+")
_SIZES = re.compile(r"(?<![一-鿿])大\s*中\s*小(?![一-鿿])")  # of letters, to choose from
_ASIDE = re.compile(rf"(?<=[{_HANZI}])[（(][^（）()]{{1,20}}[）)]")  # `王蓉（实习）`
_FROM = re.compile(r"(?:发自|来自|摄于)\S+")
_AND_OTHERS = re.compile(r"等(?:人)?$")
_STAFF_ID = re.compile(r"[_＿-]?[A-Z]{0,4}\d{2,}$")
_STAFF_NUMBER = re.compile(r"[A-Za-z]{1,4}\d{2,}")  # printed behind a name of its own: `张三 AB123`
_LONGEST = 12  # characters of what an editor may call himself
_UNREAD = 10  # the cost of a word that is in no name, against which all doubts of how names are parted are small


def is_person(word: str) -> bool:
    """Whether a printed word can be a person's name: 2–4 characters, or with `·`; not an outlet, not `佚名`."""
    if is_nobody(word) or not _PERSON.fullmatch(word):
        return False
    return not (len(word) > 2 and any(_OUTLET.search(part) for part in _DOT.split(word)))


@lru_cache(maxsize=4096)
def is_name(word: str) -> bool:
    """Whether a printed word is a person's name by itself: with a surname, or with `·`, and no other word."""
    if not is_person(word) or word in _WORDS or _PLACE.search(word):
        return False
    if _DOT.search(word) or _GIVEN_ALONE.fullmatch(word):
        return True
    if word[:2] in COMPOUND_SURNAMES and len(word) > 2:
        return True
    return word[0] in SURNAMES and len(word) < 4


def is_nobody(word: str) -> bool:
    """Whether a printed word stands where names stand and names nobody: `佚名`, or what a text goes on with."""
    return word.lower() in NOBODY or bool(_GOES_ON.match(word))


def is_latin(word: str) -> bool:
    """Whether a printed word is a Latin name or user name."""
    return not is_nobody(word) and bool(_LATIN.fullmatch(word))


def is_outlet(word: str) -> bool:
    """Whether a printed word ends as the names of outlets and offices do (`嘉兴日报`, `宣传部`)."""
    return bool(_OUTLET.search(word))


def begin(text: str) -> bool:
    """Whether a text begins with a person's name, in one word or printed wide; then also where it is unclear which."""
    words = _BETWEEN.split(text[:24].lstrip(), maxsplit=1)[0].split()[:4]
    if len(words) > 1 and len(words[0]) == 1 and len(words[1]) < 3 and _PERSON.fullmatch(words[0] + words[1]):
        return True
    return any(_unit(tuple(words[:size]), labelled=False)[0] is not None for size in range(1, len(words) + 1))


def read(text: str, *, labelled: bool = False, editors: bool = False) -> tuple[list[str], list[str]]:
    """The names in a stretch of words, and what of it is none: `credit_not_a_person`, `name_unclear`.

    `labelled`: a colon says that names stand here, so the first needs no surname (`作者：之江轩`); `editors`: and one
    word may be anything (`责任编辑：棒棒不是糖`). A name that can be parted in two ways is not given.
    """
    found, odd = _read(text, labelled, editors)
    return list(found), list(odd)


@lru_cache(64)  # a line is read to see whether it credits anybody, and read again for whom
def _read(text: str, labelled: bool, editors: bool) -> tuple[list[str], list[str]]:
    found: list[str] = []
    odd: list[str] = []
    text = _ASIDE.sub("", _SIZES.sub(" ", text.replace("·\x1f", "·")))
    for stretch in _BETWEEN.split(text):
        words = [word for word in map(_bare, stretch.split()) if word and not _TOOL.fullmatch(word)]
        if editors and not found and words and _is_alias(words):
            found.append(words[0])
            del words[0]
        for latin, row in _rows(words):
            if not latin:
                names, doubts = _parted(tuple(row), labelled)
                found += names
                odd += doubts
            elif not (found and all(map(_STAFF_NUMBER.fullmatch, row))):
                found.append(" ".join(row))
    return found, list(dict.fromkeys(odd))


def _bare(word: str) -> str:
    """A word without what is printed against a name and is no part of it: a staff number, 等; "" for `发自嘉兴`."""
    if _FROM.fullmatch(word) or word.isdigit():
        return ""
    if not _LATIN.fullmatch(word):
        word = _STAFF_ID.sub("", word)
    if _AND_OTHERS.fullmatch(word):
        return ""
    return _AND_OTHERS.sub("", word) if len(word) > 2 else word


def _is_alias(words: Sequence[str]) -> bool:
    """Whether the first of an editor's words is a name that no rule would find, and nothing else is said."""
    first = words[0]
    return (
        2 <= len(first) <= _LONGEST
        and bool(re.fullmatch(r"[\w·.-]+", first))
        and not is_name(first)
        and not is_nobody(first)
        and not is_latin(first)
        and first not in COMPOUND_SURNAMES
        and all(is_name(word) or is_latin(word) for word in words[1:])
    )


def _rows(words: Sequence[str]) -> list[tuple[bool, list[str]]]:
    """The words in rows of one script: `Demi Xia` is one name, Hanzi are parted by what they are."""
    rows: list[tuple[bool, list[str]]] = []
    for word in words:
        latin = is_latin(word)
        if rows and rows[-1][0] == latin:
            rows[-1][1].append(word)
        else:
            rows.append((latin, [word]))
    return rows


def _parted(words: tuple[str, ...], labelled: bool) -> tuple[list[str], list[str]]:
    """The names in a row of words, parted in the way that leaves fewest words unread; of equals, what they share."""
    if all(len(word) > 1 and word not in COMPOUND_SURNAMES and is_name(word) for word in words):
        return list(words), []  # as most are printed: no word can be a part of a name
    best: list[list[tuple[int, tuple[tuple[str | None, int], ...]]]] = [[(0, ())]]
    for end in range(1, len(words) + 1):
        ways = []
        for size in range(1, min(4, end) + 1):
            name, cost = _unit(words[end - size : end], labelled=labelled and end == size)
            if name is not None or size == 1:
                ways += [(cost + before, (*units, (name, size))) for before, units in best[end - size]]
        least = min(cost for cost, _ in ways)
        best.append([way for way in ways if way[0] == least][:4])
    sure = [_sure(words, units) for _, units in best[-1]]
    names = [name for name in sure[0][0] if all(name in other for other, _ in sure)]
    return names, [*sure[0][1], *(["name_unclear"] if len(sure) > 1 else [])]


def _unit(words: tuple[str, ...], *, labelled: bool) -> tuple[str | None, int]:
    """The one name that some words are, or None, and how odd that is to print."""
    first, *rest = words
    whole = "".join(words)
    if not rest:
        if len(first) > 1 and first not in COMPOUND_SURNAMES and is_name(first):
            return first, 0
        if len(first) > 1 and labelled and _is_pen_name(first):
            return first, 2
        return None, _UNREAD
    behind = "".join(rest)
    one = all(len(word) == 1 for word in rest)
    if first in COMPOUND_SURNAMES and (one or len(rest) == 1) and len(behind) <= 2:
        return (whole, len(rest) - 1) if one or not _begins_a_name(behind) else (None, 0)
    if len(first) != 1:
        return None, 0
    if one and whole[:2] in COMPOUND_SURNAMES and len(whole) in (3, 4):
        return whole, 0
    if first not in SURNAMES or len(behind) > 2 or whole in NOBODY:
        return None, 0
    if one:
        return whole, 1 if whole in COMPOUND_SURNAMES else len(behind) - 1
    return (None, 0) if _begins_a_name(behind) or behind in _WORDS or is_nobody(behind) else (whole, 1)


def _begins_a_name(word: str) -> bool:
    """Whether a word can well be a name of its own, so that the character before it is a stray one: `何 苏鸣`."""
    return word[0] in COMMON_SURNAMES or word[:2] in COMPOUND_SURNAMES


def _is_pen_name(word: str) -> bool:
    if not is_person(word) or _PLACE.search(word) or _SAYS.search(word):
        return False
    return len(word) < 4 or word[0] in SURNAMES or word in COMPOUND_SURNAMES


def _sure(words: tuple[str, ...], units: tuple[tuple[str | None, int], ...]) -> tuple[list[str], list[str]]:
    """The names of one way to part the words, but none that a stray character beside them may belong to, and none behind
    a word that is no name and no outlet: it may be a role that nobody here knows (`记者 李四 海报 张三`). An outlet
    between names says whom the next one works for."""
    names = [name for name, _ in units]
    wide = [size > 1 for _, size in units]
    at = [0, *accumulate(size for _, size in units)]
    odd: list[str] = []
    for index, (name, _) in enumerate(units):
        word = words[at[index]]
        if name is not None or wide[index]:
            continue
        is_outlets = len(word) > 1 and any(map(is_outlet, _DOT.split(word)))
        if is_outlets and index and names[index - 1] and any(names[index + 1 : index + 2]):
            continue
        odd.append("credit_not_a_person" if 1 < len(word) <= 4 or is_outlet(word) else "name_unclear")
        if len(word) > 1 and not is_outlets:
            names[index:] = [None] * (len(names) - index)
            break
        if len(word) == 1:
            before = list(takewhile(wide.__getitem__, range(index - 1, -1, -1)))
            behind = list(takewhile(wide.__getitem__, range(index + 1, len(units))))
            following = index + len(behind) + 1
            if following < len(units) and len(words[at[following]]) == 2:
                behind.append(following)
            for doubtful in (*before, *behind):
                names[doubtful] = None
    return [name for name in names if name is not None], odd
