"""What one frame shows: its page, its sharpness, its difference to another, and the live picture."""

import asyncio
from concurrent.futures import Future
from pathlib import Path

import cv2
import numpy as np
import pytest

from appliance.desk.camera.eye import Eye, EyeBlindError, read_seen
from appliance.desk.camera.looking import (
    SMALL,
    Looker,
    NoFrameError,
    Work,
    difference,
    jpeg_size,
    tiny,
    unpack,
)
from appliance.desk.pages.edges import Page
from appliance.desk.pages.exchange import ExchangeError, read_head
from tests.support.photographed import Scene, photograph

SCENE = Scene(table="mat", turn=3, tilt=5, size=(972, 1296))


def jpeg(picture: "np.typing.NDArray[np.uint8]") -> bytes:
    """Pack a picture as a camera does."""
    return bytes(cv2.imencode(".jpg", picture[..., ::-1])[1])


@pytest.fixture(scope="module")
def page() -> "np.typing.NDArray[np.uint8]":
    """Return a photographed page."""
    return photograph(SCENE, seed=5).picture


def test_ok__a_page_is_seen_and_outlined(page: "np.typing.NDArray[np.uint8]") -> None:
    """The live picture is a JPEG of bounded size."""
    seen = Looker().look(jpeg(page), 0.0)
    assert seen.look.reason == ""
    assert jpeg_size(seen.live) == (720, 960)


def test_ok__a_still_picture_is_searched_once(page: "np.typing.NDArray[np.uint8]") -> None:
    """The page found stays the page found, to the object."""
    looker = Looker()
    looker.look(jpeg(page), 0.0)
    first = looker._page
    looker.look(jpeg(page), 10.0)
    assert looker._page is first


def test_ok__no_picture_waits_for_a_search(page: "np.typing.NDArray[np.uint8]") -> None:
    """Until the search of a picture that lies still is through, nothing about it is sure; then its page is."""
    under_way: list[tuple[Work, Future[Page]]] = []

    def submit(work: Work) -> Future[Page]:
        under_way.append((work, Future()))
        return under_way[-1][1]

    looker, frame = Looker(submit), jpeg(page)
    told = [looker.look(frame, now).look.reason for now in (0.0, 0.1)]
    ((work, found),) = under_way
    found.set_result(work())
    told.append(looker.look(frame, 0.2).look.reason)
    assert told == ["unclear", "unclear", ""]


def test_ok__a_page_laid_down_during_a_search_is_not_the_old_one(
    page: "np.typing.NDArray[np.uint8]",
) -> None:
    """What was found in another picture is never said of one that lies still."""
    under_way: list[tuple[Work, Future[Page]]] = []

    def submit(work: Work) -> Future[Page]:
        under_way.append((work, Future()))
        return under_way[-1][1]

    looker, other = Looker(submit), np.ascontiguousarray(page[::-1, ::-1])
    looker.look(jpeg(page), 0.0)
    told = [looker.look(jpeg(other), now).look.reason for now in (0.1, 5.0)]
    work, found = under_way[0]
    found.set_result(work())
    told.append(looker.look(jpeg(other), 10.0).look.reason)
    assert (told, len(under_way)) == (["unclear"] * 3, 2)


@pytest.mark.parametrize("grain", [0.5, 3.0])
def test_ok__a_bare_mat_shows_no_page(grain: float) -> None:
    """Its grain is not taken for edges that nobody is sure of."""
    chance = np.random.default_rng(1)
    light = np.linspace(0.9, 1, 1296)[None, :, None]
    mat = np.full((972, 1296, 3), (46, 56, 50)) * light + chance.normal(0, grain, (972, 1296, 1))
    assert Looker().look(jpeg(np.clip(mat, 0, 255).astype(np.uint8)), 0.0).look.reason == "no_page"


def test_ok__a_moving_picture_s_search_rests(page: "np.typing.NDArray[np.uint8]") -> None:
    """The outline may come late, the picture may not; what lies still after moving is searched at once."""
    moved = jpeg(np.roll(page, 150, axis=1))
    looker = Looker()
    looker.look(jpeg(page), 0.0)
    first = looker._page
    looker.look(moved, 0.01)
    assert looker._page is first
    looker.look(moved, 0.02)
    assert looker._page is not first


def test_ok__the_sharper_of_two_frames_is_known(page: "np.typing.NDArray[np.uint8]") -> None:
    """The same page, in focus and shaken."""
    shaken = np.asarray(cv2.blur(page, (9, 1)), np.uint8)
    looker = Looker()
    sharp = looker.look(jpeg(page), 0.0, sharp=True).look.sharpness
    soft = looker.look(jpeg(shaken), 0.0, sharp=True).look.sharpness
    assert sharp > 1.5 * soft


def test_ok__a_lamp_is_no_movement_and_a_hand_is(page: "np.typing.NDArray[np.uint8]") -> None:
    """Light all over changes nothing; a tenth of the picture does."""
    lit = np.clip(page.astype(int) + 12, 0, 255).astype(np.uint8)
    hand = page.copy()
    hand[800:1200, 300:500] = (205, 150, 115)
    assert difference(tiny(page), tiny(lit)) < 4
    assert difference(tiny(page), tiny(hand)) > 10


@pytest.mark.parametrize("frame", [b"", b"\xff\xd8\xff\xd9", b"no picture at all"])
def test_fail__what_is_no_jpeg_is_no_frame(frame: bytes) -> None:
    """Nothing is decoded."""
    with pytest.raises(NoFrameError):
        unpack(frame, 960)


def test_fail__a_head_that_promises_too_many_pixels_is_refused() -> None:
    """The head is read first."""
    frame = bytearray(jpeg(np.zeros((16, 16, 3), np.uint8)))
    place = frame.index(b"\xff\xc0")
    frame[place + 5 : place + 9] = (60000).to_bytes(2, "big") * 2
    with pytest.raises(NoFrameError):
        unpack(bytes(frame), 960)


def filters(pid: int) -> list[str]:
    """Return what the kernel says of each thread's filter of system calls."""
    told = [path.read_text("ascii") for path in Path(f"/proc/{pid}/task").glob("*/status")]
    return [line for one in told for line in one.splitlines() if line.startswith("Seccomp:")]


async def test_ok__the_eye_sees_in_a_process_of_its_own(
    page: "np.typing.NDArray[np.uint8]",
) -> None:
    """A broken frame costs itself only; both its threads are confined."""
    eye = Eye(limit_s=60)
    try:
        with pytest.raises(EyeBlindError):
            await eye.look(b"no picture", 0.0)
        seen = await eye.look(jpeg(page), 1.0)
        async with asyncio.timeout(60):
            # The search runs beside: a frame looked at meanwhile does not know its page yet.
            while seen.look.reason:
                seen = await eye.look(jpeg(page), 1.0)
        assert seen.live.startswith(b"\xff\xd8")
        process = eye._process
        assert process is not None
        assert filters(process.pid) == ["Seccomp:\t2"] * 2
    finally:
        await eye.close()


@pytest.mark.parametrize(
    "head", [{}, {"reason": "other", "sharpness": 1}, {"reason": "", "sharpness": 10**400}]
)
def test_fail__an_eye_that_babbles_is_not_believed(head: dict[str, object]) -> None:
    """Its process opens foreign pictures: a number beyond all numbers is no sharpness either."""
    with pytest.raises(ExchangeError):
        read_seen(head, bytes(SMALL[0] * SMALL[1] + 1))


def test_fail__a_head_nested_beyond_all_is_refused() -> None:
    """It must not end the desk."""
    with pytest.raises(ExchangeError):
        read_head(b"[" * 100_000)
