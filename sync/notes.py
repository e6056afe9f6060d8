"""What a bus tells city hall beside applications, inside a seal: questions, survey sheets, measures, custody lists."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sync import canonical, custody, shape
from sync.custody import CustodyList

QUESTION: Final = "question"
SURVEY: Final = "survey"
MEASURES: Final = "measures"
CUSTODY: Final = "custody"
KINDS: Final = (QUESTION, SURVEY, MEASURES, CUSTODY)
"""The header's words for the four notes (docs/envelope.md)."""

NOTE_BYTES_MAX: Final = 64 * 1024
TEXT_MAX: Final = 1000
ITEMS_MAX: Final = 64
CHOICES_MAX: Final = 32
PROCEDURES_MAX: Final = 16
VALUES_MAX: Final = 128

_FORM_QUESTION, _FORM_SURVEY, _FORM_MEASURES = 1, 2, 3
_ID_BYTES: Final = 16
_CASE_ID_MAX: Final = 32
_WORD_MAX: Final = 128
_ITEM: Final = re.compile(r"[A-Z][0-9]{2}", re.ASCII)
_RESPONDENT: Final = re.compile(r"[a-z_]{1,32}", re.ASCII)
_MEASURE: Final = re.compile(r"[a-z_]{1,32}(\.[a-z_]{1,32})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the division; its id is also its envelope's. `case_id` is empty when it is about the stop.

    The id of an application that was not handed in yet is its future case's: it never changes.
    """

    question_id: bytes
    case_id: bytes
    procedure: str
    run: str
    stop: str
    provider_no: str
    provider_name: str
    asked_by: str
    text: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class SurveySheet:
    """One sheet of answers without any name: `session` links it to a visit, `answers` are item id and values.

    An item that is not among the answers was asked and skipped. `bank` is the item bank's version.
    """

    sheet_id: bytes
    session: bytes
    respondent: str
    bank: str
    answers: tuple[tuple[str, tuple[str, ...]], ...]
    answered_on: date


@dataclass(frozen=True, slots=True)
class VisitMeasures:
    """What the machine counted of a visit: names and whole numbers, nothing about any person."""

    measures_id: bytes
    session: bytes
    run: str
    stop: str
    procedures: tuple[str, ...]
    opened_at: datetime
    closed_at: datetime
    values: tuple[tuple[str, int], ...]


Note = Question | SurveySheet | VisitMeasures | CustodyList


def note_id(session: bytes, word: str) -> bytes:
    """Return the id of a note that a visit sends once only: the same visit and word give the same 16 bytes."""
    return hashlib.sha256(b"madobus/note/v1\0" + word.encode() + b"\0" + session).digest()[:16]


def kind_of(note: Note) -> str:
    """Return the header's word for a note."""
    if isinstance(note, Question):
        return QUESTION
    if isinstance(note, CustodyList):
        return CUSTODY
    return SURVEY if isinstance(note, SurveySheet) else MEASURES


def id_of(note: Note) -> bytes:
    """Return the note's id, which is its envelope's too."""
    if isinstance(note, Question):
        return note.question_id
    if isinstance(note, CustodyList):
        return note.list_id
    return note.sheet_id if isinstance(note, SurveySheet) else note.measures_id


def encode_note(note: Note) -> bytes:
    """Return the note's canonical bytes; raises ValueError for a note `decode_note` would refuse."""
    data = canonical.encode(_row(note))
    decode_note(data)
    return data


def decode_note(data: bytes) -> Note:
    """Read a note; raises ValueError for anything `encode_note` would not write."""
    values = canonical.decode(data, NOTE_BYTES_MAX)
    form = values[0] if isinstance(values, list) and values else None
    kind = shape.number(form, "note's form", _FORM_QUESTION, custody.FORM)
    if kind == _FORM_QUESTION:
        return _question(values)
    if kind == custody.FORM:
        return custody.list_of(values)
    return _survey(values) if kind == _FORM_SURVEY else _measures(values)


def _row(note: Note) -> list[Any]:
    if isinstance(note, Question):
        return _question_row(note)
    if isinstance(note, CustodyList):
        return custody.row_of(note)
    return _survey_row(note) if isinstance(note, SurveySheet) else _measures_row(note)


def _word(value: Any, place: str) -> str:
    return shape.text(value, place, _WORD_MAX)


def _question_row(note: Question) -> list[Any]:
    return [
        _FORM_QUESTION,
        note.question_id,
        note.case_id,
        note.procedure,
        note.run,
        note.stop,
        note.provider_no,
        note.provider_name,
        note.asked_by,
        note.text,
        shape.micros_of(note.asked_at, "asked_at"),
    ]


def _question(values: list[Any]) -> Question:
    row = shape.row(values, 11, "question")
    return Question(
        question_id=shape.blob(row[1], "question_id", _ID_BYTES),
        case_id=shape.blob(row[2], "case_id", 0, _CASE_ID_MAX),
        procedure=_word(row[3], "procedure"),
        run=_word(row[4], "run"),
        stop=_word(row[5], "stop"),
        provider_no=_word(row[6], "provider_no"),
        provider_name=shape.text(row[7], "provider_name"),
        asked_by=_word(row[8], "asked_by"),
        text=shape.text(row[9], "text", TEXT_MAX),
        asked_at=shape.moment_of_micros(row[10], "asked_at"),
    )


def _survey_row(note: SurveySheet) -> list[Any]:
    return [
        _FORM_SURVEY,
        note.sheet_id,
        note.session,
        note.respondent,
        note.bank,
        [[item, list(values)] for item, values in note.answers],
        note.answered_on.isoformat(),
    ]


def _survey(values: list[Any]) -> SurveySheet:
    row = shape.row(values, 7, "survey sheet")
    answers = tuple(_answer(one) for one in shape.rows(row[5], ITEMS_MAX, "answers"))
    if len({item for item, _ in answers}) < len(answers):
        raise ValueError("answers: no item stands there twice")
    return SurveySheet(
        sheet_id=shape.blob(row[1], "sheet_id", _ID_BYTES),
        session=shape.blob(row[2], "session", _ID_BYTES),
        respondent=shape.word(row[3], _RESPONDENT, "respondent"),
        bank=_word(row[4], "bank"),
        answers=answers,
        answered_on=shape.day(row[6], "answered_on"),
    )


def _answer(value: Any) -> tuple[str, tuple[str, ...]]:
    item, given = shape.row(value, 2, "answer")
    values = tuple(
        shape.text(one, "answer's value", TEXT_MAX)
        for one in shape.rows(given, CHOICES_MAX, "values")
    )
    return shape.word(item, _ITEM, "answer's item"), values


def _measures_row(note: VisitMeasures) -> list[Any]:
    return [
        _FORM_MEASURES,
        note.measures_id,
        note.session,
        note.run,
        note.stop,
        list(note.procedures),
        shape.micros_of(note.opened_at, "opened_at"),
        shape.micros_of(note.closed_at, "closed_at"),
        [[name, count] for name, count in note.values],
    ]


def _measures(values: list[Any]) -> VisitMeasures:
    row = shape.row(values, 9, "measures")
    counted = tuple(_count(one) for one in shape.rows(row[8], VALUES_MAX, "values"))
    if len({name for name, _ in counted}) < len(counted):
        raise ValueError("values: no name stands there twice")
    return VisitMeasures(
        measures_id=shape.blob(row[1], "measures_id", _ID_BYTES),
        session=shape.blob(row[2], "session", _ID_BYTES),
        run=_word(row[3], "run"),
        stop=_word(row[4], "stop"),
        procedures=tuple(
            _word(one, "procedure") for one in shape.rows(row[5], PROCEDURES_MAX, "procedures")
        ),
        opened_at=shape.moment_of_micros(row[6], "opened_at"),
        closed_at=shape.moment_of_micros(row[7], "closed_at"),
        values=counted,
    )


def _count(value: Any) -> tuple[str, int]:
    name, count = shape.row(value, 2, "value")
    return shape.word(name, _MEASURE, "value's name"), shape.number(count, "value")
