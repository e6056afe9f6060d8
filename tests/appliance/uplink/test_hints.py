"""The network changed: the kernel's word becomes one hint, and a hint doubts a session that stands."""

import asyncio
import socket
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from appliance.uplink.causes import Cause, LinkError
from appliance.uplink.clock import UplinkClock
from appliance.uplink.evidence import Evidence
from appliance.uplink.keeper import Keeper
from appliance.uplink.link import Link
from appliance.uplink.netwatch import open_netlink, watch
from appliance.uplink.partners import Partners
from appliance.uplink.status import Status
from appliance.uplink.trust import Trust
from hardware.clock.system import SystemClock
from sync.line import Line
from sync.pacing import Backoff
from tests.appliance.uplink.test_travel import keep, running
from tests.support.houses import make_houses, until


async def test_many_words_of_the_kernel_are_one_hint() -> None:
    """A modem that comes up is heard once it has settled; the next change is another hint."""
    kernel, heard = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    heard.setblocking(False)
    hints: list[int] = []
    watching = asyncio.create_task(watch(heard, lambda: hints.append(1)))
    for _ in range(20):
        kernel.send(b"newaddr")
    await until(lambda: hints == [1])
    kernel.send(b"newroute")
    await until(lambda: hints == [1, 1])
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    kernel.close()


async def test_without_a_kernel_to_hear_there_are_no_hints() -> None:
    """The watch stays, silently; the back-off does the work."""
    watching = asyncio.create_task(watch(None, lambda: None))
    await asyncio.sleep(0)
    assert not watching.done()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


def test_the_kernel_can_be_heard_here() -> None:
    """A netlink socket needs no privilege."""
    heard = open_netlink()
    assert heard is not None
    heard.close()


async def test_a_hint_leaves_a_dead_path_after_one_heartbeat(tmp_path: Path) -> None:
    """The address changed and the old path swallows everything: doubt, then a new session that sends on."""
    async with running(tmp_path) as (_, bus, relay):
        bus.heartbeat_s = 1.0
        await bus.start()
        await until(lambda: bus.mail.beacon() is not None)
        relay.hold()
        keep(bus, 0)
        assert bus.uplink is not None
        bus.uplink.link.hint()
        await until(bus.all_are("complete"), 2.5)
        assert relay.connections == 2


class TwoPasts:
    """Each attempt ends because city hall told another history."""

    attempts = 0

    def dial(self) -> AbstractAsyncContextManager[Line]:
        """Count and fail."""
        self.attempts += 1
        raise LinkError(Cause.HISTORY_BROKE)


async def test_a_hall_with_two_pasts_is_not_dialled_without_a_pause(tmp_path: Path) -> None:
    """After the first everything is offered again at once; after the second the back-off counts."""
    _, bus = make_houses(tmp_path)
    trust = Trust(bus.folder / "bundle.json", bus.folder / "root.json")
    partners = Partners(
        device=bus.device,
        mail=bus.mail,
        clock=UplinkClock(SystemClock()),
        evidence=Evidence(trust, bus.mail),
        trust=trust,
        status=Status(),
        heartbeat_s=1.0,
    )
    paused = asyncio.Event()

    def last_word() -> float:
        paused.set()
        return 1.0

    hall = TwoPasts()
    link = Link(
        partners, hall, Backoff(last_word), Keeper(bus.mail, partners.status, partners.clock).tell
    )
    running_on = asyncio.create_task(link.run())
    async with asyncio.timeout(60):
        await paused.wait()
    running_on.cancel()
    await asyncio.gather(running_on, return_exceptions=True)
    assert hall.attempts == 2


async def test_a_hint_harms_no_living_session(tmp_path: Path) -> None:
    """The hall answers, the session goes on."""
    async with running(tmp_path) as (_, bus, relay):
        bus.heartbeat_s = 20.0
        await bus.start()
        await until(lambda: bus.mail.beacon() is not None)
        assert bus.uplink is not None
        bus.uplink.link.hint()
        keep(bus, 0)
        await until(bus.all_are("complete"))
        assert relay.connections == 1
