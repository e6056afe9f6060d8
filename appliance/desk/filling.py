"""One case filled in at the desk: its answers as far as they apply, its papers, its tasks, each department's part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from appliance.desk.application import VALUE_MAX, Application, Flaw
from appliance.desk.batch import Again, Batch, Declaration, with_application
from appliance.desk.examining import Rules
from appliance.desk.sheets import BLANK, UNREADABLE
from procedures.deadlines import day_of
from procedures.marks import (
    BRING_LATER,
    DEPARTMENT,
    ORIGINAL,
    PENDING,
    note_key,
    paper_key,
    task_key,
)
from procedures.procedure import Document, Procedure
from sync.errors import LocalError
from sync.record import Answer

SPLIT = "departments"
"""Why the count of a case was changed: each department gets its own application."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What filling in needs beside the batch: its form, and the rules it is examined by."""

    form: Procedure
    rules: Rules


def begun(
    batch_id: str, form: Procedure, fresh: Callable[[], Application], again: Again | None = None
) -> Batch:
    """Return the batch of one case, before any question is answered; `again` completes one at city hall."""
    item = replace(fresh(), position=1, completes_case=again.case if again else "")
    return Batch(
        batch_id,
        form.id,
        form.version,
        (Declaration(1),),
        applications=(item,),
        grouped=True,
        single=True,
        again=again,
    )


def filled(batch: Batch, with_: Filling) -> Batch:
    """Return the batch with its papers, answers and flaws brought together; what is handed in stays."""
    batch = _together(batch)
    if batch.applications[0].department or batch.applications[0].handed:
        return replace(batch, grouped=True)
    item, form = batch.applications[0], with_.form
    usable = [sheet for sheet in batch.sheets if sheet.usable and sheet.kind != UNREADABLE]
    numbers = tuple(sheet.number for sheet in usable)
    kinds = frozenset(sheet.kind for sheet in usable if sheet.kind != BLANK)
    item = replace(item, sheets=numbers, answers=_answers(item, form))
    flaws = with_.rules.examine(
        item, card={}, page_kinds=kinds | _shown(item, form), pending=frozenset()
    )
    item = replace(item, flaws=(*flaws, *_originals(item, form, kinds)))
    unread = [s.number for s in batch.sheets if s.usable and s.kind == UNREADABLE]
    reasons = tuple((number, "unreadable") for number in unread)
    return replace(with_application(batch, item), grouped=True, loose_reasons=reasons)


def put(batch: Batch, with_: Filling, values: Mapping[str, str]) -> Batch:
    """Return the batch with what a person answered or noted; raises LocalError for a text that is too long.

    Where both sides agreed to something that changes now, neither agrees any more.
    """
    batch = _together(batch)
    item = batch.applications[0]
    if item.handed:
        raise LocalError("application: handed-in content never changes; ask for a correction")
    if any(len(value) > VALUE_MAX for value in values.values()):
        raise LocalError(f"application: an answer has at most {VALUE_MAX} characters; shorten it")
    before = dict(item.typed)
    typed = {**before, **values}
    agreement = with_.form.agreement
    if agreement and any(typed.get(key, "") != before.get(key, "") for key in agreement.over):
        typed |= dict.fromkeys(agreement.by, "")
    kept = tuple(sorted((key, value) for key, value in typed.items() if value))
    item = replace(item, typed=kept, confirmed=False)
    return filled(with_application(batch, item), with_)


def split(batch: Batch, form: Procedure, fresh: Callable[[], Application]) -> Batch:
    """Return the batch with one application a department, each with what all see and what is its own.

    A form of another pattern, and a batch that is split already, stay as they are.
    """
    item = batch.applications[0]
    if form.pattern != "one_stop" or item.department or batch.again:
        return batch
    names = list(form.work_of(item.values())) or [form.departments[0]]
    parts = []
    for position, name in enumerate(names, 1):
        made = item if position == 1 else fresh()
        part = _part(item, batch, form, name)
        typed = item.typed if position == 1 else ()
        parts.append(
            replace(part, app_id=made.app_id, env_id=made.env_id, position=position, typed=typed)
        )
    declared = (*batch.declarations, Declaration(len(parts), SPLIT))
    return replace(batch, applications=tuple(parts), declarations=declared)


def _together(batch: Batch) -> Batch:
    """Undo a split of which nothing was handed in: the first part still has all that was typed."""
    if len(batch.declarations) == 1 or any(item.handed for item in batch.applications):
        return batch
    first = replace(batch.applications[0], department="")
    return replace(batch, applications=(first,), declarations=batch.declarations[:1])


def _answers(item: Application, form: Procedure) -> tuple[Answer, ...]:
    """Return what applies of what was answered, then the desk's notes on tasks and papers."""
    typed = dict(item.typed)
    fields = {key: form.field_or_none(key) for key in typed}
    known = {key: typed[key] for key, field in fields.items() if field and form.collects(field)}
    answers = [Answer(key, value, "typed") for key, value in form.applicable(known).items()]
    values = {answer.key: answer.value for answer in answers}
    for name, tasks in form.work_of(values).items():
        for task in tasks:
            key = task_key(task.id)
            answers.append(Answer(key, typed.get(key, PENDING), _source(key, typed)))
        note = note_key(form, name)
        if typed.get(note):
            answers.append(Answer(note, typed[note], "typed"))
    for document in form.documents:
        key = paper_key(document.id)
        if typed.get(key):
            answers.append(Answer(key, typed[key], "typed"))
    return tuple(answers)


def _source(key: str, typed: Mapping[str, str]) -> str:
    return "typed" if key in typed else "derived"


def _shown(item: Application, form: Procedure) -> frozenset[str]:
    """Return the kinds of page that need no picture: they were shown, or the paper itself was taken."""
    marked = ((document, item.value(paper_key(document.id))) for document in form.documents)
    return frozenset(one.any_of[0] for one, word in marked if word and word != BRING_LATER)


def _originals(item: Application, form: Procedure, kinds: frozenset[str]) -> tuple[Flaw, ...]:
    values = item.values()
    return tuple(
        _still_a_copy(document)
        for document in form.documents
        if document.original
        and document.needed(values)
        and not kinds.isdisjoint(document.any_of)
        and item.value(paper_key(document.id)) != ORIGINAL
    )


def _still_a_copy(document: Document) -> Flaw:
    return Flaw(
        check="original_missing",
        severity="warn",
        field=document.id,
        ja=f"{document.label.ja}は原本が必要です。",
        en=f"The original is needed: {document.label.en}.",
        remedy_ja="原本を預かったら「原本を預かった」を押してください。なければ後日お持ちいただきます。",
        remedy_en="Take the original and press “original taken”; otherwise it is brought later.",
        mend="bus",
    )


def _part(item: Application, batch: Batch, form: Procedure, name: str) -> Application:
    """Return what one department gets of a case."""
    tasks = {task_key(task.id) for task in form.tasks if task.department == name}
    papers = {one.id for one in form.documents if not one.departments or name in one.departments}
    marks = {*tasks, note_key(form, name), *map(paper_key, papers)}
    answers = tuple(a for a in item.answers if a.key in marks or _sees(form, name, a.key))
    kinds = {kind for one in form.documents for kind in one.any_of if one.id not in papers}
    kinds -= {kind for one in form.documents for kind in one.any_of if one.id in papers}
    return replace(
        item,
        answers=(Answer(DEPARTMENT, name, "derived"), *answers),
        sheets=tuple(n for n in item.sheets if batch.sheet(n).kind not in kinds),
        flaws=tuple(f for f in item.flaws if f.field in papers or _sees(form, name, f.field)),
        department=name,
    )


def _sees(form: Procedure, department: str, key: str) -> bool:
    """Tell whether an answer of the form is for this department: its topic's, or for all."""
    field = form.field_or_none(key)
    if field is None:
        return False
    own = form.sections[field.section].departments
    return not own or department in own


def deadline_of(form: Procedure, item: Application) -> date | None:
    """Return the day after which this case would be filed too late, where the form has such a day."""
    anchor = form.window.anchor if form.window else ""
    return day_of(item.value(anchor))
