"""Sticks that do not count: of strangers, of other shelves, and of a city hall that forgot."""

import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provisioning.carry_answer import Outcome
from provisioning.carry_folder import Stick
from provisioning.carry_seal import box_seal, sealed_by_box
from provisioning.certificates import make_authority, make_box
from sync.carry import Place, Sealed, Volume, Way
from sync.clock import ClockQuality, Instant
from sync.errors import PeerError
from tests.support.makers import make_bundle, make_device
from tests.support.sticks import Trip, filed_once, make_trip, numbers, proven


@pytest.fixture
def trip(tmp_path: Path) -> Trip:
    """A bus, a city hall and an empty stick."""
    return make_trip(tmp_path)


# Who may.


async def test_fail__a_revoked_box(trip: Trip) -> None:
    """City hall's refusal is on the stick, with its number, and nothing was filed."""
    trip.keep(0)
    trip.export()
    trip.hall.publish(make_bundle(2, devices=(make_device(revoked=True),)))
    [taken] = await trip.at_hall()
    assert (taken.admitted, "105" in taken.note) == (False, True)
    [home] = await trip.home()
    assert home.outcome is Outcome.REFUSED
    assert trip.hall.mail.arrivals() == []
    assert [state for state, _ in numbers(trip)] in (["kept"], ["sending"])


async def test_fail__a_box_whose_certificate_is_over(trip: Trip) -> None:
    """As at the door of the link, with what to do."""
    over = make_box(trip.hall.authority, "bus-07", datetime.now(UTC), days=0)
    (trip.bus.folder / "tls.pem").write_bytes(over.certificate)
    (trip.bus.folder / "tls.key").write_bytes(over.key)
    trip.export()
    [taken] = await trip.at_hall()
    assert not taken.admitted
    assert "renew" in taken.note


async def test_fail__a_box_of_another_city(trip: Trip, tmp_path: Path) -> None:
    """Its certificate is another authority's."""
    stranger = make_trip(tmp_path / "elsewhere")
    foreign = Trip(stranger.bus, trip.hall, stranger.stick)
    foreign.keep(0)
    foreign.export()
    [taken] = await foreign.at_hall()
    assert not taken.admitted
    assert "another authority" in taken.note
    assert trip.hall.mail.arrivals() == []


def test_fail__a_box_of_an_authority_whose_days_are_over() -> None:
    """The box's own certificate would still be good."""
    now = datetime.now(UTC)
    old = make_authority("the city", now - timedelta(days=365 * 60))
    box = make_box(old, "bus-07", now)
    place = Place("bus-07", Way.UP, bytes(8), 1)
    volume = Volume(place, bytes(8), last=True, made=now, frames=())
    sealed = Sealed(volume, b"head", box_seal(box.certificate, box.key)(b"head"))
    with pytest.raises(PeerError, match="whose days are over"):
        sealed_by_box(sealed, old.certificate, now)


async def test_fail__a_file_under_another_boxs_name(trip: Trip) -> None:
    """Whoever renames a file cannot answer for somebody else."""
    trip.export()
    for path in list(trip.carried.iterdir()):
        path.rename(path.with_name(path.name.replace("bus-07", "bus-08")))
    [taken] = await trip.at_hall()
    assert not taken.admitted
    assert "renamed" in taken.note


async def test_fail__a_file_another_box_sealed(trip: Trip) -> None:
    """A box of the same city that writes in its neighbour's name: nothing is filed, and no letter counts as kept."""
    trip.keep(0)
    trip.export()
    other = make_box(trip.hall.authority, "bus-08", datetime.now(UTC))
    stick = Stick(trip.stick)
    for place in stick.places(Way.UP):
        stick.put(stick.read(place).volume, box_seal(other.certificate, other.key))
    [taken] = await trip.at_hall()
    assert not taken.admitted
    assert "sealed by 'bus-08', named after 'bus-07'" in taken.note
    assert trip.hall.mail.arrivals() == []


async def test_fail__an_answer_somebody_made_up(trip: Trip) -> None:
    """Sealed with the box's own key instead of the countersigner's: it is not city hall's."""
    trip.keep(0)
    trip.export()
    await trip.at_hall()
    stick = Stick(trip.stick)
    [place] = stick.places(Way.DOWN)
    volume = stick.read(place).volume
    files = trip.bus.settings().uplink
    seal = box_seal(files.certificate.read_bytes(), files.key.read_bytes())
    stick.put(replace(volume, last=True), seal)
    [home] = await trip.home()
    assert home.outcome is Outcome.DAMAGED
    assert "not written by this city's intake" in home.note
    assert [state for state, _ in numbers(trip)] == ["kept"]


async def test_fail__an_answer_for_another_shelf(trip: Trip) -> None:
    """A box whose disk was replaced does not know the export; it exports again."""
    trip.keep(0)
    trip.export()
    await trip.at_hall()
    shutil.rmtree(trip.bus.folder / "mail")
    [home] = await trip.home()
    assert (home.outcome, "export onto the stick again" in home.note) == (Outcome.UNKNOWN, True)


# City hall came back from a backup.


async def test_city_hall_forgot(trip: Trip) -> None:
    """The answer does not extend the known head: an alarm, all that is here goes again, under its own number."""
    trip.keep(0)
    await trip.round()
    [before] = numbers(trip)
    shutil.rmtree(trip.hall.folder / "mail")
    trip.hall.mail = type(trip.hall.mail)(trip.hall.folder / "mail")
    trip.keep(1)
    trip.export()
    await trip.at_hall()
    kept = trip.copy("kept")
    [home] = await trip.home()
    assert home.outcome is Outcome.HISTORY_BROKE
    assert "alarm" in [entry.kind for entry in trip.bus.mail.entries()]
    alarms = len(trip.bus.mail.entries())
    [again] = await kept.home()
    assert (again.outcome, len(trip.bus.mail.entries())) == (Outcome.STALE, alarms)
    exported = trip.export()
    assert exported.whole == 2
    await trip.at_hall()
    await trip.home()
    assert numbers(trip)[0] == before
    assert filed_once(trip.hall, 2)
    assert proven(trip)


class Stopped:
    """A clock without a battery: 2020, and it knows that it does not know."""

    @staticmethod
    def now() -> Instant:
        """Return the same wrong moment."""
        return Instant(datetime(2020, 1, 1, tzinfo=UTC), 0, ClockQuality.UNSYNCED, 9, 1)

    @staticmethod
    def monotonic() -> float:
        """Return seconds that never step."""
        return time.monotonic()


async def test_a_box_without_a_clock_goes_by_the_answers_own_time(trip: Trip) -> None:
    """A receipt is never older than the answer that brought it, or its payload would go too early."""
    trip.keep(0)
    trip.export()
    began = datetime.now(UTC) - timedelta(seconds=2)
    await trip.at_hall()
    [home] = await trip.home(Stopped())
    assert home.complete == 1
    [row] = trip.bus.mail.outbox()
    assert row.settled_at is not None
    assert began <= row.settled_at <= datetime.now(UTC)


class Synced:
    """A clock that city hall set, so many days after now."""

    def __init__(self, days: float) -> None:
        self._ahead = timedelta(days=days)

    def now(self) -> Instant:
        """Return that moment."""
        return Instant(datetime.now(UTC) + self._ahead, 0, ClockQuality.SYNCED, 9, 1)

    @staticmethod
    def monotonic() -> float:
        """Return seconds that never step."""
        return time.monotonic()


async def test_an_answer_read_days_later_removes_nothing(trip: Trip) -> None:
    """It proves what city hall held when it was made; what was complete before waits for a newer word."""
    trip.keep(0)
    await trip.round()
    trip.keep(1)
    trip.export()
    await trip.at_hall()
    [late] = await trip.home(Synced(4))
    assert (late.outcome, late.complete) == (Outcome.TAKEN, 1)
    assert trip.bus.mail.purge(Synced(5).now()) == []
