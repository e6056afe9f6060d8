"""What a bus sends beside applications, sealed and put on city hall's shelf."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sync.custody import CustodyList, CustodyStep
from sync.envelope import Envelope
from sync.notes import Note, Question, SurveySheet, VisitMeasures, encode_note, id_of, kind_of
from tests.support.makers import EPOCH, counting_random, make_envelope, make_id
from tests.support.office_world import OfficeWorld

SESSION = make_id(9001)


def question(n: int = 50, **changed: Any) -> Question:
    """Return question number n about the stop; `case_id` makes it one about an application."""
    told = Question(
        question_id=make_id(n),
        case_id=b"",
        procedure="care-renewal",
        run="2026-11-24-a",
        stop="kita-2",
        provider_no="1370000001",
        provider_name="きたの丘ケアプランセンター",
        asked_by="S-014",
        text="同意欄は代筆でもよいですか。",
        asked_at=EPOCH + timedelta(minutes=n),
    )
    return replace(told, **changed)


def sheet(n: int = 60, **changed: Any) -> SurveySheet:
    """Return a provider's sheet."""
    told = SurveySheet(
        sheet_id=make_id(n),
        session=SESSION,
        respondent="provider",
        bank="1",
        answers=(("B05", ("4",)),),
        answered_on=date(2026, 11, 24),
    )
    return replace(told, **changed)


def measures(n: int = 70, **changed: Any) -> VisitMeasures:
    """Return a visit's measures."""
    told = VisitMeasures(
        measures_id=make_id(n),
        session=SESSION,
        run="2026-11-24-a",
        stop="kita-2",
        procedures=("care-renewal",),
        opened_at=EPOCH,
        closed_at=EPOCH + timedelta(minutes=50),
        values=(("presses", 31),),
    )
    return replace(told, **changed)


def bag_list(n: int = 80, **changed: Any) -> CustodyList:
    """Return a visit's list: the first case's card in bag 14, the second one's given back."""
    taken = CustodyStep(make_id(0), "care-renewal", "insurance_card", "bag", "014", EPOCH, "S-014")
    second = replace(taken, case_id=make_id(1), bag="015")
    back = replace(second, state="returned", bag="", at=EPOCH + timedelta(minutes=9))
    told = CustodyList(
        list_id=make_id(n),
        session=SESSION,
        run="2026-11-24-a",
        stop="kita-2",
        provider_no="1370000001",
        provider_name="きたの丘ケアプランセンター",
        steps=(taken, second, back),
    )
    return replace(told, **changed)


def sealed_note(note: Note, **changed: Any) -> Envelope:
    """Return a note as the box seals it; the number of its maker's id is found by trying."""
    number = next(n for n in range(200) if make_id(n) == id_of(note))
    told = {"kind": kind_of(note), "record": encode_note(note), "parts": [], **changed}
    return make_envelope(number, random=counting_random(7_000 + number), **told)


def file_note(world: OfficeWorld, envelope: Envelope) -> None:
    """Do what the intake does with a slip that has no parts: it is complete at once."""
    world.file(envelope)
    world.mail.completed(envelope.env_id, lambda _number, _index: b"receipt")


def send(world: OfficeWorld, *notes: Note) -> None:
    """Put notes on the shelf and let the office take them in."""
    for note in notes:
        file_note(world, sealed_note(note))
    world.arrivals.take_all()
