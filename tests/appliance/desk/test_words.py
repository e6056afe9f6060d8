"""The kiosk's words: every sentence that is asked for is there, in both languages, and none is idle."""

import re
from pathlib import Path

import pytest

import appliance.desk
from appliance.desk.camera.taking import State
from appliance.desk.pages.split import SENTENCES
from appliance.desk.refusals import refusal_word
from screens.language import Texts, read_texts
from sync.division import Standing
from sync.refusals import Refused

HERE = Path(appliance.desk.__file__).parent
FAMILIES = (
    "kind.", "source.", "mend.", "loose.", "state_of.", "link.", "policy.", "city.", "refusal.",
    "forms.pattern_", "form.topic_", "form.way_", "form.mend_",
    "ready.kind_", "ready.name_", "ready.scanner_", "ready.camera_", "ready.clock_", "ready.bundle_",
    "ready.printer_", "print.state_",
    "camera.state_", "camera.say_", "feeder.state_", "feeder.say_", "talk.standing_",
    "closing.gap_", "closing.survey_", "survey.title_",
    "bags.state_", "bags.do_", "bags.difference_", "bags.would_",
)  # fmt: skip


@pytest.fixture(scope="module")
def texts() -> Texts:
    """Read the words as the kiosk does."""
    return read_texts(*sorted((HERE / "words").glob("*.toml")))


def asked() -> set[str]:
    """Return every key that a template or a line of code names in full."""
    found: set[str] = set()
    for template in (HERE / "templates").glob("*.html"):
        text = template.read_text(encoding="utf-8")
        found |= set(re.findall(r"""["']([a-z]+\.[a-z_0-9]+)["']""", text))
    rooms = (HERE, HERE / "web", HERE / "providerlist")
    for file in [path for room in rooms for path in room.glob("*.py")]:
        found |= set(
            re.findall(r'"((?:refused|notice|ready|receipts|error)\.[a-z_]+)"', file.read_text())
        )
    return {key for key in found if not key.endswith(("_", ".html", ".css"))}


def test_every_word_that_is_asked_for_is_there(texts: Texts) -> None:
    """A page never fails for want of a sentence."""
    named = {key for key in asked() if not key.endswith((".svg", ".name_kana"))}
    fields = {key for key in named if key.split(".")[0] in {"physician", "filer", "survey"}}
    assert named - fields - set(texts.entries) == set()


def test_no_word_is_idle(texts: Texts) -> None:
    """What no page says is taken out."""
    idle = {key for key in texts.entries if not key.startswith(FAMILIES)} - asked()
    assert idle - {"service", "foot"} == set()


def test_every_state_of_the_camera_has_its_words(texts: Texts) -> None:
    """A badge and a sentence for each, and for the while before its first picture."""
    states = [*(state.value for state in State), "waking"]
    wanted = {f"camera.{part}_{state}" for part in ("state", "say") for state in states}
    assert wanted == {
        key for key in texts.entries if key.startswith(("camera.state_", "camera.say_"))
    }


def test_both_languages_fill_the_same_places(texts: Texts) -> None:
    """A value that is shown in Japanese is shown in English too."""
    places = re.compile(r"\{(\w+)\}")
    differing = {
        key
        for key, entry in texts.entries.items()
        if set(places.findall(entry["ja"])) != set(places.findall(entry["en"]))
    }
    assert differing == set()


def test_every_number_that_sets_an_application_aside_has_its_words(texts: Texts) -> None:
    """City hall's numbers are said in both languages; one of a later program too."""
    assert {refusal_word(code) for code in (*Refused, 999)} <= set(texts.entries)
    assert {refusal_word(code) for code in (204, 300, 999)} == {"refusal.204", "refusal.unknown"}


def test_every_age_of_the_divisions_key_has_its_words(texts: Texts) -> None:
    """The list before going out says each."""
    assert {f"ready.bundle_{one.value}" for one in Standing if one is not Standing.FRESH} <= set(
        texts.entries
    )


def test_every_reason_of_a_loose_sheet_has_its_words(texts: Texts) -> None:
    """The splitter's reasons are said in both languages."""
    assert {f"loose.{reason}" for reason in SENTENCES} <= set(texts.entries)
