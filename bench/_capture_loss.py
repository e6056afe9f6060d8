"""What reading loses on the pictures we send: character errors on the copy minus those on the page itself.

A page is laid flat by its true corners, so that nothing but the coding differs. The same lines are read from both.
"""

import io
import statistics
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from PIL import Image

from appliance.desk.pages import encode
from appliance.desk.pages.ocr import LineReader
from bench._capture_truth import Capture
from papers import showable
from papers.opening import Picture, open_picture

LINES_LIMIT = 34
"""Lines compared on a page: first its values, then print."""
AROUND_MM = 0.7
SMALLEST_MM = 2.3
SHORTEST = 2
Code = Callable[[Picture], bytes]


@dataclass
class Loss:
    """One way of coding: bytes of each page, and character errors before and after."""

    name: str
    sizes: list[int] = field(default_factory=list)
    signs: int = 0
    before: int = 0
    after: int = 0
    value_signs: int = 0
    value_before: int = 0
    value_after: int = 0

    @property
    def points(self) -> float:
        """Character error rate lost on all lines, in points."""
        return 100 * (self.after - self.before) / max(1, self.signs)

    @property
    def value_points(self) -> float:
        """Character error rate lost on the filled-in values, in points."""
        return 100 * (self.value_after - self.value_before) / max(1, self.value_signs)

    @property
    def kilobytes(self) -> float:
        """Mean size in thousands of bytes."""
        return statistics.fmean(self.sizes) / 1000 if self.sizes else 0.0


def measure_losses(pages: Sequence[Capture], ways: dict[str, Code]) -> list[Loss]:
    """Code every page in each of the ways and read the same lines before and after."""
    reader = LineReader()
    told = [Loss(name) for name in ways]
    for page in pages:
        flat, scale = flattened(page)
        lines = lines_of(page.sample)
        before = [_errors(reader, flat, scale, line) for line in lines]
        for loss, code in zip(told, ways.values(), strict=True):
            data = code(flat)
            loss.sizes.append(len(data))
            copy = decoded(data, flat.shape[1::-1])
            for line, first in zip(lines, before, strict=True):
                _add(loss, line, first, _errors(reader, copy, scale, line))
    return told


def our_ways() -> dict[str, Code]:
    """Name what we send: the working copy and the first look."""
    return {"working copy": encode.encode_page, "first look": encode.encode_preview}


def peer_ways() -> dict[str, Code]:
    """Name what others send."""
    return {
        "JPEG q60": lambda picture: _pillow(picture, "JPEG", 60),
        "JPEG q25": lambda picture: _pillow(picture, "JPEG", 25),
        "WebP q25": lambda picture: _pillow(picture, "WEBP", 25),
        "AVIF q30": lambda picture: _pillow(picture, "AVIF", 30),
    }


def _pillow(picture: Picture, kind: str, quality: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, kind, quality=quality)
    return out.getvalue()


def decoded(data: bytes, size: tuple[int, ...]) -> Picture:
    """Open what was sent, at the page's own size."""
    shown = Image.fromarray(showable.open_any(data))
    return np.asarray(shown.resize((size[0], size[1]), Image.Resampling.BICUBIC), np.uint8)


def flattened(page: Capture) -> tuple[Picture, float]:
    """Lay a capture flat by its true corners; the second result is pixels per millimetre."""
    width, height = page.sample["page_mm"]
    dpi = 300 if page.dpi >= 300 else 200  # noqa: PLR2004 - a photograph of five megapixels has about 200
    scale = dpi / 25.4
    to_px = np.array(page.shot["H_mm_to_px"], float) @ np.diag([1 / scale, 1 / scale, 1.0])
    picture = open_picture(page.path.read_bytes())
    flat = cv2.warpPerspective(
        picture,
        to_px,
        (round(width * scale), round(height * scale)),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(flat, np.uint8), scale


def lines_of(sample: dict[str, Any]) -> list[dict[str, Any]]:
    """Choose the lines to compare: values first, then print large enough to read."""
    long = [line for line in sample["texts"] if len(line["text"].strip()) >= SHORTEST]
    values = [line for line in long if line["kind"] != "label"]
    print_ = [
        line for line in long if line["kind"] == "label" and line["bbox_mm"][3] >= SMALLEST_MM
    ]
    return [*values, *print_][:LINES_LIMIT]


def _errors(
    reader: LineReader, picture: Picture, scale: float, line: dict[str, Any]
) -> tuple[int, int]:
    """Read one line; tells wrong signs and signs."""
    x, y, width, height = line["bbox_mm"]
    left, top = (max(0, round((side - AROUND_MM) * scale)) for side in (x, y))
    right, low = (round((side + AROUND_MM) * scale) for side in (x + width, y + height))
    cut = np.ascontiguousarray(picture[top:low, left:right])
    true = _bare(line["text"])
    if min(cut.shape[:2], default=0) < 4:  # noqa: PLR2004 - cut off
        return len(true), len(true)
    return distance(_bare(reader.read(cut).text), true), len(true)


def _add(loss: Loss, line: dict[str, Any], first: tuple[int, int], then: tuple[int, int]) -> None:
    loss.signs += first[1]
    loss.before += first[0]
    loss.after += then[0]
    if line["kind"] != "label":
        loss.value_signs += first[1]
        loss.value_before += first[0]
        loss.value_after += then[0]


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def distance(one: str, other: str) -> int:
    """Count the signs to change, put in or take out to make one text of the other."""
    row = list(range(len(other) + 1))
    for index, sign in enumerate(one, start=1):
        before, row[0] = row[0], index
        for place, against in enumerate(other, start=1):
            kept = before + (sign != against)
            before, row[place] = row[place], min(kept, row[place] + 1, row[place - 1] + 1)
    return row[-1]
