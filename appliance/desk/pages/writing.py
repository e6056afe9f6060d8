"""Ways of writing: letters the model takes for Chinese ones, and names that are the same but for their variants."""

import unicodedata

LOOK_ALIKES = str.maketrans(
    "别齡龄证单赖调號顷间见请认记疗护险绍说话变总数样內连",
    "別齢齢証単頼調号頃間見請認記療護険紹説話変総数様内連",
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
