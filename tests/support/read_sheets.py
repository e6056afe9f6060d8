"""Read sheets made by hand, for tests that need no picture."""

from appliance.desk.pages.sheet import FieldReading, Kind, QrCode, ReadSheet


def reading(key: str, value: str, confidence: float = 0.95, source: str = "ocr") -> FieldReading:
    """One value as the page is said to carry it."""
    return FieldReading(key, value, value, confidence, source)


def read_sheet(kind: Kind, *fields: FieldReading, qr: QrCode | None = None) -> ReadSheet:
    """Make an upright sheet with small stand-ins for its pictures."""
    return ReadSheet(
        kind=kind,
        rotation=0,
        width=2480,
        height=3508,
        qr=qr,
        fields=fields,
        findings=(),
        page=b"page",
        page_type="image/avif",
        preview=b"preview",
        preview_type="image/webp",
    )
