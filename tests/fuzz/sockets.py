"""Targets at the USB sockets: what a device says of itself, the technician's list, the porter's memory."""

import json
from contextlib import suppress
from typing import Final

from hardware.usb.allowed import parse_allowed
from hardware.usb.descriptors import BadDescriptors, read_shape
from hardware.usb.device import UsbDevice
from hardware.usb.gate import Gate, Memory
from hardware.usb.suggesting import suggest_rows
from hardware.usb.usbguard import usbguard_rules
from tests.fuzz.custody import text_of
from tests.fuzz.target import Broken, Target
from tests.support.usb_devices import FORGED, HONEST, LIST

_KINDS: Final = {kind for row in LIST for kind in row.interfaces}


def _descriptors(data: bytes) -> None:
    """Read them; whatever they say, a suggested row is a list, and no gate lets in more than its rows name."""
    device = UsbDevice("1-1", 2, text_of(data[:16]), data)
    parse_allowed(suggest_rows([device]).encode("utf-8", "replace"))
    gate = Gate(LIST)
    if gate.arrived(device, 0.0).allowed and not set(read_shape(data).kinds) <= _KINDS:
        raise Broken("the gate let in an interface no row names")
    with suppress(BadDescriptors):
        read_shape(data)


def _list(data: bytes) -> None:
    """Each row that is read is one rule of one line."""
    rows = parse_allowed(data)
    if len(usbguard_rules(rows).splitlines()) != len(rows) + 3:
        raise Broken("a row became more than one rule")


def _memory(data: bytes) -> None:
    """As the porter's book reads it."""
    with suppress(RecursionError):
        Memory.from_data(json.loads(data))


def _devices() -> list[bytes]:
    return [one.raw for one in HONEST] + [one.raw for _, one in FORGED if len(one.raw) < 200]


_ROWS: Final = suggest_rows(HONEST).encode()
_BOOK: Final = json.dumps(Memory(True, {("1-1", "a", "b", "c"): "d"}).as_data()).encode()

TARGETS: Final = (
    Target("usb-descriptors", _descriptors, (), _devices, (b"\x09\x04", b"\x07\x05", b"\x09\x02")),
    Target("usb-list", _list, (ValueError,), lambda: [_ROWS, b""], (b"[[device]]", b'port = "')),
    Target("porter-book", _memory, (KeyError, TypeError, ValueError), lambda: [_BOOK]),
)
