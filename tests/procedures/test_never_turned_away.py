"""Nothing that is handed in is turned away (行政手続法7条): no sentence says so, and no block stands in the way."""

from datetime import date
from pathlib import Path

import pytest

from procedures.checks import Facts, examine
from procedures.definition import load, names

ROOT = Path(__file__).parents[2]
ROOMS = ("appliance", "cityhall", "hardware", "papers", "procedures", "provisioning", "screens")
TURNED_AWAY = ("不受理", "受理できません", "受理しません", "受け付けられません", "受付できません")
SAID = (".py", ".toml", ".html", ".typ", ".js")


@pytest.mark.parametrize("room", ROOMS)
def test_no_sentence_of_a_room_turns_anybody_away(room: str) -> None:
    """Whatever a screen, a paper or a program may say, it never says that an application is not taken."""
    files = [path for path in (ROOT / room).rglob("*") if path.suffix in SAID]
    found = {
        path.name: word
        for path in files
        for word in TURNED_AWAY
        if word in path.read_text(encoding="utf-8")
    }
    assert found == {}


@pytest.mark.parametrize("name", names())
def test_every_form_can_block_and_says_what_to_do(name: str) -> None:
    """An empty application is full of deficiencies, each with who mends it and how."""
    form = load(name)
    findings = examine(form, Facts({}, date(2026, 8, 25), "032011"))
    assert any(found.severity == "block" for found in findings)
    assert all(found.remedy_ja and found.remedy_en and found.mend for found in findings)


@pytest.mark.parametrize("name", names())
def test_every_check_says_what_to_do(name: str) -> None:
    """Sentence and remedy stand in both languages, and a remedy is an advice, no verdict."""
    for check in load(name).checks:
        assert all((check.sentence.ja, check.sentence.en, check.remedy.ja, check.remedy.en))
        assert check.sentence.ja.endswith(("。", "？", "か。"))
