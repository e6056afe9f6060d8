"""Field types: how each kind of answer is written canonically, and what can be wrong with it."""

import re
import unicodedata
from collections.abc import Callable

from procedures import numbers, wareki
from procedures.codes import SHARED, Choices
from procedures.deadlines import FIRST_DAY, LAST_DAY
from procedures.text import as_written, full_width_kana, one_space
from procedures.words import Words

LONGEST_TEXT = 200
LONGEST_LINES = 2_000
CODE = "code:"

Normalise = Callable[[str], str]
Examine = Callable[[str], Words | None]

_TOO_LONG = Words("{n}文字までにしてください。", "Please use at most {n} characters.")
_ALL_SAME = re.compile(r"(.)\1*")


def normalise(type_name: str, text: str, choices: Choices = ()) -> str:
    """Return the canonical writing of an answer; a text that cannot be read stays as it was written.

    Dates become ISO, numbers half width without hyphens, codes their code. Names and addresses keep
    every sign. Raises KeyError for a type that does not exist.
    """
    if type_name.startswith(CODE):
        return _code(text, choices or SHARED.get(type_name.removeprefix(CODE), ()))
    return _TYPES[type_name][0](text)


def problem(type_name: str, value: str, lang: str = "ja", choices: Choices = ()) -> str | None:
    """Return the sentence that says what is wrong with a canonical value, or None. Empty is never wrong."""
    found = fault(type_name, value, choices)
    return found.say(lang) if found else None


def fault(type_name: str, value: str, choices: Choices = ()) -> Words | None:
    """Return what is wrong with a canonical value in both languages, or None."""
    if not value:
        return None
    if type_name.startswith(CODE):
        known = choices or SHARED.get(type_name.removeprefix(CODE), ())
        return None if value in {choice.code for choice in known} else _NO_CHOICE
    return _TYPES[type_name][1](value)


def known_types() -> tuple[str, ...]:
    """Return the names of all types but the code lists, which are written `code:LIST`."""
    return tuple(_TYPES)


def _code(text: str, choices: Choices) -> str:
    asked = _folded(text)
    for choice in choices:
        if asked in {choice.code, *map(_folded, (choice.ja, choice.en, *choice.also))}:
            return choice.code
    return text.strip()


def _folded(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


def _compact(text: str) -> str:
    flat = _without_blanks(text)
    return flat if re.fullmatch(r"[0-9A-Z]+", flat) else text.strip()


def _without_blanks(text: str) -> str:
    return re.sub(r"[\s\-‐-―−ー]", "", unicodedata.normalize("NFKC", text)).upper()


def _name(text: str) -> str:
    return one_space(as_written(text))


def _lines(text: str) -> str:
    return "\n".join(line for line in map(as_written, text.splitlines()) if line)


def _date(text: str) -> str:
    try:
        parsed = wareki.parse(text)
    except wareki.WarekiError:
        return text.strip()
    # A day past the end of its era is never converted silently: it stays as written and `problem` asks.
    return text.strip() if parsed.warning else parsed.date.isoformat()


def _month(text: str) -> str:
    match = re.fullmatch(r"(.+?)月?", re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
    whole = _date(f"{match.group(1)}月1日".replace("-", "年").replace("/", "年")) if match else ""
    return whole[:7] if re.fullmatch(r"\d{4}-\d\d-01", whole) else text.strip()


def _postal(text: str) -> str:
    digits = _without_blanks(text).removeprefix("〒")
    return f"{digits[:3]}-{digits[3:]}" if re.fullmatch(r"[0-9]{7}", digits) else text.strip()


def _phone(text: str) -> str:
    flat = re.sub(r"[\s]", "", unicodedata.normalize("NFKC", text))
    flat = re.sub(r"[()‐-―−ー]", "-", flat)
    flat = re.sub(r"-+", "-", flat).strip("-")
    return flat if re.fullmatch(r"[0-9-]+", flat) else text.strip()


def _amount(text: str) -> str:
    flat = re.sub(r"[\s,円¥]", "", unicodedata.normalize("NFKC", text))
    return flat.lstrip("0") or "0" if flat.isdigit() else text.strip()


def _matches(pattern: str, ja: str, en: str) -> Examine:
    compiled, words = re.compile(pattern, re.ASCII), Words(ja, en)
    return lambda value: None if compiled.fullmatch(value) else words


def _short(value: str, most: int = LONGEST_TEXT) -> Words | None:
    return _TOO_LONG.put(n=str(most)) if len(value) > most else None


def _lines_fault(value: str) -> Words | None:
    entries = value.split("\n")
    if len(set(entries)) < len(entries):
        return Words("同じものが二度書かれています。", "An entry stands there twice.")
    return _short(value, LONGEST_LINES)


_NO_DAY = Words(
    "この年は使えません。年を確かめてください。", "No such year is used here; check it."
)


def _date_fault(value: str) -> Words | None:
    try:
        parsed = wareki.parse(value)
    except wareki.WarekiError as error:
        return Words(str(error), f"“{value[:40]}” cannot be read as a date.")
    if parsed.warning:
        return Words(
            parsed.warning, f"This era ended before that day. Is {parsed.date.isoformat()} meant?"
        )
    return None if FIRST_DAY <= parsed.date <= LAST_DAY else _NO_DAY


def _insured_fault(value: str) -> Words | None:
    if not re.fullmatch(r"[0-9]{10}|H[0-9]{9}", value):
        return Words(
            "被保険者番号は10桁の数字です。先頭の0も書いてください。",
            "An insured number has ten digits; leading zeros belong to it.",
        )
    if _ALL_SAME.fullmatch(value):
        return Words(
            "同じ数字だけの番号は使われません。", "A number of ten equal digits is not used."
        )
    return None


def _checked(pattern: str, holds: Callable[[str], bool | None], ja: str, en: str) -> Examine:
    """Combine a pattern with a check digit; for an office number a wrong digit is no fault of form."""
    shape = _matches(pattern, ja, en)
    digit = Words(
        "番号の最後の桁（検査数字）が合いません。読み違いがないか確かめてください。",
        "The check digit does not fit. Please look for a misread digit.",
    )
    return lambda value: shape(value) or (digit if holds(value) is False else None)


def _kana_fault(value: str) -> Words | None:
    if re.fullmatch(r"[ァ-ヶー・\u3000]+", value):
        return _short(value)
    return Words("全角カタカナで書いてください。", "Please write in full-width katakana.")


_NO_CHOICE = Words("選べるものの中にありません。", "This is not one of the choices.")
_MONTH = _matches(
    r"\d{4}-(0[1-9]|1[0-2])", "年と月を書いてください。", "Please give year and month."
)
_TYPES: dict[str, tuple[Normalise, Examine]] = {
    "text": (as_written, _short),
    "lines": (_lines, _lines_fault),
    "name": (_name, _short),
    "kana": (full_width_kana, _kana_fault),
    "address": (as_written, _short),
    "era_date": (_date, _date_fault),
    "month": (_month, _MONTH),
    "postal_code": (
        _postal,
        _matches(r"\d{3}-\d{4}", "郵便番号は7桁です。", "A postal code has seven digits."),
    ),
    "phone": (
        _phone,
        _matches(
            r"0(?=(?:-?\d){9,10}$)\d[\d-]*\d",
            "電話番号は市外局番から10桁か11桁で書いてください。",
            "Please write the phone number with its area code, ten or eleven digits.",
        ),
    ),
    "amount": (
        _amount,
        _matches(r"\d{1,9}", "金額は数字で書いてください。", "Please write the amount in digits."),
    ),
    "number": (
        _compact,
        _matches(r"[0-9A-Z]{1,20}", "英数字で書いてください。", "Please use letters and digits."),
    ),
    "insured_no": (_compact, _insured_fault),
    "insurer_no": (
        _compact,
        _checked(
            r"\d{6}",
            numbers.insurer_no_holds,
            "保険者番号は6桁です。",
            "An insurer number has six digits.",
        ),
    ),
    "medical_insurer_no": (
        _compact,
        _checked(
            r"\d{6}|\d{8}",
            numbers.insurer_no_holds,
            "医療保険の保険者番号は8桁（国民健康保険は6桁）です。",
            "A medical insurer number has eight digits, or six for national health insurance.",
        ),
    ),
    "office_no": (
        _compact,
        _matches(
            r"\d{2}[0-9AB]\d{7}",
            "事業所番号は10桁です。",
            "An office number has ten signs.",
        ),
    ),
    "individual_no": (
        _compact,
        _checked(
            r"\d{12}",
            numbers.individual_no_holds,
            "個人番号は12桁です。",
            "An individual number has twelve digits.",
        ),
    ),
    "corporate_no": (
        _compact,
        _checked(
            r"\d{13}",
            numbers.corporate_no_holds,
            "法人番号は13桁です。",
            "A corporate number has thirteen digits.",
        ),
    ),
}
