"""Reads what somebody wrote on a known form where nobody looks for a value: an individual number may be in it."""

from collections.abc import Sequence

import cv2
import numpy as np

from appliance.desk.pages.added import Added, Mask
from appliance.desk.pages.detect import Quad
from appliance.desk.pages.piece import Piece, piece_of
from appliance.desk.pages.sheet import Box
from appliance.desk.pages.zones import CHOSEN, HIDDEN, Reads
from papers.blank import MM
from papers.register import Picture, Registered

STRAY_LIMIT = 40
"""Lines read at most, the widest first; more is a form that somebody wrote all over."""
MARGIN_MM = 1.0
"""Writing does not keep to its place."""
SIGN_GAP_MM = 2.5
"""Gap between two signs of one line."""
HEIGHTS_MM = (1.6, 10.0)
"""Heights of a line of writing."""
SHAPE = 1.2
"""Width over height of a line: four digits are wider."""
LONG_ENOUGH = 3.0
"""Width over height from which a line may hold twelve digits, margins included."""
EDGE_MM = 2.0
"""At the sheet's rim the scanner's backing and shadows look like ink."""
PAPER = 0.15
"""Height of a line's margin, as a share."""


def read_stray(page: Registered, added: Added, reader: Reads) -> list[Piece]:
    """Read the lines of added ink that lie in no zone; boxes are pixels of the page's picture."""
    pixel = page.dpi / MM
    ink = added.ink.copy()
    for zone in page.blank.zones:
        x, y, width, height = zone.box_mm
        around = (x - MARGIN_MM, y - MARGIN_MM, width + 2 * MARGIN_MM, height + 2 * MARGIN_MM)
        left, top, wide, high = page.box_px(around)
        ink[max(0, top) : top + high, max(0, left) : left + wide] = 0
    return [
        piece
        for box in _lines(ink, pixel)[:STRAY_LIMIT]
        if (piece := _read_box(page.picture, box, reader)) is not None
    ]


def read_places(page: Registered, added: Added, reader: Reads) -> list[Piece]:
    """Read what was written into the zones, where it is long enough for an individual number and no zone for one."""
    cuts = [
        cut
        for zone in page.blank.zones
        if zone.type != HIDDEN and not zone.type.startswith(CHOSEN)
        for cut in added.cuts(zone)
    ]
    read = [(cut, reader.read(cut.clean)) for cut in cuts if cut.box[2] >= LONG_ENOUGH * cut.box[3]]
    made = [piece_of(_corners(cut.box), line) for cut, line in read]
    return [piece for piece in made if piece is not None]


def _read_box(picture: Picture, box: Box, reader: Reads) -> Piece | None:
    """Read one line; None for smudges."""
    x, y, width, height = box
    cut = picture[max(0, y) : y + height, max(0, x) : x + width]
    if cut.size == 0:
        return None
    return piece_of(_corners(box), reader.read(np.ascontiguousarray(cut)))


def _corners(box: Box) -> Quad:
    x, y, width, height = box
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return np.array(corners, np.float32)


def _lines(ink: Mask, pixel: float) -> Sequence[Box]:
    """Join ink to lines, the widest first."""
    edge = round(EDGE_MM * pixel)
    inner = np.zeros_like(ink)
    inner[edge:-edge, edge:-edge] = ink[edge:-edge, edge:-edge]
    reach = np.ones((3, round(SIGN_GAP_MM * pixel)), np.uint8)
    joined = cv2.morphologyEx(inner, cv2.MORPH_CLOSE, reach)
    count, _, facts, _ = cv2.connectedComponentsWithStats(joined)
    low, high = (height * pixel for height in HEIGHTS_MM)
    found = []
    for left, top, width, height in (facts[i, :4].tolist() for i in range(1, count)):
        if low <= height <= high and width >= SHAPE * height:
            margin = round(PAPER * height)
            found.append(
                (left - margin, top - margin, width + 2 * margin, height + 2 * margin),
            )
    return sorted(found, key=lambda box: -box[2])
