"""What somebody added to a blank form: ink where the blank has none, cut into lines or single boxes."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from appliance.desk.pages.sheet import Box
from papers.blank import DPI, MM, Zone
from papers.register import Picture, Registered

Mask = npt.NDArray[np.uint8]
Place = tuple[slice, slice]

DARKER = 14
"""Grey values by which ink is darker than the paper around it."""
NEARBY_MM = 5.0
PRINT_DEPTH = 50
"""Grey values by which a blank's print is darker than its paper nearby."""
PRINT_MM = 0.28
"""How far beside its place print may still show after registration."""
MARGIN_MM = 0.7
"""Paper around a zone that is looked at, too: writing does not keep to its box."""
LOWEST_LINE_MM = 1.5
"""A run of ink lower than this belongs to the line next to it."""
GAP_MM = 0.25
DATED = ("date", "period")
"""Zones whose print is read along: 年, 月 and 日, and often the era, stand there before anybody writes."""
LEAST_INK = 0.0015
"""Share of a zone below which it is empty."""
WALL = 0.6
"""Share of a zone's height that a printed line between two boxes takes."""
RAYS = 48
RING = (0.75, 1.9)
"""Where a ring about a word may run, in half sizes of its box."""
SQUARE = 0.15
"""Share of a square's side, each way, that its own outline takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """One line of added writing: its picture without the print, a wider one, and its box on the page."""

    clean: Picture
    wide: Picture
    box: Box


class Added:
    """A registered page, its blank's print, and the ink that is on the page alone."""

    def __init__(self, page: Registered) -> None:
        self._page = page
        self._print = print_of(page)
        grey = cv2.cvtColor(page.picture, cv2.COLOR_RGB2GRAY)
        around = round(NEARBY_MM * page.dpi / MM) | 1
        paper = cv2.blur(grey, (around, around))
        ink = (grey.astype(np.int16) < paper.astype(np.int16) - DARKER) & ~self._print
        self.ink = np.asarray(ink, np.uint8)

    def cuts(self, zone: Zone) -> list[Cut]:
        """Cut a zone's added writing into lines from the top; nothing when nobody wrote there."""
        x, y, width, height = zone.box_mm
        left, top, wide, high = self._page.box_px(
            (x - MARGIN_MM, y - MARGIN_MM, width + 2 * MARGIN_MM, height + 2 * MARGIN_MM)
        )
        left, top = max(0, left), max(0, top)
        place = slice(top, top + high), slice(left, left + wide)
        ink = self.ink[place]
        if ink.size == 0 or ink.mean() < LEAST_INK:
            return []
        if zone.type in DATED:
            return [_cut(self._page.picture[place], ink, _whole(ink), left, top, widely=True)]
        clean = _erased(self._page.picture[place], self._print[place])
        if zone.style == "boxes":
            strip = self._strip(place, clean, ink)
            if strip is not None:
                return [Cut(strip, clean, (left, top, wide, high))]
        return [_cut(clean, ink, run, left, top) for run in _runs(ink, self._page.dpi / MM)]

    def _strip(self, place: Place, clean: Picture, ink: Mask) -> Picture | None:
        """Put the signs of single boxes close together, as a line is written; None when the blank shows no boxes."""
        walls = self._walls(place)
        if len(walls) < 2:  # noqa: PLR2004 - a box has two sides
            return None
        parts = []
        gap = max(2, round(0.08 * clean.shape[0]))
        for left, right in pairwise(walls):
            columns = np.flatnonzero(ink[:, left:right].sum(axis=0) > 1)
            if len(columns):
                first = max(0, left + int(columns[0]) - gap)
                parts.append(clean[:, first : left + int(columns[-1]) + 1 + gap])
        rows = np.flatnonzero(ink.sum(axis=1) > 1)
        if not parts or not len(rows):
            return None
        top, bottom = max(0, int(rows[0]) - gap), min(len(clean), int(rows[-1]) + 1 + gap)
        return np.ascontiguousarray(np.concatenate(parts, axis=1)[top:bottom])

    def _walls(self, place: Place) -> list[int]:
        """Find the printed lines between boxes: columns that the blank prints over most of the zone's height."""
        dark = self._print[place].mean(axis=0) > WALL
        found: list[list[int]] = []
        for column in np.flatnonzero(dark).tolist():
            if found and column - found[-1][1] <= 2:  # noqa: PLR2004 - one line is a few pixels broad
                found[-1][1] = column
            else:
                found.append([column, column])
        return [round((first + last) / 2) for first, last in found]


def print_of(page: Registered) -> npt.NDArray[np.bool_]:
    """Mark the print of the page's blank, a little broader, on the page's grid."""
    height, width = page.picture.shape[:2]
    blank = page.blank.picture
    if page.dpi != DPI:
        blank = np.asarray(cv2.resize(blank, (width, height)), np.uint8)
    reach = 2 * max(1, round(PRINT_MM * page.dpi / MM)) + 1
    # A tinted cell is no print; print is darker than the tint around it.
    paper = cv2.dilate(blank, np.ones((4 * reach + 1, 4 * reach + 1), np.uint8))
    broad = cv2.erode(blank, np.ones((reach, reach), np.uint8))
    return np.asarray(broad.astype(np.int16) < paper.astype(np.int16) - PRINT_DEPTH, np.bool_)


def enclosed(box: Box, ink: Mask) -> float:
    """Share of rays from the middle of a printed word that meet added ink around it."""
    x, y, width, height = box
    angles = np.linspace(0, 2 * np.pi, RAYS, endpoint=False)
    reach = np.linspace(*RING, max(8, round(max(width, height) * 0.9)))[:, None]
    columns = np.rint(x + width / 2 + width / 2 * reach * np.cos(angles)).astype(int)
    rows = np.rint(y + height / 2 + height / 2 * reach * np.sin(angles)).astype(int)
    columns = np.clip(columns, 0, ink.shape[1] - 1)
    rows = np.clip(rows, 0, ink.shape[0] - 1)
    return float((ink[rows, columns] > 0).any(axis=0).mean())


def covered(box: Box, ink: Mask) -> float:
    """Share of the inside of a printed square that added ink covers."""
    x, y, width, height = box
    side, rise = round(width * SQUARE), round(height * SQUARE)
    inside = ink[max(0, y + rise) : y + height - rise, max(0, x + side) : x + width - side]
    return float(inside.mean()) if inside.size else 0.0


def _erased(part: Picture, print_: npt.NDArray[np.bool_]) -> Picture:
    """Fill the print's place with the paper beside it."""
    if not print_.any():
        return part
    paper = np.percentile(part.reshape(-1, 3), 75, axis=0).astype(np.uint8)
    clean = part.copy()
    clean[print_] = paper
    return clean


def _runs(ink: Mask, pixel: float) -> list[tuple[int, int]]:
    """Find the rows of writing: runs of inked rows, small ones joined to their neighbour."""
    inked = ink.sum(axis=1) >= max(1.0, 0.004 * ink.shape[1])
    rows = np.flatnonzero(inked)
    if not len(rows):
        return []
    runs: list[list[int]] = []
    for row in rows.tolist():
        if runs and row - runs[-1][1] <= max(1, round(GAP_MM * pixel)):
            runs[-1][1] = row + 1
        else:
            runs.append([row, row + 1])
    lowest = LOWEST_LINE_MM * pixel
    while len(runs) > 1:
        small = min(range(len(runs)), key=lambda i: runs[i][1] - runs[i][0])
        if runs[small][1] - runs[small][0] >= lowest:
            break
        _join(runs, small)
    return [(first, last) for first, last in runs]


def _join(runs: list[list[int]], small: int) -> None:
    """Join one run to the nearer of its neighbours."""
    before = runs[small][0] - runs[small - 1][1] if small else None
    after = runs[small + 1][0] - runs[small][1] if small + 1 < len(runs) else None
    upper = small - 1 if after is None or (before is not None and before <= after) else small
    runs[upper][1] = runs[upper + 1][1]
    del runs[upper + 1]


def _whole(ink: Mask) -> tuple[int, int]:
    """Give the first and last row of all writing in a zone."""
    rows = np.flatnonzero(ink.any(axis=1))
    return int(rows[0]), int(rows[-1]) + 1


def _cut(
    clean: Picture, ink: Mask, run: tuple[int, int], left: int, top: int, *, widely: bool = False
) -> Cut:
    """Cut one row of writing out (`widely`: of the zone's width), with a narrow and a wide margin."""
    first, last = run
    columns = np.flatnonzero(ink[first:last].any(axis=0))
    start, end = (0, ink.shape[1]) if widely else (int(columns[0]), int(columns[-1]) + 1)
    edge = max(2, round(0.18 * (last - first)))

    def part(margin: int) -> tuple[slice, slice]:
        return (
            slice(max(0, first - margin), min(ink.shape[0], last + margin)),
            slice(max(0, start - 2 * margin), min(ink.shape[1], end + 2 * margin)),
        )

    rows, places = part(edge)
    box = left + places.start, top + rows.start, places.stop - places.start, rows.stop - rows.start
    narrow, wide = (
        np.ascontiguousarray(clean[part(edge)]),
        np.ascontiguousarray(clean[part(2 * edge)]),
    )
    return Cut(narrow, wide, box)
