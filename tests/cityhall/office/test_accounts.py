from datetime import timedelta
from pathlib import Path

import pytest

from cityhall.office.accounts import (
    FAILURES_UNTIL_LOCK,
    LOCK,
    AccountError,
    LockedOutError,
    SignInRefusedError,
)
from cityhall.office.roles import Role
from tests.support.office_world import OfficeWorld

WRONG = "000000"


def test_right_name_password_and_code_sign_in(world: OfficeWorld) -> None:
    """All three together tell who it is."""
    made = world.account("sato", Role.CHIEF)
    person = world.accounts.check("sato", made.password, world.code(made))
    assert (person.name, person.role) == ("sato", Role.CHIEF)


@pytest.mark.parametrize("what", ["name", "password", "code"])
def test_one_wrong_part_is_refused_with_the_same_words(world: OfficeWorld, what: str) -> None:
    """The answer does not tell which part was wrong."""
    made = world.account()
    parts = {"name": "sato", "password": made.password, "code": world.code(made)}
    parts[what] = WRONG
    with pytest.raises(SignInRefusedError, match="name, password and code must fit"):
        world.accounts.check(parts["name"], parts["password"], parts["code"])


def test_a_code_works_once(world: OfficeWorld) -> None:
    """A code seen over a shoulder opens nothing a second time."""
    made = world.account()
    world.accounts.check("sato", made.password, world.code(made))
    with pytest.raises(SignInRefusedError):
        world.accounts.check("sato", made.password, world.code(made))


def test_the_next_code_works_after_that(world: OfficeWorld) -> None:
    """Half a minute later the same person signs in again."""
    made = world.account()
    world.accounts.check("sato", made.password, world.code(made))
    world.clock.move(timedelta(seconds=30))
    assert world.accounts.check("sato", made.password, world.code(made)).name == "sato"


@pytest.mark.parametrize(("late", "works"), [(30, True), (90, False)])
def test_a_phone_may_be_half_a_minute_late(world: OfficeWorld, late: int, works: bool) -> None:  # noqa: FBT001 - a table's cell
    """The step before counts too, an older one does not."""
    made = world.account()
    code = world.code(made)
    world.clock.move(timedelta(seconds=late))
    if works:
        assert world.accounts.check("sato", made.password, code).name == "sato"
    else:
        with pytest.raises(SignInRefusedError):
            world.accounts.check("sato", made.password, code)


def fail(world: OfficeWorld, times: int) -> None:
    """Type the wrong things a number of times."""
    for _ in range(times):
        with pytest.raises(SignInRefusedError):
            world.accounts.check("sato", WRONG, WRONG)


def test_too_many_failures_lock_the_account(world: OfficeWorld) -> None:
    """After the named number even the right secrets wait."""
    made = world.account()
    fail(world, FAILURES_UNTIL_LOCK)
    with pytest.raises(LockedOutError):
        world.accounts.check("sato", made.password, world.code(made))


def test_one_failure_less_does_not_lock(world: OfficeWorld) -> None:
    """At the limit minus one the right secrets still open."""
    made = world.account()
    fail(world, FAILURES_UNTIL_LOCK - 1)
    assert world.accounts.check("sato", made.password, world.code(made)).name == "sato"


def test_the_lock_ends_by_itself(world: OfficeWorld) -> None:
    """After the named time the account opens again."""
    made = world.account()
    fail(world, FAILURES_UNTIL_LOCK)
    world.clock.move(LOCK)
    assert world.accounts.check("sato", made.password, world.code(made)).name == "sato"


def test_signing_in_forgets_the_failures(world: OfficeWorld) -> None:
    """Mistakes of one morning do not add up over weeks."""
    made = world.account()
    fail(world, FAILURES_UNTIL_LOCK - 1)
    world.accounts.check("sato", made.password, world.code(made))
    fail(world, FAILURES_UNTIL_LOCK - 1)
    world.clock.move(timedelta(seconds=30))
    assert world.accounts.check("sato", made.password, world.code(made)).name == "sato"


@pytest.mark.parametrize("name", ["", "x" * 41, "a\nb"])
def test_fail__names(world: OfficeWorld, name: str) -> None:
    """A name is short and printable."""
    with pytest.raises(AccountError, match="1 to 40"):
        world.account(name)


def test_a_name_is_used_once(world: OfficeWorld) -> None:
    """A second account of the same name is refused, the first stays."""
    made = world.account()
    with pytest.raises(AccountError, match="exists"):
        world.account()
    assert world.accounts.check("sato", made.password, world.code(made)).name == "sato"


def test_a_removed_account_does_not_open(world: OfficeWorld) -> None:
    """Removing takes effect at once."""
    made = world.account()
    world.accounts.remove("sato")
    with pytest.raises(SignInRefusedError):
        world.accounts.check("sato", made.password, world.code(made))


def test_removing_nobody_says_so(world: OfficeWorld) -> None:
    """A typing mistake on the command line is not silent."""
    with pytest.raises(AccountError, match="no 'ito'"):
        world.accounts.remove("ito")


def test_no_secret_lies_in_the_file_readable(world: OfficeWorld, tmp_path: Path) -> None:
    """The password is kept as a hash only."""
    made = world.account()
    files = b"".join(one.read_bytes() for one in (tmp_path / "office").iterdir())
    assert made.password.encode() not in files


def test_the_file_is_for_this_user_only(world: OfficeWorld) -> None:
    """Other users of the machine cannot read the office's file."""
    assert world.database.path.stat().st_mode & 0o077 == 0
