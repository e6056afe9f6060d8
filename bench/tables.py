"""Counts the chances of the page coder on sample pages: `./run bench tables DIR...` writes papers/tables.npz.

DIR holds NAME.json beside NAME-scan.jpg and NAME-photo.jpg, as `python -m bench.pagemaker` makes them. Pages that
judge the coder must not be among them.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from papers.coder import BITS, CONTEXTS, COUNT, Active, Tones, spots_of
from papers.leaf import tiles_of
from papers.look import COARSE_SIDES, SHARP_SIDES
from papers.opening import Picture, open_picture
from papers.tables import FILE, NAMES
from papers.tones import toned

Counts = npt.NDArray[np.float64]
RARE = 0.11
"""Parts of a page a tone is taken to have been seen at, in each neighbourhood."""


def flat_pages(folder: Path) -> Iterator[tuple[str, Picture]]:
    """Give (scan or photo, page) of a folder: each capture squared by its known corners."""
    for path in sorted(folder.glob("*.json")):
        sample = json.loads(path.read_text("utf-8"))
        width, height = sample["page_mm"]
        for capture, told in sorted(sample.get("captures", {}).items()):
            scale = told.get("px_per_mm") or told["dpi"] / 25.4
            matrix = np.array(told["H_mm_to_px"]) @ np.diag([1 / scale, 1 / scale, 1])
            page = cv2.warpPerspective(
                open_picture(path.with_name(told["file"]).read_bytes()),
                matrix,
                (round(width * scale), round(height * scale)),
                flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
            yield capture, np.asarray(page, np.uint8)


def count(counts: dict[str, Counts], name: str, tones: Tones, active: Active) -> None:
    """Count the tones of a map under one name."""
    spots = spots_of(tones, active)
    if spots is not None:
        found = np.bincount(spots.contexts * COUNT + spots.tones, minlength=CONTEXTS * COUNT)
        counts[name] += found.reshape(CONTEXTS, COUNT)


def parts_of(counts: Counts) -> npt.NDArray[np.uint16]:
    """Turn counts into parts of 2**BITS, none of them 0; a neighbourhood never seen is judged by the whole."""
    whole = counts.sum(axis=0) / counts.sum()
    chances = (counts + RARE * whole + RARE / 10) / (
        counts.sum(axis=1, keepdims=True) + RARE + COUNT * RARE / 10
    )
    parts = np.maximum(1, np.round(chances * (1 << BITS)).astype(np.int64))
    most = parts.argmax(axis=1)
    parts[np.arange(len(parts)), most] += (1 << BITS) - parts.sum(axis=1)
    return np.asarray(parts[:, 1:], np.uint16)


def main() -> int:
    """Count and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=FILE)
    asked = parser.parse_args()
    counts = {name: np.zeros((CONTEXTS, COUNT)) for name in NAMES}
    for folder in asked.folders:
        for capture, page in flat_pages(folder):
            for side in (None, *COARSE_SIDES, SHARP_SIDES[2]):
                tones = (toned(page) if side is None else toned(page, side)).tones
                tiles, active = tiles_of(tones)
                name = (
                    "coarse" if side in COARSE_SIDES else "scan" if capture == "scan" else "photo"
                )
                count(counts, name, tones, active)
                count(counts, "mask", tiles * np.uint8(3), np.ones(tiles.shape, bool))
    held: dict[str, Any] = {name: parts_of(found) for name, found in counts.items()}
    np.savez_compressed(asked.out, **held)
    sys.stderr.write(f"{asked.out}: {asked.out.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
