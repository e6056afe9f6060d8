"""A blank form is two files that belong together, and every mistake in it is a sentence."""

from pathlib import Path

import numpy as np
import pytest

from papers.blank import (
    BLANKS_LIMIT,
    Blank,
    BlankError,
    Zone,
    blank_text,
    make_blank,
    mistakes,
    own_blanks,
    read_blank,
    read_blanks,
)
from tests.support.blank_forms import PAGE_MM, blank, drawn


def written(folder: Path, name: str = "small-card") -> Path:
    """Write a small blank into a folder and return its TOML."""
    made, data = make_blank(
        name, "insurance_card", (60.0, 40.0), np.full((40, 60), 250, np.uint8), ()
    )
    (folder / f"{name}.webp").write_bytes(data)
    path = folder / f"{name}.toml"
    path.write_text(blank_text(made), "utf-8")
    return path


def told(*zones: Zone, page_mm: tuple[float, float] = PAGE_MM, kind: str = "form_front") -> str:
    """Say the mistakes of a blank with these zones."""
    return "\n".join(mistakes(Blank("drawn", kind, page_mm, drawn(1), "", zones)))


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    """Kind, size, zones and every pixel come back as they were made."""
    made, data = make_blank("drawn-1", "form_front", PAGE_MM, drawn(1), blank(1).zones)
    (tmp_path / "drawn-1.webp").write_bytes(data)
    (tmp_path / "drawn-1.toml").write_text(blank_text(made), "utf-8")
    (found,) = read_blanks(tmp_path)
    assert (found.id, found.kind, found.page_mm, found.zones, found.sha256) == (
        made.id,
        made.kind,
        made.page_mm,
        made.zones,
        made.sha256,
    )
    assert np.array_equal(found.picture, made.picture)


def test_a_picture_of_another_version_is_refused(tmp_path: Path) -> None:
    """A changed picture no longer has the hash its text names."""
    path = written(tmp_path)
    picture = path.with_suffix(".webp")
    picture.write_bytes(picture.read_bytes() + b"x")
    with pytest.raises(BlankError, match="sha256 must be that of"):
        read_blank(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("kind = ", "must be TOML"), ("", "sha256 must be"), ("\udcff", "must be TOML")],
)
def test_a_broken_text_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    """What is no TOML, or lacks its hash, is named with its file."""
    path = written(tmp_path)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BlankError, match=f"small-card.toml: {sentence}"):
        read_blank(path)


def test_a_missing_line_is_refused(tmp_path: Path) -> None:
    """A text without a kind is named."""
    path = written(tmp_path)
    path.write_text(path.read_text("utf-8").replace("kind", "sort"), "utf-8")
    with pytest.raises(BlankError, match="a line is missing"):
        read_blank(path)


def test_a_folder_has_a_limit(tmp_path: Path) -> None:
    """One blank more than the limit is refused before any is opened."""
    for number in range(BLANKS_LIMIT + 1):
        (tmp_path / f"form-{number}.toml").touch()
    with pytest.raises(BlankError, match=f"at most {BLANKS_LIMIT} blanks"):
        read_blanks(tmp_path)


@pytest.mark.parametrize(
    ("zone", "sentence"),
    [
        (Zone("name", "name", (200.0, 10.0, 20.0, 5.0)), "must lie on the paper"),
        (Zone("name", "name", (20.0, 10.0, 0.0, 5.0)), "must have a width and a height"),
        (Zone("sex", "is:1", (20.0, 10.0, 5.0, 5.0)), "a circle or tick has the type is:CODE"),
        (Zone("sex", "sex", (20.0, 10.0, 5.0, 5.0), "circle"), "a circle or tick has the type"),
        (Zone("name", "name", (20.0, 10.0, 5.0, 5.0), "ring"), "style must be one of"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_zone_is_named(zone: Zone, sentence: str) -> None:
    """Each zone's place and style is held against the paper."""
    assert f"zone {zone.key}: " in told(zone)
    assert sentence in told(zone)


def test_zones_on_each_other_are_named() -> None:
    """Two answers cannot stand in one place."""
    one = Zone("name", "name", (20.0, 10.0, 50.0, 8.0))
    assert "lie on each other" in told(one, Zone("phone", "phone", (25.0, 11.0, 40.0, 7.0)))


def test_a_wrong_kind_and_size_are_named() -> None:
    """The kind is one of the sheet kinds, and the picture has exactly the paper's pixels."""
    assert "kind must be one of" in told(kind="leaflet")
    assert "the picture must be (1654, 1654) pixels" in told(page_mm=(210.0, 210.0))
    assert "page_mm must lie within" in told(page_mm=(0.0, 297.0))


def test_the_own_blanks_hold() -> None:
    """Every blank that travels with the program is read without a mistake."""
    assert {one.kind for one in own_blanks()} <= {
        "form_front",
        "form_back",
        "insurance_card",
        "medical_insurance",
        "physician_opinion",
    }
