"""What city hall sends down, inside a seal: visit packs, correction requests, answers; and the words of each."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sync import canonical, shape

LETTER_BYTES_MAX: Final = 256 * 1024
DUE_MAX: Final = 256
ANSWERS_MAX: Final = 512
NAMES_MAX: Final = 128

_VISIT_PACK: Final = 1
_CORRECTION: Final = 2
_ANSWER: Final = 3
_ID_BYTES: Final = 16
_CASE_ID_MAX: Final = 32
_WORD_MAX: Final = 128


@dataclass(frozen=True, slots=True)
class LastCase:
    """A person's application before this one (前回の申請): the day it counted from, and what is carried over of it."""

    filed_on: date
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DueEntry:
    """One insured person whose certification ends soon: what the city's register says, and the last case if any."""

    reference: str
    insured_no: str
    answers: tuple[tuple[str, str], ...]
    token: str = ""
    last: LastCase | None = None


@dataclass(frozen=True, slots=True)
class CorrectionRequest:
    """A correction (補正) asked for by the division; `missing` names page kinds, `fields` names field keys."""

    request_id: bytes
    case_id: bytes
    record_id: bytes
    receipt_no: str
    provider_no: str
    reason: str
    sentence: str
    missing: tuple[str, ...]
    fields: tuple[str, ...]
    answer_by: date
    asked_at: datetime
    insured_no: str
    masked_name: str
    procedure: str = "care-renewal"


@dataclass(frozen=True, slots=True)
class VisitPack:
    """One stop of a run (停留): who is visited, when, and who is due there.

    `pending` has the insured numbers of those whose application lies at city hall undecided.
    """

    pack_id: bytes
    run: str
    stop: str
    vehicle: str
    provider_no: str
    provider_name: str
    starts_at: datetime
    ends_at: datetime
    designated_counter: bool
    officer_id: str
    due: tuple[DueEntry, ...]
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """City hall's answer to a question; `case_id`, `receipt_no` and `provider_no` are empty where none is meant."""

    answer_id: bytes
    case_id: bytes
    receipt_no: str
    provider_no: str
    question: str
    text: str
    answered_at: datetime


Content = VisitPack | CorrectionRequest | Answer


def encode_letter(letter: Content) -> bytes:
    """Return the letter's canonical bytes; raises ValueError for a letter `decode_letter` would refuse."""
    values = _row(letter)
    data = canonical.encode(values)
    decode_letter(data)
    return data


def decode_letter(data: bytes) -> Content:
    """Read a letter; raises ValueError for anything `encode_letter` would not write."""
    values = canonical.decode(data, LETTER_BYTES_MAX)
    form = values[0] if isinstance(values, list) and values else None
    kind = shape.number(form, "letter's form", _VISIT_PACK, _ANSWER)
    if kind == _VISIT_PACK:
        return _pack(values)
    return _correction(values) if kind == _CORRECTION else _answer(values)


def _row(letter: Content) -> list[Any]:
    if isinstance(letter, VisitPack):
        return _pack_row(letter)
    return _answer_row(letter) if isinstance(letter, Answer) else _correction_row(letter)


def _word(value: Any, place: str) -> str:
    return shape.text(value, place, _WORD_MAX)


def _words(value: Any, place: str) -> tuple[str, ...]:
    return tuple(_word(one, place) for one in shape.rows(value, NAMES_MAX, place))


def _pack_row(pack: VisitPack) -> list[Any]:
    return [
        _VISIT_PACK,
        pack.pack_id,
        pack.run,
        pack.stop,
        pack.vehicle,
        pack.provider_no,
        pack.provider_name,
        shape.micros_of(pack.starts_at, "starts_at"),
        shape.micros_of(pack.ends_at, "ends_at"),
        pack.designated_counter,
        pack.officer_id,
        [_due_row(one) for one in pack.due],
        list(pack.pending),
    ]


def _pack(values: list[Any]) -> VisitPack:
    row = shape.row(values, 13, "visit pack")
    return VisitPack(
        pack_id=shape.blob(row[1], "pack_id", _ID_BYTES),
        run=_word(row[2], "run"),
        stop=_word(row[3], "stop"),
        vehicle=_word(row[4], "vehicle"),
        provider_no=_word(row[5], "provider_no"),
        provider_name=shape.text(row[6], "provider_name"),
        starts_at=shape.moment_of_micros(row[7], "starts_at"),
        ends_at=shape.moment_of_micros(row[8], "ends_at"),
        designated_counter=shape.truth(row[9], "designated_counter"),
        officer_id=_word(row[10], "officer_id"),
        due=tuple(_due(one) for one in shape.rows(row[11], DUE_MAX, "due")),
        pending=tuple(_word(one, "pending") for one in shape.rows(row[12], DUE_MAX, "pending")),
    )


def _due_row(due: DueEntry) -> list[Any]:
    last = [] if due.last is None else [due.last.filed_on.isoformat(), _rows_of(due.last.answers)]
    return [due.reference, due.insured_no, _rows_of(due.answers), due.token, last]


def _due(value: Any) -> DueEntry:
    reference, insured_no, answers, token, last = shape.row(value, 5, "due entry")
    return DueEntry(
        reference=_word(reference, "reference"),
        insured_no=_word(insured_no, "insured_no"),
        answers=_pairs(answers, "answers"),
        token=_word(token, "token"),
        last=None if last == [] else _last(last),
    )


def _last(value: Any) -> LastCase:
    filed_on, answers = shape.row(value, 2, "last case")
    return LastCase(shape.day(filed_on, "filed_on"), _pairs(answers, "last answers"))


def _rows_of(answers: tuple[tuple[str, str], ...]) -> list[list[str]]:
    return [[key, value] for key, value in answers]


def _pairs(value: Any, place: str) -> tuple[tuple[str, str], ...]:
    pairs = [shape.row(one, 2, "answer") for one in shape.rows(value, ANSWERS_MAX, place)]
    return tuple(
        (_word(key, "answer's key"), shape.text(written, "answer's value"))
        for key, written in pairs
    )


def _correction_row(request: CorrectionRequest) -> list[Any]:
    return [
        _CORRECTION,
        request.request_id,
        request.case_id,
        request.record_id,
        request.receipt_no,
        request.provider_no,
        request.reason,
        request.sentence,
        list(request.missing),
        list(request.fields),
        request.answer_by.isoformat(),
        shape.micros_of(request.asked_at, "asked_at"),
        request.insured_no,
        request.masked_name,
        request.procedure,
    ]


def _correction(values: list[Any]) -> CorrectionRequest:
    row = shape.row(values, 15, "correction request")
    return CorrectionRequest(
        request_id=shape.blob(row[1], "request_id", _ID_BYTES),
        case_id=shape.blob(row[2], "case_id", 0, _CASE_ID_MAX),
        record_id=shape.blob(row[3], "record_id", _ID_BYTES),
        receipt_no=_word(row[4], "receipt_no"),
        provider_no=_word(row[5], "provider_no"),
        reason=_word(row[6], "reason"),
        sentence=shape.text(row[7], "sentence"),
        missing=_words(row[8], "missing"),
        fields=_words(row[9], "fields"),
        answer_by=shape.day(row[10], "answer_by"),
        asked_at=shape.moment_of_micros(row[11], "asked_at"),
        insured_no=_word(row[12], "insured_no"),
        masked_name=shape.text(row[13], "masked_name"),
        procedure=_word(row[14], "procedure"),
    )


def _answer_row(answer: Answer) -> list[Any]:
    return [
        _ANSWER,
        answer.answer_id,
        answer.case_id,
        answer.receipt_no,
        answer.provider_no,
        answer.question,
        answer.text,
        shape.micros_of(answer.answered_at, "answered_at"),
    ]


def _answer(values: list[Any]) -> Answer:
    row = shape.row(values, 8, "answer")
    return Answer(
        answer_id=shape.blob(row[1], "answer_id", _ID_BYTES),
        case_id=shape.blob(row[2], "case_id", 0, _CASE_ID_MAX),
        receipt_no=_word(row[3], "receipt_no"),
        provider_no=_word(row[4], "provider_no"),
        question=shape.text(row[5], "question"),
        text=shape.text(row[6], "text"),
        answered_at=shape.moment_of_micros(row[7], "answered_at"),
    )
