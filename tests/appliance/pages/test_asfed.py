"""The picture as it was fed: what is hidden on the page is hidden on it, whichever way the sheet lay."""

import cv2
import numpy as np
import pytest

from appliance.desk.pages.asfed import AsFed
from appliance.desk.pages.mask import GREY
from appliance.desk.pages.straighten import turn
from tests.support.drawn_pages import paper

BOX = (300, 200, 400, 60)
INK = (10, 20, 200)
SKEW = np.array([[0.999, 0.03, -12.0], [-0.03, 0.999, 25.0], [0.0, 0.0, 1.0]])


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_a_box_of_the_page_is_found_again(quarters: int, scale: float) -> None:
    """Shrunk, turned, squared: every inked pixel of the box is painted over, and little beside it."""
    page = paper(1000, 1400)
    x, y, width, height = BOX
    page[y : y + height, x : x + width] = INK
    # The way the reader goes, backwards: out of the square, turned back, enlarged.
    lay = cv2.warpPerspective(page, np.linalg.inv(SKEW), (1060, 1460), borderValue=(255, 255, 255))
    fed = turn(np.asarray(lay, np.uint8), -quarters)
    fed = np.asarray(cv2.resize(fed, None, fx=1 / scale, fy=1 / scale), np.uint8)
    inked = np.all(np.abs(fed.astype(int) - INK) < 60, axis=2)
    painted = AsFed(fed, scale, quarters, SKEW).hidden([BOX])
    hidden = np.all(painted == GREY, axis=2)
    assert inked.sum() > 0.9 * width * height / scale**2
    assert not (inked & ~hidden).any()
    assert hidden.sum() < 1.6 * inked.sum()


def test_the_fed_picture_itself_stays() -> None:
    """Painting happens on a copy."""
    fed = paper(400, 400)
    AsFed(fed, 1.0, 0, np.eye(3)).hidden([BOX])
    assert not np.all(fed == GREY, axis=2).any()
