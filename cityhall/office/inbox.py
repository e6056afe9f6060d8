"""What the inbox shows: cases in deadline order, found by view and search. Looks only, never writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from sqlalchemy import ColumnElement, func, literal
from sqlmodel import col, or_, select, tuple_

from cityhall.office.cases import PENDING, WAITING, CaseState
from cityhall.office.doubts import doubted
from cityhall.office.models import CaseRow, DecisionRow, TroubleRow, VersionRow
from cityhall.office.observations import Fact
from cityhall.office.stamps import disordered
from keeping.database import Database

# Rows of one page of the inbox, and signs of one search.
PAGE_ROWS = 100
LONGEST_SEARCH = 60


class View(Enum):
    """The inbox's tabs."""

    WAITING = "waiting"
    CORRECTION = "correction"
    ACCEPTED = "accepted"
    ALL = "all"


_STATES: dict[View, frozenset[CaseState]] = {
    View.WAITING: WAITING,
    View.CORRECTION: frozenset({CaseState.CORRECTION_REQUESTED}),
    View.ACCEPTED: frozenset({CaseState.ACCEPTED}),
    View.ALL: frozenset(CaseState),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the inbox: the case and its envelopes, oldest version first."""

    case: CaseRow
    versions: tuple[VersionRow, ...]

    @property
    def pages(self) -> int:
        """Pages of all envelopes of this case."""
        return sum(version.pages for version in self.versions)

    @property
    def pages_here(self) -> int:
        """Pages that have arrived."""
        return sum(version.pages_here for version in self.versions)

    @property
    def complete(self) -> bool:
        """Whether everything of this case has arrived."""
        return all(version.complete for version in self.versions)


class Inbox:
    """Looks into office.db for the screens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(
        self, view: View, *, search: str = "", skip: int = 0, limit: int = PAGE_ROWS
    ) -> list[Entry]:
        """Return the cases of a view, nearest deadline first."""
        order = (col(CaseRow.nearest), col(CaseRow.serial))
        found = select(CaseRow.case_id).where(*_wanted(view, search))
        found = found.order_by(*order).offset(skip).limit(limit)
        with self._database.reading() as session:
            ids = session.exec(found).all()
            cases = session.exec(
                select(CaseRow).where(col(CaseRow.case_id).in_(ids)).order_by(*order)
            ).all()
            versions = session.exec(
                select(VersionRow)
                .where(col(VersionRow.case_id).in_(ids))
                .order_by(col(VersionRow.number))
            ).all()
        return [_entry(case, versions) for case in cases]

    def counts(self) -> dict[View, int]:
        """Return how many cases each view holds."""
        query = select(CaseRow.state, func.count()).group_by(col(CaseRow.state))
        with self._database.reading() as session:
            by_state: dict[str, int] = dict(session.exec(query).all())
        return {
            view: sum(by_state.get(state.value, 0) for state in states)
            for view, states in _STATES.items()
        }

    def entry(self, case_id: str) -> Entry | None:
        """Return one case, or None."""
        with self._database.reading() as session:
            case = session.get(CaseRow, case_id)
            query = select(VersionRow).where(VersionRow.case_id == case_id)
            versions = session.exec(query.order_by(col(VersionRow.number))).all()
        return None if case is None else _entry(case, versions)

    def decisions(self, case_id: str) -> list[DecisionRow]:
        """Return what was decided about a case, newest first."""
        query = select(DecisionRow).where(DecisionRow.case_id == case_id)
        with self._database.reading() as session:
            return list(session.exec(query.order_by(col(DecisionRow.number).desc())))

    def duplicates(self, case: CaseRow) -> list[CaseRow]:
        """Return the other pending cases of the same insured person."""
        if not case.insured_no:
            return []
        query = select(CaseRow).where(
            CaseRow.insured_no == case.insured_no,
            CaseRow.case_id != case.case_id,
            col(CaseRow.state).in_([state.value for state in PENDING]),
        )
        with self._database.reading() as session:
            return list(session.exec(query.order_by(col(CaseRow.serial))))

    def pending(self, numbers: Sequence[str], today: date) -> frozenset[str]:
        """Return those of these insured numbers with an application whose result is still to come.

        A registered one whose validity has ended since is last time's.
        """
        undecided = [state.value for state in PENDING - {CaseState.ACCEPTED}]
        registered = col(CaseRow.state) == CaseState.ACCEPTED.value
        query = select(CaseRow.insured_no).where(
            col(CaseRow.insured_no).in_([number for number in numbers if number]),
            or_(col(CaseRow.state).in_(undecided), registered & (col(CaseRow.expiry) >= today)),
        )
        with self._database.reading() as session:
            return frozenset(session.exec(query))

    def duplicated(self, numbers: Sequence[str]) -> frozenset[str]:
        """Return those of these insured numbers that more than one pending case carries."""
        query = (
            select(CaseRow.insured_no)
            .where(
                col(CaseRow.insured_no).in_([number for number in numbers if number]),
                col(CaseRow.state).in_([state.value for state in PENDING]),
            )
            .group_by(col(CaseRow.insured_no))
            .having(func.count() > 1)
        )
        with self._database.reading() as session:
            return frozenset(session.exec(query))

    def disordered(self, entries: Sequence[Entry]) -> frozenset[str]:
        """Return the ids of these cases that hold an envelope whose clock contradicts its place in the journal."""
        case_of = {one.env_id: one.case_id for entry in entries for one in entry.versions}
        with self._database.reading() as session:
            return frozenset(case_of[env_id] for env_id in disordered(session, list(case_of)))

    def doubts(self, entries: Sequence[Entry]) -> dict[str, frozenset[Fact]]:
        """Return what the key bundle said against envelopes of these cases, by the case's id."""
        case_of = {one.env_id: one.case_id for entry in entries for one in entry.versions}
        found: dict[str, frozenset[Fact]] = {}
        with self._database.reading() as session:
            for env_id, fact in doubted(session, list(case_of)):
                found[case_of[env_id]] = found.get(case_of[env_id], frozenset()) | {fact}
        return found

    def beside(self, case: CaseRow) -> tuple[str | None, str | None]:
        """Return the ids of the waiting cases before and after this one in deadline order."""
        place = tuple_(col(CaseRow.nearest), col(CaseRow.serial))
        here = tuple_(literal(case.nearest), literal(case.serial))
        query = select(CaseRow.case_id).where(*_wanted(View.WAITING, ""))
        query = query.where(CaseRow.case_id != case.case_id).limit(1)
        earlier = query.where(place < here).order_by(
            col(CaseRow.nearest).desc(), col(CaseRow.serial).desc()
        )
        later = query.where(place > here).order_by(col(CaseRow.nearest), col(CaseRow.serial))
        with self._database.reading() as session:
            return session.exec(earlier).first(), session.exec(later).first()

    def troubles(self) -> list[TroubleRow]:
        """Return the arrivals that did not open."""
        with self._database.reading() as session:
            return list(session.exec(select(TroubleRow).order_by(col(TroubleRow.serial))))


def _wanted(view: View, search: str) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if view is not View.ALL:
        wanted.append(col(CaseRow.state).in_([state.value for state in _STATES[view]]))
    sought = search.strip()[:LONGEST_SEARCH]
    if sought:
        wanted.append(
            or_(
                col(CaseRow.filing_no).startswith(sought, autoescape=True),
                col(CaseRow.insured_no).endswith(sought, autoescape=True),
                col(CaseRow.name).contains(sought, autoescape=True),
                col(CaseRow.provider_name).contains(sought, autoescape=True),
            )
        )
    return wanted


def _entry(case: CaseRow, versions: Sequence[VersionRow]) -> Entry:
    return Entry(case, tuple(row for row in versions if row.case_id == case.case_id))
