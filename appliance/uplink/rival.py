"""The race against a silent path: a second connection, whose first packet gets through as soon as the link is back."""

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final, Protocol

from appliance.uplink.causes import LinkError
from appliance.uplink.dial import Dialler
from sync.line import Line

log = logging.getLogger("madobus.uplink")

# A path that confirms nothing for so long is raced. The kernel alone would wait for its next retransmission, and
# doubles that wait each time (RFC 6298).
WORRY_S: Final = 2.0
WATCH_EVERY_S: Final = 0.25


class Heard(Protocol):
    """What is known of a line's way."""

    def silence(self) -> float:
        """Return for how many seconds bytes have been waiting for a first sign that they arrived."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A line, and what has to be closed with it."""

    line: Line
    stack: AsyncExitStack


async def open_line(dialler: Dialler) -> Opened:
    """Return an open line; raises LinkError."""
    async with AsyncExitStack() as stack:
        line = await stack.enter_async_context(dialler.dial())
        return Opened(line, stack.pop_all())


async def race(line: Line, dialler: Dialler) -> Opened:
    """Return a second line once one opens while the first is silent; waits for ever beside one that is heard."""
    path: Heard | None = getattr(line, "path", None)
    while path is None:  # a line without a kernel below it cannot be silent unnoticed
        await asyncio.Event().wait()
    while True:
        await asyncio.sleep(WATCH_EVERY_S)
        if path.silence() >= WORRY_S:
            log.info("link.silent")
            rival = await _dial_beside(path, dialler)
            if rival is not None:
                return rival


async def let_go(racing: "asyncio.Task[Opened]") -> None:
    """End a race; a rival that nobody took is closed."""
    racing.cancel()
    for outcome in await asyncio.gather(racing, return_exceptions=True):
        if isinstance(outcome, Opened):
            await outcome.stack.aclose()


async def _dial_beside(path: Heard, dialler: Dialler) -> Opened | None:
    """Dial until a rival stands, or until the first line is heard again: then None."""
    attempt = asyncio.create_task(open_line(dialler))
    try:
        while path.silence() >= WORRY_S:
            await asyncio.wait({attempt}, timeout=WATCH_EVERY_S)
            if attempt.done() and path.silence() >= WORRY_S:
                try:
                    return attempt.result()
                except LinkError:
                    await asyncio.sleep(WATCH_EVERY_S)
                attempt = asyncio.create_task(open_line(dialler))
    except BaseException:
        await let_go(attempt)
        raise
    await let_go(attempt)
    return None
