"""Where a value comes from: one order of trust, differences side by side, one press to choose."""

from dataclasses import replace
from datetime import date

import pytest

from appliance.desk.application import Application, choose, type_in
from appliance.desk.batch import with_application
from appliance.desk.display import lines_of
from appliance.desk.examining import Rules
from appliance.desk.joining import Joining, Pairs, join
from appliance.desk.pages.merge import answers_for
from appliance.desk.pages.sameness import same_answer
from appliance.desk.pages.sheet import QrCode
from procedures.definition import load
from sync.errors import LocalError
from sync.letters import DueEntry, LastCase
from tests.appliance.desk.test_joining import read
from tests.support.batches import fed, fresh
from tests.support.madeup_papers import due
from tests.support.read_sheets import read_sheet, reading

FORM = load("care-renewal")
LAST = LastCase(date(2025, 8, 20), (("phone", "019-651-2222"), ("physician.name", "及川　章")))
BARE = DueEntry("R00001", "0012345601", (("name", "髙﨑　𠮷雄"),), last=LAST)


def source_of(key: str, *readings: tuple[str, float], listed: Pairs = ()) -> tuple[str, str]:
    """Return value and source of a field of the bare due entry after these readings of the form."""
    sheet = read_sheet("form_front", *(reading(key, value, sure) for value, sure in readings))
    found = {one.key: one for one in answers_for([sheet], BARE, listed).answers}
    return found[key].value, found[key].source


def test_the_register_goes_before_everything() -> None:
    """The city knows its own people best."""
    listed = (("name", "高崎　義雄"),)
    assert source_of("name", ("高崎　善雄", 0.99), listed=listed) == ("髙﨑　𠮷雄", "due_list")


def test_the_providers_list_goes_before_what_a_machine_read() -> None:
    """What was typed as text is not misread."""
    assert source_of("phone", ("019-651-3333", 0.99), listed=(("phone", "019-651-4444"),)) == (
        "019-651-4444",
        "csv",
    )


def test_todays_form_goes_before_the_last_case() -> None:
    """What is written now is newer."""
    assert source_of("phone", ("019-651-3333", 0.9)) == ("019-651-3333", "ocr")


def test_a_doubtful_reading_goes_after_the_last_case() -> None:
    """What once was confirmed is worth more than a guess."""
    assert source_of("phone", ("019-651-3333", 0.6)) == ("019-651-2222", "last_case")


def test_the_code_alone_leads_to_the_number() -> None:
    """A code that nobody expects still gives its number before any reading."""
    sheet = read_sheet(
        "form_front",
        reading("insured_no", "0012345699", 0.99),
        qr=QrCode("x", insured_no="0012345601"),
    )
    assert answers_for([sheet], None).answers[0].source == "qr"


@pytest.mark.parametrize("kind", ["form_front", "insurance_card"])
def test_a_name_that_only_a_machine_read_is_looked_at(kind: str) -> None:
    """Kanji are never taken from a reading alone, however clear it was."""
    merged = answers_for([read_sheet(kind, reading("name", "髙﨑　𠮷雄", 0.99))], None)  # type: ignore[arg-type]  # the reader's words
    assert merged.answers[0].confidence == 0.75


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        ("phone", "019-651-0000", "0196510000"),
        ("address", "岩手県盛岡市肴町1番1号", "盛岡市肴町１－１"),
        (
            "address",
            "盛岡市見本町3丁目4番5号　白樺ハイツ203号",
            "盛岡市見本町三丁目4-5 白樺ハイツ203",
        ),
        ("physician.name", "高崎 吉雄", "髙﨑　𠮷雄"),
    ],
)
def test_ok__ways_of_writing_are_no_difference(key: str, one: str, other: str) -> None:
    """Nobody is asked about a hyphen."""
    assert same_answer(key, one, other)


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        ("phone", "019-651-0000", "019-651-0001"),
        ("phone", "なし", "ない"),
        ("address", "盛岡市肴町1-12", "盛岡市肴町11-2"),
        ("address", "盛岡市肴町1-1", "盛岡市肴町1-1-203"),
        ("birth_date", "1937-12-25", "1938-12-25"),
    ],
)
def test_fail__a_real_difference_is_one(key: str, one: str, other: str) -> None:
    """Another house, another line, another day."""
    assert not same_answer(key, one, other)


def joined(*entries: DueEntry, **typed: str) -> Application:
    """Join a form on which 1938 is read; return the application."""
    batch = read(fed("form_front"), 1, ("birth_date", "1938-12-25", 0.95), code="R00001")
    with_ = Joining(entries, frozenset(), Rules(FORM, date(2026, 8, 25), "032011"), fresh)
    batch = join(batch, with_)
    if typed:
        batch = join(with_application(batch, type_in(batch.applications[0], typed)), with_)
    return batch.applications[0]


def chosen(value: str) -> Application:
    """Join, take that date of birth, and join again."""
    batch = read(fed("form_front"), 1, ("birth_date", "1938-12-25", 0.95), code="R00001")
    with_ = Joining([due(1)], frozenset(), Rules(FORM, date(2026, 8, 25), "032011"), fresh)
    batch = join(batch, with_)
    item = choose(batch.applications[0], "birth_date", value)
    return join(with_application(batch, item), with_).applications[0]


def test_sources_that_differ_are_kept_side_by_side() -> None:
    """Each with its word, the most trusted first."""
    told = [(one.key, one.value, one.source) for one in joined(due(1)).told]
    assert told == [
        ("birth_date", "1937-12-25", "due_list"),
        ("birth_date", "1938-12-25", "ocr"),
    ]


@pytest.mark.parametrize(("value", "source"), [("1937-12-25", "due_list"), ("1938-12-25", "ocr")])
def test_a_press_takes_one_sources_word(value: str, source: str) -> None:
    """The value keeps its source, the doubt is over, and it stays so when the batch is joined again."""
    item = chosen(value)
    answer = next(one for one in item.answers if one.key == "birth_date")
    assert (answer.value, answer.source, answer.confidence) == (value, source, None)
    assert [flaw for flaw in item.flaws if flaw.field == "birth_date"] == []
    assert len(item.told) == 2


def with_card(choice: str) -> Application:
    """Join a form and a card of another date of birth, then take that one's word."""
    batch = read(fed("form_front", "insurance_card"), 1, code="R00001")
    batch = read(batch, 2, ("insured_no", "0012345601", 0.99), ("birth_date", "1938-12-25", 0.95))
    with_ = Joining([due(1)], frozenset(), Rules(FORM, date(2026, 8, 25), "032011"), fresh)
    batch = join(batch, with_)
    assert batch.applications[0].has("block")
    item = choose(batch.applications[0], "birth_date", choice)
    return join(with_application(batch, item), with_).applications[0]


def test_what_is_chosen_against_the_card_is_said_and_stops_nothing() -> None:
    """The person beside the paper decided; city hall hears of it."""
    item = with_card("1937-12-25")
    (flaw,) = [flaw for flaw in item.flaws if flaw.field == "birth_date"]
    assert (flaw.check, flaw.severity, flaw.mend) == (
        "birth_date_differs_from_card",
        "info",
        "city",
    )
    assert [flaw for flaw in with_card("1938-12-25").flaws if flaw.field == "birth_date"] == []


def test_who_has_a_case_at_city_hall_is_warned_about_and_still_handed_in() -> None:
    """A duplicate is for the division to see; the right to file stays."""
    batch = read(fed("form_front"), 1, code="R00001")
    rules = Rules(FORM, date(2026, 8, 25), "032011")
    number = frozenset({"0012345601"})
    item = join(batch, Joining([due(1)], frozenset(), rules, fresh, pending=number)).applications[0]
    assert "duplicate_pending" in {flaw.check for flaw in item.flaws}
    assert item.twice == ""


def test_typing_goes_before_a_choice_and_a_choice_before_typing() -> None:
    """The last word of a person counts."""
    item = type_in(chosen("1938-12-25"), {"birth_date": "1939-12-25"})
    assert (item.value("birth_date"), item.chosen) == ("1939-12-25", ())
    item = choose(replace(item, told=chosen("1937-12-25").told), "birth_date", "1937-12-25")
    assert (item.value("birth_date"), item.typed) == ("1937-12-25", ())


def test_what_no_source_says_cannot_be_chosen() -> None:
    """A button of an old page does not invent a value."""
    with pytest.raises(LocalError, match="no source says this"):
        choose(joined(due(1)), "birth_date", "1940-01-01")


def test_what_only_the_last_case_says_asks_for_a_look() -> None:
    """The form was read and is silent: the old physician may have gone."""
    item = joined(replace(due(1, **{"physician.name": ""}), last=LAST))
    (flaw,) = [flaw for flaw in item.flaws if flaw.field == "physician.name"]
    assert (item.value("physician.name"), flaw.check, flaw.severity) == (
        "及川　章",
        "carried",
        "warn",
    )
    assert "令和7年8月20日" in flaw.ja


def test_a_known_persons_code_takes_the_last_case_without_a_look() -> None:
    """City hall printed the form from that very case."""
    with_ = Joining(
        [replace(due(1, **{"physician.name": ""}), last=LAST)],
        frozenset(),
        Rules(FORM, date(2026, 8, 25), "032011"),
        fresh,
    )
    item = join(read(fed("form_front"), 1, code="R00001"), with_).applications[0]
    assert [flaw for flaw in item.flaws if flaw.field == "physician.name"] == []


def test_the_page_has_each_sources_word_and_where_it_stands() -> None:
    """A reading has its picture beside it, a list has none."""
    batch = read(fed("form_front"), 1, ("birth_date", "1938-12-25", 0.95), code="R00001")
    with_ = Joining([due(1)], frozenset(), Rules(FORM, date(2026, 8, 25), "032011"), fresh)
    batch = join(batch, with_)
    line = next(
        one for one in lines_of(batch.applications[0], batch, FORM, "ja") if one.key == "birth_date"
    )
    assert [(one.shown, one.taken) for one in line.told] == [
        ("昭和12年12月25日", True),
        ("昭和13年12月25日", False),
    ]
    assert line.needs_look
    assert not line.only_doubtful
