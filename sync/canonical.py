"""The one way to write a value as bytes: deterministic CBOR (RFC 8949 section 4.2.1), and nothing beside it.

Two machines that mean the same thing must hash and sign the same bytes. The reader therefore
refuses whatever the writer would not have written: long integers for small numbers, indefinite
lengths, tags, floats, unsorted or repeated map keys, text that is not UTF-8, bytes left over.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

DEPTH_MAX: Final = 16
INT_LIMIT: Final = 1 << 64

_UINT, _NINT, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_INLINE_MAX = 23
_FALSE, _TRUE, _NULL = 20, 21, 22
_SIMPLE_VALUES: Final[Mapping[int, bool | None]] = {_FALSE: False, _TRUE: True, _NULL: None}


def encode(value: Any) -> bytes:
    """Return the only encoding of int (64 bit), bytes, text, list, dict with uint keys, bool or None.

    Raises ValueError for any other value, for a number out of range and for nesting over `DEPTH_MAX`.
    """
    out = bytearray()
    _write(out, value, 0)
    return bytes(out)


def decode(data: bytes, limit: int) -> Any:
    """Read one value of at most `limit` bytes; raises ValueError for anything `encode` would not write."""
    if not isinstance(data, bytes | bytearray | memoryview):
        raise ValueError(f"canonical: only bytes can be decoded, this is {type(data).__name__}")  # noqa: TRY004 - one family for every garbage
    if len(data) > limit:
        raise ValueError(f"canonical: at most {limit} bytes are read, these are {len(data)}")
    reader = _Reader(bytes(data))
    value = reader.value(0)
    if reader.position != len(data):
        raise ValueError(f"canonical: {len(data) - reader.position} bytes follow the value")
    return value


def _head(major: int, number: int) -> bytes:
    if number <= _INLINE_MAX:
        return bytes((major << 5 | number,))
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes((major << 5 | extra,)) + number.to_bytes(size, "big")
    raise ValueError("canonical: integers have at most 64 bits")


def _write(out: bytearray, value: Any, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise ValueError(f"canonical: nested deeper than {DEPTH_MAX}")
    if value is None or isinstance(value, bool):
        out += _head(_SIMPLE, _NULL if value is None else _TRUE if value else _FALSE)
    elif isinstance(value, int):
        out += _head(_UINT, value) if value >= 0 else _head(_NINT, -1 - value)
    elif isinstance(value, bytes | bytearray | memoryview):
        content = bytes(value)
        out += _head(_BYTES, len(content))
        out += content
    elif isinstance(value, str):
        text = value.encode("utf-8")
        out += _head(_TEXT, len(text))
        out += text
    elif isinstance(value, Mapping):
        _write_map(out, value, depth)
    elif isinstance(value, Sequence):
        out += _head(_ARRAY, len(value))
        for item in value:
            _write(out, item, depth + 1)
    else:
        raise ValueError(f"canonical: a {type(value).__name__} cannot be written")


def _write_map(out: bytearray, value: Mapping[Any, Any], depth: int) -> None:
    for key in value:
        if isinstance(key, bool) or not isinstance(key, int) or key < 0:
            raise ValueError("canonical: map keys are integers from 0 up")
    out += _head(_MAP, len(value))
    for key in sorted(value):  # for unsigned keys this is also the order of their encodings
        out += _head(_UINT, key)
        _write(out, value[key], depth + 1)


class _Reader:
    """A place in the bytes; every step checks that the bytes are there and are the shortest form."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def _take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self._data):
            raise ValueError("canonical: the bytes end inside a value")
        piece = self._data[self.position : end]
        self.position = end
        return piece

    def _number(self, info: int) -> int:
        if info <= _INLINE_MAX:
            return info
        size = {24: 1, 25: 2, 26: 4, 27: 8}.get(info)
        if size is None:
            raise ValueError("canonical: indefinite or reserved length")
        number = int.from_bytes(self._take(size), "big")
        shortest = _INLINE_MAX + 1 if size == 1 else 1 << (4 * size)
        if number < shortest:
            raise ValueError("canonical: a number is written longer than needed")
        return number

    def value(self, depth: int) -> Any:
        if depth > DEPTH_MAX:
            raise ValueError(f"canonical: nested deeper than {DEPTH_MAX}")
        first = self._take(1)[0]
        major, info = first >> 5, first & 31
        if major == _SIMPLE:
            if info not in _SIMPLE_VALUES:
                raise ValueError("canonical: floats and other simple values are not used")
            return _SIMPLE_VALUES[info]
        if major == _TAG:
            raise ValueError("canonical: tags are not used")
        number = self._number(info)
        if major == _UINT:
            return number
        if major == _NINT:
            return -1 - number
        return self._content(major, number, depth)

    def _content(self, major: int, number: int, depth: int) -> Any:
        if major == _BYTES:
            return self._take(number)
        if major == _TEXT:
            return self._take(number).decode("utf-8")  # UnicodeDecodeError is a ValueError
        if major == _ARRAY:
            return [self.value(depth + 1) for _ in range(number)]
        return self._map(number, depth)

    def _map(self, number: int, depth: int) -> dict[int, Any]:
        found: dict[int, Any] = {}
        last = -1
        for _ in range(number):
            first = self._take(1)[0]
            if first >> 5 != _UINT:
                raise ValueError("canonical: map keys are integers from 0 up")
            key = self._number(first & 31)
            if key <= last:
                raise ValueError("canonical: map keys ascend and never repeat")
            found[key] = self.value(depth + 1)
            last = key
        return found
