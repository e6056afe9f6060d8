"""What lies under a photographed page: mats, boards, cloth, and now and then a pen or another sheet."""

from random import Random

import cv2
import numpy as np
import numpy.typing as npt

TABLES = ("mat", "wood", "laminate", "white", "cloth", "steel", "lap")
TONES = {
    "mat": ((38, 44, 42), (60, 66, 72)),
    "wood": ((150, 106, 66), (196, 152, 104)),
    "laminate": ((186, 184, 178), (214, 206, 192)),
    "white": ((232, 232, 230), (246, 246, 244)),
    "cloth": ((70, 84, 120), (150, 120, 110)),
    "steel": ((140, 146, 150), (176, 180, 184)),
    "lap": ((50, 54, 72), (92, 84, 76)),
}


def table(
    kind: str, size: tuple[int, int], rng: Random, grain: np.random.Generator, *, litter: bool
) -> npt.NDArray[np.uint8]:
    """Paint a table of this kind (RGB, height x width)."""
    width, height = size
    tone = np.array(rng.choice(TONES[kind]), np.float32)
    rough = grain.standard_normal((height // 24 + 2, width // 24 + 2), np.float32)
    soft = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
    cloud = np.asarray(soft * 4, np.float32)
    if kind == "wood":
        bands = grain.standard_normal((height // 6 + 2, max(2, width // 500)), np.float32)
        fibre = cv2.resize(bands, (width, height), interpolation=cv2.INTER_CUBIC)
        cloud = np.asarray(cloud + fibre * 9, np.float32)
    if kind in {"cloth", "lap"}:
        y, x = np.mgrid[0:height, 0:width]
        cloud = np.asarray(cloud + ((x // 5 + y // 5) % 2) * 9 - 4, np.float32)
    if kind == "mat" and rng.random() < 0.4:  # noqa: PLR2004 - some mats have a printed grid
        cloud[:: rng.randrange(150, 240)] += 40
        cloud[:, :: rng.randrange(150, 240)] += 40
    out = np.asarray(np.clip(tone + cloud[:, :, None], 0, 255), np.uint8)
    if litter:
        _litter(out, rng)
    return out


def _litter(out: npt.NDArray[np.uint8], rng: Random) -> None:
    """Lay a pen and perhaps another sheet on the table."""
    height, width = out.shape[:2]
    if rng.random() < 0.5:  # noqa: PLR2004 - now and then another sheet peeps out
        middle = (rng.choice((0, width)), rng.randrange(height))
        box = cv2.boxPoints((middle, (width * 0.5, height * 0.4), rng.uniform(-40, 40)))
        cv2.fillPoly(out, [box.astype(np.int32)], (236, 234, 228))
    start = (rng.randrange(width), rng.choice((20, height - 20)))
    end = (start[0] + rng.randrange(-700, 700), start[1] + rng.randrange(-500, 500))
    cv2.line(
        out,
        start,
        end,
        rng.choice(((20, 20, 24), (30, 50, 140), (180, 30, 34))),
        rng.randrange(26, 44),
    )
