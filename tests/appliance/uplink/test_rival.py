"""The race against a silent path: when a second connection is dialled, when it takes over, when it is let go."""

import asyncio
import socket
import time
from asyncio.trsock import TransportSocket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from appliance.uplink.causes import Cause, LinkError
from appliance.uplink.rival import WORRY_S, let_go, race
from appliance.uplink.sockets import Path, tune
from sync.line import Line
from tests.support.houses import until


class Told:
    """A path that is as silent as the test says."""

    silent_s = 0.0

    def silence(self) -> float:
        """Say so."""
        return self.silent_s


class Still:
    """A line that says nothing."""

    def __init__(self) -> None:
        self.path = Told()

    async def receive(self) -> bytes | None:
        """Wait for ever."""
        await asyncio.Event().wait()
        return None

    async def send(self, message: bytes) -> None:
        """Swallow."""

    async def close(self) -> None:
        """Nothing to close."""


@dataclass
class Roads:
    """A dialler whose attempts fail, or open a line after `on_open`; counts."""

    fails: int = 0
    opened: int = 0
    closed: int = 0
    on_open: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def dial(self) -> AsyncIterator[Line]:
        """Fail as often as told, then open."""
        await asyncio.sleep(0)
        if self.fails:
            self.fails -= 1
            raise LinkError(Cause.NO_NETWORK)
        self.opened += 1
        self.on_open()
        try:
            yield Still()
        finally:
            self.closed += 1


async def test_a_silent_path_is_overtaken_by_the_first_line_that_opens() -> None:
    """Attempts that fail are followed by others."""
    line, roads = Still(), Roads(fails=2)
    line.path.silent_s = WORRY_S
    async with asyncio.timeout(60):
        rival = await race(line, roads)
    assert (roads.fails, roads.opened, roads.closed) == (0, 1, 0)
    await rival.stack.aclose()
    assert roads.closed == 1


async def test_a_path_that_is_heard_again_keeps_its_session() -> None:
    """The rival is closed, and the race goes on."""
    line = Still()

    def heard() -> None:
        line.path.silent_s = 0.0

    roads = Roads(on_open=heard)
    line.path.silent_s = WORRY_S
    racing = asyncio.create_task(race(line, roads))
    await until(lambda: roads.closed == 1, 60)
    assert not racing.done()
    await let_go(racing)
    assert roads.opened == 1


async def test_a_race_that_is_let_go_closes_what_it_opened() -> None:
    """Nobody took the rival."""
    line, roads = Still(), Roads()
    line.path.silent_s = WORRY_S
    racing = asyncio.create_task(race(line, roads))
    await until(racing.done, 60)
    await let_go(racing)
    assert (roads.opened, roads.closed) == (1, 1)


def test_the_kernel_tells_what_was_confirmed_and_whether_the_address_is_ours() -> None:
    """On loopback every byte is confirmed and the address stays."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        with socket.create_connection(listening.getsockname()) as wire:
            tune(TransportSocket(wire))
            wire.send(b"word")
            path = Path(TransportSocket(wire), time.monotonic)
            while path.silence():
                pass
            assert not path.is_stranded()
            path.shut()
        assert path.silence() == 0.0


class Moved:
    """A socket whose own address is one for documentation only (RFC 5737)."""

    family = socket.AF_INET

    def __init__(self) -> None:
        self.controls: list[object] = []

    def setsockopt(self, _level: int, _name: int, value: object) -> None:
        """Note the congestion control; one is not in this kernel."""
        self.controls.append(value)
        if value == b"bbr":
            raise OSError

    def getsockname(self) -> tuple[str, int]:
        """Name it."""
        return ("203.0.113.7", 8443)


def test_a_connection_whose_address_left_the_box_is_stranded() -> None:
    """Nothing could come back to it."""
    assert Path(Moved(), time.monotonic).is_stranded()  # type: ignore[arg-type]  # no such socket can be made


def test_the_congestion_control_follows_the_speed_and_does_not_flutter() -> None:
    """A kernel without the wanted one keeps its own."""
    wire = Moved()
    path = Path(wire, time.monotonic)  # type: ignore[arg-type]  # no such socket can be made
    for goodput in (10_000.0, 700_000.0, 2_000_000.0, 700_000.0, 100_000.0):
        path.suit(goodput)
    assert wire.controls == [b"cubic", b"bbr", b"cubic"]
