"""Which value stands, and how sure it is."""

from appliance.desk.pages.merge import Conflict, MergedAnswer, answers_for
from appliance.desk.pages.sheet import DOUBTFUL_BELOW, QrCode
from sync.letters import DueEntry
from tests.support.read_sheets import read_sheet, reading

DUE = DueEntry("R8-1", "0000000011", (("name", "髙橋　ハナ"), ("phone", "019-000-0000")))


def test_due_list_wins_and_is_no_guess() -> None:
    """What the city already knows is only confirmed."""
    merged = answers_for([read_sheet("form_front")], DUE)
    assert merged.answers[0] == MergedAnswer("name", "髙橋　ハナ", "due_list", None)


def test_due_list_gives_the_number() -> None:
    """The insured number comes from the entry itself."""
    merged = answers_for([], DUE)
    assert merged.answers[-1] == MergedAnswer("insured_no", "0000000011", "due_list", None)


def test_variant_letters_do_not_contradict_the_due_list() -> None:
    """A scanner that reads 高 for 髙 has seen the same name."""
    merged = answers_for([read_sheet("form_front", reading("name", "高橋 ハナ"))], DUE)
    assert merged.conflicts == ()


def test_other_value_is_a_conflict_and_lowers_confidence() -> None:
    """A phone number corrected by hand is shown, not dropped."""
    merged = answers_for([read_sheet("form_front", reading("phone", "019-111-1111"))], DUE)
    assert merged.conflicts == (
        Conflict("phone", "019-000-0000", "due_list", "019-111-1111", "ocr"),
    )


def test_contradicted_value_is_doubtful() -> None:
    """Even the due list is doubtful when the paper says otherwise."""
    merged = answers_for([read_sheet("form_front", reading("phone", "019-111-1111"))], DUE)
    (phone,) = [answer for answer in merged.answers if answer.key == "phone"]
    assert phone.confidence is not None
    assert phone.confidence < DOUBTFUL_BELOW


def test_weak_reading_contradicts_nothing() -> None:
    """A reading below half is too weak to be held against the due list."""
    merged = answers_for([read_sheet("form_front", reading("phone", "019-111-1111", 0.3))], DUE)
    assert merged.conflicts == ()


def test_code_gives_insurer_and_number() -> None:
    """The number profile carries both."""
    code = QrCode("KN1|...", insurer_no="032011", insured_no="0000000022")
    merged = answers_for([read_sheet("form_front", qr=code)], None)
    assert merged.answers == (
        MergedAnswer("insured_no", "0000000022", "qr", 1.0),
        MergedAnswer("insurer_no", "032011", "qr", 1.0),
    )


def test_card_and_form_that_agree_are_sure() -> None:
    """Two doubtful readings of one number from two papers make a sure one."""
    merged = answers_for(
        [
            read_sheet("form_front", reading("insured_no", "0000000011", 0.6)),
            read_sheet("insurance_card", reading("insured_no", "0000000011", 0.7, "card")),
        ],
        None,
    )
    assert merged.answers[0].confidence == 0.98


def test_agreeing_names_stay_doubtful() -> None:
    """One engine can misread a letter the same way twice."""
    merged = answers_for(
        [
            read_sheet("form_front", reading("name", "高橋　ハナ", 0.7)),
            read_sheet("insurance_card", reading("name", "高橋　ハナ", 0.75, "card")),
        ],
        None,
    )
    assert merged.answers[0].confidence == 0.75


def test_same_source_twice_supports_nothing() -> None:
    """Two captures of one form are one witness."""
    front = read_sheet("form_front", reading("insured_no", "0000000011", 0.6))
    merged = answers_for([front, front], None)
    assert merged.answers[0].confidence == 0.6


def test_card_facts_are_certain_ones_only() -> None:
    """A doubtful reading of a card accuses nobody."""
    card = read_sheet(
        "insurance_card",
        reading("insured_no", "0000000011", 0.95, "card"),
        reading("prev_valid_to", "2026-07-31", 0.6, "card"),
    )
    assert answers_for([card], None).card == (("insured_no", "0000000011"),)


def test_individual_number_is_never_taken() -> None:
    """Not even when something claims to have read it."""
    front = read_sheet("form_front", reading("individual_no", "123456789018"))
    assert answers_for([front], None).answers == ()


def test_physicians_opinion_does_not_answer_for_the_applicant() -> None:
    """Its fields only say whose opinion it is."""
    opinion = read_sheet("physician_opinion", reading("address", "架空県"))
    assert answers_for([opinion], None).answers == ()
