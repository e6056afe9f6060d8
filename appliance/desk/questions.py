"""A form as a person is asked it: its topics, one page each, with only the questions that concern this case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from appliance.desk.application import Application, Flaw
from appliance.desk.display import shown
from procedures.procedure import Field, Procedure

FEW = 4
"""Choices up to this many stand on the page as buttons to tick; more go into a list."""
DATES = frozenset({"era_date", "month"})
"""Types whose page says how they are written."""
DIGITS = frozenset({"amount", "number", "insured_no", "insurer_no", "office_no", "corporate_no"})


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its answer. `way`: ticks | list | lines | digits | era_date | month | text."""

    key: str
    label: str
    hint: str
    way: str
    value: str
    shown: str
    required: bool
    choices: tuple[tuple[str, str], ...]
    flaws: tuple[Flaw, ...]

    @property
    def wrong(self) -> bool:
        """Whether what stands there cannot be right."""
        return any(flaw.check == "field_invalid" for flaw in self.flaws)


@dataclass(frozen=True, slots=True)
class Block:
    """Questions that stand together; a row of a group has its number. `more`: another row may follow this last one."""

    questions: tuple[Question, ...]
    group: str = ""
    label: str = ""
    row: int = 0
    more: bool = False
    total: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """One page. `state`: todo | part | look | done."""

    key: str
    label: str
    blocks: tuple[Block, ...]
    state: str
    result: bool

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions of the page."""
        return tuple(question for block in self.blocks for question in block.questions)


def topics(form: Procedure, item: Application, lang: str) -> tuple[Topic, ...]:
    """Return the pages of a form in their order; one without a question that concerns this case is left out."""
    found = (topic(form, item, name, lang) for name in form.sections)
    return tuple(one for one in found if one.blocks)


def topic(form: Procedure, item: Application, name: str, lang: str, *, rows: int = 0) -> Topic:
    """Return one page; at least so many `rows` of each of its groups are shown, the new ones empty."""
    blocks = tuple(_blocks(form, item, name, lang, rows))
    questions = [question for block in blocks for question in block.questions]
    section = form.sections[name]
    return Topic(name, section.say(lang), blocks, _state(questions), section.result)


def unanswered(form: Procedure, item: Application, name: str) -> frozenset[str]:
    """Return the keys of one page's questions that have no answer yet."""
    found = topic(form, item, name, "ja").questions
    return frozenset(question.key for question in found if not question.value)


def without_row(form: Procedure, typed: Mapping[str, str], group: str, row: int) -> dict[str, str]:
    """Return the answers to give so that one row of a group is gone and those behind it move up."""
    values: dict[str, str] = {}
    for field in form.fields:
        if field.group == group:
            for number in range(row, field.repeat + 1):
                behind = "" if number == field.repeat else field.key_of(number + 1)
                values[field.key_of(number)] = typed.get(behind, "")
    return values


def _state(questions: list[Question]) -> str:
    if any(question.wrong for question in questions):
        return "look"
    answered = [question for question in questions if question.value]
    if any(question.required and not question.value for question in questions):
        return "part" if answered else "todo"
    return "done" if answered else "todo"


def _blocks(form: Procedure, item: Application, name: str, lang: str, rows: int) -> Iterator[Block]:
    values = _typed(form, item)
    loose: list[Question] = []
    told: set[str] = set()
    for field in form.fields:
        if field.section != name or field.group in told or not form.collects(field):
            continue
        if not field.group:
            loose += _questions(form, item, field, values, lang)
            continue
        told.add(field.group)
        if loose:
            yield Block(tuple(loose))
            loose = []
        yield from _rows(form, item, field, values, lang, rows=rows)
    if loose:
        yield Block(tuple(loose))


def _rows(
    form: Procedure,
    item: Application,
    first: Field,
    values: Mapping[str, str],
    lang: str,
    *,
    rows: int,
) -> Iterator[Block]:
    group = form.groups[first.group]
    fields = [field for field in form.fields if field.group == first.group]
    last = min(max(form.rows(first, values), rows), group.most)
    for number in range(1, last + 1):
        seen = form.row(first, number, values)
        asked = tuple(
            _question(item, field, number, values, lang, needed=field.needed(seen))
            for field in fields
            if field.asked(seen)
        )
        end = number == last
        yield Block(
            asked,
            first.group,
            group.say(lang),
            number,
            end and last < group.most,
            _total(form, first.group, values) if end else "",
        )


def _total(form: Procedure, group: str, values: Mapping[str, str]) -> str:
    key = form.groups[group].total
    if not key:
        return ""
    amounts = (values.get(each, "") for each in form.field(key).answer_keys())
    found = [int(amount) for amount in amounts if amount.isdecimal()]
    return f"{sum(found):,}" if found else ""


def _typed(form: Procedure, item: Application) -> dict[str, str]:
    known = {key: value for key, value in item.typed if form.field_or_none(key)}
    return form.applicable(known)


def _questions(
    form: Procedure, item: Application, field: Field, values: Mapping[str, str], lang: str
) -> Iterator[Question]:
    if field.asked(values):
        for number in range(1, form.rows(field, values) + 1):
            needed = number == 1 and field.needed(values)
            yield _question(item, field, number, values, lang, needed=needed)


def _question(
    item: Application,
    field: Field,
    number: int,
    values: Mapping[str, str],
    lang: str,
    *,
    needed: bool,
) -> Question:
    key = field.key_of(number)
    value = values.get(key, "")
    choices = tuple((one.code, one.en if lang == "en" else one.ja) for one in field.choices)
    return Question(
        key=key,
        label=field.label.say(lang),
        hint="" if field.hint is None else field.hint.say(lang),
        way=_way(field),
        value=value,
        shown=shown(field, value, lang),
        required=needed,
        choices=choices,
        flaws=tuple(flaw for flaw in item.flaws if flaw.field == key),
    )


def _way(field: Field) -> str:
    if field.choices:
        return "ticks" if len(field.choices) <= FEW else "list"
    if field.type == "lines":
        return "lines"
    return "digits" if field.type in DIGITS else field.type if field.type in DATES else "text"


def plain(topic: Topic) -> Topic:
    """Return the page without what is wrong, for a first showing: nobody is accused of an empty field."""
    blocks = tuple(
        replace(block, questions=tuple(_unaccused(one) for one in block.questions))
        for block in topic.blocks
    )
    return replace(topic, blocks=blocks)


def _unaccused(question: Question) -> Question:
    kept = tuple(flaw for flaw in question.flaws if flaw.check != "field_missing")
    return replace(question, flaws=kept)
