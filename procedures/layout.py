"""How a form is talked through: its topics, its rows a person, whom it is about, what both sides agree to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from procedures.errors import ProcedureError
from procedures.grammar import Table
from procedures.words import Words

MOST_ROWS = 30
RESERVED = ("task", "paper", "note", "department")
"""Stems of answers that the desk itself gives; see `procedures.marks`."""


@dataclass(frozen=True, slots=True)
class Section(Words):
    """One topic. No departments means that all see it; `result` topics are filled in once the papers are through."""

    departments: tuple[str, ...] = ()
    result: bool = False


@dataclass(frozen=True, slots=True)
class Group(Words):
    """Questions asked once for each person or thing, at most `most` times; `total` is an amount to add up."""

    most: int = 1
    total: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Which answers name the person or thing a case is about; an empty key is none."""

    name: str = ""
    kana: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Answers that both sides must agree to (`over`), and where each side says so (`by`)."""

    over: tuple[str, ...]
    by: tuple[str, ...]


def read_sections(top: Table, departments: Collection[str]) -> dict[str, Section]:
    """Read the topics in their order; those filled in at the end stand last."""
    table = top.table("sections")
    found: dict[str, Section] = {}
    for name in table.names() if table else ():
        entry = table.table(name) if table else None
        if entry is None:
            continue
        words = entry.words("")
        own = entry.texts("departments", ())
        known(entry, "departments", own, departments)
        section = Section(words.ja, words.en, own, entry.flag("result"))
        entry.done()
        if not section.result and any(each.result for each in found.values()):
            raise ProcedureError(
                entry.place,
                "topics with result = true stand last",
                "one stands before this topic",
                "move it to the end of [sections]",
            )
        found[name] = section
    return found


def read_groups(top: Table, types: Mapping[str, str]) -> dict[str, Group]:
    """Read the groups; `types` gives the type of each question."""
    table = top.table("groups")
    found: dict[str, Group] = {}
    for name in table.names() if table else ():
        entry = table.table(name) if table else None
        if entry is None:
            continue
        words = entry.words("")
        total = entry.one_of("total", types) if entry.has("total") else ""
        if total and types[total] != "amount":
            raise ProcedureError(
                f"{entry.place}.total",
                "only a question of type amount can be added up",
                f"{total!r} is of type {types[total]!r}",
                "name another question, or leave total out",
            )
        found[name] = Group(words.ja, words.en, entry.whole("most", least=2, most=MOST_ROWS), total)
        entry.done()
    return found


def read_subject(top: Table, keys: Sequence[str]) -> Subject:
    """Read whom a case is about; a form that does not say so has the usual keys, as far as it has them."""
    table = top.table("subject")
    if table is None:
        usual = ("name", "name_kana", "insured_no")
        return Subject(*(key if key in keys else "" for key in usual))
    subject = Subject(
        table.one_of("name", keys),
        table.one_of("kana", keys) if table.has("kana") else "",
        table.one_of("number", keys) if table.has("number") else "",
    )
    table.done()
    return subject


def read_agreement(top: Table, types: Mapping[str, str]) -> Agreement | None:
    """Read what both sides agree to, if the form's result is such; each side says yes or no."""
    table = top.table("agreement")
    if table is None:
        return None
    agreement = Agreement(table.texts("over"), table.texts("by"))
    known(table, "over", agreement.over, types)
    known(table, "by", agreement.by, types)
    table.done()
    for key in agreement.by:
        if types[key] != "code:yes_no" or key in agreement.over:
            raise ProcedureError(
                f"{table.place}.by",
                "each side agrees in a question of type code:yes_no that is not agreed to itself",
                f"{key!r} is of type {types[key]!r}",
                "name the question in which that side says yes",
            )
    return agreement


def known(table: Table, key: str, words: Iterable[str], allowed: Collection[str]) -> None:
    """Refuse a word of a list that names nothing."""
    for word in words:
        if word not in allowed:
            raise ProcedureError(
                f"{table.place}.{key}",
                f"may name only {', '.join(sorted(allowed))}",
                f"found {word!r}",
                "correct the name",
            )


def above(place: str, key: str, fields: Iterable[str], earlier: Collection[str]) -> None:
    """Refuse a question that waits for one asked later, or for itself."""
    for field in fields:
        if field not in earlier:
            raise ProcedureError(
                f"{place}.when",
                "a question waits only for questions above it",
                f"{field!r} does not stand above {key!r}",
                "move the question down, or wait for another one",
            )
