"""The one function that looks at the whole city and says which of the seven invariants does not hold."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from provisioning.simulate.box import Box
from provisioning.simulate.boxdisk import BoxRow, BoxTables
from provisioning.simulate.leftovers import leftovers, unsettled
from provisioning.simulate.numbers import Numbers
from provisioning.simulate.pool import key_of
from provisioning.simulate.receipts import of_box, of_hall
from provisioning.simulate.world import Told, World
from sync.envelope import Envelope
from sync.errors import SealError
from sync.journal import GENESIS, JournalEntry, verify_chain
from sync.merkle import EMPTY_ROOT, Tree

Head = tuple[int, bytes]
# The longest that a half connection is late.
ON_THE_WAY_S: Final = 30.0


@dataclass(slots=True)
class _Seen:
    """What the judge remembers of one box: its journal so far, the head it trusted and the alarms it wrote."""

    journal: list[JournalEntry] = field(default_factory=list)
    head: Head = (0, EMPTY_ROOT)
    alarms: int = 0


class Judge:
    """Looks after every fault (`look`) and once more when everything should be settled (`settled`)."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._boxes = {name: _Seen() for name in world.boxes}
        self._alarms_before = dict.fromkeys(world.boxes, 0)
        self._log: tuple[bytes, ...] = ()
        self._tree = Tree()
        self._epochs: list[set[Head]] = [{(0, EMPTY_ROOT)}]
        self.numbers = Numbers(world)
        self._filed: set[bytes] = set()
        self._whole: set[bytes] = set()
        self._rows_seen: set[bytes] = set()
        self._hearing = False
        self._restored_at = -ON_THE_WAY_S

    def look(self) -> None:
        """Check I1 to I5 and I7 as they must hold at any moment."""
        self._world.see()
        for problem in self._problems():
            self._world.fault(problem)

    def restored(self, *, prudent: bool) -> None:
        """Hear that city hall was just put back to an older state: its log may be another one from here.

        `prudent`: whoever put the backup back had numbers left out before the first bus came.
        """
        self._log = self._world.hall.disk.tables.log
        self._tree = Tree(self._log)
        self.numbers.restored()
        self._rows_seen = set(self._world.hall.disk.tables.rows)
        self._hearing = prudent
        self._restored_at = asyncio.get_running_loop().time()
        self._epochs.append({(size, self._tree.root(size)) for size in range(len(self._log) + 1)})

    def old_card(self, box: Box) -> None:
        """Hear that a box was just put back to an older card: what it remembered since is gone."""
        tables = box.disk.tables
        seen = self._boxes[box.name]
        seen.journal, seen.head = list(tables.journal), tables.head_seen()
        seen.alarms = _alarms(tables)
        for told in self._world.told.values():
            if told.bus == box.name and told.envelope.env_id not in tables.rows:
                told.lost_with_card = True
        for env_id, row in tables.rows.items():
            if not row.hall_receipt:
                self.numbers.forget(env_id)
        for told in self._world.told.values():
            if told.lost_with_card:
                self.numbers.forget(told.envelope.env_id)

    def _problems(self) -> Iterator[str]:
        yield from self._hall_log()
        for box in self._world.boxes.values():
            yield from self._journal(box)
            yield from self._head_grew(box)
            for row in box.disk.tables.rows.values():
                yield from self._word(box, row)
        for told in self._world.told.values():
            yield from self._not_lost(told)
        yield from self._not_doubled()

    # I1, I7

    def _not_lost(self, told: Told) -> Iterator[str]:
        name = f"{told.bus}'s application {told.number}"
        row = self._world.boxes[told.bus].disk.tables.rows.get(told.envelope.env_id)
        if told.lost_with_card or self._hall_holds(told.envelope):
            return
        if row is None:
            yield f"I1 {name}: a receipt was shown, and neither box nor city hall has it"
        elif row.purged:
            yield f"I1 {name}: purged on the bus, and city hall does not hold it"
        elif not self._box_holds(told):
            yield f"I1 {name}: its bytes are gone from the bus, and city hall does not hold them"

    def _box_holds(self, told: Told) -> bool:
        seen = self._world.boxes[told.bus].disk.files.seen
        return all(
            seen.get((told.envelope.env_id, item)) == data
            for item, data in enumerate((told.envelope.slip, *told.envelope.parts))
        )

    def _hall_holds(self, envelope: Envelope) -> bool:
        disk = self._world.hall.disk
        row = disk.tables.rows.get(envelope.env_id)
        return (
            row is not None
            and row.slip == envelope.slip
            and all(row.arrived)
            and all(
                disk.blobs.seen.get((envelope.env_id, index)) == data
                for index, data in enumerate(envelope.parts)
            )
        )

    # I2

    def _not_doubled(self) -> Iterator[str]:
        rows = self._world.hall.disk.tables.rows
        numbers: dict[str, bytes] = {}
        applications: dict[tuple[str, int], bytes] = {}
        for row in rows.values():
            if numbers.setdefault(row.filing_no, row.env_id) != row.env_id:
                yield f"I2 city hall gave {row.filing_no} to two envelopes"
            twin = self._world.twins.get(row.env_id, ("", -1))
            if applications.setdefault(twin, row.env_id) != row.env_id:
                yield f"I2 city hall filed {twin[0]}'s application {twin[1]} twice"

    # I4

    def _hall_log(self) -> Iterator[str]:
        tables = self._world.hall.disk.tables
        knew, self._hearing = self._hearing, self._hearing or self._heard()
        for row in tables.rows.values():
            if row.env_id not in self._rows_seen:
                self._rows_seen.add(row.env_id)
                yield from self.numbers.given(row, knew=knew)
            self._filed.add(row.env_id)
            if row.final_receipt is not None:
                self._whole.add(row.env_id)
        log = tables.log
        if log is self._log:
            return
        if log[: len(self._log)] != self._log:
            yield "I4 city hall's log was rewritten"
            self.restored(prudent=False)
            return
        for leaf in log[len(self._log) :]:
            self._tree.append(leaf)
            self._epochs[-1].add((len(self._tree), self._tree.root()))
        self._log = log

    def _journal(self, box: Box) -> Iterator[str]:
        seen, journal = self._boxes[box.name].journal, box.disk.tables.journal
        if journal[: len(seen)] != seen:
            yield f"I4 {box.name}'s journal was rewritten"
            seen.clear()
        head = (seen[-1].seq, seen[-1].hash) if seen else GENESIS
        try:
            verify_chain(journal[len(seen) :], head)
        except SealError as error:
            yield f"I4 {box.name}'s journal: {error}"
        seen.extend(journal[len(seen) :])

    def _head_grew(self, box: Box) -> Iterator[str]:
        seen, tables = self._boxes[box.name], box.disk.tables
        head, alarms = tables.head_seen(), _alarms(tables)
        if head != seen.head:
            grown = head[0] >= seen.head[0] and any(
                head in epoch and seen.head in epoch for epoch in self._epochs
            )
            if not grown and alarms <= seen.alarms:
                yield f"I4 {box.name} took a head of {head[0]} that does not extend {seen.head[0]}, without an alarm"
            if not any(head in epoch for epoch in self._epochs):
                yield f"I4 {box.name} trusts a head of {head[0]} that city hall never had"
        seen.head, seen.alarms = head, alarms

    # I5, I7

    def _word(self, box: Box, row: BoxRow) -> Iterator[str]:
        place = f"{box.name}'s application {row.serial}"
        told = self._world.told.get(row.env_id)
        if told is not None and told.receipt == row.box_receipt:
            yield from (f"I5 {place}: {fault}" for fault in of_box(row, key_of(box.name)))
        if row.hall_receipt is None:
            if row.state in ("arrived", "complete"):
                yield f"I7 {place} is called {row.state} without city hall's word"
            return
        yield from (f"I5 {place}: {fault}" for fault in of_hall(row))
        yield from self.numbers.told(place, row)
        if row.state == "complete" and row.env_id not in self._whole:
            yield f"I7 {place} is called complete, and city hall never held it"
        if row.state == "arrived" and row.env_id not in self._filed:
            yield f"I7 {place} is called arrived, and city hall never filed it"

    def _heard(self) -> bool:
        """Tell whether a bus that knew of the last restore's loss has told city hall.

        What was on its way when the backup was put back speaks of an older loss.
        """
        alarms = {name: _alarms(box.disk.tables) for name, box in self._world.boxes.items()}
        if asyncio.get_running_loop().time() < self._restored_at + ON_THE_WAY_S:
            self._alarms_before = alarms
        return any(alarms[name] > self._alarms_before[name] for name in alarms)

    # I6, I3

    def unsettled(self) -> list[str]:
        """Name what still has to happen before everything is settled (I6)."""
        self._world.see()
        return list(unsettled(self._world))

    def settled(self, *, purged: bool) -> None:
        """Check at the end of the day that nothing is left over; `purged`: the grace is over for everything."""
        head = (len(self._log), self._tree.root())
        for problem in leftovers(self._world, head, purged=purged):
            self._world.fault(problem)


def _alarms(tables: BoxTables) -> int:
    return sum(entry.kind == "alarm" for entry in tables.journal)
