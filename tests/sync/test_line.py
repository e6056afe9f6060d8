"""sync.line: what both shells ask of a connection."""

from collections import deque

from sync.line import Line


class Echo:
    """A line to oneself."""

    def __init__(self) -> None:
        self._messages: deque[bytes] = deque()

    async def receive(self) -> bytes | None:
        """Return what was sent, then the end."""
        return self._messages.popleft() if self._messages else None

    async def send(self, message: bytes) -> None:
        """Keep it."""
        self._messages.append(message)

    async def close(self) -> None:
        """Forget everything."""
        self._messages.clear()


async def test_three_methods_are_a_line() -> None:
    """Messages stay whole and in order until the end."""
    line: Line = Echo()
    await line.send(b"one")
    await line.send(b"two")
    assert [await line.receive() for _ in range(3)] == [b"one", b"two", None]
    await line.close()
