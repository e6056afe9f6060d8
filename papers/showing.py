"""Shows pictures from outside to people: written anew by a worker that decodes each in a confined child."""

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from papers import worker

log = logging.getLogger(__name__)

MEDIA_TYPE = "image/jpeg"
ANSWER_LIMIT_S = 90.0
"""Wall seconds for one picture; the worker's own limits are shorter."""
WRITTEN_MOST = 32 << 20
"""Bytes of one written picture."""
_KEPT_NAMES = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "HOME", "TMPDIR")


class NotShownError(Exception):
    """The bytes are no picture that can be shown; nothing of them may reach a screen."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture written anew. `reconstructed`: print comes from a blank form; `blank_known`: that blank was here."""

    data: bytes
    reconstructed: bool
    blank_known: bool


class Showing:
    """Holds one worker; pictures wait for each other. A worker that dies or babbles costs its picture only."""

    def __init__(self, blank_folders: Sequence[Path] = ()) -> None:
        self._folders = [str(folder) for folder in blank_folders]
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None

    async def show(self, data: bytes) -> Shown:
        """Write a picture anew as `MEDIA_TYPE`; raises NotShownError."""
        if len(data) > worker.BYTES_MOST:
            raise NotShownError(
                f"showing: a page has at most {worker.BYTES_MOST} bytes, this has {len(data)}; "
                "ask the bus for the page again"
            )
        async with self._turn:
            try:
                code, written = await asyncio.wait_for(self._ask(data), ANSWER_LIMIT_S)
            except (TimeoutError, OSError, asyncio.IncompleteReadError) as fault:
                log.warning("showing.ended cause=%s", type(fault).__name__)
                await self._end()
                raise NotShownError(
                    "showing: a picture is shown when its worker answers, and it did not; reload the page"
                ) from fault
            except BaseException:
                await self._end()
                raise
        if code == worker.REFUSED:
            raise NotShownError(
                "showing: the bytes must be a picture of ours within the limits, and are not; "
                "ask the bus for the page again"
            )
        return Shown(written, code != worker.PLAIN, code != worker.WITHOUT_BLANK)

    async def close(self) -> None:
        """End the worker."""
        async with self._turn:
            await self._end()

    async def _ask(self, data: bytes) -> tuple[int, bytes]:
        if self._process is None or self._process.returncode is not None:
            self._process = await _start(self._folders)
        sink, source = self._process.stdin, self._process.stdout
        if sink is None or source is None:
            raise OSError("the worker has no pipes")
        sink.write(worker.ASKED.pack(len(data)) + data)
        await sink.drain()
        code, length = worker.ANSWER.unpack(await source.readexactly(worker.ANSWER.size))
        if length > WRITTEN_MOST:
            raise OSError(f"the worker announces {length} bytes")
        return code, await source.readexactly(length)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _start(folders: Sequence[str]) -> asyncio.subprocess.Process:
    environment = {name: os.environ[name] for name in _KEPT_NAMES if name in os.environ}
    environment |= {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OPENCV_FOR_THREADS_NUM": "1",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "papers.worker",
        *folders,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
