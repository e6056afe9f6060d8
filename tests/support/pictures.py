"""Small pictures that play sheets of paper, no two alike."""

import io
from pathlib import Path

import numpy as np
from PIL import Image


def noise(width: int, height: int, seed: int = 0, mode: str = "RGB") -> Image.Image:
    """Draw grey grain that reaches every edge, as a scan does; soft, so that JPEG keeps it well."""
    grain = np.random.default_rng(seed).integers(60, 200, (height // 8 + 1, width // 8 + 1, 3))
    small = Image.fromarray(grain.astype(np.uint8))
    return small.resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def write_sheets(folder: Path, *sizes: tuple[int, int], first: int = 1) -> list[Path]:
    """Write one JPEG a size, named in feeding order."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, (width, height) in enumerate(sizes, first):
        path = folder / f"{number:03d}.jpg"
        noise(width, height, seed=number).save(path, quality=90)
        paths.append(path)
    return paths


def pixels(image: bytes | Path) -> "np.typing.NDArray[np.int16]":
    """Unpack a picture to rows x columns x 3."""
    source = io.BytesIO(image) if isinstance(image, bytes) else image
    with Image.open(source) as picture:
        return np.asarray(picture.convert("RGB")).astype(np.int16)
