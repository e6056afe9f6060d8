"""The one place where plaintext becomes an envelope, and an envelope plaintext (docs/envelope.md).

One data key per envelope seals the record and every part; it is wrapped once for each recipient,
bound to the whole header. Encrypt, then sign: carriers verify without any key, and nobody can take
a stolen envelope and put another date, road, recipient or signature on it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from sync.clock import Instant
from sync.envelope import (
    PARTS_MAX,
    RECORD_MAX,
    Envelope,
    Header,
    Part,
    PartRole,
    Recipient,
    binding,
    encode_header,
    join_slip,
    split_slip,
)
from sync.errors import FailureKind, SealError
from sync.ids import Random
from sync.keys import OpeningKey, SealingKey, Signer, VerifyKey
from sync.padding import (
    ORIGINAL_STEP,
    PAGE_STEP,
    PREVIEW_STEP,
    RECORD_STEP,
    padded_pieces,
    press,
    unpad,
    unpress,
)
from sync.verify import LABEL, part_matches, part_root, read_header, verify_slip

KEY_BYTES: Final = 32

_PART_LABEL: Final = b"madobus/part/v1\x00"
_WRAP_LABEL: Final = b"madobus/wrap/v1\x00"
_RECORD_PLACE: Final = bytes(4)
_STEPS: Final = {
    PartRole.PREVIEW: PREVIEW_STEP,
    PartRole.PAGE: PAGE_STEP,
    PartRole.ORIGINAL: ORIGINAL_STEP,
}


def seal(
    *,
    env_id: bytes,
    sender: str,
    kind: str,
    visit: bytes,
    signer: Signer,
    recipients: Sequence[tuple[SealingKey, int]],
    record: bytes,
    parts: Sequence[tuple[PartRole, bytes]],
    at: Instant,
    journal: tuple[int, bytes],
    beacon: bytes,
    bundle_version: int,
    random: Random,
) -> Envelope:
    """Return the envelope of a record and its parts for these recipients (key, role); raises ValueError.

    `journal` is the head (seq, hash) before this envelope; `random` makes the data key only: HPKE,
    Cobblestone and ML-DSA draw their own randomness inside the library.
    """
    _check_input(record, parts)
    key = random(KEY_BYTES)
    payload = _close(key, env_id, _RECORD_PLACE, padded_pieces(press(record), RECORD_STEP))
    sealed = tuple(
        _close(key, env_id, _place(index), padded_pieces(content, _STEPS[role]))
        for index, (role, content) in enumerate(parts)
    )
    header = Header(
        env_id=env_id,
        sender=sender,
        sender_key_id=signer.key_id,
        visit=visit,
        kind=kind,
        journal_seq=journal[0],
        journal_head=journal[1],
        time=at,
        beacon=beacon,
        recipients=tuple(Recipient(to.key_id, role, b"") for to, role in recipients),
        payload_length=len(payload),
        payload_sha256=hashlib.sha256(payload).digest(),
        parts=tuple(
            Part(index, role, len(data), part_root(data))
            for index, ((role, _), data) in enumerate(zip(parts, sealed, strict=True))
        ),
        bundle_version=bundle_version,
    )
    header = _wrapped(header, [to for to, _ in recipients], key)
    header_bytes = encode_header(header)
    signatures = signer.sign(LABEL, hashlib.sha256(header_bytes).digest())
    return Envelope(header, join_slip(header_bytes, signatures, payload), sealed)


def open_record(slip: bytes, key: OpeningKey, sender: VerifyKey) -> bytes:
    """Return the record once the sender's signatures hold; raises SealError and never a part of the content."""
    header = verify_slip(slip, sender)
    return _record(slip, header, _unwrap(header, key))


def open_part(
    slip: bytes, index: int, data: bytes, key: OpeningKey, sender: VerifyKey | None = None
) -> bytes:
    """Return the content of part `index`; raises SealError, PAYLOAD when `data` is not the promised bytes.

    Without `sender` the caller must have verified this slip before (`open_record`, `verify_slip`).
    """
    header, part = _promised(slip, index, data, sender)
    return _part(header, part, data, _unwrap(header, key))


def unwrap_key(slip: bytes, key: OpeningKey, sender: VerifyKey) -> bytes:
    """Return the envelope's data key (32 bytes) once the sender's signatures hold; raises SealError.

    Whoever keeps it opens this envelope and no other, without the opening key (`CaseKey` wraps it again).
    """
    return _unwrap(verify_slip(slip, sender), key)


def record_by_key(slip: bytes, data_key: bytes, sender: VerifyKey) -> bytes:
    """Return the record by its envelope's data key, with every check of `open_record`; raises SealError."""
    return _record(slip, verify_slip(slip, sender), data_key)


def part_by_key(
    slip: bytes, index: int, data: bytes, data_key: bytes, sender: VerifyKey | None = None
) -> bytes:
    """Return the content of part `index` by its envelope's data key, with every check of `open_part`."""
    header, part = _promised(slip, index, data, sender)
    return _part(header, part, data, data_key)


def _promised(
    slip: bytes, index: int, data: bytes, sender: VerifyKey | None
) -> tuple[Header, Part]:
    header = read_header(slip) if sender is None else verify_slip(slip, sender)
    if not 0 <= index < len(header.parts):
        raise SealError(FailureKind.PAYLOAD, f"the header has no part {index}")
    part = header.parts[index]
    if not part_matches(part, data):
        raise SealError(FailureKind.PAYLOAD, f"part {index} is not the one of the header")
    return header, part


def _record(slip: bytes, header: Header, data_key: bytes) -> bytes:
    padded = _open(data_key, header.env_id, _RECORD_PLACE, split_slip(slip)[2])
    return unpress(unpad(padded, RECORD_STEP), RECORD_MAX)


def _part(header: Header, part: Part, data: bytes, data_key: bytes) -> bytes:
    return unpad(_open(data_key, header.env_id, _place(part.index), data), _STEPS[part.role])


def _check_input(record: bytes, parts: Sequence[tuple[PartRole, bytes]]) -> None:
    if len(record) > RECORD_MAX:
        raise ValueError(f"seal: a record has at most {RECORD_MAX} bytes, not {len(record)}")
    if len(parts) > PARTS_MAX:
        raise ValueError(f"seal: an envelope has at most {PARTS_MAX} parts, not {len(parts)}")
    if any(role not in _STEPS for role, _ in parts):
        raise ValueError("seal: a part is a preview or a page; the record is not among the parts")


def _place(index: int) -> bytes:
    """Return where a sealed thing stands in its envelope: 0 is the record, part i is i + 1."""
    return (index + 1).to_bytes(4, "big")


def _close(key: bytes, env_id: bytes, place: bytes, padded: Iterable[bytes]) -> bytes:
    made = Cobblestone256Encryptor(key, _PART_LABEL + env_id + place)
    # Joined once: copying a scan costs more than sealing it.
    return b"".join([*map(made.update, padded), made.finalize()])


def _open(key: bytes, env_id: bytes, place: bytes, sealed: bytes) -> bytes:
    try:
        opened = Cobblestone256Decryptor(key, _PART_LABEL + env_id + place)
        return opened.update(sealed) + opened.finalize()
    except (InvalidTag, ValueError) as error:
        raise SealError(FailureKind.PAYLOAD, "the sealed bytes do not open") from error


def _wrapped(header: Header, keys: Sequence[SealingKey], data_key: bytes) -> Header:
    info = _WRAP_LABEL + binding(header)
    full = tuple(
        replace(one, wrapped=key.wrap(data_key, info))
        for one, key in zip(header.recipients, keys, strict=True)
    )
    return replace(header, recipients=full)


def _unwrap(header: Header, key: OpeningKey) -> bytes:
    for one in header.recipients:
        if one.key_id == key.key_id:
            return key.unwrap(one.wrapped, _WRAP_LABEL + binding(header))
    raise SealError(FailureKind.NO_MATCH, "this key is not among the recipients")
