"""Looks for small windows of a blank's print around their places on a page, and takes curl out by what it finds."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Grey = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

STEP, HALF = 24, 22
"""Pixels of the work picture between the middles of windows, and from middle to edge."""
REACHES = {2: 14, 1: 6}
"""How far a window is looked for: first on halved pictures, then on whole ones."""
PRINTED = 6.0
"""Standard deviation of grey values above which a window has print to find."""
ENOUGH_WAY = 0.12
"""Strength in one direction, by that in the other, from which a window is fixed there."""
ALIKE = 0.5
"""Correlation from which a window counts as found again."""
STRAY_PX = 3.0
"""How far a window may lie from where its neighbours say; beyond that it is another print."""
NEIGHBOURS = (2, 5)
"""Windows to each side that vote on a place; farther ones, at last all, only when near ones are fewer than `VOTES`."""
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
    """How alike each window was found, and its shift in pixels of the work picture."""

    score: Field
    dx: Field
    dy: Field


@dataclass(frozen=True, slots=True, eq=False)
class Print:
    """A blank's windows, made ready once: which have print, and which ways that fixes them."""

    page: Grey
    half: Grey
    printed: Mask
    sideways: Mask
    downwards: Mask


def print_of(blank: Grey) -> Print:
    """Make a blank, grey at work size, ready to be looked for."""
    page = evened(blank)
    grid = (page.shape[0] // STEP + 1, page.shape[1] // STEP + 1)
    printed, sideways, downwards = (np.zeros(grid, np.bool_) for _ in range(3))
    for row, column in np.ndindex(grid):
        window = page[_place(row, column, page.shape, 1)]
        if min(window.shape) >= HALF and window.std() >= PRINTED:
            printed[row, column] = True
            sideways[row, column], downwards[row, column] = _fixed(window)
    return Print(page, _halved(page), printed, sideways, downwards)


def lay(blank: Print, page: Grey) -> Laid:
    """Find the remaining shifts between a blank and a page, grey at work size, already warped to it."""
    page = evened(page)
    shape = page.shape
    shift_x, shift_y = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    windows = Windows(blank.printed, np.zeros_like(blank.printed))
    for coarse in (2, 1):
        if coarse == 1:
            moved = cv2.remap(
                page,
                columns + shift_x,
                rows + shift_y,
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
            sought = _search(blank, blank.page, np.asarray(moved, np.uint8), coarse)
        else:
            sought = _search(blank, blank.half, _halved(page), coarse)
        alike = blank.printed & (sought.score >= ALIKE)
        aside, down = alike & blank.sideways, alike & blank.downwards
        steady_x, steady_y = _near_neighbours(sought.dx, aside), _near_neighbours(sought.dy, down)
        found = alike & (steady_x | ~blank.sideways) & (steady_y | ~blank.downwards)
        windows = Windows(blank.printed, found)
        shift_x += _spread(sought.dx, found & aside, shape)
        shift_y += _spread(sought.dy, found & down, shape)
    return Laid(shift_x, shift_y, windows)


def evened(grey: Grey) -> Grey:
    """Take paper and light away: 255 is paper, darker is ink, by the strongest light nearby."""
    paper = cv2.GaussianBlur(cv2.dilate(grey, np.ones((9, 9), np.uint8)), (0, 0), 9)
    share = grey.astype(np.float32) / np.maximum(paper.astype(np.float32), 1.0)
    return np.asarray(np.clip(share * 255, 0, 255), np.uint8)


def _search(blank: Print, print_: Grey, page: Grey, coarse: int) -> _Sought:
    """Look for every window with print around its place; both pictures are work pictures shrunk by `coarse`."""
    reach = REACHES[coarse] // coarse
    sought = _Sought(*(np.zeros(blank.printed.shape, np.float32) for _ in range(3)))
    framed = cv2.copyMakeBorder(page, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    for row, column in np.argwhere(blank.printed).tolist():
        down, along = _place(row, column, print_.shape, coarse)
        area = framed[down.start : down.stop + 2 * reach, along.start : along.stop + 2 * reach]
        alike = cv2.matchTemplate(area, print_[down, along], cv2.TM_CCOEFF_NORMED)
        _, sought.score[row, column], _, (x, y) = cv2.minMaxLoc(alike)
        sought.dx[row, column] = (x - reach + _between(alike[y, :].tolist(), x)) * coarse
        sought.dy[row, column] = (y - reach + _between(alike[:, x].tolist(), y)) * coarse
    return sought


def _place(row: int, column: int, shape: tuple[int, ...], coarse: int) -> tuple[slice, slice]:
    """Where a window lies on a work picture shrunk by `coarse`."""
    step, half = STEP // coarse, HALF // coarse
    return (
        slice(max(0, row * step - half), min(shape[0], row * step + half)),
        slice(max(0, column * step - half), min(shape[1], column * step + half)),
    )


def _halved(page: Grey) -> Grey:
    size = (page.shape[1] + 1) // 2, (page.shape[0] + 1) // 2
    return np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8)


def _fixed(window: Grey) -> tuple[bool, bool]:
    """Tell whether a window's print fixes it sideways, and downwards; a bare rule slides along itself."""
    smooth = window.astype(np.float32)
    across = float((np.diff(smooth, axis=1) ** 2).mean())
    down = float((np.diff(smooth, axis=0) ** 2).mean())
    return across > ENOUGH_WAY * down, down > ENOUGH_WAY * across


def _between(line: list[float], at: int) -> float:
    """Place of the top between pixels, by a parabola through three."""
    if not 0 < at < len(line) - 1:
        return 0.0
    before, top, after = line[at - 1 : at + 2]
    bend = before - 2 * top + after
    return 0.0 if bend >= 0 else max(-0.5, min(0.5, (before - after) / (2 * bend)))


def _near_neighbours(shifts: Field, sure: Mask) -> Mask:
    """Tell which sure windows are shifted as the middle of their sure neighbours is."""
    near, open_ = np.zeros(shifts.shape, np.bool_), sure.copy()
    told = np.where(sure, shifts, np.inf).astype(np.float32)
    for reach in NEIGHBOURS:
        side = 2 * reach + 1
        framed = np.pad(told, reach, constant_values=np.inf)
        votes = np.sort(
            sliding_window_view(framed, (side, side))[open_].reshape(-1, side * side), axis=1
        )
        count = np.isfinite(votes).sum(axis=1)
        line = np.arange(len(votes))
        middle = (votes[line, (count - 1) // 2] + votes[line, count // 2]) / 2
        enough = count >= VOTES
        settled = np.argwhere(open_)[enough]
        near[settled[:, 0], settled[:, 1]] = (np.abs(shifts[open_] - middle) <= STRAY_PX)[enough]
        open_[settled[:, 0], settled[:, 1]] = False
    votes = shifts[sure]
    if len(votes) >= VOTES:
        near |= open_ & (np.abs(shifts - np.median(votes)) <= STRAY_PX)
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
