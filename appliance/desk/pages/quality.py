"""Says what is wrong with a picture as a picture: blank, too soft, too faint."""

from collections.abc import Sequence

import cv2
import numpy as np

from appliance.desk.pages import findings
from appliance.desk.pages.ocr import Line
from appliance.desk.pages.sheet import Finding
from papers.opening import Picture

WORK_SIDE = 1000
EDGE = 0.03
"""Share of the picture's border that may show the tray."""
BLANK_INK = 0.0015
"""Share of dark pixels below which a side is blank; one line of writing has about 0.003."""
INK_STEP = 40
"""Grey levels by which writing is darker than its paper."""
PLAIN_STEP, SPECK = 20, 4
"""Grey levels by which a wholly empty side may differ anywhere, and pixels of its largest speck."""
EVEN_STEP, EVEN_SHARE = 30, 0.85
"""Paper has one grey all over, but for the tray beside it; a photograph has not."""
FAINT = 45
SOFT_LINES = 0.75
ENOUGH_LINES = 6


def is_blank(picture: Picture, boxes: int) -> bool:
    """Tell whether nothing is written: even paper, hardly any dark pixel, hardly any box of text."""
    grey = _inner(picture)
    paper = cv2.medianBlur(grey, 31)
    dark = np.clip(paper.astype(int) - grey, 0, 255) > INK_STEP
    even = np.abs(grey.astype(int) - int(np.median(grey))) < EVEN_STEP
    plain = float(even.mean()) > EVEN_SHARE
    return boxes <= 1 and plain and float(dark.mean()) < BLANK_INK


def is_plain(picture: Picture) -> bool:
    """Tell whether a side shows nothing at all, not even a speck or what shines through; needs no search for text."""
    grey = _inner(picture)
    paper = cv2.medianBlur(grey, 31)
    dark = np.clip(paper.astype(int) - grey, 0, 255) > PLAIN_STEP
    even = np.abs(grey.astype(int) - int(np.median(grey))) < PLAIN_STEP
    count, _, stats, _ = cv2.connectedComponentsWithStats(dark.astype(np.uint8))
    largest = max((int(stats[i, cv2.CC_STAT_AREA]) for i in range(1, count)), default=0)
    return bool(even.all()) and largest <= SPECK


def picture_findings(picture: Picture, lines: Sequence[Line]) -> list[Finding]:
    """Name what makes a picture hard to read; judged by contrast and by how sure the reader was."""
    found = []
    grey = _inner(picture)
    paper = np.asarray(cv2.medianBlur(grey, 31), np.int16)
    depth = np.percentile(paper - grey, 99.5)
    if depth < FAINT:
        found.append(findings.low_contrast())
    means = [line.mean for line in lines if len(line.letters) > 1]
    if len(means) >= ENOUGH_LINES and float(np.median(means)) < SOFT_LINES:
        found.append(findings.blurred())
    return found


def _inner(picture: Picture) -> Picture:
    scale = min(1.0, WORK_SIDE / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    y, x = round(height * EDGE), round(width * EDGE)
    return np.asarray(grey[y : height - y, x : width - x], np.uint8)
