"""The running switchboard: one board, the open connections, and the timer that ends calls."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from cityhall.switchboard.board import Board, Moment
from sync.callwords import Message

log = logging.getLogger("madobus.switchboard")
WAITING_MAX = 256  # messages a connection may be behind; one that is slower is let go
T = TypeVar("T")


def system_moment() -> Moment:
    """Read both clocks."""
    return Moment(int(time.time()), time.monotonic())


class Connection:
    """One bus's open connection: what waits to be sent. `finish` ends it from outside."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.waiting: asyncio.Queue[Message | None] = asyncio.Queue(WAITING_MAX)

    def put(self, message: Message) -> bool:
        """Queue a message; False when the bus is too far behind."""
        try:
            self.waiting.put_nowait(message)
        except asyncio.QueueFull:
            return False
        return True

    def finish(self, *last: Message) -> None:
        """Forget what waits, say the last words, and end."""
        while not self.waiting.empty():
            self.waiting.get_nowait()
        for message in (*last, None):
            self.waiting.put_nowait(message)


class Exchange:
    """Feeds the board, sends what it says, and re-arms its timer."""

    def __init__(self, board: Board, moment: Callable[[], Moment] = system_moment) -> None:
        self.board = board
        self.moment = moment
        self._open: dict[str, Connection] = {}
        self._changed = asyncio.Event()

    def connect(self, connection: Connection) -> Connection | None:
        """Take a bus's new connection; returns the older one that it replaces."""
        self.act(lambda now: self.board.arrive(connection.device, now), quiet=True)
        older = self._open.get(connection.device)
        self._open[connection.device] = connection
        self._send()
        log.info("bus.reachable device=%s", connection.device)
        return older

    def disconnect(self, connection: Connection) -> None:
        """Forget a connection; a newer one of the same bus stays."""
        if self._open.get(connection.device) is connection:
            del self._open[connection.device]
            self.act(lambda now: self.board.leave(connection.device, now))
            log.info("bus.gone device=%s", connection.device)

    def hear(self, connection: Connection, message: Message) -> None:
        """Follow what a bus says."""
        self.act(lambda now: self.board.hear(connection.device, message, now))

    def act(self, action: Callable[[Moment], T], *, quiet: bool = False) -> T:
        """Do one thing on the board, then send what it says and wake the timer."""
        result = action(self.moment())
        if not quiet:
            self._send()
        self._changed.set()
        return result

    async def run(self) -> None:
        """End calls whose patience has ended, for as long as the process lives."""
        while True:
            self._changed.clear()
            deadline = self.board.timer()
            wait = None if deadline is None else max(0.0, deadline - self.moment().steady)
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except TimeoutError:
                self.act(self.board.wake)

    def _send(self) -> None:
        for device, message in self.board.drain():
            connection = self._open.get(device)
            if connection is not None and not connection.put(message):
                log.warning("bus.behind device=%s", device)
                connection.finish()
