import asyncio

import pytest

from cityhall.office.inbox import View
from tests.support.makers import (
    RECOVERY,
    ROOT,
    make_bundle,
    make_envelope,
    make_id,
    make_opening_key,
)
from tests.support.office_world import OfficeWorld, Page
from tests.support.roots import bundle_text

TWO = (Page(page=b"one"), Page("form_back", b"two", b"small two"))


def test_a_slip_on_the_shelf_becomes_a_case(world: OfficeWorld) -> None:
    """One look takes it."""
    world.hand_in()
    assert world.arrivals.take_all() > 0
    assert [one.case.case_id for one in world.inbox.entries(View.ALL)] == [make_id(0).hex()]


def test_nothing_new_is_no_news(world: OfficeWorld) -> None:
    """Looking again changes nothing."""
    world.hand_in()
    world.arrivals.take_all()
    assert world.arrivals.take_all() == 0


def test_opening_on_arrival_leaves_an_audit_line(world: OfficeWorld) -> None:
    """The task itself is an actor with a reason."""
    world.hand_in()
    world.arrivals.take_all()
    line = world.audit.lines()[-1]
    assert (line.actor, line.action, line.reason) == ("arrivals", "case.received", "register")


def test_the_slip_alone_makes_the_case_and_pages_follow(world: OfficeWorld) -> None:
    """The record is read while the pages are still on the road."""
    envelope = world.hand_in(pages=TWO, here=[])
    world.arrivals.take_all()
    before = world.inbox.entries(View.ALL)[0]
    for index in range(4):
        world.bring(envelope, index)
    world.arrivals.take_all()
    after = world.inbox.entries(View.ALL)[0]
    assert (before.pages, before.pages_here, before.complete) == (2, 0, False)
    assert (after.pages, after.pages_here, after.complete) == (2, 2, True)


def test_a_restart_goes_on_where_it_stood(world: OfficeWorld) -> None:
    """The place on the shelf is kept with the cases, in the same file."""
    world.hand_in()
    world.arrivals.take_all()
    envelope = world.hand_in(1)
    world.arrivals.take_all()
    assert world.store.read_up_to() == world.mail.changed()
    assert world.inbox.entry(make_id(1).hex()) is not None
    assert envelope.env_id == make_id(1)


def test_a_shelf_from_a_backup_is_read_from_the_start(world: OfficeWorld) -> None:
    """What it lost stays a case; what is filed under the lost steps' numbers is seen."""
    world.hand_in()
    world.arrivals.take_all()
    for moved in range(50):
        world.store.skip(1_000 + moved)
    world.hand_in(1)
    assert world.arrivals.take_all() > 0
    assert world.store.read_up_to() == world.mail.changed()
    assert len(world.inbox.entries(View.ALL)) == 2
    assert world.arrivals.take_all() == 0


def test_what_does_not_open_is_shown_and_stops_nobody(world: OfficeWorld) -> None:
    """A stranger's seal is a red line; the next envelope is read."""
    world.file(make_envelope(7, recipients=[(make_opening_key(RECOVERY).public, 2)]))
    world.hand_in()
    world.arrivals.take_all()
    assert [one.env_id for one in world.inbox.troubles()] == [make_id(7).hex()]
    assert len(world.inbox.entries(View.ALL)) == 1


def test_what_did_not_open_is_tried_again_at_the_next_start(world: OfficeWorld) -> None:
    """The bundle did not know the box yet: nobody has to bring the application a second time."""
    world.bundle_path.write_text(bundle_text(make_bundle(2, devices=[]), ROOT))
    world.hand_in()
    world.arrivals.take_all()
    world.arrivals.retry()
    assert len(world.inbox.troubles()) == 1
    world.bundle_path.write_text(bundle_text(make_bundle(3), ROOT))
    world.arrivals.retry()
    assert world.inbox.troubles() == []
    [found] = world.inbox.entries(View.ALL)
    assert (found.case.case_id, found.complete) == (make_id(0).hex(), True)


def test_other_kinds_of_envelope_are_passed_over(world: OfficeWorld) -> None:
    """Only applications become cases."""
    world.file(make_envelope(7, kind="loss_report"))
    world.arrivals.take_all()
    assert world.inbox.entries(View.ALL) == []
    assert world.arrivals.take_all() == 0


async def test_the_screens_wake_by_themselves(world: OfficeWorld) -> None:
    """From the shelf to the board, without anybody asking."""
    watching = asyncio.create_task(world.arrivals.watch())
    numbers = world.board.numbers(heartbeat_s=90)
    await anext(numbers)
    world.hand_in()
    async with asyncio.timeout(60):
        number = await anext(numbers)
    watching.cancel()
    await numbers.aclose()
    assert number > 0
    assert world.inbox.entry(make_id(0).hex()) is not None


async def test_a_shelf_that_fails_ends_the_task(world: OfficeWorld) -> None:
    """No silent death: the process ends with it and is started afresh."""
    world.mail.changed = _broken  # type: ignore[method-assign]
    with pytest.raises(OSError, match="gone"):
        await world.arrivals.watch()


def _broken() -> int:
    raise OSError("gone")
