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


def best_quads(upright: Borders, level: Borders, ink: Floats, size: tuple[int, int]) -> list[Quad]:
    """Weigh every combination and return the best `ANSWERS` that differ. `ink`: points (x, y) of writing."""
    width, height = size
    across, down = _pairs(upright, width), _pairs(level, height)
    corners = _corners(_crossings(upright.ends, level.ends, width, height), across, down)
    fine = _possible(corners, width, height)
    if not fine.any():
        return []
    score, sides = _score(upright, level, across, down, corners)
    score = score - INK_OUTSIDE * _ink_outside(
        (upright.ends, level.ends), (across, down), ink, size
    )
    score[~fine] = -np.inf
    found = []
    for _ in range(ANSWERS):
        place = np.unravel_index(int(score.argmax()), score.shape)
        if not np.isfinite(score[place]):
            break
        seen = tuple(float(side[place]) for side in sides)
        found.append(Quad(corners[place].astype(np.float32), float(score[place]), seen))
        away = np.abs(corners - corners[place]).max(axis=(-1, -2))
        score[away <= OTHER * float(np.hypot(width, height))] = -np.inf
    return found


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


def _corners(crossings: Floats, across: _Choice, down: _Choice) -> Floats:
    """Corners of every combination: (pairs across, pairs down, 4, 2)."""
    a, b, c, d = across.low[:, None], across.high[:, None], down.low[None], down.high[None]
    return np.stack([crossings[a, c], crossings[b, c], crossings[b, d], crossings[a, d]], axis=2)


def _possible(corners: Floats, width: int, height: int) -> npt.NDArray[np.bool_]:
    x, y = corners[..., 0], corners[..., 1]
    room = OUTSIDE * max(width, height)
    inside = (x > -room) & (x < width + room) & (y > -room) & (y < height + room)
    sides = np.linalg.norm(np.roll(corners, -1, axis=2) - corners, axis=-1)
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
    return np.asarray(inside.all(axis=-1) & even_x & even_y & ordered & large)


def _score(
    upright: Borders, level: Borders, across: _Choice, down: _Choice, corners: Floats
) -> tuple[Floats, Floats]:
    """How much of the four sides is seen, less what goes on beyond; and that the four agree in colour."""
    x, y = corners[..., 0], corners[..., 1]
    shape = x.shape[:2]
    wide = [
        (upright, np.broadcast_to(across.low[:, None], shape), y[..., 0], y[..., 3], 1),
        (upright, np.broadcast_to(across.high[:, None], shape), y[..., 1], y[..., 2], -1),
        (level, np.broadcast_to(down.low[None], shape), x[..., 0], x[..., 1], 1),
        (level, np.broadcast_to(down.high[None], shape), x[..., 3], x[..., 2], -1),
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
    borders: tuple[Floats, Floats],
    choices: tuple[_Choice, _Choice],
    ink: Floats,
    size: tuple[int, int],
) -> Floats:
    """Share of the writing each combination leaves outside."""
    (upright, level), (across, down) = borders, choices
    width, height = size
    if not len(ink):
        return np.zeros((len(across.low), len(down.low)), np.float32)
    x, y = ink[:, 0], ink[:, 1]
    right = x[None] > upright[:, :1] + (upright[:, 1:] - upright[:, :1]) * y[None] / height
    below = y[None] > level[:, :1] + (level[:, 1:] - level[:, :1]) * x[None] / width
    between = (right[across.low] & ~right[across.high]).astype(np.float32)
    among = (below[down.low] & ~below[down.high]).astype(np.float32)
    return np.asarray(1 - between @ among.T / len(ink), np.float32)
