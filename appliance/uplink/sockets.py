"""The sending socket: small kernel queues, a dead path noticed in seconds, BBR where the kernel has it (tcp(7))."""

import contextlib
import errno
import logging
import socket
import struct
from asyncio.trsock import TransportSocket
from collections.abc import Callable
from typing import Final

log = logging.getLogger("madobus.uplink")

NOTSENT_LOWAT: Final = 32 * 1024
# On a slow and wandering link the sender that fills its window loses nothing when the link quickens; on a fast one a
# lost packet must not halve it (measured: bench link). Bytes a second, apart so that it does not flutter.
STEADY, FAST = b"cubic", b"bbr"
FAST_FROM: Final = 1_000_000
STEADY_BELOW: Final = 500_000
USER_TIMEOUT_MS: Final = 20_000

# struct tcp_info of linux/tcp.h: eight bytes, then 32-bit numbers.
_INFO: Final = struct.Struct("=8x21I")
_NO_LINGER: Final = struct.pack("ii", 1, 0)
_UNACKED, _LAST_ACK_MS = 4, 12


def tune(wire: TransportSocket) -> None:
    """Ask the kernel for small queues."""
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, NOTSENT_LOWAT)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)


class Path:
    """What the kernel knows of one connection's way to city hall; `now` is a clock that never steps."""

    def __init__(self, wire: TransportSocket, now: Callable[[], float]) -> None:
        self._wire = wire
        self._now = now
        self._waits_since: float | None = None
        self._congestion = b""
        self.suit(0.0)

    def suit(self, goodput: float) -> None:
        """Choose the congestion control for so many bytes a second, where the kernel has it.

        Only once connected: one that the route names replaces one that was set before.
        """
        wanted = FAST if goodput >= FAST_FROM else STEADY if goodput < STEADY_BELOW else b""
        if wanted and wanted != self._congestion:
            self._congestion = wanted
            try:
                self._wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, wanted)
            except OSError:
                log.info("link.no_congestion_control name=%s", wanted.decode())

    def shut(self) -> None:
        """End the connection at once; what waits in the kernel is dropped, so that it never goes out a second time."""
        with contextlib.suppress(OSError):
            self._wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self._wire.shutdown(socket.SHUT_RDWR)

    def silence(self) -> float:
        """Return for how many seconds bytes have been waiting for a first sign that they arrived; 0 when none wait."""
        try:
            info = _INFO.unpack(
                self._wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size)
            )
        except (OSError, struct.error):
            return 0.0
        if not info[_UNACKED]:
            self._waits_since = None
            return 0.0
        now = self._now()
        if self._waits_since is None:
            self._waits_since = now
        heard_ago: float = info[_LAST_ACK_MS] / 1000
        return min(now - self._waits_since, heard_ago)

    def own_address(self) -> str:
        """Return the address we talk from; empty when the connection is gone."""
        try:
            return str(self._wire.getsockname()[0])
        except OSError:
            return ""

    def is_stranded(self) -> bool:
        """Tell whether the address we talk from has left this box: nothing will ever come back to it."""
        try:
            own = self._wire.getsockname()[0]
            with socket.socket(self._wire.family, socket.SOCK_DGRAM) as probe:
                probe.bind((own, 0))
        except OSError as error:
            return error.errno == errno.EADDRNOTAVAIL
        return False
