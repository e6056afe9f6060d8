"""Era dates: every usual way of writing, the days on which eras change, and what is no date."""

from datetime import date
from itertools import pairwise

import pytest

from procedures.wareki import (
    ERAS,
    Era,
    WarekiError,
    era_of,
    format_ja,
    format_last_day,
    format_short,
    parse,
)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("昭和10年3月5日", date(1935, 3, 5)),
        ("昭和１０年３月５日", date(1935, 3, 5)),
        ("昭和 10年 3月 5日", date(1935, 3, 5)),
        ("昭和　１０年　３月　５日", date(1935, 3, 5)),
        ("昭10.3.5", date(1935, 3, 5)),
        ("S10.3.5", date(1935, 3, 5)),
        ("s10.3.5", date(1935, 3, 5)),
        ("Ｓ１０．３．５", date(1935, 3, 5)),
        ("S10/3/5", date(1935, 3, 5)),
        ("S10-03-05", date(1935, 3, 5)),
        ("Ｓ１０－３－５", date(1935, 3, 5)),
        ("S10・3・5", date(1935, 3, 5)),
        ("昭和十年三月五日", date(1935, 3, 5)),
        ("昭和六十三年十二月三十一日", date(1988, 12, 31)),
        ("昭和二十年八月十五日", date(1945, 8, 15)),
        ("大正五年一〇月二〇日", date(1916, 10, 20)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("令和1年5月1日", date(2019, 5, 1)),
        ("令和元年五月一日", date(2019, 5, 1)),
        ("R1.5.1", date(2019, 5, 1)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("H31.4.30", date(2019, 4, 30)),
        ("T15.12.25", date(1926, 12, 25)),
        ("M45.7.30", date(1912, 7, 30)),
        ("明治6年1月1日", date(1873, 1, 1)),
        ("2026-09-30", date(2026, 9, 30)),
        ("2026/9/30", date(2026, 9, 30)),
        ("2026.9.30", date(2026, 9, 30)),
        ("2026年9月30日", date(2026, 9, 30)),
        ("２０２６年９月３０日", date(2026, 9, 30)),
        ("20260930", date(2026, 9, 30)),
        ("3100305", date(1935, 3, 5)),
        ("5080930", date(2026, 9, 30)),
        ("2151225", date(1926, 12, 25)),
        ("令和8年2月28日", date(2026, 2, 28)),
        ("令和6年2月29日", date(2024, 2, 29)),
        ("  令和8年9月30日  ", date(2026, 9, 30)),
    ],
)
def test_ok__parse(text: str, day: date) -> None:
    """Each usual way of writing is read, and nothing needs to be asked."""
    found = parse(text)
    assert (found.date, found.warning) == (day, None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("明治45年7月30日", date(1912, 7, 30)),
        ("大正元年7月30日", date(1912, 7, 30)),
        ("大正15年12月25日", date(1926, 12, 25)),
        ("昭和元年12月25日", date(1926, 12, 25)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("平成元年1月8日", date(1989, 1, 8)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("令和元年5月1日", date(2019, 5, 1)),
    ],
)
def test_ok__change_of_era(text: str, day: date) -> None:
    """The first and last day of each era are good; two days belong to two eras."""
    found = parse(text)
    assert (found.date, found.warning) == (day, None)


@pytest.mark.parametrize(
    ("text", "day", "offered"),
    [
        ("平成31年5月1日", date(2019, 5, 1), "令和元年5月1日"),
        ("平成35年3月31日", date(2023, 3, 31), "令和5年3月31日"),
        ("昭和64年1月8日", date(1989, 1, 8), "平成元年1月8日"),
        ("昭和65年4月1日", date(1990, 4, 1), "平成2年4月1日"),
        ("大正16年1月1日", date(1927, 1, 1), "昭和2年1月1日"),
        ("明治45年7月31日", date(1912, 7, 31), "大正元年7月31日"),
        ("S64.1.8", date(1989, 1, 8), "平成元年1月8日"),
        ("4350331", date(2023, 3, 31), "令和5年3月31日"),
    ],
)
def test_ended_era_is_asked_about(text: str, day: date, offered: str) -> None:
    """A later day in an ended era is converted only with a question."""
    found = parse(text)
    assert found.date == day
    assert found.warning is not None
    assert offered in found.warning


def test_moon_calendar_is_asked_about() -> None:
    """Before Meiji 6 the calendar was another; the day is given with a warning."""
    assert "旧暦" in (parse("明治5年3月1日").warning or "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "未定",
        "昭和",
        "昭和10年",
        "昭和10年3月",
        "8.9.30",
        "令和8年13月1日",
        "令和8年2月30日",
        "令和7年2月29日",
        "令和0年1月1日",
        "令和100年1月1日",
        "昭和元年12月24日",
        "大正元年7月29日",
        "平成元年1月7日",
        "令和元年4月30日",
        "明治元年1月1日",
        "X10.3.5",
        "2026-02-30",
        "20260230",
        "20261301",
        "6100305",
        "0100305",
        "1800-01-01",
        "昭和10年3月5日生",
        "令和8年9月30日令和8年9月30日",
        "0" * 41,
        "令和8年十十月1日x",
    ],
)
def test_fail__parse(text: str) -> None:
    """What is no day raises with a sentence for the screen."""
    with pytest.raises(WarekiError, match=r"[。]$"):
        parse(text)


def test_keeps_what_was_written() -> None:
    """The text as written stays beside the date."""
    assert parse(" Ｓ１０．３．５ ").era_text == "Ｓ１０．３．５"


def test_long_text_is_not_repeated() -> None:
    """A text longer than any date is refused without being read or shown."""
    with pytest.raises(WarekiError) as caught:
        parse("髙" * 41)
    assert "髙" not in str(caught.value)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 9, 30), "令和8年9月30日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1989, 1, 8), "平成元年1月8日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1926, 12, 24), "大正15年12月24日"),
        (date(1912, 7, 30), "大正元年7月30日"),
        (date(1912, 7, 29), "明治45年7月29日"),
        (date(1873, 1, 1), "明治6年1月1日"),
        (date(1872, 12, 31), "1872年12月31日"),
    ],
)
def test_format_ja(day: date, text: str) -> None:
    """A day is written in the era of that day; the first year is 元年."""
    assert format_ja(day) == text


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 9, 30), "R8.9.30"),
        (date(1935, 3, 5), "S10.3.5"),
        (date(1870, 1, 2), "1870.1.2"),
    ],
)
def test_format_short(day: date, text: str) -> None:
    """The short form has the era's letter."""
    assert format_short(day) == text


@pytest.mark.parametrize("day", [date(year, 6, 15) for year in range(1873, 2040, 7)])
def test_round_trip(day: date) -> None:
    """What is written is read back as the same day."""
    assert parse(format_ja(day)).date == day
    assert parse(format_short(day)).date == day


def test_eras_follow_each_other() -> None:
    """Each era begins on the last day of the one before, or on the next."""
    for earlier, later in pairwise(ERAS):
        assert earlier.end is not None
        assert (later.start - earlier.end).days in {0, 1}


def test_era_of_old_day() -> None:
    """No era is named before the Gregorian calendar."""
    assert era_of(date(1872, 12, 31)) is None


def test_last_day_of_reigning_era() -> None:
    """The reigning era has no last day to write."""
    with pytest.raises(WarekiError, match="終わっていません"):
        format_last_day(Era("令和", "R", date(2019, 5, 1), None))
