"""One writer an item: the newest request wins, and an older one of the same item is ended first."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

# Items of one box that may be written, read or asked for at the same time.
CLAIMS_LIMIT: Final = 8

Key = tuple[str, bytes, int]
End = Callable[[], None]


class TooManyClaimsError(RuntimeError):
    """A box has more requests under way than it may."""


@dataclass(slots=True)
class _Queue:
    """Who holds an item and who waits for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    standing: list[tuple[object, End]] = field(default_factory=list)


class Claims:
    """The items under way in this process, by (device, envelope, item)."""

    def __init__(self) -> None:
        self._queues: dict[Key, _Queue] = {}

    @asynccontextmanager
    async def hold(self, key: Key, end: End) -> AsyncIterator[None]:
        """Have an item alone for a block; `end` is called when a newer request wants it.

        Raises TooManyClaimsError. Whoever was there before has kept what came of it when the block begins.
        """
        if sum(len(queue.standing) for at, queue in self._queues.items() if at[0] == key[0]) >= (
            CLAIMS_LIMIT
        ):
            raise TooManyClaimsError(f"{CLAIMS_LIMIT} requests of one box are under way")
        queue = self._queues.setdefault(key, _Queue())
        for _, older in queue.standing:
            older()
        mine = (object(), end)
        queue.standing.append(mine)
        try:
            async with queue.lock:
                yield
        finally:
            queue.standing.remove(mine)
            if not queue.standing:
                del self._queues[key]
