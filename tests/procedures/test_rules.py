"""The named rules: each seen speaking and seen silent."""

from collections.abc import Mapping
from datetime import date

import pytest

from procedures.deadlines import RENEWAL, WindowRule
from procedures.facts import Facts
from procedures.rules import RULES, Case, Check, Seen
from procedures.words import Words

FILED = date(2026, 8, 25)
NOTHING = Words("", "")


def look(
    rule: str,
    answers: Mapping[str, str],
    *,
    card: Mapping[str, str] | None = None,
    filed: date = FILED,
    window: WindowRule | None = RENEWAL,
    policy: str = "off",
    months: int = 0,
    days: int = 0,
    years: int = 0,
    words: tuple[str, ...] = (),
    messenger: bool = False,
    blocked: bool = False,
) -> Seen:
    """Let one rule look at the fields `a` and `b` of a case."""
    check = Check(
        id="c",
        severity="warn",
        field="a",
        mend="bus",
        rule=rule,
        sentence=NOTHING,
        remedy=NOTHING,
        other="b",
        months=months,
        days=days,
        years=years,
        words=words,
    )
    facts = Facts(answers, filed, "032011", card=card or {}, pending=frozenset({"0012345678"}))
    case = Case(facts, window, policy, messenger=messenger, blocked=blocked)
    return RULES[rule].look(check, case)


@pytest.mark.parametrize(
    ("rule", "answers"),
    [
        ("always", {}),
        ("missing", {}),
        ("missing", {"a": ""}),
        ("differs_from_field", {"a": "髙橋　花", "b": "髙橋　葉"}),
        ("same_as_field", {"a": "019-000-1234", "b": "019-000-1234"}),
        ("same_as_field", {"a": "019－000", "b": "019-000"}),
        ("after_field", {"a": "2026-10-01", "b": "2026-09-30"}),
        ("not_month_end", {"a": "2026-09-29"}),
        ("not_filing_date", {"a": "2026-08-24"}),
        ("in_future", {"a": "2026-08-26"}),
        ("other_insurer", {"a": "032029"}),
        ("pending", {"a": "0012345678"}),
        ("office_digit", {"a": "2372100034"}),
        ("number_unwanted", {"a": "123456789018"}),
        ("class_against_age", {"a": "2", "b": "1937-12-25"}),
        ("class_against_age", {"a": "1", "b": "1970-12-25"}),
        ("class_against_age", {"a": "2", "b": "1961-08-26"}),
        ("elderly_insurer", {"a": "01030014", "b": "1937-12-25"}),
        ("elderly_insurer", {"a": "01030014", "b": "1951-08-26"}),
    ],
)
def test_speaks(rule: str, answers: dict[str, str]) -> None:
    """The rule sees what it is named for."""
    assert look(rule, answers) is not None


@pytest.mark.parametrize(
    ("rule", "answers"),
    [
        ("missing", {"a": "x"}),
        ("differs_from_field", {"a": "髙橋　花", "b": "髙橋 花"}),
        ("differs_from_field", {"a": "髙橋　花", "b": "高橋　花"}),
        ("differs_from_field", {"a": "髙橋"}),
        ("differs_from_field", {"b": "髙橋"}),
        ("same_as_field", {}),
        ("same_as_field", {"a": "1", "b": "2"}),
        ("after_field", {"a": "2026-09-30", "b": "2026-09-30"}),
        ("after_field", {"a": "2026-10-01"}),
        ("after_field", {"a": "未定", "b": "2026-09-30"}),
        ("not_month_end", {"a": "2026-09-30"}),
        ("not_month_end", {}),
        ("not_filing_date", {"a": "2026-08-25"}),
        ("not_filing_date", {"a": "平成35年3月31日"}),
        ("in_future", {"a": "2026-08-25"}),
        ("in_future", {}),
        ("other_insurer", {"a": "032011"}),
        ("other_insurer", {}),
        ("pending", {"a": "0012345679"}),
        ("pending", {}),
        ("office_digit", {"a": "2374501514"}),
        ("office_digit", {"a": "03A0100001"}),
        ("office_digit", {}),
        ("number_unwanted", {}),
        ("class_against_age", {"a": "1", "b": "1937-12-25"}),
        ("class_against_age", {"a": "2", "b": "1970-12-25"}),
        ("class_against_age", {"a": "1", "b": "1961-08-26"}),
        ("class_against_age", {"a": "2", "b": "1961-08-27"}),
        ("class_against_age", {"a": "1"}),
        ("class_against_age", {"b": "1937-12-25"}),
        ("elderly_insurer", {"a": "39030010", "b": "1937-12-25"}),
        ("elderly_insurer", {"a": "01030014", "b": "1951-08-27"}),
        ("elderly_insurer", {"b": "1937-12-25"}),
        ("elderly_insurer", {"a": "01030014"}),
        ("month_closed", {}),
        ("month_closed", {"a": "春"}),
    ],
)
def test_silent(rule: str, answers: dict[str, str]) -> None:
    """The rule says nothing where all is well or nothing can be known."""
    assert look(rule, answers) is None


@pytest.mark.parametrize(
    ("form", "card", "speaks"),
    [
        ("0012345678", "0012345687", True),
        ("0012345678", "0012345678", False),
        ("見本町３丁目", "見本町3丁目", False),
        ("見本町3丁目", "見本町4丁目", True),
        ("髙﨑　𠮷雄", "高崎　吉雄", False),
        ("髙﨑　𠮷雄", "高崎　吉男", True),
        ("", "0012345678", False),
        ("0012345678", "", False),
    ],
)
def test_differs_from_card(form: str, card: str, speaks: bool) -> None:  # noqa: FBT001 -- a table's column
    """Form and card are compared only where both were read."""
    assert (look("differs_from_card", {"a": form}, card={"a": card}) is not None) is speaks


def test_other_insurer_on_card() -> None:
    """Another city's number on the card counts even if the form says ours."""
    assert look("other_insurer", {"a": "032011"}, card={"a": "131011"}) == {"value": "131011"}


@pytest.mark.parametrize(
    ("filed", "speaking"),
    [
        (date(2026, 7, 31), {"window_not_open"}),
        (date(2026, 8, 1), set()),
        (date(2026, 8, 30), set()),
        (date(2026, 8, 31), {"duty_passed"}),
        (date(2026, 9, 29), {"duty_passed"}),
        (date(2026, 9, 30), {"last_day"}),
        (date(2026, 10, 1), {"window_closed"}),
    ],
)
def test_window(filed: date, speaking: set[str]) -> None:
    """Each day of the calendar has at most one thing to say about the window."""
    case = {"prev_valid_to": "2026-09-30"}
    rules = ("window_not_open", "duty_passed", "last_day", "window_closed")
    assert {rule for rule in rules if look(rule, case, filed=filed) is not None} == speaking


@pytest.mark.parametrize(
    "rule",
    ["window_not_open", "window_closed", "duty_passed", "last_day", "closed_day", "moved_end"],
)
@pytest.mark.parametrize("answers", [{}, {"prev_valid_to": "未定"}])
def test_window_unknown(rule: str, answers: dict[str, str]) -> None:
    """Without the anchor day nothing is said about the window."""
    assert look(rule, answers, days=7) is None


@pytest.mark.parametrize(
    ("expiry", "filed", "rule", "speaks"),
    [
        ("2026-10-31", date(2026, 10, 30), "none", True),
        ("2026-10-31", date(2026, 11, 2), "none", True),
        ("2026-10-31", date(2026, 10, 1), "none", False),
        ("2026-09-30", date(2026, 9, 29), "none", False),
        ("2026-10-31", date(2026, 11, 2), "next_open_day", False),
    ],
)
def test_closed_day(expiry: str, filed: date, rule: str, speaks: bool) -> None:  # noqa: FBT001 -- a table's column
    """Only near a last day on which city hall is closed, and where the city has no rule of its own."""
    window = WindowRule("prev_valid_to", 60, 0, 1, rule)
    seen = look("closed_day", {"prev_valid_to": expiry}, filed=filed, window=window, days=7)
    assert (seen is not None) is speaks


def test_closed_day_of_the_city() -> None:
    """A closed day of the city's own list counts as a weekend does."""
    window = WindowRule("prev_valid_to", 60, 0, 1, "none", frozenset({date(2026, 9, 30)}))
    case = {"prev_valid_to": "2026-09-30"}
    assert look("closed_day", case, filed=date(2026, 9, 29), window=window, days=7) is not None


@pytest.mark.parametrize(
    ("filed", "rule", "speaks"),
    [
        (date(2026, 10, 31), "next_open_day", False),
        (date(2026, 11, 1), "next_open_day", True),
        (date(2026, 11, 2), "next_open_day", True),
        (date(2026, 11, 3), "next_open_day", False),
        (date(2026, 11, 2), "none", False),
    ],
)
def test_moved_end(filed: date, rule: str, speaks: bool) -> None:  # noqa: FBT001 -- a table's column
    """Only the days between the validity's own end and the next open day."""
    window = WindowRule("prev_valid_to", 60, 0, 1, rule)
    seen = look("moved_end", {"prev_valid_to": "2026-10-31"}, filed=filed, window=window)
    assert (seen is not None) is speaks


def test_names_one_of() -> None:
    """The first of the words that stands in the answer is named."""
    words = ("夜間", "当直")
    seen = look("names_one_of", {"a": "病棟（当直）"}, words=words)
    assert seen == {"value": "病棟（当直）", "word": "当直"}
    assert look("names_one_of", {"a": "長女"}, words=words) is None
    assert look("names_one_of", {}, words=words) is None


@pytest.mark.parametrize("blocked", [True, False])
def test_also_blocked(blocked: bool) -> None:  # noqa: FBT001 -- a table's column
    """It repeats what the others found."""
    assert (look("also_blocked", {}, blocked=blocked) is not None) is blocked


@pytest.mark.parametrize(
    ("policy", "messenger", "number", "speaks"),
    [
        ("optional", True, "123456789018", True),
        ("required", True, "123456789018", True),
        ("optional", False, "123456789018", False),
        ("optional", True, "", False),
        ("off", True, "123456789018", False),
    ],
)
def test_number_shown(policy: str, messenger: bool, number: str, speaks: bool) -> None:  # noqa: FBT001 -- a table's columns
    """A messenger must not see the number; an agent may."""
    seen = look("number_shown", {"a": number}, policy=policy, messenger=messenger)
    assert (seen is not None) is speaks


@pytest.mark.parametrize(
    ("rule", "start", "end", "speaks"),
    [
        ("longer_than", "2022-10-01", "2026-09-30", False),
        ("longer_than", "2022-09-01", "2026-09-30", True),
        ("longer_than", "", "2026-09-30", False),
        ("shorter_than", "2022-10-01", "2026-08-31", True),
        ("shorter_than", "2022-10-01", "2026-09-30", False),
        ("shorter_than", "2026-10-01", "2026-09-30", False),
        ("shorter_than", "2026-10-01", "", False),
    ],
)
def test_length(rule: str, start: str, end: str, speaks: bool) -> None:  # noqa: FBT001 -- a table's column
    """A validity of exactly the limit is neither too long nor too short."""
    assert (look(rule, {"a": start, "b": end}, months=48) is not None) is speaks


@pytest.mark.parametrize(
    ("day", "months", "days", "speaks"),
    [
        ("2026-02-25", 6, 0, False),
        ("2026-02-24", 6, 0, True),
        ("2026-08-11", 0, 14, False),
        ("2026-08-10", 0, 14, True),
        ("", 6, 0, False),
    ],
)
def test_older_than(day: str, months: int, days: int, speaks: bool) -> None:  # noqa: FBT001 -- a table's column
    """Age is counted back from the filing date in months and days."""
    assert (look("older_than", {"a": day}, months=months, days=days) is not None) is speaks


@pytest.mark.parametrize(
    ("born", "speaks"),
    [
        ("1986-08-26", False),
        ("1986-08-27", True),
        ("", False),
    ],
)
def test_younger_than(born: str, speaks: bool) -> None:  # noqa: FBT001 -- a table's column
    """Forty is reached the day before the birthday."""
    assert (look("younger_than", {"a": born}, years=40) is not None) is speaks


@pytest.mark.parametrize(
    ("month", "filed", "days", "speaks"),
    [
        ("2026-09", date(2026, 8, 15), 15, False),
        ("2026-09", date(2026, 8, 16), 15, True),
        ("2026-03", date(2026, 2, 28), 31, False),
        ("2026-03", date(2026, 3, 1), 31, True),
    ],
)
def test_month_closed(month: str, filed: date, days: int, speaks: bool) -> None:  # noqa: FBT001 -- a table's column
    """A month closes on a day of the month before, or on its last if it is shorter."""
    assert (look("month_closed", {"a": month}, filed=filed, days=days) is not None) is speaks


@pytest.mark.parametrize(
    ("policy", "number", "speaking"),
    [
        ("off", "123456789018", {"number_unwanted"}),
        ("off", "", set()),
        ("optional", "123456789018", set()),
        ("optional", "", set()),
        ("required", "123456789018", set()),
        ("required", "", {"number_required"}),
    ],
)
def test_individual_no_policy(policy: str, number: str, speaking: set[str]) -> None:
    """What is asked of the individual number is the city's policy."""
    rules = ("number_unwanted", "number_required")
    assert {
        rule for rule in rules if look(rule, {"a": number}, policy=policy) is not None
    } == speaking


@pytest.mark.parametrize("rule", sorted(RULES))
def test_places_are_filled(rule: str) -> None:
    """A rule that speaks fills every place its sentence may name."""
    speaking: dict[str, Mapping[str, str]] = {
        "differs_from_field": {"a": "1", "b": "2"},
        "same_as_field": {"a": "1", "b": "1"},
        "after_field": {"a": "2026-10-01", "b": "2026-09-30"},
        "not_month_end": {"a": "2026-09-29"},
        "longer_than": {"a": "2020-10-01", "b": "2026-09-30"},
        "shorter_than": {"a": "2026-09-01", "b": "2026-09-30"},
        "not_filing_date": {"a": "2026-01-01"},
        "younger_than": {"a": "2020-01-01"},
        "class_against_age": {"a": "2", "b": "1937-12-25"},
        "elderly_insurer": {"a": "01030014", "b": "1937-12-25"},
        "other_insurer": {"a": "131011"},
        "pending": {"a": "0012345678"},
        "office_digit": {"a": "2372100034"},
        "older_than": {"a": "2020-01-01"},
        "in_future": {"a": "2030-01-01"},
        "number_unwanted": {"a": "123456789018"},
        "number_shown": {"a": "123456789018"},
        "names_one_of": {"a": "当直"},
        "month_closed": {"a": "2026-01"},
        "differs_from_card": {"a": "1"},
    }
    window = {"prev_valid_to": "2026-10-31"}
    filed = {"window_not_open": date(2026, 1, 1), "window_closed": date(2027, 1, 1)}
    filed |= {
        "duty_passed": date(2026, 10, 20),
        "last_day": date(2026, 10, 31),
        "closed_day": date(2026, 10, 31),
        "moved_end": date(2026, 11, 2),
    }
    moving = WindowRule("prev_valid_to", 60, 0, 1, "next_open_day")
    seen = look(
        rule,
        dict(speaking.get(rule, {})) | window,
        card={"a": "2"} if rule == "differs_from_card" else {},
        filed=filed.get(rule, FILED),
        window=moving if rule == "moved_end" else RENEWAL,
        policy="required" if rule in {"number_required", "number_shown"} else "off",
        months=12,
        days=7,
        years=40,
        words=("当直",),
        messenger=True,
        blocked=True,
    )
    assert seen is not None
    assert set(RULES[rule].places) == set(seen)
