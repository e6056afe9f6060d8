"""Field types: canonical writing of what people and machines write, and what is wrong with a value."""

import pytest

from procedures import fields


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("insured_no", "００１２３４５６７８", "0012345678"),
        ("insured_no", "0012-345 678", "0012345678"),
        ("insured_no", "h123456789", "H123456789"),
        ("insured_no", "12345678", "12345678"),
        ("insurer_no", "０３２０１１", "032011"),
        ("medical_insurer_no", "3903-0010", "39030010"),
        ("office_no", "０３７０１９９０１０", "0370199010"),
        ("office_no", "03a0100001", "03A0100001"),
        ("individual_no", "1234 5678 9018", "123456789018"),
        ("corporate_no", "7000-0120-50002", "7000012050002"),
        ("number", "54－０１", "5401"),
        ("number", "ab12", "AB12"),
        ("postal_code", "〒０２０－９９１０", "020-9910"),
        ("postal_code", "0209910", "020-9910"),
        ("postal_code", "020 9910", "020-9910"),
        ("postal_code", "020ー9910", "020-9910"),
        ("postal_code", "0209", "0209"),
        ("phone", "（０１９）０００－１２３４", "019-000-1234"),
        ("phone", "019(000)1234", "019-000-1234"),
        ("phone", "019ー000ー1234", "019-000-1234"),
        ("phone", "０９０００００１２３４", "09000001234"),
        ("phone", "019 000 1234", "0190001234"),
        ("era_date", "昭和12年12月25日", "1937-12-25"),
        ("era_date", "S12.12.25", "1937-12-25"),
        ("era_date", "2026-09-30", "2026-09-30"),
        ("era_date", "平成35年3月31日", "平成35年3月31日"),
        ("era_date", " 未定 ", "未定"),
        ("month", "令和8年4月", "2026-04"),
        ("month", "R8.4", "2026-04"),
        ("month", "2026-04", "2026-04"),
        ("month", "2026/4", "2026-04"),
        ("month", "春", "春"),
        ("amount", "１，２００円", "1200"),
        ("amount", "¥1,200", "1200"),
        ("amount", "000", "0"),
        ("amount", "007", "7"),
        ("amount", "約千円", "約千円"),
        ("name", "髙﨑  𠮷雄", "髙﨑　𠮷雄"),
        ("name", " 辻\U000e0100 花 ", "辻\U000e0100　花"),
        ("name", "\ufa19　①㈱", "\ufa19　①㈱"),
        ("address", "見本町３－４　ハイツ〜２０３", "見本町３－４　ハイツ〜２０３"),
        ("kana", "ﾀｶｻｷ ﾖｼｵ", "タカサキ　ヨシオ"),
        ("text", "  なし\x00 ", "なし"),
        ("lines", " あ園 \n\n い園 \n", "あ園\nい園"),
        ("code:sex", "女", "2"),
        ("code:sex", "女性", "2"),
        ("code:sex", "2", "2"),
        ("code:sex", "female", "2"),
        ("code:care_level", "要介護３", "23"),
        ("code:care_level", "要介護 3", "23"),
        ("code:care_level", "要支援1", "12"),
        ("code:care_level", "事業対象者", "06"),
        ("code:care_level", "要介護", "要介護"),
        ("code:yes_no", "有", "yes"),
        ("code:yes_no", "同意しません", "no"),
        ("code:application_kind", "更新申請", "2"),
        ("code:disease16", "脳血管疾患", "13"),
        ("code:disease16", "がん(末期)", "01"),
        ("code:insured_class", "第１号", "1"),
        ("code:place", "病院", "hospital"),
    ],
)
def test_normalise(kind: str, text: str, value: str) -> None:
    """Each way of writing has one canonical value; what cannot be read stays as written."""
    assert fields.normalise(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("insured_no", "0012345678"),
        ("insured_no", "H123456789"),
        ("insurer_no", "032011"),
        ("medical_insurer_no", "39030010"),
        ("medical_insurer_no", "131011"),
        ("office_no", "0370199010"),
        ("office_no", "2372100034"),
        ("office_no", "03A0100001"),
        ("individual_no", "123456789018"),
        ("corporate_no", "7000012050002"),
        ("number", "5401"),
        ("postal_code", "020-9910"),
        ("phone", "019-000-1234"),
        ("phone", "0190001234"),
        ("phone", "090-0000-1234"),
        ("phone", "0120-000-000"),
        ("era_date", "2026-09-30"),
        ("month", "2026-12"),
        ("amount", "0"),
        ("amount", "999999999"),
        ("name", "髙﨑　𠮷雄"),
        ("name", "あ" * 200),
        ("kana", "タカサキ　ヨシオ"),
        ("kana", "ジョン・スミス"),
        ("address", "見本町３－４"),
        ("text", "なし"),
        ("lines", "あ園\nい園"),
        ("lines", "あ" * 2000),
        ("code:sex", "1"),
        ("code:care_level", "25"),
        ("code:disease16", "16"),
    ],
)
def test_ok__problem(kind: str, value: str) -> None:
    """A good canonical value has no problem."""
    assert fields.problem(kind, value) is None


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("insured_no", "12345678", "10桁"),
        ("insured_no", "00123456789", "10桁"),
        ("insured_no", "X123456789", "10桁"),
        ("insured_no", "0000000000", "同じ数字"),
        ("insured_no", "7777777777", "同じ数字"),
        ("insurer_no", "032018", "検査数字"),
        ("insurer_no", "03201", "6桁"),
        ("medical_insurer_no", "39030011", "検査数字"),
        ("medical_insurer_no", "3903001", "8桁"),
        ("office_no", "037019901", "10桁"),
        ("office_no", "03C0199010", "10桁"),
        ("individual_no", "123456789012", "検査数字"),
        ("individual_no", "12345678901", "12桁"),
        ("corporate_no", "1000012050002", "検査数字"),
        ("corporate_no", "700001205000", "13桁"),
        ("number", "第5号", "英数字"),
        ("postal_code", "020-991", "7桁"),
        ("postal_code", "٠٢٠-٩٩١٠", "7桁"),
        ("amount", "፩", "数字"),
        ("phone", "1234", "市外局番"),
        ("phone", "19-000-1234", "市外局番"),
        ("phone", "019-000-1234-", "市外局番"),
        ("phone", "090-0000-12345", "市外局番"),
        ("era_date", "未定", "読めません"),
        ("era_date", "令和8年2月30日", "日はありません"),
        ("era_date", "平成35年3月31日", "令和5年3月31日"),
        ("month", "2026-13", "年と月"),
        ("month", "春", "年と月"),
        ("amount", "約千円", "数字"),
        ("amount", "1" * 10, "数字"),
        ("kana", "たかさき", "カタカナ"),
        ("kana", "TAKASAKI", "カタカナ"),
        ("kana", "ア" * 201, "200文字"),
        ("name", "あ" * 201, "200文字"),
        ("text", "あ" * 201, "200文字"),
        ("lines", "あ園\nい園\nあ園", "二度"),
        ("lines", "あ" * 2001, "2000文字"),
        ("code:sex", "9", "選べる"),
        ("code:care_level", "要介護", "選べる"),
    ],
)
def test_fail__problem(kind: str, value: str, words: str) -> None:
    """A wrong value is told in a sentence that names the rule."""
    assert words in (fields.problem(kind, value) or "")


@pytest.mark.parametrize("kind", fields.known_types())
def test_empty_is_not_wrong(kind: str) -> None:
    """Whether a field may be empty is the form's question, not the type's."""
    assert fields.problem(kind, "") is None


@pytest.mark.parametrize("kind", fields.known_types())
def test_normalise_twice_is_once(kind: str) -> None:
    """A canonical value is not changed by another reading."""
    for text in (
        "Ｓ１０．３．５",
        "（０１９）０００－１２３４",
        "ﾀｶｻｷ ﾖｼｵ",
        " 1,200円 ",
        "令和8年4月",
        "",
        "〒020-9910",
    ):
        once = fields.normalise(kind, text)
        assert fields.normalise(kind, once) == once


@pytest.mark.parametrize("kind", fields.known_types())
def test_both_languages(kind: str) -> None:
    """Every problem is told in English too, and the sentences differ."""
    value = "？" * 3_000
    ja, en = fields.problem(kind, value, "ja"), fields.problem(kind, value, "en")
    assert ja
    assert en
    assert ja != en
    assert en.isascii() or "“" in en


def test_fail__unknown_type() -> None:
    """A type that does not exist is our own mistake."""
    with pytest.raises(KeyError):
        fields.normalise("colour", "赤")


def test_unknown_list_has_no_choices() -> None:
    """An unknown code list leaves the text as it is and calls it no choice."""
    assert fields.normalise("code:colour", " 赤 ") == "赤"
    assert fields.problem("code:colour", "赤") is not None


def test_leading_zeros_are_never_added() -> None:
    """A short insured number is a misread or a spreadsheet's loss: it is asked about, not padded."""
    assert fields.normalise("insured_no", "12345678") == "12345678"
    assert "先頭の0" in (fields.problem("insured_no", "12345678") or "")


def test_long_date_is_cut_in_english() -> None:
    """An English sentence repeats at most forty signs of what was written."""
    assert len(fields.problem("era_date", "x" * 500, "en") or "") < 100
