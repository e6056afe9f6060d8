"""The demonstration for a person: two addresses, what happens in words, a switch for the link."""

import asyncio
import contextlib
import os
import stat
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from provisioning.demo.caseworker import Caseworker
from provisioning.demo.pace import TraceError
from provisioning.demo.world import STAFF, Addresses, World

WATCH_SECONDS = 1.0

Load = Callable[[tuple[Path, ...]], Awaitable[list[str]]]


class Terminal:
    """Shows where to go, tells what changes, obeys a few words until it is told to stop."""

    def __init__(
        self,
        world: World,
        worker: Caseworker,
        addresses: Addresses,
        load: Load,
        sheets: tuple[Path, ...],
    ) -> None:
        self._world = world
        self._worker = worker
        self._addresses = addresses
        self._load = load
        self._sheets = sheets

    async def serve(self, stopping: asyncio.Event) -> None:
        """Lay the paper in, show the addresses, and go on until Ctrl-C or `quit`."""
        await self._lay_in()
        self._world.switch_link("good")
        self._greet()
        watching = asyncio.create_task(self._watch())
        hearing = asyncio.create_task(self._hear(stopping))
        await self._leave_the_depot()
        await stopping.wait()
        print("stopping; everything handed in stays sealed in its folder", flush=True)
        for task in (watching, hearing):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _greet(self) -> None:
        scanner = (
            "simulated"
            if self._world.scanner_is_simulated
            else "SANE (sane-airscan, played feeder)"
        )
        print(
            f"""
  車内窓口  the bus's counter    {self._addresses.desk}
            staff {STAFF.staff_id}, PIN {STAFF.pin}; {len(self._sheets)} sheets lie in the feeder
  担当課    the caseworker       {self._addresses.office}
            name {self._worker.name}, password {self._worker.password}, code {self._worker.code()}

  scanner: {scanner}; data: {self._world.data}
  camera:  simulated (no real device); it shows one person's papers, pictures in {self._world.under_camera}
  printer: simulated (no real device); receipts are laid as PDFs into {self._world.printed}
  type:  good | poor | gone | a trace file   switch the link
         load   lay the stack in again       code   a fresh one-time code       quit
""",
            flush=True,
        )

    async def _leave_the_depot(self) -> None:
        """Let the visit packs arrive over the good link before the asked-for link begins."""
        if self._world.link_name == "good":
            return
        for _ in range(60):
            facts = await self._facts(f"{self._addresses.desk}/healthz")
            if facts.get("letters"):
                break
            await asyncio.sleep(WATCH_SECONDS)
        await self._switch(self._world.link_name)

    async def _hear(self, stopping: asyncio.Event) -> None:
        if not _can_be_heard():
            return  # nobody types: started by a script or a service
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            word = line.decode(errors="replace").strip()
            if word == "quit":
                stopping.set()
            elif word == "code":
                print(f"  code {self._worker.code()}", flush=True)
            elif word == "load":
                await self._lay_in()
            elif word:
                await self._switch(word)

    async def _switch(self, name: str) -> None:
        try:
            self._world.switch_link(name)
        except TraceError as refusal:
            print(f"  {refusal}", flush=True)
            return
        print(f"  the link is now: {self._world.link.name}", flush=True)
        await self._world.tell_uplink()

    async def _lay_in(self) -> None:
        refused = await self._load(self._sheets)
        print(f"  {len(self._sheets) - len(refused)} sheets lie in the feeder", flush=True)
        for sentence in refused:
            print(f"  {sentence}", flush=True)

    async def _watch(self) -> None:
        """Tell whatever changed: the link in words, what waits, what the desk does."""
        shown = ""
        while True:
            uplink = await self._facts(f"{self._addresses.uplink}/health")
            desk = await self._facts(f"{self._addresses.desk}/healthz")
            words = (
                f"  desk: {desk.get('visit', 'not answering')}; "
                f"link: {uplink.get('state', 'not answering')}, waiting {uplink.get('waiting', '?')}"
            )
            if words != shown:
                shown = words
                print(words, flush=True)
            await asyncio.sleep(WATCH_SECONDS)

    @staticmethod
    async def _facts(address: str) -> dict[str, object]:
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as client,
                client.get(address) as answer,
            ):
                facts: dict[str, object] = await answer.json()
                return facts
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return {}


def _can_be_heard() -> bool:
    """Tell whether standard input is a terminal or a pipe; a file or /dev/null cannot be waited on."""
    try:
        kind = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return sys.stdin.isatty() or stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)
