"""The list of USB devices a box may use: data, one `[[device]]` a row, checked when it is read.

    [[device]]
    name = "scanner"
    vendor = "04c5"
    product = "15ff"
    serial = "A1B2"            # "" says it has none, "*" takes any
    port = "1-1.2"             # the socket as sysfs names it, "*" takes any
    interfaces = ["ff:ff:ff"]  # every interface setting, repeats included, in any order
    keys = "never"             # a keyboard or touch screen: "at-start" or "returns"
    becomes = []               # rows this device may turn into by itself, as some modems do

What is not on the list is not used. `madobus provision usb suggest` writes the rows of what is plugged in.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hardware.usb.descriptors import MAX_ALTERNATES, Shape
from hardware.usb.device import PORT, UsbDevice

MAX_ROWS: Final = 64
MAX_FILE_BYTES: Final = 65_536
ANY: Final = "*"
HUMAN_INPUT: Final = "03:"
BLUETOOTH: Final = "e0:01:01"
KEYS: Final = ("never", "at-start", "returns")

_NAME: Final = re.compile(r"[a-z0-9-]{1,32}")
_ID: Final = re.compile(r"[0-9a-f]{4}")
_KIND: Final = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){2}")
# A serial number may stand in a usbguard rule between quotes, so it holds none, and no backslash.
_SERIAL: Final = re.compile(r"\*|[A-Za-z0-9._:/&+ -]{0,64}")
_FIELDS: Final = {"name", "vendor", "product", "serial", "port", "interfaces", "keys", "becomes"}
_NEEDED: Final = ("name", "vendor", "product", "serial", "port", "interfaces")


@dataclass(frozen=True, slots=True)
class Allowed:
    """One row. `keys` says when its keys count: "never" (it has none), "at-start", or "returns" after a loose plug."""

    name: str
    vendor: str
    product: str
    serial: str
    port: str
    interfaces: tuple[str, ...]
    keys: str = "never"
    becomes: tuple[str, ...] = ()

    def is_model(self, shape: Shape) -> bool:
        """Say whether the device calls itself this maker's model."""
        return (self.vendor, self.product) == (shape.vendor, shape.product)

    def is_serial(self, device: UsbDevice) -> bool:
        """Say whether the serial number is the row's."""
        return self.serial in (ANY, device.serial)

    def is_port(self, device: UsbDevice) -> bool:
        """Say whether it stands in the row's socket."""
        return self.port in (ANY, device.port)

    def is_whole(self, shape: Shape) -> bool:
        """Say whether it can do exactly what the row says, nothing more and nothing less."""
        # The kernel's Bluetooth driver takes a device by its own class, whatever its interfaces say.
        return tuple(sorted(self.interfaces)) == shape.kinds and shape.kind != BLUETOOTH


def read_allowed(path: Path) -> tuple[Allowed, ...]:
    """Read the list; raises ValueError naming file, row, rule and remedy, or OSError."""
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ValueError(
            f"{path.name}: longer than {MAX_FILE_BYTES} bytes; keep the box's own devices only"
        )
    return parse_allowed(data, path.name)


def parse_allowed(data: bytes, name: str = "usb.toml") -> tuple[Allowed, ...]:
    """Read the list's bytes; raises ValueError as `read_allowed` does."""
    try:
        table = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name}: not TOML ({error}); correct that line") from error
    rows = table.pop("device", [])
    if table:
        raise ValueError(f"{name}: unknown {min(table)!r}; a list has [[device]] rows only")
    if not isinstance(rows, list) or len(rows) > MAX_ROWS:
        raise ValueError(f"{name}: [[device]] must be at most {MAX_ROWS} rows")
    found = tuple(_row(row, f"{name}: [[device]] {n}") for n, row in enumerate(rows, 1))
    _check_together(found, name)
    return found


def _row(row: Any, place: str) -> Allowed:
    if not isinstance(row, Mapping):
        raise ValueError(f"{place}: not a row; write its fields below [[device]]")  # noqa: TRY004  # one family
    for field in sorted(row.keys() - _FIELDS):
        raise ValueError(f"{place}: unknown field {field!r}; there are {sorted(_FIELDS)}")
    for field in _NEEDED:
        if field not in row:
            raise ValueError(
                f"{place}: {field} is missing; `madobus provision usb suggest` writes whole rows"
            )
    made = Allowed(
        name=_text(row, "name", _NAME, place, 'small letters, digits and "-"'),
        vendor=_text(row, "vendor", _ID, place, "four hexadecimal digits in small letters"),
        product=_text(row, "product", _ID, place, "four hexadecimal digits in small letters"),
        serial=_text(row, "serial", _SERIAL, place, 'the device\'s own, "" or "*"'),
        port=_text(
            row, "port", re.compile(rf"\*|{PORT.pattern}"), place, 'a socket like "1-1.2" or "*"'
        ),
        interfaces=tuple(_texts(row, "interfaces", _KIND, place, 'kinds like "ff:ff:ff"')),
        keys=str(row.get("keys", "never")),
        becomes=tuple(_texts(row, "becomes", _NAME, place, "names of rows")),
    )
    _check_keys(made, place)
    return made


def _check_keys(row: Allowed, place: str) -> None:
    """Hold what people type with to a rule of its own: which socket, and until when."""
    has_keys = any(kind.startswith(HUMAN_INPUT) for kind in row.interfaces)
    if not row.interfaces:
        raise ValueError(f"{place}: interfaces is empty; name every interface the device has")
    if row.keys not in KEYS:
        raise ValueError(f"{place}: keys is {row.keys!r}; use one of {KEYS}")
    if has_keys is (row.keys == "never"):
        raise ValueError(
            f'{place}: keys is {row.keys!r}; with a 03 interface use "at-start" or "returns", without one "never"'
        )
    if has_keys and row.port == ANY:
        raise ValueError(f"{place}: a device with keys needs its own socket; write its port")
    if BLUETOOTH in row.interfaces:
        raise ValueError(
            f"{place}: {BLUETOOTH} brings keyboards without a cable; a box has no Bluetooth"
        )


def _check_together(rows: tuple[Allowed, ...], name: str) -> None:
    names = [row.name for row in rows]
    for row in rows:
        if names.count(row.name) > 1:
            raise ValueError(f"{name}: two rows are called {row.name!r}; give each its own name")
        for other in row.becomes:
            if other not in names:
                raise ValueError(f"{name}: {row.name!r} becomes {other!r}, which is no row; add it")


def _text(row: Mapping[str, Any], field: str, rule: re.Pattern[str], place: str, words: str) -> str:
    value = row[field]
    if not isinstance(value, str) or not rule.fullmatch(value):
        raise ValueError(f"{place}: {field} is {str(value)[:40]!r}; it must be {words}")
    return value


def _texts(
    row: Mapping[str, Any], field: str, rule: re.Pattern[str], place: str, words: str
) -> list[str]:
    values = row.get(field, [])
    if not isinstance(values, list) or len(values) > MAX_ALTERNATES:
        raise ValueError(f"{place}: {field} must be a list of at most {MAX_ALTERNATES}")
    return [_text({field: value}, field, rule, place, words) for value in values]
