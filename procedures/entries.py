"""Read the entries of a form's lists: questions, papers, checks, tasks; each mistake is named with its place."""

import re
from collections.abc import Collection, Mapping, Sequence
from string import Formatter

from procedures.codes import Choices
from procedures.conditions import read_conditions
from procedures.errors import ProcedureError
from procedures.fields import CODE, known_types
from procedures.grammar import Table
from procedures.layout import RESERVED, Group, above, known
from procedures.procedure import MENDERS, SEVERITIES, Document, Field, Task
from procedures.rules import RULES, Check
from procedures.words import Words

MOST_REPEATS = 30
_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


def distinct(top: Table, tables: str, key: str) -> tuple[str, ...]:
    """Return the names of a list's tables; a name that stands twice is an error."""
    found: list[str] = []
    for table in top.tables(tables):
        name = table.text(key)
        if name in found:
            raise ProcedureError(
                table.place, f"each {key} stands once", f"{name!r} stands twice", "rename one"
            )
        found.append(name)
    return tuple(found)


def read_field(
    table: Table,
    keys: Sequence[str],
    sections: Collection[str],
    lists: Mapping[str, Choices],
    groups: Mapping[str, Group],
) -> Field:
    """Read one question; its section, its type and the fields of its conditions must exist."""
    key = table.text("key")
    if not _KEY.fullmatch(key):
        remedy = "use small letters, digits, _ and at most one dot"
        raise ProcedureError(f"{table.place}.key", "must be a plain key", f"found {key!r}", remedy)
    if key.partition(".")[0] in RESERVED:
        rule = f"must not begin with {', '.join(RESERVED)}: the desk's own notes do"
        raise ProcedureError(f"{table.place}.key", rule, f"found {key!r}", "rename the question")
    group = table.one_of("group", groups) if table.has("group") else ""
    most = groups[group].most if group else 1
    if group and table.has("repeat"):
        raise ProcedureError(
            f"{table.place}.repeat",
            "a question of a group repeats with its group",
            f"group {group!r} has at most {most} rows",
            "leave repeat out",
        )
    when = read_conditions(table, "when", keys)
    above(table.place, key, (one.field for one in when), keys[: keys.index(key)])
    allowed = (*known_types(), *(f"{CODE}{name}" for name in lists))
    kind = table.one_of("type", allowed)
    field = Field(
        key=key,
        type=kind,
        label=table.words(""),
        section=table.one_of("section", sections),
        required=table.flag("required"),
        required_if=read_conditions(table, "required_if", keys),
        missing=table.one_of("missing", SEVERITIES, "block"),
        mend=table.one_of("mend", MENDERS, "provider"),
        hint=table.words("hint") if table.has("hint_ja") or table.has("hint_en") else None,
        repeat=most if group else table.whole("repeat", 1, least=1, most=MOST_REPEATS),
        choices=lists[kind.removeprefix(CODE)] if kind.startswith(CODE) else (),
        group=group,
        when=when,
    )
    table.done()
    return field


def read_documents(
    top: Table, keys: Collection[str], departments: Collection[str]
) -> tuple[Document, ...]:
    """Read the papers, in their order."""
    distinct(top, "documents", "id")
    return tuple(_document(table, keys, departments) for table in top.tables("documents"))


def _document(table: Table, keys: Collection[str], departments: Collection[str]) -> Document:
    name = table.text("id")
    own = table.texts("departments", ())
    known(table, "departments", own, departments)
    document = Document(
        id=name,
        label=table.words(""),
        any_of=table.texts("any_of", (name,)),
        required=table.flag("required"),
        required_if=read_conditions(table, "required_if", keys),
        original=table.flag("original"),
        custody=table.one_of("custody", ("", "bag"), ""),
        missing=table.one_of("missing", SEVERITIES, "block"),
        mend=table.one_of("mend", MENDERS, "provider"),
        remedy=table.words("remedy") if table.has("remedy_ja") or table.has("remedy_en") else None,
        departments=own,
    )
    table.done()
    return document


def read_checks(top: Table, keys: Collection[str], *, has_window: bool) -> tuple[Check, ...]:
    """Read the checks; each must have what its rule needs and name only its places."""
    distinct(top, "checks", "id")
    return tuple(_check(table, keys, has_window=has_window) for table in top.tables("checks"))


def _check(table: Table, keys: Collection[str], *, has_window: bool) -> Check:
    rule = table.one_of("rule", RULES)
    check = Check(
        id=table.text("id"),
        severity=table.one_of("severity", SEVERITIES),
        field=table.one_of("field", keys),
        mend=table.one_of("mend", MENDERS),
        rule=rule,
        sentence=table.words("sentence"),
        remedy=table.words("remedy"),
        when=read_conditions(table, "when", keys),
        other=table.one_of("other", keys) if table.has("other") else "",
        months=table.whole("months", 0),
        days=table.whole("days", 0),
        years=table.whole("years", 0),
        words=table.texts("words", ()),
    )
    table.done()
    _check_needs(table, check, has_window=has_window)
    for words in (check.sentence, check.remedy):
        _check_places(table, rule, words)
    return check


def _check_needs(table: Table, check: Check, *, has_window: bool) -> None:
    """Refuse a check whose rule lacks a parameter, or one that would speak always."""
    for need in RULES[check.rule].needs:
        there = has_window if need == "window" else table.has(need)
        if not there:
            remedy = (
                "add the table [window]" if need == "window" else f"add {need} = ... to the check"
            )
            raise ProcedureError(
                table.place, f"rule {check.rule!r} needs {need}", "it is missing", remedy
            )
    if check.rule == "always" and not check.when:
        raise ProcedureError(
            table.place, "rule 'always' needs when", "it is missing", "add when = [{ ... }]"
        )


def _check_places(table: Table, rule: str, words: Words) -> None:
    allowed = ("label", *RULES[rule].places)
    for text in (words.ja, words.en):
        try:
            places = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError as error:
            raise ProcedureError(
                table.place, "braces stand in pairs", str(error), "correct the sentence"
            ) from error
        for name in places - set(allowed):
            fact = f"found {{{name}}}"
            remedy = f"use {', '.join(f'{{{word}}}' for word in allowed)}"
            raise ProcedureError(
                table.place, f"rule {rule!r} fills only its own places", fact, remedy
            )


def read_tasks(top: Table, keys: Collection[str], departments: Collection[str]) -> tuple[Task, ...]:
    """Read the tasks; a task may wait only for tasks above it, so no circle can arise."""
    distinct(top, "tasks", "id")
    above: list[str] = []
    tasks: list[Task] = []
    for table in top.tables("tasks"):
        task = Task(
            table.text("id"),
            table.one_of("department", departments),
            table.words(""),
            read_conditions(table, "when", keys),
            table.texts("after", ()),
        )
        table.done()
        for name in task.after:
            if name not in above:
                fact = f"{name!r} does not stand above"
                raise ProcedureError(
                    table.place, "after names tasks above this one", fact, "move or rename it"
                )
        above.append(task.id)
        tasks.append(task)
    return tuple(tasks)
