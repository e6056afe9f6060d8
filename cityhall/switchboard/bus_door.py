"""The door for buses: a WebSocket over mutual TLS, one connection a box."""

import asyncio
import contextlib
import logging

from aiohttp import WSMsgType, web

from cityhall.switchboard.exchange import Connection, Exchange
from cityhall.switchboard.guests import Guests, common_name
from sync.calling import CallRefused
from sync.callwords import (
    FROM_BUS,
    MESSAGE_MAX,
    VERSION,
    Answer,
    Greet,
    Message,
    Refusal,
    Ring,
    read,
    write,
)
from sync.errors import PeerError

log = logging.getLogger("madobus.switchboard")
HEARTBEAT_S = 4.0  # a bus is missed after this and half of it again
GREETING_S = 10.0  # seconds a new connection may wait with its first word
CONNECTIONS_MAX = 600
STRIKES_MAX = 20  # messages a connection may get wrong before it is closed


class BusDoor:
    """Greets, listens, and speaks what the exchange queues."""

    def __init__(self, exchange: Exchange, guests: Guests) -> None:
        self._exchange = exchange
        self._guests = guests
        self._count = 0

    def application(self) -> web.Application:
        """Build the one route."""
        app = web.Application()
        app.add_routes([web.get("/bus", self._enter)])
        return app

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_S, max_msg_size=MESSAGE_MAX, compress=False, timeout=1.0
        )
        await socket.prepare(request)
        certificate = request.get_extra_info("peercert") or {}
        device = common_name(certificate)
        self._count += 1
        try:
            self._room()
            await asyncio.to_thread(self._guests.admit, device)
            await self._greeted(socket)
            await self._serve(socket, Connection(device))
        except PeerError as error:
            log.warning("bus.refused device=%s number=%d", device or "?", error.code)
            await self._refuse(socket, error)
        finally:
            self._count -= 1
        return socket

    def _room(self) -> None:
        if self._count > CONNECTIONS_MAX:
            raise PeerError(
                CallRefused.HALL_FULL, "switchboard: too many connections; try again later"
            )

    async def _greeted(self, socket: web.WebSocketResponse) -> None:
        try:
            first = await asyncio.wait_for(socket.receive(), GREETING_S)
        except TimeoutError as error:
            raise PeerError(
                CallRefused.NOT_UNDERSTOOD, f"switchboard: no greeting within {GREETING_S} s"
            ) from error
        if first.type is not WSMsgType.TEXT:
            raise PeerError(CallRefused.NOT_UNDERSTOOD, "switchboard: the first word is a greeting")
        greeting = read(first.data, (Greet,))
        if greeting != Greet(VERSION):
            raise PeerError(
                CallRefused.NOT_UNDERSTOOD, f"switchboard: it speaks version {VERSION}; update"
            )
        await socket.send_str(write(Greet()))

    async def _serve(self, socket: web.WebSocketResponse, connection: Connection) -> None:
        older = self._exchange.connect(connection)
        if older is not None:
            number = CallRefused.NEWER_CONNECTION
            older.finish(Refusal(number, "", "switchboard: a newer connection took over"))
        tasks = {
            asyncio.create_task(self._listen(socket, connection)),
            asyncio.create_task(self._speak(socket, connection)),
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._exchange.disconnect(connection)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await socket.close()

    async def _listen(self, socket: web.WebSocketResponse, connection: Connection) -> None:
        strikes = 0
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                return
            try:
                message = read(frame.data, FROM_BUS)
            except PeerError as error:
                strikes += 1
                connection.put(Refusal(error.code, "", str(error)))
                if strikes >= STRIKES_MAX:
                    return
                continue
            if await self._vouched(connection, message):
                self._exchange.hear(connection, message)

    async def _vouched(self, connection: Connection, message: Message) -> bool:
        if not isinstance(message, Ring | Answer) or not message.binding:
            return True
        try:
            await asyncio.to_thread(self._guests.vouch, connection.device, message)
        except PeerError as error:
            log.warning("binding.refused device=%s number=%d", connection.device, error.code)
            connection.put(Refusal(error.code, message.call_id, str(error)))
            return False
        return True

    async def _speak(self, socket: web.WebSocketResponse, connection: Connection) -> None:
        while (message := await connection.waiting.get()) is not None:
            await socket.send_str(write(message))

    async def _refuse(self, socket: web.WebSocketResponse, error: PeerError) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):
            await socket.send_str(write(Refusal(error.code, "", str(error))))
            await socket.close()
