"""The process that has the models open and splits off one worker a lane, so that all of them share one copy."""

import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress

from appliance.desk.pages.exchange import read_pid
from appliance.desk.pages.lane import Lane, received

START_LIMIT_S = 180.0
"""Wall seconds until the first worker is there: the libraries and models are read from the disk."""
END_LIMIT_S = 2.0
ALLOTTED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENCV_FOR_THREADS_NUM": "1",
    "MALLOC_ARENA_MAX": "2",
    # Whole pictures go back to the system as soon as they are freed. What is smaller is used again: fresh pages for it
    # would be a quarter of a page's processor time. Between two sheets all of it goes back (see the worker).
    "MALLOC_MMAP_THRESHOLD_": str(12 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(16 << 20),
}


class Nursery:
    """Holds the process and the socket on which a new lane is asked for."""

    def __init__(self, process: asyncio.subprocess.Process, control: socket.socket) -> None:
        self._process, self._control = process, control

    @classmethod
    async def start(cls, forms: Sequence[str]) -> "Nursery":
        """Start the process; `forms` are its options about blank forms."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "appliance.desk.pages.worker",
                *forms,
                str(theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                env=_environment(),
                pass_fds=[theirs.fileno()],
            )
        return cls(process, ours)

    async def lane(self) -> Lane:
        """Have a new worker split off; raises what `LaneGone` names, TimeoutError among it."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [b"+"], [theirs.fileno()])
        except BaseException:
            ours.close()
            raise
        source, sink = await asyncio.open_connection(sock=ours)
        try:
            head, _ = await asyncio.wait_for(received(source), START_LIMIT_S)
            return Lane(read_pid(head), source, sink)
        except BaseException:
            sink.close()
            raise

    async def close(self) -> None:
        """End the process; workers end when their lanes are hung up."""
        self._control.close()
        try:
            await asyncio.wait_for(self._process.wait(), END_LIMIT_S)
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


def _environment() -> dict[str, str]:
    kept = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "HOME", "TMPDIR")
    return {name: value for name, value in os.environ.items() if name in kept} | ALLOTTED
