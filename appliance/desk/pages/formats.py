"""The formats of paper that come in: says when a scan is one of them with a piece missing, even one without writing."""

from dataclasses import dataclass

A4 = (210.0, 297.0)
B5 = (182.0, 257.0)
CARE_CARD = (128.0, 273.0)
FOLDED_CARD = (91.0, 128.0)
WATCHED = (A4, B5, CARE_CARD, FOLDED_CARD)
"""Short and long side in millimetres of papers whose missing piece is told."""
WHOLE = (*WATCHED, (148.0, 210.0), (128.0, 182.0), (100.0, 148.0))
"""Papers that come in whole: a scan of such a size lacks nothing."""
UNDER, OVER = 2.0, 10.0
"""Millimetres by which a scan of a whole paper may be smaller than it, or larger by the scanner's backing."""
MISSING = 4.0
"""Millimetres from which a piece is missing."""
LEAST, LEAST_MM = 0.6, 70.0
"""Share of a side, and millimetres, from which the rest is still taken for that paper; less is a slip of its own."""
MM = 25.4


@dataclass(frozen=True, slots=True)
class Shortened:
    """A scan that shows one side of a paper whole, and of the other only `seen` of `whole` millimetres."""

    seen: float
    whole: float


def size_mm(shape: tuple[int, ...], dpi: int) -> tuple[float, float] | None:
    """Give (short, long) of a scan's rows and columns in millimetres; None for a photograph (`dpi` 0)."""
    if dpi <= 0:
        return None
    short, long = sorted(side * MM / dpi for side in shape[:2])
    return short, long


def shortened(size: tuple[float, float] | None) -> Shortened | None:
    """Find the paper of which a piece is missing; None for a whole one, and for one that nobody knows."""
    if size is None or any(_is_whole(size, paper) for paper in WHOLE):
        return None
    for kept, other in (size, size[::-1]):
        for paper in WATCHED:
            for side, whole in (paper, paper[::-1]):
                if _fits(kept, side) and max(LEAST_MM, LEAST * whole) <= other < whole - MISSING:
                    return Shortened(other, whole)
    return None


def _is_whole(size: tuple[float, float], paper: tuple[float, float]) -> bool:
    return all(_fits(seen, side) for seen, side in zip(size, paper, strict=True))


def _fits(seen: float, side: float) -> bool:
    return side - UNDER <= seen <= side + OVER
