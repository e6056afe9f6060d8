"""Read one form file: TOML in, a complete Procedure out, or an error that tells its writer what to do."""

import re
import tomllib
from collections.abc import Collection, Mapping
from importlib.resources import files
from string import Formatter

from procedures.codes import SHARED, Choice, Choices
from procedures.conditions import read_conditions
from procedures.deadlines import CLOSED_DAY_RULES, WindowRule
from procedures.errors import ProcedureError
from procedures.fields import CODE, known_types
from procedures.grammar import Table
from procedures.procedure import (
    MENDERS,
    PATTERNS,
    SEVERITIES,
    Document,
    Field,
    FilingDate,
    Identity,
    Procedure,
    Retention,
    Slot,
    Task,
)
from procedures.rules import RULES, Check
from procedures.words import Words

__all__ = ["Document", "Field", "Procedure", "ProcedureError", "load", "names", "read"]

LARGEST_FILE = 256 * 1024
MOST_REPEATS = 30
FILING_POLICIES = ("bus_receipt", "city_arrival")
NUMBER_POLICIES = ("off", "optional", "required")
IDENTITY_MODES = ("agent", "messenger")
_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")
_VERSION = re.compile(r"\d{4}-\d\d-\d\d(\.\d+)?")


def names() -> tuple[str, ...]:
    """Return the names of the forms that ship with the product."""
    found = (file.name for file in files("procedures").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def load(name: str) -> Procedure:
    """Return one of the forms that ship with the product; raises ProcedureError for any other name."""
    known = names()
    if name not in known:
        rule, remedy = "only shipped forms can be loaded", f"use one of {', '.join(known)}"
        raise ProcedureError(name, rule, "there is no such form", remedy)
    file = files("procedures") / f"{name}.toml"
    procedure = read(file.read_text(encoding="utf-8"), file.name)
    if procedure.id != name:
        raise ProcedureError(
            f"{file.name}.id",
            "must be the file's name",
            f"found {procedure.id!r}",
            f"write {name!r}",
        )
    return procedure


def read(text: str, place: str) -> Procedure:
    """Return the form written in a TOML text; `place` names the text in errors (ProcedureError)."""
    if len(text.encode()) > LARGEST_FILE:
        raise ProcedureError(
            place, f"at most {LARGEST_FILE} bytes", "the file is larger", "shorten it"
        )
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProcedureError(place, "must be TOML", str(error), "correct that line") from error
    top = Table(values, place)
    keys = _distinct(top, "fields", "key")
    sections, lists = _words_by_name(top, "sections"), _code_lists(top)
    window = top.table("window")
    departments = top.texts("departments")
    procedure = Procedure(
        id=top.text("id"),
        version=_version(top),
        title=_need(top, "title").words(""),
        pattern=top.one_of("pattern", PATTERNS),
        departments=departments,
        slot=_slot(_need(top, "slot")),
        filing_date=_filing_date(_need(top, "filing_date")),
        identity=_identity(_need(top, "identity")),
        retention=_retention(_need(top, "retention")),
        window=_window(window, keys) if window else None,
        sections=sections,
        fields=tuple(_field(table, keys, sections, lists) for table in top.tables("fields")),
        documents=_documents(top, keys),
        checks=_checks(top, keys, has_window=window is not None),
        tasks=_tasks(top, keys, departments),
        texts=_words_by_name(top, "texts"),
    )
    top.done()
    return procedure


def _need(top: Table, key: str) -> Table:
    table = top.table(key)
    if table is None:
        raise ProcedureError(
            f"{top.place}.{key}", "this table is required", "it is missing", f"add [{key}]"
        )
    return table


def _distinct(top: Table, tables: str, key: str) -> tuple[str, ...]:
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


def _version(top: Table) -> str:
    version = top.text("version")
    if not _VERSION.fullmatch(version):
        place = f"{top.place}.version"
        raise ProcedureError(
            place, "must be the day it takes effect", f"found {version!r}", 'write "2026-04-01"'
        )
    return version


def _words_by_name(top: Table, key: str) -> dict[str, Words]:
    table = top.table(key)
    found: dict[str, Words] = {}
    for name in table.names() if table else ():
        entry = table.table(name) if table else None
        if entry is not None:
            found[name] = entry.words("")
            entry.done()
    return found


def _code_lists(top: Table) -> dict[str, Choices]:
    """Return the shared lists and this form's own; an own list may replace a shared one."""
    lists = dict(SHARED)
    table = top.table("codes")
    for name in table.names() if table else ():
        if table:
            lists[name] = tuple(_choice(entry) for entry in table.tables(name))
            _distinct(table, name, "code")
    return lists


def _choice(entry: Table) -> Choice:
    words = entry.words("")
    choice = Choice(entry.text("code"), words.ja, words.en, entry.texts("also", ()))
    entry.done()
    return choice


def _slot(table: Table) -> Slot:
    slot = Slot(
        table.whole("base_min"), table.whole("per_case_min"), table.whole("cap_cases", 30, least=1)
    )
    table.done()
    return slot


def _filing_date(table: Table) -> FilingDate:
    filing = FilingDate(table.one_of("policy", FILING_POLICIES), table.texts("needs", ()))
    table.done()
    return filing


def _identity(table: Table) -> Identity:
    number = table.one_of("individual_no", NUMBER_POLICIES)
    identity = Identity(number, table.one_of("proxy_identity_mode", IDENTITY_MODES, "messenger"))
    table.done()
    return identity


def _retention(table: Table) -> Retention:
    retention = Retention(
        table.whole("edge_grace_h", most=72), table.whole("edge_hard_cap_d", least=1, most=31)
    )
    table.done()
    return retention


def _window(table: Table, keys: Collection[str]) -> WindowRule:
    rule = WindowRule(
        table.one_of("anchor", keys),
        table.whole("opens_days", most=3_660),
        table.whole("closes_days", 0, most=3_660),
        table.whole("duty_months", 0, most=12),
        table.one_of("closed_day_rule", CLOSED_DAY_RULES, "none"),
    )
    table.done()
    return rule


def _field(
    table: Table, keys: Collection[str], sections: Collection[str], lists: Mapping[str, Choices]
) -> Field:
    key = table.text("key")
    if not _KEY.fullmatch(key):
        remedy = "use small letters, digits, _ and at most one dot"
        raise ProcedureError(f"{table.place}.key", "must be a plain key", f"found {key!r}", remedy)
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
        repeat=table.whole("repeat", 1, least=1, most=MOST_REPEATS),
        choices=lists[kind.removeprefix(CODE)] if kind.startswith(CODE) else (),
    )
    table.done()
    return field


def _documents(top: Table, keys: Collection[str]) -> tuple[Document, ...]:
    _distinct(top, "documents", "id")
    return tuple(_document(table, keys) for table in top.tables("documents"))


def _document(table: Table, keys: Collection[str]) -> Document:
    name = table.text("id")
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
    )
    table.done()
    return document


def _checks(top: Table, keys: Collection[str], *, has_window: bool) -> tuple[Check, ...]:
    _distinct(top, "checks", "id")
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


def _tasks(top: Table, keys: Collection[str], departments: Collection[str]) -> tuple[Task, ...]:
    """Read the tasks; a task may wait only for tasks above it, so no circle can arise."""
    _distinct(top, "tasks", "id")
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
