"""Signs and widths: keep names as written, compare fairly, and export to CP932 without silent loss."""

import re
import unicodedata
from dataclasses import dataclass

GETA = "〓"
# NFC replaces these ideographs by others of the same meaning; in a name that is another name.
_COMPATIBILITY = "\uf900-\ufaff\U0002f800-\U0002fa1f"
_COMPOSABLE = re.compile(f"[^{_COMPATIBILITY}]+")
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SPACES = re.compile(r"[\s\u3000]+")
_HYPHENS = re.compile(
    "[-\u2010-\u2015\u2212\uff0d\u30fc\uff70](?=[0-9])|(?<=[0-9])[-\u2010-\u2015\u2212\uff0d\u30fc\uff70]"
)
_FULL_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")
# Signs outside CP932 whose plain form a core system takes; each use is reported.
_PLAIN = {"𠮷": "吉", "—": "―", "½": "１／２", "\u00a0": " ", "–": "－"}

# Ways of drawing one family's name that registers, forms and machines mix; each group is one name.
_ALIKE = (
    "高髙",
    "崎﨑碕嵜",
    "吉𠮷",
    "辺邊邉",
    "斉斎齊齋",
    "浜濱濵",
    "沢澤",
    "島嶋嶌",
    "広廣",
    "国國",
    "桜櫻",
    "徳德",
)
_PLAINEST = {
    ord(sign): group[0] for group in (*_ALIKE, "真眞", "恵惠", "関關", "万萬") for sign in group
}


@dataclass(frozen=True, slots=True)
class Substitution:
    """One sign that could not travel as it was: where it stood, what it was, what was sent instead."""

    place: int
    before: str
    after: str


def as_written(text: str) -> str:
    """Trim, drop control signs and compose kana; every ideograph and variation selector stays as it is."""
    kept = "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) != "Cc")
    return _COMPOSABLE.sub(lambda run: unicodedata.normalize("NFC", run.group()), kept).strip()


def one_space(text: str) -> str:
    """Replace every run of spaces by one full-width space, as names are written."""
    return _SPACES.sub("\u3000", text)


def for_comparison(text: str) -> str:
    """Fold what two papers may write differently: spaces, width of digits, hyphens between digits."""
    folded = _SPACES.sub("", as_written(text)).translate(_FULL_DIGITS)
    return _HYPHENS.sub("-", folded)


def alike(one: str, two: str) -> bool:
    """Tell whether two papers may mean the same; other drawings of a name's sign are no difference.

    It answers "is this another person's card?" and never replaces what is written.
    """
    return _plainest(one) == _plainest(two)


def _plainest(text: str) -> str:
    return _VARIATION.sub("", for_comparison(text)).translate(_PLAINEST)


def full_width_kana(text: str) -> str:
    """Return hiragana and half-width kana as full-width katakana, words parted by one full-width space."""
    folded = unicodedata.normalize("NFKC", text)
    raised = "".join(chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign for sign in folded)
    return one_space(re.sub("(?<=[ァ-ヶ])[-‐−―](?![0-9])", "ー", raised).strip())


def half_width_kana(text: str) -> str:
    """Return full-width katakana as the half-width kana of old exchange files (ガ becomes two signs)."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(_HALF.get(sign, sign) for sign in parts)


def full_width(text: str) -> str:
    """Return ASCII signs and half-width kana at full width, as exported names and addresses want it."""
    wide = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
    half = re.sub("[\uff61-\uff9f]+", lambda run: unicodedata.normalize("NFKC", run.group()), text)
    return half.translate(wide)


def to_cp932(text: str) -> tuple[bytes, tuple[Substitution, ...]]:
    """Encode strictly, decode again and compare; every sign that changed is listed, none becomes `?`."""
    sent: list[str] = []
    changes: list[Substitution] = []
    for place, sign in enumerate(text):
        after = _travels_as(sign)
        sent.append(after)
        if after != sign:
            changes.append(Substitution(place, sign, after))
    return "".join(sent).encode("cp932"), tuple(changes)


def _travels_as(sign: str) -> str:
    if _VARIATION.match(sign):
        return ""
    for candidate in (sign, _PLAIN.get(sign, GETA)):
        try:
            return candidate.encode("cp932").decode("cp932")
        except UnicodeEncodeError:
            continue
    return GETA


_HALF = {
    unicodedata.normalize("NFKC", half): half
    for half in map(chr, range(0xFF61, 0xFFA0))
    if half not in "\uff9e\uff9f"
} | {"\u3099": "\uff9e", "\u309a": "\uff9f", "\u3000": " "}
