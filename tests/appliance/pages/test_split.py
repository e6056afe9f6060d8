"""Whose a sheet is."""

from appliance.desk.pages.person import SheetFacts, facts_of
from appliance.desk.pages.sheet import Kind, QrCode
from appliance.desk.pages.split import SENTENCES, Split, due_for, split
from sync.letters import DueEntry
from tests.support.read_sheets import read_sheet, reading

HANA = DueEntry(
    "R8-000001",
    "0000000011",
    (("name", "髙橋　ハナ"), ("birth_date", "1938-02-01")),
    token="tok-hana",
)
JIRO = DueEntry("R8-000002", "0000000022", (("name", "東海林　次郎"), ("birth_date", "1940-05-06")))
DUE = (HANA, JIRO)
NAMESAKE = "佐藤　花子"


def code(entry: DueEntry) -> QrCode:
    """Make the reference code printed on a person's form."""
    return QrCode("KN1:...", insurer_no="032011", reference=entry.reference)


def sheet(number: int, kind: Kind, no: str = "", sure: float = 0.95, **facts: str) -> SheetFacts:
    """Make a sheet without a code."""
    return SheetFacts(
        number,
        kind,
        insured_no=no,
        insured_no_confidence=sure if no else 0.0,
        name=facts.get("name", ""),
        birth_date=facts.get("birth", ""),
    )


def shape(result: Split) -> tuple[list[tuple[int, ...]], list[tuple[int, str]]]:
    """Reduce to the groups' sheets and the loose sheets with their reasons."""
    return [group.sheets for group in result.groups], [(x.number, x.reason) for x in result.loose]


def test_two_coded_fronts_are_two_applications() -> None:
    """Each known reference opens an application for its person."""
    result = split(
        [SheetFacts(1, "form_front", code(HANA)), SheetFacts(2, "form_front", code(JIRO))], DUE
    )
    assert [group.due for group in result.groups] == [HANA, JIRO]


def test_back_follows_its_front() -> None:
    """A back fed right after a front belongs to it."""
    result = split([SheetFacts(1, "form_front", code(HANA)), sheet(2, "form_back")], DUE)
    assert shape(result) == ([(1, 2)], [])


def test_back_without_front_is_loose() -> None:
    """A back after a card could be anybody's."""
    result = split([sheet(1, "insurance_card", HANA.insured_no), sheet(2, "form_back")], DUE)
    assert shape(result) == ([(1,)], [(2, "back_alone")])


def test_two_backs_after_one_front_do_not_both_belong() -> None:
    """Only the sheet right after the front is its back."""
    result = split(
        [SheetFacts(1, "form_front", code(HANA)), sheet(2, "form_back"), sheet(3, "form_back")], DUE
    )
    assert shape(result) == ([(1, 2)], [(3, "back_alone")])


def test_back_finds_its_front_by_the_printed_reference() -> None:
    """A back that was fed out of order still knows whose it is."""
    back = SheetFacts(3, "form_back", reference=HANA.reference)
    result = split(
        [SheetFacts(1, "form_front", code(HANA)), SheetFacts(2, "form_front", code(JIRO)), back],
        DUE,
    )
    assert shape(result) == ([(1, 3), (2,)], [])


def test_back_with_anothers_reference_does_not_follow_its_neighbour() -> None:
    """A known reference is stronger than the order of the stack."""
    back = SheetFacts(2, "form_back", reference=JIRO.reference)
    result = split([SheetFacts(1, "form_front", code(HANA)), back], DUE)
    assert shape(result) == ([(1,)], [(2, "back_alone")])


def test_card_joins_by_number_wherever_it_lies() -> None:
    """A card with a certain number finds its form even when other people lie between."""
    result = split(
        [
            sheet(1, "insurance_card", HANA.insured_no),
            SheetFacts(2, "form_front", code(JIRO)),
            SheetFacts(3, "form_front", code(HANA)),
        ],
        DUE,
    )
    assert shape(result) == ([(1, 3), (2,)], [])


def test_card_without_form_is_a_group_that_lacks_its_form() -> None:
    """A card whose person fed no form is not dropped."""
    (group,) = split([sheet(1, "insurance_card", "0000000099")], DUE).groups
    assert (group.form_missing, group.insured_no) == (True, "0000000099")


def test_card_with_doubtful_number_alone_is_loose() -> None:
    """One doubtful fact and nobody beside it is not enough."""
    result = split([sheet(1, "insurance_card", HANA.insured_no, 0.5)], DUE)
    assert shape(result) == ([], [(1, "nobody")])


def test_health_card_joins_by_name_and_birth() -> None:
    """Two weak facts that agree with one person assign a card that carries no insured number."""
    result = split(
        [
            SheetFacts(1, "form_front", code(HANA)),
            SheetFacts(2, "form_front", code(JIRO)),
            sheet(3, "medical_insurance", name="高橋 ハナ", birth="1938-02-01"),
        ],
        DUE,
    )
    assert shape(result) == ([(1, 3), (2,)], [])


def test_health_card_with_one_fact_joins_the_person_just_fed() -> None:
    """One weak fact is enough for the person whose sheet came just before."""
    result = split(
        [
            SheetFacts(1, "form_front", code(HANA)),
            sheet(2, "medical_insurance", birth="1938-02-01"),
        ],
        DUE,
    )
    assert shape(result) == ([(1, 2)], [])


def test_health_card_with_one_fact_elsewhere_is_loose() -> None:
    """One weak fact is not enough for a person further away in the stack."""
    result = split(
        [
            SheetFacts(1, "form_front", code(HANA)),
            SheetFacts(2, "form_front", code(JIRO)),
            sheet(3, "medical_insurance", birth="1938-02-01"),
        ],
        DUE,
    )
    assert shape(result) == ([(1,), (2,)], [(3, "nobody")])


def test_namesakes_born_on_one_day_leave_the_card_loose() -> None:
    """When two people fit equally, nobody is chosen."""
    result = split(
        [
            sheet(1, "form_front", "0000000033", name=NAMESAKE, birth="1938-02-01"),
            sheet(2, "form_front", "0000000044", name=NAMESAKE, birth="1938-02-01"),
            sheet(3, "medical_insurance", name=NAMESAKE, birth="1938-02-01"),
        ],
        (),
    )
    assert shape(result) == ([(1,), (2,)], [(3, "two_people")])


def test_a_certain_number_speaks_against_a_namesake() -> None:
    """Name and birth agree, the numbers do not: two people."""
    result = split(
        [
            sheet(1, "form_front", "0000000033", name=NAMESAKE, birth="1938-02-01"),
            sheet(2, "insurance_card", "0000000044", name=NAMESAKE, birth="1938-02-01"),
        ],
        (),
    )
    assert shape(result) == ([(1,), (2,)], [])


def test_second_capture_joins_the_same_application() -> None:
    """The same form fed again later is a second capture, not a second application."""
    result = split(
        [
            SheetFacts(1, "form_front", code(HANA)),
            SheetFacts(2, "form_front", code(JIRO)),
            SheetFacts(3, "form_front", code(HANA)),
        ],
        DUE,
    )
    assert shape(result) == ([(1, 3), (2,)], [])


def test_form_without_any_certain_fact_stands_alone() -> None:
    """A handwritten form nobody could read is an application of its own, never merged by order."""
    result = split([SheetFacts(1, "form_front", code(HANA)), sheet(2, "form_front")], DUE)
    assert shape(result) == ([(1,), (2,)], [])


def test_form_known_by_two_weak_facts_finds_its_due_entry() -> None:
    """Name and birth of exactly one expected person lead to the due list."""
    result = split([sheet(1, "form_front", name="東海林次郎", birth="1940-05-06")], DUE)
    assert result.groups[0].due == JIRO


def test_code_that_nobody_expects_still_opens_an_application() -> None:
    """A reference outside the due list keeps the sheet together with its number."""
    unknown = QrCode("KN1:...", insurer_no="032011", reference="R8-999999")
    (group,) = split([SheetFacts(1, "form_front", unknown, "0000000055", 0.9)], DUE).groups
    assert (group.due, group.reference, group.insured_no) == (None, "R8-999999", "0000000055")


def test_code_and_number_of_two_people_do_not_join_them() -> None:
    """A sheet that points at two opened applications belongs to neither without a person's eye."""
    unknown = QrCode("KN1:...", reference="R8-999999")
    result = split(
        [
            SheetFacts(1, "form_front", unknown),
            sheet(2, "form_front", "0000000055"),
            SheetFacts(3, "form_front", unknown, "0000000055", 0.95),
        ],
        (),
    )
    assert shape(result) == ([(1,), (2,)], [(3, "two_people")])


def test_nothing_is_ever_dropped() -> None:
    """Blank, foreign and unreadable sheets are loose, each with a sentence."""
    kinds: tuple[Kind, ...] = ("blank", "other", "unreadable")
    result = split([SheetFacts(n, kind) for n, kind in enumerate(kinds, 1)], DUE)
    assert [entry.sentence for entry in result.loose] == [
        SENTENCES["blank"],
        SENTENCES["not_ours"],
        SENTENCES["unreadable"],
    ]


def test_token_leads_to_the_due_entry() -> None:
    """The link profile carries only a token."""
    assert due_for(QrCode("https://...", token="tok-hana"), "", DUE) == HANA


def test_number_in_two_due_entries_leads_to_nobody() -> None:
    """An ambiguous due list is not resolved by order."""
    assert due_for(None, HANA.insured_no, (HANA, HANA)) is None


def test_facts_come_from_the_fields() -> None:
    """The split looks at number, name and birth only."""
    read = read_sheet(
        "insurance_card", reading("insured_no", "0000000011", 0.7), reading("name", "髙橋　ハナ")
    )
    assert facts_of(4, read) == SheetFacts(
        4, "insurance_card", None, "0000000011", 0.7, "髙橋　ハナ", ""
    )
