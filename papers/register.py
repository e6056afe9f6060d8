"""Lays a page onto the blank form it was printed from, or says that it is none of the blanks.

First the printed points of both are matched (SIFT) and one perspective is found; then small windows of the blank are
looked for around their expected places, which brings curled paper back. What both steps found decides: a page is
registered only where nearly all windows with print find that print again. A page of another layout shares words with
a blank, even whole lines, but not their places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from papers.blank import BLANKS_LIMIT, DPI, MM, Blank, BoxMm, Grey, size_at
from papers.landmarks import Landmarks, landmarks_of, matched
from papers.windows import Field, Laid, Print, Windows, lay, print_of

Matrix = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]
"""RGB (height, width, 3)."""

WORK_LONG = 1170
"""Long side of the blank while windows are looked for: A4 at 100 dpi, a card finer."""
WORK_SIDE = 1250
"""Long side of the page while windows are looked for."""
POINTS_LONG, POINTS_SIDES = 760, (800, 1000)
"""Long sides of blank and page while points are looked for: words tell more than strokes, and cost less. The paper
should be as large as the blank: it fills a scan, and about four fifths of a photo. The second is tried when the first
finds some points, but too few."""
SOME_INLIERS = 12
ENOUGH_INLIERS = 20
ENOUGH_AGREEMENT = 0.8
"""Share of the blank's windows with print that must be found again."""
STRIP_ROWS = 256
RIVAL = 0.6
"""Share of the most points from which another blank's windows are looked for, too."""
NEAR_PX = 2.6
"""Pixels of the points' picture a matched point may miss the perspective by; curled paper misses it so far."""


@dataclass(frozen=True, slots=True, eq=False)
class Registered:
    """A page on its blank's grid.

    `matrix` (3x3) takes pixels of the given page to pixels of the blank (200 dpi), as one perspective; `picture` is
    the page warped with the curl taken out, RGB at `dpi`; `inliers` counts matched points.
    """

    blank: Blank
    matrix: Matrix
    inliers: int
    picture: Picture
    dpi: float
    windows: Windows

    @property
    def agreement(self) -> float:
        """Share of the blank's printed windows that were found again on the page (0 to 1)."""
        return self.windows.agreement

    def box_px(self, box_mm: BoxMm) -> tuple[int, int, int, int]:
        """Turn a box on paper into (x, y, width, height) in pixels of `picture`."""
        scale = self.dpi / MM
        x, y, width, height = box_mm
        left, top = round(x * scale), round(y * scale)
        return left, top, round((x + width) * scale) - left, round((y + height) * scale) - top

    def agrees_at(self, box_mm: BoxMm) -> bool:
        """Tell whether most windows around a place were found again; a finger or another print says no."""
        return self.windows.agree_at(*(v / MM * work_dpi(self.blank) for v in box_mm))


def register(picture: Picture, blanks: Sequence[Blank], dpi: float = DPI) -> Registered | None:
    """Find the blank that a page (RGB, any way round) was printed from; None when it is none of them."""
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    scale = min(1.0, WORK_SIDE / max(grey.shape))
    small = _resized(grey, scale)
    for side in POINTS_SIDES:
        candidates = _candidates(small, min(1.0, side / max(small.shape)), blanks)
        found = _registered(picture, small, scale, candidates, dpi)
        if found is not None or not candidates:
            return found
    return None


def make_ready(blanks: Sequence[Blank]) -> None:
    """Look for the blanks' points and windows now, so that no page waits for it."""
    for blank in blanks:
        _known(blank)


def _registered(
    picture: Picture, small: Grey, scale: float, candidates: Sequence["_Candidate"], dpi: float
) -> Registered | None:
    most = max((candidate.inliers for candidate in candidates), default=0)
    best: tuple[_Candidate, Laid] | None = None
    for candidate in candidates:
        if candidate.inliers < max(ENOUGH_INLIERS, RIVAL * most):
            continue
        laid = lay(candidate.known.print, _warped(small, candidate))
        if best is None or laid.windows.agreement > best[1].windows.agreement:
            best = candidate, laid
    if best is None or best[1].windows.agreement < ENOUGH_AGREEMENT:
        return None
    return _finished(picture, scale, *best, dpi)


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """A blank's windows at work size, and its points."""

    print: Print
    points: Landmarks


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """A blank the page may be; `matrix` takes the page's work picture to the blank's."""

    blank: Blank
    known: _Known
    matrix: Matrix
    inliers: int


@lru_cache(maxsize=BLANKS_LIMIT)
def _known(blank: Blank) -> _Known:
    dpi = work_dpi(blank)
    small = _drawn(blank, dpi)
    return _Known(print_of(small), landmarks_of(_drawn(blank, dpi * POINTS_LONG / WORK_LONG)))


def _drawn(blank: Blank, dpi: float) -> Grey:
    size = size_at(blank.page_mm, dpi)
    way = cv2.INTER_AREA if size[0] < blank.picture.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(blank.picture, size, interpolation=way), np.uint8)


def _resized(grey: Grey, scale: float) -> Grey:
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _candidates(small: Grey, scale: float, blanks: Sequence[Blank]) -> list[_Candidate]:
    """Order the blanks whose points lie on the page under one perspective, the likeliest first."""
    points = landmarks_of(_resized(small, scale))
    found = []
    for blank in blanks:
        known = _known(blank)
        match = matched(points, known.points, NEAR_PX)
        if match is not None and match.inliers >= SOME_INLIERS:
            back = np.linalg.inv(scaling(POINTS_LONG / WORK_LONG))
            matrix = np.asarray(back @ match.matrix @ scaling(scale), np.float64)
            found.append(_Candidate(blank, known, matrix, match.inliers))
    found.sort(key=lambda candidate: -candidate.inliers)
    return found


def _warped(small: Grey, candidate: _Candidate) -> Grey:
    height, width = candidate.known.print.page.shape
    warped = cv2.warpPerspective(
        small, candidate.matrix, (width, height), borderMode=cv2.BORDER_CONSTANT, borderValue=255
    )
    return np.asarray(warped, np.uint8)


def _finished(
    picture: Picture, scale: float, candidate: _Candidate, laid: Laid, dpi: float
) -> Registered:
    """Warp the page once, from its own pixels to the blank's grid at `dpi`, strip by strip to save memory."""
    width, height = size_at(candidate.blank.page_mm, dpi)
    known = candidate.known.print.page.shape[1] / width
    back = np.asarray(np.linalg.inv(candidate.matrix @ scaling(scale)), np.float64)
    flat = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, STRIP_ROWS):
        bottom = min(height, top + STRIP_ROWS)
        rows, columns = np.mgrid[top:bottom, 0:width].astype(np.float32)
        from_x, from_y = _sources(columns, rows, known, laid, back)
        flat[top:bottom] = cv2.remap(
            picture,
            from_x,
            from_y,
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(255, 255, 255),
        )
    full = (
        np.linalg.inv(scaling(work_dpi(candidate.blank) / DPI)) @ candidate.matrix @ scaling(scale)
    )
    matrix = np.asarray(full / full[2, 2], np.float64)
    return Registered(candidate.blank, matrix, candidate.inliers, flat, dpi, laid.windows)


def _sources(
    columns: Field, rows: Field, known: float, laid: Laid, back: Matrix
) -> tuple[Field, Field]:
    """Find from which pixel of the page each pixel of the grid comes; middles of pixels fall on each other."""
    x, y = (columns + 0.5) * known - 0.5, (rows + 0.5) * known - 0.5
    here_x = x + cv2.remap(laid.shift_x, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    here_y = y + cv2.remap(laid.shift_y, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    depth = back[2, 0] * here_x + back[2, 1] * here_y + back[2, 2]
    from_x = (back[0, 0] * here_x + back[0, 1] * here_y + back[0, 2]) / depth
    from_y = (back[1, 0] * here_x + back[1, 1] * here_y + back[1, 2]) / depth
    return np.asarray(from_x, np.float32), np.asarray(from_y, np.float32)


def work_dpi(blank: Blank) -> float:
    """Give the resolution at which a blank's windows are looked for."""
    return WORK_LONG * MM / max(blank.page_mm)


def scaling(scale: float) -> Matrix:
    """Give the mapping between pixels of a picture and of the same picture resized by `scale`, middle to middle."""
    off = (scale - 1) / 2
    return np.array([[scale, 0, off], [0, scale, off], [0, 0, 1]], np.float64)
