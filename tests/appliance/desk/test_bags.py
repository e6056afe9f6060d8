"""Originals and their bags: proposed, noted with time and staff, refused twice, kept over a cut, told to city hall."""

from datetime import datetime
from typing import Any

import pytest

from appliance.desk.bagtray import BagTray
from appliance.desk.batch import name
from appliance.desk.counter import Counter
from appliance.desk.custody import counts, next_bag
from appliance.desk.partners import Refused
from appliance.desk.receipts import Issuer, batch_slip
from appliance.desk.standing import look
from appliance.mail.store import MailStore
from sync.custody import CustodyList, bag_key, bag_number
from sync.notes import decode_note
from sync.seal import open_record
from tests.support.counterworld import PIN, STAFF, CounterWorld, settled
from tests.support.desk_browser import chromium, served, violations
from tests.support.desk_client import desk_client
from tests.support.madeup_papers import front, stack

CARD = "insurance_card"
ISSUER = Issuer("架空市", "介護保険課", "", "bus-01", "city.example")


async def fed(world: CounterWorld, counter: Counter, sheets: list[bytes], declared: int) -> None:
    """Declare and feed a stack, and wait until all of it is read."""
    await counter.on_tray().declare(declared, "")
    world.scanner.stack = list(sheets)
    await counter.on_tray().feed()
    await settled(counter)


async def handed(
    world: CounterWorld, counter: Counter, sheets: list[bytes], declared: int = 2
) -> None:
    """Hand a stack in as it is."""
    await fed(world, counter, sheets, declared)
    await counter.on_tray().hand_in(counter.stop_here(), protective=True)


def bags(counter: Counter) -> BagTray:
    """Return the bags of the open visit."""
    return BagTray(counter.partners, counter.opened())


async def note(counter: Counter, place: int, state: str, bag: str = "") -> None:
    """Note where the card of the n-th original is."""
    one = bags(counter).originals()[place]
    await bags(counter).note(one.app_id, one.paper, state=state, bag=bag)


def where(counter: Counter) -> list[tuple[str, str]]:
    """Return state and bag of every original."""
    return [(one.state, one.bag) for one in bags(counter).originals()]


async def refused(step: Any) -> tuple[str, dict[str, object]]:
    """Return the word of a refusal and its values."""
    with pytest.raises(Refused) as said:
        await step
    return said.value.key, said.value.values


@pytest.mark.parametrize(
    ("used", "following"),
    [([], "1"), (["4"], "5"), (["014"], "015"), (["A-9", "1"], "2"), (["7", "8", "6"], "9")],
)
def test_the_next_bag_is_the_number_after_the_last(used: list[str], following: str) -> None:
    """As wide as the last one was written, and none that was used at this stop."""
    assert next_bag(used) == following


def test_a_bag_has_one_number_however_it_is_typed() -> None:
    """Full-width, small letters and leading zeros are the same bag; a sentence is none."""
    assert bag_number(" ａ-０１４ ") == "A-014"
    assert bag_key("A-014") == bag_key("A-14")
    assert bag_number("袋14") == ""


async def test_a_clean_stack_needs_no_press_for_its_bags(
    world: CounterWorld, counter: Counter
) -> None:
    """The hand-in notes what the check page proposed, with time and staff id."""
    await fed(world, counter, stack(1, 2), 2)
    assert [one.proposed_bag for one in bags(counter).originals()] == ["1", "2"]
    await counter.on_tray().hand_in(counter.stop_here(), protective=True)
    assert where(counter) == [("bag", "1"), ("bag", "2")]
    step = counter.opened().snapshot.custody[0]
    assert (step.staff, datetime.fromisoformat(step.at)) == (STAFF, world.clock.wall)


async def test_a_typed_number_leads_the_next_ones(world: CounterWorld, counter: Counter) -> None:
    """Whoever has printed bags types one number, and the rest follows."""
    await fed(world, counter, stack(1, 2), 2)
    await note(counter, 0, "bag", "０１４")
    assert [one.bag or one.proposed_bag for one in bags(counter).originals()] == ["014", "015"]


async def test_numbers_run_on_in_the_next_stack(world: CounterWorld, counter: Counter) -> None:
    """Two stacks of one stop never get the same bag."""
    await handed(world, counter, stack(1), 1)
    await handed(world, counter, stack(2), 1)
    assert where(counter) == [("bag", "1"), ("bag", "2")]


async def test_a_bag_used_for_another_is_refused(world: CounterWorld, counter: Counter) -> None:
    """The sentence names the bag and the person whose papers are in it; nothing changes."""
    await handed(world, counter, stack(1, 2))
    said = await refused(note(counter, 1, "bag", "01"))
    assert said == ("refused.bag_used", {"bag": "01", "number": 1})
    assert where(counter)[1] == ("bag", "2")


async def test_what_is_no_number_is_refused(world: CounterWorld, counter: Counter) -> None:
    """A sentence in the field, or nothing, names no bag."""
    await handed(world, counter, stack(1), 1)
    assert (await refused(note(counter, 0, "bag", "")))[0] == "refused.bag_number"


async def test_a_card_in_a_bag_is_not_lost(world: CounterWorld, counter: Counter) -> None:
    """What the bus holds can be given back, and nothing else."""
    await handed(world, counter, stack(1), 1)
    assert (await refused(note(counter, 0, "lost")))[0] == "refused.bag_step"


async def test_a_card_that_was_not_brought_stays_with_the_filer(
    world: CounterWorld, counter: Counter
) -> None:
    """Without a card in the stack no bag is proposed, and the log says where it is."""
    await handed(world, counter, [*stack(1), front(2)])
    assert where(counter) == [("bag", "1"), ("with_filer", "")]


async def test_a_lost_card_comes_with_its_reissue_form(
    world: CounterWorld, counter: Counter
) -> None:
    """The form for a new certificate stands for the card: it is noted as lost, not as kept at home."""
    await fed(world, counter, stack(1), 1)
    (number,) = [s.number for s in counter.opened().current().sheets if s.kind == CARD]
    await counter.opened().change(lambda batch: name(batch, number, "reissue_form"))
    assert [one.proposed for one in bags(counter).originals()] == ["lost"]


async def test_a_card_is_given_back_at_the_stop(world: CounterWorld, counter: Counter) -> None:
    """After the hand-in, too: the log keeps both steps, the counts follow, the press twice is one."""
    await handed(world, counter, stack(1, 2))
    await note(counter, 0, "returned")
    await note(counter, 0, "returned")
    found = bags(counter).originals()
    assert [step.state for step in found[0].steps] == ["bag", "returned"]
    assert counts(found) == {"taken": 1, "bags": 1, "returned": 1, "with_filer": 0, "lost": 0}


async def test_a_bag_of_what_is_not_handed_in_is_a_difference(
    world: CounterWorld, counter: Counter
) -> None:
    """The list at the end names it until it is handed in or given back."""
    await fed(world, counter, stack(1), 1)
    await note(counter, 0, "bag", "7")
    assert bags(counter).originals()[0].difference == "not_handed"
    await note(counter, 0, "returned")
    assert bags(counter).originals()[0].difference == ""


async def test_a_cut_loses_no_bag(world: CounterWorld, counter: Counter, mail: MailStore) -> None:
    """The log stands in the sealed draft: a box that starts anew knows every bag."""
    await fed(world, counter, stack(1), 1)
    await note(counter, 0, "bag", "14")
    await counter.stop()
    again = world.counter(mail)
    await again.sign_in(STAFF, PIN)
    try:
        assert where(again) == [("bag", "14")]
    finally:
        await again.stop()


async def test_the_receipt_names_the_bag_and_what_is_shown_meanwhile(
    world: CounterWorld, counter: Counter
) -> None:
    """Bag, papers kept, and the sentence on the interim certificate, for as long as the card is here."""
    await handed(world, counter, [*stack(1), front(2)])
    one, two = await people(counter)
    assert (one.bag, one.originals, one.interim) == ("1", ("介護保険被保険者証",), True)
    assert (two.bag, two.custody[0][1], two.interim) == ("", "with_filer", False)
    await note(counter, 0, "returned")
    assert [(p.bag, p.interim) for p in await people(counter)] == [("", False), ("", False)]


async def people(counter: Counter) -> tuple[Any, ...]:
    """Return the receipts of the people of the newest stack."""
    visit, partners = counter.opened(), counter.partners
    standing = await look(partners.mail, visit.current())
    return batch_slip(visit, visit.current(), standing, partners.procedure, ISSUER).people


async def test_the_list_goes_to_city_hall_at_the_end(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Sealed once, with every step, its time and who noted it."""
    await handed(world, counter, stack(1), 1)
    await note(counter, 0, "returned")
    app_id = counter.opened().current().applications[0].app_id
    await counter.close(anyway=False)
    (row,) = [row for row in mail.outbox() if row.kind == "custody"]
    told = decode_note(open_record(mail.slip(row.env_id), world.division, world.signer.public))
    assert isinstance(told, CustodyList)
    assert [(s.case_id.hex(), s.paper, s.state, s.bag, s.staff) for s in told.steps] == [
        (app_id, CARD, "bag", "1", STAFF),
        (app_id, CARD, "returned", "", STAFF),
    ]


async def test_the_page_refuses_a_number_with_a_sentence(
    world: CounterWorld, counter: Counter
) -> None:
    """Typed twice, the second is told whose bag it is; the list is there to print."""
    await handed(world, counter, stack(1, 2))
    second = bags(counter).originals()[1]
    async with desk_client(counter) as desk:
        page = await desk.page("/bags")
        assert "お預かりした原本 2 点、袋 2 枚。" in page
        assert "資格者証は、この車では印刷しません。" in page
        status, _ = await desk.press(
            "/bags", application=second.app_id, paper=second.paper, state="bag", bag="1"
        )
        assert status == 422
        pressed = await desk.press(
            "/bags", application=second.app_id, paper=second.paper, state="bag", bag="30"
        )
        assert pressed == (303, "/bags")
        assert "お預かりした原本 2 点、袋 2 枚。" in await desk.page("/visit/close")


async def test_the_hand_over_list_is_a_document(world: CounterWorld, counter: Counter) -> None:
    """One line an original, without a printer straight to the browser."""
    await handed(world, counter, stack(1), 1)
    async with desk_client(counter) as desk:
        assert await desk.press("/bags/print") == (303, "/bags/list.pdf")
        assert (await desk.document("/bags/list.pdf"))[:5] == b"%PDF-"


async def test_the_page_of_bags_is_for_everybody(world: CounterWorld, counter: Counter) -> None:
    """No finding of axe, with bags, a card given back and one not brought."""
    await handed(world, counter, [*stack(1, 2), front(3)], 3)
    await note(counter, 0, "returned")
    async with served(counter) as address, chromium() as page:
        found = {}
        await page.goto(f"{address}/visit")
        await page.fill("#pin", PIN)
        async with page.expect_navigation():
            await page.locator("form[action='/visit'] button.button-main").click()
        for lang in ("ja", "en"):
            await page.goto(f"{address}/bags?lang={lang}")
            for path in ("/bags", "/receipts", "/visit/close"):
                await page.goto(address + path)
                found[lang, path] = await violations(page)
    assert not any(found.values()), found


async def test_the_card_of_what_is_not_handed_in_is_in_no_bag(
    world: CounterWorld, counter: Counter
) -> None:
    """Who waits for a look keeps the card: only the one that goes is noted, the other is still proposed."""
    await fed(world, counter, stack(1, 2), 2)
    tray = counter.on_tray()
    first, second = counter.opened().current().applications
    await tray.confirm(first.app_id)
    assert await tray.hand_in(counter.stop_here(), protective=False) == 1
    steps = counter.opened().snapshot.custody
    assert {step.app_id for step in steps} == {first.app_id}
    assert {one.app_id for one in bags(counter).originals() if not one.state} == {second.app_id}
