"""A read batch put together: due list, contradictions, and each doubt said once."""

from dataclasses import replace
from datetime import date

from appliance.desk.application import confirm, type_in
from appliance.desk.batch import Batch, Interruption, with_application
from appliance.desk.examining import Rules
from appliance.desk.joining import Joining, join
from appliance.desk.sheets import Code, FieldRead
from procedures.definition import load
from tests.support.batches import PROOF, fed, fresh
from tests.support.madeup_papers import due

TODAY = date(2026, 8, 25)


def joining(*entries: int, filed: frozenset[str] = frozenset()) -> Joining:
    """Return what joining needs, with these people due."""
    rules = Rules(load("care-renewal"), TODAY, "032011")
    return Joining([due(number) for number in entries], filed, rules, fresh)


def read(batch: Batch, number: int, *fields: tuple[str, str, float], code: str = "") -> Batch:
    """Return the batch with values and a code on one of its sheets."""
    sheet = batch.sheet(number)
    assert sheet.reading is not None
    reading = replace(
        sheet.reading,
        code=Code("x", reference=code) if code else None,
        fields=tuple(FieldRead(key, value, value, sure, "ocr") for key, value, sure in fields),
    )
    sheets = tuple(
        replace(each, reading=reading) if each.number == number else each for each in batch.sheets
    )
    return replace(batch, sheets=sheets)


def test_the_code_leads_to_the_due_lists_answers() -> None:
    """Names come from city hall's own list, never from a guess at kanji."""
    batch = join(read(fed("form_front"), 1, code="R00001"), joining(1))
    item = batch.applications[0]
    assert item.value("name") == "髙﨑　𠮷雄"
    assert {a.source for a in item.answers} <= {"due_list", "derived", "policy"}


def test_the_application_date_is_today_by_rule() -> None:
    """Nobody types it."""
    item = join(read(fed("form_front"), 1, code="R00001"), joining(1)).applications[0]
    answer = next(a for a in item.answers if a.key == "application_date")
    assert (answer.value, answer.source) == ("2026-08-25", "policy")


def test_papers_that_differ_are_shown_and_never_settled_in_silence() -> None:
    """The list's value stays, in doubt, with both values named."""
    batch = read(fed("form_front"), 1, ("birth_date", "1938-12-25", 0.95), code="R00001")
    item = join(batch, joining(1)).applications[0]
    flaws = [flaw for flaw in item.flaws if flaw.field == "birth_date" and flaw.severity == "warn"]
    assert len(flaws) == 1
    assert "1938-12-25" in flaws[0].ja
    assert item.doubtful() == ("birth_date",)


def test_a_doubtful_reading_is_asked_once_and_settled_by_a_look() -> None:
    """One warning for one doubt, gone when a person confirmed it."""
    batch = read(fed("form_front"), 1, ("insured_no", "0012345699", 0.99), ("name", "工藤", 0.4))
    batch = join(batch, joining())
    item = batch.applications[0]
    assert [f.check for f in item.flaws if f.field == "name"] == ["read_again"]
    batch = join(with_application(batch, confirm(item)), joining())
    assert [f for f in batch.applications[0].flaws if f.field == "name"] == []


def test_a_typed_value_ends_the_contradiction() -> None:
    """A person has decided."""
    batch = read(fed("form_front"), 1, ("birth_date", "1938-12-25", 0.95), code="R00001")
    batch = join(batch, joining(1))
    item = type_in(batch.applications[0], {"birth_date": "1938-12-25"})
    item = join(with_application(batch, item), joining(1)).applications[0]
    assert [f for f in item.flaws if f.check == "conflict"] == []
    assert item.value("birth_date") == "1938-12-25"


def test_who_was_filed_before_is_marked() -> None:
    """The number of an earlier hand-in of this visit."""
    batch = read(fed("form_front"), 1, code="R00001")
    filed = frozenset({"0012345601"})
    assert join(batch, joining(1, filed=filed)).applications[0].state == "twice"


def test_a_late_page_of_a_handed_in_person_is_marked_too() -> None:
    """Within one batch nothing is filed twice either."""
    batch = read(fed("form_front", "insurance_card"), 1, code="R00001")
    batch = read(batch, 2, ("insured_no", "0012345601", 0.99))
    first = join(replace(batch, sheets=batch.sheets[:1]), joining(1))
    done = replace(first.applications[0], handed=PROOF)
    batch = replace(batch, applications=(done,))
    assert [item.state for item in join(batch, joining(1)).applications] == ["handed_in", "twice"]


def test_a_missing_paper_is_said_before_the_empty_fields_it_explains() -> None:
    """The first line tells the cause."""
    batch = read(fed("insurance_card"), 1, ("insured_no", "0012345699", 0.99))
    item = join(batch, joining()).applications[0]
    assert item.flaws[0].field == "form_front"


PLAIN_BACK = ("form_front", "form_back", "insurance_card")
LEAF = (("front", 1), ("back", 1), ("front", 2))


def by_order(batch: Batch, *entries: int) -> list[tuple[str, str]]:
    """Join, and return which flaws ask for a look at the order."""
    flaws = [flaw for item in join(batch, joining(*entries)).applications for flaw in item.flaws]
    return [(flaw.severity, flaw.field) for flaw in flaws if flaw.check == "by_order"]


def one_paper(number: int, declared: int) -> Batch:
    """Return a form with both sides on one paper, without a mark on its back, and a card with this number."""
    batch = read(fed(*PLAIN_BACK, declared=declared), 1, code="R00001")
    batch = read(batch, 3, ("insured_no", f"00123456{number:02}", 0.99))
    sides = zip(batch.sheets, LEAF, strict=True)
    sheets = tuple(replace(sheet, side=side, leaf=leaf) for sheet, (side, leaf) in sides)
    return replace(batch, sheets=sheets)


def test_a_back_of_the_same_paper_is_the_fronts() -> None:
    """Declared one, found one, each form with its back: nobody is asked."""
    assert by_order(one_paper(1, 1), 1) == []


def test_a_back_for_its_place_in_the_stack_alone_is_looked_at() -> None:
    """Backs without a mark may have been exchanged; nothing in the counts would show it."""
    batch = read(fed(*PLAIN_BACK, declared=1), 1, code="R00001")
    batch = read(batch, 3, ("insured_no", "0012345601", 0.99))
    assert by_order(batch, 1) == [("warn", "form_back")]


def test_a_missing_person_puts_the_paper_in_doubt() -> None:
    """Two papers may have gone in as one: the back could be the next person's."""
    assert by_order(one_paper(1, 2), 1) == [("warn", "form_back")]


def test_a_person_with_cards_and_no_form_puts_the_paper_in_doubt() -> None:
    """The counts agree, yet a form is missing: its back may be behind another's front."""
    assert by_order(one_paper(2, 2), 1, 2) == [("warn", "form_back")]


def alike(*cards: tuple[tuple[str, str, float], ...]) -> list[int]:
    """Join two forms with codes and these cards; return how many sheets each application asks a look for likeness."""
    batch = fed("form_front", "form_front", *["medical_insurance"] * len(cards), declared=2)
    batch = read(read(batch, 1, code="R00001"), 2, code="R00002")
    for number, fields in enumerate(cards, 3):
        batch = read(batch, number, *fields)
    joined = join(batch, joining(1, 2))
    return [sum(flaw.check == "by_likeness" for flaw in item.flaws) for item in joined.applications]


def test_a_card_with_two_facts_of_one_person_only_is_hers() -> None:
    """Name and number that nobody else in the stack has."""
    assert alike((("name", "東海林　澄子", 0.6), ("insured_no", "0012345602", 0.6))) == [0, 0]


def test_a_card_whose_fact_another_shares_is_looked_at() -> None:
    """Both were born on one day: the date says nothing, one fact is left."""
    assert alike((("name", "東海林　澄子", 0.6), ("birth_date", "1937-12-25", 0.99))) == [0, 1]


def test_a_look_ends_the_doubt_about_the_order() -> None:
    """Who confirmed the application saw the page."""
    batch = read(fed(*PLAIN_BACK, declared=2), 1, code="R00001")
    joined = join(batch, joining(1))
    first = joined.applications[0]
    again = join(with_application(joined, confirm(first)), joining(1))
    assert [f.check for f in again.applications[0].flaws if f.check == "by_order"] == []


def test_a_stop_of_the_feeder_breaks_the_order() -> None:
    """What was fed after it may be anything: the back waits for a person."""
    batch = read(fed("form_front", "form_back", declared=1), 1, code="R00001")
    batch = replace(batch, interruptions=(Interruption(1, "jammed"),))
    assert [sheet.number for sheet in join(batch, joining(1)).loose()] == [2]


def test_a_sheet_between_breaks_the_order_and_a_blank_side_does_not() -> None:
    """Only an empty back may lie between a front and its back."""
    for kind, loose in (("blank", []), ("other", [2, 3])):
        batch = read(fed("form_front", kind, "form_back", declared=1), 1, code="R00001")
        joined = join(batch, joining(1))
        assert [sheet.number for sheet in joined.loose()] == loose
