"""The rows of an erasure: what must hold before it, and what goes and stays when it is done."""

from datetime import datetime

from sqlmodel import Session, col, delete, select

from cityhall.office.bag_rows import PaperRow, PaperStepRow
from cityhall.office.case_store import CaseNotFoundError
from cityhall.office.erasure import METHOD, Certificate, Reason, Stage, case_hash
from cityhall.office.models import (
    CaseRow,
    CorrectionRow,
    DecisionRow,
    ErasureRow,
    TroubleRow,
    VersionRow,
    WrappedKeyRow,
)
from cityhall.office.question_rows import AnswerRow, QuestionRow, questions_of

# In this order: an answer names its question.
_OF_A_CASE = (
    VersionRow, DecisionRow, CorrectionRow, WrappedKeyRow, AnswerRow, QuestionRow, PaperRow, PaperStepRow, CaseRow,
)  # fmt: skip


class ErasureRefusedError(Exception):
    """An application cannot be erased like this; nothing was changed."""


def case_of(session: Session, case_id: str) -> CaseRow:
    """Return an application's row; raises CaseNotFoundError."""
    case = session.get(CaseRow, case_id)
    if case is None:
        raise CaseNotFoundError(f"case: {case_id} is not in this office; reload the inbox")
    return case


def envelopes_of(session: Session, case_id: str) -> list[str]:
    """Return the ids of an application's envelopes, oldest first, and of the questions about it."""
    query = select(VersionRow.env_id).where(VersionRow.case_id == case_id)
    versions = session.exec(query.order_by(col(VersionRow.number))).all()
    return [*versions, *questions_of(session, case_id)]


def check_whole(session: Session, case_id: str) -> None:
    """Raise ErasureRefusedError while pages of an application are not here."""
    query = select(VersionRow.env_id).where(
        VersionRow.case_id == case_id, col(VersionRow.complete).is_(False)
    )
    if session.exec(query).first() is not None:
        raise ErasureRefusedError(
            "erasure: a bus still holds pages of this application and would bring them again; "
            "wait until all are here"
        )


def proposed(session: Session, case_id: str) -> ErasureRow:
    """Return a proposal that nobody confirmed; raises ErasureRefusedError."""
    row = session.get(ErasureRow, case_id)
    if row is None or row.stage != Stage.PROPOSED.value:
        stage = row.stage if row else "not proposed"
        raise ErasureRefusedError(
            f"erasure: it must be proposed and not confirmed yet, it is {stage}; look at the list"
        )
    return row


def proposal(case: CaseRow, reason: Reason, proposer: str, at: datetime) -> ErasureRow:
    """Return the row of a new proposal."""
    return ErasureRow(
        case_id=case.case_id,
        stage=Stage.PROPOSED.value,
        filing_no=case.filing_no,
        procedure=case.procedure,
        filing_day=case.filing_day,
        decided_at=case.registered_at,
        reason=reason.value,
        proposer=proposer,
        proposed_at=at,
    )


def certificate_of(row: ErasureRow, slips: tuple[bytes, ...], at: datetime) -> Certificate:
    """Return what the certificate of a confirmed erasure says."""
    return Certificate(
        case_hash=case_hash(row.case_id, slips),
        slips=slips,
        filing_no=row.filing_no,
        procedure=row.procedure,
        filing_day=row.filing_day,
        key_id=bytes.fromhex(row.key_id),
        method=METHOD,
        epochs=tuple(row.epochs.split()),
        reason=row.reason,
        erased_at=at,
        proposer=row.proposer,
        confirmer=row.confirmer,
    )


def close(session: Session, case_id: str, made: bytes) -> bytes:
    """Delete the application's rows and keep the certificate, in one transaction; the first one stays."""
    row = session.get_one(ErasureRow, case_id)
    if row.stage == Stage.ERASED.value:
        return row.certificate
    envelopes = envelopes_of(session, case_id)
    session.exec(delete(TroubleRow).where(col(TroubleRow.env_id).in_(envelopes)))
    for table in _OF_A_CASE:
        session.exec(delete(table).where(col(table.case_id) == case_id))
    row.stage, row.certificate = Stage.ERASED.value, made
    session.add(row)
    return made
