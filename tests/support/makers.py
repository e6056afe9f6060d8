"""Small factories: a fact a test does not care about gets a fixed, fictitious value here."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sync.bundle import Device, KeyBundle, Revoked
from sync.clock import ClockQuality, Instant
from sync.division import Epoch, epoch_from
from sync.envelope import Envelope, PartRole
from sync.ids import Random
from sync.journal import GENESIS
from sync.keys import OpeningKey, SealingKey, Signer
from sync.record import Answer, Defect, Filing, Record, SheetNote, encode_record
from sync.seal import seal

EPOCH = datetime(2026, 11, 24, 1, 0, 0, tzinfo=UTC)
DEVICE = "bus-07"

# Numbers of the makers' signers and opening keys, so that every test means the same one.
BOX, COUNTERSIGNER, OFFICE, ROOT = 1, 2, 3, 4
DIVISION, RECOVERY, READING = 11, 12, 13


def instant(
    seconds: float = 0,
    *,
    uncertainty_s: int = 2,
    quality: ClockQuality = ClockQuality.SYNCED,
    boot: int = 1,
) -> Instant:
    """Return the moment `seconds` after 2026-11-24 01:00 UTC, ten in the morning in Japan."""
    wall = EPOCH + timedelta(seconds=seconds)
    return Instant(wall, uncertainty_s, quality, boot, max(0, 60_000 + int(seconds * 1000)))


def counting_random(start: int = 0) -> Random:
    """Return a source of bytes that is different at each call and the same in each run."""
    state = {"count": start}

    def draw(size: int) -> bytes:
        state["count"] += 1
        return hashlib.shake_256(f"random {state['count']}".encode()).digest(size)

    return draw


def make_id(n: int = 0) -> bytes:
    """Return 16 bytes that stand for id number n."""
    return hashlib.shake_256(f"id {n}".encode()).digest(16)


def make_signer(n: int = BOX) -> Signer:
    """Return signer number n."""
    return Signer.from_seed(hashlib.sha256(f"signer {n}".encode()).digest())


def make_opening_key(n: int = DIVISION) -> OpeningKey:
    """Return opening key number n."""
    return OpeningKey.from_seed(hashlib.sha256(f"opening {n}".encode()).digest())


def make_sheet(index: int = 0, *, page: bytes = b"page", preview: bytes = b"preview") -> SheetNote:
    """Return the note of a form's front page with these pictures."""
    return SheetNote(
        index=index,
        kind="form_front",
        sheet_no=index + 1,
        fed_sha256=hashlib.sha256(b"fed " + page).digest(),
        page_sha256=hashlib.sha256(page).digest(),
        page_bytes=len(page),
        preview_sha256=hashlib.sha256(preview).digest(),
        preview_bytes=len(preview),
        media_type="image/avif",
        preview_media_type="image/webp",
        quality=("sharp",),
    )


def make_record(
    n: int = 0,
    *,
    answers: Sequence[Answer] | None = None,
    defects: Sequence[Defect] = (),
    sheets: Sequence[SheetNote] | None = None,
    at: Instant | None = None,
) -> Record:
    """Return the record of fictitious application number n."""
    moment = at or instant()
    given = (
        Answer("insured.no", f"{n:010}", "qr"),
        Answer("insured.name", "髙﨑 𠮷雄", "due_list"),
        Answer("insured.birth", "1938-04-02", "ocr", 0.9712),
    )
    return Record(
        record_id=make_id(n),
        procedure="care-renewal",
        procedure_version="2026-10",
        batch_id=make_id(9000),
        batch_position=n + 1,
        batch_declared=12,
        run="2026-11-24-a",
        stop="kita-2",
        provider_no="1370000001",
        provider_name="きたの丘ケアプランセンター",
        filing=Filing(
            moment.wall,
            moment.uncertainty_s,
            moment.quality.value,
            "bus_receipt",
            "2026-04",
            "S-014",
        ),
        answers=tuple(given if answers is None else answers),
        defects=tuple(defects),
        sheets=tuple((make_sheet(),) if sheets is None else sheets),
    )


def make_parts(pages: int = 1, *, page_bytes: int = 60_000) -> list[tuple[PartRole, bytes]]:
    """Return a preview and a page for each of `pages`, with contents that do not repeat."""
    parts = []
    for page in range(pages):
        made = hashlib.shake_256(f"page {page}".encode()).digest(page_bytes)
        parts += [(PartRole.PREVIEW, made[: page_bytes // 8]), (PartRole.PAGE, made)]
    return parts


def make_envelope(
    n: int = 0,
    *,
    signer: Signer | None = None,
    sender: str = DEVICE,
    kind: str = "application",
    recipients: Sequence[tuple[SealingKey, int]] | None = None,
    record: bytes | None = None,
    parts: Sequence[tuple[PartRole, bytes]] | None = None,
    at: Instant | None = None,
    journal: tuple[int, bytes] = GENESIS,
    beacon: bytes = b"",
    random: Callable[[int], bytes] | None = None,
) -> Envelope:
    """Return application number n, sealed by the box for the division and for recovery."""
    chosen = (
        [(make_opening_key(DIVISION).public, 1), (make_opening_key(RECOVERY).public, 2)]
        if recipients is None
        else recipients
    )
    return seal(
        env_id=make_id(n),
        sender=sender,
        kind=kind,
        visit=make_id(9001),
        signer=signer or make_signer(BOX),
        recipients=chosen,
        record=encode_record(make_record(n)) if record is None else record,
        parts=make_parts() if parts is None else parts,
        at=at or instant(),
        journal=journal,
        beacon=beacon,
        bundle_version=1,
        random=random or counting_random(n),
    )


def make_device(
    name: str = DEVICE,
    *,
    signer: int = BOX,
    reading: int = READING,
    revoked: bool = False,
    journal: int = 0,
) -> Device:
    """Return a box as the bundle knows it."""
    gone = Revoked(EPOCH, journal) if revoked else None
    return Device(name, make_signer(signer).public, make_opening_key(reading).public, gone)


def make_epoch(key: int = DIVISION, since: datetime = EPOCH - timedelta(days=1)) -> Epoch:
    """Return the month of division key number `key` that began at `since`."""
    return epoch_from(make_opening_key(key).public, since)


def make_bundle(version: int = 1, *, devices: Sequence[Device] | None = None) -> KeyBundle:
    """Return the city's key bundle with one box, bus-07."""
    return KeyBundle(
        version=version,
        issued=EPOCH,
        expires=EPOCH + timedelta(days=45),
        division=(make_epoch(),),
        recovery=(make_opening_key(RECOVERY).public,),
        countersigners=(make_signer(COUNTERSIGNER).public,),
        office=(make_signer(OFFICE).public,),
        devices=tuple((make_device(),) if devices is None else devices),
    )
