"""Finding the sheet inside a window that was filled with white."""

import numpy as np
import pytest

from hardware.scanner.trim import trim

WINDOW = 1200
DPI = 60  # A4 is 496 x 702 pixels here: small pictures, the same rules


def window_with(sheet: "np.typing.NDArray[np.uint8]") -> "np.typing.NDArray[np.uint8]":
    """Pad a sheet as the backend does."""
    window = np.full((WINDOW, WINDOW, 3), 255, np.uint8)
    window[: sheet.shape[0], : sheet.shape[1]] = sheet
    return window


def page(*marks: tuple[slice, slice]) -> "np.typing.NDArray[np.uint8]":
    """Draw a pure white A4 page with black rectangles on it."""
    white = np.full((702, 496, 3), 255, np.uint8)
    for rows, columns in marks:
        white[rows, columns] = 0
    return white


@pytest.mark.parametrize("size", [(1, 1), (33, 700), (702, 496), (1200, 1200), (47, 1200)])
def test_ok__a_grey_sheet_keeps_its_size(size: tuple[int, int]) -> None:
    """Rows and columns come back exactly, down to one pixel and up to the whole window."""
    assert trim(window_with(np.full((*size, 3), 250, np.uint8)), DPI).shape[:2] == size


def test_ok__one_channel_off_white_is_paper() -> None:
    """Yellowish paper is not padding."""
    sheet = np.full((90, 80, 3), 255, np.uint8)
    sheet[:, :, 2] = 254
    assert trim(window_with(sheet), DPI).shape == (90, 80, 3)


def test_ok__a_white_sheet_is_a_blank_a4() -> None:
    """Nothing inked gives the paper it most likely was."""
    assert trim(window_with(page()), DPI).shape == (702, 496, 3)


def test_ok__a_page_with_white_margins_keeps_them() -> None:
    """The edge of the print is not the edge of the paper."""
    text = page((slice(50, 600, 8), slice(40, 430)))
    assert trim(window_with(text), DPI).shape == (702, 496, 3)


def test_ok__a_table_frame_is_no_paper_edge() -> None:
    """A thin long line at the margin does not cut the page."""
    frame = page((slice(20, 680), slice(470, 472)), (slice(678, 680), slice(20, 472)))
    assert trim(window_with(frame), DPI).shape == (702, 496, 3)


def test_ok__a_landscape_page_with_white_margins_keeps_them() -> None:
    """The other way round is tried as well."""
    text = np.full((496, 702, 3), 255, np.uint8)
    text[30:400:8, 40:650] = 0
    assert trim(window_with(text), DPI).shape == (496, 702, 3)


def test_ok__a_true_right_edge_is_kept_while_the_bottom_is_guessed() -> None:
    """Each side is judged by itself."""
    sheet = page((slice(0, 702), slice(400, 490)), (slice(600, 604), slice(0, 490)))
    sheet[650:] = 255
    assert trim(window_with(sheet[:, :490]), DPI).shape[1] == 490


def test_ok__print_larger_than_every_format_keeps_its_own_size() -> None:
    """Where no paper fits, the inked part is what there is."""
    wide = np.full((1200, 1190, 3), 255, np.uint8)
    wide[10:1200:20, 0:1190:7] = 0
    assert trim(window_with(wide), DPI).shape[:2] == (1191, 1184)
