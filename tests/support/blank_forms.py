"""Made-up blank forms drawn with Latin letters, and the pages that a scanner or a camera makes of them."""

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from papers.blank import Blank, Zone, make_blank, size_at

Grey = npt.NDArray[np.uint8]
PAGE_MM = (105.0, 148.5)
"""A6: half as large as it is drawn, so that tests are quick."""
PRINT = """
NAME ADDRESS BIRTH NUMBER PERIOD LEVEL PHYSICIAN OFFICE TELEPHONE CONSENT RELATION INSURER
BRANCH SYMBOL HOSPITAL PLACE CONTACT REMARKS FILED RETURNED CHECKED ISSUED VALID UNTIL
"""
WORDS = tuple(PRINT.split())


@cache
def drawn(seed: int) -> Grey:
    """Draw a form of two columns with rules, labels and small print; another seed is another layout."""
    dice = np.random.default_rng(seed)
    sheet = Image.new("L", size_at((210.0, 297.0), 200), 255)
    pen = ImageDraw.Draw(sheet)
    pen.text((500, 80), "APPLICATION FOR RENEWAL", fill=20, font=ImageFont.load_default(60))
    y, words = 220, list(WORDS)
    dice.shuffle(words)
    while y < 1900 and words:
        height = int(dice.integers(60, 150))
        split = int(dice.integers(400, 1100))
        pen.rectangle((150, y, 1500, y + height), outline=30, width=3)
        pen.line((split, y, split, y + height), fill=60, width=2)
        label = ImageFont.load_default(int(dice.integers(22, 34)))
        pen.text((160, y + 10), words.pop(), fill=30, font=label)
        pen.text((split + 12, y + 10), words.pop() if words else "", fill=30, font=label)
        y += height
    for line in range(4):
        small = " ".join(str(word) for word in dice.choice(WORDS, 9)).lower()
        pen.text((150, 1990 + 50 * line), small, fill=60, font=ImageFont.load_default(22))
    return _halved(sheet)


@cache
def blank(seed: int, kind: str = "form_front") -> Blank:
    """Make a blank with one line and one choice of two."""
    zones = (
        Zone("name", "name", (35.0, 20.0, 40.0, 4.5)),
        Zone("sex", "is:1", (10.0, 30.0, 3.0, 3.0), "circle"),
        Zone("sex", "is:2", (15.0, 30.0, 3.0, 3.0), "circle"),
    )
    return make_blank(f"drawn-{seed}", kind, PAGE_MM, drawn(seed), zones)[0]


def filled(seed: int) -> Grey:
    """Write on a form, in places all over it."""
    sheet = Image.fromarray(drawn(seed))
    pen = ImageDraw.Draw(sheet)
    dice = np.random.default_rng(seed + 1000)
    for _ in range(14):
        at = (int(dice.integers(225, 600)), int(dice.integers(125, 925)))
        pen.text(at, "Taro 1234-567", fill=40, font=ImageFont.load_default(18))
    return np.asarray(sheet, np.uint8)


def _halved(sheet: Image.Image) -> Grey:
    small = sheet.resize(size_at(PAGE_MM, 200), Image.Resampling.BOX)
    return np.asarray(small, np.uint8)


def photographed(page: Grey, corners: tuple[tuple[float, float], ...]) -> npt.NDArray[np.uint8]:
    """Lay a page on a dark table and look at it: its corners fall on the given pixels of 850 x 1100."""
    height, width = page.shape
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.array(corners, np.float32))
    seen = cv2.warpPerspective(page, matrix, (850, 1100), flags=cv2.INTER_AREA, borderValue=60)
    shade = np.linspace(1.0, 0.65, seen.shape[1], dtype=np.float32)
    return np.asarray(np.repeat((seen * shade)[:, :, None], 3, axis=2), np.uint8)
