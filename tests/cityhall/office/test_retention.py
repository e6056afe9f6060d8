from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cityhall.office.accounts import Person
from cityhall.office.casework import Who
from cityhall.office.erasing import Erasing
from cityhall.office.erasure import Reason
from cityhall.office.retention import Policy, find_due, free_from, read_policy
from cityhall.office.roles import Role
from tests.support.makers import make_id
from tests.support.office_world import OfficeWorld

LATER = datetime(2032, 4, 1, 0, 0, tzinfo=UTC)
CASE = make_id(0).hex()


@pytest.mark.parametrize(
    ("decided", "free"),
    [
        (date(2026, 4, 1), date(2032, 4, 1)),
        (date(2026, 11, 24), date(2032, 4, 1)),
        (date(2027, 3, 31), date(2032, 4, 1)),
        (date(2027, 4, 1), date(2033, 4, 1)),
    ],
)
def test_the_years_count_from_the_april_after_the_decision(decided: date, free: date) -> None:
    """Five years behind the fiscal year of the decision."""
    assert free_from(decided, 5) == free


def test_the_sample_policy_keeps_a_renewal_for_five_years() -> None:
    """And it says that it is fictitious."""
    policy = read_policy()
    assert policy.years["care-renewal"] == 5
    assert "架空" in policy.name


def test_a_decided_case_is_due_on_its_day_and_proposed_once(world: OfficeWorld) -> None:
    """Not a day before; once proposed it is named no more, and it is still whole."""
    world.case()
    world.case(1)
    world.casework.accept(CASE, Who("sato", ""))
    policy = read_policy()
    assert find_due(world.database, policy, LATER.replace(month=3, day=30)) == []
    [found] = find_due(world.database, policy, LATER)
    assert (found.case_id, found.since) == (CASE, date(2032, 4, 1))
    world.eraser.propose(CASE, Reason.RETENTION, Erasing(Person("sato", Role.CASEWORKER)))
    assert find_due(world.database, policy, LATER) == []
    assert world.casework.entry(CASE)


def test_a_form_the_policy_does_not_name_is_never_due(world: OfficeWorld) -> None:
    """What nobody decided about stays."""
    world.case()
    world.casework.accept(CASE, Who("sato", ""))
    policy = Policy(name="x", name_en="x", version="1", years={"nursery": 1})
    assert find_due(world.database, policy, LATER) == []


@pytest.mark.parametrize("years", ["0", "101", "-1", '"five"'])
def test_fail__years_that_are_none(tmp_path: Path, years: str) -> None:
    """A typing mistake is found before anything is proposed."""
    path = tmp_path / "policy.toml"
    path.write_text(f'name = "x"\nname_en = "x"\nversion = "1"\n[years]\nnursery = {years}\n')
    with pytest.raises(ValueError, match=r"years|nursery"):
        read_policy(path)
