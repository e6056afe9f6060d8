"""The outside of a sealed thing: what carriers may read without any key (docs/envelope.md)."""

from dataclasses import dataclass
from enum import Enum

from sync.clock import Instant


class PartRole(Enum):
    """What a sealed part is for; the carriers order parts by it and know no more."""

    RECORD = 0
    PREVIEW = 1
    PAGE = 2


@dataclass(frozen=True, slots=True)
class Part:
    """One sealed part: `length` bytes of ciphertext whose RFC 6962 root over 256 KiB pieces is `root`."""

    index: int
    role: PartRole
    length: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Recipient:
    """One key the data key is wrapped for. `role`: 1 division, 2 recovery, 3 desk."""

    key_id: bytes
    role: int
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """The signed outside of an envelope (docs/envelope.md, byte table)."""

    env_id: bytes
    sender: str
    sender_key_id: bytes
    visit: bytes
    kind: str
    journal_seq: int
    journal_head: bytes
    time: Instant
    beacon: bytes
    recipients: tuple[Recipient, ...]
    payload_length: int
    payload_sha256: bytes
    parts: tuple[Part, ...]
    bundle_version: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed application or letter: the `slip` (magic, header, signatures, sealed record) and its sealed parts.

    `slip` alone is what "slip first" sends; `parts[i].index` matches `header.parts[i].index`.
    """

    header: Header
    slip: bytes
    parts: tuple[bytes, ...]

    @property
    def env_id(self) -> bytes:
        """The idempotency key: 16 bytes, made once."""
        return self.header.env_id
