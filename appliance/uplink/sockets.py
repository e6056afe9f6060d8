"""The sending socket: small kernel queues, a dead path left in seconds, BBR where the kernel has it (tcp(7))."""

import logging
import socket
from typing import Any, Final

log = logging.getLogger("madobus.uplink")

NOTSENT_LOWAT: Final = 32 * 1024
USER_TIMEOUT_MS: Final = 20_000


def make_socket(address: tuple[Any, ...]) -> socket.socket:
    """Return a socket for one resolved address, as aiohttp's connector asks for it."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setblocking(False)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, NOTSENT_LOWAT)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
    try:
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"bbr")
    except OSError:
        log.info("link.no_bbr")
    return made
