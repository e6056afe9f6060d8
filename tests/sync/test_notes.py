"""sync.notes: what a bus tells city hall beside applications, as bytes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import canonical
from sync.custody import STEPS_MAX, CustodyList, CustodyStep
from sync.notes import (
    ITEMS_MAX,
    TEXT_MAX,
    VALUES_MAX,
    Note,
    Question,
    SurveySheet,
    VisitMeasures,
    decode_note,
    encode_note,
    id_of,
    kind_of,
    note_id,
)
from tests.support.garbage import damaged, swapped
from tests.support.makers import make_id

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ASKED = Question(
    question_id=make_id(1),
    case_id=make_id(2),
    procedure="care-renewal",
    run="2026-11-24-a",
    stop="kita-2",
    provider_no="1370000001",
    provider_name="きたの丘ケアプランセンター",
    asked_by="S-014",
    text="裏面の同意欄は、代筆でもよいですか。",
    asked_at=NOON,
)
SHEET = SurveySheet(
    sheet_id=make_id(3),
    session=make_id(4),
    respondent="provider",
    bank="1",
    answers=(("B05", ("4",)), ("B06", ("csv", "names"))),
    answered_on=date(2026, 11, 24),
)
COUNTED = VisitMeasures(
    measures_id=make_id(5),
    session=make_id(4),
    run="2026-11-24-a",
    stop="kita-2",
    procedures=("care-renewal",),
    opened_at=NOON,
    closed_at=NOON + timedelta(minutes=50),
    values=(("presses", 31), ("link.gone", 1200)),
)
TAKEN = CustodyStep(make_id(2), "care-renewal", "insurance_card", "bag", "014", NOON, "S-014")
BAGS = CustodyList(
    list_id=make_id(6),
    session=make_id(4),
    run="2026-11-24-a",
    stop="kita-2",
    provider_no="1370000001",
    provider_name="きたの丘ケアプランセンター",
    steps=(TAKEN, replace(TAKEN, state="returned", bag="", at=NOON + timedelta(minutes=9))),
)
NOTES = (ASKED, SHEET, COUNTED, BAGS)
GOOD = [encode_note(note) for note in NOTES]
ITEMS = [f"{letter}{number:02}" for letter in "AB" for number in range(ITEMS_MAX)]

NAMES = ["x" * (n // 26) + chr(97 + n % 26) for n in range(VALUES_MAX)]


@pytest.mark.parametrize("note", NOTES)
def test_ok__a_note_comes_back_equal(note: Note) -> None:
    """Every kind survives the way through bytes."""
    assert decode_note(encode_note(note)) == note


@pytest.mark.parametrize(
    "note",
    [
        replace(ASKED, case_id=b""),
        replace(ASKED, text="字" * TEXT_MAX),
        replace(SHEET, answers=()),
        replace(SHEET, answers=tuple((item, ("5",)) for item in ITEMS[:ITEMS_MAX])),
        replace(COUNTED, values=tuple((name, 1) for name in NAMES)),
        replace(BAGS, steps=(TAKEN,) * STEPS_MAX),
    ],
)
def test_ok__notes_at_their_limits_fit(note: Note) -> None:
    """A question about the stop, a skipped sheet, and as much as each limit says."""
    assert decode_note(encode_note(note)) == note


@pytest.mark.parametrize(
    "note",
    [
        replace(ASKED, question_id=b""),
        replace(ASKED, case_id=bytes(33)),
        replace(ASKED, text="字" * (TEXT_MAX + 1)),
        replace(ASKED, asked_at=NOON.replace(tzinfo=None)),
        replace(SHEET, session=b""),
        replace(SHEET, respondent="Provider"),
        replace(SHEET, answers=(("b05", ("4",)),)),
        replace(SHEET, answers=tuple((item, ("5",)) for item in ITEMS[: ITEMS_MAX + 1])),
        replace(COUNTED, values=(("Presses", 1),)),
        replace(COUNTED, values=(("presses", -1),)),
        replace(COUNTED, procedures=("x",) * 17),
        replace(BAGS, steps=(TAKEN,) * (STEPS_MAX + 1)),
        replace(BAGS, steps=(replace(TAKEN, state="gone"),)),
        replace(BAGS, steps=(replace(TAKEN, bag=""),)),
        replace(BAGS, steps=(replace(TAKEN, state="lost"),)),
        replace(BAGS, steps=(replace(TAKEN, bag="ａ１"),)),
    ],
)
def test_fail__what_could_not_be_opened_again_is_not_written(note: Any) -> None:
    """A note beyond a limit fails on the bus, where somebody can mend it."""
    with pytest.raises(ValueError, match="must"):
        encode_note(note)


@pytest.mark.parametrize(
    "note",
    [
        replace(SHEET, answers=(("B05", ("4",)), ("B05", ("5",)))),
        replace(COUNTED, values=(("presses", 1), ("presses", 2))),
    ],
)
def test_fail__nothing_stands_there_twice(note: Note) -> None:
    """Two answers to one item would be counted twice."""
    with pytest.raises(ValueError, match="twice"):
        encode_note(note)


@pytest.mark.parametrize("value", [None, [], [5], [0], [True], ["1"], {1: 1}, 1])
def test_fail__an_unknown_form_is_refused(value: Any) -> None:
    """A note begins with the number of its form."""
    with pytest.raises(ValueError, match="note's form"):
        decode_note(canonical.encode(value))


def test_ok__a_notes_outside_is_its_own_id_and_kind() -> None:
    """What the envelope says of it, for each of the three."""
    told = [(id_of(note), kind_of(note)) for note in NOTES]
    assert told == [
        (make_id(1), "question"),
        (make_id(3), "survey"),
        (make_id(5), "measures"),
        (make_id(6), "custody"),
    ]


def test_ok__a_note_sent_once_has_one_id() -> None:
    """The same visit and word give the same id, another word or visit another."""
    ids = {note_id(make_id(visit), word) for visit in (1, 2) for word in ("measures", "survey")}
    assert len(ids) == 4
    assert note_id(make_id(1), "measures") in ids


@given(st.one_of(st.binary(max_size=80), *(damaged(one) for one in GOOD)))
def test_fail__garbage_is_a_value_error(data: bytes) -> None:
    """Rubbish and damaged notes are refused or mean something that is written the same way."""
    try:
        note = decode_note(data)
    except ValueError:
        return
    assert encode_note(note) == data


@settings(max_examples=80)
@given(st.one_of(*(swapped(canonical.decode(one, len(one))) for one in GOOD)))
def test_fail__a_wrong_value_anywhere_is_a_value_error(value: Any) -> None:
    """A well-formed message with a wrong type inside never gives another exception."""
    data = canonical.encode(value)
    try:
        note = decode_note(data)
    except ValueError:
        return
    assert encode_note(note) == data
