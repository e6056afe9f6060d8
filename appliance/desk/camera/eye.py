"""The process that decodes a camera's frames: bounded in memory, without any file, network or key.

`Eye` starts it as `python -m appliance.desk.camera.eye` and speaks to it over pipes; one that dies or hangs costs a
frame and is started anew.
"""

import asyncio
import os
import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

import cv2
import numpy as np

from appliance.desk.camera.looking import SMALL, Looker, NoFrameError, Seen
from appliance.desk.camera.taking import Look
from appliance.desk.pages import exchange
from appliance.desk.pages.exchange import ExchangeError
from hardware.camera.pipes import widen
from papers.confine import confine

LOOK_LIMIT_S = 10.0
"""Wall seconds for one frame."""
MEMORY_LIMIT = 2 << 30
FILES_LIMIT = 32
FRAME_LIMIT = 24 << 20
LIVE_LIMIT = 2 << 20
REASONS = frozenset({"", "no_page", "unclear", "cut"})


class EyeBlindError(Exception):
    """A frame could not be looked at; the next one may be."""


class Eye:
    """Looks at frames in a process of its own."""

    def __init__(self, *, limit_s: float = LOOK_LIMIT_S) -> None:
        self._limit_s = limit_s
        self._process: asyncio.subprocess.Process | None = None

    async def look(self, frame: bytes, now: float, *, sharp: bool = False) -> Seen:
        """Look at one JPEG; raises EyeBlindError."""
        if len(frame) > FRAME_LIMIT:
            raise EyeBlindError(f"a frame has at most {FRAME_LIMIT} bytes")
        try:
            return await asyncio.wait_for(self._ask(frame, now, sharp=sharp), self._limit_s)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, ExchangeError) as error:
            await self.close()
            raise EyeBlindError(type(error).__name__) from error
        except EyeBlindError:
            raise
        except BaseException:
            # Given up half-way: what comes next on the pipe would be another frame's answer.
            await self.close()
            raise

    async def close(self) -> None:
        """End the process; a second call does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()

    async def _ask(self, frame: bytes, now: float, *, sharp: bool) -> Seen:
        if self._process is None:
            self._process = await _start()
        sink, source = self._process.stdin, self._process.stdout
        if sink is None or source is None:
            raise OSError("the eye has no pipes")
        sink.write(exchange.pack({"now": now, "sharp": sharp}, frame))
        await sink.drain()
        text, blob = exchange.lengths(await source.readexactly(exchange.PREFIX))
        if blob > LIVE_LIMIT:
            raise ExchangeError("a live picture is over its limit")
        head = exchange.read_head(await source.readexactly(text))
        return read_seen(head, await source.readexactly(blob))


def read_seen(head: dict[str, Any], blob: bytes) -> Seen:
    """Read what the process says like a stranger's letter, for it opens foreign pictures.

    Raises EyeBlindError when it could not look, ExchangeError when it babbles.
    """
    if "blind" in head:
        raise EyeBlindError(str(head["blind"])[:80])
    try:
        reason, sharpness = str(head["reason"]), float(head["sharpness"])
        length = SMALL[0] * SMALL[1]
    except (KeyError, TypeError, ValueError, OverflowError) as fault:
        raise ExchangeError("a look lacks something") from fault
    if reason not in REASONS or len(blob) <= length:
        raise ExchangeError("a look does not fit")
    return Seen(Look(blob[:length], reason, sharpness), blob[length:])


async def _start() -> asyncio.subprocess.Process:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "HOME", "TMPDIR"}
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "appliance.desk.camera.eye",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment
        | {"OPENCV_FOR_THREADS_NUM": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"},
    )
    widen(process)
    return process


def serve(source: BinaryIO, sink: BinaryIO, looker: Looker) -> None:
    """Look at frames until the pipe closes."""
    while len(prefix := source.read(exchange.PREFIX)) == exchange.PREFIX:
        text, blob = exchange.lengths(prefix)
        head = exchange.read_head(source.read(text))
        frame = source.read(blob)
        try:
            seen = looker.look(frame, float(head["now"]), sharp=bool(head["sharp"]))
        except (NoFrameError, cv2.error) as fault:
            sink.write(exchange.pack({"blind": type(fault).__name__}))
        else:
            told = {"reason": seen.look.reason, "sharpness": seen.look.sharpness}
            sink.write(exchange.pack(told, seen.look.small + seen.live))
        sink.flush()


def rehearse() -> None:
    """Look at a drawn page once: what a look loads late must be loaded before no file can be opened any more."""
    drawn = np.full((600, 800, 3), 40, np.uint8)
    drawn[100:500, 150:650] = 240
    drawn[200:400:40, 200:600] = 40
    _, packed = cv2.imencode(".jpg", drawn)
    Looker().look(bytes(packed), 0.0, sharp=True)


def limit_process() -> None:
    """Take from this process what looking does not need."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES_LIMIT, FILES_LIMIT))


def main() -> int:
    """Run until the desk hangs up."""
    sink = sys.stdout.buffer
    sys.stdout = sys.stderr
    cv2.setNumThreads(1)
    rehearse()
    limit_process()
    # No thread begins in a confined process, and each takes the filter for itself.
    beside = ThreadPoolExecutor(1, initializer=confine)
    beside.submit(int).result()
    confine()
    serve(sys.stdin.buffer, sink, Looker(beside.submit))
    return 0


if __name__ == "__main__":
    sys.exit(main())
