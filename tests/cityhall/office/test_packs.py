"""What of a person's last application goes with the next visit, who is told of it, and how much a letter holds."""

from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest

from cityhall.office.casework import Who
from cityhall.office.last_cases import LastCases
from cityhall.office.packs import with_last_cases, with_pending
from procedures.definition import load, read
from procedures.errors import ProcedureError
from sync.letters import LETTER_BYTES_MAX, DueEntry, LastCase, encode_letter
from tests.cityhall.office.test_casework import pack
from tests.support.makers import make_id, make_record
from tests.support.office_world import OfficeWorld, a_defect, make_answers

SATO = Who("sato", "127.0.0.1")
FORM = make_record(0).procedure
KEYS = ("physician.name", "survey.phone")


def last_cases(world: OfficeWorld, keys: tuple[str, ...] = KEYS) -> LastCases:
    """Return the last cases of that office, these fields being allowed."""
    return LastCases(world.database, world.mail, world.vault, lambda _form: keys)


def accepted(world: OfficeWorld, n: int = 0, **answers: str) -> str:
    """Hand in and accept a case of the same person."""
    told = {
        "insured_no": "1111111112",
        **{key.replace("__", "."): text for key, text in answers.items()},
    }
    case = world.case(n, answers=told)
    world.casework.accept(case, SATO)
    return case


def test_the_newest_accepted_case_is_carried_over(world: OfficeWorld) -> None:
    """Only the fields the form names, with the day it counted from."""
    accepted(world, 0, physician__name="及川　章", survey__phone="")
    accepted(world, 1, physician__name="村上　静香", survey__phone="090-0000-1111")
    found = last_cases(world).of(FORM, "1111111112", SATO)
    assert found == LastCase(
        date(2026, 11, 24), (("physician.name", "村上　静香"), ("survey.phone", "090-0000-1111"))
    )


def test_a_case_nobody_accepted_tells_nothing(world: OfficeWorld) -> None:
    """It may be wrong, or another person's."""
    world.case(0, answers={"insured_no": "1111111112", "physician.name": "及川　章"})
    assert last_cases(world).of(FORM, "1111111112", SATO) is None


@pytest.mark.parametrize(
    ("form", "number", "keys"),
    [
        ("nursery", "1111111112", KEYS),
        (FORM, "2222222223", KEYS),
        (FORM, "1111111112", ()),
        (FORM, "", KEYS),
    ],
)
def test_nothing_without_a_case_of_this_form_and_number(
    world: OfficeWorld, form: str, number: str, keys: tuple[str, ...]
) -> None:
    """Another form, another person, nothing allowed, nobody named: no case is opened."""
    accepted(world, physician__name="及川　章")
    before = len(world.audit.lines())
    assert last_cases(world, keys).of(form, number, SATO) is None
    assert len(world.audit.lines()) == before


def test_a_doubtful_answer_is_not_carried_over(world: OfficeWorld) -> None:
    """Nor one that a deficiency is about."""
    answers = {"insured_no": "1111111112", "physician.name": "及川　章", "survey.phone": "1"}
    case = world.case(0, answers=answers, defects=(a_defect("physician.name"),))
    world.casework.accept(case, SATO)
    found = last_cases(world).of(FORM, "1111111112", SATO)
    assert found is not None
    assert found.answers == (("survey.phone", "1"),)


def test_the_audit_says_who_opened_the_last_case(world: OfficeWorld) -> None:
    """Before anything of it is seen."""
    case = accepted(world, physician__name="及川　章")
    last_cases(world).of(FORM, "1111111112", SATO)
    line = world.audit.lines()[0]
    assert (line.actor, line.action, line.case_id, line.reason) == (
        "sato",
        "case.carried",
        case,
        "visit_pack",
    )


def test_a_case_that_does_not_open_any_more_is_none(world: OfficeWorld) -> None:
    """Its key was erased."""
    case = accepted(world, physician__name="及川　章")
    world.case_keys.erase(case)
    for path in world.division.iterdir():
        path.unlink()
    assert last_cases(world).of(FORM, "1111111112", SATO) is None


def entry(number: int, until: str) -> DueEntry:
    """Return somebody who is due."""
    return DueEntry(f"R{number}", f"{number:010}", (("prev_valid_to", until),))


def test_a_full_letter_keeps_the_most_urgent() -> None:
    """Everybody stays on the list; who is due last goes without the last case."""
    last = LastCase(date(2025, 8, 20), (("physician.address", "町" * 1000),))
    due = tuple(entry(n, f"2026-{12 - n % 3:02}-28") for n in range(100))
    made = with_last_cases(replace(pack(), due=due), lambda _number: last)
    assert len(encode_letter(made.pack)) <= LETTER_BYTES_MAX
    assert made.carried + made.left_out == len(made.pack.due) == 100
    assert made.left_out
    without = {dict(one.answers)["prev_valid_to"] for one in made.pack.due if one.last is None}
    assert "2026-10-28" not in without


def test_the_last_byte_is_used() -> None:
    """At the limit it fits, one byte below it does not."""
    last = LastCase(date(2025, 8, 20), (("phone", "019-651-0000"),))
    whole = replace(pack(), due=(replace(entry(1, "2026-12-31"), last=last),))
    size = len(encode_letter(whole))
    bare = replace(pack(), due=(entry(1, "2026-12-31"),))
    assert with_last_cases(bare, lambda _number: last, size).carried == 1
    assert with_last_cases(bare, lambda _number: last, size - 1).left_out == 1


def test_the_forms_say_what_may_be_carried() -> None:
    """Who cares and whom to call; never a consent, a stay, a date or who the person is."""
    carried = set(load("care-renewal").carried)
    assert {"physician.name", "survey.contact", "survey.phone"} <= carried
    assert not {"name", "birth_date", "prev_valid_to", "consent_disclosure"} & carried


def test_fail__a_form_carries_only_its_own_fields() -> None:
    """The checker names place, rule, fact and remedy."""
    text = (files("procedures") / "care-renewal.toml").read_text(encoding="utf-8")
    with pytest.raises(ProcedureError, match="carried") as refused:
        read(text.replace('"physician.dept",', '"physician.dep",', 1), "x.toml")
    assert "'physician.dep' is none" in str(refused.value)


def test_version_one_belongs_to_its_own_record(world: OfficeWorld) -> None:
    """A correction's answers are carried over, too."""
    case = world.case(0, answers={"insured_no": "1111111112", "physician.name": "及川　章"})
    later = replace(
        make_record(
            1, answers=make_answers(1, {"insured_no": "1111111112", "physician.name": "村上"})
        ),
        completes_case=make_id(0),
    )
    world.hand_in(1, record=later)
    world.arrivals.take_all()
    world.casework.accept(case, SATO)
    found = last_cases(world).of(FORM, "1111111112", SATO)
    assert found is not None
    assert dict(found.answers)["physician.name"] == "村上"


@pytest.mark.parametrize(
    ("today", "found"), [(date(2026, 12, 31), {"1111111112"}), (date(2027, 1, 1), set())]
)
def test_a_registered_case_is_pending_until_its_validity_ends(
    world: OfficeWorld, today: date, found: set[str]
) -> None:
    """From then on it is last time's."""
    accepted(world, prev_valid_to="2026-12-31")
    numbers = ["1111111112", "2222222223", ""]
    assert world.inbox.pending(numbers, today) == found


def test_the_pack_names_whose_case_is_undecided(world: OfficeWorld) -> None:
    """Handed in or asked about: the next visit is told."""
    world.case(0, answers={"insured_no": "0000000001"})
    due = (entry(1, "2026-12-31"), entry(2, "2026-12-31"))
    made = with_pending(
        replace(pack(), due=due), lambda numbers: world.inbox.pending(numbers, date(2030, 1, 1))
    )
    assert made.pending == ("0000000001",)
