"""Keeps the cases in office.db: one function, one transaction; the same arrival twice changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from cityhall.office.cases import CaseEvent, CaseState, move
from cityhall.office.doubts import put_doubts
from cityhall.office.entry import ArrivalFacts, case_id_of, case_row, join, version_row
from cityhall.office.models import (
    CaseRow,
    CorrectionRow,
    DecisionRow,
    ErasedEnvelopeRow,
    PlaceRow,
    TroubleRow,
    VersionRow,
)
from cityhall.office.stamps import put_stamp
from keeping.database import Database
from sync.record import Record

READ_UP_TO = "read_up_to"
# The bus itself moves a case when it brings a second version.
BY_THE_BUS = "bus"


class CaseNotFoundError(Exception):
    """There is no case with this number: go back to the inbox."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a caseworker decided: who, when, why. `reason` is a code, `sentence` the text for the filer."""

    actor: str
    at: datetime
    event: CaseEvent
    reason: str = ""
    sentence: str = ""


class CaseStore:
    """The cases of this office."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read_up_to(self) -> int:
        """Return the shelf's number of the last step that was taken."""
        with self._database.reading() as session:
            place = session.get(PlaceRow, READ_UP_TO)
        return place.value if place else 0

    def read_again(self) -> None:
        """Begin the shelf anew: it came back from a backup, and what it lost comes again under lower numbers."""
        with self._database.writing() as session:
            session.merge(PlaceRow(name=READ_UP_TO, value=0))

    def take(self, record: Record, arrival: ArrivalFacts) -> str:
        """Make the case of a new arrival, or join it to its case; returns the case's id."""
        env_id, case_id = arrival.env_id.hex(), case_id_of(record)
        with self._database.writing() as session:
            _advance(session, arrival.moved)
            trouble = session.get(TroubleRow, env_id)
            if trouble is not None:
                session.delete(trouble)
            if session.get(VersionRow, env_id) is None:
                _put(session, record, arrival)
        return case_id

    def progress(self, arrival: ArrivalFacts) -> bool:
        """Note how many pages of a known envelope have arrived; False when the envelope is not known yet.

        A number that the intake could not give back after a loss changes here too.
        """
        with self._database.writing() as session:
            row = session.get(VersionRow, arrival.env_id.hex())
            if row is None:
                return False
            row.pages_here, row.complete = arrival.pages_here, arrival.complete
            row.log_index = arrival.log_index
            case = session.get_one(CaseRow, row.case_id)
            if case.filing_no == row.filing_no:
                case.filing_no = arrival.filing_no
            row.filing_no = arrival.filing_no
            _advance(session, arrival.moved)
        return True

    def trouble(self, arrival: ArrivalFacts, fact: str) -> None:
        """Remember an arrival that did not open, so that a person looks after it."""
        with self._database.writing() as session:
            _advance(session, arrival.moved)
            session.merge(
                TroubleRow(
                    env_id=arrival.env_id.hex(),
                    serial=arrival.serial,
                    device=arrival.device,
                    at=arrival.received_at,
                    fact=fact,
                )
            )

    def troubled(self) -> list[bytes]:
        """Name the envelopes that did not open, oldest first."""
        with self._database.reading() as session:
            query = select(TroubleRow.env_id).order_by(col(TroubleRow.serial))
            return [bytes.fromhex(env_id) for env_id in session.exec(query)]

    def untrouble(self, env_id: bytes) -> None:
        """Note that an arrival opens now; an unknown one changes nothing."""
        with self._database.writing() as session:
            trouble = session.get(TroubleRow, env_id.hex())
            if trouble is not None:
                session.delete(trouble)

    def erased(self, env_id: bytes) -> bool:
        """Tell whether an envelope was erased with its application."""
        with self._database.reading() as session:
            return session.get(ErasedEnvelopeRow, env_id.hex()) is not None

    def skip(self, moved: int) -> None:
        """Pass over an arrival that is no application."""
        with self._database.writing() as session:
            _advance(session, moved)

    def decide(
        self,
        case_id: str,
        decision: Decision,
        *,
        correction: CorrectionRow | None = None,
        answer_by: date | None = None,
    ) -> CaseState:
        """Move a case; raises CaseMoveError when its state does not allow it. A correction is kept in the same step."""
        with self._database.writing() as session:
            row = session.get(CaseRow, case_id)
            if row is None:
                raise CaseNotFoundError(f"case: {case_id} is not in this office; reload the inbox")
            state = _decide(session, row, decision)
            row.answer_by = answer_by
            if decision.event is CaseEvent.ACCEPT:
                row.registered_at = decision.at
            if correction is not None:
                session.add(correction)
        return state

    def unposted(self) -> list[CorrectionRow]:
        """Return the sealed corrections that are not yet known to stand on the shelf."""
        with self._database.reading() as session:
            query = select(CorrectionRow).where(col(CorrectionRow.posted).is_(False))
            return list(session.exec(query))

    def posted(self, request_id: str) -> None:
        """Note that a correction stands on the shelf."""
        with self._database.writing() as session:
            session.get_one(CorrectionRow, request_id).posted = True


def _advance(session: Session, moved: int) -> None:
    place = session.get(PlaceRow, READ_UP_TO) or PlaceRow(name=READ_UP_TO, value=0)
    place.value = max(place.value, moved)
    session.add(place)


def _put(session: Session, record: Record, arrival: ArrivalFacts) -> None:
    row = session.get(CaseRow, case_id_of(record))
    known: Sequence[int] = ()
    if row is None:
        session.add(case_row(record, arrival))
    else:
        query = select(VersionRow.number).where(VersionRow.case_id == row.case_id)
        known = session.exec(query).all()
        join(row, record, arrival)
        row.answer_by = None
        _decide(session, row, Decision(BY_THE_BUS, arrival.received_at, CaseEvent.SUPPLEMENT))
    session.flush()
    session.add(version_row(record, arrival, known))
    if arrival.stamp is not None:
        put_stamp(session, arrival.env_id.hex(), arrival.device, arrival.stamp)
    put_doubts(session, arrival.env_id.hex(), arrival.doubts)


def _decide(session: Session, row: CaseRow, decision: Decision) -> CaseState:
    before = CaseState(row.state)
    after = move(before, decision.event)
    row.state = after.value
    session.add(row)
    session.add(
        DecisionRow(
            case_id=row.case_id,
            at=decision.at,
            actor=decision.actor,
            event=decision.event.value,
            before=before.value,
            after=after.value,
            reason=decision.reason,
            sentence=decision.sentence,
        )
    )
    return after
