"""How answers are called and written on the caseworkers' screens: the words of the procedure's own form."""

from dataclasses import dataclass
from datetime import date

from cityhall.office.forms import form_of
from procedures.codes import SHARED, label
from procedures.definition import Field, Procedure
from procedures.fields import CODE
from procedures.marks import Mark, mark
from procedures.procedure import REPEAT
from procedures.wareki import format_ja
from procedures.words import Words

OTHER = "other"
_OTHER_WORDS = Words("その他", "Other")
DATE_TYPES = frozenset({"era_date", "date"})


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer as a person reads it: its section, its label and its value in words."""

    section: str
    section_label: str
    label: str
    value: str


class Labels:
    """Knows the forms by their id; an answer of a form nobody knows is shown under its own key."""

    def __init__(self) -> None:
        self._load = form_of

    def title(self, procedure: str, lang: str) -> str:
        """Return the procedure's name."""
        form = self._load(procedure)
        return form.title.say(lang) if form else procedure

    def key(self, procedure: str, key: str, lang: str) -> str:
        """Return the label of an answer's key."""
        return self.show(procedure, key, "", lang).label

    def show(self, procedure: str, key: str, value: str, lang: str) -> Shown:
        """Return how an answer is shown."""
        form = self._load(procedure)
        field = _field(form, key)
        found = mark(form, key) if form and field is None else None
        if found is not None:
            return _marked(found, value, lang)
        if form is None or field is None:
            return Shown(OTHER, _OTHER_WORDS.say(lang), key, value)
        number = key.partition(REPEAT)[2]
        section = form.sections.get(field.section, _OTHER_WORDS)
        return Shown(
            section=field.section,
            section_label=section.say(lang),
            label=field.label.say(lang) + (f" {number}" if number else ""),
            value=_in_words(field, value, lang),
        )

    def place(self, procedure: str, key: str) -> int:
        """Return where on the form an answer stands, for sorting; unknown keys come last."""
        form = self._load(procedure)
        if form is None:
            return 0
        stem = key.partition(REPEAT)[0]
        keys = [field.key for field in form.fields]
        if stem in keys:
            return keys.index(stem)
        return len(keys) + (mark(form, key) is None)

    def kinds(self, procedure: str) -> tuple[str, ...]:
        """Return the kinds of page a form filled in at the desk has; nothing for one fed as a stack."""
        form = self._load(procedure)
        if form is None or form.pattern == "batch_mobile":
            return ()
        return tuple(document.id for document in form.documents)

    def paper(self, procedure: str, kind: str, lang: str) -> str:
        """Return what the form calls a kind of page; nothing where it is none of its papers."""
        form = self._load(procedure)
        for document in form.documents if form else ():
            if kind in (document.id, *document.any_of):
                return document.label.say(lang)
        return ""


def day_words(day: date, lang: str) -> str:
    """Return a day as the city writes it, or ISO in English."""
    return day.isoformat() if lang == "en" else format_ja(day)


def _marked(found: Mark, value: str, lang: str) -> Shown:
    """Return how a note of the desk is shown: a task's state, a paper's fate, a word to a department."""
    words = label(found.choices, value, lang) if found.choices else value
    return Shown(found.section, found.section_label.say(lang), found.label.say(lang), words)


def _field(form: Procedure | None, key: str) -> Field | None:
    try:
        return form.field(key) if form else None
    except KeyError:
        return None


def _in_words(field: Field, value: str, lang: str) -> str:
    if field.type.startswith(CODE):
        choices = field.choices or SHARED.get(field.type.removeprefix(CODE), ())
        return label(choices, value, lang)
    if field.type in DATE_TYPES:
        try:
            return day_words(date.fromisoformat(value), lang)
        except ValueError:
            return value
    return value
