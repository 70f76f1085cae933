"""The characters that most Chinese news is made of. A text in which they are missing was decoded wrongly.

Chosen by hand, in no order that matters: any list of frequent characters would do, and none needs to be complete.
"""

SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家"
    "种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十"
    "民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯"
    "月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女"
    "变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基"
    "眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今"
    "切院让识候带导争运县乡镇村江浙州杭温绍湖嘉台丽舟华波宁兴省委党农企项服议推近昨讯闻网站编辑责源图片摄影首页频版联"
    "六七八九百千亿元约米号楼街居群众干青志愿专创技研究增投城态环境护旅游客节春夏秋冬季疫防控校医警检察案火车速铁桥港"
    "航食监督查改革转型升级富裕示范园商贸易字智慧互牌销售价收支持助落续深组织举办参获奖赛冠采访介调每风布充称需息际龙"
    "率集户孩广局流轮英周未单益京球供备消失算负整存往值钱团仅步视降士低景宝营效准离策习超救验况亲随显越精域排响险具坚"
    "半沙构严始段官选古复班模较快汉状根器块播极某吗维除言优款终红断试划满疑连限远底友药央势曾停父均付继河武击承照启副"
    "端装歌爱例引味含破找飞吃饭写黑止修财层跟批差李届包语诉初林依置绩抓演靠哥店病阴封族须占历评余另紧略呼庆录异章哪左"
    "右早晚夜晨午秒呢怎请留送费税减免田船码厂房屋室桌床衣鞋毛皮石木草花树鸟鱼牛羊猪鸡蛋粮油盐茶酒菜线"
    "质济融购证授协宣造陈刘施标预测银府络陆股巴阿积存乐普核退"
)
# Those of them that are written otherwise in traditional characters.
TRADITIONAL = (
    "嘅喺唔咗啲咁佢哋冇嗰嚟啦"
    "這個們來為國說時會後裡裏種經麼學現當沒動麵還進樣長機對與從實無發關點業將兩間問並應戰頭體見產製話內門東聲員論處義"
    "幾條氣題爾別變總電數報結務場計資許統區隊決馬書則聽達強難權設記類據邊張該規萬術領確傳師觀讓識帶導爭運縣鄉鎮麗華寧"
    "興黨農項議訊聞網編輯責圖攝頻聯係繫億號樓專創環護遊節測監檢車鐵橋質轉級園貿銷價補貼辦證採訪紹認調獎賽購買銀稅費請"
    "預約諮詢臺灣歡開過樂龍風稱際戶廣輪單備負錢團僅視寶營準離習驗況親隨顯險堅構嚴選複較漢狀塊極嗎維優終紅斷試劃滿連遠"
    "藥勢繼擊啟裝愛飛飯寫財層屆語訴臨參獻濟歲衝鬥舊壓築線織續組給納紀糧雞魚鳥豬"
)
PUNCTUATION = "，。、；：？！“”‘’（）《》〈〉【】「」『』…—·～％－０１２３４５６７８９\u3000\u00a0"
ALL = SIMPLIFIED + TRADITIONAL + PUNCTUATION

# How likely a character is, in nats: the share of a text that its kind makes up, over the number of such characters.
_EVERYDAY = -7.1  # 0.86 of a text, about 1,000 characters
_KNOWN = -10.6  # 0.135 of a text, some 5,500 more: level 1 of GB 2312-80 and of Big5
_RARE = -15.2  # 0.005 of a text, some 20,000 in use
_NO_TEXT = -20.0  # what stands in no text: controls, private use, replacements
_SIGN = -11.0
_ASCII = -3.0
_NONSENSE = -9.5  # a text that is read right has more a character (-7.6), one that is read wrong less (-12)
_KINDS = (  # by the code point below which it ends
    (0x80, _ASCII),
    (0xA0, _NO_TEXT),
    (0x3400, _SIGN),
    (0xAC00, _RARE),
    (0xE000, _SIGN),
    (0xF900, _NO_TEXT),
    (0xFF00, _RARE),
    (0xFF60, _SIGN),
    (0xFFA0, _RARE),  # half-width kana: what double bytes look like in Shift_JIS
    (0xFFF0, _SIGN),
    (0x10000, _NO_TEXT),
    (0x20000, _SIGN),  # emoji
    (0x110000, _RARE),
)
# Letters of other scripts. The tables of GB 2312 and Big5 have them too, where a page that is read wrong is full of them.
_LETTERS = (
    ("ßàáâäåæçèéêëìíîïñòóôöøùúûüœ", -6.5),
    ("αβγδεζηθικλμνξοπρςστυφχψωάέήίόύώ", -5.0),
    ("абвгдежзийклмнопрстуфхцчшщъыьэюяё", -5.0),
    ("".join(map(chr, (*range(0x5D0, 0x5EB), *range(0x620, 0x6F0)))), -5.5),  # Hebrew, Arabic
    ("".join(map(chr, range(0xE01, 0xE5C))), -5.5),  # Thai
    ("".join(map(chr, range(0x3041, 0x30FF))), -6.5),  # kana
    ("".join(map(chr, range(0xAC00, 0xD7A4))), -9.0),  # hangul
)


class _Nats(dict[str, float]):
    def __missing__(self, char: str) -> float:
        self[char] = nats = next(nats for end, nats in _KINDS if ord(char) < end)
        return nats


def _table(charset: str, leads: range, trails: tuple[int, ...]) -> str:
    return b"".join(bytes((lead, trail)) for lead in leads for trail in trails).decode(charset, "ignore")


_CHINESE = _Nats(
    dict.fromkeys(_table("gb2312", range(0xB0, 0xD8), tuple(range(0xA1, 0xFF))), _KNOWN)
    | dict.fromkeys(_table("big5", range(0xA4, 0xC6), (*range(0x40, 0x7F), *range(0xA1, 0xFF))), _KNOWN)
    | dict.fromkeys(ALL, _EVERYDAY)
)
_ANY = _Nats(_CHINESE | {letter: nats for letters, nats in _LETTERS for letter in letters})


def likelihood(text: str, *, is_chinese: bool) -> float:
    """How likely it is that somebody wrote this text, in nats: the sum over its characters, ASCII too.

    `is_chinese`: in Chinese, if at all; letters of other scripts are then as rare as other signs.
    """
    return sum(map((_CHINESE if is_chinese else _ANY).__getitem__, text))


def excess(text: str, *, is_chinese: bool) -> float:
    """How much likelier than nonsense the characters are that are not ASCII: 2.4 for each everyday one."""
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    return likelihood(text, is_chinese=is_chinese) - _ASCII * (len(text) - foreign) - _NONSENSE * foreign
