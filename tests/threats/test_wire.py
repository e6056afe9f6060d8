"""What a neighbour on the way out records (T4): TLS to city hall, and nothing else but questions of neighbours."""

import asyncio
import base64
import os
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from aiohttp import web

from appliance.uplink.dial import HallDialler
from provisioning.certificates import make_authority, make_box, make_server
from tests.support.bus_networks import HALL, HALL_PORT, MISSING, BusNetworks, bus_networks
from tests.support.there import start_there

PATIENCE_S = 60.0
NOW = datetime.now(UTC)
CITY = make_authority("our city", NOW)
CANARY = "カナリア花子-9b2e77".encode()
SPELLINGS = (CANARY, CANARY.hex().encode(), base64.b64encode(CANARY)[:-2], b"bus-07", b"/bus")
TLS_RECORDS = {20, 21, 22, 23}
ALL, IPV4, IPV6, ARP, TCP, SYN = 0x0003, 0x0800, 0x86DD, 0x0806, 6, 2


@pytest.fixture
def box(tmp_path: Path) -> Iterator[BusNetworks]:
    """A box as installed; the uplink's user is this test's."""
    with bus_networks() as found:
        if found is None:
            pytest.skip(MISSING)
        found.protect(tmp_path, {"to_hall": str(os.getuid())})
        yield found


def contexts(folder: Path) -> ssl.SSLContext:
    """City hall's side, and the box's files in the folder."""
    hall, bus = make_server(CITY, (HALL,), NOW), make_box(CITY, "bus-07", NOW)
    for name, data in (("ca.pem", CITY.certificate), ("h.pem", hall.certificate), ("h.key", hall.key),
                       ("b.pem", bus.certificate), ("b.key", bus.key)):  # fmt: skip
        (folder / name).write_bytes(data)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "h.pem", folder / "h.key")
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


async def city_hall(context: ssl.SSLContext, ready: Event) -> bytes:
    """Take one connection and return all it said."""
    sockets: list[socket.socket] = []
    heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def bus(request: web.Request) -> web.WebSocketResponse:
        assert request.transport is not None
        sockets.append(request.transport.get_extra_info("socket"))
        line = web.WebSocketResponse()
        await line.prepare(request)
        said = b"".join([message.data async for message in line])
        heard.set_result(said)
        return line

    application = web.Application()
    application.router.add_get("/bus", bus)
    runner = web.AppRunner(application, access_log=None, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, HALL, HALL_PORT, ssl_context=context).start()
    ready.set()
    try:
        return await asyncio.wait_for(heard, PATIENCE_S)
    finally:
        await runner.cleanup()
        async with asyncio.timeout(PATIENCE_S):
            while any(one.fileno() != -1 for one in sockets):  # noqa: ASYNC110  # nobody tells of a closed socket
                await asyncio.sleep(0.005)  # the loop closes them in one of its next turns


async def send(folder: Path) -> None:
    """Dial city hall as the uplink does and say what nobody else may hear."""
    ca, certificate, key = (folder / name for name in ("ca.pem", "b.pem", "b.key"))
    reach = HallDialler(f"wss://{HALL}:{HALL_PORT}/bus", ca, certificate, key)
    async with reach.dial() as line:
        for _ in range(20):
            await line.send(CANARY * 100)


def listen(ready: Event, ended: Event) -> list[bytes]:
    """Record every frame on the way out, by the neighbour's own card."""
    frames: list[bytes] = []
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL)) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        line.bind(("eth0", ALL))
        line.settimeout(0.05)
        ready.set()
        while True:
            done = ended.is_set()
            with suppress(TimeoutError):
                while True:
                    frames.append(line.recv(70_000))
            if done:
                return frames


def said_in_tcp(frames: list[bytes]) -> dict[tuple[bytes, int], bytes]:
    """Return what each end said in order: (address, port) and its bytes; what was sent again counts once."""
    begins: dict[tuple[bytes, int], int] = {}
    pieces: dict[tuple[bytes, int], list[tuple[int, bytes]]] = {}
    for frame in frames:
        if struct.unpack_from("!H", frame, 12)[0] != IPV4 or frame[23] != TCP:
            continue
        whole = struct.unpack_from("!H", frame, 16)[0]
        source, _, sequence = struct.unpack_from("!HHI", frame, 34)
        end = (frame[26:30], source)
        if frame[47] & SYN:
            begins[end] = sequence + 1
        # Cut in other pieces when it is sent again: each byte has its place, also when the numbers begin anew.
        at = (sequence - begins[end]) % (1 << 32)
        data = frame[34 + (frame[46] >> 4) * 4 : 14 + whole]
        if data:
            pieces.setdefault(end, []).append((at, data))
    said: dict[tuple[bytes, int], bytes] = {}
    for end, found in pieces.items():
        stream = bytearray()
        for at, data in sorted(found):
            assert at <= len(stream), "a frame was not recorded"
            stream[at : at + len(data)] = data
        said[end] = bytes(stream)
    return said


def types_of_records(data: bytes) -> set[int]:
    """Cut a stream into TLS records; returns their types."""
    found = set()
    while data:
        kind, version, length = struct.unpack_from("!BHH", data)
        assert version in (0x0301, 0x0303)
        found.add(kind)
        data = data[5 + length :]
    return found


def test_a_neighbour_records_tls_and_not_one_word(box: BusNetworks, tmp_path: Path) -> None:
    """Every byte the box sent is TLS for city hall; what was said arrived there, and is in no frame in any spelling."""
    context = contexts(tmp_path)
    ready, listening, ended = Event(), Event(), Event()
    up = box.name("up")
    frames = start_there(up, lambda: listen(listening, ended))
    hall = start_there(up, lambda: asyncio.run(city_hall(context, ready)))
    assert ready.wait(PATIENCE_S)
    assert listening.wait(PATIENCE_S)
    start_there(box.name("box"), lambda: asyncio.run(send(tmp_path))).result(PATIENCE_S)
    assert hall.result(PATIENCE_S) == CANARY * 2000
    ended.set()
    recorded = frames.result(PATIENCE_S)
    assert {struct.unpack_from("!H", one, 12)[0] for one in recorded} <= {IPV4, IPV6, ARP}
    said = said_in_tcp(recorded)
    assert {port for address, port in said if address == socket.inet_aton(HALL)} == {HALL_PORT}
    assert len(said) == 2
    assert all(types_of_records(one) <= TLS_RECORDS for one in said.values())
    everything = b"".join([*recorded, *said.values()])
    assert len(everything) > len(CANARY) * 2000
    assert [word for word in SPELLINGS if word in everything] == []
