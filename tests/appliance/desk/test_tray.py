"""The batch on the counter, with real keys, shelf and seal, and made-up paper."""

from hashlib import sha256
from typing import Any

import pytest

from appliance.desk.batch import Phase
from appliance.desk.counter import Counter
from appliance.desk.partners import Refused
from appliance.mail.models import Kept
from appliance.mail.store import MailStore
from sync.clock import ClockQuality
from sync.receipt import read_receipt
from sync.record import decode_record
from sync.seal import open_part, open_record
from tests.support.counterworld import PIN, STAFF, CounterWorld, settled
from tests.support.madeup_papers import back, card, front, paper, stack


async def feed(world: CounterWorld, counter: Counter, sheets: list[bytes], count: int = 3) -> None:
    """Declare a count, feed a stack and wait until it is put together."""
    tray = counter.on_tray()
    await tray.declare(count, "")
    world.scanner.stack = list(sheets)
    await tray.feed()
    await settled(counter)


async def hand_in(counter: Counter, *, protective: bool = True) -> int:
    """Confirm what is clean and hand in."""
    await counter.on_tray().confirm_clean()
    return await counter.on_tray().hand_in(counter.stop_here(), protective=protective)


async def refused(press: object) -> str:
    """Return the key of the sentence a press is refused with."""
    with pytest.raises(Refused) as caught:
        await press  # type: ignore[misc]  # any awaitable
    return caught.value.key


async def test_a_clean_stack_becomes_one_application_a_person(
    world: CounterWorld, counter: Counter
) -> None:
    """Front, back and card of each person come together without a press."""
    await feed(world, counter, stack(1, 2, 3))
    batch = counter.opened().current()
    assert [item.sheets for item in batch.applications] == [(1, 2, 3), (4, 5, 6), (7, 8, 9)]
    assert [item.state for item in batch.applications] == ["ready", "ready", "look"]


async def test_only_sheets_nobody_expects_are_read_by_their_writing(
    world: CounterWorld, counter: Counter
) -> None:
    """A form whose code stands on the due list needs no character recognition."""
    await feed(world, counter, [front(1), front(9), card(1)])
    assert sorted(world.reader.asked) == [False, True, True]


async def test_one_press_confirms_the_clean_ones_only(
    world: CounterWorld, counter: Counter
) -> None:
    """What misses something waits for a person's look."""
    await feed(world, counter, stack(1, 2, 3))
    await counter.on_tray().confirm_clean()
    states = [item.state for item in counter.opened().current().applications]
    assert states == ["confirmed", "confirmed", "look"]


async def test_hand_in_leaves_what_nobody_confirmed(world: CounterWorld, counter: Counter) -> None:
    """Without the protective press only confirmed applications go."""
    await feed(world, counter, stack(1, 2, 3))
    assert await hand_in(counter, protective=False) == 2
    assert counter.opened().current().phase is Phase.CHECKING


async def test_a_protective_hand_in_keeps_the_date_of_the_incomplete(
    world: CounterWorld, counter: Counter
) -> None:
    """A block never turns a person away: it is named, and the application is filed."""
    await feed(world, counter, [front(1), *stack(2)], 2)
    batch = counter.opened().current()
    assert batch.applications[0].state == "blocked"
    assert await hand_in(counter) == 2
    handed = counter.opened().current().applications[0].handed
    assert handed is not None
    assert handed.protective


async def test_the_office_opens_exactly_what_was_confirmed(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Answers, defects and both pictures of each sheet come out of the seal as they went in."""
    await feed(world, counter, stack(1), 1)
    await hand_in(counter)
    item = counter.opened().current().applications[0]
    env_id = bytes.fromhex(item.env_id)
    slip = mail.slip(env_id)
    record = decode_record(open_record(slip, world.division, world.signer.public))
    assert record.record_id.hex() == item.app_id
    assert {a.key: a.value for a in record.answers} == dict(item.values())
    assert [note.kind for note in record.sheets] == ["form_front", "form_back", "insurance_card"]
    for index, number in enumerate(item.sheets):
        for role, part in (("preview", index), ("page", index + len(item.sheets))):
            opened = open_part(slip, part, mail.part(env_id, part), world.division)
            assert opened == await counter.opened().picture(role, number)


KINDS = frozenset({"form_front", "form_back", "insurance_card"})


async def test_originals_go_with_their_pages(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Behind previews and pages, each named by the record with its digest; the office opens the very picture."""
    world.reader.originals = KINDS
    sheets = stack(1)
    await feed(world, counter, sheets, 1)
    await hand_in(counter)
    env_id = bytes.fromhex(counter.opened().current().applications[0].env_id)
    slip = mail.slip(env_id)
    record = decode_record(open_record(slip, world.division, world.signer.public))
    for place, (note, fed) in enumerate(zip(record.sheets, sheets, strict=True)):
        assert note.original is not None
        assert note.original.sha256 == sha256(fed).digest()
        part = 2 * len(sheets) + place
        assert open_part(slip, part, mail.part(env_id, part), world.division) == fed


@pytest.mark.parametrize(("kinds", "free"), [(KINDS - {"form_front"}, 10**12), (KINDS, 10**9)])
async def test_all_sheets_bring_an_original_or_none(
    world: CounterWorld, counter: Counter, mail: MailStore, kinds: frozenset[str], free: int
) -> None:
    """A front whose number was not found has none, so none goes; nor does one when the disk is rather full."""
    world.reader.originals = kinds
    await feed(world, counter, stack(1), 1)
    mail._free_bytes = lambda: free
    await hand_in(counter)
    env_id = bytes.fromhex(counter.opened().current().applications[0].env_id)
    record = decode_record(open_record(mail.slip(env_id), world.division, world.signer.public))
    assert {note.original for note in record.sheets} == {None}
    assert mail.originals_left() == 0


async def test_the_receipt_names_the_envelope_on_the_shelf(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """The receipt verifies under the city's bundle and binds the sealed application."""
    await feed(world, counter, stack(1), 1)
    await hand_in(counter)
    handed = counter.opened().current().applications[0].handed
    assert handed is not None
    told = read_receipt(bytes.fromhex(handed.receipt), world.bundle())
    row = mail.outbox()[0]
    assert (told.env_id, told.envelope_sha256.hex()) == (row.env_id, handed.envelope_sha256)
    assert row.box_receipt.hex() == handed.receipt


async def test_handing_in_again_gives_nothing_new(world: CounterWorld, counter: Counter) -> None:
    """A second press finds nothing left to hand in."""
    await feed(world, counter, stack(1), 1)
    await hand_in(counter)
    assert await refused(hand_in(counter)) == "refused.hand_in_not_now"


async def test_a_cut_between_shelf_and_draft_gives_the_same_receipt(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """The shelf has it, the draft does not know: after the restart it is handed in, once."""
    await feed(world, counter, stack(1), 1)
    await counter.on_tray().confirm_clean()
    drafted = world.desk / "drafts" / "visit.sealed"
    before = drafted.read_bytes()
    await counter.on_tray().hand_in(counter.stop_here(), protective=False)
    receipt = mail.outbox()[0].box_receipt
    await counter.stop()
    drafted.write_bytes(before)
    again = world.counter(mail)
    await again.sign_in(STAFF, PIN)
    batch = again.opened().current()
    assert batch.phase is Phase.HANDED_IN
    handed = batch.applications[0].handed
    assert handed is not None
    assert bytes.fromhex(handed.receipt) == receipt
    assert len(mail.outbox()) == 1
    await again.stop()


class CutAfterKeeping(MailStore):
    """A shelf whose box loses its power right after an application is durable."""

    def keep(self, *given: Any, **named: Any) -> Kept:
        """Keep it, and let nobody hear of it."""
        super().keep(*given, **named)
        raise ConnectionAbortedError


async def test_after_a_cut_the_receipt_still_says_which_day_counts(
    world: CounterWorld, mail: MailStore
) -> None:
    """The filing policy outlives the cut between shelf and draft; the box's receipt alone lacks it."""
    cut = CutAfterKeeping(world.folder / "mail", free_bytes=lambda: world.free)
    before = await world.opened(cut)
    await feed(world, before, stack(1), 1)
    with pytest.raises(ConnectionAbortedError):
        await hand_in(before)
    await before.stop()
    again = world.counter(mail)
    await again.sign_in(STAFF, PIN)
    handed = again.opened().current().applications[0].handed
    assert handed is not None
    assert handed.policy == "bus_receipt"
    await again.stop()
    cut.close()


async def test_a_press_after_a_cut_keeps_the_first_policy(
    world: CounterWorld, mail: MailStore
) -> None:
    """What was sealed stays, though the clock has lost its time since."""
    cut = CutAfterKeeping(world.folder / "mail", free_bytes=lambda: world.free)
    counter = await world.opened(cut)
    await feed(world, counter, stack(1), 1)
    with pytest.raises(ConnectionAbortedError):
        await hand_in(counter)
    world.clock.quality = ClockQuality.UNSYNCED
    await hand_in(counter)
    handed = counter.opened().current().applications[0].handed
    assert handed is not None
    assert (handed.policy, len(mail.outbox())) == ("bus_receipt", 1)
    await counter.stop()
    cut.close()


async def test_a_disk_too_full_for_the_draft_hands_nothing_in(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """The person is told of the room, and the shelf holds nothing the draft does not know."""
    await feed(world, counter, stack(1), 1)
    await counter.on_tray().confirm_clean()
    obstacle = world.desk / "drafts" / "visit.sealed.part"
    obstacle.mkdir()
    press = counter.on_tray().hand_in(counter.stop_here(), protective=False)
    assert await refused(press) == "refused.room"
    assert mail.outbox() == []
    obstacle.rmdir()
    assert await hand_in(counter) == 1


async def test_the_same_stack_fed_again_is_said_and_not_doubled(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Sheets that were handed in are known by their digest, also in the next batch."""
    await feed(world, counter, stack(1, 2), 2)
    await hand_in(counter)
    await feed(world, counter, stack(1, 2), 2)
    batch = counter.opened().current()
    assert (len(batch.applications), {bool(sheet.twice) for sheet in batch.sheets}) == (0, {True})
    assert await refused(hand_in(counter)) == "refused.hand_in_nothing"
    assert len(mail.outbox()) == 2


async def test_the_same_stack_at_the_next_visit_is_known_too(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Only digests outlive a visit, and they are enough."""
    await feed(world, counter, stack(1), 1)
    await hand_in(counter)
    await counter.close(anyway=False)
    again = await world.opened(mail)
    await feed(world, again, stack(1), 1)
    assert again.opened().current().applications == ()
    await again.stop()


async def test_the_same_person_scanned_anew_is_not_filed_twice(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Other pictures of the same number: the application says so and does not go."""
    await feed(world, counter, stack(1), 1)
    await hand_in(counter)
    await feed(world, counter, stack(1, 2, salt="again"), 2)
    assert [item.state for item in counter.opened().current().applications] == ["twice", "ready"]
    assert await hand_in(counter) == 1
    assert len(mail.outbox()) == 2


async def test_the_same_sheet_twice_in_one_stack_counts_once(
    world: CounterWorld, counter: Counter
) -> None:
    """After a jam a sheet may be fed again; the second one is set apart."""
    await feed(world, counter, [front(1), back(1), front(1), card(1)], 1)
    batch = counter.opened().current()
    assert [item.sheets for item in batch.applications] == [(1, 2, 4)]
    assert batch.sheet(3).twice == "#1"


async def test_bad_sheets_are_named_and_never_dropped(
    world: CounterWorld, counter: Counter
) -> None:
    """Blank, foreign and broken sheets: every one has its place in the totals."""
    sheets = [*stack(1), paper("blank"), paper("other", word="cat"), b"\xff\xd8 broken"]
    await feed(world, counter, sheets, 1)
    batch = counter.opened().current()
    assert [(s.number, s.kind) for s in batch.loose()] == [(5, "other"), (6, "unreadable")]
    assert batch.sheet(4).aside
    await hand_in(counter)
    batch = counter.opened().current()
    assert batch.loose() == ()
    assert [s.number for s in batch.sheets if s.aside] == [4, 5, 6]


async def test_an_unreadable_sheet_cannot_join_an_application(
    world: CounterWorld, counter: Counter
) -> None:
    """Nobody could open its page at city hall."""
    await feed(world, counter, [*stack(1), b"broken"], 1)
    assert await refused(counter.on_tray().move(4, "new")) == "refused.unreadable"
    await counter.on_tray().move(4, "aside")
    assert counter.opened().current().loose() == ()


async def test_cards_without_a_form_make_an_application_that_says_so(
    world: CounterWorld, counter: Counter
) -> None:
    """A card alone is somebody's: the missing form is its defect."""
    await feed(world, counter, [card(1)], 1)
    item = counter.opened().current().applications[0]
    assert item.state == "blocked"
    assert "form_front" in {flaw.field for flaw in item.flaws}


async def test_a_typed_answer_is_checked_at_once(world: CounterWorld, counter: Counter) -> None:
    """What was missing is gone as soon as it is typed in."""
    await feed(world, counter, stack(3), 1)
    tray = counter.on_tray()
    item = counter.opened().current().applications[0]
    await tray.answer(item.app_id, {"physician.name": "岩手 太郎", "unknown.key": "x"})
    again = tray.item(item.app_id)
    assert again.value("physician.name") == "岩手　太郎"
    assert (again.state, "unknown.key" in again.values()) == ("ready", False)


async def test_a_jam_stops_visibly_and_goes_on_where_it_was(
    world: CounterWorld, counter: Counter
) -> None:
    """Sheets before the jam stay, the rest follows with the next numbers."""
    world.scanner.jam_after = 4
    await feed(world, counter, stack(1, 2), 2)
    batch = counter.opened().current()
    assert batch.trouble is not None
    assert (batch.trouble.cause, len(batch.sheets)) == ("jammed", 4)
    await counter.on_tray().feed()
    await settled(counter)
    batch = counter.opened().current()
    assert (batch.trouble, [item.sheets for item in batch.applications]) == (
        None,
        [(1, 2, 3), (4, 5, 6)],
    )


async def test_an_empty_feeder_says_so(world: CounterWorld, counter: Counter) -> None:
    """Pressing start without paper loses nothing."""
    await feed(world, counter, [], 1)
    trouble = counter.opened().current().trouble
    assert trouble is not None
    assert trouble.cause == "empty"


async def test_a_full_shelf_takes_no_new_batch(world: CounterWorld, counter: Counter) -> None:
    """Intake stops visibly before anything is begun that could not be finished."""
    world.free = 256 * 1024 * 1024
    assert await refused(counter.on_tray().declare(3, "")) == "refused.room"


async def test_a_full_disk_stops_feeding_with_all_sheets_so_far_safe(
    world: CounterWorld, counter: Counter
) -> None:
    """The stop is a trouble of the batch, not a fault of the program."""
    drafts = counter.opened().drafts
    free = iter([10**12, 10**12, 10**12, 0])
    drafts._free = lambda _: next(free, 0)
    await feed(world, counter, stack(1), 1)
    batch = counter.opened().current()
    assert batch.trouble is not None
    assert (batch.trouble.cause, len(batch.sheets)) == ("disk_full", 2)
    assert await refused(counter.on_tray().feed()) == "refused.disk_full"


async def test_the_count_changes_after_feeding_only_with_a_reason(
    world: CounterWorld, counter: Counter
) -> None:
    """A gap in the totals is explained by a person."""
    await feed(world, counter, stack(1), 2)
    tray = counter.on_tray()
    assert await refused(tray.declare(1, " ")) == "refused.declare_reason"
    await tray.declare(1, "数え直した")
    assert counter.opened().current().declared == 1


async def test_a_moved_sheet_changes_what_is_missing(world: CounterWorld, counter: Counter) -> None:
    """A person says whose the doubtful card is; the check follows."""
    await feed(world, counter, [front(1), back(1), card(1, sure=0.3)], 1)
    batch = counter.opened().current()
    assert [sheet.number for sheet in batch.loose()] == [3] or batch.applications[0].sheets == (
        1,
        2,
        3,
    )
    await counter.on_tray().move(3, batch.applications[0].app_id)
    item = counter.opened().current().applications[0]
    assert item.sheets == (1, 2, 3)
    assert not item.has("block")


async def test_a_correction_completes_one_page_and_keeps_the_case(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """The missing back alone is fed; the record names the case it completes."""
    world.post(mail, "correction", world.request(1))
    tray = counter.on_tray()
    request = (await tray.corrections())[0].content
    await tray.start_correction(request.request_id.hex())
    world.scanner.stack = [paper("form_back", word="missing")]
    await tray.feed()
    await settled(counter)
    item = counter.opened().current().applications[0]
    assert item.flaws == ()
    await hand_in(counter)
    slip = mail.slip(bytes.fromhex(item.env_id))
    record = decode_record(open_record(slip, world.division, world.signer.public))
    assert record.completes_case == request.case_id
    assert [note.kind for note in record.sheets] == ["form_back"]
    assert (await tray.corrections())[0].done


async def test_a_correction_with_the_wrong_page_says_what_is_still_missing(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Another paper, or another person's, does not pass for the one asked for."""
    world.post(mail, "correction", world.request(1, fields=("physician.name",)))
    tray = counter.on_tray()
    await tray.start_correction((await tray.corrections())[0].letter_id)
    world.scanner.stack = [card(2)]
    await tray.feed()
    await settled(counter)
    item = counter.opened().current().applications[0]
    assert {flaw.check for flaw in item.flaws} == {
        "correction_page",
        "correction_field",
        "correction_person",
    }


async def test_another_providers_correction_is_not_shown(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """A stop sees only its own requests."""
    world.post(mail, "correction", world.request(1, provider_no="0379999999"))
    assert await counter.on_tray().corrections() == []


async def test_a_correction_waits_for_the_batch_in_work(
    world: CounterWorld, counter: Counter, mail: MailStore
) -> None:
    """Two stacks are never mixed."""
    world.post(mail, "correction", world.request(1))
    await feed(world, counter, stack(1), 1)
    letter = (await counter.on_tray().corrections())[0].letter_id
    assert await refused(counter.on_tray().start_correction(letter)) == "refused.returned_busy"


@pytest.mark.parametrize("count", [0, 61])
async def test_fail__a_count_nobody_brings(counter: Counter, count: int) -> None:
    """The limits speak as a sentence."""
    assert await refused(counter.on_tray().declare(count, "")) == "refused.declare_range"


async def test_nothing_personal_is_logged(
    world: CounterWorld, counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    """A whole stop leaves no name and no number in the log."""
    caplog.set_level("DEBUG")
    await feed(world, counter, [*stack(1, 2, 3), b"broken"])
    await hand_in(counter)
    await counter.close(anyway=False)
    for marked in ("髙﨑", "東海林", "0012345601", "肴町", PIN):
        assert marked not in caplog.text
