"""The bus's line to the switchboard: a WebSocket over mutual TLS that is always there or on its way back."""

import asyncio
import contextlib
import logging
import random
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp

from appliance.call.phone import Phone
from sync.calling import CallRefused
from sync.callwords import FROM_HALL, MESSAGE_MAX, Greet, Message, Refusal, read, write
from sync.errors import PeerError

log = logging.getLogger("madobus.call")
HEARTBEAT_S = 4.0  # a dead path is noticed after this and half of it again
CONNECT_S = 10.0
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 15.0
REFUSED_WAIT_S = 60.0  # a revoked box does not knock all day
FOR_GOOD = frozenset({CallRefused.UNKNOWN_DEVICE, CallRefused.REVOKED_DEVICE})


def tls_context(certificate: Path, key: Path, ca: Path) -> ssl.SSLContext:
    """Make the client's TLS: version 1.3 only, our authority only, and our own certificate."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(str(certificate), str(key))
    return context


class Line:
    """Connects, greets, passes words both ways, and comes back after every loss."""

    def __init__(
        self,
        phone: Phone,
        url: str,
        context: ssl.SSLContext,
        *,
        steady: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._phone = phone
        self._url = url
        self._context = context
        self._steady = steady
        self._wall = wall
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._hint = asyncio.Event()

    async def say(self, messages: list[Message]) -> None:
        """Say words now if the line is up; what matters is said again by the phone when it is not."""
        for message in messages:
            if self._socket is not None:
                with contextlib.suppress(ConnectionError, RuntimeError):
                    await self._socket.send_str(write(message))

    def hint(self) -> None:
        """Try again at once: somebody saw the network come back."""
        self._hint.set()

    async def run(self) -> None:
        """Keep the line for as long as the process lives."""
        wait = FIRST_WAIT_S
        async with aiohttp.ClientSession() as session:
            while True:
                before = self._phone.since
                cause, refused = await self._once(session)
                came_up = self._phone.since != before or self._phone.reachable
                self._phone.lost(int(self._wall()), cause, self._steady())
                log.info("switchboard.gone cause=%s", cause)
                wait = FIRST_WAIT_S if came_up else min(wait * 2, LONGEST_WAIT_S)
                await self._pause(REFUSED_WAIT_S if refused else wait)

    async def _once(self, session: aiohttp.ClientSession) -> tuple[str, bool]:
        """Hold one connection to its end; give the cause of the end, and whether we are not wanted."""
        try:
            async with asyncio.timeout(CONNECT_S):
                socket = await session.ws_connect(
                    self._url, ssl=self._context, heartbeat=HEARTBEAT_S, max_msg_size=MESSAGE_MAX
                )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return type(error).__name__, False
        try:
            await self._greet(socket)
            return await self._listen(socket)
        except PeerError as error:
            return str(error), error.code in FOR_GOOD
        except (ConnectionError, TimeoutError) as error:
            return type(error).__name__, False
        finally:
            self._socket = None
            await socket.close()

    async def _greet(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        await socket.send_str(write(Greet()))
        async with asyncio.timeout(CONNECT_S):
            first = await socket.receive()
        if first.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionResetError
        answer = read(first.data, FROM_HALL)
        if isinstance(answer, Refusal):
            raise PeerError(answer.number, answer.sentence)
        self._socket = socket
        log.info("switchboard.reached")
        await self.say(self._phone.connected(int(self._wall())))

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> tuple[str, bool]:
        async for frame in socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                break
            message = read(frame.data, FROM_HALL)
            self._phone.hear(message, self._steady())
            if isinstance(message, Refusal) and message.number in FOR_GOOD:
                return message.sentence, True
        return "connection lost", False

    async def _pause(self, seconds: float) -> None:
        self._hint.clear()
        jittered = seconds * random.uniform(0.5, 1.0)  # noqa: S311  # so that buses do not come all at once
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hint.wait(), jittered)
