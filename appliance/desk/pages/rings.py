"""Finds the one oval drawn in a row of printed choices, and the one square that is ticked, wherever the words lie.

Words inside a line are only placed roughly by the reader, so ovals and squares are looked for along the whole row, and
the nearest word is the choice. A row with two ovals, or with a broken one, has no choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from appliance.desk.pages.circles import Option

Ink = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

RAYS = 48
CLOSED, MAYBE, LEAD = 0.85, 0.88, 0.15
"""Share of rays that must meet the oval; a second one makes the row unclear from `MAYBE`, or this near the first."""
WIDTHS = (0.8, 0.95, 1.1, 1.25, 1.45, 1.7)
HEIGHTS = (0.45, 0.55, 0.65, 0.8, 0.95)
"""Half axes: widths in half widths of the word, heights in line heights."""
ROUND = (0.42, 0.5, 0.6, 0.72, 0.85)
"""Half axes about a single letter, in line heights."""
SHIFTS = (-0.35, -0.2, -0.1, 0.0, 0.1, 0.2, 0.35)
"""How far the oval's middle may lie off the row's, in line heights."""
REACH = 0.055
"""How far beside the oval ink still meets it, in line heights."""
NEAR = 0.75
"""How far from a word's middle its oval's may lie, in half widths of the word (and a quarter line height)."""
SINGLE = 0.8
"""A word of this half width in line heights is a single letter."""
SIDES = (0.4, 0.45, 0.5, 0.55, 0.6, 0.66, 0.73, 0.8, 0.9)
"""Sides of printed squares, in heights of the words' boxes, which have some margin."""
OUTLINE, OUTLINE_MARKED = 0.85, 0.7
"""Share of every side of a square that must be ink; of the worst one, whose mark may have hidden it."""
ALMOST = 0.95
"""Share of the best outline that one further left needs to be taken for it."""
MARKED, EMPTY = 0.1, 0.06
"""Share of its inside that a ticked square has at least, and an empty one at most."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An oval: its middle, half axes, and how closed it is (0 to 1)."""

    x: float
    y: float
    half_width: float
    half_height: float
    closed: float


def ringed(
    options: Sequence[Option], ink: Ink, height: float, *, lead: float | None = None
) -> tuple[Option, float] | None:
    """Find the one option an oval is drawn about, and how closed that is; `height` is the row's line height.

    `lead` replaces the usual distance to the second, for words so small and near that each meets the other's oval.
    """
    if not options:
        return None
    found: list[tuple[float, int]] = []
    for index, option in enumerate(options):
        drawn = _best_oval(option, ink, height)
        found.append((drawn, index))
    found.sort(reverse=True)
    best, index = found[0]
    limit = min(MAYBE, best - LEAD) if lead is None else best - lead
    if best < CLOSED or any(other >= limit for other, _ in found[1:]):
        return None
    return options[index], best


def _best_oval(option: Option, ink: Ink, height: float) -> float:
    """Measure the most closed oval whose middle lies near an option's."""
    slack = NEAR * option.half_width if option.half_width > SINGLE * height else 0.5 * height
    xs = np.arange(option.x - slack, option.x + slack + 1, max(1.0, height / 14))
    best = 0.0
    for wide, high in _axes(option, height):
        for shift in SHIFTS:
            best = max(best, float(_closure(ink, xs, option.y + shift * height, wide, high).max()))
    return best


def _axes(option: Option, height: float) -> list[tuple[float, float]]:
    if option.half_width <= SINGLE * height:
        return [
            (a * height, b * height)
            for a in ROUND
            for b in ROUND
            if 0.75 <= a / b <= 1.35  # noqa: PLR2004 - nearly round
        ]
    return [(a * option.half_width, b * height) for a in WIDTHS for b in HEIGHTS]


def near(ink: Ink, height: float) -> Ink:
    """Broaden ink by the reach of an oval's line; look for ovals on this."""
    reach = 2 * max(1, round(REACH * height)) + 1
    return np.asarray(cv2.dilate(ink, np.ones((reach, reach), np.uint8)), np.uint8)


def _closure(ink: Ink, xs: Floats, y: float, wide: float, high: float) -> Floats:
    """Share of rays that meet ink, for ovals of one size with their middles at `xs`."""
    angles = np.linspace(0, 2 * np.pi, RAYS, endpoint=False)
    columns = np.rint(xs[:, None] + wide * np.cos(angles)).astype(int)
    rows = np.rint(y + high * np.sin(angles)).astype(int)
    inside = (columns >= 0) & (columns < ink.shape[1]) & ((rows >= 0) & (rows < ink.shape[0]))
    columns = np.clip(columns, 0, ink.shape[1] - 1)
    rows = np.clip(rows, 0, ink.shape[0] - 1)
    return np.asarray(((ink[rows[None, :], columns] > 0) & inside).mean(axis=1), np.float64)


def ticked(options: Sequence[Option], ink: Ink) -> tuple[Option, float] | None:
    """Find the one option whose square, printed before its word, is marked; None when there are no clear squares."""
    if len(options) < 2:  # noqa: PLR2004 - nothing to choose
        return None
    unit = 2 * float(np.median([option.half_height for option in options]))
    broad = np.asarray(cv2.dilate(ink, np.ones((3, 3), np.uint8)), np.uint8)
    best, clearest = _Squares((), ()), -1.0
    for share in SIDES:
        found = [_square(option, broad, unit, share * unit) for option in options]
        inner = tuple(_inside(ink, x, y, share * unit) for _, x, y in found)
        # Of the sides that fit, the one whose squares are emptiest: a stroke's own edges fit a too small side.
        clear = sum(outline for outline, _, _ in found) - sum(sorted(inner)[:-1])
        if (
            clear > clearest
            and max(y for _, _, y in found) - min(y for _, _, y in found) < unit / 4
        ):
            best, clearest = _Squares(tuple(outline for outline, _, _ in found), inner), clear
    return best.marked(options)


@dataclass(frozen=True, slots=True)
class _Squares:
    """How much of each option's square outline is ink, and how much of its inside."""

    outlines: tuple[float, ...]
    inner: tuple[float, ...]

    def marked(self, options: Sequence[Option]) -> tuple[Option, float] | None:
        """Give the one option whose square is marked, when all squares are there and all others are empty."""
        outlines, order = sorted(self.outlines), np.argsort(self.inner)[::-1]
        if len(outlines) < 2 or outlines[0] < OUTLINE_MARKED or outlines[1] < OUTLINE:  # noqa: PLR2004 - as above
            return None
        most, second = self.inner[order[0]], self.inner[order[1]]
        if most < MARKED or second > max(EMPTY, most / 3):
            return None
        return options[int(order[0])], min(1.0, outlines[0] + 0.1)


def _square(option: Option, ink: Ink, unit: float, side: float) -> tuple[float, float, float]:
    """Find the best outline of a square before a word: its share of ink, and its top left corner."""
    start = option.x - option.half_width
    count = max(8, round(side))
    steps, low, high = np.linspace(0, side, count), np.zeros(count), np.full(count, side)
    edge = np.concatenate(
        [
            np.stack(line, axis=1)
            for line in ((steps, low), (steps, high), (low, steps), (high, steps))
        ]
    )
    xs = np.arange(start - side - 0.6 * unit, start + 0.3 * unit, 1.0)
    ys = np.arange(option.y - side / 2 - 0.25 * unit, option.y - side / 2 + 0.25 * unit, 1.0)
    columns = np.clip(np.rint(xs[:, None] + edge[:, 0]).astype(int), 0, ink.shape[1] - 1)
    rows = np.clip(np.rint(ys[:, None] + edge[:, 1]).astype(int), 0, ink.shape[0] - 1)
    hits = ink[rows[:, None, :], columns[None, :, :]]
    # All four sides must be there: a letter has two or three.
    sides = hits.reshape(*hits.shape[:2], 4, count).mean(axis=3).min(axis=2)
    # A letter may hold a square itself; the printed one stands left of it.
    column = int(np.flatnonzero(sides.max(axis=0) >= ALMOST * sides.max())[0])
    row = int(sides[:, column].argmax())
    return float(sides[row, column]), float(xs[column]), float(ys[row])


def _inside(ink: Ink, x: float, y: float, side: float) -> float:
    left, top, right, bottom = (
        round(v) for v in (x + side * 0.22, y + side * 0.22, x + side * 0.78, y + side * 0.78)
    )
    part = ink[max(0, top) : bottom, max(0, left) : right]
    return float(part.mean()) if part.size else 0.0
