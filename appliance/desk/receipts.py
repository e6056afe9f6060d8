"""What a receipt says (受付票): one for the batch, one for each person; true also without a link."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from appliance.desk.application import Application
from appliance.desk.batch import Batch
from appliance.desk.clock import JST
from appliance.desk.custody import Step
from appliance.desk.display import initials, label_of, masked_number, shown
from appliance.desk.filling import deadline_of
from appliance.desk.openvisit import OpenVisit
from appliance.desk.sheets import CARD
from appliance.desk.standing import Standing
from appliance.desk.tasklist import Summary, summary
from appliance.desk.totals import Totals, count
from appliance.mail.models import Refusal
from procedures.procedure import Procedure
from procedures.wareki import format_ja
from sync.custody import BAG
from sync.receipt import to_text

CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class PersonSlip:
    """One person's receipt. It carries no full number, no level, no disease.

    `originals` names the papers that stay here, `custody` each original and where it is, `interim` says that the
    insured person's certificate is among those that stay, `due` the last day of this case where its form has one,
    `copy` says that it was printed before.
    """

    number: str
    position: int
    initials: str
    masked_no: str
    filed_at: str
    uncertainty_s: int
    policy: str
    defects: tuple[tuple[str, str], ...]
    bag: str
    pages: int
    code: str
    address: str
    transfer: str
    filing_no: str
    refusal: Refusal | None
    department: str = ""
    clock: str = ""
    originals: tuple[str, ...] = ()
    custody: tuple[tuple[str, str], ...] = ()
    interim: bool = False
    due: str = ""
    copy: bool = False


@dataclass(frozen=True, slots=True)
class BatchSlip:
    """The receipt of a whole batch."""

    city: str
    division: str
    contact: str
    device: str
    run: str
    stop: str
    vehicle: str
    provider_no: str
    provider_name: str
    batch_no: str
    title: str
    officer: str
    handed_at: str
    synced: bool
    totals: Totals
    people: tuple[PersonSlip, ...]
    aside: tuple[int, ...]
    arrived: bool
    single: bool = False
    summary: Summary | None = None
    results: tuple[tuple[str, str], ...] = ()
    policy_version: str = ""
    copy: bool = False


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who gives the receipt."""

    city: str
    division: str
    contact: str
    device: str
    host: str
    policy_version: str = ""


def batch_slip(
    visit: OpenVisit,
    batch: Batch,
    standing: Standing,
    procedure: Procedure,
    issuer: Issuer,
    *,
    lang: str = "ja",
) -> BatchSlip:
    """Return the receipt of everything handed in with this batch so far."""
    handed = [item for item in batch.applications if item.handed]
    steps = visit.snapshot.custody
    people = tuple(
        _person(item, standing, procedure, issuer, steps=steps, lang=lang) for item in handed
    )
    pack = visit.pack
    totals = count(batch, standing.transfer)
    last = max((item.handed.filed_at for item in handed if item.handed), default="")
    return BatchSlip(
        city=issuer.city,
        division=procedure.departments[0] if batch.single else issuer.division,
        contact="" if batch.single else issuer.contact,
        device=issuer.device,
        run="" if pack is None else pack.run,
        stop="" if pack is None else pack.stop,
        vehicle="" if pack is None else pack.vehicle,
        provider_no=visit.snapshot.provider_no,
        provider_name=visit.snapshot.provider_name,
        batch_no=batch_no(visit, batch),
        title=procedure.title.say(lang),
        officer=visit.staff.name,
        handed_at=minute_text(last, lang),
        synced=all(person.policy == "bus_receipt" for person in people),
        totals=totals,
        people=people,
        aside=tuple(s.number for s in batch.sheets if s.aside and s.kind != "blank"),
        arrived=bool(people) and totals.arrived == len(people),
        single=batch.single,
        summary=_summary(batch, procedure, lang),
        results=tuple(_results(batch, procedure, lang)),
        policy_version=issuer.policy_version,
    )


def _summary(batch: Batch, procedure: Procedure, lang: str) -> Summary | None:
    """Return what became of a case's tasks and papers; None of a stack, or where the form has none."""
    found = summary(procedure, batch.applications, lang) if batch.single else None
    return found or None


def _results(batch: Batch, procedure: Procedure, lang: str) -> Iterator[tuple[str, str]]:
    """Yield what was written down at the end of a case, such as minutes: (question, answer)."""
    values = batch.applications[0].values() if batch.single else {}
    for field in procedure.fields:
        if procedure.sections[field.section].result and values.get(field.key):
            yield field.label.say(lang), shown(field, values[field.key], lang)


def batch_no(visit: OpenVisit, batch: Batch) -> str:
    """Return the batch's number in this visit: short to read aloud, unique on this box."""
    index = next(i for i, b in enumerate(visit.snapshot.batches, 1) if b.batch_id == batch.batch_id)
    return f"{visit.file.visit[:4].upper()}-{index}"


def receipt_no(device: str, journal_seq: int) -> str:
    """Return the number of one receipt: the box and its journal's running number."""
    return f"{device}-{journal_seq:06d}"


def minute_text(filed_at: str, lang: str) -> str:
    """Return an ISO time as the receipt prints it: era date and minute in Japan."""
    if not filed_at:
        return ""
    moment = datetime.fromisoformat(filed_at).astimezone(JST)
    day = format_ja(moment.date()) if lang == "ja" else moment.strftime("%d %b %Y")
    return f"{day} {moment:%H:%M}"


def _person(
    item: Application,
    standing: Standing,
    procedure: Procedure,
    issuer: Issuer,
    *,
    steps: Sequence[Step],
    lang: str,
) -> PersonSlip:
    handed = item.handed
    if handed is None:
        raise ValueError("receipts: only a handed-in application has a receipt")
    row = standing.rows.get(item.env_id)
    open_points: Mapping[tuple[str, str], None] = dict.fromkeys(
        (label_of(procedure, flaw.field, lang), flaw.ja if lang == "ja" else flaw.en)
        for flaw in item.flaws
        if flaw.severity == "block" or (flaw.severity == "warn" and flaw.mend == "provider")
    )
    last = {step.paper: step for step in steps if step.app_id == item.app_id}
    custody = tuple((label_of(procedure, step.paper, lang), step.state) for step in last.values())
    return PersonSlip(
        number=receipt_no(issuer.device, handed.journal_seq),
        position=item.position,
        initials=initials(item.value(procedure.subject.kana)),
        masked_no=masked_number(item.value(procedure.subject.number)),
        filed_at=minute_text(handed.filed_at, lang),
        uncertainty_s=handed.uncertainty_s,
        policy=handed.policy,
        defects=tuple(open_points),
        bag=item.card_custody,
        pages=len(item.sheets),
        code=handed.envelope_sha256[:CODE_LENGTH].upper(),
        address=to_text(bytes.fromhex(handed.receipt), issuer.host),
        transfer="kept" if row is None else row.standing,
        filing_no="" if row is None else row.filing_no,
        department=item.department,
        clock=handed.clock,
        originals=tuple(label for label, state in custody if state == BAG),
        custody=custody,
        interim=any(step.paper == CARD and step.state == BAG for step in last.values()),
        due=_due(item, procedure, lang),
        refusal=None if row is None else row.refusal,
    )


def _due(item: Application, procedure: Procedure, lang: str) -> str:
    """Return the last day of this case, where its form has one."""
    day = deadline_of(procedure, item)
    if day is None:
        return ""
    return format_ja(day) if lang == "ja" else day.strftime("%d %b %Y")
