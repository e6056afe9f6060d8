"""Tells which of several printed choices is circled, by looking for a closed ring of ink around each.

A choice counts only when its ring is nearly closed and no other's is; otherwise the field stays empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
import numpy.typing as npt

from appliance.desk.pages.piece import Piece
from papers.opening import Picture

Ink = npt.NDArray[np.uint8]

RAYS = 48
CLOSED = 0.85
"""Share of rays that must meet the ring."""
QUITE_CLOSED = 0.97
"""No better oval is looked for."""
MAYBE_CLOSED = 0.8
"""A second ring this closed makes the choice unclear."""
HINT_CLOSED = 0.6
RINGS_LIMIT = 4
"""Places of a row that are looked at closely."""
CLEAR = 0.2
"""How far the second best must stay behind."""
INNER, OUTER = 0.92, 1.75
"""Where a ring may run, in half sizes of the printed choice."""
STEPS = 22
BAND = 5
OVAL_WIDTHS = (0.85, 0.92, 1.0, 1.08, 1.16, 1.25, 1.35)
OVAL_HEIGHTS = (0.75, 0.85, 0.95, 1.05, 1.15, 1.3, 1.45)
"""Half axes of an oval around a word, in half sizes of the word's box, which has some margin already."""
OVAL_ASIDE, OVAL_OFF = (-0.4, -0.2, 0.0, 0.2), (-0.15, 0.0, 0.15)
"""How far its middle may lie from the word's, in half sizes; words within a line are placed roughly."""
OVAL_BAND = 0.11


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
    scored = sorted(((oval(option, ink), i) for i, option in enumerate(options)), reverse=True)
    if not scored or scored[0][0] < CLOSED:
        return None
    if len(scored) > 1 and scored[0][0] - scored[1][0] < CLEAR:
        return None
    return Choice(options[scored[0][1]], scored[0][0])


def ring(option: Option, ink: Ink) -> float:
    """Measure the closure of the best round ring about a letter: rays that meet ink near one distance."""
    factors = np.linspace(INNER, OUTER, STEPS)
    hits = _hits(ink, option.x, option.y, option.half_width * factors, option.half_height * factors)
    met = np.lib.stride_tricks.sliding_window_view(hits, BAND, axis=0).any(axis=2)
    return float(met.mean(axis=1).max())


def oval(option: Option, ink: Ink) -> float:
    """Measure the closure of the best oval about a printed word, flat or high, a little off its middle."""
    best = 0.0
    reach = max(2.0, option.half_height * OVAL_BAND)
    near = np.linspace(-reach, reach, 2 * round(reach) + 1)
    for wide, high, aside, off in product(OVAL_WIDTHS, OVAL_HEIGHTS, OVAL_ASIDE, OVAL_OFF):
        hits = _hits(
            ink,
            option.x + aside * option.half_width,
            option.y + off * option.half_height,
            option.half_width * wide + near,
            option.half_height * high + near,
        )
        best = max(best, float(hits.any(axis=0).mean()))
        if best >= QUITE_CLOSED:
            break
    return best


def _hits(
    ink: Ink, x: float, y: float, wide: npt.NDArray[np.float64], high: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Look up ink along ellipses about (x, y): one row for each pair of half axes, one column a ray."""
    height, width = ink.shape
    angles = np.linspace(0, 2 * np.pi, RAYS, endpoint=False)
    columns = np.rint(x + wide[:, None] * np.cos(angles)[None])
    rows = np.rint(y + high[:, None] * np.sin(angles)[None])
    columns = np.clip(columns, 0, width - 1).astype(int)
    rows = np.clip(rows, 0, height - 1).astype(int)
    return np.asarray(ink[rows, columns] > 0, np.bool_)


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
    rough = []
    for half in (0.45 * height, 0.6 * height):
        for shift in (-0.3, -0.15, 0.0, 0.15, 0.3):
            y = middle + shift * height
            for x in np.arange(left, right, height / 8):
                closed = ring(Option("", float(x), y, half, half), ink)
                if closed >= HINT_CLOSED:
                    rough.append(Ring(float(x), y, closed))
    found: list[Ring] = []
    for hint in sorted(rough, key=lambda r: -r.closed):
        if all(abs(hint.x - r.x) > height * 0.8 for r in found):
            found.append(_refined(ink, hint, height))
        if len(found) == RINGS_LIMIT:
            break
    if not found:
        return None
    found.sort(key=lambda r: -r.closed)
    if found[0].closed < CLOSED or any(r.closed >= MAYBE_CLOSED for r in found[1:]):
        return None
    return found[0]


def _refined(ink: Ink, hint: Ring, height: float) -> Ring:
    """Search closely around a hint, for slightly flat and slightly high rings too."""
    best = hint
    near = np.linspace(-height / 10, height / 10, 7)
    for across, down, flat in product(near, near, (0.9, 1.0, 1.1)):
        x, y, half = hint.x + float(across), hint.y + float(down), 0.45 * height
        closed = ring(Option("", x, y, half, half * flat), ink)
        if closed > best.closed:
            best = Ring(x, y, closed)
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
