"""Spoils pictures of sample pages, and says by their truth files whether what was done costs anybody something.

Softness and shaking are measured on the paper (millimetres), so that a scan and a photograph suffer alike. Where the
line between harmless and costly lies was measured with the reader: `bench gate DIR --read`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np

from bench._capture_truth import Capture
from papers.opening import Picture

Cost = Literal["costs", "nothing lost", "harmless"]
HARMLESS_SOFT, COSTLY_SOFT = (0.12,), (0.35, 0.5)
"""Standard deviation of the blur."""
HARMLESS_SHAKEN, COSTLY_SHAKEN = (0.4,), (1.1, 1.6, 2.5)
"""Length of the movement."""
ANGLES = (0, 90, 45, 135)
COSTLY_DPI, HARMLESS_DPI = (50, 75), (150,)
CUT_SHARES = (0.2, 0.1)
SIDES = ("left", "right", "head", "foot")
ASKEW = 14
MM = 25.4
PALE = (235, 235, 235)


@dataclass(frozen=True)
class Spoiled:
    """A spoiled picture. "nothing lost" is a cut through white paper: worth telling, but no harm."""

    name: str
    cost: Cost
    picture: Picture


def spoil(capture: Capture, picture: Picture, turn: int) -> Iterator[Spoiled]:
    """Spoil one picture in every way; `turn` varies the directions from picture to picture."""
    mm = per_mm(capture)
    for level in (*HARMLESS_SOFT, *COSTLY_SOFT):
        cost: Cost = "harmless" if level in HARMLESS_SOFT else "costs"
        yield Spoiled(f"soft {level} mm", cost, soft(picture, level * mm))
    for step, level in enumerate((*HARMLESS_SHAKEN, *COSTLY_SHAKEN)):
        angle = ANGLES[(turn + step) % len(ANGLES)]
        cost = "harmless" if level in HARMLESS_SHAKEN else "costs"
        yield Spoiled(f"shaken {level} mm", cost, shaken(picture, level * mm, angle))
    if capture.dpi:
        yield from _fed_badly(capture, picture, mm)
    else:
        yield _mirrored(capture, picture, mm)
    for share in CUT_SHARES:
        for side in SIDES:
            yield _cut(capture, picture, side, share)


def per_mm(capture: Capture) -> float:
    """Pixels a millimetre of the paper has on a picture, on average."""
    matrix = np.array(capture.shot["H_mm_to_px"])
    return float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))


def soft(picture: Picture, sigma: float) -> Picture:
    """Blur evenly."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def shaken(picture: Picture, length: float, degrees: float) -> Picture:
    """Blur along one direction only."""
    side, fine = max(3, int(np.ceil(length)) | 1), 8
    way = np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))]) * length * fine / 2
    middle = side * fine / 2
    line = np.zeros((side * fine, side * fine), np.uint8)
    first, last = ((round(float(x)), round(float(y))) for x, y in (middle - way, middle + way))
    cv2.line(line, first, last, (255,), fine)
    kernel = cv2.resize(line, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.uint8)


def _fed_badly(capture: Capture, picture: Picture, mm: float) -> Iterator[Spoiled]:
    """Spoil a scan: too few dots, askew."""
    for dpi in (*HARMLESS_DPI, *COSTLY_DPI):
        scale = dpi / MM / mm
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        cost: Cost = "harmless" if dpi in HARMLESS_DPI else "costs"
        yield Spoiled(f"{dpi} dpi", cost, np.asarray(small, np.uint8))
    height, width = picture.shape[:2]
    degrees = ASKEW if capture.shot.get("skew_deg", 0) <= 0 else -ASKEW
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    yield Spoiled(
        f"askew {ASKEW} degrees",
        "costs",
        np.asarray(cv2.warpAffine(picture, turn, (width, height), borderValue=PALE), np.uint8),
    )


def _mirrored(capture: Capture, picture: Picture, mm: float) -> Spoiled:
    """Mirror a lamp in the middle of a photographed page; it costs where print or writing lies under it."""
    written = _places(capture)
    middle = written.mean(axis=(0, 1))
    axes = np.ptp(written.reshape(-1, 2), axis=0) / 8
    light = np.zeros(picture.shape[:2], np.float32)
    at, half = (tuple(round(float(v)) for v in pair) for pair in (middle, axes))
    cv2.ellipse(light, at, half, 20, 0, 360, (1,), -1)
    bright = np.asarray(cv2.GaussianBlur(light, (0, 0), 2 * mm), np.float32)[:, :, None]
    under = np.hypot(*((written.mean(axis=1) - middle) / axes).T) < 1
    cost: Cost = "costs" if under.any() else "nothing lost"
    lit = np.asarray(picture * (1 - bright) + 255 * bright, np.uint8)
    return Spoiled("mirrored", cost, lit)


def _cut(capture: Capture, picture: Picture, side: str, share: float) -> Spoiled:
    """Cut a share off; of a photograph, off the page on it and all that lies beside that share."""
    height, width = picture.shape[:2]
    low, high = np.zeros(2), np.array([width, height], float)
    if not capture.dpi:
        corners = np.array(capture.shot["corners_px"], float)
        low, high = corners.min(axis=0), corners.max(axis=0)
    left, top, right, bottom = 0, 0, width, height
    x, y = np.rint((high - low) * share).astype(int)
    match side:
        case "left":
            left = round(float(low[0])) + int(x)
        case "right":
            right = round(float(high[0])) - int(x)
        case "head":
            top = round(float(low[1])) + int(y)
        case _:
            bottom = round(float(high[1])) - int(y)
    written = _places(capture)
    inside = (written >= [left, top]).all() and (written <= [right, bottom]).all()
    cost: Cost = "nothing lost" if inside else "costs"
    return Spoiled(f"cut {share:.0%}", cost, np.ascontiguousarray(picture[top:bottom, left:right]))


def _places(capture: Capture) -> Any:
    """Where everything printed or written stands on the picture: (n, 4 corners, 2) in pixels."""
    told = [text["bbox_mm"] for text in capture.sample["texts"]]
    told += [entry["bbox_mm"] for entry in capture.sample["fields"].values()]
    boxes = np.array(told, float)
    x, y, width, height = boxes.T
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    places = np.stack([np.stack(corner, axis=1) for corner in corners], axis=1)
    matrix = np.array(capture.shot["H_mm_to_px"], float)
    moved = cv2.perspectiveTransform(places.reshape(1, -1, 2), matrix)
    return moved.reshape(-1, 4, 2)
