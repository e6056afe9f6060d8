"""What a case gives to do: papers to show, take or bring, tasks of each department, and the summary at the end."""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.desk.application import Application
from appliance.desk.batch import Batch
from appliance.desk.display import shown
from appliance.desk.sheets import Sheet
from procedures.codes import Choices, label
from procedures.marks import (
    BRING_LATER,
    DONE,
    ORIGINAL,
    PAPER_STATES,
    PENDING,
    TASK_STATES,
    note_key,
    paper_key,
    task_key,
)
from procedures.procedure import Document, Procedure, Task


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of the form: whether this case needs it, its pages, what the desk noted. `settled`: nothing is open."""

    id: str
    key: str
    label: str
    needed: bool
    original: bool
    sheets: tuple[Sheet, ...]
    state: str
    said: str
    choices: tuple[tuple[str, str], ...]

    @property
    def settled(self) -> bool:
        """Whether the paper is here, was shown, or is known to come later."""
        return bool(self.state) or (bool(self.sheets) and not self.original)


@dataclass(frozen=True, slots=True)
class Job:
    """One task with how it stands, and the tasks that come first and are not done."""

    key: str
    label: str
    state: str
    said: str
    waits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """One department of the queue: its place among the form's departments, its tasks, what it is told."""

    number: int
    name: str
    jobs: tuple[Job, ...]
    note_key: str
    note: str

    @property
    def state(self) -> str:
        """How the department stands: done | part | todo."""
        states = {job.state for job in self.jobs}
        if PENDING not in states:
            return "done"
        return "todo" if states == {PENDING} else "part"


@dataclass(frozen=True, slots=True)
class Summary:
    """What the person takes home: what is done, what is pending, what has to be brought, what was handed over."""

    done: tuple[tuple[str, str], ...]
    pending: tuple[tuple[str, str], ...]
    later: tuple[tuple[str, str], ...]
    taken: tuple[tuple[str, str], ...]

    def __bool__(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.done or self.pending or self.later or self.taken)


def papers(form: Procedure, item: Application, batch: Batch, lang: str) -> tuple[Paper, ...]:
    """Return the papers of a case, those it needs first."""
    found = [_paper(one, item, batch, lang) for one in form.documents]
    return (*(one for one in found if one.needed), *(one for one in found if not one.needed))


def desks(form: Procedure, item: Application, lang: str) -> tuple[Desk, ...]:
    """Return the queue of departments, each behind those whose work it waits for."""
    values = _of_form(form, item)
    typed = dict(item.typed)
    states = {task.id: typed.get(task_key(task.id), PENDING) for task in form.tasks}
    open_ = {
        task.id: task.label.say(lang) for task in form.tasks_for(values) if states[task.id] != DONE
    }
    return tuple(
        Desk(
            form.departments.index(name) + 1,
            name,
            tuple(_job(task, states[task.id], open_, lang) for task in tasks),
            note_key(form, name),
            typed.get(note_key(form, name), ""),
        )
        for name, tasks in form.work_of(values).items()
    )


def summary(form: Procedure, items: Sequence[Application], lang: str) -> Summary:
    """Return what became of a case that was handed in: (department, task) and (nothing, paper) pairs."""
    values = {key: value for item in items for key, value in item.values().items()}
    told = [
        (values.get(task_key(task.id), ""), (task.department, task.label.say(lang)))
        for task in form.tasks
    ]
    told += [
        (values.get(paper_key(one.id), ""), ("", one.label.say(lang))) for one in form.documents
    ]
    return Summary(
        tuple(pair for state, pair in told if state == DONE),
        tuple(pair for state, pair in told if state == PENDING),
        tuple(pair for state, pair in told if state == BRING_LATER),
        tuple(pair for state, pair in told if state == ORIGINAL),
    )


def facts_for(
    form: Procedure, item: Application, department: str, lang: str
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return what one department sees: the topics for all and its own, as (topic, (label, value) pairs)."""
    values = _of_form(form, item)
    found: dict[str, list[tuple[str, str]]] = {}
    for key, value in values.items():
        field = form.field(key)
        section = form.sections[field.section]
        if not section.departments or department in section.departments:
            pair = (field.label_of(key).say(lang), shown(field, value, lang))
            found.setdefault(section.say(lang), []).append(pair)
    return tuple((name, tuple(pairs)) for name, pairs in found.items())


def _of_form(form: Procedure, item: Application) -> dict[str, str]:
    return form.applicable({k: v for k, v in item.typed if form.field_or_none(k)})


def _paper(document: Document, item: Application, batch: Batch, lang: str) -> Paper:
    key = paper_key(document.id)
    state = dict(item.typed).get(key, "")
    return Paper(
        document.id,
        key,
        document.label.say(lang),
        document.needed(item.values()),
        document.original,
        tuple(
            s for s in map(batch.sheet, item.sheets) if s.kind in (document.id, *document.any_of)
        ),
        state,
        label(PAPER_STATES, state, lang) if state else "",
        _words(PAPER_STATES, lang),
    )


def _job(task: Task, state: str, open_: dict[str, str], lang: str) -> Job:
    waits = tuple(open_[name] for name in task.after if name in open_)
    return Job(
        task_key(task.id), task.label.say(lang), state, label(TASK_STATES, state, lang), waits
    )


def _words(choices: Choices, lang: str) -> tuple[tuple[str, str], ...]:
    return tuple((one.code, one.en if lang == "en" else one.ja) for one in choices)
