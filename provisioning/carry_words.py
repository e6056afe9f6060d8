"""What a person is told of a carry: what happened, what is not on the stick, what to do next. No name, no content."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from provisioning.carry_answer import Imported, Outcome
from provisioning.carry_bus import Exported
from provisioning.carry_hall import Taken

MEGABYTE = 1_000_000

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.TAKEN: "the answer was taken in",
    Outcome.STALE: "the answer is older than what is known here",
    Outcome.UNKNOWN: "the answer is not for this shelf",
    Outcome.REFUSED: "city hall refused the stick",
    Outcome.HISTORY_BROKE: "city hall's log does not extend the one seen before; export again, all that is here goes",
    Outcome.DAMAGED: "the answer cannot be read",
}


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences for a person, facts for a program; `well` = nothing needs a person."""

    sentences: tuple[str, ...]
    facts: Mapping[str, object]
    well: bool


def exported(found: Exported) -> Told:
    """Tell what went onto the stick, and what did not fit."""
    size = f"{found.files} files, {found.size / MEGABYTE:.1f} MB"
    lines = [
        f"{found.waiting} applications wait; on the stick are {found.records} records, {found.whole} whole ({size})."
    ]
    if found.full:
        lines.append(
            f"The stick is full: {found.waiting - found.records} records and the pages of "
            f"{found.waiting - found.whole} applications are not on it. They stay on the bus; "
            "carry this one, or use a larger stick."
        )
    lines += [
        f"Application {env_id} cannot be read from the bus's disk and is not on it; call the operations."
        for env_id in found.damaged
    ]
    if not found.full:
        lines.append("Take the stick to city hall; there: madobus mail import FOLDER.")
    facts = {**asdict(found), "all_on_it": found.all_on_it}
    return Told(tuple(lines), facts, well=found.all_on_it)


def taken(found: Sequence[Taken]) -> Told:
    """Tell what city hall filed, bus by bus."""
    if not found:
        return Told(
            ("There is no export on this stick; at the bus: madobus mail export FOLDER.",),
            {"exports": []},
            well=False,
        )
    lines = []
    for one in found:
        if one.admitted:
            lines.append(
                f"{one.device}: {one.filed} receipts for records and {one.complete} for whole applications, "
                f"{one.refused} refused, {one.letters} letters; the answer is in {one.answer_files} files."
            )
        if one.note:
            lines.append(f"{one.device}: {one.note}.")
    if all(one.answer_files for one in found):
        lines.append("Take the stick back to the bus; there: madobus mail import FOLDER.")
    well = all(one.admitted and not one.note and not one.refused for one in found)
    return Told(tuple(lines), {"exports": [asdict(one) for one in found]}, well=well)


def answered(found: Sequence[Imported]) -> Told:
    """Tell what city hall's answers brought."""
    if not found:
        return Told(
            ("There is no answer for this bus on this stick; nothing was changed.",),
            {"answers": []},
            well=False,
        )
    lines = []
    for one in found:
        lines.append(
            f"{OUTCOMES[one.outcome]}: {one.arrived} more records and {one.complete} more whole "
            f"applications are proven at city hall, {one.refused} refused, {one.letters} new letters."
        )
        if one.note:
            lines.append(f"{one.note}.")
    facts = {"answers": [{**asdict(one), "outcome": one.outcome.value} for one in found]}
    well = all(one.outcome in (Outcome.TAKEN, Outcome.STALE) and not one.refused for one in found)
    return Told(tuple(lines), facts, well=well)
