"""Measures what a reader loses to softness and shaking, level by level: where the gate's lines come from."""

import sys
from collections import defaultdict
from collections.abc import Sequence

import cv2

from appliance.desk.pages.page import PageDesk
from bench._capture_truth import Capture, same, truth_of
from bench._gate_damage import ANGLES, per_mm, shaken, soft
from papers.opening import Picture, open_picture

SOFT = (0.12, 0.18, 0.25, 0.35)
SHAKEN = (0.4, 0.7, 1.1, 1.6)
QUALITY = 92


def read_levels(desk: PageDesk, pages: Sequence[Capture]) -> dict[str, object]:
    """Read every picture unspoiled and at each level: of the values right before, how many still are."""
    kept: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for index, capture in enumerate(pages):
        picture, mm = open_picture(capture.path.read_bytes()), per_mm(capture)
        before = _right(desk, capture, picture)
        levels = {f"soft {level} mm": soft(picture, level * mm) for level in SOFT}
        for step, level in enumerate(SHAKEN):
            angle = ANGLES[(index // 2 + index + step) % len(ANGLES)]
            levels[f"shaken {level} mm"] = shaken(picture, level * mm, angle)
        for name, spoiled in levels.items():
            kept[name][0] += len(before & _right(desk, capture, spoiled))
            kept[name][1] += len(before)
        print(capture.name, file=sys.stderr)
    return {name: f"{still} of {before} values kept" for name, (still, before) in kept.items()}


def rightly(desk: PageDesk, capture: Capture, picture: Picture) -> str:
    """Tell how many values of one picture are read rightly."""
    return f"{len(_right(desk, capture, picture))} of {len(truth_of(capture.sample))} values"


def _right(desk: PageDesk, capture: Capture, picture: Picture) -> set[str]:
    """Name the fields that are read rightly."""
    _, data = cv2.imencode(
        ".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    sheet = desk.read(data.tobytes(), lambda _: True, capture.dpi)
    truth = truth_of(capture.sample)
    read = {key: sheet.field(key) for key in truth}
    return {key for key, one in read.items() if one is not None and same(one.value, truth[key])}
