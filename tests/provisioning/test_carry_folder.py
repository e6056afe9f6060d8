"""What may lie on a stick that somebody else had in his hands."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provisioning import carry_folder
from provisioning.carry_answer import Outcome
from provisioning.carry_folder import NoStickError, Stick
from provisioning.carry_seal import box_seal, hall_seal, sealed_by_box
from provisioning.certificates import make_authority, make_box, make_server
from sync.carry import FOLDER, VOLUME_MAX, Place, Seal, Volume, Way, file_name
from sync.errors import PeerError
from tests.support.makers import COUNTERSIGNER, make_signer
from tests.support.sticks import Trip, make_trip

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
PLACE = Place("bus-07", Way.UP, bytes(8), 1)


@pytest.fixture
def trip(tmp_path: Path) -> Trip:
    """A bus, a city hall and a stick with our folder on it."""
    found = make_trip(tmp_path)
    found.carried.mkdir()
    return found


async def test_fail__a_pipe_under_our_name(trip: Trip) -> None:
    """Nobody waits for it."""
    os.mkfifo(trip.carried / file_name(PLACE))
    [taken] = await trip.at_hall()
    assert "no plain file" in taken.note


async def test_fail__a_file_longer_than_any_of_ours(trip: Trip) -> None:
    """It is not read."""
    with (trip.carried / file_name(PLACE)).open("wb") as file:
        file.truncate(VOLUME_MAX + 1)
    [taken] = await trip.at_hall()
    assert "are the limit" in taken.note


def test_fail__our_folder_is_a_link(tmp_path: Path) -> None:
    """It might lead to the bus's own disk."""
    (tmp_path / FOLDER).symlink_to(tmp_path)
    with pytest.raises(NoStickError, match="remove it"):
        Stick(tmp_path)


def test_only_so_many_files_are_looked_at(trip: Trip, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stick full of rubbish takes no time."""
    monkeypatch.setattr(carry_folder, "FILES_MAX", 1)
    for number in (1, 2, 3):
        (trip.carried / file_name(replace(PLACE, number=number))).touch()
    assert len(Stick(trip.stick).places(Way.UP)) == 1


async def test_fail__the_first_file_is_missing(trip: Trip) -> None:
    """Without its hello nothing counts."""
    trip.keep(0)
    trip.export(body_max=1_000)
    min(trip.carried.iterdir()).unlink()
    [taken] = await trip.at_hall()
    assert "file 1 is missing" in taken.note


async def test_what_a_broken_writing_left_goes_with_the_next_one(trip: Trip) -> None:
    """Halves of ours only."""
    (trip.carried / f"{file_name(PLACE)}.part").touch()
    (trip.carried / "other.carry.part").touch()
    trip.export()
    assert [path.name for path in trip.carried.glob("*.part")] == ["other.carry.part"]


async def test_fail__a_frame_nobody_knows(trip: Trip) -> None:
    """Undamaged and sealed, but from a program this one does not understand: both sides say so."""
    trip.export()
    stick = Stick(trip.stick)
    files = trip.bus.settings().uplink
    seal = box_seal(files.certificate.read_bytes(), files.key.read_bytes())
    [place] = stick.places(Way.UP)
    volume = stick.read(place).volume
    stick.put(replace(volume, frames=(*volume.frames, b"\x02?")), seal)
    [taken] = await trip.at_hall()
    assert "102" in taken.note
    [down] = stick.places(Way.DOWN)
    answer = stick.read(down).volume
    stick.put(replace(answer, frames=(b"\x02?",)), hall_seal(make_signer(COUNTERSIGNER)))
    [home] = await trip.home()
    assert (home.outcome, "update the older side" in home.note) == (Outcome.DAMAGED, True)


def sealed(trip: Trip, seal: Seal) -> str:
    """Return why a volume with this seal is not a box's; the city's authority is the trip's."""
    volume = Volume(PLACE, bytes(8), last=True, made=NOW, frames=())
    stick = Stick(trip.stick)
    stick.put(volume, seal)
    now = datetime.now(UTC)
    with pytest.raises(PeerError) as failure:
        sealed_by_box(stick.read(PLACE), trip.hall.authority.certificate, now)
    return str(failure.value)


def test_fail__seals_that_are_none(trip: Trip) -> None:
    """Rubbish, a server's certificate, and a signature by another key than the certificate's."""
    now = datetime.now(UTC)
    authority = trip.hall.authority
    server = make_server(authority, ("127.0.0.1",), now)
    box, other = make_box(authority, "bus-07", now), make_box(authority, "bus-07", now)
    stranger = make_box(make_authority("よその市", now), "bus-07", now)
    assert "not sealed by a box" in sealed(trip, lambda _head: b"rubbish")
    assert "not a box's" in sealed(trip, box_seal(server.certificate, server.key))
    assert "signature does not hold" in sealed(trip, box_seal(box.certificate, other.key))
    assert "another authority" in sealed(trip, box_seal(stranger.certificate, stranger.key))
    assert "not a box's" in sealed(trip, box_seal(authority.certificate, authority.key))
