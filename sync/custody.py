"""The hand-over list of a visit's bags (原本): every change of where an original is, with time and staff id. A note."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sync import shape

FORM: Final = 4
STEPS_MAX: Final = 400
BAG: Final = "bag"
WITH_FILER: Final = "with_filer"
LOST: Final = "lost"
RETURNED: Final = "returned"
STATES: Final = (BAG, WITH_FILER, LOST, RETURNED)
"""In a bag on the bus; never handed over; lost by the filer, who asks for a new one; given back at the stop."""

_ID_BYTES: Final = 16
_CASE_ID_MAX: Final = 32
_WORD_MAX: Final = 128
_STATE: Final = re.compile("|".join(STATES), re.ASCII)
_BAG: Final = re.compile(r"[0-9A-Z-]{0,16}", re.ASCII)
_ZEROS: Final = re.compile(r"(?<![0-9])0+(?=[0-9])")


@dataclass(frozen=True, slots=True)
class CustodyStep:
    """One change: which paper of which case, in which bag (nothing where none), when, by whom (staff id)."""

    case_id: bytes
    procedure: str
    paper: str
    state: str
    bag: str
    at: datetime
    staff: str


@dataclass(frozen=True, slots=True)
class CustodyList:
    """All changes of one visit, oldest first; the last one of a paper says where it is."""

    list_id: bytes
    session: bytes
    run: str
    stop: str
    provider_no: str
    provider_name: str
    steps: tuple[CustodyStep, ...]


def bag_number(written: str) -> str:
    """Return a bag's number as typed or read by a scanner, in one spelling; nothing where it is none."""
    found = unicodedata.normalize("NFKC", written).strip().upper()
    return found if _BAG.fullmatch(found) else ""


def bag_key(bag: str) -> str:
    """Return what two spellings of one bag's number have in common: 014 and 14 are the same bag."""
    return _ZEROS.sub("", bag)


def row_of(told: CustodyList) -> list[Any]:
    """Return the list as the values of a note."""
    return [
        FORM,
        told.list_id,
        told.session,
        told.run,
        told.stop,
        told.provider_no,
        told.provider_name,
        [_step_row(step) for step in told.steps],
    ]


def list_of(values: list[Any]) -> CustodyList:
    """Read the values of a note; raises ValueError for anything `row_of` would not give."""
    row = shape.row(values, 8, "custody")
    return CustodyList(
        list_id=shape.blob(row[1], "list_id", _ID_BYTES),
        session=shape.blob(row[2], "session", _ID_BYTES),
        run=shape.text(row[3], "run", _WORD_MAX),
        stop=shape.text(row[4], "stop", _WORD_MAX),
        provider_no=shape.text(row[5], "provider_no", _WORD_MAX),
        provider_name=shape.text(row[6], "provider_name"),
        steps=tuple(_step(one) for one in shape.rows(row[7], STEPS_MAX, "steps")),
    )


def _step_row(step: CustodyStep) -> list[Any]:
    at = shape.micros_of(step.at, "step's at")
    return [step.case_id, step.procedure, step.paper, step.state, step.bag, at, step.staff]


def _step(value: Any) -> CustodyStep:
    row = shape.row(value, 7, "step")
    state, bag = shape.word(row[3], _STATE, "step's state"), shape.word(row[4], _BAG, "step's bag")
    if (state == BAG) != bool(bag):
        raise ValueError("step: a paper in a bag must have its number, any other must have none")
    return CustodyStep(
        case_id=shape.blob(row[0], "step's case_id", _ID_BYTES, _CASE_ID_MAX),
        procedure=shape.text(row[1], "step's procedure", _WORD_MAX),
        paper=shape.text(row[2], "step's paper", _WORD_MAX),
        state=state,
        bag=bag,
        at=shape.moment_of_micros(row[5], "step's at"),
        staff=shape.text(row[6], "step's staff", _WORD_MAX),
    )
