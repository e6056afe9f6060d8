"""One machine run's hand on city hall's simulated disks: sessions, letters and pulls, and how anything is written."""

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from cityhall.intake.clock import Time
from cityhall.mail.buses import Sighting
from cityhall.mail.downwards import KINDS
from cityhall.mail.models import OutLetter
from provisioning.simulate.halldisk import HallDisk, HallRow, HallTables
from provisioning.simulate.power import Power

DOWNWARDS: Final = "downwards"
SESSIONS: Final = "sessions"


class HallTrays:
    """Dead with its `power`; `HallShelf` adds the envelopes and the log."""

    def __init__(self, disk: HallDisk, power: Power, time: Time) -> None:
        self._disk = disk
        self._power = power
        self._now = time.now

    # Who is connected.

    def nobody_connected(self, at: datetime, intake: str | None = None) -> None:
        """Keep nothing: that a bus was seen is no promise to anybody."""

    def buses_heard(self, sightings: Sequence[Sighting]) -> None:
        """Keep nothing: that a bus was seen is no promise to anybody."""

    def bus_left(self, device: str, token: str, at: datetime) -> None:
        """Keep nothing: that a bus was seen is no promise to anybody."""

    def bus_came(self, device: str, token: str, at: datetime, facts: dict[str, int]) -> None:
        """Remember a bus's newest session."""
        del at, facts
        with self._writing("came") as tables:
            tables.sessions[device] = token
            tables.bump(SESSIONS)

    def newest_sessions(self) -> dict[str, str]:
        """Return the newest session of each box."""
        return dict(self._reading().sessions)

    # The way down.

    def letters_for(self, device: str) -> list[bytes]:
        """Name the letters a bus has not confirmed, in the order they go down."""
        tables = self._reading()
        open_ones = [
            letter
            for (owner, letter_id), letter in tables.letters.items()
            if owner == device and (owner, letter_id) not in tables.delivered
        ]
        return [one.letter_id for one in sorted(open_ones, key=lambda one: KINDS.index(one.kind))]

    def letter(self, device: str, letter_id: bytes) -> OutLetter | None:
        """Return one letter of a bus."""
        return self._reading().letters.get((device, letter_id))

    def letter_delivered(self, letter_id: bytes, device: str, at: datetime) -> bool:
        """Note that a bus holds a letter; False the second time."""
        del at
        with self._writing("delivered") as tables:
            name = (device, letter_id)
            if name not in tables.letters or name in tables.delivered:
                return False
            tables.delivered |= {name}
            return True

    def pulls(self, device: str) -> list[tuple[bytes, int]]:
        """List (env_id, part index) the office waits for from one bus."""
        tables = self._reading()
        return sorted(pull for pull in tables.pulls if tables.rows[pull[0]].device == device)

    def downwards(self) -> int:
        """Return a number that moves whenever something is to go down."""
        return self.news()[0]

    def news(self) -> tuple[int, int]:
        """Return two numbers: one moves when something is to go down, one when a box said hello."""
        tables = self._reading()
        return tables.value(DOWNWARDS), tables.value(SESSIONS)

    def post_letter(
        self, device: str, kind: str, body: bytes, letter_id: bytes, *, at: datetime | None = None
    ) -> bool:
        """Put a letter into a bus's tray; False when it is there already."""
        del at
        with self._writing("post") as tables:
            if (device, letter_id) in tables.letters:
                return False
            tables.letters[device, letter_id] = OutLetter(letter_id, kind, body)
            tables.bump(DOWNWARDS)
            return True

    def pull(self, env_id: bytes, index: int) -> bool:
        """Ask for a part before the others; False when it is here or asked for already."""
        with self._writing("pull") as tables:
            arrived = with_part(tables, env_id, index).arrived[index]
            if arrived or (env_id, index) in tables.pulls:
                return False
            tables.pulls |= {(env_id, index)}
            tables.bump(DOWNWARDS)
            return True

    # The machine under it.

    def _refuse_when_full(self) -> None:
        if self._disk.full:
            raise OSError(errno.ENOSPC, "the disk is full; make room")

    def _held(self, device: str, env_id: bytes, item: int) -> int:
        return len(self._disk.pieces.seen.get((device, env_id, item), b""))

    def _reading(self) -> HallTables:
        self._power.look()
        return self._disk.tables

    @contextmanager
    def _writing(self, name: str) -> Iterator[HallTables]:
        """Give a copy that takes the tables' place at the end; a cut before that leaves nothing of it."""
        self._power.step(f"{name} before")
        self._refuse_when_full()
        tables = self._disk.tables.copy()
        yield tables
        self._commit(name, tables)
        self._power.step(f"{name} after")

    def _commit(self, name: str, tables: HallTables) -> None:
        del name
        self._disk.tables = tables


def with_part(tables: HallTables, env_id: bytes, index: int) -> HallRow:
    """Return the row of an envelope that has this part; raises KeyError."""
    row = tables.rows.get(env_id)
    if row is None or index >= len(row.arrived):
        raise KeyError(f"hall shelf: envelope {env_id.hex()} has no part {index}")
    return row
