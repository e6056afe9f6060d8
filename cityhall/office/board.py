"""The live board: tells every open screen that something changed. Holds no content."""

import asyncio
from collections.abc import AsyncGenerator

# Open screens of one office; one caseworker has a few tabs.
MOST_LISTENERS = 200


class BoardFull(Exception):  # noqa: N818 - reads as a fact at the door
    """Too many screens are open: close one and try again."""


class Board:
    """A number that moves with every change; a slow screen skips numbers, it never queues them."""

    def __init__(self) -> None:
        self.number = 0
        self._listeners: set[asyncio.Event] = set()
        self._closed = False

    def changed(self) -> None:
        """Move the number and wake every screen."""
        self.number += 1
        for listener in self._listeners:
            listener.set()

    def close(self) -> None:
        """End every stream; the office is stopping."""
        self._closed = True
        self.changed()

    async def numbers(self, *, heartbeat_s: float) -> AsyncGenerator[int]:
        """Yield the number now and after every change, and again after `heartbeat_s` of silence."""
        if len(self._listeners) >= MOST_LISTENERS:
            raise BoardFull(
                f"board: {MOST_LISTENERS} screens are open already; close one and reload"
            )
        listener = asyncio.Event()
        self._listeners.add(listener)
        try:
            while not self._closed:
                listener.clear()
                yield self.number
                try:
                    await asyncio.wait_for(listener.wait(), heartbeat_s)
                except TimeoutError:
                    continue
        finally:
            self._listeners.discard(listener)
