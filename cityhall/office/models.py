"""The tables of office.db. Times are aware UTC, dates are Japan's calendar, ids are hex."""

from datetime import date, datetime

from sqlalchemy import Index, MetaData
from sqlmodel import Field, SQLModel


class OfficeTable(SQLModel):
    """What all tables of this room have in common: their own list, apart from other rooms' tables."""

    metadata = MetaData()


SEARCHED = (
    "nearest",
    "serial",
    "state",
    "filing_no",
    "insured_no",
    "name",
    "provider_name",
    "case_id",
)


class CaseRow(OfficeTable, table=True):
    """One case: what the inbox shows and searches. The record itself stays sealed on the shelf."""

    __tablename__ = "case"
    __table_args__ = (
        Index("case_in_order", "nearest", "serial", "state"),
        # Holds all that a search looks at, so that it never touches the rows it does not find.
        Index(
            "case_search",
            *(
                [
                    "nearest",
                    "serial",
                    "state",
                    "filing_no",
                    "insured_no",
                    "name",
                    "provider_name",
                    "case_id",
                ]
            ),
        ),
        Index("case_of_person", "insured_no", "state"),
    )

    case_id: str = Field(primary_key=True)
    serial: int = Field(index=True)
    device: str
    filing_no: str = Field(index=True)
    procedure: str
    state: str
    insured_no: str
    insurer_no: str
    name: str
    provider_no: str
    provider_name: str
    run: str
    stop: str
    batch_id: str
    batch_position: int
    batch_declared: int
    handed_in_at: datetime
    uncertainty_s: int
    clock_quality: str
    arrived_at: datetime
    not_before: datetime | None = None
    registered_at: datetime | None = None
    filing_day: date
    filing_policy: str
    filing_policy_version: str
    expiry: date | None
    nearest: date
    blocks: int
    warnings: int
    card_custody: str
    answer_by: date | None = None
    department: str | None = None


class VersionRow(OfficeTable, table=True):
    """One envelope of a case: the first hand-in, or what completed it later."""

    __tablename__ = "version"

    env_id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="case.case_id", index=True)
    number: int
    serial: int
    device: str
    filing_no: str
    log_index: int
    arrived_at: datetime
    pages: int
    pages_here: int
    complete: bool = Field(index=True)


class DecisionRow(OfficeTable, table=True):
    """One move of a case: who, when, from where to where. Never changed."""

    __tablename__ = "decision"

    number: int | None = Field(default=None, primary_key=True)
    case_id: str = Field(foreign_key="case.case_id", index=True)
    at: datetime
    actor: str
    event: str
    before: str
    after: str
    reason: str = ""
    sentence: str = ""


class CorrectionRow(OfficeTable, table=True):
    """A correction request (補正依頼) for a bus: kept sealed here before it is put on the shelf."""

    __tablename__ = "correction"

    request_id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="case.case_id", index=True)
    device: str
    body: bytes
    posted: bool = Field(default=False, index=True)


class TroubleRow(OfficeTable, table=True):
    """An arrival that did not open: shown to the caseworkers, never dropped."""

    __tablename__ = "trouble"

    env_id: str = Field(primary_key=True)
    serial: int
    device: str
    at: datetime
    fact: str


class WrappedKeyRow(OfficeTable, table=True):
    """The data key of one envelope, wrapped under its application's key, which lies in keys.db only."""

    __tablename__ = "wrapped_key"

    env_id: str = Field(primary_key=True)
    case_id: str = Field(index=True)
    wrapped: bytes


class ErasureRow(OfficeTable, table=True):
    """One application's erasure: what must stay of it, who proposed and confirmed, the signed certificate.

    `stage` is a cityhall.office.erasure.Stage; `epochs` names the months' keys that were still here.
    """

    __tablename__ = "erasure"

    case_id: str = Field(primary_key=True)
    stage: str = Field(index=True)
    filing_no: str = Field(index=True)
    procedure: str
    filing_day: date
    decided_at: datetime | None
    reason: str
    proposer: str
    proposed_at: datetime
    confirmer: str = ""
    confirmed_at: datetime | None = None
    key_id: str = ""
    epochs: str = ""
    certificate: bytes = b""


class ErasedEnvelopeRow(OfficeTable, table=True):
    """An envelope that was erased with its application: it is never taken in again."""

    __tablename__ = "erased_envelope"

    env_id: str = Field(primary_key=True)
    case_id: str = Field(index=True)
    slip_sha256: bytes


class PlaceRow(OfficeTable, table=True):
    """How far the office has read the shelf."""

    __tablename__ = "place"

    name: str = Field(primary_key=True)
    value: int


class AuditRow(OfficeTable, table=True):
    """One line of the audit; the hash of a line covers the hash of the line before."""

    __tablename__ = "audit_line"

    seq: int = Field(primary_key=True)
    prev: bytes
    at: datetime
    actor: str = Field(index=True)
    action: str
    case_id: str = Field(index=True)
    reason: str
    detail: str
    origin: str
    hash: bytes


class AccountRow(OfficeTable, table=True):
    """A person who may sign in. `last_step` is the newest one-time code step used, so that none is used twice."""

    __tablename__ = "account"

    name: str = Field(primary_key=True)
    role: str
    password_hash: str
    totp_secret: str
    failures: int = 0
    locked_until: datetime | None = None
    last_step: int = 0
    created_at: datetime


class SessionRow(OfficeTable, table=True):
    """A signed-in browser; only the hash of its cookie is kept."""

    __tablename__ = "session"

    token_hash: bytes = Field(primary_key=True)
    name: str
    role: str
    csrf: str
    started_at: datetime
    touched_at: datetime
