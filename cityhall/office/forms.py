"""The forms city hall knows, read once each: whom a case is about, until when it may be filed."""

from functools import lru_cache

from procedures.definition import load
from procedures.errors import ProcedureError
from procedures.procedure import Procedure

FORMS_KEPT = 40
"""Forms kept ready; a city has a handful."""


@lru_cache(maxsize=FORMS_KEPT)
def form_of(procedure: str) -> Procedure | None:
    """Return the form of this id, or None for one city hall does not know."""
    try:
        return load(procedure)
    except ProcedureError:
        return None
