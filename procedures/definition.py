"""Read one form file: TOML in, a complete Procedure out, or an error that tells its writer what to do."""

import re
from collections.abc import Collection
from importlib.resources import files

from procedures.codes import SHARED, Choice, Choices
from procedures.deadlines import CLOSED_DAY_RULES, WindowRule
from procedures.entries import distinct, read_checks, read_documents, read_field, read_tasks
from procedures.errors import ProcedureError
from procedures.grammar import LARGEST_FILE, Table, parse
from procedures.layout import read_agreement, read_groups, read_sections, read_subject
from procedures.procedure import (
    PATTERNS,
    Document,
    Field,
    FilingDate,
    Identity,
    Procedure,
    Retention,
    Slot,
)
from procedures.words import Words

__all__ = [
    "LARGEST_FILE",
    "Document",
    "Field",
    "Procedure",
    "ProcedureError",
    "load",
    "names",
    "read",
]

FILING_POLICIES = ("bus_receipt", "city_arrival")
NUMBER_POLICIES = ("off", "optional", "required")
IDENTITY_MODES = ("agent", "messenger")
MOST_ANSWERS = 500
"""Answers and notes one case may have; its record holds no more (docs/envelope.md)."""
_ID = re.compile(r"[a-z0-9-]{1,24}")
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
    top = parse(text, place)
    keys = distinct(top, "fields", "key")
    types = {table.text("key"): table.text("type") for table in top.tables("fields")}
    departments = top.texts("departments")
    sections, lists = read_sections(top, departments), _code_lists(top)
    window, groups = top.table("window"), read_groups(top, types)
    procedure = Procedure(
        id=_id(top),
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
        fields=tuple(
            read_field(table, keys, sections, lists, groups) for table in top.tables("fields")
        ),
        documents=read_documents(top, keys, departments),
        checks=read_checks(top, keys, has_window=window is not None),
        tasks=read_tasks(top, keys, departments),
        texts=_words_by_name(top, "texts"),
        groups=groups,
        subject=read_subject(top, keys),
        agreement=read_agreement(top, types),
        decision_days=top.whole("decision_days", 0, most=366),
        carried=_carried(top, keys),
    )
    top.done()
    _together(procedure, place)
    return procedure


def _carried(top: Table, keys: Collection[str]) -> tuple[str, ...]:
    """Return the fields that may be carried over to a person's next application."""
    found = top.texts("carried", ())
    for key in found:
        if key not in keys:
            raise ProcedureError(
                f"{top.place}.carried",
                "names fields of this form",
                f"{key!r} is none",
                "write the key of a field, or take it out",
            )
    return found


def _together(procedure: Procedure, place: str) -> None:
    """Refuse what only the whole form can tell: a queue of departments without work, a group in two topics."""
    if procedure.pattern == "one_stop" and not procedure.tasks:
        raise ProcedureError(
            f"{place}.tasks",
            "a form of pattern one_stop gives its departments tasks",
            "there are none",
            "add tasks = [...], or choose another pattern",
        )
    answers = sum(field.repeat for field in procedure.fields) + len(procedure.tasks)
    answers += len(procedure.documents) + len(procedure.departments)
    if answers > MOST_ANSWERS:
        raise ProcedureError(
            f"{place}.fields",
            f"a case has at most {MOST_ANSWERS} answers, each row, task, paper and department counted",
            f"this form may have {answers}",
            "let groups have fewer rows, or part the form",
        )
    for name in procedure.groups:
        found = {field.section for field in procedure.fields if field.group == name}
        if len(found) != 1:
            raise ProcedureError(
                f"{place}.groups.{name}",
                "the questions of a group stand in one topic",
                f"found {', '.join(sorted(found)) or 'no question'}",
                "give its questions the same section",
            )


def _need(top: Table, key: str) -> Table:
    table = top.table(key)
    if table is None:
        raise ProcedureError(
            f"{top.place}.{key}", "this table is required", "it is missing", f"add [{key}]"
        )
    return table


def _id(top: Table) -> str:
    """Return the id; receipts carry it, and their codes have room for so many signs."""
    name = top.text("id")
    if not _ID.fullmatch(name):
        raise ProcedureError(
            f"{top.place}.id",
            "must be 1 to 24 small letters, digits and hyphens",
            f"found {name!r}",
            "shorten or correct it, and name the file so",
        )
    return name


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
            distinct(table, name, "code")
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
