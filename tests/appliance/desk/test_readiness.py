"""Is this box fit to go out."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from appliance.desk.camera.eye import Eye
from appliance.desk.camera.table import CameraTable
from appliance.desk.counter import Counter
from appliance.desk.readiness import Point, readiness
from hardware.camera.simulated import SimulatedCamera
from hardware.tpm.simulated import SimulatedTpm
from sync.clock import ClockQuality
from sync.keys import Signer
from sync.receipt import Beacon, sign_beacon
from tests.support.counterworld import CounterWorld, seed
from tests.support.madeup_papers import front
from tests.support.pictures import write_sheets
from tests.support.roots import bundle_text


async def point(counter: Counter, name: str) -> Point:
    """Return one line of the list."""
    return next(each for each in await readiness(counter.partners) if each.name == name)


async def test_a_sound_box_is_all_well(counter: Counter) -> None:
    """Every point is in order."""
    partners = replace(counter.partners, tpm=SimulatedTpm())
    assert {each.kind for each in await readiness(partners)} == {"ok"}


async def test_a_box_says_under_what_its_keys_lie(counter: Counter) -> None:
    """No chip is a warning, a simulated one is named, one that does not answer stops the visit."""
    assert (await point(counter, "chip")).key == "ready.chip_none"
    chip = SimulatedTpm()
    partners = replace(counter.partners, tpm=chip)
    told = [(await readiness(partners))[-1].key]
    chip.gone = True
    told.append((await readiness(partners))[-1].key)
    assert told == ["ready.chip_simulated", "ready.chip_absent"]


async def test_a_scanner_that_is_gone_is_said(world: CounterWorld, counter: Counter) -> None:
    """A missing device never breaks the page."""
    world.scanner.lost = True
    assert (await point(counter, "scanner")).kind == "stop"


async def test_paper_in_the_feeder_is_seen(world: CounterWorld, counter: Counter) -> None:
    """The list says whether sheets are inside."""
    world.scanner.stack = [front(1)]
    assert (await point(counter, "scanner")).key == "ready.scanner_loaded"


async def test_a_camera_says_whether_it_gives_a_picture(counter: Counter, tmp_path: Path) -> None:
    """Without one there is no line; one that is gone is a warning, because the scanner can still be used."""
    assert "camera" not in {each.name for each in await readiness(counter.partners)}
    write_sheets(tmp_path / "under", (64, 48))
    camera = SimulatedCamera(tmp_path / "under")
    told = []
    for camera.plugged in (True, False):
        table = CameraTable(camera, Eye(), counter.partners.clock.monotonic)
        partners = replace(counter.partners, camera=table)
        told.append(next(one for one in await readiness(partners) if one.name == "camera"))
        await table.close()
    assert told == [
        Point("camera", "ok", "ready.camera_simulated"),
        Point("camera", "warn", "ready.camera_absent"),
    ]


async def test_a_clock_nobody_keeps_stops_the_date(world: CounterWorld, counter: Counter) -> None:
    """An unsynced clock cannot fix a filing date."""
    world.clock.quality = ClockQuality.UNSYNCED
    assert (await point(counter, "clock")).kind == "stop"


async def test_keys_city_hall_no_longer_vouches_for_are_a_warning(
    world: CounterWorld, counter: Counter
) -> None:
    """Nobody confirmed them for a week: news may be kept from this box."""
    world.clock.wall += timedelta(days=5)
    assert (await point(counter, "bundle")).key == "ready.bundle_unconfirmed"


async def test_newer_keys_that_did_not_come_are_a_warning(
    world: CounterWorld, counter: Counter
) -> None:
    """City hall's signed time names the newest bundle; what it names must have come."""
    for version, key in ((1, "ready.bundle"), (2, "ready.bundle_unconfirmed")):
        signer = Signer.from_seed(seed("countersigner"))
        beacon = Beacon(world.clock.wall, b"nonce", signer.key_id, 1, version)
        counter.partners.mail.keep_beacon(sign_beacon(beacon, signer), world.clock.now(), 0)
        assert (await point(counter, "bundle")).key == key


async def test_an_old_key_bundle_is_a_warning(world: CounterWorld, counter: Counter) -> None:
    """A week before its end the box should fetch a new one."""
    text = bundle_text(replace(world.bundle(2), expires=world.clock.wall + timedelta(days=5)))
    assert counter.partners.bundles.offer(text)
    found = await point(counter, "bundle")
    assert (found.kind, dict(found.values)["days"]) == ("warn", 5)


async def test_keys_past_their_end_are_said_ever_louder(
    world: CounterWorld, counter: Counter
) -> None:
    """The division's month ends after 35 days; 45 days later it is a fault, and papers are still taken."""
    told = []
    for days in (36, 45):
        world.clock.wall += timedelta(days=days)
        found = await point(counter, "bundle")
        told.append((found.kind, found.key))
    assert told == [("warn", "ready.bundle_grace"), ("stop", "ready.bundle_overdue")]


async def test_a_full_shelf_is_said_before_departure(world: CounterWorld, counter: Counter) -> None:
    """Nobody drives out with a box that cannot take anything."""
    world.free = 0
    assert (await point(counter, "room")).kind == "stop"


async def test_an_old_card_stops_the_box(counter: Counter) -> None:
    """The line is there only then."""
    assert "card" not in {each.name for each in await readiness(counter.partners)}
    old = replace(counter.partners, old_card=True)
    assert (await readiness(old))[-1] == Point("card", "stop", "ready.card_old")
