"""One connection between bus and city hall as the two shells see it: whole messages, in order, until it ends."""

from typing import Protocol


class Line(Protocol):
    """A stream of binary messages; the real ones are WebSockets, the simulated one is two lists."""

    async def receive(self) -> bytes | None:
        """Return the next message, or None once the other side has closed; raises OSError when the line broke."""

    async def send(self, message: bytes) -> None:
        """Return once the line took the message; raises OSError when it broke. A full line makes this wait."""

    async def close(self) -> None:
        """End the line within a few seconds, whatever the other side does; a second time is harmless."""
