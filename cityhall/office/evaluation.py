"""The evaluation's store: survey sheets and visits' measures as they came, one table, nobody's name in it."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Field, col, select

from cityhall.office.filing import day_in_japan
from cityhall.office.models import OfficeTable
from keeping.database import Database
from sync.notes import MEASURES, SURVEY, SurveySheet, VisitMeasures


class EvaluationRow(OfficeTable, table=True):
    """One sheet or one visit's measures. `session` links what came of the same visit; `content` is JSON.

    `answered` counts the items that were answered; 0 of a sheet that was passed over. Stops stand with measures only.
    """

    __tablename__ = "evaluation"

    note_id: str = Field(primary_key=True)
    kind: str = Field(index=True)
    session: str = Field(index=True)
    respondent: str = ""
    bank: str = ""
    run: str = ""
    stop: str = ""
    day: date
    answered: int = 0
    content: str
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class Sheets:
    """How many sheets of one respondent came: answered, and passed over."""

    respondent: str
    answered: int
    passed_over: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What the store holds, as counts."""

    visits: int
    sheets: tuple[Sheets, ...]


class Evaluation:
    """The evaluation's rows of this office."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, note: SurveySheet | VisitMeasures, arrived_at: datetime) -> None:
        """Keep a sheet or a visit's measures; the same one twice changes nothing."""
        row = _row(note, arrived_at)
        with self._database.writing() as session:
            if session.get(EvaluationRow, row.note_id) is None:
                session.add(row)

    def known(self, note_id: bytes) -> bool:
        """Tell whether a sheet or measures came before."""
        with self._database.reading() as session:
            return session.get(EvaluationRow, note_id.hex()) is not None

    def counts(self) -> Counts:
        """Return how much has come; no answer is shown, so that nobody is recognised by it."""
        query = (
            select(
                EvaluationRow.kind,
                EvaluationRow.respondent,
                func.count(),
                func.count(func.nullif(EvaluationRow.answered, 0)),
            )
            .group_by(col(EvaluationRow.kind), col(EvaluationRow.respondent))
            .order_by(col(EvaluationRow.respondent))
        )
        with self._database.reading() as session:
            rows = session.exec(query).all()
        sheets = [
            Sheets(respondent, answered, came - answered)
            for kind, respondent, came, answered in rows
            if kind == SURVEY
        ]
        visits = sum(came for kind, _, came, _ in rows if kind == MEASURES)
        return Counts(visits, tuple(sheets))


def _row(note: SurveySheet | VisitMeasures, arrived_at: datetime) -> EvaluationRow:
    if isinstance(note, SurveySheet):
        return _sheet(note, arrived_at)
    return _measures(note, arrived_at)


def _sheet(note: SurveySheet, arrived_at: datetime) -> EvaluationRow:
    return EvaluationRow(
        note_id=note.sheet_id.hex(),
        kind=SURVEY,
        session=note.session.hex(),
        respondent=note.respondent,
        bank=note.bank,
        day=note.answered_on,
        answered=len(note.answers),
        content=_json({item: list(values) for item, values in note.answers}),
        arrived_at=arrived_at,
    )


def _measures(note: VisitMeasures, arrived_at: datetime) -> EvaluationRow:
    told: dict[str, Any] = {
        "procedures": list(note.procedures),
        "opened_at": note.opened_at.isoformat(),
        "closed_at": note.closed_at.isoformat(),
        "values": dict(note.values),
    }
    return EvaluationRow(
        note_id=note.measures_id.hex(),
        kind=MEASURES,
        session=note.session.hex(),
        run=note.run,
        stop=note.stop,
        day=day_in_japan(note.opened_at),
        content=_json(told),
        arrived_at=arrived_at,
    )


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
