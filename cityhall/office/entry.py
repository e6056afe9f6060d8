"""Makes the row of a case from an opened record and its arrival. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cityhall.office.cases import CaseState
from cityhall.office.deadlines import clocks
from cityhall.office.filing import Instants, filing_date
from cityhall.office.forms import form_of
from cityhall.office.models import CaseRow, VersionRow
from cityhall.office.observations import Fact
from cityhall.office.stamps import Stamp
from procedures.deadlines import day_of
from procedures.marks import DEPARTMENT
from sync.record import Record

# Kinds of defect the desk names; the words of sync.record.Defect.
BLOCK = "block"
WARN = "warn"
FIRST = 1
OF_THE_PERSON = ("insured_no", "insurer_no", "name", "expiry", "card_custody", "department")
"""Columns that a later version may leave unsaid."""


@dataclass(frozen=True, slots=True)
class ArrivalFacts:
    """What the shelf knows of one envelope without opening it, and what its signed header says of the time.

    `not_before` is city hall's own signed time that the bus held, `stamp` the bus's clock and journal, `doubts`
    what the key bundle says against it.
    """

    serial: int
    moved: int
    env_id: bytes
    device: str
    filing_no: str
    log_index: int
    received_at: datetime
    pages: int
    pages_here: int
    complete: bool
    not_before: datetime | None = None
    stamp: Stamp | None = None
    doubts: tuple[Fact, ...] = ()


def case_id_of(record: Record) -> str:
    """Return the case a record belongs to: the one it completes, or its own."""
    return (record.completes_case or record.record_id).hex()


def case_row(record: Record, arrival: ArrivalFacts) -> CaseRow:
    """Return a new case for the first envelope that arrived of it."""
    row = CaseRow(
        case_id=case_id_of(record),
        serial=arrival.serial,
        device=arrival.device,
        filing_no=arrival.filing_no,
        state=CaseState.HANDED_IN.value,
        **_filing_columns(record, arrival),
        **_opened_columns(record),
    )
    set_nearest(row)
    return row


def version_row(record: Record, arrival: ArrivalFacts, known: Sequence[int]) -> VersionRow:
    """Return the row of one envelope of a case whose versions `known` have arrived.

    The first hand-in is version 1, whenever it arrives; what completes it counts on from 2.
    """
    return VersionRow(
        env_id=arrival.env_id.hex(),
        case_id=case_id_of(record),
        number=max(known, default=FIRST) + 1 if record.completes_case else FIRST,
        serial=arrival.serial,
        device=arrival.device,
        filing_no=arrival.filing_no,
        log_index=arrival.log_index,
        arrived_at=arrival.received_at,
        pages=arrival.pages,
        pages_here=arrival.pages_here,
        complete=arrival.complete,
    )


def join(row: CaseRow, record: Record, arrival: ArrivalFacts) -> None:
    """Put another version into an existing case.

    The filing date and number stay those of the first hand-in; what was read comes from the newest version,
    and what that does not say (a correction may be one page) from the one before.
    """
    opened = _opened_columns(record)
    if record.completes_case:
        kept = {name for name in OF_THE_PERSON if not opened[name]}
    else:
        _set(row, _filing_columns(record, arrival))
        row.filing_no = arrival.filing_no
        kept = {name for name in opened if name not in OF_THE_PERSON or getattr(row, name)}
    _set(row, {name: value for name, value in opened.items() if name not in kept})
    set_nearest(row)


def set_nearest(row: CaseRow) -> None:
    """Set the day that orders the inbox."""
    row.nearest = clocks(expiry=row.expiry, filing_day=row.filing_day, today=row.filing_day).nearest


def _set(row: CaseRow, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)


def _filing_columns(record: Record, arrival: ArrivalFacts) -> dict[str, Any]:
    filing = record.filing
    decided = filing_date(
        Instants(
            handed_in_at=filing.handed_in_at,
            uncertainty_s=filing.uncertainty_s,
            clock_quality=filing.clock_quality,
            arrived_at=arrival.received_at,
            not_before=arrival.not_before,
        ),
        filing.policy,
        filing.policy_version,
    )
    return {
        "handed_in_at": filing.handed_in_at,
        "uncertainty_s": filing.uncertainty_s,
        "clock_quality": filing.clock_quality,
        "arrived_at": arrival.received_at,
        "not_before": arrival.not_before,
        "filing_day": decided.day,
        "filing_policy": decided.policy,
        "filing_policy_version": decided.policy_version,
    }


def _opened_columns(record: Record) -> dict[str, Any]:
    answers = {answer.key: answer.value for answer in record.answers}
    form = form_of(record.procedure)
    return {
        "procedure": record.procedure,
        "insured_no": answers.get("insured_no", ""),
        "insurer_no": answers.get("insurer_no", ""),
        "name": answers.get(form.subject.name if form else "name", ""),
        "provider_no": record.provider_no,
        "provider_name": record.provider_name,
        "run": record.run,
        "stop": record.stop,
        "batch_id": record.batch_id.hex(),
        "batch_position": record.batch_position,
        "batch_declared": record.batch_declared,
        "expiry": day_of(answers.get(form.window.anchor, "")) if form and form.window else None,
        "blocks": sum(defect.severity == BLOCK for defect in record.defects),
        "warnings": sum(defect.severity == WARN for defect in record.defects),
        "card_custody": record.card_custody,
        "department": answers.get(DEPARTMENT) or None,
    }
