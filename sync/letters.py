"""What city hall sends down, inside a seal: visit packs and correction requests; and the words of both."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class DueEntry:
    """One insured person whose certification ends soon, with last year's case to confirm instead of writing."""

    reference: str
    insured_no: str
    answers: tuple[tuple[str, str], ...]
    token: str = ""


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


@dataclass(frozen=True, slots=True)
class VisitPack:
    """One stop of a run (停留): who is visited, when, and who is due there."""

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
