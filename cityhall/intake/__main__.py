"""Builds the intake and runs it: python -m cityhall.intake --config hall.toml."""

import argparse
import asyncio
import json
import logging
import signal
import sys
from pathlib import Path
from typing import Final

from aiohttp import web

from cityhall.config import HallSettings, read_settings
from cityhall.intake.claims import Claims
from cityhall.intake.clock import SystemTime, Time
from cityhall.intake.commit import GroupCommit
from cityhall.intake.countersign import Countersigner
from cityhall.intake.door import Door, Limits, listen, server_context
from cityhall.intake.filing import Partners
from cityhall.intake.register import Register
from cityhall.intake.sessions import Sessions, watch
from cityhall.intake.standards import Standards
from cityhall.intake.uploads import House, room_in
from cityhall.intake.web import Web
from cityhall.mail.opening import open_hall_mail
from sync.frames import PIECE_MAX
from sync.keys import Signer, read_key

log = logging.getLogger("madobus.intake")

# A connection without a request is closed after so long, so is one whose refused body still comes.
IDLE_S: Final = 30.0
LINGER_S: Final = 2.0
PLENTY: Final = 1 << 40


class Intake:
    """The whole intake; `run` serves until cancelled, `address` is known once `ready` is set."""

    def __init__(
        self, settings: HallSettings, time: Time, limits: Limits, look_every_s: float = 0.5
    ) -> None:
        intake = settings.intake
        self._settings = settings
        self._time = time
        self._look_every_s = look_every_s
        self._mail = open_hall_mail(settings)
        self._register = Register(intake.bundle)
        seed = read_key(intake.countersigner.read_text(encoding="utf-8"), "signer")
        self._commits = GroupCommit(self._mail)
        self._sessions = Sessions(intake.name)
        partners = Partners(
            self._mail,
            self._register,
            Countersigner(Signer.from_seed(seed), self._mail),
            self._commits,
            time,
        )
        house = House(partners, Claims(), lambda: _room(settings.mail))
        self._web = Web(partners, self._sessions, Standards(house, limits.body))
        self._tls = server_context(intake.certificate, intake.key, intake.client_ca)
        self._limits = limits
        self.ready = asyncio.Event()
        self.port = 0

    async def run(self) -> None:
        """Serve until cancelled; the death of any part ends the whole."""
        intake = self._settings.intake
        alone = self._settings.mail is not None
        self._mail.nobody_connected(self._time.now(), None if alone else intake.name)
        self._mail.sweep(self._time.now())
        runner = web.AppRunner(
            self._web.application(),
            access_log=None,
            handle_signals=False,
            keepalive_timeout=IDLE_S,
            lingering_time=LINGER_S,
            read_bufsize=PIECE_MAX,
        )
        await runner.setup()
        listening = listen(intake.host, intake.port)
        self.port = int(listening.getsockname()[1])
        server = runner.server
        if server is None:
            raise RuntimeError("intake: the web server was not set up")
        door = Door(server, self._tls, self._limits)
        try:
            async with asyncio.TaskGroup() as parts:
                parts.create_task(self._commits.run())
                parts.create_task(
                    watch(self._mail, self._register, self._sessions, self._look_every_s)
                )
                parts.create_task(door.serve(listening))
                self.ready.set()
        finally:
            await self._web.close()
            listening.close()
            await runner.cleanup()
            self._mail.close()


def _room(shelf: Path | None) -> int:
    """Return the bytes left for the shelf; stores that machines share say themselves when they are full."""
    return PLENTY if shelf is None else room_in(shelf)


async def serve(settings: HallSettings) -> None:
    """Run until SIGTERM or SIGINT, saying once that the intake serves."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    intake = Intake(settings, SystemTime(), Limits())
    running = asyncio.create_task(intake.run())
    ready = asyncio.create_task(intake.ready.wait())
    await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
    if intake.ready.is_set():
        address = f"https://{settings.intake.host}:{intake.port}"
        print(f"ready {json.dumps({'process': 'intake', 'address': address})}", flush=True)  # noqa: T201 - the contract with whoever started us
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    if not running.done():
        running.cancel()
    stopped.cancel()
    for outcome in await asyncio.gather(running, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


def main(argv: list[str] | None = None) -> int:
    """Start from the command line."""
    parser = argparse.ArgumentParser(prog="cityhall.intake", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="city hall's TOML file")
    options = parser.parse_args(argv)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s %(message)s")
    asyncio.run(serve(read_settings(options.config)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
