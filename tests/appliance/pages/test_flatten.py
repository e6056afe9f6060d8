"""Photographed pages made flat: cut out, squared, evenly lit, and never cut where the corners are unsure."""

import cv2
import numpy as np
import pytest

from appliance.desk.pages.edges import Page, find_page
from appliance.desk.pages.flatten import even_light, flat_page, square
from tests.support.photographed import Photo, Scene, photograph

SCENE = Scene(table="wood", turn=5, tilt=10, curl_mm=2, shadow=True, size=(972, 1296))


@pytest.fixture(scope="module")
def photo() -> Photo:
    """Return a curled form in a shadow on wood."""
    return photograph(SCENE, seed=11)


@pytest.fixture(scope="module")
def found(photo: Photo) -> Page:
    """Return its page."""
    return find_page(photo.picture)


def test_ok__a_squared_page_has_the_paper_s_shape(photo: Photo, found: Page) -> None:
    """Height over width of A4, within three in a hundred."""
    height, width = square(photo.picture, found).shape[:2]
    assert height / width == pytest.approx(297 / 210, rel=0.03)


def test_ok__nothing_of_the_table_is_left(photo: Photo, found: Page) -> None:
    """Brown wood at the border would show as colour; white paper has none."""
    flat = square(photo.picture, found).astype(int)
    border = np.concatenate([flat[6], flat[-7], flat[:, 6], flat[:, -7]])
    assert float(np.median(border[:, 0] - border[:, 2])) < 12


def test_ok__a_curl_s_bow_is_taken_out(photo: Photo, found: Page) -> None:
    """The page's upper edge bows; squared along its edges, nothing of the table is seen there."""
    bent = Page(found.corners)
    assert found.edges is not None
    straight, flat = square(photo.picture, found), square(photo.picture, bent)
    middle = slice(flat.shape[1] // 3, 2 * flat.shape[1] // 3)
    worst_flat = min(flat[2, middle].mean(), flat[-3, middle].mean())
    worst_straight = min(straight[2, middle].mean(), straight[-3, middle].mean())
    assert worst_straight > worst_flat + 10


def test_ok__a_shadow_leaves_the_paper() -> None:
    """Paper in light and in shadow comes out equally bright, writing stays dark, tint stays."""
    page = np.full((800, 600, 3), (240, 230, 200), np.uint8)
    cv2.putText(page, "0123", (320, 420), cv2.FONT_HERSHEY_SIMPLEX, 3, (20, 20, 20), 6)
    page[:, 300:] = (page[:, 300:] * 0.5).astype(np.uint8)
    even = even_light(page).astype(int)
    lit, dark = np.median(even[:, 40:260], axis=(0, 1)), np.median(even[:, 340:], axis=(0, 1))
    assert np.abs(lit - dark).max() <= 6
    assert even[:, 340:].min() < 90
    assert lit[0] - lit[2] > 25


def test_ok__a_finger_is_not_bleached_to_paper() -> None:
    """What covers the page is still seen to cover it."""
    page = np.full((800, 600, 3), 240, np.uint8)
    cv2.circle(page, (300, 800), 120, (205, 150, 115), -1)
    finger = even_light(page)[760, 300].astype(int)
    assert finger[0] - finger[2] > 60


def test_fail__unsure_corners_cut_nothing() -> None:
    """The photograph comes back whole, with a sentence."""
    flat = flat_page(np.full((600, 800, 3), 200, np.uint8))
    assert not flat.found
    assert flat.picture.shape == (600, 800, 3)
    assert [one.code for one in flat.told] == ["edges_unclear"]


def test_fail__a_page_without_corners_cannot_be_squared() -> None:
    """The caller is told what to ask first."""
    with pytest.raises(ValueError, match="find_page"):
        square(np.zeros((10, 10, 3), np.uint8), Page(None, "no_page"))
