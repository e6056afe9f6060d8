"""Signed words on paper and wire: the box's receipt, the hall's receipt, the hall's time beacon.

Each is one canonical CBOR list followed by 64 bytes of Ed25519. None holds personal data. Times are
whole seconds UTC. The byte tables stand in docs/envelope.md.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sync import canonical, merkle, shape
from sync.address import from_text, to_text
from sync.bundle import KeyBundle
from sync.errors import FailureKind, SealError
from sync.ids import check_filing_number
from sync.keys import Signer, VerifyKey
from sync.proof import Proof, decode_proof, encode_proof, log_leaf

__all__ = [
    "ARRIVED",
    "BEACON_MAX",
    "COMPLETE",
    "RECEIPT_MAX",
    "Beacon",
    "BoxReceipt",
    "Find",
    "HallReceipt",
    "Proof",
    "bounded",
    "decode_proof",
    "encode_proof",
    "from_text",
    "log_leaf",
    "own_hall_receipt",
    "proof_holds",
    "read_beacon",
    "read_receipt",
    "sign_beacon",
    "sign_receipt",
    "to_text",
]

RECEIPT_MAX: Final = 200
BEACON_MAX: Final = 120
NONCE_MAX: Final = 16
ARRIVED: Final = 1
COMPLETE: Final = 2

Find = Callable[[bytes], VerifyKey | None]

_BOX, _HALL, _BEACON = 1, 2, 3
_LABELS: Final = {_BOX: "box-receipt/v1", _HALL: "hall-receipt/v1", _BEACON: "beacon/v1"}
_SIGNATURE: Final = 64
_KEY_ID: Final = 8
_ENV_ID: Final = 16
_HASH: Final = 32
_PROCEDURE: Final = re.compile(r"[a-z0-9_-]{1,24}", re.ASCII)


@dataclass(frozen=True, slots=True)
class BoxReceipt:
    """The box's word: accepted here, entered in its journal at `journal_seq`. `not_before` is the last hall beacon."""

    env_id: bytes
    envelope_sha256: bytes
    procedure: str
    filed: datetime
    not_before: datetime
    uncertainty_s: int
    journal_seq: int
    device_key_id: bytes

    @property
    def key_id(self) -> bytes:
        """The key that signs this receipt."""
        return self.device_key_id


@dataclass(frozen=True, slots=True)
class HallReceipt:
    """City hall's word: received as `filing_no`, at `log_index` of its log. `stage`: 1 arrived, 2 complete."""

    env_id: bytes
    envelope_sha256: bytes
    procedure: str
    filing_no: str
    filed: datetime
    not_before: datetime
    received: datetime
    log_index: int
    stage: int
    key_id: bytes


@dataclass(frozen=True, slots=True)
class Beacon:
    """City hall's time, for the box that sent `nonce` (1 to 16 bytes), and the newest key bundle it knows.

    `root` and `bundle` are that bundle's two version numbers; 0 says nothing. A box that holds less, or that heard
    no such word for long, notices that news are being kept from it.
    """

    time: datetime
    nonce: bytes
    key_id: bytes
    root: int = 0
    bundle: int = 0


def bounded(filed: datetime, not_before: datetime, received: datetime | None = None) -> datetime:
    """Return the filing time a receipt may state: the box's own, moved into what city hall can attest.

    A box whose clock is a little slow or fast must neither refuse an applicant nor sign an impossible time.
    """
    later = max(filed, not_before)
    return later if received is None else min(later, received)


def sign_receipt(receipt: BoxReceipt | HallReceipt, signer: Signer) -> bytes:
    """Return at most 200 bytes; raises ValueError for times outside their bounds or another signer's key id.

    A `not_before` before 1970 (a box whose clock knows nothing) is written as 1970: it bounds as little.
    """
    values = _box_values(receipt) if isinstance(receipt, BoxReceipt) else _hall_values(receipt)
    data = _signed(values, receipt.key_id, signer)
    _read_receipt(values)
    if len(data) > RECEIPT_MAX:
        raise ValueError(f"receipt: at most {RECEIPT_MAX} bytes, these are {len(data)}")
    return data


def read_receipt(data: bytes, keys: KeyBundle | Find) -> BoxReceipt | HallReceipt:
    """Return a receipt whose signature and time bounds hold; raises SealError.

    With a bundle, a box receipt counts under a device's key (revoked or not: look it up with
    `bundle.device_by_key`) and a hall receipt under a countersigner's. A function finds a key by id.
    """
    values, body = _values(data, RECEIPT_MAX)
    try:
        receipt = _read_receipt(values)
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error
    _check(values[0], receipt.key_id, body, data[-_SIGNATURE:], keys)
    return receipt


def own_hall_receipt(data: bytes) -> HallReceipt:
    """Return a hall receipt out of city hall's own shelf, its signature not looked at; raises SealError(HEADER).

    The key that signed it may have left the bundle since.
    """
    values, _ = _values(data, RECEIPT_MAX)
    if values[0] != _HALL:
        raise SealError(FailureKind.HEADER, "hall receipt: this is another form")
    try:
        return _read_hall(values)
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error


def sign_beacon(beacon: Beacon, signer: Signer) -> bytes:
    """Return at most 120 bytes; raises ValueError for another signer's key id or a nonce of wrong length."""
    values = [
        _BEACON,
        shape.seconds_of(beacon.time, "time"),
        beacon.nonce,
        beacon.key_id,
        beacon.root,
        beacon.bundle,
    ]
    data = _signed(values, beacon.key_id, signer)
    _read_beacon(values)
    return data


def read_beacon(data: bytes, keys: KeyBundle | Find) -> Beacon:
    """Return the hall's time once its signature holds; raises SealError. The caller compares the nonce."""
    values, body = _values(data, BEACON_MAX)
    try:
        beacon = _read_beacon(values)
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error
    _check(_BEACON, beacon.key_id, body, data[-_SIGNATURE:], keys)
    return beacon


def proof_holds(receipt: HallReceipt, proof: Proof) -> bool:
    """Tell whether the filing of this receipt stands in the log at the index the receipt names."""
    leaf = log_leaf(receipt.envelope_sha256, receipt.filing_no)
    return merkle.verify_inclusion(leaf, receipt.log_index, proof.size, proof.path, proof.root)


def _box_values(receipt: BoxReceipt) -> list[Any]:
    return [
        _BOX,
        receipt.env_id,
        receipt.envelope_sha256,
        receipt.procedure,
        shape.seconds_of(receipt.filed, "filed"),
        shape.seconds_of(max(receipt.not_before, shape.EPOCH), "not_before"),
        receipt.uncertainty_s,
        receipt.journal_seq,
        receipt.device_key_id,
    ]


def _hall_values(receipt: HallReceipt) -> list[Any]:
    return [
        _HALL,
        receipt.env_id,
        receipt.envelope_sha256,
        receipt.procedure,
        receipt.filing_no,
        shape.seconds_of(receipt.filed, "filed"),
        shape.seconds_of(max(receipt.not_before, shape.EPOCH), "not_before"),
        shape.seconds_of(receipt.received, "received"),
        receipt.log_index,
        receipt.stage,
        receipt.key_id,
    ]


def _read_receipt(values: list[Any]) -> BoxReceipt | HallReceipt:
    return _read_box(values) if values[0] == _BOX else _read_hall(values)


def _read_box(values: list[Any]) -> BoxReceipt:
    _, env_id, digest, procedure, filed, not_before, slack, seq, key_id = shape.row(
        values, 9, "box receipt"
    )
    receipt = BoxReceipt(
        env_id=shape.blob(env_id, "env_id", _ENV_ID),
        envelope_sha256=shape.blob(digest, "envelope", _HASH),
        procedure=shape.word(procedure, _PROCEDURE, "procedure"),
        filed=shape.moment_of_seconds(filed, "filed"),
        not_before=shape.moment_of_seconds(not_before, "not_before"),
        uncertainty_s=shape.number(slack, "uncertainty", high=shape.SLACK_MAX),
        journal_seq=shape.number(seq, "journal seq", 1),
        device_key_id=shape.blob(key_id, "key id", _KEY_ID),
    )
    if receipt.filed < receipt.not_before:
        raise ValueError("box receipt: filed before the last time city hall confirmed")
    return receipt


def _read_hall(values: list[Any]) -> HallReceipt:
    _, env_id, digest, procedure, filing_no, filed, not_before, received, index, stage, key_id = (
        shape.row(values, 11, "hall receipt")
    )
    receipt = HallReceipt(
        env_id=shape.blob(env_id, "env_id", _ENV_ID),
        envelope_sha256=shape.blob(digest, "envelope", _HASH),
        procedure=shape.word(procedure, _PROCEDURE, "procedure"),
        filing_no=shape.text(filing_no, "filing number", 16),
        filed=shape.moment_of_seconds(filed, "filed"),
        not_before=shape.moment_of_seconds(not_before, "not_before"),
        received=shape.moment_of_seconds(received, "received"),
        log_index=shape.number(index, "log index", high=merkle.SIZE_MAX),
        stage=shape.number(stage, "stage", ARRIVED, COMPLETE),
        key_id=shape.blob(key_id, "key id", _KEY_ID),
    )
    if not check_filing_number(receipt.filing_no):
        raise ValueError("hall receipt: the filing number's check digit is wrong")
    if not receipt.not_before <= receipt.filed <= receipt.received:
        raise ValueError("hall receipt: filed outside the times city hall attests")
    return receipt


def _read_beacon(values: list[Any]) -> Beacon:
    form, time, nonce, key_id, root, bundle = shape.row(values, 6, "beacon")
    shape.number(form, "beacon's form", _BEACON, _BEACON)
    return Beacon(
        time=shape.moment_of_seconds(time, "time"),
        nonce=shape.blob(nonce, "nonce", 1, NONCE_MAX),
        key_id=shape.blob(key_id, "key id", _KEY_ID),
        root=shape.number(root, "root's version"),
        bundle=shape.number(bundle, "bundle's version"),
    )


def _signed(values: list[Any], key_id: bytes, signer: Signer) -> bytes:
    if key_id != signer.key_id:
        raise ValueError("receipt: it names another key than the one that would sign it")
    body = canonical.encode(values)
    return body + signer.sign_short(_LABELS[values[0]], body)


def _values(data: bytes, limit: int) -> tuple[list[Any], bytes]:
    if not isinstance(data, bytes) or not _SIGNATURE < len(data) <= limit:
        raise SealError(FailureKind.HEADER, f"receipt: {_SIGNATURE + 1} to {limit} bytes")
    body = data[:-_SIGNATURE]
    try:
        values = canonical.decode(body, limit)
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error
    form = values[0] if isinstance(values, list) and values else None
    if isinstance(form, bool) or not isinstance(form, int) or form not in _LABELS:
        raise SealError(FailureKind.HEADER, "receipt: its form is not known")
    return values, body


def _check(form: int, key_id: bytes, body: bytes, signature: bytes, keys: KeyBundle | Find) -> None:
    key = _key_in(keys, form, key_id) if isinstance(keys, KeyBundle) else keys(key_id)
    if key is None or key.key_id != key_id:
        raise SealError(FailureKind.NO_MATCH, "receipt: its key is not known here")
    key.verify_short(_LABELS[form], body, signature)


def _key_in(bundle: KeyBundle, form: int, key_id: bytes) -> VerifyKey | None:
    if form != _BOX:
        return bundle.countersigner(key_id)
    device = bundle.device_by_key(key_id)
    return None if device is None else device.verify
