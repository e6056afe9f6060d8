"""A contact sheet for a person's eye: each capture, the working copy we send of it, and its first look."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from appliance.desk.pages.sheet import ReadSheet
from bench._capture_truth import Capture
from papers.blank import own_blanks
from papers.showable import open_any

CELL = (420, 560)
NAME_HEIGHT = 16
ACROSS = 2
"""Pages beside each other; each takes three cells."""


def write_contact_sheet(path: Path, pages: Sequence[Capture], sheets: Sequence[ReadSheet]) -> None:
    """Draw all pages into one PNG."""
    wide, high = CELL
    rows = -(-len(pages) // ACROSS)
    whole = Image.new("RGB", (wide * 3 * ACROSS, (high + NAME_HEIGHT) * rows), (96, 96, 96))
    draw = ImageDraw.Draw(whole)
    for index, (page, sheet) in enumerate(zip(pages, sheets, strict=True)):
        x = index % ACROSS * wide * 3
        y = index // ACROSS * (high + NAME_HEIGHT)
        names = (page.name, f"{len(sheet.page)} B", f"{len(sheet.preview)} B {sheet.kind}")
        pictures = (page.path.read_bytes(), sheet.page, sheet.preview)
        for column, (name, data) in enumerate(zip(names, pictures, strict=True)):
            draw.text((x + column * wide + 4, y + 2), name, fill=(255, 255, 255))
            small = _small(data)
            if small is not None:
                whole.paste(small, (x + column * wide, y + NAME_HEIGHT))
    whole.save(path, "PNG")


def _small(data: bytes) -> Image.Image | None:
    """Shrink a picture to one cell; None where there is none."""
    if not data:
        return None
    small = Image.fromarray(open_any(data, own_blanks()))
    small.thumbnail((CELL[0] - 4, CELL[1] - 2), Image.Resampling.LANCZOS)
    return small
