"""Finds the printed rules (罫線) of a squared page: level and plumb line segments."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from papers.opening import Picture

WORK_SIDE = 1800
SHORTEST_LEVEL, SHORTEST_PLUMB = 0.035, 0.018
"""Shares of the long side; shorter strokes are writing, or the flat side of a drawn ring."""
GAP = 7
"""Pixels at working size that a faint rule may be broken by."""
THICKEST = 9
SEGMENTS_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Rule:
    """One straight rule: it runs from `start` to `end` at `at` (pixels of the page)."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of a page."""

    level: tuple[Rule, ...]
    plumb: tuple[Rule, ...]


def find_rules(page: Picture) -> Rules:
    """Find level and plumb rules of a page that `straighten` has squared."""
    height, width = page.shape[:2]
    scale = min(1.0, WORK_SIDE / max(height, width))
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    ink = cv2.adaptiveThreshold(
        small, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 9
    )
    dark = np.asarray(ink, np.uint8)
    side = max(small.shape)
    level = _rules(dark, max(12, round(SHORTEST_LEVEL * side)), scale)
    plumb = _rules(np.ascontiguousarray(dark.T), max(12, round(SHORTEST_PLUMB * side)), scale)
    return Rules(level, plumb)


def _rules(ink: npt.NDArray[np.uint8], shortest: int, scale: float) -> tuple[Rule, ...]:
    """Find level rules: strokes long enough sideways, thin enough downwards."""
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, shortest), np.uint8))
    joined = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((1, GAP), np.uint8))
    _, _, boxes, middles = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for (x, _, width, height, area), (_, y) in zip(boxes[1:], middles[1:], strict=True):
        if area <= THICKEST * width and height < max(THICKEST * 2, width // 6):
            found.append(Rule(float(y) / scale, float(x) / scale, float(x + width) / scale))
    found.sort(key=lambda rule: rule.start - rule.end)
    return tuple(found[:SEGMENTS_LIMIT])
