"""What a camera over a table makes of a page: pose, curl, table, light, fingers, blur, noise, JPEG."""

from dataclasses import dataclass
from random import Random
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from bench.pagemaker.scan import Picture, corners, jpeg
from bench.pagemaker.table import TABLES, table

Real = npt.NDArray[np.float32]
LONG, SHORT = 2592, 1944
PAD_MM = 8.0
SKINS = ((222, 172, 140), (196, 140, 104), (240, 196, 168), (150, 104, 78))


@dataclass
class _Scene:
    """The picture as it is built, in linear RGB 0..255."""

    out: Real
    to_px: npt.NDArray[np.float64]
    hard: float
    flags: dict[str, bool]
    rng: Random
    fingers: npt.NDArray[np.uint8]


def photo(
    page: Picture, page_mm: tuple[float, float], rng: Random
) -> tuple[bytes, dict[str, Any], Picture]:
    """Take a picture of a clean RGB page; tells the corners, and as a mask where fingers cover it."""
    grain = np.random.default_rng(rng.getrandbits(32))
    hard = rng.choice((0.3, 0.5, 0.7, 0.9))
    turn = rng.choice((0,) * 8 + (90, 180, 270, 180))
    wide = (page_mm[0] > page_mm[1]) != (turn in {90, 270})
    size = (LONG, SHORT) if wide else (SHORT, LONG)
    flags = {
        "finger": rng.random() < 0.25 + 0.3 * hard,
        "shadow": rng.random() < 0.2 + 0.5 * hard,
        "sun": rng.random() < 0.4 * hard,
        "glare": rng.random() < 0.45 * hard,
        "curl": rng.random() < 0.3 + 0.4 * hard,
        "motion": rng.random() < 0.25,  # noqa: PLR2004 - a quarter of hands shake
        "other": rng.random() < 0.5 * hard,
    }
    kind = rng.choice(TABLES)
    to_px = _pose(page_mm, size, turn, hard, rng)
    ground = table(kind, size, rng, grain, litter=flags["other"]).astype(np.float32)
    sheet, alpha = _sheet(page, page_mm, to_px, size, rng, curl=flags["curl"])
    shade = cv2.GaussianBlur(np.roll(alpha, (14, 10), (0, 1)), (0, 0), 14)
    ground *= (1 - 0.45 * shade)[:, :, None]
    out = ground * (1 - alpha[:, :, None]) + sheet * alpha[:, :, None]
    empty = np.zeros(out.shape[:2], np.uint8)
    scene = _Scene(np.asarray(out, np.float32), to_px, hard, flags, rng, empty)
    _light(scene)
    if flags["finger"]:
        _fingers(scene, page_mm)
    picture, quality = _camera(scene, grain)
    told = {
        "size": list(size),
        "corners_px": corners(to_px, page_mm),
        "H_mm_to_px": np.round(to_px, 8).tolist(),
        "kind": "photo",
        "hard": hard,
        "rot": turn,
        "background": kind,
        "flags": flags,
        "px_per_mm": round(float(np.sqrt(abs(np.linalg.det(to_px[:2, :2])))), 2),
        "camera_jpeg_q": quality,
    }
    return jpeg(picture, quality), told, scene.fingers


def _pose(
    page_mm: tuple[float, float], size: tuple[int, int], turn: int, hard: float, rng: Random
) -> npt.NDArray[np.float64]:
    """Hold the camera over the page: distance, tilt, and how the page was turned."""
    width, height = page_mm
    flat = (height, width) if turn in {90, 270} else (width, height)
    fill = rng.uniform(0.8, 0.95)
    scale = min(size[0] / flat[0], size[1] / flat[1]) * fill
    tilt = np.deg2rad(rng.gauss(0, 2.5 + 3 * hard))
    half = (
        np.array(
            [[-flat[0], -flat[1]], [flat[0], -flat[1]], [flat[0], flat[1]], [-flat[0], flat[1]]]
        )
        / 2
        * scale
    )
    spin = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    lean = np.array([rng.gauss(0, 0.05 + 0.06 * hard), rng.gauss(0, 0.05 + 0.06 * hard)]) / max(
        size
    )
    placed = half @ spin.T
    placed = placed / (1 + placed @ lean)[:, None]
    room = (np.array(size) - (placed.max(0) - placed.min(0))) / 2 - 12
    off = np.array([rng.uniform(-0.8, 0.8), rng.uniform(-0.8, 0.8)]) * np.maximum(room, 0)
    placed = placed - (placed.max(0) + placed.min(0)) / 2 + np.array(size) / 2 + off
    placed = np.roll(placed, -(turn // 90), 0)
    page = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(page, placed.astype(np.float32)), np.float64)


def _sheet(
    page: Picture,
    page_mm: tuple[float, float],
    to_px: npt.NDArray[np.float64],
    size: tuple[int, int],
    rng: Random,
    *,
    curl: bool,
) -> tuple[Real, Real]:
    """Lay the page into the picture, bent where it curls (its corners stay where they are told)."""
    scale = page.shape[1] / page_mm[0]
    pad = round(PAD_MM * scale)
    padded = cv2.copyMakeBorder(page, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    mask = np.zeros(padded.shape[:2], np.uint8)
    mask[pad:-pad, pad:-pad] = 255
    if curl:
        padded, mask = _bent(padded, mask, pad, scale, rng)
    matrix = to_px @ np.array(
        [[1 / scale, 0, -pad / scale], [0, 1 / scale, -pad / scale], [0, 0, 1.0]]
    )
    ratio = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    if ratio < 0.9:  # noqa: PLR2004 - the lens sees less than the print has: no false sharpness
        padded = cv2.GaussianBlur(padded, (0, 0), 0.42 / ratio)
    sheet = cv2.warpPerspective(padded, matrix, size, flags=cv2.INTER_LINEAR)
    alpha = cv2.warpPerspective(mask, matrix, size, flags=cv2.INTER_LINEAR)
    return sheet.astype(np.float32), alpha.astype(np.float32) / np.float32(255)


def _bent(padded: Any, mask: Any, pad: int, scale: float, rng: Random) -> tuple[Any, Any]:
    height, width = mask.shape
    across = np.clip((np.arange(width, dtype=np.float32) - pad) / (width - 2 * pad), 0, 1)
    down = np.clip((np.arange(height, dtype=np.float32) - pad) / (height - 2 * pad), 0, 1)
    high, wide = rng.uniform(-1.8, 1.8) * scale, rng.uniform(-1.2, 1.2) * scale
    lift = np.sin(np.pi * across) * high
    lean = np.sin(np.pi * down) * wide
    map_x = np.arange(width, dtype=np.float32)[None, :] + lean[:, None]
    map_y = np.arange(height, dtype=np.float32)[:, None] + lift[None, :]
    bent = cv2.remap(padded, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    gloom = 1 - 0.08 * np.abs(np.sin(np.pi * across + rng.uniform(-0.6, 0.6)))
    bent = (bent * gloom[None, :, None]).astype(np.uint8)
    return bent, cv2.remap(mask, map_x, map_y, cv2.INTER_LINEAR)


def _light(scene: _Scene) -> None:
    """Daylight and lamps: uneven brightness, colour, a shadow's edge, a stripe of sun, a glare."""
    rng, out = scene.rng, scene.out
    height, width = out.shape[:2]
    y, x = np.mgrid[0:height:8, 0:width:8].astype(np.float32)
    along = (x * rng.uniform(-1, 1) / width + y * rng.uniform(-1, 1) / height) * 0.35 * scene.hard
    field = 1 + along
    if scene.flags["shadow"]:
        angle, at = rng.uniform(0, 6.28), rng.uniform(-0.2, 0.25)
        side = (x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle) - at
        side += 0.05 * np.sin(y / height * rng.uniform(3, 9) + x / width * rng.uniform(3, 9))
        field *= 1 - rng.uniform(0.25, 0.6) / (1 + np.exp(-side * rng.uniform(18, 70)))
    if scene.flags["sun"]:
        angle, at, half = rng.uniform(0, 3.14), rng.uniform(-0.3, 0.3), rng.uniform(0.03, 0.1)
        side = np.abs((x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle) - at)
        field *= 1 + rng.uniform(0.3, 0.9) / (1 + np.exp((side - half) * 120))
    field = cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR)
    warm = np.array([rng.uniform(0.9, 1.06), 1.0, rng.uniform(0.84, 1.08)], np.float32)
    scene.out = np.asarray(out * field[:, :, None] * warm * rng.uniform(0.68, 0.98), np.float32)
    if scene.flags["glare"]:
        spot = np.exp(
            -(((x / width - rng.uniform(0.2, 0.8)) / rng.uniform(0.05, 0.16)) ** 2)
            - ((y / height - rng.uniform(0.2, 0.8)) / rng.uniform(0.05, 0.16)) ** 2
        )
        scene.out += cv2.resize(spot, (width, height))[:, :, None] * rng.uniform(60, 190)


def _fingers(scene: _Scene, page_mm: tuple[float, float]) -> None:
    """One to three fingertips that hold the page at an edge."""
    rng = scene.rng
    spots = np.array(corners(scene.to_px, page_mm))
    edge = rng.randrange(4)
    first, last = spots[edge], spots[(edge + 1) % 4]
    inward = spots.mean(0) - (first + last) / 2
    inward = inward / np.linalg.norm(inward)
    thick = float(np.linalg.norm(spots[1] - spots[0])) / page_mm[0] * rng.uniform(13, 18)
    thick = min(thick, 260)
    skin = np.array(rng.choice(SKINS), np.float32) * float(
        np.clip(scene.out.mean() / 150, 0.5, 1.1)
    )
    share = rng.uniform(0.12, 0.85)
    for index in range(rng.randrange(1, 4)):
        root = first + (last - first) * min(
            0.95, share + index * 1.25 * thick / float(np.linalg.norm(last - first))
        )
        tip = root + inward * thick * rng.uniform(0.2, 1.1)
        mask = np.zeros(scene.out.shape[:2], np.uint8)
        far = root - inward * 2200
        cv2.line(mask, _at(tip), _at(far), 255, round(thick))
        scene.fingers |= mask
        dark = cv2.GaussianBlur(np.roll(mask, (10, 8), (0, 1)), (0, 0), 12)[:, :, None] / 255
        soft = cv2.GaussianBlur(mask, (0, 0), 2.0)[:, :, None] / np.float32(255)
        body = skin * (0.8 + 0.25 * cv2.GaussianBlur(mask, (0, 0), thick / 5)[:, :, None] / 255)
        nail = np.zeros_like(mask)
        cv2.circle(nail, _at(tip), round(thick * 0.3), 255, -1)
        body = body + cv2.GaussianBlur(nail, (0, 0), 3)[:, :, None] / 255 * 28
        scene.out = np.asarray(
            (scene.out * (1 - 0.35 * dark)) * (1 - soft) + body * soft, np.float32
        )


def _at(point: npt.NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _camera(scene: _Scene, grain: np.random.Generator) -> tuple[Picture, int]:
    """Blur, shake, grain and gain of the camera."""
    rng = scene.rng
    out = cv2.GaussianBlur(scene.out, (0, 0), 0.45 + rng.uniform(0.1, 0.9) * scene.hard)
    if scene.flags["motion"]:
        length, angle = rng.randrange(3, 6), rng.uniform(0, 180)
        kernel = np.zeros((length, length), np.float32)
        kernel[length // 2] = 1
        turned = cv2.warpAffine(
            kernel,
            cv2.getRotationMatrix2D((length / 2 - 0.5, length / 2 - 0.5), angle, 1),
            (length, length),
        )
        swept = np.asarray(turned / max(1e-6, float(turned.sum())), np.float32)
        out = cv2.filter2D(out, -1, swept)
    noise = grain.standard_normal(out.shape[:2], np.float32) * (
        1.5 + 4.5 * scene.hard * rng.random()
    )
    colour = grain.standard_normal((out.shape[0] // 4 + 1, out.shape[1] // 4 + 1, 3), np.float32)
    out = (
        out
        + noise[:, :, None]
        + cv2.resize(colour, (out.shape[1], out.shape[0])) * (1 + 2 * scene.hard)
    )
    return np.asarray(np.clip(out, 0, 255), np.uint8), rng.randrange(76, 94)
