"""Our own code as a reader of vectors: each kind of thing, and what comes out of it as JSON."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from sync import canonical, chiplock, ids, journal, keyfile, pinlock, proof, receipt, root, shape
from sync.bundle import believe
from sync.clock import Instant
from sync.drawer import Drawer
from sync.envelope import Header, Part, PartRole
from sync.errors import SealError
from sync.keys import OpeningKey, SealingKey, Signer, VerifyKey
from sync.letters import decode_letter, encode_letter
from sync.notes import decode_note, encode_note
from sync.padding import RECORD_STEP, unpad
from sync.receipt import Find
from sync.record import decode_record, encode_record
from sync.seal import open_part, open_record
from sync.signedform import decode_form
from sync.signedjson import stamp
from sync.verify import part_root, piece_ok, read_header, verify_slip
from sync.witness import read_cosigned
from tests.vectors.bricks import MALFORMED
from tests.vectors.recipe import plain, shown
from tests.vectors.shelves import Vector


def outcome(vector: Vector) -> dict[str, Any]:
    """Return what our code says of a vector."""
    try:
        return {"gives": READERS[vector.what](vector)}
    except SealError as error:
        return {"fails": error.kind.value}
    except ValueError:
        return {"fails": MALFORMED}


def _signer(one: Vector, name: str) -> Signer:
    return Signer(one.data(name))


def _find(one: Vector) -> Find:
    known = {Signer(seed).key_id: Signer(seed).public for seed in one.many("known_seeds")}
    return known.get


def _header(header: Header) -> Any:
    at = header.time
    values = {
        1: 1,
        2: 1,
        3: header.env_id,
        4: header.sender,
        5: header.sender_key_id,
        6: header.visit,
        7: header.kind,
        8: header.journal_seq,
        9: header.journal_head,
        10: [*_micros(at), at.boot, at.monotonic_ms],
        11: [[to.key_id, to.role, to.wrapped] for to in header.recipients],
        12: [header.payload_length, header.payload_sha256],
        13: [[part.index, part.role.value, part.length, part.root] for part in header.parts],
        14: header.bundle_version,
        15: header.beacon,
    }
    return plain(values)


def _micros(at: Instant) -> list[Any]:
    return [shape.micros_of(at.wall, "time"), at.uncertainty_s, at.quality.value]


def _open(one: Vector) -> Any:
    key, sender = OpeningKey(one.data("opening_seed")), _signer(one, "sender_seed").public
    return plain(open_record(one.data("slip"), key, sender))


def _part(one: Vector) -> Any:
    key, index = OpeningKey(one.data("opening_seed")), one.given["index"]
    return plain(open_part(one.data("slip"), index, one.data(), key))


def _piece(one: Vector) -> bool:
    part = Part(0, PartRole.PAGE, one.given["length"], one.data("root"))
    return piece_ok(part, one.given["number"], one.data(), one.many("proof"))


def _receipt(one: Vector) -> Any:
    found = receipt.read_receipt(one.data(), _find(one))
    filed, bound = (shape.seconds_of(at, "time") for at in (found.filed, found.not_before))
    front = [found.env_id, found.envelope_sha256, found.procedure]
    if isinstance(found, receipt.BoxReceipt):
        rest = [filed, bound, found.uncertainty_s, found.journal_seq, found.device_key_id]
        return plain([1, *front, *rest])
    received = shape.seconds_of(found.received, "time")
    end = [found.log_index, found.stage, found.key_id]
    return plain([2, *front, found.filing_no, filed, bound, received, *end])


def _beacon(one: Vector) -> Any:
    found = receipt.read_beacon(one.data(), _find(one))
    at = shape.seconds_of(found.time, "time")
    return plain([3, at, found.nonce, found.key_id, found.root, found.bundle])


def _proof(one: Vector) -> Any:
    found = proof.decode_proof(one.data())
    return plain([4, found.size, found.root, list(found.path), found.checkpoint])


def _holds(one: Vector) -> bool:
    found = receipt.read_receipt(one.data(), _find(one))
    assert isinstance(found, receipt.HallReceipt)
    return receipt.proof_holds(found, proof.decode_proof(one.data("proof")))


def _entry(one: Vector) -> Any:
    found = journal.decode_entry(one.data())
    wall = shape.micros_of(found.wall, "time")
    values = [found.seq, found.prev, found.kind, found.object_hash, wall, found.monotonic_ms]
    return {"values": plain([*values, found.boot]), "hash": found.hash.hex()}


def _chain(one: Vector) -> Any:
    head = one.given["head"]
    entries = [journal.decode_entry(data) for data in one.many("entries")]
    seq, last = journal.verify_chain(entries, (head["seq"], bytes.fromhex(head["hash"])))
    return {"seq": seq, "hash": last.hex()}


def _checkpoint(one: Vector) -> Any:
    found = journal.read_checkpoint(one.text(), _signer(one, "seed").public)
    size, root = plain(found.size), found.root.hex()
    return {"origin": found.origin, "size": size, "root": root, "extra": found.extra}


def _cosigned(one: Vector) -> Any:
    public, witnesses = _signer(one, "seed").public, _find_all(one)
    head, seen = read_cosigned(one.text(), one.given["device"], public, witnesses)
    at = shape.seconds_of(seen, "seen")
    return {"size": plain(head.size), "root": head.root.hex(), "seen": at}


def _find_all(one: Vector) -> list[VerifyKey]:
    return [Signer(seed).public for seed in one.many("known_seeds")]


def _record(one: Vector) -> Any:
    found = encode_record(decode_record(one.data()))
    return plain(canonical.decode(found, len(found)))


def _letter(one: Vector) -> Any:
    found = encode_letter(decode_letter(one.data()))
    return plain(canonical.decode(found, len(found)))


def _note(one: Vector) -> Any:
    found = encode_note(decode_note(one.data()))
    return plain(canonical.decode(found, len(found)))


def _form(one: Vector) -> Any:
    found = decode_form(one.data(), _find(one))
    day = found.valid_from.isoformat()
    return [1, found.procedure, found.version, day, found.text]


def _pair(key: Signer | OpeningKey) -> dict[str, str]:
    digest = hashlib.sha256(key.public.raw).hexdigest()
    return {"id": key.key_id.hex(), "public_sha256": digest}


def _chip(one: Vector) -> dict[str, str]:
    data = one.data()
    half = chiplock.PinHalf.for_lock(data, one.text("pin"))
    secret = half.unlock(data, one.data("chip"))
    return {"secret": secret.hex(), "password": half.password.hex()}


def _role(role: root.Role) -> dict[str, Any]:
    return {"ids": [key.key_id.hex() for key in role.keys], "threshold": role.threshold}


def _root(one: Vector) -> Any:
    found = root.decode_root(one.text())
    times = {"issued": stamp(found.issued), "expires": stamp(found.expires)}
    roles = {"root": _role(found.root), "publisher": _role(found.publisher)}
    return {"version": found.version, **times, **roles}


def _bundle(one: Vector) -> Any:
    held = one.given["believed"] and root.decode_root(one.text("believed"))
    believed = believe(one.text(), held)
    found = believed.bundle
    return {
        "version": found.version,
        "root": believed.root.version,
        "issued": stamp(found.issued),
        "expires": stamp(found.expires),
        "recovery": [key.key_id.hex() for key in found.recovery],
        "countersigners": [key.key_id.hex() for key in found.countersigners],
        "office": [key.key_id.hex() for key in found.office],
        "division": [
            {"key": at.key.key_id.hex(), "from": stamp(at.since), "until": stamp(at.until)}
            for at in found.division
        ],
        "devices": [
            {
                "name": box.name,
                "verify": box.verify.key_id.hex(),
                "reading": box.reading.key_id.hex(),
                "revoked": box.revoked
                and {"at": stamp(box.revoked.at), "journal": box.revoked.journal},
            }
            for box in found.devices
        ],
    }


READERS: Final[Mapping[str, Callable[[Vector], Any]]] = {
    "canonical": lambda one: plain(canonical.decode(one.data(), one.given["limit"])),
    "header": lambda one: _header(read_header(one.data("slip"))),
    "verify": lambda one: _header(
        verify_slip(one.data("slip"), _signer(one, "sender_seed").public)
    ),
    "open": _open,
    "part": _part,
    "piece": _piece,
    "root": lambda one: part_root(one.data()).hex(),
    "unpad": lambda one: plain(unpad(one.data(), RECORD_STEP)),
    "receipt": _receipt,
    "beacon": _beacon,
    "address": lambda one: plain(receipt.from_text(one.text())),
    "proof": _proof,
    "holds": _holds,
    "filing number": lambda one: ids.check_filing_number(one.text()),
    "leaf": lambda one: proof.log_leaf(one.data("slip_sha256"), one.text()).hex(),
    "entry": _entry,
    "chain": _chain,
    "checkpoint": _checkpoint,
    "record": _record,
    "letter": _letter,
    "note": _note,
    "form": _form,
    "signer": lambda one: _pair(_signer(one, "seed")),
    "opening": lambda one: _pair(OpeningKey(one.data("seed"))),
    "verify key": lambda one: VerifyKey.from_raw(one.data("raw")).key_id.hex(),
    "sealing key": lambda one: SealingKey(one.data("raw")).key_id.hex(),
    "key file": lambda one: {
        "hex": shown(keyfile.read_key(one.text(), one.given["kind"]))
    },
    "lock": lambda one: {"hex": pinlock.unlock_secret(one.data(), one.text("pin")).hex()},
    "chip lock": _chip,
    "cosigned": _cosigned,
    "root document": _root,
    "bundle": _bundle,
    "draft": lambda one: {
        "hex": Drawer(one.data("key")).open(one.text("draft_name"), one.data()).hex()
    },
}  # fmt: skip
