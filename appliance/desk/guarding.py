"""Watches over the visit: locks the idle screen, forgets a visit left behind, tells when a task that must live died."""

import asyncio
import logging

from appliance.desk.counter import Counter
from appliance.desk.web.session import Sessions
from hardware.protocols import Power, PowerFacts

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""Seconds between two looks: far below any idle limit, far above any cost."""

FORGET_S = 3600.0
"""Seconds between two looks for a visit left behind; the first look is the start."""


async def forget_left_behind(counter: Counter) -> None:
    """Destroy a visit nobody opened for three days, at the start or once the clock is known to be right."""
    while True:
        await counter.forget_left_behind()
        await asyncio.sleep(FORGET_S)


async def lock_now(counter: Counter, sessions: Sessions, cause: str) -> None:
    """Lock the screen and let the visit's keys go at once, whatever runs; what is kept goes on after the PIN.

    For a door, an ignition or a person that cannot wait: a stack in the feeder stops, as at a power cut.
    """
    sessions.end()
    if counter.visit is not None:
        await counter.lock()
        log.info("screen.locked cause=%s", cause)


async def lock_when_idle(counter: Counter, sessions: Sessions) -> None:
    """Lock a screen nobody touches, or whose person locked it while work ran; work that runs holds the visit open."""
    while True:
        left = sessions.idle_left()
        if counter.lock_due or (left is not None and left <= 0):
            tray = counter.tray
            if tray is not None and tray.work.busy:
                sessions.hold()
            else:
                await lock_now(counter, sessions, "button" if counter.lock_due else "idle")
        await asyncio.sleep(LOOK_S if left is None else min(LOOK_S, max(left, 0.05)))


async def lock_when_turned(counter: Counter, sessions: Sessions, power: Power) -> None:
    """Lock at once when the ignition is turned, on or off, when the door opens, and when either line falls silent."""
    before: PowerFacts | None = None
    async for now in power.changes():
        cause = "" if before is None else turned(before, now)
        before = now
        if cause:
            await lock_now(counter, sessions, cause)


def turned(before: PowerFacts, now: PowerFacts) -> str:
    """Return which line asks for the lock, or "": a bus that moves or is left has nobody at its counter."""
    if before.ignition is not None and now.ignition != before.ignition:
        return "ignition"
    if before.door is not None and now.door != before.door and now.door is not False:
        return "door"
    return ""


async def until_death(counter: Counter) -> None:
    """Return when a background task of the open visit has died; the process must then end too."""
    while True:
        for task in counter.tasks():
            if task.done() and not task.cancelled() and task.exception() is not None:
                fault = task.exception()
                log.error("desk.task_died cause=%s", type(fault).__name__, exc_info=fault)
                return
        await asyncio.sleep(LOOK_S)
