"""What a sheet scanner makes of a drawn page: a margin of tray, a little skew, some grain, JPEG."""

from math import cos, radians, sin
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageChops

from provisioning.demo.samples.paper import DPI, px

TRAY = (246, 246, 244)
MARGIN_MM = 1.5
STEEPEST_DEGREES = 0.6
GRAIN = 5
QUALITY = 90
_TILE = 256


class Capture:
    """A simulated pass through the feeder; the same seed gives the same pictures."""

    def __init__(self, random: Random) -> None:
        self._random = random
        grain = np.random.default_rng(random.getrandbits(32)).integers(
            0, GRAIN, (_TILE, _TILE), np.uint8
        )
        self._tile = Image.fromarray(grain, "L")
        self._grain: dict[tuple[int, int], Image.Image] = {}

    def write(self, page: Image.Image, file: Path) -> None:
        """Scan one page to a JPEG file."""
        margin = px(MARGIN_MM)
        size = (page.width + 2 * margin, page.height + 2 * margin)
        angle = radians(self._random.uniform(-STEEPEST_DEGREES, STEEPEST_DEGREES))
        c, s = cos(angle), sin(angle)
        x, y = size[0] / 2, size[1] / 2
        shift = (x - c * x - s * y - margin, y + s * x - c * y - margin)
        turned = page.transform(
            size,
            Image.Transform.AFFINE,
            (c, s, shift[0], -s, c, shift[1]),
            Image.Resampling.BILINEAR,
            fillcolor=TRAY,
        )
        grain = self._grain_of(size)
        grainy = ImageChops.subtract(turned, Image.merge("RGB", (grain, grain, grain)))
        grainy.save(file, "JPEG", quality=QUALITY, dpi=(DPI, DPI), subsampling=0)

    def _grain_of(self, size: tuple[int, int]) -> Image.Image:
        if size not in self._grain:
            whole = Image.new("L", size)
            for x in range(0, size[0], _TILE):
                for y in range(0, size[1], _TILE):
                    whole.paste(self._tile, (x, y))
            self._grain[size] = whole
        return self._grain[size]
