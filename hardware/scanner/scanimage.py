"""One run of SANE's `scanimage` as a process of its own, killable with everything it started.

Never in our process: a backend that hangs ignores SIGTERM, so each answer has a deadline and the
whole process group ends by SIGKILL. The exit code is the SANE status.
"""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Mapping
from pathlib import Path

log = logging.getLogger(__name__)
MAX_WORDS = 4096  # bytes of its last complaints that are kept
MAX_LIST = 256 * 1024  # bytes of an option or device list
GRACE_S = 2.0  # how long a run may take to end by itself after its last prompt
KILL_S = (
    5.0  # how long we wait for what SIGKILL ended; the kernel may hold a process in a broken driver
)


class Hung(Exception):  # noqa: N818  # it names what happened, as the fault does
    """The program did not answer before its deadline and was killed."""


class Scanimage:
    """A running `scanimage`; `close` may be called at any time and any number of times."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ValueError("scanimage must be started with three pipes; use Scanimage.start")
        self._process = process
        self._stdin, self._stdout, self._stderr = process.stdin, process.stdout, process.stderr
        self._words = b""
        self._listener = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, command: list[str], environment: Mapping[str, str]) -> "Scanimage":
        """Start the program in its own process group; raises FileNotFoundError when it is not installed."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "LC_ALL": "C", **environment},
            limit=MAX_LIST,
        )
        return cls(process)

    async def next_file(self, folder: Path, deadline_s: float) -> Path | None:
        """Answer the prompt and wait for the next finished file; None when the run is over."""
        try:
            async with asyncio.timeout(deadline_s):
                with contextlib.suppress(ConnectionError):
                    self._stdin.write(b"\n")
                    await self._stdin.drain()
                while line := await self._stdout.readline():
                    path = Path(os.fsdecode(line.rstrip(b"\n")))
                    if path.parent == folder:
                        return path
        except TimeoutError as error:
            await self._kill()
            raise Hung from error
        return None

    async def output(self, deadline_s: float) -> str:
        """Wait for the end and give all it printed, cut at MAX_LIST."""
        try:
            async with asyncio.timeout(deadline_s):
                text = b""
                while piece := await self._stdout.read(MAX_LIST):
                    text = (text + piece)[:MAX_LIST]
                await self._process.wait()
                return text.decode(errors="replace")
        except TimeoutError as error:
            await self._kill()
            raise Hung from error

    async def code(self, deadline_s: float) -> int:
        """Wait for the exit code: a SANE status, 1 when the device did not open, negative for a signal."""
        try:
            async with asyncio.timeout(deadline_s):
                return await self._process.wait()
        except TimeoutError as error:
            await self._kill()
            raise Hung from error

    @property
    def words(self) -> str:
        """Give the last line of its complaints."""
        lines = self._words.decode(errors="replace").strip().splitlines()
        told = [line for line in lines if line.startswith("scanimage:")]
        return (told or lines or [""])[-1].removeprefix("scanimage: ")

    async def close(self) -> None:
        """Let it end by itself, as it does at its prompt; after a short grace kill the group."""
        if self._process.returncode is None:
            self._stdin.close()
            await self._ended(GRACE_S)
        await self._kill()

    async def _kill(self) -> None:
        if self._listener.cancelled():
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if not await self._ended(KILL_S, self._listener):
            await self._leave()

    async def _ended(self, seconds: float, *others: asyncio.Task[None]) -> bool:
        """Wait so long for its end, and for others; also in a task that is being cancelled.

        There `asyncio.timeout` lets the cancellation through instead of a TimeoutError, and nothing after it runs.
        """
        end = asyncio.ensure_future(self._process.wait())
        _, waiting = await asyncio.wait({end, *others}, timeout=seconds)
        if end in waiting:
            end.cancel()
        return not waiting

    async def _leave(self) -> None:
        """Let go of what nothing can end, so that the desk goes on: a driver stuck in the kernel, a stray child."""
        log.error("scanimage.left_behind pid=%d", self._process.pid)
        self._listener.cancel()
        await asyncio.wait({self._listener})
        # There is no public way to close the pipes of a process that does not end.
        self._process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001

    async def _listen(self) -> None:
        while piece := await self._stderr.read(MAX_WORDS):
            self._words = (self._words + piece)[-MAX_WORDS:]
