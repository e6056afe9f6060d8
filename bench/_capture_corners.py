"""How far found page corners lie from the true ones, ours beside a plain contour search."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from appliance.desk.pages.edges import find_page
from bench._capture_truth import Capture
from papers.opening import open_picture

FAILED = 0.015
"""Share of the picture's diagonal from which a corner counts as wrong."""


@dataclass
class Corners:
    """Largest error of the four corners per photograph (pixels); `unsure` were said, `failures` were not."""

    errors: list[float]
    unsure: int
    failures: int
    photos: int
    names: list[str]


def measure_corners(pages: Sequence[Capture], *, peer: bool = False) -> Corners:
    """Look for the page in every photograph; `peer` asks the plain contour search instead of ours."""
    told = Corners([], 0, 0, 0, [])
    for page in pages:
        if page.way != "photo":
            continue
        told.photos += 1
        picture = open_picture(page.path.read_bytes())
        found = _contour(picture) if peer else find_page(picture).corners
        if found is None:
            told.unsure += 1
            told.names.append(f"{page.name}: unsure")
            continue
        error = _error(np.asarray(found, float), np.array(page.shot["corners_px"], float))
        told.errors.append(error)
        if error > FAILED * float(np.hypot(*picture.shape[:2])):
            told.failures += 1
            told.names.append(f"{page.name}: {error:.0f} px off and not said")
    return told


def _error(found: npt.NDArray[np.float64], true: npt.NDArray[np.float64]) -> float:
    """Give the largest distance over the four corners, whichever way the page was turned."""
    return min(
        float(np.linalg.norm(np.roll(found, turn, 0) - true, axis=1).max()) for turn in range(4)
    )


def _contour(picture: Any) -> npt.NDArray[np.float64] | None:
    """Take the largest four-sided contour of the Canny edges, as the usual recipe does."""
    scale = 1000 / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    edges = cv2.Canny(cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (5, 5), 0), 50, 150)
    edges = cv2.dilate(edges, np.ones((5, 5), np.uint8))
    contours, _ = cv2.findContours(edges, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:5]:
        corners = cv2.approxPolyDP(contour, 0.02 * cv2.arcLength(contour, closed=True), closed=True)
        if len(corners) == 4 and cv2.contourArea(corners) > 0.1 * edges.size:  # noqa: PLR2004 - four sides, large
            at = corners.reshape(4, 2).astype(float)
            total, across = at.sum(1), at[:, 0] - at[:, 1]
            order = [total.argmin(), across.argmax(), total.argmax(), across.argmin()]
            return np.asarray(at[order] / scale, np.float64)
    return None
