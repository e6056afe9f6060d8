"""Facts about how the capture bench counts: what is right, what is silent, what its last line says."""

from pathlib import Path
from typing import Any

from appliance.desk.pages.sheet import FieldReading, ReadSheet
from bench._capture_corners import Corners
from bench._capture_loss import Loss, distance
from bench._capture_run import Cost
from bench._capture_truth import Capture, Tally, truth_of
from bench.capture import Outcome, figures

KEYS = [
    "pages",
    "fields_exact_scan",
    "fields_exact_photo",
    "silent_errors",
    "flagged",
    "qr_rate_scan",
    "qr_rate_photo",
    "corner_px_median",
    "corner_failures",
    "bytes_per_page",
    "preview_bytes",
    "ocr_loss",
    "seconds_per_page",
    "rss_mb",
]


def _sample(covered: list[str]) -> dict[str, Any]:
    return {
        "doc": "card",
        "layout": "one",
        "qr": None,
        "fields": {
            "name": {"value": "山田　花子", "bbox_mm": [0, 0, 1, 1], "style": "typed"},
            "birth": {"value": "昭和10年1月2日", "bbox_mm": [0, 0, 1, 1], "style": "typed"},
        },
        "captures": {"scan": {"dpi": 200, "occluded_fields": covered}},
    }


def _read(birth: str, confidence: float) -> ReadSheet:
    return ReadSheet(
        "medical_insurance",
        0,
        10,
        10,
        None,
        (FieldReading("birth_date", birth, birth, confidence, "line"),),
        (),
        b"",
        "",
        b"",
        "",
    )


def _counted(sheet: ReadSheet, covered: list[str] | None = None) -> Tally:
    tally = Tally()
    tally.add(Capture("page-scan", "scan", _sample(covered or []), Path()), sheet)
    return tally


def test_a_wrong_sure_value_is_a_silent_error() -> None:
    """A value that is wrong and not doubtful is counted and named."""
    tally = _counted(_read("1935-01-03", 0.9))

    assert tally.by_way["scan"].silent == 1
    assert "1935-01-03 instead of 1935-01-02" in tally.silent[0]


def test_a_wrong_doubtful_value_is_flagged() -> None:
    """A wrong value that asks for a look is no silent error."""
    tally = _counted(_read("1935-01-03", 0.5))

    assert (tally.silent, tally.by_way["scan"].flagged) == ([], 1)


def test_a_covered_field_is_no_miss() -> None:
    """A field under a finger is not asked for, and what is made up of it in silence still counts."""
    tally = _counted(_read("1935-01-03", 0.9), ["birth", "name"])

    assert (tally.by_way["scan"].pages, tally.by_way["scan"].silent) == (0, 1)


def test_truth_is_written_canonically() -> None:
    """Dates of the truth file become ISO dates."""
    assert truth_of(_sample([]))["birth_date"] == "1935-01-02"


def test_the_last_line_has_the_agreed_names() -> None:
    """The object at the end has exactly the agreed names in their order."""
    told = Outcome(
        _counted(_read("1935-01-02", 0.9)),
        Cost(1, 2.0, 3.0, 100.4),
        [60_000],
        [12_000],
        Corners([2.0, 4.0], 0, 0, 2, []),
        [Loss("working copy", [60_000], 100, 2, 3, 50, 1, 1)],
    )

    assert list(figures(told)) == KEYS
    assert figures(told)["fields_exact_scan"] == 0.5
    assert figures(told)["fields_exact_photo"] is None
    assert figures(told)["ocr_loss"] == 1.0
    assert figures(told)["seconds_per_page"] == 1.0


def test_distance_counts_signs() -> None:
    """A sign changed, put in and taken out each count one."""
    assert distance("令和6年", "令和7年") == 1
    assert distance("", "年月") == 2
    assert distance("年月日", "年日") == 1
