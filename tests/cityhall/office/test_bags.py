"""Originals at the office: a visit's list taken in, bags emptied by their number, each step with its audit line."""

import pytest

from cityhall.office.accounts import Person
from cityhall.office.bag_rows import UNNAMED
from cityhall.office.bags import PaperEvent, PaperMoveError, PaperState, allowed, move
from cityhall.office.erasing import Erasing
from cityhall.office.erasure import Reason
from cityhall.office.roles import Role
from tests.support.bus_notes import bag_list, send
from tests.support.caseworker_screen import axe_problems, caseworker_screen
from tests.support.makers import make_id
from tests.support.office_client import post, text
from tests.support.office_world import OfficeWorld

RUN = "2026-11-24-a"
CARD = "insurance_card"
CASE = make_id(0).hex()


def states(world: OfficeWorld) -> list[tuple[str, str]]:
    """Return bag and state of every original of the run."""
    return [(one.row.bag, one.row.state) for one in world.bags.of_run(RUN)]


def test_a_list_says_where_each_original_is(world: OfficeWorld) -> None:
    """The last step counts, the bag is remembered, and the same list twice is one."""
    send(world, bag_list())
    world.arrivals.take_all()
    assert states(world) == [("014", "on_the_bus"), ("015", "returned")]
    assert [step.state for step in world.bags.steps(make_id(1).hex())] == ["on_the_bus", "returned"]
    assert [line.action for line in world.audit.lines()] == ["custody.received"]


def test_a_bag_is_found_however_its_number_is_typed(world: OfficeWorld) -> None:
    """Typed without its zeros, in full-width digits: it is the same bag."""
    send(world, bag_list())
    assert [one.row.case_id for one in world.bags.in_bag(RUN, "１４")] == [CASE]


def test_what_the_office_noted_stays_when_the_list_comes_late(world: OfficeWorld) -> None:
    """The bags came by hand before the link was back: the list does not put them on the bus again."""
    send(world, bag_list())
    world.bags.note(CASE, CARD, PaperEvent.ARRIVE, "sato", world.clock.wall())
    send(world, bag_list(81))
    assert states(world)[0] == ("014", "at_city_hall")


def test_a_bag_of_a_case_without_its_list_is_expected(world: OfficeWorld) -> None:
    """The record names the bag at once; the list at the visit's end gives the paper its name."""
    world.case(card_custody="014")
    case_id = make_id(0).hex()
    ((one),) = world.bags.of_case(case_id)
    assert (one.row.paper, one.state) == (UNNAMED, PaperState.ON_THE_BUS)
    world.bags.note(case_id, UNNAMED, PaperEvent.ARRIVE, "sato", world.clock.wall())
    send(world, bag_list())
    ((named),) = world.bags.of_case(case_id)
    assert (named.row.paper, named.state) == (CARD, PaperState.AT_CITY_HALL)


@pytest.mark.parametrize("state", list(PaperState))
def test_every_state_says_what_may_follow(state: PaperState) -> None:
    """What is allowed moves, everything else changes nothing."""
    for event in PaperEvent:
        if event in allowed(state):
            assert move(state, event) is not state
        else:
            with pytest.raises(PaperMoveError):
                move(state, event)


async def test_the_officer_empties_the_bags_by_number(world: OfficeWorld) -> None:
    """Expected, arrived, and by a sentence: on no list, twice. The case shows it, with its audit line."""
    world.case(card_custody="014")
    send(world, bag_list())
    async with world.browser() as client:
        assert "届いていない袋 1 枚" in await text(client, "/bags")
        assert (await post(client, "/bags/arrived", run=RUN, bag="99"))[0] == 422
        assert await post(client, "/bags/arrived", run=RUN, bag="14") == (303, f"/bags?run={RUN}")
        assert (await post(client, "/bags/arrived", run=RUN, bag="14"))[0] == 422
        assert states(world)[0] == ("014", "at_city_hall")
        path = f"/cases/{CASE}/originals"
        assert (await post(client, path, paper=CARD, event="issue_interim"))[0] == 303
        assert "資格者証を交付済み" in await text(client, f"/cases/{CASE}")
        assert (await post(client, path, paper=CARD, event="lose"))[0] == 409
    moved = [line.detail for line in world.audit.lines() if line.action == "custody.moved"]
    assert moved == ["issue_interim", "arrive"]


def test_an_erased_case_leaves_no_original(world: OfficeWorld) -> None:
    """Its originals' rows and steps go with it."""
    world.case()
    send(world, bag_list())
    world.eraser.propose(CASE, Reason.MISTAKE, Erasing(Person("sato", Role.CASEWORKER)))
    world.eraser.confirm(CASE, Erasing(Person("kudo", Role.CHIEF)))
    assert (world.bags.of_case(CASE), world.bags.steps(CASE)) == ([], [])


async def test_the_bags_are_readable_by_all(world: OfficeWorld) -> None:
    """Axe finds nothing on the run's bags nor on the case with its original."""
    world.case(card_custody="014")
    send(world, bag_list())
    world.bags.note(CASE, CARD, PaperEvent.ARRIVE, "sato", world.clock.wall())
    async with caseworker_screen(world, Role.CASEWORKER) as screen:
        for path in ("/bags", f"/cases/{CASE}"):
            await screen.goto(path)
            assert await axe_problems(screen) == []
