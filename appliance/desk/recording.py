"""Writes the record of one application: what city hall will read once the seal is opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from appliance.desk.application import Application, Flaw
from appliance.desk.batch import Batch
from appliance.desk.sheets import Picture, Sheet
from sync.clock import ClockQuality, Instant, fixes_a_date
from sync.errors import LocalError
from sync.record import Defect, Filing, OriginalNote, Record, SheetNote


@dataclass(frozen=True, slots=True)
class Stop:
    """What a record says of where it was handed in, and by which version of the city's decisions.

    `fixes_date` says that by them, and by the form, a hand-in here may fix the filing date.
    """

    run: str
    stop: str
    provider_no: str
    provider_name: str
    officer_id: str
    designated_counter: bool
    fixes_date: bool = True
    policy_version: str = "1"


def make_record(
    item: Application,
    batch: Batch,
    stop: Stop,
    filing: Filing,
    sheets: Sequence[Sheet],
    *,
    originals: bool = False,
) -> Record:
    """Return the record of one application as the person confirmed it; with `originals` these go with it."""
    return Record(
        record_id=bytes.fromhex(item.app_id),
        procedure=batch.procedure,
        procedure_version=batch.procedure_version,
        batch_id=bytes.fromhex(batch.batch_id),
        batch_position=item.position,
        batch_declared=batch.declared,
        run=stop.run,
        stop=stop.stop,
        provider_no=stop.provider_no,
        provider_name=stop.provider_name,
        filing=filing,
        answers=item.answers,
        defects=tuple(_defect(flaw) for flaw in item.flaws),
        sheets=tuple(_note(index, sheet, original=originals) for index, sheet in enumerate(sheets)),
        card_custody=item.card_custody,
        completes_case=bytes.fromhex(item.completes_case),
    )


def filing_policy(stop: Stop, quality: ClockQuality, uncertainty_s: int) -> str:
    """Say which rule fixes the filing date: the hand-in here, or the arrival at city hall."""
    return "city_arrival" if arrival_reason(stop, quality, uncertainty_s) else "bus_receipt"


def arrival_reason(stop: Stop, quality: ClockQuality, uncertainty_s: int) -> str:
    """Say why the arrival counts: decided | run | officer | clock; nothing where the hand-in here does.

    The bus counts as a counter only when the city's decisions and the form say so, the city designated the run,
    an officer is named for it and the box's clock is sound.
    """
    if not stop.fixes_date:
        return "decided"
    if not stop.designated_counter:
        return "run"
    if not stop.officer_id:
        return "officer"
    return "" if fixes_a_date(quality, uncertainty_s) else "clock"


def make_filing(stop: Stop, at: Instant, floor: datetime) -> Filing:
    """Return the hand-in: by this box's clock, but never before what city hall has attested."""
    wall = whole_seconds(at.wall)
    behind = int(max((floor - wall).total_seconds(), 0))
    return Filing(
        handed_in_at=max(wall, floor),
        uncertainty_s=at.uncertainty_s + behind,
        clock_quality=at.quality.value,
        policy=filing_policy(stop, at.quality, at.uncertainty_s + behind),
        policy_version=stop.policy_version,
        officer_id=stop.officer_id,
    )


def _defect(flaw: Flaw) -> Defect:
    return Defect(flaw.check, flaw.severity, flaw.field, flaw.ja, flaw.remedy_ja, flaw.mend)


def _note(index: int, sheet: Sheet, *, original: bool) -> SheetNote:
    reading = sheet.reading
    if reading is None:
        raise LocalError(f"handover: sheet {sheet.number} is not read yet; wait for it")
    return SheetNote(
        index=index,
        kind=sheet.kind,
        sheet_no=sheet.number,
        fed_sha256=bytes.fromhex(sheet.fed_sha256),
        page_sha256=bytes.fromhex(reading.page.sha256),
        page_bytes=reading.page.length,
        preview_sha256=bytes.fromhex(reading.preview.sha256),
        preview_bytes=reading.preview.length,
        media_type=reading.page.media_type,
        preview_media_type=reading.preview.media_type,
        quality=tuple(note.code for note in reading.notes),
        original=_original(reading.original) if original else None,
    )


def _original(picture: Picture | None) -> OriginalNote | None:
    if picture is None:
        return None
    return OriginalNote(bytes.fromhex(picture.sha256), picture.length, picture.media_type)


def whole_seconds(moment: datetime) -> datetime:
    """Return the moment in UTC without its fraction, as receipts and records write it."""
    return moment.astimezone(UTC).replace(microsecond=0)
