"""The simulated city hall: the real intake on disks in memory, started as `python -m cityhall.intake` starts it."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import cast

from cityhall.intake.commit import GroupCommit
from cityhall.intake.countersign import Countersigner
from cityhall.intake.filing import Partners
from cityhall.intake.pump import Pump
from cityhall.intake.register import Register
from cityhall.intake.sessions import Sessions, watch
from cityhall.mail.store import HallMail
from provisioning.simulate.chance import Chance
from provisioning.simulate.clocks import HallTime
from provisioning.simulate.halldisk import HallDisk
from provisioning.simulate.hallshelf import HallShelf
from provisioning.simulate.machine import Ears, Machine
from provisioning.simulate.pool import pool
from provisioning.simulate.power import Power
from provisioning.simulate.wire import End
from sync.line import Line

INTAKE = "intake-1"

MakeShelf = Callable[[HallDisk, Power, HallTime], HallShelf]


class Hall(Machine):
    """City hall. `bundle` is the file of the key bundle; `publish` puts a newer one into it."""

    def __init__(
        self, chance: Chance, ears: Ears, make: MakeShelf, *, folder: Path, bundle: Path | None
    ) -> None:
        super().__init__("city hall", ears)
        self.disk = HallDisk()
        self.time = HallTime()
        self._bundle = bundle
        self._chance = chance
        self._make = make
        self._partners: Partners | None = None
        self._sessions = Sessions(INTAKE)
        self._lines: dict[int, Line] = {}
        self._register = _first_register(folder) if bundle is None else Register(bundle)
        self.shelf = make(self.disk, self.power, self.time)

    def boot(self) -> None:
        """Start the intake."""
        self.shelf = self._make(self.disk, self.power, self.time)
        mail = cast("HallMail", self.shelf)
        commits = GroupCommit(mail)
        self._sessions = Sessions(INTAKE)
        countersigner = Countersigner(pool().countersigner, mail)
        self._partners = Partners(mail, self._register, countersigner, commits, self.time)
        mail.nobody_connected(self.time.now())
        mail.sweep(self.time.now())
        self.run(commits.run())
        self.run(watch(mail, self._register, self._sessions))

    def lose(self, *, dark: bool) -> None:
        """Lose the connections, and what the disks had not synced."""
        for line in self._lines.values():
            if isinstance(line, End):
                line.lose()
        self._lines.clear()
        if dark:
            self.disk.go_dark(self._chance)

    def knock(self, device: str, line: Line) -> bool:
        """Take a connection whose certificate is the bus's; False when nobody is there."""
        if self._partners is None or not self.on:
            return False
        self._lines[id(line)] = line
        self.run(self._serve(Pump(self._partners, self._sessions, line, device), line))
        return True

    async def _serve(self, pump: Pump, line: Line) -> None:
        try:
            await pump.run()
        finally:
            self._lines.pop(id(line), None)
            await line.close()

    def publish(self, version: int) -> None:
        """Put the key bundle of this version into the intake's file; a running intake takes it within a second."""
        if self._bundle is not None:
            self._bundle.write_text(pool().texts[version - 1] + " ", encoding="utf-8")


@cache
def _first_register(folder: Path) -> Register:
    """Return the register of the first key bundle, read once a process; nothing in it changes."""
    path = folder / "hall.json"
    path.write_text(pool().texts[0], encoding="utf-8")
    return Register(path)
