"""Rows for the list, written from what is plugged in: the technician reads them and keeps what belongs there."""

import json
from collections.abc import Iterable

from hardware.usb.allowed import ANY, HUMAN_INPUT, parse_allowed
from hardware.usb.descriptors import BadDescriptors, read_shape
from hardware.usb.device import UsbDevice


def suggest_rows(devices: Iterable[UsbDevice]) -> str:
    """Write a list that allows exactly these devices in their sockets; what cannot be allowed becomes a comment."""
    return "\n".join(_row(device, n) for n, device in enumerate(devices, 1))


def _row(device: UsbDevice, number: int) -> str:
    try:
        shape = read_shape(device.raw)
    except BadDescriptors as error:
        return f"# {device.port}: {error}\n"
    keys = any(kind.startswith(HUMAN_INPUT) for kind in shape.kinds)
    fields: dict[str, str | list[str]] = {
        "name": f"device-{number}",
        "vendor": shape.vendor,
        "product": shape.product,
        "serial": device.serial,
        "port": device.port,
        "interfaces": list(shape.kinds),
        "keys": "at-start" if keys else "never",
    }
    row = _written(fields)
    try:
        parse_allowed(row.encode("utf-8", "replace"))
    except ValueError:
        row = _written({**fields, "serial": ANY})  # its serial number cannot stand in a rule
    try:
        parse_allowed(row.encode())
    except ValueError as error:
        return f"# {device.port}: {error}\n"
    return row


def _written(fields: dict[str, str | list[str]]) -> str:
    lines = [f"{name} = {json.dumps(value)}" for name, value in fields.items()]
    return "\n".join(["[[device]]", *lines, ""])
