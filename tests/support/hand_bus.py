"""A box that speaks to an intake frame by frame, so that a test decides after which byte its line is cut."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from appliance.uplink.dial import HallDialler
from sync.envelope import Envelope
from sync.frames import (
    SESSION_BYTES,
    Confirm,
    Frame,
    Hello,
    Offer,
    Piece,
    Receipt,
    Welcome,
    decode_frame,
    encode_frame,
)
from sync.line import Line
from tests.support.houses import Bus

DEADLINE_S = 60.0

F = TypeVar("F", bound=Frame)


class HandBus:
    """One welcomed session."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def say(self, frame: Frame) -> None:
        """Send a frame."""
        await self._line.send(encode_frame(frame))

    async def hear(self, kind: type[F]) -> F:
        """Return the next frame of a kind; others are passed over."""
        async with asyncio.timeout(DEADLINE_S):
            while (message := await self._line.receive()) is not None:
                frame = decode_frame(message)
                if isinstance(frame, kind):
                    return frame
        raise ConnectionError("the intake hung up")

    async def file(self, envelope: Envelope) -> Receipt:
        """Send a fresh slip and return its receipt."""
        await self.say(Offer(envelope.env_id, len(envelope.slip), 0, fresh=True))
        await self.say(Piece(envelope.env_id, 0, 0, envelope.slip))
        return await self.hear(Receipt)

    async def send(self, envelope: Envelope, item: int, start: int, end: int) -> int:
        """Send bytes of an item and return how many of it the intake says are durable."""
        data = (envelope.slip, *envelope.parts)[item]
        await self.say(Piece(envelope.env_id, item, start, data[start:end]))
        return (await self.hear(Confirm)).offset


@asynccontextmanager
async def hand_bus(bus: Bus, port: int) -> AsyncIterator[HandBus]:
    """Give a welcomed session of a box with the intake at a port."""
    files = (bus.folder / "ca.pem", bus.folder / "tls.pem", bus.folder / "tls.key")
    async with HallDialler(f"wss://127.0.0.1:{port}/bus", *files).dial() as line:
        made = HandBus(line)
        await made.say(Hello(bus.device, os.urandom(SESSION_BYTES), "", 0))
        await made.hear(Welcome)
        yield made
