"""Puts a page upright and square: quarter turns, then skew and perspective from the printed rules and text lines.

Parallel lines of the paper meet in two vanishing points on the picture; the mapping that sends both to infinity,
one to the side and one down, makes rows level and columns plumb. Page edges are not needed.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from appliance.desk.pages.detect import Quad
from papers.opening import Picture

Matrix = npt.NDArray[np.float64]

SHORT_SEGMENT = 0.04
"""Share of the long side below which a drawn line says nothing about direction."""
SLANT_LIMIT = 22.0
"""Degrees; anything further from level or plumb is no rule of the form."""
ENOUGH_SEGMENTS = 6
ROUNDS = 4
TILT_LIMIT = 0.35
"""Largest believable perspective: change of scale from the middle of the picture to its edge."""
GROWTH_LIMIT = 1.5
WORK_SIDE = 1280


@dataclass(frozen=True, slots=True)
class Straightened:
    """A squared page and the mapping from the given picture to it."""

    picture: Picture
    matrix: Matrix


def turn(picture: Picture, quarters: int) -> Picture:
    """Turn clockwise by quarter turns."""
    turns = {1: cv2.ROTATE_90_CLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_COUNTERCLOCKWISE}
    if quarters % 4 == 0:
        return picture
    return np.asarray(cv2.rotate(picture, turns[quarters % 4]), np.uint8)


def turn_quad(quad: Quad, quarters: int, width: int, height: int) -> Quad:
    """Move a box along with a picture of `width` x `height` that is turned by `turn`."""
    x, y = quad[:, 0], quad[:, 1]
    moved = {
        0: (x, y),
        1: (height - y, x),
        2: (width - x, height - y),
        3: (y, width - x),
    }[quarters % 4]
    points = np.stack(moved, axis=1).astype(np.float32)
    return np.roll(points, quarters, axis=0)


def straighten(picture: Picture) -> Straightened:
    """Square an upright picture; it comes back as it was when it shows too few lines."""
    height, width = picture.shape[:2]
    level, plumb = _families(picture)
    if len(level) < ENOUGH_SEGMENTS or len(plumb) < ENOUGH_SEGMENTS:
        return Straightened(picture, np.eye(3))
    square = _squaring(level, plumb)
    if square is None:
        return Straightened(picture, np.eye(3))
    matrix, size = _framed(square, width, height)
    if size[0] * size[1] > GROWTH_LIMIT * width * height:
        return Straightened(picture, np.eye(3))
    flat = cv2.warpPerspective(
        picture,
        matrix,
        size,
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255, 255, 255),
    )
    return Straightened(np.asarray(flat, np.uint8), matrix)


def move(quad: Quad, matrix: Matrix) -> Quad:
    """Move a box into the squared page."""
    return np.asarray(
        cv2.perspectiveTransform(quad[None].astype(np.float64), matrix)[0], np.float32
    )


def _families(picture: Picture) -> tuple[Matrix, Matrix]:
    """Line segments (x0, y0, x1, y1) near level and near plumb, in centred units of half the long side."""
    height, width = picture.shape[:2]
    scale = min(1.0, WORK_SIDE / max(height, width))
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = cv2.createLineSegmentDetector().detect(small)[0]
    if found is None:
        return np.empty((0, 4)), np.empty((0, 4))
    segments = np.asarray(found, np.float64).reshape(-1, 4) / scale
    half = max(height, width) / 2
    segments = (segments - np.array([width, height, width, height]) / 2) / half
    run, rise = segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]
    long = np.hypot(run, rise) > 2 * SHORT_SEGMENT
    angle = np.degrees(np.arctan2(rise, run)) % 180
    level = long & ((angle < SLANT_LIMIT) | (angle > 180 - SLANT_LIMIT))
    plumb = long & (np.abs(angle - 90) < SLANT_LIMIT)
    return segments[level], segments[plumb]


def _squaring(level: Matrix, plumb: Matrix) -> Matrix | None:
    side, down = _vanishing(level), _vanishing(plumb)
    horizon = np.cross(side, down)
    if abs(horizon[2]) < 1e-9:  # noqa: PLR2004 - a horizon through the middle is no page
        return None
    horizon = horizon / horizon[2]
    if np.hypot(horizon[0], horizon[1]) > TILT_LIMIT:
        return None
    project = np.array([[1, 0, 0], [0, 1, 0], horizon])
    along, across = (project @ side)[:2], (project @ down)[:2]
    along = along / np.linalg.norm(along) * (1 if along[0] > 0 else -1)
    across = across / np.linalg.norm(across) * (1 if across[1] > 0 else -1)
    affine = np.eye(3)
    affine[:2, :2] = np.linalg.inv(np.stack([along, across], axis=1))
    return np.asarray(affine @ project, np.float64)


def _vanishing(segments: Matrix) -> npt.NDArray[np.float64]:
    """Estimate the point where the segments' lines meet: weighted by length, outliers weighed down each round."""
    ones = np.ones(len(segments))
    start = np.stack([segments[:, 0], segments[:, 1], ones], axis=1)
    end = np.stack([segments[:, 2], segments[:, 3], ones], axis=1)
    lines = np.cross(start, end)
    lengths = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    lines = lines / np.linalg.norm(lines[:, :2], axis=1, keepdims=True)
    direction = np.median((end - start)[:, :2] / lengths[:, None] * _sign(end - start), axis=0)
    point = np.array([*direction, 0.0])
    for _ in range(ROUNDS):
        off = _slant(point, segments)
        spread = max(0.004, float(np.median(off)) * 1.5)
        weight = lengths / (1 + (off / spread) ** 2)
        _, _, rows = np.linalg.svd(lines * weight[:, None], full_matrices=False)
        point = rows[-1]
    return np.asarray(point, np.float64)


def _sign(steps: Matrix) -> Matrix:
    """Make opposite directions of one family point the same way."""
    main = 0 if np.abs(steps[:, 0]).sum() > np.abs(steps[:, 1]).sum() else 1
    return np.where(steps[:, main : main + 1] < 0, -1.0, 1.0)


def _slant(point: npt.NDArray[np.float64], segments: Matrix) -> npt.NDArray[np.float64]:
    """Angle (radians) between each segment and the way from its middle to the vanishing point."""
    middle = (segments[:, :2] + segments[:, 2:]) / 2
    towards = point[:2] - point[2] * middle
    run = segments[:, 2:] - segments[:, :2]
    turn_ = np.abs(run[:, 0] * towards[:, 1] - run[:, 1] * towards[:, 0])
    size = np.linalg.norm(run, axis=1) * np.linalg.norm(towards, axis=1) + 1e-12
    return np.asarray(np.arcsin(np.minimum(1.0, turn_ / size)), np.float64)


def _framed(square: Matrix, width: int, height: int) -> tuple[Matrix, tuple[int, int]]:
    """Turn the centred mapping into pixels, with a frame that keeps the whole picture."""
    half = max(width, height) / 2
    centre = np.array(
        [[1 / half, 0, -width / 2 / half], [0, 1 / half, -height / 2 / half], [0, 0, 1]]
    )
    matrix = square @ centre
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    moved = cv2.perspectiveTransform(corners, matrix)[0]
    low, high = moved.min(axis=0), moved.max(axis=0)
    size = (round(float(high[0] - low[0]) * half), round(float(high[1] - low[1]) * half))
    frame = np.array([[half, 0, -low[0] * half], [0, half, -low[1] * half], [0, 0, 1]])
    return np.asarray(frame @ matrix, np.float64), size
