"""The gate: the list, and what only time can show."""

from dataclasses import replace

import pytest

from hardware.usb.device import UsbDevice
from hardware.usb.gate import ARRIVALS_S, MAX_ARRIVALS, MAX_KNOWN, QUICK_S, Gate, Memory
from hardware.usb.reasons import SENTENCES, Reason
from tests.support.usb_devices import (
    CAMERA,
    FORGED,
    HONEST,
    KEYBOARD,
    KEYPAD,
    LIST,
    MODEM_AS_DISC,
    MODEM_ITSELF,
    SCANNER,
    STICK,
    TOUCHSCREEN,
    VENDOR,
    VIDEO_CONTROL,
    VIDEO_STREAM,
    Part,
    configuration,
    device_head,
    raw,
    row,
    usb,
)

LATER = 100.0
GROWN = usb("1-2", raw(0x046D, 0x0825, VIDEO_CONTROL, VIDEO_STREAM, KEYBOARD), "CAM-7")


def gate(*present: UsbDevice, closed: bool = True) -> Gate:
    """A gate at which these stood at the start."""
    made = Gate(LIST)
    for device in present:
        made.arrived(device, 0.0)
    if closed:
        made.close()
    return made


def again(at_gate: Gate, device: UsbDevice, left: float, came: float) -> Reason:
    """It leaves its socket, and this one comes."""
    at_gate.left(device.port, left)
    return at_gate.arrived(device, came).reason


@pytest.mark.parametrize("device", HONEST, ids=lambda device: device.port)
def test_ok__what_is_on_the_list_is_used(device: UsbDevice) -> None:
    """At the start each device of the bus is allowed."""
    assert gate(closed=False).arrived(device, 0.0).reason is Reason.LISTED


@pytest.mark.parametrize(
    ("name", "device"), FORGED, ids=lambda one: one if isinstance(one, str) else ""
)
@pytest.mark.parametrize("closed", [False, True])
def test_fail__what_is_forged_is_not(name: str, device: UsbDevice, *, closed: bool) -> None:
    """Before and after the start, beside the honest ones."""
    assert not gate(*HONEST, closed=closed).arrived(device, LATER).allowed, name


def test_fail__a_scanner_that_is_bluetooth_as_a_whole() -> None:
    """Maker, model, serial number, socket and interfaces are the scanner's; the kernel goes by the device's class."""
    whole = replace(SCANNER, raw=SCANNER.raw[:4] + b"\xe0\x01\x01" + SCANNER.raw[7:])
    verdict = gate().arrived(whole, 0)
    assert (verdict.allowed, verdict.reason) == (False, Reason.INTERFACES)


REFUSED = {
    Reason.GARBLED: usb("1-1", b""),
    Reason.UNKNOWN: usb("1-1", raw(1, 2, VENDOR)),
    Reason.SERIAL: replace(SCANNER, serial="SC-0002"),
    Reason.PORT: replace(SCANNER, port="1-9"),
    Reason.INTERFACES: GROWN,
    Reason.LATE_KEYS: KEYPAD,
}


@pytest.mark.parametrize("reason", REFUSED, ids=lambda one: one.value)
def test_fail__the_reason_names_what_is_wrong(reason: Reason) -> None:
    """The row that comes nearest tells."""
    assert gate().arrived(REFUSED[reason], LATER).reason is reason


def test_ok__every_reason_has_its_sentences() -> None:
    """Japanese and English, for the person in front of the box."""
    assert set(SENTENCES) == set(Reason)
    assert all(ja.endswith("。") and en.endswith(".") for ja, en in SENTENCES.values())


def test_ok__a_loose_plug_comes_back() -> None:
    """The same device in the same socket, however fast."""
    assert again(gate(SCANNER), SCANNER, LATER, LATER + 0.01) is Reason.LISTED


def test_ok__a_stick_may_use_any_socket() -> None:
    """One after another, when its row says so."""
    at_gate = gate(STICK)
    at_gate.left(STICK.port, LATER)
    assert at_gate.arrived(replace(STICK, port="2-4"), LATER).reason is Reason.LISTED


def test_fail__a_camera_that_grows_keys_is_barred_until_the_next_start() -> None:
    """Also when it shows its old face again."""
    at_gate = gate(CAMERA)
    assert again(at_gate, GROWN, LATER, LATER + 60) is Reason.CHANGED
    assert again(at_gate, CAMERA, 2 * LATER, 2 * LATER + 60) is Reason.CHANGED


def test_fail__the_same_interfaces_in_another_description_are_a_change() -> None:
    """Another release of the same model under the same serial number, while the box runs."""
    other = replace(CAMERA, raw=raw(0x046D, 0x0825, VIDEO_CONTROL, VIDEO_STREAM, release=0x0200))
    assert again(gate(CAMERA), other, LATER, LATER + 60) is Reason.CHANGED


def test_fail__a_device_that_changes_without_leaving_is_barred() -> None:
    """What it says under one number of the kernel may not change."""
    at_gate = gate(CAMERA)
    assert at_gate.changed(GROWN, LATER).reason is Reason.CHANGED
    assert at_gate.arrived(CAMERA, LATER + 60).reason is Reason.CHANGED


def test_fail__another_configuration_that_does_something_else_is_a_change() -> None:
    """Both are on the list; switching between them while it runs is not."""
    data = (
        device_head(5, 6, 2)
        + configuration([Part(0, VENDOR)])
        + configuration([Part(0, "fe:01:01")], 2)
    )
    device = usb("1-5", data)
    at_gate = Gate([row("two", device)])
    at_gate.arrived(replace(device, configuration=0), 0.0)
    assert at_gate.changed(device, 1.0).reason is Reason.LISTED
    assert at_gate.changed(replace(device, configuration=0), 2.0).reason is Reason.LISTED
    assert at_gate.changed(replace(device, configuration=2), 3.0).reason is Reason.CHANGED


def test_fail__a_swap_no_hand_can_do_bars_both() -> None:
    """A stick's socket shows another listed device within a second: one device with two faces."""
    one, other = replace(STICK, port="2-1"), replace(CAMERA, port="2-1")
    at_gate = Gate([row("stick", one), row("camera", other)])
    at_gate.arrived(one, 0.0)
    at_gate.left("2-1", LATER)
    assert at_gate.arrived(other, LATER + QUICK_S / 2).reason is Reason.CHANGED
    assert again(at_gate, one, LATER + 60, LATER + 120) is Reason.CHANGED


def test_ok__a_hand_may_swap_two_listed_devices() -> None:
    """A second is enough."""
    one, other = replace(STICK, port="2-1"), replace(CAMERA, port="2-1")
    at_gate = Gate([row("stick", one), row("camera", other)])
    at_gate.arrived(one, 0.0)
    assert again(at_gate, other, LATER, LATER + QUICK_S) is Reason.LISTED


def test_ok__a_modem_becomes_itself_where_its_row_says_so() -> None:
    """There and back, at once."""
    at_gate = gate(MODEM_AS_DISC)
    assert again(at_gate, MODEM_ITSELF, LATER, LATER) is Reason.LISTED
    assert again(at_gate, MODEM_AS_DISC, LATER, LATER) is Reason.LISTED


def test_fail__keys_after_the_start_are_refused() -> None:
    """Also those that were there at the start, unless their row says that they return."""
    assert again(gate(KEYPAD), KEYPAD, LATER, LATER + 1) is Reason.LATE_KEYS
    assert gate().arrived(TOUCHSCREEN, LATER).reason is Reason.LATE_KEYS


def test_ok__keys_that_may_return_do() -> None:
    """The touch screen of the start, in its own socket."""
    assert again(gate(TOUCHSCREEN), TOUCHSCREEN, LATER, LATER + 1) is Reason.LISTED


def test_fail__one_serial_number_is_one_device() -> None:
    """The later one is refused, the first goes on."""
    at_gate = gate(STICK)
    assert at_gate.arrived(replace(STICK, port="2-3"), LATER).reason is Reason.TWICE
    assert at_gate.changed(STICK, LATER).reason is Reason.LISTED


def test_ok__two_of_one_model_without_serial_numbers_are_two() -> None:
    """They cannot be told apart, and both are on the list."""
    one = usb("1-7", raw(7, 7, VENDOR), "")
    at_gate = Gate([row("pair", one, port="*")])
    assert at_gate.arrived(one, 0.0).allowed
    assert at_gate.arrived(replace(one, port="1-8"), 0.0).allowed


def test_fail__a_device_that_comes_and_goes_is_refused_for_a_while() -> None:
    """After its minute it may come again."""
    at_gate = gate()
    reasons = [again(at_gate, SCANNER, n / 10, n / 10) for n in range(MAX_ARRIVALS + 1)]
    assert reasons == [Reason.LISTED] * MAX_ARRIVALS + [Reason.FLOOD]
    assert again(at_gate, SCANNER, ARRIVALS_S, 2 * ARRIVALS_S) is Reason.LISTED


def test_fail__made_up_serial_numbers_fill_no_memory() -> None:
    """What is remembered has an end."""
    at_gate = Gate([row("stick", STICK, port="*", serial="*")])
    reasons = set()
    for n in range(MAX_KNOWN + 1):
        device = replace(STICK, serial=f"made-up-{n}")
        at_gate.left(device.port, n * LATER)
        reasons.add(at_gate.arrived(device, n * LATER + 10).reason)
    assert reasons == {Reason.LISTED, Reason.FLOOD}
    assert len(at_gate.memory.known) == MAX_KNOWN


def test_ok__the_memory_outlives_the_process() -> None:
    """What was barred stays barred, the start stays over, the touch screen returns."""
    at_gate = gate(CAMERA, TOUCHSCREEN)
    at_gate.changed(GROWN, LATER)
    second = Gate(LIST, Memory.from_data(at_gate.memory.as_data()))
    reasons = [second.arrived(one, LATER).reason for one in (CAMERA, TOUCHSCREEN, KEYPAD)]
    assert reasons == [Reason.CHANGED, Reason.LISTED, Reason.LATE_KEYS]


def test_ok__keys_that_never_left_go_on_over_a_restart_of_the_process() -> None:
    """Under the number they had; found anew they are late."""
    before = gate(KEYPAD)
    second = Gate(LIST, Memory.from_data(before.memory.as_data()))
    assert second.arrived(KEYPAD, LATER).reason is Reason.LISTED
    third = Gate(LIST, Memory.from_data(before.memory.as_data()))
    assert third.arrived(replace(KEYPAD, number=9), LATER).reason is Reason.LATE_KEYS
    before.left(KEYPAD.port, LATER)
    fourth = Gate(LIST, Memory.from_data(before.memory.as_data()))
    assert fourth.arrived(replace(KEYPAD, number=0), LATER).reason is Reason.LATE_KEYS


def test_ok__a_fingerprint_is_of_all_a_device_says() -> None:
    """Its serial number, too; neither its socket nor the kernel's number."""
    assert replace(KEYPAD, serial="X").fingerprint != KEYPAD.fingerprint
    assert replace(KEYPAD, port="1-9", number=9).fingerprint == KEYPAD.fingerprint


@pytest.mark.parametrize(
    "data", [{}, {"closed": 1, "known": [[1]], "barred": [], "keys_at_start": []}]
)
def test_fail__a_broken_memory_is_not_read(data: dict[str, object]) -> None:
    """The porter then takes the start as over."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        Memory.from_data(data)
