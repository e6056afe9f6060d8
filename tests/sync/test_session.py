"""Two real machines back to back: cuts at every frame, doubled frames, order on the link, refusals, letters."""

from itertools import pairwise

import pytest

from sync.events import Ended, Progressed
from sync.frames import Piece, decode_frame
from sync.refusals import Refused
from sync.sender import SILENT_BEATS
from sync.states import State
from tests.support.pair import BusShelf, HallShelf, Pair, env, shelves, some_bytes, truth

DAY = (truth(0, parts=(8_000, 90_000)), truth(1, parts=(8_000, 70_000)), truth(2))


def all_arrived(bus: BusShelf, hall: HallShelf) -> bool:
    """Tell whether everything is at the hall once, byte for byte, and the bus knows it."""
    once = len(hall.filings) == len(set(hall.filings)) == len(bus.envelopes)
    whole = all(
        hall.parts[env_id, item] == data
        for env_id, made in bus.envelopes.items()
        for item, data in made.items.items()
        if item
    )
    return once and whole and set(bus.stages.values()) == {2}


def day() -> tuple[BusShelf, HallShelf]:
    """Return three envelopes that wait, and a hall that knows nothing."""
    return shelves(*DAY)


def frames_of_a_day() -> int:
    """Count the frames an undisturbed day takes."""
    return Pair(*day()).run()


def test_an_undisturbed_day_arrives_once() -> None:
    """Without faults everything arrives and every receipt reaches the bus."""
    bus, hall = day()
    Pair(bus, hall).run()
    assert all_arrived(bus, hall)


def test_slips_are_filed_before_any_other_byte() -> None:
    """The records of all envelopes cross before the first preview or page."""
    bus, hall = day()
    pair = Pair(bus, hall)
    pair.run()
    assert [item for _, item in pair.order()] == [0, 0, 0, 1, 1, 2, 2]


def test_a_fresh_slip_does_not_wait_for_the_hall() -> None:
    """The first slip rides behind the hello: the hall has said nothing when it leaves."""
    bus, hall = day()
    pair = Pair(bus, hall)
    pair._talk()
    while pair.up.frames:
        frame = decode_frame(pair.up.frames.pop(0))
        if isinstance(frame, Piece):
            break
        pair._talk()
    assert isinstance(frame, Piece)
    assert pair.bus.state is State.GREETED


@pytest.mark.parametrize("cut", range(frames_of_a_day()))
def test_a_cut_at_any_frame_loses_and_doubles_nothing(cut: int) -> None:
    """The connection dies after each number of frames; a second session finishes the day."""
    bus, hall = day()
    first = Pair(bus, hall)
    first.run(cut)
    second = Pair(bus, hall, now=first.now + 30)
    second.run()
    assert all_arrived(bus, hall)


@pytest.mark.parametrize("cut", range(0, frames_of_a_day(), 3))
def test_after_a_cut_only_what_was_under_way_is_sent_again(cut: int) -> None:
    """Both sessions together carry each durable byte once: the second starts at the hall's exact offset."""
    bus, hall = day()
    first = Pair(bus, hall)
    first.run(cut)
    durable = sum(len(data) for data in hall.half.values())
    durable += sum(len(bus.envelopes[env_id].items[item]) for env_id, item in hall.arrivals)
    total = sum(len(data) for made in bus.envelopes.values() for data in made.items.values())
    second = Pair(bus, hall, now=first.now + 30)
    second.run()
    assert second.piece_bytes() == total - durable


def test_a_cut_every_few_frames_still_ends() -> None:
    """A link that lives for fourteen frames at a time carries the day in the end."""
    bus, hall = day()
    now = 0.0
    for _ in range(60):
        pair = Pair(bus, hall, now=now)
        pair.run(14)
        now = pair.now + 1
    assert all_arrived(bus, hall)


@pytest.mark.parametrize("step", [1, 2, 3, 5])
def test_doubled_frames_upward_are_harmless(step: int) -> None:
    """Offers and pieces that come twice change nothing (hello twice is another matter: it breaks a rule)."""
    bus, hall = day()
    pair = Pair(bus, hall)
    pair.run(1)
    pair.up.double = lambda n: n % step == 0
    pair.run()
    assert all_arrived(bus, hall)


@pytest.mark.parametrize("step", [1, 2, 3, 5])
def test_doubled_frames_downward_are_harmless(step: int) -> None:
    """Receipts, confirmations and times that come twice change nothing."""
    bus, hall = day()
    pair = Pair(bus, hall)
    pair.run(3)
    pair.down.double = lambda n: n % step == 0
    pair.run()
    assert all_arrived(bus, hall)


def test_everything_offered_again_changes_nothing() -> None:
    """A bus that forgot every receipt is told the same again, and no byte of an envelope crosses."""
    bus, hall = day()
    Pair(bus, hall).run()
    filings = list(hall.filings)
    bus.stages = dict.fromkeys(bus.stages, 0)
    again = Pair(bus, hall, now=100)
    again.run()
    assert (again.piece_bytes(), hall.filings) == (0, filings)
    assert all_arrived(bus, hall)


def test_a_bus_that_forgot_it_ever_sent_is_told_at_once() -> None:
    """Even when all looks fresh on the bus, the hall's HAVE stops the re-sending of what is durable."""
    bus, hall = day()
    Pair(bus, hall).run()
    bus.stages = dict.fromkeys(bus.stages, 0)
    bus.sent.clear()
    again = Pair(bus, hall, now=100)
    again.run()
    assert all_arrived(bus, hall)
    assert len(hall.filings) == len(DAY)


def test_a_hall_that_forgot_everything_gets_everything_again() -> None:
    """The bus holds stage 1; the hall was restored from an older backup and gets slip and parts anew."""
    bus, hall = day()
    first = Pair(bus, hall)
    first.run()
    bus.stages = dict.fromkeys(bus.stages, 1)
    restored = HallShelf(bus.envelopes)
    Pair(bus, restored, now=100).run()
    assert all_arrived(bus, restored)


def test_an_urgent_slip_overtakes_a_page_between_two_pieces() -> None:
    """A new application's slip crosses although a large page is half sent."""
    bus, hall = shelves(truth(0, parts=(8_000, 900_000)))
    pair = Pair(bus, hall, rate=32_000)
    while len([piece for piece in pair.pieces() if piece[1] == 2]) < 3:
        pair.run(1)
    asked = pair.now
    bus.keep(1, truth(1))
    pair.bus.add(bus.due()[-1])
    while env(1) not in hall.filings:
        pair.run(1)
    assert (env(0), 2) not in hall.arrivals
    assert pair.now - asked <= 2.5


def test_a_pulled_page_goes_before_the_other_pages() -> None:
    """The page a caseworker waits for crosses before older pages."""
    bus, hall = shelves(*(truth(n, parts=(4_000, 200_000)) for n in range(3)))
    pair = Pair(bus, hall)
    while (env(0), 1) not in hall.arrivals:
        pair.run(1)
    pair.hall.pull(env(2), 2)
    pair.run()
    pages = [env_id for env_id, item in hall.arrivals if item == 2]
    assert pages[0] == env(2)


def test_pages_go_by_days_left() -> None:
    """The envelope that expires first sends its page first, whatever its age."""
    bus, hall = shelves(
        truth(0, parts=(4_000, 90_000), deadline=300),
        truth(1, parts=(4_000, 90_000), deadline=100),
        truth(2, parts=(4_000, 90_000)),
    )
    Pair(bus, hall).run()
    assert [env_id for env_id, item in hall.arrivals if item == 2] == [env(1), env(0), env(2)]


def test_a_poison_envelope_is_set_aside_and_blocks_nothing() -> None:
    """The hall refuses one slip with a number; the others arrive completely."""
    bus, hall = day()
    hall.poison.add(env(1))
    Pair(bus, hall).run()
    assert bus.refused == {env(1): 201}
    assert hall.filings == [env(0), env(2)]
    assert (bus.stages[env(0)], bus.stages[env(2)]) == (2, 2)


def test_a_page_damaged_on_the_bus_is_set_aside_after_the_second_try() -> None:
    """A part that never matches is asked for once more, then its envelope is refused; the rest goes on."""
    bus, hall = day()
    broken = truth(0, parts=(8_000, 90_000))
    hall.known = {**bus.envelopes, env(0): truth(99, parts=(8_000, 90_000))}
    hall.known[env(0)].items[0] = broken.items[0]
    Pair(bus, hall).run()
    assert bus.refused == {env(0): Refused.PART_MISMATCH}
    assert bus.stages[env(1)] == bus.stages[env(2)] == 2


def test_a_part_damaged_on_the_way_is_mended_by_sending_it_again() -> None:
    """One bad byte in the hall's half-held page costs one repetition and nothing else."""
    bus, hall = day()
    first = Pair(bus, hall)
    while not any(item == 2 for _, item in hall.half):
        first.run(1)
    key = next(key for key in hall.half if key[1] == 2)
    hall.half[key] = b"\x00" + hall.half[key][1:]
    Pair(bus, hall, now=first.now + 30).run()
    assert all_arrived(bus, hall)


def test_letters_come_down_once() -> None:
    """Six letters, more than the machine takes at a time, arrive in order and are confirmed."""
    bus, hall = shelves()
    hall.letters = [(env(n), "visit_pack", some_bytes(f"letter {n}", 40_000)) for n in range(6)]
    Pair(bus, hall).run()
    assert bus.letters == hall.letters
    assert hall.delivered == [letter_id for letter_id, _, _ in hall.letters]


@pytest.mark.parametrize("cut", range(4, 16, 2))
def test_a_letter_goes_on_after_a_cut(cut: int) -> None:
    """The half letter is not sent again: both sessions together carry it once."""
    bus, hall = shelves()
    hall.letters = [(env(0), "key_bundle", some_bytes("letter", 120_000))]
    first = Pair(bus, hall)
    first.run(cut)
    held = len(bus.letterbox.data)
    second = Pair(bus, hall, now=first.now + 30)
    second.run()
    size = sum(len(data) for data in second.down.carried)
    assert bus.letters == hall.letters
    assert size <= 120_000 - held + 2_000


def test_a_letter_that_comes_twice_is_kept_once() -> None:
    """The confirmation is lost, the hall sends again, the bus confirms again."""
    bus, hall = shelves()
    hall.letters = [(env(0), "correction", b"please send the card")]
    first = Pair(bus, hall)
    first.run()
    hall.delivered.clear()
    Pair(bus, hall, now=first.now + 30).run()
    assert bus.letters == hall.letters
    assert hall.delivered == [env(0)]


def test_progress_only_grows_towards_the_whole() -> None:
    """What the bus is told of an item's durable bytes never goes back in a quiet session."""
    bus, hall = day()
    pair = Pair(bus, hall)
    pair.run()
    steps = [event for event in pair.bus_events if isinstance(event, Progressed)]
    page = [step.offset for step in steps if (step.env_id, step.item) == (env(0), 2)]
    assert all(before < after for before, after in pairwise(page))
    assert page[-1] == len(bus.envelopes[env(0)].items[2])


def test_a_silent_hall_ends_the_session() -> None:
    """After three heartbeats without a word the bus gives the path up."""
    bus, hall = day()
    pair = Pair(bus, hall, heartbeat_s=5.0)
    pair.bus.wake(SILENT_BEATS * 5.0)
    assert pair.bus.next_event() == Ended(
        Refused.SILENT, "session: city hall was silent for too long", ours=True
    )
    assert pair.bus.timer() is None


def test_the_window_bounds_what_is_under_way() -> None:
    """Unconfirmed bytes never exceed the window, whatever waits."""
    bus, hall = shelves(*(truth(n, parts=(4_000, 400_000)) for n in range(4)))
    pair = Pair(bus, hall)
    most = 0
    while pair.run(1):
        most = max(most, pair.bus.under_way - pair.bus.pace.window())
    assert most <= 0
    assert all_arrived(bus, hall)
