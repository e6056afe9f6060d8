"""Reading the option lists of different backends."""

import pytest

from hardware.scanner.options import read_options

AIRSCAN = """
All options specific to device `airscan:e0:Desk':
  Standard:
    --resolution 150|200|300|600dpi [300]
        Sets the resolution of the scanned image.
    --mode Color|Gray [Color]
    --source Flatbed|ADF|ADF Duplex [Flatbed]
  Geometry:
    -x 0..215.9mm [215.9]
    -y 0..355.6mm [355.6]
    --adf-justification-x <string> [inactive]
"""
OTHER = """
    --mode Black & White|True Gray|24bit Color[Fast] [24bit Color[Fast]]
    --source FlatBed|Automatic Document Feeder(left aligned) [FlatBed]
    --resolution 50..600dpi (in steps of 1) [50]
    -x 0..210mm (in steps of 0.1) [210]
    -y 0..297mm (in steps of 0.1) [297]
    --page-loaded[=(yes|no)] [no] [hardware]
    --cover-open[=(yes|no)] [yes] [hardware]
"""


def test_ok__the_window_is_the_largest_scan_area() -> None:
    """Both axes, in millimetres."""
    assert read_options(AIRSCAN).window_mm == (215.9, 355.6)


def test_ok__steps_do_not_confuse_the_window() -> None:
    """Some backends add the step behind the range."""
    assert read_options(OTHER).window_mm == (210, 297)


@pytest.mark.parametrize(
    ("text", "wanted", "source"),
    [
        (AIRSCAN, "ADF", "ADF"),
        (AIRSCAN, "ADF Duplex", "ADF Duplex"),
        (AIRSCAN, "Feeder", "ADF"),
        (OTHER, "ADF", "Automatic Document Feeder(left aligned)"),
        ("    --source Flatbed [Flatbed]", "ADF", None),
    ],
)
def test_ok__the_feeder_is_found_under_its_own_name(
    text: str, wanted: str, source: str | None
) -> None:
    """The wanted name first, else what sounds like a feeder, never the glass plate."""
    assert read_options(text).feeder(wanted) == source


@pytest.mark.parametrize(("text", "mode"), [(AIRSCAN, "Color"), (OTHER, "24bit Color[Fast]")])
def test_ok__the_colour_mode_is_found_under_its_own_name(text: str, mode: str) -> None:
    """Backends spell it differently."""
    assert read_options(text).colour() == mode


@pytest.mark.parametrize(
    ("text", "wanted", "dpi"),
    [
        (AIRSCAN, 300, 300),
        (AIRSCAN, 240, 200),
        (AIRSCAN, 250, 300),
        (AIRSCAN, 1200, 600),
        (OTHER, 240, 240),
        (OTHER, 1200, 600),
        ("", 300, 300),
    ],
)
def test_ok__the_resolution_is_one_the_scanner_has(text: str, wanted: int, dpi: int) -> None:
    """The nearest of a list, the larger of two as near, the wanted one inside a range."""
    assert read_options(text).resolution(wanted) == dpi


def test_ok__sensors_are_read() -> None:
    """Yes and no are told apart, and both from not being there."""
    told = read_options(OTHER)
    assert (told.page_loaded, told.cover_open) == (False, True)
    assert read_options(AIRSCAN).page_loaded is None


def test_ok__nothing_known_is_nothing_claimed() -> None:
    """An empty list has no sources, no modes and no window."""
    told = read_options("")
    assert (told.sources, told.colour(), told.window_mm) == ((), None, None)


@pytest.mark.parametrize("said", ["75..65..600", "1.2.3..600", "..600"])
def test_fail__numbers_that_are_none_are_passed_over(said: str) -> None:
    """A driver that prints rubbish for a range has no range; before, the reader died of it."""
    found = read_options(
        f"    --resolution {said}dpi (in steps of 1) [75]\n    -x 0..1.2.3mm [1]\n"
    )
    assert (found.resolution(300), found.window_mm) == (300, None)


@pytest.mark.parametrize(
    ("text", "source", "switch"),
    [
        (AIRSCAN, "ADF Duplex", ()),
        (
            "    --source Flatbed|ADF [ADF]\n    --adf-mode Simplex|Duplex [inactive]\n",
            "ADF",
            ("--adf-mode", "Duplex"),
        ),
        (
            "    --source Flatbed|ADF [ADF]\n    --duplex[=(yes|no)] [no]\n",
            "ADF",
            ("--duplex=yes",),
        ),
        ("    --source Flatbed|ADF [ADF]\n", None, ()),
    ],
)
def test_ok__both_sides_are_asked_for_in_the_backends_own_words(
    text: str, source: str | None, switch: tuple[str, ...]
) -> None:
    """A source, a mode of the feeder, a plain switch, or nothing: then it cannot be done."""
    told = read_options(text)
    assert (told.feeder("ADF", duplex=True), told.both_sides) == (source, switch)


def test_ok__one_side_is_preferred_where_nobody_asked_for_two() -> None:
    """An unknown name takes the plain feeder, wherever it stands in the list."""
    told = read_options("    --source ADF Duplex|ADF Front [ADF Duplex]\n")
    assert told.feeder("Feeder") == "ADF Front"


def test_ok__a_sensor_for_two_sheets_at_once_is_read() -> None:
    """Some feeders hear it by ultrasound and their backends say so."""
    told = read_options("    --double-feed[=(yes|no)] [yes] [hardware]\n")
    assert told.double_fed is True
