"""A form as data: fields, documents, window, checks and words of one procedure, read from one TOML file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from procedures import fields
from procedures.codes import Choices
from procedures.conditions import Condition, all_hold
from procedures.deadlines import WindowRule
from procedures.rules import Check
from procedures.words import Words

PATTERNS = ("batch_mobile", "one_to_one", "one_stop", "business_remote")
SEVERITIES = ("block", "warn", "info")
MENDERS = ("bus", "provider", "city")
REPEAT = "#"


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `repeat` over 1 makes a list: the second answer has the key `KEY#2`, and so on."""

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
        return self.required or (bool(self.required_if) and all_hold(self.required_if, answers))

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
    """One procedure of the city, complete: nothing about it stands in code."""

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
    sections: Mapping[str, Words]
    fields: tuple[Field, ...]
    documents: tuple[Document, ...]
    checks: tuple[Check, ...]
    tasks: tuple[Task, ...]
    texts: Mapping[str, Words]

    def field(self, key: str) -> Field:
        """Return the question behind an answer's key; raises KeyError if the form has none."""
        stem = key.partition(REPEAT)[0]
        for field in self.fields:
            if field.key == stem:
                return field
        raise KeyError(key)

    def tasks_for(self, answers: Mapping[str, str]) -> tuple[Task, ...]:
        """Return the tasks this case gives to the departments, each after those it waits for."""
        return tuple(task for task in self.tasks if all_hold(task.when, answers))
