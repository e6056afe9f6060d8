"""The program's own blanks are what its demo city prints, and its pages are known by them."""

import hashlib
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest

from papers.blank import own_blanks
from papers.register import register
from provisioning.demo.samples import make_stack
from provisioning.demo.samples.blanks import make_blanks


def test_the_own_blanks_are_what_the_demo_city_prints() -> None:
    """A changed form fails here until: python -m provisioning.demo.samples.blanks papers/blanks."""
    made = {blank.id: blank.zones for blank, _ in make_blanks()}
    kept = {blank.id: blank.zones for blank in own_blanks()}
    assert made.keys() == kept.keys()
    for name, zones in made.items():
        rounded = [(z.key, z.type, z.style, [round(v, 2) for v in z.box_mm]) for z in zones]
        assert rounded == [(z.key, z.type, z.style, list(z.box_mm)) for z in kept[name]]


def test_the_pictures_are_those_of_the_texts() -> None:
    """Every blank's hash is that of the file a city and a bus compare."""
    folder = Path(__file__).parents[2] / "papers" / "blanks"
    for blank in own_blanks():
        data = (folder / f"{blank.id}.webp").read_bytes()
        assert hashlib.sha256(data).hexdigest() == blank.sha256


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Draw the papers of one person as they come out of the feeder."""
    stack = make_stack(tmp_path_factory.mktemp("stack"), seed=5, people=1, today=date(2026, 11, 23))
    return list(stack.sheets)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (0, "madobus-care-renewal-front-1"),
        (2, "madobus-insurance-card-1"),
    ],
)
def test_a_fed_page_is_known_by_its_blank(sheets: list[Path], number: int, name: str) -> None:
    """Of all own blanks a page agrees with its own."""
    picture = cv2.imread(str(sheets[number]))
    assert picture is not None
    found = register(np.asarray(picture[:, :, ::-1], np.uint8), own_blanks())
    assert found is not None
    assert (found.blank.id, found.agreement > 0.85) == (name, True)
