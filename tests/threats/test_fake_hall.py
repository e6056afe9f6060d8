"""Fake base stations, portals and lying names (T11): nobody gets a byte of ours who does not prove to be city hall."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.uplink.causes import Cause, LinkError
from appliance.uplink.dial import HallDialler
from provisioning.certificates import Identity, make_authority, make_box, make_server

NOW = datetime.now(UTC)
CITY = make_authority("our city", NOW)
HANDSHAKE = 22
"""The TLS record type of a handshake: the only thing a stranger may see of us."""


class Somebody:
    """Listens where city hall should be; remembers what came raw, and what came through TLS."""

    def __init__(self, port: int, context: ssl.SSLContext | None) -> None:
        self.port = port
        self.context = context
        self.raw = bytearray()
        self.told = bytearray()


@asynccontextmanager
async def somebody(context: ssl.SSLContext | None, answer: bytes = b"") -> AsyncIterator[Somebody]:
    """Give a listener; one without TLS says `answer` to the first bytes it hears."""
    seen: list[Somebody] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                (seen[0].told if context else seen[0].raw).extend(data)
                writer.write(answer)
                await writer.drain()
                if answer:
                    break
        writer.transport.abort()

    server = await asyncio.start_server(hear, "127.0.0.1", 0, ssl=context)
    seen.append(Somebody(server.sockets[0].getsockname()[1], context))
    async with server:
        yield seen[0]


def serving(folder: Path, identity: Identity) -> ssl.SSLContext:
    """Return a server's side that shows this identity and asks for nothing."""
    (folder / "server.pem").write_bytes(identity.certificate)
    (folder / "server.key").write_bytes(identity.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context


def dialler(folder: Path, port: int, host: str = "127.0.0.1") -> HallDialler:
    """Return the box's way to city hall, with its own certificate."""
    box = make_box(CITY, "bus-07", NOW)
    for name, data in (
        ("ca.pem", CITY.certificate),
        ("b.pem", box.certificate),
        ("b.key", box.key),
    ):
        (folder / name).write_bytes(data)
    url = f"wss://{host}:{port}/bus"
    return HallDialler(url, folder / "ca.pem", folder / "b.pem", folder / "b.key")


async def refusal(reach: HallDialler) -> LinkError:
    """Dial, and return why the box turned away."""
    with pytest.raises(LinkError) as failure:
        async with reach.dial() as line:
            await line.send(b"a record")
    return failure.value


Stranger = Callable[[Path], ssl.SSLContext]


def another_authority(folder: Path) -> ssl.SSLContext:
    """Somebody whose authority signed the very name."""
    return serving(folder, make_server(make_authority("fake", NOW), ("127.0.0.1",), NOW))


def same_name(folder: Path) -> ssl.SSLContext:
    """Somebody whose authority has our authority's name, and another key."""
    return serving(folder, make_server(make_authority("our city", NOW), ("127.0.0.1",), NOW))


def another_machine(folder: Path) -> ssl.SSLContext:
    """A lying name service leads to a machine of our own city that is not the intake."""
    return serving(folder, make_server(CITY, ("printer.city.example",), NOW))


def a_box(folder: Path) -> ssl.SSLContext:
    """A stolen box that plays city hall with the certificate it has."""
    return serving(folder, make_box(CITY, "bus-08", NOW))


def only_tls_1_2(folder: Path) -> ssl.SSLContext:
    """City hall's true certificate, and an old protocol."""
    context = serving(folder, make_server(CITY, ("127.0.0.1",), NOW))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


@pytest.mark.parametrize(
    "stranger", [another_authority, same_name, another_machine, a_box, only_tls_1_2]
)
async def test_a_stranger_with_tls_hears_nothing(tmp_path: Path, stranger: Stranger) -> None:
    """Not one byte of ours comes out of TLS before the hall has proven itself under the city's own authority."""
    async with somebody(stranger(tmp_path)) as fake:
        error = await refusal(dialler(tmp_path, fake.port))
        assert bytes(fake.told) == b""
    assert error.cause in (Cause.HALL_NOT_TRUSTED, Cause.LINE_BROKE)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://login.portal.example/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 511 Network Authentication Required\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28",
    ],
    ids=["302", "511", "101 in the open", "alert"],
)
async def test_a_portal_sees_a_handshake_and_nothing_else(tmp_path: Path, answer: bytes) -> None:
    """A portal that answers in the open is no city hall; it saw a first greeting of TLS, no request."""
    async with somebody(None, answer) as portal:
        error = await refusal(dialler(tmp_path, portal.port))
        seen = bytes(portal.raw)
    assert seen[:1] == bytes([HANDSHAKE])
    assert not [word for word in (b"GET", b"HTTP", b"bus-07", b"/bus", b"record") if word in seen]
    assert error.cause is Cause.LINE_BROKE


async def test_the_very_hall_is_reached_the_same_way(tmp_path: Path) -> None:
    """The listener would have heard something: with city hall's certificate the request comes through."""
    context = serving(tmp_path, make_server(CITY, ("127.0.0.1",), NOW))
    async with somebody(context, b"HTTP/1.1 503 no\r\n\r\n") as hall:
        await refusal(dialler(tmp_path, hall.port))
        assert bytes(hall.told).startswith(b"GET /bus")


async def test_a_name_that_leads_astray_is_not_followed(tmp_path: Path) -> None:
    """The same machine under a name that its certificate does not carry."""
    context = serving(tmp_path, make_server(CITY, ("127.0.0.1",), NOW))
    async with somebody(context) as fake:
        error = await refusal(dialler(tmp_path, fake.port, "localhost"))
        assert bytes(fake.told) == b""
    assert error.cause is Cause.HALL_NOT_TRUSTED
