"""Puts a read batch together: whose sheet is whose, what the answers are, what is still missing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from appliance.desk.application import DOUBT_BELOW, Application, Flaw, Told, with_answers
from appliance.desk.batch import Batch, regroup
from appliance.desk.display import ECHOES
from appliance.desk.doubting import doubted, spoiled_flaw
from appliance.desk.examining import Rules
from appliance.desk.pages.merge import Conflict, Merged, answers_for
from appliance.desk.pages.person import facts_of
from appliance.desk.pages.sheet import FieldReading, QrCode, ReadSheet
from appliance.desk.pages.split import split
from appliance.desk.sheets import BLANK, FORM_BACK, FORM_FRONT, UNREADABLE, Sheet
from procedures.wareki import format_ja
from sync.letters import CorrectionRequest, DueEntry
from sync.record import Answer

Pairs = Sequence[tuple[str, str]]
Listed = Callable[[str, Pairs], Pairs]
"""Gives what the provider's own list says under a number, beside what else is known of the person."""


def _nobody_listed(_number: str, _known: Pairs) -> Pairs:
    """Stand for a visit to which no list was brought."""
    return ()


@dataclass(frozen=True, slots=True)
class Joining:
    """What joining needs beside the batch: who is expected, and how an application is checked.

    `filed` has the numbers handed in at this visit, `pending` those whose case lies at city hall.
    """

    due: Sequence[DueEntry]
    filed: frozenset[str]
    rules: Rules
    fresh: Callable[[], Application]
    request: CorrectionRequest | None = None
    listed: Listed = _nobody_listed
    pending: frozenset[str] = frozenset()


def join(batch: Batch, with_: Joining) -> Batch:
    """Return the batch grouped, merged and checked; handed-in applications stay as they are."""
    if with_.request is not None:
        return _join_correction(batch, with_, with_.request)
    usable = [sheet for sheet in batch.sheets if sheet.usable]
    facts = [
        replace(facts_of(s.number, as_read(s)), follows=_follows(batch, before, s), leaf=_leaf(s))
        for before, s in zip([None, *usable], usable, strict=False)
    ]
    result = split(facts, with_.due)
    batch = regroup(batch, [group.sheets for group in result.groups], with_.fresh)
    reasons = tuple((entry.number, entry.reason) for entry in result.loose)
    expected = {n: group.due for group in result.groups for n in group.sheets}
    items = tuple(_merged(item, batch, with_, expected) for item in batch.applications)
    batch = replace(batch, applications=items, loose_reasons=reasons)
    return doubted(batch, result)


def join_anew(batch: Batch, joined: Callable[[Batch], Batch]) -> Batch:
    """Return the batch joined once more after what is known changed; what a person saw otherwise is seen again."""
    seen = {item.app_id: (item.values(), item.told) for item in batch.applications}
    other = {
        item.app_id
        for item in joined(batch).applications
        if seen.get(item.app_id) != (item.values(), item.told)
    }
    items = tuple(
        replace(item, confirmed=False) if item.app_id in other and not item.handed else item
        for item in batch.applications
    )
    return joined(replace(batch, applications=items))


def _leaf(sheet: Sheet) -> int:
    """Return the paper a side belongs to; 0 where only one side of each was fed."""
    return sheet.leaf if sheet.side else 0


def _follows(batch: Batch, before: Sheet | None, sheet: Sheet) -> bool:
    """Tell whether this sheet came right after that one: no stop of the feeder and only blank sides between."""
    if before is None:
        return False
    between = batch.sheets[before.number : sheet.number - 1]
    stops = {stop.after for stop in batch.interruptions}
    unbroken = stops.isdisjoint(range(before.number, sheet.number))
    return unbroken and all(each.kind == BLANK for each in between)


def as_read(sheet: Sheet) -> ReadSheet:
    """Return the sheet in the reader's words, without pictures."""
    reading = sheet.reading
    if reading is None:
        raise ValueError(f"joining: sheet {sheet.number} is not read yet")
    code = reading.code
    return ReadSheet(
        kind=reading.kind,  # type: ignore[arg-type]  # the reader's own word, kept as text
        rotation=0,
        width=reading.width,
        height=reading.height,
        qr=None
        if code is None
        else QrCode(code.payload, code.insurer_no, code.insured_no, code.reference, code.token),
        fields=tuple(
            FieldReading(f.key, f.value, f.raw, f.confidence, f.source, f.box)
            for f in reading.fields
        ),
        findings=(),
        page=b"",
        page_type="",
        preview=b"",
        preview_type="",
    )


def _merged(
    item: Application,
    batch: Batch,
    with_: Joining,
    expected: Mapping[int, DueEntry | None],
) -> Application:
    if item.handed:
        return item
    sheets = [batch.sheet(number) for number in item.sheets]
    read = [as_read(sheet) for sheet in sheets]
    entry = _due_of(sheets, expected)
    merged = answers_for(read, entry)
    known = [(answer.key, answer.value) for answer in merged.answers]
    listed = with_.listed(_sure_number(merged), known)
    if listed:
        merged = answers_for(read, entry, listed)
    answers = tuple(Answer(a.key, a.value, a.source, a.confidence) for a in merged.answers)
    item = replace(item, told=_told(merged.conflicts))
    item = with_.rules.derive(with_answers(item, answers), expected=entry is not None)
    settled = {*dict(item.typed), *(one.key for one in item.chosen)}
    conflicts = tuple(_conflict(c) for c in merged.conflicts if c.key not in settled)
    kinds = frozenset(sheet.kind for sheet in sheets)
    filed = with_.filed | _earlier(batch, item)
    seen = with_.rules.examine(
        item,
        card=dict(merged.card),
        page_kinds=kinds,
        pending=filed | with_.pending,
        written=_written(read, settled),
    )
    seen = _decided(item, seen, with_.rules)
    spoiled = () if item.confirmed else tuple(spoiled_flaw(s) for s in sheets if s.spoiled)
    flaws = (*_without_echo(_carried(item, seen, entry), conflicts), *spoiled)
    number = item.value("insured_no")
    twice = number if number in filed else ""
    return replace(item, flaws=flaws, twice="" if item.completes_case else twice)


def _written(read: Sequence[ReadSheet], settled: Collection[str]) -> dict[str, str]:
    """Return what the form's own pages surely say, but for what a person has settled."""
    return {
        field.key: field.value
        for sheet in read
        if sheet.kind in (FORM_FRONT, FORM_BACK)
        for field in sheet.fields
        if field.value and not field.doubtful and field.key not in settled
    }


def _sure_number(merged: Merged) -> str:
    """Return the insured number, nothing while it is in doubt: one digit wrong is another person."""
    found = next((one for one in merged.answers if one.key == "insured_no"), None)
    if found is None or (found.confidence is not None and found.confidence < DOUBT_BELOW):
        return ""
    return found.value


def _told(conflicts: Sequence[Conflict]) -> tuple[Told, ...]:
    """Return what each source says where they differ, each value once, the most trusted first."""
    said: dict[tuple[str, str], Told] = {}
    for one in conflicts:
        said.setdefault((one.key, one.kept), Told(one.key, one.kept, one.kept_source))
        said.setdefault((one.key, one.other), Told(one.key, one.other, one.other_source))
    return tuple(said.values())


def _decided(item: Application, seen: tuple[Flaw, ...], rules: Rules) -> tuple[Flaw, ...]:
    """Leave what a person decided against the card to city hall: it is said, and stops nothing."""
    chosen = {one.key for one in item.chosen}
    against = {check.id for check in rules.procedure.checks if check.rule == "differs_from_card"}
    return tuple(
        replace(flaw, severity="info", mend="city")
        if flaw.field in chosen and flaw.check in against
        else flaw
        for flaw in seen
    )


def _carried(item: Application, seen: tuple[Flaw, ...], entry: DueEntry | None) -> tuple[Flaw, ...]:
    """Say of a value that only the last case has how old it is, not that it was badly read."""
    if entry is None or entry.last is None:
        return seen
    filed_on = entry.last.filed_on
    old = {answer.key for answer in item.answers if answer.source == "last_case"}
    return tuple(
        _from_last_case(flaw, filed_on) if flaw.check in ECHOES and flaw.field in old else flaw
        for flaw in seen
    )


def _from_last_case(flaw: Flaw, filed_on: date) -> Flaw:
    day = format_ja(filed_on)
    return replace(
        flaw,
        check="carried",
        ja=f"前回の申請（{day}）から引き継いだ内容です。今回の申請書からは読み取れませんでした。",
        en=f"This is carried over from the last case ({filed_on}); the form of today does not say it.",
        remedy_ja="今も変わりがないか確かめ、違うときは直してください。",
        remedy_en="Ask whether it still holds; correct it if not.",
    )


def _without_echo(seen: tuple[Flaw, ...], conflicts: tuple[Flaw, ...]) -> tuple[Flaw, ...]:
    """Say each doubt once: two papers that differ explain why a reading is doubtful.

    A check of the form file that already compares form and card speaks for itself.
    """
    told = {flaw.field for flaw in seen if flaw.check not in ECHOES and flaw.severity != "info"}
    added = tuple(flaw for flaw in conflicts if flaw.field not in told)
    explained = told | {flaw.field for flaw in added}
    kept = tuple(f for f in seen if f.check not in ECHOES or f.field not in explained)
    return (*kept, *added)


def _earlier(batch: Batch, item: Application) -> frozenset[str]:
    """Return the numbers of the people whose application of this very batch was handed in."""
    done = (other for other in batch.applications if other.handed and other.app_id != item.app_id)
    return frozenset(other.value("insured_no") for other in done) - {""}


def _due_of(
    sheets: Sequence[Sheet],
    expected: Mapping[int, DueEntry | None],
) -> DueEntry | None:
    """Return whom the city expects here: the form's word first, then the other sheets'."""
    for sheet in sorted(sheets, key=lambda each: each.kind != FORM_FRONT):
        entry = expected.get(sheet.number)
        if entry is not None:
            return entry
    return None


def _conflict(found: Conflict) -> Flaw:
    return Flaw(
        check="conflict",
        severity="warn",
        field=found.key,
        ja=f"書類によって内容が異なります（「{found.kept}」と「{found.other}」）。",
        en=f"The papers differ: “{found.kept}” and “{found.other}”.",
        remedy_ja="画像と見比べて、正しい方に直すか、このままでよいことを確認してください。",
        remedy_en="Compare with the picture; correct it, or confirm that it is right.",
        mend="bus",
    )


def _join_correction(batch: Batch, with_: Joining, request: CorrectionRequest) -> Batch:
    """Every usable sheet answers the one request; it needs neither a form nor a code."""
    numbers = [s.number for s in batch.sheets if s.usable and s.kind != UNREADABLE]
    unreadable = [s.number for s in batch.sheets if s.usable and s.kind == UNREADABLE]
    batch = regroup(batch, [numbers] if numbers else [], with_.fresh)
    items = tuple(_corrected(item, batch, request) for item in batch.applications)
    reasons = tuple((number, "unreadable") for number in unreadable)
    return replace(batch, applications=items, loose_reasons=reasons)


def _corrected(
    item: Application,
    batch: Batch,
    request: CorrectionRequest,
) -> Application:
    if item.handed:
        return item
    item = replace(item, completes_case=request.case_id.hex(), called=request.masked_name)
    read = [as_read(batch.sheet(number)) for number in item.sheets]
    merged = answers_for(read, None)
    wanted = {"insured_no", *request.fields}
    found = tuple(
        Answer(a.key, a.value, a.source, a.confidence)
        for a in merged.answers
        if a.key in wanted and a.key != "insured_no"
    )
    item = with_answers(item, (Answer("insured_no", request.insured_no, "policy"), *found))
    return replace(item, flaws=_correction_flaws(item, merged, batch, request))


def _correction_flaws(
    item: Application,
    merged: Merged,
    batch: Batch,
    request: CorrectionRequest,
) -> tuple[Flaw, ...]:
    kinds = {batch.sheet(number).kind for number in item.sheets}
    flaws = [_still_missing(kind) for kind in request.missing if kind not in kinds]
    flaws += [_still_unsaid(key) for key in request.fields if not item.value(key)]
    other = next((a for a in merged.answers if a.key == "insured_no"), None)
    if other is not None and other.value != request.insured_no:
        flaws.append(_other_person())
    return tuple(flaws)


def _still_missing(kind: str) -> Flaw:
    return Flaw(
        "correction_page",
        "block",
        kind,
        "お願いした書類がまだ見つかりません。",
        "The page that was asked for is not here yet.",
        "その書類を入れるか、用紙の種類が正しいか画像で確かめてください。",
        "Feed that page, or look whether its kind was recognised.",
        "provider",
    )


def _still_unsaid(key: str) -> Flaw:
    return Flaw(
        "correction_field",
        "block",
        key,
        "お願いした項目がまだ空です。",
        "The entry that was asked for is still empty.",
        "書類を見て入力してください。",
        "Type it in from the paper.",
        "bus",
    )


def _other_person() -> Flaw:
    return Flaw(
        "correction_person",
        "block",
        "insured_no",
        "補正をお願いした方とは別の方の書類のようです。",
        "This seems to be another person's paper.",
        "被保険者番号を画像で確かめてください。",
        "Compare the insured number with the picture.",
        "bus",
    )
