"""One sample: a page drawn for a person, scanned and photographed, with its truth file beside."""

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np

from bench.pagemaker.draw import draw
from bench.pagemaker.layout import Layout
from bench.pagemaker.people import Person
from bench.pagemaker.photo import photo
from bench.pagemaker.scan import Picture, scan

CLEAN_DPI = 200
COVERED = 0.15
"""A field is told as occluded when fingers lie on more than this share of its box."""


@dataclass(frozen=True)
class Order:
    """What to make: which captures, whether the clean page is kept, whether the held-back fonts write."""

    captures: tuple[str, ...] = ("scan", "photo")
    clean: bool = True
    held: bool = False


def make_sample(
    folder: Path, name: str, layout: Layout, person: Person, order: Order, *, seed: int
) -> dict[str, Any]:
    """Write one sample's files into the folder and return its truth."""
    rng, scanner, camera = (Random(seed + step) for step in range(3))  # noqa: S311 -- made again by its seed
    paper, told = draw(layout, person, rng, held=order.held)
    page = np.asarray(paper.image, np.uint8)
    size = (paper.width, paper.height)
    truth: dict[str, Any] = {
        "id": name,
        "seed": seed,
        "person": int(person.extra.get("number", "0")),
        **told,
        "fields": paper.fields,
        "texts": paper.texts,
    }
    truth["captures"] = {}
    if "scan" in order.captures:
        back = page if rng.random() < 0.4 else None  # noqa: PLR2004 - thin paper in two of five
        data, shot = scan(page, back, size, scanner)
        _keep(folder / f"{name}-scan.jpg", data, shot, truth)
    if "photo" in order.captures:
        data, shot, fingers = photo(page, size, camera)
        if shot["flags"]["finger"]:
            shot["occluded_fields"] = _covered(paper.fields, np.array(shot["H_mm_to_px"]), fingers)
        _keep(folder / f"{name}-photo.jpg", data, shot, truth)
    if order.clean:
        _keep_clean(folder, name, page, size)
    (folder / f"{name}.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1), "utf-8")
    return truth


def _keep(path: Path, data: bytes, shot: dict[str, Any], truth: dict[str, Any]) -> None:
    path.write_bytes(data)
    truth["captures"][shot["kind"]] = {"file": path.name, **shot}


def _keep_clean(folder: Path, name: str, page: Picture, size: tuple[float, float]) -> None:
    """Keep the undamaged page, lossless at 200 dpi."""
    (folder / "clean").mkdir(exist_ok=True)
    pixels = (round(size[0] * CLEAN_DPI / 25.4), round(size[1] * CLEAN_DPI / 25.4))
    small = cv2.resize(page, pixels, interpolation=cv2.INTER_AREA)
    bgr = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(folder / "clean" / f"{name}.webp"), bgr, [cv2.IMWRITE_WEBP_QUALITY, 101])


def _covered(fields: dict[str, dict[str, Any]], to_px: Any, fingers: Picture) -> list[str]:
    covered = []
    for key, told in fields.items():
        x, y, width, height = told["bbox_mm"]
        around = np.array(
            [[x, y, 1], [x + width, y, 1], [x + width, y + height, 1], [x, y + height, 1]], float
        )
        at = around @ to_px.T
        mask = np.zeros_like(fingers)
        cv2.fillPoly(mask, [np.round(at[:, :2] / at[:, 2:]).astype(np.int32)], 1)
        area = int(mask.sum())
        if area and int((fingers[mask > 0] > 0).sum()) > COVERED * area:
            covered.append(key)
    return covered
