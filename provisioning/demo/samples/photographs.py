"""What a document camera sees: drawn pages on a dark mat, one after the other, and at the end the bare mat."""

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from provisioning.demo.samples.paper import Fonts
from provisioning.demo.samples.people import Person, make_people
from provisioning.demo.samples.stack import Press

Picture = npt.NDArray[Any]

SIZE = (3264, 2448)
"""Width and height of a frame: eight megapixels, as document cameras give."""
FILL = 0.86
"""Share of the frame that the page takes along its tighter side."""
ASKEW = 0.012
"""Most that a corner lies off its place, as a share of the frame's height."""
MAT = (46, 56, 50)
GRAIN = 3.0
QUALITY = 88
SEED_APART = 1_000_003
"""Added to the stack's seed: whoever comes to the camera is nobody of the stack."""


def make_photographs(folder: Path, *, seed: int, today: date, font: Path | None = None) -> Person:
    """Photograph one resident's papers into `folder`, as JPEG files in the order they are laid down."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.jpg"):
        old.unlink()
    random = Random(seed + SEED_APART)  # noqa: S311 -- a repeatable drawing, no secret
    (person,) = make_people(random, 1, today)
    press = Press(Fonts(font), today)
    for number, kind in enumerate(person.kinds, 1):
        page = np.asarray(press.page(person, kind).convert("RGB"))
        _write(folder / f"{number}-{kind}.jpg", photograph(page, random))
    _write(folder / "9-mat.jpg", _grainy(_mat(), random))
    return person


def photograph(page: Picture, random: Random) -> Picture:
    """Lay a page on the mat, a little askew, under light that comes from one side."""
    if page.shape[0] > page.shape[1]:
        page = np.rot90(page)  # as it lies before somebody who stands at the camera's long side
    scale = min(SIZE[0] * FILL / page.shape[1], SIZE[1] * FILL / page.shape[0])
    small = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    left, top = (SIZE[0] - width) / 2, (SIZE[1] - height) / 2
    off = ASKEW * SIZE[1]
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = flat + np.array([left, top], np.float32)
    seen += np.array([[random.uniform(-off, off) for _ in range(2)] for _ in range(4)], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, seen)
    laid = _mat()
    cv2.warpPerspective(small, matrix, SIZE, laid, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
    light = np.linspace(random.uniform(0.88, 0.96), 1.0, SIZE[0], dtype=np.float32)
    if random.random() < 0.5:  # noqa: PLR2004 -- either side
        light = light[::-1]
    return _grainy(laid * light[None, :, None], random)


def _mat() -> Picture:
    return np.full((SIZE[1], SIZE[0], 3), MAT, np.uint8)


def _grainy(picture: Picture, random: Random) -> Picture:
    chance = np.random.default_rng(random.getrandbits(32))
    grain = chance.normal(0, GRAIN, (SIZE[1], SIZE[0], 1)).astype(np.float32)
    return np.asarray(np.clip(picture + grain, 0, 255), np.uint8)


def _write(file: Path, picture: Picture) -> None:
    if not cv2.imwrite(str(file), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY]):
        raise OSError(f"samples: {file} cannot be written; look at the folder's disk")
