"""What the kernel tells of the supply, and the ignition's and the door's line: files that hold 0 or 1.

`/sys/class/power_supply` tells mains and battery. A line is a file of the kernel's or of a vehicle's gateway, e.g.
the `value` of a GPIO behind an optocoupler: `SysfsPower(ignition=Path("/sys/class/gpio/gpio17/value"))`.
https://docs.kernel.org/power/power_supply_class.html
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from hardware.protocols import PowerFacts

SUPPLIES = Path("/sys/class/power_supply")
LOOK_S = 0.5
"""Seconds between two looks: a line tells no news by itself."""

LONGEST = 32
"""Bytes of a file that are looked at; the kernel's words are shorter."""


class SysfsPower:
    """Reads the files anew at each look; what is not there is unknown."""

    def __init__(
        self,
        ignition: Path | None = None,
        door: Path | None = None,
        supplies: Path = SUPPLIES,
        look_s: float = LOOK_S,
    ) -> None:
        self._ignition = ignition
        self._door = door
        self._supplies = supplies
        self._look_s = look_s

    @property
    def name(self) -> str:
        """Say where it looks."""
        return f"sysfs {self._supplies}"

    async def facts(self) -> PowerFacts:
        """Read every file once."""
        return await asyncio.to_thread(self._look)

    async def changes(self) -> AsyncIterator[PowerFacts]:
        """Give the present facts, then each change."""
        before: PowerFacts | None = None
        while True:
            now = await self.facts()
            if now != before:
                before = now
                yield now
            await asyncio.sleep(self._look_s)

    def _look(self) -> PowerFacts:
        source, charge = "unknown", None
        supplies = sorted(self._supplies.iterdir()) if self._supplies.is_dir() else []
        for supply in supplies:
            if _words(supply / "type") == "Battery":
                told = _words(supply / "capacity")
                charge = int(told) if told.isascii() and told.isdigit() else charge
                if source == "unknown":
                    source = "battery"
            elif _words(supply / "online") == "1":
                source = "mains"
        return PowerFacts(source, charge, _line(self._ignition), _line(self._door))


def _line(path: Path | None) -> bool | None:
    return None if path is None else {"0": False, "1": True}.get(_words(path))


def _words(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(LONGEST).decode("ascii", "replace").strip()
    except OSError:
        return ""
