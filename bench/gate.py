"""Measures the quality gate: what it refuses wrongly, and which spoiled pictures it lets through.

    ./run bench gate DIR [--json] [--only TEXT] [--read]

DIR is laid out like the samples (NAME.json, NAME-scan.jpg, NAME-photo.jpg). Every picture is judged as it is and a
little spoiled, so that a reader loses hardly anything: a refusal is a false reject; of a picture refused as it is,
what the reader still gets is told beside it. Then it is spoiled so that a reader loses much, or print and writing are
cut off: no refusal is a miss. Cuts through white paper are neither; they are counted apart. --read measures instead
what the reader loses at each level, which is where the lines come from.
"""

import argparse
import json
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

import cv2
import numpy as np

from appliance.desk.pages import gate
from appliance.desk.pages.detect import TextFinder
from appliance.desk.pages.flatten import flat_page
from appliance.desk.pages.formats import size_mm
from appliance.desk.pages.page import FIND_SIDE, WORK_SIDE, PageDesk
from appliance.desk.pages.straighten import straighten, turn
from bench._capture_truth import Capture, captures
from bench._gate_cost import read_levels, rightly
from bench._gate_damage import Spoiled, spoil
from papers.opening import Picture, open_picture

GROUPS = {"costs": "missed", "harmless": "refused wrongly", "nothing lost": "passed"}


def judge(finder: TextFinder, fed: Picture, *, dpi: int, quarters: int = 0) -> list[str]:
    """Return the codes the gate refuses this picture with, as the reader does it; `quarters` put it upright."""
    glare, found = 0.0, []
    size = size_mm(fed.shape, dpi)
    if not dpi:
        flat = flat_page(fed)
        fed, glare, found = flat.picture, flat.glare, [each.code for each in flat.told]
    scale = min(1.0, WORK_SIDE / max(fed.shape[:2]))
    fed = np.asarray(
        cv2.resize(fed, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
    )
    square = straighten(turn(fed, quarters))
    matrix = square.matrix if dpi else None
    # Boxes of writing cost most: what is refused without them need not be looked at any further.
    seen = gate.measure(fed, square.picture, (), glare, matrix, size_mm=size)
    found += [each.code for each in gate.refusals(seen) if each.code != "blurred"]
    if not found:
        quads = finder.find(square.picture, FIND_SIDE)
        seen = gate.measure(fed, square.picture, quads, glare, matrix, size_mm=size)
        found += [each.code for each in gate.refusals(seen)]
    return found


def _upright(capture: Capture) -> int:
    """Quarter turns that put a picture upright; the reader finds them by code or lines."""
    return int(-capture.shot.get("rot", 0) // 90 % 4)


def _dpi(capture: Capture, each: Spoiled) -> int:
    """Tell the resolution a scanner would have told of this picture."""
    name, _, unit = each.name.partition(" ")
    return int(name) if unit == "dpi" else capture.dpi


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="only pictures whose name has this text")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--read", action="store_true", help="what the reader loses at each level")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    desk, pages = PageDesk(date(2026, 4, 1)), list(captures(asked.folder, asked.only))
    told = read_levels(desk, pages) if asked.read else _judged(desk, pages)
    print(
        json.dumps(told, ensure_ascii=False)
        if asked.json
        else "\n".join(f"{k}: {v}" for k, v in told.items())
    )
    return 0


def _judged(desk: PageDesk, pages: list[Capture]) -> dict[str, object]:
    """Judge all pictures, as they are and spoiled."""
    finder = desk._finder  # noqa: SLF001 - as the reader has it
    counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    rejected, missed = [], []
    for index, capture in enumerate(pages):
        picture = open_picture(capture.path.read_bytes())
        as_it_is = Spoiled("as it is", "harmless", picture)
        for each in (as_it_is, *spoil(capture, picture, index // 2 + index)):
            dpi = _dpi(capture, each)
            codes = judge(finder, each.picture, dpi=dpi, quarters=_upright(capture))
            wrong = bool(codes) if each.cost == "harmless" else not codes
            place = counts[each.cost][each.name]
            place[0] += wrong
            place[1] += 1
            line = f"{capture.name} {each.name}"
            if wrong and each.cost == "harmless":
                rejected.append(f"{line}: {', '.join(codes)}")
                if each is as_it_is:
                    rejected[-1] += f"; the reader gets {rightly(desk, capture, picture)}"
            elif wrong and each.cost == "costs":
                missed.append(line)
        print(capture.name, file=sys.stderr)
    sums = {cost: [sum(v) for v in zip(*of.values(), strict=True)] for cost, of in counts.items()}
    plain = counts["harmless"]["as it is"]
    return {
        "pictures": plain[1],
        "false_rejects": plain[0],
        "harmless": sums["harmless"][1],
        "harmless_refused": sums["harmless"][0],
        "spoiled": sums["costs"][1],
        "missed": sums["costs"][0],
        **{
            word: {name: f"{bad} of {many}" for name, (bad, many) in counts[cost].items()}
            for cost, word in GROUPS.items()
        },
        "rejected": rejected,
        "let_through": missed,
    }


if __name__ == "__main__":
    sys.exit(main())
