"""Filing numbers as people hold them: one an envelope, one envelope a number, whatever city hall forgot."""

from collections.abc import Iterator

from cityhall.intake.restored import NUMBERS_MARGIN
from provisioning.simulate.boxdisk import BoxRow
from provisioning.simulate.halldisk import HallRow
from provisioning.simulate.world import World
from sync.ids import filing_parts


class Numbers:
    """What the judge remembers of every number that was ever given or told (I2)."""

    def __init__(self, world: World) -> None:
        self.doubled: set[str] = set()
        self._world = world
        self._told: dict[bytes, str] = {}
        self._owners: dict[str, bytes] = {}
        self._given: dict[str, set[bytes]] = {}
        self._restored = False

    def restored(self) -> None:
        """Hear that city hall was put back to an older state."""
        self._restored = True

    def forget(self, env_id: bytes) -> None:
        """Hear that a card was put back: the only copy of city hall's word outside city hall is gone with it."""
        number = self._told.pop(env_id, None)
        if number is not None:
            self._owners.pop(number, None)

    def told(self, place: str, row: BoxRow) -> Iterator[str]:
        """Check that a number once told stays its envelope's, but for the window of decision 0009."""
        number = row.filing_no
        owner = self._owners.setdefault(number, row.env_id)
        if owner != row.env_id and number not in self.doubled:
            yield f"I2 {place}: its number {number} was told for another one before"
        known = self._told.setdefault(row.env_id, number)
        if known != number:
            self._told[row.env_id] = number
            # A number of the window was replaced aloud; a card from before that brings it back.
            if not self.doubled & {known, number}:
                yield f"I2 {place}: its number {known} became {number}"

    def given(self, row: HallRow, *, knew: bool) -> Iterator[str]:
        """Check that a city hall that knew of its loss gave no number of before away; before, it cannot know."""
        before = self._given.setdefault(row.filing_no, set())
        if before - {row.env_id}:
            owner = self._owners.get(row.filing_no, row.env_id)
            if not (knew and filing_parts(row.filing_no)[1] < NUMBERS_MARGIN):
                if self._in_the_window(row):
                    self.doubled.add(row.filing_no)
            elif owner != row.env_id and row.filing_no not in self.doubled:
                yield f"I2 city hall gave {row.filing_no} away again, and knew that it had lost filings"
        before.add(row.env_id)

    def _in_the_window(self, given: HallRow) -> bool:
        """Tell whether a restored city hall gave a lost number out before any bus could tell it of the loss.

        Afterwards it leaves numbers out, so a higher one before it in the log means that it knew.
        """
        rows = self._world.hall.disk.tables.rows.values()
        return self._restored and all(
            filing_parts(row.filing_no) < filing_parts(given.filing_no)
            for row in rows
            if row.log_index < given.log_index
        )
