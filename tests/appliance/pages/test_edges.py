"""Page corners in photographs: found to the pixel, or said to be unsure."""

from dataclasses import replace

import numpy as np
import pytest

from appliance.desk.pages.edges import find_page
from tests.support.photographed import Photo, Scene, photograph

SIZE = (648, 864)
LYING = (864, 648)
SCENES = {
    "form on a mat": Scene(table="mat", turn=4, tilt=9, size=SIZE),
    "form on wood with a finger": Scene(table="wood", turn=-6, tilt=6, fingers=1, size=SIZE),
    "certificate on laminate": Scene(
        "certificate", "laminate", turn=3, tilt=8, tint=(246, 236, 205), size=LYING
    ),
    "curled form in a shadow": Scene(table="mat", curl_mm=2, shadow=True, size=SIZE),
}


def farthest(photo: Photo, corners: "np.typing.NDArray[np.float32]") -> float:
    """Return how far the worst corner is off, in pixels."""
    return float(np.linalg.norm(corners - photo.corners, axis=1).max())


@pytest.mark.parametrize("name", SCENES)
def test_ok__the_corners_of_a_page_are_found(name: str) -> None:
    """Every corner within six pixels of the true one."""
    photo = photograph(SCENES[name], seed=7)
    found = find_page(photo.picture)
    assert found.reason == ""
    assert found.corners is not None
    assert farthest(photo, found.corners) < 6


@pytest.mark.parametrize("side", ["top"])
def test_fail__a_page_that_goes_on_beyond_the_picture_has_no_corners(side: str) -> None:
    """Half a page is never taken for a page."""
    photo = photograph(SCENES["form on a mat"], seed=7)
    middle = photo.corners.mean(axis=0).astype(int)
    cut = photo.picture[middle[1] - 130 :] if side == "top" else photo.picture[:, middle[0] - 70 :]
    assert find_page(np.ascontiguousarray(cut)).corners is None


@pytest.mark.parametrize("table", ["wood", "white"])
def test_fail__an_empty_table_has_no_page(table: str) -> None:
    """A page far smaller than any page we take stands for none."""
    photo = photograph(Scene("small", table, fill=0.05, written=False, size=SIZE), seed=3)
    assert find_page(photo.picture).corners is None


def test_fail__a_thick_frame_is_no_page() -> None:
    """A page that fills the whole picture shows only its printed frame, which is not its edge."""
    scene = replace(SCENES["form on a mat"], fill=1.5, turn=0, tilt=0)
    assert find_page(photograph(scene, seed=2).picture).corners is None


def test_fail__one_colour_all_over_has_no_page() -> None:
    """Nothing to see is said, not guessed."""
    assert find_page(np.full((600, 800, 3), 200, np.uint8)).reason == "no_page"
