"""Small pages drawn with lines and rings, for tests that need geometry but no recognition model."""

import cv2
import numpy as np

from appliance.desk.pages.ocr import Letter
from appliance.desk.pages.piece import Piece
from papers.opening import Picture


def paper(width: int = 1000, height: int = 1400) -> Picture:
    """Make white paper."""
    return np.full((height, width, 3), 250, np.uint8)


def with_table(page: Picture, columns: tuple[int, ...], rows: tuple[int, ...]) -> Picture:
    """Draw a table whose rules stand at the given pixels."""
    drawn = page.copy()
    for x in columns:
        cv2.line(drawn, (x, rows[0]), (x, rows[-1]), (20, 20, 20), 3)
    for y in rows:
        cv2.line(drawn, (columns[0], y), (columns[-1], y), (20, 20, 20), 3)
    return drawn


def with_ring(
    page: Picture, middle: tuple[int, int], half: tuple[int, int], end: int = 360
) -> Picture:
    """Draw an ellipse; `end` below 360 leaves it open."""
    drawn = page.copy()
    cv2.ellipse(drawn, middle, half, 0, 0, end, (30, 30, 90), 3)
    return drawn


def piece(text: str, left: float, top: float, width: float | None = None) -> Piece:
    """Make a surely read piece, 30 pixels high, letters evenly spread."""
    count = max(1, len(text))
    letters = tuple(Letter(sign, 0.99, (i + 0.5) / count) for i, sign in enumerate(text))
    return Piece(letters, left, top, left + (width or 28.0 * count), top + 30)
