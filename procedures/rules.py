"""The named rules a form file may use in its checks; each looks at one case and says what it saw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from procedures import deadlines, numbers, wareki
from procedures.conditions import Condition
from procedures.deadlines import Window, WindowRule
from procedures.facts import Facts
from procedures.text import alike, for_comparison
from procedures.words import Words

# The insurers of the late-stage elderly begin so; from this age nearly everybody belongs to one.
ELDERLY_PREFIX, ELDERLY_AGE = "39", 75
CATEGORY1_AGE = 65


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a form file: a rule, the field it looks at, and the words for what it finds."""

    id: str
    severity: str
    field: str
    mend: str
    rule: str
    sentence: Words
    remedy: Words
    when: tuple[Condition, ...] = ()
    other: str = ""
    months: int = 0
    days: int = 0
    years: int = 0
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """The application a rule looks at, with the policies of its form.

    `blocked` says that something else about it blocks; only rules of `AFTERWARDS` may ask.
    """

    facts: Facts
    window: WindowRule | None
    individual_no: str
    messenger: bool = False
    blocked: bool = False

    def value(self, key: str) -> str:
        """Return an answer, or an empty text."""
        return self.facts.answers.get(key, "")

    def day(self, key: str) -> date | None:
        """Return an answer as a day, or None where it is none."""
        return deadlines.day_of(self.value(key))

    def opening(self) -> Window | None:
        """Return the filing window of this case, if its anchor day is known."""
        anchor = self.day(self.window.anchor) if self.window else None
        return deadlines.window(anchor, self.window) if anchor and self.window else None


# A rule answers None where all is well, and otherwise what fills the `{places}` of its sentence.
Seen = Mapping[str, str | Words] | None
Rule = Callable[[Check, Case], Seen]


def _always(_check: Check, _case: Case) -> Seen:
    return {}


def _missing(check: Check, case: Case) -> Seen:
    return None if case.value(check.field) else {}


def _differs_from_card(check: Check, case: Case) -> Seen:
    form = case.facts.written.get(check.field) or case.value(check.field)
    card = case.facts.card.get(check.field, "")
    if not form or not card or alike(form, card):
        return None
    return {"value": form, "card": card}


def _differs_from_field(check: Check, case: Case) -> Seen:
    one, two = case.value(check.field), case.value(check.other)
    return {"value": one} if one and two and not alike(one, two) else None


def _same_as_field(check: Check, case: Case) -> Seen:
    one, two = case.value(check.field), case.value(check.other)
    return {"value": one} if one and for_comparison(one) == for_comparison(two) else None


def _after_field(check: Check, case: Case) -> Seen:
    start, end = case.day(check.field), case.day(check.other)
    return {} if start and end and start > end else None


def _window_not_open(_check: Check, case: Case) -> Seen:
    opening = case.opening()
    return _days(opening) if opening and case.facts.filing_date < opening.opens else None


def _window_closed(_check: Check, case: Case) -> Seen:
    opening = case.opening()
    return _days(opening) if opening and case.facts.filing_date > opening.closes else None


def _duty_passed(_check: Check, case: Case) -> Seen:
    opening = case.opening()
    late = opening and opening.duty < case.facts.filing_date < opening.closes
    return _days(opening) if opening and late else None


def _last_day(_check: Check, case: Case) -> Seen:
    opening = case.opening()
    return _days(opening) if opening and case.facts.filing_date == opening.closes else None


def _closed_day(check: Check, case: Case) -> Seen:
    """Look only at the days round the end, where a city's rule for closed days decides."""
    opening = case.opening()
    if not opening or not case.window or case.window.closed_day_rule != "none":
        return None
    near = abs((case.facts.filing_date - opening.closes).days) <= check.days
    closed = deadlines.is_closed(opening.closes, case.window.closed_days)
    return _days(opening) if near and closed else None


def _moved_end(_check: Check, case: Case) -> Seen:
    """Look whether only the city's rule for closed days keeps the window open."""
    opening, anchor = case.opening(), case.day(case.window.anchor) if case.window else None
    if not opening or not anchor or not case.window:
        return None
    own_end = anchor - timedelta(days=case.window.closes_days)
    return _days(opening) if own_end < case.facts.filing_date <= opening.closes else None


def _not_month_end(check: Check, case: Case) -> Seen:
    day = case.day(check.field)
    return {} if day and not deadlines.is_month_end(day) else None


def _longer_than(check: Check, case: Case) -> Seen:
    start, end = case.day(check.field), case.day(check.other)
    return {} if start and end and deadlines.validity_months(start, end) > check.months else None


def _shorter_than(check: Check, case: Case) -> Seen:
    start, end = case.day(check.field), case.day(check.other)
    if not start or not end or start > end:
        return None
    return {} if deadlines.validity_months(start, end) < check.months else None


def _not_filing_date(check: Check, case: Case) -> Seen:
    day = case.day(check.field)
    return {"value": _day(day)} if day and day != case.facts.filing_date else None


def _younger_than(check: Check, case: Case) -> Seen:
    age = _age(case, check.field)
    return {"age": str(age)} if age is not None and age < check.years else None


def _class_against_age(check: Check, case: Case) -> Seen:
    age, category = _age(case, check.other), case.value(check.field)
    if age is None or not category:
        return None
    by_law = "1" if age >= CATEGORY1_AGE else "2"
    return {"age": str(age), "value": by_law} if category != by_law else None


def _elderly_insurer(check: Check, case: Case) -> Seen:
    age, insurer = _age(case, check.other), case.value(check.field)
    if age is None or not insurer or age < ELDERLY_AGE:
        return None
    return None if insurer.startswith(ELDERLY_PREFIX) else {"age": str(age)}


def _other_insurer(check: Check, case: Case) -> Seen:
    for stated in (case.value(check.field), case.facts.card.get(check.field, "")):
        if stated and stated != case.facts.insurer_no:
            return {"value": stated}
    return None


def _pending(check: Check, case: Case) -> Seen:
    return {} if case.value(check.field) in case.facts.pending else None


def _office_digit(check: Check, case: Case) -> Seen:
    value = case.value(check.field)
    return {"value": value} if value and numbers.office_no_holds(value) is False else None


def _older_than(check: Check, case: Case) -> Seen:
    day = case.day(check.field)
    limit = deadlines.months_before(case.facts.filing_date, check.months) - timedelta(
        days=check.days
    )
    return {"value": _day(day)} if day and day < limit else None


def _in_future(check: Check, case: Case) -> Seen:
    day = case.day(check.field)
    return {"value": _day(day)} if day and day > case.facts.filing_date else None


def _month_closed(check: Check, case: Case) -> Seen:
    """Look whether applications for a month closed: on a fixed day of the month before it."""
    first = deadlines.day_of(f"{case.value(check.field)}-01")
    if first is None:
        return None
    last = first - timedelta(days=1)
    closes = last.replace(day=min(check.days, last.day))
    return {"closes": _day(closes)} if case.facts.filing_date > closes else None


def _names_one_of(check: Check, case: Case) -> Seen:
    value = case.value(check.field)
    named = next((word for word in check.words if word in value), "")
    return {"value": value, "word": named} if named else None


def _also_blocked(_check: Check, case: Case) -> Seen:
    return {} if case.blocked else None


def _number_unwanted(check: Check, case: Case) -> Seen:
    return {} if case.individual_no == "off" and case.value(check.field) else None


def _number_required(check: Check, case: Case) -> Seen:
    return {} if case.individual_no == "required" and not case.value(check.field) else None


def _number_shown(check: Check, case: Case) -> Seen:
    """Look whether a messenger would see a number that the city does collect."""
    collected = case.individual_no != "off" and case.messenger
    return {} if collected and case.value(check.field) else None


def _age(case: Case, key: str) -> int | None:
    born = case.day(key)
    return None if born is None else deadlines.age_at(born, case.facts.filing_date)


def _day(day: date) -> Words:
    return Words(wareki.format_ja(day), day.isoformat())


def _days(opening: Window) -> Mapping[str, Words]:
    return {
        "opens": _day(opening.opens),
        "duty": _day(opening.duty),
        "closes": _day(opening.closes),
    }


_WINDOW_PLACES = ("opens", "duty", "closes")


@dataclass(frozen=True, slots=True)
class RuleShape:
    """A rule with the parameters it needs and the places its sentence may name."""

    look: Rule
    needs: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


RULES: dict[str, RuleShape] = {
    "always": RuleShape(_always),
    "missing": RuleShape(_missing),
    "differs_from_card": RuleShape(_differs_from_card, places=("value", "card")),
    "differs_from_field": RuleShape(_differs_from_field, ("other",), ("value",)),
    "same_as_field": RuleShape(_same_as_field, ("other",), ("value",)),
    "after_field": RuleShape(_after_field, ("other",)),
    "window_not_open": RuleShape(_window_not_open, ("window",), _WINDOW_PLACES),
    "window_closed": RuleShape(_window_closed, ("window",), _WINDOW_PLACES),
    "duty_passed": RuleShape(_duty_passed, ("window",), _WINDOW_PLACES),
    "last_day": RuleShape(_last_day, ("window",), _WINDOW_PLACES),
    "closed_day": RuleShape(_closed_day, ("window", "days"), _WINDOW_PLACES),
    "moved_end": RuleShape(_moved_end, ("window",), _WINDOW_PLACES),
    "not_month_end": RuleShape(_not_month_end),
    "longer_than": RuleShape(_longer_than, ("other", "months")),
    "shorter_than": RuleShape(_shorter_than, ("other", "months")),
    "not_filing_date": RuleShape(_not_filing_date, places=("value",)),
    "younger_than": RuleShape(_younger_than, ("years",), ("age",)),
    "class_against_age": RuleShape(_class_against_age, ("other",), ("age", "value")),
    "elderly_insurer": RuleShape(_elderly_insurer, ("other",), ("age",)),
    "other_insurer": RuleShape(_other_insurer, places=("value",)),
    "pending": RuleShape(_pending),
    "office_digit": RuleShape(_office_digit, places=("value",)),
    "older_than": RuleShape(_older_than, places=("value",)),
    "in_future": RuleShape(_in_future, places=("value",)),
    "month_closed": RuleShape(_month_closed, ("days",), ("closes",)),
    "names_one_of": RuleShape(_names_one_of, ("words",), ("value", "word")),
    "also_blocked": RuleShape(_also_blocked),
    "number_unwanted": RuleShape(_number_unwanted),
    "number_required": RuleShape(_number_required),
    "number_shown": RuleShape(_number_shown),
}
# Rules that look at what the others found.
AFTERWARDS = frozenset({"also_blocked"})
