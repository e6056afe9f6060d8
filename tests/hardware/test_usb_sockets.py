"""Sockets, real and played, and the watch that keeps them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.catalogue import open_usb
from hardware.errors import DeviceFault
from hardware.hotplug.simulated import SimulatedHotplug
from hardware.protocols import Plugged
from hardware.usb.device import UsbDevice
from hardware.usb.gate import Gate
from hardware.usb.ports import UsbPorts
from hardware.usb.reasons import Reason, Verdict
from hardware.usb.simulated import SimulatedUsb
from hardware.usb.sysfs import TRIES, SysfsUsb
from hardware.usb.watch import UsbWatch
from tests.support.usb_devices import CAMERA, KEYBOARD, KEYPAD, LIST, SCANNER, STICK, raw, usb
from tests.support.usb_tree import UsbTree

STRANGER = usb("3-1", raw(1, 2, KEYBOARD))
PATIENCE_S = 60.0
Sockets = tuple[UsbPorts, Callable[[UsbDevice], None], Callable[[str], None]]


def real(folder: Path) -> tuple[SysfsUsb, UsbTree]:
    """The real driver over a tree of files."""
    tree = UsbTree(folder / "usb")
    return SysfsUsb(SimulatedHotplug, tree.folder), tree


@pytest.fixture(params=["sysfs", "simulated"])
def sockets(request: pytest.FixtureRequest, tmp_path: Path) -> Sockets:
    """Sockets with a scanner in one, how to plug, and how to unplug."""
    ports: UsbPorts
    if request.param == "sysfs":
        ports, tree = real(tmp_path)
        tree.plug(SCANNER)
        return ports, tree.plug, tree.unplug
    played = SimulatedUsb([SCANNER])
    return played, played.plug, played.unplug


def test_ok__what_is_in_is_listed_by_socket(sockets: Sockets) -> None:
    """With all it says; controllers and interfaces are no devices."""
    ports, plug, unplug = sockets
    plug(KEYPAD)
    plug(CAMERA)
    unplug(SCANNER.port)
    found = ports.present()
    assert [replace(one, number=1) for one in found] == [CAMERA, KEYPAD]


def test_ok__found_anew_is_another_number(sockets: Sockets) -> None:
    """A device that left and came between two looks is seen."""
    ports, plug, _ = sockets
    before = ports.present()[0].number
    plug(SCANNER)
    assert ports.present()[0].number != before


def test_ok__a_refused_device_is_out_of_use(sockets: Sockets) -> None:
    """It stands there, and nobody may use it; refusing twice, or an empty socket, is no error."""
    ports, _, _ = sockets
    for port in (SCANNER.port, SCANNER.port, "9-9"):
        ports.refuse(port)
    assert [one.authorized for one in ports.present()] == [False]


def test_ok__an_allowed_device_is_in_use_again(sockets: Sockets) -> None:
    """An empty socket is no error."""
    ports, _, _ = sockets
    ports.refuse(SCANNER.port)
    for port in (SCANNER.port, "9-9"):
        ports.allow(port)
    assert [one.authorized for one in ports.present()] == [True]


def test_ok__the_catalogue_opens_both(tmp_path: Path) -> None:
    """By name."""
    assert open_usb("simulated").present() == ()
    assert open_usb("sysfs", hotplug=SimulatedHotplug, folder=tmp_path).present() == ()


def test_ok__a_machine_without_usb_has_no_sockets(tmp_path: Path) -> None:
    """Nothing is found, nothing fails."""
    assert SysfsUsb(SimulatedHotplug, tmp_path / "nothing").present() == ()


def test_fail__a_device_that_cannot_be_read_has_said_nothing(tmp_path: Path) -> None:
    """It is there, and no list allows it."""
    ports, tree = real(tmp_path)
    tree.plug(SCANNER)
    (tree.folder / SCANNER.port / "devnum").write_text("many", encoding="utf-8")
    assert ports.present() == (UsbDevice(SCANNER.port, 0, "", b""),)
    assert TRIES > 1


def test_fail__refusing_that_fails_is_said(tmp_path: Path) -> None:
    """Without the right to write nobody keeps the gate: the process must not live on."""
    ports, tree = real(tmp_path)
    place = tree.folder / "1-1" / "authorized"
    place.mkdir(parents=True)
    with pytest.raises(DeviceFault, match="the right to write there"):
        ports.refuse("1-1")
    with pytest.raises(ValueError, match="is no socket"):
        ports.refuse("../../1-1")


class Keeper:
    """A watch over played sockets with time set by hand."""

    def __init__(self, *devices: UsbDevice) -> None:
        self.ports = SimulatedUsb(devices)
        self.gate = Gate(LIST)
        self.told: list[tuple[str, Reason]] = []
        self.at = 0.0
        self.watch = UsbWatch(self.ports, self.gate, lambda: self.at, self.hear)

    def hear(self, device: UsbDevice, verdict: Verdict) -> None:
        """Remember what was told."""
        assert device.port == verdict.port
        self.told.append((verdict.port, verdict.reason))

    def used(self) -> list[str]:
        """The sockets in use."""
        return [one.port for one in self.ports.present() if one.authorized]


def test_ok__a_look_refuses_what_is_not_listed_and_says_so_once() -> None:
    """The others go on."""
    keeper = Keeper(SCANNER, STRANGER)
    keeper.watch.look()
    keeper.watch.look()
    assert keeper.used() == [SCANNER.port]
    assert keeper.told == [(SCANNER.port, Reason.LISTED), (STRANGER.port, Reason.UNKNOWN)]
    assert [one.port for one in keeper.watch.refused] == [STRANGER.port]


def test_ok__what_leaves_is_forgotten() -> None:
    """Nothing stands refused in an empty socket."""
    keeper = Keeper(STRANGER)
    keeper.watch.look()
    keeper.ports.unplug(STRANGER.port)
    keeper.watch.look()
    assert keeper.watch.refused == ()


def test_fail__what_somebody_allows_again_is_refused_again() -> None:
    """Behind our back, without a news."""
    keeper = Keeper(STRANGER)
    keeper.watch.look()
    keeper.ports.allow(STRANGER.port)
    keeper.watch.look()
    assert keeper.used() == []


def test_fail__a_change_between_two_looks_is_seen() -> None:
    """The camera left and came back with keys while nobody looked."""
    keeper = Keeper(CAMERA)
    keeper.watch.look()
    grown = replace(CAMERA, raw=raw(0x046D, 0x0825, "0e:01:00", "0e:02:00", KEYBOARD))
    keeper.ports.plug(grown)
    keeper.watch.look()
    assert (keeper.told[-1][1], keeper.used()) == (Reason.CHANGED, [])


def test_ok__keys_are_brought_into_use_by_the_gate_alone() -> None:
    """At the start; usbguard only lets them stand there. Other devices wait for usbguard's word."""
    keeper = Keeper(replace(KEYPAD, authorized=False), replace(SCANNER, authorized=False))
    keeper.watch.look()
    assert keeper.used() == [KEYPAD.port]


def test_ok__keys_that_usbguard_stops_again_are_brought_back() -> None:
    """It judges anew when udev is asked to tell everything again; they never left, so the start does not matter."""
    keeper = Keeper(replace(KEYPAD, authorized=False))
    keeper.watch.look()
    keeper.gate.close()
    keeper.ports.refuse(KEYPAD.port)
    keeper.watch.look()
    assert keeper.used() == [KEYPAD.port]


def test_fail__late_keys_are_never_in_use() -> None:
    """Not for a moment: nobody brings them into use."""
    keeper = Keeper()
    keeper.gate.close()
    keeper.ports.plug(replace(KEYPAD, authorized=False))
    keeper.watch.look()
    assert (keeper.told[-1][1], keeper.used()) == (Reason.LATE_KEYS, [])


def test_fail__keys_that_cannot_be_brought_into_use_stop_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is said, and tried again at the next look."""
    ports = Stuck([replace(KEYPAD, authorized=False)])
    watch = UsbWatch(ports, Gate(LIST), lambda: 0.0, lambda _, __: None)
    watch.look()
    assert "usb.not_in_use port=1-4" in caplog.text


def test_fail__keys_that_left_between_two_looks_are_late() -> None:
    """They look the same, and are another keypad for all we know."""
    keeper = Keeper(KEYPAD)
    keeper.watch.look()
    keeper.gate.close()
    keeper.ports.plug(KEYPAD)
    keeper.watch.look()
    assert (keeper.told[-1][1], keeper.used()) == (Reason.LATE_KEYS, [])


def test_fail__a_configuration_that_is_switched_is_seen() -> None:
    """To one the device does not have, here."""
    keeper = Keeper(CAMERA)
    keeper.watch.look()
    keeper.ports.configure(CAMERA.port, 2)
    keeper.watch.look()
    assert (keeper.told[-1][1], keeper.used()) == (Reason.CHANGED, [])


class Stuck(SimulatedUsb):
    """Sockets of which one obeys nobody."""

    def refuse(self, port: str) -> None:
        """Fail at the first."""
        if port == "1-1":
            raise DeviceFault("usb", "io", "stuck", "none", ja="", en="")
        super().refuse(port)

    def allow(self, port: str) -> None:
        """Fail at each."""
        raise DeviceFault("usb", "io", f"{port} is stuck", "none", ja="", en="")


def test_fail__one_that_cannot_be_refused_saves_no_other() -> None:
    """The rest is refused first, then it is said."""
    ports = Stuck([replace(STRANGER, port="1-1"), STRANGER])
    watch = UsbWatch(ports, Gate(LIST), lambda: 0.0, lambda _, __: None)
    with pytest.raises(DeviceFault):
        watch.look()
    assert [one.authorized for one in ports.present()] == [True, False]


async def running(keeper: Keeper, settle_s: float) -> AsyncIterator[None]:
    """Let the watch run for a block."""
    task = asyncio.create_task(keeper.watch.run(settle_s))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110  # the watch tells nobody when it looked
            await asyncio.sleep(0.005)


async def test_ok__the_watch_looks_at_every_news_and_ends_the_start() -> None:
    """A keyboard of the list that comes after the start is refused, a stick is not."""
    keeper = Keeper(SCANNER)
    block = running(keeper, 0.0)
    await anext(block)
    await until(lambda: keeper.gate.memory.closed)
    keeper.ports.plug(KEYPAD)
    await until(lambda: (KEYPAD.port, Reason.LATE_KEYS) in keeper.told)
    keeper.ports.plug(STICK)
    await until(lambda: (STICK.port, Reason.LISTED) in keeper.told)
    assert keeper.used() == [SCANNER.port, STICK.port]
    with suppress(StopAsyncIteration):
        await anext(block)


async def test_ok__udevs_news_are_signs_to_look(tmp_path: Path) -> None:
    """One for each."""
    tree = UsbTree(tmp_path / "usb")
    hotplug = SimulatedHotplug()
    changes = SysfsUsb(lambda: hotplug, tree.folder).changes()
    first = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    hotplug.plug(Plugged("/devices/usb1/1-1", "usb", "", "", "", ""))
    await first
    await changes.aclose()  # type: ignore[attr-defined]
