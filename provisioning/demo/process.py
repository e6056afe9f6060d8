"""One process of the house, kept running as systemd would: started, heard, restarted, stopped."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger("madobus.demo.process")

READY_SECONDS = 60.0
STOP_SECONDS = 5.0
RESTART_SECONDS = 1.0
MOST_RESTARTS = 5


class ProcessFailed(Exception):  # noqa: N818 - named for what a person reads
    """A process of the house did not start or would not stay up; its log says why."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What a process said once it really served."""

    process: str
    address: str


class HouseProcess:
    """Runs `python -m MODULE ARGUMENTS` and keeps its log in a file."""

    def __init__(self, name: str, module: str, arguments: Sequence[str], log_path: Path) -> None:
        self.name = name
        self.restarts = 0
        self.came_back = asyncio.Event()
        self._command = [sys.executable, "-m", module, *arguments]
        self._log_path = log_path
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return None if self._process is None else self._process.pid

    async def start(self) -> Ready:
        """Start and wait for the ready line; raises ProcessFailed with the log's last lines."""
        self._stopping = False
        ready = await self._start_once()
        self._keeper = asyncio.create_task(self._keep())
        return ready

    async def stop(self) -> None:
        """Ask it to end, and insist after a few seconds."""
        self._stopping = True
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            log.warning("process.killed name=%s", self.name)
            self.kill()
            await process.wait()

    def kill(self) -> None:
        """End it at once with everything it started, as a power cut would (SIGKILL)."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _start_once(self) -> Ready:
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        with self._log_path.open("ab") as log_file:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log_file,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        try:
            return await asyncio.wait_for(self._hear(self._process), READY_SECONDS)
        except TimeoutError:
            self.kill()
            raise ProcessFailed(self._why("did not become ready in time")) from None

    async def _hear(self, process: asyncio.subprocess.Process) -> Ready:
        assert process.stdout is not None  # noqa: S101 - asked for with PIPE above
        async for line in process.stdout:
            word, _, facts = line.decode(errors="replace").partition(" ")
            if word == "ready":
                told = json.loads(facts)
                return Ready(told["process"], told["address"])
        await process.wait()
        raise ProcessFailed(self._why(f"ended with code {process.returncode} before it was ready"))

    async def _keep(self) -> None:
        while self._process is not None:
            code = await self._process.wait()
            if self._stopping:
                return
            self.restarts += 1
            log.warning("process.ended name=%s code=%s restarts=%s", self.name, code, self.restarts)
            if self.restarts > MOST_RESTARTS:
                return
            await asyncio.sleep(RESTART_SECONDS)
            with contextlib.suppress(ProcessFailed):
                await self._start_once()
                self.came_back.set()

    def _why(self, fact: str) -> str:
        tail = ""
        if self._log_path.exists():
            tail = "\n".join(self._log_path.read_text(errors="replace").splitlines()[-8:])
        return f"{self.name} {fact}. Its log, {self._log_path}, ends:\n{tail}"
