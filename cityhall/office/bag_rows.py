"""The rows of originals (原本) and of their steps: what the buses' lists said, and what officers noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, Session, col, select

from cityhall.office.bags import OF_THE_BUS, PaperEvent, PaperState, move
from cityhall.office.case_store import CaseNotFoundError
from cityhall.office.models import CaseRow, OfficeTable
from keeping.database import Database
from sync.custody import CustodyList, bag_key, bag_number

# Runs one page lists, newest first, and papers of one run.
RUNS_LISTED = 30
PAPERS_LISTED = 500
BY_THE_BUS, BY_THE_OFFICE = "bus", "office"
UNNAMED = "original"
"""The paper of a case whose record names a bag, before the list of its visit says which papers are in it."""


class BagUnlistedError(Exception):
    """No list and no case of this run names this bag: open it before a second person, and ask the bus."""


class PaperRow(OfficeTable, table=True):
    """One original of one case and where it is now. `office` says that an officer noted something of it."""

    __tablename__ = "paper"

    case_id: str = Field(primary_key=True)
    paper: str = Field(primary_key=True)
    state: str
    bag: str
    device: str
    run: str = Field(index=True)
    stop: str
    provider_name: str
    since: datetime
    office: bool = False


class PaperStepRow(OfficeTable, table=True):
    """One step of an original: when, to where, noted where (bus | office) and by whom. Never changed."""

    __tablename__ = "paper_step"

    number: int | None = Field(default=None, primary_key=True)
    case_id: str = Field(index=True)
    paper: str
    at: datetime
    actor: str
    state: str
    bag: str
    person: str


class BagListRow(OfficeTable, table=True):
    """A visit's list that came: it is taken in once."""

    __tablename__ = "bag_list"

    list_id: str = Field(primary_key=True)
    run: str
    stop: str
    device: str
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class Paper:
    """One original with its case, as far as that is here."""

    row: PaperRow
    case: CaseRow | None

    @property
    def state(self) -> PaperState:
        """Where it is."""
        return PaperState(self.row.state)


@dataclass(frozen=True, slots=True)
class Run:
    """One run's originals: in bags still on the way, and arrived."""

    run: str
    expected: int
    arrived: int


class Bags:
    """The originals of this office; one function, one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, told: CustodyList, device: str, arrived_at: datetime) -> None:
        """Keep a visit's list; the same one twice changes nothing. What an officer noted before it came stays."""
        with self._database.writing() as session:
            if session.get(BagListRow, told.list_id.hex()) is not None:
                return
            session.add(
                BagListRow(
                    list_id=told.list_id.hex(),
                    run=told.run,
                    stop=told.stop,
                    device=device,
                    arrived_at=arrived_at,
                )
            )
            for step in told.steps:
                case_id = step.case_id.hex()
                _name(session, case_id, step.paper)
                row = session.get(PaperRow, (case_id, step.paper)) or PaperRow(
                    case_id=case_id,
                    paper=step.paper,
                    state="",
                    bag="",
                    device=device,
                    run=told.run,
                    stop=told.stop,
                    provider_name=told.provider_name,
                    since=step.at,
                )
                state = OF_THE_BUS[step.state]
                if not row.office:
                    row.state, row.bag, row.since = state.value, step.bag or row.bag, step.at
                session.add(row)
                session.add(
                    _step(row, step.at, by=(BY_THE_BUS, step.staff), state=state, bag=step.bag)
                )

    def known(self, list_id: bytes) -> bool:
        """Tell whether a list came before."""
        with self._database.reading() as session:
            return session.get(BagListRow, list_id.hex()) is not None

    def runs(self) -> list[Run]:
        """Return the runs with originals, newest first."""
        with self._database.reading() as session:
            papers = [paper.row for paper in _papers(session)]
        found: dict[str, list[PaperRow]] = {}
        for row in papers:
            found.setdefault(row.run, []).append(row)
        ordered = sorted(found.items(), key=lambda one: max(r.since for r in one[1]), reverse=True)
        return [
            Run(
                run,
                sum(row.state == PaperState.ON_THE_BUS.value for row in rows),
                sum(row.state != PaperState.ON_THE_BUS.value for row in rows),
            )
            for run, rows in ordered[:RUNS_LISTED]
        ]

    def of_run(self, run: str) -> list[Paper]:
        """Return one run's originals, by stop and bag."""
        with self._database.reading() as session:
            found = _papers(session, run=run)
        return sorted(found, key=lambda one: (one.row.stop, _order(one.row.bag), one.row.case_id))

    def of_case(self, case_id: str) -> list[Paper]:
        """Return one case's originals."""
        with self._database.reading() as session:
            return _papers(session, case_id=case_id)

    def steps(self, case_id: str) -> list[PaperStepRow]:
        """Return what happened to one case's originals, oldest first."""
        query = select(PaperStepRow).where(PaperStepRow.case_id == case_id)
        query = query.order_by(col(PaperStepRow.at), col(PaperStepRow.number))
        with self._database.reading() as session:
            return list(session.exec(query))

    def in_bag(self, run: str, number: str, stop: str = "") -> list[Paper]:
        """Return what one bag of a run holds, of one stop where it is said; raises BagUnlistedError for no such bag."""
        key = bag_key(bag_number(number))
        found = [
            one
            for one in self.of_run(run)
            if key and bag_key(one.row.bag) == key and stop in ("", one.row.stop)
        ]
        if not found:
            raise BagUnlistedError(f"bag: no list of run {run} names it; look at the number again")
        return found

    def may(self, case_id: str, paper: str, event: PaperEvent) -> None:
        """Raise PaperMoveError or CaseNotFoundError where `note` would."""
        with self._database.reading() as session:
            move(PaperState(_one(session, case_id, paper).state), event)

    def note(self, case_id: str, paper: str, event: PaperEvent, actor: str, at: datetime) -> None:
        """Move one original; raises PaperMoveError or CaseNotFoundError."""
        with self._database.writing() as session:
            row = _one(session, case_id, paper)
            state = move(PaperState(row.state), event)
            row.state, row.since, row.office = state.value, at, True
            session.add(row)
            session.add(_step(row, at, by=(BY_THE_OFFICE, actor), state=state, bag=row.bag))


def _one(session: Session, case_id: str, paper: str) -> PaperRow:
    """Return one original's row; one that only its case's record names is not in the table yet."""
    for one in _papers(session, case_id=case_id):
        if one.row.paper == paper:
            return one.row
    raise CaseNotFoundError(f"original: case {case_id} has no such paper; load the page again")


def _papers(session: Session, *, run: str = "", case_id: str = "") -> list[Paper]:
    """Return originals that lists named, and those whose case names a bag while its visit's list is not here."""
    rows = select(PaperRow)
    cases = select(CaseRow)
    if run:
        rows, cases = rows.where(PaperRow.run == run), cases.where(CaseRow.run == run)
    if case_id:
        rows = rows.where(PaperRow.case_id == case_id)
        cases = cases.where(CaseRow.case_id == case_id)
    rows = rows.order_by(col(PaperRow.since).desc()).limit(PAPERS_LISTED)
    named = list(session.exec(rows))
    bagged = cases.where(CaseRow.card_custody != "").order_by(col(CaseRow.serial).desc())
    ids = [row.case_id for row in named]
    known = {row.case_id: row for row in _cases(session, ids)}
    listed = set(ids)
    found = [Paper(row, known.get(row.case_id)) for row in named]
    unnamed = (
        Paper(_of_record(case), case)
        for case in session.exec(bagged.limit(PAPERS_LISTED)).all()
        if case.case_id not in listed and not _listed(session, case.case_id)
    )
    return [*found, *unnamed]


def _cases(session: Session, ids: Sequence[str]) -> list[CaseRow]:
    return list(session.exec(select(CaseRow).where(col(CaseRow.case_id).in_(ids))))


def _listed(session: Session, case_id: str) -> bool:
    query = select(PaperRow.case_id).where(PaperRow.case_id == case_id).limit(1)
    return session.exec(query).first() is not None


def _of_record(case: CaseRow) -> PaperRow:
    return PaperRow(
        case_id=case.case_id,
        paper=UNNAMED,
        state=PaperState.ON_THE_BUS.value,
        bag=case.card_custody,
        device=case.device,
        run=case.run,
        stop=case.stop,
        provider_name=case.provider_name,
        since=case.handed_in_at,
    )


def _name(session: Session, case_id: str, paper: str) -> None:
    """Give a paper its name that an officer noted before the visit's list said which one it is."""
    row = session.get(PaperRow, (case_id, UNNAMED))
    if row is None or paper == UNNAMED:
        return
    told = row.model_dump()
    session.delete(row)
    session.add(PaperRow(**{**told, "paper": paper}))
    session.flush()


def _step(
    row: PaperRow, at: datetime, *, by: tuple[str, str], state: PaperState, bag: str
) -> PaperStepRow:
    return PaperStepRow(
        case_id=row.case_id,
        paper=row.paper,
        at=at,
        actor=by[0],
        state=state.value,
        bag=bag,
        person=by[1],
    )


def _order(bag: str) -> tuple[int, str]:
    digits = "".join(sign for sign in bag if sign.isdecimal())
    return (int(digits) if digits else 0, bag)
