"""What a USB device says it is: its descriptors, read strictly. A device that cannot write them is believed nothing.

The bytes are those of sysfs `descriptors`: the device's own 18, then each configuration with all that belongs
to it (USB 2.0, section 9.6). They come from the device, so every length, count and number is checked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# The kernel's own limits (drivers/usb/core/config.c), and a bound on the whole.
MAX_BYTES: Final = 16_384
MAX_CONFIGURATIONS: Final = 8
MAX_INTERFACES: Final = 32
MAX_ALTERNATES: Final = 128
MAX_ENDPOINTS: Final = 30

_DEVICE: Final = 1
_CONFIGURATION: Final = 2
_INTERFACE: Final = 4
_ENDPOINT: Final = 5
_DEVICE_BYTES: Final = 18
_CONFIGURATION_BYTES: Final = 9
_INTERFACE_BYTES: Final = 9
_ENDPOINT_BYTES: Final = (7, 9)
_FEWEST_BYTES: Final = 2
# Other speeds' and whole devices' descriptors have no place inside a configuration.
_NEVER_INSIDE: Final = {_DEVICE, _CONFIGURATION, 6, 7, 15}


class BadDescriptors(ValueError):  # noqa: N818  # named for what was met
    """The device's description of itself breaks the rules of USB."""


@dataclass(frozen=True, slots=True)
class Interface:
    """One setting of one interface; `kind` is its class, subclass and protocol as "03:01:01"."""

    number: int
    alternate: int
    kind: str
    endpoints: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Configuration:
    """One configuration: the number it is chosen by, and every setting of every interface."""

    value: int
    interfaces: tuple[Interface, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """All a device says: who made it ("04c5"), what it is ("15ff"), its release, and what it can do.

    `kind` is the class of the device as a whole, as "00:00:00" where its interfaces say it.
    """

    vendor: str
    product: str
    release: int
    configurations: tuple[Configuration, ...]
    kind: str

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every interface setting's kind, in order, repeats included: what a list must name to allow it."""
        return tuple(sorted(i.kind for c in self.configurations for i in c.interfaces))

    def kinds_of(self, value: int) -> tuple[str, ...]:
        """Return the kinds of one configuration; none for a number it does not have."""
        chosen = [c.interfaces for c in self.configurations if c.value == value]
        return tuple(sorted(i.kind for interfaces in chosen for i in interfaces))


def read_shape(data: bytes) -> Shape:
    """Read a device's descriptors whole; raises BadDescriptors for anything a proper device would not say."""
    _demand(_DEVICE_BYTES <= len(data) <= MAX_BYTES, f"{len(data)} bytes")
    _demand(
        data[0] == _DEVICE_BYTES and data[1] == _DEVICE, "no device descriptor at the beginning"
    )
    count = data[17]
    _demand(1 <= count <= MAX_CONFIGURATIONS, f"{count} configurations")
    found: list[Configuration] = []
    rest = data[_DEVICE_BYTES:]
    for _ in range(count):
        length = _length_of_configuration(rest)
        found.append(_configuration(rest[:length]))
        rest = rest[length:]
    _demand(not rest, f"{len(rest)} bytes after the last configuration")
    _demand(len({c.value for c in found}) == count, "two configurations of one number")
    kind = ":".join(f"{one:02x}" for one in data[4:7])
    return Shape(
        f"{_word(data, 8):04x}", f"{_word(data, 10):04x}", _word(data, 12), tuple(found), kind
    )


def _length_of_configuration(data: bytes) -> int:
    """Return how many bytes belong to the configuration at the beginning of what is left."""
    _demand(len(data) >= _CONFIGURATION_BYTES, "a configuration is missing")
    _demand(
        data[0] == _CONFIGURATION_BYTES and data[1] == _CONFIGURATION,
        "no configuration descriptor where one belongs",
    )
    length = _word(data, 2)
    _demand(_CONFIGURATION_BYTES <= length <= len(data), f"a configuration of {length} bytes")
    return length


def _configuration(data: bytes) -> Configuration:
    interfaces = tuple(_interfaces(data[_CONFIGURATION_BYTES:]))
    numbers = {i.number for i in interfaces}
    _demand(data[5] != 0, "a configuration of number 0")
    _demand(1 <= data[4] <= MAX_INTERFACES, f"{data[4]} interfaces")
    _demand(len(numbers) == data[4], f"{len(numbers)} interfaces where {data[4]} are announced")
    settings = {(i.number, i.alternate) for i in interfaces}
    _demand(len(settings) == len(interfaces), "an interface's setting comes twice")
    _demand(all((n, 0) in settings for n in numbers), "an interface without its first setting")
    _demand(len(interfaces) <= MAX_ALTERNATES, f"{len(interfaces)} settings of interfaces")
    return Configuration(data[5], interfaces)


def _interfaces(data: bytes) -> Iterator[Interface]:
    """Give each interface setting with the endpoints that follow it."""
    head: bytes | None = None
    endpoints: list[int] = []
    for one in _pieces(data):
        kind = one[1]
        _demand(kind not in _NEVER_INSIDE, f"a descriptor of type {kind} inside a configuration")
        if kind == _INTERFACE:
            if head is not None:
                yield _interface(head, endpoints)
            _demand(len(one) == _INTERFACE_BYTES, f"an interface descriptor of {len(one)} bytes")
            head, endpoints = one, []
        elif kind == _ENDPOINT:
            _demand(head is not None, "an endpoint of no interface")
            _demand(len(one) in _ENDPOINT_BYTES, f"an endpoint descriptor of {len(one)} bytes")
            endpoints.append(one[2])
    if head is not None:
        yield _interface(head, endpoints)


def _interface(head: bytes, endpoints: list[int]) -> Interface:
    _demand(len(endpoints) == head[4], f"{len(endpoints)} endpoints where {head[4]} are announced")
    _demand(len(endpoints) <= MAX_ENDPOINTS, f"{len(endpoints)} endpoints")
    _demand(len(set(endpoints)) == len(endpoints), "two endpoints of one address")
    # Bits 4 to 6 are reserved, and endpoint 0 is never described.
    _demand(all(e & 0x0F and not e & 0x70 for e in endpoints), "an endpoint of no possible address")
    return Interface(
        head[2], head[3], f"{head[5]:02x}:{head[6]:02x}:{head[7]:02x}", tuple(endpoints)
    )


def _pieces(data: bytes) -> Iterator[bytes]:
    """Cut a configuration into its descriptors."""
    at = 0
    while at < len(data):
        length = data[at]
        _demand(
            length >= _FEWEST_BYTES and at + length <= len(data), f"a descriptor of {length} bytes"
        )
        yield data[at : at + length]
        at += length


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")


def _demand(holds: bool, fact: str) -> None:  # noqa: FBT001  # the rule, as in assert
    if not holds:
        raise BadDescriptors(f"USB descriptors: {fact}; the device is not used")
