"""The load generator of `bench intake`: many boxes over TLS that replay prepared messages. A process of its own.

    python -m bench._load LOAD.json CA.pem ADDRESS [ADDRESS ...]

Prints "connected", waits for one line, sends, and prints a JSON line. Box n talks to address n modulo their number.
`https://` addresses are posted to, slip by slip; `wss://` addresses get the project's own frames.
"""

import asyncio
import contextlib
import json
import ssl
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

from sync.frames import Ping, encode_frame

# Slips of one box that may wait for their receipt: one stop's batch.
WINDOW = 30
PING_S = 5.0
# Frame numbers as they stand on the wire: version byte, list head, number.
NUMBER = 2
RECEIPT = 7
REFUSE = 8


class Box:
    """One connected box."""

    def __init__(self, told: dict[str, Any], address: str, ca: str) -> None:
        self._address = address
        self._hello = bytes.fromhex(told["hello"])
        self._messages = [[bytes.fromhex(one) for one in pair] for pair in told["messages"]]
        self._slips = [bytes.fromhex(one) for one in told["slips"]]
        self._tls = ssl.create_default_context(cafile=ca)
        self._tls.load_cert_chain(told["certificate"], told["key"])
        self.waits: list[float] = []

    async def open(self, http: aiohttp.ClientSession) -> None:
        """Connect and be welcomed."""
        self._http = http
        if self._address.startswith("wss"):
            self._line = await http.ws_connect(self._address, ssl=self._tls, max_msg_size=1 << 20)
            await self._line.send_bytes(self._hello)
            await self._line.receive_bytes()
        else:
            await self._post(b"")

    async def run(self, sent: asyncio.Event) -> None:
        """Send everything and wait for every receipt; then stay, with a ping now and then, until all are done."""
        if not self._address.startswith("wss"):
            await self._posting()
            return
        if not self._messages:
            await self._stay(sent)
            return
        room = asyncio.Semaphore(WINDOW)
        begun: list[float] = []
        async with asyncio.TaskGroup() as both:
            both.create_task(self._hear(room, begun))
            for offer, piece in self._messages:
                await room.acquire()
                begun.append(time.monotonic())
                await self._line.send_bytes(offer)
                await self._line.send_bytes(piece)

    async def close(self) -> None:
        """Leave."""
        if self._address.startswith("wss"):
            await self._line.close()

    async def _hear(self, room: asyncio.Semaphore, begun: list[float]) -> None:
        got = 0
        while got < len(self._messages):
            message = await self._line.receive()
            if message.type is not aiohttp.WSMsgType.BINARY:
                raise RuntimeError(f"load: the line ended: {message}")
            if message.data[NUMBER] == REFUSE:
                raise RuntimeError(f"load: refused: {message.data!r}")
            if message.data[NUMBER] == RECEIPT:
                self.waits.append(time.monotonic() - begun[got])
                got += 1
                room.release()

    async def _stay(self, sent: asyncio.Event) -> None:
        """Ping now and then, as a box with nothing to send does."""
        ping = encode_frame(Ping(1))
        while not sent.is_set():
            await self._line.send_bytes(ping)
            await self._line.receive_bytes()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(sent.wait(), PING_S)

    async def _posting(self) -> None:
        room = asyncio.Semaphore(WINDOW)

        async def one(slip: bytes) -> None:
            async with room:
                begun = time.monotonic()
                await self._post(slip)
                self.waits.append(time.monotonic() - begun)

        await asyncio.gather(*(one(slip) for slip in self._slips))

    async def _post(self, data: bytes) -> None:
        async with self._http.post(self._address, data=data, ssl=self._tls) as answer:
            answer.raise_for_status()
            await answer.read()


async def main(load: Path, ca: str, addresses: list[str]) -> None:
    """Connect all, wait for the word, send all."""
    told = json.loads(load.read_text())  # noqa: ASYNC240 - nothing runs yet
    boxes = [Box(one, addresses[n % len(addresses)], ca) for n, one in enumerate(told)]
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        for start in range(0, len(boxes), 20):
            await asyncio.gather(*(box.open(http) for box in boxes[start : start + 20]))
        print("connected", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        sent = asyncio.Event()
        began = time.monotonic()
        running = [asyncio.create_task(box.run(sent)) for box in boxes]
        sending = [task for task, one in zip(running, told, strict=True) if one["messages"]]
        await asyncio.gather(*sending)  # the first box that fails ends the measurement
        seconds = time.monotonic() - began
        sent.set()
        await asyncio.gather(*running)
        waits = sorted(wait for box in boxes for wait in box.waits)
        told_back = {"seconds": seconds, "waits": waits, "count": len(waits)}
        print(json.dumps(told_back), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await asyncio.gather(*(box.close() for box in boxes))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
