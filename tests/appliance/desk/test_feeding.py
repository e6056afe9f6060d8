"""Feeding a stack: papers with both sides, stops of the feeder, and from where on to feed again."""

import asyncio
import json
from pathlib import Path

import pytest

from appliance.desk.batch import INTERRUPTIONS_MAX, Batch, Trouble, stopped
from appliance.desk.counter import Counter
from appliance.desk.drafts import Drafts
from appliance.desk.refeeding import Refeed, Whose, refeed
from appliance.desk.totals import count
from appliance.desk.visit import DRAFTS_FOLDER
from appliance.mail.store import MailStore
from hardware.protocols import FeederState
from hardware.scanner.sane import SaneScanner
from procedures.definition import load
from sync.drawer import Drawer
from tests.support.batches import empty
from tests.support.counterworld import PIN, STAFF, CounterWorld, settled
from tests.support.madeup_papers import back, card, front, paper, stack
from tests.support.sane_stack import stand_in

FORM = load("care-renewal")
BLANK = paper("blank")


async def feed(world: CounterWorld, counter: Counter, sheets: list[bytes], declared: int) -> Batch:
    """Declare, feed and wait until all is read."""
    await counter.on_tray().declare(declared, "")
    world.scanner.stack = list(sheets)
    return await feed_on(counter)


async def feed_on(counter: Counter) -> Batch:
    """Press start and wait until all is read."""
    await counter.on_tray().feed()
    await settled(counter)
    return counter.opened().current()


def goes_on(batch: Batch) -> Refeed:
    """Say from where to feed again."""
    return refeed(batch, FORM)


def person(number: int) -> list[bytes]:
    """Return one person's papers with both sides: the form, and the card with an empty back."""
    return [front(number), back(number), card(number), BLANK]


async def test_both_sides_of_a_paper_count_as_one(world: CounterWorld, counter: Counter) -> None:
    """Sides are read one by one, papers are what a person counts."""
    world.scanner.both = True
    batch = await feed(world, counter, person(1), 1)
    assert [(s.place, s.side) for s in batch.sheets] == [
        (1, "front"),
        (1, "back"),
        (2, "front"),
        (2, "back"),
    ]
    assert (batch.papers, [item.sheets for item in batch.applications]) == (2, [(1, 2, 3)])


async def test_empty_backs_are_dropped_and_counted(world: CounterWorld, counter: Counter) -> None:
    """They are neither loose nor used, and the counts still agree: the same white is no paper fed twice."""
    world.scanner.both = True
    batch = await feed(world, counter, person(1) + person(2), 2)
    totals = count(batch, {})
    assert (totals.fed, totals.blank, totals.loose, totals.repeated) == (8, 2, 0, 0)
    assert totals.balanced


async def test_a_paper_fed_twice_is_told_by_both_its_sides(
    world: CounterWorld, counter: Counter
) -> None:
    """Neither side counts again."""
    world.scanner.both = True
    batch = await feed(world, counter, [*person(1)[:2], *person(1)[:2]], 1)
    assert [sheet.twice for sheet in batch.sheets] == ["", "", "#1", "#2"]


async def test_half_a_paper_is_fed_again_whole(world: CounterWorld, counter: Counter) -> None:
    """A front whose back never came is not kept: it comes again with its back."""
    world.scanner.both = True
    world.scanner.jam_after = 3
    batch = await feed(world, counter, person(1), 1)
    assert batch.trouble is not None
    assert (len(batch.sheets), goes_on(batch).paper, batch.trouble.lost) == (2, 2, 1)
    world.scanner.stack = [card(1), BLANK]
    batch = await feed_on(counter)
    assert [item.sheets for item in batch.applications] == [(1, 2, 3)]


async def test_a_driver_that_ends_on_a_front_loses_nothing(
    world: CounterWorld, counter: Counter
) -> None:
    """The side is kept alone rather than dropped."""
    world.scanner.both = True
    batch = await feed(world, counter, [front(1), back(1), card(1)], 1)
    assert len(batch.sheets) == 3


async def test_a_front_kept_without_its_back_is_fed_again(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """A cut between the two sides: the front alone is not adopted, both together are."""
    world.scanner.both = True
    await feed(world, counter, person(1)[:2], 1)
    drafts = Drafts(world.desk / DRAFTS_FOLDER, Drawer(counter.opened().file.unlock(PIN)))
    keep_side(drafts, 3, "front", card(1))
    await counter.stop()
    assert await sheets_after_restart(world, mail) == 2
    keep_side(drafts, 4, "back", BLANK)
    assert await sheets_after_restart(world, mail) == 4


def keep_side(drafts: Drafts, number: int, side: str, image: bytes) -> None:
    """Write a side as the desk does before it writes the draft's line."""
    head = json.dumps(["image/jpeg", 300, "", 2, side]).encode()
    drafts.write(f"000-{number:04}-fed", len(head).to_bytes(4, "big") + head + image)


async def sheets_after_restart(world: CounterWorld, mail: MailStore) -> int:
    """Open the visit anew and count its sides."""
    again = world.counter(mail)
    await again.sign_in(STAFF, PIN)
    await settled(again)
    kept = len(again.opened().current().sheets)
    await again.stop()
    return kept


@pytest.mark.parametrize(
    ("cause", "undelivered", "told"),
    [
        ("jammed", None, (True, 0)),
        ("double_fed", None, (True, 0)),
        ("cover_open", None, (True, 0)),
        ("hung", 0, (True, 0)),
        ("io", 1, (True, 1)),
        ("absent", 2, (True, 2)),
        ("busy", None, (False, 0)),
    ],
)
async def test_a_stop_says_what_became_of_the_paper_on_its_way(
    world: CounterWorld,
    counter: Counter,
    cause: str,
    undelivered: int | None,
    told: tuple[bool, int],
) -> None:
    """A paper that was pulled and not delivered is lost and said to be; one that may have been is said, too."""
    world.scanner.jam_after, world.scanner.cause = 2, cause
    world.scanner.undelivered = undelivered
    trouble = (await feed(world, counter, stack(1), 1)).trouble
    assert trouble is not None
    assert (trouble.cause, (trouble.in_flight, trouble.lost)) == (cause, told)


@pytest.mark.parametrize("cause", ["cover_open", "absent", "empty"])
async def test_before_the_first_sheet_nothing_is_on_its_way(
    world: CounterWorld, counter: Counter, cause: str
) -> None:
    """An open cover at the start has pulled nothing."""
    world.scanner.jam_after, world.scanner.cause = 0, cause
    batch = await feed(world, counter, stack(1), 1)
    assert batch.trouble is not None
    assert (batch.trouble.in_flight, batch.interruptions) == (False, ())


async def test_lost_papers_stay_in_the_totals(world: CounterWorld, counter: Counter) -> None:
    """Whoever closes the batch sees that one had to be fed again."""
    world.scanner.jam_after, world.scanner.cause, world.scanner.undelivered = 2, "io", 1
    await feed(world, counter, stack(1), 1)
    batch = await feed_on(counter)
    assert (batch.trouble, count(batch, {}).lost) == (None, 1)
    assert [(stop.after, stop.cause) for stop in batch.interruptions] == [(2, "io")]


async def test_a_sheet_the_disk_refused_is_lost_and_said(
    world: CounterWorld, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies in the exit; its number is the next one."""
    drafts = counter.opened().drafts
    monkeypatch.setattr("appliance.desk.drafts.FILE_MAX", 10**6)
    batch = await feed(world, counter, [front(1), bytes(2 * 10**6)], 1)
    assert batch.trouble is not None
    assert (batch.trouble.cause, batch.trouble.lost, goes_on(batch).paper) == ("disk_full", 1, 2)
    assert drafts.has("000-0001-fed")


async def test_refeeding_names_paper_person_and_page(world: CounterWorld, counter: Counter) -> None:
    """The second person still owes the back and the card, so the next paper is that person's second."""
    world.scanner.jam_after = 4
    found = goes_on(await feed(world, counter, stack(1, 2), 2))
    assert (found.paper, found.next, found.other) == (5, Whose(2, 2, "東海林　澄子"), None)
    assert found.after is not None
    assert (found.after.number, found.last) == (4, Whose(2, 1, "東海林　澄子"))


async def test_refeeding_after_a_whole_person_names_the_next(
    world: CounterWorld, counter: Counter
) -> None:
    """Nothing is owed any more: the next person's first, or one more paper of the same."""
    world.scanner.jam_after = 3
    found = goes_on(await feed(world, counter, stack(1, 2), 2))
    assert (found.paper, found.next, found.other) == (4, Whose(2, 1), Whose(1, 4, "髙﨑　𠮷雄"))


async def test_what_everybody_before_brought_is_expected_of_the_next(
    world: CounterWorld, counter: Counter
) -> None:
    """The form asks for no health card here, but each person of this stack had one."""
    health = [
        paper("medical_insurance", fields=[("insured_no", f"00123456{n:02}", 0.99)], word=str(n))
        for n in (1, 2)
    ]
    world.scanner.jam_after = 7
    found = goes_on(await feed(world, counter, [*stack(1), health[0], *stack(2), health[1]], 2))
    assert (found.paper, found.next) == (8, Whose(2, 4, "東海林　澄子"))


async def test_refeeding_says_the_paper_before_anything_is_read(
    world: CounterWorld, counter: Counter
) -> None:
    """Whose it is comes once the readers are through."""
    world.reader.gate = asyncio.Event()
    world.scanner.jam_after = 1
    await counter.on_tray().declare(1, "")
    world.scanner.stack = stack(1)
    await counter.on_tray().feed()
    async with asyncio.timeout(60):
        while counter.opened().current().trouble is None:  # noqa: ASYNC110 - the counter tells nobody of it
            await asyncio.sleep(0.005)
    found = goes_on(counter.opened().current())
    assert (found.paper, found.next) == (2, None)
    world.reader.gate.set()
    await settled(counter)
    assert goes_on(counter.opened().current()).next == Whose(1, 2, "髙﨑　𠮷雄")


async def test_refeeding_looks_past_an_empty_back(world: CounterWorld, counter: Counter) -> None:
    """The last side kept may show nothing; the paper shown is one that does."""
    world.scanner.both, world.scanner.jam_after = True, 4
    found = goes_on(await feed(world, counter, [*person(1), *person(2)], 2))
    assert found.after is not None
    assert (found.paper, found.after.number) == (3, 3)


async def test_refeeding_after_a_sheet_of_nobody_names_the_paper_only(
    world: CounterWorld, counter: Counter
) -> None:
    """Nobody's page has no next page."""
    world.scanner.jam_after = 1
    found = goes_on(await feed(world, counter, [paper("other"), *stack(1)], 1))
    assert (found.paper, found.last, found.next) == (2, None, None)


def test_interruptions_have_a_limit() -> None:
    """The newest are kept."""
    batch = empty()
    for number in range(INTERRUPTIONS_MAX + 1):
        batch = stopped(batch, Trouble(str(number), "。", ".", in_flight=True))
    assert len(batch.interruptions) == INTERRUPTIONS_MAX
    assert batch.interruptions[0].cause == "1"


def running(pid: int) -> bool:
    """Look a process up."""
    return Path("/proc", str(pid)).exists()


async def test_a_stuck_driver_blocks_neither_the_counter_nor_its_end(
    world: CounterWorld, mail: MailStore, tmp_path: Path
) -> None:
    """A backend that never answers: the counter's steps go on, and locking ends it with everything it started."""
    pid_file = tmp_path / "pid"
    program = stand_in(
        tmp_path, f"trap '' TERM; page 1; echo $$ > {pid_file}; sleep 600; sleep 600"
    )
    scanner = SaneScanner("played:0", program=program)
    world.scanner = scanner  # type: ignore[assignment]  # the real driver
    counter = await world.opened(mail)
    await counter.on_tray().declare(2, "")
    await counter.on_tray().feed()
    async with asyncio.timeout(60):
        while not counter.opened().current().sheets or not pid_file.exists():  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.01)
    assert await scanner.state() is FeederState.FEEDING
    await counter.on_tray().declare(1, "数え直した")
    async with asyncio.timeout(60):
        await counter.stop()
    assert not running(int(pid_file.read_text()))
