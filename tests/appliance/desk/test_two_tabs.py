"""A page that was left open beside another: its buttons press for the case it shows, or for none."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from appliance.desk.snapshot import BATCHES_MAX
from appliance.mail.store import MailStore
from tests.appliance.desk.test_form_pages import fill, kiosk, opened, read_paper, records
from tests.support.counterworld import CounterWorld
from tests.support.desk_client import DeskClient


@pytest.fixture
async def desk(world: CounterWorld, mail: MailStore) -> AsyncIterator[DeskClient]:
    """Return a browser inside a visit that takes all eight procedures."""
    async with opened(world, mail) as client:
        yield client


async def test_an_answer_for_one_person_never_reaches_another(
    world: CounterWorld, desk: DeskClient
) -> None:
    """The first case's page is pressed once a second case is in work: nothing is kept, and that is said."""
    await desk.press("/forms", procedure="nursery")
    page = "/form/topics/household"
    first = kiosk(world).opened().current().batch_id
    assert f'name="batch_here" value="{first}"' in await desk.page(page)
    await desk.press(page, single_parent="yes", batch_here=first)
    await desk.press("/forms", procedure="nursery")
    status, html = await desk.press(page, single_parent="no", batch_here=first)
    assert status == 422
    assert "ほかの手続きに移っています" in html
    assert kiosk(world).opened().current().applications[0].typed == ()
    await desk.press("/forms/go-on", batch=first)
    assert (await desk.press(page, single_parent="no", batch_here=first))[0] == 303


async def test_a_stacks_button_hands_in_no_single_case(
    world: CounterWorld, desk: DeskClient
) -> None:
    """The stack's page stayed open: its press would seal a one-stop case as a whole, for every department."""
    await fill(desk, "bereavement")
    assert (await desk.press("/batch/hand-in", confirmed="1", protective="1"))[0] == 422
    assert not any(item.handed for item in kiosk(world).opened().current().applications)


async def test_an_answer_in_the_midst_of_a_hand_in_joins_no_departments(
    world: CounterWorld, mail: MailStore, desk: DeskClient
) -> None:
    """What is typed while the case is handed in comes before or after, never between its parting and its sealing."""
    await fill(desk, "bereavement")
    counter = kiosk(world)
    forms = counter.on_forms()
    await asyncio.gather(
        forms.hand_in(counter.stop_here()),
        forms.answer({"deceased.name": "髙橋　次郎"}),
        return_exceptions=True,
    )
    found = records(world, mail)
    assert len(found) > 1
    assert all("department" in {answer.key for answer in record.answers} for record in found)


async def test_a_paper_known_by_other_kinds_goes_to_its_department_alone(
    world: CounterWorld, mail: MailStore, desk: DeskClient
) -> None:
    """The proof of the funeral is a letter or a receipt: fed, it is not missed, and one department gets it."""
    await fill(desk, "bereavement")
    await read_paper(world, desk, "funeral_proof")
    item = kiosk(world).opened().current().applications[0]
    assert "funeral_proof" not in {flaw.field for flaw in item.flaws}
    await desk.press("/form/hand-in", confirmed="1")
    with_pages = [record for record in records(world, mail) if record.sheets]
    told = [{a.key: a.value for a in record.answers}["department"] for record in with_pages]
    assert told == ["健康保険課"]


async def test_a_case_never_begun_gives_way_to_the_next(
    world: CounterWorld, desk: DeskClient
) -> None:
    """A button pressed again and again leaves one case; what was begun stays beside the new one."""
    for _ in range(3):
        await desk.press("/forms", procedure="nursery")
    assert len(kiosk(world).opened().snapshot.batches) == 1
    await desk.press("/form/topics/household", single_parent="no")
    await desk.press("/forms", procedure="nursery")
    assert len(kiosk(world).opened().snapshot.batches) == 2


async def test_fail__more_cases_than_a_visit_takes(world: CounterWorld, desk: DeskClient) -> None:
    """Said in words; the case in work stays."""
    await desk.press("/forms", procedure="nursery")
    await desk.press("/form/topics/household", single_parent="no")
    visit = kiosk(world).opened()
    many = visit.snapshot.batches * BATCHES_MAX
    await visit.alter(lambda snapshot: replace(snapshot, batches=many))
    status, html = await desk.press("/forms", procedure="nursery")
    assert status == 422
    assert "300件まで" in html
    assert len(visit.snapshot.batches) == BATCHES_MAX
