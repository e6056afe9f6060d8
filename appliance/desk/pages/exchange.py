"""How the reader and its workers speak: length-framed JSON with two pictures behind it, never pickles.

A worker opens foreign bytes, so what it says is checked here like a stranger's letter.
"""

import json
from dataclasses import asdict
from typing import Any, get_args

from appliance.desk.pages.sheet import Box, FieldReading, Finding, Kind, QrCode, ReadSheet

PREFIX = 8
"""Bytes before every message: length of the JSON, length of the blob, big endian, 4 each."""
JSON_LIMIT = 1 << 20
BLOB_LIMIT = 64 << 20
TEXT_LIMIT = 2000


class ExchangeError(Exception):
    """The other end of the pipe did not keep to the shape of messages."""


def pack(head: dict[str, Any], blob: bytes = b"") -> bytes:
    """One message: prefix, JSON, blob."""
    text = json.dumps(head, ensure_ascii=False).encode()
    return len(text).to_bytes(4, "big") + len(blob).to_bytes(4, "big") + text + blob


def lengths(prefix: bytes) -> tuple[int, int]:
    """Read the two lengths a prefix announces; raises ExchangeError beyond the limits."""
    text, blob = int.from_bytes(prefix[:4], "big"), int.from_bytes(prefix[4:8], "big")
    if text > JSON_LIMIT or blob > BLOB_LIMIT:
        raise ExchangeError(f"a message of {text} + {blob} bytes is over the limit")
    return text, blob


def read_head(text: bytes) -> dict[str, Any]:
    """Read the JSON object of a message; raises ExchangeError for anything else."""
    try:
        head = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise ExchangeError("a message's head is no JSON") from fault
    if not isinstance(head, dict):
        raise ExchangeError("a message's head is no object")
    return head


PICTURES = ("page", "preview", "original")


def write_sheet(sheet: ReadSheet) -> bytes:
    """Write a read sheet as one message; the blob is the page, the preview and the original."""
    head = asdict(sheet)
    for name in PICTURES:
        head[name] = len(head[name])
    return pack({"sheet": head}, sheet.page + sheet.preview + sheet.original)


def read_sheet(head: dict[str, Any], blob: bytes) -> ReadSheet:
    """Read the sheet a worker reports; raises ExchangeError when its shape is wrong."""
    try:
        told = head["sheet"]
        page, preview, original = (int(told[name]) for name in PICTURES)
        if (
            min(page, preview, original) < 0
            or page + preview + original != len(blob)
            or told["kind"] not in get_args(Kind)
        ):
            raise ExchangeError("a sheet's pictures or kind do not fit")
        return ReadSheet(
            kind=told["kind"],
            rotation=int(told["rotation"]),
            width=int(told["width"]),
            height=int(told["height"]),
            qr=read_code(told["qr"]),
            fields=tuple(_field(entry) for entry in told["fields"]),
            findings=tuple(_finding(entry) for entry in told["findings"]),
            page=blob[:page],
            page_type=_text(told["page_type"]),
            preview=blob[page : page + preview],
            preview_type=_text(told["preview_type"]),
            original=blob[page + preview :],
            original_type=_text(told["original_type"]),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise ExchangeError("a sheet's message lacks something") from fault


def read_code(told: Any) -> QrCode | None:
    """Read the QR code in a message, or None."""
    if told is None:
        return None
    try:
        return QrCode(**{str(key): _text(value) for key, value in told.items()})
    except (AttributeError, TypeError, ValueError) as fault:
        raise ExchangeError("a QR code's message has a wrong shape") from fault


def read_pid(head: dict[str, Any]) -> int:
    """Read the process that a new worker says it is."""
    pid = head.get("pid")
    if not isinstance(pid, int):
        raise ExchangeError("a worker's first message does not name its process")
    return pid


def _field(told: Any) -> FieldReading:
    box: Box | None = None
    if told["box"] is not None:
        x, y, width, height = (int(number) for number in told["box"])
        box = (x, y, width, height)
    return FieldReading(
        key=_text(told["key"]),
        value=_text(told["value"]),
        raw=_text(told["raw"]),
        confidence=min(1.0, max(0.0, float(told["confidence"]))),
        source=_text(told["source"]),
        box=box,
    )


def _finding(told: Any) -> Finding:
    severity = told["severity"]
    if severity not in ("block", "warn", "info"):
        raise ExchangeError("a finding's severity is unknown")
    return Finding(_text(told["code"]), severity, _text(told["sentence"]))


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > TEXT_LIMIT:
        raise ExchangeError("a text is missing or too long")
    return value
