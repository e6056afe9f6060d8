"""USB devices made byte by byte: honest ones as makers build them, and a drawer full of forged ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hardware.usb.allowed import Allowed
from hardware.usb.descriptors import read_shape
from hardware.usb.device import UsbDevice

KEYBOARD = "03:01:01"
MOUSE = "03:01:02"
TOUCH = "03:00:00"
STORAGE = "08:06:50"
VENDOR = "ff:ff:ff"
VIDEO_CONTROL = "0e:01:00"
VIDEO_STREAM = "0e:02:00"
MODEM = "02:0e:00"
DATA = "0a:00:02"
NETWORK = "e0:01:03"
BLUETOOTH = "e0:01:01"


@dataclass(frozen=True, slots=True)
class Part:
    """One interface setting to be written."""

    number: int
    kind: str
    endpoints: tuple[int, ...] = (0x81,)
    alternate: int = 0

    def written(self) -> bytes:
        """Interface, what its class adds (for keys), endpoints."""
        kind = bytes(int(one, 16) for one in self.kind.split(":"))
        head = bytes([9, 4, self.number, self.alternate, len(self.endpoints)]) + kind + b"\x00"
        hid = bytes([9, 0x21, 0x11, 1, 0, 1, 0x22, 63, 0]) if kind[0] == 3 else b""
        ends = b"".join(bytes([7, 5, one, 3, 8, 0, 10]) for one in self.endpoints)
        return head + hid + ends


def configuration(parts: Sequence[Part], value: int = 1) -> bytes:
    """One whole configuration."""
    body = b"".join(part.written() for part in parts)
    numbers = len({part.number for part in parts})
    return bytes([9, 2, *(9 + len(body)).to_bytes(2, "little"), numbers, value, 0, 0x80, 50]) + body


def device_head(vendor: int, product: int, configurations: int = 1, release: int = 0x0100) -> bytes:
    """The 18 bytes of the device itself."""
    words = b"".join(one.to_bytes(2, "little") for one in (vendor, product, release))
    return bytes([18, 1, 0, 2, 0, 0, 0, 64]) + words + bytes([1, 2, 3, configurations])


def raw(vendor: int, product: int, *kinds: str, release: int = 0x0100) -> bytes:
    """A device of one configuration with one interface for each kind."""
    parts = [Part(n, kind, (0x81 + n,)) for n, kind in enumerate(kinds)]
    return device_head(vendor, product, release=release) + configuration(parts)


def usb(port: str, data: bytes, serial: str = "A1", **more: int) -> UsbDevice:
    """A device in a socket, in use."""
    return UsbDevice(port, more.get("number", 1), serial, data, more.get("configuration", 1))


def row(name: str, device: UsbDevice, **more: str | tuple[str, ...]) -> Allowed:
    """The row of the list that allows exactly this device."""
    shape = read_shape(device.raw)
    keys = "at-start" if any(kind.startswith("03:") for kind in shape.kinds) else "never"
    made = Allowed(name, shape.vendor, shape.product, device.serial, device.port, shape.kinds, keys)
    return replace(made, **more)  # type: ignore[arg-type]


SCANNER = usb("1-1", raw(0x04C5, 0x15FF, VENDOR), "SC-0001")
CAMERA = usb("1-2", raw(0x046D, 0x0825, VIDEO_CONTROL, VIDEO_STREAM), "CAM-7")
TOUCHSCREEN = usb("1-3", raw(0x222A, 0x0001, TOUCH), "TS-1")
KEYPAD = usb("1-4", raw(0x04D9, 0x1203, KEYBOARD), "")
STICK = usb("2-1", raw(0x0951, 0x1666, STORAGE), "CITY-STICK-01")
MODEM_AS_DISC = usb("2-2", raw(0x12D1, 0x1F01, STORAGE), "")
MODEM_ITSELF = usb("2-2", raw(0x12D1, 0x14DB, MODEM, DATA), "")
HONEST = (SCANNER, CAMERA, TOUCHSCREEN, KEYPAD, STICK, MODEM_ITSELF)

LIST = (
    row("scanner", SCANNER),
    row("camera", CAMERA),
    row("touchscreen", TOUCHSCREEN, keys="returns"),
    row("keypad", KEYPAD),
    row("stick", STICK, port="*"),
    row("modem-disc", MODEM_AS_DISC, becomes=("modem",)),
    row("modem", MODEM_ITSELF),
)


def _forged() -> Iterator[tuple[str, UsbDevice]]:
    """What nobody on a bus should ever plug in, each with what it tries; all in free sockets of the box."""
    free = "3-1"
    scanner, camera, stick = (one.raw for one in (SCANNER, CAMERA, STICK))
    shapes = {
        "a stranger's keyboard": raw(0x046D, 0xC31C, KEYBOARD),
        "a stranger's mouse": raw(0x046D, 0xC077, MOUSE),
        "keyboard and storage in one": raw(0x0951, 0x1666, STORAGE, KEYBOARD),
        "a camera that types": raw(0x046D, 0x0825, VIDEO_CONTROL, VIDEO_STREAM, KEYBOARD),
        "a scanner that types": raw(0x04C5, 0x15FF, VENDOR, KEYBOARD),
        "a scanner that stores": raw(0x04C5, 0x15FF, VENDOR, STORAGE),
        "a scanner with one interface more of its kind": raw(0x04C5, 0x15FF, VENDOR, VENDOR),
        "a scanner that only types": raw(0x04C5, 0x15FF, KEYBOARD),
        "a network card": raw(0x0BDA, 0x8153, NETWORK),
        "a stick that is a network card": raw(0x0951, 0x1666, STORAGE, NETWORK),
        "a modem that types": raw(0x12D1, 0x14DB, MODEM, DATA, KEYBOARD),
        "a Bluetooth dongle": raw(0x0A12, 0x0001, BLUETOOTH),
        "a serial line": raw(0x0403, 0x6001, VENDOR),
        "a hub": raw(0x05E3, 0x0608, "09:00:00"),
        "a printer": raw(0x04B8, 0x0E15, "07:01:02"),
        "a sound card": raw(0x0D8C, 0x0014, "01:01:00", "01:02:00"),
        "a firmware loader": raw(0x04B4, 0x8613, "fe:01:01"),
        "a smart card reader that types": raw(0x08E6, 0x3437, "0b:00:00", KEYBOARD),
        "a camera without its stream": raw(0x046D, 0x0825, VIDEO_CONTROL),
        "a hidden second configuration": device_head(0x0951, 0x1666, 2)
        + configuration([Part(0, STORAGE)])
        + configuration([Part(0, KEYBOARD)], 2),
        "a hidden alternate setting": device_head(0x0951, 0x1666)
        + configuration([Part(0, STORAGE), Part(0, KEYBOARD, (0x82,), 1)]),
        "no configuration": device_head(0x04C5, 0x15FF, 0),
        "configurations that are not there": device_head(0x04C5, 0x15FF, 8) + scanner[18:],
        "a configuration longer than its bytes": scanner[:20] + b"\xff\xff" + scanner[22:],
        "a configuration shorter than its head": scanner[:20] + b"\x01\x00" + scanner[22:],
        "an interface that is not announced": scanner[:22] + b"\x02" + scanner[23:],
        "a descriptor of no length": scanner[:27] + b"\x00" + scanner[28:],
        "a descriptor beyond the end": scanner[:-7] + b"\xff" + scanner[-6:],
        "an endpoint too few": scanner[:-7],
        "bytes after the end": stick + b"\x00",
        "half a device": camera[:11],
        "nothing": b"",
        "a flood of bytes": camera + bytes(20_000),
        "only zeros": bytes(64),
    }
    for name, data in shapes.items():
        yield name, usb(free, data, "CITY-STICK-01" if data[8:10] == stick[8:10] else "SC-0001")
    yield "the scanner with another serial number", usb("1-1", scanner, "SC-0002")
    yield "the scanner without a serial number", usb("1-1", scanner, "")
    yield "the scanner's serial number with a quote", usb("1-1", scanner, 'SC-0001"')
    yield "the scanner's twin in another socket", usb(free, scanner, "SC-0001")
    yield "the keypad's twin in another socket", usb(free, KEYPAD.raw, "")
    yield (
        "another model with the scanner's serial number",
        usb("1-1", raw(0x04C5, 0x0001, VENDOR), "SC-0001"),
    )


FORGED = tuple(_forged())
