"""Looks for small windows of a blank's print around their places on a page, and takes curl out by what it finds."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]

STEP, HALF = 24, 22
"""Pixels of the work picture between the middles of windows, and from middle to edge."""
REACHES = (14, 6)
"""How far a window is looked for, first and second round."""
PRINTED = 6.0
"""Standard deviation of grey values above which a window has print to find."""
ENOUGH_WAY = 0.12
"""Strength in one direction, by that in the other, from which a window is fixed there."""
ALIKE = 0.5
"""Correlation from which a window counts as found again."""
STRAY_PX = 3.0
"""How far a window may lie from where its neighbours say; beyond that it is another print."""
NEIGHBOURS = (2, 5, 1000)
"""Windows to each side that vote on a place; farther ones only when near ones are fewer than `VOTES`."""
VOTES = 5


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """For a grid of windows: which have print, and which were found again. Pixels of the work picture."""

    printed: npt.NDArray[np.bool_]
    found: npt.NDArray[np.bool_]

    @property
    def agreement(self) -> float:
        """Share of printed windows that were found again; 0 for a blank without print."""
        total = int(self.printed.sum())
        return float((self.printed & self.found).sum()) / total if total else 0.0

    def agree_at(self, x: float, y: float, width: float, height: float) -> bool:
        """Tell whether most printed windows in and around a box were found; True where nothing is printed."""
        left, top = max(0, int((x - HALF) // STEP)), max(0, int((y - HALF) // STEP))
        right, bottom = int((x + width + HALF) // STEP) + 1, int((y + height + HALF) // STEP) + 1
        printed = self.printed[top:bottom, left:right]
        found = self.found[top:bottom, left:right] & printed
        return bool(found.sum() * 2 >= printed.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """A page laid on its blank: where each work pixel of the blank is found on the page's first warp."""

    shift_x: Field
    shift_y: Field
    windows: Windows


@dataclass(frozen=True, slots=True, eq=False)
class _Sought:
    """What was found of each window: has it print, which ways does that fix it, how alike, and its shift."""

    printed: npt.NDArray[np.bool_]
    sideways: npt.NDArray[np.bool_]
    downwards: npt.NDArray[np.bool_]
    score: Field
    dx: Field
    dy: Field


def lay(blank: Grey, page: Grey) -> Laid:
    """Find the remaining shifts between a blank and a page already warped to it, both grey at work size."""
    page = evened(page)
    blank = evened(blank)
    shift_x, shift_y = np.zeros(blank.shape, np.float32), np.zeros(blank.shape, np.float32)
    rows, columns = np.mgrid[0 : blank.shape[0], 0 : blank.shape[1]].astype(np.float32)
    windows = Windows(np.zeros((0, 0), np.bool_), np.zeros((0, 0), np.bool_))
    for reach in REACHES:
        moved = cv2.remap(
            page,
            columns + shift_x,
            rows + shift_y,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        sought = _search(blank, np.asarray(moved, np.uint8), reach)
        alike = sought.printed & (sought.score >= ALIKE)
        aside, down = alike & sought.sideways, alike & sought.downwards
        steady_x, steady_y = _near_neighbours(sought.dx, aside), _near_neighbours(sought.dy, down)
        found = alike & (steady_x | ~sought.sideways) & (steady_y | ~sought.downwards)
        windows = Windows(sought.printed, found)
        shift_x += _spread(sought.dx, found & aside, blank.shape)
        shift_y += _spread(sought.dy, found & down, blank.shape)
    return Laid(shift_x, shift_y, windows)


def evened(grey: Grey) -> Grey:
    """Take paper and light away: 255 is paper, darker is ink, by the strongest light nearby."""
    paper = cv2.GaussianBlur(cv2.dilate(grey, np.ones((9, 9), np.uint8)), (0, 0), 9)
    share = grey.astype(np.float32) / np.maximum(paper.astype(np.float32), 1.0)
    return np.asarray(np.clip(share * 255, 0, 255), np.uint8)


def _search(blank: Grey, page: Grey, reach: int) -> _Sought:
    """Look for every window with print within `reach` pixels of its place."""
    height, width = blank.shape
    grid = (height // STEP + 1, width // STEP + 1)
    sought = _Sought(*(np.zeros(grid, kind) for kind in (*[np.bool_] * 3, *[np.float32] * 3)))
    framed = cv2.copyMakeBorder(page, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    for row, column in np.ndindex(grid):
        left, right = max(0, column * STEP - HALF), min(width, column * STEP + HALF)
        top, bottom = max(0, row * STEP - HALF), min(height, row * STEP + HALF)
        window = blank[top:bottom, left:right]
        if min(window.shape) < HALF or window.std() < PRINTED:
            continue
        sought.printed[row, column] = True
        sought.sideways[row, column], sought.downwards[row, column] = _fixed(window)
        area = framed[top : bottom + 2 * reach, left : right + 2 * reach]
        alike = np.asarray(cv2.matchTemplate(area, window, cv2.TM_CCOEFF_NORMED), np.float32)
        _, sought.score[row, column], _, (x, y) = cv2.minMaxLoc(alike)
        sought.dx[row, column] = x - reach + _between(alike[y, :], x)
        sought.dy[row, column] = y - reach + _between(alike[:, x], y)
    return sought


def _fixed(window: Grey) -> tuple[bool, bool]:
    """Tell whether a window's print fixes it sideways, and downwards; a bare rule slides along itself."""
    smooth = window.astype(np.float32)
    across = float((np.diff(smooth, axis=1) ** 2).mean())
    down = float((np.diff(smooth, axis=0) ** 2).mean())
    return across > ENOUGH_WAY * down, down > ENOUGH_WAY * across


def _between(line: Field, at: int) -> float:
    """Place of the top between pixels, by a parabola through three."""
    if not 0 < at < len(line) - 1:
        return 0.0
    before, top, after = (float(v) for v in line[at - 1 : at + 2])
    bend = before - 2 * top + after
    return 0.0 if bend >= 0 else max(-0.5, min(0.5, (before - after) / (2 * bend)))


def _near_neighbours(shifts: Field, sure: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Tell which sure windows are shifted as the middle of their sure neighbours is."""
    near = np.zeros(shifts.shape, np.bool_)
    for row, column in np.argwhere(sure).tolist():
        for reach in NEIGHBOURS:
            place = (
                slice(max(0, row - reach), row + reach + 1),
                slice(max(0, column - reach), column + reach + 1),
            )
            votes = shifts[place][sure[place]]
            if len(votes) >= VOTES:
                near[row, column] = abs(shifts[row, column] - np.median(votes)) <= STRAY_PX
                break
    return near


def _spread(shifts: Field, sure: npt.NDArray[np.bool_], shape: tuple[int, ...]) -> Field:
    """Smooth the sure shifts over the whole page: near windows weigh most, far corners follow the page's mean."""
    weight = sure.astype(np.float32)
    wide = cv2.GaussianBlur(weight, (0, 0), 1.5, borderType=cv2.BORDER_CONSTANT)
    value = cv2.GaussianBlur(shifts * weight, (0, 0), 1.5, borderType=cv2.BORDER_CONSTANT)
    farther = cv2.GaussianBlur(weight, (0, 0), 6, borderType=cv2.BORDER_CONSTANT)
    rest = cv2.GaussianBlur(shifts * weight, (0, 0), 6, borderType=cv2.BORDER_CONSTANT)
    ground = 0.02
    base = rest / np.maximum(farther, 1e-4)
    smooth = (value + ground * base) / (wide + ground)
    height, width = shape
    matrix = np.array([[1 / STEP, 0, 0], [0, 1 / STEP, 0]], np.float32)
    return np.asarray(
        cv2.warpAffine(
            np.asarray(smooth, np.float32),
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.float32,
    )
