"""A camera on USB (UVC) by Video4Linux: `desk.camera = "v4l2"`, `desk.camera_device = "/dev/v4l/by-id/…"`.

An empty device takes the first camera by name. The camera is held by a process of its own, which a hang cannot
outlive. https://docs.kernel.org/userspace-api/media/v4l/v4l2.html
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from hardware.camera.faults import camera_error
from hardware.camera.grabber import ABSENT, BUSY, HEAD
from hardware.camera.pipes import widen
from hardware.protocols import Picture

FRAME_LIMIT_S = 8.0
"""Seconds for one frame; the first one opens the camera and waits for its light."""
BYTE_LIMIT = 24 * 1024 * 1024
"""A frame has 1 to 4 MB at eight megapixels."""
GRABBER = (sys.executable, "-m", "hardware.camera.grabber")
BY_NAME = Path("/dev/v4l/by-id")


class V4l2Camera:
    """Frames of one camera, always the newest; after an error the next call opens it anew."""

    def __init__(
        self,
        device: str = "",
        width: int = 3264,
        height: int = 2448,
        fps: int = 15,
        *,
        grabber: Sequence[str] = GRABBER,
        limit_s: float = FRAME_LIMIT_S,
    ) -> None:
        self._device = device
        self._wishes = (str(width), str(height), str(fps))
        self._grabber = tuple(grabber)
        self._limit_s = limit_s
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    @property
    def name(self) -> str:
        """Say which driver and which device."""
        return f"v4l2 {self._device or first_device()}"

    @property
    def simulated(self) -> bool:
        """Say that the pictures are real."""
        return False

    async def still(self) -> Picture:
        """Take the newest picture; raises DeviceMissing, DeviceBusy or DeviceFault."""
        async with self._turn:
            try:
                return await asyncio.wait_for(self._next(), self._limit_s)
            except TimeoutError as error:
                await self._end()
                raise camera_error(self.name, "hung") from error
            except (asyncio.IncompleteReadError, OSError) as error:
                code = await self._end()
                cause = {ABSENT: "absent", BUSY: "busy"}.get(code, "no_picture")
                raise camera_error(self.name, cause) from error
            except BaseException:
                # Given up half-way: what comes next on the pipe would be half a frame.
                await self._end()
                raise

    async def frames(self) -> AsyncIterator[Picture]:
        """Give the newest picture each time one is asked for."""
        while True:
            yield await self.still()

    async def close(self) -> None:
        """Let the camera go; a second call does nothing."""
        async with self._turn:
            await self._end()

    async def _next(self) -> Picture:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *self._grabber,
                self._device or first_device(),
                *self._wishes,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            widen(self._process)
        sink, source = self._process.stdin, self._process.stdout
        if sink is None or source is None:
            raise OSError("the grabber has no pipes")
        sink.write(b"n")
        await sink.drain()
        length, width, height = HEAD.unpack(await source.readexactly(HEAD.size))
        if length > BYTE_LIMIT:
            raise OSError(f"a frame of {length} bytes is over the limit of {BYTE_LIMIT}")
        return Picture(await source.readexactly(length), "image/jpeg", width, height)

    async def _end(self) -> int:
        """Kill the process and return its code; a camera in the middle of a read does not hear anything else."""
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.returncode is None and not await _ended_by_itself(process):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        return await process.wait()


async def _ended_by_itself(process: asyncio.subprocess.Process) -> bool:
    """Tell whether the grabber has said its last; its code then says why."""
    if process.stdout is None or not process.stdout.at_eof():
        return False
    try:
        await asyncio.wait_for(process.wait(), 1.0)
    except TimeoutError:
        return False
    return True


def first_device() -> str:
    """Return the first camera by its name on the bus; `/dev/video0` where udev names none."""
    named = sorted(BY_NAME.glob("*-video-index0")) if BY_NAME.is_dir() else []
    return str(named[0]) if named else "/dev/video0"
