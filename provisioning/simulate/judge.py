"""The one function that looks at the whole city and says which of the seven invariants does not hold."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from appliance.mail.rows import OPEN_STATES
from cityhall.intake.restored import NUMBERS_MARGIN
from provisioning.simulate.box import Box
from provisioning.simulate.boxdisk import BoxRow, BoxTables
from provisioning.simulate.halldisk import HallRow
from provisioning.simulate.pool import CANARY, key_of
from provisioning.simulate.receipts import of_box, of_hall
from provisioning.simulate.world import Told, World
from sync.envelope import Envelope
from sync.errors import SealError
from sync.ids import filing_parts
from sync.journal import GENESIS, JournalEntry, verify_chain
from sync.merkle import EMPTY_ROOT, Tree

Head = tuple[int, bytes]


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
        self._numbers: dict[bytes, str] = {}
        self._owners: dict[str, bytes] = {}
        self._filed: set[bytes] = set()
        self._whole: set[bytes] = set()
        self.doubled: set[str] = set()
        self._rows_seen: set[bytes] = set()
        self._hearing = False
        self._given: dict[str, set[bytes]] = {}

    def look(self) -> None:
        """Check I1 to I5 and I7 as they must hold at any moment."""
        for problem in self._problems():
            self._world.fault(problem)

    def restored(self, *, prudent: bool) -> None:
        """Hear that city hall was just put back to an older state: its log may be another one from here.

        `prudent`: whoever put the backup back had numbers left out before the first bus came.
        """
        self._log = self._world.hall.disk.tables.log
        self._tree = Tree(self._log)
        self._rows_seen = set(self._world.hall.disk.tables.rows)
        self._hearing = prudent
        self._alarms_before = {
            name: _alarms(box.disk.tables) for name, box in self._world.boxes.items()
        }
        self._epochs.append({(size, self._tree.root(size)) for size in range(len(self._log) + 1)})

    def old_card(self, box: Box) -> None:
        """Hear that a box was just put back to an older card: what it remembered since is gone."""
        tables = box.disk.tables
        seen = self._boxes[box.name]
        seen.journal, seen.head = list(tables.journal), _head(tables)
        seen.alarms = _alarms(tables)
        for told in self._world.told.values():
            if told.bus == box.name and told.envelope.env_id not in tables.rows:
                told.lost_with_card = True
        for env_id, row in tables.rows.items():
            if not row.hall_receipt:
                self._forget_number(env_id)
        for told in self._world.told.values():
            if told.lost_with_card:
                self._forget_number(told.envelope.env_id)

    def _forget_number(self, env_id: bytes) -> None:
        """With the card the only copy of city hall's word outside city hall is gone: it cannot come back with it."""
        number = self._numbers.pop(env_id, None)
        if number is not None:
            self._owners.pop(number, None)

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
                yield from self._given_again(row, knew=knew)
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
        head, alarms = _head(tables), _alarms(tables)
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
        yield from self._number(place, row)
        if row.state == "complete" and row.env_id not in self._whole:
            yield f"I7 {place} is called complete, and city hall never held it"
        if row.state == "arrived" and row.env_id not in self._filed:
            yield f"I7 {place} is called arrived, and city hall never filed it"

    def _number(self, place: str, row: BoxRow) -> Iterator[str]:
        """Check that a number once told stays its envelope's, but for the window of decision 0009."""
        number = row.filing_no
        owner = self._owners.setdefault(number, row.env_id)
        if owner != row.env_id and number not in self.doubled:
            yield f"I2 {place}: its number {number} was told for another one before"
        known = self._numbers.setdefault(row.env_id, number)
        if known != number:
            self._numbers[row.env_id] = number
            if known not in self.doubled:
                yield f"I2 {place}: its number {known} became {number}"

    def _heard(self) -> bool:
        """Tell whether a bus that knew of the last restore's loss has told city hall."""
        return any(
            _alarms(box.disk.tables) > self._alarms_before[name]
            for name, box in self._world.boxes.items()
        )

    def _given_again(self, row: HallRow, *, knew: bool) -> Iterator[str]:
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
        return len(self._epochs) > 1 and all(
            filing_parts(row.filing_no) < filing_parts(given.filing_no)
            for row in rows
            if row.log_index < given.log_index
        )

    # I6, I3

    def unsettled(self) -> list[str]:
        """Name what still has to happen before everything is settled (I6)."""
        return list(self._unsettled())

    def _unsettled(self) -> Iterator[str]:
        tables = self._world.hall.disk.tables
        for name, box in self._world.boxes.items():
            if name in self._world.revoked:
                continue
            for row in box.disk.tables.rows.values():
                yield from self._unsettled_row(name, row, tables.rows.get(row.env_id))
            letters = box.disk.tables.letters
            for letter_id, body in self._world.posted.get(name, {}).items():
                if letter_id not in letters:
                    yield f"I6 {name} has no letter {letter_id.hex()[:6]}"
                elif letters[letter_id].body != body:
                    yield f"I2 {name}'s letter {letter_id.hex()[:6]} has other bytes"
                elif (name, letter_id) not in tables.delivered:
                    yield f"I6 city hall does not know that {name} has letter {letter_id.hex()[:6]}"
        for env_id, index in tables.pulls:
            if tables.rows[env_id].device not in self._world.revoked and not self._card_lost(
                env_id
            ):
                yield f"I6 part {index} of {env_id.hex()[:6]} is still pulled"

    def _unsettled_row(self, name: str, row: BoxRow, filed: HallRow | None) -> Iterator[str]:
        place = f"I6 {name}'s application {row.serial}"
        if row.state in OPEN_STATES:
            yield f"{place} is still {row.state}"
        elif row.refusal is not None:
            yield f"{place} was refused: {row.refusal}"
        elif filed is None:
            yield f"{place} is {row.state}, and city hall does not have it"
        elif filed.filing_no != row.filing_no:
            yield f"I2 {place[3:]} is {row.filing_no} on the bus and {filed.filing_no} at city hall"
        elif filed.final_receipt is None:
            yield f"{place} is {row.state}, and city hall misses a part"

    def _card_lost(self, env_id: bytes) -> bool:
        told = self._world.told.get(env_id)
        return told is None or told.lost_with_card

    def settled(self, *, purged: bool) -> None:
        """Check at the end of the day that nothing is left over; `purged`: the grace is over for everything."""
        hall = self._world.hall.disk
        for device, env_id, item in hall.pieces.seen:
            if env_id in hall.tables.rows:
                self._world.fault(
                    f"I6 item {item} of an envelope of {device} lies half at city hall for ever"
                )
        for name, box in self._world.boxes.items():
            head = _head(box.disk.tables)
            if name not in self._world.revoked and head != (len(self._log), self._tree.root()):
                self._world.fault(
                    f"I6 {name} knows a head of {head[0]}, the log has {len(self._log)}"
                )
            if purged and name not in self._world.revoked:
                for row in box.disk.tables.rows.values():
                    if not row.purged:
                        self._world.fault(f"I6 {name}'s application {row.serial} was not purged")
            unpurged = {row.env_id for row in box.disk.tables.rows.values() if not row.purged}
            for env_id in {env_id for env_id, _ in box.disk.files.seen} - unpurged:
                self._world.fault(f"I6 files of {env_id.hex()[:6]} are orphaned on {name}")
        stored = [*hall.blobs.seen.values(), *hall.pieces.seen.values()]
        stored += [
            data for box in self._world.boxes.values() for data in box.disk.files.seen.values()
        ]
        if any(CANARY in data for data in stored):
            self._world.fault("I3 plaintext lies on a disk")


def _head(tables: BoxTables) -> Head:
    return (0, EMPTY_ROOT) if tables.head is None else (tables.head.size, tables.head.root)


def _alarms(tables: BoxTables) -> int:
    return sum(entry.kind == "alarm" for entry in tables.journal)
