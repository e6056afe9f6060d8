"""Builds and runs the switchboard: `python -m cityhall.switchboard --config hall.toml`."""

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sys
from pathlib import Path

from aiohttp import web

from cityhall.config import SwitchboardSettings, read_settings
from cityhall.switchboard.board import Board
from cityhall.switchboard.bus_door import BusDoor
from cityhall.switchboard.exchange import Exchange
from cityhall.switchboard.guests import Guests, tls_context
from cityhall.switchboard.office_door import OfficeDoor

log = logging.getLogger("madobus.switchboard")
SHUTDOWN_S = 0.5


def main(argv: list[str] | None = None) -> int:
    """Read the settings, run until SIGTERM or SIGINT; non-zero when something vital died."""
    parser = argparse.ArgumentParser(prog="cityhall.switchboard", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="hall.toml")
    arguments = parser.parse_args(argv)
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
    try:
        settings = read_settings(arguments.config).switchboard
        return asyncio.run(_serve(settings))
    except (OSError, ValueError) as error:
        log.error("switchboard.cannot_start cause=%s", error)  # noqa: TRY400  # a setting is wrong
        return 1


async def _serve(settings: SwitchboardSettings) -> int:
    exchange = Exchange(Board())
    settings.folder.mkdir(parents=True, exist_ok=True)
    context = tls_context(settings.certificate, settings.key, settings.client_ca)
    door = BusDoor(exchange, Guests(settings.bundle)).application()
    buses = web.AppRunner(door, access_log=None, shutdown_timeout=SHUTDOWN_S, handle_signals=False)
    office = web.AppRunner(
        OfficeDoor(exchange).application(),
        access_log=None,
        shutdown_timeout=SHUTDOWN_S,
        handle_signals=False,
    )
    await buses.setup()
    await office.setup()
    await web.TCPSite(buses, settings.host, settings.port, ssl_context=context).start()
    place = settings.office_socket or settings.folder / "office.sock"
    await web.SockSite(office, office_socket(place)).start()
    port = buses.addresses[0][1]
    facts = {
        "process": "switchboard",
        "address": f"https://{settings.host}:{port}",
        "office": str(place),
    }
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    vital = asyncio.create_task(exchange.run())
    ended = asyncio.create_task(stopped.wait())
    sys.stdout.write(f"ready {json.dumps(facts)}\n")
    sys.stdout.flush()
    await asyncio.wait({vital, ended}, return_when=asyncio.FIRST_COMPLETED)
    clean = ended.done()
    for task in (vital, ended):
        task.cancel()
    await asyncio.gather(vital, ended, return_exceptions=True)
    await buses.cleanup()
    await office.cleanup()
    place.unlink(missing_ok=True)
    return 0 if clean else 1


def office_socket(place: Path) -> socket.socket:
    """Bind the office's socket, for this user and this group only; an old one of ours is replaced."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_socket():
        place.unlink()
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o117)
    try:
        bound.bind(str(place))
    except OSError as error:
        bound.close()
        message = (
            f"switchboard.office_socket: {place} cannot be bound ({error}); name a shorter path"
        )
        raise ValueError(message) from error
    finally:
        os.umask(before)
    return bound


if __name__ == "__main__":
    sys.exit(main())
