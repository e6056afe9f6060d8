"""Facts about the pages made for measuring: their truth holds, and they can be made again."""

import json
import tomllib
from pathlib import Path
from random import Random

import numpy as np
import zxingcpp
from PIL import Image

from appliance.desk.pages.qr import city_code, find_codes
from bench.pagemaker.blanks import make_blank
from bench.pagemaker.layout import Layout, read_layouts, row_of
from bench.pagemaker.people import Person, make_person
from bench.pagemaker.sample import Order, make_sample
from papers.blank import Zone, mistakes
from papers.blank import make_blank as blank_of
from papers.opening import open_picture

SCAN_ONLY = Order(captures=("scan",), clean=False)


def _layout(name: str) -> Layout:
    return next(layout for layout in read_layouts() if layout.name == name)


def _person(seed: int) -> Person:
    return make_person(Random(seed))  # noqa: S311 -- made again by its seed


def test_a_code_lies_where_the_truth_says(tmp_path: Path) -> None:
    """A decoder finds the code in the middle of its box in the truth file, and the reader knows its profile."""
    truth = make_sample(tmp_path, "page", _layout("form-shio"), _person(4), SCAN_ONLY, seed=4)
    picture = open_picture((tmp_path / "page-scan.jpg").read_bytes())
    found = zxingcpp.read_barcodes(picture)[0]
    x, y, width, _ = truth["qr"]["bbox_mm"]
    place = np.array(truth["captures"]["scan"]["H_mm_to_px"]) @ [x + width / 2, y + width / 2, 1]
    middle = (found.position.top_left.x + found.position.bottom_right.x) / 2

    assert found.text == truth["qr"]["payload"]
    assert city_code(find_codes(picture)) is not None
    assert abs(place[0] / place[2] - middle) < 8


def test_the_same_seed_makes_the_same_page(tmp_path: Path) -> None:
    """A sample is made again byte for byte from its seed."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        make_sample(tmp_path / name, "card", _layout("card-sumi"), _person(1), Order(), seed=5)

    for name in ("card-scan.jpg", "card-photo.jpg", "card.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_truth_file_has_the_shape_of_the_samples(tmp_path: Path) -> None:
    """The truth of a page names its fields with value, box and style, and its corners in four points."""
    make_sample(tmp_path, "page", _layout("cert-kiri"), _person(2), SCAN_ONLY, seed=3)
    truth = json.loads((tmp_path / "page.json").read_text("utf-8"))

    assert {"id", "doc", "page_mm", "fields", "texts", "qr", "captures"} <= set(truth)
    assert set(truth["fields"]["hihokensha_no"]) == {"value", "bbox_mm", "style"}
    assert len(truth["captures"]["scan"]["corners_px"]) == 4


def test_a_blank_keeps_the_rules_of_blanks(tmp_path: Path) -> None:
    """The zones of a blank form lie on its paper and not on each other."""
    make_blank(tmp_path, _layout("form-midori"), 1)
    told = tomllib.loads((tmp_path / "form-midori.toml").read_text("utf-8"))
    zones = [Zone(z["key"], z["type"], tuple(z["box_mm"]), z["style"]) for z in told["zones"]]
    picture = np.asarray(Image.open(tmp_path / "form-midori.png"), np.uint8)
    blank, _ = blank_of("form-midori", told["kind"], tuple(told["page_mm"]), picture, zones)

    assert list(mistakes(blank)) == []


def test_a_row_is_read_into_cells() -> None:
    """A layout's row says height, labels, widgets and shares."""
    row = row_of("9 ; 氏　名 : big name @1.3 ; : line kana 3 & blank")

    assert row.height == 9
    assert [cell.label for cell in row.cells] == ["氏　名", ""]
    assert row.cells[0].share == 1.3
    assert row.cells[1].widgets == (("line", "kana", "3"), ("blank",))
