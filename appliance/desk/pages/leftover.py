"""Looks at what was read for an individual number that the painting left: in groups, in a sentence, digit by digit."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate

from appliance.desk.pages.mask import DIGITS
from appliance.desk.pages.piece import Piece, overlap
from appliance.desk.pages.sheet import Box
from appliance.desk.pages.values import DIGIT_LOOKS

WIDEST_GAP = 4.0
"""Heights between two groups of digits of one number."""
SAME_ROW = 0.5
"""Share of the lower one's height at which two pieces stand side by side."""
_BETWEEN = re.compile(r"[\s\-‐‑‒–—―−ー・.|｜]+")
_GROUPS = re.compile(r"\d+(?:[\s\-‐‑‒–—―−ー・.|｜]+\d+)*", re.ASCII)


def number_left(pieces: Sequence[Piece], hidden: Sequence[Box]) -> bool:
    """Tell whether neighbouring groups of digits outside the hidden boxes make twelve: perhaps a person's number."""
    seen = [piece for piece in pieces if not any(_is_in(piece, box) for box in hidden)]
    return any(_makes_twelve(line) for line in _lines(seen))


def _lines(pieces: Sequence[Piece]) -> Iterator[str]:
    """Give each piece's writing with that of the pieces of digits right behind it."""
    for first in pieces:
        text, last = _digits(first), first
        for piece in sorted(pieces, key=lambda piece: piece.left):
            if piece.left < last.right - last.height / 2 or overlap(piece, last) < SAME_ROW:
                continue
            if piece.left - last.right > WIDEST_GAP * last.height:
                break
            text, last = f"{text} {_digits(piece)}", piece
        yield text


def _digits(piece: Piece) -> str:
    """Write a piece plainly; one of digits alone also where the model wrote what only looks like one."""
    text = unicodedata.normalize("NFKC", piece.text).strip()
    straight = text.translate(DIGIT_LOOKS)
    return straight if _GROUPS.fullmatch(straight) else text


def _makes_twelve(line: str) -> bool:
    for run in _GROUPS.finditer(line):
        ends = list(accumulate((len(one) for one in _BETWEEN.split(run[0])), initial=0))
        if any(end + DIGITS in ends for end in ends):
            return True
    return False


def _is_in(piece: Piece, box: Box) -> bool:
    """Tell whether a piece is painted over from end to end."""
    x, y, width, height = box
    _, middle = piece.middle
    slack = piece.height / 2
    along = x - slack <= piece.left and piece.right <= x + width + slack
    return along and y <= middle <= y + height
