"""The quality gate: each reason on a drawn page, and none on a good one."""

import cv2
import numpy as np
import pytest

from appliance.desk.pages import gate
from appliance.desk.pages.detect import Quad
from papers.opening import Picture

WIDTH, HEIGHT, LINE = 1000, 1400, 40
ROWS = range(100, 1300, 60)


def written() -> tuple[Picture, list[Quad]]:
    """Draw lines of writing, and give the box of each."""
    left, page = 80, np.full((HEIGHT, WIDTH, 3), 225, np.uint8)
    quads: list[Quad] = []
    for row in ROWS:
        cv2.putText(page, "HKW 0371 MEZA 58", (left, row), 0, 1.1, (30, 30, 30), 2, cv2.LINE_AA)
        corners = [
            [left, row - 30],
            [left + 560, row - 30],
            [left + 560, row + 10],
            [left, row + 10],
        ]
        quads.append(np.array(corners, np.float32))
    return page, quads


def codes(page: Picture, quads: list[Quad], glare: float = 0.0, degrees: float = 0.0) -> list[str]:
    """Return the reasons a page is refused for."""
    turn = np.vstack([cv2.getRotationMatrix2D((0, 0), degrees, 1), [0, 0, 1]])
    return [each.code for each in gate.refusals(gate.measure(page, page, quads, glare, turn))]


def test_a_good_page_passes() -> None:
    """Sharp, whole, upright: nothing to say."""
    assert codes(*written()) == []


def test_soft_writing_is_told() -> None:
    """Strokes that run together."""
    page, quads = written()
    assert codes(np.asarray(cv2.GaussianBlur(page, (0, 0), 6), np.uint8), quads) == ["blurred"]


def test_shaken_writing_is_told() -> None:
    """Sharp along the movement, soft across: the softer way counts."""
    page, quads = written()
    assert codes(np.asarray(cv2.blur(page, (18, 1)), np.uint8), quads) == ["blurred"]


def test_small_writing_is_told() -> None:
    """Too few pixels for kanji."""
    page, quads = written()
    small = np.asarray(cv2.resize(page, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA))
    assert "coarse" in codes(np.asarray(small, np.uint8), [quad * 0.3 for quad in quads])


def test_cut_writing_is_told() -> None:
    """The rules of a table run out of the picture at its left edge."""
    page, quads = written()
    for row in ROWS[::4]:
        page[row + 16 : row + 20, :600] = 40
    assert codes(page, quads) == ["cut_off"]


def test_a_streak_is_no_cut_writing() -> None:
    """The scanner's dust draws one line from edge to edge."""
    page, quads = written()
    page[:, 700:704] = 60
    assert codes(page, quads) == []


def test_the_scanners_backing_is_no_cut_writing() -> None:
    """A dark margin beside the sheet is wide."""
    page, quads = written()
    page[:, :40] = 20
    assert codes(page, quads) == []


@pytest.mark.parametrize(("degrees", "told"), [(3.0, []), (14.0, ["skewed"])])
def test_a_sheet_fed_askew_is_told(degrees: float, told: list[str]) -> None:
    """A few degrees are put right; many lose the corners."""
    assert codes(*written(), degrees=degrees) == told


@pytest.mark.parametrize("angle", range(0, 180, 30))
def test_shaken_any_way_is_told(angle: int) -> None:
    """Along the lines, across them, or slanting."""
    page, quads = written()
    sweep = np.zeros((13, 13), np.float32)
    step = 6 * np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
    cv2.line(sweep, tuple(np.rint(6 - step).astype(int)), tuple(np.rint(6 + step).astype(int)), 1.0)
    shaken = cv2.filter2D(page, -1, sweep / sweep.sum())
    assert codes(np.asarray(shaken, np.uint8), quads) == ["blurred"]


def test_pale_writing_is_not_soft() -> None:
    """A pencil is sharp."""
    page, quads = written()
    assert codes(np.asarray(225 - (225 - page.astype(int)) // 3, np.uint8), quads) == []


def test_a_page_with_little_writing_is_not_judged_by_it() -> None:
    """Two words are too little to know what is soft."""
    page, quads = written()
    page[ROWS[2] - 40 :] = 225
    assert codes(np.asarray(cv2.GaussianBlur(page, (0, 0), 6), np.uint8), quads[:2]) == []


def test_a_page_full_of_blots_is_told() -> None:
    """So soft that no line of writing is found any more."""
    page, _ = written()
    assert codes(np.asarray(cv2.GaussianBlur(page, (0, 0), 14), np.uint8), []) == ["blurred"]


def test_a_scan_that_lacks_a_piece_is_told() -> None:
    """Cut through white paper: no stroke is cut, but the sheet is too short for its width."""
    page, quads = written()
    found = gate.measure(page, page, quads, size_mm=(214.0, 241.0))
    told = gate.refusals(found)
    assert [each.code for each in told] == ["cut_off"]
    assert "297 mm" in told[0].sentence
    assert "241 mm" in told[0].sentence


def test_a_mirror_of_the_lamp_is_told() -> None:
    """A solid saturated patch in the middle of the paper."""
    page, quads = written()
    cv2.ellipse(page, (450, 700), (140, 110), 0, 0, 360, (255, 255, 255), -1)
    assert codes(page, quads, gate.glare_share(page)) == ["glare"]


def test_a_stripe_of_sun_is_no_mirror() -> None:
    """It runs over the edge of the page, and the writing stays readable in it."""
    page, quads = written()
    page[300:420, :] = np.clip(page[300:420, :].astype(int) + 60, 0, 255)
    assert codes(page, quads, gate.glare_share(page)) == []


def test_white_paper_shows_no_glare() -> None:
    """Where the paper is saturated itself, nothing can be told."""
    assert gate.glare_share(np.full((HEIGHT, WIDTH, 3), 255, np.uint8)) == 0.0


def test_an_empty_cell_in_the_sun_is_no_mirror() -> None:
    """It is saturated to its rules, and nothing that anybody wrote is lost."""
    page, _ = written()
    page[500:900, 200:800] = 40
    page[510:890, 210:790] = 255
    assert gate.glare_share(page) == 0.0
