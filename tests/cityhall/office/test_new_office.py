"""An office whose own files are new beside an older shelf: what was erased there is met again, and harms nothing."""

from pathlib import Path

from cityhall.office.accounts import Person
from cityhall.office.arrivals import Arrivals
from cityhall.office.board import Board
from cityhall.office.case_keys import CaseKeys
from cityhall.office.case_store import CaseStore
from cityhall.office.database import open_office
from cityhall.office.erasing import Erasing
from cityhall.office.erasure import Reason
from cityhall.office.roles import Role
from cityhall.office.vault import Vault
from tests.support.makers import counting_random, make_id
from tests.support.office_world import OfficeWorld


def test_what_was_erased_is_passed_over_by_an_office_that_never_knew_it(
    world: OfficeWorld, tmp_path: Path
) -> None:
    """office.db was lost and made anew: the shelf holds a slip's digest only, and the cases behind it are taken in."""
    world.hand_in(0)
    world.hand_in(1)
    world.arrivals.take_all()
    world.eraser.propose(
        make_id(0).hex(), Reason.RETENTION, Erasing(Person("sato", Role.CASEWORKER))
    )
    world.eraser.confirm(make_id(0).hex(), Erasing(Person("kudo", Role.CHIEF)))
    anew = open_office(tmp_path / "office anew")
    keys = CaseKeys(world.keys, anew, counting_random(80_000))
    vault = Vault(world.epochs, world.keyring, keys, world.audit)
    store = CaseStore(anew)
    arrivals = Arrivals(world.mail, store, vault, Board(), world.keyring.bundle)
    assert arrivals.take_all() > 0
    assert store.read_up_to() == world.mail.changed()
    assert keys.data_key(make_id(1)) is not None
    assert store.troubled() == []
    anew.close()
