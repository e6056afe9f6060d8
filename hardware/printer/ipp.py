"""Messages of the Internet Printing Protocol (RFC 8010), as far as a receipt's printing needs them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

VERSION = b"\x02\x00"
MAX_ANSWER = 256 * 1024
MAX_VALUES = 20_000

OPERATION, JOB, END, PRINTER = 0x01, 0x02, 0x03, 0x04
"""The tags that begin a group of attributes; END closes the last one."""
INTEGER, ENUM, NAME, KEYWORD, URI, CHARSET, LANGUAGE, MEDIA_TYPE = (
    *(0x21, 0x23, 0x42, 0x44),
    *(0x45, 0x47, 0x48, 0x49),
)
BOOLEAN, TEXT = 0x22, 0x41
GROUP_TAGS = 0x10
"""A tag below this one begins a group; the others say a value's kind."""

FIRST_FAILURE = 0x0100
"""Statuses below it say that the request was done."""

Value = int | bool | str | bytes
Group = Mapping[str, tuple[Value, ...]]


class IppBroken(ValueError):  # noqa: N818 - says what the answer is
    """The answer is not written as RFC 8010 says."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a printing service answered: a status (RFC 8011, appendix B) and its groups by tag."""

    status: int
    groups: tuple[tuple[int, Group], ...]

    @property
    def ok(self) -> bool:
        """Say whether the request was done."""
        return self.status < FIRST_FAILURE

    def all(self, tag: int) -> list[Group]:
        """Return the groups of one kind, in order."""
        return [group for kind, group in self.groups if kind == tag]

    def first(self, tag: int) -> Group:
        """Return the first group of one kind; empty when there is none."""
        return next(iter(self.all(tag)), {})


Attribute = tuple[int, int, str, tuple[str | int, ...]]
"""One attribute of a request: its group's tag, its value's tag, its name, its values."""


def request(operation: int, number: int, attributes: Iterable[Attribute]) -> bytes:
    """Write a request; the attributes come ordered by group, charset and language are put before them."""
    out = bytearray(VERSION + operation.to_bytes(2, "big") + number.to_bytes(4, "big"))
    head: tuple[Attribute, ...] = (
        (OPERATION, CHARSET, "attributes-charset", ("utf-8",)),
        (OPERATION, LANGUAGE, "attributes-natural-language", ("en",)),
    )
    group = 0
    for tag, kind, name, values in (*head, *attributes):
        if tag != group:
            out.append(tag)
            group = tag
        for place, value in enumerate(values):
            data = value.to_bytes(4, "big") if isinstance(value, int) else value.encode()
            out.append(kind)
            out += _sized(b"" if place else name.encode()) + _sized(data)
    out.append(END)
    return bytes(out)


def read(data: bytes) -> Answer:
    """Read an answer; raises IppBroken."""
    if len(data) > MAX_ANSWER:
        raise IppBroken(f"answer: {len(data)} bytes; {MAX_ANSWER} at most")
    reader = _Reader(data)
    reader.take(2)
    status = reader.number(2)
    reader.take(4)
    groups: list[tuple[int, dict[str, list[Value]]]] = []
    name = ""
    for _ in range(MAX_VALUES):
        tag = reader.number(1)
        if tag == END:
            return Answer(
                status, tuple((t, {n: tuple(v) for n, v in g.items()}) for t, g in groups)
            )
        if tag < GROUP_TAGS:
            groups.append((tag, {}))
            name = ""
            continue
        given = reader.take(reader.number(2)).decode("utf-8", "replace")
        value = _value(tag, reader.take(reader.number(2)))
        name = given or name
        if not groups or not name:
            raise IppBroken("answer: a value outside of a group or without a name")
        groups[-1][1].setdefault(name, []).append(value)
    raise IppBroken(f"answer: more than {MAX_VALUES} values")


class _Reader:
    """Takes bytes from the front; too few are IppBroken."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        part = self._data[self._at : self._at + count]
        if len(part) < count:
            raise IppBroken(f"answer: ends within a value at byte {len(self._data)}")
        self._at += count
        return part

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")


def _value(tag: int, data: bytes) -> Value:
    """Return a value as what it is; kinds that nobody here asks for stay bytes."""
    if tag in (INTEGER, ENUM):
        return int.from_bytes(data, "big", signed=True)
    if tag == BOOLEAN:
        return data != b"\x00"
    if tag in (TEXT, NAME, KEYWORD, URI, CHARSET, LANGUAGE, MEDIA_TYPE):
        return data.decode("utf-8", "replace")
    return data


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data
