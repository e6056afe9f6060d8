"""Measures feeding while reading: does the scanner wait, does the screen answer, how many pages a second are filed.

    ./run bench feed DIR [--sheets 24] [--pace 0] [--readers 2] [--json]

The scans of DIR (NAME-scan.jpg, laid out like the samples) go through the real SANE stack from a played scanner into a
real desk: sealed and durable one by one, read by the real readers beside, while a browser asks for the moving page and
the state every half second. `waited` is how long the scanner stood still after a sheet until it was asked for the next:
the sheet's way to the disk. Feeding begins when the reader is ready: at a stop it gets ready while people
choose and count; `reader_ready_s` is how long that takes. `--pace` is the motor's time for a sheet, in seconds.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import aiohttp
import aiohttp.web
from aiohttp.test_utils import TestClient, TestServer

from appliance.desk.letters import VISIT_PACK
from appliance.desk.pages.reader import PageReader
from appliance.desk.web.app import make_app, make_room
from appliance.desk.web.room import Place
from hardware.protocols import FeederState, Scanner, Sheet
from hardware.scanner.sane import SaneScanner
from tests.support.counterworld import CounterWorld
from tests.support.sane_stack import missing, played

PLACE = Place("盛岡市", "介護保険課", "", "receipt.example.jp")
LOOK_S, P95 = 0.5, 0.95


class Watched:
    """A scanner beside a clock: how long it was kept waiting after each sheet."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self.waited: list[float] = []
        self.fed_s = 0.0

    name = "watched"
    simulated = False

    async def state(self) -> FeederState:
        """Ask the scanner."""
        return await self._scanner.state()

    async def feed(self) -> AsyncIterator[Sheet]:
        """Pull, and take the time between a sheet and the wish for the next."""
        begin = time.monotonic()
        async with aclosing(self._scanner.feed()) as sheets:  # type: ignore[type-var]  # a generator
            async for sheet in sheets:
                given = time.monotonic()
                yield sheet
                self.waited.append(time.monotonic() - given)
        self.fed_s = time.monotonic() - begin

    async def close(self) -> None:
        """Close the scanner."""
        await self._scanner.close()


async def look(client: TestClient[Any, Any], answers: list[float]) -> None:
    """Ask as the browser does, and keep how long each answer took."""
    while True:
        for path in ("/batch/feed/progress", "/state.json"):
            begin = time.monotonic()
            async with client.get(path, allow_redirects=False) as answer:
                await answer.read()
            answers.append(time.monotonic() - begin)
        await asyncio.sleep(LOOK_S)


async def measure(folder: Path, asked: argparse.Namespace) -> dict[str, object]:
    """Feed the stack into a desk on a temporary folder."""
    scans = sorted(asked.folder.glob("*-scan.jpg"))
    stack = list(itertools.islice(itertools.cycle(scans), asked.sheets))
    async with played(folder / "sane") as device:
        device.feeder._pace_s = asked.pace  # noqa: SLF001 - the motor's time has no switch
        await device.feeder.load(stack)
        scanner = Watched(SaneScanner(device.device, config=device.config))
        reader = PageReader(asked.readers)
        world = CounterWorld(folder / "box", scanner=scanner, reader=reader)  # type: ignore[arg-type]  # the real ones
        mail = world.enrol().open_mail()
        world.post(mail, VISIT_PACK, world.pack())
        counter = await world.opened(mail)
        try:
            return await _through(counter, scanner)
        finally:
            await counter.stop()
            await reader.close()
            mail.close()


async def _through(counter: Any, scanner: Watched) -> dict[str, object]:
    room = make_room(counter, PLACE, 3600)
    answers: list[float] = []
    tray = counter.on_tray()
    await tray.declare(1, "")
    async with TestClient(TestServer(make_app(room))) as client:
        door = aiohttp.web.Response()
        room.sessions.begin(door)
        client.session.cookie_jar.update_cookies(door.cookies, client.make_url("/"))
        begin = time.monotonic()
        await tray.work.ready()
        ready = time.monotonic() - begin
        begin = time.monotonic()
        await tray.feed()
        looking = asyncio.create_task(look(client, answers))
        while tray.work.feeding:  # noqa: ASYNC110 - the work tells nobody of it
            await asyncio.sleep(0.05)
        read_then = sum(sheet.settled for sheet in counter.opened().current().sheets)
        screen = sorted(answers)
        while tray.work.busy or counter.opened().current().unread():  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.05)
        whole = time.monotonic() - begin
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    waited, fed = sorted(scanner.waited), counter.opened().current().papers
    return {
        "reader_ready_s": round(ready, 1),
        "sheets": fed,
        "fed_s": round(scanner.fed_s, 1),
        "sheets_per_second": round(fed / scanner.fed_s, 2),
        "read_while_feeding": read_then,
        "waited_ms_median": round(statistics.median(waited) * 1000),
        "waited_ms_p95": round(waited[int(len(waited) * P95)] * 1000),
        "screen_ms_median": round(statistics.median(screen) * 1000),
        "screen_ms_p95": round(screen[int(len(screen) * P95)] * 1000),
        "read_s": round(whole, 1),
        "pages_per_second": round(fed / whole, 2),
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sheets", type=int, default=24)
    parser.add_argument("--pace", type=float, default=0.0)
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    if lacking := missing():
        print(f"bench feed: {lacking}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="madobus-feed-") as folder:
        told = asyncio.run(measure(Path(folder), asked))
    print(json.dumps(told) if asked.json else "\n".join(f"{k:20}{v}" for k, v in told.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
