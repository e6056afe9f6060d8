"""Follows one side of a sheet closely, past fingers and along a curl, and says how much of it was seen."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from appliance.desk.pages.borders import Floats

Places = npt.NDArray[np.intp]
Numbers = npt.NDArray[Any]

SPACING = 8
"""A place on a side for every so many pixels of the plane's long side."""
REACH = 14
"""Pixels a side may lie off the rough guess."""
WINDOW = 5
"""Pixels compared on either side of the edge."""
LOUDEST, QUIETEST = 0.15, 0.01
MARGIN = 0.015
"""Share of a side left out at each corner, where two edges meet."""
STIFF = 0.35
"""Cost of one pixel's bend between two neighbouring places."""
ROUNDS = 8
HEARD = 0.4
"""Share of its usual step at which a side counts as seen."""
FARTHER = 20
"""Pixels outside a side where the table must still be another surface than the page."""
NEAR_BY, FAR = 0.06, 0.22
"""From where to where, beyond a corner (half sides), a side must not go on."""
PARALLEL = 1e-9
NEAR = 1.6
"""Pixels off the fitted curve within which a place speaks for it."""


@dataclass(frozen=True, slots=True)
class Side:
    """A fitted side: offset from the straight guess as a polynomial of t in -1..1, and what speaks for it.

    `seen` is the share of places that agree, `step` the usual step across the edge (inside less outside),
    `ends` the share seen in the quarter next to each corner.
    """

    start: Floats
    end: Floats
    curve: Floats
    seen: float
    ends: tuple[float, float]
    step: Floats
    loud: float

    def at(self, t: float) -> Floats:
        """Return the point at `t`: -1 is the guess's start, 1 its end."""
        along = (t + 1) / 2
        inward = _inward(self.start, self.end)
        offset = float(np.polyval(self.curve, t))
        return np.asarray(
            self.start + (self.end - self.start) * along + inward * offset, np.float32
        )

    def points(self, count: int = 9) -> Floats:
        """Return points along the side, from its guessed start to its guessed end."""
        return np.stack([self.at(float(t)) for t in np.linspace(-1, 1, count)])


def follow(plane: Floats, start: Floats, end: Floats) -> Side:
    """Follow the edge from `start` to `end`; the sheet lies to the right hand of that way."""
    steps = _steps(plane, start, end)
    facing = np.clip(steps[:, REACH - 3 : REACH + 4], -LOUDEST, LOUDEST).mean(axis=(0, 1))
    loud = float(np.linalg.norm(facing))
    said = steps @ (facing / (loud + 1e-9))
    # What is much louder than the side usually is, the sun or a finger, counts no more than the usual.
    loudest = max(1.2 * float(np.median(said.max(axis=1))), QUIETEST)
    said = np.clip(said, -loudest, loudest)
    path = _path(said)
    points = len(said)
    rows = np.arange(points)
    heard = said[rows, path]
    usual = max(float(np.median(heard)), QUIETEST)
    ts = np.linspace(-1 + 2 * MARGIN, 1 - 2 * MARGIN, points)
    curve = _fit(ts, path - REACH, np.clip(heard / usual, 0, 1))
    off = np.abs(path - REACH - np.polyval(curve, ts))
    agrees = (off < NEAR) & (heard > HEARD * usual)
    quarter = points // 4
    step = steps[rows[agrees], path[agrees]].mean(axis=0) if agrees.any() else facing
    return Side(
        start,
        end,
        curve,
        float(agrees.mean()),
        (float(agrees[:quarter].mean()), float(agrees[-quarter:].mean())),
        np.asarray(step, np.float32),
        usual,
    )


def corner(before: Side, after: Side) -> Floats:
    """Return where one side ends and the next begins."""
    t, u = 1.0, -1.0
    point = after.start
    for _ in range(4):
        a0, a1 = before.at(t), before.at(t - 0.05)
        b0, b1 = after.at(u), after.at(u + 0.05)
        point = _meet(a0, a1, b0, b1)
        t = _place(before, point)
        u = _place(after, point)
    return point


def goes_on(plane: Floats, side: Side) -> float:
    """Say how much of the side is still seen beyond its corners, at the one where more is: 0 to 1.

    A page's edge ends at its corner; the edge of a table, a shadow, or of a page cut off does not.
    """
    direction = side.step / (np.linalg.norm(side.step) + 1e-9)
    shares = []
    for ts in (np.linspace(-1 - FAR, -1 - NEAR_BY, 40), np.linspace(1 + NEAR_BY, 1 + FAR, 40)):
        offsets = np.polyval(side.curve, np.sign(ts)) + np.polyval(
            np.polyder(side.curve), np.sign(ts)
        ) * (ts - np.sign(ts))
        steps = _steps(plane, side.start, side.end, (ts + 1) / 2, offsets)
        said = (steps[:, REACH - 3 : REACH + 4] @ direction).max(axis=1)
        shares.append(float((said > HEARD * side.loud).mean()))
    return max(shares)


def _steps(
    plane: Floats,
    start: Floats,
    end: Floats,
    places: Numbers | None = None,
    offsets: Numbers | None = None,
) -> Floats:
    """Measure the steps across the edge, inside less outside: (places, offsets, 3)."""
    if places is None:
        places = np.linspace(MARGIN, 1 - MARGIN, _points(plane))
    along = np.asarray(places, np.float32)[:, None]
    across = np.arange(-REACH - WINDOW, REACH + WINDOW + 1, dtype=np.float32)[None]
    if offsets is not None:
        across = across + np.asarray(offsets, np.float32)[:, None]
    strip = _strip(plane, start, end, along, across)
    sums = np.cumsum(np.pad(strip, ((0, 0), (1, 0), (0, 0))), axis=1)
    middle = np.arange(WINDOW, WINDOW + 2 * REACH + 1)
    inside = sums[:, middle + WINDOW + 1] - sums[:, middle + 1]
    outside = sums[:, middle] - sums[:, middle - WINDOW]
    return np.asarray((inside - outside) / WINDOW, np.float32)


def _points(plane: Floats) -> int:
    return int(max(plane.shape)) // SPACING


def _strip(plane: Floats, start: Floats, end: Floats, along: Floats, across: Floats) -> Floats:
    """Lay the surroundings of a side straight: (places, offsets, 3)."""
    inward = _inward(start, end)
    way = end - start
    xs = start[0] + way[0] * along + inward[0] * across
    ys = start[1] + way[1] * along + inward[1] * across
    strip = cv2.remap(
        plane,
        xs.astype(np.float32),
        ys.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.blur(strip, (1, 5)), np.float32)


def stays(plane: Floats, side: Side) -> float:
    """Say what is left of the step farther out, as a share: about 1 at a page's edge, about 0 at a thick rule."""
    ts = np.linspace(-1 + 2 * MARGIN, 1 - 2 * MARGIN, _points(plane))
    across = np.array([-FARTHER - 2, -FARTHER, -FARTHER + 2, 4, 6, 8], np.float32)[None]
    across = across + np.polyval(side.curve, ts)[:, None].astype(np.float32)
    along = ((ts + 1) / 2)[:, None].astype(np.float32)
    strip = _strip(plane, side.start, side.end, along, across)
    step = strip[:, 3:].mean(axis=1) - strip[:, :3].mean(axis=1)
    size = float(np.linalg.norm(side.step)) + 1e-9
    return float(np.median(step @ side.step)) / size**2


def _path(said: Floats) -> Places:
    """Find the smoothest loud way through: the best sum where each pixel's bend costs."""
    places, offsets = said.shape
    unit = said / max(float(np.percentile(said, 95)), 1e-3)
    best = unit[0].copy()
    came = np.zeros((places, offsets), np.intp)
    here = np.arange(offsets)
    for row in range(1, places):
        left = np.concatenate([[-np.inf], best[:-1] - STIFF])
        right = np.concatenate([best[1:] - STIFF, [-np.inf]])
        options = np.stack([left, best, right])
        choice = options.argmax(axis=0)
        came[row] = here + choice - 1
        best = options[choice, here] + unit[row]
    path = np.empty(places, np.intp)
    path[-1] = int(best.argmax())
    for row in range(places - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    return path


def _fit(ts: Numbers, offsets: Numbers, weights: Floats) -> Floats:
    """Fit a gently bent curve; places far off weigh less each round."""
    curve = np.polyfit(ts, offsets, 1, w=np.sqrt(weights + 1e-3))
    for round_ in range(ROUNDS):
        off = np.abs(offsets - np.polyval(curve, ts))
        spread = max(1.0, 1.5 * float(np.median(off)))
        trust = weights / (1 + (off / spread) ** 2) ** 2 + 1e-4
        curve = np.polyfit(ts, offsets, 2 if round_ > 1 else 1, w=np.sqrt(trust))
    return np.asarray(curve, np.float32)


def _inward(start: Floats, end: Floats) -> Floats:
    """Return the unit vector to the right hand of the way, in a picture whose y grows downward."""
    way = (end - start) / (np.linalg.norm(end - start) + 1e-9)
    return np.array([-way[1], way[0]], np.float32)


def _meet(a0: Floats, a1: Floats, b0: Floats, b1: Floats) -> Floats:
    one = np.cross([*a0, 1.0], [*a1, 1.0])
    other = np.cross([*b0, 1.0], [*b1, 1.0])
    point = np.cross(one, other)
    return np.asarray(point[:2] / point[2], np.float32) if abs(point[2]) > PARALLEL else a0


def _place(side: Side, point: Floats) -> float:
    way = side.end - side.start
    along = float((point - side.start) @ way / (way @ way))
    return float(np.clip(2 * along - 1, -1.3, 1.3))
