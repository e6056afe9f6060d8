"""What one frame shows: its page, how it differs from another, how sharp it is, and the live picture made of it."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import numpy.typing as npt

from appliance.desk.camera.taking import MOVING, Look
from appliance.desk.pages.edges import Page, find_page

Picture = npt.NDArray[np.uint8]

PIXEL_LIMIT = 24_000_000
LOOK_SIDE = 720
"""Long side of the picture pages are looked for in."""
LIVE_SIDE, LIVE_QUALITY = 960, 72
SMALL = (48, 36)
"""Size of the tiny picture two frames are compared by."""
SHARP_SIDE = 1600
"""Sharpness is judged at this long side: a blur of a third of a millimetre shows."""
LOUDEST = 98.0
"""Percentile of the differences that counts: a hand in one corner moves the picture, one grain does not."""
FIND_EVERY_S, REST = 0.3, 3.0
"""A moving picture is searched this often at most, and rests this many times as long as the search took."""
SAME = 2.5
"""A still picture that differs less from the one searched is not searched again."""
BARE = 12.0
"""Grey levels within which a picture of a bare table stays, its lamp's falling off included."""
BARE_PARTS = (1.0, 99.0)
"""Percentiles between which they are counted."""
HALF = 0.5
COLOURS = {"": (40, 170, 60), "other": (30, 140, 240)}
"""Blue, green, red of the outline: sure, and not sure."""
UNKNOWN = Page(None, "unclear")
"""What is said of a picture whose search is under way."""


class NoFrameError(ValueError):
    """The bytes are no JPEG a camera gives."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A look and the live picture (JPEG) with the page's outline drawn on it."""

    look: Look
    live: bytes


Work = Callable[[], Page]


def at_once(work: Work) -> "Future[Page]":
    """Search before the picture is given: for whoever looks at one frame."""
    found: Future[Page] = Future()
    found.set_result(work())
    return found


class Looker:
    """Looks at frame after frame; a still picture is not searched twice.

    `submit` runs a search. Where that is a thread beside, no picture waits for it: until the page of a picture that
    lies still is known, nothing about it is sure.
    """

    def __init__(self, submit: Callable[[Work], "Future[Page]"] = at_once) -> None:
        self._submit = submit
        self._page: Page | None = None
        self._small: Picture | None = None
        self._before: Picture | None = None
        self._search: tuple[Future[Page], Picture] | None = None
        self._next_find = 0.0
        self._took = 0.0

    def look(self, frame: bytes, now: float, *, sharp: bool = False) -> Seen:
        """Look at one JPEG; `sharp` asks for its sharpness, too. Raises NoFrameError."""
        picture = unpack(frame, LIVE_SIDE)
        small = tiny(picture)
        page = self._find(picture, small, now)
        sharpness = sharpness_of(frame, page) if sharp else 0.0
        return Seen(Look(small.tobytes(), page.reason, sharpness), live(picture, page))

    def _find(self, picture: Picture, small: Picture, now: float) -> Page:
        before, self._before = self._before, small
        moving = before is not None and difference(before, small) >= MOVING
        self._hear(now)
        if self._answers(small):
            return self._page or UNKNOWN
        if self._search is None and not (moving and now < self._next_find):
            self._search = self._submit(partial(self._page_in, picture, small)), small
            self._hear(now)
        if self._answers(small) or moving:
            return self._page or UNKNOWN
        return UNKNOWN

    def _answers(self, small: Picture) -> bool:
        """Tell whether the page found last is the one of this picture."""
        return self._small is not None and difference(self._small, small) < SAME

    def _hear(self, now: float) -> None:
        if self._search is None or not self._search[0].done():
            return
        (found, small), self._search = self._search, None
        self._page, self._small = found.result(), small
        # A busy processor makes the outline late, never the picture.
        self._next_find = now + max(FIND_EVERY_S, REST * self._took)

    def _page_in(self, picture: Picture, small: Picture) -> Page:
        began = time.perf_counter()
        page = find_page(_within(picture, LOOK_SIDE), quick=True)
        self._took = time.perf_counter() - began
        darkest, lightest = np.percentile(small, BARE_PARTS)
        if page.reason and lightest - darkest < BARE:
            # A bare table's grain may look like edges nobody is sure of; nothing lies there.
            return Page(None, "no_page")
        return page


def unpack(frame: bytes, side: int) -> Picture:
    """Decode a JPEG to RGB at no more than about `side`, the cheap way; raises NoFrameError."""
    size = jpeg_size(frame)
    if size is None or size[0] * size[1] > PIXEL_LIMIT:
        raise NoFrameError("camera: a frame is a JPEG of at most 24 megapixels; this one is not")
    ratio = max(size) / side
    flag = cv2.IMREAD_COLOR
    for least, reduced in (
        (8, cv2.IMREAD_REDUCED_COLOR_8),
        (4, cv2.IMREAD_REDUCED_COLOR_4),
        (2, cv2.IMREAD_REDUCED_COLOR_2),
    ):
        if ratio >= least * 0.75:
            flag = reduced
            break
    decoded = cv2.imdecode(np.frombuffer(frame, np.uint8), flag)
    if decoded is None:
        raise NoFrameError("camera: a frame breaks off; take the next one")
    small = _within(np.asarray(decoded, np.uint8), side)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2RGB), np.uint8)


def jpeg_size(frame: bytes) -> tuple[int, int] | None:
    """Read width and height from a JPEG's head without decoding it; None when it has none."""
    place = 2
    while frame[:2] == b"\xff\xd8" and place + 9 < len(frame) and frame[place] == 0xFF:  # noqa: PLR2004 - a marker
        kind, length = frame[place + 1], int.from_bytes(frame[place + 2 : place + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in {0xC4, 0xC8, 0xCC}:  # noqa: PLR2004 - start of frame
            height = int.from_bytes(frame[place + 5 : place + 7], "big")
            return int.from_bytes(frame[place + 7 : place + 9], "big"), height
        place += 2 + max(length, 2)
    return None


def tiny(picture: Picture) -> Picture:
    """Return the tiny grey picture of a frame."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, SMALL, interpolation=cv2.INTER_AREA), np.uint8)


def difference(one: Picture | bytes, other: Picture | bytes) -> float:
    """How much two tiny pictures differ, in grey levels; a lamp that flickers all over is no difference."""
    a, b = (np.frombuffer(bytes(each), np.uint8).astype(np.float32) for each in (one, other))
    if a.shape != b.shape:
        return 255.0
    off = a - b
    return float(np.percentile(np.abs(off - np.median(off)), LOUDEST))


def sharpness_of(frame: bytes, page: Page) -> float:
    """Return how sharp the page's writing is: the mean square of its second derivative."""
    grey = cv2.cvtColor(unpack(frame, SHARP_SIDE), cv2.COLOR_RGB2GRAY)
    if page.corners is not None:
        scale = max(grey.shape) / LOOK_SIDE
        low = np.clip(page.corners.min(axis=0) * scale, 0, None).astype(int)
        high = (page.corners.max(axis=0) * scale).astype(int)
        grey = grey[low[1] : high[1], low[0] : high[0]]
    edges = cv2.Laplacian(grey, cv2.CV_32F, ksize=3)
    return float((edges**2).mean()) if edges.size else 0.0


def live(picture: Picture, page: Page) -> bytes:
    """Return the live picture: the page outlined, in green where it is sure."""
    shown = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    if page.edges is not None:
        points = page.edges.reshape(-1, 2) * (max(shown.shape) / LOOK_SIDE)
        colour = COLOURS["" if not page.reason else "other"]
        cv2.polylines(shown, [np.rint(points).astype(np.int32)], True, colour, 3, cv2.LINE_AA)
    _, packed = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, LIVE_QUALITY])
    return bytes(packed)


def _within(picture: Picture, side: int) -> Picture:
    scale = side / max(picture.shape[:2])
    if scale >= 1:
        return picture
    # Averaging over areas costs most of a frame's time and shows only where two and more pixels become one.
    how = cv2.INTER_LINEAR if scale > HALF else cv2.INTER_AREA
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=how), np.uint8)
