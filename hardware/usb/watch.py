"""The watch at the sockets: looks, lets the gate judge what is new, and takes out of use what it refuses.

It goes by what it sees, not by what it is told: news only say when to look, a missed one costs a few seconds.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing, suppress
from typing import Final

from hardware.errors import DeviceFault
from hardware.usb.device import UsbDevice
from hardware.usb.gate import Gate
from hardware.usb.ports import UsbPorts
from hardware.usb.reasons import Verdict

log = logging.getLogger("madobus.usb")
LOOK_EVERY_S: Final = 2.0
"""A look without news: netlink may lose some, and somebody may have allowed behind our back what we refused."""

LOOK_AGAIN_S: Final = 0.05
"""A look after a refusal: a device that is just coming may not have its attribute yet."""


class UsbWatch:
    """Keeps the sockets; `tell` hears each new verdict, `after` is called when a look is done.

    `monotonic` gives seconds that never step.
    """

    def __init__(
        self,
        ports: UsbPorts,
        gate: Gate,
        monotonic: Callable[[], float],
        tell: Callable[[UsbDevice, Verdict], None],
        after: Callable[[], None] = lambda: None,
    ) -> None:
        self._ports = ports
        self._gate = gate
        self._monotonic = monotonic
        self._tell = tell
        self._after = after
        self._seen: dict[str, tuple[UsbDevice, Verdict]] = {}

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """What stands in a socket now and is not used."""
        return tuple(v for _, (_, v) in sorted(self._seen.items()) if not v.allowed)

    def look(self) -> bool:
        """Look once: judge what is new, refuse what must not be used; raises DeviceFault when that fails.

        Returns whether all was in order; what was refused just now is looked at again soon.
        """
        at = self._monotonic()
        present = {device.port: device for device in self._ports.present()}
        for port in self._seen.keys() - present.keys():
            del self._seen[port]
            self._gate.left(port, at)
        faults: list[DeviceFault] = []
        in_order = True
        for port, device in present.items():
            verdict = self._verdict(device, at)
            if not verdict.allowed and device.authorized:
                in_order = False
                try:
                    self._ports.refuse(port)
                except DeviceFault as fault:
                    faults.append(fault)  # the others are refused before anybody hears of it
            elif verdict.allowed and verdict.keys and not device.authorized:
                self._allow(port)
        if faults:
            raise faults[0]
        return in_order

    def _allow(self, port: str) -> None:
        """Bring keys into use, which nobody else does; one that cannot be is tried again at the next look."""
        try:
            self._ports.allow(port)
        except DeviceFault as fault:
            log.warning("usb.not_in_use port=%s cause=%s", port, fault.cause)

    def _verdict(self, device: UsbDevice, at: float) -> Verdict:
        """Return what holds for this device; a new verdict is told once."""
        old, verdict = self._seen.get(device.port, (None, None))
        if old is not None and verdict is not None and _is_same(old, device):
            return verdict
        if old is None or old.number != device.number:
            if old is not None:
                self._gate.left(device.port, at)
            made = self._gate.arrived(device, at)
        elif verdict is not None and not verdict.allowed and _says_same(old, device):
            made = verdict
        else:
            made = self._gate.changed(device, at)
        self._seen[device.port] = (device, made)
        if made != verdict or old is None or old.number != device.number:
            self._tell(device, made)
        return made

    async def run(self, settle_s: float) -> None:
        """Look at once and after every news; after `settle_s` the start is over and no new keys are allowed.

        Never returns; raises DeviceFault when a device cannot be refused.
        """
        news = asyncio.Event()
        hearing = asyncio.create_task(self._hear(news))
        loop = asyncio.get_running_loop()
        ends = loop.time() + settle_s
        await asyncio.sleep(0)  # the news are heard before the first look: nothing comes in between
        try:
            while True:
                in_order = self.look()
                if loop.time() >= ends:
                    self._gate.close()
                self._after()
                rest = ends - loop.time()
                pause = min(LOOK_EVERY_S, rest) if rest > 0 else LOOK_EVERY_S
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause if in_order else LOOK_AGAIN_S):
                        await news.wait()
                news.clear()
                if hearing.done():
                    hearing.result()  # the news ended: say why, and let the process begin anew
                    return
        finally:
            hearing.cancel()
            with suppress(asyncio.CancelledError):
                await hearing

    async def _hear(self, news: asyncio.Event) -> None:
        async with aclosing(self._ports.changes()) as changes:  # type: ignore[type-var]
            async for _ in changes:
                news.set()


def _is_same(one: UsbDevice, other: UsbDevice) -> bool:
    return (one.number, one.configuration) == (other.number, other.configuration) and _says_same(
        one, other
    )


def _says_same(one: UsbDevice, other: UsbDevice) -> bool:
    return (one.raw, one.serial) == (other.raw, other.serial)
