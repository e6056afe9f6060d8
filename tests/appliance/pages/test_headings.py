"""Headings above a block or downwards beside it say whose names, addresses and numbers stand there."""

import pytest

from appliance.desk.pages.anchor import place
from appliance.desk.pages.labels import find_labels
from appliance.desk.pages.ocr import Letter
from appliance.desk.pages.piece import Piece
from appliance.desk.pages.rules import Rule, Rules
from tests.support.drawn_pages import piece

NO_RULES = Rules((), ())


def downwards(text: str, left: float, top: float, bottom: float) -> Piece:
    """Make a piece written downwards."""
    letters = tuple(Letter(sign, 0.99, (i + 0.5) / len(text)) for i, sign in enumerate(text))
    return Piece(letters, left, top, left + 30, bottom)


def answered(pieces: list[Piece], rules: Rules = NO_RULES) -> dict[str, list[str]]:
    """Give what every key of a form's front was answered with."""
    found, values = find_labels("form_front", pieces)
    spots = place(found, values, rules, 1400)
    return {spot.key: [p.text for p in spot.pieces] for spot in spots if spot.key and spot.pieces}


@pytest.mark.parametrize(
    "heading", ["■ 主治医", "3　主治医", "◆ 主治医について", "主治医（かかりつけ）"]
)
def test_a_heading_opens_its_block(heading: str) -> None:
    """A name beneath the physician's heading is the physician's."""
    pieces = [piece(heading, 50, 100), piece("氏名", 50, 150), piece("鈴掛　昭二", 250, 150)]
    assert answered(pieces) == {"physician.name": ["鈴掛　昭二"]}


def test_a_sentence_is_no_heading() -> None:
    """A note about the physician's opinion opens nothing."""
    pieces = [
        piece("主治医意見書は市から依頼します。", 50, 100),
        piece("氏名", 50, 150),
        piece("鈴掛　昭二", 250, 150),
    ]
    assert answered(pieces) == {"name": ["鈴掛　昭二"]}


def test_a_downward_heading_holds_for_the_rows_beside_it() -> None:
    """Between its two level rules every name is the filer's, above them the insured person's."""
    rules = Rules((Rule(200, 0, 900), Rule(400, 0, 900)), ())
    pieces = [
        piece("氏名", 150, 120),
        piece("後藤　ヨシ子", 350, 120),
        downwards("提出代行者", 60, 215, 385),
        piece("名称", 150, 230),
        piece("汐見居宅介護支援事業所", 350, 230),
        piece("住所", 150, 330),
        piece("架空県白樺市1番", 350, 330),
    ]
    assert answered(pieces, rules) == {
        "name": ["後藤　ヨシ子"],
        "filer.office_name": ["汐見居宅介護支援事業所"],
        "filer.address": ["架空県白樺市1番"],
    }


def test_a_choice_of_level_is_no_misread_label() -> None:
    """要介護3 differs from 要介護度 in one sign, and is none the less an answer."""
    found, _ = find_labels("form_front", [piece("要介護3", 50, 100)])
    assert found == []


def test_a_name_below_the_medical_insurance_is_the_insured_persons() -> None:
    """フリガナ and 氏名 without a heading of their own never belong to the insurer above them."""
    pieces = [
        piece("医療保険", 50, 50),
        piece("保険者名", 200, 50),
        piece("架空県国民健康保険", 400, 50),
        piece("フリガナ", 50, 100),
        piece("ゴトウ　ヨシコ", 250, 100),
        piece("氏名", 50, 150),
        piece("後藤　ヨシ子", 250, 150),
    ]
    assert answered(pieces) == {
        "medical_insurer_name": ["架空県国民健康保険"],
        "name_kana": ["ゴトウ　ヨシコ"],
        "name": ["後藤　ヨシ子"],
    }


def test_a_block_without_its_upper_rule_holds_only_as_far_as_its_lower_one() -> None:
    """The words of a downward heading stand in the middle; rows far above them are none of theirs."""
    rules = Rules((Rule(20, 0, 900), Rule(700, 0, 900)), ())
    pieces = [
        piece("電話番号", 150, 120),
        piece("019-000-1849", 350, 120),
        piece("フリガナ", 150, 80),
        downwards("提出代行者", 60, 500, 680),
        piece("電話番号", 150, 600),
        piece("019-000-0110", 350, 600),
    ]
    assert answered(pieces, rules) == {"phone": ["019-000-1849"], "filer.phone": ["019-000-0110"]}
