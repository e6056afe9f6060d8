"""The counter as one JSON object: what a program at the kiosk sees where a person sees pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from appliance.desk.application import Application, Flaw
from appliance.desk.batch import Batch
from appliance.desk.letters import Correction
from appliance.desk.openvisit import OpenVisit
from appliance.desk.refeeding import Refeed, Whose, refeed
from appliance.desk.sheets import Sheet
from appliance.desk.standing import Standing
from appliance.desk.totals import count
from appliance.mail.models import LinkState
from procedures.procedure import Procedure
from sync.letters import Answer
from sync.receipt import to_text

Json = dict[str, Any]


def visit_json(visit: OpenVisit) -> Json:
    """Return the visit and its stop."""
    pack = visit.pack
    told: Json = {
        "staff_id": visit.staff.staff_id,
        "opened_at": visit.file.opened_at.isoformat(),
        "stop": None,
    }
    if pack is not None:
        told["stop"] = {
            "run": pack.run,
            "stop": pack.stop,
            "vehicle": pack.vehicle,
            "provider_no": pack.provider_no,
            "provider_name": pack.provider_name,
            "starts_at": pack.starts_at.isoformat(),
            "ends_at": pack.ends_at.isoformat(),
            "due": len(pack.due),
        }
    return told


def batch_json(batch: Batch, standing: Standing, host: str, procedure: Procedure) -> Json:
    """Return one batch with its sheets, applications and control totals."""
    holder = {n: item.app_id for item in batch.applications for n in item.sheets}
    trouble = batch.trouble
    return {
        "procedure": batch.procedure,
        "single": batch.single,
        "declared": batch.declared,
        "retake": batch.retake,
        "fed": len(batch.sheets),
        "correction": bool(batch.request),
        "trouble": None
        if trouble is None
        else {
            "cause": trouble.cause,
            "ja": trouble.ja,
            "en": trouble.en,
            "in_flight": trouble.in_flight,
            "lost": trouble.lost,
            **_refeed(refeed(batch, procedure)),
        },
        "sheets": [_sheet(sheet, holder) for sheet in batch.sheets],
        "applications": [
            application_json(item, batch, standing, host) for item in batch.applications
        ],
        "loose": [
            {"number": sheet.number, "kind": sheet.kind, "reason": reason_of(batch, sheet.number)}
            for sheet in batch.loose()
        ],
        "totals": count(batch, standing.transfer).as_json(),
        "prints": [
            {"number": one.number, "whole": one.whole, "receipts": one.receipts, "state": one.state}
            for one in batch.prints
        ],
    }


def _refeed(found: Refeed) -> Json:
    """Return from which paper to go on, and whose it is as far as that is known."""
    return {
        "refeed_from": found.paper,
        "refeed_last": _whose(found.last),
        "refeed_next": _whose(found.next),
        "refeed_or": _whose(found.other),
    }


def _whose(whose: Whose | None) -> Json | None:
    return None if whose is None else {"person": whose.person, "page": whose.page}


def application_json(item: Application, batch: Batch, standing: Standing, host: str) -> Json:
    """Return one application; `id` is the record's id."""
    row = standing.rows.get(item.env_id)
    refusal = None if row is None else row.refusal
    handed = item.handed
    return {
        "id": item.app_id,
        "position": item.position,
        "state": item.state,
        "clean": item.clean,
        "fields": dict(item.values()),
        "sources": {answer.key: answer.source for answer in item.answers},
        "confidence": {
            answer.key: answer.confidence
            for answer in item.answers
            if answer.confidence is not None
        },
        "told": [{"field": one.key, "value": one.value, "source": one.source} for one in item.told],
        "doubtful": list(item.doubtful()),
        "defects": [_defect(flaw) for flaw in item.flaws],
        "filed_at": None if handed is None else handed.filed_at,
        "receipt": None if handed is None else to_text(bytes.fromhex(handed.receipt), host),
        "env_id": item.env_id,
        "filing_no": "" if row is None else row.filing_no,
        "pages": _pages(item, batch),
        "transfer": "" if row is None else row.state,
        "refusal": None if refusal is None else refusal.sentence,
        "refusal_code": None if refusal is None else refusal.code,
        "completes_case": item.completes_case,
        "department": item.department,
    }


def returned_json(found: Sequence[Correction]) -> list[Json]:
    """Return the correction requests of this stop."""
    return [
        {
            "request": one.content.request_id.hex(),
            "record_id": one.content.record_id.hex(),
            "case_id": one.content.case_id.hex(),
            "receipt_no": one.content.receipt_no,
            "reason": one.content.reason,
            "sentence": one.content.sentence,
            "missing": list(one.content.missing),
            "fields": list(one.content.fields),
            "answer_by": one.content.answer_by.isoformat(),
            "masked_name": one.content.masked_name,
            "answered": one.done,
        }
        for one in found
    ]


def answers_json(found: Sequence[Answer]) -> list[Json]:
    """Return city hall's answers of this stop, the newest first."""
    return [
        {
            "answer": one.answer_id.hex(),
            "case_id": one.case_id.hex(),
            "receipt_no": one.receipt_no,
            "question": one.question,
            "text": one.text,
            "answered_at": one.answered_at.isoformat(),
        }
        for one in found
    ]


def link_json(link: LinkState) -> Json:
    """Return the link as the uplink last told it."""
    return {
        "state": link.state,
        "since": None if link.since is None else link.since.isoformat(),
        "last_contact": None if link.last_contact is None else link.last_contact.isoformat(),
        "waiting": link.waiting,
        "cause": link.cause,
    }


def reason_of(batch: Batch, number: int) -> str:
    """Return why a sheet belongs to nobody; one that a person freed has the reason "nobody"."""
    return dict(batch.loose_reasons).get(number, "nobody")


def _sheet(sheet: Sheet, holder: Mapping[int, str]) -> Json:
    reading = sheet.reading
    return {
        "number": sheet.number,
        "paper": sheet.place,
        "side": sheet.side,
        "tries": sheet.tries,
        "tries_left": sheet.tries_left,
        "kind": sheet.kind,
        "state": "read" if sheet.settled else "stored",
        "application": holder.get(sheet.number),
        "aside": sheet.aside,
        "twice": sheet.twice or None,
        "findings": []
        if reading is None
        else [
            {"code": note.code, "severity": note.severity, "sentence": note.sentence}
            for note in reading.notes
        ],
    }


def _defect(flaw: Flaw) -> Json:
    return {
        "check": flaw.check,
        "severity": flaw.severity,
        "field": flaw.field,
        "sentence": flaw.ja,
        "remedy": flaw.remedy_ja,
        "mend": flaw.mend,
        "sentence_en": flaw.en,
        "remedy_en": flaw.remedy_en,
    }


def _pages(item: Application, batch: Batch) -> list[Json]:
    pages = []
    for index, number in enumerate(item.sheets):
        reading = batch.sheet(number).reading
        if reading is not None:
            pages.append(
                {
                    "index": index,
                    "sheet": number,
                    "kind": batch.sheet(number).kind,
                    "bytes": reading.page.length,
                    "sha256": reading.page.sha256,
                    "preview_bytes": reading.preview.length,
                    "preview_sha256": reading.preview.sha256,
                    "preview_type": reading.preview.media_type,
                }
            )
    return pages
