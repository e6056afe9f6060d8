"""What one application is once a person has handed it in. Plaintext: seen by desk and office only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sync import canonical, shape
from sync.clock import ClockQuality

RECORD_BYTES_MAX: Final = 256 * 1024
ANSWERS_MAX: Final = 512
DEFECTS_MAX: Final = 256
SHEETS_MAX: Final = 255
QUALITY_MAX: Final = 32
VERSION: Final = 1

_ID_BYTES: Final = 16
_HASH_BYTES: Final = 32
_WORD_MAX: Final = 128
# A machine's confidence travels as ten-thousandths: canonical bytes have no floats.
_CONFIDENCE_UNIT: Final = 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One field's value and where it came from.

    `source` is one of: qr, due_list, last_case, csv, ocr, card, typed, derived, policy.
    `confidence` runs from 0 to 1; None where no machine guessed.
    """

    key: str
    value: str
    source: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Defect:
    """A deficiency (補正事項) named at the desk. `severity`: block | warn | info; `mend`: bus | provider | city."""

    check: str
    severity: str
    field: str
    sentence: str
    remedy: str
    mend: str


@dataclass(frozen=True, slots=True)
class OriginalNote:
    """The picture of a sheet at full sharpness, which goes up at the depot: digest, bytes and media type."""

    sha256: bytes
    length: int
    media_type: str


@dataclass(frozen=True, slots=True)
class SheetNote:
    """What the record says of one page: its kind, the order it was fed in and the digests that bind its pictures.

    `original` is None where the city keeps none; in one record all sheets have one or none has.
    """

    index: int
    kind: str
    sheet_no: int
    fed_sha256: bytes
    page_sha256: bytes
    page_bytes: int
    preview_sha256: bytes
    preview_bytes: int
    media_type: str
    preview_media_type: str
    quality: tuple[str, ...] = ()
    original: OriginalNote | None = None


@dataclass(frozen=True, slots=True)
class Filing:
    """The three instants are never merged: this is the first, the hand-in on the bus."""

    handed_in_at: datetime
    uncertainty_s: int
    clock_quality: str
    policy: str
    policy_version: str
    officer_id: str


@dataclass(frozen=True, slots=True)
class Record:
    """One application (申請) of one batch, as the person at the desk confirmed it."""

    record_id: bytes
    procedure: str
    procedure_version: str
    batch_id: bytes
    batch_position: int
    batch_declared: int
    run: str
    stop: str
    provider_no: str
    provider_name: str
    filing: Filing
    answers: tuple[Answer, ...]
    defects: tuple[Defect, ...]
    sheets: tuple[SheetNote, ...]
    card_custody: str = ""
    completes_case: bytes = b""
    version: int = 1


def encode_record(record: Record) -> bytes:
    """Return the record's canonical bytes; raises ValueError for a record `decode_record` would refuse.

    Confidence is rounded to four decimals. What could not be opened again fails here, on the bus.
    """
    data = canonical.encode(
        {
            1: record.version,
            2: record.record_id,
            3: record.procedure,
            4: record.procedure_version,
            5: record.batch_id,
            6: record.batch_position,
            7: record.batch_declared,
            8: record.run,
            9: record.stop,
            10: record.provider_no,
            11: record.provider_name,
            12: _filing_row(record.filing),
            13: [_answer_row(answer) for answer in record.answers],
            14: [_defect_row(defect) for defect in record.defects],
            15: [_sheet_row(sheet) for sheet in record.sheets],
            16: record.card_custody,
            17: record.completes_case,
        }
    )
    decode_record(data)
    return data


def decode_record(data: bytes) -> Record:
    """Read a record; raises ValueError for anything `encode_record` would not write."""
    found = shape.mapping(canonical.decode(data, RECORD_BYTES_MAX), 17, "record")
    return Record(
        version=shape.number(found[1], "version", VERSION, VERSION),
        record_id=shape.blob(found[2], "record_id", _ID_BYTES),
        procedure=_word(found[3], "procedure"),
        procedure_version=_word(found[4], "procedure_version"),
        batch_id=shape.blob(found[5], "batch_id", _ID_BYTES),
        batch_position=shape.number(found[6], "batch_position"),
        batch_declared=shape.number(found[7], "batch_declared"),
        run=_word(found[8], "run"),
        stop=_word(found[9], "stop"),
        provider_no=_word(found[10], "provider_no"),
        provider_name=shape.text(found[11], "provider_name"),
        filing=_filing(found[12]),
        answers=tuple(_answer(one) for one in shape.rows(found[13], ANSWERS_MAX, "answers")),
        defects=tuple(_defect(one) for one in shape.rows(found[14], DEFECTS_MAX, "defects")),
        sheets=_sheets(found[15]),
        card_custody=shape.text(found[16], "card_custody"),
        completes_case=shape.blob(found[17], "completes_case", 0, _HASH_BYTES),
    )


def _word(value: Any, place: str) -> str:
    return shape.text(value, place, _WORD_MAX)


def _filing_row(filing: Filing) -> list[Any]:
    return [
        shape.micros_of(filing.handed_in_at, "handed_in_at"),
        filing.uncertainty_s,
        filing.clock_quality,
        filing.policy,
        filing.policy_version,
        filing.officer_id,
    ]


def _filing(value: Any) -> Filing:
    moment, uncertainty, quality, policy, version, officer = shape.row(value, 6, "filing")
    return Filing(
        shape.moment_of_micros(moment, "handed_in_at"),
        shape.number(uncertainty, "uncertainty_s", high=shape.SLACK_MAX),
        ClockQuality(_word(quality, "clock_quality")).value,
        _word(policy, "policy"),
        _word(version, "policy_version"),
        _word(officer, "officer_id"),
    )


def _answer_row(answer: Answer) -> list[Any]:
    guess = answer.confidence
    if guess is not None and not 0 <= guess <= 1:
        raise ValueError(f"answer: confidence runs from 0 to 1, not {guess}")
    parts = None if guess is None else round(guess * _CONFIDENCE_UNIT)
    return [answer.key, answer.value, answer.source, parts]


def _answer(value: Any) -> Answer:
    key, written, source, parts = shape.row(value, 4, "answer")
    guess = None
    if parts is not None:
        guess = shape.number(parts, "confidence", 0, _CONFIDENCE_UNIT) / _CONFIDENCE_UNIT
    return Answer(
        _word(key, "answer's key"),
        shape.text(written, "answer's value"),
        _word(source, "answer's source"),
        guess,
    )


def _defect_row(defect: Defect) -> list[Any]:
    return [
        defect.check,
        defect.severity,
        defect.field,
        defect.sentence,
        defect.remedy,
        defect.mend,
    ]


def _defect(value: Any) -> Defect:
    check, severity, field, sentence, remedy, mend = shape.row(value, 6, "defect")
    return Defect(
        _word(check, "defect's check"),
        _word(severity, "defect's severity"),
        _word(field, "defect's field"),
        shape.text(sentence, "defect's sentence"),
        shape.text(remedy, "defect's remedy"),
        _word(mend, "defect's mend"),
    )


def _sheet_row(sheet: SheetNote) -> list[Any]:
    return [
        sheet.index,
        sheet.kind,
        sheet.sheet_no,
        sheet.fed_sha256,
        sheet.page_sha256,
        sheet.page_bytes,
        sheet.preview_sha256,
        sheet.preview_bytes,
        sheet.media_type,
        sheet.preview_media_type,
        list(sheet.quality),
        _original_row(sheet.original),
    ]


def _original_row(original: OriginalNote | None) -> list[Any]:
    if original is None:
        return []
    return [original.sha256, original.length, original.media_type]


def _sheets(value: Any) -> tuple[SheetNote, ...]:
    sheets = tuple(_sheet(one) for one in shape.rows(value, SHEETS_MAX, "sheets"))
    if len({sheet.original is None for sheet in sheets}) > 1:
        raise ValueError("sheets: all have an original or none has")
    return sheets


def _sheet(value: Any) -> SheetNote:
    row = shape.row(value, 12, "sheet")
    return SheetNote(
        index=shape.number(row[0], "sheet's index"),
        kind=_word(row[1], "sheet's kind"),
        sheet_no=shape.number(row[2], "sheet's number"),
        fed_sha256=shape.blob(row[3], "sheet's fed_sha256", _HASH_BYTES),
        page_sha256=shape.blob(row[4], "sheet's page_sha256", _HASH_BYTES),
        page_bytes=shape.number(row[5], "sheet's page_bytes"),
        preview_sha256=shape.blob(row[6], "sheet's preview_sha256", _HASH_BYTES),
        preview_bytes=shape.number(row[7], "sheet's preview_bytes"),
        media_type=_word(row[8], "sheet's media_type"),
        preview_media_type=_word(row[9], "sheet's preview_media_type"),
        quality=tuple(
            _word(one, "sheet's quality") for one in shape.rows(row[10], QUALITY_MAX, "quality")
        ),
        original=_original(row[11]),
    )


def _original(value: Any) -> OriginalNote | None:
    if value == []:
        return None
    digest, length, media_type = shape.row(value, 3, "sheet's original")
    return OriginalNote(
        shape.blob(digest, "original's sha256", _HASH_BYTES),
        shape.number(length, "original's bytes"),
        _word(media_type, "original's media_type"),
    )
