"""Tells whether two writings of one answer mean the same, so that only real differences are put before a person.

For comparing only: what is kept is always one of the two, sign for sign.
"""

import re
import unicodedata

from appliance.desk.pages.writing import VARIANTS, folded

LETTERS = ("name", "address", "hospital", "office_name", "insurer_name", "contact", "place")
"""Fields written in kanji: agreeing readings of one engine can be wrong in the same way."""

_PREFECTURE = re.compile(r"^(北海道|東京都|(京都|大阪)府|.{2,3}県)")
_HYPHENS = re.compile(r"[-‐-―−ー]+")
_STEP = re.compile(r"(?<=\d)(丁目|番地の?|番の?|号室?|の(?=\d))")
_COUNTED = str.maketrans("〇一二三四五六七八九", "0123456789")
_BLOCK = re.compile(r"[一二三四五六七八九](?=丁目)")


def in_letters(key: str) -> bool:
    """Tell whether an answer is written in letters that people write in several ways."""
    return key.rsplit(".", 1)[-1] in LETTERS or key.endswith(("name", "address", "kana"))


def same_answer(key: str, one: str, other: str) -> bool:
    """Tell whether two values of the field `key` mean the same."""
    if one == other:
        return True
    if key.endswith("address"):
        return _address(one) == _address(other)
    if key.endswith("phone"):
        return _digits(one) == _digits(other) != ""
    return in_letters(key) and folded(one) == folded(other)


def _digits(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isdecimal())


def _address(text: str) -> str:
    """Write an address for comparing: without prefecture and blanks, its numbers joined by hyphens."""
    flat = "".join(unicodedata.normalize("NFKC", text).split())
    flat = _PREFECTURE.sub("", flat)
    flat = _BLOCK.sub(lambda found: found[0].translate(_COUNTED), flat)
    flat = _STEP.sub("-", flat)
    flat = re.sub(r"-(?!\d)|(?<!\d)-", "", _HYPHENS.sub("-", flat))
    return flat.translate(VARIANTS)
