import tomllib

import pytest

from cityhall.office import audit, cases, observations
from cityhall.office.correspondence import REASONS
from cityhall.office.labels import Labels
from cityhall.office.roles import Role
from cityhall.office.web.words import TEXTS, TOPICS, read_words

FORM = "care-renewal"


@pytest.mark.parametrize(
    ("key", "value", "lang", "label", "shown"),
    [
        ("sex", "1", "ja", "性別", "男"),
        ("sex", "1", "en", "sex", "male"),
        ("prev_valid_to", "2026-12-31", "ja", "前回の有効期間の満了日", "令和8年12月31日"),
        ("prev_valid_to", "いつか", "ja", "前回の有効期間の満了日", "いつか"),
        ("name", "髙﨑　𠮷雄", "ja", "氏名", "髙﨑　𠮷雄"),
        ("sex", "9", "ja", "性別", "9"),
        ("unheard_of", "x", "ja", "unheard_of", "x"),
    ],
)
def test_an_answer_is_shown_in_the_words_of_its_form(
    key: str, value: str, lang: str, label: str, shown: str
) -> None:
    """Codes and days become words; what the form does not know is shown as it is."""
    found = Labels().show(FORM, key, value, lang)
    assert (found.label, found.value) == (label, shown)


def test_a_form_nobody_knows_is_shown_by_its_keys() -> None:
    """An older or newer form never hides an answer."""
    assert Labels().show("of-tomorrow", "name", "甲", "ja").value == "甲"
    assert Labels().title("of-tomorrow", "ja") == "of-tomorrow"


def test_answers_follow_the_order_of_the_paper() -> None:
    """The eye goes down paper and screen in the same order."""
    keys = ["consent_disclosure", "unheard_of", "name", "physician.name"]
    found = sorted(keys, key=lambda key: Labels().place(FORM, key))
    assert found == ["name", "physician.name", "consent_disclosure", "unheard_of"]


def said(prefix: str, codes: list[str]) -> None:
    """Require a sentence in both languages for every code."""
    entries = read_words().entries
    assert [code for code in codes if f"{prefix}-{code}" not in entries] == []


def test_every_code_of_the_room_has_words() -> None:
    """States, events, facts, reasons and roles all have a sentence for the screen."""
    said("state", [one.value for one in cases.CaseState])
    said("event", [one.value for one in cases.CaseEvent])
    said("edge", [one.value for one in cases.EdgeData])
    said("custody", [one.value for one in cases.Custody])
    said("fact", [one.value for one in observations.Fact])
    said("seen", [one.value for one in observations.Severity])
    said("reason", [*REASONS, *(f"{code}-sentence" for code in REASONS)])
    said("role", [one.value for one in Role])
    said("action", [one.replace(".", "-") for one in audit.ACTIONS])


def test_no_screen_speaks_of_refusing_to_take_an_application() -> None:
    """受理 and 不受理 are words of another law; an application arrives."""
    assert "受理" not in TEXTS.read_text(encoding="utf-8")


def test_no_text_is_written_twice() -> None:
    """TOML would refuse a double key in one file; none stands in two."""
    files = [TEXTS, *TOPICS.glob("*.toml")]
    keys = [key for file in files for key in tomllib.loads(file.read_text(encoding="utf-8"))]
    assert len(keys) == len(read_words().entries)
