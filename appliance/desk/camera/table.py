"""The table under the camera: plays a feeder, so that photographed pages join the same batch as scanned ones."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from appliance.desk.camera.eye import EyeBlindError
from appliance.desk.camera.looking import Seen, difference
from appliance.desk.camera.taking import State, Step, Taker
from appliance.desk.glance import Glance
from hardware.errors import DeviceError, DeviceFault
from hardware.protocols import Camera, FeederState, Picture, Sheet

PHOTOGRAPH = 0
"""The resolution of a photograph is not known: the reader squares it and finds out."""
START_LIMIT_S = 5.0
"""Seconds a viewer waits for the feed to begin."""
SEEN_S = 60.0
"""Seconds for which a camera that gave a picture counts as being there: asking it turns its light on."""
BLIND_MOST = 20
"""Frames in a row nobody could look at, after which the camera is said to give no picture."""


class Looks(Protocol):
    """Looks at frames; `appliance.desk.camera.eye.Eye` is the real one."""

    async def look(self, frame: bytes, now: float, *, sharp: bool = False) -> Seen:
        """Look at one JPEG; raises EyeBlindError."""

    async def close(self) -> None:
        """End what runs for it."""


@dataclass(frozen=True, slots=True)
class View:
    """What the screen says beside the live picture."""

    state: State
    taken: int
    frames: int


class CameraTable:
    """A page that lies still under the camera comes out as a sheet. One feed at a time."""

    def __init__(self, camera: Camera, eye: Looks, monotonic: Callable[[], float]) -> None:
        self._camera = camera
        self._eye = eye
        self._monotonic = monotonic
        self._news = asyncio.Condition()
        self._live = b""
        self._taker = Taker(difference)
        self._ended = False
        self._glance = Glance(self.state, monotonic, fresh_s=SEEN_S)
        self.running = False
        self.view = View(State.EMPTY, 0, 0)

    @property
    def name(self) -> str:
        """Say which camera."""
        return self._camera.name

    @property
    def simulated(self) -> bool:
        """Say whether the pages come from files."""
        return self._camera.simulated

    async def state(self) -> FeederState:
        """Say whether a camera is there, by taking a picture."""
        try:
            await self._camera.still()
        except DeviceError:
            return FeederState.ABSENT
        finally:
            if not self.running:
                await self._camera.close()
        return FeederState.LOADED

    async def glance(self) -> FeederState | None:
        """Say as `state` does, without waiting for a camera that wakes slowly; None while it is not known yet."""
        return FeederState.LOADED if self.running else await self._glance.look()

    def press(self) -> None:
        """Take what lies there now, sure or not."""
        self._taker.press()

    def finish(self) -> None:
        """End the feed with the next frame: that was all."""
        self._ended = True

    async def feed(self) -> AsyncGenerator[Sheet]:
        """Give a sheet for each page that is taken, until `finish`; raises DeviceError."""
        self._taker, self._ended, self.running = Taker(difference), False, True
        self.view = View(State.EMPTY, 0, 0)
        async with self._news:
            self._news.notify_all()
        try:
            async with aclosing(self._sheets()) as sheets:
                async for sheet in sheets:
                    yield sheet
        except DeviceError as error:
            # A camera has no paper on its way: its causes are told apart from the feeder's.
            error.cause = f"camera_{error.cause}"
            raise
        finally:
            self.running = False
            async with self._news:
                self._news.notify_all()
            await self._camera.close()
            await self._eye.close()

    async def live(self) -> AsyncGenerator[bytes]:
        """Give each live picture (JPEG), the newest only, while the feed runs; raises TimeoutError when none begins."""
        async with self._news, asyncio.timeout(START_LIMIT_S):
            await self._news.wait_for(lambda: self.running)
        while self.running:
            async with self._news:
                await self._news.wait()
                picture = self._live
            if self.running:
                yield picture

    async def close(self) -> None:
        """Let camera and eye go."""
        self._ended = True
        await self._glance.close()
        await self._camera.close()
        await self._eye.close()

    async def _sheets(self) -> AsyncGenerator[Sheet]:
        best: tuple[float, Picture] | None = None
        blind = 0
        async with aclosing(self._ahead()) as pictures:
            async for picture in pictures:
                try:
                    step = await self._look(picture)
                    if step.keep:
                        best = await self._sharper(best, picture)
                except EyeBlindError as error:
                    blind += 1
                    if blind >= BLIND_MOST:
                        raise _no_picture(self.name) from error
                    continue
                blind = 0
                if step.idle:
                    raise _nobody(self.name)
                if step.take and best is not None:
                    self.view = View(State.TAKEN, self.view.taken + 1, self.view.frames)
                    yield Sheet(self.view.taken, best[1].image, "image/jpeg", PHOTOGRAPH)
                if step.take or not step.keep:
                    best = None

    async def _ahead(self) -> AsyncGenerator[Picture]:
        """Give picture after picture; the next one is on its way while this one is looked at."""
        coming = asyncio.create_task(self._camera.still())
        try:
            while not self._ended:
                picture = await coming
                coming = asyncio.create_task(self._camera.still())
                yield picture
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def _look(self, picture: Picture) -> Step:
        now = self._monotonic()
        seen = await self._eye.look(picture.image, now)
        step = self._taker.step(seen.look, now)
        async with self._news:
            self._live = seen.live
            self.view = View(step.state, self.view.taken, self.view.frames + 1)
            self._news.notify_all()
        return step

    async def _sharper(
        self, best: tuple[float, Picture] | None, picture: Picture
    ) -> tuple[float, Picture]:
        seen = await self._eye.look(picture.image, self._monotonic(), sharp=True)
        sharpness = seen.look.sharpness
        return (sharpness, picture) if best is None or sharpness > best[0] else best


def _no_picture(name: str) -> DeviceError:
    return DeviceFault(
        name,
        "no_picture",
        "no frame of the camera could be looked at",
        "check its cable, then call the technician",
        ja="カメラの画像を開けません。担当の技術者に連絡してください。",
        en="The camera's pictures cannot be opened. Please call the technician.",
    )


def _nobody(name: str) -> DeviceError:
    return DeviceFault(
        name,
        "idle",
        "nothing moved under the camera for a long time",
        "start the camera again",
        ja="しばらく動きがなかったため、カメラを止めました。撮影した用紙は保存されています。",
        en="Nothing moved for a while, so the camera rests. The pages taken are kept.",
    )
