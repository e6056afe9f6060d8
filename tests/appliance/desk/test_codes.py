"""The printed code of a receipt: never larger than version 11 at level M, and a reader gets every byte of it."""

import io
from pathlib import Path

import pytest
import segno
import zxingcpp
from PIL import Image
from pydantic import ValidationError

from appliance.config import DeskSettings
from appliance.desk.codes import QUIET_MODULES, qr_code
from sync.address import BYTES_MAX, HOST_MAX, from_text, to_text


@pytest.mark.parametrize(
    ("length", "host", "version"),
    [
        (172, "v.example.jp", 10),
        (172, "h" * HOST_MAX, 11),
        (BYTES_MAX, "h" * HOST_MAX, 11),
    ],
)
def test_ok__the_largest_receipt_under_the_longest_host_is_a_version_11(
    length: int, host: str, version: int
) -> None:
    """An ordinary receipt is smaller, the largest one that can be signed is 61 modules wide."""
    code = qr_code(to_text(b"\xff" * length, host))
    assert (code.version, code.error) == (version, "M")


def test_ok__the_same_address_as_plain_bytes_would_be_larger() -> None:
    """Digits are packed as digits: that is what the form of the address is for."""
    text = to_text(b"\xff" * BYTES_MAX, "h" * HOST_MAX)
    assert segno.make(text, error="m", micro=False).designator == "18-M"


def test_ok__a_reader_gets_every_byte_of_the_largest_one() -> None:
    """What a phone reads out of the picture is the address, and the address is the receipt."""
    data = bytes(range(BYTES_MAX))
    out = io.BytesIO()
    qr_code(to_text(data, "h" * HOST_MAX)).save(out, kind="png", scale=4, border=QUIET_MODULES)
    read = zxingcpp.read_barcodes(Image.open(out).convert("L"))
    assert [from_text(one.text) for one in read] == [data]


def test_fail__a_host_too_long_for_the_code_is_refused_with_the_settings(tmp_path: Path) -> None:
    """The technician reads why before the first receipt is printed."""
    told = {"folder": tmp_path, "keys": tmp_path, "bundle": tmp_path, "receipt_host": "h" * 38}
    with pytest.raises(ValidationError, match="has 38: choose a shorter name"):
        DeskSettings.model_validate(told)
    assert DeskSettings.model_validate({**told, "receipt_host": "h" * 37}).receipt_host == "h" * 37
