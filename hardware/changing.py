"""A value that changes and those who watch it: the heart of every simulated device that tells news."""

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")
MAX_BEHIND = 64  # changes a watcher may be late; beyond that it is given the newest only


class Changing(Generic[T]):
    """One present value. Watchers get it at once, then every later one until the source ends."""

    def __init__(self, value: T) -> None:
        self.value = value
        self._watchers: set[asyncio.Queue[tuple[T] | None]] = set()
        self._ended = False

    def set(self, value: T) -> None:
        """Change the value; setting the same value tells nobody."""
        if value != self.value:
            self.value = value
            for queue in self._watchers:
                _put(queue, (value,))

    def end(self) -> None:
        """Let every watcher's iteration end: the device has left."""
        self._ended = True
        for queue in self._watchers:
            _put(queue, None)

    async def watch(self) -> AsyncIterator[T]:
        """Give the present value and each change."""
        queue: asyncio.Queue[tuple[T] | None] = asyncio.Queue(MAX_BEHIND)
        queue.put_nowait(None if self._ended else (self.value,))
        self._watchers.add(queue)
        try:
            while (news := await queue.get()) is not None:
                yield news[0]
        finally:
            self._watchers.discard(queue)


def _put(queue: asyncio.Queue[tuple[T] | None], news: tuple[T] | None) -> None:
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
    queue.put_nowait(news)
