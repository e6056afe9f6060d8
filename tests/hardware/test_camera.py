"""Cameras: the real V4L2 driver before a played device, the simulated one, and none at all, by one contract."""

import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from hardware.camera.faults import camera_error
from hardware.camera.grabber import pack
from hardware.camera.simulated import SimulatedCamera
from hardware.camera.v4l2 import V4l2Camera, first_device
from hardware.errors import DeviceBusy, DeviceError, DeviceFault, DeviceMissing
from hardware.protocols import Camera
from tests.support.pictures import pixels, write_sheets
from tests.support.played_camera import DEVICE, NEEDS_COMPILER, PlayedCamera, compiled

SIZE = (640, 480)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the played camera once."""
    return compiled(tmp_path_factory.mktemp("played"))


@pytest.fixture
def played(library: Path, tmp_path: Path) -> PlayedCamera:
    """Return a played camera with three frames."""
    write_sheets(tmp_path / "frames", SIZE, SIZE, SIZE)
    return PlayedCamera(library, tmp_path / "frames", tmp_path / "word", SIZE)


@pytest.fixture
async def real(played: PlayedCamera) -> AsyncIterator[V4l2Camera]:
    """Return the real driver before the played camera."""
    camera = V4l2Camera(DEVICE, *SIZE, grabber=played.grabber(), limit_s=60)
    yield camera
    await camera.close()


async def until_it_fails(camera: Camera) -> None:
    """Take pictures until one fails; what was grabbed before may still come."""
    for _ in range(50):
        await camera.still()


@NEEDS_COMPILER
async def test_ok__the_real_driver_gives_the_camera_s_own_bytes(
    real: V4l2Camera, played: PlayedCamera
) -> None:
    """A frame is one of the files, byte for byte: nothing is decoded on the way."""
    files = {path.read_bytes() for path in played.frames.iterdir()}
    picture = await real.still()
    assert picture.image in files
    assert (picture.width, picture.height, picture.media_type) == (*SIZE, "image/jpeg")


@NEEDS_COMPILER
async def test_ok__frames_keep_coming(real: V4l2Camera) -> None:
    """Frame after frame as long as one is asked for."""
    seen = []
    async with aclosing(real.frames()) as frames:  # type: ignore[type-var]
        async for picture in frames:
            seen.append(picture.width)
            if len(seen) == 5:
                break
    assert seen == [640] * 5


@NEEDS_COMPILER
async def test_fail__an_unplugged_camera_is_missing_and_comes_back(
    real: V4l2Camera, played: PlayedCamera
) -> None:
    """Pulled in the middle of the frames; plugged in again, the next call opens it anew."""
    await real.still()
    played.say("unplugged")
    with pytest.raises(DeviceMissing):
        await until_it_fails(real)
    with pytest.raises(DeviceMissing):
        await real.still()
    played.say("")
    assert (await real.still()).width == 640


@NEEDS_COMPILER
async def test_fail__a_hung_camera_is_given_up_and_comes_back(
    real: V4l2Camera, played: PlayedCamera
) -> None:
    """The read in the kernel never returns: the process is killed, the desk goes on."""
    await real.still()
    played.say("hung")
    real._limit_s = 1.0
    with pytest.raises(DeviceFault) as caught:
        await until_it_fails(real)
    assert caught.value.cause == "hung"
    played.say("")
    real._limit_s = 60
    assert (await real.still()).width == 640


async def test_fail__no_camera_at_all_is_missing(tmp_path: Path) -> None:
    """A name that is nowhere."""
    camera = V4l2Camera(str(tmp_path / "video9"), *SIZE, limit_s=60)
    with pytest.raises(DeviceMissing):
        await camera.still()
    await camera.close()


@pytest.mark.parametrize(
    ("code", "family"), [(3, DeviceMissing), (4, DeviceBusy), (5, DeviceFault)]
)
async def test_fail__the_grabber_s_code_names_the_family(
    code: int, family: type[DeviceError]
) -> None:
    """Absent, held by another program, no picture."""
    script = f"import sys; sys.stdin.buffer.read(1); sys.exit({code})"
    camera = V4l2Camera(DEVICE, grabber=(sys.executable, "-c", script), limit_s=60)
    with pytest.raises(family):
        await camera.still()


async def test_fail__a_frame_over_the_limit_is_refused() -> None:
    """A grabber gone mad does not fill the desk's memory."""
    script = (
        "import sys; sys.stdout.buffer.write(b'\\xff' * 12); sys.stdout.flush(); sys.stdin.read()"
    )
    camera = V4l2Camera(DEVICE, grabber=(sys.executable, "-c", script), limit_s=60)
    with pytest.raises(DeviceFault):
        await camera.still()


async def test_ok__the_simulated_camera_holds_each_picture(tmp_path: Path) -> None:
    """A page lies still for some frames, then comes the next."""
    write_sheets(tmp_path, (40, 30), (30, 40))
    camera: Camera = SimulatedCamera(tmp_path, hold=2)
    sizes = []
    async with aclosing(camera.frames()) as frames:  # type: ignore[type-var]
        async for picture in frames:
            sizes.append(pixels(picture.image).shape[1::-1])
            if len(sizes) == 5:
                break
    assert sizes == [(40, 30), (40, 30), (30, 40), (30, 40), (40, 30)]


async def test_ok__the_last_picture_stays_until_the_camera_is_closed(tmp_path: Path) -> None:
    """Papers of a demonstration are laid down once; the next start lays them down again."""
    write_sheets(tmp_path, (40, 30), (30, 40))
    camera: Camera = SimulatedCamera(tmp_path, again=False)
    sizes = [pixels((await camera.still()).image).shape[1::-1] for _ in range(3)]
    await camera.close()
    sizes.append(pixels((await camera.still()).image).shape[1::-1])
    assert sizes == [(40, 30), (30, 40), (30, 40), (40, 30)]


@pytest.mark.parametrize("cause", ["absent", "busy", "hung", "no_picture"])
def test_ok__every_fault_speaks_both_languages(cause: str) -> None:
    """A whole sentence for the person, a fact and a remedy for the log."""
    error = camera_error("v4l2 /dev/video0", cause)
    assert error.cause == cause
    assert error.ja.endswith("。")
    assert error.en.endswith(".")
    assert error.remedy


def test_fail__a_torn_frame_is_none() -> None:
    """A JPEG without its end mark, and something that is no picture."""
    import numpy as np  # noqa: PLC0415 - only here

    torn = np.frombuffer(b"\xff\xd8half", np.uint8)[None]
    assert pack(torn) is None
    assert pack(np.zeros((1, 8), np.uint8)) is None
    assert pack(np.zeros((8, 8, 3), np.uint8))


def test_ok__without_a_name_the_first_camera_is_taken() -> None:
    """A name on the bus where udev gives one, else the usual node."""
    assert first_device().startswith("/dev/v")
