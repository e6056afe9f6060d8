"""Which applications are due for erasure by the city's retention policy. Proposes only: two persons erase."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, select

from cityhall.office.cases import CaseState
from cityhall.office.filing import day_in_japan
from cityhall.office.models import CaseRow, ErasureRow
from keeping.database import Database

SAMPLE = Path(__file__).parent / "retention.toml"
FISCAL_START = 4
# The longest keeping a policy can ask for.
YEARS_MAX = 100
# Due applications named at a time.
DUE_LIMIT = 500


class Policy(BaseModel):
    """A city's rule: for each procedure the years after the fiscal year of the decision."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    version: str = Field(min_length=1)
    years: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Due:
    """An application that the policy lets go: since which day."""

    case_id: str
    filing_no: str
    procedure: str
    decided: date
    since: date


def read_policy(path: Path = SAMPLE) -> Policy:
    """Read a policy's TOML file; raises ValueError naming what is wrong."""
    found = Policy.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    wrong = sorted(one for one, years in found.years.items() if not 1 <= years <= YEARS_MAX)
    if wrong:
        raise ValueError(f"retention: years are 1 to {YEARS_MAX}, not for {', '.join(wrong)}")
    return found


def free_from(decided: date, years: int) -> date:
    """Return the first day on which an application decided on that day need not be kept any more.

    The years count from the 1 April that follows the decision.
    """
    next_april = date(decided.year + (decided.month >= FISCAL_START), FISCAL_START, 1)
    return next_april.replace(year=next_april.year + years)


def due(cases: Iterable[CaseRow], policy: Policy, today: date) -> list[Due]:
    """Return the decided applications whose years are over on `today`, oldest decision first."""
    found = []
    for case in cases:
        years = policy.years.get(case.procedure)
        if years is None or case.registered_at is None or case.state != CaseState.ACCEPTED.value:
            continue
        decided = day_in_japan(case.registered_at)
        since = free_from(decided, years)
        if since <= today:
            found.append(Due(case.case_id, case.filing_no, case.procedure, decided, since))
    return sorted(found, key=lambda one: (one.decided, one.filing_no))


def find_due(database: Database, policy: Policy, now: datetime) -> list[Due]:
    """Return at most DUE_LIMIT due applications that nobody proposed yet."""
    query = (
        select(CaseRow)
        .where(col(CaseRow.registered_at).is_not(None), CaseRow.state == CaseState.ACCEPTED.value)
        .where(col(CaseRow.procedure).in_(list(policy.years)))
        .where(col(CaseRow.case_id).not_in(select(ErasureRow.case_id)))
        .order_by(col(CaseRow.registered_at))
        .limit(DUE_LIMIT)
    )
    with database.reading() as session:
        return due(session.exec(query).all(), policy, day_in_japan(now))
