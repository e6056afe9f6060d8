"""QR codes of cities."""

import io

import numpy as np
import pytest
import segno
from PIL import Image

from appliance.desk.pages.qr import FoundCode, city_code, find_codes, read_payload
from appliance.desk.pages.sheet import QrCode
from papers.opening import Picture

REFERENCE = "KN1:032011:R8-206927:3b860fed7c9d704a"
NUMBER = "KN1|032011|0013893015|R8-206927|20261231|" + "a" * 40
LINK = "https://kaigo.example.lg.jp/r/f6236b504b74ba4a0fe75d?f=KN1&v=2"


def page_with(payload: str, quarters: int = 0) -> Picture:
    """Print a code on a page and turn the page clockwise."""
    out = io.BytesIO()
    segno.make(payload, error="m").save(out, kind="png", scale=6, border=4)
    code = np.asarray(Image.open(out).convert("RGB"))
    page = np.full((900, 700, 3), 255, np.uint8)
    page[40 : 40 + code.shape[0], 400 : 400 + code.shape[1]] = code
    return np.ascontiguousarray(np.rot90(page, -quarters))


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (REFERENCE, QrCode(REFERENCE, insurer_no="032011", reference="R8-206927")),
        (NUMBER, QrCode(NUMBER, "032011", "0013893015", "R8-206927")),
        (LINK, QrCode(LINK, token="f6236b504b74ba4a0fe75d")),
        (
            LINK.split("?", maxsplit=1)[0],
            QrCode(LINK.split("?", maxsplit=1)[0], token="f6236b504b74ba4a0fe75d"),
        ),
    ],
    ids=["reference", "number", "link", "bare link"],
)
def test_profile_is_read(payload: str, expected: QrCode) -> None:
    """Each profile gives what it carries and nothing else."""
    assert read_payload(payload) == expected


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "KN2:032011:R8-206927:3b860fed7c9d704a",
        "KN1:03201:R8-206927:3b860fed7c9d704a",
        REFERENCE + "\n",
        "x" + REFERENCE,
        "http://kaigo.example.lg.jp/r/f6236b504b74ba4a0fe75d",
        "https://kaigo.example.lg.jp/q/f6236b504b74ba4a0fe75d",
        "https://" + "a" * 600,
        "WIFI:S:bus;;",
    ],
)
def test_foreign_payload_is_no_city_code(payload: str) -> None:
    """Anything else is left alone."""
    assert read_payload(payload) is None


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_code_is_found_however_the_page_lies(quarters: int) -> None:
    """The payload is read at every quarter turn."""
    assert [code.payload for code in find_codes(page_with(REFERENCE, quarters))] == [REFERENCE]


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_code_tells_how_the_page_lies(quarters: int) -> None:
    """Its angle is the page's."""
    (code,) = find_codes(page_with(REFERENCE, quarters))
    assert round(code.angle / 90) % 4 == quarters


def test_empty_page_has_no_code() -> None:
    """Nothing is found where nothing is."""
    assert find_codes(np.full((300, 300, 3), 255, np.uint8)) == ()


def test_foreign_code_beside_ours_is_ignored() -> None:
    """A sticker does not hide the city's code."""
    found = [FoundCode("WIFI:S:bus;;", (), 0.0), FoundCode(REFERENCE, (), 0.0)]
    city = city_code(found)
    assert city is not None
    assert city[0].reference == "R8-206927"


def test_two_city_codes_that_disagree_are_none() -> None:
    """Two people's codes on one sheet decide nothing."""
    assert city_code([FoundCode(REFERENCE, (), 0.0), FoundCode(LINK, (), 0.0)]) is None
