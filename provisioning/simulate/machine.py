"""A machine of the simulated city: tasks that run while the power is on, and a restart after every cut."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from provisioning.simulate.power import Power, PowerCut

# A machine that stops so often on one day is broken, whatever cut it.
CUTS_LIMIT: Final = 40

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ears:
    """Who hears what a machine does: `tell` the story, `fault` what must never happen."""

    tell: Tell
    fault: Tell


class Machine(ABC):
    """One box or city hall."""

    def __init__(self, name: str, ears: Ears) -> None:
        self.name = name
        self.tell = ears.tell
        self.fault = ears.fault
        self.power = Power(self._down)
        self.power.on = False
        self.cuts = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._back: asyncio.Task[None] | None = None
        self._dark_s = 1.0

    @property
    def on(self) -> bool:
        """Tell whether the machine runs."""
        return self.power.on

    def start(self) -> None:
        """Switch on."""
        self.power = Power(self._down)
        self.boot()

    def stay_away(self, seconds: float) -> None:
        """Say how long the next cut lasts."""
        self._dark_s = seconds

    async def stop(self) -> None:
        """Switch off for good."""
        self.power.on = False
        if self._back is not None:
            self._back.cancel()
        await self._end_tasks()

    async def until_on(self) -> None:
        """Wait for a restart that is under way."""
        while not self.on and self._back is not None and not self._back.done():
            await asyncio.wait({self._back})

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something as long as the machine does; its death is the machine's."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    @abstractmethod
    def boot(self) -> None:
        """Start the processes on this machine."""

    @abstractmethod
    def lose(self, *, dark: bool) -> None:
        """Lose what a cut takes: connections, and what the disk had not synced when it was a dark one."""

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None or isinstance(error, PowerCut) or not self.on:
            return
        self.fault(f"{self.name}: a process died of {type(error).__name__}: {error}")
        # systemd starts it again.
        self.power.cut(f"died of {type(error).__name__}", dark=False)

    def _down(self, step: str, dark: bool) -> None:  # noqa: FBT001 - the shape Power calls
        self.cuts += 1
        self.tell(f"{self.name} {'lost its power' if dark else 'was killed'} at: {step}")
        self.lose(dark=dark)
        self._back = asyncio.get_running_loop().create_task(self._come_back())

    async def _come_back(self) -> None:
        await self._end_tasks()
        seconds, self._dark_s = self._dark_s, 1.0
        if self.cuts > CUTS_LIMIT:
            self.fault(f"{self.name} does not come up any more")
            return
        await asyncio.sleep(seconds)
        self.start()
        self.tell(f"{self.name} is on again")

    async def _end_tasks(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
