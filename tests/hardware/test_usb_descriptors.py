"""What a USB device says of itself, read strictly."""

import pytest

from hardware.usb.descriptors import MAX_BYTES, BadDescriptors, Shape, read_shape
from hardware.usb.device import UsbDevice
from tests.support.usb_devices import (
    CAMERA,
    DATA,
    HONEST,
    KEYBOARD,
    MODEM,
    STORAGE,
    VENDOR,
    Part,
    configuration,
    device_head,
    raw,
)

GOOD = raw(0x04C5, 0x15FF, VENDOR)


def with_parts(*parts: Part) -> bytes:
    """One device of these interface settings."""
    return device_head(1, 2) + configuration(parts)


def changed(at: int, value: int, data: bytes = GOOD) -> bytes:
    """One byte of a good device is another."""
    return data[:at] + bytes([value]) + data[at + 1 :]


@pytest.mark.parametrize("device", HONEST, ids=lambda device: device.port)
def test_ok__an_honest_device_is_read(device: UsbDevice) -> None:
    """Each device of the bus has a shape."""
    assert read_shape(device.raw).configurations


def test_ok__a_shape_says_maker_model_and_every_kind() -> None:
    """A camera has two interfaces."""
    shape = read_shape(CAMERA.raw)
    assert (shape.vendor, shape.product, shape.release) == ("046d", "0825", 0x0100)
    assert shape.kinds == ("0e:01:00", "0e:02:00")


def test_ok__every_configuration_and_setting_counts() -> None:
    """What is hidden behind another configuration or setting is named, too."""
    data = (
        device_head(1, 2, 2)
        + configuration([Part(0, STORAGE), Part(0, VENDOR, (0x82, 0x03), 1)])
        + configuration([Part(0, KEYBOARD)], 2)
    )
    shape = read_shape(data)
    assert shape.kinds == (KEYBOARD, STORAGE, VENDOR)
    assert (shape.kinds_of(2), shape.kinds_of(3)) == ((KEYBOARD,), ())


def test_ok__numbers_may_have_holes() -> None:
    """Modems count their interfaces as they like."""
    assert read_shape(with_parts(Part(8, MODEM), Part(10, DATA))).kinds == (MODEM, DATA)


def test_ok__audio_endpoints_are_longer() -> None:
    """Nine bytes in place of seven."""
    part = bytes([9, 4, 0, 0, 1, 1, 2, 0, 0, 9, 5, 0x81, 1, 8, 0, 10, 0, 0])
    data = device_head(1, 2) + bytes([9, 2, 9 + len(part), 0, 1, 1, 0, 0x80, 50]) + part
    assert read_shape(data).kinds == ("01:02:00",)


BAD = {
    "nothing": b"",
    "too long": GOOD + bytes(MAX_BYTES),
    "not a device": changed(1, 2),
    "a device of another length": changed(0, 17),
    "no configuration": device_head(1, 2, 0),
    "too many configurations": device_head(1, 2, 9),
    "a missing configuration": device_head(1, 2, 2) + configuration([Part(0, VENDOR)]),
    "two configurations of one number": device_head(1, 2, 2) + configuration([Part(0, VENDOR)]) * 2,
    "configuration number 0": changed(23, 0),
    "not a configuration": changed(19, 7),
    "a total beyond the bytes": changed(20, 99),
    "a total below the head": changed(20, 8),
    "a total that cuts": changed(20, GOOD[20] - 1),
    "bytes at the end": GOOD + b"\x02\xff",
    "no interfaces": device_head(1, 2) + configuration([]),
    "an interface more than announced": changed(22, 2),
    "an interface of another length": changed(27, 8),
    "an interface without setting 0": with_parts(Part(0, VENDOR, alternate=1)),
    "a setting twice": with_parts(Part(0, VENDOR), Part(0, KEYBOARD)),
    "an endpoint more than announced": changed(31, 0),
    "an endpoint less than announced": changed(31, 2),
    "an endpoint of another length": changed(36, 6),
    "an endpoint twice": with_parts(Part(0, VENDOR, (0x81, 0x81))),
    "endpoint 0": with_parts(Part(0, VENDOR, (0x80,))),
    "an endpoint with reserved bits": with_parts(Part(0, VENDOR, (0x91,))),
    "an endpoint of no interface": device_head(1, 2)
    + bytes([9, 2, 16, 0, 1, 1, 0, 0x80, 50, 7, 5, 0x81, 3, 8, 0, 10]),
    "a device inside": changed(37, 1),
    "a device behind the last endpoint": GOOD[:20]
    + bytes([GOOD[20] + 3])
    + GOOD[21:]
    + b"\x03\x01\x00",
    "a descriptor of one byte": changed(36, 1),
    "thirty-three interfaces": with_parts(*(Part(n, VENDOR, ()) for n in range(33))),
    "a hundred and twenty-nine settings": with_parts(*(Part(0, VENDOR, (), n) for n in range(129))),
}


@pytest.mark.parametrize("name", BAD)
def test_fail__a_device_that_breaks_the_rules_is_believed_nothing(name: str) -> None:
    """One error, whatever is wrong, and it says what."""
    with pytest.raises(BadDescriptors, match="the device is not used"):
        read_shape(BAD[name])


def test_fail__no_beginning_of_a_good_device_is_a_device() -> None:
    """Cut anywhere, it is refused."""
    for length in range(len(GOOD)):
        with pytest.raises(BadDescriptors):
            read_shape(GOOD[:length])


def test_ok__what_is_read_is_what_was_written() -> None:
    """A shape depends on nothing but the bytes."""
    assert read_shape(GOOD) == read_shape(bytes(GOOD))
    assert isinstance(read_shape(GOOD), Shape)
