"""Finds long straight borders between two surfaces, weak ones too, by adding up the step along every slant."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from papers.opening import Picture

Floats = npt.NDArray[np.float32]

DARK = 0.06
"""Added before the logarithm: deep shadow is noise, not contrast."""
STEP = 120
"""A border compares this part of the plane's long side on either side: 3 pixels of 360."""
LOUDEST = 0.04
"""A step counts up to this (log of brightness): a weak border of the page stands against a strong one of the sun."""
STEEPEST = 0.42
FINENESS = 4.32
"""Pixels by which two neighbouring slants differ from end to end."""
BANDS = 8
SHORTEST = 2
"""Bands a border must run through."""
KEPT = 32
"""Borders kept in each direction."""
APART = 72
"""Two borders are two when they are this part of the long side apart: 5 pixels of 360."""


@dataclass(frozen=True, slots=True)
class Borders:
    """Borders of one direction. `ends` (n, 2): where each cuts the first and the last row.

    `steps` (n, rows, 3) is the step across it at each row, `facing` (n, 3) its usual direction in colour.
    """

    ends: Floats
    steps: Floats
    facing: Floats
    noise: float


def surface(picture: Picture, side: int) -> Floats:
    """Return the picture without its ink: long side `side`, logarithms as lightness and two colours."""
    small = shrink(picture, 2 * side)
    plain = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return logarithms(shrink(np.asarray(plain, np.uint8), side))


def shrink(picture: Picture, side: int) -> Picture:
    """Return the picture with its long side at most `side`."""
    scale = side / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def logarithms(picture: Picture) -> Floats:
    """Return lightness and two colours in which a shadow changes little but the first."""
    log = picture.astype(np.float32)
    log /= 255
    log += DARK
    np.log(log, out=log)
    red, green, blue = log[..., 0], log[..., 1], log[..., 2]
    planes = ((red + green + blue) / 3, (red - blue) * 0.7, (green - (red + blue) / 2) * 0.7)
    return np.stack(planes, axis=-1).astype(np.float32)


def upright(plane: Floats) -> Borders:
    """Find the borders that run from top to bottom; for the others hand in the plane turned over."""
    steps = _steps(plane)
    sums = _sums(steps)
    loud, first, last = _loudest(sums)
    picked = _peaks(loud, first, last, plane.shape[:2])
    return _borders(picked, first, last, steps)


def _slants(shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Slants to try: columns a row at which a border may run."""
    return np.arange(-STEEPEST, STEEPEST + 1e-6, FINENESS / max(shape[:2]))


def _steps(plane: Floats) -> Floats:
    wide = max(1, round(max(plane.shape) / STEP))
    kernel = np.array([-1 / wide] * wide + [0] + [1 / wide] * wide, np.float32)[None]
    across = cv2.filter2D(plane, -1, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.blur(across, (1, 3)), np.float32)


def _sums(steps: Floats) -> Floats:
    """Mean step along each band of each slanting column: (slants, bands, columns, 3)."""
    height, width = steps.shape[:2]
    clipped = np.clip(steps, -LOUDEST, LOUDEST)
    sums = []
    for slant in _slants(steps.shape):
        lean = np.array([[1, slant, -slant * height / 2], [0, 1, 0]])
        leaning = cv2.warpAffine(
            clipped, lean, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        sums.append(cv2.resize(leaning, (width, BANDS), interpolation=cv2.INTER_AREA))
    return np.asarray(sums, np.float32)


def _loudest(sums: Floats) -> tuple[Floats, npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """For each slanting column its loudest run of bands: how loud, from which band, up to which."""
    zero = np.zeros_like(sums[:, :1])
    total = np.concatenate([zero, np.cumsum(sums, axis=1)], axis=1)
    runs = [(i, j) for i in range(BANDS) for j in range(i + SHORTEST, BANDS + 1)]
    loud = np.stack(
        [np.linalg.norm(total[:, j] - total[:, i], axis=-1) / np.sqrt(j - i) for i, j in runs]
    )
    best = loud.argmax(axis=0)
    first = np.array([i for i, _ in runs])[best]
    last = np.array([j for _, j in runs])[best]
    return loud.max(axis=0), first, last


def _peaks(
    loud: Floats, first: npt.NDArray[np.intp], last: npt.NDArray[np.intp], shape: tuple[int, ...]
) -> list[tuple[int, int]]:
    """Pick the loudest, strike out its likes, and again."""
    rest = loud.copy()
    height, slants, apart = shape[0], _slants(shape), max(shape) / APART
    columns = np.arange(loud.shape[1])[None]
    picked = []
    for _ in range(KEPT):
        slant, column = np.unravel_index(int(rest.argmax()), rest.shape)
        if rest[slant, column] <= 0:
            break
        picked.append((int(slant), int(column)))
        near = np.ones(rest.shape, bool)
        for band in (first[slant, column], last[slant, column]):
            y = band * height / BANDS - height / 2
            away = columns + slants[:, None] * y - (column + slants[slant] * y)
            near &= np.abs(away) < apart
        rest[near] = 0
    return picked


def _borders(
    picked: list[tuple[int, int]],
    first: npt.NDArray[np.intp],
    last: npt.NDArray[np.intp],
    steps: Floats,
) -> Borders:
    height, width = steps.shape[:2]
    rows, slants = np.arange(height), _slants(steps.shape)
    ends, along, facing = [], [], []
    for slant, column in picked:
        xs = column + slants[slant] * (rows - height / 2)
        inside = (xs >= 0) & (xs <= width - 1)
        sampled = steps[rows, np.clip(np.rint(xs), 0, width - 1).astype(int)].copy()
        sampled[~inside] = 0
        run = slice(first[slant, column] * height // BANDS, last[slant, column] * height // BANDS)
        mean = np.clip(sampled[run], -LOUDEST, LOUDEST).mean(axis=0)
        ends.append((xs[0], xs[-1]))
        along.append(sampled)
        facing.append(mean / (np.linalg.norm(mean) + 1e-9))
    noise = 1.4826 * float(np.median(np.abs(steps[..., 0])))
    return Borders(
        np.array(ends, np.float32).reshape(-1, 2),
        np.array(along, np.float32),
        np.array(facing, np.float32),
        noise,
    )
