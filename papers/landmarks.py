"""Printed points that are known again on another picture of the same print (SIFT), and the perspective between them."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

POINTS_LIMIT = 1500
CLEARER = 0.8
"""A match counts when the second best is this much farther (Lowe's ratio)."""
FEWEST = 12
"""Matches below which no perspective is looked for."""
TRIES = 3000
SURE = 0.999
TILT_LIMIT = 0.5
"""Largest believable change of scale from one end of the page to the other."""
SCALES = (0.25, 4.0)
STRIP, LAP = 320, 64
"""Rows whose points are looked for in one go, and rows seen beside them; both multiples of the coarsest scale."""
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """Places (n, 2) in pixels and their descriptions (n, 128), of length one."""

    places: npt.NDArray[np.float32]
    words: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """A perspective from the first picture to the second, and how many points follow it."""

    matrix: npt.NDArray[np.float64]
    inliers: int


def landmarks_of(grey: npt.NDArray[np.uint8]) -> Landmarks:
    """Find the clearest points of a grey picture, strip by strip: the finder takes fifty times a picture's memory."""
    strips = range(0, grey.shape[0], STRIP)
    found = [_points_of(grey, top) for top in strips]
    places, words, clear = (np.concatenate(each) for each in zip(*found, strict=True))
    best = np.argsort(-clear, kind="stable")[:POINTS_LIMIT]
    return Landmarks(places[best], _rooted(words[best]))


def _points_of(grey: npt.NDArray[np.uint8], top: int) -> tuple[Floats, Floats, Floats]:
    """Find the points of one strip: places, descriptions, and how clear each is; seen with what lies around it."""
    above, below = max(0, top - LAP), min(len(grey), top + STRIP + LAP)
    mask = np.zeros((below - above, grey.shape[1]), np.uint8)
    mask[top - above : top - above + STRIP] = 255
    finder = cv2.SIFT.create(nfeatures=POINTS_LIMIT, contrastThreshold=0.03)
    points, words = finder.detectAndCompute(grey[above:below], mask)
    if words is None or len(points) == 0:
        return np.empty((0, 2), np.float32), np.empty((0, 128), np.float32), np.empty(0, np.float32)
    places = np.array([point.pt for point in points], np.float32) + np.array([0, above], np.float32)
    return (
        places,
        np.asarray(words, np.float32),
        np.array([point.response for point in points], np.float32),
    )


def matched(one: Landmarks, other: Landmarks, near_px: float) -> Match | None:
    """Find the perspective that takes most points of `one` within `near_px` of their like in `other`."""
    pairs = _pairs(one, other)
    if len(pairs) < FEWEST:
        return None
    here, there = one.places[pairs[:, 0]], other.places[pairs[:, 1]]
    matrix, followed = cv2.findHomography(
        here, there, cv2.USAC_MAGSAC, near_px, maxIters=TRIES, confidence=SURE
    )
    if matrix is None or not _believable(np.asarray(matrix, np.float64), here):
        return None
    return Match(np.asarray(matrix, np.float64), int((followed > 0).sum()))


def _pairs(one: Landmarks, other: Landmarks) -> npt.NDArray[np.intp]:
    """Pair points that are each other's nearest description, clearly so, one pair a place."""
    if len(one.words) < 2 or len(other.words) < 2:  # noqa: PLR2004 - a ratio needs two
        return np.empty((0, 2), np.intp)
    likeness = one.words @ other.words.T
    best = likeness.argmax(axis=1)
    mutual = likeness.argmax(axis=0)[best] == np.arange(len(one.words))
    rows = np.arange(len(one.words))
    first = likeness[rows, best].copy()
    likeness[rows, best] = -1.0
    second = likeness.max(axis=1)
    # Lengths are one, so a distance follows from the likeness.
    clear = np.sqrt(np.maximum(0, 2 - 2 * first)) < CLEARER * np.sqrt(np.maximum(0, 2 - 2 * second))
    clear &= mutual
    # One printed point has several descriptions, one a direction; it votes once.
    _, once = np.unique(other.places[best[clear]].round(), axis=0, return_index=True)
    return np.stack([rows[clear][once], best[clear][once]], axis=1)


def _rooted(words: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    """Write descriptions as roots of their shares, which compares them better (Arandjelovic and Zisserman 2012)."""
    shares = words.astype(np.float32)
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-6)
    return np.asarray(np.sqrt(shares), np.float32)


def _believable(matrix: npt.NDArray[np.float64], places: npt.NDArray[np.float32]) -> bool:
    """Tell whether a camera can have seen paper so: never mirrored, not too small, not too slanted."""
    low, high = places.min(axis=0), places.max(axis=0)
    corners = np.array([low, [high[0], low[1]], high, [low[0], high[1]]], np.float64)
    depth = corners @ matrix[2, :2] + matrix[2, 2]
    if depth.min() <= 0 or depth.max() / depth.min() > 1 + TILT_LIMIT:
        return False
    moved = cv2.perspectiveTransform(corners[None], matrix)[0]
    area = _area(corners)
    if area <= 0:
        return False
    growth = _area(moved) / area
    return SCALES[0] ** 2 < growth < SCALES[1] ** 2


def _area(corners: npt.NDArray[np.float64]) -> float:
    """Area with sign: negative when the corners run the other way round."""
    x, y = corners[:, 0], corners[:, 1]
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)
