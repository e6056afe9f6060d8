"""A sheet's picture as it was fed, at full sharpness: what is painted over on the page is painted over here, too."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from appliance.desk.pages.detect import Quad
from appliance.desk.pages.mask import GREY
from appliance.desk.pages.sheet import Box
from appliance.desk.pages.straighten import Matrix, move, turn_quad
from papers.opening import Picture

MARGIN = 0.15
"""How much of a box's height is painted around it: the way back from the page is not exact to the pixel."""


@dataclass(frozen=True, slots=True)
class AsFed:
    """The fed picture (of a photograph: the page cut out of it) and how the page was made of it.

    It was shrunk by `scale`, turned by `quarters` and squared by `matrix`.
    """

    picture: Picture
    scale: float
    quarters: int
    matrix: Matrix

    def hidden(self, boxes: Sequence[Box]) -> Picture:
        """Return the fed picture with boxes of the page painted over."""
        painted = self.picture.copy()
        for box in boxes:
            places = np.round(self._back(box)).astype(np.int32)
            cv2.fillConvexPoly(painted, places, GREY)
        return painted

    def _back(self, box: Box) -> Quad:
        x, y, width, height = box
        more = height * MARGIN
        left, top, right, bottom = x - more, y - more, x + width + more, y + height + more
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
        turned = move(corners, np.asarray(np.linalg.inv(self.matrix), np.float64))
        high, wide = (length * self.scale for length in self.picture.shape[:2])
        if self.quarters % 2:
            high, wide = wide, high
        return turn_quad(turned, -self.quarters, round(wide), round(high)) / self.scale
