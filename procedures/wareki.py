"""Japanese era dates: read what people write, keep it as written, compute with ISO dates only."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Era:
    """One era (元号). `end` is its last day, inclusive; the reigning era has none."""

    kanji: str
    letter: str
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A date, the text it was read from, and a Japanese sentence if a person must confirm it."""

    date: date
    era_text: str
    warning: str | None = None


class WarekiError(ValueError):
    """The text is no date; the message is the Japanese sentence for the screen."""


# 1912-07-30 and 1926-12-25 belong to two eras: the change took effect on the same day.
ERAS = (
    Era("明治", "M", date(1868, 1, 25), date(1912, 7, 30)),
    Era("大正", "T", date(1912, 7, 30), date(1926, 12, 25)),
    Era("昭和", "S", date(1926, 12, 25), date(1989, 1, 7)),
    Era("平成", "H", date(1989, 1, 8), date(2019, 4, 30)),
    Era("令和", "R", date(2019, 5, 1), None),
)
# Before Meiji 6 Japan counted by the moon; such a date cannot be turned into ours by counting.
GREGORIAN_FROM = date(1873, 1, 1)
LONGEST_DATE_TEXT = 40
LONGEST_ERA = 99

_KANJI_DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")}
_NUMBER = r"(元|\d{1,4}|[〇一二三四五六七八九十]{1,5})"
_SEPARATED = re.compile(
    rf"(明治|大正|昭和|平成|令和|[明大昭平令MTSHR])?{_NUMBER}[年./-]{_NUMBER}[月./-]{_NUMBER}日?"
)
_COMPACT = re.compile(r"([12]\d{3})(\d{2})(\d{2})")
# The exchange files of the care insurance write era code, year, month, day as seven digits.
_CODED = re.compile(r"([1-5])(\d{2})(\d{2})(\d{2})")


def parse(text: str) -> Parsed:
    """Read a date in any usual way of writing; raises WarekiError if it is none.

    `昭和10年3月5日`, `S10.3.5`, `Ｓ１０．３．５`, `令和元年五月一日`, `2026-09-30`, `20260930`, `3100305`.
    A later day in an era that has ended is converted, and `warning` asks for confirmation.
    """
    flat = _flat(text)
    compact = _COMPACT.fullmatch(flat)
    if compact:
        return Parsed(_day(text, *(int(part) for part in compact.groups())), text.strip())
    coded = _CODED.fullmatch(flat)
    if coded:
        code, year, month, day = (int(part) for part in coded.groups())
        return _in_era(ERAS[code - 1], text, year, month, day)
    match = _SEPARATED.fullmatch(flat)
    if match is None:
        raise WarekiError(f"「{text.strip()[:LONGEST_DATE_TEXT]}」は日付として読めません。")
    era_sign, *numbers = match.groups()
    year, month, day = (_number(part) for part in numbers)
    if era_sign is None:
        if year < GREGORIAN_FROM.year:
            raise WarekiError(f"「{text.strip()}」は元号がないので日付として読めません。")
        return Parsed(_day(text, year, month, day), text.strip())
    return _in_era(_era(era_sign), text, year, month, day)


def format_ja(day: date) -> str:
    """`令和8年9月30日`; on a day that belongs to two eras the newer one is written."""
    era = era_of(day)
    if era is None:
        return f"{day.year}年{day.month}月{day.day}日"
    year = day.year - era.start.year + 1
    return f"{era.kanji}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def format_short(day: date) -> str:
    """`R8.9.30`, for narrow columns."""
    era = era_of(day)
    if era is None:
        return f"{day.year}.{day.month}.{day.day}"
    return f"{era.letter}{day.year - era.start.year + 1}.{day.month}.{day.day}"


def era_of(day: date) -> Era | None:
    """Return the era a day is written in today, or None before the Gregorian calendar was in use."""
    if day < GREGORIAN_FROM:
        return None
    return next(era for era in reversed(ERAS) if era.start <= day)


def _flat(text: str) -> str:
    if len(text) > LONGEST_DATE_TEXT:
        raise WarekiError("日付の文字が長すぎます。")
    flat = unicodedata.normalize("NFKC", text).upper()
    flat = re.sub(r"\s", "", flat)
    return flat.translate(
        {ord("。"): ".", ord("・"): ".", ord("−"): "-", ord("ー"): "-", ord("‐"): "-"}
    )


def _number(text: str) -> int:
    if text == "元":
        return 1
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int("".join(str(_KANJI_DIGITS[sign]) for sign in text))
    return (_number(tens) if tens else 1) * 10 + (_number(ones) if ones else 0)


def _era(sign: str) -> Era:
    return next(era for era in ERAS if sign in {era.kanji, era.kanji[0], era.letter})


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise WarekiError(f"「{text.strip()}」という日はありません。") from error


def _in_era(era: Era, text: str, year: int, month: int, day: int) -> Parsed:
    written = text.strip()
    if not 1 <= year <= LONGEST_ERA:
        raise WarekiError(f"「{written}」の年は読めません。")
    found = _day(text, era.start.year + year - 1, month, day)
    if found < era.start:
        raise WarekiError(f"「{written}」は{era.kanji}が始まる前の日です。")
    if found < GREGORIAN_FROM:
        return Parsed(
            found, written, f"「{written}」は旧暦の日付です。西暦の日付を確かめてください。"
        )
    if era.end is not None and found > era.end:
        question = f"{era.kanji}は{format_last_day(era)}までです。{format_ja(found)}のことですか。"
        return Parsed(found, written, question)
    return Parsed(found, written)


def format_last_day(era: Era) -> str:
    """Return the last day of an ended era in its own counting, such as `31年4月30日`."""
    if era.end is None:
        raise WarekiError(f"{era.kanji}はまだ終わっていません。")
    return f"{era.end.year - era.start.year + 1}年{era.end.month}月{era.end.day}日"
