"""Find the sheet inside the scan window: SANE's network backend fills the window with pure white.

The backend reports the window's size before it has seen the sheet, then pads right and bottom with
255. A sheet's own last column is never pure white on a real scan; a saturated or drawn page may have
a white margin, and then the paper format it belongs to is taken rather than the text's edge.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Pixels: TypeAlias = npt.NDArray[np.uint8]

WHITE = 255
EDGE_STRIP = 48  # pixels looked at beside the last inked column or row
EDGE_DENSITY = 0.5  # a sheet's true edge is inked along most of that strip; a line of print is not
MM_PER_INCH = 25.4
FORMATS_MM = ((210.0, 297.0), (297.0, 210.0))
COMMON_DPI = (300, 200, 600, 150)


def trim(pixels: Pixels, dpi: int) -> Pixels:
    """Cut the padding off rows x columns x 3 bytes; a wholly white sheet becomes a blank A4 page."""
    darkest_row = pixels.min(axis=(1, 2))
    rows = np.flatnonzero(darkest_row != WHITE)
    height = int(rows[-1]) + 1 if rows.size else 0
    # Flat lines: many times faster than a minimum along two axes at once.
    lines = pixels[:height].reshape(height, pixels[0].size)
    darkest_column = lines.min(axis=0, initial=WHITE).reshape(pixels.shape[1:]).min(axis=1)
    columns = np.flatnonzero(darkest_column != WHITE)
    width = int(columns[-1]) + 1 if columns.size else 0
    inside = pixels[:height, :width]
    right_is_edge = width > 0 and _dense(inside[:, -EDGE_STRIP:])
    bottom_is_edge = height > 0 and _dense(inside[-EDGE_STRIP:, :])
    if not (right_is_edge and bottom_is_edge):
        room = (pixels.shape[1], pixels.shape[0])
        width, height = _format(width, height, room, dpi, fixed=(right_is_edge, bottom_is_edge))
    return pixels[:height, :width]


def _dense(strip: Pixels) -> bool:
    return bool((strip != WHITE).any(axis=2).mean() > EDGE_DENSITY)


def _format(
    width: int, height: int, room: tuple[int, int], dpi: int, *, fixed: tuple[bool, bool]
) -> tuple[int, int]:
    """Choose the first paper format that holds the inked part; without one, keep the inked part."""
    for resolution in (dpi, *COMMON_DPI):
        for paper in FORMATS_MM:
            w, h = (round(side / MM_PER_INCH * resolution) for side in paper)
            w, h = width if fixed[0] else w, height if fixed[1] else h
            if width <= w <= room[0] and height <= h <= room[1]:
                return w, h
    return max(width, 1), max(height, 1)
