"""Paints over the individual number (個人番号) before a picture is kept. Its digits are never given to anybody."""

from collections.abc import Sequence

import numpy as np

from appliance.desk.pages.anchor import Walls
from appliance.desk.pages.labels import Found
from appliance.desk.pages.piece import Piece, overlap
from appliance.desk.pages.rules import Rules
from appliance.desk.pages.sheet import Box
from appliance.desk.pages.values import digits_in
from papers.opening import Picture

GREY = (150, 150, 150)
DIGITS = 12
"""An individual number has twelve digits, and nothing else on these pages has as many in one run."""
HIDDEN = "hidden"
TALLEST = 3.5
"""Label heights the number's row may be tall; beyond it the row's rules were not found."""


def boxes_to_hide(
    found: Sequence[Found], pieces: Sequence[Piece], rules: Rules, width: int, height: int
) -> list[Box]:
    """Find what must be painted: the row right of each label, and any run of twelve digits."""
    walls = Walls(rules, height)
    boxes = [_row_box(f, found, walls, rules, width) for f in found if f.label.type == HIDDEN]
    for piece in pieces:
        digits, clean = digits_in(piece.text)
        if clean and len(digits) == DIGITS:
            boxes.append(_around(piece))
    return boxes


def paint(page: Picture, boxes: Sequence[Box]) -> Picture:
    """Paint boxes over in a copy."""
    painted = page.copy()
    for x, y, width, height in boxes:
        painted[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)] = np.array(
            GREY, np.uint8
        )
    return painted


def _row_box(hidden: Found, found: Sequence[Found], walls: Walls, rules: Rules, width: int) -> Box:
    label = hidden.piece
    top, bottom = walls.row(*label.middle)
    if bottom - top > TALLEST * label.height:
        top, bottom = label.top - label.height * 0.6, label.bottom + label.height * 0.6
    neighbours = [
        f.piece.left
        for f in found
        if f is not hidden and f.piece.left > label.right and overlap(f.piece, label) > 0.4  # noqa: PLR2004 - same row
    ]
    ends = [r.end for r in rules.level if abs(r.at - top) < 8 or abs(r.at - bottom) < 8]  # noqa: PLR2004 - pixels
    ends = [end for end in ends if end > label.right + label.height * 4]
    right = min([*neighbours, max(ends, default=float(width)), float(width)])
    left = label.right + label.height * 0.1
    return round(left), round(top), round(right - left), round(bottom - top)


def _around(piece: Piece) -> Box:
    margin = piece.height * 0.2
    return (
        round(piece.left - margin),
        round(piece.top - margin),
        round(piece.right - piece.left + 2 * margin),
        round(piece.height + 2 * margin),
    )
