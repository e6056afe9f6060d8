"""Printed labels and what stands beside them."""

import pytest

from appliance.desk.pages.anchor import place
from appliance.desk.pages.labels import find_labels
from appliance.desk.pages.piece import Piece
from appliance.desk.pages.rules import Rule, Rules
from tests.support.drawn_pages import piece

NO_RULES = Rules((), ())


def answered(kind: str, pieces: list[Piece], rules: Rules = NO_RULES) -> dict[str, list[str]]:
    """Find labels, hand out values, and give the texts of every key that got some."""
    found, values = find_labels(kind, pieces)
    spots = place(found, values, rules, 1400)
    return {spot.key: [p.text for p in spot.pieces] for spot in spots if spot.key and spot.pieces}


def test_value_beside_its_label() -> None:
    """The nearest label to the left is answered."""
    assert answered("form_front", [piece("フリガナ", 50, 100), piece("タカハシ", 250, 100)]) == {
        "name_kana": ["タカハシ"]
    }


def test_label_and_value_in_one_line_are_cut() -> None:
    """What the finder joined is parted at the label's end."""
    assert answered("form_front", [piece("氏名 髙橋 ハナ", 50, 100)]) == {"name": ["髙橋 ハナ"]}


def test_label_in_a_sentence_is_no_label() -> None:
    """A note about the individual number is not its box."""
    found, _ = find_labels("form_front", [piece("個人番号は番号法に基づき取得します。", 50, 900)])
    assert found == []


def test_label_read_with_one_letter_wrong() -> None:
    """A long label survives one misread letter."""
    found, _ = find_labels("form_front", [piece("被保険者番弓", 50, 100)])
    assert [f.label.key_in("") for f in found] == ["insured_no"]


def test_short_label_must_be_right() -> None:
    """A short word with a wrong letter is writing."""
    found, _ = find_labels("form_front", [piece("住吉", 50, 100)])
    assert found == []


def test_label_between_stops_the_reading() -> None:
    """A value answers the label right before it, not one further left."""
    pieces = [
        piece("番号", 400, 100),
        piece("保険者名", 50, 60),
        piece("12345678", 520, 100),
        piece("枝番", 800, 100),
        piece("01", 900, 100),
    ]
    assert answered("form_front", pieces) == {"number": ["12345678"], "branch_no": ["01"]}


def test_section_decides_whose_telephone_it_is() -> None:
    """The same printed word means different fields under different heads."""
    pieces = [
        piece("氏名", 50, 100),
        piece("電話番号", 50, 150),
        piece("019-000-0001", 250, 150),
        piece("主治医の氏名", 50, 300),
        piece("電話番号", 50, 350),
        piece("019-000-0002", 250, 350),
    ]
    assert answered("form_front", pieces) == {
        "phone": ["019-000-0001"],
        "physician.phone": ["019-000-0002"],
    }


def test_value_beneath_its_label() -> None:
    """A number under its word in the same cell is found."""
    pieces = [piece("氏名", 50, 60), piece("電話番号", 600, 100), piece("019-000-0001", 620, 140)]
    assert answered("form_front", pieces) == {"phone": ["019-000-0001"]}


def test_rule_parts_label_and_value() -> None:
    """What stands below a rule belongs to another row."""
    pieces = [piece("氏名", 50, 60), piece("電話番号", 600, 100), piece("019-000-0001", 620, 140)]
    rules = Rules((Rule(135, 0, 1000),), ())
    assert "phone" not in answered("form_front", pieces, rules)


def test_tall_row_takes_two_lines() -> None:
    """Both lines of an address answer the label in the middle of the row."""
    pieces = [
        piece("氏名", 50, 40),
        piece("住所", 50, 130),
        piece("〒 020-9915", 250, 105),
        piece("岩手県盛岡市北花園3丁目", 250, 155),
    ]
    rules = Rules((Rule(90, 0, 1000), Rule(200, 0, 1000)), ())
    assert answered("form_front", pieces, rules) == {
        "address": ["〒 020-9915", "岩手県盛岡市北花園3丁目"]
    }


def test_word_that_is_no_label_here_is_a_value() -> None:
    """医療機関 names the physician's clinic, and elsewhere it is a choice."""
    pieces = [piece("調査の場所", 50, 100), piece("医療機関", 300, 100)]
    assert answered("form_back", pieces) == {"survey.place": ["医療機関"]}


@pytest.mark.parametrize(
    ("kind", "label", "key"),
    [
        ("insurance_card", "番号", "insured_no"),
        ("insurance_card", "保険者番号", "insurer_no"),
        ("insurance_card", "認定の有効期間", "prev_valid_from"),
        ("medical_insurance", "被保険者番号", "number"),
        ("medical_insurance", "保険者番号", "medical_insurer_no"),
        ("form_front", "被保険者番号", "insured_no"),
        ("form_back", "都合の悪い日", "survey.bad_days"),
    ],
)
def test_label_of_kind(kind: str, label: str, key: str) -> None:
    """The kind of page decides what a word means."""
    found, _ = find_labels(kind, [piece(label, 50, 100)])
    assert [f.label.key_in("insured") for f in found] == [key]


def test_cut_keeps_the_letters_places() -> None:
    """The second half of a line stands in the second half of its box."""
    half = piece("あいうえ", 0, 0, 400).cut(2, 4)
    assert (half.text, round(half.left), round(half.right)) == ("うえ", 200, 400)
