"""A TCP connection to one of a name's addresses (RFC 8305); whatever moment it is given up at, no socket stays open.

Written out here because asyncio's own race (Python 3.11) drops a winner when it is cancelled in the same moment.
"""

import asyncio
import contextlib
import socket
from functools import partial
from itertools import chain, zip_longest
from typing import Any, Final

# A second address of the name is tried beside the first after so long.
EYEBALLS_S: Final = 0.25

Attempts = dict["asyncio.Task[None]", socket.socket]


async def reach(host: str | None, port: int) -> socket.socket:
    """Return a connected socket that does not block; raises OSError, the last address's."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    attempts: Attempts = {}
    won: socket.socket | None = None
    failure: OSError | None = None
    waiting = _by_turns(found)
    try:
        while won is None and (waiting or attempts):
            if waiting:
                try:
                    _attempt(attempts, waiting.pop(0))
                except OSError as unspoken:  # a family this box does not speak
                    failure = unspoken
                    continue
            done, _ = await asyncio.wait(
                attempts,
                timeout=EYEBALLS_S if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                error = task.exception()
                if error is None and won is None:
                    won = attempts.pop(task)
                elif isinstance(error, OSError):
                    failure = error
                    attempts.pop(task).close()
    finally:
        for task, wire in attempts.items():
            task.cancel()
            task.add_done_callback(partial(_close, wire))
    if won is None:
        raise failure or OSError(f"{host} has no address")
    return won


def let_go(wire: socket.socket) -> None:
    """End a connection whose transport may not know yet that nobody wants it: it closes what it hears has ended."""
    with contextlib.suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)


def _close(wire: socket.socket, _task: "asyncio.Task[None]") -> None:
    wire.close()


def _attempt(attempts: Attempts, found: tuple[Any, ...]) -> None:
    """Begin to connect to one address."""
    family, kind, protocol, _, address = found
    wire = socket.socket(family, kind, protocol)
    wire.setblocking(False)
    loop = asyncio.get_running_loop()
    attempts[loop.create_task(loop.sock_connect(wire, address))] = wire


def _by_turns(found: list[Any]) -> list[Any]:
    """Return the addresses with their families by turns, the preferred one first."""
    families: dict[int, list[Any]] = {}
    for one in found:
        families.setdefault(one[0], []).append(one)
    return [one for one in chain(*zip_longest(*families.values())) if one is not None]
