"""The quality gate: judges a picture as a picture, before anybody relies on what was read from it.

Every measure is taken on the writing itself (boxes of text in pixels of the squared page) or on the picture as it
was fed, and each has one threshold; `bench gate` publishes what they refuse wrongly and what they let through.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from appliance.desk.pages import findings
from appliance.desk.pages.detect import Quad
from appliance.desk.pages.sheet import Finding
from papers.opening import Picture

Grey = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]

LINES = 40
"""Boxes of writing looked at closely; the widest say most."""
FEWEST = 4
"""Boxes below which a page has too little writing to be judged by it."""
SOFT_EDGE = 0.16
"""Width of a stroke's edge, in heights of its line, beyond which strokes run together; good pages have 0.05 to 0.10."""
SMALL = 20.0
"""Height in pixels of a line's box below which kanji are blots; a form at 200 dpi has 35."""
SKEW_LIMIT = 10.0
"""Degrees beyond which the corners of a sheet fall out of the scan window."""
GLARE_LEVEL, GLARE_SHARE = 250, 0.012
"""A mirror of the lamp: saturated, while the paper is not, on this share of the page."""
GLARE_SIDE, SOLID = 640, 0.65
"""Long side glare is looked for at, and how much of its frame a mirror fills; an ellipse fills 0.79."""
PAPER_LIMIT = 242
"""Paper brighter than this is saturated itself, as scanners leave it: then there is no glare to see."""
BORDER, INSIDE = 3, 10
"""Pixels from the picture's edge at which cut writing is looked for, twice."""
STROKE = (2, 14)
"""Pixels a stroke is wide, at least and at most; wider is the scanner's backing or a shadow."""
STROKE_DEPTH = 60
CUT_STROKES = 4
"""Strokes that run out of one edge of the picture; a streak of the scanner or a rule is one or two."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What the gate saw: soft edges (in line heights), line height (px), strokes cut, glare (share), skew (degrees)."""

    soft: float
    height: float
    cut: int
    glare: float
    skew: float


def measure(
    fed: Picture,
    page: Picture,
    quads: Sequence[Quad],
    glare: float = 0.0,
    matrix: Matrix | None = None,
) -> Measures:
    """Take the measures of a sheet: as it was fed, and squared by `matrix` with its boxes of writing."""
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.uint8)
    heights = [_height(quad) for quad in quads]
    height = float(np.median(heights)) if len(heights) >= FEWEST else 0.0
    return Measures(
        soft=_softness(grey, quads, height),
        height=height,
        cut=_cut_strokes(np.asarray(cv2.cvtColor(fed, cv2.COLOR_RGB2GRAY), np.uint8)),
        glare=glare,
        skew=0.0 if matrix is None else abs(math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))),
    )


def refusals(found: Measures) -> list[Finding]:
    """Name what speaks for taking the picture again, each with its reason and its remedy."""
    told = []
    if found.soft > SOFT_EDGE:
        told.append(findings.blurred())
    if 0 < found.height < SMALL:
        told.append(findings.coarse())
    if found.cut >= CUT_STROKES:
        told.append(findings.cut_off())
    if found.glare > GLARE_SHARE:
        told.append(findings.glare())
    if found.skew > SKEW_LIMIT:
        told.append(findings.skewed(round(found.skew)))
    return told


def _height(quad: Quad) -> float:
    sides = quad.max(axis=0) - quad.min(axis=0)
    return float(min(sides))


def _softness(grey: Grey, quads: Sequence[Quad], height: float) -> float:
    """Measure how wide edges are, across and along: a shaken picture is sharp one way and soft the other."""
    if not height:
        return 0.0
    widest = sorted(quads, key=lambda quad: -float(np.ptp(quad[:, 0])))[:LINES]
    softs = [soft for quad in widest if (soft := _edge(grey, quad)) is not None]
    return float(np.median(softs)) if len(softs) >= FEWEST else 0.0


def _edge(grey: Grey, quad: Quad) -> float | None:
    """Give the width of the steepest edges of one line, in heights of that line; None where nothing is written."""
    left, top = np.maximum(quad.min(axis=0), 0).astype(int)
    right, bottom = quad.max(axis=0).astype(int) + 1
    piece = grey[top:bottom, left:right].astype(np.float32)
    if min(piece.shape) < BORDER:
        return None
    contrast = float(np.percentile(piece, 95) - np.percentile(piece, 3))
    if contrast < STROKE_DEPTH / 2:
        return None
    steep = [
        float(np.percentile(np.abs(cv2.Sobel(piece, cv2.CV_32F, *axis, ksize=3)) / 8, 98))
        for axis in ((1, 0), (0, 1))
    ]
    return contrast / max(min(steep), 1e-3) / max(_height(quad), 1.0)


def glare_share(page: Picture) -> float:
    """Give the share of the largest mirror of a lamp on a page cut out of a photograph; 0 where paper is saturated.

    A mirror is a solid patch in the middle of paper that is not saturated; a stripe of sun runs over the page's edge.
    """
    scale = GLARE_SIDE / max(page.shape[:2])
    small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    darkest = np.asarray(small.min(axis=2), np.uint8)
    if float(np.median(darkest)) > PAPER_LIMIT:
        return 0.0
    mask = np.asarray(darkest >= GLARE_LEVEL, np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    height, width = mask.shape
    patches = [0]
    for left, top, wide, high, area in (map(int, stats[i]) for i in range(1, count)):
        inside = left > 1 and top > 1 and left + wide < width - 1 and top + high < height - 1
        if inside and area > SOLID * wide * high:
            patches.append(area)
    return max(patches) / mask.size


def _cut_strokes(grey: Grey) -> int:
    """Count the strokes that run out of the picture at its worst edge."""
    turned = np.asarray(grey.T, np.uint8)
    edges = ((grey, 1), (grey, -1), (turned, 1), (turned, -1))
    return max(_strokes_at(each if way > 0 else each[::-1]) for each, way in edges)


def _strokes_at(grey: Grey) -> int:
    """Count narrow dark dips that stand at the same place near the edge and a little farther in."""
    dips = _dips(grey[BORDER]) & _near(_dips(grey[INSIDE]))
    starts = np.flatnonzero(np.diff(np.concatenate(([0], dips.astype(np.int8)))) == 1)
    return int(starts.size)


def _near(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    reach = np.ones(2 * INSIDE + 1)
    return np.asarray(np.convolve(mask.astype(float), reach, "same") > 0)


def _dips(line: Grey) -> npt.NDArray[np.bool_]:
    """Find places darker than the paper on both sides of them, and narrow."""
    row = line.reshape(1, -1)
    kernel = np.ones((1, STROKE[1] + 1), np.uint8)
    paper = cv2.morphologyEx(row, cv2.MORPH_CLOSE, kernel)
    dark = (paper.astype(int) - row.astype(int)).ravel() > STROKE_DEPTH
    thick = cv2.morphologyEx(
        dark.astype(np.uint8).reshape(1, -1), cv2.MORPH_OPEN, np.ones((1, STROKE[0]), np.uint8)
    )
    return np.asarray(thick.ravel() > 0)
