"""Puts two upright and two level borders together to the one four-sided sheet they most likely enclose."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from appliance.desk.pages.borders import Borders, Floats

Wide = npt.NDArray[np.floating[Any]]

SMALLEST = 0.1
"""Share of the picture a sheet must cover."""
NARROWEST = 0.2
"""Share of the picture's width or height that lies between two opposite sides."""
TAPER = 0.3
"""How far the slants of two opposite sides may differ, seen in perspective."""
FACING = -0.2
"""How alike the steps into the sheet are, as a cosine: into it from one side, out of it on the other."""
UNEVEN = 0.62
"""Opposite sides of a sheet seen from a camera above differ by no more than this."""
OUTSIDE = 0.03
"""Share of the picture by which a corner may lie outside it."""
BEYOND = 0.15
"""Share of a side, beyond each corner, on which a page's border does not go on."""
NOT_THERE, THERE = -0.5, 1.0
"""What one point of a border says at worst and at best."""
INK_OUTSIDE = 0.6
"""What leaving all the writing outside costs."""
ANSWERS = 3
OTHER = 0.03
"""Share of the diagonal from which two sheets are two answers."""


@dataclass(frozen=True, slots=True)
class Quad:
    """A likely sheet: corners (4, 2) tl, tr, br, bl, how good, and how much of each side was seen."""

    corners: Floats
    score: float
    sides: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    """All pairs of borders: first index lies left (or above), second right (or below)."""

    low: npt.NDArray[np.intp]
    high: npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Made:
    """Combinations: corners (n, 4, 2) and which border is each side."""

    corners: Floats
    left: npt.NDArray[np.intp]
    right: npt.NDArray[np.intp]
    above: npt.NDArray[np.intp]
    below: npt.NDArray[np.intp]


def best_quads(upright: Borders, level: Borders, ink: Floats, size: tuple[int, int]) -> list[Quad]:
    """Weigh every combination and return the best `ANSWERS` that differ. `ink`: points (x, y) of writing."""
    width, height = size
    made = _combinations(upright, level, width, height)
    if not len(made.corners):
        return []
    score, sides = _score(upright, level, made)
    score = score - INK_OUTSIDE * _ink_outside(upright.ends, level.ends, made, ink, size)
    found = []
    for _ in range(ANSWERS):
        place = int(score.argmax())
        if not np.isfinite(score[place]):
            break
        chosen = made.corners[place]
        seen = tuple(float(side) for side in sides[:, place])
        found.append(Quad(chosen.astype(np.float32), float(score[place]), seen))
        away = np.abs(made.corners - chosen).max(axis=(-1, -2))
        score[away <= OTHER * float(np.hypot(width, height))] = -np.inf
    return found


def _combinations(upright: Borders, level: Borders, width: int, height: int) -> _Made:
    """Combine a left, a right, an upper and a lower border wherever they can enclose a sheet."""
    met = _crossings(upright.ends, level.ends, width, height)
    room = OUTSIDE * max(width, height)
    inside = (met > -room) & (met < np.array([width, height]) + room)
    near = inside[..., 0] & inside[..., 1]
    across, down = _pairs(upright, width), _pairs(level, height)
    a, b, c, d = across.low[:, None], across.high[:, None], down.low[None], down.high[None]
    i, j = np.nonzero(near[a, c] & near[b, c] & near[b, d] & near[a, d])
    left, right, above, below = across.low[i], across.high[i], down.low[j], down.high[j]
    corners = np.stack(
        [met[left, above], met[right, above], met[right, below], met[left, below]], axis=1
    )
    fine = _possible(corners, width, height)
    return _Made(corners[fine], left[fine], right[fine], above[fine], below[fine])


def _crossings(upright: Floats, level: Floats, width: int, height: int) -> Floats:
    """Where each upright border meets each level one: (n, m, 2)."""
    n, m = len(upright), len(level)
    one = np.ones(n)
    a = np.cross(
        np.stack([upright[:, 0], 0 * one, one], 1),
        np.stack([upright[:, 1], (height - 1) * one, one], 1),
    )
    one = np.ones(m)
    b = np.cross(
        np.stack([0 * one, level[:, 0], one], 1),
        np.stack([(width - 1) * one, level[:, 1], one], 1),
    )
    met = np.cross(a[:, None], b[None])
    return np.asarray(met[..., :2] / met[..., 2:], np.float32)


def _pairs(borders: Borders, width: int) -> _Choice:
    """Pairs that can be two opposite sides: apart, of like slant, the sheet's colour between them."""
    ends = borders.ends
    if not len(ends):
        return _Choice(np.empty(0, np.intp), np.empty(0, np.intp))
    apart = (ends[None] - ends[:, None]).mean(axis=2) > NARROWEST * width
    slant = (ends[:, 1] - ends[:, 0]) / borders.steps.shape[1]
    alike = np.abs(slant[None] - slant[:, None]) < TAPER
    facing = borders.facing @ borders.facing.T < FACING
    low, high = np.nonzero(apart & alike & facing)
    return _Choice(low, high)


def _possible(corners: Floats, width: int, height: int) -> npt.NDArray[np.bool_]:
    x, y = corners[..., 0], corners[..., 1]
    sides = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=-1)
    even_x = np.minimum(sides[..., 0], sides[..., 2]) > UNEVEN * np.maximum(
        sides[..., 0], sides[..., 2]
    )
    even_y = np.minimum(sides[..., 1], sides[..., 3]) > UNEVEN * np.maximum(
        sides[..., 1], sides[..., 3]
    )
    area = 0.5 * np.abs((x * np.roll(y, -1, axis=-1) - np.roll(x, -1, axis=-1) * y).sum(axis=-1))
    ordered = (x[..., 0] < x[..., 1]) & (x[..., 3] < x[..., 2])
    ordered &= (y[..., 0] < y[..., 3]) & (y[..., 1] < y[..., 2])
    large = area > SMALLEST * width * height
    return np.asarray(even_x & even_y & ordered & large)


def _score(upright: Borders, level: Borders, made: _Made) -> tuple[Floats, Floats]:
    """How much of the four sides is seen, less what goes on beyond; and that the four agree in colour."""
    x, y = made.corners[..., 0], made.corners[..., 1]
    wide = [
        (upright, made.left, y[:, 0], y[:, 3], 1),
        (upright, made.right, y[:, 1], y[:, 2], -1),
        (level, made.above, x[:, 0], x[:, 1], 1),
        (level, made.below, x[:, 3], x[:, 2], -1),
    ]
    seen, beyond, facing = [], [], []
    for borders, index, start, end, sign in wide:
        sums = _running(borders)
        reach = BEYOND * (end - start)
        seen.append(_mean(sums, index, start, end))
        out = _mean(sums, index, start - reach, start) + _mean(sums, index, end, end + reach)
        beyond.append(np.maximum(out, 0) / 2)
        facing.append(sign * borders.facing[index])
    directions = np.stack(facing)
    usual = directions.sum(axis=0)
    usual = usual / (np.linalg.norm(usual, axis=-1, keepdims=True) + 1e-9)
    agree = (directions * usual).sum(axis=-1)
    sides = np.stack(seen)
    score = sides.mean(axis=0) + 0.5 * sides.min(axis=0) - 0.4 * np.stack(beyond).mean(axis=0)
    score = score + 0.3 * agree.mean(axis=0) + 0.3 * agree.min(axis=0)
    lighter = 0.1 * np.sign(usual[..., 0])
    return np.asarray(score + lighter, np.float32), np.asarray(sides, np.float32)


def _running(borders: Borders) -> Floats:
    """Sum up what each point of a border says, measured by the border's own usual step."""
    said = (borders.steps * borders.facing[:, None]).sum(axis=-1)
    usual = np.median(np.where(said > 0, said, 0), axis=1)
    measure = np.maximum(0.6 * usual, 2.5 * borders.noise)[:, None]
    said = np.clip(said / np.maximum(measure, 1e-3), NOT_THERE, THERE)
    return np.asarray(np.pad(np.cumsum(said, axis=1), ((0, 0), (1, 0))), np.float32)


def _mean(sums: Floats, index: npt.NDArray[np.intp], start: Wide, end: Wide) -> Floats:
    last = sums.shape[1] - 1
    a = np.clip(np.rint(start), 0, last).astype(int)
    b = np.clip(np.rint(end), 0, last).astype(int)
    return np.asarray((sums[index, b] - sums[index, a]) / np.maximum(b - a, 1), np.float32)


def _ink_outside(
    upright: Floats, level: Floats, made: _Made, ink: Floats, size: tuple[int, int]
) -> Floats:
    """Share of the writing each combination leaves outside."""
    if not len(ink):
        return np.zeros(len(made.corners), np.float32)
    width, height = size
    x, y = ink[:, 0], ink[:, 1]
    right = x[None] > upright[:, :1] + (upright[:, 1:] - upright[:, :1]) * y[None] / height
    below = y[None] > level[:, :1] + (level[:, 1:] - level[:, :1]) * x[None] / width
    between = (right[:, None] & ~right[None]).astype(np.float32)
    among = (below[:, None] & ~below[None]).astype(np.float32)
    # Pair by pair of borders first: there are far fewer pairs than combinations.
    inside = between.reshape(-1, len(x)) @ among.reshape(-1, len(x)).T
    across = made.left * len(right) + made.right
    down = made.above * len(below) + made.below
    return np.asarray(1 - inside[across, down] / len(x), np.float32)
