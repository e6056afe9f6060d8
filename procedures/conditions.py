"""Conditions of a form file: whether a question or a check concerns this case."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from procedures.errors import ProcedureError
from procedures.grammar import Table


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must be true of one field. Exactly one of the five tests is set."""

    field: str
    one_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    empty: bool | None = None
    begins: tuple[str, ...] = ()
    begins_not: tuple[str, ...] = ()

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Tell whether the answers meet the condition; an unanswered field is in no list."""
        value = answers.get(self.field, "")
        if self.empty is not None:
            return (value == "") is self.empty
        if self.one_of:
            return value in self.one_of
        if self.begins or self.begins_not:
            begins = value.startswith(self.begins or self.begins_not)
            return begins if self.begins else value != "" and not begins
        return value != "" and value not in self.none_of


def all_hold(conditions: Iterable[Condition], answers: Mapping[str, str]) -> bool:
    """Tell whether every condition is met; no condition is always met."""
    return all(condition.holds(answers) for condition in conditions)


def read_conditions(table: Table, key: str, fields: Collection[str]) -> tuple[Condition, ...]:
    """Read a list such as `[{ field = "insured_class", is = ["2"] }]`; every field must exist."""
    return tuple(_read(entry, fields) for entry in table.tables(key))


def _read(entry: Table, fields: Collection[str]) -> Condition:
    condition = Condition(
        entry.one_of("field", fields),
        entry.texts("is", ()),
        entry.texts("is_not", ()),
        entry.flag("empty") if entry.has("empty") else None,
        entry.texts("begins", ()),
        entry.texts("begins_not", ()),
    )
    entry.done()
    lists = (condition.one_of, condition.none_of, condition.begins, condition.begins_not)
    tests = (*map(bool, lists), condition.empty is not None)
    if sum(tests) != 1:
        raise ProcedureError(
            entry.place,
            "a condition has exactly one of is, is_not, begins, begins_not, empty",
            f"found {sum(tests)} of them",
            'write { field = "...", is = ["..."] }',
        )
    return condition
