"""Finds where text stands on a picture: quadrilaterals around lines of writing (differentiable binarisation)."""

from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from appliance.desk.pages.freed import give_back
from appliance.desk.pages.models import open_model
from papers.opening import Picture

Quad = npt.NDArray[np.float32]
"""Four corners (x, y): top left, top right, bottom right, bottom left of the writing as it lies."""

INK_THRESHOLD = 0.3
BOX_THRESHOLD = 0.5
GROW = 1.6
"""How much of the shrunken text kernel's area over circumference a box grows outwards."""
BOXES_LIMIT = 600
SPOTS_LIMIT = 6000
"""Spots looked at until then: a strip without writing may be full of faint ones."""
SMALLEST_SIDE = 3
STEP = 32
"""The model wants sides that are multiples of this."""
STRIP, LAP = 688, 64
"""Rows looked at in one go, and rows seen beside what is kept. Memory grows with the strip; an upright page is two.
Lower strips lose writing: the model weighs what it sees against the rest of the strip."""


class TextFinder:
    """Holds the finding model. `turn` is held for each strip: looking takes much memory."""

    def __init__(self, turn: AbstractContextManager[Any] | None = None) -> None:
        self._turn = turn or nullcontext()
        self._session = open_model("find")
        self._input = self._session.get_inputs()[0].name

    def find(self, picture: Picture, long_side: int) -> list[Quad]:
        """Find text boxes on an RGB picture, looked at with the given long side; in the picture's pixels."""
        height, width = picture.shape[:2]
        scale = min(1.0, long_side / max(height, width))
        size = (_stepped(width * scale), _stepped(height * scale))
        small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        strips = _strips(size[1])
        give_back()
        heat = np.vstack([self._heat(small, *rows) for rows in strips])
        give_back()
        back = np.array([width / size[0], height / size[1]], np.float32)
        return [quad * back for quad in _boxes(heat)]

    def _heat(self, small: Picture, top: int, bottom: int) -> npt.NDArray[np.float32]:
        """Look at rows `top` to `bottom` and a little around them; how likely each pixel is text."""
        above, below = max(0, top - LAP), min(small.shape[0], bottom + LAP)
        strip = small[above:below, :, ::-1].astype(np.float32) / 127.5 - 1.0
        tensor = np.ascontiguousarray(strip.transpose(2, 0, 1)[None])
        with self._turn:
            heat = self._session.run(None, {self._input: tensor})[0][0, 0]
        return np.asarray(heat[top - above : bottom - above], np.float32)


def _strips(height: int) -> list[tuple[int, int]]:
    """Cut a height (a multiple of STEP) into strips of about equal height, multiples of STEP as well."""
    kept = STRIP - 2 * LAP
    count = 1 if height <= STRIP else -(-height // kept)
    cuts = [round(height * i / count / STEP) * STEP for i in range(count + 1)]
    return list(pairwise(cuts))


def _stepped(length: float) -> int:
    return max(STEP, round(length / STEP) * STEP)


def _boxes(heat: npt.NDArray[np.float32]) -> list[Quad]:
    ink = (heat > INK_THRESHOLD).astype(np.uint8)
    ink = np.asarray(cv2.dilate(ink, np.ones((2, 2), np.uint8)), np.uint8)
    contours, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours[:SPOTS_LIMIT]:
        box = _box(contour, heat)
        if box is not None:
            found.append(box)
        if len(found) == BOXES_LIMIT:
            break
    return found


def _box(contour: Any, heat: npt.NDArray[np.float32]) -> Quad | None:
    (x, y), (width, height), angle = cv2.minAreaRect(contour)
    if min(width, height) < SMALLEST_SIDE or _mean(contour, heat) < BOX_THRESHOLD:
        return None
    grow = width * height * GROW / (2 * (width + height))
    points = cv2.boxPoints(((x, y), (width + 2 * grow, height + 2 * grow), angle))
    return ordered(np.asarray(points, np.float32))


def _mean(contour: Any, heat: npt.NDArray[np.float32]) -> float:
    x, y, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [contour - np.array([x, y])], 1)
    return float(cv2.mean(heat[y : y + height, x : x + width], mask)[0])


def ordered(points: Quad) -> Quad:
    """Order four corners clockwise from the top left one."""
    by_x = points[np.argsort(points[:, 0], kind="stable")]
    left, right = by_x[:2], by_x[2:]
    top_left, bottom_left = left[np.argsort(left[:, 1])]
    top_right, bottom_right = right[np.argsort(right[:, 1])]
    return np.array([top_left, top_right, bottom_right, bottom_left], np.float32)
