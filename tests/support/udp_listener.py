"""Somebody on the path of a call's media, who hears every packet both ways and lets it pass, for tests."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

_CANDIDATE = re.compile(
    r"^a=candidate:\S+ 1 udp \d+ (?P<host>[\d.]+) (?P<port>\d+) typ host.*$", re.MULTILINE
)
_ANY = re.compile(r"^a=candidate:.*\r?\n", re.MULTILINE)

Address = tuple[str, int]


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, path: "Path") -> None:
        self.path = path
        self.transport: asyncio.DatagramTransport | None = None
        self.other: _Ear | None = None
        self.toward: Address | None = None  # where its own side's packets go on to

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, _sender: Address) -> None:
        self.path.packets.append(data)
        if self.other is not None and self.other.transport is not None and self.toward is not None:
            self.other.transport.sendto(data, self.toward)


class Path:
    """Both ears; `describe` puts one of them in the place of a side's own address."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self._ears: dict[str, _Ear] = {}

    async def describe(self, side: str, description: str) -> str:
        """Return a side's description as the other side shall see it: reachable through here alone."""
        found = _CANDIDATE.search(description)
        if found is None:
            raise LookupError("the description has no address of version 4")
        host, port = found["host"], int(found["port"])
        for name in ("caller", "answerer"):
            if name not in self._ears:
                loop = asyncio.get_running_loop()
                _, ear = await loop.create_datagram_endpoint(
                    lambda: _Ear(self), local_addr=(host, 0)
                )
                self._ears[name] = ear
        self._ears["caller"].other = self._ears["answerer"]
        self._ears["answerer"].other = self._ears["caller"]
        # The ear that stands for this side passes on to it what the other side sends there.
        self._ears[side].toward = (host, port)
        own = self._ears[side].transport
        heard_at = own.get_extra_info("sockname")[1] if own is not None else 0
        line = found[0].replace(f"{host} {port}", f"{host} {heard_at}").rstrip("\r")
        # One candidate for each piece of media, so that there is no way round.
        without = _ANY.sub("", description)
        return without.replace("a=end-of-candidates", f"{line}\r\na=end-of-candidates")

    def close(self) -> None:
        """Stop listening."""
        for ear in self._ears.values():
            if ear.transport is not None:
                ear.transport.close()


@asynccontextmanager
async def path_between() -> AsyncIterator[Path]:
    """Listen between two peers."""
    path = Path()
    try:
        yield path
    finally:
        path.close()
