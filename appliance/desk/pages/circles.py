"""Tells which of several printed choices is circled, by looking for a closed ring of ink around each.

A choice counts only when its ring is nearly closed and no other's is; otherwise the field stays empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from appliance.desk.pages.imaging import Picture
from appliance.desk.pages.piece import Piece

Ink = npt.NDArray[np.uint8]

RAYS = 48
CLOSED = 0.85
"""Share of rays that must meet the ring."""
MAYBE_CLOSED = 0.8
"""A second ring this closed makes the choice unclear."""
CLEAR = 0.2
"""How far the second best must stay behind."""
INNER, OUTER = 0.92, 1.75
"""Where a ring may run, in half sizes of the printed choice."""
STEPS = 22


@dataclass(frozen=True, slots=True)
class Option:
    """One printed choice: its code and the box of its letters (middle x, middle y, half width, half height)."""

    code: str
    x: float
    y: float
    half_width: float
    half_height: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The circled option and how closed its ring is (0 to 1)."""

    option: Option
    closed: float


def ink_of(page: Picture) -> Ink:
    """Mark what is darker than its surroundings."""
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    marked = cv2.adaptiveThreshold(
        grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 41, 12
    )
    return np.asarray(marked, np.uint8)


def circled(options: Sequence[Option], ink: Ink) -> Choice | None:
    """Find the one circled option; None when none or more than one may be meant."""
    scored = sorted(((ring(option, ink), i) for i, option in enumerate(options)), reverse=True)
    if not scored or scored[0][0] < CLOSED:
        return None
    if len(scored) > 1 and scored[0][0] - scored[1][0] < CLEAR:
        return None
    return Choice(options[scored[0][1]], scored[0][0])


def ring(option: Option, ink: Ink) -> float:
    """Measure the closure of the best ring around an option: rays that meet ink near one common distance."""
    height, width = ink.shape
    angles = np.linspace(0, 2 * np.pi, RAYS, endpoint=False)
    factors = np.linspace(INNER, OUTER, STEPS)
    xs = option.x + option.half_width * factors[:, None] * np.cos(angles)[None]
    ys = option.y + option.half_height * factors[:, None] * np.sin(angles)[None]
    columns = np.clip(np.rint(xs), 0, width - 1).astype(int)
    rows = np.clip(np.rint(ys), 0, height - 1).astype(int)
    hits = ink[rows, columns].astype(bool)
    band = 5
    best = 0.0
    for low in range(STEPS - band + 1):
        best = max(best, float(hits[low : low + band].any(axis=0).mean()))
    return best


@dataclass(frozen=True, slots=True)
class Ring:
    """A drawn ring: its middle and how closed it is."""

    x: float
    y: float
    closed: float


def only_ring(ink: Ink, left: float, right: float, middle: float, height: float) -> Ring | None:
    """Search a row for the one ring drawn around a single letter; None when there is none, or a second.

    `height` is the page's line height in pixels; the ring's middle may lie a third of it off the row's.
    """
    found = []
    for half in (0.45 * height, 0.6 * height):
        for shift in (-0.3, -0.15, 0.0, 0.15, 0.3):
            y = middle + shift * height
            for x in np.arange(left, right, height / 8):
                closed = ring(Option("", float(x), y, half, half), ink)
                if closed >= MAYBE_CLOSED:
                    found.append(Ring(float(x), y, closed))
    if not found:
        return None
    best = max(found, key=lambda r: r.closed)
    if best.closed < CLOSED or any(abs(r.x - best.x) > height for r in found):
        return None
    return best


def option_of(code: str, piece: Piece) -> Option:
    """Make an option of a printed word."""
    x, y = piece.middle
    return Option(code, x, y, (piece.right - piece.left) / 2, piece.height / 2)


def digit_options(
    pieces: Sequence[Piece], codes: Sequence[str], pitch: float | None
) -> tuple[list[Option], float | None]:
    """Place the digits 1, 2, 3... of a row from those that were read; returns their distance too.

    A circled digit is often not read as one, so places are fitted to an even spacing.
    """
    seen = [
        (int(letter.text), piece.across(letter.place), piece)
        for piece in pieces
        for letter in piece.letters
        if letter.text.isascii() and letter.text.isdigit() and 1 <= int(letter.text) <= len(codes)
    ]
    if not seen:
        return [], None
    numbers = np.array([entry[0] for entry in seen], float)
    columns = np.array([entry[1] for entry in seen], float)
    if len(set(numbers)) > 1:
        pitch, start = (float(v) for v in np.polyfit(numbers, columns, 1))
    elif pitch is not None:
        start = float(columns[0] - pitch * numbers[0])
    else:
        return [], None
    height = float(np.median([entry[2].height for entry in seen]))
    if pitch < height * 0.8 or float(np.abs(columns - start - pitch * numbers).max()) > pitch / 3:
        return [], None
    y = float(np.median([entry[2].middle[1] for entry in seen]))
    half = min(height * 0.5, pitch * 0.42)
    return [
        Option(code, start + pitch * number, y, half, half) for number, code in enumerate(codes, 1)
    ], pitch
