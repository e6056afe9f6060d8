"""What a session waits for: messages in order, then the end of the line; and nothing that holds up its own end."""

import asyncio

from cityhall.intake.inlet import AHEAD_LIMIT, Inlet, Sign


class FloodingLine:
    """A bus that sends so many messages at once, and then hangs up."""

    def __init__(self, count: int) -> None:
        self._left = count

    async def receive(self) -> bytes | None:
        """Return the next of them."""
        self._left -= 1
        return None if self._left < 0 else bytes([self._left])

    async def send(self, message: bytes) -> None:
        """Take anything."""

    async def close(self) -> None:
        """Have nothing to end."""


async def test_every_message_comes_before_the_end() -> None:
    """What was read ahead is not lost when the line goes."""
    inlet = Inlet(FloodingLine(AHEAD_LIMIT + 3))
    came = [await inlet.next(60) for _ in range(AHEAD_LIMIT + 4)]
    await inlet.close()
    assert came == [*(bytes([n]) for n in reversed(range(AHEAD_LIMIT + 3))), Sign.GONE]


async def test_a_session_that_ends_while_its_bus_floods_it_lets_go() -> None:
    """Nobody takes the messages any more: the end of the session waits for no room among them."""
    inlet = Inlet(FloodingLine(AHEAD_LIMIT + 3))
    while inlet._messages.qsize() < AHEAD_LIMIT:  # noqa: ASYNC110 - a queue that is full has no event
        await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await inlet.close()
    assert inlet._reader.done()


async def test_a_nudge_is_told_before_messages() -> None:
    """News from inside the house waits behind nobody."""
    inlet = Inlet(FloodingLine(1))
    inlet.nudge()
    assert await inlet.next(60) is Sign.NUDGE
    assert await inlet.next(60) == b"\x00"
    await inlet.close()
