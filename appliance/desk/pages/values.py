"""Turns what was read beside a label into a canonical value, and says how much its form supports it.

Pure text in, value out; no value is better than a guess.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from procedures import fields, numbers, wareki

DIGIT_LOOKS = str.maketrans("OoＯ〇○○DQlI|丨｜SBZz", "00000000111" + "11" + "5822")
"""Signs the model writes where a digit stands."""
KANA_LOOKS = str.maketrans("一—―-力二八口夕工卜ロ千三", "ーーーーカニハロタエトロチミ")
"""Kanji and dashes the model writes where a katakana stands."""
_DATE = re.compile(
    r"(明治|大正|昭和|平成|令和)\s*(元|\d{1,2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日曰目]?"
)
_ERA_WORD = re.compile(r"明治|大正|昭和|平成|令和")
_POSTAL = re.compile(r"(\d{3})\s*[-~―—－ー一]\s*(\d{4})(?!\d)")
_DASHES = re.compile(r"[-~～―—－ー一‐−]+")
LIKELY, POSSIBLE, UNLIKELY = 0.97, 0.75, 0.45
"""How far a value's form supports it: a check holds, nothing speaks for or against, something is odd."""


@dataclass(frozen=True, slots=True)
class Value:
    """A canonical value and the support its form gives (0 to 1)."""

    text: str
    support: float


def read_value(kind: str, text: str) -> Value | None:
    """Read a value of the given type (see labels.toml); None when the text holds none."""
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(text)
    if kind.startswith(fields.CODE):
        return _code(kind, text)
    return None


def known(kind: str) -> bool:
    """Tell whether values of a type are read here."""
    return kind in _READERS or kind.startswith(fields.CODE)


def dates_in(text: str) -> list[str]:
    """Find every era date in a text, as ISO dates; impossible and questionable ones are left out."""
    found = []
    for match in _DATE.finditer(_flat(text)):
        era, year, month, day = match.groups()
        try:
            parsed = wareki.parse(f"{era}{year}年{month}月{day}日")
        except wareki.WarekiError:
            continue
        if parsed.warning is None:
            found.append(parsed.date.isoformat())
    return found


def split_postal(text: str) -> tuple[str, str]:
    """Cut a postal code off an address: (code or "", rest)."""
    flat = _flat(text)
    match = _POSTAL.search(flat)
    if match is None:
        return "", text
    return f"{match.group(1)}-{match.group(2)}", flat[match.end() :]


def digits_in(text: str) -> tuple[str, bool]:
    """Write a text as digits; the second says whether every sign was one."""
    flat = "".join(_flat(text).split())
    straight = flat.translate(DIGIT_LOOKS)
    digits = "".join(sign for sign in straight if sign.isascii() and sign.isdigit())
    return digits, digits == flat


def _flat(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _insured_no(text: str) -> Value | None:
    digits, clean = digits_in(text)
    if len(digits) != 10:  # noqa: PLR2004 - the number has ten digits by law
        return None
    if fields.problem("insured_no", digits) is not None:
        return None
    return Value(digits, LIKELY if clean else POSSIBLE)


def _checked_digits(*lengths: int) -> Callable[[str], Value | None]:
    def read(text: str) -> Value | None:
        digits, clean = digits_in(text)
        if len(digits) not in lengths:
            return None
        if not numbers.insurer_no_holds(digits):
            return Value(digits, UNLIKELY)
        return Value(digits, LIKELY if clean else POSSIBLE)

    return read


def _office_no(text: str) -> Value | None:
    flat = "".join(_flat(text).split())
    holds = numbers.office_no_holds(flat)
    if holds is False and not re.fullmatch(r"\d{10}", flat):
        return None
    return Value(flat, LIKELY if holds else UNLIKELY)


def _digits(text: str) -> Value | None:
    digits, clean = digits_in(text)
    if not 1 <= len(digits) <= 12:  # noqa: PLR2004 - longest number of an insurance certificate
        return None
    return Value(digits, LIKELY if clean else UNLIKELY)


def _date(text: str) -> Value | None:
    found = dates_in(text)
    return Value(found[0], LIKELY) if len(found) == 1 else None


def _phone(text: str) -> Value | None:
    flat = _DASHES.sub("-", "".join(_flat(text).split()).replace("(", "-").replace(")", "-"))
    match = re.search(r"0\d{1,4}-\d{1,4}-\d{4}", flat.translate(DIGIT_LOOKS))
    if match is None:
        return None
    digits = match.group(0).replace("-", "")
    whole = match.group(0) == flat
    fits = len(digits) in (10, 11)
    return Value(match.group(0), LIKELY if whole and fits else UNLIKELY)


def _postal(text: str) -> Value | None:
    code, rest = split_postal(text)
    return Value(code, UNLIKELY if rest.strip() else LIKELY) if code else None


def _kana(text: str) -> Value | None:
    joined = re.sub(r"\s+", "　", text.strip())
    letters = joined.translate(KANA_LOOKS)
    parts = re.findall(r"[ァ-ヶー・]+", letters)
    if not parts:
        return None
    value = "　".join(parts)
    return Value(value, POSSIBLE if value == letters else UNLIKELY)


def _name(text: str) -> Value | None:
    joined = re.sub(r"\s+", "　", text.strip(" 　.,、。・·"))
    return Value(joined, POSSIBLE) if joined else None


def _address(text: str) -> Value | None:
    joined = "".join(text.split())
    dashed = re.sub(r"(?<=\d)[~～―—－ー一](?=\d)", "-", _digits_half(joined))
    return Value(_long_vowels(dashed), POSSIBLE) if dashed else None


def _text(text: str) -> Value | None:
    joined = re.sub(r"\s+", "　", text.strip(" 　.,、。☑□口☐|"))
    return Value(_long_vowels(joined), POSSIBLE) if joined else None


def _long_vowels(text: str) -> str:
    """Write the long vowel sign where a dash or 一 stands within katakana."""
    return re.sub(r"(?<=[ァ-ヴー])[一—―-](?=[ァ-ヴー]|$|[^一-龥\d])", "ー", text)


def _digits_half(text: str) -> str:
    return text.translate(str.maketrans("０１２３４５６７８９", "0123456789"))


def _code(kind: str, text: str) -> Value | None:
    flat = "".join(_flat(text).split())
    if kind == "code:care_level":
        match = re.search(r"要介護[1-5]|要支援[12]", flat)
        flat = match.group(0) if match else ""
    elif kind == "code:sex":
        flat = "".join(sign for sign in flat if sign in "男女")
    code = fields.normalise(kind, flat)
    return None if not flat or fields.problem(kind, code) else Value(code, LIKELY)


def _reference(text: str) -> Value | None:
    flat = "".join(_flat(text).split())
    match = re.fullmatch(r"[RＲ]\d{1,2}-\d{4,8}", flat)
    return Value(flat, LIKELY) if match else None


def plausible(key: str, value: str, today: date) -> bool:
    """Tell whether a date can be what its field says, as seen on `today`."""
    day = date.fromisoformat(value)
    if key == "birth_date":
        return 40 <= today.year - day.year <= 115  # noqa: PLR2004 - youngest insured, oldest living
    if key == "prev_valid_to":
        return (date.fromordinal(day.toordinal() + 1)).day == 1
    return abs((day - today).days) < 366 * 6  # the longest certification lasts four years


_READERS: dict[str, Callable[[str], Value | None]] = {
    "insured_no": _insured_no,
    "insurer_no": _checked_digits(6),
    "medical_insurer_no": _checked_digits(6, 8),
    "office_no": _office_no,
    "digits": _digits,
    "card_number": _digits,
    "date": _date,
    "phone": _phone,
    "postal_code": _postal,
    "kana": _kana,
    "name": _name,
    "address": _address,
    "text": _text,
    "line": _text,
    "reference": _reference,
}
