"""Looks at what was read for an individual number that the painting left: in groups, in a sentence, digit by digit."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from appliance.desk.pages.mask import DIGITS
from appliance.desk.pages.piece import Piece, overlap
from appliance.desk.pages.sheet import Box
from appliance.desk.pages.values import DIGIT_LOOKS
from procedures.numbers import individual_no_holds

WIDEST_GAP = 4.0
"""Heights between two groups of digits of one number."""
SAME_ROW = 0.5
"""Share of the lower one's height at which two pieces stand side by side."""
USUAL = ([12], [4, 4, 4])
"""How an individual number is written; in other groups its check digit has to be right, too."""
MARGIN = 0.25
"""Heights around the digits that are painted, too."""
_BETWEEN = r"[\s\-‐‑‒–—―−ー・.|｜]+"
_GROUPS = re.compile(rf"\d+(?:{_BETWEEN}\d+)*", re.ASCII)
_GROUP = re.compile(r"\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Sign:
    """One sign of a row of pieces, and the letter it was read from; between two pieces there is none."""

    text: str
    piece: int = -1
    letter: int = -1


def number_left(pieces: Sequence[Piece], hidden: Sequence[Box]) -> bool:
    """Tell whether neighbouring groups of digits outside the hidden boxes make twelve: perhaps a person's number."""
    return any(any(_twelves(signs)) for _, signs in _rows(pieces, hidden))


def numbers_left(pieces: Sequence[Piece], hidden: Sequence[Box]) -> list[Box]:
    """Find what must be painted besides the hidden boxes: digits written as an individual number is written."""
    boxes: dict[Box, None] = {}
    for row, signs in _rows(pieces, hidden):
        for spans in _twelves(signs):
            if _surely(signs, spans):
                boxes |= dict.fromkeys(_around(row, signs, spans[0][0], spans[-1][1]))
    return list(boxes)


def holds_number(text: str) -> bool:
    """Tell whether a text has digits written as an individual number is written."""
    signs = [_Sign(sign) for sign in unicodedata.normalize("NFKC", text)]
    return any(_surely(signs, spans) for spans in _twelves(signs))


def _rows(
    pieces: Sequence[Piece], hidden: Sequence[Box]
) -> Iterator[tuple[list[Piece], list[_Sign]]]:
    """Give each piece outside the hidden boxes with the pieces right behind it, and their signs."""
    seen = [piece for piece in pieces if not any(_is_in(piece, box) for box in hidden)]
    ordered = sorted(seen, key=lambda piece: piece.left)
    for first in seen:
        row = [first]
        for piece in ordered:
            last = row[-1]
            if piece.left < last.right - last.height / 2 or overlap(piece, last) < SAME_ROW:
                continue
            if piece.left - last.right > WIDEST_GAP * last.height:
                break
            row.append(piece)
        signs: list[_Sign] = []
        for index, piece in enumerate(row):
            signs += [_Sign(" "), *_signs(piece, index)]
        yield row, signs


def _signs(piece: Piece, index: int) -> list[_Sign]:
    """Write a piece plainly; one of digits alone also where the model wrote what only looks like one."""
    plain = [
        _Sign(sign, index, at)
        for at, letter in enumerate(piece.letters)
        for sign in unicodedata.normalize("NFKC", letter.text)
    ]
    straight = "".join(sign.text for sign in plain).translate(DIGIT_LOOKS)
    if not _GROUPS.fullmatch(straight.strip()):
        return plain
    return [
        _Sign(text, sign.piece, sign.letter) for text, sign in zip(straight, plain, strict=True)
    ]


def _twelves(signs: Sequence[_Sign]) -> Iterator[list[tuple[int, int]]]:
    """Find whole groups of digits, one behind the other, that have twelve together: where each starts and ends."""
    for run in _GROUPS.finditer("".join(sign.text for sign in signs)):
        groups = [
            (run.start() + group.start(), run.start() + group.end())
            for group in _GROUP.finditer(run[0])
        ]
        ends = list(accumulate((end - start for start, end in groups), initial=0))
        for first, before in enumerate(ends):
            if before + DIGITS in ends[first:]:
                yield groups[first : ends.index(before + DIGITS)]


def _surely(signs: Sequence[_Sign], spans: Sequence[tuple[int, int]]) -> bool:
    digits = "".join(sign.text for start, end in spans for sign in signs[start:end])
    return [end - start for start, end in spans] in USUAL or individual_no_holds(digits)


def _around(row: Sequence[Piece], signs: Sequence[_Sign], start: int, end: int) -> Iterator[Box]:
    """Give the boxes of a stretch of signs, one a piece."""
    for index, piece in enumerate(row):
        at = [sign.letter for sign in signs[start:end] if sign.piece == index]
        if at:
            cut = piece.cut(min(at), max(at) + 1)
            margin = MARGIN * cut.height
            left, top = round(cut.left - margin), round(cut.top - margin)
            yield left, top, round(cut.right + margin) - left, round(cut.bottom + margin) - top


def _is_in(piece: Piece, box: Box) -> bool:
    """Tell whether a piece is painted over from end to end."""
    x, y, width, height = box
    _, middle = piece.middle
    slack = piece.height / 2
    along = x - slack <= piece.left and piece.right <= x + width + slack
    return along and y <= middle <= y + height
