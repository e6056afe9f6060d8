"""Finds the one word of a row that a drawn line surrounds, by what hangs together: letters are short, a ring is not."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from appliance.desk.pages.circles import Option

Ink = npt.NDArray[np.uint8]

ABOVE = 0.45
"""How far above and below a word is looked, in heights of its box."""
WIDTHS, LOWEST = (0.7, 1.7), 0.55
"""Widths a ring has, in widths of its word, and its least height, in heights of the word's box."""
LONG, OFF = 1.5, 0.3
"""Width over height from which a word is looked at; how far beside it a ring's middle may lie, in its widths."""


def surrounded(options: Sequence[Option], ink: Ink) -> Option | None:
    """Find the one option with a line about it; None when there is none, or a second."""
    long = [option for option in options if option.half_width > LONG * option.half_height]
    if len(long) < len(options) or not options:
        return None
    found = [option for option in options if _rings(option, ink)]
    return found[0] if len(found) == 1 else None


def _rings(option: Option, ink: Ink) -> bool:
    high, wide = 2 * option.half_height, 2 * option.half_width
    top, bottom = (
        max(0, round(option.y - high / 2 - ABOVE * high)),
        round(option.y + high / 2 + ABOVE * high),
    )
    left, right = (
        max(0, round(option.x - wide / 2 - OFF * wide - WIDTHS[1] * wide / 4)),
        round(option.x + wide / 2 + OFF * wide + WIDTHS[1] * wide / 4),
    )
    part = _without_rules(np.ascontiguousarray(ink[top:bottom, left:right]), wide)
    if not part.size:
        return False
    count, _, facts, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    return any(
        WIDTHS[0] * wide <= width <= WIDTHS[1] * wide
        and LOWEST * high <= height
        and abs(left + x + width / 2 - option.x) <= OFF * wide
        for x, _, width, height in (facts[index, :4].tolist() for index in range(1, count))
    )


def _without_rules(ink: Ink, wide: float) -> Ink:
    """Take out straight lines longer than a ring is wide: they are the form's."""
    rule = np.ones((1, max(8, round(WIDTHS[1] * wide))), np.uint8)
    return np.asarray(cv2.subtract(ink, cv2.morphologyEx(ink, cv2.MORPH_OPEN, rule)), np.uint8)
