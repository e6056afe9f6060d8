"""The vault: sole holder of the division's keys. Opens one envelope for one person and one reason, audit line first.

The first opening needs the key of the envelope's month; it wraps the data key again under the application's
own key, and from then on that one opens it.
"""

import hashlib
from dataclasses import dataclass
from typing import NoReturn, Protocol

from cityhall.office.audit import AuditPen
from cityhall.office.entry import case_id_of
from cityhall.office.epochs import Openers
from cityhall.office.keyring import Keyring
from papers.showable import OWN_TYPES
from sync.envelope import Header, PartRole
from sync.errors import SealError, SyncError
from sync.notes import Note, Question, decode_note, id_of, kind_of
from sync.record import Record, SheetNote, decode_record
from sync.seal import part_by_key, record_by_key, unwrap_key
from sync.verify import read_header

# Kinds of picture that are shown, each written anew first; a bus that says anything else is not believed.
PICTURES = frozenset({"image/avif", "image/webp", "image/jpeg", "image/png"}) | OWN_TYPES


class VaultError(Exception):
    """The envelope did not open, or holds not what its record says. Nothing of it may be shown."""


class DataKeys(Protocol):
    """What the vault needs of the applications' own keys."""

    def data_key(self, env_id: bytes) -> bytes | None:
        """Return an envelope's data key, or None when it is not kept."""

    def keep(self, env_id: bytes, case_id: str, data_key: bytes) -> None:
        """Keep an envelope's data key under its application's key; raises ValueError for an erased one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants to see what and why: account, action and reason codes, the case, the address."""

    actor: str
    action: str
    reason: str
    case_id: str = ""
    detail: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class SealedPart:
    """One sealed picture: its part number, its bytes, the place of its sheet in the record, and what it is for."""

    index: int
    data: bytes
    place: int
    role: PartRole


@dataclass(frozen=True, slots=True)
class Picture:
    """An opened page, preview or original."""

    data: bytes
    media_type: str


class Vault:
    """Opens envelopes; keeps no plaintext after the call."""

    def __init__(
        self, openers: Openers, keyring: Keyring, data_keys: DataKeys, audit: AuditPen
    ) -> None:
        self._openers = openers
        self._keyring = keyring
        self._data_keys = data_keys
        self._audit = audit

    def record(self, slip: bytes, device: str, asked: Asked) -> Record:
        """Return the record of a slip from `device`; raises VaultError when seal, sender or form do not hold."""
        self._note(asked)
        try:
            return self._open(slip, device)[0]
        except (SyncError, ValueError, KeyError) as refusal:
            self._fail(asked, refusal)

    def note(self, slip: bytes, device: str, asked: Asked) -> Note:
        """Return what a bus said beside an application; raises VaultError when seal, sender or form do not hold.

        A question's data key is kept under the key of the application it is about, or under its own.
        """
        self._note(asked)
        try:
            sender = self._keyring.device(device).verify
            header = read_header(slip)
            kept = self._data_keys.data_key(header.env_id)
            data_key = kept or unwrap_key(slip, self._openers.opening(header), sender)
            note = decode_note(record_by_key(slip, data_key, sender))
            _check_outside(note, header)
            if kept is None and isinstance(note, Question):
                self._data_keys.keep(
                    header.env_id, (note.case_id or note.question_id).hex(), data_key
                )
        except (SyncError, ValueError, KeyError) as refusal:
            self._fail(asked, refusal)
        return note

    def picture(self, slip: bytes, device: str, part: SealedPart, asked: Asked) -> Picture:
        """Return a sheet's picture, checked against the digest its record carries; raises VaultError."""
        self._note(asked)
        try:
            sender = self._keyring.device(device).verify
            record, data_key = self._open(slip, device)
            note = _sheet_at(record, part.place)
            plain = part_by_key(slip, part.index, part.data, data_key, sender)
            return _checked(plain, *_promised(note, part.role))
        except (SyncError, ValueError, KeyError, VaultError) as refusal:
            self._fail(asked, refusal)

    def _open(self, slip: bytes, device: str) -> tuple[Record, bytes]:
        """Return the record and the data key, which is kept under the application's key from the first time on."""
        sender = self._keyring.device(device).verify
        header = read_header(slip)
        kept = self._data_keys.data_key(header.env_id)
        if kept is not None:
            return decode_record(record_by_key(slip, kept, sender)), kept
        data_key = unwrap_key(slip, self._openers.opening(header), sender)
        record = decode_record(record_by_key(slip, data_key, sender))
        self._data_keys.keep(header.env_id, case_id_of(record), data_key)
        return record, data_key

    def _note(self, asked: Asked) -> None:
        self._audit.write(
            actor=asked.actor,
            action=asked.action,
            case_id=asked.case_id,
            reason=asked.reason,
            detail=asked.detail,
            origin=asked.origin,
        )

    def _fail(self, asked: Asked, refusal: Exception) -> NoReturn:
        # The sentence of a refusal could quote content; only its kind is written down and shown.
        kind = refusal.kind.value if isinstance(refusal, SealError) else type(refusal).__name__
        self._audit.write(
            actor=asked.actor,
            action="open.failed",
            case_id=asked.case_id,
            reason=asked.reason,
            detail=kind,
            origin=asked.origin,
        )
        raise VaultError(
            "vault: an envelope opens only when its sender's signatures, our key and its digests hold; "
            f"{kind}; ask the bus to bring it again"
        ) from refusal


def _check_outside(note: Note, header: Header) -> None:
    """Raise ValueError unless a note is what its envelope says it is."""
    if (id_of(note), kind_of(note)) != (header.env_id, header.kind):
        raise ValueError("note: its id and kind are those of its envelope")


def _sheet_at(record: Record, place: int) -> SheetNote:
    notes = sorted(record.sheets, key=lambda note: note.index)
    if place >= len(notes):
        raise VaultError("vault: the record names fewer sheets than the envelope has pictures")
    return notes[place]


def _promised(note: SheetNote, role: PartRole) -> tuple[bytes, str]:
    """Return digest and media type that the record names for a sheet's picture."""
    if role is PartRole.PREVIEW:
        return note.preview_sha256, note.preview_media_type
    if role is PartRole.PAGE:
        return note.page_sha256, note.media_type
    if note.original is None:
        raise VaultError("vault: the record names no original of this sheet")
    return note.original.sha256, note.original.media_type


def _checked(plain: bytes, digest: bytes, media_type: str) -> Picture:
    if hashlib.sha256(plain).digest() != digest:
        raise VaultError("vault: the picture is not the one its record names")
    if media_type not in PICTURES:
        raise VaultError("vault: the record names no kind of picture we show")
    return Picture(plain, media_type)
