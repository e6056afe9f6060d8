"""What a day may bring: every seed switches a part of the faults on, so that rare pairs meet (swarm testing)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from provisioning.simulate.chance import Chance


class Fault(Enum):
    """The kinds of trouble; the value is the word in stories and counts."""

    CUT = "connection cut at a byte"
    STALL = "half of a connection late or dead"
    RACE = "two sessions of one box"
    REPLAY = "an old session once more"
    BOX_KILL = "box killed at a step"
    BOX_DARK = "box without power at a step"
    HALL_KILL = "city hall killed at a step"
    HALL_DARK = "city hall without power at a step"
    RESTORE = "city hall restored from a backup"
    OLD_CARD = "box restored from an old card"
    BOX_CLOCK = "box's clock stepped"
    HALL_CLOCK = "city hall's clock stepped"
    SLOW_DISK = "slow disks"
    FULL_DISK = "city hall's disk full"
    DOUBLE_TAP = "an application kept twice"
    REVOKED = "a box revoked"
    LONG_REST = "days without contact"


_OFTEN: Final[Mapping[Fault, float]] = {
    Fault.CUT: 0.7,
    Fault.STALL: 0.4,
    Fault.RESTORE: 0.4,
    Fault.OLD_CARD: 0.15,
    Fault.REVOKED: 0.1,
    Fault.REPLAY: 0.25,
    Fault.LONG_REST: 0.2,
}
_ELSE: Final = 0.35


@dataclass(frozen=True, slots=True)
class Profile:
    """One day's frame: how many buses, how often they come into coverage, what may go wrong."""

    buses: int
    rounds: int
    faults: frozenset[Fault]

    def has(self, fault: Fault) -> bool:
        """Tell whether this trouble may come today."""
        return fault in self.faults


def draw(chance: Chance, always: frozenset[Fault] = frozenset()) -> Profile:
    """Return the profile of a seed; `always` are faults that a directed run insists on."""
    faults = {fault for fault in Fault if chance.share() < _OFTEN.get(fault, _ELSE)} | always
    if Fault.OLD_CARD in faults:
        # Nobody can replay a TLS session; with an old card even a faithful replay would tell of what is lost.
        faults -= {Fault.REPLAY}
    return Profile(
        buses=chance.one_of((1, 1, 1, 2, 2, 3)),
        rounds=chance.count(2, 5),
        faults=frozenset(faults),
    )
