"""Seals a note to city hall and lays it on the shelf, as an application goes. Commit, then speak."""

import logging

from appliance.desk.handover import attested, recipients_at
from appliance.desk.partners import Partners
from appliance.desk.recording import whole_seconds
from sync.envelope import slip_sha256
from sync.journal import JournalEntry
from sync.notes import Note, encode_note, id_of, kind_of
from sync.receipt import BoxReceipt, sign_receipt
from sync.seal import seal
from sync.witness import journal_note

log = logging.getLogger(__name__)


def keep_note(partners: Partners, note: Note, visit: str) -> None:
    """Make a note durable on the shelf; one with an id that is there already changes nothing.

    Raises ShelfFull when the shelf takes no more.
    """
    env_id, kind = id_of(note), kind_of(note)
    if partners.mail.find(env_id) is not None:
        return
    bundle, signer = partners.bundles.current, partners.keyring.signer
    at, beacon = partners.clock.now(), partners.mail.beacon() or b""
    floor = attested(beacon, bundle)
    envelope = seal(
        env_id=env_id,
        sender=partners.device,
        kind=kind,
        visit=bytes.fromhex(visit),
        signer=signer,
        recipients=recipients_at(bundle, at),
        record=encode_note(note),
        parts=[],
        at=at,
        journal=partners.mail.head(),
        beacon=beacon,
        bundle_version=bundle.version,
        random=partners.random,
    )

    def receipt_for(entry: JournalEntry) -> bytes:
        told = BoxReceipt(
            env_id=env_id,
            envelope_sha256=slip_sha256(envelope.slip),
            procedure=kind,
            filed=max(whole_seconds(at.wall), floor),
            not_before=floor,
            uncertainty_s=at.uncertainty_s,
            journal_seq=entry.seq,
            device_key_id=signer.key_id,
        )
        return sign_receipt(told, signer)

    kept = partners.mail.keep(
        envelope,
        deadline=None,
        at=at,
        receipt_for=receipt_for,
        sign_head=lambda size, root: journal_note(partners.device, size, root, signer),
    )
    log.info("%s.kept envelope=%s seq=%d", kind, env_id.hex(), kept.entry.seq)
