"""Measures how soft writing is: how much of what changes from stroke to stroke already changes within one.

Sharp writing changes from paper to ink at once, blurred or shaken writing little by little. Looked at along several
directions, because a shaken picture is sharp across its movement; compared with itself: pale writing is not soft.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from appliance.desk.pages.detect import Quad

Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

LINES = 24
"""Boxes of writing looked at closely; the widest say most."""
FEWEST = 4
"""Boxes below which a page has too little writing to be judged by it."""
NEAR, FAR = 0.06, 0.25
"""Two distances in heights of a line's box: within a stroke, and from stroke to stroke."""
DIRECTIONS = 8
GRAIN = 0.6
"""Pixels by which a line is smoothed first: the camera's grain is no edge."""
LONGEST = 20
"""Heights of a line that are looked at; more of the same says nothing new."""
THINNEST = 4
"""Pixels a line has at least, beyond what looking so far takes."""
PALEST = 30
"""Grey levels between paper and ink below which nothing is written."""


def softness(page: Grey, quads: Sequence[Quad]) -> float:
    """Say how soft a page's writing is (1.5 is sharp, 3 is lost), 0 where too little stands on it."""
    widest = sorted(quads, key=lambda quad: -float(np.ptp(quad[:, 0])))[:LINES]
    seen = [row for quad in widest if (row := _changes(page, quad)) is not None]
    if len(seen) < FEWEST:
        return 0.0
    return 1.0 / max(1e-3, float(np.median(np.array(seen), axis=0).min()))


def _changes(page: Grey, quad: Quad) -> list[float] | None:
    """Give one line's near change as a share of its far change, in each direction; None where nothing is written."""
    left, top = np.maximum(quad.min(axis=0), 0).astype(int)
    right, bottom = quad.max(axis=0).astype(int) + 1
    height = float(min(np.ptp(quad, axis=0)))
    rows, columns = bottom - top, right - left
    most = round(LONGEST * height)
    bottom, right = top + min(rows, most), left + min(columns, most)
    line = page[top:bottom, left:right].astype(np.float32)
    piece = np.asarray(cv2.GaussianBlur(line, (0, 0), GRAIN), np.float32)
    if min(piece.shape) < 2 * (math.ceil(FAR * height) + 1) + THINNEST:
        return None
    if float(np.percentile(piece, 95) - np.percentile(piece, 3)) < PALEST:
        return None
    angles = [math.pi * i / DIRECTIONS for i in range(DIRECTIONS)]
    pairs = [(_change(piece, NEAR * height, a), _change(piece, FAR * height, a)) for a in angles]
    return [near / max(far, 1e-3) for near, far in pairs]


def _change(piece: Floats, distance: float, angle: float) -> float:
    """Root of the mean square by which two places differ that lie so far apart in that direction."""
    edge = math.ceil(distance) + 1
    inner = piece[edge:-edge, edge:-edge]
    step = np.array(
        [[1, 0, edge + distance * math.cos(angle)], [0, 1, edge + distance * math.sin(angle)]]
    )
    size = inner.shape[1], inner.shape[0]
    moved = cv2.warpAffine(piece, step, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return math.sqrt(float(np.mean(np.square(moved - inner))))
