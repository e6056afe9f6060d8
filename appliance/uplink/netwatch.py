"""Hears from the kernel that an address, an interface or a route came or went (rtnetlink(7)): the hint to dial now."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Final

log = logging.getLogger("madobus.uplink")

# RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE.
GROUPS: Final = 0x1 | 0x10 | 0x40 | 0x100 | 0x400
# A modem that comes up says many things at once; one hint after they have settled is enough.
SETTLE_S: Final = 0.1
MESSAGE_MAX: Final = 65_536


def open_netlink() -> socket.socket | None:
    """Return a socket that hears the kernel, or None where that is not allowed."""
    try:
        heard = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK)
        heard.bind((0, GROUPS))
    except OSError as error:
        log.warning("link.no_netlink cause=%s", error)
        return None
    return heard


async def watch(heard: socket.socket | None, hint: Callable[[], None]) -> None:
    """Call `hint` whenever the network changed and has settled; never returns."""
    if heard is None:
        await asyncio.Event().wait()
        return
    loop = asyncio.get_running_loop()
    with heard:
        while True:
            await loop.sock_recv(heard, MESSAGE_MAX)
            await asyncio.sleep(SETTLE_S)
            with contextlib.suppress(BlockingIOError):
                while heard.recv(MESSAGE_MAX):
                    pass
            log.info("link.network_changed")
            hint()
