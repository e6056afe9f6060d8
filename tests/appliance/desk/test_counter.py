"""The counter: who opens it, what a power cut leaves, what closing destroys."""

import asyncio
from datetime import timedelta

import pytest

from appliance.desk.counter import Counter
from appliance.desk.drafts import Drafts
from appliance.desk.partners import Refused
from appliance.desk.visit import DRAFTS_FOLDER, VISIT_FILE
from appliance.mail.store import MailStore
from sync.drawer import Drawer
from sync.keys import Signer
from tests.support.counterworld import OTHER, PIN, STAFF, CounterWorld, seed, settled
from tests.support.madeup_papers import card, due, front, stack


async def refused(press: object) -> str:
    """Return the key of the sentence a press is refused with."""
    with pytest.raises(Refused) as caught:
        await press  # type: ignore[misc]  # any awaitable
    return caught.value.key


async def test_a_wrong_pin_opens_nothing(world: CounterWorld, mail: MailStore) -> None:
    """Neither a wrong PIN nor an unknown person makes a visit."""
    counter = world.counter(mail)
    assert await refused(counter.sign_in(STAFF, "000000")) == "refused.pin_wrong"
    assert await refused(counter.sign_in("S-999", PIN)) == "refused.pin_wrong"
    assert counter.standing == "closed"


async def test_after_five_wrong_pins_even_the_right_one_waits(
    world: CounterWorld, mail: MailStore
) -> None:
    """Guessing is slow, also across a restart of the process."""
    counter = world.counter(mail)
    for _ in range(5):
        await refused(counter.sign_in(STAFF, "000000"))
    assert await refused(world.counter(mail).sign_in(STAFF, PIN)) == "refused.pin_wait"
    world.clock.move(61)
    await counter.sign_in(STAFF, PIN)
    assert counter.standing == "open"
    await counter.stop()


async def test_a_visit_of_one_person_is_not_opened_by_another(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """The draft belongs to who opened it."""
    await counter.stop()
    again = world.counter(mail)
    assert again.standing == "locked"
    assert await refused(again.sign_in(OTHER, "775500")) == "refused.pin_other"


async def test_a_restart_brings_the_draft_back(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """After a power cut: PIN again, and everything is where it was."""
    tray = counter.on_tray()
    await tray.declare(2, "")
    world.scanner.stack = stack(1, 2)
    await tray.feed()
    await settled(counter)
    await tray.confirm_clean()
    before = counter.opened().snapshot
    await counter.stop()
    again = world.counter(mail)
    await again.sign_in(STAFF, PIN)
    assert again.opened().snapshot == before
    assert again.opened().pack is not None
    await again.stop()


async def test_an_unknown_stop_is_refused(counter: Counter) -> None:
    """Only stops that city hall sent can be chosen."""
    assert await refused(counter.choose_stop("nowhere")) == "refused.stop_unknown"


async def test_locking_forgets_the_key_and_keeps_the_draft(counter: Counter) -> None:
    """An idle counter shows nothing and loses nothing."""
    await counter.on_tray().declare(2, "")
    await counter.lock()
    assert (counter.standing, counter.visit, counter.tray) == ("locked", None, None)
    await counter.sign_in(STAFF, PIN)
    assert counter.opened().current().declared == 2


async def test_closing_destroys_the_drafts(world: CounterWorld, counter: Counter) -> None:
    """What is left on the box names nobody."""
    await counter.on_tray().declare(1, "")
    await counter.close(anyway=False)
    assert counter.phase == "closed"
    assert not (world.desk / DRAFTS_FOLDER).exists()


async def test_closing_with_work_undone_asks_first(world: CounterWorld, counter: Counter) -> None:
    """Applications that were not handed in are not thrown away by one press."""
    tray = counter.on_tray()
    await tray.declare(1, "")
    world.scanner.stack = stack(1)
    await tray.feed()
    assert await refused(counter.close(anyway=False)) == "refused.visit_unfinished"
    await settled(counter)
    assert await refused(counter.close(anyway=False)) == "refused.visit_unfinished"
    await counter.close(anyway=True)
    assert counter.standing == "closed"


async def test_a_power_cut_while_feeding_says_from_where_to_feed(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """The sheets that were durable stay; the person is told the next number."""
    world.scanner.stack = stack(1, 2)
    world.scanner.gate = asyncio.Event()
    tray = counter.on_tray()
    await tray.declare(2, "")
    await tray.feed()
    await world.scanner.waiting.wait()
    await counter.stop()
    again = world.counter(mail)
    await again.sign_in(STAFF, PIN)
    await settled(again)
    batch = again.opened().current()
    assert batch.trouble is not None
    assert (batch.trouble.cause, len(batch.sheets), batch.feeding) == ("power_cut", 1, False)
    await again.stop()


async def test_a_sheet_whose_line_was_cut_off_is_adopted(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """The picture is written first; a cut before the draft's line loses no sheet."""
    tray = counter.on_tray()
    await tray.declare(1, "")
    world.scanner.stack = [front(1)]
    await tray.feed()
    await settled(counter)
    visit = counter.opened()
    key = visit.file.unlock(PIN)
    drafts = Drafts(world.desk / DRAFTS_FOLDER, Drawer(key))
    stored = drafts.read("000-0001-fed")
    border = 4 + int.from_bytes(stored[:4], "big")
    drafts.write("000-0002-fed", stored[:border] + card(1))
    await counter.stop()
    again = world.counter(mail)
    await again.sign_in(STAFF, PIN)
    await settled(again)
    batch = again.opened().current()
    assert [sheet.kind for sheet in batch.sheets] == ["form_front", "insurance_card"]
    assert [item.sheets for item in batch.applications] == [(1, 2)]
    await again.stop()


async def test_a_lost_draft_is_said_and_the_counter_goes_on(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """A damaged draft never locks the staff out of the box."""
    await counter.on_tray().declare(2, "")
    await counter.stop()
    (world.desk / DRAFTS_FOLDER / "visit.sealed").write_bytes(b"damaged")
    again = world.counter(mail)
    await again.sign_in(STAFF, PIN)
    assert (again.phase, again.notice) == ("stop", "notice.draft_lost")
    await again.stop()


async def test_a_disk_that_fails_removes_no_fed_sheet(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """While the visit's file is not given nothing is begun; once it is, the stack is there."""
    tray = counter.on_tray()
    await tray.declare(1, "")
    world.scanner.stack = stack(1)
    await tray.feed()
    await settled(counter)
    before = counter.opened().snapshot
    await counter.stop()
    file = world.desk / VISIT_FILE
    whole = file.rename(world.desk / "aside")
    file.mkdir()
    again = world.counter(mail)
    assert (again.standing, again.opener, again.disk_fault) == ("locked", "", "Is a directory")
    assert await refused(again.sign_in(STAFF, PIN)) == "refused.visit_unreadable"
    file.rmdir()
    whole.rename(file)
    await again.sign_in(STAFF, PIN)
    assert (again.opened().snapshot, again.disk_fault) == (before, "")
    await again.stop()


async def test_a_disk_that_fails_starts_no_empty_draft(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """A draft that is not given is never written over; nobody is let in on an empty one."""
    await counter.on_tray().declare(2, "")
    await counter.stop()
    draft = world.desk / DRAFTS_FOLDER / "visit.sealed"
    whole = draft.rename(world.desk / "aside")
    draft.mkdir()
    again = world.counter(mail)
    assert await refused(again.sign_in(STAFF, PIN)) == "refused.visit_unreadable"
    assert again.standing == "locked"
    draft.rmdir()
    whole.rename(draft)
    await again.sign_in(STAFF, PIN)
    assert again.opened().current().declared == 2
    await again.stop()


async def test_a_pack_from_a_stranger_is_no_stop(world: CounterWorld, mail: MailStore) -> None:
    """A letter counts only under a key of this city's office."""
    world.post(
        mail,
        "visit_pack",
        world.pack(due(1), stop="false"),
        signer=Signer.from_seed(seed("stranger")),
    )
    counter = world.counter(mail)
    await counter.sign_in(STAFF, PIN)
    assert [pack.content.stop for pack in await counter.packs()] == ["kitakami"]
    await counter.stop()


async def test_a_newer_pack_of_the_same_stop_replaces_the_older(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """One stop stands on the list once, with its newest due list."""
    world.post(mail, "visit_pack", world.pack(due(1), due(4)))
    packs = await counter.packs()
    assert [len(pack.content.due) for pack in packs] == [2]


async def test_stops_stand_in_the_order_of_the_day(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """The next stop is the first on the list."""
    early = world.clock.wall - timedelta(hours=3)
    world.post(mail, "visit_pack", world.pack(stop="first", starts_at=early))
    assert [pack.content.stop for pack in await counter.packs()] == ["first", "kitakami"]
