"""Measures the quality gate: what it refuses wrongly, and which spoiled pictures it lets through.

    ./run bench gate DIR [--json] [--only TEXT]

DIR is laid out like the samples (NAME.json, NAME-scan.jpg, NAME-photo.jpg). Every picture is judged as it is (a
refusal is a false reject) and then spoiled in each of seven ways (no refusal is a miss): softened by 0.5 mm, shaken
by 2.5 mm, 50 dpi, a fifth cut off at the left or at the foot, fed 14 degrees askew, a mirror of a lamp on photographs.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import cv2
import numpy as np

from appliance.desk.pages import gate
from appliance.desk.pages.detect import TextFinder
from appliance.desk.pages.flatten import flat_page
from appliance.desk.pages.page import PageDesk
from appliance.desk.pages.straighten import straighten
from papers.opening import Picture, open_picture

WORK_SIDE, FIND_SIDE = 2600, 1440
LONG_MM = 297


def _mm(picture: Picture, millimetres: float) -> float:
    return float(millimetres * max(picture.shape[:2]) / LONG_MM)


def _soft(picture: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), _mm(picture, 0.5)), np.uint8)


def _shaken(picture: Picture) -> Picture:
    length = round(_mm(picture, 2.5))
    return np.asarray(cv2.blur(picture, (length, 1)), np.uint8)


def _coarse(picture: Picture) -> Picture:
    scale = 600 / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _cut_left(picture: Picture) -> Picture:
    return picture[:, picture.shape[1] // 5 :]


def _cut_foot(picture: Picture) -> Picture:
    return picture[: picture.shape[0] * 4 // 5]


def _askew(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 14, 1)
    paper = (235, 235, 235)
    return np.asarray(cv2.warpAffine(picture, turn, (width, height), borderValue=paper), np.uint8)


def _mirrored(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    light = np.zeros((height, width), np.float32)
    axes = (width // 9, height // 11)
    cv2.ellipse(light, (width * 9 // 20, height * 9 // 20), axes, 20, 0, 360, 1, -1)
    soft = np.asarray(cv2.GaussianBlur(light, (0, 0), _mm(picture, 2)), np.float32)[:, :, None]
    return np.asarray(picture * (1 - soft) + 255 * soft, np.uint8)


SPOILED: dict[str, tuple[Callable[[Picture], Picture], tuple[str, ...]]] = {
    "soft": (_soft, ("scan", "photo")),
    "shaken": (_shaken, ("scan", "photo")),
    "coarse": (_coarse, ("scan",)),
    "cut_left": (_cut_left, ("scan",)),
    "cut_foot": (_cut_foot, ("scan",)),
    "askew": (_askew, ("scan",)),
    "mirrored": (_mirrored, ("photo",)),
}


def judge(finder: TextFinder, fed: Picture, *, photo: bool) -> list[str]:
    """Return the codes the gate refuses this picture with, as the reader does it."""
    glare, found = 0.0, []
    if photo:
        flat = flat_page(fed)
        fed, glare, found = flat.picture, flat.glare, [each.code for each in flat.told]
    scale = min(1.0, WORK_SIDE / max(fed.shape[:2]))
    fed = np.asarray(
        cv2.resize(fed, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
    )
    square = straighten(fed)
    quads = finder.find(square.picture, FIND_SIDE)
    matrix = None if photo else square.matrix
    seen = gate.measure(fed, square.picture, quads, glare, matrix)
    return found + [each.code for each in gate.refusals(seen)]


def captures(folder: Path, only: str) -> Iterator[tuple[str, str, Picture]]:
    """Walk the folder: name, kind of capture, picture."""
    for path in sorted(folder.glob("*.json")):
        for capture in json.loads(path.read_text("utf-8")).get("captures", {}):
            picture = path.with_name(f"{path.stem}-{capture}.jpg")
            if picture.exists() and only in picture.name:
                yield picture.stem, capture, open_picture(picture.read_bytes())


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="only pictures whose name has this text")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    finder, rejected = PageDesk(date(2026, 4, 1))._finder, []  # noqa: SLF001 - as the reader has it
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for name, capture, fed in captures(asked.folder, asked.only):
        codes = judge(finder, fed, photo=capture == "photo")
        counts["as_it_is"][0] += bool(codes)
        counts["as_it_is"][1] += 1
        rejected += [f"{name}: {', '.join(codes)}"] if codes else []
        for word, (spoil, kinds) in SPOILED.items():
            if capture in kinds:
                counts[word][0] += not judge(finder, spoil(fed), photo=capture == "photo")
                counts[word][1] += 1
        print(name, codes, file=sys.stderr)
    false, pictures = counts.pop("as_it_is")
    told = {
        "pictures": pictures,
        "false_rejects": false,
        "missed": sum(missed for missed, _ in counts.values()),
        "spoiled": sum(many for _, many in counts.values()),
        "missed_by": {word: f"{missed} of {many}" for word, (missed, many) in counts.items()},
        "rejected": rejected,
    }
    print(
        json.dumps(told, ensure_ascii=False)
        if asked.json
        else "\n".join(f"{k}: {v}" for k, v in told.items())
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
