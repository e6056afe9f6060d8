"""One certificate's way: into its bag at the stop, up with its list, emptied at city hall, an interim one issued."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.desk.bagtray import BagTray
from cityhall.office.bags import PaperEvent
from tests.support.both_ends import BothEnds
from tests.support.counterworld import CounterWorld, settled
from tests.support.madeup_papers import due, stack


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[BothEnds]:
    """Give both ends, with one pack on board."""
    bus = CounterWorld(tmp_path / "box").enrol()
    mail = bus.open_mail()
    made = BothEnds(bus, mail, tmp_path / "hall")
    made.post_pack(bus.pack(due(1), due(2)))
    made.down()
    yield made
    made.close()
    mail.close()


async def test_a_card_goes_from_the_desk_to_its_interim_certificate(ends: BothEnds) -> None:
    """Two cards in bags, one given back at the stop; city hall expects, empties and notes each in its own state."""
    counter = await ends.bus.opened(ends.mail)
    await counter.on_tray().declare(2, "")
    ends.bus.scanner.stack = stack(1, 2)
    await counter.on_tray().feed()
    await settled(counter)
    bags = BagTray(counter.partners, counter.opened())
    first, second = bags.originals()
    await bags.note(first.app_id, first.paper, state="bag", bag="014")
    await counter.on_tray().hand_in(counter.stop_here(), protective=True)
    run = counter.stop_here().run
    ends.up()
    of_run = ends.hall.bags.of_run
    assert [(one.row.bag, one.row.state) for one in of_run(run)] == [
        ("014", "on_the_bus"),
        ("015", "on_the_bus"),
    ]
    await bags.note(second.app_id, second.paper, state="returned", bag="")
    await counter.close(anyway=False)
    ends.up()
    ends.up()
    assert [one.row.state for one in of_run(run)] == ["on_the_bus", "returned"]
    (paper,) = ends.hall.bags.in_bag(run, "14")
    assert paper.case is not None
    case_id, now = paper.row.case_id, ends.bus.clock.now().wall
    assert (case_id, paper.row.paper) == (first.app_id, "insurance_card")
    ends.hall.bags.note(case_id, paper.row.paper, PaperEvent.ARRIVE, "sato", now)
    ends.hall.bags.note(case_id, paper.row.paper, PaperEvent.ISSUE_INTERIM, "sato", now)
    assert [(step.state, step.bag) for step in ends.hall.bags.steps(case_id)] == [
        ("on_the_bus", "014"),
        ("at_city_hall", "014"),
        ("interim_issued", "014"),
    ]
