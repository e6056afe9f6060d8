"""Control totals of a batch: declared = found = handed in = kept = arrived; any gap has a name."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from appliance.desk.batch import Batch
from appliance.desk.sheets import BLANK

CARRIED = ("kept", "sending", "arrived", "complete")


@dataclass(frozen=True, slots=True)
class Totals:
    """The counts of one batch. Applications: declared to complete; sides of paper: fed to loose.

    `papers` were kept whole; `lost` were pulled without being kept and said to be, each to be fed again.
    """

    declared: int
    found: int
    handed_in: int
    withheld: int
    twice: int
    kept: int
    arrived: int
    complete: int
    refused: int
    fed: int
    read: int
    used: int
    blank: int
    aside: int
    repeated: int
    loose: int
    papers: int
    lost: int

    @property
    def gap(self) -> int:
        """Applications found more (+) or fewer (-) than declared."""
        return self.found - self.declared

    @property
    def balanced(self) -> bool:
        """Whether every fed sheet has its place and the declared count was found."""
        placed = self.used + self.blank + self.aside + self.repeated + self.loose
        return self.gap == 0 and self.loose == 0 and placed == self.read == self.fed

    def as_json(self) -> dict[str, int | bool]:
        """Return the counts as in state.json."""
        return {**asdict(self), "gap": self.gap, "balanced": self.balanced}


def count(batch: Batch, transfer: Mapping[str, str]) -> Totals:
    """Return the totals; `transfer` is the state of each env_id on the shelf."""
    items = batch.applications
    states = [transfer.get(item.env_id, "kept") for item in items if item.handed]
    in_use = {number for item in items for number in item.sheets}
    usable = [sheet for sheet in batch.sheets if sheet.usable]
    aside = [sheet for sheet in batch.sheets if sheet.aside]
    return Totals(
        declared=batch.declared,
        found=len(items) + _repeated_people(batch),
        handed_in=len(states),
        withheld=sum(1 for item in items if not item.handed and not item.twice),
        twice=sum(1 for item in items if item.twice) + _repeated_people(batch),
        kept=sum(state in CARRIED for state in states),
        arrived=sum(state in ("arrived", "complete") for state in states),
        complete=sum(state == "complete" for state in states),
        refused=sum(state == "refused" for state in states),
        fed=len(batch.sheets),
        read=sum(sheet.settled for sheet in batch.sheets),
        used=sum(sheet.number in in_use for sheet in usable),
        blank=sum(sheet.kind == BLANK for sheet in aside),
        aside=sum(sheet.kind != BLANK for sheet in aside),
        repeated=sum(bool(sheet.twice) for sheet in batch.sheets),
        loose=len(batch.loose()),
        papers=batch.papers,
        lost=sum(stop.lost for stop in batch.interruptions),
    )


def _repeated_people(batch: Batch) -> int:
    """Count the earlier applications whose very sheets were fed again."""
    return len({s.twice for s in batch.sheets if s.twice and not s.twice.startswith("#")})
