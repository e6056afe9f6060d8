"""Code lists: the numbers the care insurance uses, and labels that never fail."""

import pytest

from procedures.codes import SHARED, label


@pytest.mark.parametrize(
    ("code", "ja"),
    [
        ("01", "非該当"),
        ("06", "事業対象者"),
        ("11", "経過的要介護"),
        ("12", "要支援1"),
        ("13", "要支援2"),
        ("21", "要介護1"),
        ("22", "要介護2"),
        ("23", "要介護3"),
        ("24", "要介護4"),
        ("25", "要介護5"),
    ],
)
def test_care_level(code: str, ja: str) -> None:
    """The levels carry the codes of the exchange files."""
    assert label(SHARED["care_level"], code) == ja


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("01", "がん"),
        ("02", "リウマチ"),
        ("03", "筋萎縮"),
        ("04", "後縦靱帯"),
        ("05", "骨粗鬆症"),
        ("06", "認知症"),
        ("07", "パーキンソン"),
        ("08", "小脳"),
        ("09", "脊柱管"),
        ("10", "早老症"),
        ("11", "多系統"),
        ("12", "糖尿病"),
        ("13", "脳血管"),
        ("14", "動脈硬化"),
        ("15", "肺疾患"),
        ("16", "関節症"),
    ],
)
def test_specified_disease(code: str, word: str) -> None:
    """The sixteen specified diseases stand in the order of the ordinance."""
    assert word in label(SHARED["disease16"], code)


def test_sixteen_diseases() -> None:
    """There are exactly sixteen."""
    assert len(SHARED["disease16"]) == 16


@pytest.mark.parametrize("name", sorted(SHARED))
def test_codes_stand_once(name: str) -> None:
    """A code stands once in its list."""
    codes = [choice.code for choice in SHARED[name]]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("name", sorted(SHARED))
def test_spellings_are_not_shared(name: str) -> None:
    """No spelling belongs to two codes of one list."""
    words = [word for choice in SHARED[name] for word in (choice.ja, *choice.also)]
    assert len(set(words)) == len(words)


def test_label_in_english() -> None:
    """A label has an English side."""
    assert label(SHARED["sex"], "2", "en") == "female"


def test_label_of_unknown_code() -> None:
    """A code the list does not know is shown as it is."""
    assert label(SHARED["sex"], "9") == "9"
