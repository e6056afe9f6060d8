"""Turns cases into what pages and JSON say. Pure: words are looked up, nothing is read from disk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cityhall.office.cases import CaseState, allowed, custody_of, edge_data_of, transfer_of
from cityhall.office.deadlines import Clocks, clocks
from cityhall.office.dossier import Dossier, FieldRow, Leaf
from cityhall.office.filing import FilingDate, Instants, filing_date
from cityhall.office.forms import form_of
from cityhall.office.inbox import Entry
from cityhall.office.labels import Labels, Shown
from cityhall.office.models import CaseRow
from cityhall.office.observations import Fact, Observation, Severity, observe
from procedures.deadlines import DECISION_DAYS, RENEWAL
from procedures.policy import CityPolicy


@dataclass(frozen=True, slots=True)
class FieldView:
    """One answer on the review page."""

    row: FieldRow
    shown: Shown
    before: str


def clocks_of(case: CaseRow, today: date) -> Clocks:
    """Return the days left of a case."""
    form = form_of(case.procedure)
    return clocks(
        expiry=case.expiry,
        filing_day=case.filing_day,
        today=today,
        expires=form is None or form.window is not None,
        decision_days=DECISION_DAYS if form is None else form.decision_days,
    )


def filing_of(case: CaseRow) -> FilingDate:
    """Return the filing date with the policy that was used, computed from the case's instants."""
    instants = Instants(
        case.handed_in_at,
        case.uncertainty_s,
        case.clock_quality,
        case.arrived_at,
        case.registered_at,
        case.not_before,
    )
    return filing_date(instants, case.filing_policy, case.filing_policy_version)


def observations_of(
    case: CaseRow,
    own_insurer_no: str,
    duplicates: Sequence[str],
    *,
    disordered: bool,
    doubts: Iterable[Fact] = (),
    policy: CityPolicy | None = None,
) -> tuple[Observation, ...]:
    """Return what the office notices about a case, by its form; with `policy` as this city uses it."""
    form = form_of(case.procedure)
    if form is not None and policy is not None:
        form = policy.applied(form)
    return observe(
        filing=filing_of(case),
        expiry=case.expiry,
        insurer_no=case.insurer_no,
        own_insurer_no=own_insurer_no,
        duplicates=duplicates,
        disordered=disordered,
        doubts=doubts,
        rule=form.window if form else RENEWAL,
    )


def loud(observations: Sequence[Observation]) -> tuple[Observation, ...]:
    """Return those that belong into a list: all but the merely informing."""
    return tuple(one for one in observations if one.severity is not Severity.INFO)


def sections(dossier: Dossier, labels: Labels, lang: str) -> list[tuple[str, list[FieldView]]]:
    """Return the answers by section in the order of the form: (section label, rows)."""
    procedure = dossier.record.procedure
    ordered = sorted(dossier.fields, key=lambda row: labels.place(procedure, row.answer.key))
    found: dict[str, list[FieldView]] = {}
    for row in ordered:
        shown = labels.show(procedure, row.answer.key, row.answer.value, lang)
        before = labels.show(procedure, row.answer.key, row.before or "", lang).value
        found.setdefault(shown.section_label, []).append(FieldView(row, shown, before))
    return list(found.items())


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return one case of the list as JSON values."""
    case = entry.case
    return {
        "id": case.case_id,
        "filing_no": case.filing_no,
        "state": case.state,
        "transfer": transfer_of(complete=entry.complete).value,
        "edge_data": edge_data_of(complete=entry.complete).value,
        "custody": custody_of(case.card_custody).value,
        "procedure": case.procedure,
        "department": case.department,
        "device": case.device,
        "insured_no": case.insured_no,
        "name": case.name,
        "provider_no": case.provider_no,
        "provider_name": case.provider_name,
        "run": case.run,
        "stop": case.stop,
        "batch_id": case.batch_id,
        "batch_position": case.batch_position,
        "batch_declared": case.batch_declared,
        "handed_in_at": case.handed_in_at.isoformat(),
        "handed_in_uncertainty_s": case.uncertainty_s,
        "clock_quality": case.clock_quality,
        "not_before": case.not_before.isoformat() if case.not_before else None,
        "arrived_at": case.arrived_at.isoformat(),
        "registered_at": case.registered_at.isoformat() if case.registered_at else None,
        "filing_date": case.filing_day.isoformat(),
        "filing_policy": case.filing_policy,
        "filing_policy_version": case.filing_policy_version,
        "filing_policy_used": filing_of(case).used,
        "expiry": case.expiry.isoformat() if case.expiry else None,
        "answer_by": case.answer_by.isoformat() if case.answer_by else None,
        "blocks": case.blocks,
        "warnings": case.warnings,
        "versions": len(entry.versions),
        "pages": entry.pages,
        "pages_here": entry.pages_here,
        "complete": entry.complete,
    }


def case_json(
    entry: Entry, dossier: Dossier, observations: Sequence[Observation], csrf: str
) -> dict[str, Any]:
    """Return an opened case as JSON values."""
    answers = [row.answer for row in dossier.fields]
    return {
        **entry_json(entry),
        "csrf": csrf,
        "allowed": sorted(event.value for event in allowed(CaseState(entry.case.state))),
        "fields": {answer.key: answer.value for answer in answers},
        "sources": {answer.key: answer.source for answer in answers},
        "confidence": {answer.key: answer.confidence for answer in answers},
        "before": {row.answer.key: row.before for row in dossier.fields if row.before is not None},
        "defects": [
            {
                "check": defect.check,
                "severity": defect.severity,
                "field": defect.field,
                "sentence": defect.sentence,
                "remedy": defect.remedy,
                "mend": defect.mend,
            }
            for defect in dossier.defects
        ],
        "observations": [
            {"fact": one.fact.value, "severity": one.severity.value, "cases": list(one.cases)}
            for one in observations
        ],
        "sheets": [
            {
                "index": sheet.leaf.number,
                "kind": sheet.note.kind,
                "version": sheet.version,
                "sheet_no": sheet.note.sheet_no,
                "page_sha256": sheet.note.page_sha256.hex(),
                "preview_sha256": sheet.note.preview_sha256.hex(),
                "fed_sha256": sheet.note.fed_sha256.hex(),
                "arrived": sheet.leaf.page_here,
                "preview_arrived": sheet.leaf.preview_here,
                "bytes": sheet.note.page_bytes,
                "preview_bytes": sheet.note.preview_bytes,
            }
            for sheet in dossier.sheets
        ],
    }


def arrived_json(entry: Entry, leaves: Sequence[Leaf]) -> dict[str, Any]:
    """Return what has arrived of a case, known without opening it."""
    return {
        "state": entry.case.state,
        "versions": len(entry.versions),
        "pages": entry.pages,
        "pages_here": entry.pages_here,
        "complete": entry.complete,
        "sheets": [
            {"index": leaf.number, "arrived": leaf.page_here, "preview_arrived": leaf.preview_here}
            for leaf in leaves
        ],
    }
