"""A drawn page with lines of figures, as crisp as a scan: for tests that must see writing survive."""

import cv2
import numpy as np

from papers.opening import Picture

LINES = 14
LINE_PX = 48


def written_page(
    width: int = 900,
    height: int = 1200,
    *,
    ink: tuple[int, int, int] = (25, 25, 30),
    rows: range = range(LINES),
    seed: int = 7,
    grain: int = 4,
) -> Picture:
    """Draw lines of made-up figures on slightly uneven paper; `rows` says which of them, `grain` how uneven."""
    random = np.random.default_rng(seed)
    page = np.full((height, width, 3), 244, np.uint8)
    for row in range(LINES):
        word = "".join(str(figure) for figure in random.integers(0, 10, 18))
        if row in rows:
            cv2.putText(
                page,
                word,
                (60, 90 + row * LINE_PX),
                cv2.FONT_HERSHEY_SIMPLEX,
                1.0,
                ink,
                2,
                cv2.LINE_AA,
            )
    specks = random.integers(-grain, grain + 1, page.shape)
    return np.clip(page.astype(int) + specks, 0, 255).astype(np.uint8)


def box_of(row: int) -> tuple[int, int, int, int]:
    """Return the box (x, y, width, height) of a line."""
    return 50, 60 + row * LINE_PX, 420, 40
