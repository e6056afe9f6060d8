"""The bench's own rig: a played link on this machine, and one run of a peer over it, watched from outside."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from provisioning.demo.link import Link

HERE = Path(__file__).parent
LOOK_S = 0.02
READY_S = 60.0


@dataclass
class Work:
    """One run's folder, laid out as `linklab_peer.py` wants it, and its link."""

    folder: Path
    day: Path
    link: Link
    hall_port: int
    dial_port: int = 0
    children: list[asyncio.subprocess.Process] = field(default_factory=list)

    @property
    def store(self) -> Path:
        """Where the hall puts what it can use."""
        return self.folder / "hall" / "store"

    async def start(self, *command: str) -> asyncio.subprocess.Process:
        """Start a process of this run; its words go to the run's log."""
        ports = {"MADOBUS_BENCH_HOST": "127.0.0.1", "MADOBUS_BENCH_PORT": str(self.hall_port)}
        env = {**os.environ, **ports, "MADOBUS_BENCH_DIAL": str(self.dial_port)}
        with (self.folder / "log").open("ab") as log:
            child = await asyncio.create_subprocess_exec(
                *command, env=env, stdout=log, stderr=log, start_new_session=True
            )
        self.children.append(child)
        return child

    async def end(self) -> None:
        """End everything that was started."""
        for child in self.children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()


Peer = Callable[[Work], Awaitable[Callable[[], Awaitable[None]]]]
"""Sets a run up with its receiver running; returns what starts the sender."""


@asynccontextmanager
async def laid_out(folder: Path, day: Path, link: str) -> AsyncIterator[Work]:
    """Give a run's folder over a link that stands still until `switch` is called with its name."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("bus/state", "hall/state", "hall/store"):
        (folder / name).mkdir(parents=True)
    shutil.copytree(day / "items", folder / "bus" / "items")
    shutil.copy(day / "manifest.json", folder)
    hall_port = free_port()
    played = Link(("127.0.0.1", hall_port))
    work = Work(folder, day, played, hall_port)
    work.dial_port = await played.listen(0)
    played.switch(link)
    try:
        yield work
    finally:
        await work.end()
        await played.close()


async def ours(work: Work) -> Callable[[], Awaitable[None]]:
    """Set the product's own processes up."""
    peer = str(HERE / "linklab_peer.py")
    setup = await work.start(sys.executable, peer, "setup", str(work.folder))
    if await setup.wait():
        raise RuntimeError(f"bench: setup failed, see {work.folder}/log")
    await work.start(sys.executable, peer, "run", str(work.folder), "hall")
    await until((work.folder / "hall" / "ready").exists, READY_S)

    async def send() -> None:
        await work.start(sys.executable, peer, "run", str(work.folder), "bus")

    return send


async def carry(work: Work, peer: Peer, trace: str, limit_s: float) -> dict[str, float | None]:
    """Run one peer over a trace; returns seconds and bytes, None for what did not happen within the limit."""
    send = await peer(work)
    manifest = json.loads((work.folder / "manifest.json").read_text())
    missing = {item["path"]: item["bytes"] for item in manifest["items"]}
    work.link.switch(trace)
    before = (work.link.bytes_up, work.link.bytes_down)
    began = time.monotonic()
    sending = asyncio.ensure_future(send())
    seen: dict[str, float] = {}
    while missing and time.monotonic() - began < limit_s:
        for path, size in list(missing.items()):
            with contextlib.suppress(OSError):
                if (work.store / path).stat().st_size == size:
                    seen[path] = time.monotonic() - began
                    del missing[path]
        await asyncio.sleep(LOOK_S)
    await asyncio.gather(sending, return_exceptions=True)
    records = [seen.get(item["path"]) for item in manifest["items"] if "record" in item["path"]]
    return {
        "first_record_s": min((at for at in records if at is not None), default=None),
        "records_s": None if None in records else max(at for at in records if at is not None),
        "all_s": None if missing else max(seen.values()),
        "bytes_up": work.link.bytes_up - before[0],
        "bytes_down": work.link.bytes_down - before[1],
    }


async def until(what: Callable[[], bool], seconds: float) -> float:
    """Wait for a condition; returns the seconds it took, raises TimeoutError."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while not what():  # noqa: ASYNC110 - the condition is another process's
            await asyncio.sleep(LOOK_S)
    return time.monotonic() - began


def free_port() -> int:
    """Return a port that nobody uses now."""
    import socket  # noqa: PLC0415 - the only use

    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
