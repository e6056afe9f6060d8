"""Envelopes whose every byte is chosen: a header of plain values, a known data key, a lawful signature on top."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.cobblestone import Cobblestone256Encryptor

from sync import canonical
from sync.envelope import join_slip
from sync.keys import OpeningKey, Signer
from sync.padding import pad
from sync.verify import LABEL, part_root
from tests.vectors.bricks import BOX, DIVISION, RECOVERY, fixed, seed

DATA_KEY: Final = seed("data key")
ENV_ID: Final = fixed("envelope id")
RECORD: Final = b"a record that says nothing of anybody"
MOMENT: Final = 1_795_482_000_000_000
BOTH: Final = ((DIVISION, 1), (RECOVERY, 2))


def close(content: bytes, place: int, *, env_id: bytes = ENV_ID, key: bytes = DATA_KEY) -> bytes:
    """Return bytes sealed at a place of an envelope, not padded."""
    label = b"madobus/part/v1\x00" + env_id + place.to_bytes(4, "big")
    made = Cobblestone256Encryptor(key, label)
    return made.update(content) + made.finalize()


def close_record(content: bytes = RECORD) -> bytes:
    """Return a record compressed, padded and sealed as it should be."""
    return close(pad(zlib.compress(content, 9), 1024), 0)


def close_part(content: bytes, index: int) -> bytes:
    """Return a part padded and sealed as it should be."""
    return close(pad(content, 1024), index + 1)


@dataclass(frozen=True)
class Forged:
    """What goes into a slip; `change` replaces keys of the header after the wrapped keys were made, `before` before."""

    payload: bytes
    parts: Sequence[tuple[int, bytes]] = ()
    before: Mapping[int, Any] = field(default_factory=dict)
    change: Mapping[int, Any] = field(default_factory=dict)
    recipients: Sequence[tuple[OpeningKey, int]] = BOTH
    signer: Signer = BOX
    label: str = LABEL

    def header(self) -> dict[int, Any]:
        """Return the header's values, each data key wrapped for its recipient."""
        values: dict[int, Any] = {
            1: 1,
            2: 1,
            3: ENV_ID,
            4: "bus-07",
            5: self.signer.key_id,
            6: fixed("visit"),
            7: "application",
            8: 41,
            9: fixed("journal head", 32),
            10: [MOMENT, 2, "synced", 3, 60_000],
            11: [[key.key_id, role, b""] for key, role in self.recipients],
            12: [len(self.payload), hashlib.sha256(self.payload).digest()],
            13: [
                [index, role, len(data), part_root(data)]
                for index, (role, data) in enumerate(self.parts)
            ],
            14: 5,
            15: b"",
            **self.before,
        }
        info = b"madobus/wrap/v1\x00" + hashlib.sha256(canonical.encode(values)).digest()
        wrapped = [key.public.wrap(DATA_KEY, info) for key, _ in self.recipients]
        rows = [[*row[:2], seal] for row, seal in zip(values[11], wrapped, strict=False)]
        return {**values, 11: rows, **self.change}

    def slip(self, header: bytes | None = None) -> bytes:
        """Return the slip; `header` puts other bytes in the place of the header's own, lawfully signed."""
        written = canonical.encode(self.header()) if header is None else header
        signatures = self.signer.sign(self.label, hashlib.sha256(written).digest())
        return join_slip(written, signatures, self.payload)


def unsigned(header: bytes) -> bytes:
    """Return a slip whose signatures and sealed record are zeros: enough to read a header."""
    return join_slip(header, (bytes(64), bytes(2420)), bytes(1))
