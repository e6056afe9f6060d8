"""How a device stands, for a screen: asked once at a time, kept for a moment; nobody waits for one that is stuck."""

import asyncio
from collections.abc import Awaitable, Callable

from hardware.errors import DeviceError
from hardware.protocols import FeederState

FRESH_S = 2.0
"""Seconds an answer is good for, unless its asker says otherwise."""
PATIENCE_S = 2.0
"""Seconds a screen waits for an answer; the question goes on behind it."""
REST_S = 3.0
"""Seconds a question under way may take before a feed that waits for it gives it up, and to end after that."""


class Glance:
    """Asks `state` of a device; `known` is its last answer, None before the first."""

    def __init__(
        self,
        state: Callable[[], Awaitable[FeederState]],
        monotonic: Callable[[], float],
        *,
        fresh_s: float = FRESH_S,
    ) -> None:
        self._state = state
        self._monotonic = monotonic
        self._fresh_s = fresh_s
        self._asking: asyncio.Task[None] | None = None
        self._at = 0.0
        self._resting = False
        self.known: FeederState | None = None

    async def look(self, patience_s: float = PATIENCE_S) -> FeederState | None:
        """Return the newest answer there is within the patience; a device that fails is absent."""
        if self.known is not None and self._monotonic() - self._at < self._fresh_s:
            return self.known
        if self._asking is None and not self._resting:
            self._asking = asyncio.create_task(self._ask())
        asking = self._asking
        if asking is not None:
            await asyncio.wait({asking}, timeout=patience_s)
            if asking.done() and not asking.cancelled():
                asking.result()
        return self.known

    async def rest(self) -> None:
        """Leave the device to a feed, which changes how it stands: return once no question is under way."""
        self._resting = True
        try:
            if self._asking is not None:
                await asyncio.wait({self._asking}, timeout=REST_S)
            await self.close()
        finally:
            self._resting, self.known = False, None

    async def close(self) -> None:
        """Give up a question under way; one that does not even end by that is left behind."""
        asking = self._asking
        if asking is not None:
            asking.cancel()
            await asyncio.wait({asking}, timeout=REST_S)

    async def _ask(self) -> None:
        try:
            self.known = await self._state()
        except DeviceError:
            self.known = FeederState.ABSENT
        finally:
            self._at = self._monotonic()
            self._asking = None
