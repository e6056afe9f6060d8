"""Writes above a picture what it is: put together from a blank form, or without the blank it needs."""

from importlib.resources import files
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from papers.opening import Picture

RECONSTRUCTED: Final = (
    "復元した画像：印刷部分は白紙の様式、書き込みだけが紙から読み取ったものです。"
    " / Reconstructed: print from the blank form."
)
WITHOUT_BLANK: Final = (
    "書き込みだけの画像：この様式の白紙がここにありません。"
    " / Added ink only: the blank form is not here."
)
_HEIGHT: Final = 44
_SIZE: Final = 22
_INK: Final = (255, 255, 255)
_GROUND: Final = (0, 23, 193)


class Notices:
    """Holds the letters; made before a process is confined, for it opens their file."""

    def __init__(self) -> None:
        font = files("noto_cjk_sans_jp_regular") / "NotoSansCJKjp-Regular.otf"
        self._strips = {text: _strip(text, str(font)) for text in (RECONSTRUCTED, WITHOUT_BLANK)}

    def above(self, picture: Picture, text: str) -> Picture:
        """Put one of the two notices above an RGB picture."""
        strip, width = self._strips[text], picture.shape[1]
        ground = np.empty((_HEIGHT, width, 3), np.uint8)
        ground[:] = _GROUND
        shared = min(width, strip.shape[1])
        ground[:, :shared] = strip[:, :shared]
        return np.vstack([ground, picture])


def _strip(text: str, font: str) -> Picture:
    letters = ImageFont.truetype(font, _SIZE)
    width = int(letters.getlength(text)) + _HEIGHT
    image = Image.new("RGB", (width, _HEIGHT), _GROUND)
    ImageDraw.Draw(image).text((_HEIGHT // 4, _HEIGHT // 8), text, font=letters, fill=_INK)
    return np.asarray(image, np.uint8)
