"""A piece of writing on a squared page: its letters with their places, cut at will."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from appliance.desk.pages.detect import Quad
from appliance.desk.pages.ocr import Letter, Line
from appliance.desk.pages.writing import printed

UNCERTAIN_LINE = 0.35
"""A line whose letters are less sure on average is a smudge, a stamp or a rule."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters in a box (left, top, right, bottom) in pixels of the squared page."""

    letters: tuple[Letter, ...]
    left: float
    top: float
    right: float
    bottom: float

    @property
    def text(self) -> str:
        """The writing as read."""
        return "".join(letter.text for letter in self.letters)

    @property
    def weakest(self) -> float:
        """Probability of the least certain letter, blanks aside; 1 when there is none."""
        return min((x.probability for x in self.letters if x.text.strip()), default=1.0)

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its box."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """Height of its box."""
        return self.bottom - self.top

    def across(self, place: float) -> float:
        """Turn a place along the line (0 to 1) into a pixel column."""
        return self.left + place * (self.right - self.left)

    def cut(self, start: int, end: int) -> "Piece":
        """Take letters `start` to `end` with the part of the box they stand in."""
        letters = self.letters[start:end]
        if not letters or (start == 0 and end >= len(self.letters)):
            return Piece(letters, self.left, self.top, self.right, self.bottom)
        low = 0.0 if start == 0 else (self.letters[start - 1].place + letters[0].place) / 2
        high = (
            1.0 if end >= len(self.letters) else (letters[-1].place + self.letters[end].place) / 2
        )
        left, right = self.across(low), self.across(high)
        span = max(high - low, 1e-6)
        moved = tuple(replace(x, place=(x.place - low) / span) for x in letters)
        return Piece(moved, left, self.top, right, self.bottom)


def piece_of(quad: Quad, line: Line) -> Piece | None:
    """Make a piece from a found box and what was read there; None for smudges."""
    if not line.text.strip() or line.mean < UNCERTAIN_LINE:
        return None
    left, top = (float(v) for v in quad.min(axis=0))
    right, bottom = (float(v) for v in quad.max(axis=0))
    letters = tuple(
        replace(x, text=printed(x.text), others=printed(x.others)) for x in line.letters
    )
    return Piece(letters, left, top, right, bottom)


def line_height(pieces: Sequence[Piece]) -> float:
    """Typical height of a line on the page, in pixels."""
    heights = sorted(piece.height for piece in pieces if len(piece.letters) > 1)
    return heights[len(heights) // 2] if heights else 40.0


def overlap(one: Piece, other: Piece) -> float:
    """Share of the lower piece's height at which both stand side by side (0 to 1)."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(0.0, shared / max(1.0, min(one.height, other.height)))
