"""What one application is once a person has handed it in. Plaintext: seen by desk and office only."""

from dataclasses import dataclass
from datetime import datetime


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
class SheetNote:
    """What the record says of one page: its kind, the order it was fed in and the digests that bind its pictures."""

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
