"""Finds the one ring drawn around a single printed letter of a row; a second ring, or a broken one, is none."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from appliance.desk.pages.piece import Piece
from papers.opening import Picture

Ink = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

RAYS = 48
CLOSED = 0.85
"""Share of rays that must meet the ring."""
MAYBE_CLOSED = 0.8
"""A second ring this closed makes the choice unclear."""
HINT_CLOSED = 0.6
RINGS_LIMIT = 4
"""Places of a row that are looked at closely."""
INNER, OUTER = 0.92, 1.75
"""Where a ring may run, in half sizes of the printed choice."""
STEPS = 22
BAND = 5


@dataclass(frozen=True, slots=True)
class Option:
    """One printed choice: its code and the box of its letters (middle x, middle y, half width, half height)."""

    code: str
    x: float
    y: float
    half_width: float
    half_height: float


def ink_of(page: Picture) -> Ink:
    """Mark what is darker than its surroundings."""
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    marked = cv2.adaptiveThreshold(
        grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 41, 12
    )
    return np.asarray(marked, np.uint8)


def _rings(ink: Ink, columns: Floats, y: float, half: float, flat: float = 1.0) -> Floats:
    """Measure the closure of the best round ring about each of many places of a row, `flat` times as high as wide."""
    factors = half * np.linspace(INNER, OUTER, STEPS)
    angles = np.linspace(0, 2 * np.pi, RAYS, endpoint=False)
    across = np.rint(columns[:, None, None] + factors[:, None] * np.cos(angles))
    down = np.rint(y + flat * factors[:, None] * np.sin(angles))
    across = np.clip(across, 0, ink.shape[1] - 1).astype(int)
    down = np.clip(down, 0, ink.shape[0] - 1).astype(int)
    hits = ink[down[None], across] > 0
    windows = STEPS - BAND + 1
    met = hits[:, :windows].copy()
    for step in range(1, BAND):
        met |= hits[:, step : step + windows]
    return np.asarray(met.mean(axis=2).max(axis=1), np.float64)


@dataclass(frozen=True, slots=True)
class Ring:
    """A drawn ring: its middle and how closed it is."""

    x: float
    y: float
    closed: float


def only_ring(ink: Ink, left: float, right: float, middle: float, height: float) -> Ring | None:
    """Search a row for the one ring drawn around a single letter; None when there is none, or a second.

    `height` is the page's line height in pixels; the ring's middle may lie a third of it off the row's.
    """
    rough = []
    columns = np.arange(left, right, height / 8)
    for half in (0.45 * height, 0.6 * height):
        for shift in (-0.3, -0.15, 0.0, 0.15, 0.3):
            y = middle + shift * height
            closures = _rings(ink, columns, y, half)
            rough += [
                Ring(float(x), y, float(closed))
                for x, closed in zip(columns, closures, strict=True)
                if closed >= HINT_CLOSED
            ]
    found: list[Ring] = []
    for hint in sorted(rough, key=lambda r: -r.closed):
        if all(abs(hint.x - r.x) > height * 0.8 for r in found):
            found.append(_refined(ink, hint, height))
        if len(found) == RINGS_LIMIT:
            break
    if not found:
        return None
    found.sort(key=lambda r: -r.closed)
    if found[0].closed < CLOSED or any(r.closed >= MAYBE_CLOSED for r in found[1:]):
        return None
    return found[0]


def _refined(ink: Ink, hint: Ring, height: float) -> Ring:
    """Search closely around a hint, for slightly flat and slightly high rings too."""
    best = hint
    near = np.linspace(-height / 10, height / 10, 7)
    for flat in (0.9, 1.0, 1.1):
        for down in near:
            y = hint.y + float(down)
            closures = _rings(ink, hint.x + near, y, 0.45 * height, flat)
            at = int(closures.argmax())
            if closures[at] > best.closed:
                best = Ring(hint.x + float(near[at]), y, float(closures[at]))
    return best


def option_of(code: str, piece: Piece) -> Option:
    """Make an option of a printed word."""
    x, y = piece.middle
    return Option(code, x, y, (piece.right - piece.left) / 2, piece.height / 2)
