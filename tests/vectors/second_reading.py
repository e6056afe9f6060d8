"""The reader without our code, over the vectors: nothing here may import sync (a test looks)."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.support import (
    second_bundle,
    second_cbor,
    second_keys,
    second_locks,
    second_notes,
    second_papers,
    second_reader,
    second_records,
)
from tests.vectors.recipe import plain, shown
from tests.vectors.shelves import Vector


def outcome(vector: Vector) -> dict[str, Any]:
    """Return what the second reader says of a vector."""
    try:
        return {"gives": READERS[vector.what](vector)}
    except second_cbor.Refused as refused:
        return {"fails": refused.word}


def _sender(one: Vector, name: str = "sender_seed") -> bytes:
    return second_keys.signing_public(one.data(name))


def _known(one: Vector) -> dict[bytes, bytes]:
    publics = [second_keys.signing_public(seed) for seed in one.many("known_seeds")]
    return {second_keys.signing_id(public): public for public in publics}


def _open(one: Vector) -> Any:
    seed, sender = one.data("opening_seed"), _sender(one)
    return plain(second_reader.open_record(one.data("slip"), seed, sender))


def _part(one: Vector) -> Any:
    seed, index = one.data("opening_seed"), one.given["index"]
    return plain(second_reader.open_part(one.data("slip"), index, one.data(), seed))


def _piece(one: Vector) -> bool:
    part = (one.given["length"], one.data("root"))
    return second_reader.piece_ok(part, one.given["number"], one.data(), one.many("proof"))


def _holds(one: Vector) -> bool:
    paper = second_papers.receipt(one.data(), _known(one))
    return second_papers.holds(paper, second_papers.proof(one.data("proof")))


def _entry(one: Vector) -> Any:
    data = one.data()
    values = plain(second_papers.entry(data))
    return {"values": values, "hash": second_papers.entry_hash(data).hex()}


def _chain(one: Vector) -> Any:
    head = one.given["head"]
    start = (head["seq"], bytes.fromhex(head["hash"]))
    seq, last = second_papers.chain(one.many("entries"), start)
    return {"seq": seq, "hash": last.hex()}


def _checkpoint(one: Vector) -> Any:
    found = second_papers.checkpoint(one.text(), _sender(one, "seed"))
    return found | {"size": plain(found["size"])}


def _cosigned(one: Vector) -> Any:
    witnesses = [second_keys.signing_public(seed) for seed in one.many("known_seeds")]
    public, device = _sender(one, "seed"), one.given["device"]
    found = second_papers.cosigned(one.text(), device, public, witnesses)
    return found | {"size": plain(found["size"])}


def _signer(one: Vector) -> Any:
    public = _sender(one, "seed")
    digest = hashlib.sha256(public).hexdigest()
    return {"id": second_keys.signing_id(public).hex(), "public_sha256": digest}


def _opening(one: Vector) -> Any:
    public = second_keys.opening_public(one.data("seed"))
    digest = hashlib.sha256(public).hexdigest()
    return {"id": second_keys.opening_id(public).hex(), "public_sha256": digest}


def _chip(one: Vector) -> Any:
    chip = one.data("chip")
    secret, password = second_locks.chip_lock(one.data(), one.text("pin"), chip)
    return {"secret": secret.hex(), "password": password.hex()}


def _draft(one: Vector) -> Any:
    return plain(second_locks.draft(one.data("key"), one.text("draft_name"), one.data()))


def _bundle(one: Vector) -> Any:
    held = one.text("believed") if one.given["believed"] else None
    return second_bundle.bundle(one.text(), held)


READERS: Final[Mapping[str, Callable[[Vector], Any]]] = {
    "canonical": lambda one: plain(second_cbor.read(one.data(), one.given["limit"])),
    "header": lambda one: plain(
        second_reader.read_header(second_reader.split(one.data("slip"))[0])
    ),
    "verify": lambda one: plain(second_reader.verify(one.data("slip"), _sender(one))),
    "open": _open,
    "part": _part,
    "piece": _piece,
    "root": lambda one: second_reader.part_root(one.data()).hex(),
    "unpad": lambda one: plain(second_reader.unpad(one.data())),
    "receipt": lambda one: plain(second_papers.receipt(one.data(), _known(one))),
    "beacon": lambda one: plain(second_papers.beacon(one.data(), _known(one))),
    "address": lambda one: plain(second_papers.address(one.text())),
    "proof": lambda one: plain(second_papers.proof(one.data())),
    "holds": _holds,
    "filing number": lambda one: second_papers.filing_number(one.text()),
    "leaf": lambda one: second_papers.log_leaf(one.data("slip_sha256"), one.text()).hex(),
    "entry": _entry,
    "chain": _chain,
    "checkpoint": _checkpoint,
    "record": lambda one: plain(second_records.record(one.data())),
    "letter": lambda one: plain(second_records.letter(one.data())),
    "note": lambda one: plain(second_notes.note(one.data())),
    "form": lambda one: plain(second_records.form(one.data(), _known(one))),
    "signer": _signer,
    "opening": _opening,
    "verify key": lambda one: second_keys.signing_id(one.data("raw")).hex(),
    "sealing key": lambda one: second_keys.opening_id(one.data("raw")).hex(),
    "key file": lambda one: {
        "hex": shown(second_locks.key_file(one.text(), one.given["kind"]))
    },
    "lock": lambda one: plain(second_locks.lock(one.data(), one.text("pin"))),
    "chip lock": _chip,
    "draft": _draft,
    "cosigned": _cosigned,
    "root document": lambda one: second_bundle.root_document(one.text()),
    "bundle": _bundle,
}  # fmt: skip
