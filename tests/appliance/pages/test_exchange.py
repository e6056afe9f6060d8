"""What reader and worker say to each other."""

from dataclasses import replace
from typing import Any

import pytest

from appliance.desk.pages import exchange
from appliance.desk.pages.findings import turned
from appliance.desk.pages.sheet import FieldReading, QrCode, ReadSheet
from tests.support.read_sheets import read_sheet, reading


def parts(message: bytes) -> tuple[dict[str, Any], bytes]:
    """Take a message apart."""
    text, blob = exchange.lengths(message[: exchange.PREFIX])
    rest = message[exchange.PREFIX :]
    assert len(rest) == text + blob
    return exchange.read_head(rest[:text]), rest[text:]


def full_sheet() -> ReadSheet:
    """Make a sheet that uses every member."""
    boxed = FieldReading("name", "髙﨑　𠮷雄", "髙﨑 𠮷雄", 0.7, "ocr", (1, 2, 3, 4))
    sheet = read_sheet("form_front", boxed, reading("phone", "019-000-0000"))
    code = QrCode("KN1:...", insurer_no="032011", reference="R8-1")
    return replace(sheet, qr=code, findings=(turned(180),), rotation=180)


def test_sheet_comes_through_whole() -> None:
    """Writing and reading gives the same sheet."""
    assert exchange.read_sheet(*parts(exchange.write_sheet(full_sheet()))) == full_sheet()


def test_code_comes_through() -> None:
    """No code stays no code."""
    assert exchange.read_code(None) is None


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "surprise"},
        {"page": -1},
        {"page": 5},
        {"fields": [{"key": "name"}]},
        {"fields": 7},
        {"findings": [{"code": "x", "severity": "fatal", "sentence": "y"}]},
        {"page_type": 3},
        {"page_type": "x" * 3000},
        {"qr": {"payload": 1}},
        {"qr": {"surprise": "x"}},
        {"width": "wide"},
    ],
    ids=str,
)
def test_wrong_shape_is_refused(change: dict[str, Any]) -> None:
    """A worker that opened a hostile picture is not believed."""
    head, blob = parts(exchange.write_sheet(full_sheet()))
    head["sheet"] |= change
    with pytest.raises(exchange.ExchangeError):
        exchange.read_sheet(head, blob)


def test_missing_sheet_is_refused() -> None:
    """A message without a sheet is none."""
    with pytest.raises(exchange.ExchangeError):
        exchange.read_sheet({}, b"")


def test_confidence_is_kept_within_bounds() -> None:
    """A confidence of two is at most one."""
    head, blob = parts(exchange.write_sheet(full_sheet()))
    head["sheet"]["fields"][0]["confidence"] = 2
    assert exchange.read_sheet(head, blob).fields[0].confidence == 1.0


@pytest.mark.parametrize("text", [b"[]", b"{", b"\xff"])
def test_head_that_is_no_object_is_refused(text: bytes) -> None:
    """Only JSON objects are heads."""
    with pytest.raises(exchange.ExchangeError):
        exchange.read_head(text)


def test_longest_head_is_accepted() -> None:
    """The limit itself may be announced."""
    prefix = exchange.JSON_LIMIT.to_bytes(4, "big") + bytes(4)
    assert exchange.lengths(prefix) == (exchange.JSON_LIMIT, 0)


def test_head_beyond_the_limit_is_refused() -> None:
    """One byte more is refused before anything is read."""
    with pytest.raises(exchange.ExchangeError):
        exchange.lengths((exchange.JSON_LIMIT + 1).to_bytes(4, "big") + bytes(4))


def test_blob_beyond_the_limit_is_refused() -> None:
    """The same for pictures."""
    with pytest.raises(exchange.ExchangeError):
        exchange.lengths(bytes(4) + (exchange.BLOB_LIMIT + 1).to_bytes(4, "big"))
