"""Finds the city's QR code on a picture and says what it carries and how the paper lies."""

import math
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from appliance.desk.pages.sheet import QrCode
from papers.opening import Picture

CODES_LIMIT = 8
"""Codes looked at on one picture."""
PAYLOAD_LIMIT = 512


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A code on a picture: text, corner points (document order) in pixels, and how far it is turned.

    `angle` is the clockwise turn of the printed code in degrees; 180 means the sheet lies upside down.
    """

    payload: str
    corners: tuple[tuple[float, float], ...]
    angle: float


def find_codes(picture: Picture) -> tuple[FoundCode, ...]:
    """Every QR code on the picture, the first ones found first."""
    import zxingcpp  # noqa: PLC0415 - native library, loaded only where pictures are read

    results = zxingcpp.read_barcodes(
        picture,
        formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]),
        try_rotate=True,
        try_downscale=True,
        try_invert=False,
    )
    return tuple(_found(result) for result in results[:CODES_LIMIT] if result.valid)


def _found(result: Any) -> FoundCode:
    where = result.position
    points = tuple(
        (float(point.x), float(point.y))
        for point in (where.top_left, where.top_right, where.bottom_right, where.bottom_left)
    )
    (x0, y0), (x1, y1) = points[0], points[1]
    angle = math.degrees(math.atan2(y1 - y0, x1 - x0))
    return FoundCode(str(result.text), points, angle)


def read_payload(payload: str) -> QrCode | None:
    """Read a payload by the first profile that fits; None when it is no code of a city."""
    if len(payload) > PAYLOAD_LIMIT:
        return None
    for pattern in _profiles():
        match = pattern.fullmatch(payload)
        if match:
            facts = match.groupdict()
            return QrCode(
                payload=payload,
                insurer_no=facts.get("insurer_no") or "",
                insured_no=facts.get("insured_no") or "",
                reference=facts.get("reference") or "",
                token=facts.get("token") or "",
            )
    return None


def city_code(codes: Sequence[FoundCode]) -> tuple[QrCode, FoundCode] | None:
    """Choose the one city code; None when there is none, or two that disagree."""
    hits = [(code, found) for found in codes if (code := read_payload(found.payload)) is not None]
    if len({code.payload for code, _ in hits}) != 1:
        return None
    return hits[0]


@cache
def _profiles() -> tuple[re.Pattern[str], ...]:
    text = resources.files("appliance.desk.pages").joinpath("qr-profiles.toml").read_text("utf-8")
    return tuple(re.compile(entry["pattern"]) for entry in tomllib.loads(text)["profile"])
