"""The gate: which USB device may be used, judged from the list and from what stood in that socket before.

Pure: devices and `at` (seconds that never step) in, verdicts out. The list decides what may be there at all;
the gate adds what only time can show: a device that changes its face, the same device twice, keys after the start.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hardware.usb.allowed import ANY, HUMAN_INPUT, Allowed
from hardware.usb.descriptors import BadDescriptors, Shape, read_shape
from hardware.usb.device import UsbDevice
from hardware.usb.reasons import Reason, Verdict

MAX_KNOWN: Final = 256
"""Devices remembered until the next start; serial numbers can be made up without end."""
MAX_ARRIVALS: Final = 10
ARRIVALS_S: Final = 60.0
QUICK_S: Final = 1.0
"""No hand swaps two plugs in one socket so fast: the device did it itself."""
_NO_SERIAL: Final = ("", ANY)

Key = tuple[str, str, str, str]
"""Socket, vendor, product, serial."""


@dataclass(slots=True)
class Memory:
    """What lasts until the next start of the machine, also over a restart of the process.

    `keys_at_start` says under which number each stands since then, 0 once it left.
    """

    closed: bool = False
    known: dict[Key, str] = field(default_factory=dict)
    barred: set[Key] = field(default_factory=set)
    keys_at_start: dict[str, int] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """Write it as plain values."""
        return {
            "closed": self.closed,
            "known": [[*key, print_] for key, print_ in sorted(self.known.items())],
            "barred": [list(key) for key in sorted(self.barred)],
            "keys_at_start": dict(sorted(self.keys_at_start.items())),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Memory":
        """Read it again; raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            data["closed"] is not False,
            {(str(a), str(b), str(c), str(d)): str(print_) for a, b, c, d, print_ in data["known"]},
            {(str(a), str(b), str(c), str(d)) for a, b, c, d in data["barred"]},
            {str(one): int(number) for one, number in dict(data["keys_at_start"]).items()},
        )


@dataclass(frozen=True, slots=True)
class _Stands:
    """What stands in a socket now, or stood there last and left at `left`."""

    device: UsbDevice
    key: Key
    row: Allowed
    left: float | None = None


class Gate:
    """Judges each device when it arrives, when it says something new, and remembers what it allowed."""

    def __init__(self, rows: Sequence[Allowed], memory: Memory | None = None) -> None:
        self._rows = tuple(rows)
        self.memory = memory or Memory()
        self._sockets: dict[str, _Stands] = {}
        self._arrivals: dict[str, list[float]] = {}

    def close(self) -> None:
        """End the start: from now on no new keys."""
        self.memory.closed = True

    def arrived(self, device: UsbDevice, at: float) -> Verdict:
        """Judge a device that was found in a socket."""
        before = self._sockets.get(device.port)
        if self._is_flood(device.port, at):
            return self._refused(device, Reason.FLOOD)
        try:
            shape = read_shape(device.raw)
        except BadDescriptors:
            return self._refused(device, Reason.GARBLED)
        key = _key(device, shape)
        row, reason = self._on_list(device, shape)
        if self._has_changed(device, key) or self._bar_swapped(before, at, key, row):
            reason = Reason.CHANGED
        elif row is not None:
            reason = self._over_time(device, key, row)
        if row is None or reason is not Reason.LISTED:
            return self._refused(device, reason, row.name if row else "")
        self.memory.known[key] = device.fingerprint
        if _has_keys(row) and not self.memory.closed:
            self.memory.keys_at_start[_print_of_keys(device)] = device.number
        self._sockets[device.port] = _Stands(device, key, row)
        return _allowed(device, row)

    def changed(self, device: UsbDevice, at: float) -> Verdict:
        """Judge a device that says something new without having left: one that was allowed is barred."""
        stands = self._sockets.get(device.port)
        if stands is None or stands.left is not None:
            return self.arrived(device, at)
        if device.fingerprint == stands.device.fingerprint and _does_the_same(
            device, stands.device
        ):
            if device.configuration:
                self._sockets[device.port] = replace(stands, device=device)
            return _allowed(device, stands.row)
        self.memory.barred.add(stands.key)
        return self._refused(device, Reason.CHANGED, stands.row.name)

    def left(self, port: str, at: float) -> None:
        """Hear that a socket is empty."""
        stands = self._sockets.get(port)
        if stands is not None and stands.left is None:
            self._sockets[port] = replace(stands, left=at)
            keys = _print_of_keys(stands.device)
            if keys in self.memory.keys_at_start:
                self.memory.keys_at_start[keys] = 0

    def _on_list(self, device: UsbDevice, shape: Shape) -> tuple[Allowed | None, Reason]:
        """Return the row that allows it, or the reason of the row that came nearest."""
        rows = [row for row in self._rows if row.is_model(shape)]
        tests = (
            (Reason.UNKNOWN, rows),
            (Reason.SERIAL, [row for row in rows if row.is_serial(device)]),
        )
        for reason, left in tests:
            if not left:
                return None, reason
        rows = tests[-1][1]
        whole = [row for row in rows if row.is_whole(shape)]
        if not whole:
            return None, Reason.INTERFACES
        right = [row for row in whole if row.is_port(device)]
        return (right[0], Reason.LISTED) if right else (None, Reason.PORT)

    def _over_time(self, device: UsbDevice, key: Key, row: Allowed) -> Reason:
        """Judge what one look cannot show."""
        memory = self.memory
        if key in memory.barred:
            return Reason.CHANGED
        if self._is_twice(device, key):
            return Reason.TWICE
        if key not in memory.known and len(memory.known) >= MAX_KNOWN:
            return Reason.FLOOD
        if _has_keys(row) and memory.closed and not self._returns(row, device):
            return Reason.LATE_KEYS
        return Reason.LISTED

    def _returns(self, row: Allowed, device: UsbDevice) -> bool:
        """Say whether it was there at the start, and may come back or never left: then only we were away."""
        number = self.memory.keys_at_start.get(_print_of_keys(device))
        return number is not None and (row.keys == "returns" or number == device.number != 0)

    def _has_changed(self, device: UsbDevice, key: Key) -> bool:
        """Bar a device that this socket knows with another description."""
        known = self.memory.known.get(key)
        if known is None or known == device.fingerprint:
            return False
        self.memory.barred.add(key)
        return True

    def _bar_swapped(
        self, before: _Stands | None, at: float, key: Key, row: Allowed | None
    ) -> bool:
        """Bar what left its socket to come back at once as something else; a row may say that it does so."""
        if before is None or before.key == key:
            return False
        if before.left is not None and at - before.left >= QUICK_S:
            return False
        # A mode switch goes both ways: a modem falls back to its first face when it is reset.
        if row is not None and (row.name in before.row.becomes or before.row.name in row.becomes):
            return False
        self.memory.barred.add(before.key)
        if len(self.memory.barred) < MAX_KNOWN:
            self.memory.barred.add(key)
        return True

    def _is_twice(self, device: UsbDevice, key: Key) -> bool:
        """Two of one model are fine when they have no serial number; one serial number is one device."""
        return device.serial not in _NO_SERIAL and any(
            stands.left is None and stands.key[1:] == key[1:] and port != device.port
            for port, stands in self._sockets.items()
        )

    def _is_flood(self, port: str, at: float) -> bool:
        recent = [one for one in self._arrivals.get(port, ()) if at - one < ARRIVALS_S]
        self._arrivals[port] = [*recent, at][-MAX_ARRIVALS - 1 :]
        if len(self._arrivals) > MAX_KNOWN:
            self._arrivals = {
                one: times for one, times in self._arrivals.items() if at - times[-1] < ARRIVALS_S
            }
        return len(recent) >= MAX_ARRIVALS

    def _refused(self, device: UsbDevice, reason: Reason, row: str = "") -> Verdict:
        self._sockets.pop(device.port, None)
        return Verdict(device.port, reason, row)


def _key(device: UsbDevice, shape: Shape) -> Key:
    return (device.port, shape.vendor, shape.product, device.serial)


def _allowed(device: UsbDevice, row: Allowed) -> Verdict:
    return Verdict(device.port, Reason.LISTED, row.name, _has_keys(row))


def _has_keys(row: Allowed) -> bool:
    return any(kind.startswith(HUMAN_INPUT) for kind in row.interfaces)


def _print_of_keys(device: UsbDevice) -> str:
    return f"{device.port} {device.fingerprint}"


def _does_the_same(one: UsbDevice, other: UsbDevice) -> bool:
    """Say whether the chosen configuration offers the same; choosing one for the first time is no change."""
    if 0 in (one.configuration, other.configuration):
        return True
    shape = read_shape(one.raw)
    return shape.kinds_of(one.configuration) == shape.kinds_of(other.configuration)
