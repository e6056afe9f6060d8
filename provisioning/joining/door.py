"""The depot's door: TLS 1.3 for the few minutes of one offer, a handful of callers, short lines."""

import asyncio
import contextlib
import hashlib
import logging
import socket
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from provisioning.boxkeys import Wish
from provisioning.certificates import Identity
from provisioning.joining.answer import TAKEN, encode_refusal
from provisioning.joining.errors import EnrolRefused
from provisioning.joining.offer import Offer, Standing
from provisioning.joining.wish_line import LINE_MAX
from sync.errors import SyncError

log = logging.getLogger("madobus.enrol")
CALLERS_MAX: Final = 8
LINE_S: Final = 20.0
TAKING_S: Final = 120.0  # how long a box may take to write what it was told
END: Final = b"\n"


class Operator(Protocol):
    """Whoever sits at the depot's screen."""

    async def agrees(self, device: str, words: tuple[str, ...]) -> bool:
        """Tell whether the box's screen shows the same words."""
        ...


class Door:
    """Serves one offer to its end. `admit` makes the city know the box, durably, and returns what it is told."""

    def __init__(
        self,
        offer: Offer,
        hello_line: str,
        admit: Callable[[Wish], str],
        operator: Operator,
        steady: Callable[[], float],
    ) -> None:
        self._offer = offer
        self._hello = hello_line
        self._admit = admit
        self._operator = operator
        self._steady = steady
        self._changed = asyncio.Condition()
        self._callers: set[asyncio.Task[None]] = set()
        self._answered = False
        self._waiting = 0

    async def serve(self, listening: socket.socket, tls: ssl.SSLContext) -> Standing:
        """Wait for the box, ask the operator, answer; returns how the offer ended."""
        server = await asyncio.start_server(
            self._receive, sock=listening, ssl=tls, limit=LINE_MAX, ssl_handshake_timeout=LINE_S
        )
        offer = self._offer
        try:
            await self._until(lambda: offer.standing is not Standing.OPEN, offer.deadline)
            if offer.standing is Standing.CLAIMED:
                await self._decide()
            if offer.standing is Standing.ADMITTED:
                await self._until(
                    lambda: offer.standing is Standing.TAKEN, self._steady() + TAKING_S
                )
            # Who waits for the decision hears it, also when it is no.
            await self._until(lambda: not self._waiting, self._steady() + LINE_S)
        finally:
            server.close()
            await self._let_go()
            await server.wait_closed()
        return offer.standing

    async def _decide(self) -> None:
        offer = self._offer
        asked = offer.asked
        if asked is None:
            return
        answer = asyncio.create_task(self._ask(asked.wish.device))
        try:
            await self._until(
                lambda: self._answered or offer.standing is Standing.CLOSED, offer.deadline
            )
        finally:
            # Nobody is asked about an offer that has ended, also not when the door itself is closed.
            if not self._answered:
                answer.cancel()
            (agreed,) = await asyncio.gather(answer, return_exceptions=True)
        if offer.standing is Standing.CLAIMED and agreed is True:
            self._admitted(asked.wish)
        else:
            offer.close(EnrolRefused.DECLINED)
        await self._tell()

    async def _ask(self, device: str) -> bool:
        try:
            return await self._operator.agrees(device, self._offer.words())
        finally:
            self._answered = True
            await self._tell()

    def _admitted(self, wish: Wish) -> None:
        try:
            # In this thread: between the operator's word and the bundle nobody else may come in.
            self._offer.admitted(self._admit(wish))
            log.info("enrol.admitted device=%s key=%s", wish.device, wish.verify.key_id.hex())
        except (OSError, ValueError, SyncError) as error:
            log.warning("enrol.not_possible device=%s", wish.device)
            self._offer.close(EnrolRefused.NOT_POSSIBLE, str(error))

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        full = len(self._callers) >= CALLERS_MAX
        if task is not None and not full:
            self._callers.add(task)
        try:
            if full:
                await self._say(
                    writer, encode_refusal(EnrolRefused.FULL, "enrol: too many callers")
                )
            else:
                await self._hear(reader, writer)
        except (OSError, ValueError, EOFError, asyncio.LimitOverrunError) as error:
            log.info("enrol.caller_lost cause=%s", type(error).__name__)
        finally:
            if task is not None:
                self._callers.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say(writer, self._hello)
        heard = self._offer.hear(await self._line(reader, LINE_S), self._steady())
        await self._tell()
        await self._say(writer, heard.answer)
        if not heard.waits:
            log.warning("enrol.turned_away device=%s", self._offer.hello.device)
            return
        self._waiting += 1
        try:
            await self._until(lambda: bool(self._offer.decision()), self._offer.deadline + LINE_S)
            await self._say(writer, self._offer.decision())
        finally:
            self._waiting -= 1
            await self._tell()
        if await self._line(reader, TAKING_S) == TAKEN:
            self._offer.taken()
            await self._tell()

    async def _line(self, reader: asyncio.StreamReader, seconds: float) -> str:
        async with asyncio.timeout(seconds):
            return (await reader.readuntil(END)).rstrip(END).decode()

    async def _say(self, writer: asyncio.StreamWriter, line: str) -> None:
        writer.write(line.encode() + END)
        await writer.drain()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _until(self, condition: Callable[[], bool], deadline: float) -> None:
        """Return once it is so, or at the deadline; the offer's own end by time counts, too."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, deadline - self._steady())), self._changed:
                await self._changed.wait_for(condition)
        self._offer.tick(self._steady())

    async def _let_go(self) -> None:
        for caller in self._callers:
            caller.cancel()
        await asyncio.gather(*self._callers, return_exceptions=True)


def door_context(identity: Identity) -> ssl.SSLContext:
    """Return TLS 1.3 with this identity; its key touches a private folder only for as long as it is read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with tempfile.TemporaryDirectory(prefix="madobus-enrol-") as folder:
        path = Path(folder) / "both.pem"
        path.touch(mode=0o600)
        path.write_bytes(identity.key + identity.certificate)
        context.load_cert_chain(path)
    return context


def certificate_hash(identity: Identity) -> bytes:
    """Return the SHA-256 of the certificate's DER."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(identity.certificate.decode("ascii"))).digest()
