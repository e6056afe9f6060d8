"""Builds the uplink and runs it: python -m appliance.uplink --config bus.toml."""

import argparse
import asyncio
import json
import logging
import random
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

from appliance.config import BusSettings, read_settings
from appliance.mail.boots import boot_count
from appliance.mail.early import LateShelf
from appliance.uplink.clock import HeardClock, UplinkClock
from appliance.uplink.dial import HallDialler
from appliance.uplink.evidence import Evidence
from appliance.uplink.hallsword import DISK_AGAIN_S
from appliance.uplink.keeper import Keeper, refused
from appliance.uplink.link import Link
from appliance.uplink.netwatch import open_netlink, watch
from appliance.uplink.partners import Partners
from appliance.uplink.selfcheck import certificate_end
from appliance.uplink.status import Status
from appliance.uplink.trust import KEY_BUNDLE, Trust
from hardware.clock.system import SystemClock, boot_id
from keeping.away import DatabaseAwayError
from sync.clock import Clock
from sync.pacing import LAST_DELAY_S, Backoff

# The link has so long to send the first records before the rest of the process is loaded.
FIRST_TURN_S = 1.0

HealthServer = Callable[[Status, Callable[[], None], int], AbstractAsyncContextManager[int]]


class Uplink:
    """The whole uplink; `run` serves until cancelled, `port` is known once `ready` is set."""

    def __init__(
        self, settings: BusSettings, clock: Clock, longest_pause_s: float = LAST_DELAY_S
    ) -> None:
        uplink = settings.uplink
        self._port = uplink.health_port
        self._shelf = LateShelf(settings.mail)
        self.mail = self._shelf.as_store()
        self.status = Status()
        trust = Trust(uplink.bundle, uplink.root)
        for letter in self.mail.letters(KEY_BUNDLE):
            trust.offer(letter.body)
        evidence = Evidence(trust, self.mail)
        heard = HeardClock(clock, evidence.heard_time(), trust.bundle().issued)
        files = (uplink.ca, uplink.certificate, uplink.key)
        self.status.certificate_ends = certificate_end(*files, heard.now().wall)
        keep = timedelta(hours=uplink.keep_hours)
        self.keeper = Keeper(self.mail, self.status, heard, keep)
        partners = Partners(
            device=settings.device,
            mail=self.mail,
            clock=heard,
            evidence=evidence,
            trust=trust,
            status=self.status,
            heartbeat_s=uplink.heartbeat_s,
            hear=heard.hear,
            depots=tuple(uplink.depots),
        )
        self.link = Link(
            partners,
            HallDialler(uplink.hall_url, *files, heard.now),
            Backoff(random.SystemRandom().random, longest_pause_s),
            self.keeper.tell,
        )
        self.ready = asyncio.Event()
        self.port = 0

    async def run(self) -> None:
        """Serve until cancelled; the death of any part ends the whole."""
        try:
            async with asyncio.TaskGroup() as parts:
                parts.create_task(self.link.run())
                parts.create_task(watch(open_netlink(), self.link.hint))
                await self._open_shelf()
                parts.create_task(self.keeper.run())
                parts.create_task(self._tell_health())
        finally:
            await asyncio.to_thread(self._shelf.close)

    async def _open_shelf(self) -> None:
        """Load the whole shelf; a disk that does not let it be opened is tried again."""
        while True:
            try:
                await asyncio.to_thread(self._shelf.whole, FIRST_TURN_S)
            except DatabaseAwayError as error:
                refused(self.status, error)
                await asyncio.sleep(DISK_AGAIN_S)
            else:
                return

    async def _tell_health(self) -> None:
        """Serve the health page; loading a web server takes a while, so the link has the first turn."""
        await self.keeper.tell()
        serve_health = await asyncio.to_thread(_load_health)
        async with serve_health(self.status, self.link.hint, self._port) as self.port:
            self.ready.set()
            await asyncio.Event().wait()


def _load_health() -> "HealthServer":
    from appliance.uplink.health import serving  # noqa: PLC0415 - not before the first bytes are under way

    return serving


async def serve(settings: BusSettings) -> None:
    """Run until SIGTERM or SIGINT, saying once that the uplink serves."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    boot = boot_count(settings.mail, boot_id())
    uplink = Uplink(settings, UplinkClock(SystemClock(boot)))
    running = asyncio.create_task(uplink.run())
    ready = asyncio.create_task(uplink.ready.wait())
    await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
    if uplink.ready.is_set():
        address = f"http://127.0.0.1:{uplink.port}"
        print(f"ready {json.dumps({'process': 'uplink', 'address': address})}", flush=True)  # noqa: T201 - the contract with whoever started us
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    stopped.cancel()
    running.cancel()
    for outcome in await asyncio.gather(running, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


def main(argv: list[str] | None = None) -> int:
    """Start from the command line."""
    parser = argparse.ArgumentParser(prog="appliance.uplink", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the bus's TOML file")
    options = parser.parse_args(argv)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s %(message)s")
    asyncio.run(serve(read_settings(options.config)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
