"""Vectors of whole envelopes (docs/envelope.md sections 4 to 6): verified without a key, opened with one."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sync import canonical
from sync.envelope import join_slip, split_slip
from sync.keys import OpeningKey
from sync.padding import pad
from tests.vectors import forging, recipe
from tests.vectors.bricks import (
    BOX,
    DIVISION,
    HALL,
    HEADER,
    NO_MATCH,
    OFFICE,
    PAYLOAD,
    READING,
    RECOVERY,
    SIGNATURE,
    THIEF,
    Shelf,
    fixed,
    seed,
)
from tests.vectors.forging import BOTH, MOMENT, RECORD, Forged, close, close_record

_SENDER: Final = BOX.seed.hex()
_KEY: Final = DIVISION.seed.hex()


def shelf() -> Shelf:
    """Return the vectors of whole envelopes."""
    made = Shelf("envelopes", "Slips verified with the sender's key and opened with a recipient's.")
    _good(made)
    _verified(made)
    _told_otherwise(made)
    _unwrapped(made)
    _inside(made)
    return made


def _open(slip: Any, key: str = _KEY, sender: str = _SENDER) -> dict[str, Any]:
    return {"slip": slip, "sender_seed": sender, "opening_seed": key}


def _good(made: Shelf) -> None:
    eight = [(DIVISION, 1), *((OpeningKey(seed(f"reader {n}")), 3) for n in range(7))]
    spoken = [
        ("a record for division and recovery", RECORD, Forged(close_record()), DIVISION),
        ("the same kind, opened by recovery", RECORD, Forged(close_record()), RECOVERY),
        ("an empty record", b"", Forged(close_record(b"")), DIVISION),
        (
            "a record of two steps",
            hashlib.shake_256(b"two steps").digest(1500),
            Forged(close_record(hashlib.shake_256(b"two steps").digest(1500))),
            DIVISION,
        ),
        (
            "a record of zeros as long as its limit",
            bytes(262_144),
            Forged(close_record(bytes(262_144))),
            DIVISION,
        ),
        ("a record for eight", RECORD, Forged(close_record(), recipients=eight), DIVISION),
        (
            "a letter of the office to a desk",
            RECORD,
            Forged(
                close_record(),
                recipients=[(READING, 3)],
                signer=OFFICE,
                before={4: "office", 7: "visit_pack", 6: b""},
            ),
            READING,
        ),
    ]
    for name, record, forged, key in spoken:
        slip = recipe.packed(forged.slip())
        given = _open(slip, key.seed.hex(), forged.signer.seed.hex())
        made.good(name, "open", given, {"hex": recipe.shown(record)})


def _verified(made: Shelf) -> None:
    forged = Forged(close_record(), parts=[(1, b"sealed bytes of a preview")])
    data = forged.slip()
    size = int.from_bytes(data[8:12], "big")
    slip = made.blob("slip", data)
    header = canonical.decode(split_slip(data)[0], 32_768)
    made.good("verified", "verify", _outside(slip), recipe.plain(header))
    made.bad("another box's key", "verify", _outside(slip, THIEF.seed.hex()), SIGNATURE)
    changes = {
        "a bit of the header's id": (recipe.flipped(slip, 12 + 6), SIGNATURE),
        "the header's last bit": (recipe.flipped(slip, 11 + size), SIGNATURE),
        "the Ed25519 signature's first bit": (recipe.flipped(slip, 15 + size), SIGNATURE),
        "the Ed25519 signature's last bit": (recipe.flipped(slip, 78 + size, 7), SIGNATURE),
        "the ML-DSA-44 signature's first bit": (recipe.flipped(slip, 81 + size), SIGNATURE),
        "the ML-DSA-44 signature's last bit": (recipe.flipped(slip, 2500 + size, 7), SIGNATURE),
        "an Ed25519 signature of zeros": (
            recipe.put(slip, 15 + size, 64, {"repeat": "00", "times": 64}),
            SIGNATURE,
        ),
        "the sealed record's first bit": (recipe.flipped(slip, 2501 + size), PAYLOAD),
        "the sealed record's last bit": (recipe.flipped(slip, -1, 7), PAYLOAD),
        "a sealed record cut off": (recipe.cut(slip, -1), PAYLOAD),
        "no sealed record": (recipe.cut(slip, 2501 + size), PAYLOAD),
        "a byte behind the sealed record": ([slip, "00"], PAYLOAD),
    }
    for name, (spec, fails) in changes.items():
        made.bad(name, "verify", _outside(spec), fails)
    for name, changed, fails in _signed_anew(forged):
        made.bad(name, "verify", _outside(recipe.packed(changed)), fails)


def _outside(slip: Any, sender: str = _SENDER) -> dict[str, Any]:
    return {"slip": slip, "sender_seed": sender}


def _signed_anew(forged: Forged) -> list[tuple[str, bytes, str]]:
    header, own, payload = split_slip(forged.slip())
    digest = hashlib.sha256(header).digest()
    thief, form = THIEF.sign("envelope/v1", digest), BOX.sign("form/v1", digest)
    bare = BOX.sign("envelope/v1", header)
    other = Forged(close_record(), change={5: fixed("key", 8)})
    odd = Forged(close_record(), change={2: 2})
    return [
        ("Ed25519 of a thief", join_slip(header, (thief[0], own[1]), payload), SIGNATURE),
        ("ML-DSA-44 of a thief", join_slip(header, (own[0], thief[1]), payload), SIGNATURE),
        ("Ed25519 made for a form", join_slip(header, (form[0], own[1]), payload), SIGNATURE),
        ("ML-DSA-44 made for a form", join_slip(header, (own[0], form[1]), payload), SIGNATURE),
        ("signatures over the header itself", join_slip(header, bare, payload), SIGNATURE),
        ("the id of another signing key", other.slip(), NO_MATCH),
        ("suite 2, lawfully signed", odd.slip(), HEADER),
        ("rubbish, lawfully signed", forged.slip(b"\x18\x01"), HEADER),
    ]


def _told_otherwise(made: Shelf) -> None:
    """A stolen envelope, changed and signed again even with the box's own key, does not open."""
    payload = close_record()
    changes: Mapping[str, Mapping[int, Any]] = {
        "another id": {3: fixed("another id")},
        "another sender": {4: "bus-08"},
        "another visit": {6: b"other"},
        "another kind": {7: "correction"},
        "another place in the journal": {8: 42},
        "another journal": {9: bytes(32)},
        "a day earlier": {10: [MOMENT - 86_400_000_000, 2, "synced", 3, 60_000]},
        "another bundle": {14: 6},
        "another beacon": {15: b"beacon"},
        "a part more": {13: [[0, 2, 1, bytes(32)]]},
    }
    for name, change in changes.items():
        slip = recipe.packed(Forged(payload, change=change).slip())
        made.bad(f"{name}, signed again", "open", _open(slip), NO_MATCH)
    stolen = Forged(payload).header()
    rest: Sequence[tuple[str, dict[int, Any]]] = [
        ("a recipient less", {11: stolen[11][:1]}),
        ("the recipients in another order", {11: stolen[11][::-1]}),
        ("the division's role changed", {11: [[*stolen[11][0][:1], 3, stolen[11][0][2]]]}),
    ]
    for name, change in rest:
        slip = recipe.packed(Forged(payload).slip(canonical.encode(stolen | change)))
        made.bad(f"{name}, signed again", "open", _open(slip), NO_MATCH)
    taken = stolen | {5: THIEF.key_id}
    slip = recipe.packed(Forged(payload, signer=THIEF).slip(canonical.encode(taken)))
    given = _open(slip, sender=THIEF.seed.hex())
    made.bad("signed by a thief with the thief's name on it", "open", given, NO_MATCH)


def _unwrapped(made: Shelf) -> None:
    forged = Forged(close_record())
    header = forged.header()
    division, recovery = header[11]
    enc = division[2]

    def with_wrapped(first: bytes, second: bytes) -> Any:
        rows = [[*division[:2], first], [*recovery[:2], second]]
        return recipe.packed(forged.slip(canonical.encode(header | {11: rows})))

    wrapped = {
        "wrapped keys in each other's place": with_wrapped(recovery[2], enc),
        "a wrapped key's lattice half changed": with_wrapped(_flip(enc, 0), recovery[2]),
        "a wrapped key's curve half changed": with_wrapped(_flip(enc, 1100), recovery[2]),
        "a wrapped key's last bit": with_wrapped(_flip(enc, 1167), recovery[2]),
        "a wrapped key of zeros": with_wrapped(bytes(1168), recovery[2]),
        "a wrapped key for the whole header": with_wrapped(
            DIVISION.public.wrap(forging.DATA_KEY, b"madobus/wrap/v1\x00" + bytes(32)), recovery[2]
        ),
    }
    for name, slip in wrapped.items():
        made.bad(name, "open", _open(slip), NO_MATCH)
    good = made.blob("unchanged", forged.slip(canonical.encode(header)))
    made.good("the same wrapped keys, unchanged", "open", _open(good), {"hex": RECORD.hex()})
    made.bad("a key that is no recipient", "open", _open(good, READING.seed.hex()), NO_MATCH)
    as_hall = _open(good, sender=HALL.seed.hex())
    made.bad("a sender nobody verified", "open", as_hall, SIGNATURE)
    changed = recipe.flipped(good, -1)
    made.bad("verified before it is opened", "open", _open(changed, READING.seed.hex()), PAYLOAD)


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]


def _inside(made: Shelf) -> None:
    """The outside is lawful, the inside is not what it promises."""
    stream = zlib.compress(RECORD, 9)
    padded = pad(stream, 1024)
    preset = zlib.compressobj(zdict=b"a record that says nothing")
    with_preset = preset.compress(RECORD) + preset.flush()
    raw = zlib.compressobj(wbits=-15)
    sealed = close_record()
    payloads = {
        "rubbish that was never sealed": b"\x5a" * 1200,
        "a sealed record of one byte": b"\x00",
        "sealed for another envelope": close(padded, 0, env_id=fixed("another")),
        "sealed for the place of a part": close(padded, 1),
        "sealed with another key": close(padded, 0, key=seed("data key 2")),
        "another salt": _flip(sealed, 0),
        "another commitment": _flip(sealed, 24),
        "another first chunk": _flip(sealed, 56),
        "no last chunk": sealed[:56],
        "nothing sealed": close(b"", 0),
        "not padded": close(stream, 0),
        "a step more of padding": close(padded + bytes(1024), 0),
        "padding that is not empty": close(padded[:-1] + b"\x01", 0),
        "a length beyond its content": close(b"\x00\x00\x10\x00" + padded[4:], 0),
        "a length of 4 GiB": close(b"\xff\xff\xff\xff" + padded[4:], 0),
        "not compressed": close(pad(RECORD, 1024), 0),
        "a stream that ends early": close(pad(stream[:-1], 1024), 0),
        "a byte behind the stream": close(pad(stream + b"\x00", 1024), 0),
        "two streams": close(pad(stream * 2, 1024), 0),
        "a stream with a wrong checksum": close(pad(_flip(stream, len(stream) - 1), 1024), 0),
        "a stream with a preset dictionary": close(pad(with_preset, 1024), 0),
        "a stream without its frame": close(
            pad(raw.compress(RECORD) + raw.flush(), 1024), 0
        ),
        "a record a byte over its limit": close(
            pad(zlib.compress(bytes(262_145), 9), 1024), 0
        ),
        "a record of 16 MiB": close(pad(zlib.compress(bytes(1 << 24), 9), 1024), 0),
    }  # fmt: skip
    for name, payload in payloads.items():
        slip = Forged(payload, recipients=BOTH[:1]).slip()
        made.bad(name, "open", _open(recipe.packed(slip)), PAYLOAD)
