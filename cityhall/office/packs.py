"""Makes a visit pack (停留の準備): the register's due list with each person's last case, within a letter's size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sync.letters import LETTER_BYTES_MAX, DueEntry, LastCase, VisitPack, encode_letter

UNTIL = "prev_valid_to"


@dataclass(frozen=True, slots=True)
class MadePack:
    """The pack, for how many a last case goes with it, and how many were left out because it was full."""

    pack: VisitPack
    carried: int
    left_out: int


def with_pending(pack: VisitPack, pending: Callable[[Sequence[str]], frozenset[str]]) -> VisitPack:
    """Return the pack that also says whose application lies undecided at city hall."""
    found = pending([one.insured_no for one in pack.due])
    return replace(pack, pending=tuple(sorted(found)))


def with_last_cases(
    pack: VisitPack, last_of: Callable[[str], LastCase | None], most: int = LETTER_BYTES_MAX
) -> MadePack:
    """Return the pack with last cases by insured number; where a letter is full, those due last go without.

    Raises ValueError when the due list alone does not fit.
    """
    found = tuple(replace(one, last=last_of(one.insured_no)) for one in pack.due)
    carried = sum(one.last is not None for one in found)
    order = sorted(
        (place for place, one in enumerate(found) if one.last is not None),
        key=lambda place: _until(found[place]),
    )
    kept = _fitting(pack, found, order, most)
    due = tuple(
        one if place in kept else replace(one, last=None) for place, one in enumerate(found)
    )
    return MadePack(replace(pack, due=due), len(kept), carried - len(kept))


def _fitting(
    pack: VisitPack, due: tuple[DueEntry, ...], order: list[int], most: int
) -> frozenset[int]:
    """Return the places whose last case fits, most urgent first; each one's room is measured alone."""
    bare = tuple(replace(one, last=None) for one in due)
    room = most - len(encode_letter(replace(pack, due=bare)))
    kept = []
    for place in order:
        alone = len(encode_letter(replace(pack, due=(due[place],))))
        without = len(encode_letter(replace(pack, due=(bare[place],))))
        room -= alone - without
        if room < 0:
            break
        kept.append(place)
    return frozenset(kept)


def _until(entry: DueEntry) -> str:
    return dict(entry.answers).get(UNTIL, "9999")
