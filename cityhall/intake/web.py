"""The addresses of the intake: /bus for the boxes, the standards door, /healthz; all ask for a certificate."""

import asyncio
from typing import Any, Final

from aiohttp import web

from cityhall.intake.certified import certified_name
from cityhall.intake.filing import Partners
from cityhall.intake.pump import Pump
from cityhall.intake.sessions import Sessions
from cityhall.intake.standards import Standards
from cityhall.intake.webline import WebLine
from sync.frames import FRAME_MAX

CLOSE_S: Final = 2.0


class Web:
    """Builds the application; `heard` holds the connections that have asked for something."""

    def __init__(self, partners: Partners, sessions: Sessions, standards: Standards) -> None:
        self._partners = partners
        self._sessions = sessions
        self._standards = standards
        self._sockets: set[web.WebSocketResponse] = set()

    def application(self) -> web.Application:
        """Return the application with its addresses."""
        found = web.Application()
        found.router.add_get("/bus", self._bus)
        found.router.add_get("/healthz", self._health)
        self._standards.add_to(found)
        return found

    async def close(self) -> None:
        """End every session before the process goes."""
        for socket in list(self._sockets):
            await socket.close(code=1001, message=b"the intake stops")

    async def _bus(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(
            compress=False, max_msg_size=FRAME_MAX + 1, timeout=CLOSE_S, autoping=True
        )
        await socket.prepare(request)
        self._sockets.add(socket)
        line = WebLine(socket, request.transport)
        try:
            await Pump(self._partners, self._sessions, line, certified_name(request)).run()
        finally:
            self._sockets.discard(socket)
            await line.close()
        return socket

    async def _health(self, _request: web.Request) -> web.Response:
        mail = self._partners.mail
        found: dict[str, Any] = {
            "process": "intake",
            "buses": len(self._sessions),
            "bundle": self._partners.register.bundle.version,
        }
        try:
            found["log"] = await asyncio.to_thread(mail.log_size)
            found["losses"] = await asyncio.to_thread(mail.losses)
        except OSError:
            return web.json_response({**found, "shelf": "away"}, status=503)
        return web.json_response(found)
