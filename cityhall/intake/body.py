"""A request's bytes as they come: bounded, at a pace, and nothing that arrived is lost when the line breaks."""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import StreamReader, web

from cityhall.intake.digest import Digest

# Said only once the request's head was found good, so that a refused body is never sent.
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class CutError(Exception):
    """The body ended before its end: the line broke, or a newer request took over."""


class SlowError(Exception):
    """The body came slower than the door's pace."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How slow a body may be: so many bytes a second, with so many seconds in hand."""

    bytes_per_s: int = 1000
    patience_s: float = 20.0


class Body:
    """The content of one request; `next` gives what came, an empty word is the end."""

    def __init__(self, request: web.Request, pace: Pace) -> None:
        self._request = request
        self._content: StreamReader = request.content
        self._pace = pace
        self._patience_s = pace.patience_s
        self._asked = request.headers.get("Expect", "").lower() == "100-continue"
        self._over = 0
        self.digest = Digest(request.headers.get("Content-Digest", ""))
        self.expected = request.content_length

    def pass_over(self, size: int) -> None:
        """Leave out the body's first bytes: they are durable already."""
        self._over = size
        if self.expected is not None:
            self.expected = max(0, self.expected - size)

    async def next(self) -> bytes:
        """Return the next bytes; raises CutError and SlowError, after which `rest` gives what still lay there."""
        while came := await self._read():
            if new := self._new(came):
                return new
        return b""

    def rest(self) -> bytes:
        """Return what had come when the line broke: the web server hides it behind the error of the break."""
        self._content._exception = None  # noqa: SLF001 - there is no public way to bytes that came before the break
        return self._new(self._content.read_nowait(-1))

    async def _read(self) -> bytes:
        if self._asked:
            self._asked = False
            await self._request.writer.write(CONTINUE)
            self._request.writer.output_size = 0  # it is no part of the answer
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(max(0.0, self._patience_s)):
                data = await self._content.readany()
        except TimeoutError as error:
            raise SlowError from error
        except (OSError, web.RequestPayloadError) as error:
            raise CutError from error
        earned = len(data) / self._pace.bytes_per_s - (loop.time() - began)
        self._patience_s = min(self._pace.patience_s, self._patience_s + earned)
        self.digest.update(data)
        return data

    def _new(self, came: bytes) -> bytes:
        new = came[self._over :]
        self._over = max(0, self._over - len(came))
        return new


async def wait_for_the_handler(_request: web.Request) -> None:
    """Answer "Expect: 100-continue" with nothing yet; `Body` says it before it reads."""
