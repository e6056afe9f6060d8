"""A stick between bus and city hall: the same session without a network, proven the same way."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provisioning.carry_answer import Outcome
from provisioning.certificates import make_box
from sync.frames import LETTER_MAX
from tests.support.houses import ROOT, Bus, until
from tests.support.makers import make_bundle, make_device, make_id
from tests.support.roots import bundle_text
from tests.support.sticks import Trip, filed_once, make_trip, numbers, on_the_link, proven, sealed


@pytest.fixture
def trip(tmp_path: Path) -> Trip:
    """A bus, a city hall and an empty stick."""
    return make_trip(tmp_path)


async def test_a_day_without_any_link_is_carried_by_stick(trip: Trip) -> None:
    """Bus, stick, city hall, stick, bus: everything is complete, each with a receipt that is proven offline."""
    trip.keep(0, 1, 2)
    exported = trip.export()
    assert (exported.waiting, exported.whole, exported.full) == (3, 3, False)
    [taken] = await trip.at_hall()
    assert (taken.filed + taken.complete, taken.refused, taken.note) == (6, 0, "")
    assert filed_once(trip.hall, 3)
    [home] = await trip.home()
    assert (home.outcome, home.complete, home.note) == (Outcome.TAKEN, 3, "")
    assert proven(trip)
    assert list(trip.carried.iterdir()) == []


async def test_city_hall_holds_the_very_bytes(trip: Trip) -> None:
    """Slip and parts, over many small files."""
    trip.keep(0)
    assert trip.export(body_max=1_000).files > 2
    await trip.at_hall(body_max=200)
    await trip.home()
    assert trip.hall.mail.slip(make_id(0)) == sealed(0).slip
    for part, data in zip(sealed(0).header.parts, sealed(0).parts, strict=True):
        assert trip.hall.mail.part(make_id(0), part.index) == data
    assert proven(trip)


async def test_everything_twice_changes_nothing(trip: Trip) -> None:
    """City hall imports twice, the bus takes both answers, and the first one again: same numbers."""
    trip.keep(0, 1)
    trip.export()
    await trip.at_hall()
    first = trip.copy("first")
    await trip.at_hall()
    await trip.home()
    before, entries = numbers(trip), len(trip.bus.mail.entries())
    [again] = await first.home()
    assert again.outcome is Outcome.TAKEN
    assert (again.arrived, again.complete, again.letters) == (0, 0, 0)
    assert (numbers(trip), len(trip.bus.mail.entries())) == (before, entries)
    assert filed_once(trip.hall, 2)


async def test_an_import_that_was_interrupted_goes_on(trip: Trip) -> None:
    """The answer's second file is missing at first: what the first one holds is kept, then the rest."""
    trip.keep(0, 1)
    trip.export()
    await trip.at_hall(body_max=1_500)
    whole = trip.copy("whole")
    for path in sorted(trip.carried.glob("*-down-*"))[1:]:
        path.unlink()
    [cut] = await trip.home()
    assert "is missing" in cut.note
    [rest] = await whole.home()
    assert (rest.outcome, rest.note) == (Outcome.TAKEN, "")
    assert proven(trip)


async def test_a_second_journey_carries_only_what_is_new(trip: Trip) -> None:
    """The answer's head is where the next export begins."""
    trip.keep(0)
    await trip.round()
    trip.keep(1)
    exported = trip.export()
    assert (exported.waiting, exported.whole) == (1, 1)
    await trip.at_hall()
    [home] = await trip.home()
    assert home.outcome is Outcome.TAKEN
    assert filed_once(trip.hall, 2)
    assert proven(trip)


async def test_two_buses_on_one_stick(trip: Trip, tmp_path: Path) -> None:
    """Each has its own files; the other's are left alone."""
    name, key = "bus-08", 88
    identity = make_box(trip.hall.authority, name, datetime.now(UTC))
    bundle = make_bundle(2, devices=(make_device(), make_device(name, signer=key)))
    trip.hall.publish(bundle)
    other = Trip(
        Bus(tmp_path / "other", trip.hall.authority, identity, bundle, device=name),
        trip.hall,
        trip.stick,
    )
    trip.keep(0)
    trip.export()
    other.export()
    assert [one.device for one in sorted(await trip.at_hall(), key=lambda one: one.device)] == [
        "bus-07",
        "bus-08",
    ]
    assert [one.complete for one in await trip.home()] == [1]
    assert [one.outcome for one in await other.home()] == [Outcome.TAKEN]
    assert list(trip.carried.iterdir()) == []


# The stick and the link.


async def test_the_link_was_faster_than_the_stick(trip: Trip) -> None:
    """The answer is overtaken: it changes nothing, and says why."""
    trip.keep(0, 1)
    trip.export()
    await on_the_link(trip)
    before = numbers(trip)
    [taken] = await trip.at_hall()
    assert (taken.note, taken.refused) == ("", 0)
    [home] = await trip.home()
    assert home.outcome in (Outcome.TAKEN, Outcome.STALE)
    assert numbers(trip) == before
    assert filed_once(trip.hall, 2)
    assert proven(trip)


async def test_half_over_the_link_and_half_by_stick(trip: Trip) -> None:
    """Some travelled, more were kept; the next session over the link finds nothing left to do."""
    trip.keep(0)
    await on_the_link(trip)
    trip.keep(1, 2)
    await trip.round()
    assert {state for state, _ in numbers(trip)} == {"complete"}
    trip.keep(3)
    await on_the_link(trip)
    assert filed_once(trip.hall, 4)
    assert proven(trip)


async def test_an_older_stick_comes_home_after_a_newer_one(trip: Trip) -> None:
    """What it proves is not linked to what is known: its receipts wait for the next contact, nothing is lost."""
    trip.keep(0)
    trip.export()
    old = trip.copy("old")
    await old.at_hall()
    trip.keep(1, 2)
    await trip.round()
    before = numbers(trip)
    [stale] = await old.home()
    assert stale.outcome in (Outcome.STALE, Outcome.TAKEN)
    assert numbers(trip) == before
    assert filed_once(trip.hall, 3)
    assert proven(trip)


async def test_a_stale_answer_proves_nothing(trip: Trip) -> None:
    """City hall's newest word came over the link; the stick's head lies beside it, and no receipt of it counts."""
    trip.keep(0)
    trip.export()
    await trip.at_hall()
    trip.keep(1)
    other = Trip(trip.bus, trip.hall, trip.stick.with_name("second"))
    other.stick.mkdir()
    await on_the_link(trip)
    trip.keep(2)
    [stale] = await trip.home()
    assert (stale.outcome, stale.complete) == (Outcome.STALE, 0)
    await other.round()
    assert filed_once(trip.hall, 3)
    assert proven(trip)


async def test_stick_and_link_at_the_same_time(trip: Trip) -> None:
    """City hall imports while the same box talks to it, and the bus takes the answer in during the session."""
    trip.keep(*range(6))
    trip.export()
    await trip.hall.start()
    trip.bus.port = trip.hall.port
    await trip.bus.start()
    try:
        [taken] = await trip.at_hall()
        assert (taken.admitted, taken.refused) == (True, 0)
        [home] = await trip.home()
        assert home.outcome in (Outcome.TAKEN, Outcome.STALE)
        await until(trip.bus.all_are("complete"), 60)
        trip.keep(6)
        await until(trip.bus.all_are("complete"), 60)
    finally:
        await trip.bus.stop()
        await trip.hall.stop()
    assert filed_once(trip.hall, 7)
    assert proven(trip)


# Letters.


def post(trip: Trip, *numbers: int, kind: str = "correction") -> None:
    """Let the office put letters into the bus's tray."""
    for n in numbers:
        trip.hall.mail.post_letter("bus-07", kind, f"letter {n}".encode(), make_id(100 + n))


async def test_letters_go_down_and_their_keeping_goes_up(trip: Trip) -> None:
    """More than a session over the link sends ahead; confirmed by the next stick, and not carried again."""
    post(trip, *range(6))
    await trip.round()
    assert [one.body for one in trip.bus.mail.letters()] == [
        f"letter {n}".encode() for n in range(6)
    ]
    assert len(trip.hall.mail.letters_for("bus-07")) == 6
    trip.export()
    [taken] = await trip.at_hall()
    assert taken.letters == 0
    assert trip.hall.mail.letters_for("bus-07") == []
    assert (await trip.home())[0].letters == 0


async def test_a_letter_of_many_pieces_comes_whole(trip: Trip) -> None:
    """Over several files of the answer."""
    body = bytes(range(256)) * 400
    trip.hall.mail.post_letter("bus-07", "correction", body, make_id(100))
    trip.export()
    [taken] = await trip.at_hall(body_max=20_000)
    assert taken.answer_files > 3
    await trip.home()
    assert [one.body for one in trip.bus.mail.letters()] == [body]
    assert len(body) < LETTER_MAX


async def test_a_newer_key_bundle_comes_by_stick(trip: Trip) -> None:
    """The uplink's own copy is the newer one afterwards."""
    text = bundle_text(make_bundle(3), ROOT)
    trip.hall.mail.post_letter("bus-07", "key_bundle", text.encode(), make_id(100))
    await trip.round()
    assert (trip.bus.folder / "bundle.json").read_text() == text


async def test_a_stale_answer_still_brings_its_letters(trip: Trip) -> None:
    """They are sealed or signed for this box; the log has no part in them."""
    post(trip, 1)
    trip.export()
    await trip.at_hall()
    away = trip.copy("away")
    shutil.rmtree(trip.carried)
    trip.keep(0)
    trip.bus.mail.hall_head()
    await Trip(trip.bus, trip.hall, trip.stick).round()
    trip.hall.mail.post_letter("bus-07", "correction", b"later", make_id(200))
    [stale] = await away.home()
    assert stale.outcome is Outcome.STALE
    assert make_id(101) in {one.letter_id for one in trip.bus.mail.letters()}
