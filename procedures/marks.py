"""What the desk itself notes on a case: how each task stands, what became of each paper, whose part of it this is."""

from dataclasses import dataclass

from procedures.codes import Choice, Choices
from procedures.procedure import Procedure
from procedures.words import Words

TASK, PAPER, NOTE, DEPARTMENT = "task", "paper", "note", "department"
DONE, PENDING, BRING_LATER = "done", "pending", "bring_later"
SEEN, ORIGINAL = "seen", "original"

TASK_STATES: Choices = (
    Choice(DONE, "済み", "done"),
    Choice(PENDING, "これから", "pending"),
    Choice(BRING_LATER, "後日お持ちいただく", "to be brought later"),
)
PAPER_STATES: Choices = (
    Choice(SEEN, "提示を確認した", "shown and given back"),
    Choice(ORIGINAL, "原本を預かった", "original taken"),
    Choice(BRING_LATER, "後日お持ちいただく", "to be brought later"),
)
_TASKS = Words("窓口の手続き", "Work of the departments")
_PAPERS = Words("書類の扱い", "What became of the papers")
_NOTE = Words("{label}への引き継ぎ", "note to {label}")
_OWN = Words("担当課", "department")


@dataclass(frozen=True, slots=True)
class Mark:
    """How a note of the desk is called: its topic, its label, the words of its values (none for free text)."""

    section: str
    section_label: Words
    label: Words
    choices: Choices = ()


def task_key(task: str) -> str:
    """Return the key that says how a task stands."""
    return f"{TASK}.{task}"


def paper_key(document: str) -> str:
    """Return the key that says what became of a paper which was not read by the machine."""
    return f"{PAPER}.{document}"


def note_key(procedure: Procedure, department: str) -> str:
    """Return the key of what a department is told about the case."""
    return f"{NOTE}.{procedure.departments.index(department) + 1}"


def mark(procedure: Procedure, key: str) -> Mark | None:
    """Return what a note of the desk is called; None for an answer of the form itself."""
    stem, _, name = key.partition(".")
    if stem == DEPARTMENT and not name:
        return Mark(TASK, _TASKS, _OWN)
    if stem == TASK:
        found = next((task.label for task in procedure.tasks if task.id == name), None)
        return None if found is None else Mark(TASK, _TASKS, found, TASK_STATES)
    if stem == PAPER:
        found = next((one.label for one in procedure.documents if one.id == name), None)
        return None if found is None else Mark(PAPER, _PAPERS, found, PAPER_STATES)
    if stem == NOTE and name.isdecimal() and 0 < int(name) <= len(procedure.departments):
        department = procedure.departments[int(name) - 1]
        return Mark(TASK, _TASKS, _NOTE.put(label=department))
    return None
