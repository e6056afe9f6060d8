"""Reaching city hall: one TLS 1.3 connection with our certificate, and what an attempt's failure means."""

import asyncio
import errno
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from appliance.uplink.causes import Cause, LinkError
from appliance.uplink.selfcheck import certificate_problem
from appliance.uplink.validity import NO_CHECK_TIME, check_days
from appliance.uplink.webline import HTTPS, open_web_line
from sync.clock import Instant
from sync.line import Line

CONNECT_S: Final = 10.0
# A hall that admits us waits for our request; one that does not hangs up within this time.
PROBE_S: Final = 2.0
ENDED: Final = "city hall ends the connection right after the handshake"
_NO_ROAD: Final = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL}
)


class Dialler(Protocol):
    """How a session reaches city hall."""

    def dial(self) -> AbstractAsyncContextManager[Line]:
        """Return an open line; raises LinkError."""


def client_context(ca: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """Return TLS 1.3 that believes our city's authority only and shows this box's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(ca)
    context.load_cert_chain(certificate, key)
    return context


class HallDialler:
    """Dials `url` (wss://host:port/bus). With `now` the days of city hall's certificate are judged by that clock."""

    def __init__(
        self,
        url: str,
        ca: Path,
        certificate: Path,
        key: Path,
        now: Callable[[], Instant] | None = None,
    ) -> None:
        self._now = now
        self._url = urlsplit(url)
        self._files = (ca, certificate, key)

    @asynccontextmanager
    async def dial(self) -> AsyncIterator[Line]:
        """Return an open WebSocket; raises LinkError. The files are read anew: certificates are renewed."""
        context = self._context()
        try:
            async with asyncio.timeout(CONNECT_S):
                line = await open_web_line(self._url, context, self._admit)
        except OSError as error:  # a TimeoutError and every error of TLS are such
            raise await self._failure(error, context) from error
        try:
            yield line
        except LinkError as error:
            if error.cause is Cause.SILENT:
                line.abandon()
            raise
        finally:
            await line.close()

    def _admit(self, certificate: dict[str, Any]) -> None:
        if self._now is not None:
            check_days(certificate, self._now())

    def _context(self) -> ssl.SSLContext:
        try:
            context = client_context(*self._files)
        except (OSError, ssl.SSLError) as error:
            raise LinkError(Cause.OURS, f"TLS files: {error}") from error
        if self._now is not None:
            context.verify_flags |= NO_CHECK_TIME
        return context

    async def _failure(self, error: OSError, context: ssl.SSLContext) -> LinkError:
        """Return what an attempt's error means; a cut right after the handshake is looked at closer."""
        if isinstance(error, ssl.SSLCertVerificationError):
            return LinkError(Cause.HALL_NOT_TRUSTED, error.verify_message)
        if isinstance(error, socket.gaierror):
            return LinkError(Cause.NO_NAME, str(error))
        if isinstance(error, TimeoutError):
            return LinkError(Cause.NO_ANSWER, f"no connection within {CONNECT_S:.0f} s")
        if error.errno in _NO_ROAD:
            return LinkError(Cause.NO_NETWORK, str(error))
        if error.errno == errno.ECONNREFUSED:
            return LinkError(Cause.NOBODY_THERE, str(error))
        return await asyncio.to_thread(self._look_closer, error, context)

    def _look_closer(self, error: OSError, context: ssl.SSLContext) -> LinkError:
        """Tell a cut line from a hall that ends the connection because it does not like our certificate."""
        problem = certificate_problem(*self._files)
        if problem is not None:
            return LinkError(Cause.NOT_ADMITTED, problem)
        url = self._url
        broke = LinkError(Cause.LINE_BROKE, str(error) or type(error).__name__)
        try:
            plain = socket.create_connection((url.hostname, url.port or HTTPS), PROBE_S)
        except OSError:
            return broke
        with plain:
            try:
                line = context.wrap_socket(plain, server_hostname=url.hostname)
            except ssl.SSLCertVerificationError as refusal:
                return LinkError(Cause.HALL_NOT_TRUSTED, refusal.verify_message)
            except OSError:
                # In TLS 1.3 the hall judges our certificate after this point: an end before it is the line's.
                return broke
            return _judged(line, broke)


def _judged(line: ssl.SSLSocket, broke: LinkError) -> LinkError:
    """Tell how the hall answers a finished handshake: an end at once means it does not admit this box."""
    with line:
        try:
            line.recv(1)
        except (ConnectionResetError, ssl.SSLError) as refusal:
            return LinkError(Cause.NOT_ADMITTED, getattr(refusal, "reason", None) or ENDED)
        except OSError:
            return broke
    return LinkError(Cause.NOT_ADMITTED, ENDED)
