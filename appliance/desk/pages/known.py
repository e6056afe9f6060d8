"""A page that was printed from a known blank: laid on it, masked and read in its zones, without looking for text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import cast

import cv2
import numpy as np

from appliance.desk.pages import gate, mask
from appliance.desk.pages.added import Added
from appliance.desk.pages.detect import Quad
from appliance.desk.pages.leftover import holds_number, numbers_left
from appliance.desk.pages.sheet import Box, FieldReading, Kind
from appliance.desk.pages.straighten import Matrix
from appliance.desk.pages.stray import read_places, read_stray
from appliance.desk.pages.values import digits_in
from appliance.desk.pages.zones import Reads, hidden_boxes, read_zones
from papers.blank import BLANKS_LIMIT, DPI, MM, Blank
from papers.opening import Picture
from papers.register import Registered, register

NEEDED = ("name", "insured_no", "birth_date", "number", "medical_insurer_no")
"""Fields that every paper with a zone for them carries: without one the page is read by its labels instead."""
RULE, INK = 60, 110
"""Pixels (200 dpi) from which a stroke is a rule, and greys below which a blank is printed."""
LINE_HEIGHTS, LINE_SHAPE = (16, 70), 3.0
"""Heights of a printed line in pixels, and its least width in heights."""
SIGN_GAP, MARGIN = 15, 4


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page on its blank. `hidden` are the boxes that were painted over on `picture`; degrees are clockwise.

    `elsewhere` tells that some of them were painted because an individual number stood there, outside its place.
    """

    laid: Registered
    picture: Picture
    hidden: tuple[Box, ...]
    fields: tuple[FieldReading, ...]
    rotation: int
    elsewhere: bool = False

    @property
    def kind(self) -> Kind:
        """Tell what the page is; a blank's kinds are among a sheet's."""
        return cast("Kind", self.laid.blank.kind)

    @property
    def places(self) -> list[Box]:
        """Give where answers stand, what was read first; hidden places are not among them."""
        read = [field.box for field in self.fields if field.box is not None]
        zones = [
            self.laid.box_px(zone.box_mm)
            for zone in self.laid.blank.zones
            if zone.type != mask.HIDDEN
        ]
        return [*read, *zones]

    def measures(
        self, fed: Picture, glare: float, size_mm: tuple[float, float] | None
    ) -> gate.Measures:
        """Take the gate's measures by the print that the blank has; `size_mm` is None for a photograph."""
        matrix = self.laid.matrix
        found = gate.measure(
            fed,
            self.picture,
            print_lines(self.laid.blank),
            glare,
            _turned(matrix, -self.rotation) if size_mm else None,
            size_mm=size_mm,
        )
        growth = math.sqrt(abs(float(np.linalg.det(matrix[:2, :2]))))
        cut = gate.CUT_STROKES if self._beyond(fed) else found.cut
        return replace(found, height=found.height / max(growth, 1e-6), cut=cut)

    def _beyond(self, fed: Picture) -> bool:
        """Tell whether a place for an answer lies outside the picture that was fed."""
        scale = DPI / MM
        boxes = np.array([zone.box_mm for zone in self.laid.blank.zones], np.float64)
        if not len(boxes):
            return False
        corners = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]]) * scale
        back = np.linalg.inv(self.laid.matrix)
        places = cv2.perspectiveTransform(corners[None], back)[0]
        edge = np.array([fed.shape[1], fed.shape[0]])
        return bool((places < -MARGIN).any() or (places > edge + MARGIN).any())


def lay_known(picture: Picture, blanks: Sequence[Blank]) -> Registered | None:
    """Lay a page on its blank; None when it is none of them, or when a place to hide was not found again."""
    laid = register(picture, blanks) if blanks else None
    if laid is None:
        return None
    unseen = (
        zone
        for zone in laid.blank.zones
        if zone.type == mask.HIDDEN and not laid.agrees_at(zone.box_mm)
    )
    return None if any(unseen) else laid


def read_known(
    laid: Registered, reader: Reads, second: Reads, today: date, *, wholly: bool
) -> KnownPage | None:
    """Hide and read a page laid on its blank; None when a field that it must carry is empty."""
    fields = read_zones(laid, reader, today, second) if wholly else ()
    if wholly and _lacking(laid.blank, fields):
        return None
    added = Added(laid)
    pieces = read_stray(laid, added, reader)
    if not wholly:
        pieces += read_places(laid, added, reader)
    leaks = [field for field in fields if _individual(field)]
    own = hidden_boxes(laid)
    others = [*numbers_left(pieces, own), *(field.box for field in leaks if field.box is not None)]
    hidden = (*own, *others)
    return KnownPage(
        laid=laid,
        picture=mask.paint(laid.picture, hidden) if hidden else laid.picture,
        hidden=hidden,
        fields=tuple(field for field in fields if field not in leaks),
        rotation=_rotation(laid),
        elsewhere=bool(others),
    )


@lru_cache(maxsize=BLANKS_LIMIT)
def print_lines(blank: Blank) -> tuple[Quad, ...]:
    """Find the lines of print on a blank, as boxes in its pixels."""
    ink = np.asarray(blank.picture < INK, np.uint8)
    for kernel in ((1, RULE), (RULE, 1)):
        rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(kernel, np.uint8))
        ink[cv2.dilate(rules, np.ones((5, 5), np.uint8)) > 0] = 0
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((3, SIGN_GAP), np.uint8))
    count, _, facts, _ = cv2.connectedComponentsWithStats(joined)
    found = []
    for left, top, width, height in (facts[i, :4].tolist() for i in range(1, count)):
        if LINE_HEIGHTS[0] <= height <= LINE_HEIGHTS[1] and width >= LINE_SHAPE * height:
            x, y, right, bottom = left, top - MARGIN, left + width, top + height + MARGIN
            found.append(np.array([[x, y], [right, y], [right, bottom], [x, bottom]], np.float32))
    return tuple(found)


def _lacking(blank: Blank, fields: Sequence[FieldReading]) -> bool:
    asked = {zone.key for zone in blank.zones if zone.key in NEEDED}
    return not asked <= {field.key for field in fields if field.value}


def _individual(field: FieldReading) -> bool:
    """Tell whether a field was given an individual number: nothing else here has twelve digits."""
    digits, clean = digits_in(field.raw)
    return (clean and len(digits) == mask.DIGITS) or holds_number(field.raw)


def _rotation(laid: Registered) -> int:
    """Give the quarter turns, in degrees clockwise, that put the fed page upright."""
    matrix = laid.matrix
    angle = math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))
    return round(angle / 90) % 4 * 90


def _turned(matrix: Matrix, degrees: int) -> Matrix:
    """Turn a mapping further, clockwise."""
    angle = math.radians(degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    return np.asarray(np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]) @ matrix, np.float64)
