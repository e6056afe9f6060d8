"""Following a journal entry by entry: each is written again byte for byte, hashed, and compared; nothing is kept.

The bytes are those of `journal.encode_entry`; they are put together here without the general writer, because a year's
journal is read in seconds then. A test compares the two.
"""

import hashlib
import re
import struct
from functools import lru_cache
from typing import Final

from sync import shape
from sync.journal import GENESIS, HASH_BYTES, LABEL

# An entry may wait for the shelf's write lock behind another process's: so much later may it stand than it was made.
ORDER_SLACK_MS: Final = 60_000

# Number, hash of the entry before, kind, object's hash, wall clock in µs, ms since the start, start.
Fields = tuple[int, bytes, str, bytes, int, int, int]

# The last moment an entry may name, 2999-12-31T23:59:59Z, as `shape.moment_of_micros` has it.
_WALL_LAST: Final = 32_503_679_999_000_000
_KIND: Final = re.compile(r"[a-z_]{1,32}", re.ASCII)
_INLINE: Final = 24
_U8, _U16, _U32, _U64 = (struct.Struct(f">B{size}").pack for size in "BHIQ")
_ENTRY: Final = b"\x87"
_HASH: Final = b"\x58\x20"
_sha256 = hashlib.sha256


class ChainError(ValueError):
    """An entry that does not belong where it stands: at `seq`, the `rule` it breaks, the `fact` that is there."""

    def __init__(self, seq: int, rule: str, fact: str) -> None:
        super().__init__(f"journal entry {seq}: {rule}; {fact}")
        self.seq = seq
        self.rule = rule
        self.fact = fact


class Chain:
    """A journal's head while it is followed; `start` is number and hash of the last entry that left."""

    def __init__(self, start: tuple[int, bytes] = GENESIS) -> None:
        self.seq, self.head = start
        self._boot = 0
        self._monotonic_ms = 0

    def follow(self, fields: Fields) -> bytes:
        """Take the next entry and return its hash, the new head; raises ChainError and stays where it was."""
        seq, prev, _, _, _, monotonic_ms, boot = fields
        if seq != self.seq + 1:
            raise ChainError(self.seq + 1, "each number is one more", f"the next one is {seq}")
        if prev != self.head:
            raise ChainError(seq, "it names the hash of the entry before", "it names another")
        try:
            written = entry_bytes(fields)
        except (ValueError, TypeError, struct.error) as error:
            # A damaged row may hold anything: a text where a number should be, a fraction.
            raise ChainError(seq, "it is written as envelope.md says", str(error)) from error
        if boot < self._boot:
            raise ChainError(seq, "starts are counted upwards", f"{boot} after {self._boot}")
        if boot == self._boot and monotonic_ms + ORDER_SLACK_MS < self._monotonic_ms:
            fact = f"{self._monotonic_ms - monotonic_ms} ms before its predecessor in one start"
            raise ChainError(seq, "time since the start does not run backwards", fact)
        self._monotonic_ms = monotonic_ms
        self._boot = boot
        self.seq, self.head = seq, _sha256(LABEL + written).digest()
        return self.head


def entry_bytes(fields: Fields) -> bytes:
    """Return an entry's canonical bytes; raises ValueError for one that `journal.decode_entry` would refuse."""
    seq, prev, kind, object_hash, wall_us, monotonic_ms, boot = fields
    if len(prev) != HASH_BYTES or len(object_hash) != HASH_BYTES:
        raise ValueError(f"its hashes have {HASH_BYTES} bytes")
    if not 0 <= wall_us <= _WALL_LAST or seq < 1:
        raise ValueError("its number begins with 1, its time with 1970")
    return b"".join(
        (
            _ENTRY,
            _number(seq),
            _HASH,
            prev,
            _word(kind),
            _HASH,
            object_hash,
            _number(wall_us),
            _number(monotonic_ms),
            _number(boot),
        )
    )


def _number(value: int) -> bytes:
    if value > 0xFFFFFFFF:  # noqa: PLR2004 - the steps of RFC 8949 section 3
        shape.number(value, "a number")
        return _U64(0x1B, value)
    if value > 0xFFFF:  # noqa: PLR2004 - the same
        return _U32(0x1A, value)
    if value > 0xFF:  # noqa: PLR2004 - the same
        return _U16(0x19, value)
    if value >= _INLINE:
        return _U8(0x18, value)
    shape.number(value, "a number")
    return bytes((value,))


@lru_cache(64)
def _word(kind: str) -> bytes:
    written = shape.word(kind, _KIND, "its kind").encode("ascii")
    head = bytes((0x60 | len(written),)) if len(written) < _INLINE else _U8(0x78, len(written))
    return head + written


_N: Final = rb"([\x00-\x17]|\x18.|\x19.{2}|\x1a.{4}|\x1b.{8})"
_SHAPE: Final = re.compile(
    rb"\x87" + _N + rb"\x58\x20(.{32})(?:[\x61-\x77]|\x78.)([a-z_]{1,32})\x58\x20(.{32})" + _N * 3,
    re.DOTALL,
)


def read_entry(data: bytes) -> Fields:
    """Return an entry's fields, in the order `Chain.follow` takes them; raises ValueError as `journal.decode_entry`."""
    found = _SHAPE.fullmatch(data)
    if found is None:
        raise ValueError("journal entry: these bytes are none")
    seq, prev, kind, object_hash, wall, monotonic, boot = found.groups()
    fields = (
        _value(seq),
        prev,
        kind.decode("ascii"),
        object_hash,
        _value(wall),
        _value(monotonic),
        _value(boot),
    )
    # Every byte that was not looked at one by one: lengths, and numbers in their shortest form.
    if entry_bytes(fields) != data:
        raise ValueError("journal entry: it is not written as it must be")
    return fields


def _value(written: bytes) -> int:
    return written[0] if len(written) == 1 else int.from_bytes(written[1:], "big")
