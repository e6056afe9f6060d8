"""A stranger at the standards door: an HTTP client with a box's certificate, and bare bytes on its TLS line."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, ClientSession, TCPConnector

from appliance.uplink.dial import client_context
from cityhall.intake.door import Limits
from sync.envelope import Envelope
from tests.support.houses import Bus, Hall, make_houses

RUFH = "application/partial-upload"
TUS = "application/offset+octet-stream"
DEADLINE_S = 60.0


@dataclass
class Stranger:
    """Somebody else's client, with the certificate of the box `bus`."""

    hall: Hall
    bus: Bus
    web: ClientSession

    @property
    def base(self) -> str:
        """Return where the door is."""
        return f"https://127.0.0.1:{self.hall.port}"

    def tls(self) -> ssl.SSLContext:
        """Return the box's own TLS."""
        return client_context(
            self.bus.folder / "ca.pem", self.bus.folder / "tls.pem", self.bus.folder / "tls.key"
        )

    async def say(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> ClientResponse:
        """Send one request and read its answer; `Upload_Offset` stands for Upload-Offset."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.web.request(method, self.base + path, data=body, headers=named) as answer:
            await answer.read()
            return answer

    async def create(self, envelope: Envelope, item: int) -> str:
        """Open an item for upload in the IETF's way; return its path."""
        data = item_bytes(envelope, item)
        answer = await self.say(
            "POST", target(envelope, item), Upload_Complete="?0", Upload_Length=str(len(data))
        )
        assert answer.status == 201, await answer.text()
        return answer.headers["Location"]

    async def append(
        self, path: str, offset: int, data: bytes, *, ends: bool = False
    ) -> ClientResponse:
        """Send bytes in the IETF's way."""
        return await self.say(
            "PATCH",
            path,
            data,
            Content_Type=RUFH,
            Upload_Offset=str(offset),
            Upload_Complete="?1" if ends else "?0",
        )

    async def upload(self, envelope: Envelope, item: int) -> ClientResponse:
        """Create and send a whole item."""
        path = await self.create(envelope, item)
        return await self.append(path, 0, item_bytes(envelope, item), ends=True)

    async def offset(self, path: str) -> int:
        """Ask how many bytes are durable."""
        return int((await self.say("HEAD", path)).headers["Upload-Offset"])

    def held(self, envelope: Envelope, item: int) -> int:
        """Look on the shelf how many bytes of an item are durable."""
        return self.hall.mail.have("bus-07", envelope.env_id).items[item][1]

    async def view(self, envelope: Envelope) -> Any:
        """Ask what is known of an envelope."""
        answer = await self.say("GET", f"/envelopes/{envelope.env_id.hex()}")
        assert answer.status == 200, await answer.text()
        return await answer.json()

    @asynccontextmanager
    async def half(
        self, path: str, headers: Mapping[str, str], sent: bytes
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Begin a PATCH on a line of its own and send these bytes of its body; the rest is the test's."""
        port = self.hall.port
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=self.tls())
        head = [f"PATCH {path} HTTP/1.1", "Host: x", *(f"{k}: {v}" for k, v in headers.items())]
        writer.write("\r\n".join([*head, "", ""]).encode() + sent)
        try:
            await writer.drain()
            yield reader, writer
        finally:
            writer.transport.abort()


def item_bytes(envelope: Envelope, item: int) -> bytes:
    """Return the bytes of an item."""
    return (envelope.slip, *envelope.parts)[item]


def target(envelope: Envelope, item: int) -> str:
    """Return where an item's upload is created."""
    return f"/uploads/{envelope.env_id.hex()}/{item}"


def appending(offset: int, length: int, *, ends: bool = True) -> dict[str, str]:
    """Return the headers of a PATCH in the IETF's way."""
    return {
        "Content-Type": RUFH,
        "Upload-Offset": str(offset),
        "Upload-Complete": "?1" if ends else "?0",
        "Content-Length": str(length),
    }


@asynccontextmanager
async def at_the_door(folder: Path, limits: Limits | None = None) -> AsyncIterator[Stranger]:
    """Give a hall that serves and a stranger with the certificate of bus-07."""
    hall, bus = make_houses(folder)
    if limits is not None:
        hall.limits = limits
    await hall.start()
    context = client_context(bus.folder / "ca.pem", bus.folder / "tls.pem", bus.folder / "tls.key")
    try:
        async with ClientSession(connector=TCPConnector(ssl=context)) as web:
            yield Stranger(hall, bus, web)
    finally:
        await hall.stop()
        hall.mail.close()
        bus.mail.close()
