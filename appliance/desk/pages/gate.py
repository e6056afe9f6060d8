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
from appliance.desk.pages.formats import Shortened, shortened
from appliance.desk.pages.sheet import Finding
from appliance.desk.pages.softness import FEWEST, softness
from papers.opening import Picture

Grey = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]

SOFTEST = 2.35
"""Softness beyond which a reader loses every fourth value or more; good pages have 1.4 to 2.0."""
SMEAR_SIDE, SMEAR_STEP, SMEAR_REACH, SMEARED = 500, 30, 25, 0.05
"""A page with almost no box of writing, yet this share of it darker than the paper around: blots."""
SMALL = 20.0
"""Height in pixels of a line's box below which kanji are blots; a form at 200 dpi has 35."""
SKEW_LIMIT = 10.0
"""Degrees beyond which the corners of a sheet fall out of the scan window."""
GLARE_LEVEL, GLARE_SHARE = 250, 0.012
"""A mirror of the lamp: saturated, while the paper is not, on this share of the page."""
GLARE_SIDE, RADIUS = 640, 25
"""Long side glare is looked for at, and how far a mirror's middle lies from its rim; paper between print is narrow."""
SOLID = (0.55, 0.88)
"""How much of its frame a mirror fills: an upright ellipse 0.79, a slanting one less, an empty cell in the sun all."""
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
    """What the gate saw: how soft, line height (px), strokes cut, glare (share), skew (degrees), a piece missing."""

    soft: float
    height: float
    cut: int
    glare: float
    skew: float
    short: Shortened | None = None


def measure(
    fed: Picture,
    page: Picture,
    quads: Sequence[Quad],
    glare: float = 0.0,
    matrix: Matrix | None = None,
    *,
    size_mm: tuple[float, float] | None = None,
) -> Measures:
    """Take the measures of a sheet: as it was fed, and squared by `matrix` with its boxes of writing.

    `size_mm` is what the scanner says the sheet measures, None for a photograph.
    """
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.uint8)
    heights = [_height(quad) for quad in quads]
    few = len(heights) < FEWEST
    return Measures(
        soft=_smeared(grey) if few else softness(grey, quads),
        height=0.0 if few else float(np.median(heights)),
        cut=_cut_strokes(np.asarray(cv2.cvtColor(fed, cv2.COLOR_RGB2GRAY), np.uint8)),
        glare=glare,
        skew=0.0 if matrix is None else abs(math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))),
        short=shortened(size_mm),
    )


def refusals(found: Measures) -> list[Finding]:
    """Name what speaks for taking the picture again, each with its reason and its remedy."""
    told = []
    if found.soft > SOFTEST:
        told.append(findings.blurred())
    if 0 < found.height < SMALL:
        told.append(findings.coarse())
    if found.short is not None:
        told.append(findings.shortened(round(found.short.seen), round(found.short.whole)))
    elif found.cut >= CUT_STROKES:
        told.append(findings.cut_off())
    if found.glare > GLARE_SHARE:
        told.append(findings.glare())
    if found.skew > SKEW_LIMIT:
        told.append(findings.skewed(round(found.skew)))
    return told


def _height(quad: Quad) -> float:
    sides = quad.max(axis=0) - quad.min(axis=0)
    return float(min(sides))


def _smeared(grey: Grey) -> float:
    """Tell a page without boxes of writing: as soft as can be where it is full of blots, 0 where it is almost empty."""
    scale = min(1.0, SMEAR_SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    around = np.ones((SMEAR_REACH, SMEAR_REACH), np.uint8)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, around)
    blots = paper.astype(np.int16) - small.astype(np.int16) > SMEAR_STEP
    return math.inf if float(blots.mean()) > SMEARED else 0.0


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
    depths = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    patches = [0]
    for left, top, wide, high, area in (map(int, stats[i]) for i in range(1, count)):
        inside = left > 1 and top > 1 and left + wide < width - 1 and top + high < height - 1
        deep = depths[top : top + high, left : left + wide].max() >= RADIUS
        if inside and deep and SOLID[0] < area / (wide * high) < SOLID[1]:
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
