"""A form as data: fields, documents, window, checks and words of one procedure, read from one TOML file."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from procedures import fields
from procedures.codes import Choices
from procedures.conditions import Condition, all_hold
from procedures.deadlines import WindowRule
from procedures.layout import Agreement, Group, Section, Subject
from procedures.rules import Check
from procedures.words import Words

PATTERNS = ("batch_mobile", "one_to_one", "one_stop", "business_remote")
SEVERITIES = ("block", "warn", "info")
MENDERS = ("bus", "provider", "city")
REPEAT = "#"


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `repeat` over 1 makes a list: the second answer has the key `KEY#2`, and so on.

    It is asked only while `when` holds, and one with `required_if` only while that does. Questions of one `group`
    make one row a person.
    """

    key: str
    type: str
    label: Words
    section: str
    required: bool = False
    required_if: tuple[Condition, ...] = ()
    missing: str = "block"
    mend: str = "provider"
    hint: Words | None = None
    repeat: int = 1
    choices: Choices = ()
    group: str = ""
    when: tuple[Condition, ...] = ()

    def normalise(self, text: str) -> str:
        """Return the canonical writing of an answer to this question."""
        return fields.normalise(self.type, text, self.choices)

    def problem(self, value: str, lang: str = "ja") -> str | None:
        """Return what is wrong with a canonical value, or None."""
        return fields.problem(self.type, value, lang, self.choices)

    def fault(self, value: str) -> Words | None:
        """Return what is wrong with a canonical value in both languages, or None."""
        return fields.fault(self.type, value, self.choices)

    def needed(self, answers: Mapping[str, str]) -> bool:
        """Tell whether this case must answer the question."""
        asked = self.required or (bool(self.required_if) and all_hold(self.required_if, answers))
        return asked and all_hold(self.when, answers)

    def asked(self, answers: Mapping[str, str]) -> bool:
        """Tell whether the question concerns this case at all."""
        conditional = bool(self.required_if) and not self.required
        return all_hold(self.when, answers) and (
            not conditional or all_hold(self.required_if, answers)
        )

    def key_of(self, row: int) -> str:
        """Return the key of the answer of one row, counted from 1."""
        return self.key if row == 1 else f"{self.key}{REPEAT}{row}"

    def label_of(self, key: str) -> Words:
        """Return the label of one of its answers; from the second row on it is numbered."""
        row = key.partition(REPEAT)[2]
        if not row or key == self.key:
            return self.label
        return Words(f"{self.label.ja}（{row}）", f"{self.label.en} ({row})")

    def again(self, keys: Collection[str]) -> "Iterator[Field]":
        """Yield the question as these answers are asked for once more: a row that is named is asked by itself."""
        named = [key for key in self.answer_keys() if key in keys]
        if named == [self.key]:
            yield self
            return
        for key in named:
            yield replace(self, key=key, label=self.label_of(key), repeat=1, group="")

    def answer_keys(self) -> Iterator[str]:
        """Yield the keys under which answers to this question may stand."""
        yield self.key
        for number in range(2, self.repeat + 1):
            yield f"{self.key}{REPEAT}{number}"


@dataclass(frozen=True, slots=True)
class Document:
    """A paper to hand in. `any_of` names the page kinds that count as it."""

    id: str
    label: Words
    any_of: tuple[str, ...]
    required: bool
    required_if: tuple[Condition, ...]
    original: bool
    custody: str
    missing: str
    mend: str
    remedy: Words | None
    departments: tuple[str, ...] = ()

    def needed(self, answers: Mapping[str, str]) -> bool:
        """Tell whether this case must come with the paper."""
        return self.required or (bool(self.required_if) and all_hold(self.required_if, answers))


@dataclass(frozen=True, slots=True)
class FilingDate:
    """Which instant fixes the filing date, and what must be true for it."""

    policy: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """How individual numbers are treated (off | optional | required) and who proves what."""

    individual_no: str
    proxy_identity_mode: str


@dataclass(frozen=True, slots=True)
class Slot:
    """Minutes of one visit, and how many cases fit at most."""

    base_min: int
    per_case_min: int
    cap_cases: int


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the box keeps an application after city hall confirmed it, and at most."""

    edge_grace_h: int
    edge_hard_cap_d: int


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work that the answers give one department; `after` names tasks that come first."""

    id: str
    department: str
    label: Words
    when: tuple[Condition, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure of the city, complete: nothing about it stands in code.

    `carried` names the fields that a person's next application may take over from the last one.
    """

    id: str
    version: str
    title: Words
    pattern: str
    departments: tuple[str, ...]
    slot: Slot
    filing_date: FilingDate
    identity: Identity
    retention: Retention
    window: WindowRule | None
    sections: Mapping[str, Section]
    fields: tuple[Field, ...]
    documents: tuple[Document, ...]
    checks: tuple[Check, ...]
    tasks: tuple[Task, ...]
    texts: Mapping[str, Words]
    groups: Mapping[str, Group]
    subject: Subject
    agreement: Agreement | None
    decision_days: int
    carried: tuple[str, ...] = ()

    def field(self, key: str) -> Field:
        """Return the question behind an answer's key; raises KeyError if the form has none."""
        stem = key.partition(REPEAT)[0]
        for field in self.fields:
            if field.key in (stem, key):
                return field
        raise KeyError(key)

    def field_or_none(self, key: str) -> Field | None:
        """Return the question behind an answer's key, or None for what is no answer of this form."""
        try:
            return self.field(key)
        except KeyError:
            return None

    def tasks_for(self, answers: Mapping[str, str]) -> tuple[Task, ...]:
        """Return the tasks this case gives to the departments, each after those it waits for."""
        return tuple(task for task in self.tasks if all_hold(task.when, answers))

    def again(self, keys: Collection[str], kinds: Collection[str]) -> "Procedure":
        """Return the form that asks for these answers and papers only: what a correction (補正) wants."""
        fields = tuple(
            replace(one, required=one.key in keys, required_if=(), when=(), missing="block")
            for field in self.fields
            for one in field.again(keys)
        )
        papers = tuple(
            replace(one, required=True, required_if=(), missing="block")
            for one in self.documents
            if not {one.id, *one.any_of}.isdisjoint(kinds)
        )
        named = {field.section for field in fields}
        sections = {name: section for name, section in self.sections.items() if name in named}
        return replace(
            self,
            sections=sections,
            fields=fields,
            documents=papers,
            checks=(),
            tasks=(),
            agreement=None,
            window=None,
        )

    def collects(self, field: Field) -> bool:
        """Tell whether the city asks this at all: an individual number only where its policy says so."""
        return field.type != "individual_no" or self.identity.individual_no != "off"

    def rows(self, field: Field, answers: Mapping[str, str]) -> int:
        """Return how many rows the question has in this case: one more person is one more row."""
        if field.repeat == 1:
            return 1
        same = [other for other in self.fields if other.group == field.group] if field.group else []
        keys = [other.key for other in same or (field,)]
        filled = (
            row
            for row in range(field.repeat, 1, -1)
            if any(answers.get(f"{key}{REPEAT}{row}") for key in keys)
        )
        return next(filled, 1)

    def row(self, field: Field, number: int, answers: Mapping[str, str]) -> Mapping[str, str]:
        """Return the answers as a question of one row sees them: its group's are those of that row."""
        if number == 1 or not field.group:
            return answers
        own = {
            other.key: answers.get(other.key_of(number), "")
            for other in self.fields
            if other.group == field.group
        }
        return {**answers, **own}

    def missing(self, field: Field, answers: Mapping[str, str]) -> Iterator[str]:
        """Yield the keys under which this case owes an answer to the question; a list owes only its first."""
        for number in range(1, self.rows(field, answers) + 1 if field.group else 2):
            key = field.key_of(number)
            if not answers.get(key) and field.needed(self.row(field, number, answers)):
                yield key

    def applicable(self, answers: Mapping[str, str]) -> dict[str, str]:
        """Return the answers whose questions concern this case, in form order; what no longer applies is left out."""
        kept = dict(answers)
        while True:
            found = {
                key: kept[key]
                for field in self.fields
                for number, key in enumerate(field.answer_keys(), 1)
                if kept.get(key) and field.asked(self.row(field, number, kept))
            }
            if found == kept:
                return found
            kept = found

    def work_of(self, answers: Mapping[str, str]) -> dict[str, tuple[Task, ...]]:
        """Return the tasks of this case by department; a department stands behind those whose work it waits for."""
        tasks = self.tasks_for(answers)
        of = {task.id: task.department for task in tasks}
        left = [name for name in self.departments if name in of.values()]
        ordered: list[str] = []
        while left:
            free = [
                name
                for name in left
                if not {
                    of[each]
                    for t in tasks
                    if t.department == name
                    for each in t.after
                    if each in of
                }
                & (set(left) - {name})
            ]
            ordered.append((free or left)[0])
            left.remove(ordered[-1])
        return {name: tuple(t for t in tasks if t.department == name) for name in ordered}
