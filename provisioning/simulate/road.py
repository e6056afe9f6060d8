"""The road between one bus and city hall: coverage, speed, and the connections on it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from appliance.uplink.causes import Cause, LinkError
from provisioning.simulate.wire import Cut, Path, Wire
from sync.line import Line


class Road:
    """An `appliance.uplink.dial.Dialler`; `knock` hands a connection to city hall, False when nobody is there."""

    def __init__(self, device: str, knock: Callable[[str, Line], bool]) -> None:
        self.covered = False
        self.rate = 100_000.0
        self.delay = 0.05
        self.races = False
        self.wires: list[Wire] = []
        self.on_dial: Callable[[Wire], None] = lambda _wire: None
        self.device = device
        self._knock = knock

    @asynccontextmanager
    async def dial(self) -> AsyncIterator[Line]:
        """Return an open line; raises LinkError."""
        await asyncio.sleep(2 * self.delay)
        if not self.covered:
            raise LinkError(Cause.NO_NETWORK, "no coverage")
        wire = Wire(self.rate, self.delay)
        if self.races:
            wire.bus.path = Path(wire.up)
        if not self._knock(self.device, wire.hall):
            raise LinkError(Cause.NOBODY_THERE, "nobody there")
        self.wires = [*self.wires[-3:], wire]
        self.on_dial(wire)
        try:
            yield wire.bus
        finally:
            await wire.bus.close()

    def last(self) -> Wire | None:
        """Return the newest connection that was not cut."""
        return next((one for one in reversed(self.wires) if not one.over), None)

    def leave(self, how: Cut, stall_s: float) -> None:
        """Drive out of coverage."""
        self.covered = False
        self.cut(how, stall_s)

    def cut(self, how: Cut, stall_s: float) -> None:
        """End every connection in one way; there may be another one at once."""
        for wire in self.wires:
            if not wire.over:
                wire.cut(how, stall_s)
