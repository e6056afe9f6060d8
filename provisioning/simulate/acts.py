"""The troubles of a day: each is one act upon the world, thrown by the seed."""

import asyncio
from typing import Final

from cityhall.intake.restored import NUMBERS_MARGIN
from cityhall.mail.times import fiscal_year
from provisioning.simulate.box import Box
from provisioning.simulate.chance import Chance
from provisioning.simulate.judge import Judge
from provisioning.simulate.pool import pool
from provisioning.simulate.power import Power
from provisioning.simulate.profile import Fault
from provisioning.simulate.replay import Replay
from provisioning.simulate.wire import Cut, Wire
from provisioning.simulate.world import World
from sync.ids import filing_parts

# Messages of a session that is worth hearing again: a hello alone says nothing.
WORTH_REPLAYING: Final = 3
DAY_S: Final = 86_400.0
_CUTS: Final = (Cut.RESET, Cut.RESET, Cut.SILENT)
_HALVES: Final = (Cut.BUS_GONE, Cut.HALL_GONE, Cut.UP_DEAD, Cut.DOWN_DEAD)
# The version of the key bundle in which a bus is revoked.
_REVOKED_SINCE: Final = {"bus-03": 3, "bus-02": 4, "bus-01": 5}
_STEPS_S: Final = (-3600.0, -30.0, -5.0, 5.0, 45.0, 3600.0, 40 * DAY_S, -DAY_S)


class Acts:
    """Every act counts itself in `world.happened` and tells its line."""

    def __init__(self, world: World, judge: Judge) -> None:
        self._world = world
        self._judge = judge
        self._chance: Chance = world.chance.fork("acts")

    def may(self, fault: Fault, times: float) -> bool:
        """Throw whether a trouble comes now: once in so many times on the days that have it."""
        return self._world.profile.has(fault) and self._chance.once_in(times)

    def _note(self, fault: Fault, line: str) -> None:
        self._world.happened[fault] += 1
        self._world.tell(line)

    # The network.

    def plan_wire(self, box: Box, wire: Wire) -> None:
        """Give a new connection its end."""
        if self.may(Fault.CUT, 1.5):
            self._plan(box, wire, Fault.CUT, self._chance.one_of(_CUTS))
        elif self.may(Fault.STALL, 2):
            self._plan(box, wire, Fault.STALL, self._chance.one_of(_HALVES))

    def _plan(self, box: Box, wire: Wire, fault: Fault, how: Cut) -> None:
        down = self._chance.once_in(4)
        byte = int(self._chance.skewed(40, 8_000 if down else 200_000))
        wire.plan(how, byte, self._chance.between(0.1, 8), down=down)
        self._note(
            fault,
            f"{box.name}'s connection will end ({how.value}) {byte} bytes {'down' if down else 'up'}",
        )

    def leave(self, box: Box) -> None:
        """Drive out of coverage."""
        box.road.on_dial = lambda _wire: None
        how = self._chance.one_of((*_CUTS, *_HALVES)) if self.may(Fault.STALL, 1) else Cut.RESET
        box.road.leave(how, self._chance.between(0.1, 20))
        self._world.tell(f"{box.name} leaves coverage ({how.value})")

    def race(self, box: Box) -> None:
        """Change the bus's address: it dials again while its old bytes are still on their way."""
        wire = box.road.last()
        if wire is None:
            return
        wire.cut(Cut.BUS_GONE, self._chance.between(0.05, 3))
        box.hint()
        self._note(Fault.RACE, f"{box.name} has a new address; what it sent before comes late")

    def replay(self, box: Box) -> None:
        """Let city hall hear an old session of the box once more."""
        if self._world.happened[Fault.RESTORE]:
            return  # TLS lets nobody say a lost session again, and city hall would file it again
        said = next(
            (wire.bus.said for wire in box.road.wires if len(wire.bus.said) >= WORTH_REPLAYING),
            None,
        )
        if said is None:
            return
        line = Replay(list(said), self._chance.between(0.0, 0.1))
        if self._world.hall.knock(box.name, line):
            self._note(
                Fault.REPLAY, f"an old session of {box.name} is played again, {len(said)} messages"
            )

    # Machines.

    def arm_box(self, box: Box) -> None:
        """Let the box stop at one of its next durable steps."""
        for fault, dark in ((Fault.BOX_KILL, False), (Fault.BOX_DARK, True)):
            if box.on and self.may(fault, 3):
                box.power.arm(self._chance.count(1, 40), dark=dark)
                box.stay_away(self._chance.skewed(0.2, 5))
                self._note(fault, f"{box.name} will stop at one of its next steps")
                return

    def arm_hall(self) -> None:
        """Let city hall stop at one of its next durable steps."""
        hall = self._world.hall
        for fault, dark in ((Fault.HALL_KILL, False), (Fault.HALL_DARK, True)):
            if hall.on and self.may(fault, 3):
                hall.power.arm(self._chance.count(1, 60), dark=dark)
                hall.stay_away(self._chance.skewed(0.2, 5))
                self._note(fault, "city hall will stop at one of its next steps")
                return

    async def restore_hall(self) -> None:
        """Put city hall back to its last backup."""
        world, hall = self._world, self._world.hall
        if world.backup is None:
            return
        await hall.until_on()
        self._judge.look()
        hall.stay_away(self._chance.skewed(0.5, 10))
        hall.power.cut("its last backup is put back", dark=False)
        blobs = hall.disk.blobs
        lost = len(hall.disk.tables.log) - len(world.backup.tables.log)
        hall.disk = world.backup.copy()
        if self._chance.once_in(2):
            hall.disk.blobs = blobs.copy()
        prudent = self._chance.once_in(2)
        if prudent:
            self._leave_numbers_out()
        self._world.see()
        self._judge.restored(prudent=prudent)
        told = "the numbers were left out" if prudent else "nobody left numbers out"
        self._note(
            Fault.RESTORE, f"city hall is restored from a backup; {lost} leaves less; {told}"
        )
        self._post_again()

    def _leave_numbers_out(self) -> None:
        """Do what `madobus provision restored` does before the intake starts."""
        hall = self._world.hall
        shelf = self._world.plant.hall(hall.disk, Power(lambda _step, _dark: None), hall.time)
        highest, this_year = shelf.witness(0).highest, fiscal_year(hall.time.now())
        year, known = filing_parts(highest) if highest else (this_year, 0)
        shelf.skip_numbers(this_year, known if year == this_year else 0, NUMBERS_MARGIN)

    def _post_again(self) -> None:
        """Forget the letters that the backup does not have: the office would post them anew."""
        known = self._world.hall.disk.tables.letters
        for name, letters in self._world.posted.items():
            for letter_id in [one for one in letters if (name, one) not in known]:
                del letters[letter_id]

    def backup(self) -> None:
        """Copy city hall's disks."""
        self._world.see()
        self._world.backup = self._world.hall.disk.copy()
        self._world.tell("city hall's backup is taken")

    async def old_card(self, box: Box) -> None:
        """Put a box back to an older image of its card."""
        image = self._world.images.get(box.name)
        if image is None:
            return
        await box.until_on()
        self._judge.look()
        box.stay_away(self._chance.skewed(0.5, 10))
        box.power.cut("an old card is put in", dark=True)
        box.take_card(image)
        self._judge.old_card(box)
        for letter_id in [*self._world.posted.get(box.name, {})]:
            if letter_id not in image.tables.letters:
                del self._world.posted[box.name][letter_id]
        self._note(Fault.OLD_CARD, f"{box.name} runs from an old card")

    def image(self, box: Box) -> None:
        """Copy a box's card."""
        self._world.see()
        self._world.images[box.name] = box.disk.copy()
        self._world.tell(f"{box.name}'s card is copied")

    # Clocks, disks, keys.

    def step_clocks(self, box: Box) -> None:
        """Let clocks jump."""
        if self.may(Fault.BOX_CLOCK, 2):
            box.clock.astray_s = self._chance.one_of((*_STEPS_S, 0.0, 0.0))
            box.clock.knows = self._chance.once_in(2)
            self._note(
                Fault.BOX_CLOCK, f"{box.name}'s clock is now {box.clock.astray_s:+.0f} s off"
            )
        if self.may(Fault.HALL_CLOCK, 3):
            self._world.hall.time.astray_s = self._chance.between(-600, 600)
            self._note(
                Fault.HALL_CLOCK,
                f"city hall's clock is {self._world.hall.time.astray_s:+.0f} s off",
            )

    async def full_disk(self) -> None:
        """Let city hall's disk take nothing for some seconds."""
        disk = self._world.hall.disk
        disk.full = True
        self._note(Fault.FULL_DISK, "city hall's disk is full")
        await asyncio.sleep(self._chance.between(0.5, 3))
        self._world.hall.disk.full = False
        disk.full = False

    def revoke(self) -> None:
        """Revoke the last bus that is not revoked yet; the first ones go on."""
        left = [name for name in self._world.boxes if name not in self._world.revoked]
        if not left:
            return
        name, version = left[-1], _REVOKED_SINCE[left[-1]]
        self._world.revoked.add(name)
        self._world.hall.publish(version)
        self._note(Fault.REVOKED, f"{name} is revoked")

    # The office.

    def post(self, box: Box) -> None:
        """Put a letter into a bus's tray."""
        hall = self._world.hall
        letters = self._world.posted.setdefault(box.name, {})
        kind = self._chance.one_of(("visit_pack", "correction", "key_bundle"))
        if kind == "key_bundle":
            body = pool().texts[1].encode()
        else:
            body = self._chance.data(int(self._chance.skewed(100, 40_000)))
        letter_id = self._chance.data(16)
        hall.shelf.post_letter(box.name, kind, body, letter_id)
        letters[letter_id] = body
        self._world.tell(f"the office posts a {kind} of {len(body)} bytes to {box.name}")

    def pull(self) -> None:
        """Ask for a part that is not here yet."""
        self._world.see()
        hall = self._world.hall
        open_parts = [
            (row.env_id, index)
            for row in hall.disk.tables.rows.values()
            for index, here in enumerate(row.arrived)
            if not here
        ]
        if open_parts:
            env_id, index = self._chance.one_of(open_parts)
            hall.shelf.pull(env_id, index)
            self._world.tell(f"a caseworker asks for part {index} of {env_id.hex()[:6]}")
