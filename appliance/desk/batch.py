"""The pure state of one batch: what was declared, fed, read, grouped, confirmed and handed in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from appliance.desk.application import Application
from appliance.desk.prints import Print
from appliance.desk.sheets import TRIES_MAX, Reading, Sheet
from sync.errors import LocalError

DECLARED_MAX = 60
"""Applications one batch may declare; a stop brings 3 to 12, at worst 30."""

SHEETS_MAX = 400
"""Sheets one batch may hold."""


class Phase(Enum):
    """Where a batch stands; the words of state.json."""

    DECLARED = "declared"
    FEEDING = "feeding"
    READING = "reading"
    CHECKING = "checking"
    HANDED_IN = "handed_in"


@dataclass(frozen=True, slots=True)
class Declaration:
    """How many applications the provider says there are, and why that number was changed."""

    count: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """What city hall asks to be completed of a case that was filled in: answers, papers, the case's id (hex)."""

    fields: tuple[str, ...]
    papers: tuple[str, ...]
    case: str


INTERRUPTIONS_MAX = 100
"""Stops of the feeder that are remembered; a stack with more is fed by hand."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why feeding stopped before the stack was through, in whole sentences for the person there.

    `in_flight` says that a paper may have been pulled without being kept; `lost` counts those known to have been.
    """

    cause: str
    ja: str
    en: str
    in_flight: bool = False
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Interruption:
    """One stop of the feeder: after which side (its number), why, and how many papers were known to be lost."""

    after: int
    cause: str
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of one visit. `request` is set when it answers a correction request (補正).

    `retake` is the number of a sheet whose next picture is awaited, 0 of none. A `single` one is no stack but one
    case that is filled in at the desk: its application stands there from the start, and `wanted` is the paper that
    is fed now. `dropped`: the person went away with it. `prints` says what of its receipts was printed.
    """

    batch_id: str
    procedure: str
    procedure_version: str
    declarations: tuple[Declaration, ...]
    sheets: tuple[Sheet, ...] = ()
    applications: tuple[Application, ...] = ()
    feeding: bool = False
    trouble: Trouble | None = None
    grouped: bool = False
    request: str = ""
    loose_reasons: tuple[tuple[int, str], ...] = ()
    interruptions: tuple[Interruption, ...] = ()
    retake: int = 0
    single: bool = False
    wanted: str = ""
    again: Again | None = None
    dropped: bool = False
    prints: tuple[Print, ...] = ()

    @property
    def papers(self) -> int:
        """How many papers were kept; two sides of one count once."""
        return self.sheets[-1].place if self.sheets else 0

    @property
    def declared(self) -> int:
        """The count in force."""
        return self.declarations[-1].count

    @property
    def phase(self) -> Phase:
        """Where the batch stands."""
        if self.feeding:
            return Phase.FEEDING
        if not self.sheets and not self.single:
            return Phase.DECLARED
        if not self.grouped or any(not sheet.settled for sheet in self.sheets):
            return Phase.READING
        if self.applications and all(item.handed for item in self.applications):
            return Phase.HANDED_IN
        return Phase.CHECKING

    @property
    def idle(self) -> bool:
        """Whether it is a single case of which nothing will be handed in: let be, or never begun."""
        begun = any(item.typed or item.sheets or item.handed for item in self.applications)
        return self.single and (self.dropped or not begun)

    def sheet(self, number: int) -> Sheet:
        """Return the sheet with this number; raises LocalError when it was never fed."""
        if not 1 <= number <= len(self.sheets):
            raise LocalError(f"batch: sheet {number} was never fed; choose 1 to {len(self.sheets)}")
        return self.sheets[number - 1]

    def application(self, app_id: str) -> Application:
        """Return the application with this id; raises LocalError when there is none."""
        for item in self.applications:
            if item.app_id == app_id:
                return item
        raise LocalError("batch: no such application; open the task list again")

    def unread(self) -> tuple[int, ...]:
        """Return the numbers of the sheets still to be read."""
        return tuple(sheet.number for sheet in self.sheets if not sheet.settled)

    def loose(self) -> tuple[Sheet, ...]:
        """Return the read sheets that belong to nobody yet and were not put aside."""
        held = {number for item in self.applications for number in item.sheets}
        return tuple(s for s in self.sheets if s.usable and s.number not in held)


def declare(batch: Batch, count: int, reason: str = "") -> Batch:
    """Return the batch with this count in force; a changed count keeps the old one beside it."""
    if not 1 <= count <= DECLARED_MAX:
        raise LocalError(f"batch: a batch has 1 to {DECLARED_MAX} applications; {count}; split it")
    if count == batch.declared:
        return batch
    return replace(batch, declarations=(*batch.declarations, Declaration(count, reason)))


def add_sheet(batch: Batch, sheet: Sheet) -> Batch:
    """Return the batch with one more sheet; the numbers run without a gap."""
    if sheet.number != len(batch.sheets) + 1:
        raise LocalError(f"batch: sheet {len(batch.sheets) + 1} is next; got {sheet.number}")
    if len(batch.sheets) >= SHEETS_MAX:
        raise LocalError(f"batch: at most {SHEETS_MAX} sheets; hand this batch in first")
    sheet = replace(sheet, named=batch.wanted)
    return replace(batch, sheets=(*batch.sheets, sheet), grouped=False)


def stopped(batch: Batch, trouble: Trouble | None) -> Batch:
    """Return the batch with feeding ended; a stop in the middle of the stack is remembered for good."""
    batch = replace(batch, feeding=False, trouble=trouble)
    if trouble is None or not (trouble.in_flight or trouble.lost):
        return batch
    stop = Interruption(len(batch.sheets), trouble.cause, trouble.lost)
    kept = (*batch.interruptions, stop)[-INTERRUPTIONS_MAX:]
    return replace(batch, interruptions=kept)


def read_sheet(batch: Batch, number: int, reading: Reading) -> Batch:
    """Return the batch with what was read from one sheet."""
    return with_sheet(batch, batch.sheet(number).better_of(reading), grouped=False)


def await_again(batch: Batch, number: int) -> Batch:
    """Return the batch waiting for another picture of a sheet, with 0 for none any more.

    Raises LocalError when the sheet is handed in, needs none, or had its tries.
    """
    if number:
        sheet = batch.sheet(number)
        if any(item.handed and number in item.sheets for item in batch.applications):
            raise LocalError("batch: a handed-in sheet never changes; ask for a correction instead")
        if sheet.tries_left < 1:
            raise LocalError(
                f"batch: sheet {number} gets at most {TRIES_MAX} pictures; go on with it"
            )
    return replace(batch, retake=number)


def take_again(batch: Batch, picture: Sheet) -> Batch:
    """Return the batch with another picture of the awaited sheet, still to be read."""
    sheet = batch.sheet(batch.retake).taken_again(picture)
    return replace(with_sheet(batch, sheet, grouped=False), retake=0)


def with_sheet(batch: Batch, sheet: Sheet, *, grouped: bool | None = None) -> Batch:
    """Return the batch with this sheet in the place of the one of the same number."""
    kept = tuple(sheet if old.number == sheet.number else old for old in batch.sheets)
    return replace(batch, sheets=kept, grouped=batch.grouped if grouped is None else grouped)


def with_application(batch: Batch, item: Application) -> Batch:
    """Return the batch with this application in the place of the one of the same id."""
    kept = tuple(item if old.app_id == item.app_id else old for old in batch.applications)
    return replace(batch, applications=kept)


def place(batch: Batch, number: int, target: str, fresh: Callable[[], Application]) -> Batch:
    """Return the batch with a sheet moved by a person: to an application's id, "new" or "aside".

    A sheet that was handed in stays where it is (LocalError): handed-in content never changes.
    """
    sheet = batch.sheet(number)
    if any(item.handed and number in item.sheets for item in batch.applications):
        raise LocalError("batch: a handed-in sheet never moves; ask for a correction instead")
    if target == "aside":
        return with_sheet(batch, replace(sheet, aside=True, placed=""))
    if target == "new":
        made = replace(fresh(), sheets=())
        batch = replace(batch, applications=(*batch.applications, made))
        target = made.app_id
    if batch.application(target).handed:
        raise LocalError("batch: a handed-in application never changes; ask for a correction")
    return with_sheet(batch, replace(sheet, aside=False, placed=target))


def name(batch: Batch, number: int, kind: str) -> Batch:
    """Return the batch with a sheet that is the paper a person says; an empty kind is again what was read.

    Raises LocalError for a sheet that was handed in.
    """
    if any(item.handed and number in item.sheets for item in batch.applications):
        raise LocalError("batch: a handed-in sheet never changes; ask for a correction instead")
    return with_sheet(batch, replace(batch.sheet(number), named=kind))


def regroup(
    batch: Batch,
    groups: Sequence[Sequence[int]],
    fresh: Callable[[], Application],
) -> Batch:
    """Return the batch with its sheets grouped anew, keeping the identity of what was there before.

    A group continues the application it shares a sheet with; `fresh()` makes a new one. Handed-in
    applications and sheets placed by a person are left where they are.
    """
    done = [item for item in batch.applications if item.handed]
    free = [item for item in batch.applications if not item.handed]
    fixed = {number for item in done for number in item.sheets}
    sent = {s.number: s.placed for s in batch.sheets if s.placed and s.usable}
    movable = {s.number for s in batch.sheets if s.usable} - fixed - set(sent)
    known = {item.app_id: item for item in free}
    seats: dict[str, set[int]] = {}
    for group in groups:
        numbers = set(group) & movable
        if numbers:
            item = _continued(free, seats, sent, numbers) or fresh()
            known[item.app_id] = item
            seats[item.app_id] = numbers
    for number, target in sent.items():
        if target in known:
            seats.setdefault(target, set()).add(number)
    made = [_seated(known[app_id], tuple(sorted(numbers))) for app_id, numbers in seats.items()]
    ordered = sorted([*done, *made], key=lambda item: min(item.sheets, default=0))
    numbered = tuple(replace(item, position=index) for index, item in enumerate(ordered, 1))
    return replace(batch, applications=numbered, grouped=True)


def _continued(
    free: Sequence[Application],
    seats: Mapping[str, set[int]],
    sent: Mapping[int, str],
    numbers: set[int],
) -> Application | None:
    """Return the application these sheets continue, if it is not taken yet."""
    for item in free:
        if item.app_id not in seats and (set(item.sheets) - set(sent)) & numbers:
            return item
    return None


def _seated(item: Application, numbers: tuple[int, ...]) -> Application:
    same = item.sheets == numbers
    return item if same else replace(item, sheets=numbers, confirmed=False)
