"""A dial that is given up at any moment leaves nothing open: hints and stops come when they like."""

import asyncio
import gc
import socket
import ssl
import warnings
from pathlib import Path

import pytest

from appliance.uplink.dial import HallDialler
from appliance.uplink.reach import reach
from tests.support.tls import TlsCity, server_context

TURNS = 40
"""More turns of the loop than a connection on loopback takes until its handshake."""


async def keep_open(dialler: HallDialler) -> None:
    """Dial, and hold the line."""
    async with dialler.dial():
        await asyncio.Event().wait()


def unclosed(seen: list[warnings.WarningMessage]) -> list[str]:
    """Collect what nobody holds any more, and return what was found open."""
    gc.collect()
    return [str(one.message) for one in seen]


async def test_a_dial_given_up_at_any_turn_leaves_no_socket(tmp_path: Path) -> None:
    """Cancelled after each number of turns of the loop, the attempt closes what it had opened."""
    city = TlsCity(tmp_path)
    ours, box = city.server(), city.box("bus-07")
    context: ssl.SSLContext = server_context(ours.certificate, ours.key)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.transport.abort()

    async with await asyncio.start_server(silent, "127.0.0.1", 0, ssl=context) as server:
        url = f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}/bus"
        dialler = HallDialler(url, city.ca, box.certificate, box.key)
        left = {}
        for turns in range(TURNS):
            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always", ResourceWarning)
                attempt = asyncio.create_task(keep_open(dialler))
                for _ in range(turns):
                    await asyncio.sleep(0)
                attempt.cancel()
                await asyncio.gather(attempt, return_exceptions=True)
                del attempt
                for _ in range(TURNS):
                    await asyncio.sleep(0)
                left[turns] = unclosed(seen)
        assert {turns: what for turns, what in left.items() if what} == {}


async def test_an_address_nobody_serves_gives_way_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name with two addresses is reached at the one that answers; the other's socket is closed."""
    async with await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            dead = (socket.AF_INET, socket.SOCK_STREAM, 6, "", bound.getsockname())
            alive = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))

            async def both(*_: object, **__: object) -> list[object]:
                return [dead, alive]

            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)
            with await reach("city.example", port) as wire:
                assert wire.getpeername()[1] == port


async def test_fail__no_address_answers() -> None:
    """The refusal of the last address is told as it came."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            await reach("127.0.0.1", bound.getsockname()[1])
