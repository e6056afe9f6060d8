"""An event loop whose time is a number: it never sleeps, reads no socket and starts no thread."""

import asyncio
from collections.abc import Callable
from typing import Any


class StillError(RuntimeError):
    """Nothing is ready and no timer is set: every task waits for another one."""


class _Waiter:
    """What the loop asks for events: moves the time instead of waiting for the network."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        """Let `timeout` seconds pass at once."""
        if timeout is None:
            raise StillError(
                "simulation: every task waits for another one; look at the last events"
            )
        self._loop.leap(timeout)
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs the same shells as the real loop. `delay` says how many seconds a call to the disk takes (0: none)."""

    def __init__(self, delay: Callable[[], float]) -> None:
        super().__init__()
        # The base class asks this for events between two rounds, as it would ask a real selector.
        self._selector = _Waiter(self)
        self._delay = delay
        self._now = 0.0

    def time(self) -> float:
        """Return seconds since the day began."""
        return self._now

    def leap(self, seconds: float) -> None:
        """Let time pass with nobody looking; timers that came due meanwhile fire together."""
        self._now += seconds

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Do the work here and now; its answer comes at once or after the disk's delay."""
        del executor
        answer: asyncio.Future[Any] = self.create_future()
        seconds = self._delay()
        if seconds:
            # A thread begins when it likes: before or after whatever happens in the meantime.
            self.call_later(seconds, _finish, answer, func, args)
        else:
            _finish(answer, func, args)
        return answer

    def _process_events(self, event_list: list[Any]) -> None:
        """Do nothing: there are no sockets."""

    def _write_to_self(self) -> None:
        """Do nothing: there are no threads."""


def _finish(answer: "asyncio.Future[Any]", func: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Do the work even when nobody waits any more: a thread cannot be called back."""
    try:
        found = func(*args)
    except BaseException as error:  # noqa: BLE001 - a power cut is one, and belongs to whoever waits
        if not answer.done():
            answer.set_exception(error)
        return
    if not answer.done():
        answer.set_result(found)
