"""The blank of a layout: what is printed before anybody writes (grey, 200 dpi) and where the values will stand."""

from pathlib import Path
from random import Random

import cv2
import numpy as np

from bench.pagemaker.draw import draw
from bench.pagemaker.layout import Layout
from bench.pagemaker.people import make_person
from bench.pagemaker.sample import CLEAN_DPI

KINDS = {
    "form": "form_front",
    "cert": "insurance_card",
    "card": "medical_insurance",
    "iken": "physician_opinion",
}


def make_blank(folder: Path, layout: Layout, seed: int) -> None:
    """Write LAYOUT.webp (lossless grey) and LAYOUT.toml (page, kind, zones); the seed chooses the city."""
    rng = Random(seed)  # noqa: S311 -- made again by its seed
    paper, _ = draw(layout, make_person(rng), rng, held=layout.held, blank=True)
    width, height = paper.width, paper.height
    pixels = (round(width * CLEAN_DPI / 25.4), round(height * CLEAN_DPI / 25.4))
    small = cv2.resize(np.asarray(paper.image), pixels, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    cv2.imwrite(str(folder / f"{layout.name}.webp"), grey, [cv2.IMWRITE_WEBP_QUALITY, 101])
    lines = [
        f'id = "{layout.name}"',
        f'kind = "{KINDS[layout.doc]}"',
        f"page_mm = [{width}, {height}]",
    ]
    for zone in paper.zones:
        lines += [
            "",
            "[[zone]]",
            f'key = "{zone["key"]}"',
            f'style = "{zone["style"]}"',
            f"box_mm = {zone['box_mm']}",
        ]
    (folder / f"{layout.name}.toml").write_text("\n".join(lines) + "\n", "utf-8")
