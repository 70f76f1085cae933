"""Bylines in the forms that papers print, over any names: everyone reads back in the role printed, and in no other."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zjcrawl.lines import SEAM
from zjcrawl.models import Block, Credit
from zjcrawl.normalise import credits, labels, names, texts

settings.register_profile("unhurried", deadline=None)  # a loaded machine is no failure
settings.load_profile("unhurried")

# Characters that are in names and in no role word, outlet or office.
SURNAMES, GIVEN = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高罗", "伟芳娜敏静秀丽强磊洋艳勇杰娟涛超霞平刚桂琳晨阳"
NAMES = st.one_of(
    st.tuples(st.sampled_from(SURNAMES), st.text(GIVEN, min_size=1, max_size=2)).map("".join),
    st.tuples(st.sampled_from(["欧阳", "司马", "诸葛"]), st.text(GIVEN, min_size=1, max_size=2)).map("".join),
    st.sampled_from(["买买提·艾力", "古丽娜尔·阿不都热合曼"]),
)
# {0} and {1} are two people → their roles
FORMS = {
    "记者 {0} 通讯员 {1}": ["reporter", "correspondent"],
    "本报记者{0} 通讯员{1}": ["reporter", "correspondent"],
    "本报记者：{0}　通讯员：{1}": ["reporter", "correspondent"],
    "记者 {0} 实习生 {1}": ["reporter", "intern"],
    "见习记者 {0} 摄影 {1}": ["reporter", "photographer"],
    "记者 {0} 文 {1} 摄": ["reporter", "photographer"],
    "文/{0} 图/{1}": ["reporter", "photographer"],
    "文｜{0} 编辑｜{1}": ["reporter", "editor"],
    "作者：{0} 责任编辑：{1}": ["reporter", "editor"],
    "采写：某某都市报记者 {0} 摄影：{1}": ["reporter", "photographer"],
    "首席记者 {0} 责编：{1}": ["reporter", "editor"],
    "责任编辑：{0} 校对：{1}": ["editor", "proofreader"],
    "编辑 {0} 校对 {1}": ["editor", "proofreader"],
}


@given(NAMES, NAMES, st.sampled_from(sorted(FORMS)))
def test_two_people_read_back_in_their_roles(first: str, second: str, form: str) -> None:
    read, odd = credits.read(form.format(first, second))
    assert [(credit.role, credit.name) for credit in read] == list(zip(FORMS[form], (first, second), strict=True))
    assert odd == []


BLANKS = st.sampled_from([" ", "　", "\u00a0", "  "])


@given(st.sampled_from(SURNAMES), st.sampled_from(GIVEN), BLANKS)
def test_a_name_of_two_characters_is_printed_wide(surname: str, given_name: str, blank: str) -> None:
    read, _ = credits.read(f"责任编辑：{surname}{blank}{given_name}")
    assert [credit.name for credit in read] == [surname + given_name]


@given(st.sampled_from(SURNAMES), st.sampled_from(GIVEN), st.sampled_from("娜敏秀丽磊洋艳勇娟涛超霞刚琳晨"), BLANKS)
def test_a_name_of_three_characters_is_printed_wide(surname: str, one: str, two: str, blank: str) -> None:
    name = surname + one + two
    assert credits.read(f"责任编辑：{blank.join(name)}") == (
        [Credit("editor", name, f"责任编辑：{' '.join(name)}")],
        [],
    )
    assert [credit.name for credit in credits.read(f"记者 {surname}{blank}{one}{two}")[0]] == [name]


@given(st.sampled_from(sorted(names.COMPOUND_SURNAMES)), st.text(GIVEN, min_size=1, max_size=2), BLANKS)
def test_a_compound_surname_is_one(surname: str, given_name: str, blank: str) -> None:
    for form in ("记者 {}", "通讯员 王蓉 {}", "责任编辑：{}、李四"):
        for printed in (f"{surname}{blank}{given_name}", blank.join(surname + given_name), surname + given_name):
            assert surname + given_name in [credit.name for credit in credits.read(form.format(printed))[0]], printed


@given(st.sampled_from(SURNAMES), st.sampled_from("文图"), NAMES, BLANKS)
def test_a_name_that_ends_like_a_role_word_is_a_name(surname: str, word: str, other: str, blank: str) -> None:
    wide = f"{surname}{blank}{word}"
    for form in ("记者 {0} {1}", "记者 {1} {0}", "记者：{0}、{1}", "通讯员 {1} 实习生 {0}", "责任编辑：{0} 校对：{1}"):
        people, odd = credits.read(form.format(wide, other))
        assert ({credit.name for credit in people}, odd) == ({surname + word, other}, [])


# Heads of columns, as they stand alone in a line: over a text, in bold, above a headline.
COLUMNS = (
    "手记",
    "感言",
    "调查",
    "观察",
    "体验",
    "点评",
    "日记",
    "提醒",
    "追问",
    "见闻",
    "专访",
    "蹲点",
    "在现场",
    "节快乐",
    "连线",
    "直击",
    "视角",
    "暗访",
    "札记",
    "评论",
    "后记",
    "答问",
    "走基层",
    "时评",
    "成长记",
    "作品",
    "故事",
    "直播",
    "解说",
    "推荐",
    "之家",
    "培训班",
    "团成员",
    "站",
    "走进三桥村",
    "夜探老街",
    "带你看",
)
ROLES = (
    "记者",
    "本报记者",
    "作者",
    "通讯员",
    "实习生",
    "编辑",
    "摄影",
    "图文",
    "文图",
    "翻译",
    "采写",
    "一线记者",
    "小记者",
)


@pytest.mark.parametrize("word", COLUMNS)
def test_a_column_has_a_head_and_no_author(word: str) -> None:
    for role in ROLES:
        for text in (role + word, f"【{role}{word}】", f"■{role}{word}", f"{role} {word}"):
            blocks = [Block(kind, text) for kind in ("heading", "paragraph", "caption")]  # type: ignore[arg-type]
            assert texts.credits_in(blocks) == ([], []), text
            assert not texts.is_credit_line(text)
            assert [part for part in labels.parts(text) if part.kind == "credit"] == [], text


@given(NAMES)
def test_who_writes_and_takes_pictures_has_both_roles(name: str) -> None:
    assert [credit.role for credit in credits.read(f"文/图 {name}")[0]] == ["reporter", "photographer"]


@given(NAMES, st.sampled_from(["_NF4425", " PK155", "（实习）", "_QX101"]))
def test_staff_numbers_are_no_part_of_a_name(name: str, number: str) -> None:
    assert [credit.name for credit in credits.read(f"责任编辑：{name}{number}")[0]] == [name]


@given(st.text(alphabet="春江花月夜山水云桥渡口灯船，。、 \n\x1f（）“”0123abc", max_size=200))
def test_no_role_is_invented(text: str) -> None:
    assert credits.read(text)[0] == []
    assert [part for part in labels.parts(text) if part.kind == "credit"] == []
    assert texts.credits_in([Block("paragraph", text), Block("caption", text)])[0] == []


@given(st.text(max_size=300))
def test_no_text_breaks_the_labels(text: str) -> None:
    for part in labels.parts(text):
        assert part.whole in text
        assert SEAM not in labels.source_of(part)


@pytest.mark.parametrize(
    "text",
    [
        "记者从市政府获悉，今年将新建三座桥。",
        "记者了解到，渡船每天开行二十四班。",
        "记者注意到，码头已经拓宽。",
        "作者最新文章",
        "作者：未知",
        "作者：admin",
        "作者：网络整理",
        "责任编辑：",
        "编辑部电话：0000",
        "他曾是一名记者，后来做了编辑。",
    ],
)
def test_who_is_not_named_is_not_credited(text: str) -> None:
    found = [credit for part in labels.parts(text) if part.kind == "credit" for credit in credits.read(part.whole)[0]]
    assert found == []
    assert texts.credits_in([Block("paragraph", text)])[0] == []


# What stands beside the editor's name for readers to press.
TOOLS = (
    "【关闭】",
    "打印",
    "[纠错]",
    "举报",
    "收藏",
    "返回顶部",
    "关闭窗口",
    "我要纠错",
    "我要评论",
    "网友评论 0 条",
    "分享到：微信",
    "大中小",
    "大 中 小",
    "上一篇",
    "下一页",
    "（实习）",
    "【打印本页】【关闭窗口】",
)


@given(NAMES, st.sampled_from(TOOLS), st.sampled_from(["责任编辑：", "责编:", "编辑 ", "[责任编辑："]))
def test_the_tools_of_a_page_are_no_editors(name: str, tool: str, label: str) -> None:
    assert [credit.name for credit in credits.read(f"{label}{name} {tool}")[0]] == [name]


R, C, P, E = "reporter", "correspondent", "photographer", "editor"
# A credit line → who is credited, and what is doubted
LINES = {
    "［编辑：金小满］": [(E, "金小满")],
    "［编辑：金 满］": [(E, "金满")],
    "〔责任编辑 金小满〕": [(E, "金小满")],
    "责任编辑：俞 佳 友": [(E, "俞佳友")],
    "责任编辑：棒棒糖不甜": [(E, "棒棒糖不甜")],
    "责任编辑：Demi Xia": [(E, "Demi Xia")],
    "责任编辑：NB001": [(E, "NB001")],
    "总编辑：王五 编辑：李四": [(E, "李四")],
    "责编 应小红 编审 陈大": [(E, "应小红")],
    "记者 沈 一 舟 方 圆": [(R, "沈一舟"), (R, "方圆")],
    "记者 朱琳 庄 豪 王 心怡": [(R, "朱琳"), (R, "庄豪"), (R, "王心怡")],
    "记者 裘一佼 共享联盟·嵊州 商琪": [(R, "裘一佼"), (R, "商琪")],
    "记者 裘一佼 共享联盟嵊州站 商琪 通讯员 李四": [(R, "裘一佼"), (R, "商琪"), (C, "李四")],
    "某某日报·某某客户端记者 王一 李二 枣庄报道": [(R, "王一"), (R, "李二")],
    "记者 王一 桐庐报道": [(R, "王一")],
    "记者 王一 龙港报道": [(R, "王一")],
    "记者 王一 李二报道": [(R, "王一"), (R, "李二")],
    "记者 王一 李二 联合报道": [(R, "王一"), (R, "李二")],
    "记者 钟小根等": [(R, "钟小根")],
    "记者 钟 根 等 通讯员 莲都公安分局": [(R, "钟根")],
    "记者 王蓉 发自嘉兴": [(R, "王蓉")],
    "记者 王一 文 受访者 图": [(R, "王一")],
    "记者 王一 文 李二 摄": [(R, "王一"), (P, "李二")],
    "文 王一 图 李二": [(R, "王一"), (P, "李二")],
    "记者 张三 李 文 摄": [(P, "张三"), (P, "李文")],
    "记者 文 丽 王 芳": [(R, "文丽"), (R, "王芳")],
    "记者王蓉通讯员李四": [(R, "王蓉"), (C, "李四")],
    "摄影：南都记者 王五": [(P, "王五")],
    "采写：南都记者 王五 李四": [(R, "王五"), (R, "李四")],
    "记者 王蓉 摄影报道": [(R, "王蓉"), (P, "王蓉")],
    "通讯员 王一 摄影报道": [(C, "王一"), (P, "王一")],
    "记者 阮文；编辑 江月": [(R, "阮文"), (E, "江月")],
    "作者：□ 记者 徐 晓 ■ 摄影 田 野": [(R, "徐晓"), (P, "田野")],
    "作者：全媒体记者 谈云 通讯员 嘉德宣": [(R, "谈云"), (C, "嘉德宣")],
    "作者：之江轩": [(R, "之江轩")],
    "作者：王一（某大学教授）": [(R, "王一")],
    "记者 普布扎西": [(R, "普布扎西")],
    "记者王一、李二参与采写": [(R, "王一"), (R, "李二")],
    "(责编：王小倩（实习生）、张三)": [(E, "王小倩"), (E, "张三")],
    "记者 王 博 文 李 四 摄": [(R, "王博"), (P, "李四")],
    "记者 李静 见习记者 王 博 文": [(R, "李静"), (R, "王博文")],
    "文、图/记者 王一": [(R, "王一"), (P, "王一")],
    "文/摄影 王一": [(R, "王一"), (P, "王一")],
    "记者 严 洁 顾 亦 来 通讯员 徐 丽 亚": [(R, "严洁"), (R, "顾亦来"), (C, "徐丽亚")],
    "策划 王一 记者 李二 海报 张三": [(R, "李二")],
    "本版编辑 王一 版式 李二": [(E, "王一")],
    "记者 李二 某某 张三": [(R, "李二")],  # 某某 may be a role that is not known
    "本报驻某市记者 王一 通讯员 李二": [(R, "王一"), (C, "李二")],
    # One way to part them is as good as another, or a character is left over: nobody is guessed.
    "记者 何 苏鸣": [],
    "记者 王 芳 李 文静": [],
    "记者 市 宣": [],
    "记者 图 娅": [],
    "记者 张三 李": [(R, "张三")],
    "记者：你好": [],
    "作者：请不要问我": [],
    "文中作者均为化名": [],
    "记者 三人": [],
    "记者 走基层": [],
    "记者 李四 到场": [(R, "李四")],
}
UNCLEAR = re.compile("何 苏鸣|李 文静|市 宣|图 娅|张三 李$|问我")


@pytest.mark.parametrize("line", LINES)
def test_a_credit_line(line: str) -> None:
    people, odd = credits.read(line)
    assert sorted((credit.role, credit.name) for credit in people) == sorted(LINES[line])
    assert ("name_unclear" in odd) == bool(UNCLEAR.search(line))


def people_of(kind: str, text: str, *, first: bool = False) -> list[tuple[str, str]]:
    prose = [Block("paragraph", "船灯灭了以后，河埠头上只剩下一块被磨亮的石头。")] * 4
    block = Block(kind, text)  # type: ignore[arg-type]
    blocks = [block, *prose] if first else [*prose, block]
    return sorted((credit.role, credit.name) for credit, _ in texts.credits_in(blocks)[0])


CAPTIONS = {
    "潮头拍岸 王蓉 摄": ["王蓉"],
    "资料照片 王蓉 摄": ["王蓉"],
    "江南 王蓉 摄": ["王蓉"],
    "江小楼 王蓉 摄": ["王蓉"],  # a name, or what the picture shows: the one that is certain
    "潮头拍岸。王蓉 李四 摄": ["李四", "王蓉"],
    "潮头拍岸。 张 三 李 四 摄": ["张三", "李四"],
    "潮头拍岸。王蓉摄": ["王蓉"],
    "潮头拍岸，王蓉摄。": ["王蓉"],
    "潮头拍岸。新华社发（龙 巍 摄）": ["龙巍"],
    "潮头拍岸。通讯员王蓉 摄": ["王蓉"],
    "潮头拍岸。王 蓉/摄": ["王蓉"],
    "潮头拍岸。王蓉 李四 摄影": ["李四", "王蓉"],
    "潮头拍岸。摄影/王蓉": ["王蓉"],
    "摄影 王蓉": ["王蓉"],
    "摄/王蓉": ["王蓉"],
    "图/王蓉": ["王蓉"],
    "拍摄：王蓉": ["王蓉"],
    "图：老街": [],
    "图/河埠头": [],
    "图：王家渡口": [],
    "潮头拍岸。无人机 摄": [],
    "潮头拍岸。受访者供图": [],
    "航拍三桥 航摄": [],
    "游客在拍摄": [],
    "孩子们正在摄影": [],
    "这是在河边拍摄": [],
    "老照片，1978年摄": [],
    "水乡的 王 李四 摄": [],
}


@pytest.mark.parametrize("text", CAPTIONS)
def test_who_took_a_picture_stands_at_the_end_of_its_caption(text: str) -> None:
    assert people_of("caption", text) == [("photographer", name) for name in CAPTIONS[text]]


@pytest.mark.parametrize(
    "text",
    [
        "游客们站在石桥上，争相拍摄。",
        "这部短片，历时三年拍摄。",
        "这段视频，由记者在现场拍摄。",
        "这张老照片，父亲拍摄。",
        "村里人说，他最会摄。",
        "他喜欢的，只有摄影。",
        "昨天（记者节前夕），河埠头上多了三个人。",
        "李明（某报记者）是第一个到的人。",
        "老李（村里的通讯员 老党员）是第一个到的人。",
        "河埠头上多了三个人。（文中作者均为化名）",
        "河埠头上多了三个人。（实习生均已返校）",
        "河埠头上多了三个人。（作者系本报评论员）",
        "通讯员老李走了",
        "记者：你好",
    ],
)
def test_a_sentence_credits_nobody(text: str) -> None:
    assert people_of("paragraph", text) == []
    assert people_of("paragraph", text, first=True) == []


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("王蓉 摄", [(P, "王蓉")]),
        ("潮头拍岸。（记者 王蓉 摄）", [(P, "王蓉")]),
        ("（记者 阮 文；编辑 江 月）", [(E, "江月"), (R, "阮文")]),
        ("船灯灭了。（记者 阮文；通讯员 江月）", [(C, "江月"), (R, "阮文")]),
        ("（记者 王蓉 摄影报道）", [(P, "王蓉"), (R, "王蓉")]),
        ("文字：朱琳 庄 豪", [(R, "庄豪"), (R, "朱琳")]),
        ("摄影：王 心怡", [(P, "王心怡")]),
        ("王一 文 李二 摄", [(P, "李二"), (R, "王一")]),
        ("作者：王蓉", [(R, "王蓉")]),
        ("某某日报·某某客户端记者 王蓉 共享联盟三桥站 李四", [(R, "李四"), (R, "王蓉")]),
        ("某某新闻记者 王蓉 李四 枣庄报道", [(R, "李四"), (R, "王蓉")]),
    ],
)
def test_the_last_line_credits(text: str, people: list[tuple[str, str]]) -> None:
    assert people_of("paragraph", text) == people


def test_a_line_of_reporters_in_which_something_is_unclear_is_not_lost_in_silence() -> None:
    blocks = [Block("paragraph", PROSE)] * 4 + [Block("paragraph", "某某日报记者 王蓉 某某某某某")]
    people, odd = texts.credits_in(blocks)
    assert ([credit.name for credit, _ in people], bool(odd)) == (["王蓉"], True)


PROSE = "船灯灭了以后，河埠头上只剩下一块被磨亮的石头。"


@pytest.mark.parametrize(
    ("beginning", "line", "people"),
    [
        ("本报讯（记者 姚 海滨 通讯员 陈国荣）", "本报讯", [(C, "陈国荣"), (R, "姚海滨")]),
        ("本报讯 记者王蓉报道 ", "本报讯", [(R, "王蓉")]),
        ("本报讯 记者 王蓉 通讯员 李四 报道　", "本报讯", [(C, "李四"), (R, "王蓉")]),
        ("法制网杭州9月5日电 记者王蓉 ", "法制网杭州9月5日电", [(R, "王蓉")]),
        ("新华社拉萨9月5日电（记者普布扎西）", "新华社拉萨9月5日电", [(R, "普布扎西")]),
        ("本报讯 记者从市政府获悉，", "本报讯", []),
        ("读嘉讯 ", "读嘉讯", []),
        ("甬派讯　", "甬派讯", []),
        ("潮新闻讯（记者 王蓉）", "潮新闻讯", [(R, "王蓉")]),
        ("平湖发布讯 ", "平湖发布讯", []),
        ("某日报—某在线讯 ", "某日报—某在线讯", []),
        ("海盐传来喜讯 ：", None, []),
        ("村民闻讯 ", None, []),
        ("今日简讯 ", None, []),
    ],
)
def test_datelines(beginning: str, line: str | None, people: list[tuple[str, str]]) -> None:
    assert texts.dateline([Block("paragraph", beginning + PROSE)]) == line
    assert people_of("paragraph", beginning + PROSE, first=True) == people


def test_a_dateline_whose_names_are_unclear_says_so() -> None:
    people, odd = texts.credits_in([Block("paragraph", f"本报讯（记者 何 苏鸣 通讯员 陈国荣）{PROSE}")])
    assert ([credit.name for credit, _ in people], odd) == (["陈国荣"], ["name_unclear"])


@pytest.mark.parametrize("beside", ["《渡口》", "出版社：某某出版社", "定价：四十元"])
def test_the_author_of_a_book_is_not_the_articles(beside: str) -> None:
    blocks = [Block("paragraph", text) for text in (beside, "作者：莫小言", PROSE, PROSE)]
    assert texts.credits_in(blocks)[0] == []
    assert texts.credits_in([*blocks[2:], *blocks[:2]])[0] == []
    assert texts.credits_in([*blocks[2:], blocks[1], *blocks[2:]])[0] == []  # in the midst
    assert [credit.name for credit, _ in texts.credits_in(blocks[1:])[0]] == ["莫小言"]
