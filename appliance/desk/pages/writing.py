"""When two writings of a name are the same name: spaces and variant letters aside. For comparing, never for keeping."""

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


def folded(name: str) -> str:
    """Fold a name for comparison: no spaces, variants as one letter."""
    return "".join(name.split()).translate(VARIANTS)


def same_name(one: str, other: str) -> bool:
    """Tell whether both are written and mean the same name."""
    return bool(folded(one)) and folded(one) == folded(other)
