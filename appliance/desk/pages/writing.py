"""Ways of writing: letters the model takes for Chinese ones, and names that are the same but for their variants."""

import unicodedata

LOOK_ALIKES = str.maketrans(
    "别齡龄证单赖调號顷间见请认记疗护险绍说话变总数样內连协医关国机构东车长门开闻动务区书业产亲从优传儿决则创办卫县发员图围圆场报"
    "实对导岁岛师广应张当录态恶执择担换损据显术权极桥检标欢气汤济测满滨点热爱环现电盐监确种积称稳竞简类级纪纯线组细终经结给统继"
    "续维绿编缓罚职脑脏节荣药获补规视觉计订讨讲许论设访评识诊词试诗询详语误诸读课谈谢负财责败货质贩贫购贵费贺资车转轮软轻载较输"
    "运还进远违迟适选遗邮邻针钱铁铃银镜问队阳阴阶际陆陈随隐难韩项须顺预领频题颜额风饭饮馆驻验鹤龟閔",
    "別齢齢証単頼調号頃間見請認記療護険紹説話変総数様内連協医関国機構東車長門開聞動務区書業産親従優伝児決則創弁衛県発員図囲円場報"
    "実対導歳島師広応張当録態悪執択担換損拠顕術権極橋検標歓気湯済測満浜点熱愛環現電塩監確種積称穏競簡類級紀純線組細終経結給統継"
    "続維緑編緩罰職脳臓節栄薬獲補規視覚計訂討講許論設訪評識診詞試詩詢詳語誤諸読課談謝負財責敗貨質販貧購貴費賀資車転輪軟軽載較輸"
    "運還進遠違遅適選遺郵隣針銭鉄鈴銀鏡問隊陽陰階際陸陳随隠難韓項須順預領頻題顔額風飯飲館駐験鶴亀関",
)
"""Simplified letters of the model's alphabet that no Japanese form prints, and the Japanese ones meant."""

VARIANTS = str.maketrans(
    {
        "髙": "高",
        "﨑": "崎",
        "嵜": "崎",
        "濵": "浜",
        "濱": "浜",
        "邉": "辺",
        "邊": "辺",
        "齋": "斎",
        "齊": "斎",
        "斉": "斎",
        "𠮷": "吉",
        "德": "徳",
        "廣": "広",
        "澤": "沢",
        "櫻": "桜",
        "惠": "恵",
        "眞": "真",
        "國": "国",
        "瀨": "瀬",
        "嶋": "島",
        "嶌": "島",
        "會": "会",
        "ヶ": "ケ",
        "ｹ": "ケ",
        "ー": "一",
        "－": "一",
        "―": "一",
        "-": "一",
    }
)
"""Letters that scanners and registers write differently for the same name."""


def printed(letter: str) -> str:
    """Take a letter for the Japanese one when the model chose its Chinese look-alike."""
    return letter.translate(LOOK_ALIKES)


def bare(text: str) -> str:
    """Write a text for matching: half-width forms unified, blanks and dots gone."""
    flat = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in flat if not sign.isspace() and sign not in "・·•:：;()（）")


def folded(name: str) -> str:
    """Fold a name for comparison: no spaces, variants as one letter."""
    return "".join(name.split()).translate(VARIANTS)


def same_name(one: str, other: str) -> bool:
    """Tell whether both are written and mean the same name."""
    return bool(folded(one)) and folded(one) == folded(other)


def begins_address(text: str) -> int:
    """Say how surely an address begins here: with a prefecture (2), with a town's name (1), or not (0)."""
    flat = bare(text)
    if any(sign in flat[:5] for sign in "都道府県"):
        return 2
    return int(any(sign in flat[2:7] for sign in "市郡区町村") and "市営" not in flat)
