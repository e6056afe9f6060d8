"""The quality gate on the counter: another picture of a sheet, the better one used, three at most."""

import asyncio

import pytest

from appliance.desk.batch import Batch
from appliance.desk.counter import Counter
from appliance.desk.partners import Refused
from appliance.desk.sheets import OTHER_PAPER, TRIES_MAX, Sheet
from appliance.mail.store import MailStore
from sync.record import decode_record
from sync.seal import open_record
from tests.support.counterworld import PIN, STAFF, CounterWorld, settled
from tests.support.madeup_papers import back, front, paper

NUMBER = ("insured_no", "0012345601", 0.99)


def card(*notes: str, sure: float = 0.99, number: str = NUMBER[1], word: str = "") -> bytes:
    """Return a card whose picture the gate remarks on."""
    field = ("insured_no", number, sure)
    return paper("insurance_card", fields=[field], notes=notes, word=word)


async def feed(world: CounterWorld, counter: Counter, *sheets: bytes) -> Batch:
    """Feed these sheets, or these pictures of the awaited one, and wait until all is read."""
    if counter.opened().batch is None:
        await counter.on_tray().declare(1, "")
    world.scanner.stack = list(sheets)
    await counter.on_tray().feed()
    await settled(counter)
    return counter.opened().current()


async def again(world: CounterWorld, counter: Counter, picture: bytes, number: int = 3) -> Sheet:
    """Ask for another picture of a sheet, feed it, and return the sheet."""
    await counter.on_tray().take_again(number)
    return (await feed(world, counter, picture)).sheet(number)


async def spoiled(world: CounterWorld, counter: Counter, *notes: str) -> Batch:
    """Feed one person whose card came out badly."""
    return await feed(world, counter, front(1), back(1), card(*notes or ("blurred",)))


async def refused(press: object) -> str:
    """Return the key of the sentence a press is refused with."""
    with pytest.raises(Refused) as caught:
        await press  # type: ignore[misc]  # any awaitable
    return caught.value.key


async def test_a_poor_picture_is_told_and_asked_for_again(
    world: CounterWorld, counter: Counter
) -> None:
    """The application waits for a look, and the sheet says how many pictures are left."""
    batch = await spoiled(world, counter)
    (item,) = batch.applications
    assert [(f.severity, f.field) for f in item.flaws if f.check == "quality"] == [
        ("warn", "insurance_card")
    ]
    assert (item.state, batch.sheet(3).tries_left) == ("look", TRIES_MAX - 1)


async def test_a_better_picture_takes_the_place_of_the_first(
    world: CounterWorld, counter: Counter
) -> None:
    """Same number, same person, nothing to look at any more; no sheet more was fed."""
    await spoiled(world, counter)
    sheet = await again(world, counter, card(word="better"))
    batch = counter.opened().current()
    assert (sheet.tries, sheet.taken, sheet.spoiled, sheet.earlier) == (2, 2, (), None)
    assert ([item.sheets for item in batch.applications], len(batch.sheets)) == ([(1, 2, 3)], 3)
    assert (batch.applications[0].state, batch.retake) == ("ready", 0)


async def test_a_worse_picture_changes_nothing_but_the_tries(
    world: CounterWorld, counter: Counter
) -> None:
    """The first stays in force, with its own pictures."""
    batch = await spoiled(world, counter)
    before = batch.sheet(3)
    page = await counter.opened().picture("page", 3)
    sheet = await again(world, counter, card("blurred", "glare"))
    assert (sheet.tries, sheet.taken, sheet.fed_sha256) == (2, 1, before.fed_sha256)
    assert await counter.opened().picture("page", 3) == page


async def test_an_unreadable_sheet_may_become_readable(
    world: CounterWorld, counter: Counter
) -> None:
    """A sheet nobody could read is fed again the same way."""
    await feed(world, counter, front(1), back(1), b"broken")
    sheet = await again(world, counter, card())
    assert (sheet.kind, counter.opened().current().loose()) == ("insurance_card", ())


async def test_after_three_pictures_it_passes_flagged(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """No fourth is asked for; the application is complete, and the record says what is wrong with the page."""
    await spoiled(world, counter)
    for word in ("2", "3"):
        await again(world, counter, card("blurred", word=word))
    batch = counter.opened().current()
    (item,) = batch.applications
    assert [f.severity for f in item.flaws if f.check == "quality"] == ["info"]
    assert (item.state, batch.sheet(3).tries) == ("ready", TRIES_MAX)
    assert await refused(counter.on_tray().take_again(3)) == "refused.step"
    await counter.on_tray().confirm_clean()
    assert await counter.on_tray().hand_in(counter.stop_here(), protective=False) == 1
    (env_id,) = [bytes.fromhex(each.env_id) for each in counter.opened().current().applications]
    record = decode_record(open_record(mail.slip(env_id), world.division, world.signer.public))
    assert record.sheets[2].quality == ("blurred",)


async def test_another_paper_never_takes_its_place(world: CounterWorld, counter: Counter) -> None:
    """Another person's card by mistake: the first picture stays, and it is said."""
    await spoiled(world, counter)
    sheet = await again(world, counter, card(number="0012345602"))
    assert sheet.reading is not None
    assert (sheet.taken, OTHER_PAPER in sheet.reading.notes) == (1, True)
    assert counter.opened().current().applications[0].value("insured_no") == NUMBER[1]


async def test_only_the_awaited_sheet_is_pulled(world: CounterWorld, counter: Counter) -> None:
    """What else lies in the feeder stays there for the next press."""
    await spoiled(world, counter)
    await counter.on_tray().take_again(3)
    batch = await feed(world, counter, card(word="better"), paper("other"))
    assert (len(batch.sheets), len(world.scanner.stack)) == (3, 1)


async def test_of_a_paper_with_both_sides_the_awaited_one_is_used(
    world: CounterWorld, counter: Counter
) -> None:
    """The back was soft: the front of the new picture is not looked at."""
    world.scanner.both = True
    soft = paper("form_back", fields=[("reference", "R00001", 0.99)], notes=["blurred"])
    await feed(world, counter, front(1), soft)
    await counter.on_tray().take_again(2)
    batch = await feed(world, counter, front(1, "x"), back(1, "x"))
    assert (batch.sheet(1).tries, batch.sheet(2).tries, batch.sheet(2).spoiled) == (1, 2, ())


async def test_nobody_is_asked_twice_for_one_that_is_left(
    world: CounterWorld, counter: Counter
) -> None:
    """A person may leave it as it is."""
    await spoiled(world, counter)
    await counter.on_tray().take_again(3)
    await counter.on_tray().leave_trouble()
    assert counter.opened().current().retake == 0


async def test_a_good_sheet_is_not_fed_again(world: CounterWorld, counter: Counter) -> None:
    """There is nothing to mend."""
    await spoiled(world, counter)
    assert await refused(counter.on_tray().take_again(1)) == "refused.step"


async def test_a_jam_leaves_the_sheet_awaited(world: CounterWorld, counter: Counter) -> None:
    """The next press tries the same sheet again."""
    await spoiled(world, counter)
    await counter.on_tray().take_again(3)
    world.scanner.jam_after = 0
    batch = await feed(world, counter, card())
    assert batch.trouble is not None
    assert (batch.trouble.cause, batch.retake, batch.sheet(3).tries) == ("jammed", 3, 1)


async def test_a_cut_while_the_second_picture_is_read_loses_neither(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """After the restart it is read, and the better one is in force."""
    await spoiled(world, counter)
    await counter.on_tray().take_again(3)
    world.reader.gate = asyncio.Event()
    world.scanner.stack = [card(word="better")]
    await counter.on_tray().feed()
    async with asyncio.timeout(60):
        while counter.opened().current().retake:  # noqa: ASYNC110 - the counter tells nobody of it
            await asyncio.sleep(0.005)
    await counter.stop()
    world.reader.gate = None
    later = world.counter(mail)
    await later.sign_in(STAFF, PIN)
    await settled(later)
    sheet = later.opened().current().sheet(3)
    assert (sheet.taken, sheet.spoiled) == (2, ())
    await later.stop()
