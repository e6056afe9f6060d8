"""A city makes its own blanks by command, and every mistake in one is explained."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from papers.blank import read_blank
from provisioning.blank import main
from tests.support.blank_forms import drawn, filled

ZONES = """
  { key = "name", type = "name", box_mm = [35, 139, 40, 4] },
  { key = "phone", type = "phone", box_mm = [35, 144, 40, 3.5] },
"""


def given(folder: Path, zones: str = ZONES, seed: int = 1, *, suffix: str = ".png") -> list[str]:
    """Write a form's picture and text; return the arguments that make a blank of them."""
    picture, text = folder / f"drawn{suffix}", folder / f"town-form-{seed}.toml"
    Image.fromarray(drawn(seed)).save(picture, resolution=200)
    text.write_text(f'kind = "form_front"\npage_mm = [105, 148.5]\nzones = [{zones}]\n', "utf-8")
    return ["make", str(picture), str(text), "--out", str(folder / "blanks")]


def test_made_checked_shown_and_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The way a city goes: make a blank, check the folder, look at it, try a filled page."""
    assert main(given(tmp_path)) == 0
    folder = tmp_path / "blanks"
    assert main(["check", str(folder)]) == 0
    assert main(["show", str(folder / "town-form-1.toml"), str(tmp_path / "shown.png")]) == 0
    page = tmp_path / "page.png"
    cv2.imwrite(str(page), filled(1))
    assert main(["find", str(page), str(folder)]) == 0
    told = capsys.readouterr().out
    assert "1 blanks, no mistake" in told
    assert "page.png: town-form-1" in told
    assert [zone.key for zone in read_blank(folder / "town-form-1.toml").zones] == ["name", "phone"]
    with Image.open(tmp_path / "shown.png") as shown:
        assert shown.size == (827, 1169)


@pytest.mark.skipif(
    shutil.which("pdftoppm") is None, reason="a PDF is drawn by pdftoppm (poppler-utils)"
)
def test_a_pdf_is_drawn(tmp_path: Path) -> None:
    """The city's own PDF of the form is enough."""
    assert main(given(tmp_path, suffix=".pdf")) == 0
    found = read_blank(tmp_path / "blanks" / "town-form-1.toml")
    assert found.picture.shape == drawn(1).shape
    assert np.abs(found.picture.astype(int) - drawn(1)).mean() < 12


@pytest.mark.parametrize(
    ("zones", "sentence"),
    [
        ('{ key = "name", type = "nickname", box_mm = [35, 139, 40, 4] }', "nobody reads the type"),
        ('{ key = "sex", type = "is:1", box_mm = [35, 139, 3, 3], style = "circle" }', "nothing is printed there"),
        ('{ key = "name", type = "name", box_mm = [33, 6, 45, 2.5] }', "is printed already"),
        ('{ key = "name", type = "name", box_mm = [35, 139, 90, 4] }', "must lie on the paper"),
        ('{ key = "name", type = "name" }', "must have key, type and box_mm"),
    ],
)  # fmt: skip
def test_a_mistake_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], zones: str, sentence: str
) -> None:
    """Nothing is written, and the sentence names zone, rule and remedy."""
    assert main(given(tmp_path, zones)) == 1
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "blanks").exists()


def test_a_picture_of_another_shape_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scan with the scanner's lid around the paper would move every zone."""
    arguments = given(tmp_path)
    Image.fromarray(np.pad(drawn(1), ((0, 0), (0, 200)))).save(arguments[1])
    assert main(arguments) == 1
    assert "cut it at the paper's edges" in capsys.readouterr().err


def test_two_blanks_that_are_the_same_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which of the two a page was printed from nobody could say."""
    folder = tmp_path / "blanks"
    assert main(given(tmp_path)) == 0
    for suffix in (".webp", ".toml"):
        shutil.copy(folder / f"town-form-1{suffix}", folder / f"town-form-0{suffix}")
    assert main(["check", str(folder)]) == 1
    assert "is taken for" in capsys.readouterr().err
