"""Days at the sockets, made up by chance: whatever is plugged, pulled and changed, the same things always hold."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.usb.allowed import Allowed
from hardware.usb.descriptors import read_shape
from hardware.usb.device import UsbDevice
from hardware.usb.gate import Gate
from hardware.usb.simulated import SimulatedUsb
from hardware.usb.watch import UsbWatch
from tests.support.usb_devices import FORGED, HONEST, LIST, MODEM_AS_DISC

SOCKETS = ("1-1", "1-2", "1-3", "1-4", "2-1", "2-2", "3-1")
DEVICES = (*HONEST, MODEM_AS_DISC, *(device for _, device in FORGED))
STEP = st.one_of(
    st.tuples(st.just("plug"), st.sampled_from(DEVICES), st.sampled_from((*SOCKETS, ""))),
    st.tuples(st.just("unplug"), st.sampled_from(SOCKETS)),
    st.tuples(st.just("wait"), st.sampled_from((0.1, 2.0, 70.0))),
    st.tuples(st.just("close")),
    st.tuples(st.just("allow"), st.sampled_from(SOCKETS)),
)


class Day:
    """One day: sockets, the watch, and what stood in use when the start was over."""

    def __init__(self) -> None:
        self.ports = SimulatedUsb()
        self.gate = Gate(LIST)
        self.at = 0.0
        self.watch = UsbWatch(self.ports, self.gate, lambda: self.at, lambda _, __: None)
        self.keys_then: set[tuple[str, str]] = set()

    def used(self) -> Iterator[UsbDevice]:
        """What is in use now."""
        return (one for one in self.ports.present() if one.authorized)

    def keys(self) -> set[tuple[str, str]]:
        """What is in use and has keys: socket and description."""
        return {(one.port, one.fingerprint) for one in self.used() if _has_keys(one)}

    def do(self, what: str, *more: object) -> None:
        """Let one thing happen, and look."""
        filled = {one.port for one in self.ports.present()}
        match what, more:
            case "plug", (UsbDevice() as device, str(port)):
                self.ports.plug(replace(device, port=port or device.port))
            case "unplug", (str(port),) if port in filled:
                self.ports.unplug(port)
            case "allow", (str(port),) if port in filled:
                self.ports.allow(port)
            case "wait", (float(seconds),):
                self.at += seconds
            case "close", () if not self.gate.memory.closed:
                self.keys_then = self.keys()
                self.gate.close()
        self.watch.look()

    def check(self) -> None:
        """Hold what is in use to the rules."""
        used = list(self.used())
        assert all(any(_is_row(row, one) for row in LIST) for one in used)
        serials = [one.serial for one in used if one.serial]
        assert len(serials) == len(set(serials))
        if self.gate.memory.closed:
            assert self.keys() <= self.keys_then


def _has_keys(device: UsbDevice) -> bool:
    return any(kind.startswith("03:") for kind in read_shape(device.raw).kinds)


def _is_row(row: Allowed, device: UsbDevice) -> bool:
    shape = read_shape(device.raw)
    tests = (row.is_model(shape), row.is_serial(device), row.is_port(device), row.is_whole(shape))
    return all(tests)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, max_size=30))
def test_ok__what_is_in_use_is_on_the_list_and_no_keys_come_late(
    steps: list[tuple[object, ...]],
) -> None:
    """After every step; and what was never barred is used again on a quiet evening."""
    day = Day()
    for what, *more in steps:
        day.do(str(what), *more)
        day.check()
    for port in SOCKETS:
        day.do("unplug", port)
    day.at += 1_000
    for device in HONEST:
        if not _has_keys(device):
            day.do("plug", device, "")
    barred = {key[0] for key in day.gate.memory.barred}
    quiet = {one.port for one in HONEST if not _has_keys(one)} - barred
    assert quiet <= {one.port for one in day.used()}
