"""Two lines that are no network: a session read from a stick at city hall, and its answer read at the bus."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Final

from sync.errors import PeerError
from sync.feeding import Feeder, Step
from sync.frames import Confirm, Frame, decode_frame

# How long the bus's end waits for a line that takes nothing, each time it wants to say something.
SLOW_S: Final = 10.0


class StickLine:
    """City hall's line: feeds `frames` as fast as the receiver answers, and hands each answer to `heard`.

    `confirmed` names the letters the bus holds, with their lengths: they need not go onto the stick again.
    """

    def __init__(self, frames: Iterator[bytes], heard: Callable[[Frame, bytes], None]) -> None:
        self._frames = frames
        self._heard = heard
        self._next: bytes | None = None
        self._feeder = Feeder()
        self._changed = asyncio.Event()
        self.confirmed: set[tuple[bytes, int]] = set()

    async def receive(self) -> bytes | None:
        """Return the next frame of the files; None once all of them are answered."""
        while True:
            self._changed.clear()
            if self._next is None:
                self._next = await asyncio.to_thread(next, self._frames, None)
            if self._next is None and self._feeder.settled:
                return None
            step = Step.WAIT if self._next is None else self._step(self._next)
            if step is Step.WAIT:
                await self._changed.wait()
                continue
            message, self._next = self._next, None
            if step is Step.FEED:
                return message

    async def send(self, message: bytes) -> None:
        """Note what city hall says."""
        frame = decode_frame(message)
        self._feeder.heard(frame)
        self._heard(frame, message)
        self._changed.set()

    async def close(self) -> None:
        """Do nothing: a file needs no goodbye."""

    def _step(self, message: bytes) -> Step:
        try:
            frame = decode_frame(message)
        except PeerError:
            # The receiver says what is wrong with it, with its number.
            return Step.FEED
        if isinstance(frame, Confirm):
            self.confirmed.add((frame.thing_id, frame.offset))
        step = self._feeder.step(frame)
        if step is Step.FEED:
            self._feeder.fed(frame)
        return step


class AnswerLine:
    """The bus's line: city hall's frames one after the other; what the bus would say is taken very slowly."""

    def __init__(self, frames: Iterator[bytes]) -> None:
        self._frames = frames
        self._over = asyncio.Event()

    async def receive(self) -> bytes | None:
        """Return the next frame; None after the last one."""
        message = await asyncio.to_thread(next, self._frames, None)
        if message is None:
            self._over.set()
        return message

    async def send(self, _message: bytes) -> None:
        """Take a message and do nothing with it: nobody listens, and the next export says it better."""
        try:
            async with asyncio.timeout(SLOW_S):
                await self._over.wait()
        except TimeoutError:
            return

    async def close(self) -> None:
        """End the waiting."""
        self._over.set()
