"""Made-up batches and applications, for tests of the pure steps."""

from itertools import count

from appliance.desk.application import Application, Flaw, Handed
from appliance.desk.batch import Batch, Declaration, add_sheet, read_sheet
from appliance.desk.sheets import Picture, Reading, Sheet
from sync.record import Answer

PICTURE = Picture("image/webp", 10, "00" * 32)
PROOF = Handed("2026-08-25T03:00:00+00:00", 1, "bus_receipt", 1, "ab" * 32, "00", protective=False)

_serial = count(1)


def empty(declared: int = 3) -> Batch:
    """Return a batch before anything is fed."""
    return Batch("b0", "care-renewal", "2026-04-01", (Declaration(declared),))


def fed(*kinds: str, declared: int = 3) -> Batch:
    """Return a batch with one read sheet of each kind."""
    batch = empty(declared)
    for number, kind in enumerate(kinds, 1):
        batch = add_sheet(batch, Sheet(number, f"{number:064x}", "image/jpeg", 300))
        batch = read_sheet(batch, number, Reading(kind, PICTURE, PICTURE))
    return batch


def fresh() -> Application:
    """Return a new application with ids of its own."""
    number = next(_serial)
    return Application(f"{number:032x}", f"{number + 10**6:032x}", 0, ())


def application(*sheets: int, **values: str) -> Application:
    """Return an application with these sheets and answers."""
    made = fresh()
    answers = tuple(Answer(key, value, "due_list") for key, value in values.items())
    return Application(made.app_id, made.env_id, 1, sheets, answers)


def flaw(severity: str = "block", field: str = "name", mend: str = "provider") -> Flaw:
    """Return a deficiency of that gravity."""
    return Flaw("missing", severity, field, "ありません。", "Missing.", "…", "…", mend)
