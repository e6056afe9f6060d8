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
from papers.blank import DPI, Blank
from papers.opening import Picture, open_picture
from papers.register import register
from papers.showable import open_any

LINES_LIMIT = 34
"""Lines compared on a page: first its values, then print."""
AROUND_MM = 0.7
SMALLEST_MM = 2.3
SHORTEST = 2


@dataclass(frozen=True)
class Flat:
    """A page laid flat: its picture, pixels per millimetre, its blank form where it lies on that blank's grid."""

    picture: Picture
    scale: float
    sample: dict[str, Any]
    blank: Blank | None = None

    @property
    def areas(self) -> list[tuple[int, int, int, int]]:
        """Boxes of the filled-in values in pixels, as the reader tells them to the coder."""
        values = [line["bbox_mm"] for line in self.sample["texts"] if line["kind"] != "label"]
        return [_pixels(box, self.scale) for box in values]


def _pixels(box: Sequence[float], scale: float) -> tuple[int, int, int, int]:
    x, y, width, height = (round(side * scale) for side in box)
    return x, y, width, height


Prepare = Callable[[Capture], Flat | None]
Code = Callable[[Flat], bytes]


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


def measure_losses(pages: Sequence[Capture], prepare: Prepare, ways: dict[str, Code]) -> list[Loss]:
    """Code every page in each of the ways, and read the same lines before and after."""
    reader = LineReader("read_again")
    told = [Loss(name) for name in ways]
    for page in pages:
        flat = prepare(page)
        if flat is None:
            continue
        lines = lines_of(page.sample)
        before = [_errors(reader, flat.picture, flat.scale, line) for line in lines]
        for loss, code in zip(told, ways.values(), strict=True):
            data = code(flat)
            loss.sizes.append(len(data))
            copy = decoded(data, flat)
            for line, first in zip(lines, before, strict=True):
                _add(loss, line, first, _errors(reader, copy, flat.scale, line))
    return [loss for loss in told if loss.sizes]


def our_ways() -> dict[str, Code]:
    """Name what we send: the working copy and the first look."""
    return {
        "working copy": lambda flat: encode.encode_page(flat.picture),
        "first look": lambda flat: encode.encode_preview(
            flat.picture, flat.areas, blank=flat.blank
        ),
    }


def peer_ways() -> dict[str, Code]:
    """Name what others send."""
    return {
        "JPEG q60": lambda flat: _pillow(flat.picture, "JPEG", 60),
        "JPEG q25": lambda flat: _pillow(flat.picture, "JPEG", 25),
        "WebP q25": lambda flat: _pillow(flat.picture, "WEBP", 25),
        "AVIF q30": lambda flat: _pillow(flat.picture, "AVIF", 30),
    }


def _pillow(picture: Picture, kind: str, quality: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, kind, quality=quality)
    return out.getvalue()


def decoded(data: bytes, flat: Flat) -> Picture:
    """Open what was sent, at the page's own size."""
    blanks = () if flat.blank is None else (flat.blank,)
    height, width = flat.picture.shape[:2]
    shown = Image.fromarray(open_any(data, blanks))
    return np.asarray(shown.resize((width, height), Image.Resampling.BICUBIC), np.uint8)


def flattened(page: Capture) -> Flat:
    """Lay a capture flat by its true corners."""
    width, height = page.sample["page_mm"]
    dpi = 300 if page.dpi >= 300 else 200  # noqa: PLR2004 - a photograph of five megapixels has about 200
    scale = dpi / 25.4
    to_px = np.array(page.shot["H_mm_to_px"], float) @ np.diag([1 / scale, 1 / scale, 1.0])
    flat = cv2.warpPerspective(
        open_picture(page.path.read_bytes()),
        to_px,
        (round(width * scale), round(height * scale)),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return Flat(np.asarray(flat, np.uint8), scale, page.sample)


def on_its_blank(blanks: dict[str, Blank]) -> Prepare:
    """Lay captures of known layouts on the grid of their blank forms, found without the truth."""

    def prepare(page: Capture) -> Flat | None:
        blank = blanks.get(page.sample["layout"])
        if blank is None:
            return None
        found = register(open_picture(page.path.read_bytes()), (blank,), dpi=DPI)
        return None if found is None else Flat(found.picture, DPI / 25.4, page.sample, blank)

    return prepare


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
