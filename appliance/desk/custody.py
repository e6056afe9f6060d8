"""Where each original is (原本): in a numbered bag on the bus, with its filer, lost, given back. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from appliance.desk.application import Application
from appliance.desk.batch import Batch
from procedures.marks import ORIGINAL, paper_key
from procedures.procedure import Document, Procedure
from sync.custody import BAG, LOST, RETURNED, STEPS_MAX, WITH_FILER, bag_key, bag_number
from sync.errors import LocalError

FIRST_BAG = "1"
"""The number proposed before any bag was used; whoever has printed bags types the first one's number once."""

MOVES: Mapping[str, frozenset[str]] = {
    "": frozenset({BAG, WITH_FILER, LOST}),
    WITH_FILER: frozenset({BAG, LOST}),
    LOST: frozenset({BAG, WITH_FILER}),
    BAG: frozenset({BAG, RETURNED}),
    RETURNED: frozenset({BAG}),
}
"""What may become of an original; nothing stands for one of which nobody said anything yet."""

_TAIL = re.compile(r"[0-9]+$", re.ASCII)

FormOf = Callable[[Batch], Procedure]


class CustodyError(LocalError):
    """An original cannot be where somebody says; `word` names the sentence, `place` the number in its stack."""

    def __init__(self, word: str, *, bag: str = "", place: int = 0) -> None:
        super().__init__(f"custody: {word}; look at the list of bags again")
        self.word, self.bag, self.place = word, bag, place


@dataclass(frozen=True, slots=True)
class Step:
    """One change, never altered: ids as hex, ISO time, staff id. `state`: bag | with_filer | lost | returned."""

    app_id: str
    case: str
    procedure: str
    paper: str
    state: str
    bag: str
    at: str
    staff: str


@dataclass(frozen=True, slots=True)
class Original:
    """One original of one application. `state` is empty until somebody said; then `proposed` is what a hand-in notes.

    `item` and `document` are None where the application of a bag is there no more.
    """

    app_id: str
    paper: str
    batch: Batch | None
    item: Application | None
    document: Document | None
    steps: tuple[Step, ...]
    proposed: str = ""
    proposed_bag: str = ""

    @property
    def state(self) -> str:
        """Where it is, as noted last."""
        return self.steps[-1].state if self.steps else ""

    @property
    def bag(self) -> str:
        """The bag it is in, as noted last."""
        return self.steps[-1].bag if self.steps else ""

    @property
    def may(self) -> frozenset[str]:
        """What may be noted of it now."""
        return MOVES[self.state]

    @property
    def difference(self) -> str:
        """Why the list is not settled by this one: nobody | not_handed; nothing where it is."""
        if self.state != BAG:
            return ""
        if self.item is None:
            return "nobody"
        return "" if self.item.handed else "not_handed"


def originals(
    batches: Sequence[Batch], steps: Sequence[Step], form_of: FormOf
) -> tuple[Original, ...]:
    """Return every original of a visit, stack by stack, with what is proposed for those nobody noted."""
    noted: dict[tuple[str, str], list[Step]] = {}
    for step in steps:
        noted.setdefault((step.app_id, step.paper), []).append(step)
    used = [step.bag for step in steps if step.bag]
    found: list[Original] = []
    for batch in batches:
        form = form_of(batch)
        for item in batch.applications:
            for document in form.documents:
                log = tuple(noted.pop((item.app_id, document.id), ()))
                if log or _asked(document, item, batch):
                    one = Original(item.app_id, document.id, batch, item, document, log)
                    found.append(one if log else _proposed(one, steps, used, found))
    gone = [
        Original(app, paper, None, None, None, tuple(log)) for (app, paper), log in noted.items()
    ]
    return (*found, *gone)


def next_bag(used: Sequence[str]) -> str:
    """Return the number after the one used last, written as wide; one that was used at this stop is passed over."""
    taken = {bag_key(bag) for bag in used}
    tail = _TAIL.search(used[-1]) if used else None
    head = used[-1][: tail.start()] if tail else ""
    number, width = (int(tail[0]) + 1, len(tail[0])) if tail else (int(FIRST_BAG), 1)
    while bag_key(f"{head}{number:0{width}}") in taken:
        number += 1
    return f"{head}{number:0{width}}"


def step_for(
    one: Original, steps: Sequence[Step], places: Mapping[str, int], *, state: str, bag: str
) -> Step | None:
    """Return the change a person asks for, without its time; None where it is so already. Raises CustodyError.

    A bag holds the papers of one application: its number is refused for any other at this stop.
    `places` has each application's number in its stack.
    """
    number = bag_number(bag) if state == BAG else ""
    if state == BAG and not number:
        raise CustodyError("refused.bag_number")
    if (one.state, one.bag) == (state, number):
        return None
    if state not in one.may or one.batch is None or one.item is None:
        raise CustodyError("refused.bag_step")
    for other in steps:
        if other.app_id != one.app_id and other.bag and bag_key(other.bag) == bag_key(number):
            raise CustodyError("refused.bag_used", bag=number, place=places.get(other.app_id, 0))
    if len(steps) >= STEPS_MAX:
        raise CustodyError("refused.bag_many")
    case = one.item.completes_case or one.item.app_id
    return Step(one.app_id, case, one.batch.procedure, one.paper, state, number, "", "")


def bag_of(app_id: str, steps: Sequence[Step]) -> str:
    """Return the bag an application's originals are in now, or nothing."""
    last = {step.paper: step for step in steps if step.app_id == app_id}
    return next((step.bag for step in last.values() if step.bag), "")


def with_bag(batch: Batch, steps: Sequence[Step]) -> Batch:
    """Return the batch with the bags of its applications as the steps say."""
    items = tuple(
        replace(item, card_custody=bag_of(item.app_id, steps)) for item in batch.applications
    )
    return batch if items == batch.applications else replace(batch, applications=items)


def counts(found: Sequence[Original]) -> dict[str, int]:
    """Return how many originals are in bags, in how many bags, given back, not brought and lost."""
    states = [one.state for one in found]
    bags = {bag_key(one.bag) for one in found if one.state == BAG}
    return {
        "taken": states.count(BAG),
        "bags": len(bags),
        "returned": states.count(RETURNED),
        "with_filer": states.count(WITH_FILER),
        "lost": states.count(LOST),
    }


def _asked(document: Document, item: Application, batch: Batch) -> bool:
    """Tell whether an original is a matter of this application: needed, or here."""
    if not (document.original or document.custody) or item.twice or batch.idle:
        return False
    if item.department and item.department not in (document.departments or (item.department,)):
        return False
    if item.department and not document.departments and item.position > 1:
        return False  # a paper for all departments goes with the first one's part
    here = _here(document, item, batch) or _replaced(document, item, batch)
    return here or (not batch.request and document.needed(item.values()))


def _here(document: Document, item: Application, batch: Batch) -> bool:
    if batch.single:
        return item.value(paper_key(document.id)) == ORIGINAL
    return document.any_of[0] in _kinds(item, batch)


def _replaced(document: Document, item: Application, batch: Batch) -> bool:
    """Tell whether the form that asks for a new paper is here instead of the paper (再交付申請)."""
    return not batch.single and bool(set(document.any_of[1:]) & _kinds(item, batch))


def _kinds(item: Application, batch: Batch) -> set[str]:
    return {batch.sheet(number).kind for number in item.sheets}


def _proposed(
    one: Original, steps: Sequence[Step], used: list[str], before: Sequence[Original]
) -> Original:
    if one.document is None or one.item is None or one.batch is None:
        return one
    if not _here(one.document, one.item, one.batch):
        lost = _replaced(one.document, one.item, one.batch)
        return replace(one, proposed=LOST if lost else WITH_FILER)
    own = bag_of(one.app_id, steps) or next(_proposed_bags(one.app_id, before), "")
    if not own:
        own = next_bag(used)
        used.append(own)
    return replace(one, proposed=BAG, proposed_bag=own)


def _proposed_bags(app_id: str, before: Sequence[Original]) -> Iterator[str]:
    return (other.proposed_bag for other in before if other.app_id == app_id and other.proposed_bag)
