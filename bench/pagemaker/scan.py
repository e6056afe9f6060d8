"""What a sheet scanner makes of a page: skew, backing, show-through, folds, streaks, specks, JPEG."""

from random import Random
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
BACKINGS = ((250, 250, 248), (236, 237, 236), (60, 60, 60), (22, 22, 24), (128, 130, 128))
MARGIN_MM = 4.0


def scan(
    page: Picture, back: Picture | None, page_mm: tuple[float, float], rng: Random
) -> tuple[bytes, dict[str, Any]]:
    """Scan a clean RGB page; tells where its corners went."""
    width, height = page_mm
    dpi = 300 if rng.random() < 0.3 else 200  # noqa: PLR2004 - most offices scan at 200
    scale = dpi / 25.4
    size = (round((width + MARGIN_MM) * scale), round((height + MARGIN_MM) * scale))
    small = cv2.resize(
        page, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA
    )
    grain = np.random.default_rng(rng.getrandbits(32))
    small = _worn(_through(np.asarray(small, np.uint8), back, rng), rng)
    skew = rng.gauss(0, 1.2) if rng.random() < 0.9 else 0.0  # noqa: PLR2004 - now and then it lies straight
    skew = max(-3.0, min(3.0, skew))
    turn = np.deg2rad(skew)
    cos, sin = np.cos(turn) * scale, np.sin(turn) * scale
    middle = np.array(
        [size[0] / 2 + rng.uniform(-1, 1) * scale, size[1] / 2 + rng.uniform(-1, 1) * scale]
    )
    shift = middle - np.array(
        [cos * width / 2 - sin * height / 2, sin * width / 2 + cos * height / 2]
    )
    to_px = np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]], [0, 0, 1.0]])
    backing = rng.choice(BACKINGS)
    warp = to_px @ np.diag([1 / scale, 1 / scale, 1.0])
    out = cv2.warpAffine(small, warp[:2], size, flags=cv2.INTER_LINEAR, borderValue=backing)
    out = _lamp(np.asarray(out, np.uint8), rng, grain)
    grey = rng.random() < 0.2  # noqa: PLR2004 - some scan in grey
    quality = rng.randrange(82, 95)
    told = {
        "size": list(size),
        "corners_px": corners(to_px, page_mm),
        "H_mm_to_px": np.round(to_px, 8).tolist(),
        "kind": "scan",
        "dpi": dpi,
        "gray": grey,
        "skew_deg": round(skew, 2),
        "bg": list(backing),
    }
    return jpeg(out, quality, grey=grey), told


def corners(to_px: npt.NDArray[np.float64], page_mm: tuple[float, float]) -> list[list[float]]:
    """Where the page's corners are: top left, top right, bottom right, bottom left."""
    width, height = page_mm
    at = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], float) @ to_px.T
    return [[round(float(x / w), 1), round(float(y / w), 1)] for x, y, w in at]


def jpeg(picture: Picture, quality: int, *, grey: bool = False) -> bytes:
    """Encode an RGB picture."""
    code = cv2.COLOR_RGB2GRAY if grey else cv2.COLOR_RGB2BGR
    _, data = cv2.imencode(".jpg", cv2.cvtColor(picture, code), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()


def _through(page: Picture, back: Picture | None, rng: Random) -> Picture:
    """Let the other side shine through, mirrored and soft."""
    if back is None:
        return page
    height, width = page.shape[:2]
    other = cv2.cvtColor(cv2.flip(back, 1), cv2.COLOR_RGB2GRAY)
    other = cv2.GaussianBlur(
        cv2.resize(other, (width, height), interpolation=cv2.INTER_AREA), (0, 0), 1.6
    )
    ghost = (255 - other.astype(np.float32)) * rng.uniform(0.02, 0.09)
    return np.asarray(np.clip(page - ghost[:, :, None], 0, 255), np.uint8)


def _worn(page: Picture, rng: Random) -> Picture:
    """Fold the sheet as a letter is folded, and dirty it a little."""
    out = page.copy()
    height, width = page.shape[:2]
    if rng.random() < 0.5:  # noqa: PLR2004 - every second sheet came in an envelope
        for share in rng.choice(((1 / 3, 2 / 3), (0.5,))):
            row = round(height * (share + rng.gauss(0, 0.004)))
            depth, reach = rng.uniform(0.03, 0.12), rng.randrange(3, 9)
            for step in range(-reach, reach):
                if 0 <= row + step < height:
                    dark = 1 - depth * np.exp(-((step / (reach / 2)) ** 2)) * (
                        1 if step > 0 else -0.4
                    )
                    out[row + step] = np.clip(out[row + step] * dark, 0, 255).astype(np.uint8)
    for _ in range(rng.randrange(0, 40)):
        x, y = rng.randrange(width), rng.randrange(height)
        shade = rng.randrange(20, 140)
        cv2.circle(out, (x, y), rng.choice((1, 1, 1, 2)), (shade, shade, shade), -1)
    return out


def _lamp(page: Picture, rng: Random, grain: np.random.Generator) -> Picture:
    """Add the scanner's own marks: gain, softness, vertical streaks, grain."""
    out = cv2.GaussianBlur(page, (0, 0), rng.uniform(0.35, 0.75)).astype(np.float32)
    low, high = rng.uniform(0, 45), rng.uniform(238, 256)
    out = np.asarray(low + out * (high - low) / 255, np.float32)
    if rng.random() < 0.4:  # noqa: PLR2004 - dust on the glass of a fed scanner
        for _ in range(rng.randrange(1, 4)):
            x = rng.randrange(page.shape[1])
            out[:, x : x + rng.randrange(1, 3)] += np.float32(
                rng.choice((-1, 1)) * rng.uniform(6, 30)
            )
    noise = grain.standard_normal((page.shape[0] // 2 + 1, page.shape[1] // 2 + 1), np.float32)
    spread = cv2.resize(noise, (page.shape[1], page.shape[0]), interpolation=cv2.INTER_LINEAR)
    whole = out + spread[:, :, None] * rng.uniform(1.5, 5)
    return np.asarray(np.clip(whole, 0, 255), np.uint8)
