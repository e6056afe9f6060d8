"""Finds which way is up: from the code when there is one, else from the direction and readability of the lines."""

from collections.abc import Sequence

import numpy as np

from appliance.desk.pages.detect import Quad
from appliance.desk.pages.ocr import LineReader, crop
from appliance.desk.pages.straighten import turn_quad
from papers.opening import Picture

SAMPLES = 5
"""Lines read both ways round to tell up from down."""
CLEAR = 1.2
"""Sum of leads (each at most 1) after which no further line is read."""
LONGEST = 8
"""Heights of a line that are read of it."""
LYING = 2.5
"""A box this much longer than high is a line of writing, not a letter."""


def quarters_by_code(angle: float) -> int:
    """Quarter turns clockwise that put a code upright which lies turned by `angle` degrees."""
    return (-round(angle / 90)) % 4


def quarters_by_lines(picture: Picture, quads: Sequence[Quad], reader: LineReader) -> int:
    """Quarter turns clockwise that put most lines upright; 0 when there are no lines to judge by."""
    sizes = [_size(quad) for quad in quads]
    level = sum(w * h for w, h in sizes if w > LYING * h)
    plumb = sum(w * h for w, h in sizes if h > LYING * w)
    side = 1 if plumb > level else 0
    height, width = picture.shape[:2]
    turned = [turn_quad(quad, side, width, height) for quad in quads]
    lines = sorted(turned, key=_worth, reverse=True)[:SAMPLES]
    if not lines:
        return 0
    from_turned = np.array([turn_back(line, side, width, height) for line in lines])
    upright = overturned = 0.0
    for quad in from_turned:
        cut = crop(picture, quad, turn_tall=False)
        cut = cut[:, : LONGEST * cut.shape[0]]
        upright += reader.read(cut).mean
        overturned += reader.read(np.ascontiguousarray(cut[::-1, ::-1])).mean
        if abs(upright - overturned) > CLEAR:
            break
    return side if upright >= overturned else side + 2


def turn_back(quad: Quad, quarters: int, width: int, height: int) -> Quad:
    """Undo `turn_quad` for a picture that was `width` x `height` before it was turned.

    The corners keep the order they have on the turned page, so that a crop comes out upright.
    """
    w, h = (width, height) if quarters % 2 == 0 else (height, width)
    x, y = quad[:, 0], quad[:, 1]
    moved = {0: (x, y), 1: (y, w - x), 2: (w - x, h - y), 3: (h - y, x)}[quarters % 4]
    return np.stack(moved, axis=1).astype(np.float32)


def _size(quad: Quad) -> tuple[float, float]:
    low, high = quad.min(axis=0), quad.max(axis=0)
    return float(high[0] - low[0]), float(high[1] - low[1])


def _worth(quad: Quad) -> float:
    """Prefer lines of four to ten letters: long enough to tell, short enough to read quickly."""
    width, height = _size(quad)
    return min(width / max(height, 1.0), 8.0) * min(height, 80.0)
