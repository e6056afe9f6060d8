"""Pages under the camera join the batch as scanned ones do: kept one by one, read, never the same one twice."""

import asyncio
import itertools
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import pytest

from appliance.desk.camera.eye import EyeBlindError
from appliance.desk.camera.looking import SMALL, Seen
from appliance.desk.camera.table import BLIND_MOST, CameraTable
from appliance.desk.camera.taking import CHOICE, Look, State
from appliance.desk.counter import Counter
from appliance.mail.store import MailStore
from hardware.camera.faults import camera_error
from hardware.errors import DeviceError
from hardware.protocols import FeederState, Picture, Sheet
from tests.support.counterworld import CounterWorld, settled
from tests.support.madeup_papers import back, card, front

TICK = 0.1


@dataclass(slots=True)
class PaperCamera:
    """Shows made-up pages, each for so many frames; nothing under it between two."""

    pages: list[bytes]
    hold: int = 20
    fails_at: int = -1
    shown: int = 0
    closed: int = 0
    name: str = "paper camera"
    simulated: bool = True

    async def still(self) -> Picture:
        """Give the next frame."""
        await asyncio.sleep(0)
        place, frame = divmod(self.shown, self.hold)
        self.shown += 1
        if place == self.fails_at:
            raise camera_error(self.name, "absent")
        page = self.pages[place] if place < len(self.pages) else b""
        # As many spaces behind it as the frame is sharp.
        image = page + b" " * (1 + frame % 7) if page else b""
        return Picture(image, "image/jpeg", 640, 480)

    async def frames(self) -> "asyncio.Queue[Picture]":
        """Not asked for."""
        raise NotImplementedError

    async def close(self) -> None:
        """Count."""
        self.closed += 1


@dataclass(slots=True)
class PaperEye:
    """Sees made-up pages: as many spaces behind it, as sharp is the frame."""

    blind: bool = False
    closed: int = 0
    seen: list[bytes] = field(default_factory=list)

    async def look(self, frame: bytes, now: float, *, sharp: bool = False) -> Seen:  # noqa: ARG002 - the eye's shape
        """Look at one frame."""
        if self.blind:
            raise EyeBlindError("blind")
        # Another page is another grey in half of the tiny picture.
        grey = crc32(frame.rstrip()) % 200 + 20 if frame else 0
        half = SMALL[0] * SMALL[1] // 2
        small = bytes([grey]) * half + bytes(half)
        sharpness = float(len(frame) - len(frame.rstrip())) if sharp else 0.0
        return Seen(Look(small, "" if frame else "no_page", sharpness), b"live" + frame[:4])

    async def close(self) -> None:
        """Count."""
        self.closed += 1


def table(camera: PaperCamera, eye: PaperEye | None = None) -> CameraTable:
    """Return a table whose clock ticks at every look."""
    ticks = itertools.count()
    return CameraTable(camera, eye or PaperEye(), lambda: next(ticks) * TICK)  # type: ignore[arg-type]


async def sheets_of(under: CameraTable, count: int) -> list[Sheet]:
    """Take so many sheets, then end."""
    taken = []
    async for sheet in under.feed():
        taken.append(sheet)
        if len(taken) == count:
            under.finish()
    return taken


async def into(taken: list[Sheet], under: CameraTable) -> None:
    """Take what comes; what came before an error counts."""
    async for sheet in under.feed():
        taken.append(sheet)  # noqa: PERF401 - as said


async def test_ok__each_page_comes_out_once() -> None:
    """Numbered from 1, as photographs: no resolution is claimed."""
    camera = PaperCamera([b"one", b"three", b"fifteen"])
    taken = await sheets_of(table(camera), 3)
    assert [sheet.number for sheet in taken] == [1, 2, 3]
    assert [sheet.image.rstrip() for sheet in taken] == [b"one", b"three", b"fifteen"]
    assert {sheet.dpi for sheet in taken} == {0}


async def test_ok__the_sharpest_of_the_frames_is_kept() -> None:
    """The candidates are neighbours; the one the eye calls sharpest wins."""
    camera = PaperCamera([b"one"])
    (sheet,) = await sheets_of(table(camera), 1)
    last = (camera.shown - 1) % camera.hold
    candidates = [1 + frame % 7 for frame in range(last - CHOICE + 1, last + 1)]
    assert len(sheet.image) - len(b"one") == max(candidates)


async def test_ok__everything_is_let_go_at_the_end() -> None:
    """Camera and eye, and whoever watched."""
    camera, eye = PaperCamera([b"one"]), PaperEye()
    under = table(camera, eye)
    await sheets_of(under, 1)
    assert (camera.closed, eye.closed, under.running) == (1, 1, False)
    assert under.view.state is State.TAKEN


async def test_ok__the_live_picture_runs_beside() -> None:
    """Frame after frame until the feed ends."""
    under = table(PaperCamera([b"one"], hold=40))
    feeding = asyncio.create_task(sheets_of(under, 1))
    seen = [picture async for picture in under.live()]
    await feeding
    assert seen
    assert set(seen) == {b"liveone "}


async def test_fail__a_camera_that_goes_is_told_apart_from_a_feeder() -> None:
    """Its cause says that no paper was on its way; the pages before are good."""
    under = table(PaperCamera([b"one"], fails_at=1))
    taken: list[Sheet] = []
    with pytest.raises(DeviceError) as caught:
        await into(taken, under)
    assert caught.value.cause == "camera_absent"
    assert len(taken) == 1
    assert not under.running


async def test_fail__a_camera_nobody_can_look_at_gives_no_picture() -> None:
    """One bad frame costs nothing, so many in a row are a fault."""
    under = table(PaperCamera([b"one"], hold=10 * BLIND_MOST), PaperEye(blind=True))
    with pytest.raises(DeviceError) as caught:
        await sheets_of(under, 1)
    assert caught.value.cause == "camera_no_picture"


async def test_fail__a_table_nobody_touches_rests() -> None:
    """Nobody is there: the screen may lock."""
    under = table(PaperCamera([b"one"], hold=10**6))
    with pytest.raises(DeviceError) as caught:
        await sheets_of(under, 2)
    assert caught.value.cause == "camera_idle"


async def test_ok__a_look_says_whether_a_camera_is_there() -> None:
    """Like a feeder's state."""
    assert await table(PaperCamera([b"one"])).state() is FeederState.LOADED
    assert await table(PaperCamera([], fails_at=0)).state() is FeederState.ABSENT


async def under_camera(counter: Counter, camera: PaperCamera, count: int) -> CameraTable:
    """Feed so many pages under the camera into the batch, then say that was all."""
    under = table(camera)
    await counter.on_tray().declare(1, "")
    await counter.on_tray().feed(under)
    async with asyncio.timeout(60):
        while len(counter.opened().current().sheets) < count and counter.on_tray().work.feeding:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.005)
    under.finish()
    await settled(counter)
    return under


async def test_ok__photographed_pages_make_an_application(counter: Counter) -> None:
    """Form, back and card of one person, taken page by page."""
    pages = [front(1), back(1), card(1)]
    await under_camera(counter, PaperCamera(pages), 3)
    batch = counter.opened().current()
    assert [sheet.dpi for sheet in batch.sheets] == [0, 0, 0]
    assert len(batch.applications) == 1
    assert batch.trouble is None


async def test_fail__a_camera_pulled_out_loses_nothing(counter: Counter) -> None:
    """The page taken before stays; nobody is told of paper on its way."""
    await under_camera(counter, PaperCamera([front(1)], fails_at=1), 2)
    batch = counter.opened().current()
    assert len(batch.sheets) == 1
    assert batch.trouble is not None
    assert (batch.trouble.cause, batch.trouble.in_flight, batch.trouble.lost) == (
        "camera_absent",
        False,
        0,
    )


@pytest.fixture
def world(tmp_path: Path) -> CounterWorld:
    """Return an enrolled box."""
    return CounterWorld(tmp_path / "box").enrol()


@pytest.fixture
async def counter(world: CounterWorld) -> "object":
    """Open the visit and choose the stop."""
    from tests.support.madeup_papers import due  # noqa: PLC0415 - one use

    mail: MailStore = world.open_mail()
    world.post(mail, "visit_pack", world.pack(due(1)))
    made = await world.opened(mail)
    yield made
    await made.stop()
    mail.close()
