"""What a text beside a label is worth."""

from datetime import date

import pytest

from appliance.desk.pages.sheet import DOUBTFUL_BELOW
from appliance.desk.pages.values import (
    LIKELY,
    UNLIKELY,
    dates_in,
    digits_in,
    plausible,
    read_value,
    split_postal,
)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("insured_no", "0 0 1 3 8 9 3 0 1 5", "0013893015"),
        ("insured_no", "OO1389３０15", "0013893015"),
        ("insurer_no", "032011", "032011"),
        ("medical_insurer_no", "39896634", "39896634"),
        ("office_no", "2374501514", "2374501514"),
        ("digits", "74194168", "74194168"),
        ("date", "昭和１９年９月４日", "1944-09-04"),
        ("date", "令和元年5月1日から", "2019-05-01"),
        ("date", "昭和 22年3 月27日", "1947-03-27"),
        ("phone", "0558-74-0616", "0558-74-0616"),
        ("phone", "０８９４～９１～１９９８", "0894-91-1998"),
        ("phone", "090—6006—6333", "090-6006-6333"),
        ("kana", "タ力ハシ　ハナ", "タカハシ　ハナ"),
        ("kana", "サト一 ハナ", "サトー　ハナ"),
        ("name", " 髙橋 ハナ。", "髙橋　ハナ"),
        (
            "address",
            "架空県みどり野市朝日６丁目11 番35号コ一ポ",
            "架空県みどり野市朝日6丁目11番35号コーポ",
        ),
        ("address", "港町7—9—10", "港町7-9-10"),
        ("text", "みどり野東地域包括支援センタ一", "みどり野東地域包括支援センター"),
        ("line", "☑次男", "次男"),
        ("code:care_level", "要支援２", "13"),
        ("code:sex", "性 女", "2"),
        ("reference", "R8-206927", "R8-206927"),
    ],
)
def test_ok(kind: str, text: str, value: str) -> None:
    """The canonical writing is found."""
    read = read_value(kind, text)
    assert read is not None
    assert read.text == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("insured_no", "001389301"),
        ("insured_no", "00138930155"),
        ("insured_no", "1111111111"),
        ("insurer_no", "39896634"),
        ("date", "令和8年2月30日"),
        ("date", "令和 年 月 日"),
        ("date", "令和5年8月1日から令和8年7月31日まで"),
        ("phone", "電話"),
        ("kana", "氏名"),
        ("name", "  "),
        ("digits", ""),
        ("code:care_level", "該当"),
        ("code:sex", "男・女"),
        ("reference", "206927"),
        ("unknown type", "x"),
    ],
)
def test_none(kind: str, text: str) -> None:
    """No value is better than a guess."""
    assert read_value(kind, text) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("insurer_no", "032018"),
        ("medical_insurer_no", "39896635"),
        ("office_no", "2372100034"),
        ("phone", "0558-74-06165"),
        ("phone", "055-74-0616"),
        ("kana", "タカハシハ十"),
    ],
)
def test_odd_form_is_doubtful(kind: str, text: str) -> None:
    """A check digit or a form that does not fit keeps the value below the doubtful line."""
    read = read_value(kind, text)
    assert read is not None
    assert read.support <= UNLIKELY < DOUBTFUL_BELOW


@pytest.mark.parametrize("kind", ["name", "address", "text", "kana"])
def test_letters_are_never_sure(kind: str) -> None:
    """What only letters say stays below the doubtful line, however sure the model is."""
    read = read_value(kind, "タカハシ")
    assert read is not None
    assert read.support < DOUBTFUL_BELOW


def test_look_alikes_cost_certainty() -> None:
    """A letter O taken for a zero is not as good as a zero."""
    read = read_value("insured_no", "OO13893015")
    assert read is not None
    assert read.support < LIKELY


def test_two_dates_in_order() -> None:
    """A period gives both its days."""
    assert dates_in("令和5年11月1日～令和8年10月31日") == ["2023-11-01", "2026-10-31"]


def test_impossible_date_is_left_out() -> None:
    """A day that never was, and a day after its era's end, are no dates to rely on."""
    assert dates_in("昭和65年1月1日 令和8年13月1日 平成31年5月1日") == []


def test_postal_code_is_cut_off() -> None:
    """The rest of the line stays, with whatever stood before the code gone."""
    assert split_postal("〒 797-6168 みどり団地3-412") == ("797-6168", " みどり団地3-412")


def test_no_postal_code() -> None:
    """A house number is none."""
    assert split_postal("港町7-9-10") == ("", "港町7-9-10")


def test_digits_say_whether_they_were_all_digits() -> None:
    """Look-alikes are counted as digits but told."""
    assert digits_in("O1２3") == ("0123", False)


@pytest.mark.parametrize(
    ("key", "day", "expected"),
    [
        ("birth_date", "1944-09-04", True),
        ("birth_date", "2004-09-04", False),
        ("birth_date", "1894-09-04", False),
        ("prev_valid_to", "2026-12-31", True),
        ("prev_valid_to", "2026-12-30", False),
        ("prev_valid_from", "2024-01-01", True),
        ("application_date", "1994-01-01", False),
    ],
)
def test_plausible(key: str, day: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """A misread era or digit shows as a day that cannot be."""
    assert plausible(key, day, date(2026, 11, 23)) is expected
